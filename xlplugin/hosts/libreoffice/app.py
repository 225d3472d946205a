"""The running program: its workbooks, its message boxes, its status bar."""
# ruff: noqa: ANN401  LibreOffice's objects have no types

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import xlwings as xw
from xlwings import base_classes

from xlplugin.hosts.base import Listed
from xlplugin.hosts.libreoffice.book import Book
from xlplugin.hosts.libreoffice.bridge import enum, file_path, file_url, properties, uno
from xlplugin.hosts.libreoffice.undo import Step
from xlplugin.hosts.values import Conversions

_BUTTONS = {"ok": 1, "ok_cancel": 2, "yes_no": 3, "yes_no_cancel": 4}
_BOXES = {"critical": "ERRORBOX", "info": "INFOBOX", None: "MESSAGEBOX"}
_PRESSED = {0: "cancel", 1: "ok", 2: "yes", 3: "no"}
_NEVER_RUN_MACROS = 0
_OPEN, _SAVE = 0, 1  # com.sun.star.ui.dialogs.TemplateDescription
_CHOSEN = 1  # com.sun.star.ui.dialogs.ExecutableDialogResults.OK

_DISPATCHER = "com.sun.star.frame.DispatchHelper"

_log = logging.getLogger("xlplugin")


class Engine(Conversions):
    """What xlwings knows this program by."""

    name = "libreoffice"
    type = "desktop"

    def __init__(self, context: Any) -> None:
        self.apps = Apps(App(self, context))


class Apps(base_classes.Apps):
    """There is one LibreOffice, and it is running already."""

    def __init__(self, app: App) -> None:
        self._app = app

    def keys(self) -> list[int]:
        """The one key that ``xw.apps`` has."""
        return [self._app.pid]

    def add(self, spec: object = None, add_book: object = None, xl: object = None, visible: object = None) -> App:  # noqa: ARG002
        """The running program: a second one would not see the books of the first."""
        if add_book:
            self._app.books.add()
        return self._app

    @staticmethod
    def cleanup() -> None:
        """Nothing: no program was started."""

    def __iter__(self) -> Iterator[App]:
        return iter([self._app])

    def __len__(self) -> int:
        return 1

    def __getitem__(self, pid: int) -> App:
        if pid != self._app.pid:
            raise KeyError(pid)
        return self._app


class App(base_classes.App):
    """The running LibreOffice."""

    version = "16.0"  # what xlwings compares with versions of Excel
    visible = True
    # Excel's switches that LibreOffice has no use for.
    display_alerts = True
    enable_events = True
    interactive = True
    cut_copy_mode = None
    pid = 1

    def __init__(self, engine: Engine, context: Any) -> None:
        self.engine = engine
        self.step: Step | None = None
        self._context = context
        self.desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        self._status: str | bool = False
        self._indicator: Any = None

    @property
    def books(self) -> Books:
        """The open workbooks."""
        return Books(self)

    @property
    def selection(self) -> Any:
        """The selected cells of the active workbook; the first block when there are several."""
        return self.books.active.selection if len(self.books) else None

    def activate(self, steal_focus: bool = False) -> None:
        """Nothing: the program is the only one."""

    def quit(self) -> None:
        """Close the workbooks, without saving. The program stays: it may have other documents."""
        for book in self.books:
            book.close()

    kill = quit

    def calculate(self) -> None:
        """Calculate every formula anew.

        Not only those that LibreOffice holds to be out of date: it believes the results stored in a file.
        """
        for book in self.books:
            book.document.calculateAll()

    @property
    def screen_updating(self) -> bool:
        """Whether windows show changes as they happen."""
        return not any(book.document.hasControllersLocked() for book in self.books)

    @screen_updating.setter
    def screen_updating(self, shown: bool) -> None:
        for book in self.books:
            # LibreOffice counts the locks: never two on one workbook, or its window stays frozen.
            locked = book.document.hasControllersLocked()
            if shown and locked:
                book.document.unlockControllers()
            elif not shown and not locked:
                book.document.lockControllers()

    @property
    def status_bar(self) -> str | bool:
        """The text in the status bar, or False when the program has it to itself."""
        return self._status

    @status_bar.setter
    def status_bar(self, text: str | bool) -> None:
        if self._indicator is not None:
            self._indicator.end()
            self._indicator = None
        self._status = text
        controller = self.books.active.document.CurrentController if len(self.books) else None
        if text and controller is not None:
            self._indicator = controller.Frame.createStatusIndicator()
            self._indicator.start(str(text), 0)

    def alert(self, prompt: str, title: str | None, buttons: str | None, mode: str | None, callback: object) -> str:  # noqa: ARG002
        """Show a message and wait for the button: "ok", "cancel", "yes" or "no".

        With no window to show it in, the message goes to the log, and the answer is the one that changes nothing.
        """
        buttons = buttons or "ok"
        harmless = {"ok": "ok", "yes_no": "no"}.get(buttons, "cancel")
        window = self._window()
        if window is None:
            _log.warning("%s: %s", title or "", prompt)
            return harmless
        # An INFOBOX has an OK button whatever it is asked for.
        kind = "QUERYBOX" if buttons != "ok" and mode != "critical" else _BOXES.get(mode, "MESSAGEBOX")
        box = window.Toolkit.createMessageBox(
            window, enum("awt.MessageBoxType", kind), _BUTTONS[buttons], title or "", prompt or ""
        )
        try:
            pressed = _PRESSED.get(box.execute(), harmless)
        finally:
            box.dispose()
        # Closing a box that has no such button.
        return harmless if pressed == "cancel" else pressed

    def ask_file(self, what: str, patterns: str, start: Path, title: str) -> Path | None:
        """Let the clerk choose a file to ``open``, where to ``save`` one, or a ``folder``; None where they cancel.

        ``patterns`` is like ``*.xlsx;*.json``; ``start`` is the folder to begin in, and the name suggested for saving.
        """
        kind = "FolderPicker" if what == "folder" else "FilePicker"
        service = f"com.sun.star.ui.dialogs.{kind}"
        picker = self._context.ServiceManager.createInstanceWithContext(service, self._context)
        folder = start.parent if what == "save" else start
        if what != "folder":
            template = uno().Any("short", _SAVE if what == "save" else _OPEN)
            uno().invoke(picker, "initialize", ((template,),))
            picker.appendFilter(patterns, patterns)
        if what == "save":
            picker.setDefaultName(start.name)
        if folder.is_dir():
            picker.setDisplayDirectory(file_url(str(folder)))
        picker.setTitle(title)
        if picker.execute() != _CHOSEN:
            return None
        url = picker.getDirectory() if what == "folder" else picker.getFiles()[0]
        return Path(file_path(url))

    def dispatch(self, frame: Any, command: str) -> bool:
        """Run a command of the menu in a window, to its end; whether this LibreOffice has that command."""
        helper = self._context.ServiceManager.createInstanceWithContext(_DISPATCHER, self._context)
        return helper.executeDispatch(frame, command, "", 0, ()) is not None

    def _window(self) -> Any:
        controller = self.books.active.document.CurrentController if len(self.books) else None
        window = controller.Frame.ContainerWindow if controller is not None else None
        return window if window is not None and window.isVisible() else None


class Books(Listed, base_classes.Books):
    """The open workbooks."""

    def __init__(self, app: App) -> None:
        self.app = app

    def _all(self) -> Sequence[Book]:
        documents = self.app.desktop.Components.createEnumeration()
        found = []
        while documents.hasMoreElements():
            document = documents.nextElement()
            if document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
                found.append(Book(self.app, document))
        # LibreOffice lists them in no order that it promises: the oldest first, as Excel does.
        return sorted(found, key=lambda book: int(book.document.RuntimeUID))

    def _is_called(self, one: Book, name: str) -> bool:
        return name in {one.name.lower(), one.fullname.lower()}

    @property
    def active(self) -> Book:
        """The workbook in front; one without a window is never in front, so the last one opened is taken then."""
        books = self._all()
        if not books:
            raise xw.XlwingsError("no workbook is open")
        front = self.app.desktop.getCurrentComponent()
        return next((book for book in books if front is not None and book.document == front), books[-1])

    def add(self) -> Book:
        """A new workbook."""
        return self._load("private:factory/scalc")

    def open(
        self,
        fullname: str,
        update_links: object = None,  # noqa: ARG002
        read_only: bool | None = None,
        format: object = None,  # noqa: ARG002
        password: str | None = None,
        *_others: object,
        **_named_others: object,
    ) -> Book:
        """Open a file. Macros in it do not run."""
        if not Path(fullname).exists():
            raise FileNotFoundError(fullname)
        secret = {"Password": password} if password else {}
        return self._load(file_url(fullname), ReadOnly=bool(read_only), **secret)

    def _load(self, url: str, **how: object) -> Book:
        document = self.app.desktop.loadComponentFromURL(
            url, "_blank", 0, properties(MacroExecutionMode=_NEVER_RUN_MACROS, **how)
        )
        if document is None:
            raise xw.XlwingsError(f"LibreOffice cannot open {url}")
        return Book(self.app, document)
