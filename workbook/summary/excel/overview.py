"""Writes the sheet 总览 with its charts: the conclusion, who has reported, what became of every file, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.pen import Pen, fit_row_height
from workbook.excel.template.styles import AMBER, BODY_FONT, GREEN, GREY, HEAD_FONT, INK, LINE, RED
from workbook.excel.template_layout import SheetCell
from workbook.merging.file_status import PENDING
from workbook.merging.prior_year.summary_reader import FIRST
from workbook.merging.totals import MergeResult, conclude_merge
from workbook.model.cell_address import format_address
from workbook.model.finding import Severity
from workbook.model.print_layout import CellBox
from workbook.model.rule_catalog import get_rule_book
from workbook.safety.messages import load_messages
from workbook.summary.excel.agency_details import AgencyDetails
from workbook.summary.excel.file_lists import FileList
from workbook.summary.excel.form_tables import FormTables, NodeSheets
from workbook.summary.excel.list_sheet import FIRST as FIRST_LINE
from workbook.summary.excel.list_sheet import BoxSheet
from workbook.summary.excel.problem_list import TONES, ProblemList
from workbook.summary.page.page_data import find_results, group_results
from workbook.summary.summary_output import list_side_lines

messages = load_messages("workbook.summary.excel")
template_messages = load_messages("workbook.excel.template")

LEFT, RIGHT = 1, 10
"""First and last column of the overview: ten equal columns."""
TURNOUT = ((1, 3), *((column, column) for column in range(4, 11)))
RESULT = ((1, 3), (4, 4), (5, 5))
"""First and last column of each box in a line."""
WIDTHS = (2, *[11.8] * 10)
CARD = ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10))
FILE = ((1, 2), (3, 9), (10, 10))
RULE = ((1, 1), (2, 3), (4, 8), (9, 9), (10, 10))
"""First and last column of each box in a line, on a grid of ten equal columns."""
SIDE = 50
"""So many problems of the roster and the like are listed."""
CHARTED = 10
"""So many rules are drawn."""


class Overview(BoxSheet):
    """The first sheet, drawn last: from top to bottom, once all that it counts and leads to is there."""

    def __init__(self, pen: Pen, merged: MergeResult) -> None:
        super().__init__(pen, messages.text("sheet.overview"), WIDTHS, partial(fit_row_height, line=13.5), left=LEFT)
        self.merged = merged
        self.part = 0

    def draw(
        self,
        tables: FormTables,
        details: AgencyDetails,
        problems: ProblemList,
        files: FileList,
        nodes: NodeSheets | None,
    ) -> None:
        """Draw the sheet."""
        self._draw_title()
        self._draw_result(details, problems, files)
        self._draw_turnout()
        self._draw_files(files)
        self._draw_results(tables)
        self._draw_rules(problems)
        self._draw_steps()
        self._draw_contents(nodes)
        self.sheet.set_portrait()
        self.set_up_print()
        self.sheet.activate()

    def _draw_heading(self, name: str) -> None:
        """The heading of the next part."""
        ordinal = messages.text("overview.ordinals")[self.part]
        self.part += 1
        self.draw_wide(f"{ordinal}、{messages.text(f'overview.{name}')}", "heading", 24)

    def _draw_gap(self, height: float = 15) -> None:
        """An empty line."""
        self.sheet.set_row(self.row, height)
        self.row += 1

    def _draw_title(self) -> None:
        report = self.merged.report
        self.draw_wide(messages.text("overview.title"), "cover", 54)
        subtitle = messages.text(
            "overview.subtitle", name=report.agency.name, year=report.year or "", number=report.form.citation.number
        )
        self.draw_wide(subtitle if self.merged.agencies else messages.text("overview.nothing"), "subtitle", 20)
        self._draw_gap()

    def _draw_result(self, details: AgencyDetails, problems: ProblemList, files: FileList) -> None:
        self._draw_heading("result")
        verdict, tone = conclude_merge(self.merged)
        self.draw_wide(verdict.zh, f"verdict_{tone}", max(36, fit_row_height(verdict.zh, 84, line=19)))
        for one in list_side_lines(self.merged, SIDE):
            self.draw_wide(one.zh, "wrapped", fit_row_height(one.zh, sum(WIDTHS[LEFT:])))
        self._draw_gap(8)
        counts = self.merged.collection.counts()
        list_, rows = messages.text("sheet.files"), messages.text("sheet.problems")
        cards = (
            (sum(counts.values()), SheetCell(list_, FIRST_LINE, 1)),
            (
                self.merged.agencies,
                SheetCell(details.sheet, FIRST if details.listed else 0, 1 if details.listed else 0),
            ),
            (sum(counts[status] for status in PENDING), SheetCell(list_, files.pending or FIRST_LINE, 1)),
            *(
                (problems.open[severity], SheetCell(rows, problems.first.get(severity, FIRST_LINE), 2))
                for severity in (Severity.ERROR, Severity.WARNING)
            ),
        )
        self.sheet.set_row(self.row, 36)
        self.sheet.set_row(self.row + 1, 20)
        for (first, last), caption, (value, to) in zip(CARD, messages.texts("overview.cards"), cards, strict=True):
            self.pen.jump(self.sheet, CellBox(self.row, first, self.row, last), to, value, "big")
            self.pen.box(self.sheet, CellBox(self.row + 1, first, self.row + 1, last), caption, "caption")
        self.row += 2
        self.draw_wide(messages.text("overview.cards_hint"), "small", 16)
        self._draw_gap()

    def _draw_chart(self, chart: object, height: float) -> None:
        """A chart across the whole sheet."""
        self.sheet.set_row(self.row, height)
        place_chart(self.sheet, chart, self.row, LEFT, 10, height)
        self.row += 1

    def _draw_files(self, files: FileList) -> None:
        self._draw_heading("files")
        self.draw_line(messages.texts("overview.files_head"), ["smallhead"] * len(FILE), FILE, 22)
        found = self.merged.collection.counts()
        first = self.row
        for status, n in found.items():
            row = self.row
            self.draw_line((status.words.zh, status.means.zh, n), (_tone(n, status.tone), "item", "sum"), FILE)
            formula = f"COUNTIF({files.statuses},{format_address(row, LEFT)})"
            if status in files.first:
                to = SheetCell(messages.text("sheet.files"), files.first[status], 1)
                self.pen.link(self.sheet, row, RIGHT, to, str(n), "sumlink")
            self.pen.formula(self.sheet, row, RIGHT, formula, "sumlink" if n else "sum", n)
        self.sheet.set_row(self.row, 22)
        self.pen.box(
            self.sheet, CellBox(self.row, LEFT, self.row, RIGHT - 1), messages.text("overview.all"), "smallhead"
        )
        formula = f"SUM({format_address(first, RIGHT)}:{format_address(self.row - 1, RIGHT)})"
        self.pen.formula(self.sheet, self.row, RIGHT, formula, "sum_total", sum(found.values()))
        self.row += 1
        self._draw_gap()

    def _draw_rules(self, problems: ProblemList) -> None:
        self._draw_heading("rules")
        lines = problems.broken()
        if not lines:
            self.draw_wide(messages.text("overview.no_problems"), "plain", 22)
            self._draw_gap()
            return
        self.draw_line(messages.texts("overview.rules_head"), ["smallhead"] * len(RULE), RULE, 22)
        first = self.row
        for line in lines:
            norm, row = get_rule_book()[line.rule], self.row
            level = template_messages.entry("checks")["levels"][norm.severity.value]
            row_values = (level, norm.zh.title, norm.zh.text, line.agencies, None)
            self.draw_line(row_values, (TONES[norm.severity], "item", "item", "sum", "sum"), RULE)
            to = SheetCell(messages.text("sheet.problems"), line.row or FIRST_LINE, 2)
            self.pen.jump(self.sheet, CellBox(row, RIGHT, row, RIGHT), to, line.findings, "sumlink")
        self._draw_gap(6)
        drawn = lines[:CHARTED]
        fills = [FILLS[get_rule_book()[line.rule].severity.value] for line in drawn]
        area = (first, first + len(drawn) - 1)
        chart = build_bar_chart(self.pen, self.sheet, messages.text("overview.rules_chart"), area, RIGHT, 2, fills)
        self._draw_chart(chart, min(70 + 22 * len(drawn), 400))
        self._draw_gap()

    def _draw_steps(self) -> None:
        self._draw_heading("steps_title")
        names = {key: messages.text(f"sheet.{key}") for key in ("details", "problems", "files", "places")}
        sheets = "、".join(section.sheet for section in self.merged.report.form.sheets)
        for n, step in enumerate(messages.texts("overview.steps"), 1):
            text = f"{n}. {step.format(sheets=sheets, **names)}"
            self.draw_wide(text, "wrapped", fit_row_height(text, sum(WIDTHS[LEFT:])))
        self._draw_gap()

    def _draw_contents(self, nodes: NodeSheets | None) -> None:
        self._draw_heading("contents_title")
        entries = [(section.sheet, section.label) for section in self.merged.report.form.sheets]
        if nodes:
            entries.append((messages.text("sheet.nodes"), messages.text("contents.nodes")))
            entries += [(sheet, messages.text("contents.node", name=name)) for sheet, name in nodes.sheets]
        keys = ["details", "problems", "attendance", "files", "differences", "provenance", "places"]
        if self.merged.attendance is None:
            keys.remove("attendance")
        entries += [(messages.text(f"sheet.{key}"), messages.text(f"contents.{key}")) for key in keys]
        for name, label in entries:
            self.sheet.set_row(self.row, 20)
            self.pen.link(self.sheet, self.row, LEFT, SheetCell(name, 0, 0), name, "plainlink")
            self.pen.box(self.sheet, CellBox(self.row, LEFT + 3, self.row, RIGHT), label, "plain")
            self.row += 1

    def _draw_turnout(self) -> None:
        """By level, who has reported and who has not, with a chart; nothing without a roster."""
        attendance = self.merged.attendance
        if attendance is None or not attendance.seats:
            return
        self._draw_heading("turnout")
        self.draw_line(messages.texts("overview.turnout_head"), ["smallhead"] * len(TURNOUT), TURNOUT, 22)
        first = self.row
        levels = attendance.turnout()
        for one in levels:
            self._draw_turnout_line(one.words.zh, one[1:])
        last = self.row - 1
        sums = [sum(column) for column in zip(*(one[1:] for one in levels), strict=True)]
        self._draw_turnout_line(messages.text("overview.all"), sums, (first, last))
        self._draw_gap(6)
        title = messages.text("overview.turnout_chart")
        chart = build_turnout_chart(self.pen, self.sheet, title, (first, last), range(5, 10), LEFT)
        self._draw_chart(chart, min(90 + 26 * len(levels), 400))
        self._draw_gap()

    def _draw_turnout_line(self, name: str, counts: Sequence[int], above: tuple[int, int] | None = None) -> None:
        """One level; the line of all of them adds those above."""
        row, total = self.row, above is not None
        look = "sum_total" if total else "sum"
        expected, submitted, *_ = counts
        styles = ("smallhead" if total else "item", *[look] * len(counts), "share_total" if total else "share")
        self.draw_line((name, *counts, None), styles, TURNOUT)
        if above:
            for (column, _), count in zip(TURNOUT[1:-1], counts, strict=True):
                area = f"{format_address(above[0], column)}:{format_address(above[1], column)}"
                self.pen.formula(self.sheet, row, column, f"SUM({area})", look, count)
        rate = f"{format_address(row, 5)}/{format_address(row, 4)}"
        self.pen.formula(self.sheet, row, RIGHT, rate, styles[-1], submitted / expected)

    def _draw_results(self, tables: FormTables) -> None:
        """The requests by result, as the form groups them: a table on the left, its chart on the right."""
        report = self.merged.report
        results = find_results(report.form)
        if results is None or not self.merged.agencies:
            return
        self._draw_heading("results")
        head = self.row
        high = self.draw_line(messages.texts("overview.results_head"), ["smallhead"] * len(RESULT), RESULT, 22)
        parts = iter(results.parts)
        found = group_results(report, results)
        total = sum(one.value for one in found)
        all_row = head + 1 + len(found)
        for one in found:
            rows = [next(parts) for _ in one.inside or (one,)]
            cells = [report.form.cell(results.table.cell(row.code, results.column.code)) for row in rows]
            row = self.row
            high += self.draw_line((one.label.zh, one.value, None), ("item", "sum", "share"), RESULT, 24)
            if all(map(tables.adds, cells)):
                formula = f"SUM({','.join(tables.places.references(cells))})"
                self.pen.formula(self.sheet, row, 4, formula, "sum", one.value)
            self._share_formula(row, all_row, float(one.value) / float(total) if total else 0, "share")
        area = f"SUM({format_address(head + 1, 4)}:{format_address(self.row - 1, 4)})"
        last = self.row - 1
        high += self.draw_line(
            (messages.text("overview.all"), total, None), ("smallhead", "sum_total", "share_total"), RESULT
        )
        self.pen.formula(self.sheet, all_row, 4, area, "sum_total", total)
        self._share_formula(all_row, all_row, 1 if total else 0, "share_total")
        title = f"{messages.text('overview.results')}（{results.table.title}）"
        chart = build_bar_chart(self.pen, self.sheet, title, (head + 1, last), 4, LEFT)
        place_chart(self.sheet, chart, head, 6, 5, high)
        self._draw_gap()

    def _share_formula(self, row: int, total: int, value: float, style: str) -> None:
        total_address = format_address(total, 4)
        self.pen.formula(
            self.sheet, row, 5, f"IF({total_address}=0,0,{format_address(row, 4)}/{total_address})", style, value
        )


def _tone(count: int, tone: str) -> str:
    return f"tone_{tone}" if count else "tone_none"


# charts ---------------------------------------------------------------------------------------------------------------


COLUMN_PIXELS = 88
"""How wide a column of the overview is."""
POINT = 4 / 3
"""Pixels in a point, of which rows are high."""
STATES = (GREEN, "#D46A5F", "#D9A441", "#A9B0BC", "#7F1D1D")
"""Submitted, returned, to be looked at, not known, missing."""
BLUE = "#3C6DB0"
FILLS = {"error": RED, "warning": AMBER, "notice": GREY}
_FONT = {"name": BODY_FONT, "size": 9, "color": INK}


def build_turnout_chart(
    pen: Pen, sheet: Worksheet, title: str, table: tuple[int, int], columns: Sequence[int], label: int
) -> Any:  # noqa: ANN401
    """A bar a level, by the state of its agencies; `table` are the first and last line, each column a state."""
    chart = _styled_bar_chart(pen, title, "stacked")
    first, last = table
    for color, column in zip(STATES, columns, strict=True):
        chart.add_series(
            {
                "name": [sheet.name, first - 1, column],
                "categories": [sheet.name, first, label, last, label],
                "values": [sheet.name, first, column, last, column],
                "fill": {"color": color},
                "gap": 60,
            }
        )
    chart.set_legend({"position": "bottom", "font": _FONT})
    return chart


def build_bar_chart(
    pen: Pen, sheet: Worksheet, title: str, table: tuple[int, int], column: int, label: int, fills: Sequence[str] = ()
) -> Any:  # noqa: ANN401
    """A bar a line of a table; `fills` colours them one by one."""
    chart = _styled_bar_chart(pen, title, "clustered")
    first, last = table
    chart.add_series(
        {
            "name": title,
            "categories": [sheet.name, first, label, last, label],
            "values": [sheet.name, first, column, last, column],
            "fill": {"color": BLUE},
            "points": [{"fill": {"color": fill}} for fill in fills] or None,
            "data_labels": {"value": True, "font": _FONT, "num_format": "#,##0"},
            "gap": 50,
        }
    )
    chart.set_legend({"none": True})
    return chart


def _styled_bar_chart(pen: Pen, title: str, subtype: str) -> Any:  # noqa: ANN401 -- XlsxWriter has no types
    kind: Mapping[str, str] = {"type": "bar", "subtype": subtype}
    chart = pen.chart({key: value for key, value in kind.items() if value != "clustered"})
    chart.set_title({"name": title, "name_font": {"name": HEAD_FONT, "size": 11, "color": INK, "bold": False}})
    chart.set_y_axis(
        {"reverse": True, "crossing": "max", "num_font": _FONT, "line": {"color": LINE}, "major_tick_mark": "none"}
    )
    grid = {"visible": True, "line": {"color": "#E3E7EE", "width": 0.5}}
    look = {"num_font": _FONT, "num_format": "#,##0", "major_gridlines": grid, "line": {"none": True}}
    chart.set_x_axis({**look, "label_position": "low", "min": 0, "major_tick_mark": "none"})
    chart.set_chartarea({"border": {"color": LINE}})
    return chart


def place_chart(sheet: Worksheet, chart: Any, row: int, column: int, columns: int, points: float) -> None:  # noqa: ANN401
    """Put a chart on the sheet, so many columns wide and points high."""
    chart.set_size({"width": columns * COLUMN_PIXELS - 6, "height": int(points * POINT) - 6})
    sheet.insert_chart(row, column, chart, {"x_offset": 3, "y_offset": 3, "object_position": 1})
