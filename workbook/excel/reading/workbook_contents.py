"""A workbook as it was submitted, before anything is known of the form: sheets, cells, names, validations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from workbook.model.cell_address import Area, Place

Raw = str | int | float | bool | None
"""What a cell may hold."""
PAPER = "FFFFFF"
"""What is behind a cell that has no colour of its own."""


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


class CellRun(NamedTuple):
    """A stretch of a text that is written in one way; `marks` are some of struck, raised, lowered, hidden."""

    text: str
    marks: frozenset[str] = frozenset()


class CellLook(NamedTuple):
    """How a cell is shown, where that may not be what it holds.

    `format` is a number format that does not show every value as it is; `marks` say how all of its writing stands, as
    in `Run`; `runs` are its stretches of text, where these differ. `doubt` is why nobody can tell what is seen:
    `unknown` where the file does not say how the cell looks, `faint` where it hangs on the program whether writing is
    seen. `ground` is the colour behind it, against which the colours that a format names are held.
    """

    format: str = ""
    marks: frozenset[str] = frozenset()
    runs: tuple[CellRun, ...] = ()
    doubt: str = ""
    ground: str = PAPER


class CellInk(NamedTuple):
    """The colour of writing (blank where it is the usual one) and those behind it; of a condition those it sets."""

    colour: str = ""
    grounds: tuple[str, ...] = ()


class ConditionalLook(NamedTuple):
    """A conditional format that may show cells otherwise than they are, and where it holds."""

    areas: tuple[Area, ...]
    look: CellLook
    ink: CellInk = CellInk()


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
    """One sheet: its non-empty cells by place, and what its author laid over them.

    `looks` has those cells that may be shown otherwise than they are, `dressings` the conditional formats that may do
    so, and `inks`, where there are such, the colours of all cells. `validations` is None where nobody can say: a
    spreadsheet program that has the workbook open does not tell.
    """

    name: str
    cells: Mapping[Place, Cell]
    merges: tuple[Area, ...] = ()
    validations: tuple[Validation, ...] | None = ()
    protected: bool = False
    password: bool = False
    hidden: bool = False
    looks: Mapping[Place, CellLook] = field(default_factory=dict)
    dressings: tuple[ConditionalLook, ...] = ()
    inks: Mapping[Place, CellInk] = field(default_factory=dict)


class ExternalReference(NamedTuple):
    """One thing that reaches beyond the workbook: its kind (a phrase of the rule book), and what it names."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class WorkbookContents:
    """One submitted file: its sheets in order, its workbook-wide names and properties, and its fingerprint.

    `names` gives each defined name its text (`'表三'!$D$6:$J$30`, or a constant such as `"annual-2021|1"`); `reader`
    says which of the two readers took the file. `unstyled` is True where its styles could not be read; `late` where its
    days count from 1904.
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
    reaches: tuple[ExternalReference, ...] = ()
    unstyled: bool = False
    late: bool = False


def make_cell(kind: str, text: str | None, formula: str | None, strings: Sequence[str]) -> Cell | None:
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


def unescape_text(text: str) -> str:
    """Give `_x000D_` and its like their characters back: so a file writes what XML cannot."""
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    # Two escapes may be the halves of one character; half a character alone could not be written out again.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


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
        return unescape_text(text)
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
