"""A merge of a thousand: the sum is that of the JSONs, whatever is left out, in whatever order, by whatever way."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import reduce
from operator import add
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.samples.agency_files import FORM, agency, report
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange import report_json
from workbook.merging import executors
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.totals import merge_reports
from workbook.model.report import Report

AGENCIES = 1000
LEAVES = ("requests.granted.person", "requests.granted.law", "requests.denied.secret.person")
WORKBOOKS = 30
"""So many of them hand in a workbook: those read one like the other, and some that are read in other ways."""


class Thousand:
    """The reports, and the file each was handed in as."""

    def __init__(self, folder: Path) -> None:
        dice = Random(2024)
        few = [report(n, {code: dice.randrange(400) for code in LEAVES}) for n in range(40)]
        self.reports: list[Report] = []
        self.files: list[Path] = []
        for n in range(AGENCIES):
            figures = few[n % 40] + few[n // 40]  # a sum of reports that keep the rules keeps them
            one = replace(figures, agency=agency(n), texts=few[0].texts, merged=1)
            path = folder / f"{n:04}.json"
            if n < WORKBOOKS:
                path = path.with_suffix(".xlsx")
                write_workbook(path, one)
                if n % 3 == 0:
                    _saved_by_another_program(path)
            else:
                path.write_text(report_json.dump_report_text(one), "utf-8")
            self.reports.append(one)
            self.files.append(path)


def _saved_by_another_program(path: Path) -> None:
    """Saved by openpyxl, which stores no results of formulas: such a workbook goes the long way."""
    from openpyxl import load_workbook

    load_workbook(path).save(path)


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Thousand:
    return Thousand(tmp_path_factory.mktemp("thousand"))


@pytest.fixture(scope="module")
def warm(thousand: Thousand, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that knows every file."""
    folder = tmp_path_factory.mktemp("cache")
    collect_reports(thousand.files, cache=folder).close()
    return folder


def kept(folder: Path) -> Path:
    """The file of readings in a cache."""
    (path,) = folder.glob("readings-*.sqlite")
    return path


def damaged(folder: Path, dice: Random) -> None:
    """Change readings in the cache: figures, seals, places."""
    database = sqlite3.connect(kept(folder))
    with database:
        for rowid in dice.sample(range(1, AGENCIES), 30):
            database.execute("UPDATE reading SET body = replace(body, '1', '7') WHERE rowid = ?", (rowid,))
            database.execute("UPDATE reading SET head = '[]' WHERE rowid = ?", (rowid + 1,))
            database.execute("DELETE FROM reading WHERE rowid = ?", (rowid + 2,))
    database.close()


def state(name: str, warm: Path, scratch: Path, dice: Random) -> Path | None:
    """A cache in that state."""
    if name == "none":
        return None
    if name != "cold":
        for file in warm.iterdir():
            (scratch / file.name).write_bytes(file.read_bytes())
    if name == "damaged":
        damaged(scratch, dice)
    if name == "torn":
        path = kept(scratch)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return scratch


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 1 << 30),
    share=st.sampled_from([0.01, 0.05, 0.2]),
    jobs=st.sampled_from([1, 1, 2]),
    cache=st.sampled_from(["none", "cold", "warm", "damaged", "torn"]),
)
def test_the_sum_is_that_of_the_reports(
    thousand: Thousand, warm: Path, seed: int, share: float, jobs: int, cache: str
) -> None:
    dice = Random(seed)
    chosen = [n for n in range(AGENCIES) if dice.random() < share] or [0]
    shuffled = dice.sample(chosen, len(chosen))
    with TemporaryDirectory() as scratch:
        folder = state(cache, warm, Path(scratch), dice)
        with collect_reports(
            [thousand.files[n] for n in shuffled], MergeOptions(), cache=folder, jobs=jobs
        ) as collection:
            merged = merge_reports(collection)
            assert merged.agencies == len(chosen)
            assert merged.reconciled
            assert merged.report.values == reduce(add, [thousand.reports[n] for n in chosen]).values
            for (entry, one), n in zip(collection.reports(), chosen, strict=True):
                assert entry.place == thousand.files[n].name
                assert one.values == thousand.reports[n].values


def test_every_way_of_reading_is_process_in_pool(thousand: Thousand) -> None:
    with collect_reports(thousand.files[: WORKBOOKS + 1]) as collection:
        assert {one.reader for one in collection.entries} == {"alike", "package", "json"}
        assert collection.form == FORM


def test_a_process_that_dies_takes_one_file_with_it(thousand: Thousand, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [executors.FileTask(n, str(path)) for n, path in enumerate(thousand.files[100:132], 1)]
    monkeypatch.setattr(executors, "CHUNK", 8)
    monkeypatch.setattr(executors, "_process_in_pool", _deadly)
    taken = [one for chunk in executors.choose_executor(2, 1000)(tasks, None) for one in chunk]
    assert sorted(one.number for one in taken) == list(range(1, 33))
    assert [one.number for one in taken if one.status == "unreadable"] == [17]


def _deadly(tasks: list[executors.FileTask], database: Path | None) -> list[executors.FileOutcome]:
    if any(task.number == 17 for task in tasks):
        os._exit(9)
    return REAL(tasks, database)


REAL: Callable[..., list[executors.FileOutcome]] = executors._process_in_pool


def test_an_interrupted_merge_goes_on_where_it_stopped(thousand: Thousand, tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def stop(done: int, count: int, place: str) -> None:  # noqa: ARG001
        if done > 200:
            raise Interrupted

    files = thousand.files[WORKBOOKS:500]
    with pytest.raises(Interrupted):
        collect_reports(files, cache=tmp_path, progress=stop)
    read: list[int] = []

    def counting(tasks: Iterator[executors.FileTask], database: Path | None) -> Iterator[list[executors.FileOutcome]]:
        for chunk in executors.split_chunks(tasks):
            taken = executors.process_files(chunk, database)
            read.extend(one.number for one in taken if one.record is not None)
            yield taken

    with collect_reports(files, cache=tmp_path, takes=counting) as collection:
        assert merge_reports(collection).agencies == len(files)
    assert len(read) < len(files) - 200
