"""What holds for any report of any form: consistency, what one slip shows, and sums of agencies."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain import (
    any_report,
    broken_reports,
    consistent,
    forms,
    in_equations,
    reports,
    tiny_form,
    zero,
)
from workbook.model import rule_catalog
from workbook.model.finding import Severity
from workbook.model.form_loader import load_form
from workbook.model.form_migration import convert_report
from workbook.model.identity import Identity
from workbook.model.report import Report
from workbook.rules.evaluation import check_figures, check_report

NEW = load_form("annual-2021")


def errors(found):
    return [one for one in found if one.severity is Severity.ERROR]


def same(form, count):
    """Some reports of one form and year."""
    return st.lists(reports(form), min_size=count, max_size=count).map(
        lambda some: [replace(one, year=some[0].year) for one in some]
    )


@pytest.mark.slow
@given(forms.flatmap(reports))
def test_a_consistent_report_has_no_error(report):
    assert errors(check_report(report)) == []
    assert all(value is not None for value in report.values)


def test_consistency_needs_no_list_of_rows(tmp_path):
    form = tiny_form(tmp_path)
    figures = consistent(form, {"t.done.a": 2, "t.left.b": 3, "t.in.a": 9})
    assert figures["t.out.sum"] == figures["t.in.sum"] == 5
    assert errors(check_figures(zero(form).with_values(figures))) == []
    hubei = load_form("annual-2019", "420100")
    assert errors(check_report(zero(hubei, 2020))) == []


@pytest.mark.slow
@given(st.data())
def test_one_changed_figure_is_named(data):
    """Every cell of an equation. The others (licences, penalties, last year's items …) no rule of one year binds."""
    form = data.draw(forms)
    report = data.draw(reports(form))
    code = data.draw(st.sampled_from(in_equations(form)))
    figure = data.draw(st.integers(0, 10**10).filter(lambda n: n != report[code]))
    found = errors(check_figures(report.with_values({code: figure})))
    assert found
    assert all(code in one.cells for one in found)
    assert {one.difference for one in found} <= {figure - report[code], report[code] - figure}


@pytest.mark.slow
@given(st.data())
def test_one_cell_left_blank_broken_or_negative_is_named(data):
    form = data.draw(forms)
    report = data.draw(reports(form))
    cell = data.draw(st.sampled_from(form.cells))
    value, rule = data.draw(
        st.sampled_from([(None, "filled"), ("不适用", "filled"), ("约3", "number"), (Decimal("0.5"), "whole-numbers")])
    )
    found = check_figures(report.with_values({cell.code: value}))
    assert [one.cells for one in found if one.rule == rule] == [(cell.code,)]
    negative = [one.cells for one in check_figures(report.with_values({cell.code: -1})) if one.rule == "whole-numbers"]
    assert negative == ([] if cell.signed else [(cell.code,)])


@pytest.mark.slow
@given(any_report, any_report)
def test_any_report_is_judged_and_said(report, previous):
    for one in check_report(report, previous):
        assert one.rule in rule_catalog.get_rule_book()
        assert set(one.cells) <= {*report.form.index, *(f"texts.{t.code}" for t in report.form.texts), *AGENCY_CELLS}
        assert rule_catalog.format_message(one, "zh")
        assert rule_catalog.format_message(one, "en")


AGENCY_CELLS = {"agency.name", "agency.code", "agency.region", "agency.level", "agency.year"}


@pytest.mark.slow
@given(forms.flatmap(reports))
def test_a_report_carried_over_to_the_next_year_goes_on_in_order(report):
    """Last year's report in any form: what was carried over is brought forward, and no rule between years complains."""
    following = zero(report.form, report.year)
    figures = {}
    for rule in ("requests.carried", "requests.brought"):
        assert any(cell.code.startswith(rule) for cell in report.form.cells)
    for column in report.form.table("requests").columns:
        carried = report[f"requests.carried.{column.code}"]
        figures |= {f"requests.brought.{column.code}": carried, f"requests.results.{column.code}": carried}
        figures[f"requests.granted.{column.code}"] = carried
    found = check_figures(following.with_values(figures), convert_report(report, following.form).report)
    assert [one for one in found if one.rule in ("carried-over", "balance", "results-total", "applicant-total")] == []


# sums of agencies


@pytest.mark.slow
@given(forms.flatmap(lambda form: same(form, 2)))
def test_the_sum_of_consistent_reports_is_consistent(pair):
    one, other = pair
    both = one + other
    assert errors(check_figures(both)) == []
    assert all(both[code] == one[code] + other[code] for code in both.form.index)
    assert (both.merged, both.year, both.agency, both.answers) == (2, one.year, Identity(), ())


@pytest.mark.slow
@given(forms.flatmap(lambda form: st.tuples(broken_reports(form), broken_reports(form), broken_reports(form))))
def test_addition_does_not_mind_the_order(three):
    a, b, c = (replace(one, year=2020) for one in three)
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert ((a + b) + c).merged == 3


@given(forms.flatmap(reports))
def test_nothing_added_changes_no_figure(report):
    assert (report + zero(report.form, report.year)).values == report.values
    blank = replace(zero(report.form, report.year), values=(None,) * len(report.values))
    assert (report + blank).values == report.values
    assert (blank + blank).values == blank.values


def test_a_broken_figure_is_added_to_one_without_measure_to_the_last_digit():
    one, other = (zero(NEW, 2020).with_values({"requests.new.person": some}) for some in (10**30, Decimal("0.5")))
    assert (one + other)["requests.new.person"] == Decimal(f"{10**30}.5")


def test_only_like_is_added_to_like():
    old, new = zero(load_form("annual-2019"), 2020), zero(NEW, 2020)
    with pytest.raises(ValueError, match="different forms"):
        new + old
    with pytest.raises(ValueError, match="2021"):
        zero(NEW, 2021) + zero(NEW, 2022)
    with pytest.raises(ValueError, match="0 values"):
        Report(NEW, 2021, Identity(), ())
