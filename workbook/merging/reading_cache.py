"""Caches what reading and checking a file gave, so that the next merge does not read the same content again.

One SQLite file a program version, in the user's own cache folder or in a folder named with `--cache`. Later merges
believe what is cached there, so nobody else may write to that folder and nobody else knows the key that every row is
sealed with (HMAC-SHA-256). A folder for which that does not hold is not used, and the merge runs without a cache. A row
that is damaged, or that another program version wrote, is read anew from its file. Uses platformdirs.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import re
import sqlite3
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from workbook.merging.file_record import FileRecord, Places, read_record_head, read_record_places
from workbook.safety import atomic_write
from workbook.safety.messages import UserError, load_messages
from workbook.safety.owned_folders import clear_folder, is_marked, is_users_own

messages = load_messages("workbook.merging")

VARIABLE = "OGI_CACHE"
"""The environment variable that names another folder."""
KEY = "readings.key"
"""The file that holds the sealing key, always in the user's own cache folder, never in one named for a merge."""
SQLITE_SUFFIXES = ("", "-wal", "-shm", "-journal")
"""The ends of the names of the files that SQLite writes for one database."""
MARK = 0x4F474952
"""The `application_id` by which our SQLite files are recognised: OGIR."""
FREE_SPACE_PROBE = 1 << 20
"""Bytes that must fit on the disk, or it counts as full: SQLite writes less at once."""
STALE = 60 * 24 * 3600
"""Seconds after which the readings of a program version that is no longer used are removed."""
DAMAGED = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What SQLite raises over a damaged file; its message may quote bytes that are no text."""

_PACKAGE = Path(__file__).parents[1]
_KEY = re.compile(rb"ogi readings key 1\n[0-9a-f]{64}\n")
"""The content of the key's file: a heading, then 32 bytes in hexadecimal digits."""
_DATABASE_NAME = re.compile(r"readings-[0-9a-f]{32}\.sqlite")
"""The name of a file of readings; the digits are the fingerprint of the program."""
_OUR_NAMES = re.compile(r"readings(-[0-9a-f]{32}\.sqlite(-wal|-shm|-journal)?|\.key)")
"""Every name in such a folder that is ours: readings-….sqlite, what SQLite writes beside it, and readings.key."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reading (
    sha TEXT NOT NULL,    -- SHA-256 of the file's content
    kind TEXT NOT NULL,   -- how it was read: 'json' or 'book'
    head TEXT NOT NULL, body TEXT NOT NULL,  -- JSON, see file_record
    places TEXT NOT NULL, -- digest of the map cell code -> sheet and cell, stored once in table places
    seal TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS reading_of ON reading (sha, kind);
CREATE TABLE IF NOT EXISTS places (digest TEXT PRIMARY KEY, map TEXT NOT NULL);
"""
RECORD = "head, body, places, seal"
"""The columns of a record, and its seal."""


class CacheNotPrivate(UserError):
    """A folder in which readings cannot be cached safely."""

    def __init__(self, key: str, place: Path) -> None:
        super().__init__(messages.get("cache.without", why=messages.get(f"cache.{key}", place=place)))


def get_cache_folder() -> Path | None:
    """The user's own folder for caches; None where it cannot be made or written (then nothing is cached)."""
    from platformdirs import user_cache_path

    named = os.environ.get(VARIABLE)
    folder = Path(named).absolute() if named else user_cache_path("ogi", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def make_private_folder(folder: Path, file: Path) -> None:
    """Make a folder for readings that the user alone may write to, with a file that the user alone may read.

    What exists already is checked, and narrowed if it is ours. Raises CacheNotPrivate where somebody else may write
    there, OSError where the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.is_symlink():
        _refuse_other_owner(folder, folder.lstat())
    place = folder.resolve()
    at = place.stat()
    _refuse_shared(folder, at)
    if at.st_mode & 0o077 and all(_OUR_NAMES.fullmatch(one.name) for one in place.iterdir()):
        with suppress(OSError):
            place.chmod(0o700)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    for end in SQLITE_SUFFIXES:
        one = file.with_name(file.name + end)
        with suppress(FileNotFoundError):
            of_file = one.lstat()
            if not stat.S_ISREG(of_file.st_mode):
                raise CacheNotPrivate("special", one)
            _refuse_shared(one, of_file)
            if of_file.st_mode & 0o077:
                with suppress(OSError):
                    one.chmod(0o600)
    if get_sealing_key(folder) is None:
        raise CacheNotPrivate("key", folder)


def _refuse_shared(path: Path, at: os.stat_result) -> None:
    """Raise CacheNotPrivate for what another user owns, or what others may write."""
    _refuse_other_owner(path, at)
    if hasattr(os, "getuid") and at.st_mode & 0o022:
        raise CacheNotPrivate("shared", path)


def _refuse_other_owner(path: Path, at: os.stat_result) -> None:
    if not is_users_own(path, at):
        raise CacheNotPrivate("owner" if hasattr(os, "getuid") else "elsewhere", path)


# the key --------------------------------------------------------------------------------------------------------------


def get_sealing_key(folder: Path) -> bytes | None:
    """The key that readings in that folder are sealed with, made where there is none; None where it cannot be stored.

    It is in the user's own cache folder; else, as for a temporary folder, next to the readings. Raises
    OSError where the disk is full.
    """
    full: OSError | None = None
    for place in _list_key_folders(folder):
        try:
            if (key := _read_key(place)) is not None:
                return key
        except OSError as trouble:
            full = trouble if trouble.errno in atomic_write.DISK_FULL_ERRORS else full
    if full is not None:
        raise full
    return None


def _list_key_folders(folder: Path) -> Iterator[Path]:
    """The folders that may hold the key, best first: only where nobody else may write."""
    own = None if is_marked(folder) else get_cache_folder()
    for one in filter(None, (own, folder)):
        with suppress(OSError, CacheNotPrivate):
            _refuse_shared(one, one.stat())
            yield one


def _read_key(folder: Path) -> bytes | None:
    path = folder / KEY
    for _ in range(2):
        try:
            at = path.lstat()
        except FileNotFoundError:
            with suppress(FileExistsError), _new_key(path) as new:  # another merge may be quicker
                atomic_write.move_new(new, path)
            continue
        key = path.read_bytes() if stat.S_ISREG(at.st_mode) and is_users_own(path, at) else b""
        if not _KEY.fullmatch(key):
            return None
        if not hasattr(os, "getuid") or not at.st_mode & 0o077:
            return key
        with _new_key(path) as new:  # others may have read this one
            new.replace(path)
    return None


@contextmanager
def _new_key(path: Path) -> Iterator[Path]:
    """A file with a new key, to be moved to that path in the block."""
    folder = atomic_write.make_folder_beside(path)
    try:
        new = folder / KEY
        with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(b"ogi readings key 1\n" + os.urandom(32).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        yield new
    except OSError as trouble:
        if trouble.errno and trouble.filename is None:
            trouble.filename = str(path)
        raise
    finally:
        clear_folder(folder)


# the database ---------------------------------------------------------------------------------------------------------


@cache
def fingerprint_program() -> str:
    """The fingerprint of this program: its own files, forms and rules. Any change of them makes all readings void."""
    # The files themselves are hashed: sizes and times are alike where an archive, an image or a copy preserves them.
    seen = hashlib.sha256()
    for path in sorted(_list_sources(str(_PACKAGE))):
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 -- takes half as long, for 200 files of each start
            seen.update(path[len(str(_PACKAGE)) :].encode() + b"\0" + file.read() + b"\0")
    return seen.hexdigest()[:32]


def _list_sources(folder: str) -> Iterator[str]:
    """The files below a folder of the program that decide how a report is read."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _list_sources(entry.path)
            elif entry.name.endswith((".py", ".toml")):
                yield entry.path


def prepare_cache_file(folder: Path) -> Path:
    """The file for the readings of this program version in a folder; those of versions long unused are removed."""
    own = folder / f"readings-{fingerprint_program()}.sqlite"
    for path in folder.glob("readings-*.sqlite"):
        with suppress(OSError):
            # A time far ahead comes from a wrong clock: no reason to leave the file for ever.
            if path != own and _is_ours(path) and abs(time.time() - _get_last_change(path)) > STALE:
                _remove(path)
    return own


def _is_ours(path: Path) -> bool:
    """Whether a file is one of readings, by its name, by the mark inside and by its owner."""
    if path.is_symlink() or not _DATABASE_NAME.fullmatch(path.name) or not path.is_file() or not is_users_own(path):
        return False
    with path.open("rb") as file:
        head = file.read(72)
    return head[:16] == b"SQLite format 3\0" and head[68:] == MARK.to_bytes(4, "big")


def _get_last_change(path: Path) -> float:
    """When the file, or the log next to it, was last written to."""
    times = []
    for end in SQLITE_SUFFIXES:
        with suppress(FileNotFoundError):
            times.append(path.with_name(path.name + end).stat().st_mtime)
    return max(times)


_SYSTEM_ERRORS = {
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_BUSY: errno.EBUSY,
    sqlite3.SQLITE_LOCKED: errno.EBUSY,
    sqlite3.SQLITE_NOMEM: errno.ENOMEM,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
}
"""The errors that come from the system, as errno; any other error of SQLite is about the file itself."""


@contextmanager
def explain_sqlite_error(file: Path) -> Iterator[None]:
    """Raise the errors that the system gave SQLite as the OSError they are, naming the file."""
    try:
        yield
    except sqlite3.DatabaseError as trouble:
        number = _SYSTEM_ERRORS.get(getattr(trouble, "sqlite_errorcode", 0) & 0xFF)
        if number is None:
            raise
        if number == errno.EIO:
            number = _find_disk_error(file if file.is_dir() else file.parent) or number
        raise OSError(number, os.strerror(number), str(file)) from trouble


def _find_disk_error(folder: Path) -> int:
    """The errno of a full disk where no file can be written to a folder; 0 where one can.

    SQLite only reports that it could not write its log, or the map of it.
    """
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(FREE_SPACE_PROBE))
            file.flush()
            os.fsync(file.fileno())
    except OSError as trouble:
        return (trouble.errno or 0) if trouble.errno in atomic_write.DISK_FULL_ERRORS else 0
    return 0


class CachedReading(NamedTuple):
    """A reading to cache: of which content and kind, the record, and its places (None: stored already)."""

    sha: str
    kind: str
    record: FileRecord
    places: str | None


class ReadingCache:
    """The readings cached in one SQLite file; None for anything damaged, missing or of another program.

    `proven` checks the integrity of the file first: a damaged page anywhere would end a merge half-way.
    """

    def __init__(self, path: Path, *, proven: bool = False) -> None:
        self.path = path
        self.program = path.stem.rpartition("-")[2]
        self._key = get_sealing_key(path.parent) or os.urandom(32)  # with none, nothing that was cached is believed
        with explain_sqlite_error(path):
            try:
                self.database = _open_database(path, proven=proven)
            except DAMAGED as trouble:
                if _SYSTEM_ERRORS.get(getattr(trouble, "sqlite_errorcode", 0) & 0xFF):
                    raise
                _remove(path)
                self.database = _open_database(path)
        self.places = lru_cache(maxsize=256)(self._find_places)

    def close(self) -> None:
        """Close the file."""
        self.database.close()

    def find_record(self, sha: str, kind: str) -> FileRecord | None:
        """The record of that content, if its seal is valid."""
        try:
            with explain_sqlite_error(self.path):
                query = f"SELECT {RECORD} FROM reading WHERE sha = ? AND kind = ?"
                row = self.database.execute(query, (sha, kind)).fetchone()
        except DAMAGED:
            return None
        return row and self.unseal_record(sha, kind, row)

    def unseal_record(self, sha: str, kind: str, row: tuple[Any, Any, Any, Any]) -> FileRecord | None:
        """The record of that content in the columns `RECORD`, if its seal is valid."""
        try:
            record = FileRecord(*row[:3])
            return record if hmac.compare_digest(row[3], self._seal(sha, kind, record)) else None
        except (TypeError, ValueError):
            return None

    def find_complete_record(self, sha: str, kind: str) -> FileRecord | None:
        """The same, if its places are stored and undamaged, too."""
        record = self.find_record(sha, kind)
        try:
            if record is None or self.places(record.places) is None:
                return None
            read_record_head(record.head)
        except (ValueError, TypeError, LookupError, OSError, sqlite3.DatabaseError):
            return None
        return record

    def _find_places(self, digest: str) -> Places | None:
        row = self.database.execute("SELECT map FROM places WHERE digest = ?", (digest,)).fetchone()
        if row is None or not isinstance(row[0], str):
            return None
        if hashlib.sha256(row[0].encode("utf-8", "surrogatepass")).hexdigest()[:32] != digest:
            return None
        return read_record_places(row[0])

    def store_readings(self, new: Iterable[CachedReading]) -> None:
        """Store these readings, all or none."""
        with explain_sqlite_error(self.path), self.database:
            for one in new:
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
    for end in SQLITE_SUFFIXES:
        one = path.with_name(path.name + end)
        with suppress(OSError):
            if is_users_own(one):
                one.unlink()


def _open_database(path: Path, *, proven: bool = False) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=60)
    try:
        _use_write_ahead_log(database)
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("PRAGMA cache_size = -4096")  # KiB
        if database.execute("PRAGMA application_id").fetchone() != (MARK,):
            database.execute(f"PRAGMA application_id = {MARK}")
        database.executescript(_SCHEMA)
        _refuse_other_tables(database)
        database.execute("SELECT count(*) FROM reading").fetchone()
        if proven:
            _refuse_torn(database)
    except BaseException:
        database.close()
        raise
    return database


def _refuse_torn(database: sqlite3.Connection) -> None:
    """Refuse a database that is torn anywhere: 5 ms for a thousand readings. Raises sqlite3.DatabaseError."""
    if database.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("torn")


def _use_write_ahead_log(database: sqlite3.Connection) -> None:
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


def _refuse_other_tables(database: sqlite3.Connection) -> None:
    """Refuse a database whose tables are not those written here. Raises sqlite3.DatabaseError."""
    with closing(sqlite3.connect(":memory:")) as expected:
        expected.executescript(_SCHEMA)
        tables = "SELECT name, sql FROM sqlite_master WHERE name IN ('reading', 'places', 'reading_of') ORDER BY name"
        if database.execute(tables).fetchall() != expected.execute(tables).fetchall():
            raise sqlite3.DatabaseError("other tables")
