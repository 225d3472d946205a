"""Rolls reports up along the roster's tree: townships and departments → county → city → province.

A department reports what it did itself. The report of a government (本级政府) is compiled by its office from those of
its departments and of the governments below it (条例 §49, and what published reports say of themselves). Hence what
an agency *comes to*:

- one with nobody below it: its own report;
- one with agencies below it: the sum of what they come to. If it handed in a report of its own, that states the same
  figures a second time: it is compared with the sum (`NodeSum.against`) and never added to it;
- one with agencies below it from none of which anything counts: its own report, if any, is counted for them all.
  So a county may hand in its sum as one workbook, whether or not the city's roster lists the county's departments.

Every report thus counts once or is compared, and no report counts together with one of an agency above it. Adding the
own report was rejected (each figure twice in the ordinary case), and so was preferring it to the sum (an old workbook
of the county would hide its departments).

A government's office that reports of itself only (政府办公室) is a department like any other: the roster gives it a
line of its own below the government, with the name or code its report bears, and the government's line has neither.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from workbook.merging.hierarchy.own_report_comparison import (
    ComparisonGap,
    PartsTotal,
    compare_with_parts,
    list_differences,
    stands_alone,
)
from workbook.model.finding import Finding
from workbook.model.form import Form
from workbook.model.form_migration import carry_into
from workbook.model.identity import Identity
from workbook.model.numbers import EXACT, Number, Value
from workbook.model.report import Report
from workbook.rules.evaluation import check_figures, to_int_if_integer


class TreeAgency(Protocol):
    """An agency as the roster lists it: hashable, and equal only to itself."""

    @property
    def name(self) -> str:
        """The full name."""

    @property
    def identity(self) -> Identity:
        """Who that is, as a report would state it."""


A = TypeVar("A", bound=TreeAgency)


class AgencyTree(Protocol[A]):
    """Who reports to whom."""

    @property
    def roots(self) -> Sequence[A]:
        """The agencies that report to nobody listed."""

    def children(self, agency: A, /) -> Sequence[A]:
        """The agencies that report to it, in the roster's order."""


class TreePart(NamedTuple, Generic[A]):
    """An agency right below another: how many reports its subtree owes, how many of them count or are held back."""

    agency: A
    expected: int
    counted: int
    held: int


@dataclass(frozen=True, slots=True)
class NodeSum(Generic[A]):
    """What an agency with others below it comes to.

    `report` is that sum, under the agency's own identity; `merged` of it the number of agencies summed, a cell blank
    where no part has a number. `parts` are all agencies right below; `held` those of which nothing counts because
    what came is held back, `missing` the others of which nothing counts. `expected`, `counted` and `waiting` (held
    back) count reports down the whole subtree; who has others below is not expected to report, but one of its own
    that is held back waits for all of them. `blanks` is, cell by cell, in how many of the reports that count no
    number is given. `own` is the report the agency handed in itself, `against` the cells in which that differs from
    the sum, the worst first. `findings` are those of the sum, then those of the comparison. `alone`: nothing counts
    from below and `own` stands for all of it, the one report expected.
    """

    agency: A
    report: Report
    parts: tuple[TreePart[A], ...]
    missing: tuple[A, ...]
    held: tuple[A, ...]
    expected: int
    counted: int
    waiting: int
    blanks: tuple[int, ...]
    findings: tuple[Finding, ...] = ()
    own: Report | None = None
    against: tuple[ComparisonGap, ...] = ()
    alone: bool = False

    @property
    def complete(self) -> bool:
        """Whether every report expected from the subtree counts."""
        return self.counted == self.expected


def sum_hierarchy(
    tree: AgencyTree[A],
    rows: Iterable[tuple[A, Report]],
    form: Form,
    year: int | None = None,
    *,
    held: Collection[A] = (),
) -> Mapping[A, NodeSum[A]]:
    """What every agency with others below it comes to, in the order of the tree, each before those below it.

    `rows` are the reports that count, each with its agency, in any order; they are passed over once and only those of
    agencies with others below are kept. Each is carried into `form`. `held` are agencies whose report is held back.
    An agency met a second time on the way down the tree (two parents, a circle) belongs to the first.

    ValueError for two reports of one agency, one of another year, or an agency that is not in the tree: all three are
    settled before figures are added.
    """
    below = _below(tree)
    above = {child: agency for agency, children in below.items() for child in children}
    sums = {agency: RunningSums(len(form.cells)) for agency, children in below.items() if children}
    own: dict[A, Report] = {}
    came: set[A] = set()
    for agency, given in rows:
        if agency not in below or agency in came or given.year != year:
            raise ValueError(f"{agency.name}: not in the tree, or there twice, or of {given.year}")
        came.add(agency)
        report = carry_into(given, form)
        if agency in sums:
            own[agency] = report
        elif agency in above:
            sums[above[agency]].add(agency.name, report.values, report.merged)
    waiting = frozenset(held) - came
    done: dict[A, NodeSum[A]] = {}
    for agency in reversed(tuple(sums)):  # those below come first
        running = sums.pop(agency)
        parts = tuple(_part(child, done, came, waiting) for child in below[agency])
        done[agency] = _node(agency, parts, running, own.get(agency), (form, year), agency in waiting)
        if agency in above and running.reports:
            sums[above[agency]].add_sum(agency.name, running)
    return MappingProxyType({agency: done[agency] for agency in below if agency in done})


def make_node_submission(node: NodeSum[A]) -> Report:
    """The sum as the agency's own report, to be handed in one level up as one workbook.

    Texts, answers, contact and revision are those of the report it handed in itself, if it did; else the parts in
    words are blank and have to be written before the workbook is filed. `merged` is not written into a workbook: one
    level up this is the report of one agency.
    """
    report, own = node.report, node.own
    if own is None:
        return report
    contact = own.agency.contact or report.agency.contact
    agency = replace(report.agency, contact=contact, revision=own.agency.revision)
    return replace(report, agency=agency, texts=own.texts, answers=own.answers)


def _below(tree: AgencyTree[A]) -> dict[A, tuple[A, ...]]:
    """Agency → those right below it, every agency once and before those below it; without recursion."""
    below: dict[A, tuple[A, ...]] = {}
    met = set(tree.roots)
    left = list(reversed(tuple(dict.fromkeys(tree.roots))))
    while left:
        agency = left.pop()
        below[agency] = tuple(child for child in dict.fromkeys(tree.children(agency)) if child not in met)
        met.update(below[agency])
        left += reversed(below[agency])
    return below


def _part(agency: A, done: Mapping[A, NodeSum[A]], came: Collection[A], held: Collection[A]) -> TreePart[A]:
    if agency in done:
        node = done[agency]
        return TreePart(agency, node.expected, node.counted, node.waiting)
    return TreePart(agency, 1, int(agency in came), int(agency in held))


def _node(
    agency: A,
    parts: tuple[TreePart[A], ...],
    running: RunningSums,
    own: Report | None,
    kind: tuple[Form, int | None],
    withheld: bool,
) -> NodeSum[A]:
    """The sum of one agency; an own report without any below is taken into `running`, unless it is `withheld`."""
    alone = own is not None and not running.reports
    owed = 1 if alone else sum(part.expected for part in parts)
    missing = owed - (1 if alone else running.reports)
    against, found = _compared(agency.name, parts, running, own, missing)
    report = Report(*kind, agency.identity, running.values, merged=running.merged)
    without = () if alone else tuple(part for part in parts if not part.counted)
    return NodeSum(
        agency,
        report,
        parts,
        missing=tuple(part.agency for part in without if not part.held),
        held=tuple(part.agency for part in without if part.held),
        expected=owed,
        counted=running.reports,
        waiting=0 if alone else sum(part.held for part in parts) or int(withheld and not running.reports),
        blanks=tuple(running.blanks),
        findings=(*(check_figures(report) if running.reports else ()), *found),
        own=own,
        against=against,
        alone=alone,
    )


def _compared(
    name: str, parts: Sequence[TreePart[A]], running: RunningSums, own: Report | None, missing: int
) -> tuple[tuple[ComparisonGap, ...], Sequence[Finding]]:
    if own is None:
        return (), ()
    if not running.reports:
        running.add(name, own.values, own.merged)
        return (), (stands_alone(name, len(parts)),)
    gaps = compare_with_parts(own, running.below(missing))
    return gaps, list_differences(name, own, gaps, missing)


# Figures of many reports added up as they come: plain lists in form order, no report is held


_NUMBERS: Final = frozenset({int, Decimal})


class RunningSums:
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

    def add_sum(self, name: str, below: RunningSums) -> None:
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
        return tuple(None if blank == self.reports else to_int_if_integer(number) for number, blank in both)

    def below(self, missing: int) -> PartsTotal:
        """The same, to compare an own report with while `missing` reports are still to come."""
        return PartsTotal(self.values, tuple(self.blanks), tuple(self.most), tuple(self.whose), missing)
