"""Writes the sheet 差异与异常: between years, agencies, a government and those below it, files of one agency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

from workbook.excel.template.pen import Pen
from workbook.excel.template_layout import SheetCell
from workbook.merging.file_status import FileEntry, FileStatus
from workbook.merging.hierarchy.own_report_comparison import ComparisonGap
from workbook.merging.prior_year.year_comparison import CellChange
from workbook.merging.totals import MergeResult
from workbook.model.cell_address import format_address
from workbook.model.numbers import CellValue, to_cell_unit
from workbook.model.rule_catalog import format_advice, format_message, get_rule_title
from workbook.safety.messages import load_messages
from workbook.summary.data.report_table import format_label
from workbook.summary.excel.agency_details import AgencyDetails
from workbook.summary.excel.file_lists import locate_file
from workbook.summary.excel.list_sheet import (
    BoxSheet,
    count_decimals,
    estimate_height,
    figure_style,
    in_cell_unit,
    round_sum,
)

messages = load_messages("workbook.summary.excel")

WIDTHS = (40, 8, 15, 15, 15, 15, 15, 11, 9, 9)
RIGHT = len(WIDTHS) - 1
CHANGE = tuple((n, n) for n in range(9))
NOTICE = ((0, 0), (1, 2), (3, 5), (6, 8), (9, 9))
GAP = ((0, 0), (1, 3), (4, 4), (5, 5), (6, 6), (7, 9))
FILE = ((0, 1), (2, 2), (3, 4), (5, 8), (9, 9))
"""First and last column of each box of a line."""
MOST = 300
"""So many lines a part has; how many more there are is written below."""
SEVERAL = (FileStatus.CONFLICT, FileStatus.SUPERSEDED, FileStatus.DUPLICATE)

Boxes = tuple[tuple[int, int], ...]


class _Line(NamedTuple):
    """One line: what it says, how it looks, and where its last cell leads."""

    values: tuple[CellValue, ...]
    styles: tuple[str, ...]
    to: SheetCell | None = None


class DifferencesSheet(BoxSheet):
    """The sheet, drawn from top to bottom."""

    def __init__(self, pen: Pen, merged: MergeResult, details: AgencyDetails) -> None:
        super().__init__(pen, messages.text("sheet.differences"), WIDTHS, estimate_height)
        self.merged = merged
        self.details = details

    def draw(self) -> None:
        """Draw the sheet."""
        self.draw_wide(messages.text("sheet.differences"), "title", 34)
        self.draw_wide(messages.text("differences.hint"), "hint", 24)
        self._draw_changes()
        notices = self.merged.notices
        self._draw_part("notices", NOTICE, self._list_notices())
        if notices.left_out:
            self.draw_wide(messages.text("differences.left_out", n=notices.left_out), "hint", 20)
        if self.merged.nodes:
            self._draw_part("gaps", GAP, self._list_gaps())
        self._draw_part("files", FILE, map(self._make_file_line, self.merged.collection.entries.with_status(SEVERAL)))
        self.sheet.set_landscape()
        self.sheet.freeze_panes(2, 1)
        self.set_up_print()

    def _draw_part(self, name: str, boxes: Boxes, lines: Iterable[_Line]) -> None:
        """A heading and its lines; without any, a sentence that says so."""
        self.row += 1
        self.draw_wide(messages.text(f"differences.{name}"), "heading", 24)
        lines = iter(lines)
        first = next(lines, None)
        if first is None:
            self.draw_wide(messages.text(f"differences.no_{name}"), "plain", 22)
            return
        heads = messages.texts(f"differences.{name}_head")
        self._draw(_Line(tuple(heads), ("smallhead",) * len(heads)), boxes)
        for line in chain((first,), islice(lines, MOST - 1)):
            self._draw(line, boxes)
        if more := sum(1 for _ in lines):
            self.draw_wide(messages.text("differences.more", n=MOST + more, shown=MOST), "hint", 20)

    def _draw(self, line: _Line, boxes: Boxes) -> None:
        row = self.row
        self.draw_line(line.values, line.styles, boxes)
        if line.to:
            self.pen.link(self.sheet, row, RIGHT, line.to, str(line.values[-1]))

    def _draw_changes(self) -> None:
        """The two years: difference and ratio as formulas over the same agencies."""
        first = self.row + 3
        self._draw_part("changes", CHANGE, map(_make_change_line, self.merged.changes))
        for row, change in enumerate(self.merged.changes[:MOST], first):
            now, then = (in_cell_unit(part.sum, change.cell) for part in (change.now, change.then))
            places = count_decimals([now, then])
            if change.difference is None or places is None:
                continue
            here, there = format_address(row, 4), format_address(row, 5)
            difference = in_cell_unit(change.difference, change.cell)
            look = figure_style("sum", change.cell, change.difference)
            self.pen.formula(self.sheet, row, 6, round_sum(f"{here}-{there}", places), look, difference)
            if change.then.sum > 0:
                self.pen.formula(self.sheet, row, 7, f"{here}/{there}", "ratio", _divide(change))

    def _list_notices(self) -> Iterator[_Line]:
        entries = self.merged.collection.entries
        for number, findings in self.merged.notices.findings.items():
            entry = entries[number - 1]
            for found in findings:
                name = entry.agency.name or entry.place
                values = (
                    name,
                    get_rule_title(found),
                    format_message(found),
                    format_advice(found),
                    messages.text("differences.look"),
                )
                yield _Line(values, ("item", "item", "item", "item", "link"), self._find_spot(entry))

    def _list_gaps(self) -> Iterator[_Line]:
        for node in self.merged.nodes:
            for gap in node.against:
                yield _make_gap_line(node.agency.name, gap)

    def _make_file_line(self, one: FileEntry) -> _Line:
        values = (one.place, one.status.words.zh, one.agency.name, one.reason.zh, messages.text("differences.look"))
        look = ("item", f"tone_{one.status.tone}", "item", "item", "link")
        return _Line(values, look, locate_file(one))

    def _find_spot(self, one: FileEntry) -> SheetCell:
        return self.details.agency(one) or locate_file(one)


def _make_gap_line(agency: str, gap: ComparisonGap) -> _Line:
    why = messages.text("differences.certain" if gap.certain else "differences.open")
    if gap.over:
        why = messages.text("differences.over", name=gap.over, most=f"{to_cell_unit(gap.most, gap.cell.unit):,f}")
    cell = gap.cell
    figures = [in_cell_unit(number, cell) for number in (gap.own, gap.below, gap.difference)]
    looks = [figure_style(kind, cell, 0) for kind in ("sum", "sum", "sum_bad" if gap.certain else "sum_wait")]
    return _Line((agency, format_label(cell).zh, *figures, why), ("item", "item", *looks, "item"))


def _make_change_line(one: CellChange) -> _Line:
    cell = one.cell
    ratio = None if one.ratio is None else float(one.ratio)
    parts = (one.this_year, one.last_year, one.now, one.then)
    figures = [in_cell_unit(part.sum, cell) if part.agencies else None for part in parts]
    difference = None if one.difference is None else in_cell_unit(one.difference, cell)
    look = figure_style("sum", cell, 0)
    values = (format_label(cell).zh, cell.unit.label, *figures, difference, ratio, one.now.agencies)
    return _Line(values, ("item", "date", *[look] * 5, "ratio", "sum"))


def _divide(change: CellChange) -> float:
    """The ratio as a spreadsheet divides the two figures."""
    now, then = (float(to_cell_unit(part.sum, change.cell.unit)) for part in (change.now, change.then))
    return now / then
