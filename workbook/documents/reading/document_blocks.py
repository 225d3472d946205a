"""What every reader of a document delivers: paragraphs and tables, each with its place; and the rows cut from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from workbook.documents.reading.text_visibility import TextDoubt, VisibleText
from workbook.model.finding import Source
from workbook.safety.limits import TooLarge, get_limit

MOST_CELLS = 200_000
"""No report has as many table cells, spans written out."""
MOST_TEXT = 8 << 20
"""No report has as many characters."""
MOST_COLUMNS = 256
"""No printed table has as many columns."""


class Paragraph(NamedTuple):
    """A stretch of running text; `writing` is how figures may be read from it, where not all of it is plain."""

    text: str
    source: Source
    writing: VisibleText | None = None


class TableCell(NamedTuple):
    """One cell of a table as printed: its words, and the rows and columns it spans, counted from 0.

    `others` are further readings, `doubts` the characters that make them: struck out, raised, hardly seen.
    """

    text: str
    source: Source
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    others: tuple[str, ...] = ()
    doubts: tuple[TextDoubt, ...] = ()


class TableGrid(NamedTuple):
    """One table: its cells in reading order."""

    boxes: tuple[TableCell, ...]
    source: Source

    def lines(self) -> Iterator[tuple[int, list[TableCell]]]:
        """Row by row, the cells that reach into it; one that spans rows comes again in each."""
        rows: dict[int, list[TableCell]] = {}
        for box in self.boxes:
            for row in range(box.row, box.row + box.rows):
                rows.setdefault(row, []).append(box)
        for row in sorted(rows):
            yield row, sorted(rows[row], key=lambda box: box.column)


Block = Paragraph | TableGrid


@dataclass(slots=True)
class DocumentBudget:
    """What one document may still cost: table cells, characters, paragraphs. Raises TooLarge where it asks for more."""

    cells: int = MOST_CELLS
    text: int = MOST_TEXT
    paragraphs: int = 0

    def paragraph(self) -> int:
        """Pay for a paragraph; its number."""
        self.paragraphs += 1
        if self.paragraphs > get_limit("paragraphs"):
            raise TooLarge("paragraphs")
        return self.paragraphs

    def words(self, text: str) -> str:
        """Pay for a text, and give it back."""
        self.text -= len(text)
        if self.text < 0:
            raise TooLarge
        return text

    def writing(self, writing: VisibleText) -> VisibleText:
        """Pay for all that a place may say, and give it back."""
        for text in (writing.text, *writing.others):
            self.words(text)
        return writing

    def span(self, rows: int, columns: int) -> None:
        """Pay for the cells that one printed cell covers."""
        self.cells -= rows * columns
        if self.cells < 0:
            raise TooLarge


class StatedCell(NamedTuple):
    """A cell as a document states it: its words and how far it says it reaches."""

    writing: VisibleText
    rows: int = 1
    columns: int = 1


def build_grid(rows: Iterable[Iterable[StatedCell]], file: str, name: str, allowance: DocumentBudget) -> TableGrid:
    """Set cells side by side as a page does: each takes the next place that none from above reaches into."""
    boxes: list[TableCell] = []
    reach: dict[int, int] = {}
    """Column → the row up to which, that one not counted, a cell from above reaches."""
    for r, cells in enumerate(rows):
        column = 0
        for c, drawn in enumerate(cells):
            while reach.get(column, 0) > r:
                column += 1
            columns = max(1, min(drawn.columns, MOST_COLUMNS - column))
            if column >= MOST_COLUMNS:
                raise TooLarge
            height = max(1, drawn.rows)
            allowance.span(height, columns)
            source = Source(file, name, f"{r + 1}.{c + 1}")
            text, others, doubts = allowance.writing(drawn.writing)
            boxes.append(TableCell(text, source, r, column, height, columns, others, doubts))
            for at in range(column, column + columns):
                reach[at] = r + height
            column += columns
    return TableGrid(tuple(boxes), Source(file, name, ""))


# Blocks → strips: one printed row, cut into its cells where the document shows them, or a stretch of


class StripCell(NamedTuple):
    """One cell of a row: its words and place; `column` counts from 0 where the document knows columns, else -1.

    `rows` and `columns` are what it spans; `again` that it comes from a row above; `others` and `doubts` what else it
    may say, and why: characters that are struck out, raised or hardly seen.
    """

    text: str
    source: Source
    column: int = -1
    rows: int = 1
    columns: int = 1
    again: bool = False
    others: tuple[str, ...] = ()
    doubts: tuple[TextDoubt, ...] = ()


class RowStrip(NamedTuple):
    """One row: its cells (`cut`), or plain text in one piece. `grid` numbers the table it is from, -1 if none."""

    pieces: tuple[StripCell, ...]
    cut: bool
    grid: int = -1


LONGEST = 400
"""No row of a table printed as a line is longer."""
MOST_WORDS = 40
"""Nor has it more words."""
_RULE = re.compile(r"[\s|:+=_-]+")


def cut_strips(blocks: Iterable[Block]) -> Iterator[RowStrip]:
    """The rows of a document in reading order."""
    number = 0
    text: list[Paragraph] = []
    for block in blocks:
        if isinstance(block, TableGrid):
            yield from _text(text)
            text = []
            yield from _rows(block, number)
            number += 1
        else:
            text.append(block)
    yield from _text(text)


def _rows(table: TableGrid, number: int) -> Iterator[RowStrip]:
    for row, line in table.lines():
        yield RowStrip(tuple(_piece(box, row) for box in line), cut=True, grid=number)


def _piece(box: TableCell, row: int) -> StripCell:
    return StripCell(box.text, box.source, box.column, box.rows, box.columns, box.row < row, box.others, box.doubts)


def _text(lines: Sequence[Paragraph]) -> Iterator[RowStrip]:
    """Plain lines: cut at tabs or upright strokes where they have them; a cell to a line where a tab begins each."""
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _said(lines[end]).strip(" \r\n"):
            end += 1
        block = lines[at:end]
        if _cell_a_line(block):
            yield RowStrip(tuple(_cells(block)), cut=True)
        else:
            yield from (_line(one) for one in block)
        at = end + 1 if end == at else end


def _said(line: Paragraph) -> str:
    """A line as figures are read from it."""
    return line.text if line.writing is None else line.writing.text


def _part(text: str, line: Paragraph) -> StripCell:
    """A part of a line. Which of its figures is in doubt is not known: where one is, all are."""
    if line.writing is None:
        return StripCell(text, line.source)
    return StripCell(
        text, line.source, others=find_similar_lines(text, line.writing.others), doubts=line.writing.doubts
    )


def find_similar_lines(text: str, lines: Sequence[str]) -> tuple[str, ...]:
    """The words of other readings of a line that hold that text, or that it holds."""
    word = text.strip()
    some = (part for line in lines if len(line) < LONGEST and word for part in line.split()[:MOST_WORDS])
    return tuple(dict.fromkeys(part for part in some if part != word and (part in word or word in part)))


def _cell_a_line(block: Sequence[Paragraph]) -> bool:
    begun = [line for line in block if _said(line).startswith("\t")]
    return len(begun) > 1 and block[0] is begun[0] and all("\t" not in _said(line)[1:].rstrip() for line in block)


def _cells(block: Sequence[Paragraph]) -> Iterator[StripCell]:
    """A line that begins with a tab begins a cell; others go on with it."""
    piece = _part("", block[0])
    for n, line in enumerate(block):
        said = _said(line)
        if said.startswith("\t"):
            if n:
                yield piece
            piece = _part(said[1:], line)
        else:
            more = _part(said, line)
            piece = piece._replace(text=f"{piece.text}\n{said}", doubts=(*piece.doubts, *more.doubts))
    yield piece


def _line(line: Paragraph) -> RowStrip:
    text = _said(line)
    if "\t" in text.strip("\t \r\n") or text.startswith("\t"):
        return RowStrip(tuple(_part(part, line) for part in text.rstrip("\r\n").split("\t")), cut=True)
    if text.count("|") >= 1 and not _RULE.fullmatch(text):
        stroke = text.strip()
        if stroke.startswith("|") and stroke.endswith("|") and len(stroke) > 1:
            stroke = stroke[1:-1]
        elif "||" in stroke and " || " in stroke:
            stroke = stroke.replace("||", "|")
        return RowStrip(tuple(_part(part.strip(), line) for part in stroke.split("|")), cut=True)
    if _RULE.fullmatch(text) and "|" in text:
        return RowStrip((), cut=True)
    others = line.writing.others if line.writing else ()
    return RowStrip(
        (StripCell(text, line.source, others=others, doubts=line.writing.doubts if line.writing else ()),), cut=False
    )
