"""Addresses of cells as Excel writes them: ``A1``, ``$B$2:$C$9``, ``'表 三'!A1``, ``A:C``, ``2:5``."""

from __future__ import annotations

import re
from typing import NamedTuple

from xlwings.constants import MAX_COLUMNS, MAX_ROWS

_CELLS = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?", re.IGNORECASE)
_COLUMNS = re.compile(r"\$?([A-Z]{1,3}):\$?([A-Z]{1,3})", re.IGNORECASE)
_ROWS = re.compile(r"\$?(\d+):\$?(\d+)")
_WITH_SHEET = re.compile(r"(?:'((?:[^']|'')+)'|([^'!]+))!(.+)")
_BARE_SHEET_NAME = re.compile(r"[^\W\d]\w*")


class Area(NamedTuple):
    """A rectangle of cells; rows and columns count from 1."""

    row: int
    column: int
    rows: int = 1
    columns: int = 1

    @classmethod
    def between(cls, first_row: int, first_column: int, last_row: int, last_column: int) -> Area:
        """The rectangle that has these corners."""
        return cls(first_row, first_column, last_row - first_row + 1, last_column - first_column + 1)

    @property
    def last_row(self) -> int:
        """The lowest row in it."""
        return self.row + self.rows - 1

    @property
    def last_column(self) -> int:
        """The rightmost column in it."""
        return self.column + self.columns - 1

    @property
    def unbounded(self) -> bool:
        """Whether it is whole rows or whole columns."""
        return self.rows >= MAX_ROWS or self.columns >= MAX_COLUMNS

    def cell(self, row: int, column: int) -> Area:
        """One cell; its row and column are counted from 0 within this rectangle."""
        return Area(self.row + row, self.column + column)

    def hull(self, other: Area) -> Area:
        """The smallest rectangle around both."""
        return Area.between(
            min(self.row, other.row),
            min(self.column, other.column),
            max(self.last_row, other.last_row),
            max(self.last_column, other.last_column),
        )

    def shared(self, other: Area) -> Area | None:
        """The cells that are in both."""
        top, left = max(self.row, other.row), max(self.column, other.column)
        bottom, right = min(self.last_row, other.last_row), min(self.last_column, other.last_column)
        return Area.between(top, left, bottom, right) if top <= bottom and left <= right else None

    def text(self, *, row_absolute: bool = True, column_absolute: bool = True) -> str:
        """Its address without the sheet."""
        across, down = ("$" if column_absolute else ""), ("$" if row_absolute else "")
        left, right = across + _letters(self.column), across + _letters(self.last_column)
        top, bottom = f"{down}{self.row}", f"{down}{self.last_row}"
        if self.rows >= MAX_ROWS and self.columns < MAX_COLUMNS:
            return f"{left}:{right}"
        if self.columns >= MAX_COLUMNS:
            return f"{top}:{bottom}"
        return left + top if self.rows == self.columns == 1 else f"{left}{top}:{right}{bottom}"


def parse(text: str) -> Area | None:
    """The cells of an address without a sheet, or None when the text is something else, such as a name."""
    if found := _CELLS.fullmatch(text):
        left, top, right, bottom = found.groups()
        first = Area(int(top), _column(left))
        return first.hull(Area(int(bottom), _column(right))) if right else first
    if found := _COLUMNS.fullmatch(text):
        left, right = sorted(map(_column, found.groups()))
        return Area.between(1, left, MAX_ROWS, right)
    if found := _ROWS.fullmatch(text):
        top, bottom = sorted(map(int, found.groups()))
        return Area.between(top, 1, bottom, MAX_COLUMNS)
    return None


def split(text: str) -> tuple[str | None, str]:
    """The sheet that an address names, or None, and the rest of it."""
    found = _WITH_SHEET.fullmatch(text)
    if found is None:
        return None, text
    quoted, bare, cells = found.groups()
    return (quoted.replace("''", "'") if quoted else bare), cells


def quoted(sheet: str) -> str:
    """The name of a sheet as it stands in an address."""
    if _BARE_SHEET_NAME.fullmatch(sheet) and parse(sheet) is None:
        return sheet
    return "'" + sheet.replace("'", "''") + "'"


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
