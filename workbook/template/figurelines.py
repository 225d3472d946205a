"""The lines of 校验 about figures: each rule of the form that a formula can judge, over the cells of its sheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from workbook import identity, rulebook
from workbook.finding import Severity
from workbook.form import Cell
from workbook.numbers import NOTHING_MARKS
from workbook.rules import Equation, IdenticalTest, LevelTest, Rule, Tally, Term, place, sheet_name, side
from workbook.safety.messages import load_messages
from workbook.template.line import Line
from workbook.template.places import Places

messages = load_messages("workbook.template")


class FigureLines:
    """The rules about figures as lines: equations, what each table's cells must be, who may report, last year."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.form = places.form

    def of(self, rule: Rule) -> Line:
        """The line of one rule."""
        if isinstance(rule, Equation):
            return self._equation(rule)
        if isinstance(rule, Tally):
            return self._tally(rule)
        return self._level(rule) if isinstance(rule, LevelTest) else self._identical(rule)

    def _equation(self, rule: Equation) -> Line:
        first = next(term for term in rule.terms if not term.previous)
        what = f"{side(rule.left, rule).zh} {'≤' if rule.op == '<=' else '＝'} {side(rule.right, rule).zh}"
        return Line(
            rule.code,
            rule.rule,
            place(self.form, rule).zh,
            what,
            self.places.cells[first.cell.code],
            left=self._sum(rule.left),
            right=self._sum(rule.right),
            cells=rule.cells,
            judged=rule,
            test="{difference}<=0" if rule.op == "<=" else "{difference}=0",
            waiting="unjudged" if rule.yearly else "waiting",
            present=self._present(rule) if rulebook.norms()[rule.rule].severity is Severity.WARNING else "",
        )

    def _sum(self, terms: Sequence[Term]) -> str:
        refs = self._refs(terms)
        plus = self._refs([t for t in terms if t.sign > 0])
        minus = self._refs([t for t in terms if t.sign < 0])
        total = f"SUM({','.join(plus)})" + (f"-SUM({','.join(minus)})" if minus else "")
        return f'IF(COUNT({",".join(refs)})={len(terms)},{total},"")'

    def _refs(self, terms: Sequence[Term]) -> list[str]:
        now = [t.cell for t in terms if not t.previous]
        before = [t.cell for t in terms if t.previous]
        return self.places.references(now) + self.places.references(before, previous=True)

    def _present(self, rule: Equation) -> str:
        """The figures compared, in the rule's own order, joined by bars; anything but a number counts as blank."""
        spots = [(self.places.previous if t.previous else self.places.cells)[t.cell.code] for t in rule.terms]
        return '&"|"&'.join(f'IF(ISNUMBER({spot.absolute}),{spot.absolute},"")' for spot in spots)

    def _tally(self, rule: Tally) -> Line:
        refs = self.places.of_table(rule.table.code)
        count = len(rule.cells)
        marks = ",".join(f'"{mark}"' for mark in NOTHING_MARKS)
        blank = "+".join(f"COUNTBLANK({ref})+SUM(COUNTIF({ref},{{{marks}}}))" for ref in refs)
        left, right = {
            "filled": (f"{count}-({blank})", str(count)),
            "number": (f"{count}-COUNT({','.join(refs)})-({blank})", "0"),
            "whole-numbers": (self._broken(rule.cells), "0"),
        }[rule.rule]
        return Line(
            code=rule.code,
            rule=rule.rule,
            where=f"{sheet_name(self.form, rule.table)}“{rule.table.title}”",
            what=messages.text(f"line.{rule.rule}"),
            link=self.places.cells[rule.cells[0].code],
            waiting="waiting",
            failed="waiting" if rule.rule == "filled" else "",
            left=left,
            right=right,
            test="{difference}=0",
            judged=rule,
            array=True,
        )

    def _broken(self, cells: Iterable[Cell]) -> str:
        """How many figures are broken or negative where they may not be; text and errors are not counted here."""
        parts = []
        kinds = groupby(sorted(cells, key=_kind), key=_kind)
        for (scale, signed), same in kinds:
            digits = len(str(scale)) - 1
            for ref in self.places.references(same):
                odd = f"({ref}<>ROUND({ref},{digits}))" + ("" if signed else f"+({ref}<0)")
                parts.append(f"SUM(IF(ISNUMBER({ref}),IF({odd},1,0),0))")
        return "+".join(parts)

    def _level(self, rule: LevelTest) -> Line:
        refs = self.places.references(rule.cells)
        level = self.places.identity["level"].absolute
        labels = [v.label for v in identity.levels() if v.code in rule.levels]
        allowed = "OR(" + ",".join(f'{level}="{label}"' for label in labels) + ")"
        return Line(
            rule.code,
            rule.rule,
            place(self.form, rule).zh,
            messages.text("line.allowed") + "：" + "、".join(labels),
            self.places.cells[rule.cells[0].code],
            waiting="unjudged",
            cells=tuple(c.code for c in rule.cells),
            left=f'IF(LEN({level})=0,"",MAX(0,{",".join(refs)}))',
            right=f"IF({allowed},MAX(0,{','.join(refs)}),0)",
            test="{difference}<=0",
            judged=rule,
            present='&"|"&'.join(f'IF(ISNUMBER({ref}),{ref},"")' for ref in self._each(rule.cells)),
        )

    def _each(self, cells: Iterable[Cell]) -> list[str]:
        return [self.places.cells[cell.code].absolute for cell in cells]

    def _identical(self, rule: IdenticalTest) -> Line:
        (now,) = self.places.references(rule.cells)
        (before,) = self.places.references(rule.cells, previous=True)
        count = len(rule.cells)
        both = f"AND(COUNT({now})={count},COUNT({before})={count})"
        differ = f"IF(COUNTIF({now},0)={count},{count},SUMPRODUCT(--({now}<>{before})))"
        return Line(
            rule.code,
            rule.rule,
            sheet_name(self.form, rule.table),
            messages.text("line.differs"),
            self.places.cells[rule.cells[0].code],
            waiting="unjudged",
            judged=rule,
            left=f'IF({both},{differ},"")',
            right='""',
            known="ISNUMBER({left})",
            test="{left}>0",
        )


def _kind(cell: Cell) -> tuple[int, bool]:
    return cell.unit.scale, cell.signed
