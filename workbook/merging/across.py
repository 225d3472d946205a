"""Reports of this year judged against what was really submitted last year.

A workbook may carry last year's figures itself, copied by whoever filled it in. Where last year's collection is at
hand, the rules between the years are judged again on what was submitted then, and a copy that differs is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from workbook.check import Outcome, answered, check_figures, judge, named, plain
from workbook.finding import Finding
from workbook.form import Cell, Form
from workbook.merging.rows import Before, Row
from workbook.migrate import carry_into
from workbook.numbers import Number, amount
from workbook.report import Answer, Report, fingerprint, shown
from workbook.rulebook import finding, norms
from workbook.rules import Equation, IdenticalTest, MoneyScaleTest, rules_of, scale_tests

Yearly = Equation | IdenticalTest | MoneyScaleTest


@cache
def yearly_rules(form: Form) -> tuple[Yearly, ...]:
    """The rules of a form that need last year's report."""
    stated = (rule for rule in rules_of(form) if isinstance(rule, Equation | IdenticalTest))
    return (*(r for r in stated if isinstance(r, IdenticalTest) or r.yearly), *scale_tests(form))


def between_years(report: Report, previous: Report) -> list[Finding]:
    """The form's rules between the years, judged on last year's report as submitted, in whatever form it was made."""
    before = carry_into(previous, report.form)
    rules = yearly_rules(report.form)
    if all(judge(rule, report, before).outcome is not Outcome.FAILED for rule in rules):
        return []
    about = _subjects(report.form)
    return [_placed(one, report) for one in check_figures(report, before) if _subject(one) in about]


def carried_otherwise(report: Report, carried: Report, previous: Report) -> Finding | None:
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
    found = finding(
        "last-year-differs",
        cells=tuple(cell.code for cell in other),
        actual=_figure(copied, first),
        expected=_figure(submitted, first),
        difference=None if copied is None or submitted is None else plain(amount(copied - submitted, first.unit)),
        figures=fingerprint(figures),
        place=first.words,
        submitted=shown(submitted, first),
        count=len(other),
        where=named(other, copy),
    )
    return found.at(copy.source(first.code))


def judged_again(
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
    differs = carried_otherwise(report, carried, previous) if carried else None
    fresh = [*between_years(report, previous), *([differs] if differs else ())]
    expired = [one for one in found if report.answers and _expired(one, report.form)]
    given = report.answers or tuple(Answer(o.rule, o.cells, o.answer, o.figures) for o in old if o.answer)
    return (
        *(one for one in found if one not in old and one not in expired),
        *answered(replace(report, answers=given), fresh),
    )


def all_judged_again(
    rows: Iterable[Row],
    found: Callable[[Row], Sequence[Finding]],
    before: Before,
    carried: Callable[[Row], Report | None] = lambda _: None,
) -> Iterator[tuple[int, tuple[Finding, ...]]]:
    """Row number and findings of every agency of which there is a report of last year, one at a time."""
    for row in rows:
        previous = before(row.key)
        if previous is not None:
            yield row.number, judged_again(row.report, found(row), previous, carried(row))


def _subject(one: Finding) -> tuple[str, frozenset[str]]:
    return one.rule, frozenset(one.cells)


def _expired(one: Finding, form: Form) -> bool:
    """Whether a finding says that a reason given for a finding between the years no longer holds."""
    if one.rule != "answer-expired":
        return False
    title, cells = dict(one.facts)["title"], frozenset(one.cells)
    return any(norms()[rule].title == title for rule, about in _subjects(form) if about == cells)


@cache
def _subjects(form: Form) -> frozenset[tuple[str, frozenset[str]]]:
    """Rule and cells of every finding that a rule between the years can make."""
    return frozenset((rule.rule, frozenset(_cells(rule))) for rule in yearly_rules(form))


def _cells(rule: Yearly) -> tuple[str, ...]:
    if isinstance(rule, Equation):
        return rule.cells
    return tuple(cell.code for cell in rule.cells) if isinstance(rule, IdenticalTest) else (rule.cell.code,)


def _differs(copy: Report, before: Report, cell: Cell) -> bool:
    value = copy.number(cell.index)
    return value is not None and value != (before.number(cell.index) or 0)


def _figure(number: Number | None, cell: Cell) -> Number | None:
    return None if number is None else plain(amount(number, cell.unit))


def _placed(one: Finding, report: Report) -> Finding:
    return one.at(report.source(one.cells[0])) if one.cells else one
