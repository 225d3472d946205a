"""A spreadsheet program that is nothing but dictionaries: commands run in it hundreds of times a second.

It is as strict as Excel where LibreOffice is lenient, and counts what crosses the boundary to it, because in a real
program each crossing takes milliseconds. It calculates nothing: a cell has a value, or a formula and the value that was
stored with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from workbook.model.cell_address import Area, Place
from xlplugin.host import (
    Block,
    Highlight,
    PasswordNeededError,
    SheetProtectedError,
    SpreadsheetHost,
    area_at,
    as_entered,
    as_number,
    is_formula,
)

MOST_CHARACTERS = 32_767
_MONEY = Decimal("0.0001")


@dataclass
class Cell:
    value: Any = None
    formula: str = ""
    color: tuple[int, int, int] | None = None
    number_format: str = "General"
    note: str = ""
    link: str = ""
    locked: bool = True


@dataclass
class Page:
    cells: dict[Place, Cell] = field(default_factory=dict)
    protected: bool = False
    password: bool = False

    def __getitem__(self, place: Place) -> Cell:
        return self.cells.setdefault(place, Cell())


class FakeHost(SpreadsheetHost):
    """A workbook read from a file; a new one with an empty sheet where there is none."""

    def __init__(self, path: Path | None = None) -> None:
        self.file = path or Path("Book1")
        self.pages: dict[str, Page] = _load(path) if path else {"Sheet1": Page()}
        self.names: dict[str, str] = {}
        self.properties: dict[str, str] = {}
        if path:
            book = openpyxl.load_workbook(path)
            self.names = {name: str(defined.attr_text) for name, defined in book.defined_names.items()}
            self.properties = {one.name: str(one.value) for one in book.custom_doc_props.props}
        self.calls: Counter[str] = Counter()
        self.read_only = False
        self.shown = True
        self.selected: tuple[str, Place] | None = (next(iter(self.pages)), (0, 0))
        self.told: list[str] = []
        self.answers: list[bool] = []
        self.status = ""

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and hasattr(SpreadsheetHost, name):
            self.calls[name] += 1
        return super().__getattribute__(name)

    def _cells(self, sheet: str, area: Area) -> list[list[Cell]]:
        top, left, bottom, right = area
        return [[self.pages[sheet][row, column] for column in range(left, right + 1)] for row in range(top, bottom + 1)]

    def _to_change(self, sheet: str, area: Area) -> list[list[Cell]]:
        if self.pages[sheet].protected:
            raise SheetProtectedError(sheet)
        return self._cells(sheet, area)

    @property
    def path(self) -> Path:
        return self.file

    def is_read_only(self) -> bool:
        return self.read_only

    def sheet_names(self) -> list[str]:
        return list(self.pages)

    def used_area(self, sheet: str) -> Area | None:
        used = [place for place, cell in self.pages[sheet].cells.items() if cell != Cell(locked=cell.locked)]
        rows, columns = [row for row, _ in used], [column for _, column in used]
        return (min(rows), min(columns), max(rows), max(columns)) if used else None

    def add_sheet(self, name: str) -> None:
        assert name not in self.pages
        self.pages[name] = Page()

    def delete_sheet(self, name: str) -> None:
        del self.pages[name]

    def clear_sheet(self, name: str) -> None:
        self._to_change(name, area_at((0, 0)))
        self.pages[name].cells.clear()

    def set_column_widths(self, sheet: str, widths: Sequence[float]) -> None:
        assert widths
        self._to_change(sheet, area_at((0, 0)))

    def unprotect(self, sheet: str) -> object | None:
        page = self.pages[sheet]
        if not page.protected:
            return None
        if page.password:
            raise PasswordNeededError(sheet)
        page.protected = False
        return "as before"

    def protect(self, sheet: str, protection: object) -> None:
        assert protection == "as before"
        self.pages[sheet].protected = True

    def read_values(self, sheet: str, area: Area) -> Block:
        return [[_given(cell) for cell in row] for row in self._cells(sheet, area)]

    def read_formulas(self, sheet: str, area: Area) -> Block:
        return [[cell.formula or _text_of(cell.value) for cell in row] for row in self._cells(sheet, area)]

    def write_block(self, sheet: str, place: Place, block: Block) -> None:
        cells = self._to_change(sheet, area_at(place, len(block), len(block[0])))
        for row, values in zip(cells, block, strict=True):
            for cell, value in zip(row, values, strict=True):
                _enter(cell, as_entered(value))

    def write_link(self, sheet: str, place: Place, text: str, target: tuple[str, str]) -> None:
        ((cell,),) = self._to_change(sheet, area_at(place))
        assert target[0] in self.pages
        cell.value, cell.link = text, "!".join(target)

    def read_name(self, name: str) -> str | None:
        return self.names.get(name)

    def read_property(self, name: str) -> str | None:
        return self.properties.get(name)

    def read_number_format(self, sheet: str, area: Area) -> str | None:
        codes = {cell.number_format for row in self._cells(sheet, area) for cell in row}
        return codes.pop() if len(codes) == 1 else None

    def format_area(
        self, sheet: str, area: Area, *, color: Any = None, number_format: str | None = None, wrapped: bool = False
    ) -> None:
        assert color or number_format or wrapped
        for row in self._to_change(sheet, area):
            for cell in row:
                cell.color = color or cell.color
                cell.number_format = number_format or cell.number_format

    def set_locked(self, sheet: str, place: Place, *, locked: bool) -> None:
        ((cell,),) = self._to_change(sheet, area_at(place))
        cell.locked = locked

    def read_highlight(self, sheet: str, place: Place) -> Highlight:
        cell = self.pages[sheet][place]
        return Highlight(cell.color, cell.note)

    def write_highlight(self, sheet: str, place: Place, highlight: Highlight) -> None:
        ((cell,),) = self._to_change(sheet, area_at(place))
        cell.color, cell.note = highlight

    def selected_cell(self) -> tuple[str, Place] | None:
        return self.selected

    def select_cell(self, sheet: str, place: Place) -> None:
        assert sheet in self.pages
        self.selected = (sheet, place)

    def show_message(self, text: str, title: str, kind: str = "info") -> bool:
        assert title == "公开年报"
        self.told.append(text)
        return kind == "question" and bool(self.answers) and self.answers.pop(0)

    def choose_file(self, purpose: str, title: str, start: Path, patterns: str) -> Path | None:
        assert purpose in {"open", "save", "folder"}
        assert title
        assert start.name or patterns

    def show_status(self, text: str) -> None:
        self.status = text

    def begin_command(self) -> None:
        self.shown = False

    def end_command(self) -> None:
        self.shown = True

    def one_step(self, title: str) -> Any:
        assert title
        return nullcontext()

    def is_busy(self, error: BaseException) -> bool:
        return isinstance(error, BusyError)


class BusyError(Exception):
    """As Excel rejects every call while a cell is being typed into."""


def failing_at(times: int, method: Callable[..., Any]) -> Callable[..., Any]:
    """A method of a host that fails when it is called for the n-th time, and works before and after."""
    calls: list[None] = []

    def calling(*given: Any, **named: Any) -> Any:
        calls.append(None)
        if len(calls) == times:
            raise RuntimeError("out of order")
        return method(*given, **named)

    return calling


def _given(cell: Cell) -> Any:
    """A value as Excel gives it: what is shown as money comes as a Decimal of four digits."""
    if isinstance(cell.value, float) and any(sign in cell.number_format for sign in "¥￥$"):
        return Decimal(repr(cell.value)).quantize(_MONEY)
    return cell.value


def _enter(cell: Cell, value: Any) -> None:
    if not isinstance(value, str | bool | float | date):
        raise TypeError(f"no program takes a {type(value).__name__}")
    assert not isinstance(value, str) or len(value.encode("utf-16-le")) // 2 <= MOST_CHARACTERS + 1
    cell.formula, cell.link = "", ""
    if cell.number_format == "@" and isinstance(value, str):
        cell.value = value.removeprefix("'") or None
    elif is_formula(value):
        cell.formula, cell.value = value, None
    elif isinstance(value, str):
        number = as_number(value)
        cell.value = (value.removeprefix("'") or None) if number is None else number
    else:
        cell.value = value


def _text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _load(path: Path) -> dict[str, Page]:
    """Values as they are stored, formulas with their stored results, notes, colours, locks."""
    formulas, results = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    pages = {}
    for sheet in formulas.worksheets:
        protection = sheet.protection
        page = Page(protected=protection.sheet, password=bool(protection.password or protection.hashValue))
        pages[sheet.title] = page
        for row in sheet.iter_rows():
            for stored in row:
                if stored.value is None and not stored.has_style and stored.comment is None:
                    continue
                cell = page[stored.row - 1, stored.column - 1]
                value = results[sheet.title].cell(stored.row, stored.column).value
                cell.value = float(value) if type(value) is int else value
                cell.formula = stored.value if stored.data_type == "f" else ""
                cell.number_format, cell.locked = stored.number_format, stored.protection.locked
                if stored.fill.fill_type == "solid" and isinstance(stored.fill.fgColor.rgb, str):
                    red, green, blue = bytes.fromhex(stored.fill.fgColor.rgb[-6:])
                    cell.color = red, green, blue
                cell.note = stored.comment.text if stored.comment is not None else ""
    return pages
