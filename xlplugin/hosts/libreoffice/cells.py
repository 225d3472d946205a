"""A block of cells: values, formulas, colours, number formats, notes, links.

A call takes about as long whatever its size, so a block is read and written in one call, and the cells that need
something of their own are gathered by what they need.
"""
# ruff: noqa: ANN401  LibreOffice's objects have no types

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from xlwings import base_classes

from xlplugin.hosts import address
from xlplugin.hosts.address import Area
from xlplugin.hosts.base import GridRange
from xlplugin.hosts.libreoffice import bridge
from xlplugin.hosts.libreoffice.bridge import area_of, cell_address, english
from xlplugin.hosts.protection import SheetProtectedError
from xlplugin.hosts.values import CellError, Rows, as_number, is_formula, rgb, rows_of

_ERRORS = {
    502: "#VALUE!",
    503: "#NUM!",
    504: "#VALUE!",
    519: "#VALUE!",
    521: "#NULL!",
    524: "#REF!",
    525: "#NAME?",
    532: "#DIV/0!",
    32767: "#N/A",
}
"""LibreOffice's numbers for errors, and Excel's names for them."""

# What LibreOffice's API writes as Excel does: no ; no sheet, no inline array, no union, no error.
_SAME_IN_EXCEL = re.compile(r"=[^;,.!~{\[#']*")

_DAY_ZERO = dt.datetime(1899, 12, 30)
_POINT = 2540 / 72  # in LibreOffice's hundredths of a millimetre
_CHARACTER, _MARGIN = 5.25, 3.75  # of Excel's default font, in points

_CONTENTS = bridge.VALUES | bridge.DATES | bridge.TEXTS | bridge.FORMULAS
_EVERYTHING = _CONTENTS | bridge.NOTES | bridge.HARD_FORMATS | bridge.STYLES | bridge.FORMATS_IN_TEXT


class _Place(NamedTuple):
    """A cell within a block, from 0."""

    row: int
    column: int


class Range(GridRange):
    """A block of cells."""

    @cached_property
    def native(self) -> Any:
        """LibreOffice's object for these cells."""
        area = self.area
        return self.sheet.native.getCellRangeByPosition(
            area.column - 1, area.row - 1, area.last_column - 1, area.last_row - 1
        )

    @property
    def _book(self) -> Any:
        return self.sheet.book

    def _cell(self, place: _Place) -> Any:
        return self.native.getCellByPosition(place.column, place.row)

    def _address(self, place: _Place) -> Any:
        return cell_address(self.sheet.index - 1, self.area.row + place.row, self.area.column + place.column)

    # Values

    @property
    def raw_value(self) -> Any:
        """The values, row by row; the value itself when it is one cell.

        Numbers are floats. What has the format of a date or of a truth value comes as one, as from Excel.
        """
        if self.area.unbounded:
            used = self.area.shared(self.sheet.used_range.area)
            return None if used is None else self._on(used).raw_value
        rows = [list(row) for row in self.native.getDataArray()]
        for place, value in _places(rows):
            if value is None:  # LibreOffice's word for an error, as "" is for nothing
                rows[place.row][place.column] = self._error(place)
            elif value == "":
                rows[place.row][place.column] = None
        if any(isinstance(value, float) for _, value in _places(rows)):
            self._put_kinds(rows)
        return rows[0][0] if len(self) == 1 else rows

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        rows = rows_of(data, *self.shape)
        block = self._on(Area(self.area.row, self.area.column, len(rows), len(rows[0])))
        block._refuse_if_locked()
        block._write(rows)

    def _error(self, place: _Place) -> CellError:
        number = self._cell(place).getError()
        return CellError(_ERRORS.get(number, f"Err:{number}"))

    def _put_kinds(self, rows: Rows) -> None:
        for kind, area in self._kinds(bridge.DATE | bridge.TIME | bridge.LOGICAL):
            for place in self._within(area):
                value = rows[place.row][place.column]
                if isinstance(value, float):
                    rows[place.row][place.column] = _of_kind(kind, value)

    def _kinds(self, wanted: int) -> Iterator[tuple[int, Area]]:
        """The parts of the block that have number formats of these kinds."""
        for key, areas in self._formats():
            kind = self._book.formats.getByKey(key).Type & wanted
            if kind:
                yield from ((kind, area) for area in areas())

    def _formats(self) -> Iterator[tuple[int, Any]]:
        if self._is_mixed("NumberFormat"):
            # The property itself does not say: of a mixed block it is the default format.
            parts = self.native.getUniqueCellFormatRanges()
            for number in range(parts.Count):
                part = parts.getByIndex(number)
                yield part.NumberFormat, lambda part=part: map(area_of, part.RangeAddresses)
        else:
            yield self.native.NumberFormat, lambda: [self.area]

    def _is_mixed(self, name: str) -> bool:
        return bool(self.native.getPropertyState(name).value == "AMBIGUOUS_VALUE")

    def _within(self, area: Area) -> Iterator[_Place]:
        top, left = area.row - self.area.row, area.column - self.area.column
        return (_Place(top + r, left + c) for r in range(area.rows) for c in range(area.columns))

    def _write(self, rows: Rows) -> None:
        """Write values as if they were typed: formulas count, and so do texts that look like numbers."""
        formulas, formats = {}, defaultdict(list)
        texts = self._text_cells() if any(isinstance(value, str) for _, value in _places(rows)) else set()
        for place, value in _places(rows):
            plain: object = value
            if place not in texts and is_formula(value):
                formulas[place], plain = value, ""
            elif isinstance(value, str):
                number = None if place in texts else as_number(value)
                plain = value.removeprefix("'") if number is None else number
            elif isinstance(value, bool):
                formats[self._book.formats.getStandardFormat(bridge.LOGICAL, english())].append(place)
                plain = float(value)
            elif isinstance(value, dt.date | dt.time):
                plain, code = _serial(value)
                formats[self._book.format_key(code)].append(place)
            rows[place.row][place.column] = "" if plain is None else float(plain) if type(plain) is int else plain
        if len(formulas) < len(self):
            self.native.setDataArray(tuple(map(tuple, rows)))
        self._enter(formulas)
        for key, places in formats.items():
            self._several(places).NumberFormat = key

    def _text_cells(self) -> set[_Place]:
        return {place for _, area in self._kinds(bridge.TEXT) for place in self._within(area)}

    # Formulas

    @property
    def formula(self) -> Any:
        """The formulas as Excel writes them, and what is in the other cells; the text itself when it is one cell."""
        shown = self.native.getFormulaArray()
        rows = tuple(tuple(self._as_excel(place, text) for place, text in row) for row in _rows_of_places(shown))
        return rows[0][0] if len(self) == 1 else rows

    @formula.setter
    def formula(self, data: Any) -> None:
        self._refuse_if_locked()
        if is_formula(data):  # one for all: references move along, as when it is copied
            tokens = self._tokens(data, _Place(0, 0))
            for place in self._within(self.area):
                self._cell(place).setTokens(tokens)
        else:
            self._write(rows_of(data, *self.shape))

    formula2 = formula

    def _as_excel(self, place: _Place, text: str) -> str:
        if text.startswith("{="):  # part of an array formula
            text = text[1:-1]
        elif not text.startswith("="):
            return text.removeprefix("'")  # put there to tell a text from a number or a formula
        if _SAME_IN_EXCEL.fullmatch(text):
            return text
        cell = self._cell(place)
        tokens = cell.getTokens()
        return "=" + self._book.parser.printFormula(tokens, self._address(place)) if tokens else text

    def _enter(self, formulas: dict[_Place, str]) -> None:
        plain = all(_SAME_IN_EXCEL.fullmatch(text) for text in formulas.values())
        if plain and len(formulas) == len(self):
            rows = [[formulas[_Place(r, c)] for c in range(self.area.columns)] for r in range(self.area.rows)]
            self.native.setFormulaArray(tuple(map(tuple, rows)))
            return
        for place, text in formulas.items():
            self._cell(place).setTokens(self._tokens(text, place))

    def _tokens(self, formula: str, place: _Place) -> Any:
        return self._book.parser.parseFormula(formula[1:], self._address(place))

    # Formats

    @property
    def color(self) -> tuple[int, int, int] | None:
        """The background that all cells have; None when they have none, or not the same."""
        if self._is_mixed("CellBackColor"):
            return None
        number = self.native.CellBackColor
        return None if number < 0 else (number >> 16 & 255, number >> 8 & 255, number & 255)

    @color.setter
    def color(self, color: Any) -> None:
        self._refuse_if_protected()
        self.native.CellBackColor = _color_number(rgb(color))

    def set_colors(self, colors: list[list[Any]]) -> None:
        """Colour cell by cell, in one call for each colour; ``...`` leaves a cell as it is."""
        self._refuse_if_protected()
        by_color = defaultdict(list)
        for place, color in _places(colors):
            if color is not ...:
                by_color[rgb(color)].append(place)
        for color, places in by_color.items():
            self._several(places).CellBackColor = _color_number(color)

    @property
    def number_format(self) -> str | None:
        """The number format that all cells have, in Excel's English; None when they have not the same."""
        return None if self._is_mixed("NumberFormat") else self._book.format_code(self.native.NumberFormat)

    @number_format.setter
    def number_format(self, code: str) -> None:
        self._refuse_if_protected()
        self.native.NumberFormat = self._book.format_key(code)

    @property
    def column_width(self) -> float | None:
        """The width of its columns, in characters; None when they have not the same."""
        points = _common(column.Width / _POINT for column in self.native.Columns)
        return None if points is None else round((points - _MARGIN) / _CHARACTER, 2)

    @column_width.setter
    def column_width(self, characters: float) -> None:
        self._refuse_if_protected()
        self.native.Columns.Width = round((characters * _CHARACTER + _MARGIN) * _POINT)

    @property
    def row_height(self) -> float | None:
        """The height of its rows, in points; None when they have not the same."""
        points = _common(row.Height / _POINT for row in self.native.Rows)
        return None if points is None else round(points, 2)

    @row_height.setter
    def row_height(self, points: float) -> None:
        self._refuse_if_protected()
        self.native.Rows.Height = round(points * _POINT)

    def _several(self, places: Iterable[_Place]) -> Any:
        """LibreOffice's object for scattered cells."""
        sheet = self.sheet.index - 1
        cells = self._book.document.createInstance("com.sun.star.sheet.SheetCellRanges")
        addresses = tuple(bridge.range_address(sheet, self.area.cell(*place)) for place in places)
        cells.addRangeAddresses(addresses, False)
        return cells

    # Notes and links

    @property
    def note(self) -> Note | None:
        """The note on the first cell."""
        note = Note(self)
        return note if note.text else None

    def add_note(self, text: str) -> Note:
        """Put a note on a cell that has none."""
        self._refuse_if_protected()
        self.sheet.native.Annotations.insertNew(self._address(_Place(0, 0)), text)
        return Note(self)

    def add_hyperlink(self, address: str, text_to_display: str = "", screen_tip: str = "") -> None:  # noqa: ARG002
        """Make the content of the first cell a link. ``#表三!A1`` leads to a cell of this workbook."""
        self._refuse_if_locked()
        cell = self._cell(_Place(0, 0))
        cell.setString("")
        link = self._book.document.createInstance("com.sun.star.text.TextField.URL")
        link.URL, link.Representation = _link_out(address), text_to_display or address
        content = cell.getText()
        content.insertTextContent(content.createTextCursor(), link, False)

    @property
    def hyperlink(self) -> str:
        """Where the link in the first cell leads."""
        links = self._cell(_Place(0, 0)).getTextFields()
        if not links.Count:
            raise ValueError(f"{self.address} has no link")
        return _link_in(links.getByIndex(0).URL)

    # The rest

    def select(self) -> None:
        """Show and select it."""
        self._book.activate()
        self.sheet.activate()
        controller = self._book.document.CurrentController
        if controller is not None:
            controller.select(self.native)

    def clear(self) -> None:
        """Empty the cells, formats and notes included."""
        self._refuse_if_protected()
        self.native.clearContents(_EVERYTHING)

    def clear_contents(self) -> None:
        """Empty the cells, but leave the formats."""
        self._refuse_if_locked()
        self.native.clearContents(_CONTENTS)

    # Where Excel refuses, LibreOffice's API does nothing and says nothing, or writes all the same.

    def _refuse_if_protected(self) -> None:
        if self.sheet.protected:
            raise SheetProtectedError(self.sheet.name)

    def _refuse_if_locked(self) -> None:
        if self.sheet.protected and (self._is_mixed("CellProtection") or self.native.CellProtection.IsLocked):
            raise SheetProtectedError(self.sheet.name)


class Note(base_classes.Note):
    """The note on a cell."""

    def __init__(self, block: Range) -> None:
        self._block = block

    @property
    def location(self) -> Range:
        """The cell."""
        return self._block

    @property
    def text(self) -> str:
        """What it says; nothing where there is none: LibreOffice answers for every cell."""
        return str(self._native.String)

    @text.setter
    def text(self, text: str) -> None:
        self._block._refuse_if_protected()
        self._native.setString(text)

    @property
    def author(self) -> str:
        """Who wrote it."""
        return str(self._native.Author)

    def delete(self) -> None:
        """Take it away."""
        self._block._refuse_if_protected()
        self._block._cell(_Place(0, 0)).clearContents(bridge.NOTES)

    @property
    def _native(self) -> Any:
        return self._block._cell(_Place(0, 0)).getAnnotation()


def _places(rows: Iterable[Iterable[Any]]) -> Iterator[tuple[_Place, Any]]:
    return (pair for row in _rows_of_places(rows) for pair in row)


def _rows_of_places(rows: Iterable[Iterable[Any]]) -> Iterator[list[tuple[_Place, Any]]]:
    for r, row in enumerate(rows):
        yield [(_Place(r, c), value) for c, value in enumerate(row)]


def _common(sizes: Iterable[float]) -> float | None:
    different = set(sizes)
    return different.pop() if len(different) == 1 else None


def _of_kind(kind: int, value: float) -> object:
    if kind & bridge.LOGICAL:
        return bool(value) if value in {0.0, 1.0} else value
    return _DAY_ZERO + dt.timedelta(milliseconds=round(value * 86_400_000))


def _serial(moment: dt.date | dt.time) -> tuple[float, str]:
    """The number that a sheet keeps for a date or a time, and the format to show it in."""
    if isinstance(moment, dt.time):
        moment, code = dt.datetime.combine(_DAY_ZERO, moment), "h:mm:ss"
    elif isinstance(moment, dt.datetime):
        code = "yyyy/m/d h:mm" if moment.time() != dt.time() else "yyyy/m/d"
    else:
        moment, code = dt.datetime.combine(moment, dt.time()), "yyyy/m/d"
    return (moment.replace(tzinfo=None) - _DAY_ZERO) / dt.timedelta(days=1), code


def _color_number(color: tuple[int, int, int] | None) -> int:
    return -1 if color is None else color[0] << 16 | color[1] << 8 | color[2]


def _link_out(link: str) -> str:
    """A link as LibreOffice follows it: ``#表三!A1`` is ``#表三.A1`` there."""
    sheet, cells = address.split(link.removeprefix("#"))
    return f"#{address.quoted(sheet)}.{cells}" if link.startswith("#") and sheet else link


def _link_in(url: str) -> str:
    target, dot, cells = url.rpartition(".")
    return f"{target}!{cells}" if url.startswith("#") and dot and address.parse(cells) else url
