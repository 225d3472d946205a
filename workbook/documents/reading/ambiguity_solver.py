"""Figures that can be read in more than one way, settled by the form's equations where these leave one way. Pure.

What is printed clearly is never changed: a published total that is wrong stays wrong. The equations only choose between
ways to read the same digits, and where they leave more than one, or the report breaks them, nothing is chosen.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from workbook.documents.reading.figure_splitting import Way, Weights, parse_split_figure, sum_is_within
from workbook.model.form import Cell, Form
from workbook.model.numbers import Number
from workbook.rules.rule_types import Equation, list_equations

Span = tuple[Number, Number]
"""The least and the most a figure can be."""
MOST_TOGETHER = 30_000
"""How many readings of several rows together are tried."""


@dataclass(slots=True)
class UnsolvedRow:
    """One row as it may be read: its cells, and every way; `settled` once one is left."""

    cells: tuple[Cell, ...]
    ways: tuple[Way, ...]
    glued: bool
    all: tuple[Way, ...] = ()
    sums: bool | None = None
    """Whether a sum of the row's own holds in the ways left; None where it has none."""

    @property
    def settled(self) -> bool:
        """Whether one way is left."""
        return len(self.ways) == 1


def list_figures(cells: Sequence[Cell], way: Way) -> tuple[Number | None, ...]:
    """The figures of one way; None where a cell has none."""
    return tuple(parse_split_figure(text, cell) for cell, text in zip(cells, way, strict=True))


def list_solvable_equations(form: Form) -> list[Equation]:
    """The equations within one report."""
    return [rule for rule in list_equations(form) if not rule.yearly and rule.op == "="]


def eliminate_splits(form: Form, rows: Sequence[UnsolvedRow]) -> None:
    """Leave of each row the ways that the equations leave."""
    equations = list_solvable_equations(form)
    inner: set[int] = set()
    for row in rows:
        codes = {cell.code for cell in row.cells}
        own = [rule for rule in equations if set(rule.cells) <= codes]
        inner.update(map(id, own))
        row.all = row.ways
        _apply_own_sums(row, own)
    joint = [rule for rule in equations if id(rule) not in inner]
    for _ in range(4):
        before = [len(row.ways) for row in rows]
        _narrow(rows, joint)
        if [len(row.ways) for row in rows] == before:
            break
    _try_together(rows, joint)
    for row in rows:
        if row.glued and row.settled and len(row.all) > 1:
            _reopen_if_column_breaks(row, rows, joint)


def _apply_own_sums(row: UnsolvedRow, own: Sequence[Equation]) -> None:
    """The ways that keep the row's own sums; where none does, the sum as published is wrong and decides nothing."""
    if not own or not row.ways:
        return
    sums = [weights_of(row.cells, rule) for rule in own]
    balanced = tuple(way for way in row.ways if all(sum_is_within(way, row.cells, weights) for weights in sums))
    row.sums = bool(balanced)
    row.ways = balanced or row.ways


def weights_of(cells: Sequence[Cell], rule: Equation) -> Weights:
    """Which cells of a row an equation within it counts, and how often."""
    at = {cell.code: n for n, cell in enumerate(cells)}
    return tuple((at[code], weight) for code, weight in _terms(rule))


def _terms(rule: Equation) -> list[tuple[str, int]]:
    """The cells that an equation counts, by code, and how often: what is counted so comes to nothing."""
    left = [(term.cell.code, term.sign) for term in rule.left]
    return left + [(term.cell.code, -term.sign) for term in rule.right]


def sums_within(form: Form, cells: Sequence[Cell]) -> list[Weights]:
    """The equations that need no cell beyond these."""
    codes = {cell.code for cell in cells}
    return [weights_of(cells, rule) for rule in list_solvable_equations(form) if set(rule.cells) <= codes]


def _figures(row: UnsolvedRow, way: Way) -> Iterator[tuple[str, Number | None]]:
    return zip((cell.code for cell in row.cells), list_figures(row.cells, way), strict=True)


def is_balanced(rule: Equation, known: Mapping[str, Number | None]) -> bool | None:
    """Whether an equation holds for the figures known (base units); None where one that it needs is not known."""
    total: Number = 0
    for code, weight in _terms(rule):
        value = known.get(code)
        if value is None:
            return None
        total += weight * value
    return total == 0


def _narrow(rows: Sequence[UnsolvedRow], joint: Sequence[Equation]) -> None:
    """Drop ways that no choice of the other rows can bring into balance, where some way of the row can be."""
    spans = _spans(rows)
    for row in rows:
        if row.settled or not row.ways:
            continue
        at = {cell.code: n for n, cell in enumerate(row.cells)}
        keep = row.ways
        for rule in joint:
            mine = tuple((at[code], weight) for code, weight in _terms(rule) if code in at)
            rest = _rest(rule, at, spans) if mine else None
            if rest is not None:  # asked once for a rule, not for each of the ways
                keep = tuple(way for way in keep if sum_is_within(way, row.cells, mine, rest))
        if keep:
            row.ways = keep


def _spans(rows: Sequence[UnsolvedRow]) -> dict[str, Span | None]:
    """The least and the most each cell can be; None where it may hold no figure."""
    spans: dict[str, Span | None] = {}
    for row in rows:
        figures = [list_figures(row.cells, way) for way in row.ways]
        for n, cell in enumerate(row.cells):
            values = [one[n] for one in figures]
            known = [value for value in values if value is not None]
            spans[cell.code] = (min(known), max(known)) if known and len(known) == len(values) else None
    return spans


def _rest(rule: Equation, without: Container[str], spans: Mapping[str, Span | None]) -> Span | None:
    """The least and the most the other cells of an equation come to; None where one may hold no figure."""
    low: Number = 0
    high: Number = 0
    for code, weight in _terms(rule):
        if code in without:
            continue
        span = spans.get(code)
        if span is None:
            return None
        a, b = weight * span[0], weight * span[1]
        low, high = low + min(a, b), high + max(a, b)
    return low, high


def _try_together(rows: Sequence[UnsolvedRow], joint: Sequence[Equation]) -> None:
    """Try all the rows that are left open together; keep the ways that are part of a reading that balances."""
    open_ = [row for row in rows if len(row.ways) > 1]
    if not open_ or prod(len(row.ways) for row in open_) > MOST_TOGETHER:
        return
    unsure = {cell.code for row in open_ for n, cell in enumerate(row.cells) if len({way[n] for way in row.ways}) > 1}
    about = [rule for rule in joint if unsure & set(rule.cells)]
    fixed = {code: value for row in rows if row.settled for code, value in _figures(row, row.ways[0])}
    balanced: list[set[Way]] = [set() for _ in open_]
    for choice in product(*(row.ways for row in open_)):
        known = dict(fixed)
        for row, way in zip(open_, choice, strict=True):
            known.update(_figures(row, way))
        if all(is_balanced(rule, known) is not False for rule in about):
            for chosen, way in zip(balanced, choice, strict=True):
                chosen.add(way)
    if all(balanced):
        for row, chosen in zip(open_, balanced, strict=True):
            row.ways = tuple(way for way in row.ways if way in chosen)


def _reopen_if_column_breaks(row: UnsolvedRow, rows: Sequence[UnsolvedRow], joint: Sequence[Equation]) -> None:
    """Reopen a row its own sum settled, if that way breaks a column and another way would mend every column."""
    codes = {cell.code for cell in row.cells}
    about = [rule for rule in joint if codes & set(rule.cells)]
    known = {code: v for other in rows if other.settled for code, v in _figures(other, other.ways[0])}
    if all(is_balanced(rule, known) is not False for rule in about):
        return
    for way in row.all:
        if way != row.ways[0] and all(
            is_balanced(r, {**known, **dict(_figures(row, way))}) is not False for r in about
        ):
            row.ways = (*row.ways, way)
