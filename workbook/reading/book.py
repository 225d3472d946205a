"""A workbook as it was submitted, before anything is known of the form: sheets, cells, names, validations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from pathlib import Path

Raw = str | int | float | bool | None
"""What a cell may hold."""

Place = tuple[int, int]
"""Row and column of a cell, counted from 0."""

Area = tuple[int, int, int, int]
"""First row, first column, last row, last column, counted from 0, both ends included."""

ROWS, COLUMNS = 1_048_576, 16_384
"""How large a sheet may be."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that holds something.

    `value` is what the cell shows: of a formula the result its program stored, None where it stored none (`cached` is
    then False; a stored empty text is a result). Where `error` is True, `value` is the text of the error: `#REF!`.
    `formula` is without its equals sign, None where the cell was typed, and empty where its text is not in the file.
    """

    value: Raw
    formula: str | None = None
    error: bool = False
    cached: bool = True


@dataclass(frozen=True, slots=True)
class Validation:
    """A rule of data validation: where it holds, what it asks, and whether it refuses other input (`stops`)."""

    ranges: tuple[str, ...]
    kind: str = "none"
    operator: str = "between"
    formula1: str = ""
    formula2: str = ""
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its non-empty cells by place, and what its author laid over them."""

    name: str
    cells: Mapping[Place, Cell]
    merges: tuple[Area, ...] = ()
    validations: tuple[Validation, ...] = ()
    protected: bool = False
    password: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """One submitted file: its sheets in order, its workbook-wide names and properties, and its fingerprint.

    `names` gives each defined name its text (`'表三'!$D$6:$J$30`, or a constant such as `"annual-2021|1"`); `reader`
    says which of the two readers took the file.
    """

    path: Path
    reader: str
    sheets: tuple[Sheet, ...]
    names: Mapping[str, str]
    properties: Mapping[str, str]
    external_links: tuple[str, ...]
    macros: bool
    sha256: str
    size: int


def a1(row: int, col: int) -> str:
    """Spell a place as users do: `a1(5, 3)` is `D6`."""
    return f"{_letters(col)}{row + 1}"


@lru_cache(maxsize=1 << 16)  # the same few thousand places come in every sheet of every file
def parse_a1(text: str) -> Place:
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


def shifted(formula: str, down: int, right: int) -> str | None:
    """Write a formula as it reads when copied `down` rows and `right` columns; None where that is not simple."""
    if "[" in formula:  # a table's column or another workbook: what looks like a cell there is a name
        return None
    try:
        return _TOKEN.sub(lambda match: _moved(match, down, right), formula)
    except _OffSheet:
        return None


def held(kind: str, text: str | None, formula: str | None, strings: Sequence[str]) -> Cell | None:
    """Make the cell a file spells by type, text and formula; None where it holds nothing.

    Only a text may be empty and yet be a result: a formula that shows nothing. ValueError where the spelling has no
    meaning, so that a figure is never guessed.
    """
    if not text and (kind not in ("str", "inlineStr") or text is None):
        return None if formula is None else Cell(None, formula, cached=False)
    value = _value(kind, text or "", strings)
    if value == "" and formula is None:
        return None
    return Cell(value, formula, error=kind == "e")


def unescaped(text: str) -> str:
    """Give `_x000D_` and its like their characters back: so a file writes what XML cannot."""
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    # Two escapes may be the halves of one character; half a character alone could not be written out again.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class _OffSheet(Exception):
    """A copied reference left the sheet."""


def _value(kind: str, text: str, strings: Sequence[str]) -> Raw:
    if kind == "n":
        return _figure(text)
    if kind == "s":
        index = int(text)
        if not 0 <= index < len(strings):
            raise ValueError(f"no shared string {text}")
        return strings[index]
    if kind == "b":
        return _TRUTH[text.strip()]
    if kind in ("str", "inlineStr"):
        return unescaped(text)
    if kind in ("e", "d"):  # dates by this spelling are rare, and stay text
        return text
    raise ValueError(f"unknown type of cell {kind!r}")


def _figure(text: str) -> int | float:
    if not text.isascii() or "_" in text or len(text) > 300:  # Python would take １２ and 1_2
        raise ValueError(f"no number: {text[:40]!r}")
    try:
        return int(text)
    except ValueError:
        value = float(text)
    if not isfinite(value):
        raise ValueError(f"no number: {text!r}")
    return value


_TRUTH = {"1": True, "0": False, "true": True, "false": False}
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_RANGE = re.compile(
    r"(?:(?:'((?:[^'\[\]]|'')+)'|([^'!:,#\[\]()]+))!)?"
    r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6}))?"
)
# Texts and quoted sheet names are matched only to be stepped over.
_TOKEN = re.compile(
    r""""[^"]*"|'[^']*'
    |(?<![\w.$])(?:
      (?P<dc>\$?)(?P<col>[A-Za-z]{1,3})(?P<dr>\$?)(?P<row>[1-9][0-9]{0,6})(?![\w.(!])
     |(?P<lc>\$?[A-Za-z]{1,3}):(?P<rc>\$?[A-Za-z]{1,3})(?![\w.(!])
     |(?P<lr>\$?[1-9][0-9]{0,6}):(?P<rr>\$?[1-9][0-9]{0,6})(?![\w.(!])
    )""",
    re.VERBOSE,
)


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
