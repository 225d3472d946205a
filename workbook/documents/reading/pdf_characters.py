"""How a page of a PDF shows its characters: struck out, raised or hardly seen. A PDF says only what is drawn where.

This is where the visibility of a character of a PDF is decided; `pdf_reader.py` asks for it page by page. pdfplumber
gives characters, lines and boxes as dictionaries; `draw_page` lets each have its own number in `mcid`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any, Final

from workbook.documents.reading.text_visibility import SMALL, TextRun, WritingManner
from workbook.safety.limits import TooLarge

if TYPE_CHECKING:
    from pdfplumber.page import Page

Character = Mapping[str, Any]
"""A character, line or box as pdfplumber gives it."""
MOST_STEPS: Final = 20_000_000
"""So many pairs of a character and a box that may cover it are looked at on one page."""
TINY: Final = 2.5
"""No one reads characters of fewer points."""
THIN: Final = 2.0
"""A box no higher is a line."""
LOW: Final = 0.1
"""A line that strikes a character out lies so much of its size above its foot,"""
HIGH: Final = 0.65
"""and no more."""
SHIFTED: Final = 0.15
"""So much of its height above or below the line, a character is raised or lowered."""
GAP: Final = 3.0
"""So many points between two characters are a blank."""
NEAR: Final = 0.1
"""Colours that differ by no more in each of red, green and blue are one to the eye."""
_UNSEEN: Final = "unseen"
_MODES: Final = (3, 7)
"""Ways to draw characters that leave none on the page."""

Ink = tuple[float, float, float]
"""Red, green and blue, each 0 to 1."""


def draw_page(page: Page) -> None:
    """Draw a page so that each thing drawn keeps its number, and characters that leave no trace are marked."""
    from pdfminer.pdfinterp import PDFPageInterpreter
    from pdfplumber.page import PDFPageAggregatorWithMarkedContent

    class Device(PDFPageAggregatorWithMarkedContent):
        """What is asked to draw."""

        numbers = count(1)
        unseen = False

        def render_string(self, textstate: Any, *rest: Any) -> None:  # noqa: ANN401
            self.unseen = textstate.render in _MODES
            super().render_string(textstate, *rest)
            self.unseen = False

        def tag_cur_item(self) -> None:
            if self.cur_item._objs:
                drawn: Any = self.cur_item._objs[-1]
                drawn.mcid = next(self.numbers)
                drawn.tag = _UNSEEN if self.unseen else None

    device = Device(page.pdf.rsrcmgr, pageno=page.page_number, laparams=page.pdf.laparams)
    PDFPageInterpreter(page.pdf.rsrcmgr, device).process_page(page.page_obj)
    page._layout = device.get_result()


def find_marked_characters(page: Page) -> dict[int, WritingManner]:
    """The characters of a page that are struck out or hardly seen, by their numbers."""
    chars = [char for char in page.chars if char.get("mcid") and char["text"].strip()]
    unseen = [char["mcid"] for char in chars if char.get("tag") == _UNSEEN or char["size"] < TINY]
    found = dict.fromkeys([*unseen, *_find_covered(page, chars)], WritingManner.FAINT)
    found.update(dict.fromkeys(_find_struck(page, chars), WritingManner.STRUCK))
    return found


def _find_covered(page: Page, chars: Sequence[Character]) -> Iterator[int]:
    """Characters under what was drawn later, and those as light as what was drawn before, or as the page."""
    boxes = [box for box in page.rects if box.get("fill") and box.get("mcid") and not _is_line(box)]
    pictures = [one for one in page.images if one.get("mcid")]
    drawn = sorted((*boxes, *pictures), key=lambda one: one["mcid"])
    if len(drawn) * len(chars) > MOST_STEPS:
        raise TooLarge
    for char in chars:
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        ground: Ink | None = (1.0, 1.0, 1.0)
        for box in drawn:
            if box["x0"] <= x <= box["x1"] and box["top"] <= y <= box["bottom"]:
                ground = _read_ink(box.get("non_stroking_color")) if "fill" in box else None
                if box["mcid"] > char["mcid"]:
                    yield char["mcid"]
                    break
        else:
            ink = _read_ink(char.get("non_stroking_color"))
            if ink and ground and all(abs(a - b) <= NEAR for a, b in zip(ink, ground, strict=True)):
                yield char["mcid"]


def _find_struck(page: Page, chars: Sequence[Character]) -> Iterator[int]:
    """Characters with a line through the middle, or marked so by whoever read the document."""
    lines = sorted((line for line in (*page.lines, *page.rects) if _is_line(line)), key=lambda line: line["top"])
    tops = [line["top"] for line in lines]
    marks = [(mark["x0"], mark["x1"], mark["top"], mark["bottom"]) for mark in _strike_notes(page)]
    if len(marks) * len(chars) > MOST_STEPS:
        raise TooLarge
    steps = 0
    for char in chars:
        foot, height = _baseline(char), char["size"]
        at = bisect_left(tops, foot - height * HIGH)
        while at < len(lines) and tops[at] <= foot - height * LOW:
            steps += 1
            if min(lines[at]["x1"], char["x1"]) - max(lines[at]["x0"], char["x0"]) >= (char["x1"] - char["x0"]) / 2:
                yield char["mcid"]
                break
            at += 1
        if steps > MOST_STEPS:
            raise TooLarge
        x, y = (char["x0"] + char["x1"]) / 2, foot - height * 0.3
        if any(left <= x <= right and above <= y <= below for left, right, above, below in marks):
            yield char["mcid"]


def _is_line(box: Character) -> bool:
    return bool(box["bottom"] - box["top"] <= THIN and box["x1"] - box["x0"] > THIN)


def _strike_notes(page: Page) -> Iterator[Character]:
    from pdfminer.psparser import PSLiteral

    if not page.page_obj.annots:
        return
    for note in page.annots:
        kind = (note.get("data") or {}).get("Subtype")
        if isinstance(kind, PSLiteral) and kind.name == "StrikeOut":
            yield note


def _read_ink(parts: object) -> Ink | None:
    """A colour as red, green and blue; None for a pattern, and what else is not known."""
    stated = parts if isinstance(parts, (tuple, list)) else (parts,)
    numbers = [float(part) for part in stated if isinstance(part, (int, float))]
    if len(numbers) != len(stated) or not numbers:
        return None
    if len(numbers) == 1:
        return (numbers[0],) * 3
    if len(numbers) == 4:
        cyan, magenta, yellow, black = numbers
        return ((1 - cyan) * (1 - black), (1 - magenta) * (1 - black), (1 - yellow) * (1 - black))
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def find_raised_characters(chars: Sequence[Character]) -> Iterator[int]:
    """Yield the characters of a cell or line above or below the others, or much smaller, figures among them."""
    printed = [char for char in chars if char.get("mcid") and char["text"].strip()]
    largest = max((char["size"] for char in printed if _has_figure(char)), default=0.0)
    small = [char for char in printed if char["size"] < SMALL * largest]
    moved = _find_moved([char for char in printed if char["size"] >= SMALL * largest])
    for group in (small, moved):
        if any(map(_has_figure, group)):
            yield from (char["mcid"] for char in group)


def _has_figure(char: Character) -> bool:
    return any(one.isnumeric() for one in char["text"])


def _find_moved(chars: Sequence[Character]) -> list[Character]:
    """Characters of full size on a line too close to one with more characters to be a line of its own."""
    found = _find_close_lines(chars, _baseline)
    for font in {char["fontname"] for char in chars}:  # what is raised by a setting of its own keeps its foot
        found += _find_close_lines([char for char in chars if char["fontname"] == font], _bottom)
    return found


def _find_close_lines(chars: Sequence[Character], foot: Callable[[Character], float]) -> list[Character]:
    lines: list[list[Character]] = []
    for char in sorted(chars, key=foot):
        if lines and abs(foot(lines[-1][-1]) - foot(char)) < SHIFTED * char["size"]:
            lines[-1].append(char)
        else:
            lines.append([char])
    found: list[Character] = []
    for upper, lower in pairwise(lines):
        if foot(lower[0]) - foot(upper[-1]) < 0.7 * lower[0]["size"] and _lie_beside(upper, lower):
            found += upper if len(upper) <= len(lower) else lower
    return found


def _lie_beside(chars: Sequence[Character], others: Sequence[Character]) -> bool:
    """Whether one stretch of characters goes on beside another."""
    left, right = min(char["x0"] for char in chars), max(char["x1"] for char in chars)
    size = chars[0]["size"]
    return any(left - size < char["x1"] and char["x0"] < right + size for char in others)


def _baseline(char: Character) -> float:
    """How far down the line is on which a character is drawn: those of some fonts reach further below it."""
    return float(char["bottom"] - (char["matrix"][5] - char["y0"])) if char.get("upright") else _bottom(char)


def _bottom(char: Character) -> float:
    return float(char["bottom"])


def split_runs(chars: Sequence[Character], marked: Mapping[int, WritingManner]) -> Iterator[TextRun]:
    """Characters in reading order as runs; a wide gap is a blank."""
    end = None
    for char in chars:
        if end is not None and char["x0"] - end > GAP:
            yield TextRun(" ")
        yield TextRun(char["text"], marked.get(char.get("mcid") or 0))
        end = char["x1"]
