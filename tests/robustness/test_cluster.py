"""The same merge on a real cluster: a scheduler and two workers, each a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from random import Random

import distributed
import fsspec
import pytest
from dask import config

from benchmarks.province import Province, province
from tests import domain
from tests.robustness.hostile.module_folder import fill, ran, untold
from tests.samples.agency_files import FORM, put, report
from tests.samples.package_edits import packed
from workbook.exchange import report_json
from workbook.merging import executors, remote_files
from workbook.merging.collected_reports import ReportCollection
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.executors import make_cluster_executor
from workbook.merging.file_status import FileEntry
from workbook.merging.process_file import FileOutcome, FileTask
from workbook.merging.remote_files import UnreachableSource
from workbook.merging.totals import merge_reports

AGENCIES = 100
DEADLY = """
import os
from workbook.merging import process_file

def deadly(task, path, readings, sound=process_file._read_file):
    if path.name == "deadly.json":
        os._exit(1)
    return sound(task, path, readings)

if process_file._read_file.__name__ != "deadly":  # Dask may run this twice
    process_file._read_file = deadly
"""


NO_DISK = """
from pathlib import Path
from workbook.merging import executors
executors.Path = lambda _: Path("/none")
"""
"""A worker that sees no file of this machine."""


def workers(**options: object) -> distributed.LocalCluster:
    with config.set({"distributed.scheduler.allowed-failures": 1}):
        return distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", **options)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with workers() as two:
        yield two.scheduler_address


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Province:
    return province(tmp_path_factory.mktemp("province"), AGENCIES, jobs=1)


def json_of(n: int) -> bytes:
    return report_json.dump_report_text(report(n)).encode()


def facts_of(entry: FileEntry) -> tuple[object, ...]:
    """All that is said of a file, but for how, when and where it was read.

    `alike` or `package` depends on what the process had read before; an archive in an archive is unpacked anywhere.
    """
    return tuple(getattr(entry, name) for name in entry.__slots__ if name not in ("reader", "read_at", "path"))


def same(one: ReportCollection, other: ReportCollection) -> bool:
    """Whether two merges came to the same: every file, every figure, every finding, every sum."""
    assert [facts_of(entry) for entry in one.entries] == [facts_of(entry) for entry in other.entries]
    for entry in one.entries:
        assert one.findings(entry) == other.findings(entry)
        if entry.form:
            assert one.report(entry) == other.report(entry)
    assert merge_reports(one).report == merge_reports(other).report
    return True


# a worker killed on the way


def kill_one(client: distributed.Client, pids: Mapping[str, int]) -> list[str]:
    """Stop the worker that has most to do, see that it has something still when it stands, and kill it: its address.

    Nobody where it was done already.
    """
    under_way = client.processing()
    busy = max(pids, key=lambda address: len(under_way[address]))
    os.kill(pids[busy], signal.SIGSTOP)
    time.sleep(0.2)  # what it had said already arrives
    if not client.processing()[busy]:
        os.kill(pids[busy], signal.SIGCONT)
        return []
    os.kill(pids[busy], signal.SIGKILL)
    return [busy]


def test_a_worker_killed_on_the_way_loses_and_doubles_nothing(made: Province) -> None:
    with workers() as two, distributed.Client(two.scheduler_address, set_as_default=False) as client:
        pids, killed = client.run(os.getpid), []
        takes = make_cluster_executor(two.scheduler_address, size=4)

        def killing(tasks: Iterable[FileTask], database: Path | None) -> Iterator[list[FileOutcome]]:
            for done in takes(tasks, database):
                if not killed:
                    killed.extend(kill_one(client, pids))
                yield done

        with collect_reports([made.files]) as here, collect_reports([made.files], takes=killing) as there:
            assert len(there.entries) == len(here.entries) > AGENCIES
            assert same(here, there)
        lost = [event for _, event in client.get_events("all") if event.get("action") == "remove-worker"]
        assert [event["worker"] for event in lost if event["processing-tasks"]] == killed
        assert len(killed) == 1


def test_a_file_that_kills_every_worker_is_said_of_it_alone(tmp_path: Path) -> None:
    files = {f"{n:02}.json": report(n) for n in range(12)} | {"deadly.json": report(99)}
    put(tmp_path / "files", files)
    preload = tmp_path / "preload.py"
    preload.write_text(DEADLY)
    with workers(preload=[str(preload)]) as two:
        found = collect_reports([tmp_path / "files"], takes=make_cluster_executor(two.scheduler_address, size=5))
    statuses = {entry.place: entry.status.value for entry in found.entries}
    (deadly,) = [entry for entry in found.entries if entry.place == "deadly.json"]
    found.close()
    assert statuses == dict.fromkeys(files, "merged") | {"deadly.json": "unreadable"}
    assert "KilledWorker" in deadly.why.zh


def test_the_sum_is_that_of_the_files_whoever_reads_them(scheduler: str, tmp_path: Path) -> None:
    """Any folder: its sum through the cluster is the sum of its JSON files, added one by one."""
    for seed in range(8):
        chance = Random(seed)
        leaves = [cell.code for cell in FORM.cells if not cell.total]
        reports = [
            report(n, {code: chance.randrange(1000) for code in chance.sample(leaves, chance.randrange(20))})
            for n in range(chance.randrange(1, 40))
        ]
        folder = put(tmp_path / str(seed), {f"{n}.json": one for n, one in enumerate(reports)})
        added = [sum(int(str(one[code])) for one in reports) for code in FORM.index]
        with collect_reports(
            [folder], MergeOptions(include_errors=True), takes=make_cluster_executor(scheduler, size=3)
        ) as found:
            assert list(merge_reports(found).report.values) == added


# where files lie


def test_what_no_worker_sees_is_read_here(tmp_path: Path) -> None:
    """An archive in an archive is unpacked on this machine; without a shared disk, no worker has it."""
    path = tmp_path / "outer.zip"
    packed(path, {"inner.zip": packed(path, {"b.json": json_of(2)}).read_bytes(), "a.json": json_of(1)})
    with (
        collect_reports([tmp_path]) as here,
        workers(preload=[NO_DISK]) as two,
        collect_reports([tmp_path], takes=make_cluster_executor(two.scheduler_address)) as there,
    ):
        assert same(here, there)
        assert [entry.place for entry in there.counted] == ["outer.zip!a.json", "outer.zip!inner.zip!b.json"]


def test_files_at_urls_are_the_files(scheduler: str, made: Province) -> None:
    url = f"file://{made.files}"
    with (
        collect_reports([made.files]) as here,
        collect_reports([url]) as there,
        collect_reports([url], takes=make_cluster_executor(scheduler)) as far,
    ):
        plain = [(entry.place, entry.status, entry.sha256, entry.modified) for entry in here.entries]
        for other in (there, far):
            assert [(one.place, one.status, one.sha256, one.modified) for one in other.entries] == plain
            assert merge_reports(other).report == merge_reports(here).report


@pytest.fixture
def store() -> Iterator[fsspec.AbstractFileSystem]:
    system = fsspec.filesystem("memory")
    system.rm("/", recursive=True)
    yield system
    system.rm("/", recursive=True)


def test_a_store_with_folders_archives_and_hidden_files(store: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    for name, content in {
        "市/甲/a.json": json_of(1),
        "市/乙/b.json": json_of(2),
        "市/县.zip": packed(tmp_path / "县.zip", {"某局.json": json_of(3)}).read_bytes(),
        "市/坏.zip": b"PK\3\4oops",
        "市/.x/c.json": b"{}",
        "市/~$a.xlsx": b"",
    }.items():
        store.pipe("/" + name, content)
    with collect_reports(["memory://市", "memory://市/甲/a.json"]) as found:
        assert {entry.place: entry.status.value for entry in found.entries} == {
            "甲/a.json": "merged",
            "乙/b.json": "merged",
            "县.zip!某局.json": "merged",
            "坏.zip": "unreadable",
            ".x/c.json": "skipped",
            "~$a.xlsx": "skipped",
        }


def test_files_here_and_elsewhere_together(store: fsspec.AbstractFileSystem, tmp_path: Path) -> None:
    store.pipe("/far/a.json", json_of(1))
    put(tmp_path, {"a.json": report(2)})
    with collect_reports([tmp_path, "memory://far/"]) as found:
        assert [entry.place for entry in found.entries] == ["a.json", "memory://far/a.json"]
        assert merge_reports(found).report.merged == 2


def test_the_summary_at_a_file_url_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, {"a.json": report(1), "汇总.json": "{}"})
    with collect_reports([f"file://{tmp_path}"], MergeOptions(outputs=[tmp_path / "汇总.json"])) as found:
        assert [entry.status.value for entry in found.entries] == ["merged", "skipped"]


def test_what_a_url_is() -> None:
    assert all(map(remote_files.is_url, ("s3://b/f", "memory://x")))
    assert not any(map(remote_files.is_url, ("C://x", "C:\\x", "/a://b", "a.xlsx", Path("s3://b"))))


# what is said


@pytest.mark.usefixtures("store")
def test_a_url_nothing_is_at_names_it_without_its_password() -> None:
    with pytest.raises(FileNotFoundError) as trouble:
        collect_reports(["memory://me:secret@none"])
    assert "none" in str(trouble.value)
    assert "secret" not in str(trouble.value)


def test_unknown_urls_and_missing_libraries_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreachableSource) as unknown:
        collect_reports(["nowhere://x"])
    assert "nowhere" in unknown.value.message.zh and "nowhere" in unknown.value.message.en
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnreachableSource) as missing:
        list(make_cluster_executor("tcp://127.0.0.1:1")([], None))
    assert "pip install 'ogi-workbook[cluster]'" in missing.value.message.zh
    for name in ("fsspec", "fsspec.core"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UnreachableSource, match="fsspec"):
        collect_reports(["s3://bucket"])


def test_a_cluster_that_does_not_answer_or_has_no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "ANSWER", 0.5)
    with pytest.raises(UnreachableSource, match=r"127\.0\.0\.1:1"):
        list(make_cluster_executor("tcp://127.0.0.1:1")([], None))
    none = distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0")
    with none, pytest.raises(UnreachableSource, match="dask worker"):
        list(make_cluster_executor(none.scheduler_address)([], None))


def test_a_worker_with_another_program_is_refused(
    scheduler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "fingerprint_program", lambda: "another")
    with pytest.raises(UnreachableSource, match="同一版本"):
        collect_reports([put(tmp_path, {"a.json": report(1)})], takes=make_cluster_executor(scheduler))


# in a stranger's folder


@pytest.mark.long
def test_a_cluster_started_as_the_guide_says_runs_nothing_of_the_folder_it_stands_in(tmp_path: Path) -> None:
    """Scheduler, worker and merge, all three in a folder with a module of every name: the variable is enough."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    guide = (domain.ROOT / "docs" / "集群.md").read_text("utf-8")
    guide = guide.replace("8786", port).replace("调度机", "127.0.0.1").replace("--nworkers 16", "--nworkers 1")
    commands = re.findall(r"^(dask (?:scheduler|worker)(?: [^\s#]+)+)", guide, re.MULTILINE)[:2]
    (variable,) = set(re.findall(r"export (PYTHONSAFEPATH=1)", guide))
    folder, marker = tmp_path / "收到的年报", tmp_path / "ran"
    folder.mkdir()
    put(folder, {f"{n}.json": report(n) for n in range(3)})
    fill(folder, marker)
    programs = Path(sys.executable).parent
    started = []
    try:
        for line in commands:
            words = line.split()
            environ = untold(**dict([variable.split("=")]))
            command = [sys.executable, programs / words[0], *words[1:], "--no-dashboard"]
            started.append(subprocess.Popen(command, cwd=folder, env=environ, stderr=subprocess.DEVNULL))
        merge_there = [sys.executable, programs / "ogi", "merge", ".", "--scheduler", f"tcp://127.0.0.1:{port}"]
        done = subprocess.run([*merge_there, "-o", tmp_path / "汇总.json"], cwd=folder, env=untold(), check=False)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(30)
    assert (done.returncode, ran(marker)) == (0, [])
    assert json.loads((tmp_path / "汇总.json").read_text("utf-8"))["merged"] == 3


class Code:
    """Something whose pickle is code: what it gives when it is read says where that was."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.getpid, ()


def test_who_starts_a_merge_reads_pickles_of_the_cluster_as_the_guide_says(scheduler: str) -> None:
    """Results and errors both, and no choice of serializers keeps the latter out: a cluster must be trusted."""

    def failing() -> None:
        raise RuntimeError(Code())

    with distributed.Client(scheduler, set_as_default=False) as client:
        assert client.submit(Code, pure=False).result() == os.getpid()
    plain = {"serializers": ["msgpack"], "deserializers": ["msgpack", "error"]}
    with distributed.Client(scheduler, set_as_default=False, **plain) as client:
        with pytest.raises(RuntimeError) as raised:
            client.submit(failing, pure=False).result()
        assert raised.value.args == (os.getpid(),)
    guide = (domain.ROOT / "docs" / "集群.md").read_text("utf-8")
    assert re.search(r"调度机、任何一台工作机 \|.*这台电脑.*执行任意程序", guide)
