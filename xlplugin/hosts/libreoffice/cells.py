"""A block of cells: colours, number formats, notes, links, on top of its content."""

# ruff: noqa: ANN401  LibreOffice's objects have no types

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from xlwings import base_classes

from xlplugin.hosts import address
from xlplugin.hosts.libreoffice import bridge
from xlplugin.hosts.libreoffice.content import Content, Place, places_of
from xlplugin.hosts.values import rgb

_POINT = 2540 / 72  # in LibreOffice's hundredths of a millimetre
_CHARACTER, _MARGIN = 5.25, 3.75  # of Excel's default font, in points

_NOTE_WIDTH = 9000  # hundredths of a millimetre
_EVERYTHING = bridge.CONTENTS | bridge.NOTES | bridge.HARD_FORMATS | bridge.STYLES | bridge.FORMATS_IN_TEXT


class Range(Content):
    """A block of cells."""

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
        self._ready_to_format()
        self.native.CellBackColor = _color_number(rgb(color))

    def set_colors(self, colors: list[list[Any]]) -> None:
        """Colour cell by cell, in one call for each colour; ``...`` leaves a cell as it is."""
        self._ready_to_format()
        by_color = defaultdict(list)
        for place, color in places_of(colors):
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
        self._ready_to_format()
        self.native.NumberFormat = self._book.format_key(code)

    @property
    def wrap_text(self) -> bool | None:
        """Whether texts go on in a second line of their cell; None when not all cells agree."""
        return None if self._is_mixed("IsTextWrapped") else bool(self.native.IsTextWrapped)

    @wrap_text.setter
    def wrap_text(self, wrapped: bool) -> None:
        self._ready_to_format()
        self.native.IsTextWrapped = bool(wrapped)

    @property
    def column_width(self) -> float | None:
        """The width of its columns, in characters; None when they have not the same."""
        points = _common(column.Width / _POINT for column in self.native.Columns)
        return None if points is None else round((points - _MARGIN) / _CHARACTER, 2)

    @column_width.setter
    def column_width(self, characters: float) -> None:
        self._ready_to_format()
        self.native.Columns.Width = round((characters * _CHARACTER + _MARGIN) * _POINT)

    @property
    def row_height(self) -> float | None:
        """The height of its rows, in points; None when they have not the same."""
        points = _common(row.Height / _POINT for row in self.native.Rows)
        return None if points is None else round(points, 2)

    @row_height.setter
    def row_height(self, points: float) -> None:
        self._ready_to_format()
        self.native.Rows.Height = round(points * _POINT)

    # Notes and links

    @property
    def note(self) -> Note | None:
        """The note on the first cell."""
        note = Note(self)
        return note if note.text else None

    def add_note(self, text: str) -> Note:
        """Put a note on a cell that has none."""
        self._ready_to_format()
        self.sheet.native.Annotations.insertNew(self._address(Place(0, 0)), text)
        note = Note(self)
        note.widen()
        return note

    def add_hyperlink(self, address: str, text_to_display: str = "", screen_tip: str = "") -> None:  # noqa: ARG002
        """Make the content of the first cell a link. ``#表三!A1`` leads to a cell of this workbook."""
        self._ready_to_write()
        cell = self._cell(Place(0, 0))
        cell.setString("")
        link = self._book.document.createInstance("com.sun.star.text.TextField.URL")
        link.URL, link.Representation = _link_out(address), text_to_display or address
        content = cell.getText()
        content.insertTextContent(content.createTextCursor(), link, False)

    @property
    def hyperlink(self) -> str:
        """Where the link in the first cell leads."""
        links = self._cell(Place(0, 0)).getTextFields()
        if not links.Count:
            raise ValueError(f"{self.address} has no link")
        return _link_in(links.getByIndex(0).URL)

    # The rest

    @property
    def locked(self) -> bool:
        """Whether a protected sheet refuses entry here; of several cells that differ, whether it does in all."""
        return bool(self.native.CellProtection.IsLocked)

    @locked.setter
    def locked(self, locked: bool) -> None:
        self._ready_to_format()
        protection = self.native.CellProtection
        protection.IsLocked = locked
        self.native.CellProtection = protection

    def select(self) -> None:
        """Show and select it."""
        self._book.activate()
        self.sheet.activate()
        controller = self._book.document.CurrentController
        if controller is not None:
            controller.select(self.native)

    def clear(self) -> None:
        """Empty the cells, formats and notes included."""
        self._ready_to_format()
        self.native.clearContents(_EVERYTHING)

    def clear_contents(self) -> None:
        """Empty the cells, but leave the formats."""
        self._ready_to_write()
        self.native.clearContents(bridge.CONTENTS)


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
        self._block._ready_to_format()
        self._native.setString(text)

    @property
    def author(self) -> str:
        """Who wrote it."""
        return str(self._native.Author)

    def widen(self) -> None:
        """Give it a width at which a sentence takes few lines; LibreOffice fits the height."""
        shape = self._native.AnnotationShape
        size = shape.Size
        size.Width = _NOTE_WIDTH
        shape.setSize(size)

    def delete(self) -> None:
        """Take it away."""
        self._block._ready_to_format()
        self._block._cell(Place(0, 0)).clearContents(bridge.NOTES)

    @property
    def _native(self) -> Any:
        return self._block._cell(Place(0, 0)).getAnnotation()


def _common(sizes: Iterable[float]) -> float | None:
    different = set(sizes)
    return different.pop() if len(different) == 1 else None


def _color_number(color: tuple[int, int, int] | None) -> int:
    return -1 if color is None else color[0] << 16 | color[1] << 8 | color[2]


def _link_out(link: str) -> str:
    """A link as LibreOffice follows it: ``#表三!A1`` is ``#表三.A1`` there."""
    sheet, cells = address.split(link.removeprefix("#"))
    return f"#{address.quoted(sheet)}.{cells}" if link.startswith("#") and sheet else link


def _link_in(url: str) -> str:
    target, dot, cells = url.rpartition(".")
    return f"{target}!{cells}" if url.startswith("#") and dot and address.parse(cells) else url
