"""Reports of this year against what was submitted last year: which rules, in which form, with whose answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import domain
from tests.samples.compared_reports import FORM, OLD, is_worded, report
from workbook.merging.prior_year.year_comparison import (
    compare_years,
    find_carried_differences,
    list_yearly_rules,
    reevaluate_report,
)
from workbook.model.finding import Severity
from workbook.model.report import Answer, make_empty_report
from workbook.model.rule_catalog import format_message
from workbook.rules.evaluation import check_report
from workbook.rules.rule_types import Equation, list_rules

CARRIED = "requests.carried.person"
BROUGHT = "requests.brought.person"
THEN = {"requests.granted.person": 20, CARRIED: 5, "legislation.normative.in_force": 30, "fees.fees.amount": 500_000}
NOW = {"requests.granted.person": 9, BROUGHT: 5, "legislation.normative.in_force": 30, "fees.fees.amount": 510_000}
LAST = report(1, THEN, year=2023)


def rules(found) -> set[str]:
    return {one.rule for one in found}


def test_the_rules_between_years_are_those_that_speak_of_last_year():
    found = {rule.rule for rule in list_yearly_rules(FORM)}
    assert {"carried-over", "stock", "identical", "unit-scale"} <= found
    within = [rule for rule in list_rules(FORM) if isinstance(rule, Equation) and not rule.yearly]
    assert not {rule.rule for rule in within} & found
    assert {rule.rule for rule in list_yearly_rules(OLD)} == {"cumulative", "carried-over", "identical", "unit-scale"}


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ({}, set()),
        ({BROUGHT: 4}, {"carried-over"}),
        ({"legislation.normative.in_force": 31}, {"stock"}),
        ({"fees.fees.amount": 5_000_000_000}, {"unit-scale"}),
        ({"requests.granted.person": 20, BROUGHT: 0, CARRIED: 5}, {"identical", "carried-over"}),
    ],
)
def test_what_is_found_between_the_years(now, found):
    this = report(1, NOW | now)
    if "identical" in found:
        this = replace(LAST, year=2024)
    assert rules(compare_years(this, LAST)) == found


def test_last_years_report_may_be_of_the_form_before():
    last = report(1, THEN, form=OLD, year=2020)
    assert compare_years(report(1, NOW, year=2021), last) == []
    assert rules(compare_years(report(1, NOW | {BROUGHT: 2}, year=2021), last)) == {"carried-over"}


@settings(max_examples=25)
@given(domain.forms.flatmap(lambda form: st.tuples(domain.reports(form), domain.broken_reports(form))))
def test_it_is_what_check_says_of_the_same_two_reports(two):
    this, last = two
    yearly = {rule.rule for rule in list_yearly_rules(this.form)}
    given_no_answer = replace(this, answers=())
    assert compare_years(this, last) == [one for one in check_report(given_no_answer, last) if one.rule in yearly]


def test_findings_of_the_copied_year_give_way_to_those_of_the_true_one():
    this = report(1, NOW | {BROUGHT: 4, "legislation.normative.in_force": 31})
    copied = LAST.with_values({CARRIED: 4, "requests.carried.total": 4})
    at_reading = check_report(this, copied)
    assert rules(at_reading) == {"stock"}
    found = reevaluate_report(this, at_reading, LAST, copied)
    assert rules(found) == {"stock", "carried-over", "last-year-differs"}
    assert reevaluate_report(this, check_report(this, LAST), LAST, LAST) == tuple(check_report(this, LAST))


def test_other_findings_stay():
    this = report(1, NOW).with_values({"requests.results.person": 77})
    found = reevaluate_report(this, check_report(this), LAST)
    assert found == tuple(check_report(this))
    assert rules(found) >= {"results-total", "balance"}


def test_without_last_years_report_the_findings_stay():
    this = report(1, NOW | {BROUGHT: 4})
    at_reading = check_report(this, LAST)
    assert reevaluate_report(this, at_reading, None, LAST) == tuple(at_reading)
    assert "carried-over" in rules(at_reading)


@pytest.mark.parametrize("kept", [True, False], ids=["answers at hand", "only the findings at hand"])
def test_a_reason_stays_as_long_as_its_figures_do(kept):
    this = report(1, NOW | {"legislation.normative.in_force": 31})
    (stock,) = check_report(this, LAST)
    answered = replace(this, answers=(Answer(stock.rule, stock.cells, "移交一件。", stock.figures),))
    at_reading = check_report(answered, LAST)
    shown = answered if kept else this
    (again,) = reevaluate_report(shown, at_reading, LAST)
    assert again.answer == "移交一件。"
    otherwise = LAST.with_values({"legislation.normative.in_force": 29})
    found = reevaluate_report(shown, at_reading, otherwise)
    assert [(one.rule, one.answer) for one in found] == [("answer-expired", ""), ("stock", "")]


def test_a_reason_that_did_not_fit_the_copied_year_may_fit_the_true_one():
    this = report(1, NOW | {"legislation.normative.in_force": 31})
    (stock,) = check_report(this, LAST)
    answered = replace(this, answers=(Answer(stock.rule, stock.cells, "移交一件。", stock.figures),))
    at_reading = check_report(answered, LAST.with_values({"legislation.normative.in_force": 29}))
    assert rules(at_reading) == {"answer-expired", "stock"}
    (again,) = reevaluate_report(answered, at_reading, LAST)
    assert (again.rule, again.answer) == ("stock", "移交一件。")


def test_a_copy_of_last_year_that_differs_is_told_by_its_cells():
    copied = LAST.with_values({CARRIED: 4, "fees.fees.amount": 500_100})
    found = find_carried_differences(report(1, NOW), copied, LAST)
    assert found is not None
    assert found.severity is Severity.WARNING
    assert found.cells == ("fees.fees.amount", CARRIED)
    assert is_worded(found)
    assert format_message(found) == (
        "所带上年数据有 2 格与上年实际报送的不同：行政事业性收费·本年收费金额（单位：万元）、四、结转下年·自然人；"
        "其中“行政事业性收费·本年收费金额（单位：万元）”所带为 0.5001，上年报送为 0.5。"
    )


@pytest.mark.parametrize(
    ("copied", "submitted", "differs"),
    [(5, 5, False), (4, 5, True), (None, 5, False), (0, None, False), (5, None, True), ("约5", 5, False)],
)
def test_only_a_figure_carried_can_differ(copied, submitted, differs):
    blank = make_empty_report(FORM, 2023)
    found = find_carried_differences(
        report(1, NOW), blank.with_values({CARRIED: copied}), blank.with_values({CARRIED: submitted})
    )
    assert (found is not None) == differs
    assert found is None or is_worded(found)
