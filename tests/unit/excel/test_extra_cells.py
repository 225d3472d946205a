"""What was typed beside the tables and texts: named with place and value, so that nothing is lost unsaid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.samples.filled_workbooks import BEFORE, altered, opened, read_book
from tests.samples.typed_tables import rows
from workbook.excel.reading.workbook_contents import Cell, WorkbookContents
from workbook.model.rule_catalog import format_message


def told(book: WorkbookContents) -> list[tuple[str, str]]:
    """Place and message of each value that is said to be unread."""
    found = [one for one in read_book(book).findings if one.rule == "structure-extra"]
    assert all(one.source.file == "年报.xlsx" for one in found)
    return [(str(one.source), format_message(one)) for one in found]


def unread(where: str, value: str) -> tuple[str, str]:
    sheet, _, cells = where.partition("!")
    return f"{sheet}!{cells.split('、')[0].removesuffix('等')}", f"{where} 在表外，其中的“{value}”未读取。"


EIGHT = "、".join(f"{column}20" for column in "BCDEFGHI")

# Cells of 表四 beside the table, and what is said of them.
BESIDE = {
    "a number": ({"P6": 7}, [("表四!P6", "7")]),
    "a nought": ({"P6": 0}, [("表四!P6", "0")]),
    "a number as text": ({"AG9": "８"}, [("表四!AG9", "８")]),
    "figures with a mark between": ({"AG9": "1,234"}, [("表四!AG9", "1,234")]),
    "words": ({"AG9": "备注", "AG10": "第1页"}, []),
    "an error": ({"AG9": Cell("#N/A", error=True)}, []),
    "a truth": ({"AG9": True}, []),
    "a result": ({"AG9": Cell(9, "A6")}, [("表四!AG9", "9")]),
    "a result that is text": ({"AG9": Cell("9", "A6")}, []),
    "a result not stored": ({"AG9": Cell(None, "A6", cached=False)}, []),
    "19 digits": ({"AG9": "1" * 19}, [("表四!AG9", "1" * 19)]),
    "20 digits": ({"AG9": "1" * 20}, []),
    "two in one row": ({"P6": 7, "AG6": 8}, [("表四!P6、AG6", "7、8")]),
    "two in one column": ({"P6": 7, "P8": 8}, [("表四!P6", "7"), ("表四!P8", "8")]),
    "eight in one row": (
        {f"{c}20": n for n, c in enumerate("BCDEFGHI")}, [(f"表四!{EIGHT}", "0、1、2、3、4、5、6、7")]
    ),
    "nine in one row": (
        {f"{c}20": n for n, c in enumerate("BCDEFGHIJ")}, [(f"表四!{EIGHT}等", "0、1、2、3、4、5、6、7等")]
    ),
    "on the row of the title": ({"T1": 5}, [("表四!T1", "5")]),
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
def test_figures_beside_our_tables_are_said(name):
    cells, expected = BESIDE[name]
    assert told(altered("表四", cells)) == [unread(where, value) for where, value in expected]


# Cells of 文字 (paragraphs stand in B5 to B21), and what is said of them.
WORDS = {
    "beside a paragraph": ({"C5": "还有"}, [("文字!C5", "还有")]),
    "at some length": ({"C6": "长" * 30}, [("文字!C6", "长" * 20)]),
    "in front": ({"A6": "甲", "C6": "乙"}, [("文字!A6、C6", "甲、乙")]),
    "blank": ({"C5": " "}, []),
    "a formula": ({"C6": Cell("共 3 字", "LEN(B6)")}, []),
    "a number": ({"C5": 8}, []),
    "above all": ({"C1": "甲"}, []),
    "on the last line of a part": ({"C21": "甲"}, [("文字!C21", "甲")]),
    "beside a heading": ({"D22": "甲"}, []),
}


@pytest.mark.parametrize("name", WORDS)
def test_words_beside_our_paragraphs_are_said(name):
    cells, expected = WORDS[name]
    assert told(altered("文字", cells)) == [unread(where, value) for where, value in expected]


def test_the_year_of_last_years_figures_is_no_extra_value_wherever_it_stands():
    assert told(opened()) == []
    assert told(altered("表二", {"F2": None, "G2": None, "J9": "上年年度", "I9": 2021})) == []
    assert told(altered("表二", {"I9": 2021})) == [unread("表二!I9", "2021")]


def test_in_a_workbook_of_others_only_what_stands_within_the_rows_of_a_table_is_said():
    bare = replace(opened(), properties={}, names={})
    cells = {f"{column}{row}": None for row in range(1, 31) for column in "LMNOPQR"}  # last year's figures are gone
    for sheet in ("表二", "表四"):
        bare = replace(bare, sheets=tuple(one for one in bare.sheets if one.name != sheet))
    assert told(altered("表三", cells, bare)) == []
    more = {**cells, "L6": 7, "L30": 8, "A8": 9, "L5": 1, "L31": 2, "L3": 3}
    assert told(altered("表三", more, bare)) == [unread("表三!L6", "7"), unread("表三!L30", "8")]


def test_the_year_of_last_years_figures_is_known_without_a_stamp_where_their_heading_is():
    bare = replace(opened(), properties={}, names={})
    bare = replace(bare, sheets=tuple(one for one in bare.sheets if one.name == "表二"))
    said = told(altered("表二", {"F2": None, "G2": None, "J9": "上年年度", "I9": 2021}, bare))
    assert said == []
    heading = {"F1": "另一年"}
    said = told(altered("表二", {**heading, "F2": None, "G2": None, "J9": "上年年度", "I9": 2021}, bare))
    assert unread("表二!F9、I9", f"{BEFORE['licensing.permits.decisions']}、2021") in said


def test_in_a_workbook_of_others_a_row_put_in_is_said_from_the_first_column_of_figures_on():
    bare = replace(opened(), properties={}, names={})
    (sheet,) = (one for one in bare.sheets if one.name == "表三")
    cells = {(row, column): cell for (row, column), cell in rows(1, 10)(dict(sheet.cells)).items() if column < 11}
    bare = replace(bare, sheets=(replace(sheet, cells=cells),))
    assert told(bare) == []
    assert told(altered("表三", {"C11": 5, "D11": 6}, bare)) == [unread("表三!D11", "6")]
