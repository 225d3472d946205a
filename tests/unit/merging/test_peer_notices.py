"""Agencies beside each other: what is unusual is named, seldom and in any order; copies and empty reports always."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import domain
from tests.samples.compared_reports import FORM, granted, is_worded, list_peer_notices, named, row, rows
from workbook.merging.collected_reports import ReportRow, RowNotices
from workbook.model import rule_catalog
from workbook.model.finding import Severity
from workbook.model.report import make_empty_report

PEERS = [40, 44, 47, 50, 52, 55, 58, 60, 63, 66, 70, 75]


def peers(*counts: int) -> RowNotices:
    return list_peer_notices(FORM, rows(granted(counts)))


def test_an_agency_ten_times_its_peers_is_named_once():
    notices = peers(*PEERS, 550)
    assert list(notices.findings) == [12]
    (one,) = notices.findings[12]
    assert one.rule == "unlike-peers"
    assert one.severity is Severity.NOTICE
    assert set(one.cells) == {"requests.new.total", "requests.results.total"}
    assert rule_catalog.format_message(one) == (
        "一、本年新收·总计：填 550 件，13 家同级机关（县级政府部门）的中位数为 58 件，偏离度 10.3"
        "；同表另有 1 格也是这样。"
    )
    assert notices.left_out == 0


def test_a_large_figure_is_named_exactly():
    """A float of four bytes holds no odd number above 2**24."""
    (one,) = [one for one in peers(*PEERS, 2**24 + 1).findings[12] if one.rule == "unlike-peers"]
    assert one.actual == 2**24 + 1
    assert one.expected == 58


def test_the_facts_fill_every_message():
    copies = [row(20 + n, {f"requests.granted.{c}": v for c, v in FIGURES.items()}) for n in range(2)]
    notices = list_peer_notices(FORM, rows([*granted([*PEERS, 9000]), *copies, row(30, {})]), [before_of(PEERS)])
    found = [one for findings in notices.findings.values() for one in findings]
    assert {one.rule for one in found} == {"unlike-peers", "unlike-before", "one-agency", "alike", "all-zero"}
    assert all(is_worded(one) for one in found)


FIGURES = {"person": 30, "company": 17, "research": 11, "charity": 23, "law": 7}


def before_of(counts: list[int]):
    known = {one.key: one.report for one in granted([*counts, 60])}
    return known.get


@settings(max_examples=30)
@given(st.integers(8, 30), domain.reports(FORM))
def test_agencies_with_the_same_figures_are_no_outliers(count, report):
    same = [ReportRow(n, f"key-{n}", "county", report) for n in range(count)]
    rules = {one.rule for found in list_peer_notices(FORM, rows(same)).findings.values() for one in found}
    assert rules <= {"alike", "all-zero"}


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.lists(st.one_of(domain.reports(FORM), domain.broken_reports(FORM)), min_size=8, max_size=14),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_does_not_matter(reports, random):
    some = [ReportRow(n, f"key-{n}", "county", one) for n, one in enumerate([*reports, reports[0]])]
    shuffled = list(some)
    random.shuffle(shuffled)
    assert list_peer_notices(FORM, rows(some)) == list_peer_notices(FORM, rows(shuffled))


def test_figures_beyond_all_measure_are_compared_like_others():
    absurd = [row(n, {}).report.with_values({"requests.granted.person": 10**400 + n}) for n in range(2)]
    some = [*granted(PEERS), *(ReportRow(50 + n, f"k{n}", "county-department", one) for n, one in enumerate(absurd))]
    assert named(list_peer_notices(FORM, rows(some)).findings, "one-agency") == {}
    one_absurd = some[:-1]
    assert named(list_peer_notices(FORM, rows(one_absurd)).findings, "one-agency") == {50: "requests.granted.person"}


@pytest.mark.parametrize(
    ("figures", "empty_year"),
    [({}, True), ({"fees.fees.amount": 1}, False), ({"requests.granted.person": 3}, False)],
)
def test_a_report_of_nothing_is_said_to_be_one(figures, empty_year):
    notices = list_peer_notices(FORM, rows([row(7, figures)]))
    assert (7 in named(notices.findings, "all-zero")) == empty_year


def test_a_report_with_no_figures_is_not_a_report_of_nothing():
    blank = ReportRow(7, "key-7", "county", make_empty_report(FORM, 2024))
    assert list_peer_notices(FORM, rows([blank])).findings == {}
    one_zero = blank._replace(report=blank.report.with_values({"fees.fees.amount": 0}))
    (said,) = list_peer_notices(FORM, rows([one_zero])).findings[7]
    assert rule_catalog.format_message(said) == "所填 1 格全部为 0。"


def test_any_form_can_be_laid_side_by_side_and_reports_of_another_with_it():
    counts = [*PEERS, 900]
    for form in domain.FORM_FILES:
        far = [row(n, {"requests.granted.person": c}, form=domain.FORM_FILES[n % 2]) for n, c in enumerate(counts)]
        assert set(list_peer_notices(form, rows(far)).findings) == {12}


def test_what_was_left_out_is_counted():
    many = [*granted(PEERS), *(row(100 + n, {"requests.granted.person": 700 + n}) for n in range(2))]
    assert set(list_peer_notices(FORM, rows(many)).findings) == {100, 101}
    bounded = list_peer_notices(FORM, rows(many), most=1)
    assert set(bounded.findings) == {101}
    assert bounded.left_out == 1


def test_one_agency_is_named_for_its_strongest_tables_only():
    far = {"requests.granted.person": 900, "licensing.permits.decisions": 9000, "enforcement.coercion.decisions": 9000}
    usual = [
        row(
            n,
            {
                "requests.granted.person": count,
                "licensing.permits.decisions": count,
                "enforcement.coercion.decisions": count,
            },
        )
        for n, count in enumerate(PEERS)
    ]
    named_tables = {
        one.cells[0].partition(".")[0]
        for one in list_peer_notices(FORM, rows([*usual, row(99, far)]), each=2).findings[99]
        if one.rule == "unlike-peers"
    }
    assert named_tables == {"licensing", "enforcement"}
