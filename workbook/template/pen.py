"""The one module that drives XlsxWriter: sheets, formats by name, reproducible bytes."""

from __future__ import annotations

import datetime
import io
import math
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from workbook import whole
from workbook.layout import Box
from workbook.template.places import Spot
from workbook.template.styles import STYLES

CREATED = datetime.datetime(2021, 9, 26, tzinfo=datetime.UTC).replace(tzinfo=None)
"""The one date that stands in every file: the same input gives the same bytes."""

CellValue = int | float | Decimal | str | None


BUTTON_WIDTH, BUTTON_HEIGHT, BUTTON_GAP, BUTTONS_ABREAST = 54, 20, 2, 2
"""In pixels: three signs of a caption fit a button, two rows of two fit beside every title."""


class Button(NamedTuple):
    """A button on a sheet: what stands on it, and the macro a click runs."""

    caption: str
    macro: str


class _Worksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A sheet whose formulas may result in an empty text: stored as such a result, not as none at all."""

    def _xml_formula_element(self, formula: str, result: object, attributes: Sequence[tuple[str, object]] = ()) -> None:
        kept = [*attributes, ("t", "str")] if result == "" else [*attributes]
        super()._xml_formula_element(formula, result, kept)


class Pen:
    """Writes one workbook: named styles, boxes, values with their exact type; nothing reaches the disk until `save`."""

    def __init__(self, title: str, subject: str = "") -> None:
        self._bytes = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self._bytes, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self.book.set_properties({"title": title, "subject": subject, "created": CREATED})
        self._formats: dict[str, Format] = {}

    def style(self, name: str) -> Format:
        """The format of that name, made once."""
        if name not in self._formats:
            self._formats[name] = self.book.add_format(dict(STYLES[name]))
        return self._formats[name]

    def sheet(self, name: str) -> Worksheet:
        """A new sheet with the print set-up every sheet shares."""
        sheet = self.book.add_worksheet(name, _Worksheet)
        sheet.set_paper(9)
        sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        sheet.hide_gridlines(2)
        return sheet

    def box(self, sheet: Worksheet, box: Box, value: CellValue, style: str) -> None:
        """A value in a cell, or in several merged into one."""
        if box.merged:
            sheet.merge_range(box.top, box.left, box.bottom, box.right, "", self.style(style))
        self.put(sheet, box.top, box.left, value, style)

    def put(self, sheet: Worksheet, row: int, column: int, value: CellValue, style: str) -> None:
        """A value in a cell: text stays text, a number that a spreadsheet cannot hold exactly becomes text."""
        made = self.style(style)
        if value is None or value == "":
            sheet.write_blank(row, column, None, made)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, made)
        elif exact(value):
            sheet.write_number(row, column, float(value), made)
        else:
            sheet.write_string(row, column, f"{value:f}" if isinstance(value, Decimal) else str(value), made)

    def formula(
        self,
        sheet: Worksheet,
        row: int,
        column: int,
        formula: str,
        style: str,
        value: CellValue,
        *,
        array: bool = False,
    ) -> None:
        """A formula with the value it computes to, so that readers without a calculator see it."""
        cached = "" if value is None else float(value) if isinstance(value, Decimal) else value
        if array:
            sheet.write_array_formula(row, column, row, column, "{=" + formula + "}", self.style(style), cached)
        else:
            sheet.write_formula(row, column, "=" + formula, self.style(style), cached)

    def link(self, sheet: Worksheet, row: int, column: int, to: Spot, text: str, style: str = "link") -> None:
        """A link to another place of the workbook."""
        sheet.write_url(row, column, f"internal:'{to.sheet}'!{to.a1}", self.style(style), text)

    def buttons(self, sheet: Worksheet, buttons: Sequence[Button]) -> None:
        """Buttons in the corner left of the title, in sight whatever the screen; a spreadsheet does not print them.

        They stand where they should only if the first row has its height already.
        """
        for n, button in enumerate(buttons):
            down, along = divmod(n, BUTTONS_ABREAST)
            place = {"x_offset": BUTTON_GAP + along * (BUTTON_WIDTH + BUTTON_GAP)}
            place |= {"y_offset": BUTTON_GAP + down * (BUTTON_HEIGHT + 1), "width": BUTTON_WIDTH}
            said = {"caption": button.caption, "macro": button.macro}
            sheet.insert_button(0, 0, {**said, **place, "height": BUTTON_HEIGHT})

    def save(self, path: Path) -> None:
        """Finish the workbook and put it in its place, whole or not at all."""
        whole.write_bytes(path, self.bytes())

    def bytes(self) -> bytes:
        """Finish the workbook; its bytes."""
        self.book.close()
        return self._bytes.getvalue()


def exact(value: float | Decimal) -> bool:
    """Whether a spreadsheet's 15 digits hold that number."""
    if isinstance(value, int) and abs(value) < 10**15:
        return True
    number = Decimal(value) if isinstance(value, int) else value if isinstance(value, Decimal) else Decimal(repr(value))
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        return False
    return Decimal(format(float(number), ".15g")) == number


def width_of(text: str) -> int:
    """How many half-width columns a text takes on screen."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def height_for(text: str, columns: float, *, line: float = 15.0, least: float = 22.0) -> float:
    """The row height (points) that shows a text wrapped into a cell that many half-width columns wide."""
    lines = sum(max(1, math.ceil(width_of(part) / max(1.0, columns - 1.5))) for part in text.split("\n"))
    return max(least, lines * line + 6)
