"""Reaches a workbook that is open in Excel, through xlwings; nothing else in the plugin uses xlwings.

xlwings has no word for protection and file dialogs: for these, what lies behind it is used, as Microsoft documents it
for COM on Windows and for AppleScript on the Mac.
"""
# ruff: noqa: ANN401, D102  what lies behind xlwings has no types; what the methods do is said in `host`

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import xlwings as xw

from workbook.model.cell_address import Area, Place, format_address, parse_range
from workbook.safety.unsafe_text import count_utf16_units
from xlplugin.host import Block, Color, Highlight, PasswordNeededError, SpreadsheetHost, area_at, as_entered

LONGEST_FORMULA = 8_000
"""Excel takes no longer text where a formula may stand; a longer one is entered as a value."""

# RPC_E_CALL_REJECTED, RPC_E_SERVERCALL_RETRYLATER, VBA_E_IGNORE: Excel answers nobody while a cell is typed into or a
# dialog is open.
_BUSY = {-2147418111, -2147417846, -2146777998}

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

F = TypeVar("F", bound=Callable[..., Any])


def find_calling_workbook() -> XlwingsHost:
    """Return the workbook whose macro started this process."""
    return XlwingsHost(xw.Book.caller())


def offer_in_formulas(function: F) -> F:
    """Make a function of a table of figures one that Excel offers in formulas; elsewhere return it as it is."""
    try:
        offered: F = xw.func(xw.arg("figures", ndim=2)(function))
    except Exception:  # which one depends on the machine
        return function
    return offered


class XlwingsHost(SpreadsheetHost):
    """A workbook of xlwings."""

    def __init__(self, book: xw.Book) -> None:
        self._book = book
        self._app = book.app
        self._sheets: dict[str, xw.Sheet] = {}
        self._last_range: tuple[str, Area, xw.Range] | None = None  # often asked again: making one costs a call

    def _sheet(self, name: str) -> xw.Sheet:
        if name not in self._sheets:
            self.sheet_names()
        return self._sheets[name]

    def _range(self, sheet: str, area: Area) -> xw.Range:
        if self._last_range is None or self._last_range[:2] != (sheet, area):
            # By address: xlwings' other ways to name a range ask the program many times.
            top, left, bottom, right = area
            last = "" if (top, left) == (bottom, right) else f":{format_address(bottom, right)}"
            self._last_range = sheet, area, self._sheet(sheet).range(format_address(top, left) + last)
        return self._last_range[2]

    @property
    def path(self) -> Path:
        return Path(self._book.fullname)

    # Sheets

    def sheet_names(self) -> list[str]:
        self._sheets = {sheet.name: sheet for sheet in self._book.sheets}
        self._last_range = None
        return list(self._sheets)

    def used_area(self, sheet: str) -> Area | None:
        used = self._sheet(sheet).used_range
        found = parse_range(str(used.address))
        if found is None:
            return None
        self._last_range = sheet, found[1:], used
        return found[1:]

    def add_sheet(self, name: str) -> None:
        last = self.sheet_names()[-1]
        self._sheets[name] = self._book.sheets.add(name, after=self._sheets[last])

    def delete_sheet(self, name: str) -> None:
        self._sheet(name).delete()
        del self._sheets[name]
        self._last_range = None

    def clear_sheet(self, name: str) -> None:
        self._sheet(name).clear()

    def set_column_widths(self, sheet: str, widths: Sequence[float]) -> None:
        for column, width in enumerate(widths):
            self._range(sheet, area_at((0, column))).column_width = width

    def unprotect(self, sheet: str) -> object | None:
        native = self._sheet(sheet).api
        protection = _MacProtection(native) if sys.platform == "darwin" else _WindowsProtection(native)
        if not protection.is_on():
            return None
        try:
            protection.lift()
        except Exception as refused:  # pywintypes.com_error, appscript.reference.CommandError
            raise PasswordNeededError(sheet) from refused
        if protection.is_on():
            raise PasswordNeededError(sheet)
        return protection

    def protect(self, sheet: str, protection: Any) -> None:  # noqa: ARG002
        protection.restore()

    # Contents of cells

    def read_values(self, sheet: str, area: Area) -> Block:
        rows: Block = self._range(sheet, area).options(ndim=2, err_to_str=True).value
        return rows

    def read_formulas(self, sheet: str, area: Area) -> Block:
        found = self._range(sheet, area).formula  # a text, or rows
        return [list(row) for row in found] if isinstance(found, list | tuple) else [[found]]

    def write_block(self, sheet: str, place: Place, block: Block) -> None:
        target = self._range(sheet, area_at(place, len(block), len(block[0])))
        target.formula = [["" if _is_long(value) else as_entered(value) for value in row] for row in block]
        for r, row in enumerate(block):
            for c, value in enumerate(row):
                if _is_long(value):
                    self._range(sheet, area_at((place[0] + r, place[1] + c))).value = value

    def write_link(self, sheet: str, place: Place, text: str, target: tuple[str, str]) -> None:
        name, cell = target[0].replace("'", "''"), target[1]
        self._range(sheet, area_at(place)).add_hyperlink(f"#'{name}'!{cell}", text)

    def read_name(self, name: str) -> str | None:
        try:
            return str(self._book.names[name].refers_to).removeprefix("=")
        except Exception:  # which one depends on the machine
            return None

    def read_property(self, name: str) -> str | None:
        try:
            return str(self._book.api.CustomDocumentProperties(name).Value)
        except Exception:  # which one depends on the machine; Excel for Mac has no such collection
            return None

    # Looks of cells

    def read_number_format(self, sheet: str, area: Area) -> str | None:
        code: str | None = self._range(sheet, area).number_format
        return code

    def format_area(
        self,
        sheet: str,
        area: Area,
        *,
        color: Color | None = None,
        number_format: str | None = None,
        wrapped: bool = False,
    ) -> None:
        target = self._range(sheet, area)
        if color is not None:
            target.color = color
        if number_format is not None:
            target.number_format = number_format
        if wrapped:
            target.wrap_text = True

    def set_locked(self, sheet: str, place: Place, *, locked: bool) -> None:
        native = self._range(sheet, area_at(place)).api
        if sys.platform == "darwin":
            native.locked.set(locked)
        else:
            native.Locked = locked

    def read_highlight(self, sheet: str, place: Place) -> Highlight:
        cell = self._range(sheet, area_at(place))
        color, note = cell.color, cell.note
        return Highlight(color or None, note.text if note else "")

    def write_highlight(self, sheet: str, place: Place, highlight: Highlight) -> None:
        cell = self._range(sheet, area_at(place))
        if old := cell.note:
            old.delete()
        cell.color = highlight.color
        if highlight.note:
            cell.add_note(highlight.note)

    # The clerk

    def selected_cell(self) -> tuple[str, Place] | None:
        cells = self._app.selection
        return None if cells is None else (cells.sheet.name, (cells.row - 1, cells.column - 1))

    def select_cell(self, sheet: str, place: Place) -> None:
        self._sheet(sheet).activate()
        self._range(sheet, area_at(place)).select()

    def show_message(self, text: str, title: str, kind: Literal["info", "critical", "question"] = "info") -> bool:
        if kind == "question":
            return bool(self._app.alert(text, title, buttons="yes_no", mode="exclamation") == "yes")
        self._app.alert(text, title, mode=kind)
        return False

    def choose_file(
        self, purpose: Literal["open", "save", "folder"], title: str, start: Path, patterns: str
    ) -> Path | None:
        if sys.platform != "win32":
            return _choose_with_tk(purpose, start, patterns)
        excel, filters = self._app.api, f"{patterns},{patterns}"
        if purpose == "save":
            chosen = excel.GetSaveAsFilename(str(start), filters, 1, title)
        elif purpose == "folder":
            dialog = excel.FileDialog(4)  # msoFileDialogFolderPicker
            chosen = dialog.SelectedItems(1) if dialog.Show() == -1 else False
        else:
            chosen = excel.GetOpenFilename(filters, 1, title)
        return Path(chosen) if isinstance(chosen, str) and chosen else None  # False where the clerk cancels

    def show_status(self, text: str) -> None:
        self._app.status_bar = text

    # Around a command

    def begin_command(self) -> None:
        """Stop the window from showing changes; while a cell is being typed into, Excel runs no command at all."""
        self._app.screen_updating = False

    def end_command(self) -> None:
        self._app.screen_updating = True

    def is_busy(self, error: BaseException) -> bool:
        """Return whether a pywintypes.com_error, which only Windows has, is a rejected call."""
        facts = getattr(error, "excepinfo", None)
        codes = {getattr(error, "hresult", None), facts[5] if isinstance(facts, tuple) and len(facts) > 5 else None}
        return bool(codes & _BUSY)


def _is_long(value: object) -> bool:
    return isinstance(value, str) and count_utf16_units(value) > LONGEST_FORMULA


class _WindowsProtection:
    """The protection of one sheet, through COM."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet

    def is_on(self) -> bool:
        return bool(self._sheet.ProtectContents)

    def lift(self) -> None:
        sheet = self._sheet
        self._options = {option: bool(getattr(sheet.Protection, option)) for option in _ALLOWED}
        self._options["DrawingObjects"] = bool(sheet.ProtectDrawingObjects)
        self._options["Scenarios"] = bool(sheet.ProtectScenarios)
        self._options["UserInterfaceOnly"] = bool(sheet.ProtectionMode)
        self._selectable = sheet.EnableSelection
        sheet.Unprotect("")  # the empty password: with none at all, Excel asks the user for one

    def restore(self) -> None:
        self._sheet.Protect(Contents=True, **self._options)
        self._sheet.EnableSelection = self._selectable


class _MacProtection:
    """The same through AppleScript; its dictionary has the same options under other names."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet

    def is_on(self) -> bool:
        return bool(self._sheet.protect_contents.get())

    def lift(self) -> None:
        sheet, allowed = self._sheet, self._sheet.protection_object
        self._options = {name: bool(getattr(allowed, name).get()) for name in map(_name_on_mac, _ALLOWED)}
        self._options["drawing_objects"] = bool(sheet.protect_drawing_objects.get())
        self._options["scenarios"] = bool(sheet.protect_scenarios.get())
        self._options["user_interface_only"] = bool(sheet.protection_mode.get())
        self._selectable = sheet.enable_selection.get()
        sheet.unprotect(password="")

    def restore(self) -> None:
        self._sheet.protect_worksheet(worksheet_contents=True, **self._options)
        self._sheet.enable_selection.set(self._selectable)


def _name_on_mac(option: str) -> str:
    """Return `allow_using_pivot_table` for `AllowUsingPivotTables`."""
    words = re.findall("[A-Z][a-z]+", option.removesuffix("Tables") + ("Table" if option.endswith("Tables") else ""))
    return "_".join(words).lower()


def _choose_with_tk(purpose: str, start: Path, patterns: str) -> Path | None:
    import tkinter
    from tkinter import filedialog

    root = tkinter.Tk()
    root.withdraw()
    root.attributes("-topmost", True)
    try:
        kinds = [(patterns, patterns.split(";"))]
        if purpose == "save":
            chosen = filedialog.asksaveasfilename(initialdir=start.parent, initialfile=start.name, filetypes=kinds)
        elif purpose == "folder":
            chosen = filedialog.askdirectory(initialdir=start)
        else:
            chosen = filedialog.askopenfilename(initialdir=start, filetypes=kinds)
    finally:
        root.destroy()
    return Path(chosen) if chosen else None
