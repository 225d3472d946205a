"""The workbook that is open on the clerk's desk: read as one block a sheet, filled as one block a table.

What is thought about it is thought in `workbook`; here is only how it is reached, through the public xlwings API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import xlwings as xw

from workbook.intake import Submission
from workbook.grid import a1, parse_range
from workbook.reading.book import Book, Cell, Sheet
from workbook.reading.read import read_book
from workbook.template.places import Places, area
from workbook.template.words import word
from xlplugin.words import said

STAMP = "ogi.stamp"
OURS = ("problems", "conf")
"""Sheets that belong to the plugin, not to the report."""

Block = list[list[Any]]


class NotOurs(Exception):
    """The open workbook is no annual report of ours; the text tells the clerk what to do."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A value and where it goes: sheet, row, column, from 0."""

    sheet: str
    row: int
    column: int
    value: Any


class Desk:
    """One open workbook."""

    def __init__(self, book: xw.Book) -> None:
        self.book = book

    @cached_property
    def sheets(self) -> dict[str, xw.Sheet]:
        """The sheets by name, in order; the plugin's own are not among them."""
        own = {said(f"sheet.{name}") for name in OURS}
        return {name: sheet for sheet in self.book.sheets if (name := sheet.name) not in own}

    @cached_property
    def path(self) -> Path:
        """Where the workbook is saved; only a name where it never was."""
        return Path(self.book.fullname)

    def read(self) -> Submission:
        """The report in the open workbook, by the same reading as a file's. Raises NotOurs, or workbook's Unreadable."""
        stamp = self._name(STAMP)
        if stamp is None:
            raise NotOurs(said("error.not_ours", book=self.path.name))
        sheets = tuple(self._sheet(name, sheet) for name, sheet in self.sheets.items())
        book = Book(self.path, "xlwings", sheets, self._names(stamp), {}, (), False, "", 0)
        return read_book(book)

    def _name(self, name: str) -> str | None:
        """What a defined name refers to, without the equals sign; None where the workbook has no such name."""
        try:
            return str(self.book.names[name].refers_to).removeprefix("=")
        except Exception:  # noqa: BLE001 -- each program fails in its own way on a name it does not have
            return None

    def _names(self, stamp: str) -> dict[str, str]:
        """The defined names a reader asks for. Only those that a clerk can move are asked of the program: each costs a
        call; the rest stand where the template put them, and reading by labels shows where that is not so.
        """
        from workbook.form import form_ids, load

        form_id = stamp.strip('"').split("|")[0]
        names = {STAMP: stamp}
        if form_id in form_ids():
            names |= Places(load(form_id)).names
            names |= {code: text for code in names if code.startswith("texts.") and (text := self._name(code))}
        for code in ("checks", "checks.others"):
            if text := self._name(code):
                names[code] = text
        return names

    def _sheet(self, name: str, sheet: xw.Sheet) -> Sheet:
        box = parse_range(str(sheet.used_range.address))
        if box is None:
            return Sheet(name, {})
        whole = sheet.range((1, 1), (box[3] + 1, box[4] + 1))
        values = _block(whole.options(err_to_str=True).value, box[4] + 1)
        formulas = _block(whole.formula, box[4] + 1)
        cells: dict[tuple[int, int], Cell] = {}
        for r, (row, texts) in enumerate(zip(values, formulas, strict=True)):
            for c, (value, text) in enumerate(zip(row, texts, strict=True)):
                formula = text[1:] if isinstance(text, str) and text.startswith("=") else None
                if value is not None or formula is not None:
                    cells[r, c] = Cell(_plain(value), formula, error=_error(value))
        return Sheet(name, cells, validations=None, protected=True)

    # filling ----------------------------------------------------------------------------------------------------

    def fill(self, values: Iterable[Placed]) -> None:
        """Put values into cells, each run of neighbours in one call."""
        for sheet, rows in _by_sheet(values).items():
            for (row, column), block in _runs(rows):
                target = self.sheets[sheet].range((row + 1, column + 1))
                target.resize(len(block), len(block[0])).formula = block


def _block(value: Any, width: int) -> Block:  # noqa: ANN401 -- xlwings gives a scalar, a list, or a list of lists
    if not isinstance(value, list | tuple):
        return [[value]]
    if not value or not isinstance(value[0], list | tuple):
        return [list(value)] if width > 1 else [[one] for one in value]
    return [list(row) for row in value]


def _plain(value: Any) -> str | int | float | bool | None:  # noqa: ANN401
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


_ERRORS = ("#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#N/A", "#NUM!", "#NULL!")


def _error(value: object) -> bool:
    return isinstance(value, str) and value in _ERRORS


def _by_sheet(values: Iterable[Placed]) -> dict[str, dict[int, dict[int, Any]]]:
    sheets: dict[str, dict[int, dict[int, Any]]] = {}
    for one in values:
        sheets.setdefault(one.sheet, {}).setdefault(one.row, {})[one.column] = one.value
    return sheets


def _runs(rows: Mapping[int, Mapping[int, Any]]) -> list[tuple[tuple[int, int], Block]]:
    """Cells as rectangles: neighbouring rows that fill the same neighbouring columns make one block."""
    strips: list[tuple[int, int, list[Any]]] = []
    for row, cells in sorted(rows.items()):
        for column in sorted(cells):
            if strips and strips[-1][0] == row and column == strips[-1][1] + len(strips[-1][2]):
                strips[-1][2].append(cells[column])
            else:
                strips.append((row, column, [cells[column]]))
    blocks: dict[tuple[int, int], tuple[tuple[int, int], Block]] = {}
    for row, column, strip in strips:
        above = blocks.get((column, len(strip)))
        if above and above[0][0] + len(above[1]) == row:
            above[1].append(strip)
        else:
            if above:
                blocks[column, -row] = above
            blocks[column, len(strip)] = ((row, column), [strip])
    return sorted(blocks.values(), key=lambda block: block[0])


def reference(sheet: str, row: int, column: int) -> str:
    """A cell as a link names it: '表三'!D27."""
    return f"'{sheet}'!{a1(row, column)}"


__all__ = ["Desk", "NotOurs", "Placed", "Sequence", "area", "reference", "word"]
