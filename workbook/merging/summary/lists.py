"""A list on a sheet of its own: title, hint, headings, lines made one by one; frozen, filtered, ready to print."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from workbook.layout import Box
from workbook.template.pen import CellValue, Pen
from workbook.template.places import Spot
from workbook.template.words import word as template_word

HEAD = 2
"""Title and hint stand above the headings."""
FIRST = HEAD + 1
TALLEST = 400.0


class Lines:
    """A list, written from top to bottom: title, hint and headings, then a line at a time, then the print set-up.

    `head` is the height of the headings, `frozen` how many columns stay in sight.
    """

    def __init__(
        self,
        pen: Pen,
        name: str,
        columns: Sequence[str],
        widths: Sequence[float],
        hint: str,
        *,
        frozen: int = 2,
        head: float = 24,
    ) -> None:
        self.pen = pen
        self.widths = tuple(widths)
        self.sheet = pen.sheet(name, by_row=True)
        self.next = FIRST
        self._frozen = frozen
        right = len(widths) - 1
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)
        self.sheet.set_row(0, 34)
        pen.box(self.sheet, Box(0, 0, 0, right), name, "title")
        self.sheet.set_row(1, tall(hint, sum(widths), least=24))
        pen.box(self.sheet, Box(1, 0, 1, right), hint, "hint")
        pen.row(self.sheet, HEAD, columns, ["smallhead"] * len(columns), head)

    def add(
        self,
        values: Sequence[CellValue],
        styles: Sequence[str],
        links: Mapping[int, Spot | str | None] = MappingProxyType({}),
    ) -> int:
        """One line, as high as its texts need, links by column; its row."""
        row, self.next = self.next, self.next + 1
        height = 22.0
        for value, width, style in zip(values, self.widths, styles, strict=True):
            if isinstance(value, str) and style != "hash":
                height = max(height, tall(value, width - 1.5))
        self.pen.row(self.sheet, row, values, styles, min(height, TALLEST), links)
        return row

    @property
    def last(self) -> int:
        """The last line; of an empty list the one that says so."""
        return max(self.next - 1, FIRST)

    def finish(self, none: str = "") -> None:
        """Set up filter and printing; where there is no line, say so."""
        sheet, right = self.sheet, len(self.widths) - 1
        if self.next == FIRST:
            self.pen.box(sheet, Box(FIRST, 0, FIRST, right), none, "item")
        sheet.set_landscape()
        sheet.autofilter(HEAD, 0, self.last, right)
        sheet.freeze_panes(FIRST, self._frozen)
        sheet.print_area(0, 0, self.last, right)
        sheet.repeat_rows(HEAD)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(template_word("print.footer"))


def tall(text: str, columns: float, *, least: float = 22.0) -> float:
    """About the row height (points) for a text in small type; quick: a sign beyond ASCII counts as two columns."""
    width = max(1.0, columns - 1.5)
    if "\n" not in text and len(text) * 2 <= width:
        return least
    lines = sum(
        max(1, math.ceil((len(part) + len(part.encode("utf-8", "replace"))) / 2 / width)) for part in text.split("\n")
    )
    return max(least, lines * 13.5 + 6)
