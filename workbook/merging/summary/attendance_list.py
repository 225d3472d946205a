"""报送状态: every agency of the roster, by when it was due, whom to ask; reports of nobody, files of nobody known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from workbook import identity
from workbook.merging.attendance import Attendance, Seat, State, Stranger, came_after
from workbook.merging.status import COUNTED, GOOD, Entry
from workbook.merging.summary.agency_details import AgencyDetails
from workbook.merging.summary.file_lists import file_row
from workbook.merging.summary.list_sheet import FileLinks, ListSheet
from workbook.merging.summary.words import word, words
from workbook.merging.summing import Merged
from workbook.template.pen import Pen
from workbook.template.template_layout import Spot

TONES = {
    State.SUBMITTED: "good",
    State.RETURNED: "bad",
    State.RECEIVED: "wait",
    State.UNVERIFIED: "wait",
    State.MISSING: "bad",
}
NAMED = 5
UNATTRIBUTED = 1_000
"""So many files of nobody known are listed; the list of files has them all."""
_FILE = 8


def draw_attendance(pen: Pen, merged: Merged, attendance: Attendance, details: AgencyDetails, links: FileLinks) -> None:
    """Draw the roll call."""
    widths = (6, 34, 22, 15, 26, 10, 13, 24, 36, 18, 44)
    known = {stranger.file for stranger in attendance.strangers}
    unknown = [number for number in attendance.unattributed if number not in known]
    hint = _hint(attendance)
    if len(unknown) > UNATTRIBUTED:
        hint += word("attendance.more", n=len(unknown) - UNATTRIBUTED, files=word("sheet.files"))
    lines = ListSheet(pen, word("sheet.attendance"), words("attendance.columns"), widths, hint)
    entries = merged.collection.entries
    problems: defaultdict[int, list[str]] = defaultdict(list)
    for problem in merged.side_input_problems:
        if problem.line:
            problems[problem.line].append(problem.words.zh)
    for seat in attendance.seats:
        files = [entries[number - 1] for number in seat.files]
        if seat.state is not State.SUBMITTED:
            files += [entries[number - 1] for number in seat.likely]
        files.sort(key=lambda one: one.status not in COUNTED)
        _line(lines, seat, files, problems.get(seat.agency.line, ()), details, links)
    shown = _shown(attendance)
    for stranger in attendance.strangers:
        _stranger(lines, stranger, entries[stranger.file - 1], shown.get(stranger.file, ()), details, links)
    for number in unknown[:UNATTRIBUTED]:
        _unattributed(lines, entries[number - 1], shown.get(number, ()), details, links)
    lines.finish(word("attendance.none"))


def _hint(attendance: Attendance) -> str:
    """How many agencies are in each state, and how many files nobody can attribute."""
    states = Counter(seat.state for seat in attendance.seats)
    counts = "、".join(word("attendance.count", state=state.words.zh, n=states[state]) for state in State)
    facts = {"n": len(attendance.seats), "counts": counts, "strangers": len(attendance.strangers)}
    among = word("attendance.among", n=attendance.among) if attendance.among else ""
    return word("attendance.hint", unattributed=len(attendance.unattributed), among=among, **facts)


def _shown(attendance: Attendance) -> Mapping[int, Sequence[str]]:
    """The files that stand in lines of agencies whose own they may be, and whose lines these are."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for seat in attendance.seats:
        for number in seat.likely if seat.state is not State.SUBMITTED else ():
            found[number].append(seat.agency.name or seat.agency.code)
    return found


def _line(
    lines: ListSheet, seat: Seat, files: list[Entry], problems: Sequence[str], details: AgencyDetails, links: FileLinks
) -> None:
    agency = seat.agency
    level = identity.level_named(agency.level)
    first = files[0] if files else None
    said = (
        lines.next - 2, agency.name, agency.code, level.label if level else agency.level, agency.parent,
        seat.state.words.zh, seat.due.isoformat() if seat.due else "", agency.contact,
        "\n".join([*(one.place for one in files), *seat.containers]), first.status.words.zh if first else "",
        "\n".join(dict.fromkeys((*problems, *_said(seat, files)))),
    )  # fmt: skip
    status = f"tone_{first.status.tone}" if first else "tone_none"
    styles = ("number", "item", "item", "item", "item", f"tone_{TONES[seat.state]}", "date", "item", "item", status)
    _linked(lines, (*said,), (*styles, "item"), first, details, links)


def _said(seat: Seat, files: list[Entry]) -> Iterator[str]:
    """What is said of an agency's files."""
    likely = [one for one in files if one.number in seat.likely]
    if likely:
        yield word("attendance.likely", files="、".join(one.place for one in likely))
    if seat.containers and seat.state is not State.SUBMITTED:
        yield word("attendance.containers", places="、".join(seat.containers))
    for one in files:
        if one.reason.zh:
            yield one.reason.zh
        if one.status in GOOD and came_after(one, seat.due):
            yield word("attendance.after", day=one.modified[:10])


def _unattributed(lines: ListSheet, one: Entry, shown: Sequence[str], details: AgencyDetails, links: FileLinks) -> None:
    who = one.agency
    kind = "stranger" if who.name or who.code else "unattributed"
    why = _unknown(one) if one.form else word("attendance.unattributed_why")
    said = (
        lines.next - 2, who.name, who.code, "", "", word(f"attendance.{kind}"), "", who.contact, one.place,
        one.status.words.zh, "\n".join(text for text in (one.reason.zh, _said_of(shown), why) if text),
    )  # fmt: skip
    styles = ("number", "item", "item", "item", "item", "tone_wait", "date", "item", "item", f"tone_{one.status.tone}")
    _linked(lines, said, (*styles, "item"), one, details, links)


def _unknown(one: Entry) -> str:
    """Why nobody can tell whose report it is, where no line of the roster may be meant."""
    named = one.agency.name or one.agency.code
    return word("attendance.unlisted" if named else "attendance.nameless")


def _said_of(shown: Sequence[str]) -> str:
    return word("attendance.shown", names="、".join(f"“{name}”" for name in shown[:NAMED])) if shown else ""


def _stranger(
    lines: ListSheet, stranger: Stranger, one: Entry, shown: Sequence[str], details: AgencyDetails, links: FileLinks
) -> None:
    who = one.agency
    level = identity.level_named(who.level)
    names = "、".join(agency.name for agency in stranger.candidates[:NAMED])
    why = word("attendance.candidates", names=names) if names else _unknown(one)
    named = not names and (who.name or who.code)
    said = (
        lines.next - 2, who.name, who.code, level.label if level else who.level, "",
        word("attendance.stranger" if named else "attendance.unclear"), "", who.contact, one.place,
        one.status.words.zh, "\n".join(text for text in (_said_of(shown), why) if text),
    )  # fmt: skip
    styles = ("number", "item", "item", "item", "item", "tone_wait", "date", "item", "item", f"tone_{one.status.tone}")
    _linked(lines, said, (*styles, "item"), one, details, links)


def _linked(
    lines: ListSheet,
    said: tuple[str | int, ...],
    styles: tuple[str, ...],
    one: Entry | None,
    details: AgencyDetails,
    links: FileLinks,
) -> None:
    """A line whose name leads to the figures, whose status to what became of the file, and whose file opens."""
    if one is None:
        lines.add(said, styles)
        return
    spot, target = details.agency(one), links.file(one)
    looks = list(styles)
    looks[1] = "itemlink" if spot else "item"
    looks[_FILE] = "itemlink" if target else "item"
    to_file = Spot(word("sheet.files"), file_row(one), 1)
    lines.add(said, looks, {1: spot, _FILE: target, _FILE + 1: to_file})
