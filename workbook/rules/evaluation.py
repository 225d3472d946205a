"""Evaluates a form's rules on a report: its figures, its texts, last year's report. Findings are values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from workbook.model import identity, rule_catalog
from workbook.model.finding import Finding, Severity
from workbook.model.form import Cell
from workbook.model.form_loader import get_form_in_force, list_form_ids
from workbook.model.numbers import EXACT, NOT_APPLICABLE, Number, to_cell_unit
from workbook.model.report import Answer, Report, format_value, hash_figures
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.rules.narrative_rules import check_narrative
from workbook.rules.rule_types import (
    AgencyLevelTest,
    CellDemand,
    Equation,
    IdenticalToLastYearTest,
    MoneyScaleTest,
    Rule,
    describe_rule_place,
    describe_side,
    get_sheet_name,
    list_rules_with_scale_tests,
)
from workbook.safety.messages import NO_TEXT, Bilingual, join_texts
from workbook.safety.unsafe_text import find_invisible, find_reordering

FIGURES_NAMED = 8
"""How many cells a message names before it says “等”."""
TEXT_MARKS = ("struck", "raised", "lowered", "hidden")
"""Ways of writing that leave a figure in doubt; the text stored of such a cell names them (`mark` in rules.toml)."""

SCALE = (5_000, 20_000)
"""An amount this many times last year's, or this part of it, is about 10,000 times apart: 万元 to 元."""


class RuleOutcome(StrEnum):
    """The outcome of evaluating one rule."""

    PASSED = "passed"
    FAILED = "failed"
    UNJUDGED = "unjudged"
    """A figure the rule needs is missing: blank is not 0."""


class RuleResult(NamedTuple):
    """One rule evaluated: the outcome and, where it compares two figures, both (base units; None: a figure missing)."""

    outcome: RuleOutcome
    left: Number | None = None
    right: Number | None = None


UNJUDGED = RuleResult(RuleOutcome.UNJUDGED)


def evaluate_rule(rule: Rule | MoneyScaleTest, report: Report, previous: Report | None = None) -> RuleResult:
    """Evaluate one rule on a report; `previous` is last year's, in the same form."""
    match rule:
        case Equation():
            left, right = rule.evaluate_sides(report.values, previous.values if previous else None)
            if left is None or right is None:
                return RuleResult(RuleOutcome.UNJUDGED, left, right)
            return RuleResult(_outcome(left <= right if rule.op == "<=" else left == right), left, right)
        case CellDemand():
            bad = len(_violations(rule, report))
            return RuleResult(_outcome(bad == 0), bad, 0)
        case AgencyLevelTest():
            if not report.agency.level:
                return UNJUDGED
            most = max((n for cell in rule.cells if (n := report.number(cell.index)) is not None), default=0)
            return RuleResult(_outcome(most <= 0 or report.agency.level in rule.levels), most, 0)
        case MoneyScaleTest():
            return _evaluate_scale(rule, report, previous)
        case IdenticalToLastYearTest():
            return _evaluate_identical(rule, report, previous)


def _outcome(good: bool) -> RuleOutcome:
    return RuleOutcome.PASSED if good else RuleOutcome.FAILED


def _evaluate_identical(rule: IdenticalToLastYearTest, report: Report, previous: Report | None) -> RuleResult:
    if previous is None:
        return UNJUDGED
    now = [report.number(cell.index) for cell in rule.cells]
    before = [previous.number(cell.index) for cell in rule.cells]
    if None in now or None in before:
        return UNJUDGED
    return RuleResult(_outcome(now != before or not any(now)))


def _evaluate_scale(rule: MoneyScaleTest, report: Report, previous: Report | None) -> RuleResult:
    now = report.number(rule.cell.index)
    before = previous.number(rule.cell.index) if previous else None
    if now is None or before is None:
        return UNJUDGED
    less, more = sorted((now, before))
    least, most = SCALE
    return RuleResult(_outcome(less <= 0 or not least * less <= more <= most * less), now, before)


def _violations(rule: CellDemand, report: Report) -> list[Cell]:
    """List the cells that do not meet a demand on every single cell."""
    values = report.values
    if rule.rule == "filled":
        return [cell for cell in rule.cells if values[cell.index] in (None, NOT_APPLICABLE)]
    if rule.rule == "number":
        return [cell for cell in rule.cells if isinstance(v := values[cell.index], str) and v != NOT_APPLICABLE]
    return [
        cell
        for cell in rule.cells
        if isinstance(v := values[cell.index], Decimal) or (isinstance(v, int) and v < 0 and not cell.signed)
    ]


def check_report(report: Report, previous: Report | None = None, read: Sequence[Finding] = ()) -> list[Finding]:
    """Evaluate every rule on a report; return the findings in form order, with the answers given.

    `previous` is the same agency's report of the year before, in whatever form it was made; without it the rules
    between years are not evaluated, nor is an equation with a blank cell: the blank is a finding of its own.
    """
    if previous and previous.form != report.form:
        from workbook.model.form_migration import convert_report  # needed once a form is replaced

        previous = convert_report(previous, report.form).report
    found = [*_identity(report, read), *_form_in_force(report)]
    if all(value is None for value in report.values):
        found.append(make_finding("nothing-filled"))
    else:
        found += check_figures(report, previous)
    found += check_narrative(report)
    placed = [f if f.source.cell or not f.cells else f.at(report.source(f.cells[0])) for f in found]
    return attach_answers(report, [*read, *placed])


def check_figures(report: Report, previous: Report | None = None) -> list[Finding]:
    """Evaluate the rules over figures alone, as for a sum of several agencies; `previous` as for `evaluate_rule`."""
    found: list[Finding] = []
    for rule in list_rules_with_scale_tests(report.form):
        result = evaluate_rule(rule, report, previous)
        if result.outcome is RuleOutcome.FAILED:
            found += _findings(rule, result, report, previous)
    return found


def _findings(
    rule: Rule | MoneyScaleTest, result: RuleResult, report: Report, previous: Report | None
) -> Iterator[Finding]:
    """Yield the findings of a rule that does not hold: one, or one for each cell."""
    match rule:
        case Equation():
            yield _equation_finding(rule, result, report, previous)
        case CellDemand():
            yield from _tally_findings(rule, report)
        case AgencyLevelTest():
            yield _level_finding(rule, report)
        case MoneyScaleTest():
            yield _scale_finding(rule, result)
        case IdenticalToLastYearTest():
            cells = tuple(cell.code for cell in rule.cells)
            yield make_finding(rule.rule, cells=cells, table=get_sheet_name(report.form, rule.table))


def join_compared_figures(rule: Equation, report: Report, previous: Report | None) -> str:
    """Return the figures an equation compares, in order, joined by bars: a reason given answers for these."""
    return "|".join(_write_number(previous if term.previous else report, term.cell) for term in rule.terms)


def _write_number(report: Report | None, cell: Cell) -> str:
    """The figure of a cell in its own unit, in digits; blank where it holds no number, or there is no report."""
    number = report.number(cell.index) if report else None
    return "" if number is None else f"{to_cell_unit(number, cell.unit):f}"


def _equation_finding(rule: Equation, result: RuleResult, report: Report, previous: Report | None) -> Finding:
    unit, left, right = rule.left[0].cell.unit, result.left or 0, result.right or 0  # both are there: it failed
    with localcontext(EXACT):
        difference = left - right
    return make_finding(
        rule.rule,
        cells=rule.cells,
        actual=to_int_if_integer(to_cell_unit(left, unit)),
        expected=to_int_if_integer(to_cell_unit(right, unit)),
        difference=to_int_if_integer(to_cell_unit(difference, unit)),
        figures=hash_figures(join_compared_figures(rule, report, previous)),
        line=describe_rule_place(report.form, rule),
        left=describe_side(rule.left, rule),
        right=describe_side(rule.right, rule),
    )


def _scale_finding(rule: MoneyScaleTest, result: RuleResult) -> Finding:
    unit = rule.cell.unit
    now, before = (to_int_if_integer(to_cell_unit(n, unit)) for n in (result.left, result.right) if n is not None)
    return make_finding(
        rule.rule,
        cells=(rule.cell.code,),
        actual=now,
        expected=before,
        figures=hash_figures(f"{now}|{before}"),
        place=rule.cell.words,
        unit=unit.label,
    )


def to_int_if_integer(number: Number) -> Number:
    """Return an integral Decimal as int, so that it is printed and stored as one."""
    return int(number) if number == int(number) else number


def _tally_findings(rule: CellDemand, report: Report) -> Iterator[Finding]:
    bad = _violations(rule, report)
    if rule.rule == "filled":
        codes = tuple(cell.code for cell in bad)
        sheet = get_sheet_name(report.form, rule.table)
        yield make_finding(
            "filled",
            cells=codes,
            actual=len(rule.cells) - len(bad),
            expected=len(rule.cells),
            difference=-len(bad),
            table=get_phrase("table", sheet=sheet, title=rule.table.words),
            count=len(bad),
            where=describe_cells(bad, report),
        )
        return
    for cell in bad:
        value = report.values[cell.index]
        if rule.rule == "number":
            raw = str(value)
            clear = get_phrase("clear-marks") if _has_marks(raw) else NO_TEXT
            yield make_finding("number", cells=(cell.code,), actual=raw, place=cell.words, raw=raw, clear=clear)
        else:
            yield _whole_finding(cell, report)


def _has_marks(words: str) -> bool:
    """Whether the words in a cell say that some of it is struck out, raised or hidden: `（删除线：12）96`."""
    return any(f"{before}{get_phrase(mark, 'mark').zh}" in words for mark in TEXT_MARKS for before in "（、")


def _whole_finding(cell: Cell, report: Report) -> Finding:
    kind = get_phrase("money" if cell.unit.scale > 1 else "signed" if cell.signed else "whole")
    actual = format_value(report.values[cell.index], cell)
    return make_finding("whole-numbers", cells=(cell.code,), actual=actual, place=cell.words, kind=kind)


def describe_cells(cells: Sequence[Cell], report: Report) -> Bilingual:
    """Name the first few cells: by address (D5、E5) where the report came from a workbook, else by label."""
    first = cells[:FIGURES_NAMED]
    places = [report.source(cell.code) for cell in first]
    more = len(cells) > len(first)
    if all(place.sheet for place in places):
        return join_texts((place.cell for place in places), more=more)
    return join_texts((cell.words for cell in first), Bilingual("、", "; "), more=more)


def join_tested_figures(rule: AgencyLevelTest, report: Report) -> str:
    """Return the figures that a test of the level reads, in order, joined by bars; the workbook computes the same."""
    return "|".join(_write_number(report, cell) for cell in rule.cells)


def _level_finding(rule: AgencyLevelTest, report: Report) -> Finding:
    over = [cell for cell in rule.cells if (report.number(cell.index) or 0) > 0]
    rest = [cell for cell in rule.cells if cell not in over]
    named_level = identity.find_level(report.agency.level)
    level = Bilingual(named_level.label, named_level.en) if named_level else report.agency.level
    return make_finding(
        rule.rule,
        cells=tuple(cell.code for cell in (*over, *rest)),
        actual="、".join(format_value(report.values[cell.index], cell) for cell in over),
        expected=0,
        figures=hash_figures(join_tested_figures(rule, report)),
        place=describe_rule_place(report.form, rule),
        level=level,
    )


def _identity(report: Report, read: Sequence[Finding]) -> Iterator[Finding]:
    agency = report.agency
    yield from _entered_identity(report, read)
    blank = [
        f for f in identity.list_identity_fields() if not (report.year if f.code == "year" else getattr(agency, f.code))
    ]
    unreadable = dict(agency.unreadable)
    for field in blank:
        if field.required == Severity.ERROR and field.code not in unreadable:
            yield make_finding("identity", cells=(f"agency.{field.code}",), place=Bilingual(field.label, field.en))
    if asked := [f for f in blank if f.required == Severity.WARNING]:
        cells = tuple(f"agency.{f.code}" for f in identity.list_identity_fields() if f.required == Severity.WARNING)
        where = join_texts(Bilingual(f.label, f.en) for f in asked)
        one = make_finding(
            "identity-asked", cells=cells, figures=hash_figures("|".join(f.code for f in asked)), place=where
        )
        yield one.at(report.source(f"agency.{asked[0].code}"))
    for field_code, rule, problem in (
        ("code", "credit-code", identity.find_credit_code_problem(agency.code)),
        ("region", "region-code", identity.find_region_problem(agency.region)),
    ):
        if problem:
            raw = getattr(agency, field_code)
            what = get_phrase(problem.kind, "code_problem", **problem._asdict())
            yield make_finding(rule, cells=(f"agency.{field_code}",), actual=raw, raw=raw, what=what)
    yield from _unseen(report)
    if agency.level and not identity.find_level(agency.level):
        yield make_finding("level", cells=("agency.level",), actual=agency.level, raw=agency.level)


def _entered_identity(report: Report, read: Sequence[Finding]) -> Iterator[Finding]:
    """Find a year or revision that is entered, but is no certain number, and a name that names nobody."""
    reported = {code for one in read if one.rule == "json-type" for code in one.cells}
    numbers = {"year": report.year, "revision": report.agency.revision}
    for field in identity.list_identity_fields():
        code, place = f"agency.{field.code}", Bilingual(field.label, field.en)
        for raw in [text for about, text in report.agency.unreadable if about == field.code]:
            if not numbers[field.code] and code not in reported:
                due = get_phrase(f"due-{field.code}")
                yield make_finding("identity-unread", cells=(code,), actual=raw, place=place, raw=raw, due=due)
    name = report.agency.name
    if identity.is_doubtful_name(name):
        yield make_finding("agency-name", cells=("agency.name",), actual=name, figures=hash_figures(name), raw=name)


def _unseen(report: Report) -> Iterator[Finding]:
    """Find names that hold invisible characters, and texts with characters that reverse the order of writing."""
    agency = [
        (f"agency.{f.code}", Bilingual(f.label, f.en), getattr(report.agency, f.code, ""))
        for f in identity.list_identity_fields()
    ]
    found = [(code, where, find_invisible(text)) for code, where, text in agency if isinstance(text, str)]
    found += [(f"texts.{s.code}", s.words, find_reordering(report.texts.get(s.code, ""))) for s in report.form.texts]
    for code, where, characters in found:
        if characters:
            named, figures = join_texts(characters), hash_figures("|".join(characters))
            yield make_finding("unseen", cells=(code,), figures=figures, place=where, signs=named)


def _form_in_force(report: Report) -> Iterator[Finding]:
    if report.year is None or report.year in report.form.years:
        return
    try:
        expected = get_form_in_force(report.year).id
        due = get_phrase("due-form", form=expected)
    except LookupError:
        due = get_phrase("no-form", form=list_form_ids()[0])
        expected = due.zh
    yield make_finding(
        "form-in-force",
        cells=("agency.year",),
        actual=report.form.id,
        expected=expected,
        due=due,
        year=report.year,
    )


def attach_answers(report: Report, found: list[Finding]) -> list[Finding]:
    """Attach the reasons given to the warnings they answer; a reason whose figures have changed becomes a finding."""
    present = {(one.rule, frozenset(one.cells), one.figures) for one in found}
    given: defaultdict[tuple[str, frozenset[str]], list[Answer]] = defaultdict(list)
    for answer in report.answers:
        given[answer.rule, frozenset(answer.cells)].append(answer)
    out, said = [], set()
    for one in found:
        about = (one.rule, frozenset(one.cells))
        answers = given.get(about, [])
        if one.severity is Severity.WARNING and answers:
            holding = [a for a in answers if a.figures in ("", one.figures)]
            expired = [a for a in answers if a.figures and (*about, a.figures) not in present and a not in said]
            said.update(expired)
            out += [_expired(one, answer.reason) for answer in expired]
            out.append(replace(one, answer=holding[-1].reason) if holding else one)
        else:
            out.append(one)
    return out


def _expired(one: Finding, reason: str) -> Finding:
    title = rule_catalog.get_rule_book()[one.rule].title
    return replace(make_finding("answer-expired", cells=one.cells, title=title, reason=reason), source=one.source)


@dataclass(frozen=True, slots=True)
class Submission:
    """One file read: the report in it, last year's figures if it carries them, and what was odd about the file.

    `reader` says what read it: `alike` (by a known layout), `package` (ooxml_reader), `tolerant` (openpyxl_reader) or
    `json`; `template` which version of our template it was made from (blank: none of ours); `summary` whether it is
    the result of a merge.
    """

    path: Path
    report: Report
    previous: Report | None = None
    findings: tuple[Finding, ...] = ()
    reader: str = "json"
    template: str = ""
    summary: bool = False

    def check(self, previous: Report | None = None) -> list[Finding]:
        """All findings: what reading showed, then the rules; `previous` overrides what the file itself carries."""
        return check_report(self.report, previous or self.previous, self.findings)
