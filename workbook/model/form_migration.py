"""Converts a report into another version of the form, and records which figures were carried, summed or dropped.

Codes keep their meaning across versions, so a cell goes to the one of the same code. A line that became several
(`otherwise` → `otherwise.*`) cannot be split; several that became one are summed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from workbook.model.finding import Source
from workbook.model.form import Cell, Form
from workbook.model.numbers import Value
from workbook.model.report import Report


class FigureFate(StrEnum):
    """What became of a figure in the other form."""

    CARRIED = "carried"
    SUMMED = "summed"
    DROPPED = "dropped"


class FigureMove(NamedTuple):
    """One figure: its cell in the old form, its cell in the new (None: dropped), and its value."""

    fate: FigureFate
    old: Cell
    new: Cell | None
    value: Value


class ConvertedForm(NamedTuple):
    """The report in the other form, and one move per cell of the old form, in the order of its cells."""

    report: Report
    moves: tuple[FigureMove, ...]


def convert_report(report: Report, form: Form) -> ConvertedForm:
    """Convert a report into `form`: identity and texts stay as they are, figures go to the cell of the same code."""
    if report.form == form:
        same = tuple(FigureMove(FigureFate.CARRIED, cell, cell, report.values[cell.index]) for cell in form.cells)
        return ConvertedForm(report, same)
    moves = tuple(_move(cell, report, form) for cell in report.form.cells)
    values: list[Value] = [None] * len(form.cells)
    sources: dict[str, Source] = {}
    for move in moves:
        if move.new is None or move.value is None:
            continue
        values[move.new.index] = _add_figures(values[move.new.index], move.value)
        sources.setdefault(move.new.code, report.source(move.old.code))
    moved = replace(
        report, form=form, values=tuple(values), sources=MappingProxyType(sources), previous=None, file_findings=()
    )
    return ConvertedForm(moved, moves)


def fit_report_to_form(report: Report, form: Form) -> Report:
    """Convert a report into `form`, without the moves; a report that is in it already is returned as it is."""
    return report if report.form == form else convert_report(report, form).report


def _add_figures(have: Value, value: Value) -> Value:
    """Add up two figures that fall into one cell; words stay only where there is no number."""
    if have is None or value is None or isinstance(have, str):
        return have if value is None or (isinstance(have, str) and isinstance(value, str)) else value
    return have if isinstance(value, str) else have + value


def _move(cell: Cell, report: Report, form: Form) -> FigureMove:
    value = report.values[cell.index]
    new = _find_cell(cell, form)
    if new is None or new.unit.scale != cell.unit.scale:
        return FigureMove(FigureFate.DROPPED, cell, None, value)
    same = new.code == cell.code
    return FigureMove(FigureFate.CARRIED if same else FigureFate.SUMMED, cell, new, value)


def _find_cell(cell: Cell, form: Form) -> Cell | None:
    if cell.code in form.index:
        return form.cell(cell.code)
    row = cell.row.code
    while "." in row:
        row = row.rpartition(".")[0]
        code = cell.table.cell(row, cell.column.code)
        if code in form.index:
            return form.cell(code)
    return None


def summarize_moves(moves: tuple[FigureMove, ...]) -> Mapping[FigureFate, tuple[FigureMove, ...]]:
    """Group the moves by what became of the figure; blanks are left out."""
    return {fate: tuple(m for m in moves if m.fate is fate and m.value is not None) for fate in FigureFate}
