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

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import NamedTuple

from workbook.merging.hierarchy.own_report_comparison import (
    ComparisonGap,
    PartsTotal,
    compare_with_parts,
    list_differences,
    make_alone_finding,
)
from workbook.merging.roster.roster_lines import Roster, RosterAgency
from workbook.merging.running_total import RunningTotal
from workbook.model.finding import Finding
from workbook.model.form import Form
from workbook.model.form_migration import fit_report_to_form
from workbook.model.numbers import Number, Value
from workbook.model.report import Report
from workbook.rules.evaluation import check_figures


class TreePart(NamedTuple):
    """An agency right below another: how many reports its subtree owes, how many of them count or are held back."""

    agency: RosterAgency
    expected: int
    counted: int
    held: int


@dataclass(frozen=True, slots=True)
class NodeSum:
    """What an agency with others below it comes to.

    `report` is that sum, under the agency's own identity; `merged` of it the number of agencies summed, a cell blank
    where no part has a number. `parts` are all agencies right below; `held` those of which nothing counts because
    what came is held back, `missing` the others of which nothing counts. `expected`, `counted` and `waiting` (held
    back) count reports down the whole subtree; who has others below is not expected to report, but one of its own
    that is held back waits for all of them. `blanks` is, cell by cell, in how many of the reports that count no
    number is given. `own` is the report the agency handed in itself, `against` the cells in which that differs from
    the sum, the worst first. `findings` are those of the sum, then those of the comparison. `alone`: nothing counts
    from below and `own` is counted for all of it, the one report expected.
    """

    agency: RosterAgency
    report: Report
    parts: tuple[TreePart, ...]
    missing: tuple[RosterAgency, ...]
    held: tuple[RosterAgency, ...]
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
    roster: Roster,
    rows: Iterable[tuple[RosterAgency, Report]],
    form: Form,
    year: int | None = None,
    *,
    held: Collection[RosterAgency] = (),
) -> Mapping[RosterAgency, NodeSum]:
    """What every agency with others below it comes to, in the order of the tree, each before those below it.

    `rows` are the reports that count, each with its agency, in any order; they are passed over once and only those of
    agencies with others below are stored. Each is carried into `form`. `held` are agencies whose report is held back.

    ValueError for two reports of one agency, one of another year, or of an agency that is not on the roster: all three
    are settled before figures are added.
    """
    agencies = tuple(_walk(roster))
    listed = frozenset(agencies)
    sums = {agency: PartsSums(form) for agency in agencies if roster.children(agency)}
    own: dict[RosterAgency, Report] = {}
    reporting: set[RosterAgency] = set()
    for agency, given in rows:
        if agency not in listed or agency in reporting or given.year != year:
            raise ValueError(f"{agency.name}: not in the tree, or there twice, or of {given.year}")
        reporting.add(agency)
        report = fit_report_to_form(given, form)
        above = roster.parent(agency)
        if agency in sums:
            own[agency] = report
        elif above is not None:
            sums[above].add(report.values, report.merged, name=agency.name)
    waiting = frozenset(held) - reporting
    done: dict[RosterAgency, NodeSum] = {}
    for agency in reversed(tuple(sums)):  # those below come first
        running, above = sums.pop(agency), roster.parent(agency)
        parts = tuple(_part(child, done, reporting, waiting) for child in roster.children(agency))
        done[agency] = _node(agency, parts, running, own.get(agency), year, withheld=agency in waiting)
        if above is not None and running.reports:
            sums[above].add_sum(agency.name, running)
    return MappingProxyType({agency: done[agency] for agency in agencies if agency in done})


def make_node_submission(node: NodeSum) -> Report:
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


def _walk(roster: Roster) -> Iterator[RosterAgency]:
    """Every agency, each before those below it; without recursion, for a roster may be deeper than Python's stack."""
    waiting = list(reversed(roster.roots))
    while waiting:
        agency = waiting.pop()
        yield agency
        waiting += reversed(roster.children(agency))


def _part(
    agency: RosterAgency,
    done: Mapping[RosterAgency, NodeSum],
    reporting: Collection[RosterAgency],
    held: Collection[RosterAgency],
) -> TreePart:
    if agency in done:
        node = done[agency]
        return TreePart(agency, node.expected, node.counted, node.waiting)
    return TreePart(agency, 1, int(agency in reporting), int(agency in held))


def _node(
    agency: RosterAgency,
    parts: tuple[TreePart, ...],
    running: PartsSums,
    own: Report | None,
    year: int | None,
    *,
    withheld: bool,
) -> NodeSum:
    """The sum of one agency; an own report without any below is taken into `running`, unless it is `withheld`."""
    alone = own is not None and not running.reports
    owed = 1 if alone else sum(part.expected for part in parts)
    missing = owed - (1 if alone else running.reports)
    against, found = _compare(agency.name, parts, running, own, missing)
    report = running.report(year, agency.identity)
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


def _compare(
    name: str, parts: Sequence[TreePart], running: PartsSums, own: Report | None, missing: int
) -> tuple[tuple[ComparisonGap, ...], Sequence[Finding]]:
    if own is None:
        return (), ()
    if not running.reports:
        running.add(own.values, own.merged, name=name)
        return (), (make_alone_finding(name, len(parts)),)
    gaps = compare_with_parts(own, running.below(missing))
    return gaps, list_differences(name, own, gaps, missing)


class PartsSums(RunningTotal):
    """The running sums of the agencies right below one, with the largest figure of a single one and its name."""

    def __init__(self, form: Form) -> None:
        super().__init__(form)
        self.most: list[Number] = [0] * len(form.cells)
        self.whose: list[str] = [""] * len(form.cells)

    def add(self, values: Sequence[Value], merged: int = 1, *, name: str = "") -> None:
        """Add one report, which is of the agency of that name."""
        super().add(values, merged)
        self._note_largest(name, values)

    def add_sum(self, name: str, below: PartsSums) -> None:
        """Add what an agency right below comes to that has others below it."""
        super().add_total(below)
        self._note_largest(name, below.totals)

    def _note_largest(self, name: str, values: Sequence[Value]) -> None:
        for i, (most, value) in enumerate(zip(self.most, values, strict=True)):
            if value is not None and not isinstance(value, str) and value > most:
                self.most[i], self.whose[i] = value, name

    def below(self, missing: int) -> PartsTotal:
        """The same, to compare an own report with while `missing` reports are still to come."""
        return PartsTotal(self.values(), tuple(self.blanks), tuple(self.most), tuple(self.whose), missing)
