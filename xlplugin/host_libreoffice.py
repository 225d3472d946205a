"""Reaches a workbook that is open in LibreOffice, through UNO.

LibreOffice's main thread answers the calls that come through a pipe or a socket. A macro that starts Python and waits
for it to end waits forever, and the user's window with it: it has to start it and not wait.
"""
# ruff: noqa: ANN401, D102  LibreOffice's objects have no types; what the methods do is said in `host`

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from workbook.model.cell_address import Area, Place, parse_range
from xlplugin.host import (
    Block,
    Color,
    Highlight,
    PasswordNeededError,
    SheetProtectedError,
    SpreadsheetHost,
    area_at,
)
from xlplugin.libreoffice_cells import CONTENTS, CellContents
from xlplugin.uno_bridge import import_uno, make_enum, to_file_path

if TYPE_CHECKING:
    from types import TracebackType

CHANGES_TOGETHER = 20
"""So many changes are one part of a step. Each is noted down as a few, and a part may hold 100."""

_NOTES = 8  # com.sun.star.sheet.CellFlags.ANNOTATION
_EVERYTHING = CONTENTS | _NOTES | 32 | 64 | 256  # … HARDATTR, STYLES, FORMATTED
_NOTE_WIDTH = 9000  # hundredths of a millimetre: a sentence takes few lines

_POINT = 2540 / 72  # in hundredths of a millimetre
_CHARACTER, _MARGIN = 5.25, 3.75  # of Excel's default font, in points

_OK, _YES_NO, _YES = 1, 3, 2  # com.sun.star.awt.MessageBoxButtons, MessageBoxResults
_BOXES = {"info": "INFOBOX", "critical": "ERRORBOX", "question": "QUERYBOX"}  # an INFOBOX has an OK button alone
_OPEN, _SAVE = 0, 1  # com.sun.star.ui.dialogs.TemplateDescription
_CHOSEN = 1  # com.sun.star.ui.dialogs.ExecutableDialogResults.OK

_ENTER = ".uno:AcceptFormula"
"""What the tick beside the line for entry does; an old LibreOffice may not have it."""
_TWO_CELLS = ((0, 0), (1, 1))

# A sheet's name that needs no quotes in an address: 表三, Sheet1.
_BARE_SHEET_NAME = re.compile(r"[^\W\d]\w*")

# A name that means cells and nothing else, as LibreOffice stores it: $表三.$A$1:$B$2, $'表 三'.$A$1
_NAMED_CELLS = re.compile(r"\$?('(?:[^']|'')+'|[^.'$]+)\.(\$[A-Z]+\$\d+(?::\$[A-Z]+\$\d+)?)")

_log = logging.getLogger("xlplugin")


def find_workbooks(context: Any) -> list[LibreOfficeHost]:
    """Return the open workbooks of the LibreOffice with that component context, the one in front first.

    A workbook without a window is never in front; where none is, the one opened last counts as such.
    """
    desktop = _service(context, "com.sun.star.frame.Desktop")
    documents, found = desktop.Components.createEnumeration(), []
    while documents.hasMoreElements():
        document = documents.nextElement()
        if document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
            found.append(document)
    found.sort(key=lambda document: int(document.RuntimeUID))  # LibreOffice lists them in no order that it promises
    in_front = desktop.getCurrentComponent()
    front = next((one for one in found if in_front is not None and one == in_front), found[-1] if found else None)
    return [LibreOfficeHost(context, one) for one in sorted(found, key=lambda one: one != front)]


def _service(context: Any, name: str) -> Any:
    return context.ServiceManager.createInstanceWithContext(name, context)


class LibreOfficeHost(SpreadsheetHost):
    """A document of LibreOffice.

    Where Excel refuses to change a protected sheet, LibreOffice's API does nothing and says nothing, or writes all the
    same: so every change asks first.
    """

    def __init__(self, context: Any, document: Any) -> None:
        self.document = document
        self._context = context
        self._contents = CellContents(document)
        self._pages: dict[str, Any] = {}
        self._step: Step | None = None
        self._indicator: Any = None

    def _page(self, sheet: str) -> Any:
        """Return LibreOffice's object for a sheet."""
        if sheet not in self._pages:
            self._pages[sheet] = self.document.Sheets.getByName(sheet)
        return self._pages[sheet]

    def _cells(self, sheet: str, area: Area) -> Any:
        top, left, bottom, right = area
        return self._page(sheet).getCellRangeByPosition(left, top, right, bottom)

    def _cell(self, sheet: str, place: Place) -> Any:
        return self._page(sheet).getCellByPosition(place[1], place[0])

    def _begin_change(self, sheet: str) -> None:
        if self._page(sheet).isProtected():
            raise SheetProtectedError(sheet)
        self._count_change()

    def _count_change(self) -> None:
        if self._step is not None:
            self._step.count_change()

    @property
    def path(self) -> Path:
        url = self.document.URL
        return to_file_path(url) if url else Path(f"Book{self.document.RuntimeUID}")

    def titles(self) -> set[str]:
        """Return what the workbook may be called: as in the title of its window, by its file, by its path."""
        return {str(self.document.Title), self.path.name, self.path.stem, str(self.path)}

    def is_read_only(self) -> bool:
        return bool(self.document.isReadonly())

    # Sheets

    def sheet_names(self) -> list[str]:
        self._pages.clear()  # sheets may have been renamed
        return list(self.document.Sheets.ElementNames)

    def used_area(self, sheet: str) -> Area | None:
        cursor = self._page(sheet).createCursor()
        cursor.gotoStartOfUsedArea(False)
        cursor.gotoEndOfUsedArea(True)
        found = cursor.RangeAddress
        return found.StartRow, found.StartColumn, found.EndRow, found.EndColumn

    def add_sheet(self, name: str) -> None:
        self.document.Sheets.insertNewByName(name, self.document.Sheets.Count)

    def delete_sheet(self, name: str) -> None:
        self.document.Sheets.removeByName(name)
        self._pages.pop(name, None)

    def clear_sheet(self, name: str) -> None:
        self._begin_change(name)
        self._page(name).clearContents(_EVERYTHING)

    def set_column_widths(self, sheet: str, widths: Sequence[float]) -> None:
        for column, width in enumerate(widths):
            self._begin_change(sheet)
            native = self._page(sheet).Columns.getByIndex(column)
            native.Width = round((width * _CHARACTER + _MARGIN) * _POINT)

    def unprotect(self, sheet: str) -> object | None:
        page = self._page(sheet)
        if not page.isProtected():
            return None
        # An exception when the password is wrong, but what that is called differs between versions.
        try:
            page.unprotect("")
        except Exception as refused:
            raise PasswordNeededError(sheet) from refused
        if page.isProtected():
            raise PasswordNeededError(sheet)
        return True

    def protect(self, sheet: str, protection: object) -> None:  # noqa: ARG002
        self._page(sheet).protect("")  # LibreOffice remembers what was allowed

    # Contents of cells

    def read_values(self, sheet: str, area: Area) -> Block:
        return self._contents.read_values(self._cells(sheet, area))

    def read_formulas(self, sheet: str, area: Area) -> Block:
        return self._contents.read_formulas(self._cells(sheet, area))

    def write_block(self, sheet: str, place: Place, block: Block) -> None:
        self._begin_change(sheet)
        cells = self._cells(sheet, area_at(place, len(block), len(block[0])))
        self._contents.write_block(cells, block, self._count_change)

    def write_link(self, sheet: str, place: Place, text: str, target: tuple[str, str]) -> None:
        self._begin_change(sheet)
        link = self.document.createInstance("com.sun.star.text.TextField.URL")
        link.URL, link.Representation = f"#{_quoted(target[0])}.{target[1]}", text
        cell = self._cell(sheet, place)
        cell.setString("")
        content = cell.getText()
        content.insertTextContent(content.createTextCursor(), link, False)

    def read_name(self, name: str) -> str | None:
        names = self.document.NamedRanges
        if not names.hasByName(name):
            return None
        found = names.getByName(name)
        if (cells := _NAMED_CELLS.fullmatch(str(found.Content))) is not None:
            return f"{cells[1]}!{cells[2]}"
        return self._contents.name_content(found, self.document.Sheets.getByIndex(0).getCellByPosition(0, 0))

    # Looks of cells

    def read_number_format(self, sheet: str, area: Area) -> str | None:
        return self._contents.read_format(self._cells(sheet, area))

    def format_area(
        self,
        sheet: str,
        area: Area,
        *,
        color: Color | None = None,
        number_format: str | None = None,
        wrapped: bool = False,
    ) -> None:
        cells = self._cells(sheet, area)
        if color is not None:
            self._begin_change(sheet)
            cells.CellBackColor = _color_number(color)
        if number_format is not None:
            self._begin_change(sheet)
            cells.NumberFormat = self._contents.format_key(number_format)
        if wrapped:
            self._begin_change(sheet)
            cells.IsTextWrapped = True

    def set_locked(self, sheet: str, place: Place, *, locked: bool) -> None:
        self._begin_change(sheet)
        cell = self._cell(sheet, place)
        protection = cell.CellProtection
        protection.IsLocked = locked
        cell.CellProtection = protection

    def read_highlight(self, sheet: str, place: Place) -> Highlight:
        cell = self._cell(sheet, place)
        number = cell.CellBackColor
        color = None if number < 0 else (number >> 16 & 255, number >> 8 & 255, number & 255)
        return Highlight(color, str(cell.getAnnotation().String))  # which answers for every cell

    def write_highlight(self, sheet: str, place: Place, highlight: Highlight) -> None:
        self._begin_change(sheet)
        cell = self._cell(sheet, place)
        cell.CellBackColor = _color_number(highlight.color)
        if cell.getAnnotation().String:
            self._count_change()
            cell.clearContents(_NOTES)
        if highlight.note:
            self._count_change()
            self._page(sheet).Annotations.insertNew(cell.CellAddress, highlight.note)
            shape = cell.getAnnotation().AnnotationShape
            size = shape.Size
            size.Width = _NOTE_WIDTH  # LibreOffice fits the height
            shape.setSize(size)

    # The clerk

    def selected_cell(self) -> tuple[str, Place] | None:
        selected = self.document.CurrentSelection
        if selected is None:
            return None
        if selected.supportsService("com.sun.star.sheet.SheetCellRanges"):
            selected = selected.getByIndex(0)
        if not selected.supportsService("com.sun.star.sheet.SheetCellRange"):
            return None  # a drawing, for instance
        found = selected.RangeAddress
        return str(selected.Spreadsheet.Name), (found.StartRow, found.StartColumn)

    def select_cell(self, sheet: str, place: Place) -> None:
        controller = self.document.CurrentController
        if controller is not None:
            controller.Frame.activate()
            controller.setActiveSheet(self._page(sheet))
            controller.select(self._cell(sheet, place))

    def show_message(self, text: str, title: str, kind: Literal["info", "critical", "question"] = "info") -> bool:
        """Show a message; with no window to show it in, it goes to the log, and a question is answered with no."""
        controller = self.document.CurrentController
        window = controller.Frame.ContainerWindow if controller is not None else None
        if window is None or not window.isVisible():
            _log.warning("%s: %s", title, text)
            return False
        buttons = _YES_NO if kind == "question" else _OK
        box = window.Toolkit.createMessageBox(
            window, make_enum("awt.MessageBoxType", _BOXES[kind]), buttons, title, text
        )
        try:
            return bool(box.execute() == _YES)
        finally:
            box.dispose()

    def choose_file(
        self, purpose: Literal["open", "save", "folder"], title: str, start: Path, patterns: str
    ) -> Path | None:
        picker = _service(
            self._context, f"com.sun.star.ui.dialogs.{'FolderPicker' if purpose == 'folder' else 'FilePicker'}"
        )
        if purpose != "folder":
            template = import_uno().Any("short", _SAVE if purpose == "save" else _OPEN)
            import_uno().invoke(picker, "initialize", ((template,),))
            picker.appendFilter(patterns, patterns)
        if purpose == "save":
            picker.setDefaultName(start.name)
        folder = start.parent if purpose == "save" else start
        if folder.is_dir():
            picker.setDisplayDirectory(folder.absolute().as_uri())
        picker.setTitle(title)
        if picker.execute() != _CHOSEN:
            return None
        return to_file_path(picker.getDirectory() if purpose == "folder" else picker.getFiles()[0])

    def show_status(self, text: str) -> None:
        if self._indicator is not None:
            self._indicator.end()
        controller = self.document.CurrentController
        if controller is not None:
            self._indicator = controller.Frame.createStatusIndicator()
            self._indicator.start(text, 0)

    # Around a command

    def begin_command(self) -> None:
        self._enter_typed()
        # LibreOffice counts the locks: never two, or the window stays frozen.
        if not self.document.hasControllersLocked():
            self.document.lockControllers()

    def end_command(self) -> None:
        if self.document.hasControllersLocked():
            self.document.unlockControllers()

    def _enter_typed(self) -> None:
        """Enter what is being typed into a cell, or into the line above the table, as the tick beside that line does.

        A formula that is being typed takes a cell selected meanwhile for a part of it, so selecting another cell is
        only what is done where there is no such command. LibreOffice drops what is being typed when another sheet is
        brought to the front: nothing may do that before. Selection and view stay; LibreOffice says what a cell refuses.
        """
        controller = self.document.CurrentController
        if controller is None or self.selected_cell() is None:
            return  # no window, or a drawing is selected: nobody types into a cell then
        selected = controller.getSelection()
        panes = [controller.getByIndex(n) for n in range(controller.getCount())]
        views = [(pane, pane.getFirstVisibleColumn(), pane.getFirstVisibleRow()) for pane in panes]
        entered = self._run_menu_command(controller.Frame, _ENTER)
        if not entered:
            for column, row in _TWO_CELLS:  # one of them is not the cell being typed into
                controller.select(controller.ActiveSheet.getCellByPosition(column, row))
        if not entered or selected.supportsService("com.sun.star.sheet.SheetCell"):
            controller.select(selected)  # which also lets the line above the table show what the cell holds
        for pane, column, row in views:
            if (pane.getFirstVisibleColumn(), pane.getFirstVisibleRow()) != (column, row):
                pane.setFirstVisibleColumn(column)
                pane.setFirstVisibleRow(row)

    def _run_menu_command(self, frame: Any, command: str) -> bool:
        """Run a command of the menu in a window, to its end; return whether this LibreOffice has that command."""
        helper = _service(self._context, "com.sun.star.frame.DispatchHelper")
        return helper.executeDispatch(frame, command, "", 0, ()) is not None

    def one_step(self, title: str) -> Step:
        self._step = Step(self.document, title)
        return self._step


def _quoted(sheet: str) -> str:
    if _BARE_SHEET_NAME.fullmatch(sheet) and parse_range(sheet) is None:
        return sheet
    return "'" + sheet.replace("'", "''") + "'"


def _color_number(color: Color | None) -> int:
    return -1 if color is None else color[0] << 16 | color[1] << 8 | color[2]


class Step:
    """What is changed within the block is one entry under 撤销; where the block fails, it is taken back.

    LibreOffice forgets all but the last 100 changes of an entry that is still open, whenever another sheet or another
    window comes to the front; undone, such an entry would leave a sheet without its protection. So the changes are kept
    in parts within the entry, few enough in each.

    Windows must not be locked or unlocked within the block: that is noted down as a change. This is a class, for
    exceptions of UNO do not survive `contextlib.contextmanager`: it assigns to their `__traceback__`, which they take
    for a member of their own.
    """

    def __init__(self, document: Any, title: str) -> None:
        self._document = document
        self._title = title
        self._manager: Any = None
        self._changes = 0

    def __enter__(self) -> Self:
        with suppress(Exception):  # where nothing can be undone, commands work all the same
            manager = self._document.getUndoManager()
            listed = manager.getAllUndoActionTitles()
            manager.enterUndoContext(self._title)
            manager.enterUndoContext(self._title)
            if manager.getAllUndoActionTitles() != listed:  # else it notes nothing down
                self._manager = manager
        return self

    def count_change(self) -> None:
        """Count another change that is to be made: where the part at hand has enough of them, in a new one."""
        self._changes += 1
        if self._manager is not None and self._changes % CHANGES_TOGETHER == 0:
            self._manager.leaveUndoContext()
            self._manager.enterUndoContext(self._title)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        manager, self._manager = self._manager, None
        if manager is None:
            return
        with suppress(Exception):  # the workbook may have been closed meanwhile
            listed = manager.getAllUndoActionTitles()  # the open entry is the first of them
            manager.leaveUndoContext()
            manager.leaveUndoContext()
            changed = manager.getAllUndoActionTitles() == listed  # an entry without changes is gone now
            if changed and error is not None:
                manager.undo()
                manager.clearRedo()  # what failed is not to be done again
