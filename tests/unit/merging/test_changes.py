"""What changed since last year: over the same agencies, and beside them those in one year alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import domain
from tests.samples.compared_reports import FORM, OLD, before, row, rows
from workbook.merging.collected_reports import ReportRow
from workbook.merging.prior_year.year_comparison import YearSum, list_changes

CELL = "requests.granted.person"


def change(now, then, past=None, code=CELL):
    (one,) = [one for one in list_changes(FORM, rows(now), before(then), past and rows(past)) if one.cell.code == code]
    return one


def some(*counts: int | None, year: int = 2024, form=FORM) -> list[ReportRow]:
    return [row(n, {CELL: count}, year=year, form=form) for n, count in enumerate(counts) if count is not None]


def test_the_same_agencies_are_compared_and_the_others_told_apart():
    one = change(some(10, 20, None, 7), some(4, 20, 100, None), some(4, 20, 100, None))
    assert (one.now, one.then, one.new, one.gone) == (YearSum(30, 2), YearSum(24, 2), YearSum(7, 1), YearSum(100, 1))
    assert (one.difference, one.ratio) == (6, Decimal("1.25"))
    assert (one.this_year, one.last_year) == (YearSum(37, 3), YearSum(124, 3))


@pytest.mark.parametrize(
    ("now", "then", "difference", "ratio"),
    [([5], [0], 5, None), ([0], [5], -5, Decimal(0)), ([5], [None], None, None)],
)
def test_a_ratio_to_nothing_is_none(now, then, difference, ratio):
    one = change(some(*now), some(*then))
    assert (one.difference, one.ratio) == (difference, ratio)


def test_a_blank_is_not_0():
    now, then = some(10), some(4)
    blank = [now[0]._replace(report=now[0].report.with_values({CELL: None}))]
    assert change(blank, then)[1:] == (YearSum(), YearSum(), YearSum(), YearSum(4, 1))
    assert change(now, [then[0]._replace(report=blank[0].report)])[1:] == (
        YearSum(),
        YearSum(),
        YearSum(10, 1),
        YearSum(),
    )


def test_last_year_may_be_in_the_form_before():
    last = [row(0, {"requests.otherwise.person": 3, CELL: 4}, form=OLD, year=2020)]
    assert change(some(10), last).then == YearSum(4, 1)
    assert change(some(10), last, code="requests.otherwise.rest.person").then == YearSum()


pairs = st.lists(st.tuples(domain.broken_reports(FORM), st.none() | domain.broken_reports(FORM)), max_size=6)


@pytest.mark.slow
@settings(max_examples=25)
@given(pairs, st.randoms(use_true_random=False))
def test_the_parts_add_up_to_both_years_in_any_order(given_reports, random):
    now = [ReportRow(n, f"key-{n}", "", this) for n, (this, _) in enumerate(given_reports)]
    then = [ReportRow(n, f"key-{n}", "", last) for n, (_, last) in enumerate(given_reports) if last]
    found = list_changes(FORM, rows(now), before(then), rows(then))
    for one in found:
        for part, year in ((one.this_year, now), (one.last_year, then)):
            numbers = [v for r in year if (v := r.report.number(one.cell.index)) is not None]
            assert part == (sum(numbers), len(numbers))
    random.shuffle(now)
    assert list_changes(FORM, rows(now), before(then), rows(then)) == found
