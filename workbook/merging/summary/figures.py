"""How a figure stands in the summary: its value in the cell's unit, its style, and whether SUM can add it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from workbook.form import Cell
from workbook.numbers import Value, amount
from workbook.template.pen import CellValue, exact


def standing(value: Value, cell: Cell) -> Value:
    """A value as it stands in the sheet, in the cell's unit; words as words."""
    if value is None or isinstance(value, str):
        return value
    number = amount(value, cell.unit)
    return int(number) if number == int(number) else number


def style(kind: str, cell: Cell, value: Value) -> str:
    """The style of a figure: money and broken counts show their decimals."""
    broken = isinstance(value, Decimal) and value != int(value)
    return kind + ("_money" if cell.unit.scale > 1 or broken else "")


def places_of(values: Sequence[CellValue]) -> int | None:
    """Decimal places that hold every number among the values; None where a spreadsheet cannot hold one of them."""
    most = 0
    for value in values:
        if isinstance(value, int | Decimal):
            if not exact(value):
                return None
            exponent = Decimal(value).as_tuple().exponent
            most = max(most, -exponent if isinstance(exponent, int) else 0)
    return most


def rounded(formula: str, places: int) -> str:
    """A sum of decimals, rounded to the places its parts have: binary fractions leave a rest in the 16th digit."""
    return f"ROUND({formula},{places})" if places else formula
