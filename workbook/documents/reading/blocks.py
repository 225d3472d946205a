"""What every reader of a document delivers: paragraphs and tables in reading order, each with the place it stood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from workbook.documents.reading.writing import Doubt, Writing
from workbook.finding import Source
from workbook.limits import TooLarge, limit

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
    writing: Writing | None = None


class Box(NamedTuple):
    """One cell of a table as printed: its words, and the rows and columns it spans, counted from 0.

    `others` are further readings, `doubts` the signs that make them: struck out, raised, hardly seen.
    """

    text: str
    source: Source
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    others: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


class Grid(NamedTuple):
    """One table: its cells in reading order."""

    boxes: tuple[Box, ...]
    source: Source

    def lines(self) -> Iterator[tuple[int, list[Box]]]:
        """Row by row, the cells that reach into it; one that spans rows comes again in each."""
        rows: dict[int, list[Box]] = {}
        for box in self.boxes:
            for row in range(box.row, box.row + box.rows):
                rows.setdefault(row, []).append(box)
        for row in sorted(rows):
            yield row, sorted(rows[row], key=lambda box: box.column)


Block = Paragraph | Grid


@dataclass(slots=True)
class Allowance:
    """What one document may still cost: table cells, characters, paragraphs. Raises TooLarge where it asks for more."""

    cells: int = MOST_CELLS
    text: int = MOST_TEXT
    paragraphs: int = 0

    def paragraph(self) -> int:
        """Pay for a paragraph; its number."""
        self.paragraphs += 1
        if self.paragraphs > limit("paragraphs"):
            raise TooLarge("paragraphs")
        return self.paragraphs

    def words(self, text: str) -> str:
        """Pay for a text, and give it back."""
        self.text -= len(text)
        if self.text < 0:
            raise TooLarge
        return text

    def writing(self, writing: Writing) -> Writing:
        """Pay for all that a place may say, and give it back."""
        for text in (writing.text, *writing.others):
            self.words(text)
        return writing

    def span(self, rows: int, columns: int) -> None:
        """Pay for the cells that one printed cell covers."""
        self.cells -= rows * columns
        if self.cells < 0:
            raise TooLarge


class Drawn(NamedTuple):
    """A cell as a document states it: its words and how far it says it reaches."""

    writing: Writing
    rows: int = 1
    columns: int = 1


def grid(rows: Iterable[Iterable[Drawn]], file: str, name: str, allowance: Allowance) -> Grid:
    """Set cells side by side as a page does: each takes the next place that none from above reaches into."""
    boxes: list[Box] = []
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
            boxes.append(Box(text, source, r, column, height, columns, others, doubts))
            for at in range(column, column + columns):
                reach[at] = r + height
            column += columns
    return Grid(tuple(boxes), Source(file, name, ""))
