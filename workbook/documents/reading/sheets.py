"""Workbooks that are no template of ours → blocks: each sheet is a table, its merged cells with their spans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from workbook.documents.reading.blocks import MOST_COLUMNS, Allowance, Block, Box, Grid, Paragraph
from workbook.finding import Source
from workbook.grid import a1
from workbook.reading import showing
from workbook.reading.book import Cell, Look, Sheet
from workbook.reading.opening import open_book

_CELL = re.compile(r"[-−]?[0-9.,]+")


def blocks(path: Path, file: str) -> list[Block]:
    """The sheets of a workbook: rows of cells as tables, words that stand alone in their row as text.

    Raises Unreadable, TooLarge.
    """
    allowance, book = Allowance(), open_book(path)
    return [block for sheet in book.sheets for block in _sheet(sheet, file, allowance, late=book.late)]


def _sheet(sheet: Sheet, file: str, allowance: Allowance, *, late: bool) -> Iterator[Block]:
    rows: dict[int, list[Box]] = {}
    for place, cell in sorted(sheet.cells.items()):
        allowance.span(1, 1)
        if text := allowance.words(_text(cell, sheet.looks.get(place), late=late)).strip():
            rows.setdefault(place[0], []).append(Box(text, Source(file, sheet.name, a1(*place)), *place))
    some: list[Box] = []
    for row in sorted(rows):
        alone = rows[row][0] if len(rows[row]) == 1 else None
        if alone is None or _CELL.fullmatch(alone.text):
            some += rows[row]
            continue
        if some:
            yield _grid(some, sheet.name, file, allowance)
            some = []
        yield from (Paragraph(line, alone.source) for line in alone.text.split("\n"))
    if some:
        yield _grid(some, sheet.name, file, allowance)


def _grid(boxes: list[Box], sheet: str, file: str, allowance: Allowance) -> Grid:
    """Rows of a sheet as a table; places that hold nothing are its blank cells."""
    rows = {box.row for box in boxes}
    first, last = min(box.column for box in boxes), min(max(box.column for box in boxes), MOST_COLUMNS)
    there = {(box.row, box.column) for box in boxes}
    allowance.span(len(rows), last - first + 1)
    blank = [
        Box("", Source(file, sheet, a1(row, column)), row, column)
        for row in rows
        for column in range(first, last + 1)
        if (row, column) not in there
    ]
    return Grid(tuple(sorted((*boxes, *blank), key=lambda box: (box.row, box.column))), boxes[0].source)


def _text(cell: Cell, look: Look | None, *, late: bool) -> str:
    """What a person reads there: an import has nothing else to go by than what other documents show."""
    value = showing.read_by_eye(cell, look, late=late)
    if value is None:
        return ""
    if isinstance(value, float):
        return format(Decimal(format(value, ".15g")), "f")
    return str(value)
