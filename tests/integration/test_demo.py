"""The demonstration ends well, proves what it says, and spoils nobody's folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import domain
from tests.samples.command_run import run_ogi
from workbook.cli import demo_command
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.exchange import report_json
from workbook.rules.evaluation import check_report
from workbook.rules.suspects import find_suspects

pytestmark = pytest.mark.usefixtures("chinese")


def exported(folder: Path) -> dict[str, object]:
    """What the demonstration exports; of the summary its sum, for it also says when each file was read."""
    return {
        path.name: json.loads(path.read_bytes())["sum"] if "汇总" in path.name else path.read_bytes()
        for path in folder.rglob("*.json")
    }


def test_the_demonstration(tmp_path: Path) -> None:
    folder = tmp_path / "演 示"
    ended = run_ogi("demo", folder)
    assert (ended.code, ended.err) == (0, "")
    report = domain.example("市中区统计局-2020")
    (suspect,) = find_suspects(report)
    for words in (suspect.changes[0][0].words.zh, "逐字节相同", "每个都等于"):
        assert words in ended.out
    for path in folder.rglob("*.xlsx"):
        if "汇总" not in path.name and "名录" not in path.name:
            assert read_workbook(path).reader
    again = exported(folder)
    assert run_ogi("demo", folder).code == 0
    assert exported(folder) == again
    for path in (folder / "2020" / "市中区统计局-2020.xlsx", folder / "名录.xlsx", folder / "说明.txt"):
        own = path.read_bytes()
        path.write_bytes(own + b"changed")
        ended = run_ogi("demo", folder)  # what somebody changed is not replaced
        assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
        assert path.read_bytes() == own + b"changed"
        path.write_bytes(own)


def test_a_folder_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "我的.txt").write_text("x")
    for folder in (tmp_path, tmp_path / "我的.txt", tmp_path / "没有" / "演示"):
        ended = run_ogi("demo", folder)
        assert (ended.code, len(ended.err.splitlines())) == (2, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["我的.txt"]


def test_it_says_so_when_something_does_not_come_out(tmp_path: Path) -> None:
    lines: list[str] = []
    assert demo_command.run_demonstration(tmp_path / "a", lambda _: 0, lines.append) == 1
    assert lines[-1].lstrip().startswith("✗")


def test_every_story_shows_what_it_says(tmp_path: Path) -> None:
    found = {}
    for book in demo_command.write_demo_workbooks(tmp_path):
        submission = read_workbook(book.path)
        assert submission.report.agency == book.report.agency
        found[book.story or book.path.stem, book.previous is not None] = submission.check()
        if book.previous:
            assert check_report(book.previous) == []
    rules = {key: {one.rule for one in some} for key, some in found.items()}
    assert rules["clean", True] == rules["clean", False] == set()
    assert rules["carry-over", True] == {"carried-over"}
    assert rules["typed-units", True] == {"number-clean"}
    assert all(one.answer for one in found["answered", True])
    assert found["answered", True]
    assert {"balance", "results-total"} <= rules["市中区统计局-2020", False]


def test_examples_are_found_and_are_reports() -> None:
    for path in demo_command.find_examples().glob("*.json"):
        assert report_json.load_report(path).findings == ()
    assert len(list(demo_command.find_examples().glob("*.json"))) >= 2
