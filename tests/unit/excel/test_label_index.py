"""The words on a sheet: folded, indexed by what they say, and told from what a form prints."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from tests.samples.filled_workbooks import FORM, opened
from workbook.excel.reading.label_index import (
    LONGEST,
    LabelIndex,
    WorkbookView,
    fold_label,
    fold_spellings,
    get_form_words,
    list_spellings,
    list_unnumbered_spellings,
)
from workbook.excel.reading.workbook_contents import Cell, Sheet
from workbook.model.cell_address import parse_address


def index(**cells: object) -> LabelIndex:
    return LabelIndex(
        Sheet("表", {parse_address(at): v if isinstance(v, Cell) else Cell(v) for at, v in cells.items()})
    )


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("（一）予以公开", "一予以公开"),
        ("ＡＢ－ｃ １", "abc1"),
        ("总 计：", "总计"),
        ("⾃然⼈", "自然人"),
        ("——", ""),
        ("", ""),
    ],
)
def test_a_label_is_folded_to_its_letters_and_digits(text, folded):
    assert fold_label(text) == folded


def test_spellings_are_folded_and_each_named_once():
    assert fold_spellings(["总 计", "总计", "——", "合计"]) == ("总计", "合计")


def test_a_line_may_be_spelled_as_printed_or_as_met_elsewhere_and_without_its_number():
    line = next(row for row in FORM.table("requests").rows if row.label.startswith("1."))
    assert list_spellings(line)[0] == fold_label(line.label)
    assert list_spellings(line)[0].startswith("1")
    assert list_unnumbered_spellings(line)[0] == list_spellings(line)[0][1:]
    first = structs.replace(line, label="十二、甲", aliases=("3甲", "乙", "一"))
    assert {"十二甲", "3甲", "乙", "一"} <= set(list_spellings(first))
    assert {"甲", "乙"} <= set(list_unnumbered_spellings(first))
    assert "" not in list_unnumbered_spellings(first)
    assert len(set(list_unnumbered_spellings(first))) == len(list_unnumbered_spellings(first))


@pytest.mark.parametrize(
    ("text", "label", "unit"),
    [
        ("本年收费金额（单位：万元）", "本年收费金额", "万元"), ("本年收费金额(万元)", "本年收费金额", "万元"),
        ("金额【元】", "金额", "元"), ("金额[ 单位: 千元 ]", "金额", "千元"), ("金额（单位元）\n", "金额", "元"),
        ("收费\n金额（元）", "收费金额", "元"), ("金额（人民币万元）", None, None), ("（元）", None, None),
        ("金额（元）合计", None, None), ("金额（）", None, None), ("金额", None, None),
    ],
)  # fmt: skip
def test_a_heading_states_its_unit_in_brackets(text, label, unit):
    found = index(B2=text)
    assert found.units == ({(1, 1): unit} if unit else {})
    assert found.places == {fold_label(text): [(1, 1)], **({label: [(1, 1)]} if label else {})}


def test_words_are_indexed_from_top_to_bottom_and_nothing_else_is():
    found = index(B3="甲", A1="甲", C1="乙", D1=5, E1=Cell("丙", error=True), F1=None, G1="长" * LONGEST, H1=True,
                  I1="短" * (LONGEST - 1), J1=Cell("丁", "A1"))  # fmt: skip
    assert found.places["甲"] == [(0, 0), (2, 1)]
    assert set(found.places) == {"甲", "乙", "短" * (LONGEST - 1), "丁"}
    assert found.find(["乙", "甲", "无"]) == [(0, 0), (0, 2), (2, 1)]
    assert found.find([]) == []
    assert found.by_row == {0: [(0, "甲"), (2, "乙"), (8, "短" * (LONGEST - 1)), (9, "丁")], 2: [(1, "甲")]}


def test_a_line_is_looked_for_in_full_and_only_then_without_its_number():
    line = next(row for row in FORM.table("requests").rows if row.label == "1.属于国家秘密")
    assert index(A1="属于国家秘密", A5="1、属于国家秘密").line(line) == [(4, 0)]
    assert index(A1="属于国家秘密", A5="属于国家机密").line(line) == [(0, 0)]
    assert index(A1="国家秘密").line(line) == []


def test_a_view_finds_sheets_and_names():
    book = opened()
    view = WorkbookView(replace(book, names={**book.names, "a": "'表三'!$D$6:$E$7", "b": "'没有'!$A$1", "c": "#REF!"}))
    assert list(view.sheets) == [sheet.name for sheet in book.sheets]
    assert view.named("a") == (view.sheets["表三"], (5, 3, 6, 4))
    assert [view.named(name) for name in ("b", "c", "没有")] == [None, None, None]
    assert view.index(view.sheets["表三"]) is view.index(view.sheets["表三"])
    assert [one.sheet.name for one in view.indexes] == list(view.sheets)
    assert view.index(view.sheets["表四"]).find([fold_label("行政复议")])


def test_a_form_knows_the_words_it_prints():
    words = get_form_words(FORM)
    assert get_form_words(FORM) is words
    assert {"1属于国家秘密", "规章", "行政规范性文件"} <= words.rows
    assert "自然人" not in words.rows
    assert {fold_label("（三）不予公开"), fold_label("申请人情况"), fold_label("法人或其他组织")} <= words.groups
    assert "自然人" not in words.groups
    titles = {fold_label(table.title) for table in FORM.tables} | {
        fold_label(table.corner) for table in FORM.tables if table.corner
    }
    assert words.rows | titles | {"自然人", "总计", "结果维持"} <= words.known
    assert not {fold_label("（三）不予公开"), "国家秘密", ""} & words.known
