"""Defines the port between the plugin's commands and a spreadsheet program: what they may ask of an open workbook.

Whoever brings the plugin into another program writes one subclass of `SpreadsheetHost`, and nothing else. There is one
for Excel (`host_xlwings`), one for LibreOffice (`host_libreoffice`), and one of dictionaries for tests.

Every method may cross a process boundary, which takes milliseconds whatever the size of what is asked: so contents are
read and written in blocks. What a method writes into a protected sheet raises `SheetProtectedError`; what else goes
wrong may raise anything, and ends the command with a message.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple

from workbook.model.cell_address import Area, Place
from workbook.model.numbers import is_exact
from workbook.safety.messages import UserError, load_messages

messages = load_messages("xlplugin")

Block = list[list[Any]]
"""Rows of cells, each row as long as the others."""

Color = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

# A number as it is typed: 12 · -0.5 · .5 · 1.2E+10
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(E[-+]?\d+)?\s*", re.IGNORECASE)


class Highlight(NamedTuple):
    """What draws the eye to a cell: its background, None where it has none, and its note, blank where it has none."""

    color: Color | None
    note: str


class SheetProtectedError(UserError):
    """A protected sheet was to be changed."""

    def __init__(self, sheet: str) -> None:
        super().__init__(messages.get("error.protected", sheet=sheet))


class PasswordNeededError(UserError):
    """A sheet is protected with a password: only who set it can lift it."""

    def __init__(self, sheet: str) -> None:
        super().__init__(messages.get("error.password_needed", sheet=sheet))


class SpreadsheetHost(ABC):
    """One workbook that is open in a spreadsheet program.

    Sheets are named by their names. A place is row and column, an area first row, first column, last row and last
    column, all counted from 0.
    """

    @property
    @abstractmethod
    def path(self) -> Path:
        """The file of the workbook; only a name where it was never saved."""

    def is_read_only(self) -> bool:
        """Return whether the program refuses every change (Excel refuses only to save: there it is False)."""
        return False

    # Sheets

    @abstractmethod
    def sheet_names(self) -> list[str]:
        """Return the names of all sheets, in order, hidden ones included."""

    @abstractmethod
    def used_area(self, sheet: str) -> Area | None:
        """Return the rectangle around all that is in a sheet; of an empty one, its first cell or None."""

    @abstractmethod
    def add_sheet(self, name: str) -> None:
        """Add an empty sheet behind all others."""

    @abstractmethod
    def delete_sheet(self, name: str) -> None:
        """Take a sheet out of the workbook, without asking."""

    @abstractmethod
    def clear_sheet(self, name: str) -> None:
        """Empty all cells of a sheet, formats and notes included."""

    @abstractmethod
    def set_column_widths(self, sheet: str, widths: Sequence[float]) -> None:
        """Set the widths of the first columns, in characters of the default font."""

    @abstractmethod
    def unprotect(self, sheet: str) -> object | None:
        """Lift the protection of a sheet; return what `protect` needs to restore it, None where there was none.

        Raises PasswordNeededError, and then changes nothing.
        """

    @abstractmethod
    def protect(self, sheet: str, protection: object) -> None:
        """Protect a sheet again, with the same things allowed as before `unprotect`."""

    # Contents of cells

    @abstractmethod
    def read_values(self, sheet: str, area: Area) -> Block:
        """Return the values of cells: None where blank, numbers as floats, texts, bools, and datetimes for dates.

        An error is its name in Excel, `#REF!`. Where the program cuts a number off, it is a Decimal (Excel: what is
        shown as money has four digits after the point); `read_formulas` has all its digits.
        """

    @abstractmethod
    def read_formulas(self, sheet: str, area: Area) -> Block:
        """Return what was entered into cells, as text: formulas as Excel writes them in English; blank where blank.

        A text that looks like a formula or a number comes as it is shown, without the apostrophe typed before it.
        """

    @abstractmethod
    def write_block(self, sheet: str, place: Place, block: Block) -> None:
        """Enter a block, its first cell at a place: None empties a cell, and texts count as if they were typed.

        So `=A1` is a formula and `12` a number, unless an apostrophe is before it or the cell is for texts. Texts have
        up to 32,767 characters, numbers may be of any size and exactness (see `as_entered`).
        """

    @abstractmethod
    def write_link(self, sheet: str, place: Place, text: str, target: tuple[str, str]) -> None:
        """Write a text that leads to a cell of this workbook: its sheet, and its address as `D27`."""

    @abstractmethod
    def read_name(self, name: str) -> str | None:
        """Return what a defined name of the workbook means, `'表三'!$A$1:$B$2` or `"text"`; None where it is not."""

    # Looks of cells

    @abstractmethod
    def read_number_format(self, sheet: str, area: Area) -> str | None:
        """Return the number format that all cells of an area have, in Excel's English; None where they differ."""

    @abstractmethod
    def format_area(
        self,
        sheet: str,
        area: Area,
        *,
        color: Color | None = None,
        number_format: str | None = None,
        wrapped: bool = False,
    ) -> None:
        """Give an area a background, a number format, lines that wrap; what is not given stays as it is."""

    @abstractmethod
    def set_locked(self, sheet: str, place: Place, *, locked: bool) -> None:
        """Set whether a protected sheet refuses entry into a cell."""

    @abstractmethod
    def read_highlight(self, sheet: str, place: Place) -> Highlight:
        """Return background and note of a cell."""

    @abstractmethod
    def write_highlight(self, sheet: str, place: Place, highlight: Highlight) -> None:
        """Give a cell this background and note, in place of those it has."""

    # The clerk

    @abstractmethod
    def selected_cell(self) -> tuple[str, Place] | None:
        """Return sheet and place of the first selected cell; None where something else is selected."""

    @abstractmethod
    def select_cell(self, sheet: str, place: Place) -> None:
        """Bring the sheet to the front and select a cell."""

    @abstractmethod
    def show_message(self, text: str, title: str, kind: Literal["info", "critical", "question"] = "info") -> bool:
        """Show a message until it is answered; return whether a question was answered with yes."""

    @abstractmethod
    def choose_file(
        self, purpose: Literal["open", "save", "folder"], title: str, start: Path, patterns: str
    ) -> Path | None:
        """Let the clerk choose a file or a folder; None where they cancel.

        `start` is the folder to begin in, for `save` the file suggested; `patterns` is like `*.xlsx;*.json`.
        """

    @abstractmethod
    def show_status(self, text: str) -> None:
        """Show a line in the status bar."""

    # Around a command

    @abstractmethod
    def begin_command(self) -> None:
        """Enter what the clerk is typing into a cell, then let the window show no changes until `end_command`."""

    @abstractmethod
    def end_command(self) -> None:
        """Let the window show changes again."""

    def one_step(self, title: str) -> AbstractContextManager[object]:  # noqa: ARG002 -- of programs that list steps
        """Return a block whose changes are one entry of the program's list of steps to undo, under that title.

        A block that ends in an exception leaves no entry and no change; one that changes nothing leaves no entry. Where
        the program cannot undo (Excel, after a macro), nothing is done.
        """
        return nullcontext()

    def is_busy(self, error: BaseException) -> bool:  # noqa: ARG002 -- of programs that reject calls
        """Return whether an error says that the program answers nobody while the clerk is typing."""
        return False


@contextmanager
def lift_protection(host: SpreadsheetHost, sheet: str) -> Iterator[None]:
    """Lift the protection of a sheet for a block, and restore it; a sheet that has none keeps none.

    Raises PasswordNeededError.
    """
    protection = host.unprotect(sheet)
    try:
        yield
    finally:
        if protection is not None:
            host.protect(sheet, protection)


def area_at(place: Place, rows: int = 1, columns: int = 1) -> Area:
    """Return the area of so many rows and columns whose first cell is at that place."""
    row, column = place
    return row, column, row + rows - 1, column + columns - 1


def as_entered(value: object) -> Any:  # noqa: ANN401 -- a cell's value
    """Return a value as every program takes it without changing it: a number as a float, None as a blank text.

    A float is the only number that all of them know. Of a Decimal Excel makes money of four digits, and cuts the rest
    off; an integer beyond 32 bits it need not take; LibreOffice knows neither. What a float does not hold to the last
    digit is entered as the text of its digits.
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    return float(value) if is_exact(value) else f"'{Decimal(value):f}"


def as_number(text: str) -> float | None:
    """Return the number that a program makes of a text when it is entered into a cell; None where it stays a text."""
    return float(text) if _NUMBER.fullmatch(text) else None


def is_formula(value: object) -> bool:
    """Return whether a value is entered as a formula."""
    return isinstance(value, str) and value.startswith("=") and len(value) > 1
