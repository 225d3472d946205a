"""The printed geometry: labels and figures tile the page, and merge as the issued form is printed."""

from __future__ import annotations

import pytest

from tests.domain import FORM_FILES, tiny_form
from workbook.model.form_loader import load_form
from workbook.model.print_layout import CellBox, plan_section

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


@pytest.mark.parametrize(
    ("form_id", "sheet", "text", "box"),
    [
        ("annual-2021", "表二", "第二十条第（一）项", CellBox(0, 0, 0, 3)),
        ("annual-2021", "表二", "信息内容", CellBox(1, 0, 1, 0)),
        ("annual-2021", "表二", "行政规范性文件", CellBox(3, 0, 3, 0)),
        ("annual-2021", "表二", "本年收费金额（单位：万元）", CellBox(12, 1, 12, 3)),
        ("annual-2019", "表二", "采购总金额（单位：元）", CellBox(16, 2, 16, 3)),
        ("annual-2019", "表二", "采购项目数量", CellBox(16, 1, 16, 1)),
        (
            "annual-2021",
            "表三",
            "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）",
            CellBox(0, 0, 2, 2),
        ),
        ("annual-2021", "表三", "申请人情况", CellBox(0, 3, 0, 9)),
        ("annual-2021", "表三", "自然人", CellBox(1, 3, 2, 3)),
        ("annual-2021", "表三", "法人或其他组织", CellBox(1, 4, 1, 8)),
        ("annual-2021", "表三", "商业企业", CellBox(2, 4, 2, 4)),
        ("annual-2021", "表三", "总计", CellBox(1, 9, 2, 9)),
        ("annual-2021", "表三", "一、本年新收政府信息公开申请数量", CellBox(3, 0, 3, 2)),
        ("annual-2021", "表三", "三、本年度办理结果", CellBox(5, 0, 26, 0)),
        ("annual-2021", "表三", "（一）予以公开", CellBox(5, 1, 5, 2)),
        ("annual-2021", "表三", "（三）不予公开", CellBox(7, 1, 14, 1)),
        ("annual-2021", "表三", "8.属于行政查询事项", CellBox(14, 2, 14, 2)),
        ("annual-2021", "表三", "（六）其他处理", CellBox(23, 1, 25, 1)),
        ("annual-2019", "表三", "（六）其他处理", CellBox(23, 1, 23, 2)),
        ("annual-2019", "表三", "三、本年度办理结果", CellBox(5, 0, 24, 0)),
        ("annual-2021", "表三", "四、结转下年度继续办理", CellBox(27, 0, 27, 2)),
        ("annual-2021", "表四", "行政复议", CellBox(0, 0, 1, 4)),
        ("annual-2021", "表四", "行政诉讼", CellBox(0, 5, 0, 14)),
        ("annual-2021", "表四", "未经复议直接起诉", CellBox(1, 5, 1, 9)),
        ("annual-2021", "表四", "复议后起诉", CellBox(1, 10, 1, 14)),
    ],
)
def test_labels_span_what_the_printed_form_spans(form_id, sheet, text, box):
    found = [label.box for label in part(form_id, sheet).labels if label.text == text]
    assert found[:1] == [box]


@pytest.mark.parametrize(
    ("form_id", "sheet", "rows", "columns", "head"),
    [
        ("annual-2019", "表二", 18, 4, 1),
        ("annual-2021", "表二", 14, 4, 1),
        ("annual-2019", "表三", 26, 10, 3),
        ("annual-2021", "表三", 28, 10, 3),
        ("annual-2019", "表四", 4, 15, 3),
        ("annual-2021", "表四", 4, 15, 3),
    ],
)
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
