"""Stores every file of one merge and what became of it, one row a file of a temporary SQLite table.

No other module has SQL about them. The status of a row changes in this order; `FileStatus` says what each one means:

    add_files            ''  to be read            or skipped / unreadable: not read, with the reason
    record_outcomes      merged: holds a report    or unreadable / foreign / skipped
    set_fates            merged, or excluded / unlisted / year / form / conflict / duplicate / superseded / compared
    classify_by_findings merged, or warnings / errors / held

The table belongs to this connection alone: two merges over one cache do not meet, and nothing of it is left behind.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import Any, overload

from workbook.merging.file_record import FileRecord, count_findings, dump_findings, load_findings, read_record_head
from workbook.merging.file_status import COUNTED, CROSSED, NOTHING, FileEntry, FileFate, FileStatus, FoundFile
from workbook.merging.process_file import FileOutcome, FileTask
from workbook.merging.reading_cache import (
    RECORD,
    CachedReading,
    CacheNotPrivate,
    ReadingCache,
    explain_sqlite_error,
    make_private_folder,
    prepare_cache_file,
)
from workbook.merging.roster.roster_lines import Roster
from workbook.model.finding import Finding, Severity
from workbook.model.identity import Identity, get_comparable_code
from workbook.model.numbers import Number
from workbook.safety import owned_folders
from workbook.safety.messages import Bilingual
from workbook.safety.unsafe_text import fold_name, replace_surrogates

_SCHEMA = """
CREATE TEMP TABLE file (            -- one file found, e.g. '区县.zip!某局.xlsx'
    number INTEGER PRIMARY KEY,     -- from 1, in the order of places
    place TEXT,                     -- the path as lists show it
    path TEXT,                      -- the file on disk, the archive it is in, or a URL; bytes where it is no text
    member TEXT, nth INTEGER,       -- its name in the archive, and its index there: two members may share a name
    top TEXT, within TEXT,          -- the URL the user gave, and the path in that file system
    kind TEXT,                      -- how it is read: 'json' or 'book'
    status TEXT, zh TEXT DEFAULT '', en TEXT DEFAULT '',    -- the status and its reason in both languages
    size INTEGER DEFAULT 0, modified TEXT DEFAULT '', sha TEXT DEFAULT '', read_at TEXT DEFAULT '',
    -- what follows is the record's head; form is '' for a file without a report
    form TEXT DEFAULT '', fingerprint TEXT DEFAULT '', year INTEGER,
    name TEXT DEFAULT '', code TEXT DEFAULT '', region TEXT DEFAULT '', level TEXT DEFAULT '',
    contact TEXT DEFAULT '', revision INTEGER DEFAULT 0,
    figures TEXT DEFAULT '', control TEXT DEFAULT '0', errors INTEGER DEFAULT 0, warnings INTEGER DEFAULT 0,
    reader TEXT DEFAULT '', template TEXT DEFAULT '',
    -- what identifies the agency: name folded ('某局' without blanks and variants), credit code if valid, and the key
    folded TEXT DEFAULT '', valid TEXT DEFAULT '', key TEXT DEFAULT '',
    listed INTEGER DEFAULT 1,       -- 1 on the roster or no roster, 0 not on it, -1 (CROSSED) name and code disagree
    decided TEXT DEFAULT '');       -- 'yes' or 'no' as the coordinator decided
CREATE TEMP TABLE sole (            -- names that go with one credit code only: '某局' -> '1111…'
    folded TEXT PRIMARY KEY, valid TEXT);
CREATE TEMP TABLE reevaluated (     -- findings of this merge that replace those of the cached reading, as JSON
    number INTEGER PRIMARY KEY, findings TEXT NOT NULL);
"""
_AGENCY = "name, code, region, level, contact, revision"
_ENTRY = (
    f"number, place, path, status, zh, en, {_AGENCY}, year, form, key, errors, warnings, sha, size, modified, reader, "
    "read_at, template, member, listed, decided, fingerprint, figures"
)
"""The columns of a `FileEntry`, in the order of its fields."""
_OUTCOME = "status, zh, en, sha, size, modified, read_at"
_HEAD = f"form, fingerprint, year, {_AGENCY}, figures, errors, warnings, reader, template, control, folded, valid"
"""The columns of a `RecordHead`, in the order of its fields, and what is derived from them."""
_REPORT = "form <> ''"
_UNRESOLVED = "status = 'merged' AND form <> ''"
"""A report that nothing speaks against yet."""
_get_agency_columns = attrgetter(*_AGENCY.split(", "))


def _in_statuses(statuses: Iterable[FileStatus]) -> str:
    return f"status IN ({', '.join(repr(status.value) for status in sorted(statuses))})"


def _assign(columns: str) -> str:
    """The assignments of an UPDATE: `status, zh` -> `status = ?, zh = ?`."""
    return ", ".join(f"{column} = ?" for column in columns.split(", "))


_COUNTED = _in_statuses(COUNTED)
_WITH_ERRORS = {None: "", True: " AND errors > 0", False: " AND errors = 0"}


def _make_entry(row: Sequence[Any]) -> FileEntry:
    """The file that a row with the columns `_ENTRY` is about."""
    number, place, path, status, zh, en, name, code, region, level, contact, revision, *rest = row
    agency = Identity(name, code, region, level, contact, revision)
    why = Bilingual(zh, en) if zh else NOTHING
    return FileEntry(number, place, os.fsdecode(path), FileStatus(status), why, agency, *rest)


class _Connection:
    """Runs statements on the temporary tables; trouble of the system is raised as OSError with their folder."""

    def __init__(self, database: sqlite3.Connection, folder: Path) -> None:
        self._database = database
        self._folder = folder
        with explain_sqlite_error(folder):
            database.execute("PRAGMA temp_store = FILE")
            # Python's own choice of a folder: SQLite's is not the one the environment names if there is no room.
            where = str(folder).replace("'", "''")
            database.execute(f"PRAGMA temp_store_directory = '{where}'")
            database.executescript(_SCHEMA)

    def rows(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows a query gives, one by one."""
        with explain_sqlite_error(self._folder), closing(self._database.cursor()) as cursor:
            yield from cursor.execute(query, values)

    def change(self, statement: str, rows: Iterable[Sequence[object]] = ((),)) -> None:
        """Run a statement once for each of these rows, all or none."""
        with explain_sqlite_error(self._folder), self._database:
            self._database.executemany(statement, rows)

    def count(self, condition: str) -> int:
        """How many rows a condition holds for."""
        ((found,),) = self.rows(f"SELECT count(*) FROM file WHERE {condition}")
        return int(found)


class FileEntries(Sequence[FileEntry]):
    """Every file found, in the order of their places; each method reads its rows from the store as it is iterated."""

    def __init__(self, table: _Connection) -> None:
        self._table = table

    def __len__(self) -> int:
        return self._table.count("1")

    def __iter__(self) -> Iterator[FileEntry]:
        return self._where("1")

    @overload
    def __getitem__(self, index: int) -> FileEntry: ...
    @overload
    def __getitem__(self, index: slice) -> list[FileEntry]: ...
    def __getitem__(self, index: int | slice) -> FileEntry | list[FileEntry]:
        """One file by its position from 0, or several."""
        if isinstance(index, slice):
            return [self[n] for n in range(len(self))[index]]
        number = index + 1 if index >= 0 else len(self) + index + 1
        found = next(self._where("number = ?", number), None)
        if found is None:
            raise IndexError(index)
        return found

    def _where(self, condition: str, *values: object, order: str = "number") -> Iterator[FileEntry]:
        for row in self._table.rows(f"SELECT {_ENTRY} FROM file WHERE {condition} ORDER BY {order}", values):
            yield _make_entry(row)

    def with_report(self) -> Iterator[FileEntry]:
        """The files that hold a report, whatever its status."""
        return self._where(_REPORT)

    def with_status(self, statuses: Iterable[FileStatus], *, errors: bool | None = None) -> Iterator[FileEntry]:
        """The files that have one of these statuses; with `errors` only those whose report has some, or has none."""
        return self._where(_in_statuses(statuses) + _WITH_ERRORS[errors])

    def with_key(self, key: str) -> Iterator[FileEntry]:
        """The files of one agency."""
        return self._where("key = ?", key)

    def reports_at(self, place: str) -> Iterator[FileEntry]:
        """The report at a place, if one is there."""
        self._table.change("CREATE INDEX IF NOT EXISTS temp.file_place ON file (place)")
        return self._where(f"{_REPORT} AND place = ?", place)

    def crossed(self) -> Iterator[FileEntry]:
        """The files whose name is one agency's on the roster and whose credit code another's."""
        return self._where("listed = ?", CROSSED)

    def unresolved(self) -> Iterator[FileEntry]:
        """The reports that nothing speaks against yet."""
        return self._where(_UNRESOLVED)

    def unresolved_in_other_forms(self, form_id: str) -> Iterator[FileEntry]:
        """The same, in a form of another id."""
        return self._where(f"{_UNRESOLVED} AND form <> ?", form_id)

    def of_other_years(self, year: int | None) -> Iterator[FileEntry]:
        """The reports of another year, or of none; also those left out by decision or not on the roster."""
        # IS NOT, unlike <>, is also true for a report without a year (NULL).
        statuses = _in_statuses((FileStatus.MERGED, FileStatus.EXCLUDED, FileStatus.UNLISTED))
        return self._where(f"{_REPORT} AND year IS NOT ? AND {statuses}", year)

    def rivals(self) -> Iterator[FileEntry]:
        """The unresolved reports of agencies that handed in several, agency by agency."""
        repeated = f"SELECT key FROM file WHERE {_UNRESOLVED} GROUP BY key HAVING count(*) > 1"
        return self._where(f"{_UNRESOLVED} AND key IN ({repeated})", order="key, number")


class ResultStore:
    """The files of one merge by number, over the readings cached in `folder` (None: a folder of its own, removed).

    Where that folder is not private, nothing is cached either: `cache_refusal` says why (None: it is private).
    """

    def __init__(self, folder: Path | None = None) -> None:
        owned_folders.remove_abandoned_scratch()
        self._scratch = owned_folders.ScratchFolder()
        self.scratch = self._scratch.folder
        self._known_places: set[str] = set()
        try:
            self.cache_refusal: Bilingual | None = None
            home = self.scratch
            if folder is not None:
                folder = folder.absolute()  # processes that look readings up may have another current folder
                try:
                    make_private_folder(folder, prepare_cache_file(folder))
                    home = folder
                except CacheNotPrivate as why:
                    self.cache_refusal = why.message
            self.readings = ReadingCache(prepare_cache_file(home), proven=True)
            self._table = _Connection(self.readings.database, self.scratch.parent)
            self.entries = FileEntries(self._table)
        except BaseException:
            self._scratch.close()
            raise

    def close(self) -> None:
        """Forget the files of this merge; the readings stay where a folder was given for them."""
        self.readings.close()
        self._scratch.close()

    # files found and read

    def add_files(self, found: Iterable[FoundFile], first: int = 1) -> None:
        """Add files found, numbered from `first`; those with a reason are not to be read."""
        columns = "number, place, path, member, nth, top, within, kind, status, zh, en"
        rows = (_to_row(number, one) for number, one in enumerate(found, first))
        self._table.change(f"INSERT INTO file ({columns}) VALUES ({', '.join('?' * 11)})", rows)

    def unread_tasks(self) -> Iterator[FileTask]:
        """The files still to be read; 512 rows at a time, for the table is written to meanwhile."""
        last = 0
        # `number > ?` continues behind the last portion: OFFSET would count rows that got a status meanwhile.
        query = (
            "SELECT number, CASE top WHEN '' THEN path ELSE within END, member, nth, top FROM file "
            "WHERE status = '' AND number > ? ORDER BY number LIMIT 512"
        )
        while portion := list(self._table.rows(query, (last,))):
            for last, path, member, nth, top in portion:
                yield FileTask(last, os.fsdecode(path), member, nth, top)

    def record_outcomes(self, outcomes: Sequence[FileOutcome]) -> None:
        """Record what became of files that were read: new readings into the cache, the rest into their rows."""
        numbers = ", ".join(str(one.number) for one in outcomes)
        kinds: dict[int, str] = dict(self._table.rows(f"SELECT number, kind FROM file WHERE number IN ({numbers})"))
        new = []
        for one in outcomes:
            if one.record is not None:
                first = one.record.places not in self._known_places
                self._known_places.add(one.record.places)
                new.append(CachedReading(one.sha, kinds[one.number], one.record, one.places if first else None))
        self.readings.store_readings(new)
        heads = [
            (*self._find_head(one, kinds[one.number]), one.number)
            for one in outcomes
            if one.status is FileStatus.MERGED
        ]
        rows = (
            (one.status, *map(replace_surrogates, one.why), one.sha, one.size, one.modified, one.read_at, one.number)
            for one in outcomes
        )
        self._table.change(f"UPDATE file SET {_assign(_OUTCOME)} WHERE number = ?", rows)
        self._table.change(f"UPDATE file SET {_assign(_HEAD)} WHERE number = ?", heads)

    def _find_head(self, outcome: FileOutcome, kind: str) -> tuple[object, ...]:
        """The columns that come from the head of a file's record: of this merge, or cached by an earlier one."""
        record = outcome.record or self.readings.find_record(outcome.sha, kind)
        if record is None:
            raise LookupError(outcome.number)
        form, fingerprint, year, agency, *facts, control = read_record_head(record.head)
        derived = fold_name(agency.name), get_comparable_code(agency)
        return form, fingerprint, year, *_get_agency_columns(agency), *facts, str(control), *derived

    # what is known of files

    def list_places(self) -> Iterator[tuple[int, str, bool, str]]:
        """Number, place, whether it holds a report, and the Chinese reason of every file."""
        return self._table.rows(f"SELECT number, place, {_REPORT}, zh FROM file ORDER BY number")

    def count_statuses(self) -> dict[FileStatus, int]:
        """How many files have each status, all statuses named."""
        found = dict(self._table.rows("SELECT status, count(*) FROM file GROUP BY status"))
        return {status: int(found.get(status.value, 0)) for status in FileStatus}

    def count_unlisted(self) -> int:
        """How many of the reports that count are not certainly of an agency on the roster."""
        return self._table.count(f"listed < 1 AND {_COUNTED}")

    def list_control_totals(self) -> Iterator[Number]:
        """All figures of each file that counts, added as it was read, in base units."""
        for (text,) in self._table.rows(f"SELECT control FROM file WHERE {_COUNTED}"):
            yield Decimal(text) if "." in text or "E" in text else int(text)

    def find_record(self, entry: FileEntry) -> FileRecord:
        """The record of a file's reading. KeyError if it holds no report."""
        for _, record in self._list_records("number = ?", entry.number):
            return record
        raise KeyError(entry.place)

    def list_records(
        self, statuses: Iterable[FileStatus], *, errors: bool | None = None
    ) -> Iterator[tuple[FileEntry, FileRecord]]:
        """The files with a report that have one of these statuses, each with the record of its reading.

        With `errors` only those whose report has some, or has none. KeyError for a record that is no longer valid.
        """
        return self._list_records(_in_statuses(statuses) + _WITH_ERRORS[errors])

    def _list_records(self, condition: str, *values: object) -> Iterator[tuple[FileEntry, FileRecord]]:
        # USING makes sha and kind one column each, so that the columns of an entry need no name of a table.
        query = (
            f"SELECT kind, {RECORD}, {_ENTRY} FROM file LEFT JOIN reading USING (sha, kind) "
            f"WHERE {_REPORT} AND {condition} ORDER BY number"
        )
        for kind, head, body, places, seal, *row in self._table.rows(query, values):
            entry = _make_entry(row)
            record = self.readings.unseal_record(entry.sha256, kind, (head, body, places, seal))
            if record is None:
                raise KeyError(entry.place)
            yield entry, record

    def count_years_and_forms(self, year: int | None = None) -> list[tuple[int, int | None, str]]:
        """How many unresolved reports there are of each year and form, as (reports, year, form); or of one year."""
        query = f"SELECT count(*), year, form FROM file WHERE {_UNRESOLVED} AND (?1 IS NULL OR year = ?1)"
        return list(self._table.rows(f"{query} GROUP BY year, form", (year,)))

    def list_supplements(self, form_id: str, year: int | None) -> list[tuple[str, str]]:
        """The fingerprints of one form among the unresolved reports of a year, each with a region that uses it.

        A regional supplement adds rows, so the form with it has another fingerprint.
        """
        query = f"SELECT fingerprint, region FROM file WHERE {_UNRESOLVED} AND form = ? AND year IS ?"
        return list(self._table.rows(f"{query} GROUP BY fingerprint", (form_id, year)))

    def count_years_from(self, year: int | None) -> dict[int, int]:
        """How many reports not decided against there are of that year and each later one, in order."""
        query = f"SELECT year, count(*) FROM file WHERE {_REPORT} AND year >= ? AND decided <> 'no' GROUP BY year"
        return dict(self._table.rows(f"{query} ORDER BY year", (year,)))

    # what is decided of files

    def set_fates(self, fates: Iterable[FileFate]) -> None:
        """Give files a status and its reason."""
        rows = [(fate.status, *fate.why, fate.number) for fate in fates]
        self._table.change("UPDATE file SET status = ?, zh = ?, en = ? WHERE number = ?", rows)

    def extend_reasons(self, extend: Callable[[str, Bilingual], Bilingual | None]) -> None:
        """Give every file the reason that `extend` makes of its place and its reason; None leaves it as it is."""
        found = self._table.rows("SELECT number, place, zh, en FROM file")
        rows = [(*why, number) for number, place, zh, en in found if (why := extend(place, Bilingual(zh, en)))]
        self._table.change("UPDATE file SET zh = ?, en = ? WHERE number = ?", rows)

    def mark_decided(self, names: frozenset[str], word: str) -> None:
        """Mark files, named by place or SHA-256, as decided for ('yes') or against ('no')."""
        found = self._table.rows("SELECT number, place, sha FROM file") if names else ()
        rows = [(word, number) for number, place, sha in found if names & {place, sha}]
        self._table.change("UPDATE file SET decided = ? WHERE number = ?", rows)

    def assign_keys(self) -> None:
        """Give every report the key of its agency, as `identity.list_agency_keys` does for reports in memory.

        The valid credit code; for a report without one the code that all others of its (folded) name share, else the
        name; for one without a name, its own number:

            folded  valid  → key          a report of 甲局 without a code is one with that of code 9111:
            甲局    9111   → 9111
            甲局           → 9111         (unless another report of 甲局 states 9112: then 甲局)
            乙局           → 乙局
                           → #4
        """
        # min = max: all reports of that name that state a code state the same one.
        self._table.change(
            "INSERT OR REPLACE INTO sole SELECT folded, min(valid) FROM file WHERE folded <> '' AND valid <> '' "
            "GROUP BY folded HAVING min(valid) = max(valid)",
        )
        self._table.change(
            "UPDATE file SET key = CASE WHEN valid <> '' THEN valid WHEN folded = '' THEN '#' || number "
            f"ELSE coalesce((SELECT sole.valid FROM sole WHERE sole.folded = file.folded), folded) END WHERE {_REPORT}",
        )
        self._table.change("CREATE INDEX IF NOT EXISTS temp.file_key ON file (key)")

    def assign_roster_keys(self, roster: Roster) -> None:
        """Give every report the key of its line on the roster; others a key that no line has, whatever code they state.

        The key of a report not on the roster begins with '?'; that of a crossed one ends with its name, too, so that
        two of different names are never one agency.
        """
        found = self._table.rows(f"SELECT number, name, code, region, level FROM file WHERE {_REPORT}")
        listed, others = [], []
        for number, *who in found:
            agency = Identity(*who)
            if key := roster.key(agency):
                listed.append((key, number))
            elif roster.match(agency).crossed:
                others.append((CROSSED, "|" + fold_name(agency.name), number))
            else:
                others.append((0, "", number))
        self._table.change("UPDATE file SET key = ? WHERE number = ?", listed)
        self._table.change("UPDATE file SET listed = ?, key = '?' || key || ? WHERE number = ?", others)

    def replace_findings(self, replaced: Iterable[tuple[int, Sequence[Finding]]]) -> None:
        """Replace the findings of files, by number, for this merge; the cached readings stay as they are."""
        texts, counts = [], []
        for number, findings in replaced:
            texts.append((number, dump_findings(findings)))
            errors, warnings = (count_findings(findings, one) for one in (Severity.ERROR, Severity.WARNING))
            counts.append((errors, warnings, number))
        self._table.change("INSERT OR REPLACE INTO reevaluated VALUES (?, ?)", texts)
        self._table.change("UPDATE file SET errors = ?, warnings = ? WHERE number = ?", counts)

    def find_replaced_findings(self, entry: FileEntry, file: str) -> tuple[Finding, ...] | None:
        """The findings that replace those of a file's reading, with `file` as their source; None where none do."""
        for (text,) in self._table.rows("SELECT findings FROM reevaluated WHERE number = ?", (entry.number,)):
            return load_findings(text, file)
        return None

    def classify_by_findings(self, *, include_errors: bool) -> None:
        """Give the reports still merged the status of their findings.

        One with errors is held back, unless errors are included or the coordinator chose it; one with warnings is
        merged as such.
        """
        held = FileStatus.ERRORS if include_errors else FileStatus.HELD
        self._table.change(
            "UPDATE file SET status = CASE WHEN errors > 0 THEN CASE WHEN decided = 'yes' THEN ? ELSE ? END "
            f"WHEN warnings > 0 THEN ? ELSE status END WHERE {_UNRESOLVED}",
            [(FileStatus.ERRORS, held, FileStatus.WARNINGS)],
        )


def _to_row(number: int, found: FoundFile) -> tuple[object, ...]:
    path, within = (_to_stored_path(one) for one in (str(found.path), found.within))
    kind = FileTask(number, found.within or str(found.path), found.member).kind
    not_read = FileStatus.UNREADABLE if found.unreadable else FileStatus.SKIPPED
    status = not_read if found.why.zh else ""
    return (number, found.place, path, found.member, found.nth, found.top, within, kind, status, *found.why)


def _to_stored_path(path: str) -> str | bytes:
    """A path as SQLite can store it: bytes where it is no text; `os.fsdecode` gives it back."""
    return path if path.isascii() or replace_surrogates(path) == path else os.fsencode(path)
