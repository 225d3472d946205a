"""The measures of a published page: those of 公文 (GB/T 9704), the shades of the issued form, the widths of columns.

No figure is ever broken over two lines: where a column cannot be wider, its figures are set in smaller type.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

from workbook.documents.publication import PrintedTable

TWIPS: Final = 1440 / 25.4
"""Word's twentieths of a point in one millimetre."""

PAGE: Final = (210, 297)
"""A4, mm."""

MARGINS: Final = {"top": 37, "bottom": 35, "left": 28, "right": 26}
"""天头 37 mm, 订口 28 mm, a type area of 156 × 225 mm."""

FOOTER: Final = 25
"""The page number is printed 7 mm below the type area."""

HEADER: Final = 20

SHORT: Final = 6
"""A table of no more rows is printed on one page."""

TEXT_WIDTH: Final = round((PAGE[0] - MARGINS["left"] - MARGINS["right"]) * TWIPS)
"""The width of the type area, twips."""

BAND, HEAD, RULE = "C6D9F1", "E4EDF8", "595959"
"""The band above a block (as issued), heads, and the lines of tables."""

SHADES: Final = {"band": BAND, "head": HEAD, "corner": HEAD}

PADDING: Final = 40
"""The blank left and right of the text in a cell of a wide table, twips."""

WIDE_PADDING: Final = 108
"""The same where columns are wide."""

NARROW, GROUP, LEAF = 510, 1020, 1700
"""A column of upright group labels; one of group labels; the least for row labels."""

FIGURE: Final = 620
"""A column of figures, where it holds nothing longer."""

MOST: Final = 1100
LEAST_SIZE: Final = 10
"""Half points; smaller cannot be read."""

SMALL, PLAIN = 18, 21
"""小五 for the wide tables, 五号 for the others, as offices print them; half points."""


class Columns(NamedTuple):
    """The widths of a table's columns (together the type area) and the blank beside their texts, in twips.

    `size` is its type size, `figures` that of its figures, in half points.
    """

    widths: tuple[int, ...]
    padding: int
    size: int
    figures: int

    def inset(self, count: int, left: int, right: int) -> int:
        """Return how far a head of `count` Chinese characters over those columns is set in, so that its lines are even.

        Four characters in a column of three break into two and two, not into three and one. Twips, on both sides.
        """
        width, em = sum(self.widths[left : right + 1]) - 2 * self.padding, 10 * self.size
        lines = -(-count // max(1, width // em))
        even = -(-count // lines) * em if lines > 1 else width
        return max(0, (width - even) // 2 - em // 6)


def measure_columns(table: PrintedTable) -> Columns:
    """Return widths for the whole table; figures too long for their column are set in smaller type."""
    labels, count = table.plan.label_columns, table.plan.columns - table.plan.label_columns
    size = PLAIN if labels == 1 else SMALL
    longest = _longest_figures(table, count)
    wanted = [max(FIGURE, min(5 * size * digits + 2 * PADDING + 10, MOST)) for digits in longest]  # half an em each
    if labels == 0:
        widths = _divide_width(TEXT_WIDTH, wanted)
    elif labels == 1:
        widths = _divide_width(TEXT_WIDTH, [0.6 * TEXT_WIDTH / count, *[TEXT_WIDTH / count * 0.55] * count])
    else:
        outer = [NARROW] * (labels - 2) + [GROUP]
        left = TEXT_WIDTH - sum(outer) - LEAF
        figures = wanted if sum(wanted) <= left else _divide_width(left, wanted)
        widths = [*outer, TEXT_WIDTH - sum(outer) - sum(figures), *figures]
    padding = WIDE_PADDING if labels == 1 else PADDING
    return Columns(tuple(widths), padding, size, _fit_size(table, widths, size, padding))


def _divide_width(width: int, parts: list[int] | list[float]) -> list[int]:
    """The width divided in proportion to the parts, to the last twip."""
    edges = [round(width * sum(parts[:n]) / sum(parts)) for n in range(len(parts) + 1)]
    return [right - left for left, right in pairwise(edges)]


def _longest_figures(table: PrintedTable, count: int) -> list[int]:
    """The digits of the longest figure in each column of figures; one that spans columns is shared among them."""
    longest = [1] * count
    first = table.plan.columns - count
    for cell in table.cells:
        if cell.kind == "figure":
            across = cell.box.right - cell.box.left + 1
            for column in range(cell.box.left - first, cell.box.right - first + 1):
                longest[column] = max(longest[column], -(-len(cell.text) // across))
    return longest


def _fit_size(table: PrintedTable, widths: list[int], size: int, padding: int) -> int:
    """The type size at which every figure fits on one line."""
    for cell in table.cells:
        if cell.kind == "figure" and cell.text:
            width = sum(widths[cell.box.left : cell.box.right + 1]) - 2 * padding - 10
            size = min(size, width // (5 * len(cell.text)))
    return max(size, LEAST_SIZE)
