"""A form's rules judged on a report's figures, its texts and last year's report. Pure: findings are values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import NamedTuple

from workbook import identity, rulebook
from workbook.finding import Finding, Severity
from workbook.form import Cell, Form
from workbook.forms import form_ids, in_force
from workbook.harmless import turned, unseen
from workbook.migrate import migrate
from workbook.numbers import EXACT, NOT_APPLICABLE, Number, amount
from workbook.report import Answer, Report, fingerprint, shown
from workbook.rulebook import finding, phrase
from workbook.rules import (
    Equation,
    IdenticalTest,
    LevelTest,
    MoneyScaleTest,
    Rule,
    Tally,
    Term,
    place,
    sheet_name,
    side,
)
from workbook.safety.messages import NO_TEXT, Bilingual, join_texts
from workbook.screening import doubtful
from workbook.texts import check_texts

FIGURES_NAMED = 8
"""How many cells a message names before it says “等”."""
MARKS = ("struck", "raised", "lowered", "hidden")
"""How writing may stand that leaves a figure in doubt: the words kept of such a cell say so (`mark` in rules.toml)."""

SCALE = (5_000, 20_000)
"""An amount this many times last year's, or this part of it, is about 10,000 times apart: 万元 to 元."""


class Outcome(StrEnum):
    """What judging one rule gave."""

    PASSED = "passed"
    FAILED = "failed"
    UNJUDGED = "unjudged"
    """A figure the rule needs is missing: blank is not 0."""


class Verdict(NamedTuple):
    """One rule judged: the outcome and, where it compares two figures, both (base units)."""

    outcome: Outcome
    left: Number | None = None
    right: Number | None = None


UNJUDGED = Verdict(Outcome.UNJUDGED)


def judge(rule: Rule | MoneyScaleTest, report: Report, previous: Report | None = None) -> Verdict:
    """Judge one rule on a report; `previous` is last year's, in the same form (see `migrate`)."""
    if isinstance(rule, Equation):
        return _judge_equation(rule, report, previous)
    if isinstance(rule, Tally):
        bad = sum(1 for cell in rule.cells if _breaks(rule.rule, cell, report))
        return Verdict(_outcome(bad == 0), bad, 0)
    if isinstance(rule, LevelTest):
        if not report.agency.level:
            return UNJUDGED
        numbers = [report.number(cell.index) for cell in rule.cells]
        most = max((n for n in numbers if n is not None), default=0)
        return Verdict(_outcome(most <= 0 or report.agency.level in rule.levels), most, 0)
    if isinstance(rule, MoneyScaleTest):
        return _judge_scale(rule, report, previous)
    return _judge_identical(rule, report, previous)


def _outcome(good: bool) -> Outcome:
    return Outcome.PASSED if good else Outcome.FAILED


def _judge_equation(rule: Equation, report: Report, previous: Report | None) -> Verdict:
    left, right = side_total(rule.left, report, previous), side_total(rule.right, report, previous)
    if left is None or right is None:
        return UNJUDGED
    return Verdict(_outcome(left <= right if rule.op == "<=" else left == right), left, right)


def side_total(terms: Sequence[Term], report: Report, previous: Report | None) -> Number | None:
    """One side of an equation added up (base units); None where one of its cells holds no number."""
    total: Number = 0
    with localcontext(EXACT):
        for term in terms:
            source = previous if term.previous else report
            value = source.number(term.cell.index) if source else None
            if value is None:
                return None
            total += term.sign * value
    return total


def _judge_identical(rule: IdenticalTest, report: Report, previous: Report | None) -> Verdict:
    if previous is None:
        return UNJUDGED
    now = [report.number(cell.index) for cell in rule.cells]
    before = [previous.number(cell.index) for cell in rule.cells]
    if None in now or None in before:
        return UNJUDGED
    return Verdict(_outcome(now != before or not any(now)))


def _judge_scale(rule: MoneyScaleTest, report: Report, previous: Report | None) -> Verdict:
    now = report.number(rule.cell.index)
    before = previous.number(rule.cell.index) if previous else None
    if now is None or before is None:
        return UNJUDGED
    less, more = sorted((now, before))
    least, most = SCALE
    return Verdict(_outcome(less <= 0 or not least * less <= more <= most * less), now, before)


def _breaks(tally: str, cell: Cell, report: Report) -> bool:
    value = report.values[cell.index]
    if tally == "filled":
        return value is None or value == NOT_APPLICABLE
    if tally == "number":
        return isinstance(value, str) and value != NOT_APPLICABLE
    if value is None or isinstance(value, str):
        return False
    return isinstance(value, Decimal) or (value < 0 and not cell.signed)


def check(report: Report, previous: Report | None = None, read: Sequence[Finding] = ()) -> list[Finding]:
    """Everything wrong or doubtful in a report, in form order, with the answers given; `read` is what reading showed.

    `previous` is the same agency's report of the year before, in whatever form it was made; without it the rules
    between years are not judged. An equation with a blank is not judged: the blank is a finding of its own.
    """
    before = _in_form(previous, report.form) if previous else None
    found = [*_identity(report), *_form_in_force(report)]
    if all(value is None for value in report.values):
        found.append(finding("nothing-filled"))
        found += check_texts(report)
    else:
        found += check_figures(report, before)
        found += check_texts(report)
    placed = [f if f.source.cell or not f.cells else f.at(report.source(f.cells[0])) for f in found]
    return answered(report, [*read, *placed])


def _in_form(report: Report, form: Form) -> Report:
    """The report in that form; most stand in it already, and need no receipt of what was carried."""
    return report if report.form.fingerprint == form.fingerprint else migrate(report, form).report


def check_figures(report: Report, previous: Report | None = None) -> list[Finding]:
    """The rules over figures alone: what a sum of several agencies can be asked too. `previous` as for `judge`."""
    return [found for rule in doubtful(report, previous) for found in findings_of(rule, report, previous)]


def findings_of(rule: Rule | MoneyScaleTest, report: Report, previous: Report | None = None) -> Iterator[Finding]:
    """What one rule finds: nothing where it holds or cannot be judged."""
    verdict = judge(rule, report, previous)
    if isinstance(rule, Equation):
        if verdict.outcome is Outcome.FAILED:
            yield _equation_finding(rule, verdict, report, previous)
        yield from ()
    elif verdict.outcome is not Outcome.FAILED:
        return
    elif isinstance(rule, Tally):
        yield from _tally_findings(rule, report)
    elif isinstance(rule, LevelTest):
        yield from _level_findings(rule, report)
    elif isinstance(rule, MoneyScaleTest):
        yield _scale_finding(rule, verdict)
    else:
        sheet = sheet_name(report.form, rule.table)
        cells = tuple(cell.code for cell in rule.cells)
        yield finding(rule.rule, cells=cells, table=sheet)


def signature(rule: Equation, report: Report, previous: Report | None) -> str:
    """The figures an equation compares, in order: what an answer to it answers for. The workbook computes the same."""
    said = []
    for term in rule.terms:
        source = previous if term.previous else report
        value = source.number(term.cell.index) if source else None
        said.append("" if value is None else f"{amount(value, term.cell.unit):f}")
    return "|".join(said)


def _equation_finding(rule: Equation, verdict: Verdict, report: Report, previous: Report | None) -> Finding:
    if verdict.left is None or verdict.right is None:
        raise ValueError(f"{rule.code} was not judged")
    unit = rule.left[0].cell.unit
    with localcontext(EXACT):
        difference = verdict.left - verdict.right
    return finding(
        rule.rule,
        cells=rule.cells,
        actual=plain(amount(verdict.left, unit)),
        expected=plain(amount(verdict.right, unit)),
        difference=plain(amount(difference, unit)),
        figures=fingerprint(signature(rule, report, previous)),
        line=place(report.form, rule),
        left=side(rule.left, rule),
        right=side(rule.right, rule),
    )


def _scale_finding(rule: MoneyScaleTest, verdict: Verdict) -> Finding:
    unit = rule.cell.unit
    now, before = (plain(amount(n, unit)) for n in (verdict.left, verdict.right) if n is not None)
    return finding(
        rule.rule,
        cells=(rule.cell.code,),
        actual=now,
        expected=before,
        figures=fingerprint(f"{now}|{before}"),
        place=rule.cell.words,
        unit=unit.label,
    )


def plain(number: Number) -> Number:
    """A whole Decimal as int, so that it prints and travels as one."""
    return int(number) if number == int(number) else number


def _tally_findings(rule: Tally, report: Report) -> Iterator[Finding]:
    bad = [cell for cell in rule.cells if _breaks(rule.rule, cell, report)]
    if rule.rule == "filled":
        codes = tuple(cell.code for cell in bad)
        sheet = sheet_name(report.form, rule.table)
        yield finding(
            "filled",
            cells=codes,
            actual=len(rule.cells) - len(bad),
            expected=len(rule.cells),
            difference=-len(bad),
            table=phrase("table", sheet=sheet, title=rule.table.words),
            count=len(bad),
            where=named(bad, report),
        )
        return
    for cell in bad:
        value = report.values[cell.index]
        if rule.rule == "number":
            raw = str(value)
            clear = phrase("clear-marks") if _has_marks(raw) else NO_TEXT
            yield finding("number", cells=(cell.code,), actual=raw, place=cell.words, raw=raw, clear=clear)
        else:
            yield _whole_finding(cell, report)


def _has_marks(words: str) -> bool:
    """Whether the words in a cell say that some of it is struck out, raised or hidden: `（删除线：12）96`."""
    return any(f"{sign}{phrase(mark, 'mark').zh}" in words for mark in MARKS for sign in "（、")


def _whole_finding(cell: Cell, report: Report) -> Finding:
    kind = phrase("money" if cell.unit.scale > 1 else "signed" if cell.signed else "whole")
    actual = shown(report.values[cell.index], cell)
    return finding("whole-numbers", cells=(cell.code,), actual=actual, place=cell.words, kind=kind)


def named(cells: Sequence[Cell], report: Report) -> Bilingual:
    """Where cells stand, the first few by reference (D5、E5) where the report came from a workbook, else by label."""
    first = cells[:FIGURES_NAMED]
    places = [report.source(cell.code) for cell in first]
    more = len(cells) > len(first)
    if all(place.sheet for place in places):
        return join_texts((place.cell for place in places), more=more)
    return join_texts((cell.words for cell in first), Bilingual("、", "; "), more=more)


def level_signature(rule: LevelTest, report: Report) -> str:
    """The figures a test of the level looks at, in order; the workbook computes the same."""
    numbers = [(report.number(cell.index), cell.unit) for cell in rule.cells]
    return "|".join("" if n is None else f"{amount(n, unit):f}" for n, unit in numbers)


def _level_findings(rule: LevelTest, report: Report) -> Iterator[Finding]:
    over = [cell for cell in rule.cells if (report.number(cell.index) or 0) > 0]
    rest = [cell for cell in rule.cells if cell not in over]
    named_level = identity.level_named(report.agency.level)
    level = Bilingual(named_level.label, named_level.en) if named_level else report.agency.level
    yield finding(
        rule.rule,
        cells=tuple(cell.code for cell in (*over, *rest)),
        actual="、".join(shown(report.values[cell.index], cell) for cell in over),
        expected=0,
        figures=fingerprint(level_signature(rule, report)),
        place=place(report.form, rule),
        level=level,
    )


def _identity(report: Report) -> Iterator[Finding]:
    agency = report.agency
    blank = [f for f in identity.fields() if not (report.year if f.code == "year" else getattr(agency, f.code))]
    for field in blank:
        if field.required == Severity.ERROR:
            yield finding("identity", cells=(f"agency.{field.code}",), place=Bilingual(field.label, field.en))
    if asked := [f for f in blank if f.required == Severity.WARNING]:
        cells = tuple(f"agency.{f.code}" for f in identity.fields() if f.required == Severity.WARNING)
        where = join_texts(Bilingual(f.label, f.en) for f in asked)
        one = finding("identity-asked", cells=cells, figures=fingerprint("|".join(f.code for f in asked)), place=where)
        yield one.at(report.source(f"agency.{asked[0].code}"))
    for field_code, rule, problem in (
        ("code", "credit-code", identity.credit_code_problem(agency.code)),
        ("region", "region-code", identity.region_problem(agency.region)),
    ):
        if problem:
            raw = getattr(agency, field_code)
            what = phrase(problem.kind, "code_problem", **problem._asdict())
            yield finding(rule, cells=(f"agency.{field_code}",), actual=raw, raw=raw, what=what)
    yield from _unseen(report)
    if agency.level and not identity.level_named(agency.level):
        yield finding("level", cells=("agency.level",), actual=agency.level, raw=agency.level)


def _unseen(report: Report) -> Iterator[Finding]:
    """Names that are not what they look like, and texts that are not printed as they are read."""
    agency = [
        (f"agency.{f.code}", Bilingual(f.label, f.en), getattr(report.agency, f.code, "")) for f in identity.fields()
    ]
    found = [(code, where, unseen(text)) for code, where, text in agency if isinstance(text, str)]
    found += [(f"texts.{s.code}", s.words, turned(report.texts.get(s.code, ""))) for s in report.form.texts]
    for code, where, signs in found:
        if signs:
            named, figures = join_texts(signs), fingerprint("|".join(signs))
            yield finding("unseen", cells=(code,), figures=figures, place=where, signs=named)


def _form_in_force(report: Report) -> Iterator[Finding]:
    if report.year is None or report.year in report.form.years:
        return
    try:
        expected = in_force(report.year).id
        due = phrase("due-form", form=expected)
    except LookupError:
        due = phrase("no-form", form=form_ids()[0])
        expected = due.zh
    yield finding(
        "form-in-force",
        cells=("agency.year",),
        actual=report.form.id,
        expected=expected,
        due=due,
        year=report.year,
    )


def answered(report: Report, found: list[Finding]) -> list[Finding]:
    """The findings with the reasons given for warnings; a reason whose figures have changed is a finding itself."""
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
    title = rulebook.norms()[one.rule].title
    return replace(finding("answer-expired", cells=one.cells, title=title, reason=reason), source=one.source)
