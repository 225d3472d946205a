"""Holds a submitted workbook (sheets, cells, names), what reading it may cost, and what both readers share.

Nothing is known of the form yet. The readers are `ooxml_reader` and `openpyxl_reader`; both build cells, formulas and
validations by the functions here, so that they give the same contents for the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from time import monotonic
from typing import NamedTuple
from zipfile import ZipInfo

from workbook.model.cell_address import Area, Place, format_address, parse_range, shift_formula
from workbook.safety.limits import TooLarge, TooSlow, get_limit

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


class AmbiguousWorkbook(Exception):
    """A file of which programs show different figures, because it says one thing twice, or where it may not stand.

    No reader takes such a file; the text says what was met, for whoever looks into it.
    """


class CellRun(NamedTuple):
    """A stretch of a text that is written in one way; `marks` are some of struck, raised, lowered, hidden."""

    text: str
    marks: frozenset[str] = frozenset()


class CellLook(NamedTuple):
    """How a cell is shown, where that may not be what it holds.

    `format` is a number format that does not show every value as it is; `marks` say how all of its writing stands, as
    in `Run`; `runs` are its stretches of text, where these differ. `doubt` is why nobody can tell what is seen:
    `unknown` where the file does not say how the cell looks, `repeated` where it is written as often as there is room,
    `faint` where it hangs on the program whether writing is seen. `ground` is the colour behind it, against which the
    colours that a format names are held.
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


class UnseenArea(NamedTuple):
    """Cells of a sheet of which nobody sees what they hold.

    `kind` is row or column (hidden, or of no size), drawing (something is drawn over them), or array (they hold the
    results of a formula in the first of them, which is computed anew when the workbook is opened).
    """

    kind: str
    area: Area


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
    so, and `inks`, where there are such, the colours of all cells. `unseen` are the cells that are hidden or covered;
    `zeros` is False where the sheet shows nothing for 0. `validations` is None where nobody can say: a spreadsheet
    program that has the workbook open does not tell.
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
    unseen: tuple[UnseenArea, ...] = ()
    zeros: bool = True


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


# What both readers must do alike, or they would not tell of the same file; and what one file may cost


Attributes = Mapping[str, str]

PROPERTIES = "docProps/custom.xml"
"""The part that holds a workbook's custom properties."""


@dataclass(slots=True)
class ReadBudget:
    """What reading one file may still cost: bytes to inflate or write out, XML elements, cells and letters to keep.

    Raises TooLarge where the file asks for more, TooSlow where it takes longer (see `limits`).
    """

    size: int = field(default_factory=lambda: get_limit("inflated"))
    part: int = field(default_factory=lambda: get_limit("part"))
    cells: int = field(default_factory=lambda: get_limit("cells"))
    elements: int = field(default_factory=lambda: get_limit("elements"))
    letters: int = field(default_factory=lambda: get_limit("letters"))
    _until: float = field(default_factory=lambda: monotonic() + get_limit("seconds"))

    def spend(self, size: int) -> None:
        """Pay for `size` bytes."""
        self.size -= size
        if self.size < 0 or size > self.part:
            raise TooLarge("part" if size > self.part else "inflated")

    def keep(self, cells: int = 1) -> None:
        """Pay for cells, and whatever else a sheet has as many of."""
        self.cells -= cells
        if self.cells < 0:
            raise TooLarge("cells")

    def say(self, letters: int) -> None:
        """Pay for a text of so many letters."""
        self.letters -= letters
        if self.letters < 0:
            raise TooLarge("letters")

    def meet(self, elements: int) -> None:
        """Pay for elements of XML; the clock is looked at."""
        self.elements -= elements
        if self.elements < 0:
            raise TooLarge("elements")
        if monotonic() > self._until:
            raise TooSlow


def read_bytes(path: Path) -> bytes:
    """Read the file once, unless it is larger than any may be."""
    if path.stat().st_size > get_limit("file"):
        raise TooLarge("file")
    return path.read_bytes()


def refuse_duplicates(names: Iterable[str]) -> None:
    """Refuse a package that says one thing twice: programs differ in which of the two they show."""
    seen = [name.lower() for name in names if name.lower().endswith((".xml", ".rels"))]
    if len(set(seen)) < len(seen):
        raise ValueError("a part is there twice, or shown as two sheets")


def check_part_count(raw: bytes) -> None:
    """Refuse a package of more parts than any workbook has, before the list of them is read. Raises TooLarge."""
    if raw.count(b"PK\1\2") > get_limit("parts"):
        raise TooLarge("parts")


def have_overlaps(members: Iterable[ZipInfo]) -> bool:
    """Whether members of an archive share bytes, as no program writes them: a little file that unpacks to a lot."""
    end = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset < end:
            return True
        end = member.header_offset + 30 + member.compress_size
    return False


def has_macros(names: Iterable[str]) -> bool:
    """Tell by its parts whether a workbook carries macros, of either generation."""
    return any(name.lower().endswith("vbaproject.bin") or "macrosheets/" in name.lower() for name in names)


def parse_bool(text: str | None) -> bool:
    """Read a truth value as XML spells it."""
    return text in ("1", "true")


def parse_cell_number(text: str) -> int | None:
    """Read a number that counts from 0, as XML spells it; None where the text is none."""
    match = _NUMBER.fullmatch(text.strip(" \t\r\n"))
    return int(match[1]) if match else None


_NUMBER = re.compile(r"\+?0*([0-9]{1,10})")


def is_locked(attributes: Attributes) -> tuple[bool, bool]:
    """Tell whether a sheet is protected, and whether by a password."""
    return parse_bool(attributes.get("sheet")), bool(attributes.get("password") or attributes.get("hashValue"))


def parse_validation(attributes: Attributes, formula1: str, formula2: str, budget: ReadBudget) -> Validation:
    """A rule of data validation; each of the areas it holds for is paid for."""
    sqref = attributes.get("sqref", "")
    budget.keep(len(sqref.split()) or 1)
    return Validation(
        parse_areas(sqref),
        attributes.get("type", "none"),
        attributes.get("operator", "between"),
        formula1,
        formula2,
        parse_bool(attributes.get("showErrorMessage")) and attributes.get("errorStyle", "stop") == "stop",
    )


def parse_areas(text: str) -> tuple[str, ...]:
    """List the areas a validation holds for, each spelled one way; their order means nothing."""
    found = set()
    for piece in text.split():
        area = parse_range(piece)
        if area is None or area[0]:
            raise ValueError(f"not an area: {piece}")
        first, last = format_address(*area[1:3]), format_address(*area[3:])
        found.add(first if first == last else f"{first}:{last}")
    return tuple(sorted(found))


class SheetFormulas:
    """The formulas of one sheet; one that is shared by many cells is written out for each."""

    def __init__(self, budget: ReadBudget) -> None:
        self._budget = budget
        self._shared: dict[str, tuple[str, int, int]] = {}

    def text(self, attributes: Attributes, text: str, row: int, col: int) -> str:
        """Give the formula of a cell: its own text, or what the shared one comes to there."""
        text = text.removeprefix("=")
        if attributes.get("t") != "shared":
            return text
        number = attributes.get("si", "")
        if text:
            self._shared[number] = text, row, col
            return text
        if number not in self._shared:
            return ""
        text, top, left = self._shared[number]
        self._budget.say(len(text))
        moved = shift_formula(text, row - top, col - left)
        return text if moved is None else moved
