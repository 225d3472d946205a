"""Which rules of a form a report may break. The others hold for certain, so that only a few need judging.

Nothing is decided here: what is let through is judged rule by rule (`check.judge`), and what is held back would have
been found to hold, or could not have been judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

from workbook.equations import matrix
from workbook.form import Form
from workbook.numbers import Value
from workbook.report import Report
from workbook.rules import Equation, IdenticalTest, MoneyScaleTest, Rule, Tally, rules_of, scale_tests


def ordered(form: Form, *, yearly: bool) -> tuple[Rule | MoneyScaleTest, ...]:
    """The rules over figures in the order they are judged and said; `yearly` with last year's report at hand."""
    rules: list[Rule | MoneyScaleTest] = list(rules_of(form))
    if yearly:
        order = {table.code: n for n, table in enumerate(form.tables)}
        rules = sorted([*rules, *scale_tests(form)], key=lambda rule: order[rule.table.code])
    return tuple(rules)


def doubtful(report: Report, previous: Report | None = None) -> list[Rule | MoneyScaleTest]:
    """The rules to be judged, in order: all that the report breaks, and now and then one more.

    `previous` is last year's report in the same form; without it the rules between years are left out.
    """
    before = None if previous is None else previous.values
    return _screen(report.form, yearly=before is not None).doubtful(report.values, before)


def _screen(form: Form, *, yearly: bool) -> _Screen:
    key = (form.fingerprint, yearly)
    if key not in _KNOWN:
        _KNOWN[key] = _Screen(form, ordered(form, yearly=yearly))
    return _KNOWN[key]


_KNOWN: dict[tuple[str, bool], _Screen] = {}
"""Screens by their form's fingerprint: made once per form and process."""


@dataclass(frozen=True)
class _Screen:
    """The rules of a form by what can clear them. All numbers are places in `rules`."""

    form: Form
    rules: tuple[Rule | MoneyScaleTest, ...]

    def doubtful(self, values: Sequence[Value], previous: Sequence[Value] | None) -> list[Rule | MoneyScaleTest]:
        chosen = [*self._always, *(self._equations[n] for n in matrix(self.form).broken(values, previous))]
        if {*map(type, values)} != {int} or min(self._counts(values)) < 0:
            odd = [cell for cell, value in zip(self.form.cells, values, strict=True) if _odd(value, cell.signed)]
            for table in {cell.table.code for cell in odd}:
                chosen += self._tallies[table]
        if previous is not None:
            for n, table_cells in self._identical:
                if values[table_cells] == previous[table_cells] and any(values[table_cells]):
                    chosen.append(n)
        return [self.rules[n] for n in sorted(chosen)]

    @cached_property
    def _always(self) -> list[int]:
        """Tests of a cell or two: judging them is as cheap as clearing them."""
        return [n for n, rule in enumerate(self.rules) if not isinstance(rule, Equation | Tally | IdenticalTest)]

    @cached_property
    def _equations(self) -> list[int]:
        return [n for n, rule in enumerate(self.rules) if isinstance(rule, Equation)]

    @cached_property
    def _tallies(self) -> dict[str, list[int]]:
        """The tallies of each table."""
        places: dict[str, list[int]] = {}
        for n, rule in enumerate(self.rules):
            if isinstance(rule, Tally):
                places.setdefault(rule.table.code, []).append(n)
        return places

    @cached_property
    def _counts(self) -> itemgetter[tuple[int, ...]]:
        """The figures that may not be negative."""
        places = [cell.index for cell in self.form.cells if not cell.signed] or [0]
        return itemgetter(*places, places[0])

    @cached_property
    def _identical(self) -> list[tuple[int, slice]]:
        """Each table that must differ from last year's, and where its cells stand: they are side by side."""
        tests = [(n, rule.cells) for n, rule in enumerate(self.rules) if isinstance(rule, IdenticalTest)]
        return [(n, slice(cells[0].index, cells[-1].index + 1)) for n, cells in tests]


def _odd(value: Value, signed: bool) -> bool:
    return type(value) is not int or (value < 0 and not signed)
