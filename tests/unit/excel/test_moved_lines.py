"""Rows and columns put in or taken out: said once where they stand, and no figure is read from another line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.samples.filled_workbooks import BEFORE, FORM, REPORT, altered, differing, opened, read_book, with_sheet
from workbook.excel.reading.label_alignment import LabelAnchor, find_anchors, find_current_place
from workbook.excel.reading.label_index import WorkbookView, fold_label
from workbook.excel.reading.table_locator import locate_tables
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_contents import Cell, Sheet, WorkbookContents
from workbook.model.cell_address import Place
from workbook.model.rule_catalog import format_message


def sheet(name: str) -> Sheet:
    (one,) = (one for one in opened().sheets if one.name == name)
    return one


def put_in(
    name: str, *, rows: int = 0, columns: int = 0, before: int = 0, book: WorkbookContents | None = None
) -> WorkbookContents:
    """The book with rows (columns) put into a sheet before that position, its formulas as a program then saves them."""
    one = next(one for one in (book or opened()).sheets if one.name == name)
    cells = {
        (row + rows * (row >= before) * (rows != 0), column + columns * (column >= before) * (columns != 0)): cell
        for (row, column), cell in one.cells.items()
    }
    return with_sheet(replace(one, cells=cells, validations=None), book)


def taken_out(name: str, *, rows: int = 0, columns: int = 0, at: int = 0) -> WorkbookContents:
    """The book without rows (columns) of a sheet, from that position on."""
    one = sheet(name)
    kept = {
        (row, column): cell
        for (row, column), cell in one.cells.items()
        if not (at <= row < at + rows) and not (at <= column < at + columns)
    }
    cells = {
        (row - rows * (row >= at), column - columns * (column >= at)): cell for (row, column), cell in kept.items()
    }
    return with_sheet(replace(one, cells=cells, validations=None))


def told(book: WorkbookContents) -> list[tuple[str, str]]:
    """Place and message of each shift."""
    found = [one for one in read_book(book).findings if one.rule == "structure-row"]
    assert all(one.source.file == "年报.xlsx" for one in found)
    return [(str(one.source), format_message(one)) for one in found]


LAW, LAST = (
    get_issued_template(FORM).tables["requests"].rows["denied.law"],
    get_issued_template(FORM).tables["requests"].rows["carried"],
)


def shuffled(order: Mapping[int, int], *, more: int = 0, before: int = 99) -> WorkbookContents:
    """表三 with rows that changed places, and then others put in."""
    one = sheet("表三")
    cells = {(order.get(row, row), column): cell for (row, column), cell in one.cells.items()}
    cells = {(row + more * (row >= before), column): cell for (row, column), cell in cells.items()}
    return with_sheet(replace(one, cells=cells, validations=None))


CASES = {
    "a row above the table": (lambda: put_in("表三", rows=1), [("表三!A1", "第 1 行处插入了 1 行")]),
    "two rows above": (lambda: put_in("表三", rows=2), [("表三!A1", "第 1 行处插入了 2 行")]),
    "a row above the first line": (lambda: put_in("表三", rows=1, before=5), [("表三!A6", "第 6 行处插入了 1 行")]),
    "a row inside": (lambda: put_in("表三", rows=1, before=11), [("表三!A12", "第 12 行处插入了 1 行")]),
    "three rows inside": (lambda: put_in("表三", rows=3, before=11), [("表三!A12", "第 12 行处插入了 3 行")]),
    "a row before the last line": (lambda: put_in("表三", rows=1, before=29), [("表三!A30", "第 30 行处插入了 1 行")]),
    "rows at two places": (
        lambda: put_in("表三", rows=1, before=20, book=put_in("表三", rows=2, before=8)),
        [("表三!A9", "第 9 行处插入了 2 行"), ("表三!A21", "第 21 行处插入了 1 行")],
    ),
    "a row below": (lambda: put_in("表三", rows=1, before=30), []),
    "a row between two tables": (lambda: put_in("表二", rows=1, before=6), [("表二!A7", "第 7 行处插入了 1 行")]),
    "a row above the figures": (lambda: put_in("表四", rows=1, before=5), [("表四!A6", "第 6 行处插入了 1 行")]),
    "a spare row taken out": (lambda: taken_out("表三", rows=1, at=1), [("表三!A2", "第 2 行处少了 1 行")]),
    "a line taken out": (lambda: taken_out("表三", rows=1, at=10), [("表三!A11", "第 11 行处少了 1 行")]),
    "a column in front": (lambda: put_in("表三", columns=1), [("表三!A1", "第 A 列处插入了 1 列")]),
    "two columns in front": (lambda: put_in("表四", columns=2), [("表四!A1", "第 A 列处插入了 2 列")]),
    "a column among the figures": (
        lambda: put_in("表三", columns=1, before=5), [("表三!F1", "第 F 列处插入了 1 列")]
    ),
    "a column in the table across": (
        lambda: put_in("表四", columns=1, before=2), [("表四!C1", "第 C 列处插入了 1 列")]
    ),
    "a column in front of a heading that reads otherwise": (
        lambda: put_in("表三", columns=1, before=5, book=altered("表三", {"F5": "院所"})),
        [("表三!F1", "第 F 列处插入了 1 列")],
    ),
    "columns at two places": (
        lambda: put_in("表四", columns=1, before=23, book=put_in("表四", columns=20)),
        [("表四!A1", "第 A 列处插入了 20 列"), ("表四!X1", "第 X 列处插入了 1 列")],
    ),
    "a column taken out": (lambda: taken_out("表三", columns=1, at=8), [("表三!I1", "第 I 列处少了 1 列")]),
    "nothing": (opened, []),
    "a label that reads otherwise": (lambda: altered("表三", {"C11": "其余"}), []),
    "rows that changed places, and rows put in below": (
        lambda: shuffled({LAW: LAW + 1, LAW + 1: LAW}, more=2, before=20), [("表三!A21", "第 21 行处插入了 2 行")]
    ),
    "a heading that stands on the row above": (lambda: altered("表三", {"E4": "商业企业", "E5": None}), []),
    "the same, and rows put in below": (
        lambda: put_in("表三", rows=2, before=20, book=altered("表三", {"E4": "商业企业", "E5": None})),
        [("表三!A21", "第 21 行处插入了 2 行")],
    ),
    "two labels that changed places": (
        lambda: altered("表三", {"C11": sheet("表三").cells[11, 2], "C12": sheet("表三").cells[10, 2]}), []
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_rows_and_columns_are_said_where_they_were_put_in_or_taken_out(name):
    book, expected = CASES[name]
    said = told(book())
    assert [place for place, _ in said] == [place for place, _ in expected]
    for (place, text), (_, words) in zip(said, expected, strict=True):
        assert text.endswith(f"：{words}。")
        assert text.startswith(place[:2])


@pytest.mark.parametrize("name", [name for name in CASES if "taken" not in name and "changed places" not in name])
def test_no_figure_is_read_from_another_line(name):
    found = read_book(CASES[name][0]())
    entries = {cell.code for cell in FORM.cells if not cell.total}
    assert not {code for code in differing(found) if code in entries}
    assert found.previous is not None
    assert found.previous.values == BEFORE.values


@pytest.mark.parametrize(
    ("name", "lost"),
    [("a line taken out", "requests.denied.law."), ("a column taken out", ".other")],
)
def test_what_was_taken_out_is_blank_and_nothing_moves_up(name, lost):
    found = read_book(CASES[name][0]())
    gone = {c.code for c in FORM.cells if c.table.code == "requests" and lost in c.code and not c.total}
    entries = {cell.code for cell in FORM.cells if not cell.total}
    otherwise = {code: value for code, value in differing(found).items() if code in entries}
    assert otherwise == {code: None for code in gone if REPORT[code] is not None and code in otherwise}
    assert set(otherwise) <= gone
    assert otherwise


def test_english_counts_rows_and_columns_too():
    (one,) = (one for one in read_book(put_in("表三", rows=2, before=11)).findings if one.rule == "structure-row")
    assert format_message(one, "en") == "表三 (Requests): 2 rows inserted at row 12."


# which labels tell how far rows and columns moved


def told_by(code: str, book: WorkbookContents | None = None) -> list[tuple[Place, Place]]:
    """The labels of a table of ours that are found: where they were issued and where they stand."""
    table, view = get_issued_template(FORM).tables[code], WorkbookView(book or opened())
    one = locate_tables(FORM, view, ours=True)[code]
    found = find_anchors(table, one, view.index(one.sheet))
    assert all(anchor.table is table for anchor in found)
    return [(anchor.issued, anchor.actual) for anchor in found]


@pytest.mark.parametrize("code", get_issued_template(FORM).tables)
def test_every_label_that_stands_once_tells_where_it_was_issued(code):
    texts = [fold_label(str(cell.value)) for cell in sheet(get_issued_template(FORM).tables[code].sheet).cells.values()]
    table = get_issued_template(FORM).tables[code]
    lines = {*table.row_labels.values(), *table.column_labels.values()}
    once = {place for place, text in table.labels.items() if place in lines or texts.count(fold_label(text)) == 1}
    assert told_by(code) == [(place, place) for place in sorted(once)]


# Rows that changed places; how many rows were put in, and before which; the rows whose labels then tell nothing.
SHUFFLED: dict[str, tuple[Mapping[int, int], int, int, set[int]]] = {
    "none": ({}, 0, 99, set()),
    "rows put in": ({}, 2, LAW, set()),
    "two beside each other": ({LAW: LAW + 1, LAW + 1: LAW}, 0, 99, {LAW, LAW + 1}),
    "two apart": ({LAW: LAW + 3, LAW + 3: LAW}, 0, 99, {LAW, LAW + 3}),
    "the first two": ({5: 6, 6: 5}, 0, 99, {5, 6}),
    "the last two": ({LAST: LAST - 1, LAST - 1: LAST}, 0, 99, {LAST, LAST - 1}),
    "two, and rows put in below": ({LAW: LAW + 1, LAW + 1: LAW}, 2, 20, {LAW, LAW + 1}),
    "two, and rows put in above": ({LAW: LAW + 1, LAW + 1: LAW}, 2, 7, {LAW, LAW + 1}),
    "two, and a row put in before the last": ({LAW: LAW + 1, LAW + 1: LAW}, 1, LAST, {LAW, LAW + 1, LAST}),
}


@pytest.mark.parametrize("name", SHUFFLED)
def test_rows_that_changed_places_tell_nothing_of_rows_put_in(name):
    order, more, before, silent = SHUFFLED[name]
    lines = set(get_issued_template(FORM).tables["requests"].row_labels.values())
    told = {old: new for old, new in told_by("requests", shuffled(order, more=more, before=before)) if old in lines}
    assert told == {(r, c): (r + more * (r >= before), c) for r, c in lines if r not in silent}


def test_the_last_line_has_but_one_neighbour_to_go_by():
    """Of two lines that changed places, and a row put in before each of the last two."""
    book = put_in("表三", rows=1, before=LAST + 1, book=shuffled({LAW: LAW + 1, LAW + 1: LAW}, more=1, before=LAST - 1))
    told = dict(told_by("requests", book))
    assert told[LAST - 1, 1] == (LAST, 1)
    assert (LAST, 0) not in told


def test_of_two_lines_that_changed_places_none_tells_anything():
    one = sheet("表二")
    first, second = get_issued_template(FORM).tables["legislation"].row_labels.values()
    cells = {**one.cells, first: one.cells[second], second: one.cells[first]}
    told = told_by("legislation", with_sheet(replace(one, cells=cells)))
    assert told == [pair for pair in told_by("legislation") if pair[0] not in (first, second)]


# where a label should stand now


def anchor(old: tuple[int, int], new: tuple[int, int]) -> LabelAnchor:
    return LabelAnchor(get_issued_template(FORM).tables["requests"], old, new)


KNOWN = [anchor((2, 0), (2, 0)), anchor((5, 3), (6, 3)), anchor((9, 4), (12, 6)), anchor((9, 8), (7, 5))]


@pytest.mark.parametrize(
    ("place", "known", "now"),
    [
        ((4, 2), [], (4, 2)),
        ((2, 1), KNOWN, (2, 1)),
        ((3, 3), KNOWN, (3, 3)),
        ((4, 3), KNOWN, (5, 3)),  # its row is nearest to the second, as is its column
        ((9, 5), KNOWN, (12, 7)),
        ((9, 7), KNOWN, (7, 4)),
        ((30, 4), KNOWN, (33, 6)),
        ((1, 1), [anchor((5, 5), (1, 1))], (0, 0)),
        ((18, 4), [anchor((9, 4), (12, 6)), anchor((20, 4), (24, 9))], (22, 9)),
        ((4, 18), [anchor((4, 9), (6, 12)), anchor((4, 20), (9, 24))], (9, 22)),
    ],
)
def test_a_label_is_looked_for_as_far_on_as_the_nearest_that_was_found(place, known, now):
    assert find_current_place(place, known) == now


def test_a_sheet_of_two_tables_is_shifted_once():
    (one,) = told(put_in("表二", rows=1))
    assert one[0] == "表二!A1"
    cells = {place: Cell(cell.value) for place, cell in sheet("表二").cells.items()}
    assert told(with_sheet(replace(sheet("表二"), cells=cells))) == []
