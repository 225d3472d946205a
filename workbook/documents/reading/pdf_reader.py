"""PDF files → blocks, by pdfplumber: ruled tables with their cells, the text around them line by line."""

from __future__ import annotations

import logging
import re
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbook.documents.reading.document_blocks import Block, DocumentBudget, Paragraph, TableCell, TableGrid
from workbook.documents.reading.text_visibility import (
    SMALL,
    TextRun,
    VisibleText,
    WritingManner,
    read_cell_text,
    read_line_text,
)
from workbook.model.finding import Source
from workbook.safety.limits import TooLarge, get_limit

if TYPE_CHECKING:
    from pdfplumber.page import Page

MOST_PAGES = 200
"""No report has more pages."""
MOST_DRAWING = 4 << 20
"""No page takes so long to draw."""
MOST_CHARACTERS = 40_000
"""No page of a report has more characters, lines and boxes."""

PROSE = 20
"""A line with so many Chinese characters is prose, no row of a table."""
_NUMBER = re.compile(r"[-—–‐\s]*(?:第\s*)?\d{1,3}(?:\s*页)?[-—–‐\s]*(?:[/／共]\s*\d{1,3}\s*页?)?")
_STREAM = re.compile(rb"stream\r?\n(?=\x78[\x01\x5e\x9c\xda])")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

# Its warnings would be printed above our own messages; a handler of one's own still gets them.
logging.getLogger("pdfminer").addHandler(logging.NullHandler())


class PasswordNeeded(Exception):
    """The file needs a password."""


class NoTextInPdf(Exception):
    """There is no text in the file: pictures of pages."""


def read_pdf_blocks(path: Path, file: str) -> list[Block]:
    """The text and tables of a PDF, page by page. Raises PasswordNeeded, NoTextInPdf, TooLarge."""
    _bounded(path.read_bytes())
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError

    try:
        document = pdfplumber.open(path)
    except Exception as trouble:
        if any(isinstance(one, PDFEncryptionError) for one in (trouble, *trouble.args, trouble.__cause__)):
            raise PasswordNeeded from None
        raise
    with document:
        allowance = DocumentBudget()
        found: list[Block] = []
        if len(document.pages) > MOST_PAGES:
            raise TooLarge
        for page in document.pages:
            found += _page(page, file, allowance)
            page.close()
    if not any(_said(block) for block in found):
        raise NoTextInPdf
    return found


def _bounded(data: bytes) -> None:
    """Refuse a file whose streams would inflate to more than a report, before any library inflates them."""
    left = get_limit("inflated")
    for match in _STREAM.finditer(data):
        inner = _inflated(memoryview(data)[match.end() :], left)
        left -= len(inner)
        if inner[:1] == b"\x78":  # a stream may be packed twice
            left -= len(_inflated(inner, max(left, 1)))
        if left <= 0:
            raise TooLarge("inflated")


def _inflated(data: bytes | memoryview, most: int) -> bytes:
    """What a packed stream begins with, up to so many bytes; nothing where it is not packed so."""
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return b""


def _said(block: Block) -> bool:
    return any(box.text.strip() for box in block.boxes) if isinstance(block, TableGrid) else bool(block.text.strip())


def _page(page: Page, file: str, allowance: DocumentBudget) -> list[Block]:
    if _drawing(page) > MOST_DRAWING:
        raise TooLarge
    lay_out(page)
    if sum(len(some) for some in page.objects.values()) > MOST_CHARACTERS:
        raise TooLarge
    name = f"第{page.page_number}页"
    marked = find_marked_characters(page)
    tables = [t for t in page.find_tables() if len(t.rows) > 1 or len(t.cells) > 2]
    placed: list[tuple[float, Block]] = []
    for n, table in enumerate(tables, 1):
        placed.append((table.bbox[1], _grid(page, table, marked, file, f"{name}第{n}个表", allowance)))
    rest: Any = page
    for table in tables:
        box = table.bbox
        rest = rest.filter(lambda thing, box=box: not _within(thing, box))
    lines = [{**line, "runs": _runs_of(line, marked)} for line in rest.extract_text_lines()]
    for top, runs, n in _paragraphs(lines, float(page.height)):
        text, writing = read_line_text(runs, str)
        some = allowance.writing(writing) if writing.doubts else None
        allowance.paragraph()
        placed.append((top, Paragraph(allowance.words(text), Source(file, name, f"第{n}行"), some)))
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])]


def _drawing(page: Page) -> int:
    """Bytes that say how the page is drawn; in many files there are several streams, each referred to."""
    from pdfminer.pdftypes import PDFStream, resolve1

    streams = [resolve1(one) for one in page.page_obj.contents]
    return sum(len(stream.get_data()) for stream in streams if isinstance(stream, PDFStream))


def _runs_of(line: dict[str, Any], marked: Mapping[int, WritingManner]) -> list[TextRun]:
    """A line as it was put together, or where characters in it are no plain writing, character by character."""
    some = _marks_in(line["chars"], marked)
    return list(split_runs(line["chars"], some)) if some else [TextRun(line["text"])]


def _marks_in(chars: list[dict[str, Any]], marked: Mapping[int, WritingManner]) -> dict[int, WritingManner]:
    """The characters of one cell or line that are no plain writing."""
    some = dict.fromkeys(find_raised_characters(chars), WritingManner.RAISED)
    some.update((char["mcid"], marked[char["mcid"]]) for char in chars if char.get("mcid") in marked)
    return some


def _paragraphs(lines: list[dict[str, Any]], height: float) -> Iterator[tuple[float, list[TextRun], int]]:
    """The lines of a page, page numbers left out; prose that fills its line is taken together with the next."""
    said = [(n, line) for n, line in enumerate(lines, 1) if not _page_number(line, height)]
    right = max((line["x1"] for _, line in said), default=0.0)
    open_: tuple[float, list[TextRun], int] | None = None
    indented, start = True, 0.0
    """Whether the line before was the first of its paragraph, and where it began."""
    for n, line in said:
        size = line["bottom"] - line["top"]
        goes_on = line["x0"] < start - size if indented else abs(line["x0"] - start) < size / 2
        if open_ and goes_on:
            open_ = open_[0], [*open_[1], *line["runs"]], open_[2]
        else:
            if open_:
                yield open_
            open_ = line["top"], line["runs"], n
        indented, start = not (goes_on and open_[2] != n), line["x0"]
        if not _fills(line, right, size):
            yield open_
            open_ = None
    if open_:
        yield open_


def _fills(line: dict[str, Any], right: float, size: float) -> bool:
    """Whether a line is prose that reaches the margin."""
    text = line["text"]
    return line["x1"] > right - 2 * size and len(_CHINESE.findall(text)) >= PROSE and not text[-1:].isdigit()


def _page_number(line: dict[str, Any], height: float) -> bool:
    edge = line["top"] < height * 0.1 or line["bottom"] > height * 0.88
    return bool(edge and _NUMBER.fullmatch(line["text"].strip()))


def _within(thing: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    x, y = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _written(cell: Any, marked: Mapping[int, WritingManner]) -> VisibleText:  # noqa: ANN401 -- pdfplumber's own
    """What a cell says."""
    whole = cell.extract_text() or ""
    some = _marks_in(cell.chars, marked)
    if not some:
        return VisibleText(whole)
    doubts = read_cell_text(split_runs(cell.chars, some)).doubts
    plain = cell.filter(lambda thing: thing.get("mcid") not in some).extract_text() or ""
    if WritingManner.RAISED in some.values():  # taken for a line of its own, it would come first
        whole = "".join(char["text"] for char in sorted(cell.chars, key=lambda char: float(char["x0"]))).strip()
    return VisibleText(plain or whole, (whole,) if plain and plain != whole else (), doubts)


def _grid(
    page: Page,
    table: Any,  # noqa: ANN401 -- pdfplumber's own
    marked: Mapping[int, WritingManner],
    file: str,
    name: str,
    allowance: DocumentBudget,
) -> TableGrid:
    """A ruled table: the lines between cells say which rows and columns each spans."""
    lefts = _edges([(cell[0], cell[2]) for cell in table.cells])
    tops = _edges([(cell[1], cell[3]) for cell in table.cells])
    boxes = []
    for left, top, right, bottom in sorted(table.cells, key=lambda cell: (cell[1], cell[0])):
        row, column = _at(tops, top), _at(lefts, left)
        rows, columns = max(1, _at(tops, bottom) - row), max(1, _at(lefts, right) - column)
        allowance.span(rows, columns)
        cell = page.crop((left, top, right, bottom), strict=False)
        text, others, doubts = allowance.writing(_written(cell, marked))
        source = Source(file, name, f"{row + 1}.{column + 1}")
        boxes.append(TableCell(text, source, row, column, rows, columns, others, doubts))
    return TableGrid(tuple(boxes), Source(file, name, ""))


def _edges(spans: list[tuple[float, float]], near: float = 3.0) -> list[float]:
    """The lines of one direction, those that lie close together as one."""
    edges: list[float] = []
    for edge in sorted({edge for span in spans for edge in span}):
        if not edges or edge - edges[-1] > near:
            edges.append(edge)
    return edges


def _at(edges: list[float], edge: float) -> int:
    return min(range(len(edges)), key=lambda n: abs(edges[n] - edge))


# how a page shows its characters: struck out, raised or hardly seen; a PDF says only what is drawn where


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

Colour = tuple[float, float, float]


def lay_out(page: Page) -> None:
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
    found: dict[int, WritingManner] = {}
    for char in chars:
        if char.get("tag") == _UNSEEN or char["size"] < TINY:
            found[char["mcid"]] = WritingManner.FAINT
    found.update(dict.fromkeys(_covered(page, chars), WritingManner.FAINT))
    found.update(dict.fromkeys(_struck(page, chars), WritingManner.STRUCK))
    return found


def _covered(page: Page, chars: Sequence[Character]) -> Iterator[int]:
    """Characters under what was drawn later, and those as light as what was drawn before, or as the page."""
    boxes = [box for box in page.rects if box.get("fill") and box.get("mcid") and not _line(box)]
    pictures = [one for one in page.images if one.get("mcid")]
    some = sorted((*boxes, *pictures), key=lambda one: one["mcid"])
    if len(some) * len(chars) > MOST_STEPS:
        raise TooLarge
    for char in chars:
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        ground: Colour | None = (1.0, 1.0, 1.0)
        for box in some:
            if box["x0"] <= x <= box["x1"] and box["top"] <= y <= box["bottom"]:
                ground = _colour(box.get("non_stroking_color")) if "fill" in box else None
                if box["mcid"] > char["mcid"]:
                    yield char["mcid"]
                    break
        else:
            ink = _colour(char.get("non_stroking_color"))
            if ink and ground and all(abs(a - b) <= NEAR for a, b in zip(ink, ground, strict=True)):
                yield char["mcid"]


def _struck(page: Page, chars: Sequence[Character]) -> Iterator[int]:
    """Characters with a line through the middle, or marked so by whoever read the document."""
    lines = sorted((line for line in (*page.lines, *page.rects) if _line(line)), key=lambda line: line["top"])
    tops = [line["top"] for line in lines]
    marks = [(mark["x0"], mark["x1"], mark["top"], mark["bottom"]) for mark in _marks(page)]
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


def _line(box: Character) -> bool:
    return bool(box["bottom"] - box["top"] <= THIN and box["x1"] - box["x0"] > THIN)


def _marks(page: Page) -> Iterator[Character]:
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


def find_raised_characters(chars: Sequence[Character]) -> Iterator[int]:
    """Yield the characters of a cell or line above or below the others, or much smaller, figures among them."""
    some = [char for char in chars if char.get("mcid") and char["text"].strip()]
    largest = max((char["size"] for char in some if _counts(char)), default=0.0)
    small = [char for char in some if char["size"] < SMALL * largest]
    moved = _moved([char for char in some if char["size"] >= SMALL * largest])
    for group in (small, moved):
        if any(map(_counts, group)):
            yield from (char["mcid"] for char in group)


def _counts(char: Character) -> bool:
    return any(one.isnumeric() for one in char["text"])


def _moved(chars: Sequence[Character]) -> list[Character]:
    """Characters of full size on a line too close to one with more characters to be a line of its own."""
    found = _apart(chars, _baseline)
    for font in {char["fontname"] for char in chars}:  # what is raised by a setting of its own keeps its foot
        found += _apart([char for char in chars if char["fontname"] == font], _bottom)
    return found


def _apart(chars: Sequence[Character], foot: Callable[[Character], float]) -> list[Character]:
    lines: list[list[Character]] = []
    for char in sorted(chars, key=foot):
        if lines and abs(foot(lines[-1][-1]) - foot(char)) < SHIFTED * char["size"]:
            lines[-1].append(char)
        else:
            lines.append([char])
    found: list[Character] = []
    for upper, lower in pairwise(lines):
        if foot(lower[0]) - foot(upper[-1]) < 0.7 * lower[0]["size"] and _beside(upper, lower):
            found += upper if len(upper) <= len(lower) else lower
    return found


def _beside(some: Sequence[Character], others: Sequence[Character]) -> bool:
    """Whether one stretch of characters goes on beside another."""
    left, right = min(char["x0"] for char in some), max(char["x1"] for char in some)
    size = some[0]["size"]
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
