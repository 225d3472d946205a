"""Adds up reports of one form as they come: figures cell by cell, exactly; no report is held in memory."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import localcontext

from workbook.model.form import Form
from workbook.model.identity import Identity
from workbook.model.numbers import EXACT, Number, Value
from workbook.model.report import Report
from workbook.rules.evaluation import to_int_if_integer


class RunningTotal:
    """A running sum of reports of one form (base units); blank where no report has a number.

    `reports` is how many were added, `blanks`, cell by cell, in how many of them no number is given; `agencies` how
    many agencies are summed: a sum that was handed in counts for all of its own.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.totals: list[Number] = [0] * len(form.cells)
        self.blanks = [0] * len(form.cells)
        self.agencies = 0
        self.reports = 0

    def add(self, values: Sequence[Value], merged: int = 1) -> None:
        """Add the figures of one report, in form order; it is the sum of `merged` agencies."""
        self.agencies += merged
        self.reports += 1
        with localcontext(EXACT):
            try:
                self.totals = [a + b for a, b in zip(self.totals, values, strict=True)]  # type: ignore[operator]
            except TypeError:  # a blank or words: no number is added there
                for n, value in enumerate(values):
                    if value is None or isinstance(value, str):
                        self.blanks[n] += 1
                    else:
                        self.totals[n] += value

    def add_total(self, other: RunningTotal) -> None:
        """Add all that another running sum holds."""
        self.agencies += other.agencies
        self.reports += other.reports
        self.blanks = [a + b for a, b in zip(self.blanks, other.blanks, strict=True)]
        with localcontext(EXACT):
            self.totals = [a + b for a, b in zip(self.totals, other.totals, strict=True)]

    def values(self) -> tuple[Value, ...]:
        """The sums; None where every report was blank."""
        return tuple(
            None if blank == self.reports else to_int_if_integer(total)
            for total, blank in zip(self.totals, self.blanks, strict=True)
        )

    def report(self, year: int | None, agency: Identity) -> Report:
        """The sum as a report of that year and agency."""
        return Report(self.form, year, agency, self.values(), merged=self.agencies)
