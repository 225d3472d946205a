"""Finds the cells over which something is drawn: text boxes, pictures, shapes and charts, which may hide a figure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Final
from xml.parsers import expat

from workbook.excel.reading.ooxml_parts import PackagePart, PartLinks, parse_once
from workbook.excel.reading.workbook_contents import Attributes, ReadBudget, UnseenArea
from workbook.model.cell_address import Area

EVERYWHERE: Final[Area] = (0, 0, (1 << 20) - 1, (1 << 14) - 1)
ROW, COLUMN = 190_500, 609_600
"""Height and width of usual cells in the unit of drawings (a point is 12,700): what has a size alone is so many."""
_DRAWN = b'/drawing"'
"""The end of the type of a link to a drawing; notes of cells are linked as `/vmlDrawing"`."""


def find_drawn_areas(names: Collection[str], sheet: str, read: Callable[[str], bytes]) -> tuple[UnseenArea, ...]:
    """The areas of a sheet over which something is drawn.

    `sheet` is its part, `names` are those of all parts, in small letters.
    """
    folder, _, name = sheet.rpartition("/")
    links = f"{folder}/_rels/{name}.rels".lower()
    if links not in names or _DRAWN not in (data := read(links)):
        return ()
    found: list[UnseenArea] = []
    for link in parse_once(data, PartLinks, ReadBudget(), folder).found.values():
        if link.kind == "drawing" and not link.outside:
            with suppress(LookupError):  # a drawing that is not there covers nothing
                found += _list_areas(read(link.target))
    return tuple(found)


def _list_areas(part: bytes) -> tuple[UnseenArea, ...]:
    """The areas of one drawing; all of the sheet where that is not known."""
    try:
        areas = parse_once(part, _DrawingPart, ReadBudget()).areas
    except (expat.ExpatError, ValueError):
        areas = [EVERYWHERE]
    return tuple(UnseenArea("drawing", area) for area in areas)


class _DrawingPart(PackagePart):
    """The part of a drawing: where each thing in it is.

    `<xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col>…<xdr:row>4</xdr:row>…</xdr:from><xdr:to>…</xdr:to>…`: from one
    cell to another. With `oneCellAnchor` it is from one cell, and has a size; with `absoluteAnchor` it has a size and
    a distance, of which the cells are not known.
    """

    root = "wsDr"

    def __init__(self, budget: ReadBudget) -> None:
        super().__init__(budget)
        self.areas: list[Area] = []
        self._corners: dict[str, dict[str, list[str]]] = {}
        self._corner = ""
        self._size: tuple[int, int] | None = None
        self._depth = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element."""
        self._depth += 1
        if self._depth == 1:
            self._corners, self._size = {}, None
        elif self._depth == 2 and name in ("from", "to"):
            self._corner, self._corners[name] = name, {}
        elif self._depth == 2 and name == "ext":
            self._size = int(attributes["cy"]), int(attributes["cx"])
        elif self._depth == 3 and self._corner:
            self.into = self._corners[self._corner].setdefault(name, [])

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        self.into = None
        self._depth -= 1
        if self._depth == 1:
            self._corner = ""
        elif self._depth == 0 and name.endswith("Anchor"):
            self.budget.keep()
            self.areas.append(self._area())

    def _area(self) -> Area:
        first, last = self._corners.get("from"), self._corners.get("to")
        if first is None or (last is None and self._size is None):
            return EVERYWHERE
        row, column = _read(first, "row"), _read(first, "col")
        if last is not None:  # what ends at the very edge of a cell does not cover it
            down = _read(last, "row") - (_read(last, "rowOff") == 0)
            right = _read(last, "col") - (_read(last, "colOff") == 0)
        else:
            down, right = (side // cell for side, cell in zip(self._size or (0, 0), (ROW, COLUMN), strict=True))
            down, right = row + down, column + right
        return row, column, max(row, down), max(column, right)


def _read(corner: Mapping[str, list[str]], name: str) -> int:
    return int("".join(corner.get(name, ("0",))))
