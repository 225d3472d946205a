"""The table printed across: which figure stands under which heading, and which are said to be missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.samples.filled_workbooks import FORM, opened, with_sheet
from tests.samples.typed_tables import Change, book, columns, each, found, printed, put, rows, without_column
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_contents import Sheet

CELLS, AT = printed("contested", down=8)
CODES = list(AT)
HEADS, FIGURES = 10, 11
"""The row of headings, below two rows of groups; and the row of figures."""
REVIEWED, DIRECT, AFTER = (row.label for row in FORM.table("reviews").rows)
UPHELD, CORRECTED, *_, TOTAL = (column.label for column in FORM.table("reviews").columns)


def otherwise(*at: int) -> Change:
    """Headings that read otherwise."""
    return put({(HEADS, column): f"又{column}" for column in at})


def cleared(*at: int) -> Change:
    return put({(HEADS, column): None for column in at})


def gone(cell: int) -> tuple[str, str, tuple[str, ...]]:
    row, column = (FORM.cell(CODES[cell]).row, FORM.cell(CODES[cell]).column)
    return f"{row.brief.zh}·{column.brief.zh}", f"{row.brief.en}, {column.brief.en}", (CODES[cell],)


def group_gone(n: int) -> tuple[str, str, tuple[str, ...]]:
    row = FORM.table("reviews").rows[n]
    return row.brief.zh, row.brief.en, tuple(CODES[5 * n : 5 * n + 5])


# What was done; the figures that were not read; the columns taken by their place alone.
ALTERED: dict[str, tuple[Change, list[tuple[str, str, tuple[str, ...]]], list[int]]] = {
    "nothing": (lambda cells: cells, [], []),
    "the first heading": (otherwise(0), [], [0]),
    "a heading inside": (otherwise(6), [], [6]),
    "the last heading": (otherwise(14), [], [14]),
    "a heading cleared": (cleared(6), [], [6]),
    "the first heading cleared": (cleared(0), [gone(0)], []),
    "the last heading cleared": (cleared(14), [gone(14)], []),
    "the first group's headings": (otherwise(0, 1, 2, 3, 4), [], [0, 1, 2, 3, 4]),
    "the second group's headings": (otherwise(5, 6, 7, 8, 9), [], [5, 6, 7, 8, 9]),
    "the last group's headings": (otherwise(10, 11, 12, 13, 14), [], [10, 11, 12, 13, 14]),
    "the last group's headings cleared": (cleared(10, 11, 12, 13, 14), [group_gone(2)], []),
    "a group's headings and one more cleared": (cleared(0, 1, 2, 3, 4, 14), [group_gone(0), gone(14)], []),
    "two cells of a group cleared": (cleared(0, 1), [gone(0), gone(1)], []),
    "seven headings": (otherwise(1, 3, 5, 7, 9, 11, 13), [], [1, 3, 5, 7, 9, 11, 13]),
    "a heading that reads as another": (put({(HEADS, 1): TOTAL}), [gone(1)], []),
    "a group's label": (put({(HEADS - 2, 0): "复议"}), [], []),
    "a group's label and a heading": (each(put({(HEADS - 2, 0): "复议"}), otherwise(8)), [], [8]),
    "a heading that spans all three rows": (put({(HEADS, 4): None, (HEADS - 2, 4): TOTAL}), [], []),
    "a heading too far above": (put({(HEADS, 4): "共", (HEADS - 3, 4): TOTAL}), [], [4]),
    "a heading far above": (put({(0, 9): UPHELD}), [], []),
    "a heading far below": (put({(30, 9): TOTAL}), [], []),
    "a group's label once more, above": (each(put({(HEADS - 4, 9): REVIEWED}), otherwise(1, 6)), [], [1, 6]),
    "a group's label once more, beside": (each(put({(HEADS - 2, 12): REVIEWED}), otherwise(1, 6)), [], [1, 6]),
    "a group's label among the headings": (each(put({(HEADS, 16): REVIEWED}), otherwise(1, 6)), [], [1, 6]),
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERED)
def test_a_figure_is_read_under_its_heading_or_said_to_be_missing(name):
    change, missing, guessed = ALTERED[name]
    one = found(book(change(dict(CELLS))), "reviews")
    assert one is not None
    lost = {code for _, _, codes in missing for code in codes}
    assert one.cells == {code: place for code, place in AT.items() if code not in lost}
    assert [(gap.label.zh, gap.label.en, gap.cells) for gap in one.missing] == missing
    assert [(guess.line.code, guess.place) for guess in one.guessed] == [
        (FORM.cell(CODES[n]).column.code, (HEADS, n)) for n in guessed
    ]
    labelled = {code.removeprefix("reviews."): n for n, code in enumerate(CODES) if code not in lost}
    assert one.columns == labelled
    assert one.column_labels == {key: (HEADS, n) for key, n in labelled.items() if n not in guessed}
    assert set(one.rows.values()) == {FIGURES}
    assert one.table == FORM.table("reviews")


NO_TABLE: dict[str, Change] = {
    "eight headings": otherwise(1, 3, 5, 7, 9, 11, 13, 14),
    "eight headings cleared": cleared(0, 1, 2, 3, 4, 12, 13, 14),
    "a group's label and two headings": each(put({(HEADS - 2, 0): "复议"}), otherwise(1, 8)),
    "no headings": cleared(*range(15)),
}


@pytest.mark.parametrize("name", NO_TABLE)
def test_a_table_whose_groups_could_be_mistaken_is_none(name):
    assert found(book(NO_TABLE[name](dict(CELLS))), "reviews") is None


@pytest.mark.parametrize(("further", "known"), [(0, True), (3, True), (4, False)])
def test_groups_are_looked_for_up_to_five_rows_above_the_headings(further, known):
    """Where two headings read otherwise, none is taken by its place unless every group is there."""
    one = found(book(each(otherwise(1, 8), rows(further, HEADS))(dict(CELLS))), "reviews")
    assert (one is not None) == known
    if one is not None:
        assert one.cells == {code: (row + further, column) for code, (row, column) in AT.items()}
        assert one.row_labels == {
            row.code: (HEADS - 1 - (n == 0), 5 * n) for n, row in enumerate(FORM.table("reviews").rows)
        }


def test_a_column_taken_out_is_said_and_the_others_keep_their_figures():
    one = found(book(without_column(6)(dict(CELLS))), "reviews")
    assert one is not None
    assert one.cells == {code: (r, c - (c > 6)) for code, (r, c) in AT.items() if c != 6}
    assert [(gap.label.zh, gap.label.en, gap.cells) for gap in one.missing] == [gone(6)]
    assert one.guessed == ()


@pytest.mark.parametrize("right", [0, 3])
def test_a_column_put_in_belongs_to_no_group(right):
    cells, at = printed("contested", down=8, right=right)
    one = found(book(columns(1, 7 + right)(cells)), "reviews")
    assert one is not None
    assert one.cells == {code: (r, c + (c >= 7 + right)) for code, (r, c) in at.items()}


@pytest.mark.parametrize("lost", [(), (0,), (7,), (12,), (14,)])
def test_where_headings_begin_anew_another_table_begins(lost):
    """Last year's figures beside this year's, in a workbook that does not say so."""
    again = {(row, column + 16): cell for (row, column), cell in CELLS.items()}
    one = found(book({**otherwise(*lost)(dict(CELLS)), **again}), "reviews")
    assert one is not None
    assert one.cells == AT
    assert len(one.guessed) == len(lost)


# where the figures stand below


def test_of_two_rows_of_figures_the_first_is_read():
    twice = {**CELLS, **{(FIGURES + 1, column): cell for (row, column), cell in CELLS.items() if row == FIGURES}}
    one = found(book(twice), "reviews")
    assert one is not None
    assert one.cells == AT


def test_a_row_of_one_figure_is_the_row_of_figures():
    some = {place: cell for place, cell in CELLS.items() if place[0] != FIGURES}
    for row in (FIGURES, FIGURES + 1, FIGURES + 2):
        one = found(book({**some, (row, 9): CELLS[FIGURES, 9]}), "reviews")
        assert one is not None
        assert {place[0] for place in one.cells.values()} == {row}
    for nowhere in ({}, {(FIGURES + 1, 20): CELLS[FIGURES, 9]}):  # no figure at all, or none below a heading
        one = found(book({**some, **nowhere}), "reviews")
        assert one is not None
        assert one.cells == AT


# ours: last year's figures beside

OURS = get_issued_template(FORM).tables["reviews"]
FIRST_BEFORE = min(column for _, column in OURS.previous.values())
TOP, LEFT = min(OURS.row_labels.values())
BOTTOM = max(OURS.column_labels.values())[0]


def ours(change: Change) -> Sheet:
    (sheet,) = (one for one in opened().sheets if one.name == OURS.sheet)
    return replace(sheet, cells=change(dict(sheet.cells)))


A_HEADING = {(BOTTOM, LEFT + 1): "纠正"}

# What was done, besides to one heading; whether last year's figures are known.
BESIDE: dict[str, tuple[Change, bool]] = {
    "nothing": (put({}), True),
    "a group's label": (put({(TOP, LEFT): "复议"}), True),
    "a heading of last year": (put({(BOTTOM, FIRST_BEFORE): "维持"}), False),
    "the last heading of last year": (put({(BOTTOM, FIRST_BEFORE + 14): None}), False),
    "a column within last year's": (columns(1, FIRST_BEFORE + 4), False),
    "last year's figures a row lower": (
        lambda cells: {(row + (column >= FIRST_BEFORE), column): cell for (row, column), cell in cells.items()},
        False,
    ),
    "last year's headings once more": (put({(BOTTOM, FIRST_BEFORE + 15): TOTAL}), False),
}


@pytest.mark.parametrize("name", BESIDE)
def test_last_years_figures_are_known_where_their_headings_are_all_there(name):
    change, known = BESIDE[name]
    one = found(with_sheet(ours(each(put(A_HEADING), change))), "reviews", ours=True)
    assert one is not None
    assert not one.as_issued
    assert one.cells == OURS.cells
    assert one.previous == (OURS.previous if known else {})


def test_last_years_first_figure_is_not_taken_for_the_last_of_this_year():
    """The last column is gone, and the empty one between: last year's figures then stand where it stood."""
    one = found(with_sheet(ours(each(*[without_column(FIRST_BEFORE - 2)] * 2))), "reviews", ours=True)
    assert one is not None
    last = max(OURS.cells, key=lambda code: OURS.cells[code])
    assert one.cells == {code: place for code, place in OURS.cells.items() if code != last}
    assert [gap.cells for gap in one.missing] == [(last,)]
    assert one.previous == {code: (row, column - 2) for code, (row, column) in OURS.previous.items()}


def test_a_single_heading_is_no_table():
    assert found(book({(0, 0): CELLS[HEADS, 0]}), "reviews") is None
