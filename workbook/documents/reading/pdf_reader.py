"""PDF files → blocks, by pdfplumber: ruled tables with their cells, the text around them line by line."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.documents.reading.document_blocks import (
    Block,
    DocumentBudget,
    TableCell,
    TableGrid,
    make_paragraph,
)
from workbook.documents.reading.pdf_characters import (
    draw_page,
    find_marked_characters,
    find_raised_characters,
    split_runs,
)
from workbook.documents.reading.text_visibility import TextRun, VisibleText, WritingManner, read_cell_text
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
_PAGE_NUMBER = re.compile(r"[-—–‐\s]*(?:第\s*)?\d{1,3}(?:\s*页)?[-—–‐\s]*(?:[/／共]\s*\d{1,3}\s*页?)?")
"""`— 3 —`, `第3页`, `3/12`, `第 3 页 共 12 页`."""
_STREAM = re.compile(rb"stream\r?\n(?=\x78[\x01\x5e\x9c\xda])")
"""Where a stream begins that is packed by zlib: the second byte of its head is one of four."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in points from the left upper corner of the page."""
Marked = Mapping[int, WritingManner]
"""Characters of a page that are no plain writing, by their numbers."""

# Its warnings would be printed above our own messages; a handler of one's own still gets them.
logging.getLogger("pdfminer").addHandler(logging.NullHandler())


class PasswordNeeded(Exception):
    """The file needs a password."""


class NoTextInPdf(Exception):
    """There is no text in the file: pictures of pages."""


def read_pdf_blocks(path: Path, file: str) -> list[Block]:
    """The text and tables of a PDF, page by page. Raises PasswordNeeded, NoTextInPdf, TooLarge."""
    _check_inflated_size(path.read_bytes())
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError

    try:
        document = pdfplumber.open(path)
    except Exception as error:
        if any(isinstance(one, PDFEncryptionError) for one in (error, *error.args, error.__cause__)):
            raise PasswordNeeded from None
        raise
    with document:
        budget = DocumentBudget()
        blocks: list[Block] = []
        if len(document.pages) > MOST_PAGES:
            raise TooLarge
        for page in document.pages:
            blocks += _read_page(page, file, budget)
            page.close()
    if not any(_has_text(block) for block in blocks):
        raise NoTextInPdf
    return blocks


def _check_inflated_size(data: bytes) -> None:
    """Refuse a file whose streams would inflate to more than a report, before any library inflates them."""
    left = get_limit("inflated")
    for match in _STREAM.finditer(data):
        inner = _inflate(memoryview(data)[match.end() :], left)
        left -= len(inner)
        if inner[:1] == b"\x78":  # a stream may be packed twice
            left -= len(_inflate(inner, max(left, 1)))
        if left <= 0:
            raise TooLarge("inflated")


def _inflate(data: bytes | memoryview, most: int) -> bytes:
    """What a packed stream begins with, up to so many bytes; nothing where it is not packed so."""
    try:
        return zlib.decompressobj().decompress(data, most)
    except zlib.error:
        return b""


def _has_text(block: Block) -> bool:
    texts = [cell.text for cell in block.cells] if isinstance(block, TableGrid) else [block.text]
    return any(text.strip() for text in texts)


def _read_page(page: Page, file: str, budget: DocumentBudget) -> list[Block]:
    """The tables of a page, and the text outside them, from top to bottom."""
    if _drawing_size(page) > MOST_DRAWING:
        raise TooLarge
    draw_page(page)
    if sum(len(objects) for objects in page.objects.values()) > MOST_CHARACTERS:
        raise TooLarge
    name = f"第{page.page_number}页"
    marked = find_marked_characters(page)
    tables = [table for table in page.find_tables() if len(table.rows) > 1 or len(table.cells) > 2]
    placed: list[tuple[float, Block]] = []
    for n, table in enumerate(tables, 1):
        placed.append((table.bbox[1], _read_table(page, table, marked, Source(file, f"{name}第{n}个表"), budget)))
    rest: Any = page
    for table in tables:
        rest = rest.filter(lambda thing, box=table.bbox: not _is_within(thing, box))
    lines = [{**line, "runs": _runs_of_line(line, marked)} for line in rest.extract_text_lines()]
    for top, runs, n in _join_lines(lines, float(page.height)):
        budget.count_paragraph()
        placed.append((top, make_paragraph(runs, Source(file, name, f"第{n}行"), str, budget)))
    return [block for _, block in sorted(placed, key=lambda pair: pair[0])]


def _drawing_size(page: Page) -> int:
    """Bytes that say how the page is drawn; in many files there are several streams, each referred to."""
    from pdfminer.pdftypes import PDFStream, resolve1

    streams = [resolve1(content) for content in page.page_obj.contents]
    return sum(len(stream.get_data()) for stream in streams if isinstance(stream, PDFStream))


def _runs_of_line(line: dict[str, Any], marked: Marked) -> list[TextRun]:
    """A line as it was put together, or where characters in it are no plain writing, character by character."""
    manners = _manners_of(line["chars"], marked)
    return list(split_runs(line["chars"], manners)) if manners else [TextRun(line["text"])]


def _manners_of(chars: list[dict[str, Any]], marked: Marked) -> dict[int, WritingManner]:
    """The characters of one cell or line that are no plain writing."""
    manners = dict.fromkeys(find_raised_characters(chars), WritingManner.RAISED)
    manners.update((char["mcid"], marked[char["mcid"]]) for char in chars if char.get("mcid") in marked)
    return manners


def _join_lines(lines: list[dict[str, Any]], height: float) -> Iterator[tuple[float, list[TextRun], int]]:
    """The lines of a page, page numbers left out; prose that fills its line is taken together with the next.

    Yields where a paragraph begins from the top, its runs, and the number of its first line.
    """
    numbered = [(n, line) for n, line in enumerate(lines, 1) if not _is_page_number(line, height)]
    right = max((line["x1"] for _, line in numbered), default=0.0)
    open_: tuple[float, list[TextRun], int] | None = None
    indented, start = True, 0.0
    """Whether the line before was the first of its paragraph, and where it began."""
    for n, line in numbered:
        size = line["bottom"] - line["top"]
        goes_on = line["x0"] < start - size if indented else abs(line["x0"] - start) < size / 2
        if open_ and goes_on:
            open_ = open_[0], [*open_[1], *line["runs"]], open_[2]
        else:
            if open_:
                yield open_
            open_ = line["top"], line["runs"], n
        indented, start = not (goes_on and open_[2] != n), line["x0"]
        if not _fills_line(line, right, size):
            yield open_
            open_ = None
    if open_:
        yield open_


def _fills_line(line: dict[str, Any], right: float, size: float) -> bool:
    """Whether a line is prose that reaches the margin."""
    text = line["text"]
    return line["x1"] > right - 2 * size and len(_CHINESE.findall(text)) >= PROSE and not text[-1:].isdigit()


def _is_page_number(line: dict[str, Any], height: float) -> bool:
    edge = line["top"] < height * 0.1 or line["bottom"] > height * 0.88
    return bool(edge and _PAGE_NUMBER.fullmatch(line["text"].strip()))


def _is_within(thing: dict[str, Any], box: Box) -> bool:
    """Whether the middle of a thing drawn lies in a box."""
    x, y = (thing["x0"] + thing["x1"]) / 2, (thing["top"] + thing["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _read_table(
    page: Page,
    table: Any,  # noqa: ANN401 -- pdfplumber's own
    marked: Marked,
    source: Source,
    budget: DocumentBudget,
) -> TableGrid:
    """A ruled table: the lines between cells say which rows and columns each spans."""
    lefts = _merge_edges([edge for left, _, right, _ in table.cells for edge in (left, right)])
    tops = _merge_edges([edge for _, top, _, bottom in table.cells for edge in (top, bottom)])
    cells = []
    for left, top, right, bottom in sorted(table.cells, key=lambda cell: (cell[1], cell[0])):
        row, column = _nearest(tops, top), _nearest(lefts, left)
        rows, columns = max(1, _nearest(tops, bottom) - row), max(1, _nearest(lefts, right) - column)
        budget.spend_cells(rows, columns)
        text, others, doubts = _read_cell(page.crop((left, top, right, bottom), strict=False), marked)
        budget.spend_text(text, *others)
        place = source._replace(cell=f"{row + 1}.{column + 1}")
        cells.append(TableCell(text, place, row, column, rows, columns, others, doubts))
    return TableGrid(tuple(cells), source)


def _read_cell(cell: Any, marked: Marked) -> VisibleText:  # noqa: ANN401 -- a part of a page, pdfplumber's own
    """What a cell says."""
    text = cell.extract_text() or ""
    manners = _manners_of(cell.chars, marked)
    if not manners:
        return VisibleText(text)
    doubts = read_cell_text(split_runs(cell.chars, manners)).doubts
    plain = cell.filter(lambda thing: thing.get("mcid") not in manners).extract_text() or ""
    if WritingManner.RAISED in manners.values():  # taken for a line of its own, it would come first
        text = "".join(char["text"] for char in sorted(cell.chars, key=lambda char: float(char["x0"]))).strip()
    return VisibleText(plain or text, (text,) if plain and plain != text else (), doubts)


def _merge_edges(places: list[float], near: float = 3.0) -> list[float]:
    """The lines of one direction, those that lie close together as one."""
    edges: list[float] = []
    for place in sorted(set(places)):
        if not edges or place - edges[-1] > near:
            edges.append(place)
    return edges


def _nearest(edges: list[float], place: float) -> int:
    return min(range(len(edges)), key=lambda n: abs(edges[n] - place))
