"""Workbooks that hold no report of ours → blocks: each sheet is a table, words alone in their row are text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from workbook.documents.reading.document_blocks import (
    MOST_COLUMNS,
    Block,
    DocumentBudget,
    Paragraph,
    TableCell,
    TableGrid,
)
from workbook.excel.reading import displayed_value
from workbook.excel.reading.workbook_contents import Cell, CellLook, Sheet
from workbook.excel.reading.workbook_reader import open_workbook
from workbook.model.cell_address import format_address
from workbook.model.finding import Source

_FIGURE = re.compile(r"[-−]?[0-9.,]+")
"""A figure alone in its row: `-1,234.5`."""


def read_sheet_blocks(path: Path, file: str) -> list[Block]:
    """The sheets of a workbook: rows of cells as tables, words alone in their row as text.

    Raises Unreadable, TooLarge.
    """
    budget, book = DocumentBudget(), open_workbook(path)
    return [block for sheet in book.sheets for block in _read_sheet(sheet, file, budget, late=book.late)]


def _read_sheet(sheet: Sheet, file: str, budget: DocumentBudget, *, late: bool) -> Iterator[Block]:
    rows: dict[int, list[TableCell]] = {}
    for place, cell in sorted(sheet.cells.items()):
        budget.spend_cells(1, 1)
        text = _displayed_text(cell, sheet.looks.get(place), late=late)
        budget.spend_text(text)
        if text.strip():
            source = Source(file, sheet.name, format_address(*place))
            rows.setdefault(place[0], []).append(TableCell(text.strip(), source, *place))
    open_: list[TableCell] = []
    """The cells of the table that is being read."""
    for _, cells in sorted(rows.items()):
        if len(cells) > 1 or _FIGURE.fullmatch(cells[0].text):
            open_ += cells
            continue
        if open_:
            yield _make_grid(open_, sheet.name, file, budget)
            open_ = []
        yield from (Paragraph(line, cells[0].source) for line in cells[0].text.split("\n"))
    if open_:
        yield _make_grid(open_, sheet.name, file, budget)


def _make_grid(cells: Sequence[TableCell], sheet: str, file: str, budget: DocumentBudget) -> TableGrid:
    """Rows of a sheet as a table; places that hold nothing are its blank cells."""
    rows = {cell.row for cell in cells}
    first, last = min(cell.column for cell in cells), min(max(cell.column for cell in cells), MOST_COLUMNS)
    filled = {(cell.row, cell.column) for cell in cells}
    budget.spend_cells(len(rows), last - first + 1)
    blank = [
        TableCell("", Source(file, sheet, format_address(row, column)), row, column)
        for row in rows
        for column in range(first, last + 1)
        if (row, column) not in filled
    ]
    return TableGrid(tuple(sorted((*cells, *blank), key=lambda cell: (cell.row, cell.column))), cells[0].source)


def _displayed_text(cell: Cell, look: CellLook | None, *, late: bool) -> str:
    """What a person reads there: an import has nothing else to go by than what other documents show."""
    value = displayed_value.get_displayed_value(cell, look, late=late)
    if value is None:
        return ""
    if isinstance(value, float):
        return format(Decimal(format(value, ".15g")), "f")
    return str(value)
