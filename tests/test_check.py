"""Whole reports judged: the two real ones to the last finding; order, answers, last year in another form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain import AGENCY, example, zero
from workbook.check import Outcome, Verdict, check, check_figures, judge
from workbook.finding import Severity, Source
from workbook.forms import load
from workbook.identity import Identity
from workbook.numbers import NOT_APPLICABLE
from workbook.report import Answer, empty
from workbook.rules import LevelTest, equations_of, rules_of

OLD, NEW = load("annual-2019"), load("annual-2021")


def brief(found):
    return [(one.rule, one.cells[0] if one.cells else "", one.actual, one.expected, one.difference) for one in found]


def errors(found):
    return [one for one in found if one.severity is Severity.ERROR]


def rule(form, code):
    return next(rule for rule in rules_of(form) if rule.code == code)


# the two real reports


def test_shizhong_forgot_the_total_of_results():
    found = check(example("市中区统计局-2020"))
    assert brief(errors(found)) == [
        ("results-total", "requests.results.person", 0, 4, -4),
        ("results-total", "requests.results.total", 0, 4, -4),
        ("balance", "requests.results.person", 0, 4, -4),
        ("balance", "requests.results.total", 0, 4, -4),
    ]
    assert [one.rule for one in found if one.severity is not Severity.ERROR] == ["identity-asked"]
    assert errors(found)[0].source == Source("市中区统计局-2020.json", "", "/tables/requests/results/person")


def test_luolong_is_without_error():
    found = check(example("洛龙区统计局-2020"))
    assert errors(found) == []
    assert [one.rule for one in found] == ["identity-asked"]


def test_both_together_break_what_one_of_them_breaks():
    both = example("市中区统计局-2020") + example("洛龙区统计局-2020")
    assert both.merged == 2
    assert both["requests.new.person"] == 6
    assert brief(check_figures(both)) == [
        ("results-total", "requests.results.person", 2, 6, -4),
        ("results-total", "requests.results.total", 2, 6, -4),
        ("balance", "requests.results.person", 2, 6, -4),
        ("balance", "requests.results.total", 2, 6, -4),
    ]


# order and place


def test_findings_come_in_form_order_whatever_was_broken():
    report = zero(NEW, 2024).with_values(
        {
            "reviews.reconsideration.total": 1,
            "requests.new.person": 1,
            "fees.fees.amount": None,
            "legislation.regulations.issued": 2,
            "licensing.permits.decisions": -1,
        }
    )
    report = replace(report, agency=replace(AGENCY, region="99"), texts={**report.texts, "problems": ""})
    previous = zero(NEW, 2023).with_values({"requests.carried.law": 1})
    assert [one.rule for one in check(report, previous)] == [
        "region-code",
        "stock",
        "rule-making-power",
        "whole-numbers",
        "filled",
        "applicant-total",
        "balance",
        "carried-over",
        "review-total",
        "sections",
        "reviews",
    ]
    assert check(report, previous) == check(report, previous)


def test_a_finding_knows_where_its_first_cell_stood():
    at = {"requests.new.total": Source("a.xlsx", "表三", "J4")}
    report = replace(zero(NEW).with_values({"requests.new.total": 2}), sources=at)
    placed = {one.rule: str(one.source) for one in check(report)}
    assert placed == {"applicant-total": "表三!J4", "balance": ""}


def test_an_empty_report_says_so_and_no_more_of_its_figures():
    found = check(empty(NEW, 2024, Identity("某局")))
    assert [one.rule for one in found] == ["identity-asked", "nothing-filled", "sections", "sections", "sections"]


def test_a_report_of_marks_is_not_filled():
    marks = replace(zero(NEW), values=(NOT_APPLICABLE,) * len(NEW.cells))
    assert {one.rule for one in check(marks)} == {"filled"}


def test_a_sum_of_agencies_is_asked_for_its_figures_alone():
    report = replace(zero(NEW), agency=Identity(), texts={})
    assert check_figures(report) == []
    assert check(report) != []


# verdicts


def test_three_outcomes():
    balance = rule(NEW, "requests.balance.person")
    report = zero(NEW)
    assert judge(balance, report) == Verdict(Outcome.PASSED, 0, 0)
    assert judge(balance, report.with_values({"requests.new.person": 2})) == Verdict(Outcome.FAILED, 0, 2)
    assert judge(balance, report.with_values({"requests.new.person": None})).outcome is Outcome.UNJUDGED
    assert judge(rule(NEW, "legislation.stock.normative"), report).outcome is Outcome.UNJUDGED
    assert judge(rule(NEW, "requests.identical"), report).outcome is Outcome.UNJUDGED
    assert judge(rule(NEW, "requests.filled"), report) == Verdict(Outcome.PASSED, 0, 0)


def test_all_levels_that_make_rules():
    (power,) = (rule for rule in rules_of(NEW) if isinstance(rule, LevelTest))
    report = zero(NEW).with_values({"legislation.regulations.issued": 1})
    levels = ("ministry", "province", "city", "county", "township", "city-department", "")
    outcomes = [judge(power, replace(report, agency=Identity("某局", level=level))).outcome for level in levels]
    assert outcomes == [Outcome.PASSED] * 3 + [Outcome.FAILED] * 3 + [Outcome.UNJUDGED]


# last year


def test_last_year_in_the_old_form():
    previous = zero(OLD, 2020).with_values({"requests.carried.person": 2, "legislation.normative.available": 9})
    found = check(zero(NEW, 2021), previous)
    assert brief(found) == [("carried-over", "requests.brought.person", 0, 2, -2)]


def test_last_year_in_the_new_form_for_a_report_in_the_old_one():
    previous = zero(NEW, 2021).with_values({"requests.carried.law": 1, "requests.otherwise.unpaid.law": 1})
    found = check(zero(OLD, 2020), previous)
    assert brief(found) == [("carried-over", "requests.brought.law", 0, 1, -1)]


def test_last_year_with_a_regions_supplement():
    hubei = load("annual-2019", "420100")
    assert check(zero(OLD, 2020), zero(hubei, 2019)) == []
    assert check(zero(hubei, 2020), zero(OLD, 2019)) == []


# answers


def answered_report(figures=""):
    report = zero(NEW, 2024).with_values({"requests.brought.person": 2, "requests.results.person": 2})
    report = report.with_values({"requests.brought.total": 2, "requests.results.total": 2})
    report = report.with_values({"requests.granted.person": 2, "requests.granted.total": 2})
    answer = Answer("carried-over", ("requests.brought.person",), "上年漏计。", figures)
    return replace(report, answers=(answer,))


def test_a_reason_holds_while_its_figures_stand():
    previous = zero(NEW, 2023)
    (person, total) = check(answered_report(), previous)
    assert (person.answer, total.answer) == ("上年漏计。", "")
    signed = answered_report(person.figures)
    assert [one.answer for one in check(signed, previous)] == ["上年漏计。", ""]


@pytest.mark.parametrize("change", ["this year", "last year"])
def test_a_reason_expires_with_its_figures(change):
    previous = zero(NEW, 2023)
    report = answered_report(check(answered_report(), previous)[0].figures)
    if change == "this year":
        report = report.with_values({"requests.brought.person": 3})
    else:
        previous = previous.with_values({"requests.carried.person": 1})
    found = [one for one in check(report, previous) if one.cells == ("requests.brought.person",)]
    assert [(one.rule, one.answer) for one in found] == [("answer-expired", ""), ("carried-over", "")]


def test_an_error_is_never_answered():
    wrong = example("市中区统计局-2020")
    answers = tuple(Answer(one.rule, one.cells, "不改。", one.figures) for one in check(wrong))
    found = check(replace(wrong, answers=answers))
    assert [(one.rule, one.answer) for one in found if one.answer] == [("identity-asked", "不改。")]
    assert not [one for one in found if one.rule == "answer-expired"]


def test_a_reason_for_each_of_two_findings_on_one_text():
    text = zero(NEW).texts["overview"] + "\n发布动态50篇，公告14篇，共计66篇。\n举办培训2次，检查3次，共计6次。"
    report = replace(zero(NEW), texts={**zero(NEW).texts, "overview": text})
    first, second = check(report)
    assert first.rule == second.rule == "narrative-sum"
    reasons = (
        Answer(first.rule, first.cells, "另有2篇。", first.figures),
        Answer(second.rule, second.cells, "另有1次。", second.figures),
    )
    assert [one.answer for one in check(replace(report, answers=reasons))] == ["另有2篇。", "另有1次。"]
    assert [one.answer for one in check(replace(report, answers=reasons[::-1]))] == ["另有2篇。", "另有1次。"]
    once = check(replace(report, answers=(Answer(first.rule, first.cells, "旧。", "0" * 16),)))
    assert [one.rule for one in once] == ["answer-expired", "narrative-sum", "narrative-sum"]


def test_the_reason_for_a_power_answers_for_all_cells_of_its_row():
    report = zero(NEW).with_values({"legislation.regulations.in_force": 1})
    (found,) = check(report)
    assert set(found.cells) == {f"legislation.regulations.{c}" for c in ("issued", "repealed", "in_force")}
    answer = Answer(found.rule, tuple(sorted(found.cells)), "历史遗留。", found.figures)
    assert [one.answer for one in check(replace(report, answers=(answer,)))] == ["历史遗留。"]
    changed = replace(report, answers=(answer,)).with_values({"legislation.regulations.issued": 1})
    assert [one.rule for one in check(changed)] == ["answer-expired", "rule-making-power"]


def test_signatures_differ_with_any_figure_of_an_equation():
    previous = zero(NEW, 2023)
    seen = set()
    for code in ("requests.brought.person", "requests.brought.law"):
        for figure in (1, 2):
            report = zero(NEW, 2024).with_values({code: figure})
            seen |= {one.figures for one in check(report, previous) if one.rule == "carried-over"}
    assert len(seen) == 2
    assert len([e for e in equations_of(NEW) if e.rule == "carried-over"]) == 7
