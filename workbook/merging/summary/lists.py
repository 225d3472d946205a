"""A list on a sheet of its own: title, hint, headings, lines made one by one; frozen, filtered, ready to print."""

from __future__ import annotations

import math
from collections.abc import Sequence

from workbook.layout import Box
from workbook.safety.messages import load_messages
from workbook.template.pen import CellValue, Pen

messages = load_messages("workbook.template")

HEAD = 2
"""Title and hint stand above the headings."""
FIRST = HEAD + 1
TALLEST = 400.0


class Lines:
    """A list; `styles` are those of its columns where a line names no others."""

    def __init__(self, pen: Pen, name: str, columns: Sequence[str], widths: Sequence[float]) -> None:
        self.pen = pen
        self.name = name
        self.columns = columns
        self.widths = tuple(widths)
        self.sheet = pen.sheet(name)
        self.rows = pen.spool(FIRST)

    def add(self, values: Sequence[CellValue], styles: tuple[str, ...]) -> int:
        """One line, as high as its texts need; its row."""
        height = 22.0
        for value, width, style in zip(values, self.widths, styles, strict=True):
            if isinstance(value, str) and style != "hash":
                height = max(height, tall(value, width - 1.5))
        return self.rows.add(values, styles, min(height, TALLEST))

    def draw(self, hint: str, none: str = "", *, frozen: int = 2, head: float = 24) -> None:
        """Draw what stands around the lines, and put them in."""
        sheet, pen, right = self.sheet, self.pen, len(self.widths) - 1
        for column, width in enumerate(self.widths):
            sheet.set_column(column, column, width)
        sheet.set_row(0, 34)
        pen.box(sheet, Box(0, 0, 0, right), self.name, "title")
        pen.box(sheet, Box(1, 0, 1, right), hint, "hint")
        sheet.set_row(1, tall(hint, sum(self.widths), least=24))
        sheet.set_row(HEAD, head)
        for column, text in enumerate(self.columns):
            pen.put(sheet, HEAD, column, text, "smallhead")
        if self.rows.last < FIRST:
            pen.box(sheet, Box(FIRST, 0, FIRST, right), none, "item")
        pen.stream(sheet, self.rows)
        self._print(max(self.rows.last, FIRST), right, frozen)

    def _print(self, last: int, right: int, frozen: int) -> None:
        sheet = self.sheet
        sheet.set_landscape()
        sheet.autofilter(HEAD, 0, last, right)
        sheet.freeze_panes(FIRST, frozen)
        sheet.print_area(0, 0, last, right)
        sheet.repeat_rows(HEAD)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(messages.text("print.footer"))


def tall(text: str, columns: float, *, least: float = 22.0) -> float:
    """About the row height (points) for a text in small type; quick: a sign beyond ASCII counts as two columns."""
    width = max(1.0, columns - 1.5)
    if "\n" not in text and len(text) * 2 <= width:
        return least
    lines = sum(
        max(1, math.ceil((len(part) + len(part.encode("utf-8", "replace"))) / 2 / width)) for part in text.split("\n")
    )
    return max(least, lines * 13.5 + 6)
