"""分单位明细: one row an agency, one column a cell of the form; the totals above are what all other sheets refer to."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property

from xlsxwriter.worksheet import Worksheet

from workbook import identity
from workbook.form import Cell
from workbook.grid import a1
from workbook.layout import Box
from workbook.merging.status import Entry, Status
from workbook.merging.summary.figures import places_of, rounded, standing, style
from workbook.merging.summary.gathered import Gathered
from workbook.merging.summary.headings import Heading, headings
from workbook.merging.summary.links import Links
from workbook.merging.summary.lists import tall
from workbook.merging.summing import Merged
from workbook.report import Report
from workbook.safety.messages import load_messages
from workbook.template.pen import CellValue, Pen, height_for
from workbook.template.places import Spot

messages = load_messages("workbook.merging.summary")
template_messages = load_messages("workbook.template")

CODES, BAND, HEAD, TOTAL, FILTERED, ORDINAL, FIRST = 1, 2, 3, 5, 6, 7, 8
"""Rows: codes (hidden), section bands, two rows of headings, the total, the filtered total, column numbers, data."""
WHO = ("", "agency.name", "agency.code", "agency.region", "agency.level", "year", "status", "file")
"""What the columns before the figures hold, as the hidden row of codes says; blank for the line's number."""
WIDTHS = (5, 28, 22, 10, 15, 7, 18, 28)
PAGE = 130.0
"""How wide the figures on one printed page may be, besides the agency's name."""


class Details:
    """The sheet of agencies: where everything stands, and the drawing of it. Not `listed`, it is left out."""

    def __init__(self, pen: Pen, merged: Merged, links: Links, *, listed: bool = True) -> None:
        self.pen = pen
        self.merged = merged
        self.listed = listed
        self.form = merged.report.form
        self.sheet = messages.text("sheet.details")
        self.left = len(WHO)
        files = len(merged.collection.entries)
        self.gathered = Gathered(self.form, files)
        self._row_of = array("l", bytes((files + 1) * array("l").itemsize))
        self._links = links
        self._rows = pen.spool(FIRST)
        self._money = tuple(cell.index for cell in self.form.cells if cell.unit.scale != 1)
        self._figure_styles = tuple(style("sum", cell, 0) for cell in self.form.cells)
        for entry, report in merged.collection.reports():
            figures = self.gathered.take(entry, report)
            if listed:
                self._agency(entry, report, figures)
        self.last = self._rows.last

    def agency(self, one: Entry) -> Spot | None:
        """Where an agency's name stands; None for a file that is not in the sum, and where none is listed."""
        row = self._row_of[one.number]
        return Spot(self.sheet, row, 1) if row else None

    def total(self, cell: Cell) -> Spot | None:
        """Where the sum of a cell stands; None where none does."""
        return Spot(self.sheet, TOTAL, self.column(cell)) if self.listed else None

    def column(self, cell: Cell) -> int:
        """The column of a cell of the form."""
        return self.left + cell.index

    def decimals(self, cell: Cell) -> int | None:
        """The decimal places of a column; None where its sum is no formula, but a value."""
        own = places_of([standing(self.merged.report.number(cell.index), cell)])
        column = self.gathered.decimals(cell.index)
        return None if own is None or column is None else max(own, column)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """The upper headings, left to right."""
        return headings(self.form, self.left)

    def draw(self) -> None:
        """Draw the sheet; where none is listed, what to look at instead."""
        sheet = self.pen.sheet(self.sheet)
        if not self.listed:
            sheet.set_column(0, 0, 110)
            self.pen.put(sheet, 0, 0, self.sheet, "title")
            self.pen.put(sheet, 1, 0, messages.text("details.left_out", n=self.merged.agencies), "wrapped")
            sheet.set_row(0, 34)
            sheet.set_row(1, 60)
            return
        self._columns(sheet)
        self._heads(sheet)
        self._totals(sheet)
        self.pen.stream(sheet, self._rows)
        self._print(sheet)

    def _columns(self, sheet: Worksheet) -> None:
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        for heading in self.headings:
            sheet.set_column(heading.first, heading.last, heading.width)

    def _heads(self, sheet: Worksheet) -> None:
        pen = self.pen
        sheet.set_row(0, 34)
        pen.box(sheet, Box(0, 0, 0, self.left - 1), f"{self.sheet}　{self.merged.report.agency.name}", "title")
        for column, code in enumerate((*WHO, *self.form.index)):
            pen.put(sheet, CODES, column, code, "hidden")
        sheet.set_row(CODES, None, None, {"hidden": True})
        pen.box(sheet, Box(BAND, 0, BAND, self.left - 1), messages.text("details.hint"), "hint")
        sheet.set_row(BAND, 24)
        for first, last, text in self._bands():
            starts = [column for column in self._breaks() if first <= column <= last]
            for start, end in zip(starts, [*starts[1:], last + 1], strict=True):
                pen.box(sheet, Box(BAND, start, BAND, end - 1), text, "band")
        for column, text in enumerate(messages.texts("details.columns")):
            pen.box(sheet, Box(HEAD, column, HEAD + 1, column), text, "smallhead")
        heights = [24.0, 24.0]
        for heading in self.headings:
            width = heading.width * (heading.last - heading.first + 1)
            heights[0] = max(heights[0], height_for(heading.text, width, line=13.5))
            pen.box(sheet, Box(HEAD, heading.first, HEAD, heading.last), heading.text, "smallhead")
            for n, line in enumerate(heading.table.columns):
                heights[1] = max(heights[1], height_for(line.printed, heading.width, line=13.5))
                pen.put(sheet, HEAD + 1, heading.first + n, line.printed, "smallhead")
        for n, height in enumerate(heights):
            sheet.set_row(HEAD + n, height)

    def _bands(self) -> Iterator[tuple[int, int, str]]:
        """The columns of each part of the form, under its heading."""
        for section in self.form.sheets:
            codes = {table.code for table in self.form.tables_of(section)}
            columns = [self.column(cell) for cell in self.form.cells if cell.table.code in codes]
            yield columns[0], columns[-1], f"{section.sheet}　{section.label}"

    def _breaks(self) -> Iterator[int]:
        """Columns at which a printed page begins: at each part of the form, and between the rows of a long one."""
        parts = {first for first, _, _ in self._bands()}
        used = 0.0
        for heading in self.headings:
            width = heading.width * (heading.last - heading.first + 1)
            if heading.first in parts or used + width > PAGE:
                yield heading.first
                used = 0.0
            used += width

    def _totals(self, sheet: Worksheet) -> None:
        pen = self.pen
        for row, text in ((TOTAL, messages.text("details.total")), (FILTERED, messages.text("details.filtered"))):
            pen.box(sheet, Box(row, 0, row, 1), text, "smallhead")
            for column in range(2, self.left):
                pen.put(sheet, row, column, None, "smallhead")
            sheet.set_row(row, 22)
        sheet.set_row(ORDINAL, 16)
        letters = messages.text("details.letters")
        for column in range(self.left):
            pen.put(sheet, ORDINAL, column, letters[column], "ordinal")
        for cell in self.form.cells:
            pen.put(sheet, ORDINAL, self.column(cell), cell.index + 1, "ordinal")
            self._total(sheet, cell)

    def _total(self, sheet: Worksheet, cell: Cell) -> None:
        pen, column, places = self.pen, self.column(cell), self.decimals(cell)
        value = self.merged.report.values[cell.index]
        shown, look = standing(value, cell), style("sum_total", cell, value)
        if places is None:
            pen.put(sheet, TOTAL, column, shown, look)
            pen.put(sheet, FILTERED, column, None, look)
            return
        area = f"{a1(FIRST, column)}:{a1(self.last, column)}"
        pen.formula(sheet, TOTAL, column, rounded(f"SUM({area})", places), look, shown)
        pen.formula(sheet, FILTERED, column, rounded(f"SUBTOTAL(9,{area})", places), look, shown)

    def _agency(self, entry: Entry, report: Report, figures: tuple[CellValue, ...]) -> None:
        agency = report.agency
        level = identity.level_named(agency.level)
        said: tuple[CellValue, ...] = (
            self._rows.next - FIRST + 1, agency.name, agency.code, agency.region,
            level.label if level else agency.level, report.year, entry.status.words.zh, entry.place,
        )  # fmt: skip
        target = self._links.file(entry)
        styles = _STYLES[entry.status, bool(target)]
        height = max(tall(agency.name, WIDTHS[1] - 1.5), tall(entry.place, WIDTHS[7] - 1.5))
        row = self._rows.add(said, styles, height, figures, self._looks(figures))
        self._row_of[entry.number] = row
        if target:
            self._rows.file(row, len(said) - 1, target)

    def _looks(self, figures: tuple[CellValue, ...]) -> tuple[str, ...]:
        """The styles of a row: what is no number stands out."""
        kinds = [*map(type, figures)]
        if kinds.count(int) + sum(kinds[index] is Decimal for index in self._money) == len(kinds):
            return self._figure_styles
        return tuple(
            "sum_words" if figure is None or isinstance(figure, str) else _look(figure, look)
            for figure, look in zip(figures, self._figure_styles, strict=True)
        )

    def _print(self, sheet: Worksheet) -> None:
        last = max(self.last, ORDINAL)
        sheet.set_landscape()
        sheet.set_print_scale(58)
        sheet.repeat_rows(HEAD, TOTAL)
        sheet.repeat_columns(0, 1)
        sheet.print_area(0, 0, last, self.left + len(self.form.cells) - 1)
        sheet.set_v_pagebreaks(list(self._breaks()))
        sheet.set_footer(template_messages.text("print.footer"))
        sheet.freeze_panes(FIRST, 2)
        sheet.autofilter(ORDINAL, 0, last, self.left + len(self.form.cells) - 1)


def _look(figure: CellValue, look: str) -> str:
    """A broken count shows its decimals."""
    return "sum_money" if isinstance(figure, Decimal) else look


_STYLES = {
    (status, linked): (
        "number", "item", "item", "item", "item", "date", f"tone_{status.tone}", "itemlink" if linked else "item",
    )
    for status in Status
    for linked in (False, True)
}  # fmt: skip
