"""Reads and writes what is in cells of LibreOffice: values, formulas as Excel writes them, number formats.

A call takes about as long whatever its size, so a block is read and written in one call, and only cells that need
something of their own cost more.
"""
# ruff: noqa: ANN401  LibreOffice's objects have no types

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

from workbook.model.cell_address import Place
from xlplugin.host import Block, as_entered, as_number, is_formula
from xlplugin.uno_bridge import make_english_locale, make_enum

CONTENTS = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags VALUE, DATETIME, STRING, FORMULA
_DATE, _TIME, _TEXT, _LOGICAL = 2, 4, 256, 1024  # com.sun.star.util.NumberFormat
_EXCEL_ADDRESSES = 3  # com.sun.star.sheet.AddressConvention.XL_OOX
_NO_SERIES = (("Direction", "TO_RIGHT"), ("Mode", "LINEAR"), ("DateMode", "FILL_DATE_DAY"))
_DAY_ZERO = dt.datetime(1899, 12, 30)

# LibreOffice's numbers for errors, and Excel's names for them.
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

# Formulas that LibreOffice's API writes as Excel does, `=SUM(A1:A2)`: no ; no sheet, inline array, union or error.
_SAME_IN_EXCEL = re.compile(r"=[^;,.!~{\[#']*")

# LibreOffice writes the parts of dates and times in capitals, Excel in small letters: YYYY-MM-DD, but "DAY " D.
_DATE_PARTS = {letter * times for letter in "YMDHS" for times in range(1, 6)}
_PARTS = re.compile(r'"[^"]*"|\\.|\[[^]]*\]|AM/PM|Y+|M+|D+|H+|S+')


class CellContents:
    """The contents of a document's cells; `cells` is a rectangle of LibreOffice's, a place is counted within it."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._kind_of_format: dict[int, int] = {}  # by LibreOffice's number of the format: few formats, many cells

    @cached_property
    def _formats(self) -> Any:
        return self._document.NumberFormats

    @cached_property
    def _parser(self) -> Any:
        """What reads and writes formulas as Excel does: the API itself has `$表三.A1` and `;` for `表三!A1` and `,`."""
        parser = self._document.createInstance("com.sun.star.sheet.FormulaParser")
        parser.CompileEnglish = True
        parser.FormulaConvention = _EXCEL_ADDRESSES
        return parser

    def read_values(self, cells: Any) -> Block:
        """Return values as `SpreadsheetHost.read_values` does."""
        rows = [list(row) for row in cells.getDataArray()]
        has_numbers = False
        for (r, c), value in _places_of(rows):
            if value is None:  # LibreOffice's word for an error, as "" is for nothing
                number = cells.getCellByPosition(c, r).getError()
                rows[r][c] = _ERRORS.get(number, f"Err:{number}")
            elif value == "":
                rows[r][c] = None
            has_numbers |= isinstance(value, float)
        for (r, c), kind in (self._kinds(cells, _DATE | _TIME | _LOGICAL) if has_numbers else {}).items():
            if isinstance(value := rows[r][c], float):
                rows[r][c] = _of_kind(kind, value)
        return rows

    def read_formulas(self, cells: Any) -> Block:
        """Return what was entered, as `SpreadsheetHost.read_formulas` does."""
        rows = [list(row) for row in cells.getFormulaArray()]
        for (r, c), text in _places_of(rows):
            if text.startswith("{="):  # part of an array formula
                rows[r][c] = self._formula_in_excel(cells, (r, c), text[1:-1])
            elif text.startswith("="):
                rows[r][c] = self._formula_in_excel(cells, (r, c), text)
            else:
                rows[r][c] = text.removeprefix("'")  # put there to tell a text from a number or a formula
        return rows

    def _formula_in_excel(self, cells: Any, place: Place, text: str) -> str:
        if _SAME_IN_EXCEL.fullmatch(text):
            return text
        cell = cells.getCellByPosition(place[1], place[0])
        tokens = cell.getTokens()
        return f"={self._parser.printFormula(tokens, cell.CellAddress)}" if tokens else text

    def name_content(self, name: Any, first_cell: Any) -> str:
        """Return what a defined name means, as Excel writes it."""
        return str(self._parser.printFormula(name.getTokens(), first_cell.CellAddress) or name.Content)

    def write_block(self, cells: Any, block: Block, count_change: Callable[[], None]) -> None:
        """Enter a block as `SpreadsheetHost.write_block` does; `count_change` is called for each change but the first.

        The cells are emptied first, so that what is written can be undone and done again. LibreOffice undoes the
        writing of a block by putting back what stood in it: cells that were blank keep what was written, and doing it
        again leaves cells that were emptied as they were. A series that is filled in from blank cells fills nothing in,
        but undoing it makes them blank.
        """
        rows = [[as_entered(value) for value in row] for row in block]
        has_texts = any(isinstance(value, str) and value for _, value in _places_of(rows))
        for_texts = self._kinds(cells, _TEXT) if has_texts else {}
        formulas: dict[Place, str] = {}
        for (r, c), value in _places_of(rows):
            if not isinstance(value, str):
                continue
            if (r, c) in for_texts:
                rows[r][c] = value.removeprefix("'")
            elif is_formula(value):
                formulas[r, c], rows[r][c] = value, ""
            else:
                number = as_number(value)
                rows[r][c] = value.removeprefix("'") if number is None else number
        cells.clearContents(CONTENTS)
        cells.fillSeries(*(make_enum(f"sheet.Fill{kind}", value) for kind, value in _NO_SERIES), 0.0, 0.0)
        if len(formulas) < len(rows) * len(rows[0]):
            cells.setDataArray(tuple(map(tuple, rows)))
        elif all(_SAME_IN_EXCEL.fullmatch(text) for text in formulas.values()):
            cells.setFormulaArray(tuple(map(tuple, block)))
            return
        for (r, c), text in formulas.items():
            count_change()
            cell = cells.getCellByPosition(c, r)
            cell.setTokens(self._parser.parseFormula(text[1:], cell.CellAddress))

    def _kinds(self, cells: Any, wanted: int) -> dict[Place, int]:
        """Return the kinds of number format that are among those wanted, of the cells that have one."""
        if is_mixed(cells, "NumberFormat"):  # the property itself does not say: of mixed cells it is the default format
            parts = cells.getUniqueCellFormatRanges()
            formats = [(part.NumberFormat, part) for part in map(parts.getByIndex, range(parts.Count))]
        else:
            formats = [(cells.NumberFormat, None)]
        kinds: dict[Place, int] = {}
        for key, part in formats:
            if key not in self._kind_of_format:
                self._kind_of_format[key] = self._formats.getByKey(key).Type
            if not (kind := self._kind_of_format[key] & wanted):
                continue
            whole = cells.RangeAddress
            for area in (whole,) if part is None else part.RangeAddresses:
                for row in range(area.StartRow - whole.StartRow, area.EndRow - whole.StartRow + 1):
                    for column in range(area.StartColumn - whole.StartColumn, area.EndColumn - whole.StartColumn + 1):
                        kinds[row, column] = kind
        return kinds

    def read_format(self, cells: Any) -> str | None:
        """Return the number format of cells as Excel's English writes it; None where they differ."""
        if is_mixed(cells, "NumberFormat"):
            return None
        in_english = self._formats.getFormatForLocale(cells.NumberFormat, make_english_locale())
        code = str(self._formats.getByKey(in_english).FormatString)
        return _PARTS.sub(lambda part: part[0].lower() if part[0] in _DATE_PARTS else part[0], code)

    def format_key(self, code: str) -> int:
        """Return LibreOffice's number for a number format, which is added where the document has it not."""
        key = self._formats.queryKey(code, make_english_locale(), False)
        return int(key if key != -1 else self._formats.addNew(code, make_english_locale()))


def is_mixed(cells: Any, name: str) -> bool:
    """Return whether cells differ in a property."""
    return bool(cells.getPropertyState(name).value == "AMBIGUOUS_VALUE")


def _places_of(rows: Iterable[Iterable[Any]]) -> Iterator[tuple[Place, Any]]:
    return (((r, c), value) for r, row in enumerate(rows) for c, value in enumerate(row))


def _of_kind(kind: int, value: float) -> object:
    if kind & _LOGICAL:
        return bool(value) if value in {0.0, 1.0} else value
    return _DAY_ZERO + dt.timedelta(milliseconds=round(value * 86_400_000))
