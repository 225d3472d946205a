"""The printed geometry: labels and figures tile the page, and merge as the issued form is printed."""

from __future__ import annotations

import tomllib

import pytest

from tests import domain
from tests.domain import FORM_FILES, tiny_form
from workbook.model.form_loader import load_form
from workbook.model.print_layout import CellBox, plan_section

CASES = tomllib.loads((domain.CASES / "print_layout.toml").read_text("utf-8"))
PARTS = [(form, section) for form in (*FORM_FILES, load_form("annual-2019", "420000")) for section in form.sheets]


def part(form_id, sheet):
    form = load_form(form_id)
    return plan_section(form, next(section for section in form.sheets if section.sheet == sheet))


def places(box):
    return {(row, column) for row in range(box.top, box.bottom + 1) for column in range(box.left, box.right + 1)}


@pytest.mark.parametrize(("form", "section"), PARTS, ids=lambda x: getattr(x, "sheet", "") or getattr(x, "id", ""))
def test_labels_and_figures_tile_the_sheet_exactly(form, section):
    printed = plan_section(form, section)
    boxes = [*(label.box for label in printed.labels), *printed.cells.values()]
    taken = [place for box in boxes for place in places(box)]
    assert len(taken) == len(set(taken)), "two things on one place"
    assert set(taken) == {(row, column) for row in range(printed.rows) for column in range(printed.columns)}


@pytest.mark.parametrize(("form", "section"), PARTS, ids=lambda x: getattr(x, "sheet", "") or getattr(x, "id", ""))
def test_every_cell_and_label_of_the_part_is_printed_in_order(form, section):
    printed = plan_section(form, section)
    tables = form.tables_of(section)
    codes = [cell.code for cell in form.cells if cell.table in tables]
    assert list(printed.cells) == codes
    assert sorted(codes, key=lambda code: printed.cells[code][:2]) == codes
    lines = [label.line for label in printed.labels if label.line is not None]
    wanted = [line for table in tables for line in (*table.rows, *table.columns)]
    assert all(line in lines for line in wanted)
    assert [block.table for block in printed.blocks] == list(tables)
    for block in printed.blocks:
        inside = {
            place for code in codes if form.cell(code).table == block.table for place in places(printed.cells[code])
        }
        assert inside == places(block.box)
    assert plan_section(form, section) is printed


@pytest.mark.parametrize(("form_id", "sheet", "text", "box"), CASES["labels"])
def test_labels_span_what_the_printed_form_spans(form_id, sheet, text, box):
    found = [label.box for label in part(form_id, sheet).labels if label.text == text]
    assert found[:1] == [tuple(box)]


@pytest.mark.parametrize(("form_id", "sheet", "rows", "columns", "head"), CASES["extents"])
def test_extent(form_id, sheet, rows, columns, head):
    printed = part(form_id, sheet)
    assert (printed.rows, printed.columns, printed.head_rows) == (rows, columns, head)


def test_a_table_without_groups_is_a_plain_grid(tmp_path):
    form = tiny_form(tmp_path)
    printed = plan_section(form, form.sheets[0])
    assert (printed.rows, printed.columns) == (5, 4)
    assert printed.cells["t.in.a"] == CellBox(1, 1, 1, 1)
    assert not any(box.merged for box in printed.cells.values())
    assert printed.cells["t.in.a"].moved(2, 3) == CellBox(3, 4, 3, 4)
