"""The template as a file: current, reproducible, locked and open where it should be, classic Excel, ready to print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from tests import domain
from tests.domain import FORM_FILES, ROOT
from workbook.excel.reading.workbook_reader import open_workbook
from workbook.excel.report_loading import load_submission as load_file
from workbook.excel.template.check_lines import Checklist
from workbook.excel.template.template_writer import build_template, write_workbook
from workbook.excel.template_layout import CHECKS_TOP, TEMPLATE_VERSION, CheckColumn, TemplateLayout
from workbook.model import identity
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.report import make_empty_report
from workbook.rules.rule_types import list_equations
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

FORMS = [*FORM_FILES, load_form("annual-2019", "420000")]
IDS = [*(form.id for form in FORM_FILES), "supplement"]
CLASSIC = {
    *("ABS", "AND", "COUNT", "COUNTBLANK", "COUNTIF", "FALSE", "FIND", "IF", "INT", "ISERROR", "ISNUMBER", "ISTEXT"),
    *("LEFT", "LEN", "MAX", "MID", "MOD", "OR", "ROUND", "SUBSTITUTE", "SUM", "SUMPRODUCT", "TRIM"),
}
"""Functions that Excel 97, WPS, LibreOffice and Gnumeric all have."""


@pytest.fixture(scope="module", params=FORMS, ids=IDS)
def form(request: pytest.FixtureRequest) -> Form:
    return request.param  # type: ignore[no-any-return]


_BOOKS: dict[str, Workbook] = {}


@pytest.fixture
def book(form: Form) -> Workbook:
    if form.fingerprint not in _BOOKS:
        _BOOKS[form.fingerprint] = openpyxl.load_workbook(BytesIO(build_template(form)))
    return _BOOKS[form.fingerprint]


def formulas(book: Workbook) -> Iterator[tuple[str, str]]:
    """Every formula of the workbook, with its place: cells, conditional formats, validations."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, ArrayFormula):
                    yield f"{sheet.title}!{cell.coordinate}", cell.value.text
                elif cell.data_type == "f":
                    yield f"{sheet.title}!{cell.coordinate}", str(cell.value)
        for area, rules in sheet.conditional_formatting._cf_rules.items():
            for rule in rules:
                yield from ((f"{sheet.title}!{area.sqref}", text) for text in rule.formula)
        for validation in sheet.data_validations.dataValidation:
            yield from ((f"{sheet.title}!{validation.sqref}", str(v)) for v in (validation.formula1,) if v)


# The committed files


@pytest.mark.parametrize("form_id", [form.id for form in FORM_FILES])
def test_the_committed_templates_are_current(form_id: str) -> None:
    assert (ROOT / "templates" / f"{form_id}.xlsx").read_bytes() == build_template(load_form(form_id)), (
        "run python -m workbook.excel.template templates"
    )


def test_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai"}
    command = [sys.executable, "-m", "workbook.excel.template", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {f"{form.id}.xlsx": build_template(form) for form in FORM_FILES}


# The form on its sheets


def test_the_sheets_in_order(form: Form, book: Workbook) -> None:
    tables = [section.sheet for section in form.sheets]
    assert book.sheetnames == [
        messages.text("sheet.cover"),
        *tables,
        messages.text("sheet.texts"),
        messages.text("sheet.checks"),
    ]


def test_every_label_stands_where_the_form_prints_it_merged_as_it_is_printed(form: Form, book: Workbook) -> None:
    places = TemplateLayout(form)
    printed = set()
    for name, labels in places.labels.items():
        merged = {str(area) for area in book[name].merged_cells.ranges}
        for label in labels:
            box = label.box
            first = book[name].cell(box.top + 1, box.left + 1)
            assert first.value == (label.text or None)
            last = f"{get_column_letter(box.right + 1)}{box.bottom + 1}"
            assert (f"{first.coordinate}:{last}" in merged) == box.merged
            printed.add(label.text)
    for table in form.tables:
        for line in (*table.rows, *table.columns):
            assert line.printed in printed
        for named in (*table.row_groups, *table.column_groups):
            assert named.label in printed
    for section in form.texts:
        area = places.texts[section.code]
        assert str(book[messages.text("sheet.texts")].cell(area.head + 1, 1).value).startswith(section.label)


def expected_open(form: Form) -> set[tuple[str, str]]:
    """The cells a clerk may write in a blank template."""
    places, checks = TemplateLayout(form), Checklist(TemplateLayout(form))
    spots = [places.cells[c.code] for c in form.cells if c.code not in places.formulas]
    spots += [places.previous[t.cell.code] for rule in list_equations(form) for t in rule.terms if t.previous]
    spots += [*places.identity.values(), places.previous_year]
    found = {(spot.sheet, spot.a1) for spot in spots}
    texts = messages.text("sheet.texts")
    found |= {(texts, f"B{row + 1}") for t in places.texts.values() for row in range(t.first, t.last + 1)}
    reason = get_column_letter(CheckColumn.REASON + 1)
    rows = [checks.rows[line.code] for line in checks.lines if line.severity == "warning"]
    return found | {(checks.sheet, f"{reason}{row + 1}") for row in rows}


def test_entry_cells_are_open_and_everything_else_is_locked(form: Form, book: Workbook) -> None:
    others = Checklist(TemplateLayout(form)).last_row + 2  # free lines for reasons, below the list
    found = set()
    for sheet in book.worksheets:
        assert sheet.protection.sheet, "protected"
        assert sheet.protection.password is None, "without a password"
        for row in sheet.iter_rows():
            for cell in row:
                inner = isinstance(cell, openpyxl.cell.cell.MergedCell)
                if (
                    not cell.protection.locked
                    and not inner
                    and not (sheet.title == messages.text("sheet.checks") and cell.row > others)
                ):
                    found.add((sheet.title, cell.coordinate))
    assert found == expected_open(form)


def test_every_entry_cell_refuses_what_it_cannot_hold_in_chinese(form: Form, book: Workbook) -> None:
    places = TemplateLayout(form)
    over: dict[tuple[str, str], Any] = {}
    for sheet in book.worksheets:
        for rule in sheet.data_validations.dataValidation:
            assert rule.errorStyle in (None, "stop")
            assert 0 < len(rule.error) <= 225
            assert 0 < len(rule.errorTitle) <= 32
            assert re.search(r"[\u4e00-\u9fff]", rule.error)
            assert len(rule.formula1 or "") <= 255
            for area in rule.sqref.ranges:
                for row, column in area.cells:
                    over[sheet.title, f"{get_column_letter(column)}{row}"] = rule
    for cell in form.cells:
        spot = places.cells[cell.code]
        rule = over.get((spot.sheet, spot.a1))
        if cell.code in places.formulas:
            assert rule is None
            continue
        assert rule is not None, cell.code
        assert rule.type == ("decimal" if cell.unit.scale > 1 else "whole")
        assert (rule.operator or "between") == ("between" if cell.signed else "greaterThanOrEqual")
        assert rule.formula1 == ("-999999999" if cell.signed else "0")
    for code in ("year", "code", "region", "level", "revision"):
        spot = places.identity[code]
        assert (spot.sheet, spot.a1) in over
    assert over[messages.text("sheet.cover"), places.identity["level"].a1].type == "list"


def test_each_row_has_its_article_in_a_note(form: Form, book: Workbook) -> None:
    places = TemplateLayout(form)
    noted = 0
    for name, labels in places.labels.items():
        for label in labels:
            if label.line and label.line.article and label.kind != "band":
                note = book[name].cell(label.box.top + 1, label.box.left + 1).comment
                assert note is not None
                assert label.line.article in note.text
                noted += 1
    assert noted >= 18


def test_names_mark_every_block_and_are_legal(form: Form, book: Workbook) -> None:
    names = {name: book.defined_names[name].attr_text for name in book.defined_names}
    for table in form.tables:
        assert {table.code, f"previous.{table.code}"} <= set(names)
    assert {f"agency.{field.code}" for field in identity.list_identity_fields()} <= set(names)
    assert {"checks", "checks.others", "previous.year", "ogi.stamp"} <= set(names)
    assert {f"texts.{section.code}" for section in form.texts} <= set(names)
    for name, refers in names.items():
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name)
        assert len(name) <= 255
        assert not re.fullmatch(r"[A-Za-z]{1,3}[0-9]+|[RrCc]|[Rr][0-9]*[Cc][0-9]*", name), "like a cell"
        assert "#REF!" not in refers


def test_the_stamp_says_form_version_and_structure(form: Form, book: Workbook) -> None:
    stamp = f"{form.id}|{TEMPLATE_VERSION}|{TemplateLayout(form).fingerprint}"
    assert book.defined_names["ogi.stamp"].attr_text == f'"{stamp}"'
    assert {p.name: p.value for p in book.custom_doc_props.props}["ogi.stamp"] == stamp


# Print and look


def test_print_set_up(form: Form, book: Workbook) -> None:
    for sheet in book.worksheets:
        assert sheet.page_setup.paperSize == 9, "A4"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert sheet.oddFooter.center.text
    for section in form.sheets:
        sheet, plan = book[section.sheet], TemplateLayout(form).plans[section.sheet]
        last = f"${get_column_letter(plan.columns)}${plan.rows + 2}"
        assert sheet.print_area.endswith(f"$A$1:{last}"), "last year's figures are not printed"
        if len(plan.blocks) == 1:
            assert sheet.print_title_rows == f"$3:${2 + plan.head_rows}"
            assert sheet.page_setup.fitToHeight in (None, 1), "on one page"
        assert sheet.freeze_panes
    checks = book[messages.text("sheet.checks")]
    assert checks.page_setup.orientation == "landscape"
    assert checks.print_title_rows == f"${CHECKS_TOP}:${CHECKS_TOP}"
    assert checks.freeze_panes == f"A{CHECKS_TOP + 1}"
    assert book[form.sheets[1].sheet].page_setup.orientation == "portrait"


def test_fonts_are_those_of_official_documents(book: Workbook) -> None:
    fonts = {cell.font.name for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value}
    assert fonts <= {"方正小标宋简体", "黑体", "宋体", "仿宋"}
    assert {book[name]["A1"].font.name for name in book.sheetnames[1:]} == {"方正小标宋简体"}


def test_the_columns_for_programs_are_hidden(book: Workbook) -> None:
    sheet = book[messages.text("sheet.checks")]
    hidden = set()
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden:
            hidden |= set(range(dimension.min - 1, dimension.max))
    assert set(range(CheckColumn.RULE, CheckColumn.PRESENT + 1)) <= hidden
    assert not hidden & set(range(CheckColumn.REASON + 1))


# Formulas


def test_formulas_are_classic(book: Workbook) -> None:
    used: set[str] = set()
    count = 0
    for at, text in formulas(book):
        count += 1
        assert len(text) <= 8192, at
        for constant in re.findall(r'"((?:[^"]|"")*)"', text):
            assert len(constant) <= 255, at
        bare = re.sub(r'"(?:[^"]|"")*"|\'[^\']*\'', "", text)
        used |= set(re.findall(r"([A-Z][A-Z0-9.]*)\(", bare))
        assert "_xlfn" not in text
        assert "@" not in bare
        assert "#REF!" not in bare
        depth = deepest = 0
        for sign in bare:
            depth += (sign == "(") - (sign == ")")
            deepest = max(deepest, depth)
        assert deepest <= 64, at
    assert count > 500
    assert used <= CLASSIC, used - CLASSIC


def test_conditional_formats_are_classic_and_not_too_many(book: Workbook) -> None:
    for sheet in book.worksheets:
        rules = [rule for rules in sheet.conditional_formatting._cf_rules.values() for rule in rules]
        assert {rule.type for rule in rules} <= {"expression"}
        assert len(rules) < 150, sheet.title


def test_no_extension_beyond_classic_excel(form: Form) -> None:
    with zipfile.ZipFile(BytesIO(build_template(form))) as archive:
        names = archive.namelist()
        assert not [name for name in names if "vba" in name.lower() or "threaded" in name.lower() or "metadata" in name]
        for name in names:
            if name.startswith("xl/worksheets/sheet"):
                assert b"<extLst" not in archive.read(name)
        assert sum(info.compress_size for info in archive.infolist()) < 100_000


def test_every_formula_has_its_value_in_the_file(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_workbook(path, make_empty_report(form))
    cells = [cell for sheet in open_workbook(path).sheets for cell in sheet.cells.values() if cell.formula is not None]
    assert len(cells) > 380
    assert all(cell.cached for cell in cells)


def test_nothing_filled_says_so_on_every_sheet(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_workbook(path, make_empty_report(form))
    values = openpyxl.load_workbook(path, data_only=True)
    for sheet in values.worksheets:
        said = [str(c.value) for row in sheet.iter_rows(max_row=16) for c in row if c.value is not None]
        assert any(messages.text("overall.empty") in text for text in said), sheet.title
        assert not any(messages.text("overall.passed") in text for text in said), sheet.title
    assert "nothing-filled" in {finding.rule for finding in load_file(path).check()}


def test_each_line_of_the_check_list_says_what_where_and_how_it_stands(form: Form, book: Workbook) -> None:
    sheet, checks = book[messages.text("sheet.checks")], Checklist(TemplateLayout(form))
    assert len({line.code for line in checks.lines}) == len(checks.lines)
    for line in checks.lines:
        row = [sheet.cell(checks.rows[line.code] + 1, column + 1) for column in range(CheckColumn.PRESENT + 1)]
        assert row[CheckColumn.WHERE].value == line.where
        assert row[CheckColumn.WHAT].value == line.what
        assert row[CheckColumn.SEVERITY].value == messages.entry("checks")["levels"][line.severity.value]
        assert row[CheckColumn.LINK].hyperlink.location == f"'{line.link.sheet}'!{line.link.a1}"
        assert row[CheckColumn.RULE].value == line.code
        for column in (CheckColumn.LEFT, CheckColumn.RIGHT, CheckColumn.DIFFERENCE, CheckColumn.STATUS):
            assert isinstance(row[column].value, ArrayFormula) or row[column].data_type == "f"


# What comes in and goes out


def written_cell(path: Path, code: str, figure: int) -> Cell:
    """The cell of a figure in the workbook of a report without fault but for it; it is read back as it was."""
    form = FORM_FILES[1]
    write_workbook(path, domain.zero(form).with_values({code: figure}))
    assert load_file(path).report[code] == figure
    spot = TemplateLayout(form).cells[code]
    return openpyxl.load_workbook(path)[spot.sheet][spot.a1]


def test_a_figure_of_more_than_fifteen_digits_is_kept_as_text(tmp_path: Path) -> None:
    path, figure = tmp_path / "t.xlsx", 1234567890123456
    cell = written_cell(path, "requests.new.person", figure)
    assert (cell.value, cell.data_type) == (str(figure), "s")
    status = openpyxl.load_workbook(path, data_only=True)[messages.text("sheet.checks")]["A2"].value
    assert not str(status).startswith("通过"), "a formula cannot judge it, and says so"


def test_totals_as_published_stay_and_are_pointed_out(tmp_path: Path) -> None:
    cell = written_cell(tmp_path / "t.xlsx", "requests.new.total", 5)
    assert cell.value == 5
    assert not cell.protection.locked
    assert "5" in cell.comment.text
