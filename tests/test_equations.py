"""The equations of a form as a matrix: its rows say what the rules say, and only the broken ones are given."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.domain import FORM_FILES, any_report, broken_reports, tiny_form, zero
from workbook.check import Outcome, judge
from workbook.equations import Row, matrix
from workbook.forms import load
from workbook.rules import equations_of

NEW = load("annual-2021")


def row_of(form, code):
    return next(n for n, rule in enumerate(equations_of(form)) if rule.code == code)


def test_a_row_names_its_cells_and_how_they_count(tmp_path):
    form = tiny_form(tmp_path)
    rows = matrix(form).rows
    assert len(rows) == len(equations_of(form)) == 10
    place = form.index
    balance = rows[row_of(form, "t.balance.a")]
    assert balance == Row(((place["t.out.a"], 1), (place["t.in.a"], -1)), "=")
    column = rows[row_of(form, "t.total.b")]
    assert dict(column.entries) == {place["t.out.b"]: 1, place["t.done.b"]: -1, place["t.left.b"]: -1}


def test_last_years_cells_stand_behind_this_years():
    n = row_of(NEW, "requests.carried-over.law")
    width = len(NEW.cells)
    entries = ((NEW.index["requests.brought.law"], 1), (width + NEW.index["requests.carried.law"], -1))
    assert matrix(NEW).rows[n].entries == entries
    values, before = zero(NEW).values, zero(NEW).with_values({"requests.carried.law": 2}).values
    assert matrix(NEW).broken(values, before) == [n]
    assert matrix(NEW).broken(values) == []


def test_a_figure_that_cannot_be_added_leaves_its_equations_open():
    values = zero(NEW).with_values({"requests.carried.law": None}).values
    standing = [n for n, rule in enumerate(equations_of(NEW)) if "requests.carried.law" in rule.cells]
    assert matrix(NEW).broken(values) == standing != []
    assert matrix(NEW).broken(zero(NEW).values, values) == [row_of(NEW, "requests.carried-over.law")]


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


def test_a_blank_in_the_first_and_in_the_last_cell(tmp_path):
    """Without last year's figures its rules are left out, even where a cell of theirs is blank."""
    form = tiny_form(tmp_path, MORE)
    blank = zero(form).with_values({"t.in.a": None}).values
    first = [row_of(form, f"t.{code}") for code in ("total.in", "balance.a", "carried-over.a", "stock.a")]
    assert matrix(form).broken(blank) == [n for n in first if n != row_of(form, "t.carried-over.a")]
    assert matrix(form).broken(blank, zero(form).values) == first
    last = zero(form).with_values({"t.out.sum": None}).values
    standing = [row_of(form, f"t.{code}") for code in ("total.sum", "total.out", "balance.sum")]
    assert matrix(form).broken(last) == matrix(form).broken(last, zero(form).values) == standing


def test_a_cell_named_twice_counts_twice(tmp_path):
    form = tiny_form(tmp_path, MORE)
    n, place = row_of(form, "t.stock.a"), form.index
    assert dict(matrix(form).rows[n].entries) == {place["t.in.a"]: 2, place["t.left.a"]: -1, place["t.done.a"]: -1}
    kept = zero(form).with_values({"t.in.a": 3, "t.left.a": 2, "t.done.a": 4})
    assert n not in matrix(form).broken(kept.values)
    assert n in matrix(form).broken(kept.with_values({"t.in.a": 4}).values)


def test_a_bound_is_broken_only_above_it():
    n = row_of(NEW, "legislation.repeal-bound.regulations")
    before = zero(NEW).with_values({"legislation.regulations.in_force": 3}).values
    for repealed, broken in ((2, False), (3, False), (4, True)):
        values = zero(NEW).with_values({"legislation.regulations.repealed": repealed}).values
        assert (n in matrix(NEW).broken(values, before)) is broken


def test_one_matrix_for_all_reports_of_a_form():
    assert matrix(NEW) is matrix(load("annual-2021"))
    assert [matrix(form).width for form in FORM_FILES] == [len(form.cells) for form in FORM_FILES]


@given(any_report, st.data())
def test_the_rows_given_are_those_that_judging_finds_broken(report, data):
    """Of whole numbers exactly these; blanks, words and broken figures are judged afterwards."""
    numbers = tuple(value if type(value) is int else 0 for value in report.values)
    report = replace(report, values=numbers)
    previous = data.draw(st.none() | broken_reports(report.form))
    whole = previous and replace(previous, values=tuple(v if type(v) is int else 0 for v in previous.values))
    failed = [
        n for n, rule in enumerate(equations_of(report.form)) if judge(rule, report, whole).outcome is Outcome.FAILED
    ]
    assert matrix(report.form).broken(report.values, whole and whole.values) == failed
