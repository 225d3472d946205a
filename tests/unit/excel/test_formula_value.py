"""What a simple formula gives, as a spreadsheet computes it; formulas that do more are left alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workbook.excel.reading.formula_value import compute_formula
from workbook.model.cell_address import Place

TYPED = {("", (4, 2)): Decimal(4), ("", (4, 3)): Decimal("7.5"), ("表 三", (5, 3)): Decimal(30)}
"""C5, D5, and D6 of another sheet."""


def number(sheet: str, place: Place) -> Decimal | None:
    if sheet not in ("", "表 三") or place == (8, 8):  # I9 holds a text
        return None
    return TYPED.get((sheet, place), Decimal(0))


SIMPLE = {
    "5": 5, "90+6": 96, " 2 * ( 3 + 4 ) ": 14, "-2^2": 4, "2^-1": 0.5, "10-4-3": 3, "100/10/5": 2, "500%": 5,
    "1.5E1": 15, ".5+.5": 1, "C5+1": 5, "$C$5": 4, "c5*d5": 30, "Z99": 0, "'表 三'!$D$6-1": 29, "SUM(C5:D5)": 11.5,
    "sum(C5:D5,3,C5)": 18.5,
    "+5": 5, "--5": 5, "SUM(1,SUM(2,3))": 6,
}  # fmt: skip
OTHER = (
    "", " ", "IF(1=1,5,7)", "TODAY()", '"5"', "C5:D5", "1+", "(1", "1)", "1/0", "0^-1", "9^9^9^9", "I9+1", "别的!C5",
    "[1]表!C5", "SUM()", "SUM(C5", "ROUND(5,0)", "LOG10(5)", "C5 D5", "A1048577", "1=1", "5;6",
    "(" * 40 + "1" + ")" * 40, "1+" * 400 + "1",
    "SUM(A1:Z1000)",
)  # fmt: skip


@pytest.mark.parametrize("formula", SIMPLE)
def test_arithmetic_with_numbers_and_cells_is_computed(formula: str) -> None:
    assert compute_formula(formula, number) == Decimal(str(SIMPLE[formula]))


@pytest.mark.parametrize("formula", OTHER)
def test_a_formula_that_does_more_or_gives_nothing_is_not(formula: str) -> None:
    assert compute_formula(formula, number) is None
