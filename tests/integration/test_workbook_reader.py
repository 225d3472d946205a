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
from tests.samples.filled_workbooks import (
    BEFORE,
    FORM,
    OLD_FORM,
    REPORT,
    altered,
    differing,
    filled,
    made,
    opened,
    read_book,
    rules,
    with_openpyxl,
    with_xml,
)
from workbook.excel.reading.figure_reader import list_added_cells
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.reading_context import SUMMARY
from workbook.excel.reading.workbook_contents import Cell, WorkbookContents
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.model.cell_address import format_address
from workbook.model.form_loader import load_form
from workbook.model.report import Answer


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
        ("revision", "二", 2),
        ("contact", None, ""),
    ],
)
def test_the_cover_is_read_as_typed(tmp_path, field, typed, read_as):
    def edit(book: Workbook) -> None:
        sheet, cell = at(book, f"agency.{field}")
        book[sheet][cell] = typed

    found = read_workbook(with_openpyxl(made(tmp_path / "年报.xlsx"), edit))
    assert getattr(found.report.agency, field) == read_as


@pytest.mark.parametrize(
    ("typed", "year"), [("2023年", 2023), ("2023年度", 2023), (2023.0, 2023), ("明年", None), (23, None)]
)
def test_the_year_is_read_in_any_usual_spelling(tmp_path, typed, year):
    def edit(book: Workbook) -> None:
        sheet, cell = at(book, "agency.year")
        book[sheet][cell] = typed

    assert read_workbook(with_openpyxl(made(tmp_path / "年报.xlsx"), edit)).report.year == year


def test_every_figure_knows_where_it_stood(tmp_path):
    found = read_workbook(made(tmp_path / "年报.xlsx")).report
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
    assert read_workbook(with_openpyxl(path, lambda book: edit(book["校验"]))).report.answers == REASONS


def test_a_reason_typed_in_the_sheet_answers_the_warning_of_its_line(tmp_path):
    path = made(tmp_path / "年报.xlsx")
    before = {one.rule for one in read_workbook(path).check() if one.severity == "warning" and not one.answer}
    assert "carried-over" in before

    def edit(book: Workbook) -> None:
        for row in book["校验"].iter_rows(min_row=5):
            if str(row[10].value).startswith("requests.carried-over"):
                row[9].value = "核对无误"

    found = read_workbook(with_openpyxl(path, edit))
    assert {one.answer for one in found.check() if one.rule == "carried-over"} == {"核对无误"}


def test_a_workbook_of_another_template_version_is_read_and_said(tmp_path):
    stamp = (r"annual-2021\|1\|", r"annual-2021|0|")
    path = with_xml(made(tmp_path / "年报.xlsx"), ("docProps/custom.xml", *stamp), ("xl/workbook.xml", *stamp))
    found = read_workbook(path)
    assert (rules(found), differing(found)) == (["structure-template"], {})


def test_the_stamp_is_kept_twice(tmp_path):
    path = with_openpyxl(made(tmp_path / "年报.xlsx"), lambda book: book.custom_doc_props.props.clear())
    assert rules(read_workbook(path)) == []


def test_what_adds_is_understood_and_nothing_else():
    same = [list_added_cells(text) for text in ("SUM(A1:A3)", " sum( $A$1 : A3 )", "A1+A2+A3", "SUM(A1,A2;A3)")]
    assert {one.cells for one in same if one} == {((0, 0), (1, 0), (2, 0))}
    guarded = list_added_cells('IF(COUNT(A1:A3)=0,"",SUM(A1:A3))')
    assert guarded is not None
    assert guarded.guarded
    for other in ("A1-A2", "SUM(A1:A3)*2", "SUM(A1,A1)", "SUM([1]S!A1)", "SUM(S!A1)", "", "1+A1", "SUM(A1:XFD1048576)"):
        assert list_added_cells(other) is None


# what a book in memory says ------------------------------------------------------------------------------------------


def stamped(stamp: str, book: WorkbookContents | None = None) -> WorkbookContents:
    """The book with another stamp; with none where that is blank."""
    book = book or opened()
    names = {name: text for name, text in book.names.items() if name != "ogi.stamp"}
    return replace(book, names=names, properties={"ogi.stamp": stamp} if stamp else {})


def without_year(book: WorkbookContents) -> WorkbookContents:
    """The book whose cover says no year."""
    return altered("封面", {"C9": None}, book)


def test_a_workbook_is_read_whole():
    found = read_book(opened())
    assert (found.path, found.reader, found.template, found.summary) == (opened().path, "package", "1", False)
    assert found.findings == ()
    report, previous = found.report, found.previous
    assert (report.form, report.year, report.agency) == (FORM, REPORT.year, REPORT.agency)
    assert (report.values, dict(report.texts)) == (REPORT.values, dict(REPORT.texts))
    assert set(report.sources) == {
        *(cell.code for cell in FORM.cells),
        *(f"texts.{section.code}" for section in FORM.texts),
        *(f"agency.{field}" for field in ("name", "code", "region", "level", "year", "contact", "revision")),
    }
    assert {source.file for source in report.sources.values()} == {"年报.xlsx"}
    assert str(report.source("texts.other")) == "文字!B41"
    assert str(report.source("agency.year")) == "封面!C9"
    assert previous is not None
    assert (previous.form, previous.year, previous.agency) == (FORM, BEFORE.year, REPORT.agency)
    assert previous.values == BEFORE.values


def test_the_summary_of_a_merge_is_known_by_its_mark():
    assert read_book(replace(opened(), properties={**opened().properties, SUMMARY: "1"})).summary is True


def test_what_was_altered_is_said_before_how_figures_were_read():
    found = read_book(altered("表二", {"B5": "17个", "A5": "其余"}))
    assert rules(found) == ["structure-label", "number-clean"]
    assert all(one.source.file == "年报.xlsx" for one in found.findings)


def reasoned(book: WorkbookContents | None = None) -> WorkbookContents:
    """The book with a reason on the check sheet, and a total said to be left as published."""
    book = altered("校验", {"J5": "属实"}, book)
    (checks,) = (sheet for sheet in book.sheets if sheet.name == "校验")
    (row,) = (row for (row, column), cell in checks.cells.items() if column == 10 and cell.value == LINE)
    book = altered("校验", {f"L{row + 1}": "typed"}, book)
    return altered("表三", {"D29": Cell(5)}, book)


TOTAL, LINE = "requests.results.person", "requests.results-total.person"


def test_reasons_and_totals_left_as_published_are_those_of_a_workbook_of_ours():
    found = read_book(reasoned())
    assert [one.reason for one in found.report.answers] == ["属实"]
    assert (found.report[TOTAL], rules(found)) == (5, ["structure-validation"])
    nameless = read_book(stamped("", reasoned()))
    assert nameless.report.answers == found.report.answers, "which the places of its labels tell"
    other = read_book(stamped("", reasoned(altered("表三", {"C11": "其余"}))))
    assert other.report.answers == ()
    assert (other.report[TOTAL], other.template) == (5, "")
    assert rules(read_book(altered("表三", {"D29": Cell(5)}))) == ["structure-formula"]


@pytest.mark.parametrize("stamp", ["", "annual-1999|1|00"])
def test_without_a_stamp_that_means_something_the_tables_tell_the_form(stamp):
    found = read_book(stamped(stamp))
    assert (found.report.form, found.report.values) == (FORM, REPORT.values)
    assert found.template == ("1" if stamp else "")
    assert found.previous is not None


def one_table(year: str, region: str = "") -> WorkbookContents:
    """A workbook with nothing but a table that both forms print, and a line that says the year and the region."""
    (table,) = (sheet for sheet in opened().sheets if sheet.name == "表四")
    cells = {at: cell for at, cell in table.cells.items() if at[0] > 1 and at[1] < 15}
    said = {(0, 0): Cell("报告年度"), (0, 1): Cell(year), (1, 0): Cell("行政区划代码"), (1, 1): Cell(region)}
    return stamped("", replace(opened(), sheets=(replace(table, cells={**cells, **said}),), names={}))


@pytest.mark.parametrize(
    ("year", "form"),
    [("2020年", OLD_FORM), ("2019", OLD_FORM), ("2021", FORM), ("2024年度", FORM), ("", FORM), ("2007", FORM)],
)
def test_where_two_forms_fit_alike_the_year_decides_or_else_the_newer_is_taken(year, form):
    assert read_book(one_table(year)).report.form.id == form.id


def test_the_region_on_the_cover_has_its_own_form():
    hubei = load_form("annual-2019", "420100")
    assert read_book(one_table("2020", "420100")).report.form is hubei
    cover = {"C7": "420100"}
    assert read_book(altered("封面", cover, stamped("annual-2019|1|00"))).report.form is hubei


def copied() -> WorkbookContents:
    """A copy of a table with other figures stands on the first sheet; the table itself on one that was renamed."""
    (table,) = (sheet for sheet in opened().sheets if sheet.name == "表三")
    other = replace(table, name="旧", cells={**table.cells, (5, 3): Cell(99)})
    sheets = (other, *(replace(one, name="申请") if one is table else one for one in opened().sheets))
    names = {name: text.replace("'表三'", "'申请'") for name, text in opened().names.items()}
    return replace(opened(), sheets=sheets, names=names)


def test_names_lead_to_the_tables_of_a_workbook_of_ours_and_of_no_other():
    ours, other = read_book(copied()).report, read_book(stamped("", copied())).report
    assert (ours["requests.new.person"], other["requests.new.person"]) == (REPORT["requests.new.person"], 99)
    assert [one.source("requests.new.person").sheet for one in (ours, other)] == ["申请", "旧"]


def test_names_lead_to_the_written_parts_of_a_workbook_of_ours_and_of_no_other():
    book = altered("文字", {"A4": "概况"})
    assert read_book(book).report.texts == REPORT.texts
    assert read_book(stamped("", book)).report.texts == REPORT.texts
    assert "overview" not in read_book(stamped("", altered("表三", {"C11": "其余"}, book))).report.texts


@pytest.mark.parametrize("stamp", ["", "annual-1999|1|00"])
def test_a_workbook_without_any_table_is_none_of_ours(stamp):
    cover = tuple(sheet for sheet in opened().sheets if sheet.name == "封面")
    with pytest.raises(Unreadable) as refused:
        read_book(stamped(stamp, replace(opened(), sheets=cover)))
    assert refused.value.kind == "foreign"


@pytest.mark.parametrize(
    ("book", "year"),
    [
        (opened, 2021),
        (lambda: altered("表二", {"F2": 2018}), 2018),
        (lambda: altered("表二", {"F2": None}), 2021),
        (lambda: altered("表二", {"F2": "去年"}), 2021),
        (lambda: without_year(altered("表二", {"F2": 2018})), 2018),
        (lambda: without_year(altered("表二", {"F2": None})), None),
        (lambda: replace(altered("表二", {"F2": 2018, "G2": None}), names={}), 2021),
    ],
)
def test_last_years_figures_are_of_the_year_said_beside_them_or_else_of_the_year_before(book, year):
    found = read_book(book())
    assert found.previous is not None
    assert found.previous.year == year
    assert found.previous.agency == REPORT.agency


def test_without_any_figure_of_last_year_there_is_no_report_of_it():
    book = opened()
    for name, left in (("表二", 5), ("表三", 11), ("表四", 16)):
        (sheet,) = (one for one in book.sheets if one.name == name)
        figures = {
            format_address(*at): None
            for at, cell in sheet.cells.items()
            if at[1] >= left and isinstance(cell.value, int | float)
        }
        book = altered(name, figures, book)
    assert read_book(book).previous is None


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
def usual(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("read") / "年报.xlsx")


@settings(max_examples=25)
@given(edits=st.lists(st.tuples(st.sampled_from(REPORT.form.cells), JUNK), min_size=1, max_size=4))
def test_junk_in_some_figures_changes_no_others(usual, tmp_path_factory, edits):
    path = tmp_path_factory.getbasetemp() / "乱.xlsx"
    shutil.copy(usual, path)
    known = read_workbook(usual).report.sources

    def edit(book: Workbook) -> None:
        for cell, value in edits:
            source = known[cell.code]
            book[source.sheet][source.cell] = value

    found = read_workbook(with_openpyxl(path, edit))
    touched = {cell.code for cell, _ in edits}
    entries = {cell.code for cell in REPORT.form.cells if not cell.total}
    assert {code for code in differing(found) if code in entries} <= touched


@settings(max_examples=40)
@given(edits=st.lists(st.tuples(SHEETS, st.integers(1, 32), st.integers(1, 19), JUNK), min_size=1, max_size=12))
def test_junk_anywhere_is_read_or_refused_and_never_shifts_a_figure(usual, tmp_path_factory, edits):
    path = tmp_path_factory.getbasetemp() / "乱.xlsx"
    shutil.copy(usual, path)

    def edit(book: Workbook) -> None:
        for sheet, row, column, value in edits:
            cell = book[sheet].cell(row, column)
            if not isinstance(cell, openpyxl.cell.cell.MergedCell):
                cell.value = value

    try:
        found = read_workbook(with_openpyxl(path, edit))
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


def test_reading_does_without_what_writes_and_what_is_slow(usual):
    script = (
        "import sys, pathlib; from workbook.excel.reading.workbook_reader import read_workbook; "
        "read_workbook(pathlib.Path(sys.argv[1]));"
        "assert not {'openpyxl', 'xlsxwriter', 'pandas'} & {name.partition('.')[0] for name in sys.modules}"
    )
    subprocess.run([sys.executable, "-c", script, str(usual)], check=True, cwd=ROOT)


def test_two_forms_read_in_turn_do_not_mix(tmp_path):
    old = filled(OLD_FORM)
    first, second = made(tmp_path / "一.xlsx"), made(tmp_path / "二.xlsx", old, None)
    for _ in range(2):
        assert not differing(read_workbook(first))
        assert not differing(read_workbook(second), old)
