"""Sums that hang on one agency: what would be left of a cell without it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbook.check import plain
from workbook.finding import Finding
from workbook.form import Cell, Form
from workbook.numbers import Number, amount
from workbook.report import fingerprint
from workbook.rulebook import finding, phrase
from workbook.safety.messages import NO_TEXT

SHARE = 0.8
"""An agency is named from this part of a sum on."""
LEAST_AGENCIES = 8
"""So many agencies must have given a figure."""
LEAST_ABOVE_ZERO = 3
"""So many must have one above 0: what only one or two ever report hangs on them by its nature."""
LEAST_SUM = 100
"""The sum must be at least this, in the cell's own unit (件, 万元)."""


class Hanging(NamedTuple):
    """A cell whose sum is mostly one agency's figure (base units)."""

    number: int
    cell: Cell
    value: Number
    sum: Number
    agencies: int

    @property
    def rule(self) -> str:
        """What it is named for."""
        return "one-agency"

    @property
    def score(self) -> float:
        """The agency's part of the sum, from 0 to 1."""
        return float(amount(self.value, self.cell.unit) / amount(self.sum, self.cell.unit))


class Shares:
    """The sum of every cell and its largest figure; rows are taken one by one."""

    def __init__(self, form: Form) -> None:
        self.cells = form.cells
        none: list[Number] = [0] * len(form.cells)
        self._sums, self._largest, self._whose = list(none), list(none), [0] * len(none)
        self._counts, self._above, self._negative = [0] * len(none), [0] * len(none), [False] * len(none)

    def take(self, number: int, values: Sequence[Number | None]) -> None:
        """Take the figures of one row, in form order."""
        for place, value in enumerate(values):
            if value is None:
                continue
            self._counts[place] += 1
            if not value:
                continue
            self._sums[place] += value
            if value < 0:
                self._negative[place] = True
                continue
            self._above[place] += 1
            largest = self._largest[place]
            if value > largest or (value == largest and number < self._whose[place]):
                self._largest[place], self._whose[place] = value, number

    def hanging(self) -> Iterator[Hanging]:
        """The cells whose sum hangs on one agency, in form order. Where a figure is below 0, parts mean nothing."""
        for place, cell in enumerate(self.cells):
            total = self._sums[place]
            many = self._counts[place] >= LEAST_AGENCIES and self._above[place] >= LEAST_ABOVE_ZERO
            if not many or self._negative[place] or total < LEAST_SUM * cell.unit.scale:
                continue
            one = Hanging(self._whose[place], cell, self._largest[place], total, self._counts[place])
            if one.score >= SHARE:
                yield one


def said(of_one_table: Sequence[Hanging]) -> Finding:
    """What is said of an agency's parts of the sums of one table: the largest in figures, the others counted."""
    first = of_one_table[0]
    unit = first.cell.unit
    return finding(
        first.rule,
        cells=tuple(one.cell.code for one in of_one_table),
        actual=plain(amount(first.value, unit)),
        figures=fingerprint("|".join(f"{one.cell.code}={one.value}" for one in of_one_table)),
        place=first.cell.words,
        unit=unit.label,
        total=plain(amount(first.sum, unit)),
        rest=plain(amount(first.sum - first.value, unit)),
        share=f"{100 * first.score:.0f}",
        count=first.agencies,
        more=phrase("more-cells", count=len(of_one_table) - 1) if len(of_one_table) > 1 else NO_TEXT,
    )
