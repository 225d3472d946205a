"""Lifting the protection of a sheet while marks are written into it.

xlwings has no word for protection that all programs understand: this module, and nothing else in the plugin, goes
behind xlwings to the program itself. For Excel that is written from Microsoft's documentation of COM and AppleScript.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import xlwings as xw

# What may be allowed on a protected sheet, in Excel's order.
_ALLOWED = (
    "AllowFormattingCells",
    "AllowFormattingColumns",
    "AllowFormattingRows",
    "AllowInsertingColumns",
    "AllowInsertingRows",
    "AllowInsertingHyperlinks",
    "AllowDeletingColumns",
    "AllowDeletingRows",
    "AllowSorting",
    "AllowFiltering",
    "AllowUsingPivotTables",
)


class SheetProtectedError(xw.XlwingsError):
    """A protected sheet was to be changed."""

    def __init__(self, sheet: str) -> None:
        super().__init__(f"工作表“{sheet}”受保护，不能修改")
        self.sheet = sheet


class PasswordNeededError(xw.XlwingsError):
    """A sheet is protected with a password: only who set it can lift it."""

    def __init__(self, sheet: str) -> None:
        super().__init__(f"工作表“{sheet}”设有保护密码，请先在“审阅”中撤销工作表保护")
        self.sheet = sheet


class _Lock(Protocol):
    """The protection of one sheet."""

    @property
    def protected(self) -> bool: ...

    def unprotect(self) -> None: ...

    def protect(self) -> None: ...


@contextmanager
def unprotected(sheet: xw.Sheet) -> Iterator[xw.Sheet]:
    """The sheet without its protection; afterwards it is protected again, with the same things allowed.

    A sheet that is not protected stays so. One with a password is left alone: PasswordNeededError.
    """
    lock = _lock_of(sheet)
    if not lock.protected:
        yield sheet
        return
    lock.unprotect()
    try:
        yield sheet
    finally:
        lock.protect()


def set_locked(cell: xw.Range, *, locked: bool) -> None:
    """Whether a protected sheet refuses entry into a cell. The sheet must not be protected just then."""
    if cell.sheet.book.app.engine.name != "excel":
        cell.impl.locked = locked  # our own engines
    elif sys.platform == "darwin":
        cell.api.locked.set(locked)
    else:
        cell.api.Locked = locked


def is_protected(sheet: xw.Sheet) -> bool:
    """Whether a sheet is protected."""
    return _lock_of(sheet).protected


def _lock_of(sheet: xw.Sheet) -> _Lock:
    if sheet.book.app.engine.name != "excel":
        lock: _Lock = sheet.impl  # our own engines
        return lock
    return _ExcelOnMac(sheet) if sys.platform == "darwin" else _ExcelOnWindows(sheet)


class _ExcelOnWindows:
    """Through COM."""

    def __init__(self, sheet: xw.Sheet) -> None:
        self._sheet = sheet.api
        self._name = sheet.name
        self._options: dict[str, bool] = {}
        self._selectable: Any = None

    @property
    def protected(self) -> bool:
        return bool(self._sheet.ProtectContents)

    def unprotect(self) -> None:
        allowed = self._sheet.Protection
        self._options = {option: bool(getattr(allowed, option)) for option in _ALLOWED}
        self._options["DrawingObjects"] = bool(self._sheet.ProtectDrawingObjects)
        self._options["Scenarios"] = bool(self._sheet.ProtectScenarios)
        self._options["UserInterfaceOnly"] = bool(self._sheet.ProtectionMode)
        self._selectable = self._sheet.EnableSelection
        try:
            # The empty password: with none at all, Excel asks the user for one.
            self._sheet.Unprotect("")
        except Exception as refused:  # pywintypes.com_error, which only Windows has
            raise PasswordNeededError(self._name) from refused
        if self.protected:
            raise PasswordNeededError(self._name)

    def protect(self) -> None:
        self._sheet.Protect(Contents=True, **self._options)
        self._sheet.EnableSelection = self._selectable


class _ExcelOnMac:
    """Through AppleScript; its dictionary has the same options under other names."""

    def __init__(self, sheet: xw.Sheet) -> None:
        self._sheet = sheet.api
        self._name = sheet.name
        self._options: dict[str, bool] = {}
        self._selectable: Any = None

    @property
    def protected(self) -> bool:
        return bool(self._sheet.protect_contents.get())

    def unprotect(self) -> None:
        allowed = self._sheet.protection_object
        self._options = {name: bool(getattr(allowed, name).get()) for name in map(_on_mac, _ALLOWED)}
        self._options["drawing_objects"] = bool(self._sheet.protect_drawing_objects.get())
        self._options["scenarios"] = bool(self._sheet.protect_scenarios.get())
        self._options["user_interface_only"] = bool(self._sheet.protection_mode.get())
        self._selectable = self._sheet.enable_selection.get()
        try:
            self._sheet.unprotect(password="")
        except Exception as refused:  # appscript.reference.CommandError, which only a Mac has
            raise PasswordNeededError(self._name) from refused
        if self.protected:
            raise PasswordNeededError(self._name)

    def protect(self) -> None:
        self._sheet.protect_worksheet(worksheet_contents=True, **self._options)
        self._sheet.enable_selection.set(self._selectable)


def _on_mac(option: str) -> str:
    """``AllowUsingPivotTables`` is ``allow_using_pivot_table``."""
    words = re.findall("[A-Z][a-z]+", option.removesuffix("Tables") + ("Table" if option.endswith("Tables") else ""))
    return "_".join(words).lower()
