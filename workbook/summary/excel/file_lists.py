"""Writes the sheets 报送状态 and 文件清单: every agency of the roster, and every file found with its status.

报送状态 also lists the reports of agencies that are not on the roster and the files whose sender is not known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from workbook.excel.template.pen import Pen
from workbook.excel.template_layout import SheetCell
from workbook.merging.attendance import AgencyAttendance, Attendance, AttendanceState, UnlistedReport, is_late_file
from workbook.merging.collected_reports import ReportCollection
from workbook.merging.file_status import COUNTED, GOOD, PENDING, FileEntry, FileStatus
from workbook.merging.prior_year.summary_reader import TOTAL
from workbook.merging.totals import MergeResult
from workbook.model import identity
from workbook.model.cell_address import format_address
from workbook.model.form import Cell
from workbook.model.numbers import CellValue
from workbook.safety.messages import load_messages
from workbook.summary.data.report_table import format_label
from workbook.summary.excel.agency_details import AgencyDetails
from workbook.summary.excel.list_sheet import FIRST, FileLinks, ListSheet

messages = load_messages("workbook.summary.excel")

TONES = {
    AttendanceState.SUBMITTED: "good",
    AttendanceState.RETURNED: "bad",
    AttendanceState.RECEIVED: "wait",
    AttendanceState.UNVERIFIED: "wait",
    AttendanceState.MISSING: "bad",
}
NAMED = 5
UNATTRIBUTED = 1_000
"""So many files of nobody known are listed; the list of files has them all."""
_FILE = 8


def write_attendance(
    pen: Pen, merged: MergeResult, attendance: Attendance, details: AgencyDetails, links: FileLinks
) -> None:
    """Write the roll call: the agencies, then reports of nobody on the roster, then files of nobody known."""
    known = {report.file for report in attendance.unlisted}
    unknown = [number for number in attendance.unattributed if number not in known]
    hint = _write_hint(attendance)
    if len(unknown) > UNATTRIBUTED:
        hint += messages.text("attendance.more", n=len(unknown) - UNATTRIBUTED, files=messages.text("sheet.files"))
    sheet = _AttendanceList(pen, hint, details, links)
    entries = merged.collection.entries
    problems: defaultdict[int, list[str]] = defaultdict(list)
    for problem in merged.side_input_problems:
        if problem.line:
            problems[problem.line].append(problem.words.zh)
    for seat in attendance.seats:
        files = [entries[number - 1] for number in seat.files]
        if seat.state is not AttendanceState.SUBMITTED:
            files += [entries[number - 1] for number in seat.likely]
        files.sort(key=lambda one: one.status not in COUNTED)
        sheet.add_seat(seat, files, problems.get(seat.agency.line, ()))
    shown = _find_shown(attendance)
    for report in attendance.unlisted:
        sheet.add_stranger(report, entries[report.file - 1], shown.get(report.file, ()))
    for number in unknown[:UNATTRIBUTED]:
        sheet.add_unattributed(entries[number - 1], shown.get(number, ()))
    sheet.lines.finish(messages.text("attendance.none"))


def _write_hint(attendance: Attendance) -> str:
    """How many agencies are in each state, and how many files nobody can attribute."""
    states = Counter(seat.state for seat in attendance.seats)
    counts = "、".join(
        messages.text("attendance.count", state=state.words.zh, n=states[state]) for state in AttendanceState
    )
    facts = {"n": len(attendance.seats), "counts": counts, "strangers": len(attendance.unlisted)}
    among = messages.text("attendance.among", n=attendance.among) if attendance.among else ""
    return messages.text("attendance.hint", unattributed=len(attendance.unattributed), among=among, **facts)


def _find_shown(attendance: Attendance) -> Mapping[int, Sequence[str]]:
    """The files in lines of agencies whose own they may be, and whose lines these are."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for seat in attendance.seats:
        for number in seat.likely if seat.state is not AttendanceState.SUBMITTED else ():
            found[number].append(seat.agency.name or seat.agency.code)
    return found


class _AttendanceList:
    """The list: a name leads to the agency's figures, a status to what became of the file, and the file opens."""

    def __init__(self, pen: Pen, hint: str, details: AgencyDetails, links: FileLinks) -> None:
        widths = (6, 34, 22, 15, 26, 10, 13, 24, 36, 18, 44)
        self.lines = ListSheet(
            pen, messages.text("sheet.attendance"), messages.texts("attendance.columns"), widths, hint
        )
        self._details, self._links = details, links

    def add_seat(self, seat: AgencyAttendance, files: list[FileEntry], problems: Sequence[str]) -> None:
        """An agency of the roster; the first file decides what became of its report."""
        agency = seat.agency
        who = (agency.name, agency.code, identity.get_level_label(agency.level), agency.parent)
        due = seat.due.isoformat() if seat.due else ""
        places = "\n".join([*(one.place for one in files), *seat.containers])
        remarks = dict.fromkeys((*problems, *_describe_files(seat, files)))
        state = (seat.state.words.zh, due, agency.contact)
        self._add_line(who, state, TONES[seat.state], places, files[0] if files else None, remarks)

    def add_stranger(self, report: UnlistedReport, one: FileEntry, shown: Sequence[str]) -> None:
        """A report of an agency that is not on the roster, or may be one of several."""
        who = one.agency
        names = "、".join(agency.name for agency in report.candidates[:NAMED])
        why = messages.text("attendance.candidates", names=names) if names else _explain_unknown(one)
        named = not names and (who.name or who.code)
        state = (messages.text("attendance.stranger" if named else "attendance.unclear"), "", who.contact)
        about = (who.name, who.code, identity.get_level_label(who.level), "")
        self._add_line(about, state, "wait", one.place, one, (_describe_shown(shown), why))

    def add_unattributed(self, one: FileEntry, shown: Sequence[str]) -> None:
        """A file that does not say whose it is, or cannot be read."""
        who = one.agency
        kind = "stranger" if who.name or who.code else "unattributed"
        why = _explain_unknown(one) if one.form else messages.text("attendance.unattributed_why")
        state = (messages.text(f"attendance.{kind}"), "", who.contact)
        self._add_line(
            (who.name, who.code, "", ""), state, "wait", one.place, one, (one.reason.zh, _describe_shown(shown), why)
        )

    def _add_line(
        self,
        who: tuple[str, ...],
        state: tuple[str, ...],
        tone: str,
        places: str,
        one: FileEntry | None,
        remarks: Iterable[str],
    ) -> None:
        spot, target = (self._details.agency(one), self._links.file(one)) if one else (None, "")
        status = one.status.words.zh if one else ""
        values: tuple[CellValue, ...] = (
            self.lines.next - 2, *who, *state, places, status, "\n".join(filter(None, remarks)),
        )  # fmt: skip
        styles = (
            "number", "itemlink" if spot else "item", "item", "item", "item", f"tone_{tone}", "date", "item",
            "itemlink" if target else "item", f"tone_{one.status.tone}" if one else "tone_none", "item",
        )  # fmt: skip
        to_file = locate_file(one) if one else None
        self.lines.add(values, styles, {1: spot, _FILE: target, _FILE + 1: to_file})


def _describe_files(seat: AgencyAttendance, files: list[FileEntry]) -> Iterator[str]:
    """The remarks on an agency's files."""
    likely = [one for one in files if one.number in seat.likely]
    if likely:
        yield messages.text("attendance.likely", files="、".join(one.place for one in likely))
    if seat.containers and seat.state is not AttendanceState.SUBMITTED:
        yield messages.text("attendance.containers", places="、".join(seat.containers))
    for one in files:
        if one.reason.zh:
            yield one.reason.zh
        if one.status in GOOD and is_late_file(one, seat.due):
            yield messages.text("attendance.after", day=one.modified[:10])


def _explain_unknown(one: FileEntry) -> str:
    """Why it is not known whose report it is, where no line of the roster may be meant."""
    named = one.agency.name or one.agency.code
    return messages.text("attendance.unlisted" if named else "attendance.nameless")


def _describe_shown(shown: Sequence[str]) -> str:
    return messages.text("attendance.shown", names="、".join(f"“{name}”" for name in shown[:NAMED])) if shown else ""


# lists of files -------------------------------------------------------------------------------------------------------


STATUS = 2
"""The column of the statuses."""


class FileList(NamedTuple):
    """What the overview says of the list: the first line of each status, and the first of a file to be settled."""

    first: dict[FileStatus, int]
    pending: int
    last: int

    @property
    def statuses(self) -> str:
        """The area that holds the statuses, as formulas refer to it."""
        return f"'{messages.text('sheet.files')}'!$C${FIRST + 1}:$C${self.last + 1}"


def locate_file(one: FileEntry) -> SheetCell:
    """The line of a file in the list of files, which is in the order of their numbers."""
    return SheetCell(messages.text("sheet.files"), FIRST - 1 + one.number, 1)


def draw_files(pen: Pen, collection: ReportCollection, details: AgencyDetails, links: FileLinks) -> FileList:
    """Draw the list of every file found."""
    hint = messages.text("files.hint", n=len(collection.entries), provenance=messages.text("sheet.provenance"))
    lines = ListSheet(
        pen, messages.text("sheet.files"), messages.texts("files.columns"), (6, 40, 18, 28, 7, 13, 6, 7, 7, 60, 8), hint
    )
    first: dict[FileStatus, int] = {}
    for one in collection.entries:
        first.setdefault(one.status, _draw_file_line(lines, one, details, links))
    lines.finish(messages.text("files.none"))
    pending = min((row for status, row in first.items() if status in PENDING), default=0)
    return FileList(first, pending, lines.last)


def _draw_file_line(lines: ListSheet, one: FileEntry, details: AgencyDetails, links: FileLinks) -> int:
    known: tuple[CellValue, ...] = (None,) * 6
    if one.form:
        known = (one.agency.name, one.year, one.form, one.agency.revision, one.errors, one.warnings)
    spot, target = details.agency(one), links.file(one)
    look = messages.text("files.look") if spot else ""
    values = (one.number, one.place, one.status.words.zh, *known, one.reason.zh, look)
    styles = (
        "number", "itemlink" if target else "item", f"tone_{one.status.tone}", "item", "date", "date", "date",
        "sum_bad" if one.errors else "sum", "sum_wait" if one.warnings else "sum", "item", "link" if spot else "item",
    )  # fmt: skip
    return lines.add(values, styles, {1: target, len(values) - 1: spot})


# 溯源 and 栏目位置: what every file is, and where in it the figure of a column is


def draw_provenance(pen: Pen, collection: ReportCollection, details: AgencyDetails, links: FileLinks) -> None:
    """Draw the list of files with their fingerprints."""
    widths = (6, 44, 18, 13, 20, 20, 13, 9, 9, 52)
    hint = messages.text("provenance.hint", n=len(collection.entries), places=messages.text("sheet.places"))
    lines = ListSheet(pen, messages.text("sheet.provenance"), messages.texts("provenance.columns"), widths, hint)
    for one in collection.entries:
        _draw_fingerprint_line(lines, one, details, links)
    lines.finish(messages.text("provenance.none"))


def _draw_fingerprint_line(lines: ListSheet, one: FileEntry, details: AgencyDetails, links: FileLinks) -> None:
    target = links.file(one)
    size = None if one.status is FileStatus.SKIPPED and not one.size else one.size
    number = details.gathered.layout(one)
    at = number or (messages.text("places.other") if one.status in COUNTED else None)
    values = (
        one.number, one.place, one.status.words.zh, size, _format_time(one.modified), _format_time(one.read_at),
        one.form, one.template, at, one.sha256,
    )  # fmt: skip
    styles = (
        "number", "itemlink" if target else "item", f"tone_{one.status.tone}", "sum", "date", "date", "date", "date",
        "date", "hash",
    )  # fmt: skip
    lines.add(values, styles, {1: target})


def _format_time(iso: str) -> str:
    """2025-01-20 09:30:00."""
    return iso[:19].replace("T", " ")


def draw_cell_places(pen: Pen, details: AgencyDetails) -> None:
    """Draw where each figure is located in the files: a line a cell of the form, a column a layout."""
    gathered = details.gathered
    heads = [messages.text("places.layout", n=n, count=count) for n, count in enumerate(gathered.counts, 1)]
    columns = [*messages.texts("places.columns"), *heads]
    hint = messages.text("places.hint", **{key: messages.text(f"sheet.{key}") for key in ("details", "provenance")})
    widths = (6, 8, 52, 40, 9, *[26] * len(heads))
    lines = ListSheet(pen, messages.text("sheet.places"), columns, widths, hint, frozen=3, head=36)
    for cell in details.form.cells:
        _draw_place_line(lines, cell, details)
    lines.finish()


def _draw_place_line(lines: ListSheet, cell: Cell, details: AgencyDetails) -> None:
    sheet = next(one.sheet for one in details.form.sections if one.code == cell.table.section)
    column = format_address(TOTAL, details.column(cell)).rstrip("0123456789")
    at = []
    for places in details.gathered.layouts:
        where, ref = places.get(cell.code, ("", ""))
        at.append(f"{where}!{ref}" if where else ref)
    look = "link" if details.listed else "date"
    styles = ("number", "item", "item", "item", look, *["item"] * len(at))
    lines.add((cell.index + 1, sheet, format_label(cell).zh, cell.code, column, *at), styles, {4: details.total(cell)})
