"""Builds the formulas of the sheet 校验: the cover, then each rule about figures that a formula can evaluate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from workbook.excel.template_layout import SheetCell, TemplateLayout, list_rule_cells
from workbook.model import identity, rule_catalog
from workbook.model.finding import Severity
from workbook.model.form import LAST, Cell, Form
from workbook.model.numbers import NOTHING_MARKS, Number
from workbook.rules.rule_types import (
    AgencyLevelTest,
    CellDemand,
    Equation,
    EquationTerm,
    IdenticalToLastYearTest,
    Rule,
    describe_rule_place,
    describe_side,
    get_sheet_name,
)
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")


class LineValues(NamedTuple):
    """What a line's formulas compute to: left, right, difference, status word key, present figures."""

    left: Number | str
    right: Number | str
    difference: Number | str
    status: str
    present: str = ""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line of 校验.

    `code` names it (`requests.balance.person`); `cells` are those of its finding; `link` where “查看” leads. `left`,
    `right` are formulas without the equals sign; `test` a condition over {left}, {right}, {difference} for passing;
    `known` the condition under which the line can be evaluated at all; `waiting` the status word where it cannot;
    `present` a formula for the figures an answer answers for. `evaluated` is the rule that Python evaluates.
    """

    code: str
    rule: str
    where: str
    what: str
    link: SheetCell
    left: str
    right: str
    test: str = "{difference}=0"
    waiting: str = "unjudged"
    known: str = "ISNUMBER({difference})"
    failed: str = ""
    cells: tuple[str, ...] = ()
    present: str = ""
    array: bool = False
    evaluated: Rule | None = None

    @property
    def severity(self) -> Severity:
        """The rule's weight."""
        return rule_catalog.get_rule_book()[self.rule].severity

    @property
    def failing(self) -> str:
        """The status word key where the line fails."""
        if self.failed:
            return self.failed
        return {Severity.ERROR: "failed", Severity.WARNING: "warned", Severity.NOTICE: "noticed"}[self.severity]


# the lines about the cover


_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""What a unified social credit code is made of (GB 32100)."""


def list_cover_lines(places: TemplateLayout) -> Iterator[CheckLine]:
    """Yield the lines about who reports, for which year, and the codes, in the order of `check_keys`."""
    at = places.identity
    fields = {f"agency.{f.code}": f for f in identity.list_identity_fields()}
    keys = {key.rule: key for key in places.check_keys}

    def line(rule: str, left: str, right: str = "1", **rest: Any) -> CheckLine:  # noqa: ANN401
        """Return the line about one field of the cover, or several."""
        code, _, cells = keys[rule]
        what, link = "、".join(fields[cell].label for cell in cells), at[fields[cells[0]].code]
        return CheckLine(code, rule, messages.text("sheet.cover"), what, link, left, right, cells=cells, **rest)

    given = {f.code: _test_given(at[f.code]) for f in identity.list_identity_fields()}
    yield line("identity", f"IF({given['name']},1,0)", waiting="waiting", failed="waiting")
    year, years = at["year"].absolute, places.form.years
    until = "" if years.until == LAST else f",{year}<={years.until}"
    yield line(
        "form-in-force",
        f'IF(ISNUMBER({year}),IF({year}=INT({year}),{year},""),"")',
        f'"{describe_years(places.form)}"',
        waiting="waiting",
        known="ISNUMBER({left})",
        test=f"AND({year}>={years.from_}{until})",
    )
    asked = [f for f in identity.list_identity_fields() if f.required == Severity.WARNING]
    missing = "&".join(f'IF({given[f.code]},"","|{f.code}")' for f in asked)
    yield line(
        "identity-asked",
        "+".join(f"IF({given[f.code]},1,0)" for f in asked),
        str(len(asked)),
        present=f"MID({missing},2,99)",
    )
    yield line("credit-code", _test_credit_code(at["code"].absolute), array=True)
    yield line("region-code", _test_region_code(at["region"].absolute), array=True)
    level = at["level"].absolute
    listed = ",".join(f'{level}="{one.label}"' for one in identity.list_levels())
    yield line("level", f'IF(LEN({level})=0,"",IF(OR({listed}),1,0))')


def _test_credit_code(ref: str) -> str:
    """Return a formula: 1 for a social credit code whose check digit is right, 0 for another text, blank for none."""
    numbers = ",".join(str(n) for n in range(1, 19))
    weights = ",".join(str(pow(3, n, 31)) for n in range(17)) + ",1"
    total = f'SUM((FIND(MID({ref},{{{numbers}}},1),"{_SIGNS}")-1)*{{{weights}}})'
    valid = f"IF(LEN({ref})<>18,0,IF(ISERROR({total}),0,IF(MOD({total},31)=0,1,0)))"
    return f'IF(LEN({ref})=0,"",{valid})'


def _test_region_code(ref: str) -> str:
    """Return a formula: 1 for six digits that begin with a province, 0 for another text, blank for none."""
    provinces = "|" + "|".join(identity.get_provinces()) + "|"
    digits = f'SUM(--ISNUMBER(FIND(MID({ref},{{1,2,3,4,5,6}},1),"0123456789")))'
    known = f'ISNUMBER(FIND("|"&LEFT({ref},2)&"|","{provinces}"))'
    return f'IF(LEN({ref})=0,"",IF(LEN({ref})<>6,0,IF({digits}<6,0,IF({known},1,0))))'


def _test_given(spot: SheetCell) -> str:
    """Return the formula of whether a cell holds any text or number; an error value is none."""
    return f"IF(ISERROR({spot.absolute}),FALSE,LEN({trim_formula(spot.absolute)})>0)"


def trim_formula(ref: str) -> str:
    """Return the formula of a text without the spaces around it, full-width ones too."""
    return f'TRIM(SUBSTITUTE({ref},"　"," "))'


def describe_years(form: Form) -> str:
    """Return the report years a form is for, as a clerk reads them: 2021 年及以后."""
    years = form.years
    return messages.text(
        "line.year_from" if years.until == LAST else "line.year_range", **{"from": years.from_, "until": years.until}
    )


# the lines about figures: each rule of the form that a formula can evaluate


class FigureLines:
    """The rules about figures as lines: equations, what each table's cells must be, who may report, last year."""

    def __init__(self, places: TemplateLayout) -> None:
        self.places = places
        self.form = places.form

    def build_line(self, rule: Rule) -> CheckLine:
        """Return the line of one rule."""
        if isinstance(rule, Equation):
            return self._build_equation(rule)
        if isinstance(rule, CellDemand):
            return self._build_demand(rule)
        return self._build_level_test(rule) if isinstance(rule, AgencyLevelTest) else self._build_identical_test(rule)

    def _build_equation(self, rule: Equation) -> CheckLine:
        first = next(term for term in rule.terms if not term.previous)
        severity = rule_catalog.get_rule_book()[rule.rule].severity
        sign = "≤" if rule.op == "<=" else "＝"
        what = f"{describe_side(rule.left, rule).zh} {sign} {describe_side(rule.right, rule).zh}"
        return CheckLine(
            rule.code,
            rule.rule,
            describe_rule_place(self.form, rule).zh,
            what,
            self.places.cells[first.cell.code],
            left=self._format_sum(rule.left),
            right=self._format_sum(rule.right),
            cells=rule.cells,
            evaluated=rule,
            test="{difference}<=0" if rule.op == "<=" else "{difference}=0",
            waiting="unjudged" if rule.yearly else "waiting",
            present=self._format_present(rule) if severity is Severity.WARNING else "",
        )

    def _format_sum(self, terms: Sequence[EquationTerm]) -> str:
        refs = self._list_references(terms)
        plus = self._list_references([t for t in terms if t.sign > 0])
        minus = self._list_references([t for t in terms if t.sign < 0])
        total = f"SUM({','.join(plus)})" + (f"-SUM({','.join(minus)})" if minus else "")
        return f'IF(COUNT({",".join(refs)})={len(terms)},{total},"")'

    def _list_references(self, terms: Sequence[EquationTerm]) -> list[str]:
        now = [t.cell for t in terms if not t.previous]
        before = [t.cell for t in terms if t.previous]
        return self.places.references(now) + self.places.references(before, previous=True)

    def _format_present(self, rule: Equation) -> str:
        """Return the formula of the figures compared, in the rule's order, joined by bars; no number is a blank."""
        spots = [(self.places.previous if t.previous else self.places.cells)[t.cell.code] for t in rule.terms]
        return '&"|"&'.join(f'IF(ISNUMBER({spot.absolute}),{spot.absolute},"")' for spot in spots)

    def _build_demand(self, rule: CellDemand) -> CheckLine:
        refs = self.places.list_table_references(rule.table.code)
        count = len(rule.cells)
        marks = ",".join(f'"{mark}"' for mark in NOTHING_MARKS)
        blank = "+".join(f"COUNTBLANK({ref})+SUM(COUNTIF({ref},{{{marks}}}))" for ref in refs)
        left, right = {
            "filled": (f"{count}-({blank})", str(count)),
            "number": (f"{count}-COUNT({','.join(refs)})-({blank})", "0"),
            "whole-numbers": (self._count_broken(rule.cells), "0"),
        }[rule.rule]
        return CheckLine(
            code=rule.code,
            rule=rule.rule,
            where=f"{get_sheet_name(self.form, rule.table)}“{rule.table.title}”",
            what=messages.text(f"line.{rule.rule}"),
            link=self.places.cells[rule.cells[0].code],
            waiting="waiting",
            failed="waiting" if rule.rule == "filled" else "",
            left=left,
            right=right,
            evaluated=rule,
            array=True,
        )

    def _count_broken(self, cells: Iterable[Cell]) -> str:
        """Return the formula of how many figures (no texts, no errors) are broken or negative where they may not be."""
        parts = []
        kinds = groupby(sorted(cells, key=_get_cell_kind), key=_get_cell_kind)
        for (scale, signed), same in kinds:
            digits = len(str(scale)) - 1
            for ref in self.places.references(same):
                odd = f"({ref}<>ROUND({ref},{digits}))" + ("" if signed else f"+({ref}<0)")
                parts.append(f"SUM(IF(ISNUMBER({ref}),IF({odd},1,0),0))")
        return "+".join(parts)

    def _build_level_test(self, rule: AgencyLevelTest) -> CheckLine:
        refs = self.places.references(rule.cells)
        level = self.places.identity["level"].absolute
        labels = [v.label for v in identity.list_levels() if v.code in rule.levels]
        each = [self.places.cells[cell.code].absolute for cell in rule.cells]
        allowed = "OR(" + ",".join(f'{level}="{label}"' for label in labels) + ")"
        return CheckLine(
            rule.code,
            rule.rule,
            describe_rule_place(self.form, rule).zh,
            messages.text("line.allowed") + "：" + "、".join(labels),
            self.places.cells[rule.cells[0].code],
            cells=list_rule_cells(rule),
            left=f'IF(LEN({level})=0,"",MAX(0,{",".join(refs)}))',
            right=f"IF({allowed},MAX(0,{','.join(refs)}),0)",
            test="{difference}<=0",
            evaluated=rule,
            present='&"|"&'.join(f'IF(ISNUMBER({ref}),{ref},"")' for ref in each),
        )

    def _build_identical_test(self, rule: IdenticalToLastYearTest) -> CheckLine:
        (now,) = self.places.references(rule.cells)
        (before,) = self.places.references(rule.cells, previous=True)
        count = len(rule.cells)
        both = f"AND(COUNT({now})={count},COUNT({before})={count})"
        differ = f"IF(COUNTIF({now},0)={count},{count},SUMPRODUCT(--({now}<>{before})))"
        return CheckLine(
            rule.code,
            rule.rule,
            get_sheet_name(self.form, rule.table),
            messages.text("line.differs"),
            self.places.cells[rule.cells[0].code],
            evaluated=rule,
            left=f'IF({both},{differ},"")',
            right='""',
            known="ISNUMBER({left})",
            test="{left}>0",
        )


def _get_cell_kind(cell: Cell) -> tuple[int, bool]:
    return cell.unit.scale, cell.signed
