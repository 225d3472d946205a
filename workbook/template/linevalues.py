"""What the formulas of 校验 compute to, worked out by Python: the values stored in the workbook beside them.

A real spreadsheet program recalculates them in the tests, and must agree line by line.
"""

from __future__ import annotations

from decimal import Decimal

from workbook import identity
from workbook.check import Outcome, Verdict, judge, level_signature, plain, signature
from workbook.finding import Severity
from workbook.numbers import Number, amount
from workbook.report import Answer, Report, fingerprint
from workbook.rules import Equation, LevelTest, Rule, Tally
from workbook.template.line import Line, Value

Computed = tuple[Number | str, Number | str, Outcome, str]
"""Left, right, whether the line passes, and the figures an answer would answer for."""


def value_of(line: Line, report: Report, previous: Report | None, answer: Answer | None) -> Value:
    """What a line's formulas compute to for that report: the cached values of the workbook."""
    left, right, outcome, present = _values(line, report, previous)
    both = isinstance(left, int | Decimal) and isinstance(right, int | Decimal)
    difference: Number | str = left - right if both else ""  # type: ignore[operator]
    if outcome is Outcome.UNJUDGED:
        status = line.waiting
    elif outcome is Outcome.PASSED:
        status = "passed"
    elif line.severity is Severity.WARNING and answer:
        holds = not line.present or answer.figures in ("", fingerprint(present))
        status = "answered" if holds else "expired"
    else:
        status = line.failing
    return Value(left, right, difference, status, present)


def _values(line: Line, report: Report, previous: Report | None) -> Computed:
    if line.judged is not None:
        return _judged(line.judged, report, previous)
    agency = report.agency
    kind = line.rule
    if kind == "identity":
        return _compare(int(bool(agency.name.strip())), 1)
    if kind == "form-in-force":
        shown = line.right.strip('"')
        if report.year is None:
            return "", shown, Outcome.UNJUDGED, ""
        return report.year, shown, _passed(report.year in report.form.years), ""
    if kind == "identity-asked":
        asked = [f.code for f in identity.fields() if f.required == Severity.WARNING]
        blank = [code for code in asked if not getattr(agency, code)]
        given = len(asked) - len(blank)
        return given, len(asked), _passed(not blank), "|".join(blank)
    if kind in ("credit-code", "region-code"):
        value = agency.code if kind == "credit-code" else agency.region
        problem = (identity.credit_code_problem if kind == "credit-code" else identity.region_problem)(value)
        if not value:
            return "", 1, Outcome.UNJUDGED, ""
        return _compare(0 if problem else 1, 1)
    if kind == "level":
        if not agency.level:
            return "", 1, Outcome.UNJUDGED, ""
        return _compare(1 if identity.level_named(agency.level) else 0, 1)
    if kind == "nothing-filled":
        filled = sum(1 for value in report.values if value is not None)
        return filled, len(report.values), _passed(filled > 0), ""
    text = report.texts.get(line.code.rpartition(".")[2], "")
    length = sum(len(paragraph) for paragraph in text.split("\n")) if text.strip() else 0
    return length, "", _passed(length > 0), ""


def _judged(rule: Rule, report: Report, previous: Report | None) -> Computed:
    verdict = judge(rule, report, previous)
    if isinstance(rule, Equation):
        unit = rule.left[0].cell.unit
        shown = [("" if n is None else plain(amount(n, unit))) for n in (verdict.left, verdict.right)]
        return shown[0], shown[1], verdict.outcome, signature(rule, report, previous)
    if isinstance(rule, Tally):
        bad = int(verdict.left or 0)
        count = len(rule.cells)
        return (count - bad, count, verdict.outcome, "") if rule.rule == "filled" else (bad, 0, verdict.outcome, "")
    if isinstance(rule, LevelTest):
        return _level_values(rule, verdict, report)
    if verdict.outcome is Outcome.UNJUDGED:
        return "", "", verdict.outcome, ""
    numbers = [report.number(cell.index) for cell in rule.cells]
    before = [previous.number(cell.index) for cell in rule.cells] if previous else []
    differ = sum(1 for a, b in zip(numbers, before, strict=True) if a != b) if any(numbers) else len(numbers)
    return differ, "", verdict.outcome, ""


def _level_values(rule: LevelTest, verdict: Verdict, report: Report) -> Computed:
    numbers = [report.number(cell.index) for cell in rule.cells]
    most = max([0, *(n for n in numbers if n is not None)])
    present = level_signature(rule, report)
    if verdict.outcome is Outcome.UNJUDGED:
        return "", 0, verdict.outcome, present
    return most, most if report.agency.level in rule.levels else 0, verdict.outcome, present


def _compare(left: int, right: int) -> Computed:
    return left, right, _passed(left == right), ""


def _passed(good: bool) -> Outcome:
    return Outcome.PASSED if good else Outcome.FAILED
