"""The workbook that is open on the clerk's desk: read as one block a sheet, filled as one block a table.

What is thought about it is thought in `workbook`; here is only how it is reached, through the public xlwings API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import xlwings as xw

from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_contents import Cell, Sheet, WorkbookContents
from workbook.excel.reading.workbook_reader import read_book
from workbook.excel.template.template_layout import TEMPLATE_VERSION, TemplateLayout
from workbook.model.cell_address import format_address, parse_range
from workbook.model.form import Form
from workbook.model.form_loader import list_form_ids, load_form
from workbook.rules.submission import Submission
from workbook.safety.messages import UserError, load_messages
from workbook.safety.unsafe_text import count_utf16_units
from xlplugin.formats import with_looks
from xlplugin.hosts.values import as_number, as_taken

template_messages = load_messages("workbook.excel.template")
messages = load_messages("xlplugin")

STAMP = "ogi.stamp"
OURS = ("problems", "conf")
"""Sheets that belong to the plugin, not to the report."""

LONGEST_ENTERED = 8_000
"""No program takes a longer text where a formula may stand; a longer one is entered as a value."""

Block = list[list[Any]]


class Undone(Exception):
    """Something failed on the way, and what was changed until then has been put back; its cause says what."""


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
    def all_sheets(self) -> dict[str, xw.Sheet]:
        """Every sheet by name, in order."""
        return {sheet.name: sheet for sheet in self.book.sheets}

    @cached_property
    def sheets(self) -> dict[str, xw.Sheet]:
        """The sheets by name, in order; the plugin's own are not among them."""
        own = {messages.text(f"sheet.{name}") for name in OURS}
        return {name: sheet for name, sheet in self.all_sheets.items() if name not in own}

    @cached_property
    def path(self) -> Path:
        """Where the workbook is saved; only a name where it never was."""
        return Path(self.book.fullname)

    def for_writing(self) -> Desk:
        """The same, unless the program lets nobody write into the workbook (Excel does, refusing only to save it)."""
        if getattr(self.book.impl, "read_only", False):
            raise UserError(messages.get("error.locked", what=self.path.name))
        return self

    def read(self) -> Submission:
        """The report in the open workbook, read as a file is. Raises UserError."""
        stamp = self._name(STAMP)
        if stamp is None:
            raise UserError(messages.get("error.not_ours", book=self.path.name))
        sheets = {name: self._sheet(name, sheet) for name, sheet in self.sheets.items()}
        form_id = stamp.strip('"').split("|")[0]
        if form_id in list_form_ids():
            sheets = with_looks(sheets, self.sheets, TemplateLayout(load_form(form_id)))
        book = WorkbookContents(
            self.path, "xlwings", tuple(sheets.values()), self._names(stamp, sheets), {}, (), False, "", 0
        )
        submission = read_book(book)
        self._refuse_other_versions(stamp, submission.report.form)
        return submission

    @staticmethod
    def _refuse_other_versions(stamp: str, form: Form) -> None:
        """A template made by another version of the program has other places: it is neither marked nor filled."""
        form_id, version, fingerprint = [*stamp.strip('"').split("|"), "", ""][:3]
        # A region typed on the cover adds its supplements to the form, but not to the workbook that is open.
        issued_as = [form, load_form(form_id)] if form_id in list_form_ids() else []
        if version != str(TEMPLATE_VERSION) or all(
            fingerprint != get_issued_template(one).places.fingerprint for one in issued_as
        ):
            ours = f"{TEMPLATE_VERSION}/{get_issued_template(form).places.fingerprint}"
            raise UserError(messages.get("error.newer", theirs=f"{version}/{fingerprint}", ours=ours))

    def _name(self, name: str) -> str | None:
        """What a defined name refers to, without the equals sign; None where the workbook has no such name."""
        try:
            return str(self._book_names[name].refers_to).removeprefix("=")
        except Exception:
            return None

    @cached_property
    def _book_names(self) -> xw.main.Names:
        return self.book.names

    def _names(self, stamp: str, sheets: Mapping[str, Sheet]) -> dict[str, str]:
        """The defined names a reader asks for.

        They stand where the template put them, and reading by labels shows where that is not so; only the areas of the
        texts, into which a clerk may insert rows, are asked of the program where their sheet has grown: each name
        costs two calls.
        """
        form_id = stamp.strip('"').split("|")[0]
        if form_id not in list_form_ids():
            return {STAMP: stamp}
        places = TemplateLayout(load_form(form_id))
        names = {STAMP: stamp, **places.names}
        texts = sheets.get(template_messages.text("sheet.texts"))
        last = max((row for row, _ in texts.cells), default=0) if texts else 0
        if last != max(area.last for area in places.texts.values()):
            names |= {code: text for code in places.names if code.startswith("texts.") and (text := self._name(code))}
        return names

    def _sheet(self, name: str, sheet: xw.Sheet) -> Sheet:
        used = sheet.used_range
        box = parse_range(str(used.address))
        if box is None:
            return Sheet(name, {})
        width = box[4] - box[2] + 1
        values = _block(used.options(err_to_str=True).value, width)
        formulas = _block(used.formula, width) if name not in _without_sums() else [[""] * width for _ in values]
        cells: dict[tuple[int, int], Cell] = {}
        for r, (row, texts) in enumerate(zip(values, formulas, strict=True), box[1]):
            for c, (value, text) in enumerate(zip(row, texts, strict=True), box[2]):
                # Of a text that begins with an equals sign a program gives the text where it is asked for a formula.
                formula = text[1:] if isinstance(text, str) and text.startswith("=") and text != value else None
                if value is not None or formula is not None:
                    cells[r, c] = Cell(_plain(value, text), formula, error=_error(value))
        return Sheet(name, cells, validations=None, protected=True)

    # filling ----------------------------------------------------------------------------------------------------

    def fill(self, values: Iterable[Placed]) -> None:
        """Put values into cells, each run of neighbours in one call; all of them, or Undone.

        No number goes to a program as anything but a float, and none that a float does not hold: see `as_taken`.
        """
        before: list[tuple[xw.Range, Block]] = []
        try:
            for sheet, rows in _by_sheet(values).items():
                for (row, column), block in _runs(rows):
                    target = area_of(self.sheets[sheet], row, column, len(block), len(block[0]))
                    before.append((target, _stands(target, len(block[0]))))
                    _enter(target, block)
        except Exception as error:
            for target, block in reversed(before):
                with suppress(Exception):  # the rest is put back all the same
                    _put_back(target, block)
            raise Undone from error


def _enter(target: xw.Range, block: Block) -> None:
    """Enter a block; a text that is too long for where formulas stand comes after, as a value."""
    target.formula = [["" if _long(value) else as_taken(value) for value in row] for row in block]
    for r, row in enumerate(block):
        for c, value in enumerate(row):
            if _long(value):
                target[r, c].value = value


def _long(value: object) -> bool:
    return isinstance(value, str) and count_utf16_units(value) > LONGEST_ENTERED


class _Typed(str):
    """A text that stands in a cell as such, whatever it looks like: no formula, and no number."""

    __slots__ = ()


def _stands(target: xw.Range, width: int) -> Block:
    """What stands in cells, for putting it back. Asked for a formula, a program gives a text as it gives a number."""
    entered, values = _block(target.formula, width), _block(target.value, width)
    pairs = [zip(*pair, strict=True) for pair in zip(entered, values, strict=True)]
    return [[_Typed(text) if text and text == value else text for text, value in row] for row in pairs]


def _put_back(target: xw.Range, block: Block) -> None:
    """Let cells hold again what stood there: texts as texts, which cells for texts take without a mark before them."""
    shown = target.number_format
    if shown is not None:
        mark = "" if shown == "@" else "'"
        _enter(target, [[f"{mark}{text}" if isinstance(text, _Typed) else text for text in row] for row in block])
        return
    _enter(target, [["" if isinstance(text, _Typed) else text for text in row] for row in block])
    for r, row in enumerate(block):
        for c, text in enumerate(row):
            if isinstance(text, _Typed):
                _put_back(target[r, c], [[text]])


def area_of(sheet: xw.Sheet, row: int, column: int, rows: int = 1, columns: int = 1) -> xw.Range:
    """A rectangle of a sheet, from 0, by address: xlwings' other ways to name one ask the program many times."""
    last = f":{format_address(row + rows - 1, column + columns - 1)}" if rows * columns > 1 else ""
    return sheet.range(format_address(row, column) + last)


def _without_sums() -> tuple[str, ...]:
    """Sheets whose formulas no reader asks for."""
    return tuple(template_messages.text(f"sheet.{name}") for name in ("cover", "texts", "checks"))


def _block(value: Any, width: int) -> Block:  # noqa: ANN401 -- xlwings gives a scalar, a list, or a list of lists
    if not isinstance(value, list | tuple):
        return [[value]]
    if not value or not isinstance(value[0], list | tuple):
        return [list(value)] if width > 1 else [[one] for one in value]
    return [list(row) for row in value]


def _plain(value: Any, entered: Any) -> str | int | float | bool | None:  # noqa: ANN401
    """A value as readers deliver it; `entered` is the formula or what was typed.

    What is shown as money Excel gives as a Decimal, cut to four digits after the point; what was typed has them all.
    """
    if isinstance(value, Decimal):
        number = as_number(entered) if isinstance(entered, str) else None
        value = float(value) if number is None else number
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
