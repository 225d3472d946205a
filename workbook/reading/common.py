"""What both readers must do alike, or they would not tell of the same file; and what one file may cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbook.grid import a1, parse_range, shifted

Attributes = Mapping[str, str]

PROPERTIES = "docProps/custom.xml"
"""The part that holds a workbook's custom properties."""


class TooLarge(Exception):
    """The file asks for more than any report needs: no reader may go on."""


@dataclass(slots=True)
class Budget:
    """What reading one file may still cost: bytes to inflate or write out, and cells to keep."""

    size: int = 256 << 20
    part: int = 128 << 20
    cells: int = 2_000_000

    def spend(self, size: int) -> None:
        """Pay for `size` bytes."""
        self.size -= size
        if self.size < 0 or size > self.part:
            raise TooLarge

    def keep(self, cells: int = 1) -> None:
        """Pay for cells."""
        self.cells -= cells
        if self.cells < 0:
            raise TooLarge


def contents(path: Path, budget: Budget) -> bytes:
    """Read the file once, unless it is larger than one part may be."""
    if path.stat().st_size > budget.part:
        raise TooLarge
    return path.read_bytes()


def alone(names: Iterable[str]) -> None:
    """Refuse a package that says one thing twice: programs differ in which of the two they show."""
    seen = [name.lower() for name in names if name.lower().endswith((".xml", ".rels"))]
    if len(set(seen)) < len(seen):
        raise ValueError("a part is there twice, or shown as two sheets")


def macros(names: Iterable[str]) -> bool:
    """Tell by its parts whether a workbook carries macros, of either generation."""
    return any(name.lower().endswith("vbaproject.bin") or "macrosheets/" in name.lower() for name in names)


def true(text: str | None) -> bool:
    """Read a truth value as XML spells it."""
    return text in ("1", "true")


def locked(attributes: Attributes) -> tuple[bool, bool]:
    """Tell whether a sheet is protected, and whether by a password."""
    return true(attributes.get("sheet")), bool(attributes.get("password") or attributes.get("hashValue"))


def areas(text: str) -> tuple[str, ...]:
    """List the areas a validation holds for, each spelled one way; their order means nothing."""
    found = set()
    for piece in text.split():
        area = parse_range(piece)
        if area is None or area[0]:
            raise ValueError(f"not an area: {piece}")
        first, last = a1(*area[1:3]), a1(*area[3:])
        found.add(first if first == last else f"{first}:{last}")
    return tuple(sorted(found))


class Formulas:
    """The formulas of one sheet; one that is shared by many cells is written out for each."""

    def __init__(self, budget: Budget) -> None:
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
        self._budget.spend(len(text))
        moved = shifted(text, row - top, col - left)
        return text if moved is None else moved
