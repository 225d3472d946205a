"""What changed since last year: cell by cell over all agencies, and the biggest changes of one agency.

An agency's changes are ranked by the difference of the square roots. Counts of events vary by about the root of their
size, so the roots of all counts vary by about the same (Anscombe 1948): 0 → 25 and 400 → 625 are equally telling,
400 → 425 is much less so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from workbook.merging.collected_reports import Before, FigureColumns, Rows, to_cell_unit_number
from workbook.model.form import Cell, Form
from workbook.model.numbers import Number
from workbook.model.report import Report


class YearSum(NamedTuple):
    """A sum in base units (件, 分) and how many agencies gave a figure; with 0 agencies the sum says nothing."""

    sum: Number = 0
    agencies: int = 0


class CellChange(NamedTuple):
    """One cell in two years.

    `now` and `then` are the sums over the same agencies: those with a figure in both years. `new` is what agencies
    with a figure in this year alone add to this year's sum, `gone` what those with one in last year alone had added.
    """

    cell: Cell
    now: YearSum
    then: YearSum
    new: YearSum
    gone: YearSum

    @property
    def difference(self) -> Number | None:
        """What this year's sum has more than last year's, over the same agencies; None if there are none."""
        return self.now.sum - self.then.sum if self.now.agencies else None

    @property
    def ratio(self) -> Decimal | None:
        """The sum over that of last year, same agencies; None where that is not above 0."""
        return Decimal(self.now.sum) / Decimal(self.then.sum) if self.then.sum > 0 else None

    @property
    def this_year(self) -> YearSum:
        """The whole sum of this year, as the merge gives it."""
        return YearSum(self.now.sum + self.new.sum, self.now.agencies + self.new.agencies)

    @property
    def last_year(self) -> YearSum:
        """The whole sum of last year, as far as its reports were given."""
        return YearSum(self.then.sum + self.gone.sum, self.then.agencies + self.gone.agencies)


class AgencyChange(NamedTuple):
    """One agency's figure in two years, in base units, and how telling the change is (see above)."""

    cell: Cell
    now: Number
    then: Number
    strength: float


def list_changes(form: Form, rows: Rows, before: Before, past: Rows | None = None) -> tuple[CellChange, ...]:
    """Every cell of the form in both years, in form order.

    `past` are all rows of last year; agencies of which there is no row now are counted from it among `gone`. Without
    it, only agencies that left a single cell blank are.
    """
    figures = FigureColumns(form)
    sums: list[list[Number]] = [[0, 0, 0, 0] for _ in form.cells]  # now, then, new, gone
    counts = [[0, 0, 0] for _ in form.cells]  # both years, this year alone, last year alone
    met: set[str] = set()
    for row in rows():
        met.add(row.key)
        previous = before(row.key)
        _count(sums, counts, figures.of(row.report), figures.of(previous) if previous else None)
    for row in past() if past else ():
        if row.key not in met:
            _count(sums, counts, None, figures.of(row.report))
    return tuple(
        CellChange(cell, YearSum(now, both), YearSum(then, both), YearSum(new, here), YearSum(gone, there))
        for cell, (now, then, new, gone), (both, here, there) in zip(form.cells, sums, counts, strict=True)
    )


def _count(
    sums: list[list[Number]],
    counts: list[list[int]],
    now: Sequence[Number | None] | None,
    then: Sequence[Number | None] | None,
) -> None:
    """Add one agency: its figures of this year, of last year, or both."""
    blank = (None,) * len(sums)
    for value, old, added, counted in zip(now or blank, then or blank, sums, counts, strict=True):
        if value is None:
            if old is not None:
                added[3] += old
                counted[2] += 1
        elif old is None:
            added[2] += value
            counted[1] += 1
        else:
            added[0] += value
            added[1] += old
            counted[0] += 1


def list_biggest_changes(report: Report, previous: Report, most: int = 5) -> tuple[AgencyChange, ...]:
    """The cells that changed most against last year, the strongest first, totals before equally strong parts."""
    figures = FigureColumns(report.form)
    moves = [
        AgencyChange(cell, now, then, abs(_root(now, cell) - _root(then, cell)))
        for cell, now, then in zip(report.form.cells, figures.of(report), figures.of(previous), strict=True)
        if now is not None and then is not None and now != then
    ]
    return tuple(sorted(moves, key=lambda move: (-move.strength, not move.cell.total, move.cell.index))[:most])


def _root(number: Number, cell: Cell) -> float:
    value = to_cell_unit_number(number, cell)
    return math.copysign(math.sqrt(abs(value)), value)
