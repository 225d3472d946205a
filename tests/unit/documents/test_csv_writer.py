"""The long table: one line a cell, in a file that a spreadsheet program opens and does not calculate."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests import domain
from tests.samples.published_documents import FORMS, figure, numbered
from workbook.documents.csv_writer import build_csv

FORM = FORMS[1]


def lines(report, lang="zh"):
    return list(csv.reader(io.StringIO(build_csv(report, lang).decode("utf-8-sig"), newline="")))


def test_agency_year_code_label_value_and_unit_of_every_cell():
    head, *rest = lines(numbered(FORM))
    assert head == ["机关", "年度", "代码", "栏目", "数值", "单位"]
    assert [line[2] for line in rest] == [cell.code for cell in FORM.cells]
    assert {(line[0], line[1]) for line in rest} == {("某某县统计局", "2022")}
    found = {line[2]: line[3:] for line in rest}
    assert found["fees.fees.amount"][1:] == ["4166.214628", "万元"]
    assert found["requests.new.law"] == [
        "政府信息公开申请·一、本年新收政府信息公开申请数量·法律服务机构",
        "不适用",
        "件",
    ]
    assert found["requests.otherwise.rest.total"][0] == "政府信息公开申请·三、本年度办理结果·（六）其他处理·3.其他·总计"
    assert len({line[3] for line in rest}) == len(FORM.cells), "no two labels alike"
    assert [line[4] for line in rest].count("") == 1, "blank is blank"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.id}{'+' * len(form.supplements)}")
def test_english_on_request(form):
    head, *rest = lines(numbered(form), "en")
    assert head == ["agency", "year", "code", "label", "value", "unit"]
    assert all(line[3].isascii() for line in rest)


def test_a_spreadsheet_program_knows_the_encoding_and_the_lines():
    data = build_csv(numbered(FORM))
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == len(FORM.cells) + 1


@settings(max_examples=40)
@given(report=domain.any_report)
def test_every_figure_is_there_and_no_text_is_calculated(report):
    for line, cell in zip(lines(report)[1:], report.form.cells, strict=True):
        value = report[cell.code]
        if isinstance(value, str):
            assert line[4].lstrip("'") == value
        else:
            assert line[4] == figure(report, cell.code)
        texts = [line[0], line[3], line[4] if isinstance(value, str) else ""]
        assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t"))]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "  =1", "\r=1"])
def test_a_formula_is_made_a_text(text):
    report = replace(numbered(FORM), agency=replace(domain.AGENCY, name=text))
    rows = {line[2]: line for line in lines(report.with_values({"requests.new.person": text}))[1:]}
    assert {line[0][0] for line in rows.values()} == {"'"}
    assert rows["requests.new.person"][4][0] == "'"


def test_a_negative_figure_stays_one():
    form = FORMS[0]
    report = numbered(form)
    code = next(cell.code for cell in form.cells if cell.signed)
    assert next(line[4] for line in lines(report) if line[2] == code) == figure(report, code)
    assert figure(report, code).startswith("-")
