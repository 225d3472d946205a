"""Digits run together, cut by hand."""

from __future__ import annotations

from collections import Counter

import pytest

from workbook.documents.reading import cutting, solve
from workbook.documents.reading.cutting import ways, whole
from workbook.documents.reading.solve import sums_within
from workbook.documents.reading.vocabulary import folded_with_places
from workbook.forms import load

FORM = load("annual-2019")
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
    assert set(ways(texts, CHANGES, ())) == expected


def test_a_row_of_applicants_by_its_total():
    found = ways(["200", "000121"], APPLICANTS, ())
    kept = [way for way in found if sum(map(int, way[:6])) == int(way[6])]
    assert kept == [("20", "0", "0", "0", "0", "1", "21")]


def test_too_many_ways_are_none():
    assert ways(["1" * 50], REVIEWS, ()) == ()


# what it costs is counted, not timed


def counted(monkeypatch, home, name):
    """The arguments of every call of a function."""
    calls, own = [], getattr(home, name)
    monkeypatch.setattr(home, name, lambda *given: (calls.append(given), own(*given))[1])
    return calls


def test_no_more_pieces_are_tried_than_are_allowed(monkeypatch):
    monkeypatch.setattr(cutting, "MOST_STEPS", 2_000)
    tried = counted(monkeypatch, cutting._Cutter, "_comes_to_nothing")
    assert ways(["9" * 80], REVIEWS, sums_within(FORM, REVIEWS)) == ()
    assert 1_000 < len(tried) <= 2_000


def test_from_each_point_the_pieces_are_looked_for_twice_at_most(monkeypatch):
    looked = counted(monkeypatch, cutting._Cutter, "_next")
    assert ways(["1" * 19], APPLICANTS, ())
    assert max(Counter(looked).values()) <= 2  # to count the ways, and to go them


def test_of_a_way_an_equation_asks_only_for_the_figures_it_counts(monkeypatch):
    row = solve.Row(APPLICANTS, ways(["1" * 12], APPLICANTS, ()), glued=True)
    other = solve.Row(BELOW, (("0",) * 7,), glued=False)
    joint = [rule for rule in solve.judgeable(FORM) if {cell.code for cell in BELOW} & {*rule.cells}]
    asked = counted(monkeypatch, solve, "number")
    held = len(row.ways)
    solve._narrow([row, other], joint)
    each = [len({cell.code for cell in APPLICANTS} & {*rule.cells}) for rule in joint]
    assert len(row.ways) > 1
    assert len(asked) <= (held + 1) * 7 + held * sum(each)


@pytest.mark.parametrize(("text", "good"), [("0", True), ("00", False), ("-1", False), ("1.5", False), ("12件", True)])
def test_what_one_cell_may_hold(text, good):
    assert whole(text, APPLICANTS[0]) is good


def test_every_folded_sign_has_its_place_though_a_small_letter_may_be_two():
    signs, at = folded_with_places("İ、㎡ＡB")
    assert len(signs) == len(at)
    assert [(at[signs.index(sign)]) for sign in "mab"] == [2, 3, 4]
