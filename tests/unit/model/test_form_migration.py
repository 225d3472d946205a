"""A report carried into the other version of the form, and the receipt of every figure's way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain import FORM_FILES, any_report, example, forms, reports, zero
from workbook.model.form_loader import load_form
from workbook.model.form_migration import FigureFate, convert_report, summarize_moves
from workbook.model.numbers import NOT_APPLICABLE

OLD, NEW = load_form("annual-2019"), load_form("annual-2021")


def test_a_real_report_in_the_new_form_and_back():
    report = example("洛龙区统计局-2020")
    there, moves = convert_report(report, NEW)
    assert (there.form, there.year, there.agency, there.texts) == (NEW, 2020, report.agency, report.texts)
    assert there["requests.granted.person"] == 2
    assert str(there.source("requests.granted.person")) == "/tables/requests/granted/person"
    assert there["requests.otherwise.rest.person"] is None
    dropped = [move.old.code for move in summarize_moves(moves)[FigureFate.DROPPED] if move.value]
    assert dropped == [
        "licensing.permits.items",
        "licensing.permits.change",
        "licensing.services.change",
        "enforcement.penalties.items",
        "enforcement.penalties.change",
    ]
    back = convert_report(there, OLD).report
    assert all(back[code] == report[code] for code in OLD.index if code in NEW.index)


def test_one_row_that_became_three_cannot_be_split():
    report = zero(OLD).with_values({"requests.otherwise.person": 3})
    there, moves = convert_report(report, NEW)
    parts = [f"requests.otherwise.{part}.person" for part in ("uncorrected", "unpaid", "rest")]
    assert [there[code] for code in parts] == [None] * 3
    (lost,) = (move for move in moves if move.value == 3)
    assert (lost.fate, lost.new) == (FigureFate.DROPPED, None)


def test_three_rows_that_are_one_are_added():
    figures = {"uncorrected": 1, "unpaid": 2, "rest": 4}
    report = zero(NEW).with_values({f"requests.otherwise.{part}.person": n for part, n in figures.items()})
    back, moves = convert_report(report, OLD)
    assert back["requests.otherwise.person"] == 7
    summed = summarize_moves(moves)[FigureFate.SUMMED]
    assert {move.new.row.code for move in summed} == {"otherwise"}
    assert len(summed) == 3 * 7


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ((None, None, None), None),
        ((1, None, 2), 3),
        ((1, NOT_APPLICABLE, 2), 3),
        ((NOT_APPLICABLE, 1, None), 1),
        ((NOT_APPLICABLE, "若干", None), NOT_APPLICABLE),
    ],
)
def test_words_among_the_parts_lose_no_number(parts, whole):
    codes = [f"requests.otherwise.{part}.law" for part in ("uncorrected", "unpaid", "rest")]
    report = zero(NEW).with_values(dict(zip(codes, parts, strict=True)))
    assert convert_report(report, OLD).report["requests.otherwise.law"] == whole


def test_money_is_not_carried_between_units_and_columns_of_another_meaning():
    moves = convert_report(zero(NEW), OLD).moves
    dropped = {move.old.code for move in moves if move.fate is FigureFate.DROPPED}
    assert {"fees.fees.amount", "legislation.normative.issued", "legislation.normative.in_force"} <= dropped
    assert not [code for code in dropped if code.startswith(("requests.", "reviews.", "licensing.", "enforcement."))]


def test_a_supplements_row_has_no_place_in_another_form():
    hubei = load_form("annual-2019", "420000")
    report = zero(hubei).with_values({"legislation.other_documents.made": 5})
    moves = convert_report(report, OLD).moves
    assert [(move.old.code, move.fate) for move in moves if move.value == 5] == [
        ("legislation.other_documents.made", FigureFate.DROPPED)
    ]


@pytest.mark.slow
@given(any_report, forms)
def test_the_receipt_names_every_old_cell_once(report, form):
    moved, moves = convert_report(report, form)
    assert [move.old.code for move in moves] == [cell.code for cell in report.form.cells]
    assert [move.value for move in moves] == list(report.values)
    assert all((move.new is None) is (move.fate is FigureFate.DROPPED) for move in moves)
    assert all(move.old.code == move.new.code for move in moves if move.fate is FigureFate.CARRIED)
    assert sum(len(some) for some in summarize_moves(moves).values()) == sum(
        value is not None for value in report.values
    )
    assert (moved.texts, moved.agency, moved.answers, moved.year) == (
        report.texts,
        report.agency,
        report.answers,
        report.year,
    )
    if form == report.form:
        assert moved is report


@given(st.sampled_from(FORM_FILES).flatmap(reports), forms)
def test_no_count_of_requests_is_lost_but_where_the_other_form_has_no_row_for_it(report, form):
    moved, moves = convert_report(report, form)
    split = [move for move in moves if move.new is None and move.old.table.code == "requests"]
    homes = [f"{row.code}." for row in form.table("requests").rows]
    assert not [move for move in split if f"{move.old.row.code}.".startswith(tuple(homes))]
    before = sum(report[cell.code] for cell in report.form.cells if cell.table.code == "requests")
    after = sum(moved[cell.code] or 0 for cell in form.cells if cell.table.code == "requests")
    assert before == after + sum(move.value for move in split)
