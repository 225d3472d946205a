"""Compares reports with those of the prior year: by the form's rules between the years, and figure by figure.

A workbook may carry last year's figures itself, copied by whoever filled it in. Where last year's reports are given,
the rules between the years are evaluated again on what was submitted then, and a copy that differs is a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from workbook.merging.collected_reports import Before, FigureColumns, Rows
from workbook.model.finding import Finding
from workbook.model.form import Cell, Form
from workbook.model.form_migration import fit_report_to_form
from workbook.model.numbers import Number, to_cell_unit
from workbook.model.report import Answer, Report, format_value, hash_figures
from workbook.model.rule_catalog import get_rule_book, make_finding
from workbook.rules.evaluation import (
    RuleOutcome,
    attach_answers,
    check_figures,
    describe_cells,
    evaluate_rule,
    to_int_if_integer,
)
from workbook.rules.rule_types import Equation, IdenticalToLastYearTest, MoneyScaleTest, list_rules, list_scale_tests

Yearly = Equation | IdenticalToLastYearTest | MoneyScaleTest


@cache
def list_yearly_rules(form: Form) -> tuple[Yearly, ...]:
    """The rules of a form that need last year's report."""
    stated = (rule for rule in list_rules(form) if isinstance(rule, Equation | IdenticalToLastYearTest))
    return (*(r for r in stated if isinstance(r, IdenticalToLastYearTest) or r.yearly), *list_scale_tests(form))


def compare_years(report: Report, previous: Report) -> list[Finding]:
    """The form's rules between the years, evaluated on last year's report as submitted, in whatever form it was."""
    before = fit_report_to_form(previous, report.form)
    rules = list_yearly_rules(report.form)
    if all(evaluate_rule(rule, report, before).outcome is not RuleOutcome.FAILED for rule in rules):
        return []
    about = _list_subjects(report.form)
    return [_place_at_cell(one, report) for one in check_figures(report, before) if _get_subject(one) in about]


def find_carried_differences(report: Report, carried: Report, previous: Report) -> Finding | None:
    """The cells in which last year's figures, as this year's workbook carries them, are not those submitted last year.

    A cell the workbook carries nothing for is no difference; one left blank last year is, unless 0 is carried.
    """
    copy, before = fit_report_to_form(carried, report.form), fit_report_to_form(previous, report.form)
    other = [cell for cell in report.form.cells if _differs(copy, before, cell)]
    if not other:
        return None
    first = other[0]
    copied, submitted = copy.number(first.index), before.number(first.index)
    figures = "|".join(f"{cell.code}={copy.number(cell.index)}/{before.number(cell.index)}" for cell in other)
    found = make_finding(
        "last-year-differs",
        cells=tuple(cell.code for cell in other),
        actual=_to_unit(copied, first),
        expected=_to_unit(submitted, first),
        difference=None
        if copied is None or submitted is None
        else to_int_if_integer(to_cell_unit(copied - submitted, first.unit)),
        figures=hash_figures(figures),
        place=first.words,
        submitted=format_value(submitted, first),
        count=len(other),
        where=describe_cells(other, copy),
    )
    return found.at(copy.source(first.code))


def reevaluate_report(
    report: Report, found: Sequence[Finding], previous: Report | None, carried: Report | None = None
) -> tuple[Finding, ...]:
    """The findings made at reading with those between the years replaced by what last year's report says.

    `previous` is that report; with None nothing was submitted last year and the findings stay as they are. `carried`
    is last year as the workbook carried it. A reason given for a warning stays with it as long as the figures it
    answers for are the same; a report without its answers is taken to have given those the findings show.
    """
    if previous is None:
        return tuple(found)
    about = _list_subjects(report.form)
    old = [one for one in found if _get_subject(one) in about]
    differs = find_carried_differences(report, carried, previous) if carried else None
    fresh = [*compare_years(report, previous), *([differs] if differs else ())]
    expired = [one for one in found if report.answers and _is_expired_answer(one, report.form)]
    given = report.answers or tuple(Answer(o.rule, o.cells, o.answer, o.figures) for o in old if o.answer)
    return (
        *(one for one in found if one not in old and one not in expired),
        *attach_answers(replace(report, answers=given), fresh),
    )


def _get_subject(one: Finding) -> tuple[str, frozenset[str]]:
    return one.rule, frozenset(one.cells)


def _is_expired_answer(one: Finding, form: Form) -> bool:
    """Whether a finding says that a reason given for a finding between the years no longer holds."""
    if one.rule != "answer-expired":
        return False
    title, cells = dict(one.facts)["title"], frozenset(one.cells)
    return any(get_rule_book()[rule].title == title for rule, about in _list_subjects(form) if about == cells)


@cache
def _list_subjects(form: Form) -> frozenset[tuple[str, frozenset[str]]]:
    """Rule and cells of every finding that a rule between the years can make."""
    return frozenset((rule.rule, frozenset(_list_cells(rule))) for rule in list_yearly_rules(form))


def _list_cells(rule: Yearly) -> tuple[str, ...]:
    if isinstance(rule, Equation):
        return rule.cells
    return tuple(cell.code for cell in rule.cells) if isinstance(rule, IdenticalToLastYearTest) else (rule.cell.code,)


def _differs(copy: Report, before: Report, cell: Cell) -> bool:
    value = copy.number(cell.index)
    return value is not None and value != (before.number(cell.index) or 0)


def _to_unit(number: Number | None, cell: Cell) -> Number | None:
    return None if number is None else to_int_if_integer(to_cell_unit(number, cell.unit))


def _place_at_cell(one: Finding, report: Report) -> Finding:
    return one.at(report.source(one.cells[0])) if one.cells else one


# changes, figure by figure --------------------------------------------------------------------------------------------


class YearSum(NamedTuple):
    """A sum in base units (件, 分) and how many agencies gave a figure; with 0 agencies the sum says nothing."""

    sum: Number = 0
    agencies: int = 0


class CellChange(NamedTuple):
    """One cell in two years.

    `now` and `then` are the sums over the same agencies: those with a figure in both years. `new` is what agencies
    with a figure in this year alone add to this year's sum, `gone` what those with one in last year alone had added.
    """

    cell: Cell
    now: YearSum
    then: YearSum
    new: YearSum
    gone: YearSum

    @property
    def difference(self) -> Number | None:
        """What this year's sum has more than last year's, over the same agencies; None if there are none."""
        return self.now.sum - self.then.sum if self.now.agencies else None

    @property
    def ratio(self) -> Decimal | None:
        """The sum over that of last year, same agencies; None where that is not above 0."""
        return Decimal(self.now.sum) / Decimal(self.then.sum) if self.then.sum > 0 else None

    @property
    def this_year(self) -> YearSum:
        """The sum of this year over all agencies, as the merge gives it."""
        return YearSum(self.now.sum + self.new.sum, self.now.agencies + self.new.agencies)

    @property
    def last_year(self) -> YearSum:
        """The sum of last year over all agencies, as far as its reports were given."""
        return YearSum(self.then.sum + self.gone.sum, self.then.agencies + self.gone.agencies)


def list_changes(form: Form, rows: Rows, before: Before, past: Rows | None = None) -> tuple[CellChange, ...]:
    """Every cell of the form in both years, in form order.

    `past` are all rows of last year; agencies of which there is no row now are counted from it among `gone`. Without
    it, only agencies that left a single cell blank are.
    """
    figures = FigureColumns(form)
    sums: list[list[Number]] = [[0, 0, 0, 0] for _ in form.cells]  # now, then, new, gone
    counts = [[0, 0, 0] for _ in form.cells]  # both years, this year alone, last year alone
    compared_keys: set[str] = set()
    for row in rows():
        compared_keys.add(row.key)
        previous = before(row.key)
        _count(sums, counts, figures.of(row.report), figures.of(previous) if previous else None)
    for row in past() if past else ():
        if row.key not in compared_keys:
            _count(sums, counts, None, figures.of(row.report))
    return tuple(
        CellChange(cell, YearSum(now, both), YearSum(then, both), YearSum(new, here), YearSum(gone, there))
        for cell, (now, then, new, gone), (both, here, there) in zip(form.cells, sums, counts, strict=True)
    )


def _count(
    sums: list[list[Number]],
    counts: list[list[int]],
    now: Sequence[Number | None] | None,
    then: Sequence[Number | None] | None,
) -> None:
    """Add one agency: its figures of this year, of last year, or both."""
    blank = (None,) * len(sums)
    for value, old, added, counted in zip(now or blank, then or blank, sums, counts, strict=True):
        if value is None:
            if old is not None:
                added[3] += old
                counted[2] += 1
        elif old is None:
            added[2] += value
            counted[1] += 1
        else:
            added[0] += value
            added[1] += old
            counted[0] += 1
