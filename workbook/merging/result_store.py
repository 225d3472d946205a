"""The ledger of a merge: every file found, what it came to, and the readings kept from one merge to the next.

One SQLite file for every version of the program. The readings (`reading`, `places`) are the cache: keyed by a file's
sha256, sealed line by line, so that what is damaged or from another version is read anew. The files of this merge are
temporary tables of this connection: two merges over one cache do not meet, and nothing of them is left behind.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from workbook.merging.cache_folder import BESIDE, CacheNotPrivate, get_sealing_key, make_private_folder
from workbook.merging.file_record import FileRecord, Places, read_record_head, read_record_places
from workbook.safety import atomic_write, owned_folders
from workbook.safety.messages import Bilingual
from workbook.safety.owned_folders import is_mine

MARK = 0x4F474952
"""What tells a file of readings from any other of SQLite's (its `application_id`): OGIR."""
ROOM = 1 << 20
"""So many bytes there must be room for, or the disk is full: SQLite writes less at once."""
STALE = 60 * 24 * 3600
"""Seconds after which the readings of a program that is not used any more are removed."""
_PACKAGE = Path(__file__).parents[1]
_NAME = re.compile(r"readings-[0-9a-f]{32}\.sqlite")
DAMAGED = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What SQLite raises over a damaged file; what it says of that may quote bytes that are no text."""

_READINGS = """
CREATE TABLE IF NOT EXISTS reading (
    sha TEXT NOT NULL, kind TEXT NOT NULL,
    head TEXT NOT NULL, body TEXT NOT NULL, places TEXT NOT NULL, seal TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS reading_of ON reading (sha, kind);
CREATE TABLE IF NOT EXISTS places (digest TEXT PRIMARY KEY, map TEXT NOT NULL);
"""
_FILES = """
CREATE TEMP TABLE file (
    number INTEGER PRIMARY KEY, place TEXT, path TEXT, member TEXT, nth INTEGER, top TEXT, within TEXT, kind TEXT,
    status TEXT, zh TEXT DEFAULT '', en TEXT DEFAULT '',
    size INTEGER DEFAULT 0, modified TEXT DEFAULT '', sha TEXT DEFAULT '', read_at TEXT DEFAULT '',
    form TEXT DEFAULT '', fingerprint TEXT DEFAULT '', year INTEGER,
    name TEXT DEFAULT '', code TEXT DEFAULT '', region TEXT DEFAULT '', level TEXT DEFAULT '',
    contact TEXT DEFAULT '', revision INTEGER DEFAULT 0,
    figures TEXT DEFAULT '', control TEXT DEFAULT '0', errors INTEGER DEFAULT 0, warnings INTEGER DEFAULT 0,
    reader TEXT DEFAULT '', template TEXT DEFAULT '',
    folded TEXT DEFAULT '', valid TEXT DEFAULT '', key TEXT DEFAULT '',
    listed INTEGER DEFAULT 1, decided TEXT DEFAULT '');
CREATE TEMP TABLE sole (folded TEXT PRIMARY KEY, valid TEXT);
CREATE TEMP TABLE judged (number INTEGER PRIMARY KEY, findings TEXT NOT NULL);
"""


@cache
def fingerprint_program() -> str:
    """The fingerprint of this program: its own files, forms and rules. Any change of them makes all readings void."""
    seen = hashlib.sha256()
    for path in sorted(p for p in _PACKAGE.rglob("*") if p.suffix in (".py", ".toml")):
        seen.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return seen.hexdigest()[:32]


def open_reading_cache(folder: Path) -> Path:
    """The file that keeps the readings of this program in a folder; those of programs long unused are removed."""
    own = folder / f"readings-{fingerprint_program()}.sqlite"
    for path in folder.glob("readings-*.sqlite"):
        with suppress(OSError):
            # A time far ahead is a wrong clock's: no reason to keep it for ever.
            if path != own and _is_ours(path) and abs(time.time() - _changed(path)) > STALE:
                _remove(path)
    return own


def _is_ours(path: Path) -> bool:
    """Whether a file is one of readings, by its name, by the mark inside and by its owner."""
    if path.is_symlink() or not _NAME.fullmatch(path.name) or not path.is_file() or not is_mine(path):
        return False
    with path.open("rb") as file:
        head = file.read(72)
    return head[:16] == b"SQLite format 3\0" and head[68:] == MARK.to_bytes(4, "big")


def _changed(path: Path) -> float:
    """When it was written to last, or the log beside it."""
    times = []
    for end in BESIDE:
        with suppress(FileNotFoundError):
            times.append(path.with_name(path.name + end).stat().st_mtime)
    return max(times)


_OUTER = {
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_BUSY: errno.EBUSY,
    sqlite3.SQLITE_LOCKED: errno.EBUSY,
    sqlite3.SQLITE_NOMEM: errno.ENOMEM,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
}
"""What the system refuses SQLite; any other trouble is in the file itself."""


@contextmanager
def explain_sqlite_error(file: Path) -> Iterator[None]:
    """What the system refuses SQLite, as the OSError it is, naming the file."""
    try:
        yield
    except sqlite3.DatabaseError as trouble:
        number = _OUTER.get(getattr(trouble, "sqlite_errorcode", 0) & 0xFF)
        if number is None:
            raise
        if number == errno.EIO:
            number = _room(file if file.is_dir() else file.parent) or number
        raise OSError(number, os.strerror(number), str(file)) from trouble


def _room(folder: Path) -> int:
    """What the system says where there is no room in a folder; 0 where there is some.

    SQLite says no more than that it could not write where it was to write its log, or the map of it.
    """
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM))
            file.flush()
            os.fsync(file.fileno())
    except OSError as trouble:
        return (trouble.errno or 0) if trouble.errno in atomic_write.FULL else 0
    return 0


class CachedReading(NamedTuple):
    """A reading to be kept: of which content and kind, the record, and its places (None: kept already)."""

    sha: str
    kind: str
    record: FileRecord
    places: str | None


class ReadingCache:
    """The readings kept in one SQLite file; None for anything damaged, missing or of another program.

    `proven` looks the whole file over first: what is torn anywhere would end a merge half-way.
    """

    def __init__(self, path: Path, *, proven: bool = False) -> None:
        self.path = path
        self.program = path.stem.rpartition("-")[2]
        self._key = get_sealing_key(path.parent) or os.urandom(32)  # with none, nothing that was kept is believed
        with explain_sqlite_error(path):
            try:
                self.database = _opened(path, proven=proven)
            except DAMAGED as trouble:
                if _OUTER.get(getattr(trouble, "sqlite_errorcode", 0) & 0xFF):
                    raise
                _remove(path)
                self.database = _opened(path)
        self.places = lru_cache(maxsize=256)(self._places)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def record(self, sha: str, kind: str) -> FileRecord | None:
        """The record of that content, if its seal is whole."""
        try:
            with explain_sqlite_error(self.path):
                row = self.database.execute(
                    "SELECT head, body, places, seal FROM reading WHERE sha = ? AND kind = ?",
                    (sha, kind),
                ).fetchone()
        except DAMAGED:
            return None
        if row is None:
            return None
        try:
            record = FileRecord(*row[:3])
            return record if hmac.compare_digest(row[3], self._seal(sha, kind, record)) else None
        except (TypeError, ValueError):
            return None

    def known(self, sha: str, kind: str) -> FileRecord | None:
        """The same, if its places are kept and whole, too."""
        record = self.record(sha, kind)
        try:
            if record is None or self.places(record.places) is None:
                return None
            read_record_head(record.head)
        except (ValueError, TypeError, LookupError, OSError, sqlite3.DatabaseError):
            return None
        return record

    def _places(self, digest: str) -> Places | None:
        row = self.database.execute("SELECT map FROM places WHERE digest = ?", (digest,)).fetchone()
        if row is None or not isinstance(row[0], str):
            return None
        if hashlib.sha256(row[0].encode("utf-8", "surrogatepass")).hexdigest()[:32] != digest:
            return None
        return read_record_places(row[0])

    def keep(self, kept: Iterable[CachedReading]) -> None:
        """Keep these readings, all or none."""
        with explain_sqlite_error(self.path), self.database:
            for one in kept:
                if one.places is not None:
                    row = (one.record.places, one.places)
                    self.database.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", row)
                    self.places.cache_clear()
                row_ = (one.sha, one.kind, *one.record, self._seal(one.sha, one.kind, one.record))
                self.database.execute("INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?, ?)", row_)

    def _seal(self, sha: str, kind: str, record: FileRecord) -> str:
        text = "\0".join((sha, kind, self.program, *record))
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


def _remove(path: Path) -> None:
    """Remove what is torn, or no database at all, and what SQLite wrote beside it: a log is played into a new one."""
    for end in BESIDE:
        one = path.with_name(path.name + end)
        with suppress(OSError):
            if is_mine(one):
                one.unlink()


def _opened(path: Path, *, proven: bool = False) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=60)
    try:
        _with_log(database)
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA cache_size = -4096")  # KiB
        if database.execute("PRAGMA application_id").fetchone() != (MARK,):
            database.execute(f"PRAGMA application_id = {MARK}")
        database.executescript(_READINGS)
        _same_tables(database)
        database.execute("SELECT count(*) FROM reading").fetchone()
        if proven:
            _whole(database)
    except BaseException:
        database.close()
        raise
    return database


def _whole(database: sqlite3.Connection) -> None:
    """Refuse a database that is torn anywhere: 5 ms for a thousand readings. Raises sqlite3.DatabaseError."""
    if database.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("torn")


def _with_log(database: sqlite3.Connection) -> None:
    """Write by way of a log. Of two merges that begin at once one has to wait, and here SQLite does not by itself."""
    for wait in (0.01, 0.05, 0.1, 0.5, 1, 2, 5):
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as trouble:
            if trouble.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(wait)
        else:
            return
    database.execute("PRAGMA journal_mode = WAL")


def _same_tables(database: sqlite3.Connection) -> None:
    """Refuse a database whose tables are not those written here. Raises sqlite3.DatabaseError."""
    with closing(sqlite3.connect(":memory:")) as wanted:
        wanted.executescript(_READINGS)
        tables = "SELECT name, sql FROM sqlite_master WHERE name IN ('reading', 'places', 'reading_of') ORDER BY name"
        if database.execute(tables).fetchall() != wanted.execute(tables).fetchall():
            raise sqlite3.DatabaseError("other tables")


class ResultStore:
    """The files of one merge by number, over the readings kept in `folder` (None: a folder of its own, removed).

    So it is, too, where the folder is not private: `unkept` says why (None: it is).
    """

    def __init__(self, folder: Path | None = None) -> None:
        owned_folders.tidy_scratch()
        self._scratch = owned_folders.ScratchFolder()
        self.scratch = self._scratch.folder
        try:
            self.unkept: Bilingual | None = None
            home = self.scratch
            if folder is not None:
                folder = folder.absolute()  # for the processes that look readings up stand elsewhere
                try:
                    make_private_folder(folder, open_reading_cache(folder))
                    home = folder
                except CacheNotPrivate as why:
                    self.unkept = why.message
            self.readings = ReadingCache(open_reading_cache(home), proven=True)
            self.database = self.readings.database
            with explain_sqlite_error(self.scratch.parent):
                self.database.execute("PRAGMA temp_store = FILE")
                # Where Python has its own: that is not where the environment says if there is no room.
                where = str(self.scratch.parent).replace("'", "''")
                self.database.execute(f"PRAGMA temp_store_directory = '{where}'")
                self.database.executescript(_FILES)
        except BaseException:
            self._scratch.close()
            raise

    @property
    def path(self) -> Path:
        """The SQLite file, for other processes to look readings up in."""
        return self.readings.path

    def close(self) -> None:
        """Forget the files of this merge; the readings stay where a folder was given for them."""
        self.readings.close()
        self._scratch.close()

    def rows(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows a query gives, one by one."""
        with explain_sqlite_error(self.scratch.parent), closing(self.database.cursor()) as cursor:
            yield from cursor.execute(query, values)

    def change(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Change the files of this merge."""
        with explain_sqlite_error(self.scratch.parent), self.database:
            self.database.executemany(statement, rows)
