"""Processes one file: hashes it, looks up a cached reading of that content, else reads and checks it.

What goes wrong with a file is reported of that file alone: one untrusted file must not stop the merge of all others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from workbook.excel import report_loading
from workbook.excel.reading.file_type import Unreadable, get_file_state, get_kind_message, read_within_time
from workbook.excel.reading.quick_reader import QuickReader
from workbook.exchange.report_json import NotAReport
from workbook.merging.archive_files import BROKEN, OpenArchives
from workbook.merging.file_record import FileRecord, make_record
from workbook.merging.file_status import NOTHING, FileStatus, is_regular_file
from workbook.merging.reading_cache import ReadingCache
from workbook.merging.remote_files import fetch_file, open_remote, unify_remote_errors
from workbook.safety import atomic_write, owned_folders
from workbook.safety.limits import get_limit
from workbook.safety.messages import Bilingual, describe_os_error, load_messages

messages = load_messages("workbook.merging")

NO_REPORTS = frozenset({"text", "picture", "slides", "unknown", "special", "foreign"})
"""Kinds of file that hold no report, so that nobody need be asked for a better copy."""


class FileTask(NamedTuple):
    """A file to take in: its number in the store, where it is, and which file of an archive, of which name there.

    `path` is one of this machine or, where `top` is a URL, of the file system that is of.
    """

    number: int
    path: str
    member: str = ""
    nth: int = 0
    top: str = ""

    @property
    def kind(self) -> str:
        """How it is read: a JSON by its name, anything else by what it holds."""
        return "json" if (self.member or self.path).lower().endswith(".json") else "book"

    def absolute(self) -> FileTask:
        """The same for a process with another current folder; what a URL is of has the same path everywhere."""
        return self if self.top else self._replace(path=str(Path(self.path).absolute()))


class FileOutcome(NamedTuple):
    """What became of it: a status and why, or a reading (`record` None: one that is cached already)."""

    number: int
    status: FileStatus
    why: Bilingual = NOTHING
    sha: str = ""
    size: int = 0
    modified: str = ""
    read_at: str = ""
    record: FileRecord | None = None
    places: str = ""


def process_files(
    tasks: Sequence[FileTask], database: Path | None, each: Callable[[], object] = lambda: None
) -> list[FileOutcome]:
    """Process these files; `database` is where readings are cached (None: nowhere), `each` is called before each file.

    Archives stay open for more files of theirs: call `close_archives` when all are processed.
    """
    readings = ReadingCache(database) if database else None
    outcomes = []
    try:
        with ExitStack() as made:

            @cache  # one for all: on a slow disk, making and removing a folder takes longer than reading a file
            def scratch() -> Path:
                return made.enter_context(owned_folders.scratch_folder())

            for task in tasks:
                each()
                outcomes.append(_process(task, readings, scratch))
        return outcomes
    finally:
        if readings:
            readings.close()


def close_archives() -> None:
    """Close the archives that files were unpacked from in this process."""
    _archives().close()


@cache
def _archives() -> OpenArchives:
    return OpenArchives()


@cache
def _reader() -> QuickReader:
    """One reader for all files of this process: it remembers layouts."""
    return QuickReader()


def _process(task: FileTask, readings: ReadingCache | None, scratch: Callable[[], Path]) -> FileOutcome:
    try:
        with read_within_time(), _local_file(task, scratch) as path:
            before = get_file_state(path)
            outcome = _read_file(task, path, readings)
            if get_file_state(path) != before:
                return FileOutcome(
                    task.number, FileStatus.UNREADABLE, get_kind_message("changed"), modified=outcome.modified
                )
            return outcome
    except Unreadable as error:  # its time was over
        return FileOutcome(task.number, FileStatus.UNREADABLE, error.message)
    except OSError as error:
        if error.errno in atomic_write.DISK_FULL_ERRORS:
            return FileOutcome(task.number, FileStatus.UNREADABLE, messages.get("why.no_space"))
        return FileOutcome(
            task.number, FileStatus.UNREADABLE, messages.get("why.unavailable", reason=describe_os_error(error))
        )
    except BROKEN:  # an archive's member
        return FileOutcome(task.number, FileStatus.UNREADABLE, messages.get("why.member"))


@contextmanager
def _local_file(task: FileTask, scratch: Callable[[], Path]) -> Iterator[Path]:
    """The file on this machine, for as long as it is read: in a scratch folder where it is not there by itself."""
    if not task.member and not task.top:
        yield Path(task.path)
        return
    with unify_remote_errors(BROKEN if task.member else ()) if task.top else nullcontext():
        if task.member:
            key = task.top, task.path
            path = _archives().unpacked(key, partial(_open_archive, task), task.nth, task.member, scratch())
        else:
            path = fetch_file(task.top, task.path, scratch())
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink()


def _open_archive(task: FileTask) -> AbstractContextManager[BinaryIO]:
    """The archive that a file is in, opened."""
    return open_remote(task.top, task.path) if task.top else Path(task.path).open("rb")


def _read_file(task: FileTask, path: Path, readings: ReadingCache | None) -> FileOutcome:
    sha, size, modified, content = "", 0, "", b""
    if is_regular_file(path):
        at = path.stat()
        size, modified = at.st_size, _format_time(at.st_mtime)
        if size <= get_limit("file"):
            content = path.read_bytes()
            sha = hashlib.sha256(content).hexdigest()
    outcome = FileOutcome(task.number, FileStatus.MERGED, NOTHING, sha, size, modified, _format_time())
    if readings and sha and readings.find_complete_record(sha, task.kind) is not None:
        return outcome
    try:
        submitted = (
            _reader().read(path, content) if sha and task.kind == "book" else report_loading.load_submission(path)
        )
        if submitted.summary:
            return outcome._replace(status=FileStatus.SKIPPED, why=messages.get("why.summary"))
        record, places = make_record(submitted, submitted.check())
    except Unreadable as error:
        if isinstance(error.__cause__, NotAReport) and error.__cause__.summary:
            return outcome._replace(status=FileStatus.SKIPPED, why=messages.get("why.summary"))
        return outcome._replace(status=_classify_refusal(error), why=error.message)
    except (OSError, ImportError):  # the disk or the program, not the file
        raise
    except Exception as error:  # untrusted files fail in every way
        why = messages.get("why.trouble", kind=type(error).__name__)
        return outcome._replace(status=FileStatus.UNREADABLE, why=why)
    return outcome._replace(record=record, places=places)


def _format_time(seconds: float | None = None) -> str:
    """A moment as lists show it, now or by a file's time; blank where no calendar has it."""
    try:
        return (datetime.now() if seconds is None else datetime.fromtimestamp(seconds)).isoformat(" ", "seconds")
    except (ValueError, OverflowError, OSError):
        return ""


def _classify_refusal(error: Unreadable) -> FileStatus:
    """Not a report where the file is sound and of another kind; unreadable where a report may be in it."""
    sound_json = isinstance(error.__cause__, NotAReport) and error.__cause__.__cause__ is None
    return FileStatus.FOREIGN if sound_json or error.kind in NO_REPORTS else FileStatus.UNREADABLE
