"""How a page of a PDF shows its signs: a PDF knows no words that are struck out or raised, only where things are drawn.

Signs are told apart by the number under which they were drawn, which pdfplumber keeps where it would keep the mark of
a tagged document.
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

Sign = Mapping[str, Any]
"""A sign, line or box as pdfplumber gives it."""
MOST_STEPS: Final = 20_000_000
"""So many pairs of a sign and a box that may cover it are looked at on one page."""
TINY: Final = 2.5
"""Nobody reads letters of fewer points."""
THIN: Final = 2.0
"""A box no higher is a line."""
LOW: Final = 0.1
"""A line that strikes a sign out lies so much of its size above its foot,"""
HIGH: Final = 0.65
"""and no more."""
SHIFTED: Final = 0.15
"""So much of its height above or below the line, a sign is raised or lowered."""
GAP: Final = 3.0
"""So many points between two signs are a blank."""
NEAR: Final = 0.1
"""Colours that differ by no more in each of red, green and blue are one to the eye."""
_UNSEEN: Final = "unseen"
_MODES: Final = (3, 7)
"""Ways to draw letters that leave none on the page."""

Colour = tuple[float, float, float]


def lay_out(page: Page) -> None:
    """Draw a page so that each thing drawn keeps its number, and letters that leave no trace are marked."""
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
    """The signs of a page that are struck out or hardly seen, by their numbers."""
    signs = [sign for sign in page.chars if sign.get("mcid") and sign["text"].strip()]
    found: dict[int, WritingManner] = {}
    for sign in signs:
        if sign.get("tag") == _UNSEEN or sign["size"] < TINY:
            found[sign["mcid"]] = WritingManner.FAINT
    found.update(dict.fromkeys(_covered(page, signs), WritingManner.FAINT))
    found.update(dict.fromkeys(_struck(page, signs), WritingManner.STRUCK))
    return found


def _covered(page: Page, signs: Sequence[Sign]) -> Iterator[int]:
    """Signs under what was drawn later, and those as light as what was drawn before, or as the page."""
    boxes = [box for box in page.rects if box.get("fill") and box.get("mcid") and not _line(box)]
    pictures = [one for one in page.images if one.get("mcid")]
    some = sorted((*boxes, *pictures), key=lambda one: one["mcid"])
    if len(some) * len(signs) > MOST_STEPS:
        raise TooLarge
    for sign in signs:
        x, y = (sign["x0"] + sign["x1"]) / 2, (sign["top"] + sign["bottom"]) / 2
        ground: Colour | None = (1.0, 1.0, 1.0)
        for box in some:
            if box["x0"] <= x <= box["x1"] and box["top"] <= y <= box["bottom"]:
                ground = _colour(box.get("non_stroking_color")) if "fill" in box else None
                if box["mcid"] > sign["mcid"]:
                    yield sign["mcid"]
                    break
        else:
            ink = _colour(sign.get("non_stroking_color"))
            if ink and ground and all(abs(a - b) <= NEAR for a, b in zip(ink, ground, strict=True)):
                yield sign["mcid"]


def _struck(page: Page, signs: Sequence[Sign]) -> Iterator[int]:
    """Signs with a line through the middle, or marked so by whoever read the document."""
    lines = sorted((line for line in (*page.lines, *page.rects) if _line(line)), key=lambda line: line["top"])
    tops = [line["top"] for line in lines]
    marks = [(mark["x0"], mark["x1"], mark["top"], mark["bottom"]) for mark in _marks(page)]
    if len(marks) * len(signs) > MOST_STEPS:
        raise TooLarge
    steps = 0
    for sign in signs:
        foot, height = _baseline(sign), sign["size"]
        at = bisect_left(tops, foot - height * HIGH)
        while at < len(lines) and tops[at] <= foot - height * LOW:
            steps += 1
            if min(lines[at]["x1"], sign["x1"]) - max(lines[at]["x0"], sign["x0"]) >= (sign["x1"] - sign["x0"]) / 2:
                yield sign["mcid"]
                break
            at += 1
        if steps > MOST_STEPS:
            raise TooLarge
        x, y = (sign["x0"] + sign["x1"]) / 2, foot - height * 0.3
        if any(left <= x <= right and above <= y <= below for left, right, above, below in marks):
            yield sign["mcid"]


def _line(box: Sign) -> bool:
    return bool(box["bottom"] - box["top"] <= THIN and box["x1"] - box["x0"] > THIN)


def _marks(page: Page) -> Iterator[Sign]:
    from pdfminer.psparser import PSLiteral

    if not page.page_obj.annots:
        return
    for note in page.annots:
        kind = (note.get("data") or {}).get("Subtype")
        if isinstance(kind, PSLiteral) and kind.name == "StrikeOut":
            yield note


def _colour(parts: object) -> Colour | None:
    """A colour as red, green and blue; None for a pattern, and what else is not known."""
    some = parts if isinstance(parts, (tuple, list)) else (parts,)
    numbers = [float(part) for part in some if isinstance(part, (int, float))]
    if len(numbers) != len(some) or not numbers:
        return None
    if len(numbers) == 1:
        return (numbers[0],) * 3
    if len(numbers) == 4:
        cyan, magenta, yellow, black = numbers
        return ((1 - cyan) * (1 - black), (1 - magenta) * (1 - black), (1 - yellow) * (1 - black))
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def find_raised_characters(signs: Sequence[Sign]) -> Iterator[int]:
    """The signs of one cell or line that stand above or below the others, or are much smaller, figures among them."""
    some = [sign for sign in signs if sign.get("mcid") and sign["text"].strip()]
    largest = max((sign["size"] for sign in some if _counts(sign)), default=0.0)
    small = [sign for sign in some if sign["size"] < SMALL * largest]
    moved = _moved([sign for sign in some if sign["size"] >= SMALL * largest])
    for group in (small, moved):
        if any(map(_counts, group)):
            yield from (sign["mcid"] for sign in group)


def _counts(sign: Sign) -> bool:
    return any(one.isnumeric() for one in sign["text"])


def _moved(signs: Sequence[Sign]) -> list[Sign]:
    """Signs of full size on a line too close to one with more signs to be a line of its own."""
    found = _apart(signs, _baseline)
    for font in {sign["fontname"] for sign in signs}:  # what is raised by a setting of its own keeps its foot
        found += _apart([sign for sign in signs if sign["fontname"] == font], _bottom)
    return found


def _apart(signs: Sequence[Sign], foot: Callable[[Sign], float]) -> list[Sign]:
    lines: list[list[Sign]] = []
    for sign in sorted(signs, key=foot):
        if lines and abs(foot(lines[-1][-1]) - foot(sign)) < SHIFTED * sign["size"]:
            lines[-1].append(sign)
        else:
            lines.append([sign])
    found: list[Sign] = []
    for upper, lower in pairwise(lines):
        if foot(lower[0]) - foot(upper[-1]) < 0.7 * lower[0]["size"] and _beside(upper, lower):
            found += upper if len(upper) <= len(lower) else lower
    return found


def _beside(some: Sequence[Sign], others: Sequence[Sign]) -> bool:
    """Whether one stretch of signs goes on beside another."""
    left, right = min(sign["x0"] for sign in some), max(sign["x1"] for sign in some)
    size = some[0]["size"]
    return any(left - size < sign["x1"] and sign["x0"] < right + size for sign in others)


def _baseline(sign: Sign) -> float:
    """How far down the line lies on which a sign stands: letters of some fonts reach further below it than others."""
    return float(sign["bottom"] - (sign["matrix"][5] - sign["y0"])) if sign.get("upright") else _bottom(sign)


def _bottom(sign: Sign) -> float:
    return float(sign["bottom"])


def split_runs(signs: Sequence[Sign], marked: Mapping[int, WritingManner]) -> Iterator[TextRun]:
    """Signs in reading order as runs; a wide gap is a blank."""
    end = None
    for sign in signs:
        if end is not None and sign["x0"] - end > GAP:
            yield TextRun(" ")
        yield TextRun(sign["text"], marked.get(sign.get("mcid") or 0))
        end = sign["x1"]
