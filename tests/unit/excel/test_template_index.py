"""The template as the reader knows it: every label, figure and sum where the template itself has it."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest

from tests.domain import leaves, parts_of, tiny_form
from tests.samples.filled_workbooks import BEFORE, FORM, OLD_FORM, REPORT, filled, made, opened
from workbook.excel.reading import ooxml_reader
from workbook.excel.reading.template_index import get_horizontal_key, get_issued_template
from workbook.excel.reading.workbook_contents import WorkbookContents
from workbook.model.cell_address import format_address
from workbook.model.form import Form
from workbook.model.numbers import to_cell_unit
from workbook.model.print_layout import plan_section
from workbook.model.report import Report

OLD_REPORT, OLD_BEFORE = filled(OLD_FORM), filled(OLD_FORM, start=1000)


@cache
def old() -> WorkbookContents:
    """The older form's workbook, opened."""
    with tempfile.TemporaryDirectory() as folder:
        return ooxml_reader.read_ooxml(made(Path(folder) / "年报.xlsx", OLD_REPORT, OLD_BEFORE))


FORMS: dict[str, tuple[Form, Report, Report]] = {
    "2021": (FORM, REPORT, BEFORE),
    "2019": (OLD_FORM, OLD_REPORT, OLD_BEFORE),
}
TABLES = [(year, table.code) for year, (form, _, _) in FORMS.items() for table in form.tables]


def sheets(form: Form) -> dict[str, dict[tuple[int, int], object]]:
    """What the cells of a form's workbook hold, by sheet."""
    book = opened() if form is FORM else old()
    return {sheet.name: {place: cell.value for place, cell in sheet.cells.items()} for sheet in book.sheets}


@pytest.mark.parametrize(("year", "code"), TABLES)
def test_a_table_is_known_as_its_template_has_it(year, code):
    form, report, before = FORMS[year]
    one = get_issued_template(form).tables[code]
    cells = sheets(form)[one.sheet]
    own = {cell.code: to_cell_unit(report[cell.code], cell.unit) for cell in form.cells if cell.table.code == code}
    then = {cell.code: to_cell_unit(before[cell.code], cell.unit) for cell in form.cells if cell.table.code == code}
    assert one.table.code == code
    assert one.cells.keys() == one.previous.keys() == own.keys()
    entries = {cell.code for cell in leaves(form)}
    stand = {at: float(cells[one.cells[at]] or 0) for at in own if at in entries}
    assert stand == pytest.approx({at: float(own[at]) for at in stand})
    assert {at: float(cells[one.previous[at]] or 0) for at in then} == pytest.approx(
        {at: float(value) for at, value in then.items()}
    )


@pytest.mark.parametrize(("year", "code"), TABLES)
def test_the_labels_of_a_table_stand_where_its_template_prints_them(year, code):
    form = FORMS[year][0]
    one = get_issued_template(form).tables[code]
    cells, table = sheets(form)[one.sheet], one.table
    assert {place: cells.get(place) for place in one.labels} == one.labels
    assert {place: cells.get(place) for place in one.previous_labels} == one.previous_labels
    if table.layout == "across":
        columns = {get_horizontal_key(row, column): column.printed for row in table.rows for column in table.columns}
    else:
        columns = {column.code: column.printed for column in table.columns}
    assert {key: cells[at] for key, at in one.column_labels.items()} == columns
    assert {code: cells[at] for code, at in one.row_labels.items()} == {row.code: row.printed for row in table.rows}


@pytest.mark.parametrize("form", [FORM, OLD_FORM], ids=list(FORMS))
def test_all_labels_of_a_sheet_belong_to_one_of_its_tables(form):
    """Titles of tables where there are several, headings, rows; the title of the sheet to its first table."""
    for section in form.sheets:
        tables = [one for one in get_issued_template(form).tables.values() if one.sheet == section.sheet]
        assert [one.labels.get((0, 0)) for one in tables] == [section.label] + [None] * (len(tables) - 1)
        printed = [label.text for label in plan_section(form, section).labels]
        known = [text for one in tables for place, text in one.labels.items() if place != (0, 0)]
        assert sorted(known) == sorted(printed)


@pytest.mark.parametrize("form", [FORM, OLD_FORM], ids=list(FORMS))
def test_lines_are_known_by_row_and_column(form):
    for one in get_issued_template(form).tables.values():
        table = one.table
        for row in table.rows:
            for column in table.columns:
                place = one.cells[table.cell(row.code, column.code)]
                key = get_horizontal_key(row, column) if table.layout == "across" else column.code
                assert (one.rows[row.code], one.columns[key]) == place
        heads = {key: place[1] for key, place in one.column_labels.items()}
        assert heads == dict(one.columns)
        if table.layout != "across":
            assert {code: place[0] for code, place in one.row_labels.items()} == dict(one.rows)


@pytest.mark.parametrize("form", [FORM, OLD_FORM], ids=list(FORMS))
def test_last_years_headings_stand_as_far_to_the_right_as_its_figures(form):
    for one in get_issued_template(form).tables.values():
        shifts = {one.previous[code][1] - column for code, (_, column) in one.cells.items()}
        assert len(shifts) == 1
        (shift,) = shifts
        assert all(one.labels[row, column - shift] == text for (row, column), text in one.previous_labels.items())
        assert {place[1] for place in one.previous_labels} >= {column + shift for column in one.columns.values()}


@pytest.mark.parametrize("form", [FORM, OLD_FORM], ids=list(FORMS))
def test_totals_are_known_by_the_parts_their_formulas_add(form):
    sums = get_issued_template(form).sums
    assert set(sums) == {cell.code for cell in form.cells if cell.total}
    assert all(parts_of(form)[code] in ways for code, ways in sums.items())
    for one in get_issued_template(form).tables.values():
        (sheet,) = (sheet for sheet in (opened() if form is FORM else old()).sheets if sheet.name == one.sheet)
        for code, ways in sums.items():
            if code in one.cells:
                formula = sheet.cells[one.cells[code]].formula or ""
                first, last = (format_address(*one.cells[part]) for part in (ways[0][0], ways[0][-1]))
                assert first in formula.replace("$", "")
                assert last in formula.replace("$", "")


def test_each_line_of_the_check_sheet_is_known_by_its_code():
    lines = get_issued_template(FORM).lines
    checks = sheets(FORM)["校验"]
    assert list(lines) == [value for (row, column), value in sorted(checks.items()) if column == 10 and row > 3]
    assert lines["requests.carried-over.person"] == ("carried-over", ("requests.brought.person",))


def test_the_template_of_a_form_is_made_once():
    assert get_issued_template(FORM) is get_issued_template(FORM)
    assert get_issued_template(OLD_FORM) is not get_issued_template(FORM)
    assert (get_issued_template(OLD_FORM).form, get_issued_template(FORM).form) == (OLD_FORM, FORM)


SECOND = """
[[table]]
code = "second"
section = "part"
title = "又一小表"
columns = [{ code = "a", label = "丙列" }]
rows = [{ code = "in", label = "收" }]
"""


def test_of_two_tables_on_a_sheet_each_has_its_title(tmp_path):
    first, second = get_issued_template(tiny_form(tmp_path, SECOND)).tables.values()
    assert [text for text in first.labels.values() if text in ("小表", "又一小表", "二、数据")] == ["二、数据", "小表"]
    assert [text for text in second.labels.values() if text] == ["又一小表", "丙列", "收"]
    assert not set(first.labels) & set(second.labels)
