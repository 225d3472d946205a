"""PDF files → blocks, by pdfplumber: ruled tables with their cells, the text around them line by line."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.documents.reading import pdf_styles
from workbook.documents.reading.document_blocks import Block, DocumentBudget, Paragraph, TableCell, TableGrid
from workbook.documents.reading.text_visibility import (
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
MOST_SIGNS = 40_000
"""No page of a report has more signs, lines and boxes."""

PROSE = 20
"""A line with so many Chinese characters is prose, no row of a table."""
_NUMBER = re.compile(r"[-—–‐\s]*(?:第\s*)?\d{1,3}(?:\s*页)?[-—–‐\s]*(?:[/／共]\s*\d{1,3}\s*页?)?")
_STREAM = re.compile(rb"stream\r?\n(?=\x78[\x01\x5e\x9c\xda])")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

# What it grumbles about on its way would stand on the screen above our own words; who wants its log can have it.
logging.getLogger("pdfminer").addHandler(logging.NullHandler())


class PasswordNeeded(Exception):
    """The file needs a password."""


class NoTextInPdf(Exception):
    """There is no text in the file: pictures of pages."""


def read_pdf_blocks(path: Path, file: str) -> list[Block]:
    """The text and tables of a PDF, page by page. Raises Locked, NoWords, TooLarge."""
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
    """Refuse a file whose streams would inflate to more than a report, before any library inflates them whole."""
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
    pdf_styles.lay_out(page)
    if sum(len(some) for some in page.objects.values()) > MOST_SIGNS:
        raise TooLarge
    name = f"第{page.page_number}页"
    marked = pdf_styles.find_marked_characters(page)
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
    """Bytes that say how the page is drawn; in many files they stand in several streams, each referred to."""
    from pdfminer.pdftypes import PDFStream, resolve1

    streams = [resolve1(one) for one in page.page_obj.contents]
    return sum(len(stream.get_data()) for stream in streams if isinstance(stream, PDFStream))


def _runs_of(line: dict[str, Any], marked: Mapping[int, WritingManner]) -> list[TextRun]:
    """A line as it was put together, or where signs in it are no plain writing, sign by sign."""
    some = _marks_in(line["chars"], marked)
    return list(pdf_styles.split_runs(line["chars"], some)) if some else [TextRun(line["text"])]


def _marks_in(signs: list[dict[str, Any]], marked: Mapping[int, WritingManner]) -> dict[int, WritingManner]:
    """The signs of one cell or line that are no plain writing."""
    some = dict.fromkeys(pdf_styles.find_raised_characters(signs), WritingManner.RAISED)
    some.update((sign["mcid"], marked[sign["mcid"]]) for sign in signs if sign.get("mcid") in marked)
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
    doubts = read_cell_text(pdf_styles.split_runs(cell.chars, some)).doubts
    plain = cell.filter(lambda thing: thing.get("mcid") not in some).extract_text() or ""
    if WritingManner.RAISED in some.values():  # taken for a line of its own, it would stand in front
        whole = "".join(sign["text"] for sign in sorted(cell.chars, key=lambda sign: float(sign["x0"]))).strip()
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
