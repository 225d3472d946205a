"""The rules that follow from a form: how many, of what, and how they are said."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.domain import FORM_FILES, in_equations, tiny_form, zero
from workbook.model import rule_catalog
from workbook.model.form_loader import load_form
from workbook.rules.rule_types import (
    AgencyLevelTest,
    CellDemand,
    IdenticalToLastYearTest,
    describe_rule_place,
    describe_side,
    list_equations,
    list_rules,
    list_rules_with_scale_tests,
    list_scale_tests,
)
from workbook.safety.messages import Bilingual

OLD, NEW = load_form("annual-2019"), load_form("annual-2021")


def equation(form, code):
    return next(rule for rule in list_equations(form) if rule.code == code)


@pytest.mark.parametrize(
    ("form", "counted"),
    [
        (
            OLD,
            {
                "results-total": 7,
                "applicant-total": 23,
                "review-total": 3,
                "balance": 7,
                "carried-over": 7,
                "cumulative": 7,
            },
        ),
        (
            NEW,
            {
                "results-total": 7,
                "applicant-total": 25,
                "review-total": 3,
                "balance": 7,
                "carried-over": 7,
                "stock": 2,
                "repeal-bound": 2,
            },
        ),
    ],
    ids=lambda x: getattr(x, "id", ""),
)
def test_equations_of_a_form(form, counted):
    assert counted.items() <= Counter(rule.rule for rule in list_equations(form)).items()


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_rules_come_in_form_order_and_are_named_once(form):
    rules = list_rules(form)
    order = [table.code for table in form.tables]
    assert [order.index(rule.table.code) for rule in rules] == sorted(order.index(rule.table.code) for rule in rules)
    assert len({rule.code for rule in rules}) == len(rules)
    assert {rule.rule for rule in rules} <= set(rule_catalog.get_rule_book())
    assert list_rules(form) is rules


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_every_cell_is_asked_to_be_filled_a_number_and_whole(form):
    for name in ("filled", "number", "whole-numbers"):
        tallies = [rule for rule in list_rules(form) if isinstance(rule, CellDemand) and rule.rule == name]
        assert [cell.code for tally in tallies for cell in tally.cells] == [cell.code for cell in form.cells]
        assert tallies[0].code == f"legislation.{name}"


def test_a_sum_has_its_total_left_and_its_parts_right():
    total = equation(NEW, "requests.applicant-total.denied.secret")
    assert total.cells[0] == "requests.denied.secret.total"
    parts = ("person", "company", "research", "charity", "law", "other")
    assert total.cells[1:] == tuple(f"requests.denied.secret.{part}" for part in parts)
    assert total.sums
    assert all(term.sign == 1 and not term.previous for term in total.terms)


def test_terms_carry_their_sign_and_year():
    stock = equation(NEW, "legislation.stock.normative")
    assert [(t.cell.code.rpartition(".")[2], t.sign, t.previous) for t in stock.terms] == [
        ("in_force", 1, False),
        ("in_force", 1, True),
        ("issued", 1, False),
        ("repealed", -1, False),
    ]
    assert stock.yearly
    assert stock.cells == tuple(f"legislation.normative.{c}" for c in ("in_force", "issued", "repealed"))
    assert equation(NEW, "legislation.repeal-bound.normative").op == "<="
    assert not equation(NEW, "requests.balance.person").yearly


def test_a_cumulative_change_counts_last_years_own():
    items = equation(OLD, "enforcement.cumulative.coercion")
    assert [(t.cell.code, t.previous) for t in items.right] == [
        ("enforcement.coercion.items", True),
        ("enforcement.coercion.change", True),
    ]
    assert items.cells == ("enforcement.coercion.items",)


def test_tests_that_are_no_equations():
    (level,) = (rule for rule in list_rules(NEW) if isinstance(rule, AgencyLevelTest))
    assert level.levels == ("ministry", "province", "city")
    assert [cell.code for cell in level.cells] == [
        f"legislation.regulations.{c}" for c in ("issued", "repealed", "in_force")
    ]
    assert level.code == "legislation.rule-making-power.regulations"
    (same,) = (rule for rule in list_rules(NEW) if isinstance(rule, IdenticalToLastYearTest))
    assert (same.code, len(same.cells)) == ("requests.identical", 175)


def test_every_amount_of_money_has_a_test_of_its_scale():
    assert [test.code for form in (OLD, NEW) for test in list_scale_tests(form)] == [
        "procurement.unit-scale.procurement.amount",
        "fees.unit-scale.fees.amount",
    ]
    assert not set(list_scale_tests(NEW)) & set(list_rules(NEW))


@pytest.mark.parametrize(
    ("form", "code", "where", "left", "right"),
    [
        (NEW, "requests.balance.person", "表三“自然人”列", "（七）总计＋四、结转下年", "一、本年新收＋二、上年结转"),
        (NEW, "requests.results-total.law", "表三“法律服务机构”列", "（七）总计", "（一）予以公开至3.其他各项之和"),
        (NEW, "requests.applicant-total.new", "表三“一、本年新收”行", "总计", "自然人至其他各项之和"),
        (NEW, "reviews.review-total.litigation.direct", "表四“未经复议直接起诉”组", "总计", None),
        (NEW, "requests.carried-over.total", "表三“总计”列", "二、上年结转", "上年四、结转下年"),
        (
            NEW,
            "legislation.stock.normative",
            "表二“行政规范性文件”行",
            "现行有效件数",
            "上年现行有效件数＋本年制发件数－本年废止件数",
        ),
    ],
)
def test_a_rule_is_said_in_the_forms_words(form, code, where, left, right):
    rule = equation(form, code)
    assert describe_rule_place(form, rule).zh == where
    assert describe_side(rule.left, rule).zh == left
    assert right is None or describe_side(rule.right, rule).zh == right
    assert all(
        words.en
        for words in (describe_rule_place(form, rule), describe_side(rule.left, rule), describe_side(rule.right, rule))
    )


def test_a_long_sum_is_said_by_its_first_and_last_part():
    rule = equation(NEW, "requests.applicant-total.new")
    assert describe_side(rule.right[:4], rule).zh == "自然人＋商业企业＋科研机构＋社会公益组织"
    assert describe_side(rule.right[:5], rule).zh == "自然人至法律服务机构各项之和"
    assert describe_side(rule.right[:5], rule).en == "Natural persons to Law firms and legal services, added"


def test_a_column_of_a_table_laid_across_is_a_printed_row():
    rule = equation(NEW, "reviews.review-total.litigation.direct")
    across = replace(rule, line=rule.table.columns[0])
    assert describe_rule_place(NEW, across) == Bilingual("表四“结果维持”行", "表四, row “Upheld”")


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_sums_are_the_rules_that_follow_from_the_totals(form):
    for rule in list_equations(form):
        assert rule.sums is rule.rule.endswith("total")


def test_a_power_asked_for_down_a_column(tmp_path):
    power = """
[[table.rule]]
id = "rule-making-power"
test = "level"
levels = ["city"]
lines = ["b"]
"""
    (level,) = (rule for rule in list_rules(tiny_form(tmp_path, power)) if isinstance(rule, AgencyLevelTest))
    assert [cell.code for cell in level.cells] == ["t.in.b", "t.done.b", "t.left.b", "t.out.b"]


def test_rules_of_a_made_up_form_need_no_code(tmp_path):
    form = tiny_form(tmp_path)
    assert [rule.code for rule in list_equations(form)] == [
        *(f"t.total.{column}" for column in ("a", "b", "sum")),
        *(f"t.total.{row}" for row in ("in", "done", "left", "out")),
        *(f"t.balance.{column}" for column in ("a", "b", "sum")),
    ]
    assert len(in_equations(form)) == len(form.cells) == 12


# an equation evaluated


MORE = """
[[table.rule]]
id = "carried-over"
left = ["in"]
right = ["in@previous"]
[[table.rule]]
id = "stock"
left = ["in", "in", "-left"]
right = ["done"]
"""


def test_a_cell_named_twice_counts_twice_and_a_negative_term_is_taken_off(tmp_path):
    form = tiny_form(tmp_path, MORE)
    stock, place = equation(form, "t.stock.a"), form.index
    assert stock.coefficients == {place["t.in.a"]: 2, place["t.left.a"]: -1, place["t.done.a"]: -1}
    report = zero(form).with_values({"t.in.a": 3, "t.left.a": 2, "t.done.a": 4})
    assert stock.evaluate_sides(report.values) == (4, 4)


def test_a_side_with_a_cell_that_holds_no_number_has_no_sum(tmp_path):
    form = tiny_form(tmp_path, MORE)
    carried, now = equation(form, "t.carried-over.a"), zero(form).with_values({"t.in.a": 5}).values
    assert carried.evaluate_sides(now, zero(form).values) == (5, 0)
    assert carried.evaluate_sides(now) == (5, None)
    for none in (None, "不适用", "约10"):
        assert carried.evaluate_sides(now, zero(form).with_values({"t.in.a": none}).values) == (5, None)
        assert carried.evaluate_sides(zero(form).with_values({"t.in.a": none}).values, now) == (None, 5)


def test_what_is_evaluated_of_last_year_is_no_coefficient_of_this_years_cells(tmp_path):
    form = tiny_form(tmp_path, MORE)
    assert equation(form, "t.carried-over.a").coefficients == {form.index["t.in.a"]: 1}


def test_every_rule_is_checked_and_the_scale_of_money_besides():
    assert {rule.rule for rule in list_rules_with_scale_tests(NEW)} - {rule.rule for rule in list_rules(NEW)} == {
        "unit-scale"
    }
    assert {rule.code for rule in list_rules(NEW)} < {rule.code for rule in list_rules_with_scale_tests(NEW)}
