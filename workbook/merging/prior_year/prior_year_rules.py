"""Reports of this year judged against what was really submitted last year.

A workbook may carry last year's figures itself, copied by whoever filled it in. Where last year's collection is at
hand, the rules between the years are judged again on what was submitted then, and a copy that differs is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from workbook.merging.collected_reports import Before, ReportRow
from workbook.model.finding import Finding
from workbook.model.form import Cell, Form
from workbook.model.form_migration import carry_into
from workbook.model.numbers import Number, to_cell_unit
from workbook.model.report import Answer, Report, format_value, hash_figures
from workbook.model.rule_catalog import list_norms, make_finding
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
    """The form's rules between the years, judged on last year's report as submitted, in whatever form it was made."""
    before = carry_into(previous, report.form)
    rules = list_yearly_rules(report.form)
    if all(evaluate_rule(rule, report, before).outcome is not RuleOutcome.FAILED for rule in rules):
        return []
    about = _subjects(report.form)
    return [_placed(one, report) for one in check_figures(report, before) if _subject(one) in about]


def find_carried_differences(report: Report, carried: Report, previous: Report) -> Finding | None:
    """The cells in which last year's figures, as this year's workbook carries them, are not those submitted last year.

    A cell the workbook carries nothing for is no difference; one left blank last year is, unless 0 is carried.
    """
    copy, before = carry_into(carried, report.form), carry_into(previous, report.form)
    other = [cell for cell in report.form.cells if _differs(copy, before, cell)]
    if not other:
        return None
    first = other[0]
    copied, submitted = copy.number(first.index), before.number(first.index)
    figures = "|".join(f"{cell.code}={copy.number(cell.index)}/{before.number(cell.index)}" for cell in other)
    found = make_finding(
        "last-year-differs",
        cells=tuple(cell.code for cell in other),
        actual=_figure(copied, first),
        expected=_figure(submitted, first),
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
    is what the workbook said of last year. A reason given for a warning stays with it as long as the figures it
    answers for are the same; a report without its answers is taken to have given those the findings show.
    """
    if previous is None:
        return tuple(found)
    about = _subjects(report.form)
    old = [one for one in found if _subject(one) in about]
    differs = find_carried_differences(report, carried, previous) if carried else None
    fresh = [*compare_years(report, previous), *([differs] if differs else ())]
    expired = [one for one in found if report.answers and _expired(one, report.form)]
    given = report.answers or tuple(Answer(o.rule, o.cells, o.answer, o.figures) for o in old if o.answer)
    return (
        *(one for one in found if one not in old and one not in expired),
        *attach_answers(replace(report, answers=given), fresh),
    )


def reevaluate_reports(
    rows: Iterable[ReportRow],
    found: Callable[[ReportRow], Sequence[Finding]],
    before: Before,
    carried: Callable[[ReportRow], Report | None] = lambda _: None,
) -> Iterator[tuple[int, tuple[Finding, ...]]]:
    """Row number and findings of every agency of which there is a report of last year, one at a time."""
    for row in rows:
        previous = before(row.key)
        if previous is not None:
            yield row.number, reevaluate_report(row.report, found(row), previous, carried(row))


def _subject(one: Finding) -> tuple[str, frozenset[str]]:
    return one.rule, frozenset(one.cells)


def _expired(one: Finding, form: Form) -> bool:
    """Whether a finding says that a reason given for a finding between the years no longer holds."""
    if one.rule != "answer-expired":
        return False
    title, cells = dict(one.facts)["title"], frozenset(one.cells)
    return any(list_norms()[rule].title == title for rule, about in _subjects(form) if about == cells)


@cache
def _subjects(form: Form) -> frozenset[tuple[str, frozenset[str]]]:
    """Rule and cells of every finding that a rule between the years can make."""
    return frozenset((rule.rule, frozenset(_cells(rule))) for rule in list_yearly_rules(form))


def _cells(rule: Yearly) -> tuple[str, ...]:
    if isinstance(rule, Equation):
        return rule.cells
    return tuple(cell.code for cell in rule.cells) if isinstance(rule, IdenticalToLastYearTest) else (rule.cell.code,)


def _differs(copy: Report, before: Report, cell: Cell) -> bool:
    value = copy.number(cell.index)
    return value is not None and value != (before.number(cell.index) or 0)


def _figure(number: Number | None, cell: Cell) -> Number | None:
    return None if number is None else to_int_if_integer(to_cell_unit(number, cell.unit))


def _placed(one: Finding, report: Report) -> Finding:
    return one.at(report.source(one.cells[0])) if one.cells else one
