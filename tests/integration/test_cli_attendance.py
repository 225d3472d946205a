"""`ogi merge --roster --chase`: what is said of agencies whose file lies there but is not known to be their report.

“Not received” is said of nobody while a file lies there that may be their own, and nobody is late by a file's time.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import tomllib
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.samples.agency_files import broken, code, collected, put, report
from tests.samples.command_line import Ended, Ogi
from workbook import merging
from workbook.cli import main
from workbook.merging.attendance import AttendanceState, call_roll, list_chased
from workbook.merging.roster.roster_lines import Roster, RosterAgency
from workbook.model.report import Report

XLS = b"\x09\x02\x06\x00" + bytes(60)
DENIALS = ("未收到", "尚未收到", "未报")
"""How a letter or list says that nothing came."""
FULL = {
    1: "示例县人民政府", 2: "示例县水利局", 3: "示例县人力资源和社会保障局", 4: "示例县发展和改革委员会",
    5: "示例县教育局",
    6: "示例县城市管理局", 7: "示例县甲镇人民政府", 8: "示例县第一实验小学", 9: "示例县公安局",
}  # fmt: skip


Merge = Callable[..., Ended]


@pytest.fixture
def merged(tmp_path: Path, ogi: Ogi) -> Merge:
    """``merged({"水利局.xls": XLS}, 2, 9)``: those files merged by a roster of those agencies."""

    def run(
        files: Mapping[str, Report | str | bytes],
        *listed: int,
        ends: Sequence[str] = ("json",),
        codes: Mapping[int, int] | None = None,
        more: Sequence[str] = (),
        parent: str = "",
    ) -> Ended:
        put(tmp_path / "收件", files)
        heads = "机关名称,统一社会信用代码,行政区划代码,机关层级,上级机关"
        own = codes or {}
        above = {n: parent if FULL[n] != parent else "" for n in listed}
        lines = [heads, *(f"{FULL[n]},{code(own.get(n, n))},110105,,{above[n]}" for n in listed)]
        (tmp_path / "名录.csv").write_text("\n".join(lines), "utf-8")
        outputs = [item for end in ends for item in ("-o", tmp_path / f"汇总.{end}")]
        given = [tmp_path / "收件", *outputs, "--roster", tmp_path / "名录.csv", "--chase", tmp_path / "催报"]
        return replace(ogi("merge", *given, "--no-cache", "--force", *more), folder=tmp_path)

    return run


def of(n: int, **who: Any) -> Report:
    return report(n, **{"name": FULL[n], "region": "110105", **who})


def packed(files: Mapping[str, bytes]) -> bytes:
    """An archive of files of these names."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


LIKELY: dict[str, tuple[str, bytes | Report]] = {
    "old Excel": ("示例县水利局.xls", XLS),
    "PDF, in short": ("水利局年报.pdf", b"%PDF-1.4"),
    "locked or damaged": ("2025年度示例县水利局（终稿）.xlsx", b"PK\x03\x04 broken"),
    "picture": ("水利局扫描件.jpg", b"\xff\xd8\xff"),
    "text": ("水利局.csv", b"a,b"),
    "in a folder": ("水利局/年报.xls", XLS),
    "a template left empty": ("示例县水利局.xlsx.json", broken(2, name="", code="", region="", level="")),
    "last year's, nobody's name": ("水利局.json", report(2, name="", code="", region="", year=2020)),
    "another's cover": ("水利局.json", report(77, name="邻县某某局", region="110106")),
    "a cover of another on the roster": ("水利局.json", of(9)),
    "empty": ("水利局.xlsx", b""),
    "hidden": (".水利局.xlsx", XLS),
    "in a hidden folder": (".水利局/年报.xlsx", XLS),
    "in an archive": ("部门.zip!水利局.xls", XLS),
}


@pytest.mark.parametrize("kind", LIKELY)
def test_a_file_that_may_be_an_agencys_own_by_its_name_is_told_to_it(merged: Merge, kind: str) -> None:
    name, content = LIKELY[kind]
    archive, _, member = name.rpartition("!")
    if archive:
        content = packed({member: XLS})
    files = {"公安局.json": of(9), archive or name: content}
    ended = merged(files, 2, 9)
    assert ended.attendance == {FULL[2]: "received", FULL[9]: "submitted"}
    letter = ended.letters[FULL[2]]
    assert f"“{name.removesuffix('/年报.xlsx')}”" in letter
    assert not [word for word in (*DENIALS, "逾期", "ogi ") if word in letter]
    assert list(ended.letters) == [FULL[2]]
    assert "已收到待处理 1" in ended.out


def test_a_letter_says_why_a_file_cannot_be_read_and_what_to_do(merged: Merge, tmp_path: Path) -> None:
    ended = merged(
        {"公安局.json": of(9), "水利局.xls": XLS, "人社局.docx": packed({"word/document.xml": b"<w/>"})}, 2, 3, 9
    )
    said = ended.letters[FULL[2]]
    assert "收到“水利局.xls”" in said
    assert "无法读取" in said
    assert "这是旧格式的 Excel 文件（.xls）：请在 Excel 或 WPS 中打开，另存为 .xlsx 后再提交。" in said
    assert "这是 Word 文档" in ended.letters[FULL[3]]
    assert "未收到" not in (tmp_path / "催报" / "催报清单.csv").read_text("utf-8-sig")


def test_no_command_stands_in_a_letter(merged: Merge) -> None:
    other = b'{"kind": "something else"}'
    files = {"公安局.json": of(9), "水利局.json": other, "教育局.json": broken(5, name="", code="")}
    ended = merged(files, 2, 5, 9)
    assert set(ended.letters) == {FULL[2], FULL[5]}
    assert not [name for name, text in ended.letters.items() if "ogi " in text or " --" in text or "请对方" in text]


@pytest.mark.parametrize(
    ("short", "n"),
    [
        ("县水利局", 2), ("人社局", 3), ("示例县人社局", 3), ("发改委", 4), ("发展改革委", 4), ("城管局", 6),
        ("甲镇", 7),
        ("甲镇人民政府", 7), ("示例县", 1), ("示例县2025年报", 1), ("水利局 - 副本 (2)", 2),
    ],
)  # fmt: skip
def test_short_names_of_agencies_are_known(merged: Merge, short: str, n: int) -> None:
    ended = merged({"公安局.json": of(9), f"{short}.xls": XLS}, *FULL)
    assert [name for name, state in ended.attendance.items() if state == "received"] == [FULL[n]]
    assert list(ended.attendance.values()).count("missing") == len(FULL) - 2


UNKNOWN = {
    "says nothing": ("年报.xls", XLS),
    "a scan": ("IMG_2025.jpg", b"\xff\xd8\xff"),
    "two agencies": ("教育局、水利局.pdf", b"%PDF"),
    "of another county": ("邻县水利局.xls", XLS),
    "an archive": ("部门.zip", b"PK\x03\x04 locked"),
    "another archive": ("年报.rar", b"Rar!"),
    "by an unknown name, without a code": ("x.json", report(30, name="某站", code="", region="")),
    "without any name": ("x.json", report(30, name="", code="", region="")),
    "a report of another year without any name": ("x.json", report(30, name="", code="", region="", year=2020)),
    "a text": ("年报.txt", b"..."),
    "passed on by another": ("教育局转报一小.xls", XLS),
}


def test_a_folder_that_is_not_looked_into_may_hold_anybodys(merged: Merge, tmp_path: Path) -> None:
    (tmp_path / "收件").mkdir()
    for name in ("部门", "教育局"):
        (tmp_path / f"别处{name}").mkdir()
        (tmp_path / "收件" / name).symlink_to(tmp_path / f"别处{name}", target_is_directory=True)
    ended = merged({"公安局.json": of(9), ".暂存/x.txt": b"x", ".git/x": b"x"}, 2, 5, 9)
    assert ended.attendance == {FULL[2]: "unverified", FULL[5]: "received", FULL[9]: "submitted"}
    assert ended.json["unattributed"] == [".暂存", "部门"]


@pytest.mark.parametrize("kind", UNKNOWN)
def test_while_a_file_of_nobody_known_lies_there_nobody_is_said_to_be_missing(merged: Merge, kind: str) -> None:
    name, content = UNKNOWN[kind]
    ended = merged({"公安局.json": of(9), name: content}, 5, 8, 9)
    states = ended.attendance
    assert states.pop(FULL[9]) == "submitted"
    assert "missing" not in states.values()
    assert states[FULL[8]] == "unverified"
    letter = ended.letters[FULL[8]]
    assert "尚未核实到你单位" in letter
    assert "另有 1 个文件未能识别报送单位" in letter
    assert name not in letter  # it may be another agency's
    assert not [word for word in (*DENIALS, "逾期") if word in letter]
    assert ended.json["unattributed"] == [name]
    assert "有 1 个文件未能识别报送单位" in ended.out


NOTHING: dict[str, tuple[str, bytes | Report]] = {
    "nothing else": ("公安局2.json", of(9)),
    "what systems leave behind": ("Thumbs.db", b"x"),
    "a note": ("填报说明.txt", b"x"),
    "an open file's mark": ("~$水利局.xlsx", b"x"),
    "metadata": ("__MACOSX/._水利局.xlsx", b"x"),
    "a program": ("查看.exe", b"MZ"),
    "of an agency by its code that is not listed": ("x.json", report(30)),
    "an earlier file of one who answered": ("公安局.xls", XLS),
}


@pytest.mark.parametrize("kind", NOTHING)
def test_where_no_file_can_be_anybodys_the_missing_are_named(merged: Merge, kind: str) -> None:
    name, content = NOTHING[kind]
    ended = merged({"公安局.json": of(9), name: content}, 2, 9)
    assert ended.attendance[FULL[2]] == "missing"
    assert "未收到你单位2024年度" in ended.letters[FULL[2]]
    assert list(ended.letters) == [FULL[2]]


def test_what_a_merge_reads_and_wrote_itself_is_nobodys_report(tmp_path: Path) -> None:
    """Roster, letters and summaries of an earlier run, and last year's reports lie in the folder merged."""
    inbox = tmp_path / "收件"
    put(
        inbox,
        {
            "公安局.json": of(9),
            "往年/水利局.xls": XLS,
            "往年/公安局.json": of(9, year=2023),
            "往年/教育局.json": of(5, year=2023),
        },
    )
    roster = inbox / "名录.csv"
    roster.write_text(
        f"机关名称,统一社会信用代码\n{FULL[2]},{code(2)}\n{FULL[9]},{code(9)}\n{FULL[5]},{code(5)}", "utf-8"
    )
    given = ["merge", str(inbox), "--roster", str(roster), "--previous", str(inbox / "往年"), "--year", "2024"]
    given += ["--no-cache", "--force"]
    for _ in range(2):
        outputs = [item for end in ("html", "json") for item in ("-o", str(inbox / f"汇总.{end}"))]
        main([*given, *outputs, "--chase", str(inbox / "催报")])
    main([*given, "-o", str(inbox / "又.json"), "--chase", str(tmp_path / "催报")])
    found = json.loads((inbox / "又.json").read_text("utf-8"))
    assert {one["agency"]: one["state"] for one in found["attendance"]} == {
        FULL[2]: "missing",
        FULL[9]: "submitted",
        FULL[5]: "missing",
    }
    assert found["unattributed"] == []


def test_an_archive_or_folder_of_a_government_may_hold_those_below_it(tmp_path: Path) -> None:
    put(tmp_path / "收件", {"公安局.json": of(9), "示例县.zip": b"PK\x03\x04"})
    lines = [f"{FULL[n]},{code(n)},{FULL[1] if n > 1 else ''}" for n in (1, 2, 9)]
    (tmp_path / "名录.csv").write_text("\n".join(["机关名称,统一社会信用代码,上级机关", *lines]), "utf-8")
    main(["merge", str(tmp_path / "收件"), "-o", str(tmp_path / "汇总.json"), "--roster", str(tmp_path / "名录.csv"),
          "--no-cache"])  # fmt: skip
    found = json.loads((tmp_path / "汇总.json").read_text("utf-8"))
    assert [one["state"] for one in found["attendance"]] == ["received", "unverified", "submitted"]


def test_who_sent_a_report_that_does_not_count_is_not_missing(merged: Merge) -> None:
    files: dict[str, Report | str | bytes] = {
        "公安局.json": of(9),
        "水利局.json": broken(2, name=FULL[2]),
        "教育局1.json": of(5),
        "教育局2.json": of(5).with_values({"licensing.permits.decisions": 77}),
        "去年.json": of(6, year=2022),
        "年报.xls": XLS,
    }
    ended = merged(files, 2, 5, 6, 9)
    assert ended.attendance == {FULL[2]: "returned", FULL[5]: "returned", FULL[6]: "returned", FULL[9]: "submitted"}
    assert not [name for name, text in ended.letters.items() if any(word in text for word in DENIALS)]


def test_the_counts_of_all_outputs_add_up_to_the_roster(merged: Merge, tmp_path: Path) -> None:
    files: dict[str, Report | str | bytes] = {
        "公安局.json": of(9), "水利局.xls": XLS, "教育局.json": broken(5, name=FULL[5]), "年报.pdf": b"%PDF",
    }  # fmt: skip
    ended = merged(files, *FULL, ends=("xlsx", "json", "html"))
    states = list(ended.attendance.values())
    counted = {state: states.count(state) for state in set(states)}
    assert counted == {"submitted": 1, "received": 1, "returned": 1, "unverified": 6}
    assert "名录上 9 个单位 ＝ 已报 1＋退回 1＋已收到待处理 1＋未核实到 6。" in ended.out
    book = load_workbook(tmp_path / "汇总.xlsx")
    overview = [[cell.value for cell in row if cell.value is not None] for row in book["总览"].iter_rows()]
    head = next(n for n, row in enumerate(overview) if row[:2] == ["层级", "应报"])
    assert overview[head] == ["层级", "应报", "已报", "退回", "待处理", "未核实到", "未报", "已报占比"]
    assert overview[head + 1][1:7] == [9, 1, 1, 1, 6, 0]
    column = [row[5].value for row in book["报送状态"].iter_rows(min_row=4)]
    assert [column.count(AttendanceState(state).words.zh) for state in counted] == list(counted.values())
    page = (tmp_path / "汇总.html").read_text("utf-8")
    assert "应报 9 个单位：已报 1，退回 1，已收到待处理 1，未核实到 6；" in page
    assert "6 个单位未核实到报告" in page
    assert "未报单位</dt><dd>0" in page


def test_a_copy_of_the_files_gives_the_same_letters(merged: Merge, tmp_path: Path) -> None:
    """All times of the files are another's: those of a copy, of a download, of an archive."""
    files: dict[str, Report | str | bytes] = {"公安局.json": of(9), "水利局.xls": XLS, "教育局.json": of(5)}
    letters = []
    for year in (2025, 2026):
        put(tmp_path / "收件", files)
        for name in files:
            os.utime(tmp_path / "收件" / name, ((year - 1970) * 31_557_600,) * 2)
        ended = merged({}, 2, 5, 9, ends=("html", "json"))
        assert "迟报" not in ended.out
        assert ended.attendance == {FULL[2]: "received", FULL[5]: "submitted", FULL[9]: "submitted"}
        for end in ("html", "json"):
            assert "迟报" not in (tmp_path / f"汇总.{end}").read_text("utf-8")
        letters.append(ended.letters)
    assert letters[0] == letters[1]
    assert list(letters[0]) == [FULL[2]]


# a name of one agency with the credit code of another

CROSSED = "封面名称是名录中的“示例县教育局”，信用代码是“示例县水利局”的"
REUSED = of(2, name=FULL[5])
"""The education bureau's report in the water bureau's workbook, whose code stayed."""


@pytest.mark.parametrize("revision", [0, 3])
@pytest.mark.parametrize("name", ["x.json", "示例县水利局2.json", "示例县教育局.json"])
def test_a_workbook_used_again_is_of_neither_agency(merged: Merge, name: str, revision: int) -> None:
    own = of(2, figures={"requests.granted.person": 41})
    ended = merged({"水利局.json": own, name: of(2, name=FULL[5], revision=revision), "公安局.json": of(9)}, 2, 5, 9)
    assert ended.code == 1
    assert ended.attendance == {FULL[2]: "submitted", FULL[5]: "received", FULL[9]: "submitted"}
    assert (ended.json["merged"], ended.why[name]) == (2, CROSSED)
    assert "冲突" not in ended.out
    assert list(ended.letters) == [FULL[5]]
    letter = ended.letters[FULL[5]]
    assert "封面填写的机关名称与统一社会信用代码在名录中不是同一个单位" in letter
    assert not [
        word
        for word in (*DENIALS, "逾期", "封面填写的是另一单位", "41", FULL[2], code(2))
        if word in letter.replace(name, "")
    ]


@pytest.mark.parametrize("who", [{"name": "示例县 教育局　"}, {"name": FULL[5], "code": code(2).lower()}])
def test_however_name_and_code_are_written(merged: Merge, who: Mapping[str, str]) -> None:
    ended = merged({"水利局.json": of(2), "x.json": of(2, **who, revision=1)}, 2, 5)
    assert (ended.why["x.json"], ended.attendance) == (CROSSED, {FULL[2]: "submitted", FULL[5]: "received"})


@pytest.mark.parametrize("told", [(), ("--include-unlisted",)])
@pytest.mark.parametrize("year", [2024, 2022])
def test_of_neither_agency_is_it_said_that_nothing_came(merged: Merge, year: int, told: Sequence[str]) -> None:
    crossed = of(2, name=FULL[5], year=year)
    ended = merged({"x.json": crossed, "公安局.json": of(9)}, 2, 5, 9, more=told)
    assert ended.attendance == {FULL[2]: "received", FULL[5]: "received", FULL[9]: "submitted"}
    assert ended.code == (0 if year == 2022 or told else 1)
    assert set(ended.letters) == {FULL[2], FULL[5]}
    assert not [text for text in ended.letters.values() if any(word in text for word in (*DENIALS, "另一单位"))]
    if year == 2024:
        assert ended.why["x.json"] == (f"按要求计入；{CROSSED}" if told else CROSSED)


def test_a_report_counted_on_request_does_not_meet_that_of_the_agency_of_its_code(merged: Merge) -> None:
    own = of(2, figures={"requests.granted.person": 41})
    files = {"水利局.json": own, "x.json": of(2, name=FULL[5], revision=2), "y.json": of(2, name=FULL[9])}
    ended = merged(files, 2, 5, 9, more=["--include-unlisted"])
    assert {one["file"]: one["status"] for one in ended.json["sources"]} == dict.fromkeys(files, "merged")


def test_a_roster_with_two_codes_exchanged_holds_both_reports_out(merged: Merge) -> None:
    ended = merged({"水利局.json": of(2), "教育局.json": of(5), "公安局.json": of(9)}, 2, 5, 9, codes={2: 5, 5: 2})
    assert ended.code == 1
    assert ended.attendance == {FULL[2]: "received", FULL[5]: "received", FULL[9]: "submitted"}
    assert ended.why["水利局.json"] == "封面名称是名录中的“示例县水利局”，信用代码是“示例县教育局”的"
    for text in (ended.letters[FULL[2]], ended.letters[FULL[5]]):
        assert "封面填写的机关名称与统一社会信用代码在名录中不是同一个单位" in text
        assert "另一单位" not in text


def test_a_line_without_a_name_or_without_a_code_is_another_line_all_the_same(merged: Merge, tmp_path: Path) -> None:
    put(tmp_path / "收件", {"x.json": REUSED, "公安局.json": of(9)})
    lines = ["机关名称,统一社会信用代码", f",{code(2)}", f"{FULL[5]},", f"{FULL[9]},{code(9)}"]
    (tmp_path / "另.csv").write_text("\n".join(lines), "utf-8")
    ended = merged({}, 9, more=["--roster", str(tmp_path / "另.csv")])
    assert list(ended.attendance.values()) == ["received", "received", "submitted"]
    assert ended.why["x.json"] == f"封面名称是名录中的“示例县教育局”，信用代码是“{code(2)}”的"


def test_last_years_report_of_a_name_and_anothers_code_is_compared_with_neither(merged: Merge, tmp_path: Path) -> None:
    put(tmp_path / "往年", {"x.json": of(2, name=FULL[5], year=2023), "公安局.json": of(9, year=2023)})
    files = {"水利局.json": of(2), "教育局.json": of(5), "公安局.json": of(9)}
    ended = merged(files, 2, 5, 9, more=["--previous", str(tmp_path / "往年"), "--year", "2024"])
    assert {one["file"] for one in ended.json["findings"] if one["rule"] == "identical"} == {"公安局.json"}
    assert "往年数据“往年”中的“x.json”没有用于与单位比较" in ended.out
    assert ended.code == 1


# what the coordinator decided


@pytest.mark.parametrize(
    ("name", "content"),
    [("年报.xls", XLS), ("通知.json", b"{}"), ("年报.json", of(7, name="", code="", region=""))],
)
def test_what_was_decided_against_may_no_longer_be_anybodys(
    merged: Merge, tmp_path: Path, name: str, content: bytes | Report
) -> None:
    files = {"公安局.json": of(9), name: content}
    assert merged(files, 2, 9).attendance == {FULL[2]: "unverified", FULL[9]: "submitted"}
    (tmp_path / "决定.csv").write_text(f"{name},不采用\n", "utf-8")
    ended = merged({}, 2, 9, more=["--decisions", str(tmp_path / "决定.csv")])
    assert ended.attendance == {FULL[2]: "missing", FULL[9]: "submitted"}
    assert ended.json["unattributed"] == []


def test_no_decision_of_the_coordinators_goes_into_a_letter(merged: Merge, tmp_path: Path) -> None:
    files = {
        "去年.json": of(2, year=2022), "教育局.xls": XLS, "人社局.json": of(3, name="", code="", region="", year=2022),
        "城管局.json": broken(6, name=FULL[6], region="110105"), "公安局.json": of(9), "甲镇1.json": of(7),
        "甲镇2.json": of(7, figures={"requests.granted.person": 41}), "发改委.json": of(4, name=FULL[1]),
    }  # fmt: skip
    no = ("去年.json", "教育局.xls", "人社局.json", "发改委.json")
    lines = [*(f"{name},不采用" for name in no), "城管局.json,采用"]
    (tmp_path / "决定.csv").write_text("\n".join(lines), "utf-8")
    ended = merged(files, *FULL, more=["--decisions", str(tmp_path / "决定.csv")])
    letters = "\n".join(ended.letters.values())
    assert set(ended.letters) >= {FULL[n] for n in (2, 3, 5, 6, 7)}
    assert all("决定不采用" in ended.why[name] for name in no)
    assert "按决定采用" in ended.why["城管局.json"]
    words = tomllib.loads((Path(merging.__file__).with_name("messages.toml")).read_text("utf-8"))
    texts = [one["zh"] for group in ("why", "decisions") for one in words[group].values() if isinstance(one, dict)]
    parts = [part for text in texts for part in re.split(r"\{\w+\}|，", text)]
    told = [part for part in parts if re.search("决定|按要求|--", part)]
    assert {"按决定采用", "决定不采用", "按要求计入", "请用 --choose 指定采用哪一份"} <= set(told)
    assert not [part for part in told if part in letters]
    assert "--" not in letters
    assert "采用" not in letters


# what is the coordinator's own


def test_an_agency_is_not_told_of_the_coordinators_own_troubles(merged: Merge, tmp_path: Path) -> None:
    """Two links: to a file that is gone, and to one outside the folder."""
    (tmp_path / "收件").mkdir()
    (tmp_path / "别处.xlsx").write_bytes(XLS)
    (tmp_path / "收件" / "水利局.xlsx").symlink_to(tmp_path / "收件" / "已删.xlsx")
    (tmp_path / "收件" / "教育局.xlsx").symlink_to(tmp_path / "别处.xlsx")
    ended = merged({"公安局.json": of(9)}, 2, 5, 9)
    assert ended.attendance == {FULL[2]: "received", FULL[5]: "received", FULL[9]: "submitted"}
    for n, file in ((2, "水利局.xlsx"), (5, "教育局.xlsx")):
        said = ended.letters[FULL[n]]
        assert f"收到“{file}”，从名称看可能是你单位报送的，尚未能读取。请告知是否为你单位报送" in said
        assert not [word for word in ("No such", "链接", "不存在", "没有读取", "请解决", *DENIALS) if word in said]
    assert "链接" in (tmp_path / "催报" / "催报清单.csv").read_text("utf-8-sig")  # which the coordinator reads


# folders and archives with the name of an agency


CONTAINERS: dict[str, tuple[str, dict[str, bytes | Report]]] = {
    "a note in an archive": ("水利局.zip", {"水利局.zip": packed({"说明.txt": b"x"})}),
    "a note in a folder": ("示例县水利局", {"示例县水利局/填报说明.txt": b"x"}),
    "what systems leave behind": ("水利局年报", {"水利局年报/Thumbs.db": b"x"}),
    "nothing but that, in an archive": ("水利局.zip", {"水利局.zip": packed({"__MACOSX/._a.xlsx": b"x"})}),
    "another agency's report": ("水利局", {"水利局/公安局2.json": of(9)}),
    "deeper": ("部门/水利局", {"部门/水利局/2024/说明.txt": b"x"}),
    "an archive in a folder": ("水利局", {"水利局/水利局.zip": packed({"说明.txt": b"x"})}),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_folder_or_archive_of_an_agencys_name_came_from_it(merged: Merge, kind: str) -> None:
    container, files = CONTAINERS[kind]
    ended = merged({"公安局.json": of(9), **files}, 2, 5, 9, ends=("json", "xlsx"))
    assert ended.attendance == {FULL[2]: "received", FULL[5]: "missing", FULL[9]: "submitted"}
    said = ended.letters[FULL[2]]
    assert f"文件夹或压缩包“{container}”" in said
    assert not [word for word in (*DENIALS, "逾期", "公安局") if word in said]
    assert set(ended.letters) == {FULL[2], FULL[5]}
    assert ended.json["attendance"][0]["likely"] == [container]
    (line,) = [row for row in ended.sheet("报送状态") if row[1] == FULL[2]]
    assert line[8] == container


def test_a_folder_of_two_agencies_names_may_be_of_either(merged: Merge) -> None:
    ended = merged({"公安局.json": of(9), "教育局、水利局/说明.txt": b"x"}, 2, 5, 6, 9)
    assert list(ended.attendance.values()) == ["received", "received", "missing", "submitted"]


@pytest.mark.parametrize("folder", ["部门", "2024年报", "邻县水利局"])
def test_notes_in_a_folder_that_names_nobody_are_nobodys(merged: Merge, folder: str) -> None:
    note = packed({"说明.txt": b"x"})
    ended = merged({"公安局.json": of(9), f"{folder}/说明.txt": b"x", f"{folder}.zip": note}, 2, 5, 9)
    assert ended.attendance == {FULL[2]: "missing", FULL[5]: "missing", FULL[9]: "submitted"}


def test_an_archive_without_any_file_that_names_nobody_is_nobodys(merged: Merge) -> None:
    ended = merged({"公安局.json": of(9), "部门.zip": packed({})}, 2, 9)
    assert ended.attendance == {FULL[2]: "missing", FULL[9]: "submitted"}


def test_a_folder_of_a_government_that_holds_what_is_below_it_is_no_report_of_its_own(merged: Merge) -> None:
    ended = merged({"示例县/公安局.json": of(9), "示例县/说明.txt": b"x"}, 1, 2, 9, parent=FULL[1])
    assert ended.attendance == {FULL[1]: "missing", FULL[2]: "missing", FULL[9]: "submitted"}


def test_letters_that_went_out_are_no_reports_wherever_they_lie(merged: Merge, tmp_path: Path) -> None:
    """In an archive, moved, and from a folder whose list was changed."""
    merged({"公安局.json": of(9), "水利局.xls": XLS}, 2, 5, 9)
    letters = {one.name: one.read_bytes() for one in (tmp_path / "催报").iterdir()}
    assert len(letters) == 4
    (tmp_path / "收件" / "水利局.xls").unlink()
    moved: dict[str, bytes] = {f"上次/{name}": content for name, content in letters.items()}
    moved["上次/催报清单.csv"] += b"changed"
    files = {"上次的函.zip": packed(letters), "水利局函件.txt": letters[f"{FULL[2]}.txt"], **moved}
    ended = merged(files, 2, 5, 9)
    assert ended.attendance == {FULL[2]: "missing", FULL[5]: "missing", FULL[9]: "submitted"}
    assert ended.json["unattributed"] == []


# by decision, days, conclusions


def test_a_report_left_out_by_decision_is_not_asked_for_again(merged: Merge, tmp_path: Path) -> None:
    (tmp_path / "决定.csv").write_text("文件,决定\n水利局.json,不采用\n", "utf-8")
    files = {"公安局.json": of(9), "水利局.json": broken(2, name=FULL[2]), "去年.json": of(2, year=2023)}
    ended = merged(
        files, 1, 2, 9, ends=("json", "xlsx"), more=("--decisions", str(tmp_path / "决定.csv")), parent=FULL[1]
    )
    assert ended.attendance == {FULL[1]: "missing", FULL[2]: "received", FULL[9]: "submitted"}
    assert list(ended.letters) == [FULL[1]]
    (line,) = [row for row in ended.sheet("报送状态") if row[1] == FULL[2]]
    assert line[5] == "已收到待处理"
    assert "按决定不采用" in line[10]
    heads, node = ended.sheet("逐级汇总")[2:4]
    assert dict(zip(heads[3:8], node[3:8], strict=True)) == {
        "应报": 2, "已计入": 1, "退回": 0, "其余未计入": 1, "未计入的下级": FULL[2],
    }  # fmt: skip


def test_levels_count_as_returned_whom_the_roll_call_does(merged: Merge) -> None:
    files = {
        "公安局.json": of(9),
        "水利局.json": broken(2, name=FULL[2]),
        "去年.json": of(5, year=2023),
        "教育.xls": XLS,
    }
    ended = merged(files, 1, 2, 5, 6, 9, ends=("json", "xlsx"), parent=FULL[1])
    states = list(ended.attendance.values())
    (node,) = [row for row in ended.sheet("逐级汇总") if row[1] == FULL[1]]
    assert node[3:7] == [4, 1, states.count("returned"), 1] == [4, 1, 2, 1]


def test_only_from_whom_nothing_came_is_anybody_said_to_be_late(tmp_path: Path) -> None:
    files = {
        "公安局.json": of(9),
        "水利局.json": broken(2, name=FULL[2]),
        "去年.json": of(6, year=2022),
        "教育局.xls": XLS,
    }
    put(tmp_path / "收件", files)
    lines = [f"{FULL[n]},{code(n)},2025-01-31" for n in (2, 3, 5, 6, 9)]
    (tmp_path / "名录.csv").write_text("\n".join(["机关名称,统一社会信用代码,截止日期", *lines]), "utf-8")
    main(["merge", *map(str, [tmp_path / "收件", "-o", tmp_path / "汇总.json", "--roster", tmp_path / "名录.csv",
          "--chase", tmp_path / "催报"]), "--no-cache", "--year", "2024"])  # fmt: skip
    letters = {one.stem: one.read_text("utf-8-sig") for one in (tmp_path / "催报").glob("示例*.txt")}
    assert {name for name, text in letters.items() if "逾期" in text} == {FULL[3]}
    assert {name for name, text in letters.items() if "报送期限：2025年1月31日" in text} == set(letters)
    with (tmp_path / "催报" / "催报清单.csv").open(encoding="utf-8-sig") as file:
        late = {line["机关名称"]: line["逾期天数"] for line in csv.DictReader(file) if line["序号"].isdigit()}
    assert len(late) == 4
    assert {name for name, days in late.items() if days} == {FULL[3]}


def test_a_sum_that_breaks_rules_does_not_silence_what_else_is_open(merged: Merge) -> None:
    files = {"公安局.json": broken(9, name=FULL[9]), "教育局.xls": XLS, "年报.pdf": b"%PDF"}
    ended = merged(files, 2, 5, 9, more=("--include-errors",))
    said = ended.json["conclusion"]
    assert said.startswith("汇总数据有 ")
    for part in ("1 个文件未计入", "1 个单位的报告有错误", "1 个单位的文件已收到待处理", "1 个单位未核实到报告"):
        assert part in said


def test_files_of_nobody_known_are_one_number_everywhere(merged: Merge, tmp_path: Path) -> None:
    files = {
        "公安局.json": of(9), "x.json": report(30, name="某站", code="", region=""), "年报.xls": XLS,
        "无名.json": report(31, name="", code="", region=""), "外.json": report(32, name="外县某局", region="131198"),
    }  # fmt: skip
    ended = merged(files, 2, 9, ends=("json", "xlsx", "html"))
    n = len(ended.json["unattributed"])
    assert n == 3
    assert f"有 {n} 个文件未能识别报送单位，未核实到报告的单位不一定未报" in ended.out
    strangers = "年报有 3 份：已计入 0 份，未计入 3 份；其中 2 份也在未能识别报送单位的文件之内"
    assert strangers in ended.out
    assert f"另有 {n} 个文件未能识别报送单位" in ended.letters[FULL[2]]
    hint = "".join(str(cell) for row in ended.sheet("报送状态")[:3] for cell in row)
    assert f"未能识别报送单位的文件 {n} 个" in hint
    assert "报告 3 份，其中 2 份也在" in hint
    page = (tmp_path / "汇总.html").read_text("utf-8")
    assert f"有 {n} 个文件未能识别报送单位" in page
    assert strangers in page


def test_a_report_without_a_name_is_not_said_to_be_of_nobody_listed(merged: Merge) -> None:
    files = {
        "公安局.json": of(9), "无名.json": report(31, name="", code="", region=""),
        "水利局.json": report(2, name="", code="", region=""),
        "教育局.json": report(32, name="外县某局", region="131198"),
    }  # fmt: skip
    ended = merged(files, 2, 5, 9, ends=("json", "xlsx"))
    lines = {row[8]: row for row in ended.sheet("报送状态") if row[5] in ("不在名录", "不能确定", "未识别单位")}
    assert "封面没有填写机关名称和统一社会信用代码" in lines["无名.json"][10]
    assert lines["无名.json"][5] == lines["水利局.json"][5] == "不能确定"
    assert "名录上没有" not in lines["水利局.json"][10]
    assert f"从名称看可能是“{FULL[2]}”报送的，该单位一行也列出了这个文件" in lines["水利局.json"][10]
    assert lines["教育局.json"][5] == "不在名录"


COVERS = {
    "name": ({"code": ""}, "封面填写的机关名称与名录不一致，没有填写统一社会信用代码。"),
    "both": ({}, "封面填写的机关名称、统一社会信用代码都与名录不一致。"),
    "code": ({"name": ""}, "封面没有填写机关名称，填写的统一社会信用代码与名录不一致。"),
    "neither": ({"name": "", "code": ""}, "封面没有填写机关名称和统一社会信用代码。"),
}


@pytest.mark.parametrize("kind", COVERS)
def test_a_letter_says_of_the_cover_what_is_there(merged: Merge, kind: str) -> None:
    who, said = COVERS[kind]
    file = report(77, **{"name": "邻县某某局", "region": "110106", **who})
    ended = merged({"公安局.json": of(9), "水利局.json": file}, 2, 9)
    assert f"。{said}确为你单位" in ended.letters[FULL[2]]


@pytest.mark.parametrize("kind", ["read", "unreadable", "compared"])
def test_signs_in_a_name_that_are_not_seen_are_told_beside_what_else_is_said(merged: Merge, kind: str) -> None:
    name = "县\u202e府"
    files = {
        "read": {f"{name}.json": broken(9, name=FULL[9])}, "unreadable": {f"{name}.xls": XLS},
        "compared": {f"{name}.json": of(1)},
    }[kind]  # fmt: skip
    ended = merged({"水利局.json": of(2), **files}, 1, 2, 9, parent=FULL[1])
    (source,) = [one for one in ended.json["sources"] if name[0] in one["file"]]
    assert (source["status"] == "compared") == (kind == "compared")
    for text, stops in ((source["why"], "；。"), (source["why_en"], ";.")):
        told = "文件名含看不见" if stops[0] == "；" else "the file's name holds"
        before, found, after = text.partition(told)
        assert found
        assert "U+202E" in after
        assert not before or before.rstrip()[-1] in stops
        assert "。；" not in text


# all kinds at random


@pytest.mark.parametrize("turns", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_at_random_nobody_is_falsely_missing_and_nobody_is_forgotten(tmp_path: Path, turns: int) -> None:
    """Each hands in rightly, unreadably, nameless, of another year, under a name of its own choice, or nothing."""
    draw = random.Random(turns)
    names = [
        f"某县{word}局" for word in ("水利", "公安", "教育和体育", "市场监督管理", "人力资源和社会保障", "农业农村")
    ]
    roster = Roster(tuple(RosterAgency(name, code(n), "110105", "county-department") for n, name in enumerate(names)))
    for turn in range(turns):
        files: dict[str, Report | str | bytes] = {"另一局.json": report(90)}
        came: set[str] = set()
        for n, name in enumerate(names):
            what = draw.choice(("right", "unreadable", "nameless", "year", "nothing", "nothing"))
            called = draw.choice(
                (name, name[2:], f"{name}年报", f"2024/{name}", "年报", f"{name}/报告", f"附件{n}", "x")
            )
            if what == "nothing":
                continue
            came.add(name)
            who: dict[str, Any] = {"name": name, "region": "110105"}
            content: dict[str, tuple[str, Report | bytes]] = {
                "right": (".json", report(n, **who)),
                "unreadable": draw.choice(
                    ((".xls", XLS), (".pdf", b"%PDF"), (".jpg", b"\xff\xd8\xff"), (".zip", b"PK"))
                ),
                "nameless": (".json", report(n, name="", code="", region="")),
                "year": (".json", report(n, year=2021, name="", code="", region="")),
            }
            end, data = content[what]
            files[f"{called}{n if called in ('年报', 'x') else ''}{end}"] = data
        with collected(tmp_path / str(turn), files, year=2024, roster=roster) as collection:
            called_ = call_roll(roster, collection)
            missing = {seat.agency.name for seat in called_.seats if seat.state is AttendanceState.MISSING}
            asked = {one.agency.name for one in list_chased(collection, called_)}
            submitted = {seat.agency.name for seat in called_.seats if seat.state is AttendanceState.SUBMITTED}
        assert not missing & came, (turn, files.keys())
        assert set(names) - came <= asked
        assert asked | submitted == set(names)
        assert sum(one.expected for one in called_.turnout()) == len(names)


def test_what_is_said_of_a_file_costs_the_same_however_many_agencies_are_listed() -> None:
    from workbook.merging.roster.likely_agency import LikelyAgencies

    def steps(agencies: int) -> int:
        likely = LikelyAgencies(Roster(tuple(RosterAgency(f"某省某市第{n}县水利局") for n in range(agencies))))
        count = 0
        fits = likely._fits

        def counted(*given: Any) -> bool:
            nonlocal count
            count += 1
            return fits(*given)

        likely._fits = counted  # type: ignore[assignment]
        for n in range(50):
            likely.guess_by_place(f"收件/第{n}县水利局.xls")
            likely.guess_by_place(f"收件/邻县{n}水利局.xls")
        return count

    assert steps(4000) <= steps(1000) + 50
