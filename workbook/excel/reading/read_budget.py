"""What both readers must do alike, or they would not tell of the same file; and what one file may cost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from zipfile import ZipInfo

from workbook.excel.reading.workbook_contents import Validation
from workbook.model.cell_address import format_address, parse_range, shift_formula
from workbook.safety.limits import TooLarge, TooSlow, get_limit

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
