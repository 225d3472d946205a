"""A report in another form than the one merged: carried over where the law's rows map, else said what has no place."""

from __future__ import annotations

from typing import NamedTuple

from workbook.form import Form
from workbook.migrate import Fate, Move, migrate
from workbook.numbers import Value
from workbook.report import Report


class Mapped(NamedTuple):
    """The report in the form merged, and the figures that have no place there."""

    report: Report
    lost: tuple[Move, ...]


def mapped(report: Report, form: Form) -> Mapped:
    """The report in `form`.

    A row that became several (`otherwise` → `otherwise.*`) cannot be split, unless its figure is 0: then so are they,
    for no count is negative. Any other figure without a place is lost.
    """
    if report.form.fingerprint == form.fingerprint:
        return Mapped(report, ())
    carried, moves = migrate(report, form)
    dropped = [move for move in moves if move.fate is Fate.DROPPED and move.value is not None]
    zero: dict[str, Value] = {}
    for move in dropped:
        if move.value == 0:
            zero |= {code: 0 for code in _became(move, form) if carried.values[form.index[code]] is None}
    lost = tuple(move for move in dropped if move.value != 0)
    return Mapped(carried.with_values(zero) if zero else carried, lost)


def _became(move: Move, form: Form) -> list[str]:
    """The cells of the form that the old cell's row was split into."""
    cell = move.old
    under = f"{cell.row.code}."
    return [
        new.code
        for new in form.cells
        if new.table.code == cell.table.code
        and new.column.code == cell.column.code
        and new.row.code.startswith(under)
        and not new.signed
    ]
