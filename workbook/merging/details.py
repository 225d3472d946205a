"""分单位明细: one row an agency, one column a cell of the form; the totals above are what all other sheets refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from xlsxwriter.worksheet import Worksheet

from workbook import identity
from workbook.form import Cell, Line, Table
from workbook.grid import a1
from workbook.layout import Box
from workbook.merging.figures import places_of, rounded, standing, style
from workbook.merging.merge import Merged
from workbook.merging.status import Entry
from workbook.merging.words import word, words
from workbook.report import Report
from workbook.template.pen import CellValue, Pen, height_for
from workbook.template.places import Spot
from workbook.template.words import word as template_word

BAND, HEAD, TOTAL, FILTERED, ORDINAL, FIRST = 1, 2, 4, 5, 6, 7
"""Rows: section bands, two rows of headings, the total, the filtered total, column numbers with the filter, data."""
WIDTHS = (5, 28, 22, 10, 15, 7, 18, 28)
NARROW, WIDE = 9.0, 14.0
"""Widths of a figure's column: one of several under a heading, or alone under it."""
PAGE = 130.0
"""How wide the figures on one printed page may be, besides the agency's name."""


class Heading(NamedTuple):
    """The upper heading of the columns of one row of the form."""

    table: Table
    row: Line
    first: int
    last: int

    @property
    def text(self) -> str:
        """The row's label as printed, with the innermost group it is printed below."""
        under = next((group.label for group in self.table.row_groups if group.code == self.row.under), "")
        return f"{under} {self.row.printed}".strip()


class Details:
    """The sheet of agencies: where everything stands, and the drawing of it."""

    def __init__(self, merged: Merged) -> None:
        self.merged = merged
        self.form = merged.report.form
        self.sheet = word("sheet.details")
        self.left = len(words("details.columns"))
        self.last = FIRST + len(merged.parts) - 1
        self.rows: Mapping[Path, int] = {one.path: FIRST + n for n, one in enumerate(merged.counted)}

    def agency(self, one: Entry) -> Spot | None:
        """Where an agency's name stands; None for a file that is not in the sum."""
        row = self.rows.get(one.path)
        return None if row is None else Spot(self.sheet, row, 1)

    def total(self, cell: Cell) -> Spot:
        """Where the sum of a cell stands."""
        return Spot(self.sheet, TOTAL, self.left + cell.index)

    @cached_property
    def places(self) -> tuple[int | None, ...]:
        """Cell by cell the decimal places of its column; None where the column's sum is no formula, but a value."""
        found = []
        for cell in self.form.cells:
            column = [standing(part.values[cell.index], cell) for part in self.merged.parts]
            numbers = [value for value in column if value is not None and not isinstance(value, str)]
            total = standing(self.merged.report.values[cell.index], cell)
            found.append(places_of([*numbers, total]) if numbers else None)
        return tuple(found)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """The upper headings, left to right."""
        found, column = [], self.left
        for table in self.form.tables:
            for row in table.rows:
                found.append(Heading(table, row, column, column + len(table.columns) - 1))
                column += len(table.columns)
        return tuple(found)

    def draw(self, pen: Pen) -> None:
        """Draw the sheet."""
        sheet = pen.sheet(self.sheet)
        self._columns(sheet)
        self._heads(pen, sheet)
        self._totals(pen, sheet)
        for part, one in zip(self.merged.parts, self.merged.counted, strict=True):
            self._agency(pen, sheet, part, one)
        self._print(sheet)

    def _columns(self, sheet: Worksheet) -> None:
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        for heading in self.headings:
            sheet.set_column(heading.first, heading.last, self._width(heading))

    def _width(self, heading: Heading) -> float:
        return WIDE if heading.first == heading.last else NARROW

    def _heads(self, pen: Pen, sheet: Worksheet) -> None:
        sheet.set_row(0, 34)
        pen.box(sheet, Box(0, 0, 0, self.left - 1), f"{self.sheet}　{self.merged.report.agency.name}", "title")
        pen.box(sheet, Box(BAND, 0, BAND, self.left - 1), word("details.hint"), "hint")
        sheet.set_row(BAND, 24)
        for first, last, text in self._bands():
            starts = [column for column in self._breaks() if first <= column <= last]
            for start, end in zip(starts, [*starts[1:], last + 1], strict=True):
                pen.box(sheet, Box(BAND, start, BAND, end - 1), text, "band")
        for column, text in enumerate(words("details.columns")):
            pen.box(sheet, Box(HEAD, column, HEAD + 1, column), text, "smallhead")
        heights = [24.0, 24.0]
        for heading in self.headings:
            width = self._width(heading) * (heading.last - heading.first + 1)
            heights[0] = max(heights[0], height_for(heading.text, width, line=13.5))
            pen.box(sheet, Box(HEAD, heading.first, HEAD, heading.last), heading.text, "smallhead")
            for n, line in enumerate(heading.table.columns):
                heights[1] = max(heights[1], height_for(line.printed, self._width(heading), line=13.5))
                pen.put(sheet, HEAD + 1, heading.first + n, line.printed, "smallhead")
        for n, height in enumerate(heights):
            sheet.set_row(HEAD + n, height)

    def _bands(self) -> Iterator[tuple[int, int, str]]:
        """The columns of each part of the form, under its heading."""
        for section in self.form.sheets:
            codes = {table.code for table in self.form.tables_of(section)}
            columns = [self.left + cell.index for cell in self.form.cells if cell.table.code in codes]
            yield columns[0], columns[-1], f"{section.sheet}　{section.label}"

    def _breaks(self) -> Iterator[int]:
        """Columns at which a printed page begins: at each part of the form, and between the rows of a long one."""
        parts = {first for first, _, _ in self._bands()}
        used = 0.0
        for heading in self.headings:
            width = self._width(heading) * (heading.last - heading.first + 1)
            if heading.first in parts or used + width > PAGE:
                yield heading.first
                used = 0.0
            used += width

    def _totals(self, pen: Pen, sheet: Worksheet) -> None:
        for row, text in ((TOTAL, word("details.total")), (FILTERED, word("details.filtered"))):
            pen.box(sheet, Box(row, 0, row, 1), text, "smallhead")
            for column in range(2, self.left):
                pen.put(sheet, row, column, None, "smallhead")
            sheet.set_row(row, 22)
        sheet.set_row(ORDINAL, 16)
        letters = word("details.letters")
        for column in range(self.left):
            pen.put(sheet, ORDINAL, column, letters[column], "ordinal")
        for cell in self.form.cells:
            pen.put(sheet, ORDINAL, self.left + cell.index, cell.index + 1, "ordinal")
            self._total(pen, sheet, cell)

    def _total(self, pen: Pen, sheet: Worksheet, cell: Cell) -> None:
        column, places = self.left + cell.index, self.places[cell.index]
        value = self.merged.report.values[cell.index]
        shown, look = standing(value, cell), style("sum_total", cell, value)
        if places is None:
            pen.put(sheet, TOTAL, column, shown, look)
            pen.put(sheet, FILTERED, column, None, look)
            return
        area = f"{a1(FIRST, column)}:{a1(self.last, column)}"
        pen.formula(sheet, TOTAL, column, rounded(f"SUM({area})", places), look, shown)
        pen.formula(sheet, FILTERED, column, rounded(f"SUBTOTAL(9,{area})", places), look, shown)

    def _agency(self, pen: Pen, sheet: Worksheet, part: Report, one: Entry) -> None:
        row, agency = self.rows[one.path], part.agency
        level = identity.level_named(agency.level)
        said: tuple[CellValue, ...] = (
            row - FIRST + 1, agency.name, agency.code, agency.region, level.label if level else agency.level,
            part.year, one.status.words.zh, one.place,
        )  # fmt: skip
        styles = ("number", "item", "item", "item", "item", "date", f"tone_{one.status.tone}", "item")
        for column, (value, look) in enumerate(zip(said, styles, strict=True)):
            pen.put(sheet, row, column, value, look)
        for cell in self.form.cells:
            figure = part.values[cell.index]
            words_there = figure is None or isinstance(figure, str)
            look = "sum_words" if words_there else style("sum", cell, figure)
            pen.put(sheet, row, self.left + cell.index, standing(figure, cell), look)
        sheet.set_row(
            row,
            max(height_for(agency.name, WIDTHS[1] - 1.5, line=13.5), height_for(one.place, WIDTHS[7] - 1.5, line=13.5)),
        )

    def _print(self, sheet: Worksheet) -> None:
        last = max(self.last, ORDINAL)
        sheet.set_landscape()
        sheet.set_print_scale(58)
        sheet.repeat_rows(HEAD, TOTAL)
        sheet.repeat_columns(0, 1)
        sheet.set_v_pagebreaks(list(self._breaks()))
        sheet.set_footer(template_word("print.footer"))
        sheet.freeze_panes(FIRST, 2)
        sheet.autofilter(ORDINAL, 0, last, self.left + len(self.form.cells) - 1)
