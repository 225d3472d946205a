"""The written parts and the reasons given, wherever their headings have moved to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.samples.filled_workbooks import FORM, REPORT, altered, opened
from workbook.excel.reading.entry_reader import NarrativeTexts, read_check_sheet, read_narrative_texts
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.workbook_contents import Cell, Sheet, WorkbookContents
from workbook.model.cell_address import parse_address
from workbook.model.report import Answer


def typed(**cells: object) -> WorkbookContents:
    """A workbook of one sheet without names, as anybody types it."""
    held = {parse_address(at): v if isinstance(v, Cell) else Cell(v) for at, v in cells.items()}
    return replace(opened(), sheets=(Sheet("说明", held),), names={}, properties={})


def texts(book: WorkbookContents, *, ours: bool) -> NarrativeTexts:
    return read_narrative_texts(FORM, WorkbookView(book), ours=ours)


OVERVIEW, PROBLEMS, OTHER = "一、总体情况", "五、存在的主要问题及改进情况", "六、其他需要报告的事项"
WORDS = "文字"
ISSUED = dict(REPORT.texts)

# Our sheet of texts: cells altered, the texts that are then otherwise, and the areas that are.
OURS = {
    "as issued": ({}, {}, {"overview": (4, 20, 1), "problems": (22, 38, 1), "other": (40, 55, 1)}),
    "two paragraphs": ({"B6": "二", "B8": "三"}, {"overview": f"{ISSUED['overview']}\n二\n\n三"}, {}),
    "the last line of a part": ({"B20": "末"}, {"overview": ISSUED["overview"] + "\n" * 15 + "末"}, {}),
    "the line before a heading": ({"B21": "末"}, {"overview": ISSUED["overview"] + "\n" * 16 + "末"}, {}),
    "a whole number": ({"B5": 2023.0}, {"overview": "2023"}, {}),
    "a number": ({"B5": 1.5}, {"overview": "1.5"}, {}),
    "an error": ({"B5": Cell("#REF!", error=True)}, {"overview": None}, {}),
    "emptied": ({"B5": None}, {"overview": None}, {}),
    "a heading with more behind it": ({"A22": PROBLEMS + "（略）"}, {}, {}),
    "a heading once more further down": ({"A10": OVERVIEW}, {}, {"overview": (4, 20, 1)}),
    "a heading nobody knows": ({"A22": "五、问题"}, {}, {"problems": (22, 38, 1)}),
    "more below the last part": ({"B57": "附"}, {"other": "无" + "\n" * 16 + "附"}, {"other": (40, 56, 1)}),
}


@pytest.mark.parametrize("name", OURS)
def test_our_sheet_of_texts_is_read_part_by_part(name):
    cells, otherwise, areas = OURS[name]
    found = texts(altered(WORDS, cells), ours=True)
    wanted = {**ISSUED, **otherwise}
    assert found.texts == {code: text for code, text in wanted.items() if text is not None}
    for code, (first, last, column) in areas.items():
        area = found.areas[code]
        assert (area.sheet.name, area.first, area.last, area.column) == (WORDS, first, last, column)
    assert {code: (s.file, s.sheet) for code, s in found.sources.items()} == {
        f"texts.{code}": ("年报.xlsx", WORDS) for code in ISSUED
    }
    assert found.sources["texts.overview"].cell == "B5"


@pytest.mark.parametrize(
    "names",
    [{}, {"texts.overview": "#REF!"}, dict.fromkeys(("texts.overview", "texts.problems", "texts.other"), "#REF!")],
    ids=["all there", "one broken", "all broken"],
)
def test_the_sheet_of_texts_is_found_by_any_name_or_its_own(names):
    book = opened()
    assert texts(replace(book, names={**book.names, **names}), ours=True).texts == ISSUED


def test_on_our_sheet_a_part_keeps_its_column_whatever_stands_beside():
    beside = altered(WORDS, {"C6": "长" * 100})
    assert texts(replace(beside, names={}), ours=True).texts == ISSUED
    emptied = tuple(replace(one, cells={}) if one.name == WORDS else one for one in opened().sheets)
    assert texts(replace(opened(), sheets=emptied), ours=True).texts == {}


def test_a_heading_typed_among_the_paragraphs_begins_no_part():
    """The heading of 五 reads otherwise and its name is gone: its paragraphs stay with 一, whose last line they are."""
    lost = altered(WORDS, {"A22": "问题", "C38": PROBLEMS, "B39": "末"})
    names = {name: text for name, text in lost.names.items() if name != "texts.problems"}
    found = texts(replace(lost, names=names), ours=True)
    assert set(found.texts) == {"overview", "other"}
    assert found.texts["overview"].endswith("末")
    assert ISSUED["problems"] in found.texts["overview"]


def test_headings_hold_where_names_are_lost_whatever_stands_beside_them():
    beside = altered(WORDS, {"B4": "注", "C4": "注"})
    assert texts(replace(beside, names={}), ours=True).texts == ISSUED
    indented = altered(WORDS, {"A22": None, "B22": PROBLEMS, "B23": None, "C23": "丙"})
    found = texts(replace(indented, names={}), ours=True)
    assert (found.texts["problems"], found.areas["problems"][1:]) == ("丙", (22, 38, 2))


def test_a_heading_too_far_to_the_right_begins_its_part_and_ends_where_a_name_begins_another():
    lost = altered(WORDS, {"A4": None, "C4": OVERVIEW, "A22": "五、问题"})
    names = {name: text for name, text in lost.names.items() if name != "texts.overview"}
    found = texts(replace(lost, names=names), ours=True)
    assert (found.texts, found.areas["overview"][1:]) == (ISSUED, (4, 20, 1))


def test_a_renamed_sheet_of_texts_is_found_by_what_its_names_refer_to():
    book = opened()
    sheets = tuple(replace(one, name="说明") if one.name == WORDS else one for one in book.sheets)
    names = {name: text.replace("'文字'", "'说明'") for name, text in book.names.items()}
    found = texts(replace(book, sheets=sheets, names=names), ours=True)
    assert found.texts == ISSUED
    assert found.areas["overview"].sheet.name == "说明"
    lost = texts(replace(book, sheets=sheets, names={}), ours=True)  # by its headings then
    assert lost.texts["overview"] == ISSUED["overview"]


# Sheets of others: cells, and what is read of each part.
THEIRS = {
    "down to the next heading": (
        {"A1": OVERVIEW, "A2": "甲", "A3": "乙", "A4": PROBLEMS, "A5": "丙", "A6": OTHER, "A7": "丁"},
        {"overview": "甲\n乙", "problems": "丙", "other": "丁"},
    ),
    "a heading without its number": ({"B2": "总体情况", "B3": "甲"}, {"overview": "甲"}),
    "down to a heading of a table": (
        {"A1": OVERVIEW, "A2": "甲", "A3": "二、主动公开政府信息情况", "A4": "乙"}, {"overview": "甲"}
    ),
    "in the column with most words": (
        {"A1": OVERVIEW, "A2": "1", "B2": "第一段文字", "A3": "2", "B3": "第二段"}, {"overview": "第一段文字\n第二段"}
    ),
    "not in the column of one long text": (
        {"A1": OVERVIEW, "A2": "一" * 10, "B2": "甲" * 5, "B3": "乙" * 5, "B4": "丙" * 5},
        {"overview": "\n".join(sign * 5 for sign in "甲乙丙")},
    ),
    "left of a few words": ({"A1": OVERVIEW, "A2": "第一段文字", "B2": "略"}, {"overview": "第一段文字"}),
    "with a note in its heading": (
        {"A1": OTHER + "（收取信息处理费情况在此处报告。）", "A2": "无"}, {"other": "无"}
    ),
    "nothing below": ({"A1": OVERVIEW, "A2": 5}, {}),
    "nothing at all": ({"A1": "工资表"}, {}),
    "the second of two headings": (
        {"A1": OVERVIEW, "A2": PROBLEMS, "A3": "丙", "A9": OVERVIEW, "A10": "甲"}, {"overview": "甲", "problems": "丙"}
    ),
    "not below a heading that stands beside another": (
        {"A1": OVERVIEW, "B1": PROBLEMS, "A2": "甲", "A4": PROBLEMS, "A5": "丙"}, {"overview": "甲", "problems": "丙"}
    ),
    "to the end of the sheet": ({"A1": OVERVIEW, "A2": "甲", "A40": "乙"}, {"overview": "甲" + "\n" * 38 + "乙"}),
}  # fmt: skip


@pytest.mark.parametrize("name", THEIRS)
def test_written_parts_are_read_below_their_headings(name):
    cells, wanted = THEIRS[name]
    found = texts(typed(**cells), ours=False)
    assert found.texts == wanted
    for code in wanted:
        assert found.sources[f"texts.{code}"].sheet == "说明"


def test_a_sheet_of_anothers_workbook_is_read_as_theirs_though_it_is_called_as_ours():
    one = typed(A1=OVERVIEW, A2="甲")
    named = replace(one, sheets=(replace(one.sheets[0], name=WORDS),))
    assert texts(named, ours=False).texts == {"overview": "甲"}
    assert texts(named, ours=True).texts == {}


def test_a_part_ends_where_another_was_found_already():
    found = texts(typed(A1=PROBLEMS, A2="丙", A3=OVERVIEW, A4="甲", A5=OTHER, A6="丁"), ours=False)
    assert found.texts == {"problems": "丙", "overview": "甲", "other": "丁"}
    assert [(a.first, a.last) for a in found.areas.values()] == [(3, 3), (1, 1), (5, 5)]
    assert found.sources["texts.overview"].cell == "A4"


# reasons

CHECKS = "校验"


def check_cells() -> Mapping[tuple[int, int], Cell]:
    (sheet,) = (one for one in opened().sheets if one.name == CHECKS)
    return sheet.cells


def other_reasons_row() -> int:
    """The row, counted from 0, of the last line of text in column A: the heading of the other reasons."""
    return max(row for (row, column), cell in check_cells().items() if column == 0 and isinstance(cell.value, str))


def lines() -> dict[str, int]:
    last = other_reasons_row() - 1
    return {str(cell.value): row for (row, column), cell in check_cells().items() if column == 10 and 3 < row < last}


def others() -> str:
    return str(check_cells()[other_reasons_row(), 0].value)


def below(column: str, rows: int = 2) -> str:
    """An address so many rows below the heading of the other reasons; their first row is 2 below it."""
    return f"{column}{other_reasons_row() + 1 + rows}"


def at(column: str, code: str) -> str:
    return f"{column}{lines()[code] + 1}"


def warned() -> list[str]:
    return [code for code in lines() if code.startswith("requests.carried-over")]


def test_nothing_was_given_where_nothing_stands():
    assert read_check_sheet(FORM, WorkbookView(opened())) == ((), frozenset())
    assert read_check_sheet(FORM, WorkbookView(typed(A1="校验"))) == ((), frozenset())
    book = opened()
    assert read_check_sheet(FORM, WorkbookView(replace(book, sheets=book.sheets[:-1], names={}))) == ((), frozenset())
    emptied = tuple(replace(one, cells={}) if one.name == CHECKS else one for one in book.sheets)
    assert read_check_sheet(FORM, WorkbookView(replace(book, sheets=emptied))) == ((), frozenset())


# hidden columns beside a reason (figures answered for, order, reason as it came), and the fingerprint it keeps
GIVEN = [
    ({"J": "属实"}, ""),
    ({"J": "属实", "M": "00ff"}, "00ff"),
    ({"J": "属实", "M": "00ff", "P": "属实"}, "00ff"),
    ({"J": "另有原因", "M": "00ff", "P": "属实"}, ""),
    ({"J": " 属实 ", "M": "00ff", "P": " 属实 "}, "00ff"),
]


@pytest.mark.parametrize(("cells", "figures"), GIVEN)
def test_a_reason_answers_for_the_figures_it_was_given_for(cells, figures):
    code = warned()[0]
    book = altered(CHECKS, {at(column, code): text for column, text in cells.items()})
    (answer,) = read_check_sheet(FORM, WorkbookView(book)).answers
    assert answer == Answer(answer.rule, answer.cells, cells["J"], figures)
    assert answer.rule == "carried-over"
    assert answer.cells[0].startswith("requests.brought.")


def test_reasons_come_in_the_order_they_came_in_and_new_ones_last():
    one, two, three = warned()[:3]
    cells = {at("J", one): "甲", at("J", two): "乙", at("J", three): "丙", at("N", two): "2", at("N", three): "1"}
    assert [answer.reason for answer in read_check_sheet(FORM, WorkbookView(altered(CHECKS, cells))).answers] == [
        "丙",
        "乙",
        "甲",
    ]
    anew = {at("J", one): "甲", at("J", two): "乙", at("J", three): "丙", at("N", three): "7"}
    assert [answer.reason for answer in read_check_sheet(FORM, WorkbookView(altered(CHECKS, anew))).answers] == [
        "丙",
        "甲",
        "乙",
    ]
    same = {at("J", one): "乙", at("J", two): "甲", at("N", one): "1", at("N", two): "1"}
    assert [answer.reason for answer in read_check_sheet(FORM, WorkbookView(altered(CHECKS, same))).answers] == [
        "乙",
        "甲",
    ]
    assert read_check_sheet(FORM, WorkbookView(altered(CHECKS, {at("J", one): "  "}))).answers == ()


def test_other_reasons_stand_below_with_their_rule_and_cells():
    reason = {"C": " narrative-counts ", "D": "requests.new.total texts.overview", "J": "口径不同", "M": "ab"}
    cells = {below(column): text for column, text in reason.items()}
    (answer,) = read_check_sheet(FORM, WorkbookView(altered(CHECKS, cells))).answers
    assert answer == Answer("narrative-counts", ("requests.new.total", "texts.overview"), "口径不同", "ab")
    cells = {below("C", 1): "x", below("J", 1): "y"}  # the heading of those
    assert read_check_sheet(FORM, WorkbookView(altered(CHECKS, cells))).answers == ()
    cells = {below("A", 0): None, below("C"): "x", below("J"): "y"}  # nobody says what stands there
    assert read_check_sheet(FORM, WorkbookView(altered(CHECKS, cells))).answers == ()
    for elsewhere in ("A2", "Q4"):  # above the lines it says nothing of what stands below them
        cells = {below("A", 0): None, elsewhere: others(), below("C"): "x", below("J"): "y"}
        assert read_check_sheet(FORM, WorkbookView(altered(CHECKS, cells))).answers == ()
    cells = {below("C", -1): "x", below("J", -1): "y"}  # between the lines and those
    assert read_check_sheet(FORM, WorkbookView(altered(CHECKS, cells))).answers == ()
    cells = {below("C", 31): "x", below("J", 31): "y"}
    (answer,) = read_check_sheet(FORM, WorkbookView(altered(CHECKS, cells))).answers
    assert (answer.rule, answer.cells, answer.reason) == ("x", (), "y")


def test_totals_left_as_published_are_marked():
    sums = [code for code in lines() if code.startswith("requests.") and ".sum" in code] or list(lines())
    marked = altered(CHECKS, {at("L", code): "typed" for code in sums})
    typed_totals = read_check_sheet(FORM, WorkbookView(marked)).typed
    assert typed_totals
    assert typed_totals <= {cell.code for cell in FORM.cells if cell.total}
    assert not read_check_sheet(FORM, WorkbookView(altered(CHECKS, {at("L", code): "changed" for code in sums}))).typed


def shifted(rows: int = 0, columns: int = 0, *, forget: tuple[int, ...] = (), behind: int = 0) -> WorkbookContents:
    """The check sheet with rows above and columns in front (or behind others), some of its headings emptied."""
    book = altered(CHECKS, {at("J", warned()[0]): "属实", at("M", warned()[0]): "00ff"})
    sheet = next(one for one in book.sheets if one.name == CHECKS)
    kept = {p: c for p, c in sheet.cells.items() if not (p[0] == 3 and p[1] in forget)}
    cells = {(row + rows, column + columns * (column >= behind)): cell for (row, column), cell in kept.items()}
    return replace(book, sheets=tuple(replace(s, cells=cells) if s.name == CHECKS else s for s in book.sheets))


MOVED: dict[str, tuple[int, int, tuple[int, ...]]] = {
    "as issued": (0, 0, ()),
    "lower": (3, 0, ()),
    "further right": (0, 2, ()),
    "both": (5, 3, ()),
    "heading of reasons lost": (0, 0, (9,)),
    "headings lost and moved": (0, 2, (9, 12)),
    "heading of rules lost": (0, 0, (10,)),
}


@pytest.mark.parametrize("name", MOVED)
def test_the_check_sheet_is_read_wherever_its_columns_stand(name):
    rows, columns, forget = MOVED[name]
    answers = read_check_sheet(FORM, WorkbookView(shifted(rows, columns, forget=forget))).answers
    assert [(answer.reason, answer.figures) for answer in answers] == [("属实", "00ff")]


def test_a_column_put_in_moves_those_behind_it_alone():
    (answer,) = read_check_sheet(FORM, WorkbookView(shifted(columns=1, behind=11))).answers
    assert (answer.reason, answer.figures) == ("属实", "00ff")


def test_headings_printed_again_below_are_no_headings():
    sheet = next(one for one in shifted().sheets if one.name == CHECKS)
    again = {f"{letter}88": sheet.cells[3, n] for n, letter in enumerate("ABCDEFGHIJKLMNOP")}
    assert [
        answer.reason for answer in read_check_sheet(FORM, WorkbookView(altered(CHECKS, again, shifted()))).answers
    ] == ["属实"]


def test_the_check_sheet_is_found_by_name_or_else_by_its_own():
    book = shifted()
    for names in ({}, {"checks": "#REF!"}):
        assert read_check_sheet(FORM, WorkbookView(replace(book, names=names))).answers
    sheets = tuple(replace(one, name="核对") if one.name == CHECKS else one for one in book.sheets)
    assert read_check_sheet(
        FORM, WorkbookView(replace(book, sheets=sheets, names={"checks": "'核对'!$A$5:$P$87"}))
    ).answers
    assert not read_check_sheet(FORM, WorkbookView(replace(book, sheets=sheets, names={}))).answers
