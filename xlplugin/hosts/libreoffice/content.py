"""What is in a block of cells: values and formulas.

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

from xlplugin.hosts.address import Area
from xlplugin.hosts.base import GridRange
from xlplugin.hosts.libreoffice import bridge
from xlplugin.hosts.libreoffice.bridge import area_of, cell_address, english
from xlplugin.hosts.protection import SheetProtectedError
from xlplugin.hosts.values import CellError, Rows, as_number, as_taken, is_formula, rows_of

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

_NO_SERIES = (("Direction", "TO_RIGHT"), ("Mode", "LINEAR"), ("DateMode", "FILL_DATE_DAY"))

_DAY_ZERO = dt.datetime(1899, 12, 30)


class Place(NamedTuple):
    """A cell within a block, from 0."""

    row: int
    column: int


class Content(GridRange):
    """A block of cells, as far as values and formulas go."""

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

    def _cell(self, place: Place) -> Any:
        return self.native.getCellByPosition(place.column, place.row)

    def _address(self, place: Place) -> Any:
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
        for place, value in places_of(rows):
            if value is None:  # LibreOffice's word for an error, as "" is for nothing
                rows[place.row][place.column] = self._error(place)
            elif value == "":
                rows[place.row][place.column] = None
        if any(isinstance(value, float) for _, value in places_of(rows)):
            self._put_kinds(rows)
        return rows[0][0] if len(self) == 1 else rows

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        rows = rows_of(data, *self.shape)
        block = self._on(Area(self.area.row, self.area.column, len(rows), len(rows[0])))
        block._ready_to_write()
        block._write(rows)

    def _error(self, place: Place) -> CellError:
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

    def _within(self, area: Area) -> Iterator[Place]:
        top, left = area.row - self.area.row, area.column - self.area.column
        return (Place(top + r, left + c) for r in range(area.rows) for c in range(area.columns))

    def _write(self, rows: Rows) -> None:
        """Write values as if they were typed: formulas count, and so do texts that look like numbers."""
        formulas, formats = {}, defaultdict(list)
        format_matters = any(isinstance(value, str | dt.date | dt.time) for _, value in places_of(rows))
        kinds = self._kind_of_each() if format_matters else {}
        for place, given in places_of(rows):
            value: Any = as_taken(given)
            plain = value
            kind = kinds.get(place, 0)
            if is_formula(value) and not kind & bridge.TEXT:
                formulas[place], plain = value, ""
            elif isinstance(value, str):
                number = None if kind & bridge.TEXT else as_number(value)
                plain = value.removeprefix("'") if number is None else number
            elif isinstance(value, bool):
                formats[self._book.formats.getStandardFormat(bridge.LOGICAL, english())].append(place)
                plain = float(value)
            elif isinstance(value, dt.date | dt.time):
                plain, code = _serial(value)
                if not kind & (bridge.DATE | bridge.TIME):  # else it is shown as the user chose
                    formats[self._book.format_key(code)].append(place)
            if not isinstance(plain, str | float | None):
                raise TypeError(f"no cell holds a {type(plain).__name__}")
            rows[place.row][place.column] = "" if plain is None else plain
        self._empty()
        if len(formulas) < len(self):
            self.native.setDataArray(tuple(map(tuple, rows)))
        self._enter(formulas)
        for key, places in formats.items():
            self._several(places).NumberFormat = key

    def _empty(self) -> None:
        """Empty the cells, so that what is written next can be undone and done again.

        LibreOffice undoes the writing of a block by putting back what stood in it: cells that were blank keep what was
        written, and doing it again leaves cells that were emptied as they were. A series that is filled in from blank
        cells fills nothing in, but undoing it makes them blank.
        """
        self.native.clearContents(bridge.CONTENTS)
        series = (bridge.enum(f"sheet.Fill{kind}", value) for kind, value in _NO_SERIES)
        self.native.fillSeries(*series, 0.0, 0.0)

    def _kind_of_each(self) -> dict[Place, int]:
        kinds = self._kinds(bridge.TEXT | bridge.DATE | bridge.TIME)
        return {place: kind for kind, area in kinds for place in self._within(area)}

    # Formulas

    @property
    def formula(self) -> Any:
        """The formulas as Excel writes them, and what is in the other cells; the text itself when it is one cell."""
        shown = self.native.getFormulaArray()
        rows = tuple(tuple(self._as_excel(place, text) for place, text in row) for row in _rows_of_places(shown))
        return rows[0][0] if len(self) == 1 else rows

    @formula.setter
    def formula(self, data: Any) -> None:
        self._ready_to_write()
        # One for all: references move along, as when it is copied. A cell for texts takes it for a text.
        if is_formula(data) and not any(kind & bridge.TEXT for kind in self._kind_of_each().values()):
            tokens = self._tokens(data, Place(0, 0))
            for place in self._within(self.area):
                self._book.count_change()
                self._cell(place).setTokens(tokens)
        else:
            self._write(rows_of(data, *self.shape))

    def _as_excel(self, place: Place, text: str) -> str:
        if text.startswith("{="):  # part of an array formula
            text = text[1:-1]
        elif not text.startswith("="):
            return text.removeprefix("'")  # put there to tell a text from a number or a formula
        if _SAME_IN_EXCEL.fullmatch(text):
            return text
        cell = self._cell(place)
        tokens = cell.getTokens()
        return "=" + self._book.parser.printFormula(tokens, self._address(place)) if tokens else text

    def _enter(self, formulas: dict[Place, str]) -> None:
        plain = all(_SAME_IN_EXCEL.fullmatch(text) for text in formulas.values())
        if plain and len(formulas) == len(self):
            rows = [[formulas[Place(r, c)] for c in range(self.area.columns)] for r in range(self.area.rows)]
            self.native.setFormulaArray(tuple(map(tuple, rows)))
            return
        for place, text in formulas.items():
            self._book.count_change()
            self._cell(place).setTokens(self._tokens(text, place))

    def _tokens(self, formula: str, place: Place) -> Any:
        return self._book.parser.parseFormula(formula[1:], self._address(place))

    def _several(self, places: Iterable[Place]) -> Any:
        """LibreOffice's object for scattered cells."""
        sheet = self.sheet.index - 1
        cells = self._book.document.createInstance("com.sun.star.sheet.SheetCellRanges")
        addresses = tuple(bridge.range_address(sheet, self.area.cell(*place)) for place in places)
        cells.addRangeAddresses(addresses, False)
        return cells

    # Every change begins with one of these. Where Excel refuses, LibreOffice's API does nothing and says nothing, or
    # writes all the same.

    def _ready_to_format(self) -> None:
        if self.sheet.protected:
            raise SheetProtectedError(self.sheet.name)
        self._book.count_change()

    def _ready_to_write(self) -> None:
        if self.sheet.protected and (self._is_mixed("CellProtection") or self.native.CellProtection.IsLocked):
            raise SheetProtectedError(self.sheet.name)
        self._book.count_change()


def places_of(rows: Iterable[Iterable[Any]]) -> Iterator[tuple[Place, Any]]:
    """Every value with its place."""
    return (pair for row in _rows_of_places(rows) for pair in row)


def _rows_of_places(rows: Iterable[Iterable[Any]]) -> Iterator[list[tuple[Place, Any]]]:
    for r, row in enumerate(rows):
        yield [(Place(r, c), value) for c, value in enumerate(row)]


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
