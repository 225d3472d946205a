"""Rows and columns put in or taken out: said once where they stand, and no figure is read from another line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.reading.desk import BEFORE, FORM, REPORT, altered, differing, opened, read_book, with_sheet
from workbook.reading.book import Book, Cell, Sheet
from workbook.reading.issued import issued
from workbook.reading.moved import Anchor, place_now
from workbook.rulebook import message


def sheet(name: str) -> Sheet:
    (one,) = (one for one in opened().sheets if one.name == name)
    return one


def put_in(name: str, *, rows: int = 0, columns: int = 0, before: int = 0, book: Book | None = None) -> Book:
    """The book with rows (columns) put into a sheet before that position, its formulas as a program then saves them."""
    one = next(one for one in (book or opened()).sheets if one.name == name)
    cells = {
        (row + rows * (row >= before) * (rows != 0), column + columns * (column >= before) * (columns != 0)): cell
        for (row, column), cell in one.cells.items()
    }
    return with_sheet(replace(one, cells=cells, validations=None), book)


def taken_out(name: str, *, rows: int = 0, columns: int = 0, at: int = 0) -> Book:
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


def told(book: Book) -> list[tuple[str, str]]:
    """Place and message of each shift."""
    found = [one for one in read_book(book).findings if one.rule == "structure-row"]
    assert all(one.source.file == "年报.xlsx" for one in found)
    return [(str(one.source), message(one)) for one in found]


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
    "a column taken out": (lambda: taken_out("表三", columns=1, at=8), [("表三!I1", "第 I 列处少了 1 列")]),
    "nothing": (opened, []),
    "a label that reads otherwise": (lambda: altered("表三", {"C11": "其余"}), []),
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
    assert message(one, "en") == "表三 (Requests): 2 rows inserted at row 12."


# where a label should stand now


def anchor(old: tuple[int, int], new: tuple[int, int]) -> Anchor:
    return Anchor(issued(FORM).tables["requests"], old, new)


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
    ],
)
def test_a_label_is_looked_for_as_far_on_as_the_nearest_that_was_found(place, known, now):
    assert place_now(place, known) == now


def test_a_sheet_of_two_tables_is_shifted_once():
    (one,) = told(put_in("表二", rows=1))
    assert one[0] == "表二!A1"
    cells = {place: Cell(cell.value) for place, cell in sheet("表二").cells.items()}
    assert told(with_sheet(replace(sheet("表二"), cells=cells))) == []
