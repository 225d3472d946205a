"""Sums reports. The sum is a report again: checked by the same rules, exported and rolled up like any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from workbook.merging.attendance import Attendance, AttendanceState, call_roll
from workbook.merging.collected_reports import ReportCollection, ReportRow, RowNotices
from workbook.merging.file_record import sum_control_total
from workbook.merging.file_status import GOOD, LISTED, PENDING, FileEntry, FileStatus
from workbook.merging.hierarchy.hierarchy_sums import NodeSum, sum_hierarchy
from workbook.merging.peers.peer_notices import PeerComparison
from workbook.merging.prior_year.prior_reports import PriorYear
from workbook.merging.prior_year.year_comparison import CellChange, list_changes
from workbook.merging.roster.roster_lines import Roster, RosterAgency
from workbook.merging.running_total import RunningTotal
from workbook.merging.side_inputs import (
    SideInputProblem,
    count_open_problems,
    list_agencies_without_parent,
    list_prior_year_problems,
    list_roster_input_problems,
)
from workbook.model.finding import Finding, Severity, Source
from workbook.model.form import Form
from workbook.model.form_loader import list_form_ids, load_form
from workbook.model.identity import Identity, find_region_problem
from workbook.model.numbers import Number
from workbook.model.report import Report
from workbook.model.rule_catalog import make_finding
from workbook.rules.evaluation import check_figures
from workbook.safety.atomic_write import OPEN_FILE_RULE, find_lock_holder, is_lock_name
from workbook.safety.messages import Bilingual, join_texts, load_messages

messages = load_messages("workbook.merging")

NO_NOTICES = RowNotices(MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class MergeResult:
    """A collection and its sum.

    `agencies` is the number of reports summed; `findings` are those of the sum itself; `blanks`, cell by cell, in how
    many reports no number is given. `notices` is what comparing the reports with each other shows, by the number of
    their file. With a roster, `attendance` is its roll call and `nodes` every agency on it that has others below it,
    each above those below; with last year's reports, `changes` compares the two years cell by cell.
    """

    collection: ReportCollection
    report: Report
    agencies: int
    findings: tuple[Finding, ...]
    blanks: tuple[int, ...]
    notices: RowNotices = NO_NOTICES
    attendance: Attendance | None = None
    nodes: tuple[NodeSum, ...] = ()
    changes: tuple[CellChange, ...] = ()
    side_input_problems: tuple[SideInputProblem, ...] = ()
    """What is wrong with what was given besides the reports: the roster, earlier years, decisions."""
    control: tuple[Number, Number] = (0, 0)
    """All figures of the files that count, as each was read; and all sums. They are equal, or the program errs."""

    @property
    def lacking(self) -> Sequence[str]:
        """The agencies that are in nobody's sum, though they state somebody above them."""
        return list_agencies_without_parent(self.attendance.roster) if self.attendance else ()

    @property
    def reconciled(self) -> bool:
        """Whether every figure read ended in the sum, once."""
        return self.control[0] == self.control[1]

    def list_report_findings(self) -> Iterator[tuple[FileEntry, Finding]]:
        """What the agencies should hear of: the findings of each report, then what comparing it with others showed."""
        for entry, findings in self.collection.list_findings(LISTED):
            for found in (*findings, *self.notices.findings.get(entry.number, ())):
                yield entry, found

    @property
    def errors(self) -> int:
        """How many rules the sum breaks."""
        return sum(1 for found in self.findings if found.severity is Severity.ERROR)


def merge_reports(
    collection: ReportCollection,
    *,
    name: str | None = None,
    roster: Roster | None = None,
    past: Sequence[PriorYear] = (),
    beside: Sequence[Path] = (),
    problems: Sequence[SideInputProblem] = (),
) -> MergeResult:
    """The sum of a collection's reports; `name` is what the sum is called.

    With a `roster` its agencies are called and every one with others below it is summed, whose own report then is
    compared with that sum instead of counting besides; `past` are the reports of earlier years, that of last year
    first; those of the year merged or a later one are only reported. `beside` are the files and folders that these came
    from, which are nobody's report wherever they lie, and `problems` what else was found wrong with what was given
    besides the reports. With nothing to merge the sum is an empty report of no agency. Where regional supplements
    differ, the rows they add are left out: only the national form's can be summed.
    """
    form = collection.form or load_form(list_form_ids()[-1])
    roll_call = None if roster is None else call_roll(roster, collection, beside)
    nodes = _sum_nodes(roster, collection, form, roll_call) if roster and roll_call and collection.form else ()
    earlier = [one for one in past if one.is_before(collection.year)]
    total, peers = RunningTotal(form), PeerComparison(form, [one.report for one in earlier])
    regions: set[str] = set()
    for entry, report in collection.reports():
        total.add(report.values, report.merged)
        regions.add(entry.agency.region)
        peers.add(ReportRow.of(entry, report))
    called = messages.text("sum.name", n=total.agencies) if name is None else name
    report = total.report(collection.year, Identity(name=called, region=find_common_region(regions)))
    side = (
        *(list_roster_input_problems(roster) if roster else ()),
        *(problem for one in past for problem in list_prior_year_problems(one, collection.year)),
        *problems,
    )
    if not total.reports:
        return MergeResult(
            collection, report, 0, (), tuple(total.blanks), attendance=roll_call, side_input_problems=side
        )
    return MergeResult(
        collection,
        report,
        total.reports,
        tuple(check_figures(report)),
        tuple(total.blanks),
        add_open_notices(peers.list_notices(collection.rows), collection),
        roll_call,
        nodes,
        list_changes(form, collection.rows, earlier[0].report, earlier[0].rows) if earlier else (),
        side,
        (collection.control(), sum_control_total(report.values)),
    )


def _sum_nodes(roster: Roster, collection: ReportCollection, form: Form, called: Attendance) -> tuple[NodeSum, ...]:
    """The roll-up by the roster's tree; reports of nobody on it are in the sum, but below no agency.

    A report of its own by one that has others below it is compared with their sum, and counts no more. Held back are
    those that the roll call says returned.
    """
    held = {seat.agency for seat in called.seats if seat.state is AttendanceState.RETURNED}
    own: dict[RosterAgency, int] = {}

    def rows() -> Iterator[tuple[RosterAgency, Report]]:
        for entry, report in collection.reports(GOOD):
            one = roster.match(entry.agency).agency
            if one is not None:
                if roster.children(one):
                    own[one] = entry.number
                yield one, report

    nodes = tuple(sum_hierarchy(roster, rows(), form, collection.year, held=held).values())
    collection.set_status((own[node.agency] for node in nodes if node.own and not node.alone), FileStatus.COMPARED)
    return nodes


def find_common_region(regions: Iterable[str]) -> str:
    """The region that all lie in (110105, 110108 → 110100); blank if they share none or one is unknown."""
    all_ = list(regions)
    if not all_ or any(not region or find_region_problem(region) for region in all_):
        return ""
    shared = (all_[0][:n] for n in (6, 4, 2) if len({region[:n] for region in all_}) == 1)
    return next((prefix.ljust(6, "0") for prefix in shared), "")


# Files of a merge that somebody has open: what was read may not be what the agency will save


def add_open_notices(notices: RowNotices, collection: ReportCollection) -> RowNotices:
    """The notices, and one for every report beside which lies the little file of a program that has it open."""
    found = dict(notices.findings)
    for one in list(collection.entries.with_status({FileStatus.SKIPPED})):
        folder, slash, name = one.place.rpartition("/")
        if is_lock_name(name):
            place = folder + slash + find_lock_holder(name)
            for entry in collection.entries.reports_at(place):
                notice = replace(make_finding(OPEN_FILE_RULE, mark=name), source=Source(find_lock_holder(name)))
                found[entry.number] = (*found.get(entry.number, ()), notice)
    return notices._replace(findings=found)


# The conclusion of a merge in one sentence: what a coordinator must know before anything else


class MergeConclusion(NamedTuple):
    """The sentence, and its tone: good, wait (something to look at) or bad (something must be settled)."""

    words: Bilingual
    tone: str


def conclude_merge(merged: MergeResult) -> MergeConclusion:
    """The conclusion: figures lost, a sum that breaks rules, something to settle, warnings, or all good.

    Where reports of nobody on the roster are in the sum, that comes first; that sums may lack something because the
    roster or another side input is wrong follows.
    """
    words, tone = _conclude_files(merged)
    unlisted, side = merged.collection.unlisted(), count_open_problems(merged.side_input_problems)
    if unlisted:
        words = messages.get("verdict.unlisted", unlisted=unlisted, rest=words)
    if side:
        words = words.then(messages.get("verdict.side", n=side))
    return MergeConclusion(words, "wait" if tone == "good" and (unlisted or side) else tone)


def _conclude_files(merged: MergeResult) -> MergeConclusion:
    counts = merged.collection.counts()
    if not merged.agencies:
        return MergeConclusion(messages.get("verdict.nothing"), "bad")
    if not merged.reconciled:
        return MergeConclusion(messages.get("verdict.lost"), "bad")
    parts = _describe_open(merged)
    if merged.errors:
        words = messages.get("verdict.bad", errors=merged.errors)
        return MergeConclusion(words.then(messages.get("verdict.besides", parts=parts)) if parts.zh else words, "bad")
    if parts.zh:
        return MergeConclusion(messages.get("verdict.open", parts=parts), "wait")
    if counts[FileStatus.WARNINGS]:
        return MergeConclusion(messages.get("verdict.warned", agencies=counts[FileStatus.WARNINGS]), "wait")
    return MergeConclusion(messages.get("verdict.passed"), "good")


def _describe_open(merged: MergeResult) -> Bilingual:
    """What must still be settled: files and agencies, and how many of them; nothing where nothing must."""
    counts, called = merged.collection.counts(), merged.attendance
    open_ = {
        "files": sum(counts[status] for status in PENDING),
        "agencies": counts[FileStatus.ERRORS],
        **{
            state.value: called.count(state) if called else 0
            for state in (AttendanceState.MISSING, AttendanceState.RECEIVED, AttendanceState.UNVERIFIED)
        },
    }
    parts = [messages.get(f"verdict.{key}", n=n) for key, n in open_.items() if n]
    return join_texts(parts)
