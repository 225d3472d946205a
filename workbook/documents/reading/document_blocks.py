"""What every reader of a document delivers: paragraphs and tables, each with its place; and the rows cut from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from workbook.documents.reading.text_visibility import TextDoubt, TextRun, VisibleText, read_line_text
from workbook.model.finding import Source
from workbook.safety.limits import TooLarge, get_limit

MOST_CELLS = 200_000
"""No report has as many table cells, spans written out."""
MOST_TEXT = 8 << 20
"""No report has as many characters."""
MOST_COLUMNS = 256
"""No printed table has as many columns."""


class Paragraph(NamedTuple):
    """A stretch of running text; `visible` is how figures may be read from it, where not all of it is plain."""

    text: str
    source: Source
    visible: VisibleText | None = None

    @property
    def readings(self) -> VisibleText:
        """What figures are read from."""
        return self.visible or VisibleText(self.text)


class TableCell(NamedTuple):
    """One cell of a table as printed, or a piece of plain text: its words, and the rows and columns it spans.

    Rows and columns count from 0; where the document knows none they are -1. `others` are further readings, `doubts`
    the characters that make them: struck out, raised, hardly seen.
    """

    text: str
    source: Source
    row: int = -1
    column: int = -1
    rows: int = 1
    columns: int = 1
    others: tuple[str, ...] = ()
    doubts: tuple[TextDoubt, ...] = ()


class TableGrid(NamedTuple):
    """One table: its cells in reading order."""

    cells: tuple[TableCell, ...]
    source: Source

    def lines(self) -> Iterator[tuple[int, list[TableCell]]]:
        """Row by row, the cells that reach into it; one that spans rows comes again in each."""
        rows: dict[int, list[TableCell]] = {}
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.rows):
                rows.setdefault(row, []).append(cell)
        for row in sorted(rows):
            yield row, sorted(rows[row], key=lambda cell: cell.column)


Block = Paragraph | TableGrid


@dataclass(slots=True)
class DocumentBudget:
    """What one document may still cost: table cells, characters, paragraphs. Raises TooLarge where it asks for more."""

    cells: int = MOST_CELLS
    text: int = MOST_TEXT
    paragraphs: int = 0

    def count_paragraph(self) -> int:
        """Pay for a paragraph; its number."""
        self.paragraphs += 1
        if self.paragraphs > get_limit("paragraphs"):
            raise TooLarge("paragraphs")
        return self.paragraphs

    def spend_text(self, *texts: str) -> None:
        """Pay for the characters of texts."""
        self.text -= sum(map(len, texts))
        if self.text < 0:
            raise TooLarge

    def spend_cells(self, rows: int, columns: int) -> None:
        """Pay for the cells that one printed cell covers."""
        self.cells -= rows * columns
        if self.cells < 0:
            raise TooLarge


def make_paragraph(
    runs: Iterable[TextRun], source: Source, tidy: Callable[[str], str], budget: DocumentBudget
) -> Paragraph:
    """One line of running text. Raises TooLarge."""
    text, visible = read_line_text(runs, tidy)
    budget.spend_text(text)
    if not visible.doubts:
        return Paragraph(text, source)
    budget.spend_text(visible.text, *visible.others)
    return Paragraph(text, source, visible)


class StatedCell(NamedTuple):
    """A cell as a document states it: its words and how far it says it reaches."""

    visible: VisibleText
    rows: int = 1
    columns: int = 1


def build_grid(rows: Iterable[Iterable[StatedCell]], file: str, name: str, budget: DocumentBudget) -> TableGrid:
    """Set cells side by side as a page does: each takes the next place that none from above reaches into."""
    cells: list[TableCell] = []
    reach: dict[int, int] = {}
    """Column → the row up to which, that one not counted, a cell from above reaches."""
    for r, stated_cells in enumerate(rows):
        column = 0
        for c, stated in enumerate(stated_cells):
            while reach.get(column, 0) > r:
                column += 1
            columns = max(1, min(stated.columns, MOST_COLUMNS - column))
            if column >= MOST_COLUMNS:
                raise TooLarge
            height = max(1, stated.rows)
            budget.spend_cells(height, columns)
            text, others, doubts = stated.visible
            budget.spend_text(text, *others)
            source = Source(file, name, f"{r + 1}.{c + 1}")
            cells.append(TableCell(text, source, r, column, height, columns, others, doubts))
            for at in range(column, column + columns):
                reach[at] = r + height
            column += columns
    return TableGrid(tuple(cells), Source(file, name, ""))


# Blocks → strips: one printed row, cut into its cells where the document shows them, or a stretch of text in one piece


class RowStrip(NamedTuple):
    """One row: its cells (`cut`), or plain text in one piece.

    `grid` numbers the table it is from and `row` its row there, -1 if none: a cell of an earlier row reaches into it.
    """

    pieces: tuple[TableCell, ...]
    cut: bool
    grid: int = -1
    row: int = -1


LONGEST = 400
"""No row of a table printed as a line is longer."""
MOST_WORDS = 40
"""Nor has it more words."""
_RULE = re.compile(r"[\s|:+=_-]+")
"""A line drawn between rows: `---|:---:|---`, `+====+====+`."""


def cut_strips(blocks: Iterable[Block]) -> Iterator[RowStrip]:
    """The rows of a document in reading order."""
    number = 0
    text: list[Paragraph] = []
    for block in blocks:
        if isinstance(block, TableGrid):
            yield from _cut_text(text)
            text = []
            for row, line in block.lines():
                yield RowStrip(tuple(line), cut=True, grid=number, row=row)
            number += 1
        else:
            text.append(block)
    yield from _cut_text(text)


def _cut_text(lines: Sequence[Paragraph]) -> Iterator[RowStrip]:
    """Plain lines: cut at tabs or upright strokes where they have them; a cell to a line where a tab begins each."""
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and lines[end].readings.text.strip(" \r\n"):
            end += 1
        block = lines[start:end]
        if block and _is_cell_a_line(block):
            yield RowStrip(tuple(_join_cells(block)), cut=True)
        else:
            yield from map(_cut_line, block)
        start = max(end, start + 1)


def _piece_of(line: Paragraph, text: str) -> TableCell:
    """A part of a line. Which of its figures is in doubt is not known: where one is, all are."""
    others = find_similar_lines(text, line.readings.others)
    return TableCell(text, line.source, others=others, doubts=line.readings.doubts)


def find_similar_lines(text: str, lines: Sequence[str]) -> tuple[str, ...]:
    """The words of other readings of a line that hold that text, or that it holds."""
    word = text.strip()
    if not word:
        return ()
    parts = (part for line in lines if len(line) < LONGEST for part in line.split()[:MOST_WORDS])
    return tuple(dict.fromkeys(part for part in parts if part != word and (part in word or word in part)))


def _is_cell_a_line(block: Sequence[Paragraph]) -> bool:
    """Whether a tab begins the first line and another one, and no line has a tab within it."""
    texts = [line.readings.text for line in block]
    begun = sum(text.startswith("\t") for text in texts)
    return begun > 1 and texts[0].startswith("\t") and all("\t" not in text[1:].rstrip() for text in texts)


def _join_cells(block: Sequence[Paragraph]) -> Iterator[TableCell]:
    """A line that begins with a tab begins a cell; others go on with it."""
    cell = _piece_of(block[0], "")
    for n, line in enumerate(block):
        text = line.readings.text
        if text.startswith("\t"):
            if n:
                yield cell
            cell = _piece_of(line, text[1:])
        else:
            cell = cell._replace(text=f"{cell.text}\n{text}", doubts=(*cell.doubts, *line.readings.doubts))
    yield cell


def _cut_line(line: Paragraph) -> RowStrip:
    """One line: cut at its tabs, else at its upright strokes, else in one piece."""
    text, others, doubts = line.readings
    if "\t" in text.strip("\t \r\n") or text.startswith("\t"):
        return RowStrip(tuple(_piece_of(line, part) for part in text.rstrip("\r\n").split("\t")), cut=True)
    if "|" not in text:
        return RowStrip((TableCell(text, line.source, others=others, doubts=doubts),), cut=False)
    if _RULE.fullmatch(text):
        return RowStrip((), cut=True)
    row = text.strip()
    if row.startswith("|") and row.endswith("|") and len(row) > 1:
        row = row[1:-1]
    elif "||" in row and " || " in row:
        row = row.replace("||", "|")
    return RowStrip(tuple(_piece_of(line, part.strip()) for part in row.split("|")), cut=True)
