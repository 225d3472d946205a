"""The parts of the overview that are drawn: who has reported, and the requests by result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbook.grid import a1
from workbook.merging.page.form_figures import find_results, group_results
from workbook.merging.summary import charts
from workbook.merging.summary.tables import Tables

if TYPE_CHECKING:
    from workbook.merging.summary.overview import Overview
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging.summary")

LEFT, RIGHT = 1, 10
"""First and last column of the overview: ten equal columns."""
TURNOUT = ((1, 3), *((column, column) for column in range(4, 11)))
RESULT = ((1, 3), (4, 4), (5, 5))
"""First and last column of each box in a line."""


def draw_turnout(page: Overview) -> None:
    """By level, who has reported and who has not, with a chart; nothing without a roster."""
    attendance = page.merged.attendance
    if attendance is None or not attendance.seats:
        return
    page.heading("turnout")
    page.line(messages.texts("overview.turnout_head"), ["smallhead"] * len(TURNOUT), TURNOUT, 22)
    first = page.row
    levels = attendance.turnout()
    for one in levels:
        _level(page, one.words.zh, one[1:])
    last = page.row - 1
    sums = [sum(column) for column in zip(*(one[1:] for one in levels), strict=True)]
    _level(page, messages.text("overview.all"), sums, (first, last))
    page.gap(6)
    title = messages.text("overview.turnout_chart")
    chart = charts.turnout(page.pen, page.sheet, title, (first, last), range(5, 10), LEFT)
    page.chart(chart, min(90 + 26 * len(levels), 400))
    page.gap()


def _level(page: Overview, name: str, counts: Sequence[int], above: tuple[int, int] | None = None) -> None:
    """One level; the line of all of them adds those above."""
    row, total = page.row, above is not None
    look = "sum_total" if total else "sum"
    expected, submitted, *_ = counts
    styles = ("smallhead" if total else "item", *[look] * len(counts), "share_total" if total else "share")
    page.line((name, *counts, None), styles, TURNOUT)
    if above:
        for (column, _), count in zip(TURNOUT[1:-1], counts, strict=True):
            area = f"{a1(above[0], column)}:{a1(above[1], column)}"
            page.pen.formula(page.sheet, row, column, f"SUM({area})", look, count)
    rate = f"{a1(row, 5)}/{a1(row, 4)}"
    page.pen.formula(page.sheet, row, RIGHT, rate, styles[-1], submitted / expected)


def draw_results(page: Overview, tables: Tables) -> None:
    """The requests by result, as the form groups them: a table on the left, its chart on the right."""
    report = page.merged.report
    results = find_results(report.form)
    if results is None or not page.merged.agencies:
        return
    page.heading("results")
    head = page.row
    high = page.line(messages.texts("overview.results_head"), ["smallhead"] * len(RESULT), RESULT, 22)
    parts = iter(results.parts)
    found = group_results(report, results)
    total = sum(one.value for one in found)
    all_row = head + 1 + len(found)
    for one in found:
        rows = [next(parts) for _ in one.inside or (one,)]
        cells = [report.form.cell(results.table.cell(row.code, results.column.code)) for row in rows]
        row = page.row
        high += page.line((one.label.zh, one.value, None), ("item", "sum", "share"), RESULT, 24)
        if all(map(tables.adds, cells)):
            page.pen.formula(page.sheet, row, 4, f"SUM({','.join(tables.places.references(cells))})", "sum", one.value)
        _share(page, row, all_row, float(one.value) / float(total) if total else 0, "share")
    area = f"SUM({a1(head + 1, 4)}:{a1(page.row - 1, 4)})"
    last = page.row - 1
    high += page.line((messages.text("overview.all"), total, None), ("smallhead", "sum_total", "share_total"), RESULT)
    page.pen.formula(page.sheet, all_row, 4, area, "sum_total", total)
    _share(page, all_row, all_row, 1 if total else 0, "share_total")
    title = f"{messages.text('overview.results')}（{results.table.title}）"
    chart = charts.bars(page.pen, page.sheet, title, (head + 1, last), 4, LEFT)
    charts.place(page.sheet, chart, head, 6, 5, high)
    page.gap()


def _share(page: Overview, row: int, total: int, value: float, style: str) -> None:
    whole = a1(total, 4)
    page.pen.formula(page.sheet, row, 5, f"IF({whole}=0,0,{a1(row, 4)}/{whole})", style, value)
