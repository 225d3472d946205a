"""Figures of many reports added up as they come: plain lists in form order, no report kept."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from decimal import Decimal, localcontext
from typing import Final

from workbook.check import plain
from workbook.merging.levels.against import Below
from workbook.numbers import EXACT, Number, Value

_NUMBERS: Final = frozenset({int, Decimal})


class Running:
    """The running sums of the agencies right below one (base units).

    `reports` are those counted in them, `blanks`, cell by cell, how many of these hold no number there; `most` and
    `whose` are the largest figure of a single agency right below, and its name.
    """

    def __init__(self, width: int) -> None:
        self.sums: list[Number] = [0] * width
        self.blanks: list[int] = [0] * width
        self.most: list[Number] = [0] * width
        self.whose: list[str] = [""] * width
        self.reports = 0
        self.merged = 0

    def add(self, name: str, values: Sequence[Value], merged: int) -> None:
        """Add one report."""
        numbers = [0 if isinstance(value, str) or value is None else value for value in values]
        if not set(map(type, values)) <= _NUMBERS:
            for i, value in enumerate(values):
                self.blanks[i] += value is None or isinstance(value, str)
        self._plus(name, numbers)
        self.reports += 1
        self.merged += merged

    def add_sum(self, name: str, below: Running) -> None:
        """Add what an agency right below comes to that has others below it."""
        self._plus(name, below.sums)
        self.blanks = list(map(operator.add, self.blanks, below.blanks))
        self.reports += below.reports
        self.merged += below.merged

    def _plus(self, name: str, numbers: Sequence[Number]) -> None:
        with localcontext(EXACT):
            self.sums = list(map(operator.add, self.sums, numbers))
        for i, (most, number) in enumerate(zip(self.most, numbers, strict=True)):
            if number > most:
                self.most[i], self.whose[i] = number, name

    @property
    def values(self) -> tuple[Value, ...]:
        """The sums; None where no report has a number."""
        both = zip(self.sums, self.blanks, strict=True)
        return tuple(None if blank == self.reports else plain(number) for number, blank in both)

    def below(self, missing: int) -> Below:
        """The same, to compare an own report with while `missing` reports are still to come."""
        return Below(self.values, tuple(self.blanks), tuple(self.most), tuple(self.whose), missing)
