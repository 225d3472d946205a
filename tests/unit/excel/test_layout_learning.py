"""Learning a make from one workbook of it: only from one that has nothing odd about it, and then all that it says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.samples.filled_workbooks import FORM, REPORT
from tests.samples.package_edits import Parts
from tests.samples.template_variants import (
    ACROSS,
    BOOK,
    CHECKED,
    COVER,
    PLAIN,
    PROPERTIES,
    STRINGS,
    TABLE,
    WORDS,
    Edit,
    cell,
    changed,
    fast,
    older,
    opened_once,
    renumbered,
    said,
    taught,
    typed,
    usual,
)
from workbook.excel.reading.layout_cache import _ordered
from workbook.excel.reading.sheet_layout import LayoutDiffers, LayoutTotal
from workbook.excel.reading.workbook_reader import read_book
from workbook.model.identity import list_identity_fields
from workbook.rules.submission import Submission
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")


def in_full(path: Path, parts: Parts) -> Submission:
    """What the full reader says of a file of these parts."""
    return read_book(opened_once(path, parts))


@cache
def everything() -> Parts:
    """The workbook with something else in every cell that is filled in, and reasons given."""
    parts = usual()
    for part in (PLAIN, ACROSS):
        figures = re.compile(rb'(<c r="[A-Z]+[0-9]+" s="[0-9]+"><v>)([0-9]{1,4})(?=</v></c>)')
        parts = {**parts, part: figures.sub(rb"\g<1>1\g<2>", parts[part])}
    for n, one in enumerate(("E6", "J6", "O6")):
        parts = changed(parts, (ACROSS, rf'(<c r="{one}".*?</f>)<v>[^<]*', rf"\g<1><v>{totals(parts)[n]}"))
    parts = changed(parts, cell(PLAIN, "F2", "2020"), cell(TABLE, "L6", "9"), cell(TABLE, "R30", "8"))
    for at, text in (("C5", "乙局"), ("C6", "0"), ("C7", "110106"), ("C8", "村"), ("C10", "张三")):
        parts = typed(parts, COVER, at, text)
    parts = changed(parts, cell(COVER, "C9", "2024"), cell(COVER, "C11", "3"))
    for at, text in (("B5", "一"), ("B20", "二"), ("B23", "三"), ("B38", "四"), ("B41", "五"), ("B56", "六")):
        parts = typed(parts, WORDS, at, text)
    for at, text in (("J5", "其一"), ("J87", "其二"), ("C91", "sums"), ("D91", "requests.new.person"), ("J91", "其三"),
                     ("M91", "00ff"), ("C96", "sums"), ("J96", "其四"), ("N96", "1")):  # fmt: skip
        parts = typed(parts, CHECKED, at, text)
    return parts


def totals(parts: Parts) -> list[int]:
    """The totals of the table across: of each five cells, the fifth is the sum of four."""
    row = re.findall(rb'<c r="([A-O])6" s="[0-9]+"><v>([0-9]+)</v>', parts[ACROSS])
    figures = [int(value) for _, value in row]
    return [sum(figures[n : n + 4]) for n in (0, 4, 8)]


def test_once_learnt_it_tells_all_that_another_says(tmp_path):
    reader = taught(tmp_path, usual())
    for parts in (everything(), usual()):
        found = fast(reader, tmp_path / "年报.xlsx", parts)
        assert found is not None
        assert said(found) == said(in_full(tmp_path / "年报.xlsx", parts))
        assert found.template == "1"
    found = fast(reader, tmp_path / "年报.xlsx", everything())
    assert found is not None
    assert len(found.report.answers) == 4
    assert all(now != then for now, then in zip(found.report.values[:9], REPORT.values, strict=False))


def test_a_make_is_learnt_whatever_its_first_workbook_says(tmp_path):
    for n, parts in enumerate((everything_but_reasons(), older())):
        reader = taught(tmp_path, parts)
        for other in (parts, usual()):
            found = fast(reader, tmp_path / "年报.xlsx", other)
            assert (found is not None) is (n == 0 or other is parts)
            if found is not None:
                assert said(found) == said(in_full(tmp_path / "年报.xlsx", other))


@cache
def everything_but_reasons() -> Parts:
    return {**everything(), CHECKED: usual()[CHECKED]}


AS_ISSUED: dict[str, Edit] = {
    "a label": (STRINGS, "机关名称", "机关的名称"),
    "a note on the check sheet": (STRINGS, "<t>查看</t>", "<t>去看</t>"),
    "a text in the place of another": cell(CHECKED, "C5", "5", "s"),
    "a text in an empty cell of the check sheet": cell(CHECKED, "B1", "5", "s"),
    "a number beside the paragraphs": cell(WORDS, "A5", "7"),
    "a text beside the next heading": cell(WORDS, "B22", "5", "s"),
    "a result that reads like a label": (CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*', r"\1<v>总计"),
    "a result that is no number": (CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', r"\1<v>一"),
    "a number above a table": (TABLE, r'(<c r="A2" s="\d+") t="str"(>.*?</f>)<v>[^<]*', r"\1\2<v>5"),
    "a number for the result above a table": (PLAIN, r'(<c r="A2" s="\d+") t="str"(>.*?</f>)<v>[^<]*', r"\1\2<v>5"),
}


def test_what_stays_as_issued_is_learnt_as_such(tmp_path):
    reader = taught(tmp_path, usual())
    left = [name for name, edit in AS_ISSUED.items() if fast(reader, tmp_path / "年报.xlsx", changed(usual(), edit))]
    assert left == []
    assert fast(reader, tmp_path / "年报.xlsx", renumbered(usual())) is not None


def test_what_a_first_workbook_leaves_blank_is_read_in_the_next(tmp_path):
    blank = [cell(WORDS, at, None) for at in ("B5", "B23", "B41")]
    blank += [cell(COVER, at, None) for at in ("C5", "C6", "C7", "C8", "C10", "C11")]
    reader = taught(tmp_path, changed(usual(), *blank, cell(PLAIN, "F2", None)))
    for parts in (usual(), everything()):
        found = fast(reader, tmp_path / "年报.xlsx", parts)
        assert found is not None
        assert said(found) == said(in_full(tmp_path / "年报.xlsx", parts))


PREFIX = (
    (TABLE, "<worksheet ", '<worksheet xmlns:x14ac="urn:x" '),
    (TABLE, '<row r="7"', '<row r="7" x14ac:dyDescent="0.2"'),
)


def test_a_prefix_that_a_make_declares_may_stand_with_its_rows(tmp_path):
    reader = taught(tmp_path, changed(usual(), *PREFIX))
    other = changed(usual(), *PREFIX, (TABLE, 'x14ac:dyDescent="0.2"', 'x14ac:dyDescent="0.35"'))
    assert fast(reader, tmp_path / "年报.xlsx", other) is not None
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), PREFIX[0])) is not None
    assert fast(reader, tmp_path / "年报.xlsx", usual()) is None


def test_a_table_without_totals_is_learnt_to_hold_something(tmp_path):
    """Its figures may otherwise have been moved; where there are totals, their formulas tell."""
    reader = taught(tmp_path, usual())
    for at in ("B9", "B16"):
        assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), cell(PLAIN, at, None))) is None
    nothing = [cell(ACROSS, f"{at}6", None) for at in "ABCDFGHIKLMN"]
    nothing += [cell(ACROSS, f"{at}6", "", "str") for at in "EJO"]
    parts = changed(usual(), *nothing)
    found = fast(reader, tmp_path / "年报.xlsx", parts)
    assert found is not None
    assert said(found) == said(in_full(tmp_path / "年报.xlsx", parts))


UNGUARDED = ACROSS, r"<f>IF\(COUNT\(A6:D6\).*?</f>", "<f>SUM(A6:D6)</f>"


def test_a_total_is_learnt_as_its_formula_adds(tmp_path):
    """Of nothing, SUM gives 0, and the template's own formula nothing."""
    own, plain = usual(), changed(usual(), UNGUARDED)
    nothing = [cell(ACROSS, f"{at}6", None) for at in "ABCD"]
    for parts, stored, value in ((own, cell(ACROSS, "E6", "", "str"), None), (plain, cell(ACROSS, "E6", "0"), 0)):
        reader = taught(tmp_path, parts)
        found = fast(reader, tmp_path / "年报.xlsx", changed(parts, *nothing, stored))
        assert found is not None
        assert found.report["reviews.reconsideration.total"] == value
        other = cell(ACROSS, "E6", "0") if value is None else cell(ACROSS, "E6", "", "str")
        assert fast(reader, tmp_path / "年报.xlsx", changed(parts, *nothing, other)) is None


def test_a_total_may_name_its_parts_in_another_order(tmp_path):
    parts = changed(usual(), (*UNGUARDED[:2], "<f>D6+C6+A6+B6</f>"))
    found = fast(taught(tmp_path, parts), tmp_path / "年报.xlsx", parts)
    assert found is not None
    assert found.report.values == REPORT.values


def label_computed(part: str, at: str, text: str) -> Edit:
    """A label that is the result of a formula, and reads as issued."""
    return part, rf'(<c r="{at}" s="\d+") t="s"><v>\d+</v>', rf'\1 t="str"><f>1</f><v>{text}</v>'


def computed(part: str, at: str, value: str, kind: str = "") -> Edit:
    """A formula where something is typed."""
    return part, rf'<c r="{at}" s="(\d+)".*?(?:/>|</c>)', rf'<c r="{at}" s="\1"{kind}><f>1</f><v>{value}</v></c>'


def another_property(name: str) -> Edit:
    """A custom property more."""
    said = f'<property fmtid="{{0}}" pid="9" name="{name}"><vt:lpwstr>1</vt:lpwstr></property>'
    return PROPERTIES, "</Properties>", f"{said}</Properties>"


TITLE = FORM.tables[0].title
HELP = [field.help for field in list_identity_fields()]
LICENSING = next(table for table in FORM.tables if table.code == "licensing")
ENFORCEMENT = next(table for table in FORM.tables if table.code == "enforcement")

ODD: dict[str, tuple[Edit, ...]] = {
    "none of ours": ((PROPERTIES, "ogi.stamp", "ogi.other"), (BOOK, "ogi.stamp", "other.stamp")),
    "a summary": (another_property("ogi.summary"),),
    "a finding": ((STRINGS, "自然人", "个人"),),
    "a finding about what nobody reads": ((TABLE, "<sheetProtection[^>]*/>", ""),),
    "a label spelled otherwise": ((STRINGS, "自然人", "自然人 "),),
    "a label of the cover spelled otherwise": ((STRINGS, "机关名称", "机关名称："),),
    "a comment before the sheet": ((TABLE, "<worksheet ", "<!-- --><worksheet "),),
    "a comment among the cells": ((TABLE, "<sheetData>", "<sheetData><!-- -->"),),
    "an instruction among the cells": ((TABLE, "<sheetData>", "<sheetData><?x y?>"),),
    "a cell spelled otherwise": ((TABLE, '<c r="B1"', '<c  r="B1"'),),
    "a cell without its name": ((WORDS, "</row></sheetData>", '<c><f>""</f></c></row></sheetData>'),),
    "a cell with more to it": ((WORDS, '<c r="B6"', '<c cm="1" r="B6"'),),
    "a value spelled otherwise": ((WORDS, '<c r="A5" s="28"><v>1</v>', '<c\nr="A5" s="28"><v >1</v>'),),
    "a cell twice": ((PLAIN, '(<c r="B1" s="13"/>)', r"\1\1"),),
    "a row's label that is computed": (label_computed(TABLE, "A3", FORM.tables[4].corner),),
    "a heading that is computed": (label_computed(TABLE, "D4", "自然人"),),
    "a heading of last year that is computed": (label_computed(TABLE, "L4", "自然人"),),
    "a label of the cover that is computed": (label_computed(COVER, "B10", "联系人及电话"),),
    "a heading of the texts that is computed": (label_computed(WORDS, "A4", FORM.texts[0].label),),
    "the label of last year that is computed": (label_computed(PLAIN, "G2", messages.text("top.previous_year")),),
    "a field of the cover that is computed": (computed(COVER, "C10", "", ' t="str"'),),
    "a paragraph that is computed": (computed(WORDS, "B7", "", ' t="str"'),),
    "a figure of last year that is computed": (computed(PLAIN, "F5", "1000"),),
    "a figure that is computed": (computed(PLAIN, "B5", "1"),),
    "a figure that adds others": ((PLAIN, r'(<c r="B5" s="\d+">)<v>\d+', r"\1<f>C5+D5</f><v>11"),),
    "last year that is computed": (computed(PLAIN, "F2", "2021"),),
    "a result that is a truth": ((CHECKED, r'(<c r="H5" s="\d+") t="str"(><f>.*?</f>)<v>[^<]*', r'\1 t="b"\2<v>1'),),
    "a title of a table among the words": ((STRINGS, HELP[0], TITLE),),
    "a row of a table among the words": ((STRINGS, HELP[0], LICENSING.rows[0].label),),
    "a heading of a table among the words": ((STRINGS, HELP[0], ENFORCEMENT.columns[0].label),),
    "two rows of a table among the words": tuple(
        (STRINGS, said, row.label) for said, row in zip(HELP, ENFORCEMENT.rows, strict=False)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_nothing_is_learnt_from_a_workbook_with_anything_odd(tmp_path, name):
    parts = changed(usual(), *ODD[name])
    assert fast(taught(tmp_path, parts), tmp_path / "年报.xlsx", parts) is None


@pytest.mark.parametrize(
    ("part", "at", "says"),
    [(CHECKED, "J71", "已核实"), (WORDS, "B7", "总计"), (WORDS, "B7", "a\rb"), (COVER, "C5", "序号")],
    ids=repr,
)
def test_nothing_is_learnt_from_a_workbook_that_says_what_it_could_not_read(tmp_path, part, at, says):
    parts = typed(usual(), part, at, says)
    reader = taught(tmp_path, parts)
    assert fast(reader, tmp_path / "年报.xlsx", parts) is None
    assert fast(reader, tmp_path / "年报.xlsx", usual()) is None


FIT: dict[str, tuple[Edit, ...]] = {
    "one of two rows of a table among the words": ((STRINGS, HELP[0], ENFORCEMENT.rows[0].label),),
    "other words that nobody reads": ((STRINGS, HELP[0], "请填写全称"),),
    "no results for the checks": ((CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*</v>', r"\1"),),
    "a kind for an empty cell": ((WORDS, '<c r="B6" s="29"/>', '<c r="B6" s="29" t="s"/>'),),
    "a property of some program": (another_property("ICV"),),
    "no custom property": ((PROPERTIES, "<property .*</property>", ""),),
}  # fmt: skip


@pytest.mark.parametrize("name", FIT)
def test_a_make_is_learnt_where_nothing_is_odd(tmp_path, name):
    parts = changed(usual(), *FIT[name])
    found = fast(taught(tmp_path, parts), tmp_path / "年报.xlsx", parts)
    assert found is not None
    assert said(found) == said(in_full(tmp_path / "年报.xlsx", parts))


def test_a_label_of_last_year_in_another_place_is_not_learnt(tmp_path):
    """The year is then read elsewhere."""
    moved = (PLAIN, r'<c r="G2"( s="\d+" t="s"><v>\d+</v></c>)', r'<c r="H2"\1')
    parts = changed(usual(), moved, cell(PLAIN, "F2", None))
    assert not in_full(tmp_path / "年报.xlsx", parts).findings
    assert fast(taught(tmp_path, parts), tmp_path / "年报.xlsx", parts) is None


def total(figure: int, *parts: int) -> LayoutTotal:
    return LayoutTotal(figure, parts, True, 0)


def test_a_total_comes_after_those_it_adds():
    of_totals, early, late, alone = total(9, 7, 8), total(7, 1, 2), total(8, 3, 7), total(6, 4)
    assert _ordered([of_totals, late, early, alone]) == (early, alone, late, of_totals)
    assert _ordered([]) == ()


def test_totals_that_add_one_another_are_not_understood():
    with pytest.raises(LayoutDiffers):
        _ordered([total(1, 2), total(2, 1), total(3, 4)])
