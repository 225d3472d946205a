"""Digits run together, cut by hand."""

from __future__ import annotations

import pytest

from workbook.documents.reading.cutting import ways, whole
from workbook.documents.reading.vocabulary import folded_with_places
from workbook.forms import load

FORM = load("annual-2019")
CHANGES = [cell for cell in FORM.cells if cell.table.code == "licensing"][:3]
APPLICANTS = [cell for cell in FORM.cells if cell.table.code == "requests"][:7]


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
    assert ways(["1" * 50], [cell for cell in FORM.cells if cell.table.code == "reviews"], ()) == ()


@pytest.mark.parametrize(("text", "good"), [("0", True), ("00", False), ("-1", False), ("1.5", False), ("12件", True)])
def test_what_one_cell_may_hold(text, good):
    assert whole(text, APPLICANTS[0]) is good


def test_every_folded_sign_has_its_place_though_a_small_letter_may_be_two():
    signs, at = folded_with_places("İ、㎡ＡB")
    assert len(signs) == len(at)
    assert [(at[signs.index(sign)]) for sign in "mab"] == [2, 3, 4]
