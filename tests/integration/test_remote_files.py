"""Files at URLs: each is read as itself, whatever its name looks like to a library that takes URLs apart."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from zipfile import ZipFile

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from tests.samples.agency_files import put, report, statuses
from workbook.cli import main
from workbook.exchange import report_json
from workbook.merging.collected_reports import ReportCollection
from workbook.merging.collection_run import collect_reports
from workbook.merging.executors import FEW

NAMES = (
    "a.json",
    "a.json::b.json",
    "a.json::memory://b.json",
    "::a.json",
    "zip::a.json",
    "memory::a.json",
    "a.json?x=1.json",
    "a.json#b.json",
    "a%2e.json",
    "a%20b.json",
    " a b.json",
    "[a].json",
    "*.json",
    "?.json",
    "{protocol}.json",
    "{a,b}.json",
    "~.json",
    "$HOME.json",
    "s3:a.json",
    "memory:b.json",
    "b\\a.json",
    "b:a.json",
    "@b.json",
    "b\na.json",
)
"""All in one folder: of each, something a library splits at, fills in, or takes for another."""


def content(n: int) -> bytes:
    return report_json.dump_report_text(report(n)).encode()


def agencies(found: ReportCollection) -> dict[str, str]:
    return {one.place: one.agency.name for one in found.entries}


@pytest.fixture
def store() -> Iterator[MemoryFileSystem]:
    system = fsspec.filesystem("memory")
    system.rm("/", recursive=True)
    yield system
    system.rm("/", recursive=True)


def expected() -> dict[str, str]:
    return {name: f"某县第{n}局" for n, name in enumerate(NAMES)}


def test_every_file_of_this_machine_is_itself_by_its_url(tmp_path: Path) -> None:
    for n, name in enumerate(NAMES):
        if "/" not in name:
            (tmp_path / name).write_bytes(content(n))
    wanted = {name: agency for name, agency in expected().items() if "/" not in name}
    with collect_reports([tmp_path]) as plain, collect_reports([f"file://{tmp_path}"]) as found:
        assert agencies(plain) == wanted
        assert agencies(found) == wanted
        assert [one.status.value for one in found.entries] == [one.status.value for one in plain.entries]
    for name, agency in wanted.items():
        with collect_reports([f"file://{tmp_path}/{name}"]) as found:
            assert [one.agency.name for one in found.entries] == [agency]


def test_every_file_of_a_store_is_itself(store: MemoryFileSystem) -> None:
    for n, name in enumerate(NAMES):
        store.store[f"/夹/{name}"] = _file(store, f"/夹/{name}", content(n))
    with collect_reports(["memory://夹"]) as found:
        assert agencies(found) == expected()
    for name in ("a.json::b.json", "::a.json", "zip::a.json"):
        with collect_reports([f"memory://夹/{name}"]) as found:
            assert [one.agency.name for one in found.entries] == [expected()[name]]


def _file(store: MemoryFileSystem, path: str, data: bytes) -> Any:
    """A file of the store under a name that its own way of writing would take apart."""
    store.pipe("/x", data)
    made = store.store.pop("/x")
    made.path = path
    return made


def test_members_of_archives_with_such_names_are_themselves(store: MemoryFileSystem) -> None:
    for n, name in enumerate(("收.zip", "收.zip::乙.zip", "收?.zip")):
        made = io.BytesIO()
        with ZipFile(made, "w") as package:
            package.writestr("a.json::b.json", content(10 * n))
            package.writestr("a.json", content(10 * n + 1))
        store.store[f"/夹/{name}"] = _file(store, f"/夹/{name}", made.getvalue())
    with collect_reports(["memory://夹"]) as found:
        assert agencies(found) == {
            f"{name}!{member}": f"某县第{10 * n + m}局"
            for n, name in enumerate(("收.zip", "收.zip::乙.zip", "收?.zip"))
            for m, member in enumerate(("a.json::b.json", "a.json"))
        }


class Splitting(MemoryFileSystem):
    """A driver that takes names apart, as some do for versions of a file, and one of whose folders is shut."""

    protocol = "splitting"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    find = fsspec.AbstractFileSystem.find

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.removeprefix("splitting://").partition("?version=")[0].strip("/")

    def ls(self, path: str, detail: bool = True, **other: Any) -> Any:
        if path.rstrip("/").endswith("/关"):
            raise PermissionError(13, "no rights", path)
        if path.rstrip("/").endswith("/坏"):
            raise RuntimeError("the service answers nonsense")
        return super().ls(path, detail, **other)


@pytest.fixture
def splitting() -> Iterator[Splitting]:
    fsspec.register_implementation("splitting", Splitting, clobber=True)
    system = fsspec.filesystem("splitting")
    system.store.clear()
    yield system
    system.store.clear()


def test_a_file_that_its_driver_takes_for_another_is_not_read_for_it(splitting: Splitting) -> None:
    for n, name in enumerate(("a.json", "a.json?version=1")):
        splitting.store[f"/夹/{name}"] = _file(splitting, f"/夹/{name}", content(n))
    with collect_reports(["splitting://夹"]) as found:
        told = {one.place: (one.status.value, one.agency.name) for one in found.entries}
        assert told == {"a.json": ("merged", "某县第0局"), "a.json?version=1": ("unreadable", "")}
        assert "不一致" in found.entries[1].why.zh


def test_folders_that_cannot_be_listed_are_told(
    splitting: Splitting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for n, name in enumerate(("甲.json", "关/乙.json", "坏/丙.json", "下/丁.json")):
        splitting.store[f"/夹/{name}"] = _file(splitting, f"/夹/{name}", content(n))
    with collect_reports(["splitting://夹"]) as found:
        assert statuses(found) == {
            "甲.json": "merged",
            "关": "unreadable",
            "坏": "unreadable",
            "下/丁.json": "merged",
        }
    assert main(["merge", "splitting://夹", "-o", str(tmp_path / "a.json"), "--no-cache"]) == 1
    assert "关　文件夹打不开" in capsys.readouterr().out
    with collect_reports(["splitting://夹/关", "splitting://夹/下"]) as found:
        assert statuses(found) == {"关": "unreadable", "下/丁.json": "merged"}


def test_a_store_that_is_shut_is_told_beside_another(
    store: MemoryFileSystem, splitting: Splitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.pipe("/夹/甲.json", content(1))
    splitting.store["/库/乙.json"] = _file(splitting, "/库/乙.json", content(2))

    def find(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "no rights")

    monkeypatch.setattr(Splitting, "find", find)
    with collect_reports(["memory://夹", "splitting://库"]) as found:
        assert statuses(found) == {
            "memory://夹/甲.json": "merged",
            "splitting://库": "unreadable",
        }


def test_a_file_within_a_file_where_the_user_says_so(store: MemoryFileSystem, tmp_path: Path) -> None:
    made = io.BytesIO()
    with ZipFile(made, "w") as package:
        package.writestr("甲.json", content(1))
        package.writestr("乙.json", content(2))
    store.pipe("/夹/收.zip", made.getvalue())
    for _ in range(2):  # the second time from what was kept
        with collect_reports(["zip://甲.json::memory://夹/收.zip"], cache=tmp_path) as found:
            assert [one.agency.name for one in found.entries] == ["某县第1局"]
            assert next(found.reports())[1].agency.name == "某县第1局"


def test_files_within_a_file_are_found_by_several_processes(tmp_path: Path) -> None:
    """Within an archive a driver names files from its beginning: such a path is of no folder that anybody stands in."""
    count = FEW + 10
    with ZipFile(tmp_path / "收.zip", "w") as package:
        for n in range(count):
            package.writestr(f"县/{n:03}.json", content(n % 3))
    with collect_reports([f"zip://县::file://{tmp_path}/收.zip"], jobs=2) as found:
        assert Counter(one.status.value for one in found.entries) == {"merged": 3, "duplicate": count - 3}
    with ZipFile(tmp_path / "外.zip", "w") as package:
        package.write(tmp_path / "收.zip", "内.zip")
    with collect_reports([f"zip://::file://{tmp_path}/外.zip"], jobs=2) as found:  # in an archive of the store
        assert len(found.entries) == count
        assert Counter(one.status.value for one in found.entries) == {"merged": 3, "duplicate": count - 3}


def test_what_comes_shorter_than_it_is_listed_is_not_believed(
    store: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.pipe("/夹/甲.json", content(1))
    store.pipe("/夹/乙.txt", b"some text")
    monkeypatch.setattr(MemoryFileSystem, "get_file", lambda _, __, target: Path(target).write_bytes(b"some"))
    with collect_reports(["memory://夹"]) as found:
        assert {one.status.value for one in found.entries} == {"unreadable"}


def test_a_file_url_that_nothing_is_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, {"甲.json": report(1)})
    assert main(["merge", f"file://{tmp_path}/乙.json", "-o", str(tmp_path / "a.json")]) == 2
    assert "不存在" in capsys.readouterr().err
