"""Readings kept from one merge to the next: what is damaged, torn or of another program is never believed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.samples.agency_files import put, report, statuses
from workbook.excel import report_loading
from workbook.merging import reading_cache
from workbook.merging.collection_run import collect_reports
from workbook.merging.totals import merge_reports
from workbook.rules.submission import Submission


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put(tmp_path / "in", {f"{n}.json": report(n) for n in range(6)})


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def kept(cache: Path) -> Path:
    """The file of readings in a cache."""
    (path,) = cache.glob("readings-*.sqlite")
    return path


class Counted:
    """Counts how many files are really read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files: list[str] = []
        real = report_loading.load_submission

        def load(path: Path) -> Submission:
            self.files.append(path.name)
            return real(path)

        monkeypatch.setattr(report_loading, "load_submission", load)


def test_a_second_merge_reads_only_what_changed(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    with collect_reports([folder], cache=cache) as first:
        before = merge_reports(first).report.values
    assert len(counted.files) == 6
    counted.files.clear()
    with collect_reports([folder], cache=cache) as again:
        assert merge_reports(again).report.values == before
    assert counted.files == []
    put(folder, {"3.json": report(3, {"requests.granted.person": 77}), "7.json": report(7)})
    with collect_reports([folder], cache=cache) as changed:
        assert merge_reports(changed).agencies == 7
    assert sorted(counted.files) == ["3.json", "7.json"]


def test_findings_and_sources_of_a_kept_reading_are_those_of_the_file(folder: Path, cache: Path) -> None:
    put(folder, {"错.json": report(9).with_values({"requests.results.person": 999, "fees.fees.amount": None})})
    with collect_reports([folder], cache=cache) as cold, collect_reports([folder], cache=cache) as warm:
        for one, other in zip(cold.entries, warm.entries, strict=True):
            assert cold.findings(one) == warm.findings(other)
            assert cold.report(one) == warm.report(other)
            assert dict(cold.report(one).sources) == dict(warm.report(other).sources)
        assert any(cold.findings(one) for one in cold.entries)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE reading SET body = replace(body, '1', '2')",
        "UPDATE reading SET head = '{}'",
        "UPDATE reading SET seal = ''",
        "UPDATE reading SET body = x'ff', head = x'ff'",
        "DELETE FROM places",
        "UPDATE places SET map = '{}'",
        "DROP TABLE places",
        "ALTER TABLE reading RENAME COLUMN seal TO wax",
    ],
)
def test_damaged_readings_are_read_anew(folder: Path, cache: Path, damage: str) -> None:
    with collect_reports([folder], cache=cache) as first:
        right = merge_reports(first).report.values
    database = sqlite3.connect(kept(cache))
    with database:
        database.execute(damage)
    database.close()
    with collect_reports([folder], cache=cache) as again:
        assert merge_reports(again).report.values == right
        assert set(statuses(again).values()) == {"merged"}
        entry = again.entries[0]
        assert again.report(entry).source("requests.granted.person").cell


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\0" + bytes(2000)])
def test_a_torn_cache_is_put_aside(folder: Path, cache: Path, content: bytes) -> None:
    with collect_reports([folder], cache=cache):
        pass
    (kept(cache)).write_bytes(content)
    with collect_reports([folder], cache=cache) as again:
        assert merge_reports(again).agencies == 6


PAGE = 4096


@pytest.mark.parametrize(("start", "fill"), [(0, b"\0" * PAGE), (200, b"\x92" * 300)], ids=["lost", "torn"])
def test_a_page_of_the_cache_ends_no_merge(folder: Path, cache: Path, start: int, fill: bytes) -> None:
    with collect_reports([folder], cache=cache) as first:
        right = merge_reports(first).report.values
    whole = kept(cache).read_bytes()
    for at in range(start, len(whole), 2 * PAGE):
        kept(cache).write_bytes(whole[:at] + fill + whole[at + len(fill) :])
        with collect_reports([folder], cache=cache) as again:
            assert merge_reports(again).report.values == right


def test_a_changed_program_believes_no_reading(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with collect_reports([folder], cache=cache):
        pass
    monkeypatch.setattr(reading_cache, "fingerprint_program", lambda: "another")
    counted = Counted(monkeypatch)
    with collect_reports([folder], cache=cache):
        pass
    assert len(counted.files) == 6


def test_readings_of_another_program_under_this_ones_name_are_not_believed(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with collect_reports([folder], cache=cache):
        pass
    kept(cache).rename(cache / "readings-another.sqlite")
    monkeypatch.setattr(reading_cache, "fingerprint_program", lambda: "another")
    counted = Counted(monkeypatch)
    with collect_reports([folder], cache=cache) as collection:
        assert merge_reports(collection).agencies == 6
    assert len(counted.files) == 6


def test_two_merges_over_one_cache_do_not_meet(folder: Path, cache: Path, tmp_path: Path) -> None:
    other = put(tmp_path / "other", {"x.json": report(20)})
    with collect_reports([folder], cache=cache) as one, collect_reports([other], cache=cache) as two:
        assert len(one.entries) == 6
        assert len(two.entries) == 1
        assert merge_reports(one).agencies == 6
        assert merge_reports(two).agencies == 1


def test_nothing_is_left_without_a_cache(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with collect_reports([folder]) as collection:
        assert merge_reports(collection).agencies == 6
    assert list(scratch.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs kill")
def test_a_killed_merge_loses_nothing(folder: Path, cache: Path) -> None:
    """Killed while it reads: the next one believes what was kept, and counts nothing twice."""
    for n in range(10, 130):
        put(folder, {f"{n}.json": report(n)})
    code = (
        "import sys, time; from pathlib import Path; from workbook.merging.collection_run import collect_reports\n"
        "def slow(done, count, place): print(done, flush=True); time.sleep(0.05)\n"
        "collect_reports([Path(sys.argv[1])], cache=Path(sys.argv[2]), progress=slow)"
    )
    running = subprocess.Popen([sys.executable, "-c", code, str(folder), str(cache)], stdout=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.readline()
    time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    running.stdout.close()
    with collect_reports([folder], cache=cache) as collection:
        merged = merge_reports(collection)
        assert merged.agencies == 126
        assert merged.reconciled
