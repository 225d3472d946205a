"""What a coordinator decides about files is carried out, or refused with its line and a reason."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.samples.agency_files import EndedMerge, agency, broken, code, put, report, run_merge

Merge = Callable[..., EndedMerge]
FILES: dict[str, Any] = {
    "一.json": report(1),
    "二.json": report(2),
    "三甲.json": report(3),
    "三乙.json": report(3, {"requests.granted.person": 50}),
    "错.json": broken(4),
    "去年.json": report(5, year=2023),
    "坏.json": "{",
    "说明.txt": "请查收",
}


@pytest.fixture
def merging(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Merge:
    """Merge these files by decisions, written as the lines of a CSV."""

    def run(lines: str, *given: object, files: dict[str, Any] = FILES) -> EndedMerge:
        put(tmp_path / "in", files)
        (tmp_path / "决定.csv").write_text(lines, "utf-8")
        decisions = ["--decisions", tmp_path / "决定.csv"] if lines else []
        return run_merge(capsys, tmp_path / "a.json", tmp_path / "in", *decisions, *given)

    return run


def digest(name: str) -> str:
    from workbook.exchange import report_json

    return hashlib.sha256(report_json.dump_report_text(FILES[name]).encode("utf-8")).hexdigest()


def test_a_report_without_a_rival_is_left_out(merging: Merge, tmp_path: Path) -> None:
    page, book = tmp_path / "a.html", tmp_path / "a.xlsx"
    ended = merging("文件,决定\n二.json,不采用\n", "-o", page, "-o", book)
    assert ended.files["二.json"] == "excluded"
    assert ended.data["merged"] == 1
    assert ended.data["control"]["files"] == ended.data["control"]["sum"]
    assert "按决定不采用 1" in ended.out
    assert "二.json" in ended.out
    assert "按决定不采用" in page.read_text("utf-8")
    assert book.stat().st_size
    assert sum(ended.data["files"].values()) == len(FILES)


def test_nothing_is_left_to_settle_of_what_was_decided_against(merging: Merge) -> None:
    files = {name: FILES[name] for name in ("一.json", "三甲.json", "错.json")}
    ended = merging("错.json,不采用\n", files=files)
    assert (ended.code, ended.files["错.json"]) == (0, "excluded")


def test_of_an_agency_all_files_may_be_left_out(merging: Merge, tmp_path: Path) -> None:
    lines = [f"{agency(n).name},{code(n)},某县人民政府" for n in (1, 2, 3)]
    text = "\n".join(["机关名称,统一社会信用代码,上级机关", "某县人民政府,,", *lines])
    (tmp_path / "名录.csv").write_text(text, "utf-8")
    letters = tmp_path / "催报"
    given = ("--roster", tmp_path / "名录.csv", "--chase", letters)
    ended = merging("三甲.json,不采用\n三乙.json,不采用\n", *given)
    assert (ended.files["三甲.json"], ended.files["三乙.json"]) == ("excluded", "excluded")
    (seat,) = [one for one in ended.data["attendance"] if one["agency"] == agency(3).name]
    assert seat["state"] != "missing"
    assert not [one for one in letters.iterdir() if agency(3).name in one.name]


def test_what_is_left_decides_between_several(merging: Merge) -> None:
    ended = merging("三甲.json,不采用\n")
    assert (ended.files["三甲.json"], ended.files["三乙.json"]) == ("excluded", "merged")
    both_ways = merging("三甲.json,不采用\n三乙.json,采用\n")
    assert (both_ways.files["三甲.json"], both_ways.files["三乙.json"]) == ("excluded", "merged")
    assert both_ways.why["三乙.json"] == "按决定采用"


@pytest.mark.parametrize("how", ["decisions", "choose"])
def test_a_report_with_errors_that_is_decided_for_counts_and_says_so(merging: Merge, how: str) -> None:
    ended = merging("错.json,采用\n") if how == "decisions" else merging("", "--choose", "错.json")
    assert (ended.code, ended.files["错.json"]) == (1, "errors")
    assert ended.why["错.json"].startswith("按决定采用；错误 ")
    assert ended.data["merged"] == 3


def test_by_content_all_files_of_that_content_are_meant(merging: Merge, tmp_path: Path) -> None:
    files = FILES | {"二（副本）.json": FILES["二.json"]}
    ended = merging(f"{digest('二.json').upper()},不采用\n", files=files)
    assert (ended.files["二.json"], ended.files["二（副本）.json"]) == ("excluded", "excluded")
    files |= {"二.txt": (tmp_path / "in" / "二.json").read_bytes()}
    ended = merging(f"{digest('二.json')},采用\n", files=files)
    assert sorted((ended.files["二.json"], ended.files["二（副本）.json"])) == ["duplicate", "merged"]


def test_against_what_would_not_count_anyway(merging: Merge) -> None:
    ended = merging("坏.json,不采用\n去年.json,不采用\n说明.txt,不采用\n")
    assert {ended.files[name] for name in ("坏.json", "去年.json", "说明.txt")} == {"unreadable", "year", "foreign"}
    for name in ("坏.json", "去年.json", "说明.txt"):
        assert ended.why[name].endswith("决定不采用，本来也没有计入")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("坏.json,采用\n", ["第 1 行", "坏.json", "无法读取"]),
        ("文件,决定\n去年.json,采用\n", ["第 2 行", "去年.json", "其他年度"]),
        ("说明.txt,采用\n", ["第 1 行", "说明.txt", "不是年度报告"]),
        ("没有.json,不采用\n", ["第 1 行", "没有.json"]),
        ("没有.json,采用\n", ["第 1 行", "没有.json"]),
        ("没有.json,\n一.json,采用\n", ["第 1 行", "没有.json"]),
        (f"{'0' * 64},不采用\n", ["第 1 行", "0" * 64]),
        ("三甲.json,采用\n一.json,采用\n三乙.json,采用\n", ["第 1 行、第 3 行", agency(3).name]),
        ("一.json,采用\n二.json,采用\n一.json,不采用\n", ["第 1 行、第 3 行", "一.json"]),
        (f"一.json,采用\n{digest('一.json')},不采用\n", ["第 1 行、第 2 行", "一.json"]),
        ("文件,决定\n一.json,也许\n", ["第 2 行", "也许"]),
        ("一.json,采纳\n二.json,不采用\n", ["第 1 行", "采纳"]),
        (",不采用\n", ["第 1 行", "不采用"]),
        ("一.json;不采用\n", ["半角逗号"]),
        ("一.json，不采用\n", ["半角逗号"]),
        ("一.json，不采用\n二.json,采用\n", ["第 1 行", "一.json，不采用"]),
        ("", ["两列"]),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_its_line(
    merging: Merge, tmp_path: Path, lines: str, said: list[str]
) -> None:
    (tmp_path / "空.csv").write_text("", "utf-8")
    ended = merging(lines) if lines else merging("", "--decisions", tmp_path / "空.csv")
    assert (ended.code, ended.data) == (2, {})
    for words in said:
        assert words in ended.err


def test_a_choice_against_a_decision_is_refused(merging: Merge) -> None:
    ended = merging("一.json,不采用\n", "--choose", "一.json")
    assert ended.code == 2
    assert "--choose、第 1 行" in ended.err
    assert "第 1 行" in merging("一.json,不采用\n", "--choose", digest("一.json")).err
    assert "三甲.json" not in merging("三甲.json,采用\n", "--choose", "三甲.json").err


def test_a_report_of_nobody_on_the_roster_is_not_chosen_into_the_sum(merging: Merge, tmp_path: Path) -> None:
    (tmp_path / "名录.csv").write_text(f"机关名称,统一社会信用代码\n{agency(1).name},{code(1)}\n", "utf-8")
    given = ("--roster", tmp_path / "名录.csv")
    ended = merging("二.json,采用\n", *given)
    assert ended.code == 2
    assert "不在名录" in ended.err
    settled = merging("二.json,不采用\n", *given)
    assert settled.files["二.json"] == "excluded"
    assert merging("二.json,采用\n", *given, "--include-unlisted").files["二.json"] == "merged"


def test_a_line_that_decides_nothing_is_told(merging: Merge) -> None:
    ended = merging("文件,决定\n一.json,\n二.json,不采用\n三甲.json\n")
    assert "第 2 行、第 4 行" in ended.out
    assert ended.files["一.json"] == "merged"
    assert "nothing is decided" in merging("一.json,\n二.json,不采用\n", "--lang", "en").out


def test_english_is_english(merging: Merge) -> None:
    ended = merging("坏.json,采用\n", "--lang", "en")
    assert "line 1: “坏.json”, decided for, cannot count (unreadable" in ended.err


def test_a_letter_does_not_speak_of_decisions(merging: Merge, tmp_path: Path) -> None:
    letters = tmp_path / "催报"
    merging("错.json,采用\n", "--chase", letters)
    (letter,) = [one for one in letters.iterdir() if agency(4).name in one.name]
    text = letter.read_text("utf-8-sig")
    assert "已先行计入汇总" in text
    assert "按决定采用" not in text
