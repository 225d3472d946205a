"""A spreadsheet program that is nothing but dictionaries: plugin functions run in it thousands of times a second.

It is as strict as Excel where LibreOffice is lenient, offers no more than plugin code may use, and counts what
crosses the boundary to it, because in a real program each crossing takes milliseconds: ``Engine.calls``.

What is written goes through what pywin32 makes of Python's values for Excel (`variant`): money of four digits of
a Decimal, nothing of what it does not know.

It calculates nothing. A cell holds a value, or a formula with the value that was put there as its result.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import xlwings as xw
from xlwings import base_classes

from xlplugin.hosts import address
from xlplugin.hosts.address import Area
from xlplugin.hosts.base import GridRange, GridSheet, Listed, ListedNames
from xlplugin.hosts.protection import PasswordNeededError, SheetProtectedError
from xlplugin.hosts.values import CellError, Conversions, as_number, is_formula, rgb, rows_of

ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}


@dataclass
class Cell:
    """One cell."""

    value: Any = None
    formula: str = ""
    color: tuple[int, int, int] | None = None
    number_format: str = "General"
    note: str = ""
    link: str = ""
    locked: bool = True
    wrapped: bool = False


@dataclass
class Page:
    """What a sheet holds."""

    name: str
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    visible: bool = True
    protected: bool = False
    password: str = ""
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> Cell:
        return self.cells.setdefault((row, column), Cell())


@dataclass
class Content:
    """What a workbook holds."""

    path: str
    pages: list[Page] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    active: str = ""
    selected: Area = field(default_factory=lambda: Area(1, 1))
    saved_as: list[str] = field(default_factory=list)


# Counting

calls: Counter[str] = Counter()
"""How often each thing was asked from outside, such as ``Range.raw_value`` (read) or ``Range.color=`` (written)."""

_inside = False


def _counted(label: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def counting(*args: Any, **named: Any) -> Any:
        global _inside  # noqa: PLW0603
        if _inside:  # what one object asks of another on the way is its own business
            return function(*args, **named)
        _inside = True
        calls[label] += 1
        try:
            return function(*args, **named)
        finally:
            _inside = False

    return counting


def crossing(kind: type) -> type:
    """Count every public member of a class."""
    for name in dir(kind):
        member = getattr(kind, name, None)
        if name.startswith("_") and name != "__call__":
            continue
        label = f"{kind.__name__}.{name}"
        if isinstance(member, property):
            reading = _counted(label, member.fget) if member.fget else None
            writing = _counted(f"{label}=", member.fset) if member.fset else None
            setattr(kind, name, property(reading, writing))
        elif callable(member) and not isinstance(member, type):
            setattr(kind, name, _counted(label, member))
    return kind


# The engine


class Engine(Conversions):
    name = "memory"
    type = "desktop"

    def __init__(self) -> None:
        self.apps = Apps(App(self))


class Apps(base_classes.Apps):
    def __init__(self, app: Any) -> None:
        self._app = app

    def keys(self) -> list[int]:
        return [1]

    def add(self, **_how: object) -> Any:
        return self._app

    def __iter__(self) -> Iterator[Any]:
        return iter([self._app])

    def __len__(self) -> int:
        return 1

    def __getitem__(self, pid: int) -> Any:
        return self._app


@crossing
class App(base_classes.App):
    pid, version, visible = 1, "16.0", True
    display_alerts = enable_events = interactive = True
    screen_updating = True
    status_bar: Any = False
    calculated = 0

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.open: list[Content] = []
        self.alerts: list[tuple[str, str, str, str]] = []
        self.answers: list[str] = []

    @property
    def books(self) -> Any:
        return Books(self)

    @property
    def selection(self) -> Any:
        return self.books.active.selection if self.open else None

    def activate(self, steal_focus: bool = False) -> None: ...

    def quit(self) -> None:
        self.open.clear()

    def calculate(self) -> None:
        self.calculated += 1

    def alert(self, prompt: str, title: str, buttons: str, mode: str, callback: object) -> str:  # noqa: ARG002
        """Nobody is asked: ``answers`` are given in turn, then "ok", "no" or "cancel"."""
        self.alerts.append((prompt, title, buttons, mode))
        harmless = {"ok": "ok", "yes_no": "no"}.get(buttons, "cancel")
        return self.answers.pop(0) if self.answers else harmless


@crossing
class Books(Listed, base_classes.Books):
    def __init__(self, app: Any) -> None:
        self.app = app

    def _all(self) -> list[Any]:
        return [Book(self.app, content) for content in self.app.open]

    def _is_called(self, one: Any, name: str) -> bool:
        return name in {one.name.lower(), one.fullname.lower()}

    @property
    def active(self) -> Any:
        if not self.app.open:
            raise xw.XlwingsError("no workbook is open")
        return Book(self.app, self.app.open[-1])

    def add(self) -> Any:
        number = next(n for n in itertools.count(1) if f"Book{n}" not in self)
        return self._opened(Content(f"Book{number}", [Page("Sheet1")]))

    def open(self, fullname: str, *_how: object, **_named: object) -> Any:
        return self._opened(load(Path(fullname)))

    def _opened(self, content: Content) -> Any:
        content.active = content.pages[0].name
        self.app.open.append(content)
        return Book(self.app, content)


@crossing
class Book(base_classes.Book):
    def __init__(self, app: Any, content: Content) -> None:
        self._app = app
        self.content = content

    @property
    def app(self) -> Any:
        return self._app

    @property
    def name(self) -> str:
        return Path(self.content.path).name

    @property
    def fullname(self) -> str:
        return self.content.path

    @property
    def sheets(self) -> Any:
        return Sheets(self)

    @property
    def names(self) -> Any:
        return Names(self, self.content.names)

    @property
    def selection(self) -> Any:
        return Range(self.sheets.active, self.content.selected)

    def activate(self) -> None:
        self._app.open.remove(self.content)
        self._app.open.append(self.content)

    def save(self, path: str | None = None, password: str | None = None) -> None:  # noqa: ARG002
        self.content.path = path or self.content.path
        self.content.saved_as.append(self.content.path)

    def close(self) -> None:
        self._app.open.remove(self.content)


@crossing
class Sheets(Listed, base_classes.Sheets):
    def __init__(self, book: Any) -> None:
        self._book = book

    def _all(self) -> list[Any]:
        return [Sheet(self._book, page) for page in self._book.content.pages]

    def _missing(self, key: int | str) -> Exception:
        return xw.NoSuchObjectError(f"the workbook has no sheet {key}")

    @property
    def active(self) -> Any:
        return self(self._book.content.active)

    def add(self, before: Any = None, after: Any = None, name: str | None = None) -> Any:
        position = after.index if after is not None else (before or self.active).index - 1
        name = name or next(free for n in itertools.count(1) if (free := f"Sheet{n}") not in self)
        self._book.content.pages.insert(position, Page(name))
        self._book.content.active = name
        return self(name)


@crossing
class Sheet(GridSheet):
    def __init__(self, book: Any, page: Page) -> None:
        self._book = book
        self.page = page

    @property
    def book(self) -> Any:
        return self._book

    @property
    def name(self) -> str:
        return self.page.name

    @name.setter
    def name(self, name: str) -> None:
        if self._book.content.active == self.page.name:
            self._book.content.active = name
        self.page.name = name

    @property
    def index(self) -> int:
        return [page.name for page in self._book.content.pages].index(self.page.name) + 1

    @property
    def names(self) -> Any:
        return Names(self._book, self.page.names, self)

    @property
    def visible(self) -> bool:
        return self.page.visible

    @visible.setter
    def visible(self, visible: bool) -> None:
        self.page.visible = visible

    @property
    def used_range(self) -> Any:
        used = [Area(*place) for place, cell in self.page.cells.items() if cell != Cell(locked=cell.locked)]
        return self._new_block(functools.reduce(Area.hull, used, used[0] if used else Area(1, 1)))

    @property
    def notes(self) -> list[Any]:
        noted = sorted(place for place, cell in self.page.cells.items() if cell.note)
        return [Note(self._new_block(Area(*place))) for place in noted]

    def activate(self) -> None:
        self._book.content.active = self.name

    select = activate

    def delete(self) -> None:
        pages = self._book.content.pages
        pages.remove(self.page)
        if self._book.content.active == self.name:
            self._book.content.active = pages[0].name

    @property
    def protected(self) -> bool:
        return self.page.protected

    def unprotect(self) -> None:
        if self.page.password:
            raise PasswordNeededError(self.name)
        self.page.protected = False

    def protect(self) -> None:
        self.page.protected = True

    def _new_block(self, area: Area) -> Any:
        return Range(self, area)


@crossing
class Names(ListedNames):
    def __init__(self, book: Any, names: dict[str, str], sheet: Any = None) -> None:
        self._book, self._names, self._sheet = book, names, sheet

    def _all(self) -> list[Any]:
        where = f"{address.quoted(self._sheet.name)}!" if self._sheet is not None else ""
        found = [Name(self._book, self._names, name, where) for name in self._names]
        if self._sheet is None:
            for sheet in self._book.sheets:
                found += sheet.names._all()
        return found

    def add(self, name: str, refers_to: str) -> Any:
        sheet, name = address.split(name)
        if sheet is not None:
            return self._book.sheets(sheet).names.add(name, refers_to)
        self._names[name] = "=" + refers_to.removeprefix("=")
        return self(name)


@crossing
class Name(base_classes.Name):
    def __init__(self, book: Any, names: dict[str, str], local: str, where: str) -> None:
        self._book, self._names, self.local, self._where = book, names, local, where

    @property
    def name(self) -> str:
        return self._where + self.local

    @property
    def refers_to(self) -> str:
        return self._names[self.local]

    @refers_to.setter
    def refers_to(self, formula: str) -> None:
        self._names[self.local] = "=" + formula.removeprefix("=")

    @property
    def refers_to_range(self) -> Any:
        sheet, cells = address.split(self.refers_to.removeprefix("="))
        area = address.parse(cells)
        if sheet is None or area is None:
            raise xw.NoSuchObjectError(f"the name {self.name} does not mean cells")
        return self._book.sheets(sheet).range(cells)

    def delete(self) -> None:
        del self._names[self.local]


@crossing
class Range(GridRange):
    @property
    def _page(self) -> Page:
        page: Page = self.sheet.page
        return page

    def _cells(self) -> list[list[Cell]]:
        """The cells, row by row; those that are not there yet are made."""
        rows = range(self.area.row, self.area.last_row + 1)
        columns = range(self.area.column, self.area.last_column + 1)
        return [[self._page.cell(row, column) for column in columns] for row in rows]

    def _there(self) -> list[tuple[int, int]]:
        """The places of the cells that are there already."""
        return [place for place in self._page.cells if self.area.shared(Area(*place)) is not None]

    def _each(self) -> Iterator[Cell]:
        return itertools.chain.from_iterable(self._cells())

    def _common(self, member: str) -> Any:
        values = {getattr(cell, member) for cell in self._each()}
        return values.pop() if len(values) == 1 else None

    @property
    def raw_value(self) -> Any:
        if self.area.unbounded:
            used = self.area.shared(self.sheet.used_range.area)
            return None if used is None else self._on(used).raw_value
        rows = [[_given(cell) for cell in row] for row in self._cells()]
        return rows[0][0] if len(self) == 1 else rows

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        rows = rows_of(data, *self.shape)
        block = self._on(Area(self.area.row, self.area.column, len(rows), len(rows[0])))
        block._refuse_if_locked()
        for cells, values in zip(block._cells(), rows, strict=True):
            for cell, value in zip(cells, values, strict=True):
                _enter(cell, value)

    @property
    def formula(self) -> Any:
        rows = tuple(tuple(cell.formula or _shown(cell.value) for cell in row) for row in self._cells())
        return rows[0][0] if len(self) == 1 else rows

    @formula.setter
    def formula(self, data: Any) -> None:
        if any(isinstance(value, str) and len(value) > LONGEST_FORMULA for row in rows_of(data, 1, 1) for value in row):
            raise ComError(-2146827284)  # 1004, as Excel says of most things
        self.raw_value = data

    @property
    def color(self) -> Any:
        return self._common("color")

    @color.setter
    def color(self, color: Any) -> None:
        self._refuse_if_protected()
        for cell in self._each():
            cell.color = rgb(color)

    def set_colors(self, colors: list[list[Any]]) -> None:
        self._refuse_if_protected()
        for cell, color in zip(self._each(), itertools.chain.from_iterable(colors), strict=True):
            if color is not ...:
                cell.color = rgb(color)

    @property
    def number_format(self) -> Any:
        return self._common("number_format")

    @number_format.setter
    def number_format(self, code: str) -> None:
        self._refuse_if_protected()
        for cell in self._each():
            cell.number_format = code

    @property
    def wrap_text(self) -> Any:
        return self._common("wrapped")

    @wrap_text.setter
    def wrap_text(self, wrapped: bool) -> None:
        self._refuse_if_protected()
        for cell in self._each():
            cell.wrapped = wrapped

    @property
    def column_width(self) -> float | None:
        return _same(self._page.widths.get(c, 8.43) for c in range(self.area.column, self.area.last_column + 1))

    @column_width.setter
    def column_width(self, characters: float) -> None:
        self._refuse_if_protected()
        self._page.widths |= dict.fromkeys(range(self.area.column, self.area.last_column + 1), characters)

    @property
    def row_height(self) -> float | None:
        return _same(self._page.heights.get(r, 15.0) for r in range(self.area.row, self.area.last_row + 1))

    @row_height.setter
    def row_height(self, points: float) -> None:
        self._refuse_if_protected()
        self._page.heights |= dict.fromkeys(range(self.area.row, self.area.last_row + 1), points)

    @property
    def note(self) -> Any:
        return Note(self) if self._first.note else None

    def add_note(self, text: str) -> Any:
        self._refuse_if_protected()
        self._first.note = text
        return Note(self)

    def add_hyperlink(self, address: str, text_to_display: str = "", screen_tip: str = "") -> None:  # noqa: ARG002
        self._refuse_if_locked()
        self._first.link, self._first.value = address, text_to_display or address

    @property
    def hyperlink(self) -> str:
        if not self._first.link:
            raise ValueError(f"{self.address} has no link")
        return self._first.link

    def select(self) -> None:
        self.sheet.book.activate()
        self.sheet.activate()
        self.sheet.book.content.selected = self.area

    @property
    def locked(self) -> bool:
        return all(cell.locked for cell in self._each())

    @locked.setter
    def locked(self, locked: bool) -> None:
        self._refuse_if_protected()
        for cell in self._each():
            cell.locked = locked

    def clear(self) -> None:
        self._refuse_if_protected()
        for place in self._there():
            del self._page.cells[place]

    def clear_contents(self) -> None:
        self._refuse_if_locked()
        for place in self._there():
            self._page.cells[place].value, self._page.cells[place].formula = None, ""

    @property
    def _first(self) -> Cell:
        return self._page.cell(self.area.row, self.area.column)

    def _refuse_if_protected(self) -> None:
        if self._page.protected:
            raise SheetProtectedError(self._page.name)

    def _refuse_if_locked(self) -> None:
        if self._page.protected and any(cell.locked for cell in self._each()):
            raise SheetProtectedError(self._page.name)


@crossing
class Note(base_classes.Note):
    def __init__(self, block: Any) -> None:
        self._block = block

    @property
    def location(self) -> Any:
        return self._block

    @property
    def text(self) -> str:
        note: str = self._block._first.note
        return note

    @text.setter
    def text(self, text: str) -> None:
        self._block._refuse_if_protected()
        self._block._first.note = text

    def delete(self) -> None:
        self._block._refuse_if_protected()
        self._block._first.note = ""


LONGEST_FORMULA = 8_192
"""Excel takes no longer text where a formula may stand."""
_MONEY = Decimal("0.0001")


class ComError(Exception):
    """As pywintypes.com_error, which only Windows has."""

    def __init__(self, hresult: int) -> None:
        super().__init__(hresult, "", None, None)
        self.hresult = hresult


def variant(value: Any) -> Any:
    """What reaches Excel of a value, by pywin32's `PyCom_VariantFromPyObject` (com/win32com/src/oleargs.cpp).

    Whole numbers of up to 32 bits are VT_I4 and VT_UI4, of up to 64 bits VT_I8 and VT_UI8, which no cell of Excel is
    documented to take: refused here. Longer ones are VT_R8. A Decimal is VT_CY: times 10,000, the rest cut off.
    """
    if value is None or isinstance(value, str | bool | float | date):
        return value
    if isinstance(value, int):
        if 32 < value.bit_length() <= 64:
            raise ComError(-2147352571)  # DISP_E_TYPEMISMATCH
        return float(value)
    if isinstance(value, Decimal):
        return float(value.quantize(_MONEY, ROUND_DOWN))
    raise TypeError(f"Objects of type '{type(value).__name__}' can not be converted to a COM VARIANT")


def _given(cell: Cell) -> Any:
    """A value as Excel's `Value` gives it: what is shown as money is VT_CY, and comes as a Decimal of four digits."""
    if isinstance(cell.value, float) and any(sign in cell.number_format for sign in "¥￥$"):
        return Decimal(repr(cell.value)).quantize(_MONEY)
    return cell.value


def _enter(cell: Cell, value: Any) -> None:
    value = variant(value)
    cell.formula = ""
    if cell.number_format == "@" and isinstance(value, str):
        cell.value = value or None
    elif is_formula(value):
        cell.formula, cell.value = value, None
    elif isinstance(value, str):
        number = as_number(value)
        cell.value = (value.removeprefix("'") or None) if number is None else number
    else:
        cell.value = value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _same(sizes: Any) -> float | None:
    different = set(sizes)
    return different.pop() if len(different) == 1 else None


def load(path: Path) -> Content:
    """A workbook from a file: values as they are stored, formulas with their stored results, names, notes, locks."""
    formulas, results = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    content = Content(str(path))
    for sheet in formulas.worksheets:
        page = Page(sheet.title, visible=sheet.sheet_state == "visible", protected=sheet.protection.sheet)
        page.password = sheet.protection.password or sheet.protection.hashValue or ""
        page.names = {name: f"={defined.attr_text}" for name, defined in sheet.defined_names.items()}
        content.pages.append(page)
        for row in sheet.iter_rows():
            for stored in row:
                if stored.value is None and not stored.has_style and stored.comment is None:
                    continue
                cell = page.cell(stored.row, stored.column)
                value = results[sheet.title].cell(stored.row, stored.column).value
                cell.value = CellError(value) if value in ERRORS else float(value) if type(value) is int else value
                cell.formula = stored.value if stored.data_type == "f" else ""
                cell.number_format, cell.locked = stored.number_format, stored.protection.locked
                if stored.fill.fill_type == "solid" and isinstance(stored.fill.fgColor.rgb, str):
                    cell.color = rgb(stored.fill.fgColor.rgb[-6:])
                cell.note = stored.comment.text if stored.comment is not None else ""
    content.names = {name: f"={defined.attr_text}" for name, defined in formulas.defined_names.items()}
    return content


def activate() -> xw.App:
    """A program with no workbook open, made xlwings' active one."""
    engine = Engine()
    if engine.name in xw.engines.engines_by_name:
        xw.engines[engine.name].impl = engine
    else:
        xw.engines.add(xw.Engine(impl=engine))
    xw.engines[engine.name].activate()
    return xw.App(impl=engine.apps[1])


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """What crosses the boundary within a block."""
    calls.clear()
    yield calls
