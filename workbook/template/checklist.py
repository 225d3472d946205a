"""The lines of the sheet 校验: every rule a formula can judge, as live formulas and as the values they compute to.

Each line compares what is (现为) with what should be (应为), says the difference and a status, and has a place for the
reason. The same rules are judged by `workbook.check`; tests let a real spreadsheet program recalculate and compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby

from workbook import identity, rulebook
from workbook.finding import Severity
from workbook.form import LAST, Cell, Form
from workbook.layout import Box
from workbook.numbers import NOTHING_MARKS
from workbook.report import Answer, Report
from workbook.rules import Equation, IdenticalTest, LevelTest, Tally, Term, place, rules_of, sheet_name, side
from workbook.template.columns import ANSWERED, DIFFERENCE, GIVEN, LEFT, PRESENT, REASON, RIGHT
from workbook.template.line import Line, Value
from workbook.template.linevalues import value_of
from workbook.template.places import CHECKS_TOP, Places, Spot, area
from workbook.template.words import group, word

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Checklist:
    """All lines of 校验 for one form, in form order, at their places."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.form: Form = places.form
        self.sheet = word("sheet.checks")

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every line, first to last."""
        return (*self._identity(), *self._nothing_filled(), *self._figures(), *self._texts())

    @cached_property
    def rows(self) -> dict[str, int]:
        """Line code → its row on the sheet."""
        return {line.code: CHECKS_TOP + n for n, line in enumerate(self.lines)}

    def line(self, code: str) -> Line:
        """The line of that code."""
        return self.lines[self.rows[code] - CHECKS_TOP]

    @property
    def last_row(self) -> int:
        """The row of the last line."""
        return CHECKS_TOP + len(self.lines) - 1

    def column(self, column: int) -> str:
        """The absolute reference of one whole column of lines."""
        return area(self.sheet, Box(CHECKS_TOP, column, self.last_row, column))

    def _line(self, code: str, rule: str, where: str, what: str, link: Spot, **rest: object) -> Line:
        return Line(code=code, rule=rule, where=where, what=what, link=link, **rest)  # type: ignore[arg-type]

    # identity and form ------------------------------------------------------------------------------------------

    def _identity(self) -> Iterator[Line]:
        at = self.places.identity
        cover = word("sheet.cover")
        titles = {f.code: f.label for f in identity.fields()}
        name = at["name"]
        yield self._line(
            "agency.identity.name",
            "identity",
            cover,
            titles["name"],
            name,
            waiting="waiting",
            failed="waiting",
            left=f"IF({_given(name)},1,0)",
            right="1",
            test="{difference}=0",
            cells=("agency.name",),
        )
        year = at["year"].absolute
        years = self.form.years
        until = "" if years.until == LAST else f",{year}<={years.until}"
        shown = years_shown(self.form)
        yield self._line(
            "agency.form-in-force",
            "form-in-force",
            cover,
            titles["year"],
            at["year"],
            waiting="waiting",
            left=f'IF(ISNUMBER({year}),IF({year}=INT({year}),{year},""),"")',
            right=f'"{shown}"',
            known="ISNUMBER({left})",
            test=f"AND({year}>={years.from_}{until})",
            cells=("agency.year",),
        )
        asked = [f for f in identity.fields() if f.required == Severity.WARNING]
        filled = "+".join(f"IF({_given(at[f.code])},1,0)" for f in asked)
        missing = "&".join(f'IF({_given(at[f.code])},"","|{f.code}")' for f in asked)
        yield self._line(
            "agency.identity-asked",
            "identity-asked",
            cover,
            "、".join(f.label for f in asked),
            at[asked[0].code],
            waiting="unjudged",
            left=filled,
            right=str(len(asked)),
            test="{difference}=0",
            cells=tuple(f"agency.{f.code}" for f in asked),
            present=f"MID({missing},2,99)",
        )
        yield from self._codes(titles)
        yield self._known_level(titles["level"])

    def _codes(self, titles: dict[str, str]) -> Iterator[Line]:
        cover = word("sheet.cover")
        code, region = self.places.identity["code"], self.places.identity["region"]
        ref = code.absolute
        numbers = ",".join(str(n) for n in range(1, 19))
        weights = ",".join(str(pow(3, n, 31)) for n in range(17)) + ",1"
        total = f'SUM((FIND(MID({ref},{{{numbers}}},1),"{_SIGNS}")-1)*{{{weights}}})'
        valid = f"IF(LEN({ref})<>18,0,IF(ISERROR({total}),0,IF(MOD({total},31)=0,1,0)))"
        yield self._line(
            "agency.credit-code",
            "credit-code",
            cover,
            titles["code"],
            code,
            waiting="unjudged",
            cells=("agency.code",),
            left=f'IF(LEN({ref})=0,"",{valid})',
            right="1",
            array=True,
            test="{difference}=0",
        )
        ref = region.absolute
        provinces = "|" + "|".join(identity.provinces()) + "|"
        digits = f'SUM(--ISNUMBER(FIND(MID({ref},{{1,2,3,4,5,6}},1),"0123456789")))'
        known = f'ISNUMBER(FIND("|"&LEFT({ref},2)&"|","{provinces}"))'
        yield self._line(
            "agency.region-code",
            "region-code",
            cover,
            titles["region"],
            region,
            waiting="unjudged",
            cells=("agency.region",),
            right="1",
            array=True,
            test="{difference}=0",
            left=f'IF(LEN({ref})=0,"",IF(LEN({ref})<>6,0,IF({digits}<6,0,IF({known},1,0))))',
        )

    def _known_level(self, title: str) -> Line:
        spot = self.places.identity["level"]
        listed = ",".join(f'{spot.absolute}="{level.label}"' for level in identity.levels())
        return self._line(
            "agency.level",
            "level",
            word("sheet.cover"),
            title,
            spot,
            waiting="unjudged",
            cells=("agency.level",),
            left=f'IF(LEN({spot.absolute})=0,"",IF(OR({listed}),1,0))',
            right="1",
            test="{difference}=0",
        )

    def _nothing_filled(self) -> Iterator[Line]:
        blanks = "-".join(f"COUNTBLANK({ref})" for table in self.form.tables for ref in self._table(table.code))
        count = len(self.form.cells)
        yield self._line(
            "report.nothing-filled",
            "nothing-filled",
            "、".join(s.sheet for s in self.form.sheets),
            word("line.nothing_filled"),
            self.places.cells[self.form.cells[0].code],
            waiting="waiting",
            left=f"{count}-{blanks}",
            right=str(count),
            test="{left}>0",
            known="ISNUMBER({left})",
            failed="waiting",
        )

    # figures ----------------------------------------------------------------------------------------------------

    def _figures(self) -> Iterator[Line]:
        for rule in rules_of(self.form):
            if isinstance(rule, Equation):
                yield self._equation(rule)
            elif isinstance(rule, Tally):
                yield self._tally(rule)
            elif isinstance(rule, LevelTest):
                yield self._level(rule)
            else:
                yield self._identical(rule)

    def _equation(self, rule: Equation) -> Line:
        first = next(term for term in rule.terms if not term.previous)
        what = f"{side(rule.left, rule).zh} {'≤' if rule.op == '<=' else '＝'} {side(rule.right, rule).zh}"
        return self._line(
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

    def _table(self, code: str) -> list[str]:
        return self.places.references(cell for cell in self.form.cells if cell.table.code == code)

    def _tally(self, rule: Tally) -> Line:
        refs = self._table(rule.table.code)
        count = len(rule.cells)
        marks = ",".join(f'"{mark}"' for mark in NOTHING_MARKS)
        blank = "+".join(f"COUNTBLANK({ref})+SUM(COUNTIF({ref},{{{marks}}}))" for ref in refs)
        where = f"{sheet_name(self.form, rule.table)}“{rule.table.title}”"
        link = self.places.cells[rule.cells[0].code]
        if rule.rule == "filled":
            return self._line(
                rule.code,
                rule.rule,
                where,
                word("line.filled"),
                link,
                waiting="waiting",
                failed="waiting",
                left=f"{count}-({blank})",
                right=str(count),
                test="{difference}=0",
                judged=rule,
                array=True,
            )
        if rule.rule == "number":
            return self._line(
                rule.code,
                rule.rule,
                where,
                word("line.number"),
                link,
                waiting="waiting",
                judged=rule,
                array=True,
                left=f"{count}-COUNT({','.join(refs)})-({blank})",
                right="0",
                test="{difference}=0",
            )
        return self._line(
            rule.code,
            rule.rule,
            where,
            word("line.whole"),
            link,
            waiting="waiting",
            judged=rule,
            array=True,
            left=self._broken(rule.cells),
            right="0",
            test="{difference}=0",
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
        return self._line(
            rule.code,
            rule.rule,
            place(self.form, rule).zh,
            word("line.allowed") + "：" + "、".join(labels),
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
        return self._line(
            rule.code,
            rule.rule,
            sheet_name(self.form, rule.table),
            word("line.differs"),
            self.places.cells[rule.cells[0].code],
            waiting="unjudged",
            judged=rule,
            left=f'IF({both},{differ},"")',
            right='""',
            known="ISNUMBER({left})",
            test="{left}>0",
        )

    # texts ------------------------------------------------------------------------------------------------------

    def _texts(self) -> Iterator[Line]:
        sheet = word("sheet.texts")
        for code, text in self.places.texts.items():
            ref = self.places.names[f"texts.{code}"]
            yield self._line(
                f"texts.sections.{code}",
                "sections",
                sheet,
                f"{text.section.label}：{word('line.length')}",
                Spot(sheet, text.first, 1),
                waiting="waiting",
                failed="waiting",
                cells=(f"texts.{code}",),
                left=f"IF(SUM(LEN({_trimmed(ref)}))=0,0,SUM(LEN({ref})))",
                right='""',
                known="ISNUMBER({left})",
                test="{left}>0",
                array=True,
            )

    # formulas of a line -----------------------------------------------------------------------------------------

    def difference(self, row: int) -> str:
        """The difference of a line: blank unless both sides are numbers."""
        left, right = self._at(row, LEFT), self._at(row, RIGHT)
        return f'IF(AND(ISNUMBER({left}),ISNUMBER({right})),ROUND({left}-{right},6),"")'

    def status(self, line: Line, row: int) -> str:
        """The status of a line, in words; a warning with a reason that still holds is 已说明."""
        at = {"left": self._at(row, LEFT), "right": self._at(row, RIGHT), "difference": self._at(row, DIFFERENCE)}
        says = group("status")
        failing = f'"{says[line.failing]}"'
        if line.severity is Severity.WARNING:
            answered, present = self._at(row, ANSWERED), self._at(row, PRESENT)
            reason, given = self._at(row, REASON), self._at(row, GIVEN)
            holds = f'OR({answered}="",{answered}={present},{reason}<>{given})'
            reason = f"LEN(TRIM({reason}))>0"
            failing = f'IF({reason},IF({holds},"{says["answered"]}","{says["expired"]}"),{failing})'
        known, test = line.known.format(**at), line.test.format(**at)
        return f'IF({known},IF({test},"{says["passed"]}",{failing}),"{says[line.waiting]}")'

    @staticmethod
    def _at(row: int, column: int) -> str:
        return Spot("", row, column).a1

    @staticmethod
    def value(line: Line, report: Report, previous: Report | None, answer: Answer | None) -> Value:
        """What a line's formulas compute to for that report: the cached values of the workbook."""
        return value_of(line, report, previous, answer)


def _given(spot: Spot) -> str:
    """Whether a cell holds any text or number; an error value is none."""
    return f"IF(ISERROR({spot.absolute}),FALSE,LEN({_trimmed(spot.absolute)})>0)"


def _trimmed(ref: str) -> str:
    """A text without the spaces around it, full-width ones too."""
    return f'TRIM(SUBSTITUTE({ref},"　"," "))'


def years_shown(form: Form) -> str:
    """The report years a form is for, as a clerk reads them: 2021 年及以后."""
    years = form.years
    return word(
        "line.year_from" if years.until == LAST else "line.year_range", **{"from": years.from_, "until": years.until}
    )


def _kind(cell: Cell) -> tuple[int, bool]:
    return cell.unit.scale, cell.signed
