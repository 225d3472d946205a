"""What a merge collected: every file found, streamed from the ledger, and the reports whose figures are summed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, NamedTuple, overload

from workbook.exchange.report_json import SUMMARY
from workbook.merging.file_record import (
    FileRecord,
    load_carried_report,
    load_findings,
    load_record_report,
    read_record_body,
    read_record_head,
)
from workbook.merging.file_status import COUNTED, NOTHING, FileEntry, FileStatus
from workbook.merging.report_rows import ReportRow
from workbook.merging.result_store import ResultStore
from workbook.model.finding import Finding
from workbook.model.form import Form
from workbook.model.form_migration import FigureFate, FigureMove, convert_report
from workbook.model.identity import Identity
from workbook.model.numbers import EXACT, Number, Value
from workbook.model.report import Report
from workbook.safety.messages import Bilingual, load_messages
from workbook.safety.unsafe_text import find_invisible

messages = load_messages("workbook.merging")

KIND = SUMMARY
"""What the JSON of a merge says it is."""
_ENTRY = (
    "number, place, path, status, zh, en, name, code, region, level, contact, revision, year, form, key, errors, "
    "warnings, sha, size, modified, reader, read_at, template, member, listed, decided"
)
_COUNTED = ", ".join(f"'{status.value}'" for status in sorted(COUNTED))


def make_entry(row: Sequence[Any]) -> FileEntry:
    """The entry in a row of the ledger."""
    number, place, path, status, zh, en, name, code, region, level, contact, revision, *rest = row
    agency = Identity(name, code, region, level, contact, revision)
    why = Bilingual(zh, en) if zh else NOTHING
    return FileEntry(number, place, os.fsdecode(path), FileStatus(status), why, agency, *rest)


class FileEntries(Sequence[FileEntry]):
    """Every file found, in the order of their places; read from the ledger as they are asked for."""

    def __init__(self, ledger: ResultStore) -> None:
        self._ledger = ledger

    def __len__(self) -> int:
        """How many files were found."""
        ((count,),) = self._ledger.rows("SELECT count(*) FROM file")
        return int(count)

    def __iter__(self) -> Iterator[FileEntry]:
        """The files, one by one."""
        return self.where("1")

    @overload
    def __getitem__(self, index: int) -> FileEntry: ...
    @overload
    def __getitem__(self, index: slice) -> list[FileEntry]: ...
    def __getitem__(self, index: int | slice) -> FileEntry | list[FileEntry]:
        """One file by its position from 0, or several."""
        if isinstance(index, slice):
            wanted = range(len(self))[index]
            return [self[n] for n in wanted]
        number = index + 1 if index >= 0 else len(self) + index + 1
        found = next(self.where("number = ?", (number,)), None)
        if found is None:
            raise IndexError(index)
        return found

    def where(self, condition: str, values: Sequence[object] = ()) -> Iterator[FileEntry]:
        """The files for which a condition on the ledger holds."""
        return map(
            make_entry, self._ledger.rows(f"SELECT {_ENTRY} FROM file WHERE {condition} ORDER BY number", values)
        )


class ReportCollection:
    """Every file found, and the year and form that are merged (None: nothing is). Close it when done."""

    def __init__(self, ledger: ResultStore, year: int | None = None, form: Form | None = None) -> None:
        self.ledger = ledger
        self.entries = FileEntries(ledger)
        self.year = year
        self.form = form

    def __enter__(self) -> ReportCollection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget the files; what was read stays in the cache, if there is one."""
        self.ledger.close()

    def settled(self, numbers: Iterable[int], status: FileStatus) -> None:
        """Give these files another status, of which nothing is said but which signs in their names are not seen."""
        rows = [(status.value, *list_invisible_names(self.entries[number - 1].place), number) for number in numbers]
        self.ledger.change("UPDATE file SET status = ?, zh = ?, en = ? WHERE number = ?", rows)

    @property
    def counted(self) -> Iterator[FileEntry]:
        """The files whose figures are in the sum: one an agency."""
        return self.entries.where(f"status IN ({_COUNTED})")

    def having(self, statuses: frozenset[FileStatus]) -> Iterator[FileEntry]:
        """The files that have one of these statuses."""
        wanted = sorted(status.value for status in statuses)
        return self.entries.where(f"status IN ({', '.join('?' * len(wanted))})", wanted)

    def counts(self) -> Mapping[FileStatus, int]:
        """How many files have each status, all statuses named: together they are the files found."""
        found: dict[str, int] = dict(self.ledger.rows("SELECT status, count(*) FROM file GROUP BY status"))
        return {status: int(found.get(status.value, 0)) for status in FileStatus}

    def unlisted(self) -> int:
        """How many of the reports that count are of nobody on the roster."""
        ((count,),) = self.ledger.rows(f"SELECT count(*) FROM file WHERE listed < 1 AND status IN ({_COUNTED})")
        return int(count)

    def reports(self, statuses: frozenset[FileStatus] = COUNTED) -> Iterator[tuple[FileEntry, Report]]:
        """The reports that are summed, each in the form merged, with identity and sources but no texts.

        `statuses` asks for those that have one of these instead.
        """
        if self.form is None:
            return
        for entry in self.having(statuses):
            yield entry, convert_to_form(self.report(entry), self.form).report

    def rows(self) -> Iterator[ReportRow]:
        """The same as rows, for what compares agencies."""
        for entry, report in self.reports():
            yield ReportRow(entry.number, entry.key, entry.agency.level, report)

    def control(self) -> Number:
        """All figures of the files that count, added as each was read: exactly, however large."""
        texts = self.ledger.rows(f"SELECT control FROM file WHERE status IN ({_COUNTED})")
        with localcontext(EXACT):
            return sum(Decimal(text) if "." in text or "E" in text else int(text) for (text,) in texts)

    def report(self, entry: FileEntry) -> Report:
        """The report of a file in its own form; its texts are left in the file. KeyError if it holds none."""
        record = self._record(entry)
        body = read_record_body(record.body, get_file_name(entry), findings=False)
        places = self.ledger.readings.places(record.places) or {}
        return load_record_report(read_record_head(record.head), body, places, get_file_name(entry))

    def carried(self, entry: FileEntry) -> Report | None:
        """Last year's figures as the file carried them, in its own form. KeyError if it holds no report."""
        record = self._record(entry)
        return load_carried_report(
            read_record_head(record.head), read_record_body(record.body, get_file_name(entry), findings=False)
        )

    def findings(self, entry: FileEntry) -> tuple[Finding, ...]:
        """What was found when the file was read and checked, between the years by what was submitted last year.

        Nothing for a file that holds no report.
        """
        if not entry.form:
            return ()
        for (again,) in self.ledger.rows("SELECT findings FROM judged WHERE number = ?", (entry.number,)):
            return load_findings(again, get_file_name(entry))
        return read_record_body(self._record(entry).body, get_file_name(entry)).findings

    def _record(self, entry: FileEntry) -> FileRecord:
        kinds = self.ledger.rows("SELECT kind FROM file WHERE number = ? AND form <> ''", (entry.number,))
        record = next((self.ledger.readings.record(entry.sha256, kind) for (kind,) in kinds), None)
        if record is None:
            raise KeyError(entry.place)
        return record


def list_invisible_names(place: str) -> Bilingual:
    """What is said of a file whose name is not what it looks like; nothing of any other."""
    signs = find_invisible(place)
    return messages.get("why.unseen", signs="、".join(signs)) if signs else NOTHING


def get_file_name(entry: FileEntry) -> str:
    """The name of the file, as findings give it."""
    return entry.place.rpartition("!")[2].rpartition("/")[2]


# A report in another form than the one merged: carried over where the law's rows map, else said what


class ConvertedReport(NamedTuple):
    """The report in the form merged, and the figures that have no place there."""

    report: Report
    lost: tuple[FigureMove, ...]


def convert_to_form(report: Report, form: Form) -> ConvertedReport:
    """The report in `form`.

    A row that became several (`otherwise` → `otherwise.*`) cannot be split, unless its figure is 0: then so are they,
    for no count is negative. Any other figure without a place is lost.
    """
    if report.form.fingerprint == form.fingerprint:
        return ConvertedReport(report, ())
    carried, moves = convert_report(report, form)
    dropped = [move for move in moves if move.fate is FigureFate.DROPPED and move.value is not None]
    zero: dict[str, Value] = {}
    for move in dropped:
        if move.value == 0:
            zero |= {code: 0 for code in _became(move, form) if carried.values[form.index[code]] is None}
    lost = tuple(move for move in dropped if move.value != 0)
    return ConvertedReport(carried.with_values(zero) if zero else carried, lost)


def _became(move: FigureMove, form: Form) -> list[str]:
    """The cells of the form that the old cell's row was split into."""
    cell = move.old
    under = f"{cell.row.code}."
    return [
        new.code
        for new in form.cells
        if new.table.code == cell.table.code
        and new.column.code == cell.column.code
        and new.row.code.startswith(under)
        and not new.signed
    ]
