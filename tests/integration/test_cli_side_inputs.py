"""What is wrong with a roster or with reports of an earlier year stands on the screen, in every output, in the exit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.samples.agency_files import code, put, report
from tests.samples.command_line import Ended, Ogi
from workbook.cli import main
from workbook.exchange.delimited_text import parse_strictly
from workbook.model.report import Report

HEAD = "机关名称,统一社会信用代码,行政区划代码,层级,上级机关,截止日期"
COUNTY = f"某县,{code(9000)},110105,county,,"
OUTPUTS = ("xlsx", "html", "json")


def reported(ended: Ended, *said: str, everywhere: bool = False) -> bool:
    """Whether all of that stands on the screen and in the JSON; `everywhere`, in workbook and page, too."""
    texts = [ended.out, "\n".join(ended.problems)]
    if everywhere:
        first = load_workbook(ended.folder / "汇总.xlsx").worksheets[0]
        texts.append("\n".join(str(cell.value) for row in first.iter_rows() for cell in row if cell.value))
        texts.append((ended.folder / "汇总.html").read_text("utf-8"))
    return all(one in text for one in said for text in texts)


Merge = Callable[..., Ended]


@pytest.fixture
def merge(tmp_path: Path, ogi: Ogi) -> Merge:
    """``merge(["line of the roster", …], "--previous", folder)`` merges three agencies' reports by that roster."""
    put(tmp_path / "收件", {f"{n}.json": report(n, region="110105") for n in (1, 2, 3)})

    def run(lines: Sequence[str] | None, *more: object, outputs: Sequence[str] = ("json",)) -> Ended:
        given = [item for end in outputs for item in ("-o", tmp_path / f"汇总.{end}")]
        if lines is not None:
            (tmp_path / "名录.csv").write_text("\n".join(lines), "utf-8")
            given += ["--roster", tmp_path / "名录.csv"]
        return replace(ogi("merge", tmp_path / "收件", *given, *more, "--no-cache", "--force"), folder=tmp_path)

    return run


def line(n: int, parent: str = "某县", level: str = "county-department", deadline: str = "", own: str = "") -> str:
    return f"某县第{n}局,{own or code(n)},110105,{level},{parent},{deadline}"


GOOD = [HEAD, COUNTY, line(1), line(2), line(3)]


def test_it_is_said_where_nothing_can_be_merged_by_such_a_roster(merge: Merge) -> None:
    ended = merge([HEAD, COUNTY, line(8, deadline="下周五"), line(9, level="某某级")])
    assert ended.code == 2
    assert "“下周五”不是日期" in ended.err
    assert "“某某级”不在可选范围内" in ended.err
    assert not (ended.folder / "汇总.json").exists()


def test_a_sound_roster_says_nothing(merge: Merge) -> None:
    ended = merge(GOOD)
    assert ended.code == 0, ended.out
    assert "处问题" not in ended.out
    assert ended.problems == ended.json["in_no_sum"] == []


WRONG = {
    "a parent misspelt": ([*GOOD[:4], line(3, "县政府办")], "第 5 行：", "上级机关“县政府办”不在名录中"),
    "a parent that may be several": (
        [*GOOD[:3], f"同名,{code(50)},110105,,,", f"同名,{code(51)},110106,,,", line(2), line(3, "同名")],
        "第 7 行：",
        "不能确定是哪一个",
    ),
    "a circle": ([*GOOD[:2], line(1, "某县第2局"), line(2, "某县第1局"), line(3)], "第 3 行：", "上级机关互相循环"),
    "a code twice": ([*GOOD[:4], line(3, own=code(2))], "第 5 行：", "用在两个机关上"),
    "a name twice": ([*GOOD, "某县第3局,,,,,"], "第 6 行：", "名称相同"),
    "a code spoilt": ([*GOOD[:4], line(3, own="1.13701E+17")], "第 5 行：", "“1.13701E+17”有误"),
    "an unknown level": ([*GOOD[:4], line(3, level="某某级")], "第 5 行：", "不在可选范围内"),
    "no date": ([*GOOD[:4], line(3, deadline="下周五")], "第 5 行：", "不是日期"),
    "a line of nobody": ([*GOOD, ",,110105,,,"], "第 6 行：", "没有列入名录"),
    "a line twice": ([*GOOD, line(3)], "第 6 行：", "是同一机关"),
    "a total": ([*GOOD, "合　计：4个,,,,,"], "第 6 行：", "是合计或说明"),
    "a note": ([*GOOD, "注：以上均为示例,,,,,"], "第 6 行：", "是合计或说明"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_with_a_roster_is_said_everywhere(merge: Merge, kind: str) -> None:
    lines, where, what = WRONG[kind]
    ended = merge(lines)
    assert ended.code == 1
    assert f"名录.csv {where}" in "".join(ended.problems)
    assert what in "".join(ended.problems)
    assert what in ended.out


def test_it_is_said_in_every_output(merge: Merge) -> None:
    twins = [f"同名,{code(50)},110105,,,", f"同名,{code(51)},110106,,,"]
    others = [
        line(11, "县政府办"),
        line(12, "同名"),
        line(13, "某县第14局"),
        line(14, "某县第13局"),
        line(3),
        "合计,,,,,",
    ]
    more = [line(15, own=code(2)), line(16, own="1.13701E+17"), line(17, level="某某级"), line(18, deadline="下周五")]
    ended = merge([*GOOD, *twins, *others, *more, ",,110105,,,", "某县第18局,,,,,"], outputs=OUTPUTS)
    assert ended.code == 1
    assert reported(ended, "名录.csv 第 8 行：", *(what for _, _, what in WRONG.values()), everywhere=True)
    assert "汇总数可能不全" in (ended.folder / "汇总.html").read_text("utf-8")  # in the conclusion, too


def test_a_sum_that_lacks_an_agency_says_so_beside_it(merge: Merge, tmp_path: Path) -> None:
    ended = merge([*GOOD[:4], line(3, "县政府办")], "--submit", tmp_path / "上报", outputs=("xlsx", "json"))
    assert ended.json["in_no_sum"] == ["某县第3局"]
    assert "没有计入任何上级的合计和上报工作簿：某县第3局" in ended.out
    book = load_workbook(tmp_path / "汇总.xlsx")
    assert "某县第3局" in str(book["逐级汇总"]["A2"].value)
    node = next(sheet for sheet in book if sheet.title.startswith("1."))
    assert "另有 1 个单位上级不明" in str(node["A2"].value)
    states = {row[1].value: row[10].value for row in book["报送状态"].iter_rows(min_row=4)}
    assert "上级机关“县政府办”不在名录中" in states["某县第3局"]


def test_no_letter_tells_agencies_of_the_roster(merge: Merge, tmp_path: Path) -> None:
    merge([*GOOD[:4], line(4, "县政府办")], "--chase", tmp_path / "催报")
    assert "县政府办" not in (tmp_path / "催报" / "某县第4局.txt").read_text("utf-8-sig")


def test_a_program_is_told_as_well(merge: Merge) -> None:
    ended = merge([*GOOD[:4], line(3, "县政府办")], "--json")
    *_, last = map(json.loads, ended.out.splitlines())
    assert last["exit"] == ended.code == 1
    assert "县政府办" in last["side_input_problems"][0]


# rosters that are none

BROKEN = {
    "a quote without end": ([*GOOD[:3], '"某县第2局,,,,,', line(3)], "第 4 行"),
    "a quote that ends further down": ([*GOOD[:2], '"某县第1局,,,,,', '某县第2局",,,,,', line(3)], "第 3 行"),
    "a quote that ends within a value": ([*GOOD[:2], '"某县第1局,,,,,', line(2), '"某县第3局",,,,,'], "第 3 行"),
    "a quote before the headings' end": (['"' + HEAD, *GOOD[1:]], "第 1 行"),
    "quotes without number": ([HEAD, *['"'] * 100_000], "第 2 行"),
    "commas without number": ([HEAD, "," * 300_000], "第 2 行"),
    "too many columns": ([*GOOD, "," * 300], "第 6 行"),
    "nobody": ([HEAD], "没有列入任何机关"),
    "nobody in many lines": ([HEAD, *[",,,,,"] * 100], "没有列入任何机关"),
    "a total alone": ([HEAD, "合计,,,,,"], "没有列入任何机关"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_roster_is_refused_in_a_sentence(merge: Merge, kind: str) -> None:
    lines, said = BROKEN[kind]
    ended = merge(lines)
    assert ended.code == 2
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
    assert not (ended.folder / "汇总.json").exists()


def test_quotes_and_lines_within_a_value_that_are_meant_are_read(merge: Merge) -> None:
    heads = HEAD.replace("截止日期", "联系人")
    quoted = f'"某县\n第1局","{code(1)}",110105,county-department,某县,"张三,010-1\n李四,010-2"'
    ended = merge([heads, COUNTY, quoted, line(2), line(3)])
    assert ended.code == 0, ended.out + ended.err
    assert len(ended.json["attendance"]) == 4


def test_a_broken_table_costs_no_more_than_its_first_lines() -> None:
    taken = 0
    with pytest.raises(Exception, match="quote"):
        for _ in parse_strictly("名称\n" + '"a"b\n' * 100_000, ",", 9, 1_000_000):
            taken += 1
    assert taken == 1


def test_of_lines_that_are_alike_a_few_are_named(merge: Merge) -> None:
    """Each of n lines used to name all n."""
    alike = [f"同名,,{110101 + n},,同名," for n in range(400)]
    ended = merge([*GOOD, *alike])
    assert len(ended.problems) >= 400
    assert max(map(len, ended.problems)) < 300


# earlier years


def past(n: int, **more: Any) -> Report:
    return report(n, year=2023, region="110105", **more)


def test_what_of_last_year_cannot_be_read_is_said_everywhere(merge: Merge, tmp_path: Path) -> None:
    put(
        tmp_path / "去年", {"1.json": past(1), "2.xlsx": b"PK\x03\x04 broken", "3.xls": b"\x09\x02\x06\x00" + bytes(60)}
    )
    ended = merge(None, "--previous", tmp_path / "去年", outputs=OUTPUTS)
    assert ended.code == 1
    assert reported(
        ended, "往年数据“去年”中的“2.xlsx”没有用于比较", "往年数据“去年”中的“3.xls”没有用于比较", everywhere=True
    )


def test_conflicts_and_other_years_among_last_years_are_said(merge: Merge, tmp_path: Path) -> None:
    files = {
        "1.json": past(1), "2.json": past(2), "2乙.json": past(2, figures={"requests.granted.law": 9}),
        "3.json": past(3, form=report(3).form), "4.json": report(4, year=2022),
    }  # fmt: skip
    put(tmp_path / "去年", files)
    ended = merge(None, "--previous", tmp_path / "去年")
    assert ended.code == 1
    assert reported(
        ended, "“2.json”没有用于比较，冲突", "“2乙.json”没有用于比较，冲突", "“4.json”没有用于比较，其他年度"
    )


def test_what_need_not_be_settled_is_said_and_leaves_the_exit(merge: Merge, tmp_path: Path) -> None:
    files = {f"{n}.json": past(n) for n in (1, 2, 3)} | {"1乙.json": past(1)}
    put(tmp_path / "去年", {**files, "说明.txt": "您好"})
    ended = merge(None, "--previous", tmp_path / "去年")
    assert ended.code == 0, ended.out
    assert len(ended.problems) == 2
    assert "2 处情况，请知悉" in ended.out


def test_reports_in_a_summary_of_last_year_that_are_none_are_said(merge: Merge, tmp_path: Path) -> None:
    put(tmp_path / "往", {f"{n}.json": past(n) for n in (1, 2, 3)})
    main(["merge", str(tmp_path / "往"), "-o", str(tmp_path / "2023.json"), "--no-cache"])
    data = json.loads((tmp_path / "2023.json").read_text("utf-8"))
    data["agencies"][1]["report"] = 5
    del data["agencies"][2]["report"]
    (tmp_path / "2023.json").write_text(json.dumps(data), "utf-8")
    ended = merge(None, "--previous", tmp_path / "2023.json")
    assert ended.code == 1
    assert reported(ended, "往年数据“2023.json”中的第 2 份年报读不出", "往年数据“2023.json”中的第 3 份年报读不出")


def test_a_year_that_is_not_earlier_is_said(merge: Merge, tmp_path: Path) -> None:
    put(tmp_path / "同年", {f"{n}.json": report(n, region="110105") for n in (1, 2)})
    ended = merge(None, "--previous", tmp_path / "同年")
    assert ended.code == 1
    assert reported(ended, "往年数据“同年”是 2024 年度的，不早于本次汇总的 2024 年度，没有用于比较")


@pytest.mark.parametrize("year", [2024, 2025])
def test_a_year_that_is_not_earlier_is_compared_with_nothing(merge: Merge, tmp_path: Path, year: int) -> None:
    own = {f"{n}.json": report(n, region="110105", year=year) for n in (1, 2, 3)}
    put(tmp_path / "错年", own)
    without = merge(None, outputs=("json", "xlsx"))
    sheets = load_workbook(tmp_path / "汇总.xlsx").sheetnames
    ended = merge(None, "--previous", tmp_path / "错年", outputs=("json", "xlsx"))
    assert ended.json["findings"] == without.json["findings"]
    assert load_workbook(tmp_path / "汇总.xlsx").sheetnames == sheets
    assert reported(ended, "没有用于比较")


def test_the_year_before_is_compared_with_where_a_later_one_is_given_too(merge: Merge, tmp_path: Path) -> None:
    put(tmp_path / "同年", {f"{n}.json": report(n, region="110105") for n in (1, 2)})
    put(tmp_path / "去年", {f"{n}.json": past(n) for n in (1, 2, 3)})
    alone = merge(None, "--previous", tmp_path / "去年")
    both = merge(None, "--previous", tmp_path / "同年", "--previous", tmp_path / "去年")
    assert [one for one in both.json["findings"] if one["rule"] == "identical"]
    assert both.json["findings"] == alone.json["findings"]


# the year merged

LATER = {f"后{n}.json": report(n, region="110105", year=2025) for n in (4, 5)}


def test_that_a_later_year_than_that_merged_was_found_is_said_everywhere(merge: Merge, tmp_path: Path) -> None:
    put(tmp_path / "收件", LATER)
    ended = merge(None, "--chase", tmp_path / "催报", outputs=OUTPUTS)
    found = "收到 2024 年度的年报 3 份、2025 年度的年报 2 份，没有指定汇总哪个年度，本次汇总了 2024 年度"
    assert reported(ended, f"{found}：请核对，必要时用 --year 指定", everywhere=True)
    assert ended.code == 2
    assert not (tmp_path / "催报").exists()
    last = ended.err.strip().splitlines()[-1]
    assert "没有写催报函" in last
    assert "--year" in last
    assert merge(None).code == 1


def test_the_year_that_was_asked_for_is_in_no_doubt(merge: Merge, tmp_path: Path) -> None:
    put(tmp_path / "收件", LATER)
    ended = merge(None, "--year", "2024", "--chase", tmp_path / "催报")
    assert (ended.code, ended.problems) == (0, [])
    assert (tmp_path / "催报").is_dir()


def test_a_report_of_an_earlier_year_or_one_decided_against_leaves_no_doubt(merge: Merge, tmp_path: Path) -> None:
    put(tmp_path / "收件", {"前.json": past(4), "后.json": LATER["后5.json"]})
    (tmp_path / "决定.csv").write_text("后.json,不采用\n", "utf-8")
    ended = merge(None, "--decisions", tmp_path / "决定.csv", "--chase", tmp_path / "催报")
    assert (ended.code, ended.problems) == (0, [])
    assert (tmp_path / "催报").is_dir()


def test_many_files_of_last_year_are_counted(merge: Merge, tmp_path: Path) -> None:
    put(tmp_path / "去年", {"1.json": past(1), **{f"坏{n}.xlsx": b"PK" for n in range(40)}})
    ended = merge(None, "--previous", tmp_path / "去年")
    assert len(ended.problems) == 21
    assert "另有 20 个文件没有用于比较：不是年度报告" in ended.problems[-1]
