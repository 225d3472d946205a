"""JSON → workbook → JSON is the identity, whatever a report says; and nothing is found wrong with our own workbook."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import domain
from tests.domain import any_report, plain_json, reports, zero
from tests.office.libreoffice import Office
from tests.samples.filled_workbooks import BEFORE, FORM, OLD_FORM, REPORT, made, rules
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.excel.template.template_writer import list_overflows
from workbook.exchange import report_json
from workbook.model.form_loader import load_form
from workbook.model.numbers import NOT_APPLICABLE
from workbook.model.report import Answer, Report
from workbook.rules.rule_types import list_equations

HUBEI = load_form("annual-2019", "420100")


def there_and_back(path: Path, report: Report, previous: Report | None = None) -> None:
    found = read_workbook(made(path, report, previous))
    assert plain_json(found.report) == plain_json(report)
    assert [rule for rule in rules(found) if rule.startswith("structure")] == []
    if previous is None:
        assert found.previous is None
    else:
        assert found.previous is not None
        assert (found.previous.year, found.previous.values) == (previous.year, previous.values)


@settings(max_examples=60)
@given(report=any_report)
def test_any_report_comes_back_as_it_was(tmp_path_factory, report):
    there_and_back(tmp_path_factory.getbasetemp() / "回.xlsx", report)


@settings(max_examples=20)
@given(report=domain.broken_reports(FORM), previous=reports(FORM), years=st.integers(1, 3))
def test_last_years_figures_come_back_with_it(tmp_path_factory, report, previous, years):
    before = replace(previous, year=max(2019, (report.year or 2022) - years))
    if any(before.values):
        there_and_back(tmp_path_factory.getbasetemp() / "上.xlsx", report, before)


def answered(report: Report, *answers: Answer) -> Report:
    return replace(report, answers=answers)


warned = next(rule for rule in list_equations(FORM) if rule.rule == "carried-over")

REPORTS = {
    "all zero": zero(FORM),
    "every cell its own figure": REPORT,
    "the old form": zero(OLD_FORM),
    "Hubei's added row": replace(
        zero(HUBEI).with_values({"legislation.other_documents.made": 7}), agency=replace(domain.AGENCY, region="420100")
    ),
    "nothing filled": replace(zero(FORM), values=(None,) * len(FORM.cells), texts={}),
    "nothing said of the agency": replace(zero(FORM), agency=type(REPORT.agency)(), year=None),
    "blanks and marks": zero(FORM).with_values({"requests.new.person": None, "requests.new.total": NOT_APPLICABLE}),
    "words": zero(FORM).with_values({"requests.new.person": "约10", "requests.results.total": "详见附件"}),
    "a total that disagrees": zero(FORM).with_values({"requests.results.person": 5, "requests.results.total": 4}),
    "a total left blank": REPORT.with_values({"requests.results.person": None}),
    "money to the fen": zero(FORM).with_values({"fees.fees.amount": 4_166_214_619}),
    "broken money and counts": zero(FORM).with_values(
        {"fees.fees.amount": Decimal("0.5"), "requests.new.person": Decimal("1.5"), "requests.new.total": 2}
    ),
    "more digits than a spreadsheet holds": zero(FORM).with_values({"requests.new.person": 12345678901234567890}),
    "a negative count": zero(FORM).with_values({"requests.new.person": -3, "requests.new.total": -3}),
    "signs of all kinds": replace(
        REPORT,
        texts={
            "overview": "一段\n\n=SUM(A1)\n  <&>\"'　_x0041_ 😀𠮷\n'引号\n+1\n-2\n@x\n{=1}",
            "problems": "1",
            "other": "1.0",
        },
    ),
    "forms' headings within a text": replace(
        REPORT,
        texts={"overview": "\n".join(section.label for section in FORM.sections), "problems": FORM.sections[5].label},
    ),
    "many paragraphs": replace(REPORT, texts={"overview": "\n".join(f"第{n}段" for n in range(60)), "other": "无"}),
    "a paragraph as long as a cell takes": replace(REPORT, texts={"overview": "字" * 32767}),
    "answers": answered(
        REPORT,
        Answer("unit", ("fees.fees.amount",), "原因一", "0123456789abcdef"),
        Answer(warned.rule, warned.cells, "原因二\n第二行", ""),
        Answer(warned.rule, warned.cells, "原因三", "ffffffffffffffff"),
        Answer("unit", ("fees.fees.amount",), "原因一", "0123456789abcdef"),
        Answer("number-clean", (), "没有格", ""),
        Answer(warned.rule, tuple(reversed(warned.cells)), "=不是公式", "0"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("previous", [None, BEFORE], ids=["alone", "with last year"])
def test_this_report_comes_back_as_it_was(tmp_path, name, previous):
    report = REPORTS[name]
    if previous is not None and report.form.id != previous.form.id:
        previous = replace(report, year=(report.year or 2022) - 1) if any(report.values) else None
    there_and_back(tmp_path / "年报.xlsx", report, previous)


@pytest.mark.office
@pytest.mark.parametrize(
    "name", ["every cell its own figure", "Hubei's added row", "blanks and marks", "a total that disagrees", "answers",
             "signs of all kinds", "money to the fen"]
)  # fmt: skip
def test_it_comes_back_through_another_program(tmp_path, office: Office, name):
    report = REPORTS[name]
    previous = replace(report, year=(report.year or 2022) - 1) if any(report.values) else None
    found = read_workbook(office.convert(made(tmp_path / "年报.xlsx", report, previous), tmp_path / "存.xlsx"))
    assert plain_json(found.report) == plain_json(report)
    assert rules(found) == []
    assert (found.previous and found.previous.values) == (previous and previous.values)


def test_what_a_cell_cannot_hold_is_told_before_writing():
    long = replace(REPORT, texts={"overview": "短\n" + "字" * 32768, "other": "无"})
    assert [place.zh for place in list_overflows(long)] == ["一、总体情况"]
    assert list_overflows(REPORT) == []


def test_twice_there_and_back_gives_the_same_bytes(tmp_path):
    first = made(tmp_path / "一.xlsx")
    found = read_workbook(first)
    assert made(tmp_path / "二.xlsx", found.report, found.previous).read_bytes() == first.read_bytes()
    assert report_json.dump_report_text(found.report) == report_json.dump_report_text(REPORT)
