"""A workbook and its sheets."""
# ruff: noqa: ANN401  LibreOffice's objects have no types

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import xlwings as xw
from xlwings import base_classes

from xlplugin.hosts import address
from xlplugin.hosts.base import GridSheet, Listed
from xlplugin.hosts.libreoffice.bridge import (
    area_of,
    english,
    excel_parser,
    file_path,
    file_url,
    properties,
)
from xlplugin.hosts.libreoffice.cells import Note, Range
from xlplugin.hosts.libreoffice.names import Names
from xlplugin.hosts.libreoffice.undo import Step
from xlplugin.hosts.protection import PasswordNeededError

_FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xlsm": "Calc MS Excel 2007 VBA XML",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
}

# LibreOffice writes the parts of dates and times in capitals, Excel in small letters.
_DATE_PARTS = {letter * times for letter in "YMDHS" for times in range(1, 6)}
_PARTS = re.compile(r'"[^"]*"|\\.|\[[^]]*\]|AM/PM|Y+|M+|D+|H+|S+')


_ENTER = ".uno:AcceptFormula"
"""What the tick beside the line for entry does; an old LibreOffice may not have it."""
_TWO_CELLS = ((0, 0), (1, 1))


class Book(base_classes.Book):
    """An open workbook."""

    def __init__(self, app: Any, document: Any) -> None:
        self._app = app
        self.document = document

    @property
    def app(self) -> Any:
        """The program it is open in."""
        return self._app

    @property
    def name(self) -> str:
        """The name of the file."""
        url = self.document.URL
        return Path(file_path(url)).name if url else f"Book{self.document.RuntimeUID}"

    @property
    def fullname(self) -> str:
        """The path of the file; only the name when it was never saved."""
        url = self.document.URL
        return file_path(url) if url else self.name

    @property
    def read_only(self) -> bool:
        """Whether LibreOffice refuses every change to it."""
        return bool(self.document.isReadonly())

    @property
    def sheets(self) -> Sheets:
        """The sheets, in order."""
        return Sheets(self)

    @property
    def names(self) -> Names:
        """The defined names, those of single sheets included."""
        return Names(self, self.document)

    @property
    def selection(self) -> Range | None:
        """The selected cells; the first block when there are several."""
        selected = self.document.CurrentSelection
        if selected is None:
            return None
        if selected.supportsService("com.sun.star.sheet.SheetCellRanges"):
            selected = selected.getByIndex(0)
        if not selected.supportsService("com.sun.star.sheet.SheetCellRange"):
            return None  # a drawing, for instance
        return self.block(selected.RangeAddress)

    def block(self, range_address: Any) -> Range:
        """The cells at a UNO range address."""
        sheet = Sheet(self, self.document.Sheets.getByIndex(range_address.Sheet))
        return Range(sheet, area_of(range_address))

    def activate(self) -> None:
        """Bring its window to the front."""
        controller = self.document.CurrentController
        if controller is not None:
            controller.Frame.activate()

    def enter_typed(self) -> None:
        """Enter what is being typed into a cell, or into the line above the table, as the tick beside that line does.

        A formula that is being typed takes a cell selected meanwhile for a part of it, so selecting another cell is
        only what is done where there is no such command. LibreOffice drops what is being typed when another sheet is
        brought to the front: nothing may do that before.
        """
        controller = self.document.CurrentController
        if controller is None or self.selection is None:
            return  # no window, or a drawing is selected: nobody types into a cell then
        selected = controller.getSelection()
        panes = [controller.getByIndex(n) for n in range(controller.getCount())]
        stood = [(pane, pane.getFirstVisibleColumn(), pane.getFirstVisibleRow()) for pane in panes]
        entered = self._app.dispatch(controller.Frame, _ENTER)
        if not entered:
            for column, row in _TWO_CELLS:  # one of them is not the cell being typed into
                controller.select(controller.ActiveSheet.getCellByPosition(column, row))
        if not entered or selected.supportsService("com.sun.star.sheet.SheetCell"):
            controller.select(selected)  # which also lets the line above the table show what the cell holds
        for pane, column, row in stood:
            if (pane.getFirstVisibleColumn(), pane.getFirstVisibleRow()) != (column, row):
                pane.setFirstVisibleColumn(column)
                pane.setFirstVisibleRow(row)

    def one_step(self, title: str) -> Step:
        """A block whose changes are one entry under 撤销."""
        step = Step(self.document, title)
        self._app.step = step
        return step

    def count_change(self) -> None:
        """Tell the step that is under way that something is changed."""
        if self._app.step is not None:
            self._app.step.count_change()

    def save(self, path: str | None = None, password: str | None = None) -> None:
        """Save, under another name when one is given; the suffix says as what.

        LibreOffice writes the macros of an .xlsm anew, and not as Excel does: never save a workbook that way that is
        given to others.
        """
        if path is None and self.document.URL:
            self.document.store()
            return
        target = Path(path or f"{self.name}.xlsx")
        if target.suffix.lower() not in _FILTERS:
            raise ValueError(f"{target.name}: a workbook is saved as one of {', '.join(_FILTERS)}")
        secret = {"Password": password} if password else {}
        self.document.storeAsURL(
            file_url(str(target)), properties(FilterName=_FILTERS[target.suffix.lower()], Overwrite=True, **secret)
        )

    def close(self) -> None:
        """Close without saving."""
        self.document.setModified(False)
        self.document.close(True)

    @cached_property
    def parser(self) -> Any:
        """What reads and writes formulas as Excel does."""
        return excel_parser(self.document)

    @cached_property
    def formats(self) -> Any:
        """The number formats of the workbook."""
        return self.document.NumberFormats

    def format_key(self, code: str) -> int:
        """LibreOffice's number for a number format."""
        key = self.formats.queryKey(code, english(), False)
        return int(key if key != -1 else self.formats.addNew(code, english()))

    def format_code(self, key: int) -> str:
        """The number format that has this number, as Excel's English writes it."""
        in_english = self.formats.getFormatForLocale(key, english())
        code = str(self.formats.getByKey(in_english).FormatString)
        return _PARTS.sub(lambda part: part[0].lower() if part[0] in _DATE_PARTS else part[0], code)


class Sheets(Listed, base_classes.Sheets):
    """The sheets of a workbook, in order."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._sheets = book.document.Sheets

    def _all(self) -> Sequence[Sheet]:
        return [Sheet(self._book, self._sheets.getByName(name)) for name in self._sheets.ElementNames]

    def _find(self, key: int | str) -> Sheet | None:
        # Names are asked for in one call, sheets in one call each.
        names = self._sheets.ElementNames
        if isinstance(key, int):
            wanted = names[key - 1] if 1 <= key <= len(names) else None
        else:
            wanted = next((name for name in names if name.lower() == key.lower()), None)
        return None if wanted is None else Sheet(self._book, self._sheets.getByName(wanted))

    def _missing(self, key: int | str) -> Exception:
        return xw.NoSuchObjectError(f"the workbook has no sheet {key}")

    @property
    def active(self) -> Sheet:
        """The sheet in front."""
        controller = self._book.document.CurrentController
        return Sheet(self._book, self._sheets.getByIndex(0) if controller is None else controller.ActiveSheet)

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        """Put in a new sheet, before the one in front unless told otherwise, and bring it to the front."""
        position = after.index if after is not None else (before or self.active).index - 1
        if name is None:
            taken = set(self._sheets.ElementNames)
            name = next(free for n in range(1, len(taken) + 2) if (free := f"Sheet{n}") not in taken)
        self._sheets.insertNewByName(name, position)
        sheet = Sheet(self._book, self._sheets.getByName(name))
        sheet.activate()
        return sheet


class Sheet(GridSheet):
    """A sheet."""

    def __init__(self, book: Book, native: Any) -> None:
        self._book = book
        self.native = native

    @property
    def book(self) -> Book:
        """The workbook it is in."""
        return self._book

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.native.Name)

    @name.setter
    def name(self, name: str) -> None:
        self.native.Name = name

    @property
    def index(self) -> int:
        """Its position, from 1."""
        return int(self.native.RangeAddress.Sheet) + 1

    @property
    def names(self) -> Names:
        """The names that are its own."""
        return Names(self.book, self.native, self)

    @property
    def visible(self) -> bool:
        """Whether it can be seen."""
        return bool(self.native.IsVisible)

    @visible.setter
    def visible(self, visible: bool) -> None:
        self.native.IsVisible = bool(visible)

    @property
    def used_range(self) -> Range:
        """The rectangle around everything on it."""
        cursor = self.native.createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        return Range(self, area_of(cursor.RangeAddress))

    @property
    def notes(self) -> list[Note]:
        """The notes on it."""
        places = [note.Position for note in self.native.Annotations]
        return [Note(self._new_block(address.Area(place.Row + 1, place.Column + 1))) for place in places]

    def activate(self) -> None:
        """Bring it to the front of its workbook."""
        controller = self.book.document.CurrentController
        if controller is not None:
            controller.setActiveSheet(self.native)

    select = activate

    def delete(self) -> None:
        """Take it out of the workbook."""
        self.book.document.Sheets.removeByName(self.name)

    # Protection: see xlplugin.hosts.protection.

    @property
    def protected(self) -> bool:
        """Whether it is protected."""
        return bool(self.native.isProtected())

    def unprotect(self) -> None:
        """Lift its protection."""
        # An exception when the password is wrong, but what that is called differs between versions.
        try:
            self.native.unprotect("")
        except Exception as refused:
            raise PasswordNeededError(self.name) from refused
        if self.protected:
            raise PasswordNeededError(self.name)

    def protect(self) -> None:
        """Protect it again, without a password; what was allowed before is allowed again."""
        self.native.protect("")

    def _new_block(self, area: address.Area) -> Range:
        return Range(self, area)
