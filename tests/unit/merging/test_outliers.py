"""The modified z-score as it is used here: what it names, and what it leaves alone."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples.compared_reports import CASES, FORM, OLD, before, granted, name_by_reason, row
from workbook.merging.collected_reports import list_bottom_lines
from workbook.merging.peers.outliers import Outliers, get_score_limit, measure_centre_and_spread

CELL = "requests.new.total"
THEN = CASES["then"]


def strange(some, past=()) -> list[tuple[str, int]]:
    far = Outliers(FORM, past)
    for one in some:
        far.add(one)
    return sorted({(one.rule, one.number) for one in far.list_unusual()})


@pytest.mark.parametrize(("counts", "who", "why"), CASES["peers"], ids=name_by_reason)
def test_who_is_named_among_peers(counts, who, why):
    assert strange(granted(counts)) == [("unlike-peers", n) for n in who], why


def test_only_agencies_of_the_same_level_are_peers():
    county = granted([900, 950, 1000, 1050, 1100, 920, 980, 1020], "county")
    departments = [row(100 + n, {"requests.granted.person": 40 + n}) for n in range(10)]
    assert strange([*county, *departments]) == []
    stray = row(200, {"requests.granted.person": 1000})
    assert strange([*county, *departments, stray]) == [("unlike-peers", 200)]
    assert strange([*county, *departments, stray._replace(level="")]) == []


def test_blanks_and_words_are_no_figures():
    some = granted([40, 44, 47, 50, 52, 55, 58, 60])
    words = some[0].report.with_values({CELL: "约10", "requests.results.total": None})
    assert strange([*some, some[0]._replace(number=50, report=words)]) == []
    assert strange([*some[1:], some[0]._replace(report=words), row(60, {"requests.granted.person": 500})]) == [
        ("unlike-peers", 60)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_ordinary_agencies_give_next_to_nothing(seed):
    chance = random.Random(seed)
    counts = [int(chance.lognormvariate(4, 1)) for _ in range(400)]
    assert len(strange(granted(counts))) <= 1


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_the_spread_is_never_below_0_and_0_only_where_the_others_are_the_same(values):
    centre, spread = measure_centre_and_spread(values)
    for value in values:
        others = [other for other in values if other != value]
        assert spread(value - centre) >= 0
        if spread(value - centre) == 0:
            assert len(set(others)) <= 1


def test_the_limit_is_the_one_of_the_book_for_dozens_and_rises_to_both_sides():
    assert get_score_limit(60) == pytest.approx(4.27, abs=0.01)
    assert get_score_limit(8) > get_score_limit(20) > get_score_limit(40)
    assert get_score_limit(20_000) > get_score_limit(200) > 3.5
    assert all(get_score_limit(n) >= 3.5 and math.isfinite(get_score_limit(n)) for n in (8, 10**6))


def test_the_cells_judged_count_into_no_other():
    codes = [cell.code for cell in list_bottom_lines(FORM)]
    assert CELL in codes
    assert "requests.new.person" not in codes
    assert "requests.granted.total" not in codes
    assert "fees.fees.amount" in codes
    assert len(codes) < 20


@pytest.mark.parametrize(("now", "who", "why"), CASES["past"], ids=name_by_reason)
def test_who_is_named_against_its_own_past(now, who, why):
    found = [one for one in strange(granted(now), [before(granted(THEN))]) if one[0] == "unlike-before"]
    assert found == [("unlike-before", n) for n in who], why


def test_several_years_are_taken_by_their_median_and_in_their_own_form():
    older = [row(n, {"requests.granted.person": count}, form=OLD, year=2020) for n, count in enumerate(THEN)]
    slip = [*THEN[:9], 9]
    years = [before(older), before(granted(slip)), before(granted(THEN))]
    assert strange(granted(THEN), years) == []
    assert strange(granted([*THEN[:9], 900]), years) == [("unlike-before", 9)]
    assert strange(granted(THEN), [before([])]) == []
