"""Where each figure of a table is taken to stand, place by place; on books that need no file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples.filled_workbooks import FORM, OLD_FORM, altered, opened, with_sheet
from tests.samples.typed_tables import (  # fmt: skip
    Cells,
    Change,
    book,
    columns,
    each,
    found,
    printed,
    put,
    rows,
    saying,
    without_column,
    without_row,
)
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.reading_context import LocatedTable
from workbook.excel.reading.table_locator import find_second_copies, locate_tables, measure_coverage
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_contents import Cell, Sheet, WorkbookContents
from workbook.model.cell_address import Place, format_address


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
            assert (one.table, one.sheet.name) == (table, "Sheet1")
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
    tables = locate_tables(FORM, WorkbookView(book(together)), ours=False)
    assert {code: place for one in tables.values() for code, place in one.cells.items()} == wanted
    assert measure_coverage(tables) == (len(FORM.tables), len(FORM.cells))


def test_nothing_is_found_where_nothing_stands():
    assert locate_tables(FORM, WorkbookView(book({(0, 0): Cell("工资表"), (1, 1): Cell(5000)})), ours=False) == {}
    assert measure_coverage({}) == (0, 0)


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
    "a label inside, and a row put in below it": (
        each(saying({DENIED: "其余"}), rows(1, line("denied.law")[0] + 1)),
        (line("denied.law")[0] + 1, 1, 0, 0),
        "",
        ["denied.law"],
    ),
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


HEADS = {
    code: (row - 2, column)
    for code, (row, column) in get_issued_template(FORM).tables["requests"].column_labels.items()
}
SECRET = line("denied.secret")[0]


def without_figures(row: int) -> Change:
    return lambda cells: {at: cell for at, cell in cells.items() if at[0] != row or at[1] < LEFT}


# What reads otherwise; the line that is then lost; the lines taken by their place, and where their labels should stand.
UNKNOWN: dict[str, tuple[Change, str, list[tuple[str, Place]]]] = {
    "the first heading, in the upper row": (put({HEADS["person"]: "个人"}), "", [("person", HEADS["person"])]),
    "the last heading, in the upper row": (put({HEADS["total"]: "共"}), "", [("total", HEADS["total"])]),
    "both": (put({HEADS["person"]: "个人", HEADS["total"]: "共"}), ".total", [("person", HEADS["person"])]),
    "a heading cleared below its group": (put({HEADS["company"]: None}), "", [("company", HEADS["company"])]),
    "the last heading cleared": (put({HEADS["total"]: None}), ".total", []),
    "the last heading, a group's words": (put({HEADS["total"]: "申请人情况"}), ".total", []),
    "a heading, another's words": (put({HEADS["research"]: "自然人"}), ".research", []),
    "a heading, a line's words": (put({HEADS["research"]: DENIED}), ".research", []),
    "the first label": (put({(TOP, 0): "新收"}), "", [("new", (TOP, 0))]),
    "a label cleared beside its group": (put({(SECRET, 2): None}), "", [("denied.secret", (SECRET, 2))]),
    "a label that stands in front": (
        put({(SECRET + 1, 2): None, (SECRET + 1, 1): "其余"}),
        "",
        [("denied.law", (SECRET + 1, 1))],
    ),
    "a label beside a figure in words": (
        put({(SECRET + 1, 2): "其余", (SECRET + 1, 3): "五件"}),
        "",
        [("denied.law", (SECRET + 1, 2))],
    ),
    "the last label cleared": (put({(LAST, 0): None}), "carried.", []),
    "the last label, a group's words": (put({(LAST, 0): "三、本年度办理结果"}), "carried.", []),
    "the last label, another's words": (put({(LAST, 0): DENIED}), "carried.", []),
    "the last label, with no figures": (each(put({(LAST, 0): "结转"}), without_figures(LAST)), "carried.", []),
    "a label in two cells": (
        put({(SECRET + 1, 1): "其", (SECRET + 1, 2): "余"}),
        "",
        [("denied.law", (SECRET + 1, 2))],
    ),
    "a heading cleared below other words": (
        put({HEADS["law"]: None, (HEADS["law"][0] - 2, HEADS["law"][1]): "附注"}),
        "",
        [("law", HEADS["law"])],
    ),
    "a label beside another line's": (
        put({(SECRET + 1, 2): None, (LAST, 1): DENIED}),
        "",
        [("denied.law", (SECRET + 1, 2))],
    ),
    "a label below, too far right": (
        put({(SECRET + 1, 2): None, (LAST + 1, 5): DENIED}),
        "",
        [("denied.law", (SECRET + 1, 2))],
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_line_is_taken_by_its_place_where_only_it_can_stand_there(name):
    change, lost, guessed = UNKNOWN[name]
    one = found(book(change(dict(REQUESTS))), "requests")
    assert one is not None
    assert one.cells == {code: place for code, place in AT.items() if not (lost and lost in code)}
    assert [(guess.line.code, guess.place) for guess in one.guessed] == guessed
    gone = [*FORM.table("requests").rows, *FORM.table("requests").columns]
    assert [gap.label for gap in one.missing] == [x.brief for x in gone if lost.strip(".") == x.code]


@pytest.mark.parametrize(
    ("to", "known"),
    [(LAST + 1, True), (LAST + 25, True), (LAST + 26, False), (TOP - 1, False), (0, False)],
    ids=["below", "25 below", "26 below", "among the headings", "above"],
)
def test_a_label_out_of_order_is_looked_for_below_the_headings_as_far_as_lines_can_be(to, known):
    """25 lines below the last, if all others were put in between."""
    law = line("denied.law")
    cells = without_row(law[0])(dict(REQUESTS))
    cells[to - (to > law[0]), 2] = Cell(DENIED)
    one = found(book(cells), "requests")
    assert one is not None
    assert one.rows.get("denied.law") == (to - 1 if known else None)
    assert one.row_labels.get("denied.law") == ((to - 1, 2) if known else None)


def test_of_two_lines_out_of_order_each_has_its_own_place():
    one_row, other = line("denied.law")[0], line("denied.safety")[0]
    cells = {at: cell for at, cell in REQUESTS.items() if at[0] not in (one_row, other)}
    cells[LAST + 2, 2], cells[LAST + 1, 2] = REQUESTS[one_row, 2], REQUESTS[other, 2]
    one = found(book(cells), "requests")
    assert one is not None
    assert (one.rows["denied.law"], one.rows["denied.safety"]) == (LAST + 2, LAST + 1)


def test_two_labels_out_of_order_in_one_row_are_no_two_lines():
    law, safety = line("denied.law")[0], line("denied.safety")[0]
    cells = {at: cell for at, cell in REQUESTS.items() if at[0] not in (law, safety)}
    cells[LAST + 1, 1], cells[LAST + 1, 2] = REQUESTS[law, 2], REQUESTS[safety, 2]
    one = found(book(cells), "requests")
    assert one is not None
    assert one.rows["denied.law"] == LAST + 1
    assert "denied.safety" not in one.rows


PROACTIVE_CELLS, PROACTIVE_AT = printed("proactive")
RULES, ORDERS = get_issued_template(FORM).tables["legislation"].row_labels.values()


def proactive(row: int, **texts: str | None) -> Change:
    """Labels of 表二 that read otherwise: those of one row, by column letter."""
    return put({(row, ord(column) - ord("A")): text for column, text in texts.items()})


# A table of few lines; what was done; lines and columns that are lost (None: the table is not read), and those taken
# by their place.
FEW: dict[str, tuple[str, Change, set[str] | None, list[tuple[str, Place]]]] = {
    "all headings": (
        "legislation",
        proactive(1, B="甲", C="乙", D="丙"),
        set(),
        [("issued", (1, 1)), ("repealed", (1, 2)), ("in_force", (1, 3))],
    ),
    "all headings and one of two lines": (
        "legislation",
        each(proactive(1, B="甲", C="乙", D="丙"), proactive(3, A="丁")),
        None,
        [],
    ),
    "one of two lines gone": ("legislation", without_row(3), {"normative"}, []),
    "both lines and a heading": (
        "legislation",
        each(proactive(1, B="甲"), proactive(2, A="乙"), proactive(3, A="丙")),
        set(),
        [("regulations", (2, 0)), ("normative", (3, 0)), ("issued", (1, 1))],
    ),
    "both lines and the last heading": (
        "legislation",
        each(proactive(1, D="甲"), proactive(2, A="乙"), proactive(3, A="丙")),
        set(),
        [("regulations", (2, 0)), ("normative", (3, 0)), ("in_force", (1, 3))],
    ),
    "a heading cleared beside the title": (
        "legislation",
        each(proactive(0, C="附注"), proactive(1, C=None)),
        set(),
        [("repealed", (1, 2))],
    ),
    "both lines and two headings": (
        "legislation",
        each(proactive(1, B="甲", C="乙"), proactive(2, A="丙"), proactive(3, A="丁")),
        None,
        [],
    ),
    "both lines, rows below the title": (
        "legislation",
        each(proactive(2, A="甲"), proactive(3, A="乙"), rows(2, 1)),
        set(),
        [("regulations", (4, 0)), ("normative", (5, 0))],
    ),
    "both lines, too many rows below the title": (
        "legislation",
        each(proactive(2, A="甲"), proactive(3, A="乙"), rows(3, 1)),
        None,
        [],
    ),
    "the first line cleared, below headings in the first row": (
        "legislation",
        each(without_row(0), proactive(1, A=None)),
        set(),
        [("regulations", (1, 0))],
    ),
    "the title of a table of one line": ("licensing", proactive(4, A="许可"), set(), []),
    "a heading of a table of one line": ("licensing", proactive(5, B="数量"), set(), [("decisions", (5, 1))]),
    "the same, rows below its title": (
        "licensing",
        each(proactive(5, B="数量"), rows(2, 5)),
        set(),
        [("decisions", (7, 1))],
    ),
    "the same, too many": ("licensing", each(proactive(5, B="数量"), rows(3, 5)), None, []),
    "rows below the headings": ("licensing", rows(7, 6), set(), []),
    "too many rows below the headings": ("licensing", rows(8, 6), None, []),
    "all headings and its title, one of them far below": (
        "legislation",
        each(proactive(0, A="甲"), proactive(1, B="乙", C="丙", D="丁"), proactive(30, B="本年制发件数")),
        set(),
        [("issued", (1, 1)), ("repealed", (1, 2)), ("in_force", (1, 3))],
    ),
    "another table's words in the corner": ("legislation", proactive(1, A="行政许可"), set(), []),
    "the same, further down": ("legislation", each(proactive(1, A="行政许可"), rows(5, 0)), set(), []),
    "its headings gone, another table's above": ("enforcement", without_row(8), None, []),
    "its headings and title gone": ("enforcement", each(without_row(8), without_row(7)), None, []),
    "title and a heading in one row": (
        "licensing",
        each(proactive(4, B="数量"), without_row(5)),
        set(),
        [("decisions", (4, 1))],
    ),
    "other words above its line, ten rows below its headings": (
        "licensing",
        each(rows(9, 6), proactive(14, B="数量")),
        set(),
        [("decisions", (14, 1))],
    ),
    "the same, eleven": ("licensing", each(rows(10, 6), proactive(15, B="数量")), None, []),
    "its line in the corner, below other words": (
        "licensing",
        each(proactive(6, A=None), proactive(5, A="行政许可"), proactive(4, A="甲", B="乙")),
        None,
        [],
    ),
    "its line beside its title, below other words": (
        "licensing",
        each(proactive(6, A=None), proactive(4, B="行政许可"), proactive(3, C="甲")),
        None,
        [],
    ),
    "its line below its heading": ("licensing", proactive(6, A=None, B="行政许可"), None, []),
    "the same, without its title": (
        "licensing",
        each(proactive(4, A="甲"), proactive(6, A=None, B="行政许可")),
        None,
        [],
    ),
    "its line above its headings": ("licensing", each(proactive(6, A=None), proactive(3, A="行政许可")), None, []),
    "its line beside its title": ("licensing", each(proactive(6, A=None), proactive(4, C="行政许可")), None, []),
    "its line beside its figures": ("licensing", each(proactive(6, A=None), proactive(6, C="行政许可")), None, []),
}


@pytest.mark.parametrize("name", FEW)
def test_a_table_of_few_lines_is_found_by_title_and_headings(name):
    code, change, lost, guessed = FEW[name]
    one = found(book(change(dict(PROACTIVE_CELLS))), code)
    assert (one is None) == (lost is None)
    if one is not None and lost is not None:
        assert {gap.cells[0].split(".")[1] for gap in one.missing} == lost
        assert [(guess.line.code, guess.place) for guess in one.guessed] == guessed
        figures = {place: cell.value for place, cell in change(dict(PROACTIVE_CELLS)).items()}
        kept = {c: at for c, at in PROACTIVE_AT.items() if c.startswith(f"{code}.") and c.split(".")[1] not in lost}
        assert {c: figures[place] for c, place in one.cells.items()} == {
            c: PROACTIVE_CELLS[place].value for c, place in kept.items()
        }


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


@pytest.mark.parametrize("kept", [14, 13, 12, 9, 4])
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
    assert found(book(lines), "requests") is None
    unknown = put({place: f"又{place}" for place in HEADS.values()})  # in two rows: what stands where nobody can tell
    assert found(book(unknown(dict(REQUESTS))), "requests") is None


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
    tables = locate_tables(FORM, WorkbookView(two), ours=False)
    assert tables["requests"].sheet.name == "Sheet1"
    assert [(table.code, sheet.name) for table, sheet in find_second_copies(FORM, WorkbookView(two), tables)] == [
        ("requests", "Sheet2")
    ]
    one_and_half = book(dict(REQUESTS), half)
    tables = locate_tables(FORM, WorkbookView(one_and_half), ours=False)
    assert find_second_copies(FORM, WorkbookView(one_and_half), tables) == []


def test_of_two_copies_the_one_on_the_sheet_issued_for_it_is_taken():
    first, second = Sheet("Sheet1", dict(REQUESTS)), Sheet("表三", dict(REQUESTS))
    two = replace(book(), sheets=(first, second))
    one = found(two, "requests")
    assert one is not None
    assert one.sheet.name == "表三"
    both = (Sheet("甲", dict(REQUESTS)), Sheet("乙", dict(REQUESTS)))
    one = found(replace(book(), sheets=both, names={"requests": "'乙'!$D$4:$J$28"}), "requests")
    assert one is not None
    assert one.sheet.name == "甲"  # names are believed in our workbooks alone


def test_a_table_whose_labels_are_all_lost_is_not_taken_from_the_table_above():
    """The form of 2019 prints the same headings over two tables of two lines each."""
    old = get_issued_template(OLD_FORM).tables
    cells, at = printed("proactive", form=OLD_FORM)
    lines = {at[cell.code][0] for cell in OLD_FORM.cells if cell.table.code in ("licensing", "enforcement")}
    top = min(row for code, (row, _) in at.items() if code.startswith("enforcement."))
    lost = put({place: f"又{place}" for place in cells if place[0] in lines and place[1] == 0})
    otherwise = put({place: f"又{place}" for place in cells if place[0] == top - 1 and place[1] > 0})
    assert old["licensing"].table.columns[0].label == old["enforcement"].table.columns[0].label
    assert found(book(each(lost, otherwise)(cells)), "enforcement", form=OLD_FORM) is None


def test_half_of_the_headings_below_its_title_make_a_table_of_one_line():
    cells, at = printed("proactive", form=OLD_FORM)
    (row, left), (_, right) = (place for code, place in at.items() if code.startswith("fees."))
    line = {place: "又" for place in cells if place[0] == row and place[1] < left}
    for lost in (left, right):
        one = found(book(put({**line, (row - 1, lost): "又一"})(dict(cells))), "fees", form=OLD_FORM)
        assert one is not None
        assert set(one.cells.values()) == {(row, left), (row, right)}
        assert len(one.guessed) == 2


def test_a_heading_states_its_unit():
    cells, _ = printed("proactive")
    one = found(book(saying({"本年收费金额（单位：万元）": "本年收费金额（元）"})(cells)), "fees")
    assert one is not None
    assert one.units == {"amount": "元"}
    one = found(book(saying({"本年收费金额（单位：万元）": "本年收费金额"})(cells)), "fees")
    assert one is not None
    assert one.units == {}


# ours -----------------------------------------------------------------------------------------------------------------

ISSUED = get_issued_template(FORM).tables


@pytest.mark.parametrize("code", ISSUED)
def test_our_tables_are_taken_as_issued_and_searched_for_where_a_label_is_not(code):
    table = ISSUED[code]
    one = found(opened(), code, ours=True)
    assert one is not None
    assert (one.table, one.cells, one.previous, one.as_issued) == (table.table, table.cells, table.previous, True)
    nameless = found(replace(opened(), names={}), code, ours=True)
    assert nameless is not None
    assert nameless.as_issued
    assert (one.rows, one.columns) == (table.rows, table.columns)
    assert (one.row_labels, one.column_labels) == (table.row_labels, table.column_labels)
    sheet = next(sheet for sheet in opened().sheets if sheet.name == table.sheet)
    place = next(iter(table.labels))
    searched = found(with_sheet(replace(sheet, cells={**sheet.cells, place: Cell("别的")})), code, ours=True)
    assert searched is not None
    assert not searched.as_issued
    assert (searched.cells, searched.previous) == (table.cells, table.previous)


@pytest.mark.parametrize("code", ISSUED)
def test_no_heading_of_ours_that_reads_otherwise_is_looked_for_among_last_years(code):
    table = ISSUED[code]
    for place in set(table.column_labels.values()):
        one = found(altered(table.sheet, {format_address(*place): "别的"}), code, ours=True)
        assert one is not None
        assert (one.cells, one.previous) == (table.cells, table.previous)
        assert [guess.place for guess in one.guessed] == [place]


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
        assert one.previous == {}
        assert one.as_issued


def beside(change: Change) -> LocatedTable:
    """表三 of ours with a label that reads otherwise, and more done to it."""
    (sheet,) = (one for one in opened().sheets if one.name == ISSUED["requests"].sheet)
    cells = change(put({ISSUED["requests"].row_labels["denied.law"]: "其余"})(dict(sheet.cells)))
    one = found(with_sheet(replace(sheet, cells=cells)), "requests", ours=True)
    assert one is not None
    assert not one.as_issued
    return one


def test_last_years_figures_are_known_by_their_headings_or_else_as_far_beside_as_they_were_issued():
    table = ISSUED["requests"]
    heads = {code: (row, column + 8) for code, (row, column) in table.column_labels.items()}
    assert all(place in table.previous_labels for place in heads.values())
    for lost in ([], ["person"], ["research"], ["total"], list(heads)):
        assert beside(put({heads[code]: "甲" for code in lost})).previous == table.previous
    moved = beside(columns(1, heads["law"][1])).previous
    assert moved == {code: (r, c + (c >= heads["law"][1])) for code, (r, c) in table.previous.items()}
    for up in (-1, 3):  # below the headings, and above all of them
        elsewhere = put({heads["law"]: "甲", (heads["law"][0] - up, heads["law"][1] - 1): "法律服务机构"})
        assert beside(elsewhere).previous == table.previous


def test_last_years_first_heading_is_not_taken_for_the_last_of_this_year():
    """The last column is gone, and the empty one between; and the heading that then stands there reads otherwise."""
    table = ISSUED["requests"]
    row, last = table.column_labels["total"]
    one = beside(each(without_column(last), without_column(last), put({(row, last): "个人"})))
    assert one.cells == {code: place for code, place in table.cells.items() if place[1] < last}
    assert [gap.label for gap in one.missing] == [table.table.columns[-1].brief]


def test_of_two_copies_of_ours_the_one_that_is_named_is_read():
    table = ISSUED["requests"]
    (sheet,) = (one for one in opened().sheets if one.name == table.sheet)
    cells = put({table.row_labels["denied.law"]: "其余"})(dict(sheet.cells))
    names = {name: text.replace("'表三'!", "'三'!") for name, text in opened().names.items()}
    for order in (("又", "三"), ("三", "又")):
        sheets = tuple(one for one in opened().sheets if one.name != table.sheet)
        both = tuple(replace(sheet, name=name, cells=cells) for name in order)
        one = found(replace(opened(), sheets=(*sheets, *both), names=names), "requests", ours=True)
        assert one is not None
        assert one.sheet.name == "三"


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


def stampless(words: str, name: str) -> WorkbookContents:
    """A sheet of ours copied into another workbook: stamp and names are gone."""
    sheets = tuple(one for one in opened().sheets if one.name == name)
    bare = replace(opened(), properties={}, names={}, sheets=sheets)
    at = {"表二": "F1", "表三": "L1", "表四": "Q1"}[name]
    return altered(name, {at: None} if words != STAMPLESS[0] else {}, bare)


@pytest.mark.parametrize("words", STAMPLESS)
@pytest.mark.parametrize("code", ISSUED)
def test_without_its_stamp_too_no_figure_of_last_year_is_taken_for_this_years(code, words):
    table = ISSUED[code]
    one = found(stampless(words, table.sheet), code)
    assert one is not None
    assert one.as_issued, "known by its labels, each at its place"
    assert one.cells == table.cells
    some = [*table.column_labels.values(), *list(table.row_labels.values())[::8]]
    for place in some:  # one label besides reads otherwise
        one = found(altered(table.sheet, {format_address(*place): "别的"}, stampless(words, table.sheet)), code)
        assert one is not None
        assert not one.as_issued
        assert one.cells.items() <= table.cells.items()


@given(st.data())
def test_nor_where_many_headings_read_otherwise_as_long_as_one_does_not(data):
    """Of a table of one column that may be its only heading: where last year's begin, another on its sheet tells."""
    code = data.draw(st.sampled_from([*ISSUED]))
    table = ISSUED[code]
    headings = sorted(table.column_labels.values())
    lost = data.draw(st.sets(st.sampled_from(headings), max_size=max(1, len(headings) - 1)))
    one = found(
        altered(table.sheet, {format_address(*at): "别的" for at in lost}, stampless(STAMPLESS[1], table.sheet)), code
    )
    if one:
        assert one.cells.items() <= table.cells.items()


@pytest.mark.parametrize("code", ["licensing", "enforcement", "fees"])
def test_nor_where_the_first_heading_of_its_sheet_does_too(code):
    table = ISSUED[code]
    both = *table.column_labels.values(), min(ISSUED["legislation"].column_labels.values())
    one = found(
        altered(table.sheet, {format_address(*at): "别的" for at in both}, stampless(STAMPLESS[1], table.sheet)), code
    )
    assert one is not None
    assert one.cells == table.cells


@pytest.mark.parametrize("code", ["legislation", "requests"])
def test_a_heading_over_last_years_that_reads_otherwise_takes_no_column_of_this_years(code):
    table = ISSUED[code]
    right = max(column for _, column in table.cells.values())
    for at in (at for at in table.previous_labels if at[1] > right):
        one = found(altered(table.sheet, {format_address(*at): "别的"}, stampless(STAMPLESS[1], table.sheet)), code)
        assert one is not None
        assert one.cells == table.cells


def disclosed(down: int = 0, right: int = 0) -> tuple[Cells, dict[str, Place]]:
    """表二, whose last three tables have one column of figures."""
    return printed(FORM.sheets[0].code, down=down, right=right)


def held(cells: Cells) -> dict[str, Place]:
    return {
        code: at
        for one in locate_tables(FORM, WorkbookView(book(cells)), ours=False).values()
        for code, at in one.cells.items()
    }


def test_headings_that_a_table_printed_across_repeats_are_not_last_years():
    across, _ = printed("contested")
    cells, at = disclosed(down=max(row for row, _ in across) + 3, right=20)
    assert at.items() <= held({**across, **cells}).items()


def test_nor_are_the_same_headings_in_another_row():
    cells, at = disclosed(right=10)
    first = at["legislation.regulations.issued"]
    heads = {(60, 3 + n): cells[first[0] - 1, first[1] + n] for n in range(3)}
    assert held({**cells, **heads}) == at


def test_nor_is_that_of_another_table_of_one_column_beside():
    cells, at = disclosed()
    row, left = at["licensing.permits.decisions"][0], 10
    begin = min(place[0] for code, place in at.items() if code.startswith("enforcement."))
    moved = {place: (place[0] - begin + row, place[1] + left) for place in cells if -2 <= place[0] - begin < 2}
    beside = {moved.get(place, place): cell for place, cell in cells.items()}
    assert held(beside) == {code: moved.get(place, place) for code, place in at.items()}


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
