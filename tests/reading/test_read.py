"""Reading as a whole: identity, texts and reasons wherever they moved; and no junk in a cell reaches another."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from tests.domain import ROOT
from tests.reading.desk import REPORT, differing, filled, made, rules, with_openpyxl, with_xml
from workbook.reading.formula import added
from workbook.reading.read import read
from workbook.reading.recognise import Unreadable
from workbook.report import Answer


def at(book: Workbook, name: str) -> tuple[str, str]:
    """Sheet and cell that a defined name refers to."""
    sheet, cell = next(book.defined_names[name].destinations)
    return sheet, cell.replace("$", "")


@pytest.mark.parametrize(
    ("field", "typed", "read_as"),
    [
        ("name", " 某局 ", "某局"),
        ("code", 110105, "110105"),
        ("region", 110105.0, "110105"),
        ("level", "县级政府", "county"),
        ("level", "village", "village"),
        ("revision", 2, 2),
        ("revision", "二", 0),
        ("contact", None, ""),
    ],
)
def test_the_cover_is_read_as_typed(tmp_path, field, typed, read_as):
    def edit(book: Workbook) -> None:
        sheet, cell = at(book, f"agency.{field}")
        book[sheet][cell] = typed

    found = read(with_openpyxl(made(tmp_path / "年报.xlsx"), edit))
    assert getattr(found.report.agency, field) == read_as


@pytest.mark.parametrize(
    ("typed", "year"), [("2023年", 2023), ("2023年度", 2023), (2023.0, 2023), ("明年", None), (23, None)]
)
def test_the_year_is_read_in_any_usual_spelling(tmp_path, typed, year):
    def edit(book: Workbook) -> None:
        sheet, cell = at(book, "agency.year")
        book[sheet][cell] = typed

    assert read(with_openpyxl(made(tmp_path / "年报.xlsx"), edit)).report.year == year


def test_every_figure_knows_where_it_stood(tmp_path):
    found = read(made(tmp_path / "年报.xlsx")).report
    assert str(found.source("requests.results.person")) == "表三!D29"
    assert found.source("requests.results.person").file == "年报.xlsx"
    assert found.source("texts.overview").sheet == "文字"
    assert found.source("agency.name").sheet == "封面"


REASONS = (
    Answer("carried-over", ("requests.brought.person",), "上年报告有误，已更正", "00ff"),
    Answer("narrative-counts", ("requests.new.total", "texts.overview"), "口径不同"),
)


@pytest.mark.parametrize(
    "edit",
    [
        lambda _: None,
        lambda sheet: sheet.insert_rows(1, 3),
        lambda sheet: sheet.insert_rows(30),
        lambda sheet: sheet.insert_cols(1),
        lambda sheet: sheet.insert_cols(10),
    ],
    ids=["as it was", "rows above", "a row inside", "a column in front", "a column before the reasons"],
)
def test_reasons_are_found_wherever_they_moved(tmp_path, edit):
    path = made(tmp_path / "年报.xlsx", replace(REPORT, answers=REASONS))
    assert read(with_openpyxl(path, lambda book: edit(book["校验"]))).report.answers == REASONS


def test_a_reason_typed_in_the_sheet_answers_the_warning_of_its_line(tmp_path):
    path = made(tmp_path / "年报.xlsx")
    before = {one.rule for one in read(path).check() if one.severity == "warning" and not one.answer}
    assert "carried-over" in before

    def edit(book: Workbook) -> None:
        for row in book["校验"].iter_rows(min_row=5):
            if str(row[10].value).startswith("requests.carried-over"):
                row[9].value = "核对无误"

    found = read(with_openpyxl(path, edit))
    assert {one.answer for one in found.check() if one.rule == "carried-over"} == {"核对无误"}


def test_a_workbook_of_another_template_version_is_read_and_said(tmp_path):
    stamp = (r"annual-2021\|1\|", r"annual-2021|0|")
    path = with_xml(made(tmp_path / "年报.xlsx"), ("docProps/custom.xml", *stamp), ("xl/workbook.xml", *stamp))
    found = read(path)
    assert (rules(found), differing(found)) == (["structure-template"], {})


def test_the_stamp_is_kept_twice(tmp_path):
    path = with_openpyxl(made(tmp_path / "年报.xlsx"), lambda book: book.custom_doc_props.props.clear())
    assert rules(read(path)) == []


def test_what_adds_is_understood_and_nothing_else():
    same = [added(text) for text in ("SUM(A1:A3)", " sum( $A$1 : A3 )", "A1+A2+A3", "SUM(A1,A2;A3)")]
    assert {one.cells for one in same if one} == {((0, 0), (1, 0), (2, 0))}
    guarded = added('IF(COUNT(A1:A3)=0,"",SUM(A1:A3))')
    assert guarded is not None
    assert guarded.guarded
    for other in ("A1-A2", "SUM(A1:A3)*2", "SUM(A1,A1)", "SUM([1]S!A1)", "SUM(S!A1)", "", "1+A1", "SUM(A1:XFD1048576)"):
        assert added(other) is None


JUNK = st.one_of(
    st.none(),
    st.integers(-(10**18), 10**18),
    st.floats(-1e300, 1e300),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12),
    st.sampled_from(
        ["总计", "自然人", "1.属于国家秘密", "=D6", "=SUM(D6:D9)", "=1/0", "#REF!", "规章", "结果维持", "2023年"]
    ),
)

SHEETS = st.sampled_from(["封面", "表二", "表三", "表四", "文字", "校验"])


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("read") / "年报.xlsx")


@settings(max_examples=25)
@given(edits=st.lists(st.tuples(st.sampled_from(REPORT.form.cells), JUNK), min_size=1, max_size=4))
def test_junk_in_some_figures_changes_no_others(opened, tmp_path_factory, edits):
    path = tmp_path_factory.getbasetemp() / "乱.xlsx"
    shutil.copy(opened, path)
    known = read(opened).report.sources

    def edit(book: Workbook) -> None:
        for cell, value in edits:
            source = known[cell.code]
            book[source.sheet][source.cell] = value

    found = read(with_openpyxl(path, edit))
    touched = {cell.code for cell, _ in edits}
    entries = {cell.code for cell in REPORT.form.cells if not cell.total}
    assert {code for code in differing(found) if code in entries} <= touched


@settings(max_examples=40)
@given(edits=st.lists(st.tuples(SHEETS, st.integers(1, 32), st.integers(1, 19), JUNK), min_size=1, max_size=12))
def test_junk_anywhere_is_read_or_refused_and_never_shifts_a_figure(opened, tmp_path_factory, edits):
    path = tmp_path_factory.getbasetemp() / "乱.xlsx"
    shutil.copy(opened, path)

    def edit(book: Workbook) -> None:
        for sheet, row, column, value in edits:
            cell = book[sheet].cell(row, column)
            if not isinstance(cell, openpyxl.cell.cell.MergedCell):
                cell.value = value

    try:
        found = read(with_openpyxl(path, edit))
    except Unreadable:
        return
    found.check()
    touched = {(sheet, openpyxl.utils.get_column_letter(column) + str(row)) for sheet, row, column, _ in edits}
    entries = {cell.code for cell in REPORT.form.cells if not cell.total}
    unread = {code for one in found.findings if one.rule == "structure-missing" for code in one.cells}
    for code, value in differing(found).items():
        source = found.report.source(code)
        if code in entries and code not in unread and (source.sheet, source.cell) not in touched:
            pytest.fail(f"{code} was read as {value} from {source}")


def test_reading_does_without_what_writes_and_what_is_slow(opened):
    script = (
        "import sys, pathlib; from workbook.reading.read import read; read(pathlib.Path(sys.argv[1]));"
        "assert not {'openpyxl', 'xlsxwriter', 'pandas'} & {name.partition('.')[0] for name in sys.modules}"
    )
    subprocess.run([sys.executable, "-c", script, str(opened)], check=True, cwd=ROOT)


def test_two_forms_read_in_turn_do_not_mix(tmp_path):
    from workbook.forms import load

    old = filled(load("annual-2019"))
    first, second = made(tmp_path / "一.xlsx"), made(tmp_path / "二.xlsx", old, None)
    for _ in range(2):
        assert not differing(read(first))
        assert not differing(read(second), old)
