"""Computes the formula of an entry cell, where it does no more than arithmetic with numbers and cells.

A clerk who types `=90+6` or `=C5+1` into an entry cell means the result. A file stores a result beside the formula, and
may store any; a spreadsheet computes anew when it opens the file. What is computed here can be held against what is
stored; a formula that does more (functions, texts, other files, the time of day) cannot.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Final

from workbook.model.cell_address import Place, parse_range

GetNumber = Callable[[str, Place], Decimal | None]
"""The number typed into a cell of a sheet (blank: the formula's own); 0 for an empty one, None for anything else."""

LONGEST: Final = 500
"""A longer formula is not computed: what clerks type is shorter."""
MOST_CELLS: Final = 2_000
MOST_DIGITS: Final = 20
DEEPEST: Final = 20
"""Brackets within brackets."""
_EXACT: Final = Context(prec=40, traps=[InvalidOperation, Overflow, DivisionByZero])

_SHEET: Final = r"(?:(?:'(?P<quoted>[^'\[\]]{1,64})'|(?P<sheet>\w{1,64}))!)?"
"""A sheet in front of an address: `表三!` or `'表 三'!`, none where the formula's own is meant."""
_TOKEN: Final = re.compile(
    rf"\s*(?:(?P<number>[0-9]+(?:\.[0-9]*)?(?:E[+-]?[0-9]{{1,2}})?|\.[0-9]+)"
    rf"|(?P<sum>SUM\()"
    rf"|{_SHEET}(?P<cells>\$?[A-Z]{{1,3}}\$?[0-9]{{1,7}}(?::\$?[A-Z]{{1,3}}\$?[0-9]{{1,7}})?)(?![\w(.])"
    rf"|(?P<sign>[-+*/^%(),]))\s*",
    re.IGNORECASE,
)
"""One piece of a formula: `12.5`, `SUM(`, `表三!$D$6:E7`, or a sign of arithmetic."""


class _NotSimple(Exception):
    """The formula does more than arithmetic."""


def compute_formula(formula: str, get_number: GetNumber) -> Decimal | None:
    """The result of a formula (without its `=`); None where it does more than arithmetic, or has no result."""
    if len(formula) > LONGEST:
        return None
    try:
        result = _Computation(formula, get_number).compute()
    except (_NotSimple, ArithmeticError):
        return None
    return result if result.is_finite() and result.adjusted() <= MOST_DIGITS else None


class _Computation:
    """One formula on its way: recursive descent, from what binds least (+ -) to what binds most (%)."""

    def __init__(self, formula: str, get_number: GetNumber) -> None:
        self._get_number = get_number
        self._tokens: list[re.Match[str]] = []
        at = 0
        while at < len(formula):
            match = _TOKEN.match(formula, at)
            if match is None:
                raise _NotSimple
            self._tokens.append(match)
            at = match.end()
        self._next = self._depth = 0

    def compute(self) -> Decimal:
        result = self._add()
        if self._next < len(self._tokens):
            raise _NotSimple
        return result

    def _take(self, signs: str) -> str:
        """The next sign if it is one of those; blank if not."""
        if self._next < len(self._tokens) and (sign := self._tokens[self._next]["sign"]) and sign in signs:
            self._next += 1
            return sign
        return ""

    def _add(self) -> Decimal:
        result = self._multiply()
        while sign := self._take("+-"):
            other = self._multiply()
            result = _EXACT.add(result, other) if sign == "+" else _EXACT.subtract(result, other)
        return result

    def _multiply(self) -> Decimal:
        result = self._power()
        while sign := self._take("*/"):
            other = self._power()
            result = _EXACT.multiply(result, other) if sign == "*" else _EXACT.divide(result, other)
        return result

    def _power(self) -> Decimal:
        result = self._signed()
        while self._take("^"):
            result = _EXACT.power(result, self._signed())
        return result

    def _signed(self) -> Decimal:
        """A sign binds more than a power in a spreadsheet: -2^2 is 4."""
        negative = False
        while sign := self._take("+-"):
            negative ^= sign == "-"
        result = self._one()
        while self._take("%"):
            result = _EXACT.divide(result, Decimal(100))
        return -result if negative else result

    def _one(self) -> Decimal:
        """A number, a cell, a sum, or something in brackets."""
        if self._take("("):
            return self._bracket()
        if self._next == len(self._tokens):
            raise _NotSimple
        token = self._tokens[self._next]
        self._next += 1
        if token["number"]:
            return Decimal(token["number"])
        if token["sum"]:
            return self._sum()
        if token["cells"] and ":" not in token["cells"]:
            return self._cells(token)[0]
        raise _NotSimple

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _NotSimple

    def _bracket(self) -> Decimal:
        self._descend()
        result = self._add()
        if not self._take(")"):
            raise _NotSimple
        self._depth -= 1
        return result

    def _sum(self) -> Decimal:
        """SUM(D6:F6,H6): areas, or what may be added."""
        self._descend()
        total = Decimal(0)
        while True:
            token = self._tokens[self._next] if self._next < len(self._tokens) else None
            if token is not None and token["cells"] and ":" in token["cells"]:
                self._next += 1
                some = self._cells(token)
            else:
                some = [self._add()]
            for one in some:
                total = _EXACT.add(total, one)
            if self._take(")"):
                self._depth -= 1
                return total
            if not self._take(","):
                raise _NotSimple

    def _cells(self, token: re.Match[str]) -> list[Decimal]:
        area = parse_range(token["cells"].replace("$", "").upper())
        if area is None:
            raise _NotSimple
        _, top, left, bottom, right = area
        if (bottom - top + 1) * (right - left + 1) > MOST_CELLS:
            raise _NotSimple
        sheet = token["quoted"] or token["sheet"] or ""
        places = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
        numbers = [self._get_number(sheet, place) for place in places]
        if any(number is None for number in numbers):
            raise _NotSimple
        return [number for number in numbers if number is not None]
