"""A clerk at the keyboard of a LibreOffice that has no screen.

Python's bridge to LibreOffice is no clerk: it writes into locked cells and past every data validation. The UITest
service, which LibreOffice tests itself with, sends keys through the real input handler instead, so that refusals,
message boxes and protection meet the clerk as they meet a person.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.office.libreoffice import bridge, error_name
from xlplugin.uno_bridge import make_properties

if TYPE_CHECKING:
    from types import TracebackType

    from tests.office.libreoffice import Office

BOX_SECONDS = 15.0
"""How long a key press may stay unanswered without a message box to be seen."""
WORDS_SECONDS = 3.0
"""How long a message box may be there without its words."""

_BUTTONS = {"ok", "cancel", "yes", "no", "messagedialog"}
_ROLES_OF_TEXT = ("LABEL", "STATIC")
_DEPTH, _BREADTH = 6, 50  # a message box is small; what is beyond is not its text


class Clerk:
    """Somebody who opens a copy of a workbook, types, pastes, and reads what is said in return.

    Methods that act return the text of the message box they met (title and body joined by " | "), or None; different
    boxes are parted by line ends. A box is answered with ``answer`` ("cancel", "ok", "yes", "no") or the nearest
    thing it has.
    """

    def __init__(self, office: Office, path: Path) -> None:
        if office.mode != "svp":
            raise ValueError('a clerk needs windows: Office("svp")')
        self._office = office
        self._directory = Path(tempfile.mkdtemp(prefix="clerk-"))
        # A copy: the original stays as it was, and no lock of another test is met.
        copy = Path(shutil.copy(path, self._directory))
        with office.deadline(60):
            self.document: Any = office.open(copy, hidden=False)
            self._tests: Any = office.service("org.libreoffice.uitest.UITest")
            self._toolkit: Any = office.service("com.sun.star.awt.Toolkit")
            self._focus()
            self._grid: Any = self._tests.getTopFocusWindow().getChild("grid_window")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What a clerk does

    def type_into(
        self, sheet: str, cell: str, text: object, *, key: str = "RETURN", answer: str = "cancel"
    ) -> str | None:
        """Type a text into a cell and press a key; the message box that this brought up, or None."""

        def typing() -> None:
            self._act("TYPE", TEXT=str(text))
            self._act("TYPE", KEYCODE=key)

        return self._doing(sheet, cell, typing, answer)

    def begin_typing(self, sheet: str, cell: str, text: object) -> None:
        """Type a text into a cell and leave it at that: it is not entered."""
        self._doing(sheet, cell, lambda: self._act("TYPE", TEXT=str(text)), "cancel")

    def meanwhile(self, action: Callable[[], None], *, answer: str = "ok") -> str | None:
        """Something else is done with this workbook; the message box that this brought up, or None."""
        with self._office.deadline(60):
            return self._said(_Background(action), answer)

    def clear(self, sheet: str, cell: str, *, answer: str = "cancel") -> str | None:
        """Press the delete key on a cell; the message box that this brought up, or None.

        LibreOffice refuses to clear a locked cell without a word, so look at the cell afterwards.
        """
        return self._doing(sheet, cell, lambda: self._act("TYPE", KEYCODE="DELETE"), answer)

    def paste_over(self, sheet: str, cell: str, *rows: str, as_text: bool = False, answer: str = "yes") -> str | None:
        """Copy cells of another workbook and paste them; the message box that this brought up, or None.

        One string a row, cells parted by tabs. The cells are numbers where they look like numbers, unless ``as_text``.
        Pasting is what validation does not see, and the copied cells bring their own validation (none) and their own
        protection (locked) along.
        """
        with self._office.deadline(60):
            source = self._office.blank()
            try:
                self._copy(source, [row.split("\t") for row in rows], as_text=as_text)
                return self._doing(sheet, cell, lambda: self._office.dispatch(self.document, ".uno:Paste"), answer)
            finally:
                source.close(True)

    # What a clerk sees

    def value(self, sheet: str, cell: str) -> object:
        """The value of a cell as ``Office.recalculated`` gives it: float, text, name of an error, or "" for nothing."""
        found = self._cell(sheet, cell)
        return error_name(found) if found.getError() else found.getDataArray()[0][0]

    def shown(self, sheet: str, cell: str) -> str:
        """The text of a cell as its number format shows it."""
        return str(self._cell(sheet, cell).String)

    def formula(self, sheet: str, cell: str) -> str:
        """The formula of a cell, or its plain content."""
        return str(self._cell(sheet, cell).Formula)

    def save(self, path: Path) -> Path:
        """Save a copy of the workbook as it is now, in the format the suffix names."""
        with self._office.deadline(60):
            self._office.save(self.document, path)
        return path

    def close(self) -> None:
        """Throw the copy away, with no question asked."""
        try:
            if self._office.alive:
                with self._office.deadline(30):
                    self.document.setModified(False)
                    self.document.close(True)
        finally:
            shutil.rmtree(self._directory, ignore_errors=True)

    # How

    def _cell(self, sheet: str, cell: str) -> Any:
        return self.document.Sheets.getByName(sheet).getCellRangeByName(cell).getCellByPosition(0, 0)

    def _settle(self) -> None:
        self._toolkit.processEventsToIdle()

    def _focus(self) -> None:
        """Bring this workbook to the front: keys go to the active window, whichever grid they were sent to."""
        frame = self.document.CurrentController.Frame
        frame.activate()
        frame.ContainerWindow.toFront()
        frame.ContainerWindow.setFocus()
        self._settle()

    def _act(self, action: str, **arguments: object) -> None:
        self._grid.executeAction(action, make_properties(**arguments))

    def _copy(self, source: Any, rows: list[list[str]], *, as_text: bool) -> None:
        width = max(len(row) for row in rows)
        target = source.Sheets.getByIndex(0).getCellRangeByPosition(0, 0, width - 1, len(rows) - 1)
        padded = tuple(tuple(row + [""] * (width - len(row))) for row in rows)
        if as_text:
            target.setDataArray(padded)
        else:
            target.setFormulaArray(padded)
        source.CurrentController.select(target)
        self._office.dispatch(source, ".uno:Copy")

    def _doing(self, sheet: str, cell: str, action: Callable[[], None], answer: str) -> str | None:
        """Go to a cell, act, and answer the message box if there is one."""
        with self._office.deadline(60):
            self._focus()
            self._act("SELECT", CELL=f"$'{sheet}'.{cell}")
            self._settle()
            return self._said(_Background(action), answer)

    def _said(self, running: _Background, answer: str) -> str | None:
        """Answer the message boxes that come while something runs; their texts."""
        said: list[str] = []
        # Usually one box, but LibreOffice opens one for each character that meets a locked cell.
        while (box := self._next_box(running)) is not None:
            said.append(self._text_of(box))
            self._press(box, answer)
            self._settle()
        return "\n".join(dict.fromkeys(said)) or None

    def _next_box(self, action: _Background) -> Any | None:
        """Wait until a message box is there or the action has ended without one."""
        give_up_at = time.monotonic() + BOX_SECONDS
        while time.monotonic() < give_up_at:
            if action.ended():
                self._settle()  # the box about locked cells opens only after the key has been dealt with
                return self._box()
            if (box := self._box()) is not None:
                return box
        raise TimeoutError("LibreOffice is busy and shows no message box")

    def _box(self) -> Any | None:
        """The message box that has the focus, or None when the sheet has it."""
        try:
            window = self._tests.getTopFocusWindow()
            children = set(window.getChildren())
        except Exception:  # windows come and go while we look, and UNO has many names for that
            return None
        return window if children & _BUTTONS and "grid_window" not in children else None

    def _press(self, box: Any, answer: str) -> None:
        children = box.getChildren()
        for name in (answer, "ok", "yes", "cancel", "no"):
            if name in children:
                box.getChild(name).executeAction("CLICK", ())
                return
        raise LookupError(f"a message box without a button known here: {children}")

    def _text_of(self, box: Any) -> str:
        """Title and body of a message box, which is there and has a button before it has its words."""
        give_up_at = time.monotonic() + WORDS_SECONDS
        while len(parts := self._parts_of(box)) < 2 and time.monotonic() < give_up_at:
            self._settle()
        return " | ".join(parts)

    def _parts_of(self, box: Any) -> list[str]:
        """The title, then the labels; only the tree for screen readers knows these."""
        title = next((str(entry.Value) for entry in box.getState() if entry.Name == "Text"), "")
        parts = [title]
        for index in range(self._toolkit.getTopWindowCount()):
            accessible = self._toolkit.getTopWindow(index).getAccessibleContext()
            if accessible.getAccessibleName() == title:
                parts += _labels(accessible)
        return list(dict.fromkeys(part for part in parts if part))


class _Background:
    """An action in a thread of its own: a key press does not return while the box that it opened is there."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._action()
        except Exception as error:  # it is for the thread that waits
            self._failure = error

    def ended(self) -> bool:
        """Whether it is over, after a short wait; its exception is raised here."""
        self._thread.join(0.02)
        if self._thread.is_alive():
            return False
        if self._failure is not None:
            raise self._failure
        return True


def _labels(accessible: Any, depth: int = 0) -> list[str]:
    """The texts in a window, from the top, as a screen reader would say them."""
    name = accessible.getAccessibleName()
    found = [str(name)] if name and accessible.getAccessibleRole() in _roles() else []
    if depth < _DEPTH:
        for index in range(min(accessible.getAccessibleChildCount(), _BREADTH)):
            found += _labels(accessible.getAccessibleChild(index).getAccessibleContext(), depth + 1)
    return found


def _roles() -> set[int]:
    uno = bridge()
    return {uno.getConstantByName(f"com.sun.star.accessibility.AccessibleRole.{name}") for name in _ROLES_OF_TEXT}
