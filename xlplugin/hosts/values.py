"""What is in a cell, on its way between a spreadsheet program and Python."""
# ruff: noqa: ANN401  xlwings hands over whatever was assigned or found

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from workbook.model.numbers import is_exact

Rows = list[list[Any]]

_A_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(E[-+]?\d+)?\s*", re.IGNORECASE)


class CellError(str):
    """The error that a cell shows, such as ``#REF!``: never mistaken for a text that somebody typed."""

    __slots__ = ()


def as_taken(value: object) -> object:
    """A value as every program takes it without changing it: a number as a float, all else as it is.

    A float is the only number that all of them know. Of a Decimal Excel makes money of four digits, and cuts the rest
    off; a whole number beyond 32 bits it need not take; LibreOffice knows neither. What a float does not hold to the
    last digit is entered as the text of its digits.
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    return float(value) if is_exact(value) else f"'{Decimal(value):f}"


class Conversions:
    """What xlwings asks of an engine about single values. The same answers as Excel gives on Windows."""

    @staticmethod
    def prepare_xl_data_element(value: Any, _options: object) -> Any:
        """A value as it is written: nothing for NaN, plain Python types for those of numpy and pandas."""
        # By their methods: neither numpy nor pandas has to be installed.
        if hasattr(value, "to_pydatetime"):
            value = value.to_pydatetime()
        elif hasattr(value, "item") and callable(value.item):
            value = value.item()
        not_a_number = isinstance(value, float) and math.isnan(value)
        return "" if value is None or not_a_number or type(value).__name__ in {"NAType", "NaTType"} else value

    @staticmethod
    def clean_value_data(
        rows: Sequence[Sequence[Any]],
        datetime_builder: Callable[..., Any],
        empty_as: Any,
        number_builder: Callable[[float], Any] | None,
        err_to_str: bool,
    ) -> Rows:
        """Values as plugin code gets them.

        Numbers are floats unless ``options(numbers=int)`` was asked for; an error cell is None unless
        ``options(err_to_str=True)`` was, and then its name.
        """

        def cleaned(value: Any) -> Any:
            if value is None or value == "":
                return empty_as
            if isinstance(value, CellError):
                return str(value) if err_to_str else None
            if isinstance(value, dt.datetime):
                parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
                return datetime_builder(**{part: getattr(value, part) for part in parts}, tzinfo=None)
            if number_builder is not None and isinstance(value, float):
                return number_builder(value)
            return value

        return [[cleaned(value) for value in row] for row in rows]


def rows_of(data: Any, rows: int, columns: int) -> Rows:
    """What was assigned to a block, as rows: one value is meant for every cell."""
    if not isinstance(data, list | tuple):
        return [[data] * columns for _ in range(rows)]
    if data and not isinstance(data[0], list | tuple):
        return [list(data)]
    return [list(row) for row in data]


def as_number(text: str) -> float | None:
    """The number that Excel makes of a text when it is entered into a cell, or None when it stays a text."""
    return float(text) if _A_NUMBER.fullmatch(text) else None


def is_formula(value: object) -> bool:
    """Whether a value is entered as a formula."""
    return isinstance(value, str) and value.startswith("=") and len(value) > 1


def rgb(color: Any) -> tuple[int, int, int] | None:
    """A colour in any of the ways that xlwings takes: (r, g, b), "#rrggbb", Excel's number, or None for no colour."""
    if color is None:
        return None
    if isinstance(color, str):
        red, green, blue = bytes.fromhex(color.removeprefix("#"))
    elif isinstance(color, int):
        red, green, blue = color.to_bytes(3, "little")
    else:
        red, green, blue = color
    return red, green, blue
