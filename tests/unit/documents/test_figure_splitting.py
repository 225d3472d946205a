"""Digits run together, cut by hand."""

from __future__ import annotations

import pytest

from tests.samples.step_counter import steps
from workbook.documents.reading.ambiguity_solver import sums_within
from workbook.documents.reading.figure_splitting import is_whole_figure, list_splits
from workbook.documents.reading.form_labels import fold_with_positions
from workbook.model.form_loader import load_form

FORM = load_form("annual-2019")
CHANGES = [cell for cell in FORM.cells if cell.table.code == "licensing"][:3]
APPLICANTS = [cell for cell in FORM.cells if cell.table.code == "requests"][:7]
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


@pytest.mark.parametrize(
    ("digits", "cells", "most"), [("9" * 80, REVIEWS, 4_000_000), ("1" * 19, APPLICANTS, 1_000_000)], ids=["80", "19"]
)
def test_a_long_run_of_digits_costs_a_bounded_number_of_steps(digits, cells, most):
    """The search ends at `MOST_STEPS` pieces, and looks for the pieces from one point twice at most."""
    assert steps(lambda: list_splits([digits], cells, sums_within(FORM, cells))) < most


@pytest.mark.parametrize(("text", "good"), [("0", True), ("00", False), ("-1", False), ("1.5", False), ("12件", True)])
def test_what_one_cell_may_hold(text, good):
    assert is_whole_figure(text, APPLICANTS[0]) is good


def test_every_folded_character_has_its_place_though_a_small_letter_may_be_two():
    characters, at = fold_with_positions("İ、㎡ＡB")
    assert len(characters) == len(at)
    assert [(at[characters.index(character)]) for character in "mab"] == [2, 3, 4]
