"""The ogi command as a user meets it: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests import domain
from tests.samples.command_line import Ended, Ogi
from workbook.cli import check_command, file_arguments, main
from workbook.cli.arguments import COMMANDS
from workbook.cli.console import measure_width, messages, to_plain_line, wrap_text
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange import ReportData, report_json
from workbook.exchange.json_schema import build_schema
from workbook.model import rule_catalog
from workbook.model.finding import Severity
from workbook.model.form_loader import get_form_in_force, list_form_ids, load_form
from workbook.model.identity import Identity
from workbook.model.report import Answer, Report
from workbook.rules.evaluation import check_report
from workbook.rules.rule_types import get_sheet_name, list_equations
from workbook.rules.suspects import find_suspects
from workbook.safety import atomic_write

PUBLISHED, CLEAN = (domain.EXAMPLES / f"{name}.json" for name in ("市中区统计局-2020", "洛龙区统计局-2020"))
ZERO = domain.zero(load_form("annual-2021"))
CONTRACT = {"file", "rule", "severity", "cells", "location", "actual", "expected", "difference", "message", "citation"}
MORE = {"title", "advice", "figures", "answer", "suspects"}


def saved(folder: Path, report: Report, name: str = "年报 一.json") -> Path:
    path = folder / name
    path.write_text(report_json.dump_report_text(report), "utf-8")
    return path


def two_years(form_id: str = "annual-2021") -> tuple[Report, Report]:
    """Last year's report and this year's, the latter with one warning: a balance that does not follow."""
    form = load_form(form_id)
    last = domain.zero(form)
    rule = next(rule for rule in list_equations(form) if rule.yearly and rule.rule == "carried-over")
    code = rule.right[0].cell.code
    figures = domain.consistent(form, {code: 2})
    return last.with_values(figures), domain.zero(form, (last.year or 0) + 1)


# help and the command line


def test_alone_it_gives_an_orientation(ogi: Ogi) -> None:
    ended = ogi()
    assert ended.code == 0
    assert "ogi check" in ended.out
    assert len(ended.out.splitlines()) < 12


def test_version(ogi: Ogi) -> None:
    assert ogi("--version").out.startswith("ogi 0.")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(ogi: Ogi, command: str) -> None:
    ended = ogi(command, "--help")
    assert ended.code == 0
    assert f"ogi {command}" in ended.out.partition("例：")[2]
    assert ended.out.startswith(messages.text("help.usage"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: 错.json with four errors, 清.json with a warning, 零.json and 簿.xlsx without any finding."""
    (tmp_path / "错.json").write_bytes(PUBLISHED.read_bytes())
    (tmp_path / "清.json").write_bytes(CLEAN.read_bytes())
    write_workbook(tmp_path / "簿.xlsx", report_json.load_report(saved(tmp_path, ZERO, "零.json")).report)
    monkeypatch.chdir(tmp_path)
    return tmp_path


CANNOT_BE_DONE = [
    # (the command line, what the one sentence names)
    ("chekc", "chekc"),
    ("check", "FILE"),
    ("new", "--year"),
    ("new --year 今年 -o 新.xlsx", "今年"),
    ("check 清.json --colour", "--colour"),
    ("check 清.json --lang fr", "fr"),
    ("export 簿.xlsx -o", "-o"),
    ("check 清.json 错.json --previous 清.json", "--previous"),
    ("check 没有.xlsx", "没有.xlsx"),
    ("check 没有.json", "没有.json"),
    ("check 没有*.xlsx", "没有*.xlsx"),
    ("check .", "文件夹"),
    ("new --year 2018 -o 新.xlsx", "2018"),
    ("new --year 10000 -o 新.xlsx", "10000"),
    ("new --year 2025 --level 国王 -o 新.xlsx", "国王"),
    ("new --year 2022 --from 清.json -o 新.xlsx", "2021"),
    ("import 簿.xlsx -o 新.xlsx", "repair"),
    ("new --year 2025 -o 新.doc", ".xlsx"),
    ("export 簿.xlsx -o 新.doc", ".json"),
    ("import 清.json -o 新.doc", ".xlsx"),
    ("repair 簿.xlsx -o 新.doc", ".xlsx"),
    ("merge 清.json -o 新.docx", ".xlsx"),
    ("merge 没有 -o 新.xlsx", "没有"),
    ("schema annual-1999", "annual-2019"),
    ("rules --form ../x", "annual-2019"),
]


@pytest.mark.parametrize(("line", "named"), CANNOT_BE_DONE, ids=[line for line, _ in CANNOT_BE_DONE])
def test_what_cannot_be_done_is_one_sentence(ogi: Ogi, folder: Path, line: str, named: str) -> None:
    before = sorted(folder.iterdir())
    ended = ogi(*line.split())
    assert (ended.code, ended.out) == (2, "")
    assert named in ended.err
    assert len(ended.err.splitlines()) == 1
    assert "argument" not in ended.err
    assert sorted(folder.iterdir()) == before


# check


@pytest.mark.parametrize(
    ("files", "code", "last"),
    [
        ("零.json", 0, "没有发现问题"),
        ("簿.xlsx", 0, "没有发现问题"),
        ("清.json", 0, "1 处提醒"),
        ("清.json 错.json", 1, "共 2 份：4 处错误、2 处提醒"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_the_last_line_counts_what_was_found(ogi: Ogi, files: str, code: int, last: str) -> None:
    ended = ogi("check", *files.split())
    assert ended.code == code
    assert ended.out.splitlines()[-1] == last


def test_check_groups_findings_under_the_cell_most_likely_wrong(ogi: Ogi) -> None:
    ended = ogi("check", PUBLISHED)
    report = report_json.load_report(PUBLISHED).report
    (suspect,) = find_suspects(report)
    lines = ended.out.splitlines()
    first = next(n for n, line in enumerate(lines) if suspect.words(report).zh in line)
    errors = [n for n, line in enumerate(lines) if "✗ 错误" in line]
    assert ended.code == 1
    assert len(errors) == 4
    assert first < min(errors)
    assert report.agency.name in lines[0]
    assert lines[-1] == "4 处错误、1 处提醒"


@pytest.mark.parametrize(
    ("cell", "typed", "code", "said"),
    [
        *(
            ("requests.new.person", typed, 1, f"“{typed}”不是一个明确的数字")
            for typed in ("96（应为69）", "5（万）", "5【作废】", "10（或12）", "5（单位：百件）")
        ),
        (
            "fees.fees.amount",
            "41662146.19（单位：元）",
            0,
            "已按 4166.214619 万元读取；若所写单位有误，则为 41662146.19 万元",
        ),
    ],
)
def test_a_note_beside_a_number_is_never_passed_over(
    ogi: Ogi, tmp_path: Path, cell: str, typed: str, code: int, said: str
) -> None:
    ended = ogi("check", saved(tmp_path, ZERO.with_values({cell: typed})))
    assert ended.code == code
    assert said in ended.out


def test_a_finding_says_what_to_do_and_on_whose_authority(ogi: Ogi) -> None:
    out = ogi("check", PUBLISHED).out
    for found in check_report(report_json.load_report(PUBLISHED).report):
        assert rule_catalog.format_message(found) in out
        assert "→ " + rule_catalog.format_advice(found) in out
        assert rule_catalog.get_citation(found) in out


def test_check_as_json_keeps_the_contract(ogi: Ogi) -> None:
    ended = ogi("check", PUBLISHED, "--json")
    found = json.loads(ended.out)
    report = report_json.load_report(PUBLISHED).report
    (suspect,) = find_suspects(report)
    assert ended.code == 1
    assert all(set(one) == CONTRACT | MORE for one in found)
    error = next(one for one in found if one["rule"] == "results-total")
    assert error["file"] == str(PUBLISHED)
    assert error["cells"][0] == "requests.results.person"
    assert error["location"] == "/tables/requests/results/person"
    assert (error["actual"], error["expected"], error["difference"]) == (0, 4, -4)
    assert error["suspects"] == [
        {"cell": cell.code, "location": str(report.source(cell.code)), "value": value}
        for cell, value in suspect.changes
    ]
    assert all(one["suspects"] == [] for one in found if one["severity"] != "error")


def test_a_workbook_says_the_same_with_its_own_places(ogi: Ogi, tmp_path: Path) -> None:
    path = tmp_path / "年报 一.xlsx"
    write_workbook(path, report_json.load_report(PUBLISHED).report)
    book, plain_json = (json.loads(ogi("check", one, "--json").out) for one in (path, PUBLISHED))
    assert [one["rule"] for one in book] == [one["rule"] for one in plain_json]
    error = next(one for one in book if one["rule"] == "results-total")
    form = get_form_in_force(2020)
    sheet = get_sheet_name(form, form.table("requests"))
    assert error["location"] == f"{sheet}!D27"
    assert error["suspects"][0]["location"] == f"{sheet}!D27"


def test_money_in_json_is_exact(ogi: Ogi, tmp_path: Path) -> None:
    last, now = two_years()
    cell = next(cell for cell in now.form.cells if cell.unit.scale > 1)
    before = saved(tmp_path, last.with_values({cell.code: 4166214619}), "上年.json")
    path = saved(tmp_path, now.with_values({cell.code: 4166214619 * 10_000}))
    found = json.loads(ogi("check", path, "--previous", before, "--json").out)
    scale = next(one for one in found if one["rule"] == "unit-scale")
    assert (scale["actual"], scale["expected"]) == ("41662146.19", "4166.214619")


def test_last_years_report_is_checked_against(ogi: Ogi, tmp_path: Path) -> None:
    last, now = two_years()
    before, path = saved(tmp_path, last, "上年.json"), saved(tmp_path, now)
    alone = ogi("check", path, "--json")
    ended = ogi("check", path, "--previous", before, "--json")
    rules = {one["rule"] for one in json.loads(ended.out)}
    assert ended.code == 0
    assert ended.err == ""
    assert "carried-over" in rules
    assert json.loads(alone.out) == []


def test_a_wrong_last_year_is_doubted(ogi: Ogi, tmp_path: Path) -> None:
    last, now = two_years()
    other = replace(last, year=(last.year or 0) - 1, agency=replace(last.agency, name="别的局"))
    ended = ogi("check", saved(tmp_path, now), "--previous", saved(tmp_path, other, "上年.json"))
    assert str(last.year) in ended.err
    assert "别的局" in ended.err


def test_an_unreadable_last_year_cannot_be_done(ogi: Ogi, tmp_path: Path) -> None:
    ended = ogi("check", CLEAN, "--previous", tmp_path / "没有.xlsx", "--json")
    assert ended.code == 2
    assert [one["rule"] for one in json.loads(ended.out)] == ["unreadable"]


def test_an_answered_warning_does_not_count(ogi: Ogi, tmp_path: Path) -> None:
    last, now = two_years()
    asked = [one for one in check_report(now, last) if one.severity is Severity.WARNING]
    given = tuple(Answer(one.rule, one.cells, "已核对，划转所致。", one.figures) for one in asked)
    path, before = saved(tmp_path, replace(now, answers=given)), saved(tmp_path, last, "上年.json")
    ended = ogi("check", path, "--previous", before)
    assert ended.out.count("已说明") == len(asked) + 1
    assert "已核对，划转所致。" in ended.out
    assert "处提醒" not in ended.out
    data = json.loads(ogi("check", path, "--previous", before, "--json").out)
    assert {one["answer"] for one in data if one["severity"] == "warning"} == {"已核对，划转所致。"}


def test_unreadable_files_hide_nothing(ogi: Ogi, tmp_path: Path) -> None:
    broken = tmp_path / "坏 的.xlsx"
    broken.write_bytes(b"PK\x03\x04 nothing")
    ended = ogi("check", broken, PUBLISHED)
    assert ended.code == 2
    assert str(broken) in ended.err
    assert "4 处错误" in ended.out
    ended = ogi("check", broken, PUBLISHED, "--json")
    found = json.loads(ended.out)
    assert ended.code == 2
    assert found[0] | {"message": ""} == {
        "file": str(broken), "rule": "unreadable", "severity": "error", "cells": [], "location": "", "actual": None,
        "expected": None, "difference": None, "message": "", "citation": "", "title": "无法读取", "advice": "",
        "figures": "", "answer": "", "suspects": [],
    }  # fmt: skip
    assert found[0]["message"]
    assert len(found) > 1


def test_patterns_are_filled_in(ogi: Ogi, tmp_path: Path) -> None:
    saved(tmp_path, ZERO, "甲.json")
    saved(tmp_path, ZERO, "乙.json")
    assert "共 2 份" in ogi("check", tmp_path / "*.json").out


@pytest.mark.parametrize(
    ("environment", "arguments", "english"),
    [
        ({}, ["--lang", "en"], True),
        ({"OGI_LANG": "en"}, [], True),
        ({"LANG": "en_US.UTF-8"}, [], True),
        ({"LANG": "en_US.UTF-8", "OGI_LANG": "zh"}, [], False),
        ({"OGI_LANG": "en"}, ["--lang", "zh"], False),
        ({"LANG": "zh_CN.UTF-8"}, [], False),
        ({"LANG": "C"}, [], False),
    ],
)
def test_the_language_of_findings(
    ogi: Ogi, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], arguments: list[str], english: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ended = ogi("check", PUBLISHED, *arguments)
    found = next(one for one in check_report(report_json.load_report(PUBLISHED).report))
    assert (rule_catalog.format_message(found, "en") in ended.out) == english
    assert ended.out.splitlines()[-1] == ("4 error(s), 1 warning(s)" if english else "4 处错误、1 处提醒")


@pytest.mark.parametrize("stated", [["--lang", "en"], ["--lang=en"]])
def test_what_is_wrong_with_the_arguments_is_said_in_the_language_asked_for(ogi: Ogi, stated: list[str]) -> None:
    ended = ogi("merge", *stated)
    assert ended.code == 2
    assert "required" in ended.err
    assert ended.err.isascii()


def test_words_in_a_cell_cannot_steer_the_terminal(ogi: Ogi, tmp_path: Path) -> None:
    report = ZERO
    cell = domain.leaves(report.form)[0].code
    evil = report.with_values({cell: "\x1b[2J約\u202e十\n行"})
    out = ogi("check", saved(tmp_path, evil)).out
    assert not set(out) & {"\x1b", "\u202e"}
    assert "〔U+001B〕[2J" in out


class _Terminal:
    """A standard output that says it is a terminal."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return True


def test_colour_only_on_a_terminal_that_wants_it(monkeypatch: pytest.MonkeyPatch, ogi: Ogi) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b" not in ogi("check", PUBLISHED).out
    shown = {}
    for no_colour in ("", "1"):
        terminal = _Terminal()
        monkeypatch.setenv("NO_COLOR", no_colour)
        monkeypatch.setattr(sys, "stdout", terminal)
        assert main(["check", str(PUBLISHED)]) == 1
        shown[no_colour] = terminal.text
    assert "\x1b[31m" in shown[""]
    assert "\x1b" not in shown["1"]


def test_progress_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch, ogi: Ogi) -> None:
    assert ogi("check", CLEAN, PUBLISHED).err == ""
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    main(["check", str(CLEAN), str(PUBLISHED)])
    assert "1/2" in terminal.text
    assert "\n" not in terminal.text
    assert terminal.text.endswith("\r\x1b[K")


# new


def test_new_is_blank_with_the_identity_stated(ogi: Ogi, tmp_path: Path) -> None:
    path = tmp_path / "新 年报.xlsx"
    agency = domain.AGENCY
    stated = ["--agency", agency.name, "--code", agency.code, "--region", agency.region, "--level", agency.level]
    ended = ogi("new", "--year", 2025, *stated, "-o", path)
    report = read_workbook(path).report
    assert ended.code == 0
    assert ended.err == ""
    assert (report.year, report.agency, report.form.id) == (2025, agency, "annual-2021")
    assert set(report.values) == {None}


def test_new_takes_a_level_by_its_label(ogi: Ogi, tmp_path: Path) -> None:
    ogi("new", "--year", 2020, "--level", "县级政府部门", "-o", tmp_path / "a.xlsx")
    assert read_workbook(tmp_path / "a.xlsx").report.agency.level == "county-department"


def test_new_doubts_a_wrong_code(ogi: Ogi, tmp_path: Path) -> None:
    ended = ogi("new", "--year", 2025, "--code", "123", "-o", tmp_path / "a.xlsx")
    assert ended.code == 0
    assert "123" in ended.err


@pytest.mark.parametrize("kind", ["json", "xlsx"])
@pytest.mark.parametrize(
    ("last_form", "last_year"), [("annual-2019", 2019), ("annual-2019", 2020), ("annual-2021", 2024)]
)
def test_new_from_last_year(ogi: Ogi, tmp_path: Path, kind: str, last_form: str, last_year: int) -> None:
    form = load_form(last_form)
    codes = {cell.code: n for n, cell in enumerate(domain.leaves(form), 1)}
    agency = replace(domain.AGENCY, contact="张三", revision=2)
    last = replace(domain.zero(form, last_year).with_values(domain.consistent(form, codes)), agency=agency)
    source, path = tmp_path / f"上年.{kind}", tmp_path / "今年.xlsx"
    if kind == "json":
        saved(tmp_path, last, source.name)
    else:
        write_workbook(source, last)
    ended = ogi("new", "--year", last_year + 1, "--from", source, "-o", path)
    assert ended.code == 0
    submission = read_workbook(path)
    assert submission.report.agency == replace(agency, revision=0)
    assert submission.report.year == last_year + 1
    assert set(submission.report.values) == {None}
    shown = submission.previous
    assert shown is not None
    yearly = {t.cell.code for rule in list_equations(shown.form) for t in rule.terms if t.previous}
    for code in yearly & set(form.index):
        assert shown[code] == last[code]
    same = form.id == submission.report.form.id
    assert ("表式相同" in ended.out) == same
    if not same:
        kept = sum(1 for cell in form.cells if cell.code in submission.report.form.index)
        assert f"{kept} 个按原栏目带入" in ended.out
        assert f"{len(form.cells) - kept} 个没有对应栏目" in ended.out


def test_new_warns_of_another_agency(ogi: Ogi, tmp_path: Path) -> None:
    ended = ogi("new", "--year", 2021, "--from", CLEAN, "--agency", "改名局", "-o", tmp_path / "a.xlsx")
    assert ended.code == 0
    assert "改名局" in ended.err
    assert read_workbook(tmp_path / "a.xlsx").report.agency.name == "改名局"


# export, import, repair


def test_out_and_back_is_the_same(ogi: Ogi, tmp_path: Path) -> None:
    last, now = two_years()
    for n, report in enumerate([last, now, report_json.load_report(PUBLISHED).report]):
        path = saved(tmp_path, report, f"{n}.json")
        assert ogi("import", path, "-o", tmp_path / f"{n}.xlsx").code == 0
        ended = ogi("export", tmp_path / f"{n}.xlsx", "-o", tmp_path / f"{n}-2.json")
        assert ended.code == 0
        assert (tmp_path / f"{n}-2.json").read_bytes() == path.read_bytes()


def test_reading_findings_are_one_line_beside_the_export(ogi: Ogi, tmp_path: Path) -> None:
    report = ZERO
    cell = domain.leaves(report.form)[0].code
    path = tmp_path / "a.xlsx"
    write_workbook(path, report.with_values({cell: "17个"}))
    ended = ogi("export", path, "-o", tmp_path / "a.json")
    assert len(ended.err.splitlines()) == 1
    assert "1 处注意" in ended.err
    assert report_json.load_report(tmp_path / "a.json").report[cell] == 17


def test_a_fresh_reason_is_tied_to_its_figures(ogi: Ogi, tmp_path: Path) -> None:
    last, now = two_years()
    asked = [one for one in check_report(now, last) if one.severity is Severity.WARNING]
    given = tuple(Answer(one.rule, one.cells, "划转。") for one in asked)
    write_workbook(tmp_path / "a.xlsx", replace(now, answers=given), last)
    assert ogi("export", tmp_path / "a.xlsx", "-o", tmp_path / "a.json").code == 0
    answers = report_json.load_report(tmp_path / "a.json").report.answers
    assert sorted((a.rule, a.figures) for a in answers) == sorted((one.rule, one.figures) for one in asked)


def test_import_says_errors_in_the_json(ogi: Ogi, tmp_path: Path) -> None:
    data = report_json.dump_report(ZERO)
    del data["tables"]["reviews"]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(data), "utf-8")
    ended = ogi("import", path, "-o", tmp_path / "a.xlsx")
    assert ended.code == 1
    assert "1 处错误" in ended.err
    assert (tmp_path / "a.xlsx").exists()


def test_a_paragraph_too_long_for_a_cell_is_refused(ogi: Ogi, tmp_path: Path) -> None:
    report = ZERO
    path = saved(tmp_path, replace(report, texts={**report.texts, "overview": "长" * 40_000}))
    ended = ogi("import", path, "-o", tmp_path / "a.xlsx")
    assert ended.code == 2
    assert report.form.texts[0].label in ended.err
    assert not (tmp_path / "a.xlsx").exists()


def test_repair_keeps_the_figures_and_says_what_was_wrong(ogi: Ogi, tmp_path: Path) -> None:
    report = report_json.load_report(CLEAN).report
    good, bad, mended = (tmp_path / f"{name}.xlsx" for name in ("好", "坏", "修"))
    write_workbook(good, report)
    book = load_workbook(good)
    sheet = book[get_sheet_name(report.form, report.form.table("requests"))]
    sheet.protection.disable()
    sheet["D27"] = 99
    book.save(bad)
    ended = ogi("repair", bad, "-o", mended)
    assert ended.code == 0
    assert "D27" in ended.out
    after = read_workbook(mended)
    assert after.report.agency == report.agency
    assert after.report["requests.results.person"] == 99
    assert not [one for one in after.findings if one.rule == "structure-protection"]


def test_repair_of_a_sound_workbook_changes_nothing(ogi: Ogi, tmp_path: Path) -> None:
    write_workbook(tmp_path / "a.xlsx", report_json.load_report(CLEAN).report)
    ended = ogi("repair", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx")
    assert "没有发现需要移动或改动之处" in ended.out
    assert read_workbook(tmp_path / "b.xlsx").report == read_workbook(tmp_path / "a.xlsx").report


# what is written, and what is not


@pytest.fixture
def writing(tmp_path: Path) -> Callable[[str, Path], list[object]]:
    """Arguments of every command that writes, with its output."""
    source = saved(tmp_path, ZERO, "来源.json")
    book = tmp_path / "来源.xlsx"
    write_workbook(book, ZERO)
    arguments: dict[str, list[object]] = {
        "new": ["new", "--year", 2025],
        "export": ["export", book],
        "import": ["import", source],
        "repair": ["repair", book],
        "merge": ["merge", source],
        "schema": ["schema"],
    }
    return lambda command, target: [*arguments[command], "-o", target]


WRITERS = [("new", ".xlsx"), ("export", ".json"), ("import", ".xlsx"), ("repair", ".xlsx"), ("merge", ".xlsx")]
ALL_WRITERS = [*WRITERS, ("schema", ".json")]
Writing = Callable[[str, Path], list[object]]


@pytest.mark.parametrize(("command", "suffix"), ALL_WRITERS)
def test_an_existing_file_is_kept_unless_forced(
    ogi: Ogi, tmp_path: Path, writing: Writing, command: str, suffix: str
) -> None:
    target = tmp_path / f"输出 文件{suffix}"
    target.write_text("旧")
    ended = ogi(*writing(command, target))
    assert ended.code == 2
    assert "--force" in ended.err
    assert target.read_text() == "旧"
    assert ogi(*writing(command, target), "--force").code == 0
    assert target.read_bytes()[:1] in (b"P", b"{")


@pytest.mark.parametrize(("command", "suffix"), ALL_WRITERS)
def test_the_folder_must_exist(ogi: Ogi, tmp_path: Path, writing: Writing, command: str, suffix: str) -> None:
    ended = ogi(*writing(command, tmp_path / "没有" / f"a{suffix}"))
    assert ended.code == 2
    assert str(tmp_path / "没有") in ended.err
    ended = ogi(*writing(command, tmp_path / "来源.json" / f"a{suffix}"))
    assert ended.code == 2
    (tmp_path / f"夹{suffix}").mkdir()
    assert ogi(*writing(command, tmp_path / f"夹{suffix}"), "--force").code == 2


@pytest.mark.parametrize(("command", "suffix"), ALL_WRITERS)
def test_a_full_disk_is_a_sentence_and_leaves_nothing(
    ogi: Ogi, tmp_path: Path, writing: Writing, command: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    arguments = writing(command, tmp_path / f"a{suffix}")
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(atomic_write.os, "fsync", full)
    ended = ogi(*arguments)
    assert ended.code == 2
    assert "磁盘空间不足" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_without_permission_is_said(
    ogi: Ogi, tmp_path: Path, writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = writing("new", tmp_path / "a.xlsx")
    monkeypatch.setattr(file_arguments.os, "access", lambda *_: False)
    ended = ogi(*arguments)
    assert ended.code == 2
    assert str(tmp_path) in ended.err
    trouble = PermissionError(13, "Permission denied", "a.part", None, "a.xlsx")
    assert file_arguments.describe_file_error(trouble)[0].startswith("a.xlsx：没有权限")


def test_an_output_is_never_an_input(ogi: Ogi, tmp_path: Path, writing: Writing) -> None:
    book = writing("export", tmp_path / "x.json")[1]
    for arguments in (["repair", book, "-o", book], ["new", "--year", 2023, "--from", book, "-o", book]):
        ended = ogi(*arguments, "--force")
        assert ended.code == 2
        assert "输入文件" in ended.err
    link = tmp_path / "链接.xlsx"
    link.symlink_to(str(book))
    assert ogi("repair", book, "-o", link, "--force").code == 2


# reference


@pytest.mark.parametrize("form_id", list_form_ids())
def test_schema(ogi: Ogi, tmp_path: Path, form_id: str) -> None:
    assert json.loads(ogi("schema", form_id).out) == build_schema(load_form(form_id))
    ogi("schema", form_id, "-o", tmp_path / "s.json")
    assert json.loads((tmp_path / "s.json").read_text("utf-8")) == build_schema(load_form(form_id))


def test_the_schema_of_the_newest_form_needs_no_name(ogi: Ogi) -> None:
    assert json.loads(ogi("schema").out) == build_schema(load_form(list_form_ids()[-1]))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("arguments", [[], ["--markdown"]])
def test_the_rule_book_tells_every_rule(ogi: Ogi, lang: str, arguments: list[str]) -> None:
    out = ogi("rules", "--lang", lang, *arguments).out
    for norm in rule_catalog.get_rule_book().values():
        wording = norm.wording(lang)
        assert norm.id in out
        assert wording.text in out
        assert norm.citation in out
        if arguments:
            assert wording.message in out
            assert wording.fix in out


@pytest.mark.parametrize("form_id", list_form_ids())
def test_the_rule_book_of_a_form_names_every_equation(ogi: Ogi, form_id: str) -> None:
    out = ogi("rules", "--form", form_id, "--markdown").out
    form = load_form(form_id)
    for rule in list_equations(form):
        entry = out.partition(f'<a id="{rule.rule}">')[2].partition("\n## ")[0]
        line = next(line for line in entry.splitlines() if form.table(rule.table.code).title in line)
        assert rule.line.brief.zh in entry or "全部" in line
        assert form.id in line
        down = rule.line in rule.table.columns
        for term in rule.terms:
            assert (term.cell.row if down else term.cell.column).code in entry
    other = next(load_form(other) for other in list_form_ids() if other != form_id)
    only_there = {r.rule for r in list_equations(other)} - {r.rule for r in list_equations(form)}
    assert only_there
    assert not [rule for rule in only_there if f"`{rule}`" in out]


def test_a_markdown_table_has_as_many_cells_as_its_head(ogi: Ogi) -> None:
    rows = [line for line in ogi("rules", "--markdown").out.splitlines() if line.startswith("|")]
    assert len({row.replace("\\|", "").count("|") for row in rows}) == 1


# merge


def test_merge_sums_and_says_what_became_of_every_file(ogi: Ogi, tmp_path: Path) -> None:
    folder = tmp_path / "收到 的"
    folder.mkdir()
    for path in (PUBLISHED, CLEAN):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "说明.txt").write_text("请查收", "utf-8")
    book, plain_json = tmp_path / "汇总.xlsx", tmp_path / "汇总.json"
    one, other = (report_json.load_report(path).report for path in (PUBLISHED, CLEAN))
    held = ogi("merge", folder, "-o", book, "-o", plain_json)
    assert held.code == 1
    assert "1 个单位" in held.out
    assert "有错误，未计入" in held.out
    assert sum_in(plain_json).values == other.values
    assert book.read_bytes()[:2] == b"PK"
    both = ogi("merge", folder, "-o", book, "-o", plain_json, "--include-errors", "--force")
    assert both.code == 1
    assert "2 个单位" in both.out
    assert "核对" in both.out
    assert "不必重读" in both.out
    assert "不必重读" not in ogi("merge", folder, "-o", book, "--no-cache", "--force").out
    assert sum_in(plain_json).values == (one + other).values


def sum_in(path: Path) -> Report:
    return report_json.load_report_data(json.loads(path.read_text("utf-8"))["sum"]).report


def test_a_sum_is_no_part_of_itself(ogi: Ogi, tmp_path: Path) -> None:
    (tmp_path / CLEAN.name).write_bytes(CLEAN.read_bytes())
    arguments = ["merge", tmp_path, "-o", tmp_path / "汇总.xlsx", "-o", tmp_path / "汇总.json", "--force"]
    ogi(*arguments)
    first = sum_in(tmp_path / "汇总.json")
    ogi(*arguments)
    assert sum_in(tmp_path / "汇总.json") == first
    elsewhere = tmp_path / "另" / "汇总.xlsx"
    elsewhere.parent.mkdir()
    ended = ogi("merge", tmp_path, "-o", elsewhere)
    assert sum_in(tmp_path / "汇总.json") == first
    assert "略过 2" in ended.out, "the workbook and the JSON of the earlier merge"


def test_every_format_is_written_by_its_name(ogi: Ogi, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = saved(folder, ZERO)
    targets = [tmp_path / f"汇总{suffix}" for suffix in (".xlsx", ".json", ".csv", ".html", ".parquet")]
    given = [word for target in targets for word in ("-o", target)]
    assert ogi("merge", path, *given, "--lang", "en").code == 0
    assert all(target.stat().st_size for target in targets)


@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
def test_parquet_without_its_libraries_is_refused_before_the_merge(
    ogi: Ogi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    ended = ogi("merge", CLEAN, "-o", tmp_path / "a.xlsx", "-o", tmp_path / "a.parquet")
    assert ended.code == 2
    assert library in ended.err
    assert "pip install" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_lines_for_programs(ogi: Ogi, tmp_path: Path) -> None:
    ended = ogi("merge", CLEAN, "-o", tmp_path / "a.xlsx", "--json")
    events = [json.loads(line) for line in ended.out.splitlines()]
    assert [one["event"] for one in events] == ["reading", "merging", "writing", "done"]
    done = events[-1]
    assert (done["merged"], done["reconciled"], done["exit"]) == (1, True, 0)
    assert sum(done["files"].values()) == 1
    assert done["written"] == [str(tmp_path / "a.xlsx")]


def test_choosing_and_deciding(ogi: Ogi, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    first = replace(ZERO, agency=Identity("某局"))
    other = first.with_values({"licensing.permits.decisions": 7})
    (folder / "一.json").write_text(report_json.dump_report_text(first), "utf-8")
    (folder / "二.json").write_text(report_json.dump_report_text(other), "utf-8")
    out = tmp_path / "a.json"
    assert ogi("merge", folder, "-o", out).code == 1
    assert json.loads(out.read_text("utf-8"))["merged"] == 0
    assert ogi("merge", folder, "-o", out, "--choose", "二.json", "--force").code == 0
    assert sum_in(out)["licensing.permits.decisions"] == 7
    decisions = tmp_path / "决定.csv"
    decisions.write_text("文件,决定\n一.json,采用\n二.json,不采用\n", "gb18030")
    assert ogi("merge", folder, "-o", out, "--decisions", decisions, "--force").code == 0
    assert sum_in(out)["licensing.permits.decisions"] == 0
    assert "没有.json" in ogi("merge", folder, "-o", out, "--choose", "没有.json", "--force").err
    decisions.write_text("文件,决定\n一.json,也许\n", "utf-8")
    assert "也许" in ogi("merge", folder, "-o", out, "--decisions", decisions, "--force").err


def test_an_interrupted_merge_says_what_is_kept(ogi: Ogi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("workbook.cli.merge_command.collect_reports", interrupted)
    ended = ogi("merge", CLEAN, "-o", tmp_path / "a.xlsx", "--cache", tmp_path / "c")
    assert (ended.code, "不必重读" in ended.err) == (130, True)
    assert "不必重读" not in ogi("merge", CLEAN, "-o", tmp_path / "a.xlsx", "--no-cache").err
    assert not (tmp_path / "a.xlsx").exists()


def test_roster_previous_letters_and_workbooks_to_hand_in(ogi: Ogi, tmp_path: Path) -> None:
    form = load_form("annual-2021")
    folder, before = tmp_path / "in", tmp_path / "去年"
    for at in (folder, before):
        at.mkdir()
    one = replace(domain.zero(form, 2024), agency=Identity("某县甲局"))
    (folder / "甲.json").write_text(
        report_json.dump_report_text(one.with_values({"requests.brought.person": 2})), "utf-8"
    )
    last = replace(one, year=2023).with_values({"requests.carried.person": 5, "requests.carried.total": 5})
    (before / "甲.json").write_text(report_json.dump_report_text(last), "utf-8")
    roster = tmp_path / "名录.csv"
    roster.write_text("机关名称,上级机关\n某县人民政府,\n某县甲局,某县人民政府\n某县乙局,某县人民政府\n", "utf-8")
    out, letters, up = tmp_path / "a.json", tmp_path / "催报", tmp_path / "上报"
    given = ["--roster", roster, "--previous", before, "--chase", letters, "--submit", up, "--include-errors"]
    ended = ogi("merge", folder, "-o", out, *given)
    assert ended.code == 1
    assert "名录上 3 个单位" in ended.out
    data = json.loads(out.read_text("utf-8"))
    assert {found["rule"] for found in data["findings"]} >= {"carried-over"}
    assert [seat["state"] for seat in data["attendance"]].count("missing") == 2
    assert any("某县乙局" in path.name for path in letters.iterdir())
    assert [path.name for path in up.iterdir()] == ["某县人民政府-2024.xlsx"]
    assert ogi("merge", folder, "-o", tmp_path / "b.json", "--previous", out).code in (0, 1, 2)


def test_nothing_to_merge_writes_nothing(ogi: Ogi, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    ended = ogi("merge", tmp_path, "-o", tmp_path / "a.xlsx")
    assert ended.code == 2
    assert not (tmp_path / "a.xlsx").exists()
    assert ogi("merge", CLEAN, "--year", 2023, "-o", tmp_path / "a.xlsx").code == 2


# whatever happens


def test_an_unexpected_error_is_a_sentence(ogi: Ogi, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise LookupError("内部")

    monkeypatch.setattr(check_command, "find_suspects", fail)
    ended = ogi("check", CLEAN)
    assert ended.code == 2
    assert "--debug" in ended.err
    assert len(ended.err.splitlines()) == 1
    with pytest.raises(LookupError):
        main(["check", str(CLEAN), "--debug"])
    monkeypatch.setattr("workbook.exchange.json_schema.build_schema", fail)
    ended = ogi("schema")
    assert (ended.code, len(ended.err.splitlines())) == (2, 1)
    with pytest.raises(LookupError):
        main(["--debug", "schema"])


def test_an_interrupt_is_quiet(ogi: Ogi, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check_command, "check_file", interrupt)
    assert ogi("check", CLEAN) == Ended(130, "", "")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from([".xlsx", ".json"]),
    st.one_of(
        st.binary(max_size=300),
        st.binary(max_size=200).map(lambda some: b"PK\x03\x04" + some),
        st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
            lambda some: st.one_of(
                st.lists(some), st.dictionaries(st.sampled_from(list(ReportData.model_fields)), some)
            ),
        ).map(lambda data: json.dumps(data).encode()),
    ),
)
def test_any_bytes_end_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str, content: bytes
) -> None:
    path = tmp_path / f"任意{suffix}"
    path.write_bytes(content)
    capsys.readouterr()
    assert main(["check", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    for arguments in (
        ["export", str(path), "-o", str(tmp_path / "x.json")],
        ["import", str(path), "-o", str(tmp_path / "x.xlsx")],
    ):
        assert main([*arguments, "--force"]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


# as a program of its own


def program(*arguments: object, module: str = "workbook.cli", **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "OGI_LANG", "PYTHONIOENCODING")}
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, env=kept | environment, cwd=domain.ROOT)


@pytest.mark.parametrize("module", ["workbook", "workbook.cli"])
@pytest.mark.parametrize("environment", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {}])
def test_output_is_utf8_in_any_locale(module: str, environment: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "坏 的.xlsx"
    path.write_bytes(b"")
    ended = program("check", PUBLISHED, path, "--json", module=module, **environment)
    found = json.loads(ended.stdout.decode("utf-8"))
    assert ended.returncode == 2
    assert found[0]["message"]
    assert "空文件" in ended.stderr.decode("utf-8")


def test_a_name_that_is_no_utf8_is_still_named(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.json"
    with open(path, "wb") as file:  # noqa: PTH123 - a name that is bytes
        file.write(CLEAN.read_bytes())
    command = [sys.executable, "-m", "workbook", "check", path, "--json"]
    ended = subprocess.run(command, capture_output=True, check=False, cwd=domain.ROOT)
    assert ended.returncode == 0
    assert json.loads(ended.stdout.decode("utf-8"))[0]["file"].endswith("\udcff.json")


def test_a_reader_that_goes_away_is_no_trouble() -> None:
    command = [sys.executable, "-m", "workbook", "rules", "--markdown"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=domain.ROOT) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() in (0, 141)


# the screen


def test_lines_are_broken_by_width() -> None:
    text = "统一社会信用代码（18 位）· unified social credit code，以及别的说明"
    for columns in range(10, 60):
        lines = wrap_text(text, columns)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(measure_width(line) <= columns + 2 for line in lines)


@given(st.text())
def test_plain_text_has_no_control_characters(text: str) -> None:
    assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in to_plain_line(text))
    assert "\n" not in to_plain_line(text)
    assert text.isprintable() is False or to_plain_line(text) == text
