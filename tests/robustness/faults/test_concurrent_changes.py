"""Others at work on the same files: a program that has one open, a copy under way, another merge, a wrong clock."""

from __future__ import annotations

import datetime
import errno
import hashlib
import os
import re
import sqlite3
from pathlib import Path

import pytest

from tests.integration.test_letter_folder import OCCASION, SOME
from tests.robustness.faults.stand_ins import accompany, failing, hold_open, sqlite_error
from tests.samples.agency_files import broken, collected, entry, put, report, rostered, statuses
from tests.samples.command_run import run_ogi as ogi
from tests.samples.package_edits import packed
from workbook.cli import merge_command
from workbook.excel import report_loading
from workbook.excel.reading import ooxml_reader
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange import report_json
from workbook.merging import archive_files, attendance, process_file, reading_cache
from workbook.merging.attendance import AttendanceState, call_roll, is_late_file, list_chased
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.letters import letter_files as chasefiles
from workbook.merging.totals import merge_reports
from workbook.safety import atomic_write
from workbook.summary import summary_output

MARKS = ["~$某局.xlsx", ".~某局.xlsx", ".~lock.某局.xlsx#"]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "某局.xlsx"
    path.parent.mkdir()
    write_workbook(path, report(1))
    return path


# open in a spreadsheet program


@pytest.mark.parametrize("mark", MARKS)
def test_a_workbook_somebody_has_open_is_read_and_told(book: Path, mark: str) -> None:
    assert "正被打开" not in ogi("check", book).out
    book.with_name(mark).write_bytes(b"")
    assert mark in ogi("check", book).out
    assert any(found.rule == atomic_write.OPEN_FILE_RULE for found in report_loading.load_submission(book).findings)


@pytest.mark.parametrize("mark", MARKS)
def test_a_merge_names_the_files_somebody_has_open(book: Path, tmp_path: Path, mark: str) -> None:
    put(book.parent, {"另局.json": report(2), mark: b"", "~$没有这个.xlsx": b""})
    ended = ogi("merge", book.parent, "-o", tmp_path / "汇总.json")
    assert [line.split()[0] for line in ended.out.splitlines() if "正被打开" in line] == ["某局.xlsx"]
    with collect_reports([book.parent], cache=tmp_path / "cache") as collection:
        notices = merge_reports(collection).notices.findings
        assert [found.rule for found in notices[entry(collection, "某局.xlsx").number]] == [atomic_write.OPEN_FILE_RULE]
        assert entry(collection, "另局.json").number not in notices
        assert statuses(collection)[mark] == "skipped"
    book.with_name(mark).unlink()
    with collect_reports([book.parent], cache=tmp_path / "cache") as collection:  # kept readings know nothing of it
        assert entry(collection, "某局.xlsx").number not in merge_reports(collection).notices.findings


@pytest.mark.parametrize("mark", MARKS)
def test_an_output_that_is_open_is_refused_before_any_work(book: Path, tmp_path: Path, mark: str) -> None:
    target = tmp_path / "某局.xlsx"
    target.write_bytes(b"old")
    target.with_name(mark).write_bytes(b"")
    for argv in (["merge", book.parent], ["repair", book]):
        ended = ogi(*argv, "-o", target, "--force")
        assert ended.code == 2
        assert mark in ended.err
        assert "关闭" in ended.err
        assert ended.out == ""
    assert target.read_bytes() == b"old"
    target.with_name(mark).unlink()
    assert ogi("repair", book, "-o", target, "--force").code == 0


def test_one_output_that_cannot_be_replaced_costs_no_other(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "汇总.xlsx", tmp_path / "汇总.json"
    first.write_bytes(b"old")
    hold_open(monkeypatch, lambda path: path == first)
    ended = ogi("merge", book, "-o", first, "-o", second, "--force")
    assert ended.code == 2
    assert str(tmp_path / "汇总-2.xlsx") in ended.err
    assert str(tmp_path / "汇总-2.xlsx") in ended.out
    assert first.read_bytes() == b"old"
    assert second.stat().st_size > 1000
    assert (tmp_path / "汇总-2.xlsx").read_bytes()[:2] == b"PK"


def test_a_result_that_had_to_go_aside_costs_nothing_else_that_is_said(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other file is written, what was found is told, and then that."""
    page, bad = tmp_path / "公开.html", tmp_path / "in" / "错.json"
    last = put(tmp_path, {"去年.json": broken(2, year=2023)}) / "去年.json"
    odd = report_json.dump_report_text(broken(1)).replace("{", '{"x": 1, ', 1)
    put(tmp_path, {"in/错.json": odd, "in/坏.json": "{"})
    assert ogi("export", book, "-o", page).code == 0
    hold_open(monkeypatch, lambda path: path.name.startswith("出."))
    review = tmp_path / "核对.html"
    for words, end, words_shown in (
        (("import", page, "--review", review), ".xlsx", "确定"),
        (("import", bad), ".xlsx", bad.name),
        (("export", bad), ".json", bad.name),
        (("export", bad, "--draft"), ".html", "错误"),
        (("repair", book), ".xlsx", "没有发现需要"),
        (("new", "--year", "2024", "--from", last), ".xlsx", "带入"),
        (("roster", "from", tmp_path / "in"), ".csv", "坏.json"),
    ):
        out = (tmp_path / "出").with_suffix(end)
        beside = out.with_name("出-2" + end)
        out.write_bytes(b"old")
        ended = ogi(*words, "-o", out, "--force")
        assert (ended.code, out.read_bytes(), beside.stat().st_size > 50) == (2, b"old", True), words
        assert words_shown in ended.out + ended.err, words
        assert str(beside) in ended.out, words
        assert "没有替换它" in ended.err.splitlines()[-1], words
        beside.unlink()
    assert "<html" in review.read_text("utf-8")


def test_what_cannot_be_written_over_is_said_first(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert "不是普通文件" in ogi("repair", book, "-o", tmp_path / "pipe.xlsx", "--force").err
    (tmp_path / "a.xlsx").write_bytes(b"old")
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).suffix == "" and access(path, mode))
    assert "只读" in ogi("repair", book, "-o", tmp_path / "a.xlsx", "--force").err
    for option in ("--chase", "--submit"):
        ended = ogi("merge", book, "-o", tmp_path / "汇总.json", option, tmp_path / "a.xlsx")
        assert ended.code == 2
        assert ended.out == ""
    assert not (tmp_path / "汇总.json").exists()


def test_a_cache_that_cannot_be_written_is_done_without_or_named(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("OGI_CACHE", str(tmp_path / "cache"))
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "cache" and access(path, mode))
    assert "再次汇总" not in ogi("merge", book, "-o", tmp_path / "汇总.json").out
    assert list((tmp_path / "cache").iterdir()) == []

    monkeypatch.setattr(reading_cache, "_refuse_other_tables", failing(sqlite_error(sqlite3.SQLITE_FULL)))
    ended = ogi("merge", book, "-o", tmp_path / "汇总.csv", "--cache", tmp_path / "cache")
    assert ended.code == 2
    assert "磁盘空间不足" in ended.err
    assert "--no-cache" in ended.err


# changing while it is read


def change(path: Path) -> None:
    """Somebody saves it: a moment later, one byte longer."""
    path.write_bytes(path.read_bytes() + b" ")
    os.utime(path, (0, path.stat().st_mtime + 1))


def test_a_workbook_that_changes_while_it_is_read_is_not_believed(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accompany(monkeypatch, ooxml_reader, "build_contents", before=lambda path, _: change(path))
    with pytest.raises(Unreadable) as caught:
        report_loading.load_submission(book)
    assert caught.value.kind == "changed"
    ended = ogi("check", book)
    assert ended.code == 2
    assert "正在变化" in ended.err
    process_file._reader.cache_clear()  # it has met no such workbook yet, and reads it in full
    with collect_reports([book.parent], cache=tmp_path / "cache") as collection:
        one = entry(collection, "某局.xlsx")
        assert (one.status.value, one.form) == ("unreadable", "")
        assert "再试" in one.reason.zh
    monkeypatch.undo()
    with collect_reports([book.parent], cache=tmp_path / "cache") as collection:
        assert merge_reports(collection).agencies == 1


def test_a_workbook_replaced_by_one_of_equal_size_and_time_is_read_as_it_was(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read are the bytes whose sum is stored, whatever the file holds by then."""
    content = book.read_bytes()
    accompany(monkeypatch, ooxml_reader, "build_contents", before=lambda path, _: path.write_bytes(b" " * len(content)))
    monkeypatch.setattr(process_file, "get_file_state", lambda _: None)
    process_file._reader.cache_clear()
    (taken,) = process_file.process_files([process_file.FileTask(1, str(book))], None)
    assert taken.record is not None
    assert taken.sha == hashlib.sha256(content).hexdigest()


def test_a_json_that_changes_while_it_is_read_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, {"某局.json": report(1)}) / "某局.json"
    accompany(monkeypatch, report_json, "load_report", after=change)
    with pytest.raises(Unreadable) as caught:
        report_loading.load_submission(path)
    assert caught.value.kind == "changed"
    with collect_reports([path]) as collection:
        assert statuses(collection) == {"某局.json": "unreadable"}


def test_a_file_half_copied_is_never_half_merged(book: Path) -> None:
    whole_book = book.read_bytes()
    text = report_json.dump_report_text(report(2)).encode()
    for part in (0.1, 0.5, 0.9, 0.999):
        cut = {"某局.xlsx": whole_book, "另局.json": text}
        put(book.parent, {name: data[: int(len(data) * part)] for name, data in cut.items()})
        with collect_reports([book.parent]) as collection:
            assert set(statuses(collection).values()) == {"unreadable"}
    put(book.parent, {"某局.xlsx": whole_book[:4000] + bytes(len(whole_book) - 4000)})  # its full length set aside
    with collect_reports([book]) as collection:
        assert set(statuses(collection).values()) == {"unreadable"}


def test_a_disk_that_fails_while_reading_is_not_a_damaged_file(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", failing(OSError(5, "Input/output error", str(book))))
    with pytest.raises(Unreadable) as caught:
        report_loading.load_submission(book)
    assert caught.value.kind == "unavailable"
    (taken,) = process_file.process_files([process_file.FileTask(1, str(book))], None)
    assert (taken.status.value, taken.record) == ("unreadable", None)


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (FileNotFoundError("the service says so"), "不存在"),
        (PermissionError("Forbidden"), "没有权限"),
        (TimeoutError(), "网络故障"),
        (ConnectionResetError(), "网络故障"),
        (BrokenPipeError(), "网络故障"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "空间不足"),
        (OSError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED)), "网络故障"),
        (OSError(errno.EPROTO, os.strerror(errno.EPROTO)), "没有完成"),
        (OSError("something else"), "没有完成"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("name", ["某局.json", "某局.xlsx"])
def test_what_the_system_or_a_driver_refused_is_said_in_chinese(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: OSError,
    kind: str,
    name: str,
) -> None:
    """Whether it bears the system's number or not. Foreign words stand in brackets, never instead of a sentence."""
    put(tmp_path, {"某局.json": report(1)})
    write_workbook(tmp_path / "某局.xlsx", report(1))

    def refuse(path: Path) -> None:
        if path.name == name:
            raise trouble

    accompany(monkeypatch, Path, "read_bytes", before=refuse)
    with collect_reports([tmp_path / name]) as collection:
        (one,) = collection.entries
    assert one.status.value == "unreadable"
    assert kind in one.why.zh
    assert not re.search("[A-Za-z]", re.sub("（[^）]*）", "", one.why.zh))
    if name.endswith(".json"):
        ended = ogi("check", tmp_path / name)
        (line,) = [line for line in (ended.out + ended.err).splitlines() if kind in line]
        assert not re.search("[A-Za-z]", re.sub("（[^）]*）", "", line.partition(name)[2]))


def test_a_driver_that_is_cut_off_does_not_mean_that_an_archive_is_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed(tmp_path / "收.zip", {"某局.json": report_json.dump_report_text(report(1)).encode()})
    monkeypatch.setattr(archive_files, "_measure_file_list", failing(TimeoutError()))
    with collect_reports([tmp_path]) as collection:
        (one,) = collection.entries
    assert "网络故障" in one.why.zh and "损坏" not in one.why.zh


# two merges at once


def test_a_summary_that_came_while_reading_is_not_written_over(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "汇总.json"
    accompany(monkeypatch, merge_command, "merge_reports", before=lambda *_, **__: target.write_bytes(b"another's"))
    ended = ogi("merge", book, "-o", target)
    assert ended.code == 2
    assert "汇总-2.json" in ended.err
    assert target.read_bytes() == b"another's"
    assert b'"merged": 1' in (tmp_path / "汇总-2.json").read_bytes()
    ended = ogi("merge", book, "-o", target, "--force")
    assert ended.code == 0
    assert b'"merged": 1' in target.read_bytes()


def test_two_into_one_folder_of_letters_leave_one_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes between the two moves of the first: it is there in whole, and the first is told."""
    folder = tmp_path / "催报"
    chasefiles.write_letters(folder, SOME[:1], OCCASION)
    moved: list[Path] = []

    def come(one: Path, to: Path) -> None:
        if one == folder and not moved:
            moved.append(to)
            monkeypatch.setattr(chasefiles, "recover_folder", lambda _: None)  # it came before the first had moved
            chasefiles.write_letters(folder, SOME[1:2], OCCASION)

    accompany(monkeypatch, Path, "rename", after=come)
    with pytest.raises(OSError, match="not empty"):
        chasefiles.write_letters(folder, SOME, OCCASION, force=True)
    monkeypatch.undo()
    assert sorted(one.name for one in folder.iterdir()) == ["催报清单.csv", "催报清单.txt", "某县_民政局.txt"]
    chasefiles.write_letters(folder, SOME, OCCASION, force=True)
    assert [one.name for one in tmp_path.iterdir()] == ["催报"]
    assert len(list(folder.iterdir())) == 4


def test_workbooks_to_hand_in_are_all_refused_or_all_written(tmp_path: Path) -> None:
    with collected(tmp_path / "in", {"1.json": report(1)}) as collection:
        merged = merge_reports(collection)
        (path,) = summary_output.write_submissions(tmp_path / "up", merged)
        before = path.read_bytes()
        with pytest.raises(FileExistsError) as caught:
            list(summary_output.write_submissions(tmp_path / "up", merged))
        assert caught.value.filename == str(path)
        assert path.read_bytes() == before


# a clock gone wrong


@pytest.mark.parametrize("days", [-4000, -1, 1, 3, 4000])
def test_nobody_is_late_by_the_time_of_a_file(tmp_path: Path, days: int) -> None:
    put(tmp_path, {"1.json": report(1)})
    came = datetime.datetime.now() + datetime.timedelta(days)
    os.utime(tmp_path / "1.json", (came.timestamp(), came.timestamp()))
    with collect_reports([tmp_path], MergeOptions(year=2024)) as collection:
        called = call_roll(rostered(1), collection)
        assert called.seats[1].state is AttendanceState.SUBMITTED
        assert not [one for one in list_chased(collection, called) if one.agency.name == called.seats[1].agency.name]
        assert is_late_file(collection.entries[0], called.seats[1].due) == (days in (-1, 1))


def test_a_clock_put_back_while_reading_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "in", {f"{n}.json": report(n) for n in range(3)})
    clock = iter(range(2_000_000_000, 0, -1_000_000))
    monkeypatch.setattr("time.time", lambda: float(next(clock)))
    for _ in range(2):
        with collect_reports([tmp_path / "in"], cache=tmp_path / "cache") as collection:
            assert merge_reports(collection).agencies == 3


@pytest.mark.parametrize("seconds", [-(10**12), 10**12, 10**18, float("inf")])
def test_a_time_no_calendar_has_is_no_trouble(seconds: float) -> None:
    assert process_file._format_time(seconds) == ""
    assert attendance.get_file_day("") is None
