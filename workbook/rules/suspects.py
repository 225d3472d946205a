"""Finds the cells most likely wrong: the fewest whose change would satisfy every broken equation.

One wrong total breaks several equations. The search starts at a broken equation and repairs it by changing one of its
cells by just what is missing; whatever other equation that breaks, or leaves broken, among those the changed cells
stand in, is repaired in turn, until all hold. The repairs with the fewest changes win; equally short ones are kept as
alternatives. Changes are integers, and no figure may fall below 0 unless its cell may be negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import localcontext
from typing import NamedTuple

from workbook.model.finding import Finding
from workbook.model.form import Cell
from workbook.model.numbers import EXACT, Number
from workbook.model.report import Report, format_value
from workbook.model.rule_catalog import get_phrase
from workbook.rules.rule_types import Equation, list_equations
from workbook.safety.messages import Bilingual, join_texts

MOST_CHANGES = 4
"""Repairs of more cells than this are not looked for: they would name half the table."""
MOST_STEPS = 40_000
"""Bound on the search for one broken equation; past it the shortest repair found so far counts."""
MOST_STEPS_IN_ALL = 100_000
LEAST_STEPS = 1_000
"""Bound on the searches for all broken equations of a report together: the more are broken, the less for each, but
never less than what finds a repair of one or two cells."""
MOST_ALTERNATIVES = 8

Changes = tuple[tuple[int, Number], ...]
"""Cell index → the value that would satisfy the equations, in form order."""


class ErrorSuspect(NamedTuple):
    """Cells most likely wrong, and what they should be for every equation around them to hold.

    `changes` is the likeliest repair as (cell, value) pairs; `findings` are places in the list of findings it
    explains; `alternatives` are other repairs with as few changes.
    """

    changes: tuple[tuple[Cell, Number], ...]
    findings: tuple[int, ...]
    alternatives: tuple[tuple[tuple[Cell, Number], ...], ...] = ()

    def words(self, report: Report) -> Bilingual:
        """Describe the repair in a sentence: “改 （七）总计·自然人 为 4 即可”."""
        changes = [
            get_phrase("repair-change", cell=cell.words, value=format_value(value, cell))
            for cell, value in self.changes
        ]
        where = [str(report.source(cell.code)) for cell, _ in self.changes]
        at = get_phrase("repair-at", cells=join_texts(where)) if all(where) else ""
        return get_phrase("repair", changes=join_texts(changes, Bilingual("，", ", ")), at=at)


class _Net:
    """The equations whose cells all hold numbers, their residuals (left − right), and the equations of each cell."""

    def __init__(self, report: Report) -> None:
        form = report.form
        self.report = report
        self.rules: list[Equation] = []
        self.residuals: list[Number] = []
        for rule in list_equations(form):
            if rule.op == "=" and not rule.yearly:
                left, right = rule.evaluate_sides(report.values)
                if left is not None and right is not None:
                    self.rules.append(rule)
                    self.residuals.append(left - right)
        self.equations_of: dict[int, list[int]] = {}
        for n, rule in enumerate(self.rules):
            for index in rule.coefficients:
                self.equations_of.setdefault(index, []).append(n)
        self.settled: set[int] = set()
        self.steps = 0
        self.signed = {cell.index for cell in form.cells if cell.signed}
        self.total = {cell.index for cell in form.cells if cell.total}

    def broken(self) -> list[int]:
        return [n for n, residual in enumerate(self.residuals) if residual]

    def touched(self, changes: Changes) -> set[int]:
        """Return the equations that contain a changed cell."""
        return {n for index, _ in changes for n in self.equations_of[index]}

    def settle(self, changes: Changes) -> None:
        """Apply a repair, so that no later one undoes it: its equations hold, and its cells are not named again."""
        for n in self.touched(changes):
            self.residuals[n] = 0
        self.report = self.report.with_values({self.report.form.cells[index].code: value for index, value in changes})
        self.settled |= {index for index, _ in changes}


class _Search:
    """Repairs of one broken equation, shortest first, by depth-first search to a given number of changes."""

    def __init__(self, net: _Net, sharing: int) -> None:
        self.net = net
        self.steps = 0
        self.most = max(LEAST_STEPS, min(MOST_STEPS, (MOST_STEPS_IN_ALL - net.steps) // sharing))

    def repairs(self, start: int) -> list[Changes]:
        for depth in range(1, MOST_CHANGES + 1):
            found = dict.fromkeys(self._deepen(start, {}, depth))
            if found or self.steps > self.most:
                break
        self.net.steps += self.steps
        return list(found)

    def _deepen(self, equation: int, changed: dict[int, Number], left: int) -> Iterator[Changes]:
        """Repair `equation` by one more change, then whatever the changed cells leave broken."""
        residual = self._residual(equation, changed)
        for index, coefficient in self.net.rules[equation].coefficients.items():
            self.steps += 1
            if self.steps > self.most:
                return
            if index in changed or index in self.net.settled or residual % coefficient:
                continue
            value = (self.net.report.number(index) or 0) - residual // coefficient
            if value < 0 and index not in self.net.signed:
                continue
            after = {**changed, index: value}
            open_ = self._open(after)
            if open_ is None:
                yield tuple(sorted(after.items()))
            elif left > 1:
                yield from self._deepen(open_, after, left - 1)

    def _open(self, changed: dict[int, Number]) -> int | None:
        """Return the first equation with a changed cell that does not hold; None where all hold."""
        touched = sorted({n for index in changed for n in self.net.equations_of[index]})
        return next((n for n in touched if self._residual(n, changed)), None)

    def _residual(self, equation: int, changed: dict[int, Number]) -> Number:
        residual = self.net.residuals[equation]
        terms = self.net.rules[equation].coefficients
        for index, value in changed.items():
            if index in terms:
                residual += terms[index] * (value - (self.net.report.number(index) or 0))
        return residual


def find_suspects(report: Report, findings: Sequence[Finding] = ()) -> tuple[ErrorSuspect, ...]:
    """Group the broken equations of a report under the cells most likely wrong, in form order.

    An equation that no short repair satisfies has no suspect; its finding is reported alone. Only equations whose cells
    all hold numbers take part. `findings` are those of the same report; each suspect names the ones it explains.
    """
    with localcontext(EXACT):
        return _suspects(report, findings)


def _suspects(report: Report, findings: Sequence[Finding]) -> tuple[ErrorSuspect, ...]:
    net = _Net(report)
    remaining = net.broken()
    if not remaining:
        return ()
    options: dict[int, list[Changes]] = {n: _Search(net, len(remaining)).repairs(n) for n in remaining}
    out: list[ErrorSuspect] = []
    while remaining:
        start = min(remaining, key=lambda n: (_rank(net, options[n], remaining), n))
        if not options[start]:
            break
        repairs = sorted(options[start], key=lambda changes: _likelihood(net, changes, remaining))
        best = repairs[0]
        explained = _explained(net, best, remaining)
        others = [r for r in repairs[1:] if _covers(net, r, explained)][:MOST_ALTERNATIVES]
        codes = {net.rules[n].rule + "/" + net.rules[n].cells[0] for n in explained}
        numbers = tuple(i for i, f in enumerate(findings) if f.cells and f.rule + "/" + f.cells[0] in codes)
        out.append(ErrorSuspect(_named(report, best), numbers, tuple(_named(report, r) for r in others)))
        remaining = [n for n in remaining if n not in explained]
        net.settle(best)
        near = net.touched(best)
        stale = [n for n in remaining if any(near & net.touched(changes) for changes in options[n])]
        options |= {n: _Search(net, len(stale)).repairs(n) for n in stale}
    return tuple(sorted(out, key=lambda s: s.changes[0][0].index))


def _named(report: Report, changes: Changes) -> tuple[tuple[Cell, Number], ...]:
    return tuple((report.form.cells[index], value) for index, value in changes)


def _explained(net: _Net, changes: Changes, remaining: Sequence[int]) -> list[int]:
    touched = net.touched(changes)
    return [n for n in remaining if n in touched]


def _covers(net: _Net, changes: Changes, explained: Sequence[int]) -> bool:
    return set(explained) <= set(_explained(net, changes, explained))


def _rank(net: _Net, repairs: list[Changes], remaining: Sequence[int]) -> float:
    """Return the fewest changes per equation explained: the repair that explains most is taken first."""
    if not repairs:
        return float("inf")
    return min(len(r) / len(_explained(net, r, remaining)) for r in repairs)


def _likelihood(net: _Net, changes: Changes, remaining: Sequence[int]) -> tuple[float, int, int, Changes]:
    """Order repairs: the one that explains most, then one of a total left at 0, then totals before parts."""
    telling = len(changes) / max(1, len(_explained(net, changes, remaining)))
    left_at_zero = sum(1 for index, _ in changes if index in net.total and not net.report.number(index))
    totals = sum(1 for index, _ in changes if index in net.total)
    return telling, -left_at_zero, -totals, changes
