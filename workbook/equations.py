"""A form's equations as one sparse matrix of whole numbers: which of them a report breaks, told in microseconds.

A row is an equation, a column a cell: this year's figures in form order, then last year's. Most cells are in no
equation and most equations hold, so only the cells named are added up, and only what does not hold is judged and said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from workbook.form import Form
from workbook.numbers import Value
from workbook.rules import Equation, equations_of

_NOTHING = -1
"""The last place of a vector holds 0: itemgetter needs two places to give a tuple, and a side may name none or one."""

_Side = Callable[[Sequence[Any]], tuple[int, ...]]


class Row(NamedTuple):
    """One equation: the sum of coefficient × figure is 0, or for `<=` not above 0.

    `entries` are (column, coefficient), the left side counted positive.
    """

    entries: tuple[tuple[int, int], ...]
    op: Literal["=", "<="]

    def side(self, sign: int) -> _Side:
        """What picks the figures of one sign out of a vector, each as often as its coefficient says."""
        places = [column for column, coefficient in self.entries for _ in range(coefficient * sign)]
        return itemgetter(*places, *[_NOTHING] * (2 - len(places)))


@dataclass(frozen=True)
class Matrix:
    """The equations of a form. `width` is the number of its cells: the column of a cell last year is `width` higher."""

    width: int
    rows: tuple[Row, ...]

    def broken(self, values: Sequence[Value], previous: Sequence[Value] | None = None) -> list[int]:
        """The rows that do not hold, ascending; without last year's figures those between years are left out.

        A figure that is no whole number (blank, words, 1.5 件) cannot be added here: every row it stands in is given
        too, to be judged by itself.
        """
        flat = [*values] if previous is None else [*values, *previous]
        odd = [place for place, value in enumerate(flat) if type(value) is not int] if _mixed(flat) else []
        for place in odd:
            flat[place] = 0
        flat.append(0)
        equal, at_most = self._of_both_years if previous is not None else self._of_one_year
        found = [n for n, plus, minus in equal if sum(plus(flat)) != sum(minus(flat))]
        found += [n for n, plus, minus in at_most if sum(plus(flat)) > sum(minus(flat))]
        last = len(flat) - 1
        unsure = {n for place in odd for n in self._standing.get(place, ()) if self._reach[n] < last}
        return sorted({*found, *unsure})

    @cached_property
    def _reach(self) -> list[int]:
        """The last column of each row: at or past the width, the row is between years."""
        return [max(column for column, _ in row.entries) for row in self.rows]

    @cached_property
    def _standing(self) -> dict[int, list[int]]:
        """The rows each column stands in."""
        standing: dict[int, list[int]] = {}
        for n, row in enumerate(self.rows):
            for column, _ in row.entries:
                standing.setdefault(column, []).append(n)
        return standing

    @cached_property
    def _of_both_years(self) -> tuple[list[tuple[int, _Side, _Side]], ...]:
        return self._compiled(range(len(self.rows)))

    @cached_property
    def _of_one_year(self) -> tuple[list[tuple[int, _Side, _Side]], ...]:
        return self._compiled(n for n, reach in enumerate(self._reach) if reach < self.width)

    def _compiled(self, chosen: Iterable[int]) -> tuple[list[tuple[int, _Side, _Side]], ...]:
        sides = [(n, self.rows[n].side(1), self.rows[n].side(-1)) for n in chosen]
        return tuple([some for some in sides if self.rows[some[0]].op == op] for op in ("=", "<="))


def _mixed(values: Sequence[Value]) -> bool:
    return {*map(type, values)} != {int}


def matrix(form: Form) -> Matrix:
    """The equations of a form, one row each in the order of `equations_of`; made once per form and process."""
    known = _KNOWN.get(form.fingerprint)
    if known is None:
        width = len(form.cells)
        known = _KNOWN[form.fingerprint] = Matrix(width, tuple(_row(rule, width) for rule in equations_of(form)))
    return known


_KNOWN: dict[str, Matrix] = {}
"""Matrices by their form's fingerprint."""


def _row(rule: Equation, width: int) -> Row:
    entries: dict[int, int] = {}
    for side, terms in ((1, rule.left), (-1, rule.right)):
        for term in terms:
            column = term.cell.index + (width if term.previous else 0)
            entries[column] = entries.get(column, 0) + side * term.sign
    return Row(tuple(entries.items()), rule.op)
