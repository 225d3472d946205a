"""Lists the lines of the sheet 校验: every rule a formula can evaluate, as formulas and as the values they compute.

Each line compares what is (现为) with what should be (应为), says the difference and a status, and has a place for the
reason. `workbook.rules.evaluation` evaluates the same rules; tests let a real spreadsheet program recalculate and
compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property

from workbook.excel.template.live_formulas import CheckLine, FigureLines, LineValues, list_cover_lines, trim_formula
from workbook.excel.template_layout import CHECKS_TOP, CheckColumn, SheetCell, TemplateLayout, format_area
from workbook.model import identity
from workbook.model.finding import Severity
from workbook.model.form import Form
from workbook.model.numbers import Number, to_cell_unit
from workbook.model.print_layout import CellBox
from workbook.model.report import Answer, Report, hash_figures
from workbook.rules.evaluation import (
    RuleOutcome,
    RuleResult,
    evaluate_rule,
    join_compared_figures,
    join_tested_figures,
    to_int_if_integer,
)
from workbook.rules.rule_types import AgencyLevelTest, CellDemand, Equation, Rule, list_rules
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")


class Checklist:
    """All lines of 校验 for one form, in form order, at their places."""

    def __init__(self, places: TemplateLayout) -> None:
        self.places = places
        self.form: Form = places.form
        self.sheet = messages.text("sheet.checks")

    @cached_property
    def lines(self) -> tuple[CheckLine, ...]:
        """Every line, first to last."""
        figures = FigureLines(self.places)
        return (
            *list_cover_lines(self.places),
            self._build_nothing_filled(),
            *(figures.build_line(rule) for rule in list_rules(self.form)),
            *self._build_texts(),
        )

    @cached_property
    def rows(self) -> dict[str, int]:
        """Line code → its row on the sheet."""
        return {line.code: CHECKS_TOP + n for n, line in enumerate(self.lines)}

    def get_line(self, code: str) -> CheckLine:
        """Return the line of that code."""
        return self.lines[self.rows[code] - CHECKS_TOP]

    @property
    def last_row(self) -> int:
        """The row of the last line."""
        return CHECKS_TOP + len(self.lines) - 1

    def format_column(self, column: int) -> str:
        """Return the absolute reference of one column of all lines."""
        return format_area(self.sheet, CellBox(CHECKS_TOP, column, self.last_row, column))

    def count_lines(self, *keys: str) -> str:
        """Return the formula of how many lines have one of these statuses; two may be called by one word."""
        local, words = self.format_column(CheckColumn.STATUS).rpartition("!")[2], messages.entry("status")
        return "+".join(f'COUNTIF({local},"{word}")' for word in dict.fromkeys(words[key] for key in keys))

    def _build_nothing_filled(self) -> CheckLine:
        blanks = "-".join(
            f"COUNTBLANK({ref})" for table in self.form.tables for ref in self.places.list_table_references(table.code)
        )
        count = len(self.form.cells)
        return CheckLine(
            "report.nothing-filled",
            "nothing-filled",
            "、".join(s.sheet for s in self.form.sheets),
            messages.text("line.nothing_filled"),
            self.places.cells[self.form.cells[0].code],
            waiting="waiting",
            left=f"{count}-{blanks}",
            right=str(count),
            test="{left}>0",
            known="ISNUMBER({left})",
            failed="waiting",
        )

    def _build_texts(self) -> Iterator[CheckLine]:
        sheet = messages.text("sheet.texts")
        for code, text in self.places.texts.items():
            ref = self.places.names[f"texts.{code}"]
            yield CheckLine(
                f"texts.sections.{code}",
                "sections",
                sheet,
                f"{text.section.label}：{messages.text('line.length')}",
                SheetCell(sheet, text.first, 1),
                waiting="waiting",
                failed="waiting",
                cells=(f"texts.{code}",),
                left=f"IF(SUM(LEN({trim_formula(ref)}))=0,0,SUM(LEN({ref})))",
                right='""',
                known="ISNUMBER({left})",
                test="{left}>0",
                array=True,
            )

    # formulas of a line -----------------------------------------------------------------------------------------

    def format_difference(self, row: int) -> str:
        """Return the formula of a line's difference: blank unless both sides are numbers."""
        left, right = self._at(row, CheckColumn.LEFT), self._at(row, CheckColumn.RIGHT)
        return f'IF(AND(ISNUMBER({left}),ISNUMBER({right})),ROUND({left}-{right},6),"")'

    def format_status(self, line: CheckLine, row: int) -> str:
        """Return the formula of a line's status, in words; a warning with a reason that still holds is 已说明."""
        at = {
            "left": self._at(row, CheckColumn.LEFT),
            "right": self._at(row, CheckColumn.RIGHT),
            "difference": self._at(row, CheckColumn.DIFFERENCE),
        }
        words = messages.entry("status")
        failing = f'"{words[line.failing]}"'
        if line.severity is Severity.WARNING:
            answered, present = self._at(row, CheckColumn.ANSWERED), self._at(row, CheckColumn.PRESENT)
            reason, given = self._at(row, CheckColumn.REASON), self._at(row, CheckColumn.GIVEN)
            holds = f'OR({answered}="",{answered}={present},{reason}<>{given})'
            reason = f"LEN(TRIM({reason}))>0"
            failing = f'IF({reason},IF({holds},"{words["answered"]}","{words["expired"]}"),{failing})'
        known, test = line.known.format(**at), line.test.format(**at)
        return f'IF({known},IF({test},"{words["passed"]}",{failing}),"{words[line.waiting]}")'

    @staticmethod
    def _at(row: int, column: int) -> str:
        return SheetCell("", row, column).a1


# what the formulas of 校验 compute to: the values stored beside them, which a real spreadsheet program confirms


Computed = tuple[Number | str, Number | str, RuleOutcome, str]
"""Left, right, whether the line passes, and the figures an answer would answer for."""


def compute_line(line: CheckLine, report: Report, previous: Report | None, answer: Answer | None) -> LineValues:
    """Compute what a line's formulas compute to for that report: the cached values of the workbook."""
    left, right, outcome, present = _compute_values(line, report, previous)
    both = isinstance(left, int | Decimal) and isinstance(right, int | Decimal)
    difference: Number | str = left - right if both else ""  # type: ignore[operator]
    if outcome is RuleOutcome.UNJUDGED:
        status = line.waiting
    elif outcome is RuleOutcome.PASSED:
        status = "passed"
    elif line.severity is Severity.WARNING and answer:
        holds = not line.present or answer.figures in ("", hash_figures(present))
        status = "answered" if holds else "expired"
    else:
        status = line.failing
    return LineValues(left, right, difference, status, present)


def _compute_values(line: CheckLine, report: Report, previous: Report | None) -> Computed:
    if line.evaluated is not None:
        return _evaluate(line.evaluated, report, previous)
    agency = report.agency
    kind = line.rule
    if kind == "identity":
        return _compare(int(bool(agency.name.strip())), 1)
    if kind == "form-in-force":
        shown = line.right.strip('"')
        if report.year is None:
            return "", shown, RuleOutcome.UNJUDGED, ""
        return report.year, shown, _to_outcome(report.year in report.form.years), ""
    if kind == "identity-asked":
        asked = [f.code for f in identity.list_identity_fields() if f.required == Severity.WARNING]
        blank = [code for code in asked if not getattr(agency, code)]
        given = len(asked) - len(blank)
        return given, len(asked), _to_outcome(not blank), "|".join(blank)
    if kind in ("credit-code", "region-code"):
        value = agency.code if kind == "credit-code" else agency.region
        problem = (identity.find_credit_code_problem if kind == "credit-code" else identity.find_region_problem)(value)
        if not value:
            return "", 1, RuleOutcome.UNJUDGED, ""
        return _compare(0 if problem else 1, 1)
    if kind == "level":
        if not agency.level:
            return "", 1, RuleOutcome.UNJUDGED, ""
        return _compare(1 if identity.find_level(agency.level) else 0, 1)
    if kind == "nothing-filled":
        filled = sum(1 for value in report.values if value is not None)
        return filled, len(report.values), _to_outcome(filled > 0), ""
    text = report.texts.get(line.code.rpartition(".")[2], "")
    length = sum(len(paragraph) for paragraph in text.split("\n")) if text.strip() else 0
    return length, "", _to_outcome(length > 0), ""


def _evaluate(rule: Rule, report: Report, previous: Report | None) -> Computed:
    verdict = evaluate_rule(rule, report, previous)
    if isinstance(rule, Equation):
        unit = rule.left[0].cell.unit
        shown = [("" if n is None else to_int_if_integer(to_cell_unit(n, unit))) for n in (verdict.left, verdict.right)]
        return shown[0], shown[1], verdict.outcome, join_compared_figures(rule, report, previous)
    if isinstance(rule, CellDemand):
        bad = int(verdict.left or 0)
        count = len(rule.cells)
        return (count - bad, count, verdict.outcome, "") if rule.rule == "filled" else (bad, 0, verdict.outcome, "")
    if isinstance(rule, AgencyLevelTest):
        return _level_values(rule, verdict, report)
    if verdict.outcome is RuleOutcome.UNJUDGED:
        return "", "", verdict.outcome, ""
    numbers = [report.number(cell.index) for cell in rule.cells]
    before = [previous.number(cell.index) for cell in rule.cells] if previous else []
    differ = sum(1 for a, b in zip(numbers, before, strict=True) if a != b) if any(numbers) else len(numbers)
    return differ, "", verdict.outcome, ""


def _level_values(rule: AgencyLevelTest, verdict: RuleResult, report: Report) -> Computed:
    numbers = [report.number(cell.index) for cell in rule.cells]
    most = max([0, *(n for n in numbers if n is not None)])
    present = join_tested_figures(rule, report)
    if verdict.outcome is RuleOutcome.UNJUDGED:
        return "", 0, verdict.outcome, present
    return most, most if report.agency.level in rule.levels else 0, verdict.outcome, present


def _compare(left: int, right: int) -> Computed:
    return left, right, _to_outcome(left == right), ""


def _to_outcome(good: bool) -> RuleOutcome:
    return RuleOutcome.PASSED if good else RuleOutcome.FAILED
