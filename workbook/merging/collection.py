"""What a merge collected: every file found, streamed from the ledger, and the reports whose figures are summed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any, overload

from workbook.finding import Finding
from workbook.form import Form
from workbook.harmless import unseen
from workbook.identity import Identity
from workbook.jsonio import SUMMARY
from workbook.merging.ledger import Ledger
from workbook.merging.mapped import mapped
from workbook.merging.record import Record, body_of, carried_of, findings_of, head_of, report_of
from workbook.merging.rows import Row
from workbook.merging.status import COUNTED, NOTHING, Entry, Status
from workbook.numbers import EXACT, Number
from workbook.report import Report
from workbook.safety.messages import Bilingual, load_messages

messages = load_messages("workbook.merging")

KIND = SUMMARY
"""What the JSON of a merge says it is."""
_ENTRY = (
    "number, place, path, status, zh, en, name, code, region, level, contact, revision, year, form, key, errors, "
    "warnings, sha, size, modified, reader, read_at, template, member, listed, decided"
)
_COUNTED = ", ".join(f"'{status.value}'" for status in sorted(COUNTED))


def entry_of(row: Sequence[Any]) -> Entry:
    """The entry in a row of the ledger."""
    number, place, path, status, zh, en, name, code, region, level, contact, revision, *rest = row
    agency = Identity(name, code, region, level, contact, revision)
    why = Bilingual(zh, en) if zh else NOTHING
    return Entry(number, place, os.fsdecode(path), Status(status), why, agency, *rest)


class Entries(Sequence[Entry]):
    """Every file found, in the order of their places; read from the ledger as they are asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __len__(self) -> int:
        """How many files were found."""
        ((count,),) = self._ledger.rows("SELECT count(*) FROM file")
        return int(count)

    def __iter__(self) -> Iterator[Entry]:
        """The files, one by one."""
        return self.where("1")

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        """One file by its position from 0, or several."""
        if isinstance(index, slice):
            wanted = range(len(self))[index]
            return [self[n] for n in wanted]
        number = index + 1 if index >= 0 else len(self) + index + 1
        found = next(self.where("number = ?", (number,)), None)
        if found is None:
            raise IndexError(index)
        return found

    def where(self, condition: str, values: Sequence[object] = ()) -> Iterator[Entry]:
        """The files for which a condition on the ledger holds."""
        return map(entry_of, self._ledger.rows(f"SELECT {_ENTRY} FROM file WHERE {condition} ORDER BY number", values))


class Collection:
    """Every file found, and the year and form that are merged (None: nothing is). Close it when done."""

    def __init__(self, ledger: Ledger, year: int | None = None, form: Form | None = None) -> None:
        self.ledger = ledger
        self.entries = Entries(ledger)
        self.year = year
        self.form = form

    def __enter__(self) -> Collection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget the files; what was read stays in the cache, if there is one."""
        self.ledger.close()

    def settled(self, numbers: Iterable[int], status: Status) -> None:
        """Give these files another status, of which nothing is said but which signs in their names are not seen."""
        rows = [(status.value, *unseen_in(self.entries[number - 1].place), number) for number in numbers]
        self.ledger.change("UPDATE file SET status = ?, zh = ?, en = ? WHERE number = ?", rows)

    @property
    def counted(self) -> Iterator[Entry]:
        """The files whose figures are in the sum: one an agency."""
        return self.entries.where(f"status IN ({_COUNTED})")

    def having(self, statuses: frozenset[Status]) -> Iterator[Entry]:
        """The files that have one of these statuses."""
        wanted = sorted(status.value for status in statuses)
        return self.entries.where(f"status IN ({', '.join('?' * len(wanted))})", wanted)

    def counts(self) -> Mapping[Status, int]:
        """How many files have each status, all statuses named: together they are the files found."""
        found: dict[str, int] = dict(self.ledger.rows("SELECT status, count(*) FROM file GROUP BY status"))
        return {status: int(found.get(status.value, 0)) for status in Status}

    def unlisted(self) -> int:
        """How many of the reports that count are of nobody on the roster."""
        ((count,),) = self.ledger.rows(f"SELECT count(*) FROM file WHERE listed < 1 AND status IN ({_COUNTED})")
        return int(count)

    def reports(self, statuses: frozenset[Status] = COUNTED) -> Iterator[tuple[Entry, Report]]:
        """The reports that are summed, each in the form merged, with identity and sources but no texts.

        `statuses` asks for those that have one of these instead.
        """
        if self.form is None:
            return
        for entry in self.having(statuses):
            yield entry, mapped(self.report(entry), self.form).report

    def rows(self) -> Iterator[Row]:
        """The same as rows, for what compares agencies."""
        for entry, report in self.reports():
            yield Row(entry.number, entry.key, entry.agency.level, report)

    def control(self) -> Number:
        """All figures of the files that count, added as each was read: exactly, however large."""
        texts = self.ledger.rows(f"SELECT control FROM file WHERE status IN ({_COUNTED})")
        with localcontext(EXACT):
            return sum(Decimal(text) if "." in text or "E" in text else int(text) for (text,) in texts)

    def report(self, entry: Entry) -> Report:
        """The report of a file in its own form; its texts are left in the file. KeyError if it holds none."""
        record = self._record(entry)
        body = body_of(record.body, file_of(entry), findings=False)
        places = self.ledger.readings.places(record.places) or {}
        return report_of(head_of(record.head), body, places, file_of(entry))

    def carried(self, entry: Entry) -> Report | None:
        """Last year's figures as the file carried them, in its own form. KeyError if it holds no report."""
        record = self._record(entry)
        return carried_of(head_of(record.head), body_of(record.body, file_of(entry), findings=False))

    def findings(self, entry: Entry) -> tuple[Finding, ...]:
        """What was found when the file was read and checked, between the years by what was submitted last year.

        Nothing for a file that holds no report.
        """
        if not entry.form:
            return ()
        for (again,) in self.ledger.rows("SELECT findings FROM judged WHERE number = ?", (entry.number,)):
            return findings_of(again, file_of(entry))
        return body_of(self._record(entry).body, file_of(entry)).findings

    def _record(self, entry: Entry) -> Record:
        kinds = self.ledger.rows("SELECT kind FROM file WHERE number = ? AND form <> ''", (entry.number,))
        record = next((self.ledger.readings.record(entry.sha256, kind) for (kind,) in kinds), None)
        if record is None:
            raise KeyError(entry.place)
        return record


def unseen_in(place: str) -> Bilingual:
    """What is said of a file whose name is not what it looks like; nothing of any other."""
    signs = unseen(place)
    return messages.get("why.unseen", signs="、".join(signs)) if signs else NOTHING


def file_of(entry: Entry) -> str:
    """The name of the file, as findings give it."""
    return entry.place.rpartition("!")[2].rpartition("/")[2]
