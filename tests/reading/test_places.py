"""Where each figure of a table is taken to stand, place by place; on books that need no file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reading.desk import FORM, OLD_FORM, altered, opened, with_sheet
from tests.reading.typed import (
    Cells,
    Change,
    book,
    columns,
    found,
    printed,
    rows,
    saying,
    without_column,
    without_row,
)  # fmt: skip
from workbook.grid import Place, a1
from workbook.reading.book import Book, Cell, Sheet
from workbook.reading.issued import issued
from workbook.reading.labels import View
from workbook.reading.locate import coverage, locate, twice


@pytest.mark.parametrize("form", [FORM, OLD_FORM], ids=lambda form: form.id)
@pytest.mark.parametrize(("down", "right"), [(0, 0), (7, 0), (0, 3), (2, 1)])
def test_every_figure_is_found_wherever_its_table_stands(form, down, right):
    for section in form.sheets:
        cells, at = printed(section.code, down=down, right=right, form=form)
        for table in form.tables_of(section):
            one = found(book(cells), table.code, form=form)
            assert one is not None
            assert one.cells == {code: place for code, place in at.items() if code.startswith(f"{table.code}.")}
            assert (one.missing, one.guessed, one.previous, one.as_issued) == ((), (), {}, False)
            assert one.sheet.name == "Sheet1"
            assert set(one.row_labels) == {row.code for row in table.rows if table.layout == "down"} or one.row_labels
            if table.layout == "down":
                assert one.rows == {row.code: at[table.cell(row.code, table.columns[0].code)][0] for row in table.rows}
                assert one.columns == {c.code: at[table.cell(table.rows[0].code, c.code)][1] for c in table.columns}
                assert all(cells[place].value for place in one.row_labels.values())
                assert all(place[1] == one.columns[code] for code, place in one.column_labels.items())
            else:
                assert set(one.rows.values()) == {place[0] for place in one.cells.values()}
                assert all(place[1] == one.columns[key] for key, place in one.column_labels.items())


def test_tables_of_all_sections_on_one_sheet_are_kept_apart():
    together: Cells = {}
    wanted: dict[str, Place] = {}
    top = 0
    for section in FORM.sheets[::-1]:
        cells, at = printed(section.code, down=top)
        together |= cells
        wanted |= at
        top = max(row for row, _ in cells) + 2
    tables = locate(FORM, View(book(together)), ours=False)
    assert {code: place for one in tables.values() for code, place in one.cells.items()} == wanted
    assert coverage(tables) == (len(FORM.tables), len(FORM.cells))


def test_nothing_is_found_where_nothing_stands():
    assert locate(FORM, View(book({(0, 0): Cell("工资表"), (1, 1): Cell(5000)})), ours=False) == {}
    assert coverage({}) == (0, 0)


# one table altered ----------------------------------------------------------------------------------------------------

REQUESTS, AT = printed("on_request")
TOP, LEFT = AT["requests.new.person"]
LAST = AT["requests.carried.person"][0]
LAW = "requests.denied.law."
DENIED = "2.其他法律行政法规禁止公开"


def line(code: str, column: str = "person") -> Place:
    return AT[f"requests.{code}.{column}"]


# What was done; by how much cells then stand elsewhere: (row, more rows, column, more columns); cells that are lost;
# lines that are taken by their place.
ALTERED: dict[str, tuple[Change, tuple[int, int, int, int], str, list[str]]] = {
    "nothing": (lambda cells: cells, (0, 0, 0, 0), "", []),
    "a row above": (rows(1, 0), (0, 1, 0, 0), "", []),
    "rows before the first line": (rows(2, TOP), (TOP, 2, 0, 0), "", []),
    "rows inside": (rows(3, TOP + 6), (TOP + 6, 3, 0, 0), "", []),
    "a row before the last line": (rows(1, LAST), (LAST, 1, 0, 0), "", []),
    "columns in front": (columns(2, 0), (0, 0, 0, 2), "", []),
    "a column inside": (columns(1, LEFT + 2), (0, 0, LEFT + 2, 1), "", []),
    "a column before the last": (columns(1, LEFT + 6), (0, 0, LEFT + 6, 1), "", []),
    "a label inside": (saying({DENIED: "其余"}), (0, 0, 0, 0), "", ["denied.law"]),
    "two labels in a row": (
        saying({DENIED: "其余", "3.危及“三安全一稳定”": "又"}),
        (0, 0, 0, 0),
        "",
        ["denied.law", "denied.safety"],
    ),
    "the first label": (saying({"一、本年新收政府信息公开申请数量": "新收"}), (0, 0, 0, 0), "", ["new"]),
    "the last label": (saying({"四、结转下年度继续办理": "结转"}), (0, 0, 0, 0), "", ["carried"]),
    "a heading inside": (saying({"科研机构": "院所"}), (0, 0, 0, 0), "", ["research"]),
    "the first heading": (saying({"自然人": "个人"}), (0, 0, 0, 0), "", ["person"]),
    "the last heading": (saying({"总计": "共"}), (0, 0, 0, 0), "", ["total"]),
    "a label cleared": (saying({DENIED: None}), (0, 0, 0, 0), "", ["denied.law"]),
    "a line gone": (without_row(line("denied.law")[0]), (line("denied.law")[0], -1, 0, 0), LAW, []),
    "the last line gone": (without_row(LAST), (0, 0, 0, 0), "requests.carried.", []),
    "a column gone": (without_column(LEFT + 2), (0, 0, LEFT + 2, -1), ".research", []),
    "the last column gone": (without_column(LEFT + 6), (0, 0, 0, 0), ".total", []),
    "the title gone": (lambda cells: {at: cell for at, cell in cells.items() if at[0] != 0}, (0, 0, 0, 0), "", []),
}


@pytest.mark.parametrize("name", ALTERED)
def test_a_table_altered_is_read_line_by_line_or_said_to_be_missing(name):
    change, (row, more, column, further), lost, guessed = ALTERED[name]
    one = found(book(change(dict(REQUESTS))), "requests")
    assert one is not None
    kept = {code: place for code, place in AT.items() if not (lost and lost in code)}
    assert one.cells == {code: (r + more * (r >= row), c + further * (c >= column)) for code, (r, c) in kept.items()}
    assert {code for gap in one.missing for code in gap.cells} == AT.keys() - kept.keys()
    assert len(one.missing) == bool(lost)
    assert [guess.line.code for guess in one.guessed] == guessed
    for guess in one.guessed:
        if guess.line.code in one.rows:
            assert guess.place[0] == one.rows[guess.line.code]
            assert guess.line.code not in one.row_labels
        else:
            assert guess.place[1] == one.columns[guess.line.code]
            assert guess.line.code not in one.column_labels
    assert all(code in one.rows for code in one.row_labels)


def test_where_a_guessed_label_should_stand_is_where_another_text_stands():
    one = found(book(saying({DENIED: "其余"})(dict(REQUESTS))), "requests")
    assert one is not None
    assert [guess.place for guess in one.guessed] == [(line("denied.law")[0], 2)]
    one = found(book(saying({"科研机构": "院所"})(dict(REQUESTS))), "requests")
    assert one is not None
    ((place),) = [guess.place for guess in one.guessed]
    assert place == (TOP - 1, LEFT + 2)


@pytest.mark.parametrize(
    ("section", "first", "second"),
    [
        ("on_request", "requests.denied.law.person", "requests.denied.safety.person"),
        ("on_request", "requests.new.person", "requests.brought.person"),
        ("on_request", "requests.results.person", "requests.carried.person"),
        ("proactive", "legislation.regulations.issued", "legislation.normative.issued"),
        ("proactive", "enforcement.penalties.decisions", "enforcement.coercion.decisions"),
    ],
)
def test_two_lines_that_changed_places_take_their_figures_along(section, first, second):
    cells, at = printed(section)
    swap = {at[first][0]: at[second][0], at[second][0]: at[first][0]}
    cells = {(swap.get(row, row), column): cell for (row, column), cell in cells.items()}
    code = first.partition(".")[0]
    one = found(book(cells), code)
    assert one is not None
    assert one.cells == {c: (swap.get(row, row), column) for c, (row, column) in at.items() if c.startswith(f"{code}.")}
    assert not one.missing
    assert not one.guessed


def test_a_line_out_of_order_is_taken_only_where_its_label_stands_once():
    law, last = line("denied.law")[0], LAST
    cells = {at: cell for at, cell in REQUESTS.items() if at[0] != law}
    moved = {(last + 1, column): cell for (row, column), cell in REQUESTS.items() if row == law}
    one = found(book({**cells, **moved}), "requests")
    assert one is not None
    assert one.rows["denied.law"] == last + 1
    again = {(last + 2, column): cell for (row, column), cell in REQUESTS.items() if row == law}
    one = found(book({**cells, **moved, **again}), "requests")
    assert one is not None
    assert one.rows.get("denied.law") in (None, law)


@pytest.mark.parametrize("kept", [14, 13, 4], ids=["more than half", "half", "few"])
def test_a_table_of_few_lines_is_none(kept):
    """25 lines are 13 and 12; of fewer than half nothing is read."""
    some = set(range(TOP, TOP + kept))
    cells = {at: cell for at, cell in REQUESTS.items() if at[0] < TOP or at[0] in some}
    one = found(book(cells), "requests")
    assert (one is None) == (kept < 13)
    if one is not None:
        assert set(one.rows.values()) <= some
        assert {code for gap in one.missing for code in gap.cells} == {c for c, at in AT.items() if at[0] not in some}


def test_headings_without_lines_and_lines_without_headings_are_no_table():
    heads = {at: cell for at, cell in REQUESTS.items() if at[0] < TOP}
    assert found(book(heads), "requests") is None
    lines = {at: cell for at, cell in REQUESTS.items() if at[0] >= TOP}
    one = found(book(lines), "requests")
    assert one is None or not one.cells


def test_lines_whose_labels_all_read_otherwise_are_found_below_title_and_headings():
    cells, at = printed("proactive")
    renamed = saying({"规章": "甲", "行政规范性文件": "乙"})(dict(cells))
    one = found(book(renamed), "legislation")
    assert one is not None
    assert one.cells == {code: place for code, place in at.items() if code.startswith("legislation.")}
    assert [guess.line.label for guess in one.guessed] == ["规章", "行政规范性文件"]
    nameless = saying({"规章": "甲", "行政规范性文件": "乙", "第二十条第（一）项": "其他"})(dict(cells))
    assert found(book(nameless), "legislation") is None


def test_a_table_is_taken_where_most_of_it_stands_and_a_second_copy_is_told():
    half = {at: cell for at, cell in REQUESTS.items() if at[0] < TOP + 15}
    for sheets in ((half, dict(REQUESTS)), (dict(REQUESTS), half)):
        one = found(book(*sheets), "requests")
        assert one is not None
        assert one.sheet.cells == REQUESTS
    two = book(dict(REQUESTS), dict(REQUESTS))
    tables = locate(FORM, View(two), ours=False)
    assert tables["requests"].sheet.name == "Sheet1"
    assert [(table.code, sheet.name) for table, sheet in twice(FORM, View(two), tables)] == [("requests", "Sheet2")]
    one_and_half = book(dict(REQUESTS), half)
    tables = locate(FORM, View(one_and_half), ours=False)
    assert twice(FORM, View(one_and_half), tables) == []


def test_of_two_copies_the_one_on_the_sheet_issued_for_it_is_taken():
    first, second = Sheet("Sheet1", dict(REQUESTS)), Sheet("表三", dict(REQUESTS))
    two = replace(book(), sheets=(first, second))
    one = found(two, "requests")
    assert one is not None
    assert one.sheet.name == "表三"


def test_a_heading_states_its_unit():
    cells, _ = printed("proactive")
    one = found(book(saying({"本年收费金额（单位：万元）": "本年收费金额（元）"})(cells)), "fees")
    assert one is not None
    assert one.units == {"amount": "元"}
    one = found(book(saying({"本年收费金额（单位：万元）": "本年收费金额"})(cells)), "fees")
    assert one is not None
    assert one.units == {}


# ours -----------------------------------------------------------------------------------------------------------------

ISSUED = issued(FORM).tables


@pytest.mark.parametrize("code", ISSUED)
def test_our_tables_are_taken_as_issued_and_searched_for_where_a_label_is_not(code):
    table = ISSUED[code]
    one = found(opened(), code, ours=True)
    assert one is not None
    assert (one.cells, one.previous, one.as_issued) == (table.cells, table.previous, True)
    assert (one.rows, one.columns) == (table.rows, table.columns)
    assert (one.row_labels, one.column_labels) == (table.row_labels, table.column_labels)
    sheet = next(sheet for sheet in opened().sheets if sheet.name == table.sheet)
    place = next(iter(table.labels))
    searched = found(with_sheet(replace(sheet, cells={**sheet.cells, place: Cell("别的")})), code, ours=True)
    assert searched is not None
    assert not searched.as_issued
    assert (searched.cells, searched.previous) == (table.cells, table.previous)


def test_a_table_whose_figures_are_all_gone_is_not_taken_as_issued():
    table = ISSUED["reviews"]
    sheet = next(sheet for sheet in opened().sheets if sheet.name == table.sheet)
    figures = set(table.cells.values())
    bare = {at: cell for at, cell in sheet.cells.items() if at not in figures}
    one = found(with_sheet(replace(sheet, cells=bare)), "reviews", ours=True)
    assert one is not None
    assert not one.as_issued
    one_left = {**bare, min(figures): Cell(1)}
    one = found(with_sheet(replace(sheet, cells=one_left)), "reviews", ours=True)
    assert one is not None
    assert one.as_issued


def test_last_years_figures_are_left_alone_where_their_headings_are_not_as_issued():
    for cell, value in (("L4", "个人"), ("L3", None)):
        one = found(altered("表三", {cell: value}), "requests", ours=True)
        assert one is not None
        assert one.cells == ISSUED["requests"].cells
        assert one.previous in ({}, ISSUED["requests"].previous)
        assert one.as_issued


@pytest.mark.parametrize("code", ["requests", "legislation", "reviews"])
@pytest.mark.parametrize("forget", ["nothing", "the words", "the name", "both"])
def test_last_years_figures_are_never_taken_for_this_years(code, forget):
    table = ISSUED[code]
    sheet = next(sheet for sheet in opened().sheets if sheet.name == table.sheet)
    cells = {**sheet.cells, next(iter(table.labels)): Cell("别的")}
    if forget in ("the words", "both"):
        cells = {at: cell for at, cell in cells.items() if cell.value != "上年数（供核对，不打印）"}
    one_book = with_sheet(replace(sheet, cells=cells))
    if forget in ("the name", "both"):
        one_book = replace(one_book, names={n: t for n, t in one_book.names.items() if not n.startswith("previous.")})
    one = found(one_book, code, ours=True)
    assert one is not None
    assert one.cells == table.cells
    assert one.previous == ({} if forget == "both" else table.previous)  # where nothing tells them, they are extra


def test_a_renamed_sheet_is_known_by_the_name_of_its_table():
    book_now = opened()
    sheets = tuple(replace(one, name="三") if one.name == "表三" else one for one in book_now.sheets)
    names = {name: text.replace("'表三'!", "'三'!") for name, text in book_now.names.items()}
    one = found(replace(book_now, sheets=sheets, names=names), "requests", ours=True)
    assert one is not None
    assert (one.sheet.name, one.as_issued) == ("三", True)
    one = found(replace(book_now, sheets=sheets, names={}), "requests", ours=True)
    assert one is not None
    assert (one.sheet.name, one.as_issued, one.cells) == ("三", False, ISSUED["requests"].cells)


STAMPLESS = "all there", "without the words above last year's"


def stampless(words: str) -> Book:
    """Our workbook copied sheet by sheet into another: stamp and names are gone."""
    bare = replace(opened(), properties={}, names={})
    for name, at in (("表二", "F1"), ("表三", "L1"), ("表四", "Q1")):
        bare = altered(name, {at: None} if words != STAMPLESS[0] else {}, bare)
    return bare


@pytest.mark.parametrize("words", STAMPLESS)
@pytest.mark.parametrize("code", ISSUED)
def test_without_its_stamp_too_no_figure_of_last_year_is_taken_for_this_years(code, words):
    table = ISSUED[code]
    one = found(stampless(words), code)
    assert one is not None
    assert one.cells == table.cells
    some = [*table.column_labels.values(), *list(table.row_labels.values())[::8]]
    for place in some:  # one label besides reads otherwise
        one = found(altered(table.sheet, {a1(*place): "别的"}, stampless(words)), code)
        if len(table.columns) > 1 or words == STAMPLESS[0]:  # a table of one column has but one heading to go by
            assert one is not None
            assert one.cells.items() <= table.cells.items()


def test_a_label_that_stands_once_more_is_no_second_table():
    """An agency adds a column 合计 of its own in front of 总计: both are headings of the last column."""
    cells = columns(1, LEFT + 6)(dict(REQUESTS))
    cells[TOP - 2, LEFT + 6] = Cell("合计")
    one = found(book(cells), "requests")
    assert one is not None
    assert {at[1] for code, at in one.cells.items() if not code.endswith(".total")} == set(range(LEFT, LEFT + 6))


def test_a_group_named_elsewhere_on_the_sheet_misleads_nobody():
    cells, at = printed("contested", down=8)
    below = max(row for row, _ in cells) + 5
    one = found(
        book({**cells, (0, 9): Cell("行政复议"), (below, 7): Cell("行政复议"), (below, 1): Cell("复议后起诉")}),
        "reviews",
    )
    assert one is not None
    assert one.cells == at


def test_a_table_across_is_found_with_one_heading_and_a_group_lost_and_its_figures_near_below():
    cells, at = printed("contested")
    row = next(iter(at.values()))[0]
    lost = {**cells, (row - 1, 1): Cell("纠正")} | {
        place: Cell("复议") for place, c in cells.items() if c.value == "行政复议"
    }
    one = found(book(lost), "reviews")
    assert one is not None
    assert one.cells == at
    assert set(one.column_labels) == set(one.columns) - {"reconsideration.corrected"}
    for further, there in ((2, row + 2), (3, row)):  # three rows below the headings are looked at
        one = found(book(rows(further, row)(dict(cells))), "reviews")
        assert one is not None
        assert {place[0] for place in one.cells.values()} == {there}
