"""With a roster, reports of nobody on it are in no sum unless the coordinator asks for them, and then that is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.samples.agency_files import EndedMerge, agency, code, collected, put, report, rostered, run_merge, statuses
from workbook.cli import main
from workbook.excel.report_loading import load_submission
from workbook.merging.totals import merge_reports

SAID = "不在名录，未计入"
LISTED = (1, 2)


Merge = Callable[..., EndedMerge]


@pytest.fixture
def merging(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Merge:
    """Merge a folder of two agencies of the roster, one that is not on it, one without a name, and `more` files."""

    def run(*given: object, more: dict[str, Any] | None = None, roster: bool = True) -> EndedMerge:
        files = {
            "一.json": report(1),
            "二.json": report(2),
            "生.json": report(7, {"requests.granted.person": 1000}, region="131198"),
            "无名.json": report(8, {"requests.granted.person": 3000}, name="", code=""),
        }
        put(tmp_path / "in", files | (more or {}))
        lines = [f"{agency(n).name},{code(n)},某县人民政府" for n in LISTED]
        text = "\n".join(["机关名称,统一社会信用代码,上级机关", f"某县人民政府,{code(9000)},", *lines])
        (tmp_path / "名录.csv").write_text(text + "\n", "utf-8")
        if roster:
            given = ("--roster", tmp_path / "名录.csv", *given)
        return run_merge(capsys, tmp_path / "a.json", tmp_path / "in", *given)

    return run


def granted(data: dict[str, Any]) -> int:
    return int(data["tables"]["requests"]["granted"]["person"])


def test_they_are_held_out_of_every_sum_and_told(merging: Merge, tmp_path: Path) -> None:
    book, page, up = tmp_path / "a.xlsx", tmp_path / "a.html", tmp_path / "上报"
    ended = merging("-o", book, "-o", page, "--submit", up)
    assert ended.code == 1
    assert f"{SAID} 2" in ended.out
    assert "已计入 0 份，未计入 2 份" in ended.out
    assert "生.json" in ended.out
    assert "须处理的文件 2 个" in ended.out
    data = ended.data
    assert data["files"] | {"merged": 2, "unlisted": 2} == data["files"]
    assert data["merged"] == 2
    assert {one["file"] for one in data["agencies"]} == {"一.json", "二.json"}
    (node,) = data["nodes"]
    assert granted(data["sum"]) == granted(node["report"]) == 2 + 3
    assert data["control"]["files"] == data["control"]["sum"]
    assert "2 个文件未计入" in data["conclusion"]
    why = ended.why
    assert agency(7).name in why["生.json"]
    assert "没有填机关名称" in why["无名.json"]
    assert all(one["why_en"] for one in data["sources"] if one["status"] == "unlisted")
    assert SAID in page.read_text("utf-8")
    (handed_in,) = up.iterdir()
    assert load_submission(handed_in).report["requests.granted.person"] == 5
    sheets = openpyxl.load_workbook(book)
    for name in ("总览", "文件清单", "报送状态", "溯源"):
        assert any(SAID in str(cell.value) for row in sheets[name] for cell in row), name
    assert [row[0].value for row in sheets["分单位明细"] if row[7].value in ("生.json", "无名.json")] == []


def test_they_count_when_asked_for_and_that_is_the_first_thing_said(merging: Merge, tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    ended = merging("--include-unlisted", "-o", page)
    assert ended.out.startswith("1 份不在名录的年报已计入")
    assert "已计入 1 份，未计入 1 份" in ended.out
    data = ended.data
    assert (data["merged"], data["unlisted_counted"], data["files"]["unlisted"]) == (3, 1, 0)
    assert granted(data["sum"]) == 2 + 3 + 1000
    assert data["conclusion"].startswith("1 份不在名录的年报已计入")
    assert "1 份不在名录的年报已计入" in page.read_text("utf-8")
    assert "不在名录上，按要求计入" in ended.why["生.json"]


def test_without_a_roster_nobody_is_held_out(merging: Merge) -> None:
    data = merging(roster=False).data
    assert (data["merged"], data["unlisted_counted"], data["files"]["unlisted"]) == (3, 0, 0)
    assert "不在名录" not in data["conclusion"]


def test_the_option_needs_a_roster(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, {"一.json": report(1)})
    assert main(["merge", str(tmp_path), "-o", str(tmp_path / "a.json"), "--include-unlisted"]) == 2
    assert "--roster" in capsys.readouterr().err


def test_a_file_without_a_code_is_no_part_of_the_sum_by_a_name_the_roster_lacks(tmp_path: Path) -> None:
    """Its namesake with a code is listed; the level's sum would not see it, so the whole sum does not, either."""
    files = {"有码.json": report(1, name="旧名局"), "无码.json": report(1, code="", name="旧名局", revision=2)}
    roster = rostered(1)
    with collected(tmp_path, files, roster=roster) as found:
        assert statuses(found) == {"有码.json": "merged", "无码.json": "unlisted"}
        merged = merge_reports(found, roster=roster)
        assert merged.nodes[0].report.values == merged.report.values
