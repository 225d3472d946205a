"""What a cell may hold, and whether a spreadsheet holds a number exactly."""

from __future__ import annotations

from decimal import Decimal

CellValue = int | float | Decimal | str | None


def exact(value: float | Decimal) -> bool:
    """Whether a spreadsheet's 15 digits hold that number."""
    if isinstance(value, int) and abs(value) < 10**15:
        return True
    number = Decimal(value) if isinstance(value, int) else value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        return False
    return Decimal(format(float(number), ".15g")) == number
