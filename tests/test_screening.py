"""Few rules are judged, and the findings are those of judging every rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain import AGENCY, FORM_FILES, broken_reports, example, reports, tiny_form, zero
from workbook.check import check_figures, findings_of
from workbook.forms import load
from workbook.rules import IdenticalTest, LevelTest, MoneyScaleTest, Tally, rules_of
from workbook.screening import doubtful, ordered

NEW = load("annual-2021")
FORMS = [*FORM_FILES, load("annual-2019", "420100")]


def one_by_one(report, previous=None):
    """Every rule judged, whatever the screen says."""
    rules = ordered(report.form, yearly=previous is not None)
    return [found for rule in rules for found in findings_of(rule, report, previous)]


def any_of(form):
    return st.one_of(reports(form), reports(form, consistent=False), broken_reports(form))


@given(st.data())
def test_nothing_is_found_that_was_held_back(data):
    form = data.draw(st.sampled_from(FORMS))
    report = data.draw(any_of(form))
    previous = data.draw(st.none() | st.just(report) | any_of(form))
    assert check_figures(report, previous) == one_by_one(report, previous)


@pytest.mark.parametrize("name", ["市中区统计局-2020", "洛龙区统计局-2020"])
def test_the_real_reports_as_one_by_one(name):
    report = example(name)
    assert check_figures(report) == one_by_one(report)
    assert check_figures(report, report) == one_by_one(report, report)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.id)
def test_of_a_clean_report_only_tests_of_a_cell_or_two_are_judged(form):
    judged = doubtful(zero(form), zero(form))
    assert {type(rule) for rule in judged} <= {LevelTest, MoneyScaleTest}


def test_what_is_odd_has_the_demands_on_its_own_table_judged():
    report = zero(NEW).with_values({"requests.new.law": -1})
    assert {rule.table.code for rule in doubtful(report) if isinstance(rule, Tally)} == {"requests"}
    (signed, *_) = [cell for cell in FORMS[0].cells if cell.signed]
    below = zero(FORMS[0]).with_values({signed.code: -1})
    assert not any(isinstance(rule, Tally) for rule in doubtful(below))
    blank = doubtful(below.with_values({"requests.new.law": None}))
    assert {rule.table.code for rule in blank if isinstance(rule, Tally)} == {"requests"}


def test_last_years_figures_again_are_judged_unless_all_are_0():
    report = replace(zero(NEW), agency=AGENCY).with_values({"requests.granted.law": 1})
    again = [rule.code for rule in doubtful(report, report) if isinstance(rule, IdenticalTest)]
    assert again == ["requests.identical"]


def test_rules_between_years_need_last_year(tmp_path):
    form = tiny_form(tmp_path)
    assert ordered(form, yearly=False) == rules_of(form)
    assert {rule.rule for rule in ordered(NEW, yearly=True)} - {rule.rule for rule in rules_of(NEW)} == {"unit-scale"}
