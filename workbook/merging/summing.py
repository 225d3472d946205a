"""Reports → their sum, which is a report again: checked by the same rules, exported and rolled up like any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from pathlib import Path
from types import MappingProxyType

from workbook.check import check_figures
from workbook.finding import Finding, Severity
from workbook.form import Form
from workbook.forms import form_ids, load
from workbook.identity import Identity, region_problem
from workbook.merging.attendance import Attendance, State, roll_call
from workbook.merging.changes import Change, changes
from workbook.merging.collection import Collection
from workbook.merging.levels.nodes import NodeSum, roll_up
from workbook.merging.opened import with_opened
from workbook.merging.past import Past
from workbook.merging.peers.notices import among_peers
from workbook.merging.record import control
from workbook.merging.roster.lines import Agency, Roster
from workbook.merging.rows import Notices
from workbook.merging.sideinputs import SideInputProblem, of_past, of_roster, without_parent
from workbook.merging.status import GOOD, Status
from workbook.numbers import EXACT, Number, Value
from workbook.report import Report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging")

NO_NOTICES = Notices(MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Merged:
    """A collection and its sum.

    `agencies` is the number of reports summed; `findings` are those of the sum itself; `blanks`, cell by cell, in how
    many reports no number stands. `notices` is what the reports show laid side by side, by the number of their file.
    With a roster, `attendance` is its roll call and `nodes` every agency on it that has others below it, each above
    those below; with last year's reports, `changes` compares the two years cell by cell.
    """

    collection: Collection
    report: Report
    agencies: int
    findings: tuple[Finding, ...]
    blanks: tuple[int, ...]
    notices: Notices = NO_NOTICES
    attendance: Attendance | None = None
    nodes: tuple[NodeSum[Agency], ...] = ()
    changes: tuple[Change, ...] = ()
    side_input_problems: tuple[SideInputProblem, ...] = ()
    """What is wrong with what was given besides the reports: the roster, earlier years, decisions."""
    control: tuple[Number, Number] = (0, 0)
    """All figures of the files that count, as each was read; and all sums. They are equal, or the program errs."""

    @property
    def lacking(self) -> Sequence[str]:
        """The agencies that are in nobody's sum, though they state somebody above them."""
        return without_parent(self.attendance.roster) if self.attendance else ()

    @property
    def reconciled(self) -> bool:
        """Whether every figure read ended in the sum, once."""
        return self.control[0] == self.control[1]

    @property
    def errors(self) -> int:
        """How many rules the sum breaks."""
        return sum(1 for found in self.findings if found.severity is Severity.ERROR)


class Sum:
    """A running sum of reports of one form: figures cell by cell; blank where no report has a number."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.totals: list[Number] = [0] * len(form.cells)
        self.blanks = [0] * len(form.cells)
        self.agencies = 0
        """How many agencies are summed; a sum that was handed in counts for all of its own."""
        self.reports = 0

    def add(self, values: Sequence[Value], merged: int = 1) -> None:
        """Add the figures of one report, in form order."""
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

    def values(self) -> tuple[Value, ...]:
        """The sums; None where every report was blank."""
        return tuple(
            None if blank == self.reports else _plain(total)
            for total, blank in zip(self.totals, self.blanks, strict=True)
        )

    def report(self, year: int | None, agency: Identity) -> Report:
        """The sum as a report of that year and agency."""
        return Report(self.form, year, agency, self.values(), merged=self.agencies)


def _plain(number: Number) -> Number:
    return int(number) if isinstance(number, Decimal) and number == int(number) else number


def merge(
    collection: Collection,
    *,
    name: str | None = None,
    roster: Roster | None = None,
    past: Sequence[Past] = (),
    beside: Sequence[Path] = (),
    problems: Sequence[SideInputProblem] = (),
) -> Merged:
    """The sum of a collection's reports; `name` is what the sum is called.

    With a `roster` its agencies are called and every one with others below it is summed, whose own report then is
    compared with that sum instead of counting besides; `past` are the reports of earlier years, that of last year
    first; those of the year merged or a later one are only told. `beside` are the files and folders that these came
    from, which are nobody's report wherever they lie, and `problems` what else was found wrong with what was given
    besides the reports. With nothing to merge the sum is an empty report of no agency. Where regional supplements
    differ, the rows they add are left out: only the national form's can be summed.
    """
    form = collection.form or load(form_ids()[-1])
    called_ = None if roster is None else roll_call(roster, collection, beside)
    nodes = _nodes(roster, collection, form, called_) if roster and called_ and collection.form else ()
    total = Sum(form)
    regions: set[str] = set()
    for entry, report in collection.reports():
        total.add(report.values, report.merged)
        regions.add(entry.agency.region)
    called = messages.text("sum.name", n=total.agencies) if name is None else name
    report = total.report(collection.year, Identity(name=called, region=common_region(regions)))
    side = (
        *(of_roster(roster) if roster else ()),
        *(one for earlier in past for one in of_past(earlier, collection.year)),
        *problems,
    )
    if not total.reports:
        return Merged(collection, report, 0, (), tuple(total.blanks), attendance=called_, side_input_problems=side)
    earlier = [one for one in past if one.is_before(collection.year)]
    before = [one.report for one in earlier]
    return Merged(
        collection,
        report,
        total.reports,
        tuple(check_figures(report)),
        tuple(total.blanks),
        with_opened(among_peers(form, collection.rows, before), collection),
        called_,
        nodes,
        changes(form, collection.rows, earlier[0].report, earlier[0].rows) if earlier else (),
        side,
        (collection.control(), control(report.values)),
    )


def _nodes(roster: Roster, collection: Collection, form: Form, called: Attendance) -> tuple[NodeSum[Agency], ...]:
    """The roll-up by the roster's tree; reports of nobody on it are in the sum, but below no agency.

    A report of its own by one that has others below it is compared with their sum, and counts no more. Held back are
    those that the roll call says returned.
    """
    held = {seat.agency for seat in called.seats if seat.state is State.RETURNED}
    own: dict[Agency, int] = {}

    def rows() -> Iterator[tuple[Agency, Report]]:
        for entry, report in collection.reports(GOOD):
            one = roster.match(entry.agency).agency
            if one is not None:
                if roster.children(one):
                    own[one] = entry.number
                yield one, report

    nodes = tuple(roll_up(roster, rows(), form, collection.year, held=held).values())
    collection.settled((own[node.agency] for node in nodes if node.own and not node.alone), Status.COMPARED)
    return nodes


def common_region(regions: Iterable[str]) -> str:
    """The region that all lie in (110105, 110108 → 110100); blank if they share none or one is unknown."""
    all_ = list(regions)
    if not all_ or any(not region or region_problem(region) for region in all_):
        return ""
    shared = (all_[0][:n] for n in (6, 4, 2) if len({region[:n] for region in all_}) == 1)
    return next((prefix.ljust(6, "0") for prefix in shared), "")
