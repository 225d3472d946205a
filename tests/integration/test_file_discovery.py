"""Folders: whatever lies in them is a line of the list of files, also what cannot be reached."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.samples.agency_files import EndedMerge, put, report, run_merge
from tests.samples.step_counter import steps
from workbook.cli import main
from workbook.exchange import report_json
from workbook.merging.collection_run import collect_reports

Merge = Callable[..., EndedMerge]


@pytest.fixture
def merge(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Merge:
    """``merge(path, …)`` is what `ogi merge` came to, here."""
    monkeypatch.setenv("OGI_LANG", "zh")
    (tmp_path / "out").mkdir()
    return partial(run_merge, capsys, tmp_path / "out" / "汇总.json")


class Disk:
    """A listing of a folder, which fails once it has told of so many entries."""

    def __init__(self, entries: Any, good: int, number: int) -> None:
        self.entries, self.good, self.number = entries, good, number

    def __enter__(self) -> Disk:
        return self

    def __exit__(self, *_: object) -> None:
        self.entries.close()

    def __iter__(self) -> Iterator[os.DirEntry[str]]:
        for _ in range(self.good):
            yield next(self.entries)
        raise OSError(self.number, os.strerror(self.number))


def failing(monkeypatch: pytest.MonkeyPatch, name: str, good: int, number: int) -> None:
    """Let the folder of that name fail while it is listed, after so many entries."""
    real = os.scandir

    def scandir(path: Any = ".") -> Any:
        if isinstance(path, int) or Path(os.fsdecode(path)).name != name:
            return real(path)
        if not good:
            raise OSError(number, os.strerror(number), path)
        return Disk(real(path), good, number)

    monkeypatch.setattr(os, "scandir", scandir)


def test_a_folder_that_cannot_be_entered_is_told(merge: Merge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "收", {"甲.json": report(1), "关/乙.json": report(2), "开/丙.json": report(3)})
    failing(monkeypatch, "关", 0, errno.EACCES)
    merged = merge(tmp_path / "收")
    assert merged.files == {"甲.json": "merged", "关": "unreadable", "开/丙.json": "merged"}
    assert merged.code == 1
    assert "文件夹打不开" in merged.why["关"] and "没有权限" in merged.why["关"]
    assert "找到文件 3 个" in merged.screen and "须处理的文件 1 个" in merged.screen
    assert "    关　文件夹打不开" in merged.screen


def test_rights_that_a_folder_does_not_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with a folder that really is shut: of root its rights are taken."""
    inbox = put(tmp_path / "收", {"甲.json": report(1), "关/乙.json": report(2), "关/下/丙.json": report(3)})
    target = tmp_path / "汇总.json"
    command = [sys.executable, "-m", "workbook", "merge", str(inbox), "-o", str(target), "--no-cache"]
    if os.geteuid() == 0:
        if (setpriv := shutil.which("setpriv")) is not None:
            command = [setpriv, "--bounding-set=-dac_override,-dac_read_search", *command]
        else:
            failing(monkeypatch, "关", 0, errno.EACCES)
    (inbox / "关").chmod(0)
    try:
        if os.geteuid() == 0 and command[0] == sys.executable:
            code = main(command[3:])
        else:
            code = subprocess.run(command, check=False, capture_output=True).returncode
    finally:
        (inbox / "关").chmod(0o700)
    sources = json.loads(target.read_text("utf-8"))["sources"]
    assert (code, {one["file"]: one["status"] for one in sources}) == (1, {"甲.json": "merged", "关": "unreadable"})


def test_the_folder_given_cannot_be_entered(merge: Merge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "关", {"甲.json": report(1)})
    failing(monkeypatch, "关", 0, errno.EACCES)
    merged = merge(tmp_path / "关")
    assert (merged.code, merged.files) == (2, {})
    assert "    关　文件夹打不开" in merged.screen


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE])
def test_a_disk_that_fails_on_the_way(
    merge: Merge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """What it told before is read, what it did not tell is missing: the folder is a line of its own."""
    inbox = put(tmp_path / "收", {f"坏/{n}.json": report(n) for n in range(3)} | {"好/9.json": report(9)})
    failing(monkeypatch, "坏", 2, number)
    merged = merge(inbox)
    assert sorted(merged.files.values()) == ["merged", "merged", "merged", "unreadable"]
    assert "只列出了一部分" in merged.why["坏"] and os.strerror(number) in merged.why["坏"]
    assert "磁盘或网络故障" in merged.why["坏"]
    assert merged.code == 1


def test_an_entry_that_cannot_be_looked_at(merge: Merge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some disks do not say what an entry is; one that fails when asked may be a report, or a folder of them."""
    inbox = put(tmp_path / "收", {"甲.json": report(1), "乙.json": report(2)})
    real = os.scandir

    class Entry:
        def __init__(self, entry: os.DirEntry[str]) -> None:
            self.name, self.path, self.entry = entry.name, entry.path, entry

        def is_symlink(self) -> bool:
            return False

        def is_dir(self) -> bool:
            if self.name == "乙.json":
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return self.entry.is_dir()

    class Listing(Disk):
        def __iter__(self) -> Iterator[Any]:
            return map(Entry, self.entries)

    def scandir(path: Any = ".") -> Any:
        return Listing(real(path), 0, 0) if path == str(inbox) else real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    merged = merge(inbox)
    assert merged.files == {"甲.json": "merged", "乙.json": "unreadable"}
    assert "磁盘或网络故障" in merged.why["乙.json"]


def test_folders_deeper_than_any_path(merge: Merge, tmp_path: Path) -> None:
    inbox = put(tmp_path / "收", {"甲.json": report(1), "乙/乙.json": report(2)})
    at = os.open(inbox, os.O_RDONLY)
    for _ in range(120):
        os.mkdir("很深很深的文件夹" * 2, dir_fd=at)
        inner = os.open("很深很深的文件夹" * 2, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(os.open("丙.json", os.O_WRONLY | os.O_CREAT, dir_fd=at))
    os.close(at)
    merged = merge(inbox)
    *rest, deep = sorted(merged.files, key=len)
    assert rest == ["甲.json", "乙/乙.json"]
    assert (merged.files[deep], deep.startswith("很深")) == ("unreadable", True)
    assert "路径过长" in merged.why[deep]
    assert "路径过长" in merged.screen
    assert merged.code == 1
    assert merge(inbox, inbox / Path(*["很深很深的文件夹" * 2] * 90)).code == 1


def test_what_is_given_by_name_and_cannot_be_reached(merge: Merge, tmp_path: Path) -> None:
    inbox = put(tmp_path / "收", {"甲.json": report(1), "乙.json": report(2)})
    (inbox / "断.json").symlink_to(inbox / "没有")
    (inbox / "圈.json").symlink_to(inbox / "圈.json")
    (inbox / "圈.zip").symlink_to(inbox / "圈.zip")
    merged = merge(*(inbox / f"{name}" for name in ("甲.json", "乙.json", "断.json", "圈.json", "圈.zip")))
    assert merged.files == {
        "甲.json": "merged",
        "乙.json": "merged",
        "断.json": "unreadable",
        "圈.json": "unreadable",
        "圈.zip": "unreadable",
    }
    assert merged.code == 1
    assert merge(inbox).files == merged.files
    missing = merge(inbox, tmp_path / "错.json")
    assert missing.code == 2 and "错.json：文件或文件夹不存在" in missing.screen
    long = merge(inbox / "甲.json", inbox / ("长" * 100 + ".json"))
    assert long.code == 1 and "路径过长" in long.screen


def test_a_name_that_may_not_be_looked_at(merge: Merge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be a report, or a folder of them: told, and the rest goes on."""
    inbox = put(tmp_path / "收", {"甲.json": report(1), "关/乙.json": report(2)})
    real = Path.stat

    def look(path: Path, **how: Any) -> os.stat_result:
        if path.name == "乙.json":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, **how)

    monkeypatch.setattr(Path, "stat", look)
    merged = merge(inbox / "甲.json", inbox / "关" / "乙.json")
    assert (merged.code, merged.files) == (1, {"甲.json": "merged", "关/乙.json": "unreadable"})
    assert "不知道是文件还是文件夹" in merged.why["关/乙.json"]


def test_names_that_no_screen_can_show(merge: Merge, tmp_path: Path) -> None:
    """Names in another encoding read alike once shown: each is a line of its own, and can be decided for."""
    inbox = put(tmp_path / "收", {"甲.json": report(1)})
    for n, raw in enumerate((b"\xff.json", b"\xfe.json", b"\xfd\n.json", b"\x1b[2J.json"), 2):
        (inbox / os.fsdecode(raw)).write_text(report_json.dump_report_text(report(n)), "utf-8")
    (inbox / os.fsdecode(b"\xff")).mkdir()
    merged = merge(inbox)
    assert len(merged.files) == 5
    assert {"\ufffd.json（同名第1个）", "\ufffd.json（同名第2个）"} < set(merged.files)
    assert "\x1b" not in merged.screen
    assert merge(inbox, "--choose", "\ufffd.json（同名第2个）").files["\ufffd.json（同名第2个）"] == "merged"


def test_walking_costs_by_what_is_there(tmp_path: Path) -> None:
    """Four times as many files, folders and links cost four times as much."""
    costs = []
    for n in (20, 20, 80):  # the first loads what is needed once
        inbox = put(tmp_path / f"{len(costs)}", {f"{m}/下/{m}.txt": "x" for m in range(n)})
        for m in range(n):
            (inbox / f"链{m}.txt").symlink_to(inbox / f"{m}" / "下" / f"{m}.txt")
            (inbox / f"夹{m}").symlink_to(inbox / f"{m}")

        def work(inbox: Path = inbox) -> None:
            with collect_reports([inbox]) as found:
                assert len(found.entries) == 2 * n  # noqa: B023 -- called at once

        costs.append(steps(work))
    assert costs[2] < 4.4 * costs[1]


def test_what_a_link_leads_to_is_not_passed_over_in_silence(merge: Merge, tmp_path: Path) -> None:
    inbox = put(tmp_path / "收", {"甲.json": report(1), ".藏/丙.json": report(3)})
    put(tmp_path / "别处", {"乙.json": report(2)})
    (inbox / "乙局").symlink_to(tmp_path / "别处", target_is_directory=True)
    (inbox / "乙.json").symlink_to(tmp_path / "别处" / "乙.json")
    merged = merge(inbox)
    assert merged.code == 1
    assert merged.files == {"甲.json": "merged", ".藏": "skipped", "乙局": "unreadable", "乙.json": "unreadable"}
    assert "须处理的文件 2 个" in merged.screen
    assert "    乙局　指向其他文件夹的链接" in merged.screen
    year = put(tmp_path / "去年", {"甲.json": report(1, year=2023)})
    (year / "乙局").symlink_to(tmp_path / "别处", target_is_directory=True)
    (inbox / "乙局").unlink()
    (inbox / "乙.json").unlink()
    merged = merge(inbox, "--previous", year)
    assert merged.code == 1
    assert "乙局" in merged.screen and "没有用于比较" in merged.screen
    (tmp_path / "空").mkdir()
    merged = merge(inbox, tmp_path / "空")
    assert merged.code == 1
    assert "    空　文件夹里没有文件" in merged.screen


# a screen of thousands tells nothing


@pytest.mark.parametrize("good", [False, True])
def test_thousands_of_files_are_counted_and_a_few_named(merge: Merge, tmp_path: Path, good: bool) -> None:
    many = {f"{n:03}.txt": "x" for n in range(200)} | {f"{n:03}.zip": "x" for n in range(200)}
    many |= {f".{n:03}": "x" for n in range(200)} | {f"~${n:03}.json": "x" for n in range(200)}
    books = {f"{n:03}.json": report(n) for n in range(40)} if good else {}
    merged = merge(put(tmp_path / "收", many | books))
    assert merged.code == (1 if good else 2)
    lines = merged.screen.splitlines()
    assert len(lines) < 90
    for status, name in (("不是年度报告", ".txt"), ("无法读取", ".zip")):
        assert f"  {status}：200 个" in lines
        assert sum(name + "　" in line for line in lines) == 20
    assert sum("另有 180 个" in line for line in lines) == 2
    assert ("见汇总结果" in merged.screen) == good  # else there is none


def test_a_draft_of_a_roster_names_a_few(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OGI_LANG", "zh")
    put(tmp_path / "收", {f"{n:03}.zip": "x" for n in range(200)} | {"甲.json": report(1)})
    assert main(["roster", "from", str(tmp_path / "收"), "-o", str(tmp_path / "名录.csv")]) == 1
    out = capsys.readouterr().out
    assert "有 200 个文件无法读取" in out
    assert len(out.splitlines()) < 30
