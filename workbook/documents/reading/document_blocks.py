"""What every reader of a document delivers: paragraphs and tables in reading order, each with the place it stood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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

    `others` are further readings, `doubts` the signs that make them: struck out, raised, hardly seen.
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
