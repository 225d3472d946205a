"""Whole reports judged: the two real ones to the last finding; order, answers, last year in another form."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.domain import AGENCY, example, tiny_form, zero
from workbook.model.finding import Severity, Source
from workbook.model.form_loader import load_form
from workbook.model.identity import Identity
from workbook.model.numbers import NOT_APPLICABLE
from workbook.model.report import Answer, hash_figures, make_empty_report
from workbook.rules.evaluation import (
    RuleOutcome,
    RuleResult,
    check_figures,
    check_report,
    describe_cells,
    evaluate_rule,
    join_compared_figures,
)
from workbook.rules.rule_types import list_equations, list_rules
from workbook.safety.messages import Bilingual

OLD, NEW = load_form("annual-2019"), load_form("annual-2021")


def brief(found):
    return [(one.rule, one.cells[0] if one.cells else "", one.actual, one.expected, one.difference) for one in found]


def errors(found):
    return [one for one in found if one.severity is Severity.ERROR]


def rule(form, code):
    return next(rule for rule in list_rules(form) if rule.code == code)


# the two real reports


def test_shizhong_forgot_the_total_of_results():
    found = check_report(example("市中区统计局-2020"))
    assert brief(errors(found)) == [
        ("results-total", "requests.results.person", 0, 4, -4),
        ("results-total", "requests.results.total", 0, 4, -4),
        ("balance", "requests.results.person", 0, 4, -4),
        ("balance", "requests.results.total", 0, 4, -4),
    ]
    assert [one.rule for one in found if one.severity is not Severity.ERROR] == ["identity-asked"]
    assert errors(found)[0].source == Source("市中区统计局-2020.json", "", "/tables/requests/results/person")


def test_luolong_is_without_error():
    found = check_report(example("洛龙区统计局-2020"))
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


@pytest.mark.parametrize(("fen", "told"), [(16_200_000, Decimal("16.2")), (16_000_000, 16)])
def test_an_amount_is_told_in_its_unit_and_a_whole_one_as_a_whole_number(fen, told):
    previous = zero(NEW, 2023).with_values({"fees.fees.amount": fen})
    (found,) = check_report(zero(NEW, 2024).with_values({"fees.fees.amount": fen * 10_000}), previous)
    assert (found.actual, found.expected) == (told * 10_000, told)
    assert type(found.expected) is type(told)


def test_a_broken_count_is_seen_beside_a_figure_without_measure():
    huge = {"requests.new.person": 10**30, "requests.new.company": Decimal("0.5"), "requests.new.total": 10**30}
    report = zero(NEW).with_values(huge)
    assert ("applicant-total", 10**30, Decimal(f"{10**30}.5"), Decimal("-0.5")) in [
        (one.rule, one.actual, one.expected, one.difference) for one in check_figures(report)
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
    assert [one.rule for one in check_report(report, previous)] == [
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
    assert check_report(report, previous) == check_report(report, previous)


def test_a_finding_knows_where_its_first_cell_stood():
    at = {"requests.new.total": Source("a.xlsx", "表三", "J4")}
    report = replace(zero(NEW).with_values({"requests.new.total": 2}), sources=at)
    placed = {one.rule: str(one.source) for one in check_report(report)}
    assert placed == {"applicant-total": "表三!J4", "balance": ""}


def test_an_empty_report_says_so_and_no_more_of_its_figures():
    found = check_report(make_empty_report(NEW, 2024, Identity("某局")))
    assert [one.rule for one in found] == ["identity-asked", "nothing-filled", "sections", "sections", "sections"]


def test_a_report_of_marks_is_not_filled():
    marks = replace(zero(NEW), values=(NOT_APPLICABLE,) * len(NEW.cells))
    assert {one.rule for one in check_report(marks)} == {"filled"}


def test_a_sum_of_agencies_is_asked_for_its_figures_alone():
    report = replace(zero(NEW), agency=Identity(), texts={})
    assert check_figures(report) == []
    assert check_report(report) != []


# verdicts


def test_three_outcomes():
    balance = rule(NEW, "requests.balance.person")
    report = zero(NEW)
    assert evaluate_rule(balance, report) == RuleResult(RuleOutcome.PASSED, 0, 0)
    assert evaluate_rule(balance, report.with_values({"requests.new.person": 2})) == RuleResult(
        RuleOutcome.FAILED, 0, 2
    )
    assert evaluate_rule(balance, report.with_values({"requests.new.person": None})).outcome is RuleOutcome.UNJUDGED
    assert evaluate_rule(rule(NEW, "legislation.stock.normative"), report).outcome is RuleOutcome.UNJUDGED
    assert evaluate_rule(rule(NEW, "requests.identical"), report).outcome is RuleOutcome.UNJUDGED
    assert evaluate_rule(rule(NEW, "requests.filled"), report) == RuleResult(RuleOutcome.PASSED, 0, 0)
    blank = report.with_values({"requests.new.person": None, "requests.new.law": None})
    assert evaluate_rule(rule(NEW, "requests.filled"), blank) == RuleResult(RuleOutcome.FAILED, 2, 0)
    power = rule(NEW, "legislation.rule-making-power.regulations")
    assert evaluate_rule(power, report.with_values({"legislation.regulations.issued": 3})) == RuleResult(
        RuleOutcome.FAILED, 3, 0
    )


def test_last_years_figure_may_stand_on_either_side(tmp_path):
    carried = """
[[table.rule]]
id = "carried-over"
left = ["in@previous"]
right = ["in"]
"""
    form = tiny_form(tmp_path, carried)
    report, previous = zero(form).with_values({"t.in.a": 2}), zero(form).with_values({"t.in.a": 3})
    assert evaluate_rule(rule(form, "t.carried-over.a"), report, previous) == RuleResult(RuleOutcome.FAILED, 3, 2)


# what is named, and what a reason answers for


@pytest.mark.parametrize(
    ("count", "zh", "en"),
    [
        (2, "D5、E5", "D5, E5"),
        (8, "D5、E5、F5、G5、H5、I5、J5、D6", "D5, E5, F5, G5, H5, I5, J5, D6"),
        (9, "D5、E5、F5、G5、H5、I5、J5、D6等", "D5, E5, F5, G5, H5, I5, J5, D6 …"),
    ],
)
def test_the_first_few_cells_are_named_where_they_stand(count, zh, en):
    cells = [cell for cell in NEW.cells if cell.table.code == "requests"][:count]
    at = {cell.code: Source("a.xlsx", "表三", f"{'DEFGHIJ'[n % 7]}{5 + n // 7}") for n, cell in enumerate(cells)}
    assert describe_cells(cells, replace(zero(NEW), sources=at)) == Bilingual(zh, en)
    assert "D5" not in describe_cells(cells, replace(zero(NEW), sources=dict(list(at.items())[1:]))).zh


def test_what_is_wrong_with_the_agency_stands_where_it_was_typed():
    at = {"agency.code": Source("a.xlsx", "封面", "C5"), "agency.region": Source("a.xlsx", "封面", "C6")}
    report = replace(zero(NEW), agency=replace(AGENCY, code="1111010", region=""), sources=at)
    assert [(one.rule, str(one.source)) for one in check_report(report)] == [
        ("identity-asked", "封面!C6"),
        ("credit-code", "封面!C5"),
    ]


def test_signs_nobody_sees_stand_where_they_were_typed_and_a_reason_answers_for_those_signs():
    at = {"agency.name": Source("a.xlsx", "封面", "C4"), "texts.overview": Source("a.xlsx", "一", "A3")}
    texts = {**zero(NEW).texts, "overview": f"\u2067{zero(NEW).texts['overview']}\u202e"}
    report = replace(zero(NEW), agency=replace(AGENCY, name="某县\u200b统计局"), texts=texts, sources=at)
    name, overview = found = check_report(report)
    assert [(one.rule, str(one.source)) for one in found] == [("unseen", "封面!C4"), ("unseen", "一!A3")]
    assert overview.figures == hash_figures("U+2067|U+202E")
    answers = (Answer(name.rule, name.cells, "名称如此。", name.figures),)
    assert [one.answer for one in check_report(replace(report, answers=answers))] == ["名称如此。", ""]
    other = replace(report, answers=answers, agency=replace(AGENCY, name="某县\u200b\u202e统计局"))
    assert [one.rule for one in check_report(other)] == ["answer-expired", "unseen", "unseen"]


def test_a_reason_answers_for_the_figures_compared():
    report = zero(NEW, 2024).with_values({"legislation.normative.in_force": 4, "legislation.normative.issued": None})
    previous = zero(NEW, 2023).with_values({"legislation.normative.in_force": 3})
    stock = rule(NEW, "legislation.stock.normative")
    assert join_compared_figures(stock, report, previous) == "4|3||0"
    assert join_compared_figures(stock, report, None) == "4|||0"
    money = rule(OLD, "fees.cumulative.fees")
    assert join_compared_figures(money, zero(OLD, 2020).with_values({"fees.fees.items": 8}), zero(OLD, 2019)) == "8|0|0"


def test_a_reason_for_an_amount_expires_with_the_amount():
    previous = zero(NEW, 2023).with_values({"fees.fees.amount": 16_200_000})
    report = zero(NEW, 2024).with_values({"fees.fees.amount": 174360_000_000})
    (found,) = check_report(report, previous)
    assert found.figures == hash_figures("174360|16.2")
    answer = Answer(found.rule, found.cells, "新设收费项目。", found.figures)
    assert [one.answer for one in check_report(replace(report, answers=(answer,)), previous)] == ["新设收费项目。"]
    changed = replace(report, answers=(answer,)).with_values({"fees.fees.amount": 174361_000_000})
    assert [one.rule for one in check_report(changed, previous)] == ["answer-expired", "unit-scale"]


def test_a_reason_for_what_is_left_blank_expires_when_more_is():
    report = replace(zero(NEW), agency=replace(AGENCY, region=""))
    (found,) = check_report(report)
    assert found.figures == hash_figures("region")
    answered = replace(report, answers=(Answer(found.rule, found.cells, "尚未编码。", found.figures),))
    assert [one.answer for one in check_report(answered)] == ["尚未编码。"]
    more = check_report(replace(answered, agency=replace(AGENCY, region="", level="")))
    assert [one.rule for one in more] == ["answer-expired", "identity-asked"]
    assert more[1].figures == hash_figures("region|level")


def test_an_expired_reason_stands_where_its_finding_does():
    at = {"requests.brought.person": Source("a.xlsx", "表三", "D6")}
    report = replace(answered_report("0" * 16), sources=at)
    assert [(one.rule, str(one.source)) for one in check_report(report, zero(NEW, 2023))] == [
        ("answer-expired", "表三!D6"),
        ("carried-over", "表三!D6"),
        ("carried-over", ""),
    ]


# last year


def test_last_year_in_the_new_form_for_a_report_in_the_old_one():
    previous = zero(NEW, 2021).with_values({"requests.carried.law": 1, "requests.otherwise.unpaid.law": 1})
    found = check_report(zero(OLD, 2020), previous)
    assert brief(found) == [("carried-over", "requests.brought.law", 0, 1, -1)]


def test_last_year_with_a_regions_supplement():
    hubei = load_form("annual-2019", "420100")
    assert check_report(zero(OLD, 2020), zero(hubei, 2019)) == []
    assert check_report(zero(hubei, 2020), zero(OLD, 2019)) == []


# answers


def answered_report(figures=""):
    report = zero(NEW, 2024).with_values({"requests.brought.person": 2, "requests.results.person": 2})
    report = report.with_values({"requests.brought.total": 2, "requests.results.total": 2})
    report = report.with_values({"requests.granted.person": 2, "requests.granted.total": 2})
    answer = Answer("carried-over", ("requests.brought.person",), "上年漏计。", figures)
    return replace(report, answers=(answer,))


def test_a_reason_holds_while_its_figures_stand():
    previous = zero(NEW, 2023)
    (person, total) = check_report(answered_report(), previous)
    assert (person.answer, total.answer) == ("上年漏计。", "")
    signed = answered_report(person.figures)
    assert [one.answer for one in check_report(signed, previous)] == ["上年漏计。", ""]


@pytest.mark.parametrize("change", ["this year", "last year"])
def test_a_reason_expires_with_its_figures(change):
    previous = zero(NEW, 2023)
    report = answered_report(check_report(answered_report(), previous)[0].figures)
    if change == "this year":
        report = report.with_values({"requests.brought.person": 3})
    else:
        previous = previous.with_values({"requests.carried.person": 1})
    found = [one for one in check_report(report, previous) if one.cells == ("requests.brought.person",)]
    assert [(one.rule, one.answer) for one in found] == [("answer-expired", ""), ("carried-over", "")]


def test_an_error_is_never_answered():
    wrong = example("市中区统计局-2020")
    answers = tuple(Answer(one.rule, one.cells, "不改。", one.figures) for one in check_report(wrong))
    found = check_report(replace(wrong, answers=answers))
    assert [(one.rule, one.answer) for one in found if one.answer] == [("identity-asked", "不改。")]
    assert not [one for one in found if one.rule == "answer-expired"]


def test_a_reason_for_each_of_two_findings_on_one_text():
    text = zero(NEW).texts["overview"] + "\n发布动态50篇，公告14篇，共计66篇。\n举办培训2次，检查3次，共计6次。"
    report = replace(zero(NEW), texts={**zero(NEW).texts, "overview": text})
    first, second = check_report(report)
    assert first.rule == second.rule == "narrative-sum"
    reasons = (
        Answer(first.rule, first.cells, "另有2篇。", first.figures),
        Answer(second.rule, second.cells, "另有1次。", second.figures),
    )
    assert [one.answer for one in check_report(replace(report, answers=reasons))] == ["另有2篇。", "另有1次。"]
    assert [one.answer for one in check_report(replace(report, answers=reasons[::-1]))] == ["另有2篇。", "另有1次。"]
    once = check_report(replace(report, answers=(Answer(first.rule, first.cells, "旧。", "0" * 16),)))
    assert [one.rule for one in once] == ["answer-expired", "narrative-sum", "narrative-sum"]


def test_the_reason_for_a_power_answers_for_all_cells_of_its_row():
    report = zero(NEW).with_values({"legislation.regulations.in_force": 1, "legislation.regulations.repealed": None})
    (found,) = (one for one in check_report(report) if one.rule == "rule-making-power")
    assert found.figures == hash_figures("0||1")
    assert set(found.cells) == {f"legislation.regulations.{c}" for c in ("issued", "repealed", "in_force")}
    answer = Answer(found.rule, tuple(sorted(found.cells)), "历史遗留。", found.figures)
    assert "历史遗留。" in [one.answer for one in check_report(replace(report, answers=(answer,)))]
    changed = replace(report, answers=(answer,)).with_values({"legislation.regulations.issued": 1})
    assert {"answer-expired", "rule-making-power"} <= {one.rule for one in check_report(changed)}


def test_signatures_differ_with_any_figure_of_an_equation():
    previous = zero(NEW, 2023)
    seen = set()
    for code in ("requests.brought.person", "requests.brought.law"):
        for figure in (1, 2):
            report = zero(NEW, 2024).with_values({code: figure})
            seen |= {one.figures for one in check_report(report, previous) if one.rule == "carried-over"}
    assert len(seen) == 2
    assert len([e for e in list_equations(NEW) if e.rule == "carried-over"]) == 7
