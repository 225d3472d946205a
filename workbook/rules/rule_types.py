"""The rules of a form as values that can be evaluated: equations over cells, demands on single cells, and tests.

Sum rules follow from structure (`into`); other equations are stated in the form's file. The same rule objects are
evaluated by Python (`evaluation`), written into the workbook as live formulas, and printed in the rule book.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import localcontext
from functools import cache, cached_property, partial
from typing import Literal, NamedTuple

from workbook.model.form import PREVIOUS, Cell, Form, FormLine, RuleSpec, Table
from workbook.model.numbers import EXACT, Number, Value
from workbook.model.rule_catalog import get_phrase
from workbook.safety.messages import Bilingual


class EquationTerm(NamedTuple):
    """One cell in an equation: its sign (1 or -1), and whether last year's figure is meant (`previous`)."""

    cell: Cell
    sign: int = 1
    previous: bool = False


@dataclass(frozen=True)
class FigureRule:
    """Base of the rules over figures: its entry in the rule book, and the table whose cells it is about."""

    rule: str
    table: Table

    @property
    def code(self) -> str:
        """The code of this one rule: table and rule, and of several of a kind the line: `requests.balance.person`."""
        return ".".join((self.table.code, self.rule, *self._line_codes()))

    def _line_codes(self) -> tuple[str, ...]:
        """What tells this rule from others of its kind in the table; nothing where there is one alone."""
        return ()


@dataclass(frozen=True)
class Equation(FigureRule):
    """`left = right` (or `<=`) over cells of one row or column: `left` is the figure stated, `right` what it should be.

    `sums` marks a sum that follows from the form's structure. Whatever adds up an equation calls `evaluate_sides`.
    """

    line: FormLine
    left: tuple[EquationTerm, ...]
    right: tuple[EquationTerm, ...]
    op: Literal["=", "<="] = "="
    sums: bool = False

    def _line_codes(self) -> tuple[str, ...]:
        return (self.line.code,)

    @property
    def terms(self) -> tuple[EquationTerm, ...]:
        """All terms, those of the left side first."""
        return (*self.left, *self.right)

    @property
    def cells(self) -> tuple[str, ...]:
        """Codes of this year's cells, the one to look at first in front; last year's cannot be corrected here."""
        return tuple(term.cell.code for term in self.terms if not term.previous)

    @property
    def yearly(self) -> bool:
        """Whether last year's report is needed to evaluate it."""
        return any(term.previous for term in self.terms)

    @cached_property
    def coefficients(self) -> dict[int, int]:
        """Cell index → how often this year's figure counts in left − right: a cell may be named more than once."""
        coefficients: dict[int, int] = {}
        for weight, terms in ((1, self.left), (-1, self.right)):
            for term in terms:
                if not term.previous:
                    coefficients[term.cell.index] = coefficients.get(term.cell.index, 0) + weight * term.sign
        return {index: coefficient for index, coefficient in coefficients.items() if coefficient}

    def evaluate_sides(self, values: Sequence[Value], previous: Sequence[Value] | None = None) -> EquationSides:
        """Add up both sides (base units, exactly); a side is None where one of its cells holds no number.

        `values` are this year's in form order, `previous` last year's; without those a side that needs them is None.
        """
        with localcontext(EXACT):
            return EquationSides(add_terms(self.left, values, previous), add_terms(self.right, values, previous))


class EquationSides(NamedTuple):
    """The two sides of an equation, added up (base units); None where a cell holds no number."""

    left: Number | None
    right: Number | None


def add_terms(
    terms: Iterable[EquationTerm], values: Sequence[Value], previous: Sequence[Value] | None = None
) -> Number | None:
    """Add up cells (base units); None where one holds no number. Exact only in the context `numbers.EXACT`."""
    total: Number = 0
    for cell, sign, of_last_year in terms:
        source = previous if of_last_year else values
        value = None if source is None else source[cell.index]
        if value is None or isinstance(value, str):
            return None
        total += sign * value
    return total


@dataclass(frozen=True)
class CellDemand(FigureRule):
    """A demand on every single cell of a table; `rule` is `filled`, `number` or `whole-numbers`."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class AgencyLevelTest(FigureRule):
    """Cells that may be above 0 only for agencies of certain levels."""

    line: FormLine
    cells: tuple[Cell, ...]
    levels: tuple[str, ...]

    def _line_codes(self) -> tuple[str, ...]:
        return (self.line.code,)


@dataclass(frozen=True)
class IdenticalToLastYearTest(FigureRule):
    """A table must not equal last year's cell by cell, unless all is zero."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class MoneyScaleTest(FigureRule):
    """An amount of money must not be about 10,000 times last year's, or a ten-thousandth of it: 元 taken for 万元."""

    cell: Cell

    def _line_codes(self) -> tuple[str, ...]:
        return self.cell.row.code, self.cell.column.code


Rule = Equation | CellDemand | AgencyLevelTest | IdenticalToLastYearTest

CELL_DEMANDS = ("filled", "number", "whole-numbers")


@cache
def list_rules(form: Form) -> tuple[Rule, ...]:
    """List every rule over a form's figures, table by table: demands on cells, derived sums, stated rules."""
    return tuple(rule for table in form.tables for rule in _table_rules(form, table))


@cache
def list_equations(form: Form) -> tuple[Equation, ...]:
    """List the equations among a form's rules."""
    return tuple(rule for rule in list_rules(form) if isinstance(rule, Equation))


def list_scale_tests(form: Form) -> tuple[MoneyScaleTest, ...]:
    """List a scale test for every amount of money; not among `list_rules`: no formula of the workbook evaluates it."""
    return tuple(MoneyScaleTest("unit-scale", cell.table, cell) for cell in form.cells if cell.unit.scale > 1)


@cache
def list_rules_with_scale_tests(form: Form) -> tuple[Rule | MoneyScaleTest, ...]:
    """List the rules over figures in the order of evaluation: `list_rules`, and the scale tests of each table."""
    order = {table.code: n for n, table in enumerate(form.tables)}
    return tuple(sorted((*list_rules(form), *list_scale_tests(form)), key=lambda rule: order[rule.table.code]))


def _table_rules(form: Form, table: Table) -> Iterator[Rule]:
    cells = tuple(cell for cell in form.cells if cell.table.code == table.code)
    for name in CELL_DEMANDS:
        yield CellDemand(name, table, cells)
    yield from list_sum_rules(form, table)
    for stated in table.rule:
        yield from _stated(form, table, stated)


def list_sum_rules(form: Form, table: Table) -> Iterator[Equation]:
    """Yield the sums that follow from `into`: down each column into total rows, along each row into total columns."""
    for down in (True, False):
        summed, lines = (table.rows, table.columns) if down else (table.columns, table.rows)
        term = partial(_read_term, form, table, down=down)
        for total, parts in list_totals_with_parts(summed):
            for line in lines:
                left, right = (term(line, total.code),), tuple(term(line, part.code) for part in parts)
                yield Equation(total.rule, table, line, left, right, sums=True)


def list_totals_with_parts(lines: tuple[FormLine, ...]) -> Iterator[tuple[FormLine, tuple[FormLine, ...]]]:
    """Yield each total among rows (or columns) with the lines that count into it."""
    for total in lines:
        parts = tuple(line for line in lines if line.into == total.code)
        if parts:
            yield total, parts


def _stated(form: Form, table: Table, stated: RuleSpec) -> Iterator[Rule]:
    down = stated.each == "column"
    lines = table.columns if down else table.rows
    chosen = [line for line in lines if not stated.lines or line.code in stated.lines]
    term = partial(_read_term, form, table, down=down)
    if stated.test == "identical":
        yield IdenticalToLastYearTest(stated.id, table, tuple(c for c in form.cells if c.table.code == table.code))
        return
    for line in chosen:
        if stated.test == "level":
            across = table.rows if down else table.columns
            cells = tuple(term(line, other.code).cell for other in across)
            yield AgencyLevelTest(stated.id, table, line, cells, stated.levels)
        else:
            left, right = (tuple(term(line, name) for name in side) for side in (stated.left, stated.right))
            yield Equation(stated.id, table, line, left, right, stated.op)


def _read_term(form: Form, table: Table, line: FormLine, name: str, *, down: bool) -> EquationTerm:
    """The term that a form file writes as `granted`, `-repealed` or `carried@previous`.

    `name` is a row, and `line` the column it is of (`down`); or a column, and `line` the row.
    """
    code = name.removeprefix("-").removesuffix(PREVIOUS)
    cell = form.cell(table.cell(code, line.code) if down else table.cell(line.code, code))
    return EquationTerm(cell, -1 if name.startswith("-") else 1, name.endswith(PREVIOUS))


def describe_rule_place(form: Form, rule: Equation | AgencyLevelTest) -> Bilingual:
    """Name the row or column that a rule is about, as messages do: “表三“自然人”列”."""
    sheet = get_sheet_name(form, rule.table)
    column = rule.line in rule.table.columns
    kind = ("row" if column else "group") if rule.table.layout == "across" else "column" if column else "row"
    return get_phrase("place", sheet=sheet, line=rule.line.brief, kind=get_phrase(f"line-{kind}"))


def get_sheet_name(form: Form, table: Table) -> str:
    """Return the name of the sheet a table is printed on: 表三."""
    return next(section.sheet for section in form.sections if section.code == table.section)


def describe_side(terms: tuple[EquationTerm, ...], equation: Equation) -> Bilingual:
    """Describe one side of an equation: “三、总计＋四、结转”; of more than four cells only the first and the last."""
    down = equation.line in equation.table.columns
    zh, en = "", ""
    names = [(t, (t.cell.row if down else t.cell.column).brief) for t in terms]
    if len(names) > 4:
        return get_phrase("long-sum", first=names[0][1], last=names[-1][1])
    for term, words in names:
        plus = "－" if term.sign < 0 else "＋" if zh else ""
        minus = " − " if term.sign < 0 else " + " if en else ""
        zh += plus + ("上年" if term.previous else "") + words.zh
        en += minus + ("last year's " if term.previous else "") + words.en
    return Bilingual(zh, en)
