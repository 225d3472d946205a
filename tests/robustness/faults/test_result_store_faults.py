"""The cache of a merge: torn, locked, full, shared, or from a clock gone wrong, it is never believed nor in the way."""

from __future__ import annotations

import errno
import multiprocessing
import os
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.robustness.faults.stand_ins import sqlite_error
from tests.samples.agency_files import put, report
from workbook.merging import reading_cache
from workbook.merging.collection_run import collect_reports
from workbook.merging.reading_cache import STALE, ReadingCache, prepare_cache_file
from workbook.merging.totals import merge_reports


def merged(folder: Path, cache: Path) -> int:
    with collect_reports([folder], cache=cache) as collection:
        return merge_reports(collection).agencies


def test_the_log_of_a_torn_file_is_not_played_into_the_new_one(tmp_path: Path) -> None:
    folder, cache = put(tmp_path / "in", {f"{n}.json": report(n) for n in range(4)}), tmp_path / "cache"
    holder = collect_reports([folder], cache=cache)  # still open, as after a kill: the log lies beside the file
    (path,) = cache.glob("readings-*.sqlite")
    assert path.with_name(path.name + "-wal").stat().st_size > 0
    path.write_bytes(b"torn" * 1000)
    assert merged(folder, cache) == 4
    holder.close()
    assert merged(folder, cache) == 4


def _open(path: str, begin: object, answers: object) -> None:
    begin.wait()
    try:
        ReadingCache(Path(path)).close()
        answers.put("")
    except Exception as trouble:
        answers.put(repr(trouble))


def test_merges_that_begin_at_once_take_nothing_from_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of several that set up a new cache is told it is busy; it waits, and does not take the file for torn."""
    context = multiprocessing.get_context("fork")
    monkeypatch.setattr(reading_cache, "_remove", lambda path: pytest.fail(f"{path} was taken for torn"))
    for round_ in range(20):
        begin, answers = context.Barrier(5), context.Queue()
        path = str(tmp_path / f"readings-{round_}.sqlite")
        openers = [context.Process(target=_open, args=(path, begin, answers)) for _ in range(5)]
        for one in openers:
            one.start()
        assert [answers.get() for _ in openers] == [""] * 5
        for one in openers:
            one.join()


def test_a_cache_somebody_writes_to_is_waited_for_and_then_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "readings-x.sqlite"
    with closing(sqlite3.connect(path)) as busy:
        busy.execute("CREATE TABLE theirs (a)")
        busy.execute("BEGIN EXCLUSIVE")
        real = sqlite3.connect
        monkeypatch.setattr(reading_cache.sqlite3, "connect", lambda file, **_: real(file, timeout=0.01))
        monkeypatch.setattr(reading_cache.time, "sleep", lambda _: None)
        with pytest.raises(OSError, match="busy") as caught:
            ReadingCache(path)
    assert caught.value.filename == str(path)
    assert path.exists()


@pytest.mark.parametrize(
    ("code", "number"),
    [
        (sqlite3.SQLITE_FULL, errno.ENOSPC),
        (sqlite3.SQLITE_IOERR_READ, errno.EIO),
        (sqlite3.SQLITE_READONLY, errno.EROFS),
        (sqlite3.SQLITE_CANTOPEN, errno.EACCES),
        (sqlite3.SQLITE_BUSY, errno.EBUSY),
    ],
)
def test_what_the_system_refuses_sqlite_is_told_as_such(tmp_path: Path, code: int, number: int) -> None:
    with (
        pytest.raises(OSError, match=re.escape(os.strerror(number))) as caught,
        reading_cache.explain_sqlite_error(tmp_path),
    ):
        raise sqlite_error(code)
    assert caught.value.errno == number
    assert caught.value.filename == str(tmp_path)


def test_a_full_disk_under_the_cache_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = put(tmp_path / "in", {f"{n}.json": report(n) for n in range(40)})
    real = reading_cache._open_database

    def small(path: Path, **named: bool) -> sqlite3.Connection:
        database = real(path, **named)
        database.execute("PRAGMA max_page_count = 8")
        return database

    monkeypatch.setattr(reading_cache, "_open_database", small)
    with pytest.raises(OSError, match="space") as caught:
        collect_reports([folder], cache=tmp_path / "cache")
    assert "readings-" in caught.value.filename
    monkeypatch.undo()
    assert merged(folder, tmp_path / "cache") == 40


@pytest.mark.parametrize(("age", "stays"), [(0, True), (STALE + 9, False), (-STALE - 9, False), (-3600, True)])
def test_readings_of_another_program_go_after_a_while_whatever_the_clock_says(
    tmp_path: Path, age: int, stays: bool
) -> None:
    other = tmp_path / f"readings-{'0' * 32}.sqlite"
    ReadingCache(other).close()
    log = other.with_name(other.name + "-wal")
    log.touch()
    for path in (other, log):
        os.utime(path, (time.time() - age, time.time() - age))
    prepare_cache_file(tmp_path)
    assert (other.exists(), log.exists()) == (stays, stays)


@pytest.mark.parametrize("name", ["readings-mine.sqlite", f"readings-{'0' * 32}.sqlite", "readings-2020.sqlite-wal"])
def test_what_is_named_like_readings_and_is_none_stays(tmp_path: Path, name: str) -> None:
    with closing(sqlite3.connect(tmp_path / name)) as database:
        database.execute("CREATE TABLE theirs (a)")
    before = (tmp_path / name).read_bytes()
    os.utime(tmp_path / name, (0, 0))
    (tmp_path / f"readings-{'1' * 32}.sqlite").write_text("notes")
    os.utime(tmp_path / f"readings-{'1' * 32}.sqlite", (0, 0))
    prepare_cache_file(tmp_path)
    assert (tmp_path / name).read_bytes() == before
    assert (tmp_path / f"readings-{'1' * 32}.sqlite").read_text() == "notes"
