"""Roll call: of the agencies on the roster, who has submitted, who is late, whose report went back, who is missing."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from workbook.finding import Words
from workbook.identity import levels
from workbook.merging.chase.letters import Chased, Why
from workbook.merging.collection import Collection
from workbook.merging.roster.deadlines import late
from workbook.merging.roster.lines import Agency, Roster
from workbook.merging.status import GOOD, LISTED, Entry, Status
from workbook.merging.words import said


class State(StrEnum):
    """Where an agency stands."""

    SUBMITTED = "submitted"
    LATE = "late"
    """Submitted after its last day."""
    RETURNED = "returned"
    """What it sent does not count yet."""
    MISSING = "missing"

    @property
    def words(self) -> Words:
        """The state as a user reads it."""
        return said(f"state.{self.value}")


class Seat(NamedTuple):
    """One agency of the roster: where it stands, by which files (numbers in the ledger), and its last day if any."""

    agency: Agency
    state: State
    files: tuple[int, ...] = ()
    due: datetime.date | None = None


class Stranger(NamedTuple):
    """A report that no line of the roster is certain for: its file, and the lines it may be from."""

    file: int
    candidates: tuple[Agency, ...]


class Turnout(NamedTuple):
    """How many agencies of one level the roster names, and how many stand where; a blank level is unknown."""

    level: str
    expected: int
    submitted: int
    late: int
    returned: int
    missing: int

    @property
    def words(self) -> Words:
        """The level as a user reads it."""
        found = next((level for level in levels() if level.code == self.level), None)
        return Words(found.label, found.en) if found else said("state.no_level")


@dataclass(frozen=True, slots=True)
class Attendance:
    """The roll call: every agency of the roster in its order, and the reports of nobody on it."""

    roster: Roster
    seats: tuple[Seat, ...]
    strangers: tuple[Stranger, ...]

    def turnout(self) -> tuple[Turnout, ...]:
        """By level, in the order of the levels; levels nobody has are left out."""
        counts: defaultdict[str, dict[State, int]] = defaultdict(lambda: dict.fromkeys(State, 0))
        for seat in self.seats:
            counts[seat.agency.level][seat.state] += 1
        order = [level.code for level in levels()]
        found = sorted(counts, key=lambda code: (order.index(code) if code in order else len(order), code))
        return tuple(
            Turnout(
                code,
                sum(counts[code].values()),
                counts[code][State.SUBMITTED],
                counts[code][State.LATE],
                counts[code][State.RETURNED],
                counts[code][State.MISSING],
            )
            for code in found
        )


def roll_call(roster: Roster, collection: Collection) -> Attendance:
    """Call every agency of the roster. Only reports of the year merged answer; one of another year was returned."""
    files: defaultdict[Agency, list[tuple[int, Status, str]]] = defaultdict(list)
    strangers = []
    for entry in collection.entries.where("form <> ''"):
        match = roster.match(entry.agency)
        if match.agency is not None:
            files[match.agency].append((entry.number, entry.status, entry.modified))
        elif entry.status in LISTED:
            strangers.append(Stranger(entry.number, match.candidates))
    seats = tuple(_seat(roster, agency, files.get(agency, []), collection.year) for agency in roster.agencies)
    return Attendance(roster, seats, tuple(strangers))


def _seat(roster: Roster, agency: Agency, files: list[tuple[int, Status, str]], year: int | None) -> Seat:
    due = roster.due(agency, year) if year else None
    numbers = tuple(number for number, _, _ in files)
    counted = [modified for _, status, modified in files if status in GOOD]
    if counted:
        came = _came(counted[0])
        state = State.LATE if came and late(came, due) else State.SUBMITTED
    else:
        state = State.RETURNED if files else State.MISSING
    return Seat(agency, state, numbers, due)


def _came(modified: str) -> datetime.date | None:
    """The day a file came; None where it is not known, or lies ahead: a clock was wrong, and nobody is late by that."""
    day = day_of(modified)
    return None if day and day > datetime.date.today() + datetime.timedelta(1) else day


def day_of(modified: str) -> datetime.date | None:
    """The day of a file's time; None where it is not known."""
    return datetime.date.fromisoformat(modified[:10]) if modified else None


_WHY = {
    Status.HELD: Why.HELD,
    Status.ERRORS: Why.ERRORS,
    Status.WARNINGS: Why.WARNINGS,
    Status.CONFLICT: Why.CONFLICT,
    Status.UNREADABLE: Why.UNREADABLE,
    Status.YEAR: Why.YEAR,
    Status.FORM: Why.FORM,
}


def chased(collection: Collection, attendance: Attendance | None) -> Iterator[Chased]:
    """Everybody to be written to, and about what: by the roster, or without one everybody whose file needs mending."""
    if attendance is None:
        answered = {entry.key for entry in collection.having(GOOD)}
        for entry in collection.entries:
            stray = entry.status is Status.YEAR and entry.key in answered
            if entry.status in _WHY and (entry.agency.name or entry.agency.code) and not stray:
                yield _about(collection, _listed(entry), entry, None)
        return
    for seat in attendance.seats:
        if seat.state is State.MISSING:
            yield Chased(seat.agency, seat.agency.contact, seat.due, Why.MISSING)
        for number in seat.files:
            entry = collection.entries[number - 1]
            stray = entry.status is Status.YEAR and seat.state is not State.RETURNED
            if entry.status in _WHY and not stray:
                yield _about(collection, seat.agency, entry, seat.due)
            elif seat.state is State.LATE and entry.status in GOOD:
                came = day_of(entry.modified)
                yield Chased(seat.agency, seat.agency.contact, seat.due, Why.LATE, entry.place, received=came)


def _listed(entry: Entry) -> Agency:
    who = entry.agency
    return Agency(who.name, who.code, who.region, who.level, "", who.contact)


def _about(collection: Collection, agency: Agency, entry: Entry, due: datetime.date | None) -> Chased:
    findings = collection.findings(entry) if entry.status in LISTED else ()
    contact = agency.contact or entry.agency.contact
    came = day_of(entry.modified)
    return Chased(agency, contact, due, _WHY[entry.status], entry.place, findings, entry.why, came)
