"""LibreOffice's objects as Python sees them (UNO): making its structures, and reaching a running program."""
# ruff: noqa: ANN401  LibreOffice's objects have no types

from __future__ import annotations

import importlib
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from xlplugin.hosts.address import Area

# com.sun.star.sheet.CellFlags
VALUES, DATES, TEXTS, NOTES, FORMULAS = 1, 2, 4, 8, 16
CONTENTS = VALUES | DATES | TEXTS | FORMULAS
HARD_FORMATS, STYLES, FORMATS_IN_TEXT = 32, 64, 256

# com.sun.star.util.NumberFormat
DATE, TIME, TEXT, LOGICAL = 2, 4, 256, 1024

_EXCEL_ADDRESSES = 3  # com.sun.star.sheet.AddressConvention.XL_OOX


class NotReachableError(Exception):
    """No LibreOffice answers, or this Python cannot talk to one; the message says which."""


def uno() -> Any:
    """Python's bridge to LibreOffice.

    Imported late: it may not be there, and it replaces ``builtins.__import__``.
    """
    try:
        return importlib.import_module("uno")
    except ImportError as error:
        raise NotReachableError(f"this Python has no bridge to LibreOffice (import uno: {error})") from error


def reach(url: str, seconds: float) -> Any:
    """The component context of the LibreOffice that listens there; it may be starting still."""
    local = uno().getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    not_yet = uno().getClass("com.sun.star.connection.NoConnectException")
    give_up_at = time.monotonic() + seconds
    while True:
        with suppress(not_yet):
            return resolver.resolve(f"uno:{url};urp;StarOffice.ComponentContext")
        if time.monotonic() > give_up_at:
            raise NotReachableError(f"no LibreOffice listens at {url}")
        time.sleep(0.1)


def properties(**named: object) -> tuple[Any, ...]:
    """UNO's way to pass named arguments."""
    structure = uno().getClass("com.sun.star.beans.PropertyValue")
    return tuple(structure(Name=name, Value=value) for name, value in named.items())


def enum(kind: str, value: str) -> Any:
    """A value of an enumeration of UNO."""
    return uno().Enum(f"com.sun.star.{kind}", value)


def cell_address(sheet: int, row: int, column: int) -> Any:
    """The place of a cell; the sheet is counted from 0, row and column from 1."""
    place = uno().createUnoStruct("com.sun.star.table.CellAddress")
    place.Sheet, place.Row, place.Column = sheet, row - 1, column - 1
    return place


def english() -> Any:
    """The locale that xlwings' number formats are written in."""
    locale = uno().createUnoStruct("com.sun.star.lang.Locale")
    locale.Language, locale.Country = "en", "US"
    return locale


def area_of(range_address: Any) -> Area:
    """The rectangle of a UNO range address."""
    return Area.between(
        range_address.StartRow + 1, range_address.StartColumn + 1, range_address.EndRow + 1, range_address.EndColumn + 1
    )


def range_address(sheet: int, area: Area) -> Any:
    """The UNO range address of a rectangle."""
    place = uno().createUnoStruct("com.sun.star.table.CellRangeAddress")
    place.Sheet = sheet
    place.StartRow, place.StartColumn = area.row - 1, area.column - 1
    place.EndRow, place.EndColumn = area.last_row - 1, area.last_column - 1
    return place


def file_url(path: str) -> str:
    """The URL of a file."""
    return str(uno().systemPathToFileUrl(str(Path(path).absolute())))


def file_path(url: str) -> str:
    """The path of the file that a URL names."""
    return str(uno().fileUrlToSystemPath(url))


def excel_parser(document: Any) -> Any:
    """What turns formulas as Excel writes them into LibreOffice's own, and back.

    LibreOffice's API writes ``$表三.A1`` and ``;`` where Excel writes ``表三!A1`` and ``,``.
    """
    parser = document.createInstance("com.sun.star.sheet.FormulaParser")
    parser.CompileEnglish = True
    parser.FormulaConvention = _EXCEL_ADDRESSES
    return parser
