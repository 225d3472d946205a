"""The letters of a chase-up: each says what is wanted, cell by cell, by when and by what law."""

from __future__ import annotations

import datetime
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests import domain
from tests.samples.agency_files import agency, broken, code, collected, report
from workbook.excel.reading.file_type import build_too_large_error, get_kind_message, list_unread_kinds
from workbook.excel.report_loading import load_submission
from workbook.excel.template.template_writer import write_workbook
from workbook.merging.attendance import call_roll, list_chased
from workbook.merging.file_status import is_coordinator_side, join_sentences
from workbook.merging.letters.letter_files import AgencyDossiers
from workbook.merging.letters.letter_texts import (
    ChasedAgency,
    Letter,
    LetterOccasion,
    LetterReason,
    count_overdue_days,
    group_matters,
    write_letter_texts,
)
from workbook.merging.roster.roster_lines import Roster, RosterAgency
from workbook.model.finding import Finding
from workbook.model.report import Report
from workbook.safety.limits import describe_limit
from workbook.safety.messages import Bilingual, load_messages

messages = load_messages("workbook.merging")

LETTERS = domain.ROOT / "tests" / "cases" / "letters"
BUREAU = RosterAgency("某县统计局", code(3), "110105", "county-department", "", "张三 010-1")
TOWN = RosterAgency("某镇人民政府", "", "110105", "township")
DUE = datetime.date(2026, 1, 31)
OCCASION = LetterOccasion(2025, "某县人民政府办公室", "ogi@example.gov.cn", datetime.date(2026, 2, 3))


def findings(one: Report) -> tuple[Finding, ...]:
    """What is found wrong in the workbook of that report, and where."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "年报.xlsx"
        write_workbook(path, one)
        found = load_submission(path).check()
    return tuple(one for one in found if one.severity != "notice")


@cache
def wrong() -> tuple[Finding, ...]:
    return findings(broken(3))


def warned() -> Report:
    """A report without error, with a warning: a county's bureau that makes rules."""
    return report(1).with_values({"legislation.regulations.issued": 1, "legislation.regulations.in_force": 1})


def about(why: LetterReason, **more: object) -> ChasedAgency:
    more = {"place": "" if why is LetterReason.MISSING else "部门.zip!某县统计局.xlsx", **more}
    return ChasedAgency(BUREAU, "", DUE, why, **more)  # type: ignore[arg-type]


def letters(*some: ChasedAgency, occasion: LetterOccasion = OCCASION) -> list[Letter]:
    with AgencyDossiers(some) as dossiers:
        return list(write_letter_texts(dossiers, occasion))


def text(*some: ChasedAgency, occasion: LetterOccasion = OCCASION) -> str:
    (one,) = letters(*some, occasion=occasion)
    return one.text


DIFFERENCE = (
    "与 乙.xlsx 为同一机关（版次 0），请用 --choose 指定采用哪一份；数据有 1 处不同：一、本年新收·自然人（9／4）"
)
CASES: dict[str, Callable[[], tuple[ChasedAgency, ...]]] = {
    "missing": lambda: (about(LetterReason.MISSING),),
    "held": lambda: (about(LetterReason.HELD, findings=wrong()),),
    "errors": lambda: (about(LetterReason.ERRORS, findings=wrong()[:1]),),
    "warnings": lambda: (about(LetterReason.WARNINGS, findings=findings(warned())),),
    "conflict": lambda: (
        about(LetterReason.CONFLICT, place="甲.xlsx", detail=Bilingual(DIFFERENCE, ""), findings=wrong()[:1]),
        about(LetterReason.CONFLICT, place="乙.xlsx", detail=Bilingual("与 甲.xlsx 为同一机关", "")),
    ),
    "unreadable": lambda: (
        about(LetterReason.UNREADABLE, detail=Bilingual("这是旧格式的 Excel 文件（.xls）：请另存为 .xlsx", "")),
    ),
    "unread": lambda: (about(LetterReason.UNREAD, detail=Bilingual("无法读取：没有权限（Permission denied）", "")),),
    "container": lambda: (about(LetterReason.CONTAINER, place="某县统计局.zip"),),
    "year": lambda: (about(LetterReason.YEAR, detail=Bilingual("为2024年度，本次汇总2025年度", "")),),
    "form": lambda: (about(LetterReason.FORM),),
    "unclear": lambda: (about(LetterReason.UNCLEAR, detail=Bilingual("封面没有填写机关名称和统一社会信用代码。", "")),),
    "unverified": lambda: (about(LetterReason.UNVERIFIED, place="", others=3),),
    "several": lambda: (
        about(LetterReason.YEAR, place="去年.xlsx"),
        about(LetterReason.WARNINGS, place="今年.xlsx", findings=findings(warned())),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_letters_read_as_they_should(name: str) -> None:
    assert text(*CASES[name]()) == (LETTERS / f"{name}.txt").read_text("utf-8")


def test_every_reason_has_a_letter_and_no_letter_is_left_over() -> None:
    assert {why.value for why in LetterReason} | {"several"} == set(CASES) == {path.stem for path in LETTERS.iterdir()}


def test_advice_is_given_cell_by_cell() -> None:
    found = wrong()
    said = text(about(LetterReason.HELD, findings=found))
    for one in found:
        assert str(one.source) in said
    assert said.count("办法：") == said.count("　依据：") == said.count("情况：") == len(found) > 3
    assert "“约10”" in said
    assert "总计填 999" in said


def test_what_was_answered_and_mere_notices_are_not_asked_again() -> None:
    (first, *rest) = [one for one in findings(warned()) if one.severity == "warning"]
    one = about(LetterReason.WARNINGS, findings=(replace(first, answer="属实"), *rest))
    assert one.count(first.severity) == len(rest)
    assert text(one).count("情况：") == len(rest)


def test_files_in_conflict_are_one_matter() -> None:
    some = (*CASES["conflict"]()[:1], about(LetterReason.WARNINGS), *CASES["conflict"]()[1:])
    assert [(one.why, len(one.chased)) for one in group_matters(some)] == [
        (LetterReason.CONFLICT, 2),
        (LetterReason.WARNINGS, 1),
    ]
    assert group_matters(some)[0].places == "甲.xlsx”、“乙.xlsx"


def test_one_letter_an_agency_by_code_else_by_name_and_region() -> None:
    respelt = RosterAgency("某县 统计局", BUREAU.code.lower())
    same_name = RosterAgency("某镇人民政府", "", "110106")
    found = letters(
        about(LetterReason.WARNINGS),
        ChasedAgency(TOWN, "", None, LetterReason.MISSING),
        ChasedAgency(respelt, "李四", None, LetterReason.YEAR, "旧.xlsx"),
        ChasedAgency(same_name, "", None, LetterReason.MISSING),
    )
    assert [len(one.matters) for one in found] == [2, 1, 1]
    assert found[0].contact == "李四"
    assert [one.file for one in found] == ["某县统计局.txt", "某镇人民政府.txt", "某镇人民政府-2.txt"]


def test_without_a_date_no_law_is_cited_and_nothing_is_overdue() -> None:
    said = text(ChasedAgency(TOWN, "", None, LetterReason.MISSING), occasion=LetterOccasion(2025))
    assert "报送期限" not in said
    assert "第四十九条" not in said
    assert "逾期" not in said
    assert said.count("年") == said.count("年度")  # no day is told


@pytest.mark.parametrize(("today", "days"), [((2026, 1, 31), 0), ((2026, 2, 1), 1), ((2026, 3, 1), 29), (None, 0)])
def test_days_overdue(today: tuple[int, int, int] | None, days: int) -> None:
    assert count_overdue_days(DUE, LetterOccasion(2025, today=today and datetime.date(*today))) == days
    assert count_overdue_days(None, OCCASION) == 0


@pytest.mark.parametrize("why", [why for why in LetterReason if why is not LetterReason.MISSING])
def test_who_may_have_reported_is_not_told_to_be_overdue(why: LetterReason) -> None:
    said = text(about(why))
    assert not [word for word in ("立即报送", "逾期", "未收到", "尚未收到", "未报") if word in said]
    assert "立即报送" in text(about(LetterReason.MISSING))


FACTS = dict.fromkeys(("own", "wanted", "reason", "kind", "signs", "stated", "file", "files", "cells"), "某")
FACTS |= dict.fromkeys(
    ("place", "value", "values", "names", "best", "revision", "errors", "warnings", "count", "raw"), "9"
)
OURS = (
    *("ogi", "--", "重新汇总", "再次汇总", "维护人员", "核实来源", "提交单位", "对方", "本机", "磁盘", "进程"),
    *("补入名录", "决定", "按要求", "指定", "所给", "命令", "复制进来"),
)
"""What is said to the coordinator and helps no agency."""


PROPER = re.compile("Excel|WPS|XML|Word|PDF|JSON|HTML|CSV|IRM|OpenDocument|Office|MiB")


def reasons() -> dict[str, Bilingual]:
    """Everything that is said of why a file was not read or does not count."""
    why = messages.entry("why")
    said = {key: messages.get(f"why.{key}", **FACTS, limit=describe_limit("members")) for key in why}
    return (
        said
        | {f"kind.{kind}": get_kind_message(kind) for kind in list_unread_kinds()}
        | {"large": build_too_large_error("cells").message, "memory": build_too_large_error("memory").message}
    )


def amiss(said: str) -> list[str]:
    """What in a letter is meant for the coordinator, or in no language of an office."""
    return [word for word in (*OURS, "未报") if word in said] + re.findall(
        r"(?<![.\w])[A-Za-z]{2,}", re.sub(r"部门.zip!|（\.\w+）", "", PROPER.sub("", said))
    )


def test_of_every_reason_an_agency_is_told_what_it_can_mend_and_nothing_else() -> None:
    found = {}
    for key, why in reasons().items():
        for detail in (why, join_sentences(why, messages.get("why.unseen", **FACTS))):
            said = text(
                about(LetterReason.UNREAD if is_coordinator_side(detail) else LetterReason.UNREADABLE, detail=detail)
            ).partition("报送期限")[0]
            if wrong_ := amiss(said):
                found[key] = wrong_, said.splitlines()[7]
    assert not found


def test_the_coordinators_own_troubles_are_not_told() -> None:
    keys = "unavailable no_space folder_shut folder_torn unknown other link link_outside hidden folder process trouble"
    for key in (*keys.split(), "archive_forged", "kind.permission", "kind.changed", "memory"):
        why = reasons()[key]
        assert is_coordinator_side(why), key
        assert why.zh.strip("。") not in text(about(LetterReason.UNREAD, detail=why))
    assert not [
        key
        for key in ("archive", "member", "archive_deep", "kind.xls", "kind.pdf")
        if is_coordinator_side(reasons()[key])
    ]


def test_what_strangers_wrote_steers_nothing() -> None:
    nasty = RosterAgency("某局\n\x1b[31m\u202e二、已免报", "", "", "", "", "张三\r\n李四")
    said = text(
        ChasedAgency(nasty, "", None, LetterReason.UNREADABLE, "a\nb.xlsx", (), Bilingual("第一行\n第二行", ""))
    )
    assert not {"\x1b", "\u202e", "\r"} & set(said)
    assert not [line for line in said.splitlines() if line.startswith(("二、", "李四", "b.xlsx", "第二行"))]


def test_letters_of_a_merge_ask_agencies_and_not_the_coordinator(tmp_path: Path) -> None:
    files: dict[str, Report | str | bytes] = {
        "甲.json": report(1, {"requests.granted.person": 4}),
        "乙.json": report(1, {"requests.granted.person": 9}),
        "错.json": broken(2),
        "去年.json": report(3, year=2023),
        "好.json": report(5),
    }
    lines = [agency(n) for n in range(1, 6)]
    roster = Roster(tuple(RosterAgency(one.name, one.code, one.region, one.level) for one in lines))
    with collected(tmp_path, files) as collection:
        found = letters(*list_chased(collection, call_roll(roster, collection)), occasion=LetterOccasion(2024))
    about_whom = {one.agency.name: [matter.why for matter in one.matters] for one in found}
    assert about_whom[agency(1).name] == [LetterReason.CONFLICT]
    assert about_whom[agency(2).name] == [LetterReason.HELD]
    assert about_whom[agency(3).name] == [LetterReason.YEAR]
    assert about_whom[agency(4).name] == [LetterReason.MISSING]
    assert "（9／4）" in found[0].text
    assert not [one.file for one in found if "--" in one.text]
    assert not [one.file for one in found if "{" in one.text]


def test_to_nobody_no_letter() -> None:
    assert letters() == []
