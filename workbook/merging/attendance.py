"""Finds out for every agency of the roster whether it has submitted, its report was returned, or nothing came from it.

"Nothing came" is only reported where no file was found that may be its own. A file's own time changes with every copy
and does not prove when the file came: nobody is late by it.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from workbook.merging.collected_reports import ReportCollection
from workbook.merging.file_status import GOOD, LISTED, RETURNED, FileEntry, FileStatus, is_coordinator_side
from workbook.merging.letters.letter_texts import ChasedAgency, LetterReason
from workbook.merging.roster.roster_lines import Roster, RosterAgency, is_late
from workbook.merging.unattributed_files import AttributionFinder, UnattributedFiles
from workbook.model.identity import Identity, get_comparable_code, list_levels
from workbook.safety.messages import Bilingual, load_messages
from workbook.safety.unsafe_text import fold_name

messages = load_messages("workbook.merging")
chase_messages = load_messages("workbook.merging.letters")


class AttendanceState(StrEnum):
    """What is known of an agency's report."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    """What it sent does not count yet."""
    RECEIVED = "received"
    """A file came that by its name may be its own and is not known to be its report, or is left out by decision."""
    UNVERIFIED = "unverified"
    """No report of it is known, but files came whose agency is unknown."""
    MISSING = "missing"
    """Nothing came that may be its own."""

    @property
    def words(self) -> Bilingual:
        """The state as a user reads it."""
        return messages.get(f"state.{self.value}")


class AgencyAttendance(NamedTuple):
    """One agency of the roster: its state, by which files (numbers in the store), and its last day if any.

    `likely` are the files that by their name may be its own, `containers` the folders and archives of its name in which
    none of these was found, `others` how many files there are whose agency is unknown.
    """

    agency: RosterAgency
    state: AttendanceState
    files: tuple[int, ...] = ()
    due: datetime.date | None = None
    likely: tuple[int, ...] = ()
    others: int = 0
    containers: tuple[str, ...] = ()


class UnlistedReport(NamedTuple):
    """A report that no line of the roster is certain for: its file, and the lines it may be from."""

    file: int
    candidates: tuple[RosterAgency, ...]


class LevelTurnout(NamedTuple):
    """How many agencies of one level the roster names, and how many have each state; a blank level is unknown."""

    level: str
    expected: int
    submitted: int
    returned: int
    received: int
    unverified: int
    missing: int

    @property
    def words(self) -> Bilingual:
        """The level as a user reads it."""
        found = next((level for level in list_levels() if level.code == self.level), None)
        return Bilingual(found.label, found.en) if found else messages.get("state.no_level")


@dataclass(frozen=True, slots=True)
class Attendance:
    """Every agency of the roster in its order, reports that are not on it, and files whose agency is not known.

    `unattributed` are the files that may be anybody's, by their number, which are counted so wherever they are;
    unlisted reports may be among them.
    """

    roster: Roster
    seats: tuple[AgencyAttendance, ...]
    unlisted: tuple[UnlistedReport, ...]
    unattributed: tuple[int, ...] = ()

    @property
    def among(self) -> int:
        """How many unlisted reports are among the unattributed files."""
        return len(set(self.unattributed).intersection(one.file for one in self.unlisted))

    def count(self, state: AttendanceState) -> int:
        """How many agencies have that state."""
        return sum(1 for seat in self.seats if seat.state is state)

    def turnout(self) -> tuple[LevelTurnout, ...]:
        """By level, in the order of the levels; levels nobody has are left out."""
        counts: defaultdict[str, dict[AttendanceState, int]] = defaultdict(lambda: dict.fromkeys(AttendanceState, 0))
        for seat in self.seats:
            counts[seat.agency.level][seat.state] += 1
        order = [level.code for level in list_levels()]
        found = sorted(counts, key=lambda code: (order.index(code) if code in order else len(order), code))
        return tuple(
            LevelTurnout(code, sum(counts[code].values()), *(counts[code][state] for state in AttendanceState))
            for code in found
        )


def call_roll(roster: Roster, collection: ReportCollection, beside: Sequence[Path] = ()) -> Attendance:
    """Call every agency of the roster. Only reports of the year merged answer; one of another year was returned.

    `beside` are files and folders given besides, such as the roster's own, which are nobody's report.
    """
    files: defaultdict[RosterAgency, list[tuple[int, FileStatus]]] = defaultdict(list)
    unlisted = []
    finder = AttributionFinder(roster, collection, beside)
    for entry in collection.entries.with_report():
        if entry.status is FileStatus.YEAR and finder.is_beside(entry):
            continue  # last year's, which nobody handed in for this one
        match = roster.match(entry.agency)
        if match.agency is not None:
            files[match.agency].append((entry.number, entry.status))
        else:
            finder.add_report(entry, match)
            if entry.status in LISTED:
                unlisted.append(UnlistedReport(entry.number, match.candidates))
    if len(files) < len(roster.agencies):
        finder.add_attributed({number: agency for agency, own in files.items() for number, _ in own})
    finder.add_open_files()
    finder.add_containers(files)
    found = finder.found
    seats = tuple(
        _decide_state(roster, agency, files.get(agency, []), found, collection.year) for agency in roster.agencies
    )
    most = max((seat.others for seat in seats if seat.state is AttendanceState.UNVERIFIED), default=0)
    unknown = found.anybodys + (found.coded if most > len(found.anybodys) else [])
    return Attendance(roster, seats, tuple(unlisted), tuple(sorted(unknown)))


def _decide_state(
    roster: Roster,
    agency: RosterAgency,
    files: list[tuple[int, FileStatus]],
    found: UnattributedFiles,
    year: int | None,
) -> AgencyAttendance:
    due = roster.due(agency, year) if year else None
    likely, others = tuple(found.likely.get(agency, ())), found.others(agency)
    containers = tuple(found.containers.get(agency, ()))
    if files:
        state = _decide_by_statuses({status for _, status in files})
    else:
        state = (
            AttendanceState.RECEIVED
            if likely or containers
            else AttendanceState.UNVERIFIED
            if others
            else AttendanceState.MISSING
        )
    return AgencyAttendance(agency, state, tuple(number for number, _ in files), due, likely, others, containers)


def _decide_by_statuses(statuses: set[FileStatus]) -> AttendanceState:
    """The state of an agency by the statuses of its reports; next to one left out, last year's does not matter."""
    if statuses & GOOD:
        return AttendanceState.SUBMITTED
    if statuses & (RETURNED - {FileStatus.YEAR}):
        return AttendanceState.RETURNED
    return AttendanceState.RECEIVED if FileStatus.EXCLUDED in statuses else AttendanceState.RETURNED


def is_late_file(entry: FileEntry, due: datetime.date | None) -> bool:
    """Whether the file's own time is after that day: no proof of when it came, for it changes with every copy.

    A time that lies ahead was set by a clock that is wrong, and says nothing.
    """
    day = get_file_day(entry.modified)
    return bool(day and day <= datetime.date.today() + datetime.timedelta(1) and is_late(day, due))


def get_file_day(modified: str) -> datetime.date | None:
    """The day of a file's time; None where it is not known."""
    return datetime.date.fromisoformat(modified[:10]) if modified else None


_REASONS = {
    FileStatus.HELD: LetterReason.HELD,
    FileStatus.ERRORS: LetterReason.ERRORS,
    FileStatus.WARNINGS: LetterReason.WARNINGS,
    FileStatus.CONFLICT: LetterReason.CONFLICT,
    FileStatus.YEAR: LetterReason.YEAR,
    FileStatus.FORM: LetterReason.FORM,
}


def list_chased(collection: ReportCollection, attendance: Attendance | None) -> Iterator[ChasedAgency]:
    """Everybody to be written to, and about what: by the roster, or without one everybody whose file needs mending."""
    if attendance is None:
        answered = {entry.key for entry in collection.entries.with_status(GOOD)}
        for entry in collection.entries:
            stray = entry.status is FileStatus.YEAR and entry.key in answered
            if entry.status in _REASONS and (entry.agency.name or entry.agency.code) and not stray:
                yield _describe_own_file(collection, _make_roster_line(entry), entry, None)
        return
    for seat in attendance.seats:
        yield from _list_owed(collection, attendance.roster, seat, len(attendance.unattributed))


def _list_owed(
    collection: ReportCollection, roster: Roster, seat: AgencyAttendance, unattributed: int
) -> Iterator[ChasedAgency]:
    """What one agency of the roster is written to about."""
    if seat.state is AttendanceState.MISSING:
        yield ChasedAgency(seat.agency, seat.agency.contact, seat.due, LetterReason.MISSING)
    if seat.state is AttendanceState.UNVERIFIED:
        yield ChasedAgency(seat.agency, seat.agency.contact, seat.due, LetterReason.UNVERIFIED, others=unattributed)
    for number in seat.files:
        entry = collection.entries[number - 1]
        stray = entry.status is FileStatus.YEAR and seat.state is not AttendanceState.RETURNED
        if entry.status in _REASONS and not stray:
            yield _describe_own_file(collection, seat.agency, entry, seat.due)
    if seat.state is AttendanceState.SUBMITTED:
        return
    for place in seat.containers:
        yield ChasedAgency(seat.agency, seat.agency.contact, seat.due, LetterReason.CONTAINER, place)
    for number in seat.likely:
        entry = collection.entries[number - 1]
        if entry.status is not FileStatus.EXCLUDED:
            yield _describe_likely_file(collection, roster, seat, entry)


def _describe_likely_file(
    collection: ReportCollection, roster: Roster, seat: AgencyAttendance, entry: FileEntry
) -> ChasedAgency:
    """A file that may be an agency's own: why it was not taken for its report. Another's content is not revealed."""
    who = entry.agency
    to, due = seat.agency, seat.due
    if not entry.form:
        why = LetterReason.UNREAD if is_coordinator_side(entry.why) else LetterReason.UNREADABLE
        return ChasedAgency(to, to.contact, due, why, entry.place, (), entry.why)
    named = bool(who.name or who.code)
    match = roster.match(who)
    other = match.agency is not None and not match.crossed
    cover = "crossed" if match.crossed else "other" if other else ""
    detail = Bilingual(chase_messages.text(f"unclear.{cover}") if cover else _compare_cover(who, to), "")
    if entry.status is FileStatus.YEAR and not other:
        detail = detail.then(entry.why)
    findings = collection.findings(entry) if entry.status in LISTED and not named else ()
    return ChasedAgency(to, to.contact, due, LetterReason.UNCLEAR, entry.place, findings, detail)


def _compare_cover(who: Identity, listed: RosterAgency) -> str:
    """In what the cover of a report and the line of the roster do not agree; what is blank is named as blank."""
    if not who.name and not who.code:
        return chase_messages.text("unclear.nameless")
    name = bool(who.name and listed.name and fold_name(who.name) != fold_name(listed.name))
    code = bool(who.code and listed.code and fold_name(who.code) != fold_name(listed.code))
    if name and code:
        parts = ["both_differ"]
    else:
        parts = [
            *(["name_differs"] if name else [] if who.name else ["name_blank"]),
            *(["code_differs"] if code else [] if who.code else ["code_blank"]),
        ]
    if not parts:
        return chase_messages.text("unclear.unsure")
    return chase_messages.text(
        "unclear.cover",
        parts=chase_messages.text("letter.comma").join(chase_messages.text(f"unclear.{one}") for one in parts),
    )


def _make_roster_line(entry: FileEntry) -> RosterAgency:
    """Whose report it is where there is no roster; of one that states no code, that which others of it state."""
    who = entry.agency
    return RosterAgency(
        who.name, who.code or get_comparable_code(Identity(code=entry.key)), who.region, who.level, "", who.contact
    )


def _describe_own_file(
    collection: ReportCollection, agency: RosterAgency, entry: FileEntry, due: datetime.date | None
) -> ChasedAgency:
    findings = collection.findings(entry) if entry.status in LISTED else ()
    contact = agency.contact or entry.agency.contact
    return ChasedAgency(agency, contact, due, _REASONS[entry.status], entry.place, findings, entry.why)
