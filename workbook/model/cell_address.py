"""Formats and parses addresses (`D6`, `'表三'!$D$6:$J$30`), and shifts the references of a copied formula."""

from __future__ import annotations

import re
from functools import lru_cache

Place = tuple[int, int]
"""Row and column of a cell, counted from 0."""

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 0, both ends included."""

ROWS, COLUMNS = 1_048_576, 16_384
"""How large a sheet may be."""

# One cell: D6, d6, $D$6.
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")

# One area of this workbook, with or without its sheet: 表三!$D$6:$J$30, '表 三'!D6, D6:J30; in a quoted name '' is one
# '. Not found: [book.xlsx]表三!D6 (another workbook), #REF!, two areas.
_RANGE = re.compile(
    r"(?:(?:'((?:[^'\[\]]|'')+)'|([^'!:,#\[\]()]+))!)?"
    r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6}))?"
)

# References in a formula: a cell ($D6), columns (A:B), rows (1:3). Texts and quoted sheet names are matched only to be
# stepped over; a name that looks like a cell (TAX2024, LOG10(…), D6!) is none.
_TOKEN = re.compile(
    r""""[^"]*"|'[^']*'
    |(?<![\w.$])(?:
      (?P<dc>\$?)(?P<col>[A-Za-z]{1,3})(?P<dr>\$?)(?P<row>[1-9][0-9]{0,6})(?![\w.(!])
     |(?P<lc>\$?[A-Za-z]{1,3}):(?P<rc>\$?[A-Za-z]{1,3})(?![\w.(!])
     |(?P<lr>\$?[1-9][0-9]{0,6}):(?P<rr>\$?[1-9][0-9]{0,6})(?![\w.(!])
    )""",
    re.VERBOSE,
)


class _OffSheet(Exception):
    """A copied reference left the sheet."""


def format_address(row: int, col: int) -> str:
    """Spell a place as users do: `format_address(5, 3)` is `D6`."""
    return f"{_letters(col)}{row + 1}"


@lru_cache(maxsize=1 << 16)  # the same few thousand places come in every sheet of every file
def parse_address(text: str) -> Place:
    """Find the place that `D6`, `d6` or `$D$6` names; ValueError where the text names no cell."""
    match = _CELL.fullmatch(text)
    place = _place(match[1], match[2]) if match else None
    if place is None:
        raise ValueError(f"not a cell: {text!r}")
    return place


def parse_range(text: str) -> tuple[str, int, int, int, int] | None:
    """Take `'表 三'!$D$6:$J$30` apart into sheet and area; None for anything but one area of this workbook.

    The sheet is empty where the text names none. A name whose cells were deleted says `#REF!` and gives None.
    """
    match = _RANGE.fullmatch(text.strip().removeprefix("="))
    if match is None:
        return None
    quoted, plain, left, top, right, bottom = match.groups()
    first = _place(left, top)
    last = _place(right, bottom) if right else first
    if first is None or last is None:
        return None
    rows, cols = sorted((first[0], last[0])), sorted((first[1], last[1]))
    return quoted.replace("''", "'") if quoted else plain or "", rows[0], cols[0], rows[1], cols[1]


def shift_formula(formula: str, down: int, right: int) -> str | None:
    """Write a formula as it reads when copied `down` rows and `right` columns; None where that is not simple."""
    if "[" in formula:  # a table's column or another workbook: what looks like a cell there is a name
        return None
    try:
        return _TOKEN.sub(lambda match: _moved(match, down, right), formula)
    except _OffSheet:
        return None


def _moved(match: re.Match[str], down: int, right: int) -> str:
    if match["col"]:
        if _place(match["col"], match["row"]) is None:  # ZZZ9 is a name, not a cell
            return match[0]
        return _column(match["dc"] + match["col"], right) + _row(match["dr"] + match["row"], down)
    if match["lc"]:
        return f"{_column(match['lc'], right)}:{_column(match['rc'], right)}"
    if match["lr"]:
        return f"{_row(match['lr'], down)}:{_row(match['rr'], down)}"
    return match[0]


def _column(text: str, right: int) -> str:
    if text.startswith("$"):
        return text
    col = _number(text) + right
    if not 0 <= col < COLUMNS:
        raise _OffSheet
    return _letters(col)


def _row(text: str, down: int) -> str:
    if text.startswith("$"):
        return text
    row = int(text) + down
    if not 1 <= row <= ROWS:
        raise _OffSheet
    return str(row)


def _place(letters: str, digits: str) -> Place | None:
    row, col = int(digits) - 1, _number(letters)
    return (row, col) if row < ROWS and col < COLUMNS else None


def _number(letters: str) -> int:
    col = 0
    for letter in letters.upper():
        col = col * 26 + ord(letter) - 64
    return col - 1


def _letters(col: int) -> str:
    text, rest = "", col + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        text = chr(65 + letter) + text
    return text
