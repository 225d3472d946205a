"""What engines have in common: looking things up by name or position, and the geometry of blocks of cells."""
# ruff: noqa: ANN401  xlwings hands over whatever was assigned or found

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import xlwings as xw
from xlwings import base_classes
from xlwings.constants import MAX_COLUMNS, MAX_ROWS

from xlplugin.hosts import address
from xlplugin.hosts.address import Area


class Listed:
    """A collection that is asked by position (from 1) or by name, which Excel takes in any letter case."""

    @abstractmethod
    def _all(self) -> Sequence[Any]: ...

    def __call__(self, key: int | str) -> Any:  # noqa: D102  the class says it
        found = self._find(key)
        if found is None:
            raise self._missing(key)
        return found

    def __contains__(self, key: int | str) -> bool:
        return self._find(key) is not None

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._all())

    def _find(self, key: int | str) -> Any | None:
        everything = self._all()
        if isinstance(key, int):
            return everything[key - 1] if 1 <= key <= len(everything) else None
        return next((one for one in everything if self._is_called(one, key.lower())), None)

    def _is_called(self, one: Any, name: str) -> bool:
        return bool(one.name.lower() == name)

    def _missing(self, key: int | str) -> Exception:
        return KeyError(key)


class ListedNames(Listed, base_classes.Names):
    """The defined names of a workbook or of one sheet.

    A name that is local to a sheet is called ``表三!名``, and is found by its short name too, after those of the
    workbook.
    """

    def snapshot(self) -> list[tuple[str, Any]]:
        """Every name with its object; xlwings leaves out the names Excel makes for itself."""
        return [(one.name, one) for one in self._all()]

    def contains(self, key: int | str) -> bool:
        """Whether there is such a name."""
        return key in self

    def _find(self, key: int | str) -> Any | None:
        found = super()._find(key)
        if found is None and isinstance(key, str):
            return next((one for one in self._all() if one.local.lower() == key.lower()), None)
        return found


class GridSheet(base_classes.Sheet):
    """A sheet, as far as it is a grid: which cells an address or a pair of corners means."""

    def range(self, first: Any, second: Any = None) -> Any:
        """The block of cells with these corners, each an address, a name, (row, column), or a block itself."""
        if isinstance(first, int) and isinstance(second, int):
            first, second = (first, second), None
        block = self._block(first)
        if second is None:
            return block
        return block._on(block.area.hull(self._block(second).area))

    @property
    def cells(self) -> Any:
        """All cells that a sheet can have."""
        return self._new_block(Area(1, 1, MAX_ROWS, MAX_COLUMNS))

    def clear(self) -> None:
        """Empty the sheet, formats and notes included."""
        self.cells.clear()

    def clear_contents(self) -> None:
        """Empty the sheet, but leave the formats."""
        self.cells.clear_contents()

    def _block(self, corner: Any) -> Any:
        if isinstance(corner, GridRange):
            return corner
        if isinstance(corner, tuple):
            if min(corner) < 1:
                raise IndexError("rows and columns of a sheet count from 1")
            return self._new_block(Area(*corner))
        sheet, cells = address.split(corner)
        area = address.parse(cells)
        if area is None:
            return self._named(corner)
        if sheet is None:
            return self._new_block(area)
        return self.book.sheets(sheet)._new_block(area)

    def _named(self, name: str) -> Any:
        # By its full name only in the workbook: what is local to another sheet has no meaning here.
        found = self.names._find(name) or Listed._find(self.book.names, name)
        if found is not None:
            return found.refers_to_range
        raise xw.NoSuchObjectError(f"no cells have the address or the name {name}")

    @abstractmethod
    def _new_block(self, area: Area) -> Any: ...


class GridRange(base_classes.Range):
    """A block of cells, as far as it is a rectangle on a sheet."""

    # Read and written as one piece, whatever its size: xlwings would else cut large blocks up.
    max_cells_per_read = None
    max_cells_per_write = None

    def __init__(self, sheet: Any, area: Area) -> None:
        self.sheet = sheet
        self.area = area
        self.options: Any = None  # xlwings leaves the options of a read here

    def _on(self, area: Area) -> Any:
        return type(self)(self.sheet, area)

    def __call__(self, row: int, column: int | None = None) -> Any:  # noqa: D102  one of its cells
        if column is None:  # the n-th cell, row by row
            row, column = (part + 1 for part in divmod(row - 1, self.area.columns))
        return self._on(self.area.cell(row - 1, column - 1))

    def __len__(self) -> int:
        return self.area.rows * self.area.columns

    @property
    def api(self) -> Any:
        """True: plugin code never uses what lies behind, but xlwings asks whether there is something."""
        return True

    @property
    def row(self) -> int:
        """The first row."""
        return self.area.row

    @property
    def column(self) -> int:
        """The first column."""
        return self.area.column

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        return self.area.rows, self.area.columns

    @property
    def coords(self) -> tuple[str, int, int, int, int]:
        """Sheet and rectangle: what makes two blocks the same."""
        return (self.sheet.name, *self.area)

    @property
    def name(self) -> Any:
        """The defined name that means these very cells, or None."""
        means = f"={address.quoted(self.sheet.name)}!{self.address}"
        return next((name for name in self.sheet.book.names if name.refers_to == means), None)

    @name.setter
    def name(self, name: str) -> None:
        self.sheet.book.names.add(name, f"={address.quoted(self.sheet.name)}!{self.address}")

    @property
    def address(self) -> str:
        """Its address without the sheet, such as ``$A$1:$B$2``."""
        return self.area.text()

    def get_address(self, row_absolute: bool = True, col_absolute: bool = True, external: bool = False) -> str:
        """Its address, with workbook and sheet when ``external``."""
        cells = self.area.text(row_absolute=row_absolute, column_absolute=col_absolute)
        if not external:
            return cells
        where = f"[{self.sheet.book.name}]{self.sheet.name}"
        plain = where.replace("[", "").replace("]", "").replace(".", "")
        return f"{where if address.quoted(plain) == plain else address.quoted(where)}!{cells}"
