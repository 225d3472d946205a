"""What failed reads as failed: the last line says so, and what is missing; nothing beside it reads like success."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.robustness.faults.stand_ins import accompany, disk_full, failing, sqlite_error
from tests.samples.agency_files import put, report
from tests.samples.command_run import EndedCommand
from tests.samples.command_run import run_ogi as screen
from workbook.cli import demo_command
from workbook.excel.template.template_writer import write_workbook
from workbook.merging import reading_cache, result_store
from workbook.merging.letters import letter_files
from workbook.safety import atomic_write, owned_folders
from workbook.summary import summary_output

PRAISE = ("一致", "通过", "没有发现问题", "已汇总", "已新建", "已写出：\n", "已把数据转入")
"""What a command says that has done its work."""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder worked in, with a few reports and a roster."""
    put(tmp_path / "in", {"1.json": report(1), "2.json": report(2)})
    write_workbook(tmp_path / "年报.xlsx", report(3))
    heads = "机关名称,统一社会信用代码,区划代码,层级,上级机关\n"
    lines = "".join(f"{report(n).agency.name},,,county-department,\n" for n in (1, 2, 7))
    (tmp_path / "名录.csv").write_text(heads + lines, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OGI_LANG", "zh")
    return tmp_path


def full(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """No space on the disk for these files, or for any."""

    def refuse(_: Path, path: Path, **__: bool) -> None:
        if not names or path.name in names:
            raise disk_full(path)

    accompany(monkeypatch, atomic_write, "_take_place", before=refuse)


def failed(ended: EndedCommand, *missing: str) -> None:
    assert ended.code == 2
    assert "Traceback" not in ended.text
    for name in missing:
        assert name in ended.lines[-1]
    for words in PRAISE:
        assert words not in ended.text


WRITING = (
    "new --year 2025 --agency 某局 -o 出.xlsx",
    "new --year 2025 --from 年报.xlsx -o 出.xlsx",
    *(f"export 年报.xlsx -o 出.{kind}" for kind in ("json", "docx", "html", "csv")),
    "import in/1.json -o 出.xlsx",
    "repair 年报.xlsx -o 出.xlsx",
    "roster new 出.xlsx",
    "roster new 出.csv",
    "roster from in -o 出.csv",
    "schema -o 出.json",
    *(f"merge in -o 出.{kind}" for kind in ("xlsx", "json", "csv", "html")),
)
"""Every command that writes; its last word is the file."""


@pytest.mark.parametrize("command", [*WRITING, "merge in -o 出.json --submit 上报", "demo 演示"])
def test_a_failed_write_is_the_last_that_is_said(place: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    full(monkeypatch)
    missing = "说明.txt" if command.startswith("demo") else command.rpartition(" ")[2]
    ended = screen(command)
    failed(ended, missing)
    assert "磁盘空间不足" in ended.text
    assert not (place / missing).is_file()


@pytest.mark.parametrize("first", [True, False])
def test_of_several_outputs_it_is_said_what_was_written_and_last_what_was_not(
    place: Path, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    lost, made = ("甲.json", "乙.html") if first else ("乙.html", "甲.json")
    full(monkeypatch, lost)
    ended = screen("merge in -o 甲.json -o 乙.html")
    failed(ended, lost)
    assert made not in ended.lines[-1]
    (line,) = [line for line in ended.lines if line.startswith("已写出：")]
    assert made in line
    assert lost not in line
    assert (place / made).is_file()


def test_of_all_that_could_not_be_written_each_is_named_last(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full(monkeypatch, "甲.json", "汇总（2 个单位）-2024.xlsx")
    put(place, {"催报/笔记.txt": "要留着的"})
    monkeypatch.setattr(letter_files, "refuse_foreign_folder", lambda *_, **__: None)
    monkeypatch.setattr(letter_files, "replace_folder", failing(OSError(5, "x", "催报")))
    ended = screen("merge in -o 甲.json -o 乙.csv --submit 上报 --chase 催报 --roster 名录.csv --name 某县")
    failed(ended, "甲.json", "催报")
    assert "乙.csv" not in ended.lines[-1]
    assert "已写出：乙.csv" in ended.text


def test_a_page_beside_a_workbook_that_fails_leaves_no_doubt_which_is_there(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert screen("export 年报.xlsx -o 读.html").code == 0
    full(monkeypatch, "核对.html")
    ended = screen("import 读.html -o 入.xlsx --review 核对.html --agency 某局")
    failed(ended, "核对.html", "磁盘空间不足")
    assert "已写出 入.xlsx" in ended.text
    assert (place / "入.xlsx").is_file()


def test_programs_are_told_what_was_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    full(monkeypatch, "甲.json")
    ended = screen("merge in -o 甲.json -o 乙.json --json")
    assert ended.code == 2
    done = next(json.loads(line) for line in ended.lines if '"done"' in line and "exit" in line)
    assert (done["written"], done["unwritten"], done["exit"]) == (["乙.json"], ["甲.json"], 2)
    assert "甲.json" in ended.lines[-1]


def test_a_demonstration_whose_command_could_not_go_on_fails(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(demo_command, "write_demo_workbooks", lambda folder: list(demo_command._books(folder)))
    assert demo_command.run_demonstration(place / "演示", lambda _: 2, lines.append) == 2
    assert "没有完成" in lines[-1]


def test_where_one_of_several_files_cannot_be_read_no_line_says_that_all_is_well(place: Path) -> None:
    (place / "坏.xlsx").write_bytes(b"PK broken")
    for files in (("年报.xlsx", "坏.xlsx"), ("坏.xlsx", "年报.xlsx")):
        ended = screen("check", *files)
        assert ended.code == 2
        assert "1 份无法读取" in ended.lines[-1]


# no space for readings and for temporary files


def no_space_in(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """Nothing more goes into a folder; SQLite says of it no more than that it could not write."""

    def refuse(*_: object, **named: object) -> None:
        if Path(str(named.get("dir"))).absolute() == place:
            raise disk_full()

    accompany(monkeypatch, tempfile, "TemporaryFile", before=refuse)


@pytest.mark.parametrize(
    ("code", "named"),
    [
        (sqlite3.SQLITE_FULL, ["cache", "磁盘空间不足", "--no-cache"]),
        (sqlite3.SQLITE_IOERR_WRITE, ["cache", "磁盘空间不足", "--no-cache"]),
        (sqlite3.SQLITE_IOERR_SHMSIZE, ["cache", "磁盘空间不足", "--no-cache"]),
        (sqlite3.SQLITE_IOERR_READ, ["磁盘或网络故障"]),
    ],
)
def test_a_cache_is_called_full_where_it_is(
    place: Path, monkeypatch: pytest.MonkeyPatch, code: int, named: list[str]
) -> None:
    if code != sqlite3.SQLITE_IOERR_READ:
        no_space_in(monkeypatch, place / "cache")
    monkeypatch.setattr(reading_cache, "_refuse_torn", failing(sqlite_error(code)))
    ended = screen("merge in -o 出.json --cache cache")
    failed(ended, *named)
    assert ("网络" in ended.text) == (code == sqlite3.SQLITE_IOERR_READ)


@pytest.mark.parametrize("step", ["folder", "mark", "tables"])
def test_a_full_temporary_folder_is_called_that(place: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    temporary = place / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    if step == "folder":

        def refuse(path: Path, **_: int) -> None:
            if path.parent == temporary:
                raise disk_full(path)

        accompany(monkeypatch, Path, "mkdir", before=refuse)
    elif step == "mark":
        monkeypatch.setattr(owned_folders, "_mark", failing(disk_full()))
    else:
        no_space_in(monkeypatch, temporary)
        monkeypatch.setattr(result_store._Connection, "change", _fail_in(temporary))
    ended = screen("merge in -o 出.json --no-cache")
    failed(ended, str(temporary), "磁盘空间不足", "TMPDIR")
    assert list(temporary.iterdir()) == []


def _fail_in(place: Path) -> Callable[..., object]:
    """A change of the database that fails for want of space in that folder."""

    def change(*_: object) -> None:
        with reading_cache.explain_sqlite_error(place):
            raise sqlite_error(sqlite3.SQLITE_IOERR_WRITE)

    return change


def test_a_file_that_there_was_no_space_to_unpack_is_not_called_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.make_archive("报送", "zip", "in")
    monkeypatch.setattr("workbook.merging.archive_files.shutil.copyfileobj", failing(disk_full()))
    ended = screen("merge 报送.zip 年报.xlsx -o 出.json")
    assert ended.code == 1
    assert ended.text.count("临时文件的磁盘空间不足") == 2
    assert "损坏" not in ended.text


# nothing is written over that nobody said to replace


@pytest.mark.parametrize("command", [one for one in WRITING if not one.startswith("schema")])
def test_what_came_while_it_was_made_stays(place: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Between the first look and the writing: ours goes beside it, and the command says so last."""
    target = place / command.rsplit(maxsplit=1)[-1]
    accompany(monkeypatch, atomic_write, "remove_abandoned_files", after=lambda _: target.write_bytes(b"theirs"))
    ended = screen(command)
    failed(ended, f"{target.stem}-2{target.suffix}")
    assert target.read_bytes() == b"theirs"
    assert (place / f"{target.stem}-2{target.suffix}").stat().st_size > 100


@pytest.mark.parametrize("force", ["", " --force"])
def test_details_beside_a_large_summary_write_over_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, force: str
) -> None:
    monkeypatch.setattr(summary_output, "LARGE", 1)
    (place / "汇总.csv").write_text("theirs")
    ended = screen("merge in -o 汇总.xlsx" + force)
    assert ended.code == 0
    assert (place / "汇总.csv").read_text() == "theirs"
    assert "汇总.xlsx、汇总-2.csv、汇总.parquet" in ended.text


def test_details_that_are_asked_for_besides_are_written_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary_output, "LARGE", 1)
    assert screen("merge in -o 汇总.xlsx -o 汇总.csv").code == 0
    assert sorted(one.name for one in place.glob("汇总*")) == ["汇总.csv", "汇总.parquet", "汇总.xlsx"]


def test_a_folder_with_a_file_of_that_name_is_not_the_demonstrations(place: Path) -> None:
    """Notes are often called 说明.txt; so may files be that lie in the demonstration's own folder."""
    theirs = put(place / "theirs", {"说明.txt": "名录和汇总在这里".encode(), "名录.xlsx": b"a year's work"})
    assert screen(f"demo {theirs}").code == 2
    assert (theirs / "名录.xlsx").read_bytes() == b"a year's work"
    assert (theirs / "说明.txt").read_text("utf-8") == "名录和汇总在这里"
    book = put(place / "own" / "2020", {"市中区统计局-2020.xlsx": b"a year's work"}) / "市中区统计局-2020.xlsx"
    put(place / "own", {"说明.txt": demo_command.demo_messages.text("say.readme").encode()})
    ended = screen("demo own")
    assert ended.code == 2
    assert book.name in ended.lines[-1]
    assert book.read_bytes() == b"a year's work"


@pytest.mark.parametrize("output", ["in/1.json", "in/再次.json"])
def test_a_summary_is_not_written_over_a_report_that_is_merged(place: Path, output: str) -> None:
    """`-o *.json --force` names a report by a slip; so does a link to it."""
    if "再次" in output:
        (place / output).symlink_to(place / "in" / "1.json")
    before = (place / "in" / "1.json").read_bytes()
    ended = screen(f"merge in -o {output} --force")
    assert ended.code == 2
    assert "年度报告" in ended.lines[-1]
    assert (place / "in" / "1.json").read_bytes() == before
    assert screen("merge in -o in/汇总.json").code == screen("merge in -o in/汇总.json --force").code == 0


# where nothing can be said


@pytest.mark.parametrize(
    ("command", "redirected", "code"),
    [
        ("check in/1.json", ">&-", 0),
        ("check in/1.json", ">&- 2>&-", 0),
        ("check in/1.json", ">/dev/full", 2),
        ("check in/1.json", ">/dev/full 2>/dev/full", 2),
        ("check in/9.json", "2>/dev/full", 2),
        ("--help", ">/dev/full", 2),
    ],
)
def test_a_screen_that_takes_nothing_ends_in_the_right_status(
    place: Path, command: str, redirected: str, code: int
) -> None:
    line = f'exec "{sys.executable}" -P -m workbook {command} {redirected}'
    ended = subprocess.run(["/bin/sh", "-c", line], cwd=place, capture_output=True, text=True, check=False)
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr
