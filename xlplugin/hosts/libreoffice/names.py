"""The defined names of a workbook."""

# ruff: noqa: ANN401  LibreOffice's objects have no types

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import xlwings as xw
from xlwings import base_classes

from xlplugin.hosts import address
from xlplugin.hosts.base import ListedNames
from xlplugin.hosts.libreoffice.bridge import cell_address

# A name that means cells and nothing else, as LibreOffice keeps it: $表三.$A$1:$B$2, $'表 三'.$A$1
_CELLS = re.compile(r"\$?('(?:[^']|'')+'|[^.'$]+)\.(\$[A-Z]+\$\d+(?::\$[A-Z]+\$\d+)?)")


class Names(ListedNames):
    """The defined names of a workbook or of one sheet."""

    def __init__(self, book: Any, holder: Any, sheet: Any = None) -> None:
        self._book = book
        self._names = holder.NamedRanges
        self._sheet = sheet

    def _all(self) -> Sequence[Name]:
        found = [Name(self._book, self._names, name, self._where) for name in self._names.ElementNames]
        if self._sheet is None:
            for sheet in self._book.sheets:
                found += sheet.names._all()
        return found

    @cached_property
    def _where(self) -> str:
        return f"{address.quoted(self._sheet.name)}!" if self._sheet is not None else ""

    def add(self, name: str, refers_to: str) -> Name:
        """Define a name; one that was there before is replaced. ``表三!名`` is local to that sheet."""
        sheet, name = address.split(name)
        if sheet is not None:
            added: Name = self._book.sheets(sheet).names.add(name, refers_to)
            return added
        if self._names.hasByName(name):
            self._names.removeByName(name)
        self._names.addNewByName(name, "0", cell_address(0, 1, 1), 0)
        new = Name(self._book, self._names, name, self._where)
        new.refers_to = refers_to
        return new


class Name(base_classes.Name):
    """A defined name."""

    def __init__(self, book: Any, names: Any, local: str, where: str) -> None:
        self._book = book
        self._names = names
        self.local = local
        self._where = where

    @property
    def _native(self) -> Any:
        return self._names.getByName(self.local)

    @property
    def name(self) -> str:
        """The name, with the sheet when it is local to one."""
        return self._where + self.local

    @name.setter
    def name(self, name: str) -> None:
        self._native.setName(name)
        self.local = name

    @property
    def refers_to(self) -> str:
        """What it means, as Excel writes it: ``=表三!$A$1:$B$2``."""
        content = str(self._native.Content)
        if (cells := _CELLS.fullmatch(content)) is not None:
            return f"={address.quoted(_unquoted(cells[1]))}!{cells[2]}"
        return "=" + (self._book.parser.printFormula(self._native.getTokens(), cell_address(0, 1, 1)) or content)

    @refers_to.setter
    def refers_to(self, formula: str) -> None:
        self._native.setTokens(self._book.parser.parseFormula(formula.removeprefix("="), cell_address(0, 1, 1)))

    @property
    def refers_to_range(self) -> Any:
        """The cells it means."""
        cells = self._native.getReferredCells()
        if cells is None:
            raise xw.NoSuchObjectError(f"the name {self.name} does not mean cells")
        return self._book.block(cells.RangeAddress)

    def delete(self) -> None:
        """Take the name away; the cells stay."""
        self._names.removeByName(self.local)


def _unquoted(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
