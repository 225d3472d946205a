"""Writes the sheet 分单位明细: a row an agency, a column a cell, and the totals all sheets refer to."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.pen import Pen, fit_row_height
from workbook.excel.template_layout import SheetCell
from workbook.merging.file_status import FileEntry
from workbook.merging.prior_year.summary_reader import (
    BAND,
    CODES,
    FILTERED,
    FIRST,
    HEAD,
    ORDINAL,
    TOTAL,
    WHO,
    Heading,
    list_headings,
)
from workbook.merging.totals import MergeResult
from workbook.model import identity
from workbook.model.cell_address import format_address
from workbook.model.form import Cell, Form
from workbook.model.numbers import CellValue, Value
from workbook.model.print_layout import CellBox
from workbook.model.report import Report, SharedLocations
from workbook.safety.messages import load_messages
from workbook.summary.excel.list_sheet import (
    FileLinks,
    count_decimals,
    estimate_height,
    figure_style,
    in_cell_unit,
    round_sum,
)

messages = load_messages("workbook.summary.excel")
template_messages = load_messages("workbook.excel.template")

WIDTHS = (5, 28, 22, 10, 15, 7, 18, 28)
PAGE = 130.0
"""How wide the figures on one printed page may be, besides the agency's name."""
BLANK_NAMED = 5
"""How many agencies without a number in a cell are named."""
LAYOUTS = 8
"""How many layouts of files are distinguished; the rest is listed as another one."""
_SAFE = 10**15
"""Whole numbers below it are exact in a spreadsheet, in any unit."""


class AgencyDetails:
    """The sheet of agencies: where everything is located, and the drawing of it. Not `listed`, it is left out."""

    def __init__(self, pen: Pen, merged: MergeResult, links: FileLinks, *, listed: bool = True) -> None:
        self.pen = pen
        self.merged = merged
        self.listed = listed
        self.form = merged.report.form
        self.sheet = messages.text("sheet.details")
        self.left = len(WHO)
        files = len(merged.collection.entries)
        self.gathered = ColumnFacts(self.form, files)
        self._row_of = array("l", bytes((files + 1) * array("l").itemsize))
        self._links = links
        self._figure_styles = [figure_style("sum", cell, 0) for cell in self.form.cells]
        self.last = FIRST - 1
        for entry, report in merged.collection.reports():
            self.gathered.add(entry, report)
            if listed:
                self.last += 1
                self._row_of[entry.number] = self.last

    def agency(self, one: FileEntry) -> SheetCell | None:
        """Where an agency's name is located; None for a file that is not in the sum, and where none is listed."""
        row = self._row_of[one.number]
        return SheetCell(self.sheet, row, 1) if row else None

    def total(self, cell: Cell) -> SheetCell | None:
        """Where the sum of a cell is located; None where there is none."""
        return SheetCell(self.sheet, TOTAL, self.column(cell)) if self.listed else None

    def column(self, cell: Cell) -> int:
        """The column of a cell of the form."""
        return self.left + cell.index

    def decimals(self, cell: Cell) -> int | None:
        """The decimal places of a column; None where its sum is no formula, but a value."""
        own = count_decimals([in_cell_unit(self.merged.report.number(cell.index), cell)])
        column = self.gathered.decimals(cell.index)
        return None if own is None or column is None else max(own, column)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """The upper headings, left to right."""
        return list_headings(self.form, self.left)

    def draw(self) -> None:
        """Draw the sheet; where none is listed, what to look at instead."""
        sheet = self.pen.sheet(self.sheet, WIDTHS if self.listed else (110,), by_row=True)
        if not self.listed:
            self.pen.row(sheet, 0, [self.sheet], ["title"], 34)
            self.pen.row(sheet, 1, [messages.text("details.left_out", n=self.merged.agencies)], ["wrapped"], 60)
            return
        for heading in self.headings:
            sheet.set_column(heading.first, heading.last, heading.width)
        self._draw_heads(sheet)
        self._draw_totals(sheet)
        for row, (entry, report) in enumerate(self.merged.collection.reports(), FIRST):
            self._draw_agency(sheet, row, entry, report)
        self._set_up_print(sheet)

    def _draw_heads(self, sheet: Worksheet) -> None:
        pen = self.pen
        sheet.set_row(0, 34)
        pen.box(sheet, CellBox(0, 0, 0, self.left - 1), f"{self.sheet}　{self.merged.report.agency.name}", "title")
        for column, code in enumerate((*WHO, *self.form.index)):
            pen.put(sheet, CODES, column, code, "hidden")
        sheet.set_row(CODES, None, None, {"hidden": True})
        pen.box(sheet, CellBox(BAND, 0, BAND, self.left - 1), messages.text("details.hint"), "hint")
        sheet.set_row(BAND, 24)
        for first, last, text in self._list_bands():
            starts = [column for column in self._list_page_breaks() if first <= column <= last]
            for start, end in zip(starts, [*starts[1:], last + 1], strict=True):
                pen.box(sheet, CellBox(BAND, start, BAND, end - 1), text, "band")
        names, columns = (
            messages.texts("details.columns"),
            [line for one in self.headings for line in one.table.columns],
        )
        heights = [24.0, 24.0]
        for heading in self.headings:
            wide = heading.width * (heading.last - heading.first + 1)
            heights[0] = max(heights[0], fit_row_height(heading.text, wide, line=13.5))
            for line in heading.table.columns:
                heights[1] = max(heights[1], fit_row_height(line.printed, heading.width, line=13.5))
        sheet.set_row(HEAD, heights[0])
        for column, text in enumerate(names):
            pen.merge_down(sheet, HEAD, HEAD + 1, column, text, "smallhead")
        for heading in self.headings:
            pen.box(sheet, CellBox(HEAD, heading.first, HEAD, heading.last), heading.text, "smallhead")
        texts = [*[None] * len(names), *(line.printed for line in columns)]
        pen.row(sheet, HEAD + 1, texts, ["smallhead"] * len(texts), heights[1])

    def _list_bands(self) -> Iterator[tuple[int, int, str]]:
        """The columns of each part of the form, under its heading."""
        for section in self.form.sheets:
            codes = {table.code for table in self.form.tables_of(section)}
            columns = [self.column(cell) for cell in self.form.cells if cell.table.code in codes]
            yield columns[0], columns[-1], f"{section.sheet}　{section.label}"

    def _list_page_breaks(self) -> Iterator[int]:
        """Columns at which a printed page begins: at each part of the form, and between the rows of a long one."""
        parts = {first for first, _, _ in self._list_bands()}
        used = 0.0
        for heading in self.headings:
            width = heading.width * (heading.last - heading.first + 1)
            if heading.first in parts or used + width > PAGE:
                yield heading.first
                used = 0.0
            used += width

    def _draw_totals(self, sheet: Worksheet) -> None:
        for row, text, function in ((TOTAL, "details.total", "SUM("), (FILTERED, "details.filtered", "SUBTOTAL(9,")):
            sheet.set_row(row, 22)
            self.pen.box(sheet, CellBox(row, 0, row, 1), messages.text(text), "smallhead")
            for column in range(2, self.left):
                self.pen.put(sheet, row, column, None, "smallhead")
            for cell in self.form.cells:
                self._draw_total(sheet, row, cell, function)
        ordinals = [*messages.text("details.letters")[: self.left], *range(1, len(self.form.cells) + 1)]
        self.pen.row(sheet, ORDINAL, ordinals, ["ordinal"] * len(ordinals), 16)

    def _draw_total(self, sheet: Worksheet, row: int, cell: Cell, function: str) -> None:
        """The sum of a column, of all rows or of those a filter shows; a value where a spreadsheet would round it."""
        column, places = self.column(cell), self.decimals(cell)
        value = self.merged.report.values[cell.index]
        shown, look = in_cell_unit(value, cell), figure_style("sum_total", cell, value)
        if places is None:
            self.pen.put(sheet, row, column, shown if row == TOTAL else None, look)
            return
        formula = f"{function}{format_address(FIRST, column)}:{format_address(self.last, column)})"
        self.pen.formula(sheet, row, column, round_sum(formula, places), look, shown)

    def _draw_agency(self, sheet: Worksheet, row: int, entry: FileEntry, report: Report) -> None:
        agency = report.agency
        row_values: tuple[CellValue, ...] = (
            row - FIRST + 1, agency.name, agency.code, agency.region, identity.get_level_label(agency.level),
            report.year, entry.status.words.zh, entry.place,
        )  # fmt: skip
        target = self._links.file(entry)
        styles = [
            "number", "item", "item", "item", "item", "date", f"tone_{entry.status.tone}",
            "itemlink" if target else "item",
        ]  # fmt: skip
        height = max(estimate_height(agency.name, WIDTHS[1] - 1.5), estimate_height(entry.place, WIDTHS[7] - 1.5))
        figures = self.gathered.figures(report)
        for figure, cell, style in zip(figures, self.form.cells, self._figure_styles, strict=True):
            if type(figure) is int:
                styles.append(style)
            else:
                words = figure is None or isinstance(figure, str)
                styles.append("sum_words" if words else figure_style("sum", cell, figure))
        self.pen.row(sheet, row, (*row_values, *figures), styles, height, {len(row_values) - 1: target})

    def _set_up_print(self, sheet: Worksheet) -> None:
        last = max(self.last, ORDINAL)
        sheet.set_landscape()
        sheet.set_print_scale(58)
        sheet.repeat_rows(HEAD, TOTAL)
        sheet.repeat_columns(0, 1)
        sheet.print_area(0, 0, last, self.left + len(self.form.cells) - 1)
        sheet.set_v_pagebreaks(list(self._list_page_breaks()))
        sheet.set_footer(template_messages.text("print.footer"))
        sheet.freeze_panes(FIRST, 2)
        sheet.autofilter(ORDINAL, 0, last, self.left + len(self.form.cells) - 1)


class ColumnFacts:
    """What one pass over the reports finds out about each column of figures: filled by `take`, report by report.

    `exact`: cell by cell the decimal places that hold every figure; None where a spreadsheet cannot hold one. `blank`
    names, cell by cell, the first agencies without a number. `layouts` are the ways figures are located in their
    files (cell code → sheet and cell), `counts` how many files have each.
    """

    def __init__(self, form: Form, files: int) -> None:
        self.form = form
        self.exact: list[int | None] = [0] * len(form.cells)
        self.numbers = [False] * len(form.cells)
        self.blank: dict[int, list[str]] = {}
        self.layouts: list[Mapping[str, tuple[str, str]]] = []
        self.counts: list[int] = []
        self._layout_of = array("B", bytes(files + 1))
        self._money = frozenset(cell.index for cell in form.cells if cell.unit.scale != 1)

    def add(self, entry: FileEntry, report: Report) -> None:
        """One report more."""
        self._layout_of[entry.number] = self._number_layout(report)
        for index, figure in enumerate(self.figures(report)):
            if figure is None or isinstance(figure, str):
                named = self.blank.setdefault(index, [])
                if len(named) < BLANK_NAMED:
                    named.append(entry.agency.name or entry.place)
                continue
            self.numbers[index] = True
            if type(figure) is not int or not -_SAFE < figure < _SAFE:
                known, own = self.exact[index], count_decimals([figure])
                self.exact[index] = None if known is None or own is None else max(known, own)

    def figures(self, report: Report) -> list[Value]:
        """The figures of a report as a sheet holds them."""
        figures = list(report.values)
        for index, value in enumerate(report.values):
            if type(value) is Decimal or index in self._money:
                figures[index] = in_cell_unit(value, self.form.cells[index])
        return figures

    def layout(self, entry: FileEntry) -> int:
        """The layout of a file's figures: from 1; 0 for one that does not count, or another way."""
        return self._layout_of[entry.number]

    def decimals(self, index: int) -> int | None:
        """The decimal places of a column; None where its sum cannot be a formula."""
        return self.exact[index] if self.numbers[index] else None

    def _number_layout(self, report: Report) -> int:
        """The layout of the figures of a report in its file, as a number from 1; 0 for none of those distinguished."""
        sources = report.sources
        if not isinstance(sources, SharedLocations) or report.form.fingerprint != self.form.fingerprint:
            return 0
        places = sources.places
        if places not in self.layouts:
            if len(self.layouts) == LAYOUTS or not places:
                return 0
            self.layouts.append(places)
            self.counts.append(0)
        number = self.layouts.index(places) + 1
        self.counts[number - 1] += 1
        return number
