"""Digits run together, cut by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from workbook.documents.reading import ambiguity_solver, figure_splitting
from workbook.documents.reading.ambiguity_solver import sums_within
from workbook.documents.reading.figure_splitting import is_whole_figure, list_splits
from workbook.documents.reading.form_labels import fold_with_positions
from workbook.model.form_loader import load_form

FORM = load_form("annual-2019")
CHANGES = [cell for cell in FORM.cells if cell.table.code == "licensing"][:3]
APPLICANTS = [cell for cell in FORM.cells if cell.table.code == "requests"][:7]
BELOW = [cell for cell in FORM.cells if cell.table.code == "requests"][7:14]
REVIEWS = [cell for cell in FORM.cells if cell.table.code == "reviews"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["007"], {("0", "0", "7")}),
        (["300"], {("3", "0", "0")}),
        (["4500"], {("45", "0", "0"), ("4", "50", "0")}),
        (["12", "3"], {("1", "2", "3")}),
        (["35-15"], {("35", "-1", "5")}),
        (["7-15", "0"], {("7", "-15", "0")}),
        (["1-2-3"], set()),
        (["00"], set()),
        ([], set()),
    ],
)
def test_three_cells(texts, expected):
    assert set(list_splits(texts, CHANGES, ())) == expected


def test_a_row_of_applicants_by_its_total():
    found = list_splits(["200", "000121"], APPLICANTS, ())
    kept = [way for way in found if sum(map(int, way[:6])) == int(way[6])]
    assert kept == [("20", "0", "0", "0", "0", "1", "21")]


def test_too_many_ways_are_none():
    assert list_splits(["1" * 50], REVIEWS, ()) == ()


# what it costs is counted, not timed


def counted(monkeypatch, home, name):
    """The arguments of every call of a function."""
    calls, own = [], getattr(home, name)
    monkeypatch.setattr(home, name, lambda *given: (calls.append(given), own(*given))[1])
    return calls


def test_no_more_pieces_are_tried_than_are_allowed(monkeypatch):
    monkeypatch.setattr(figure_splitting, "MOST_STEPS", 2_000)
    tried = counted(monkeypatch, figure_splitting._Cutter, "_comes_to_nothing")
    assert list_splits(["9" * 80], REVIEWS, sums_within(FORM, REVIEWS)) == ()
    assert 1_000 < len(tried) <= 2_000


def test_from_each_point_the_pieces_are_looked_for_twice_at_most(monkeypatch):
    looked = counted(monkeypatch, figure_splitting._Cutter, "_next")
    assert list_splits(["1" * 19], APPLICANTS, ())
    assert max(Counter(looked).values()) <= 2  # to count the ways, and to go them


def test_of_a_way_an_equation_asks_only_for_the_figures_it_counts(monkeypatch):
    row = ambiguity_solver.UnsolvedRow(APPLICANTS, list_splits(["1" * 12], APPLICANTS, ()), glued=True)
    other = ambiguity_solver.UnsolvedRow(BELOW, (("0",) * 7,), glued=False)
    joint = [
        rule for rule in ambiguity_solver.list_solvable_equations(FORM) if {cell.code for cell in BELOW} & {*rule.cells}
    ]
    asked = counted(monkeypatch, ambiguity_solver, "parse_split_figure")
    held = len(row.ways)
    ambiguity_solver._narrow([row, other], joint)
    each = [len({cell.code for cell in APPLICANTS} & {*rule.cells}) for rule in joint]
    assert len(row.ways) > 1
    assert len(asked) <= (held + 1) * 7 + held * sum(each)


@pytest.mark.parametrize(("text", "good"), [("0", True), ("00", False), ("-1", False), ("1.5", False), ("12件", True)])
def test_what_one_cell_may_hold(text, good):
    assert is_whole_figure(text, APPLICANTS[0]) is good


def test_every_folded_sign_has_its_place_though_a_small_letter_may_be_two():
    signs, at = fold_with_positions("İ、㎡ＡB")
    assert len(signs) == len(at)
    assert [(at[signs.index(sign)]) for sign in "mab"] == [2, 3, 4]
