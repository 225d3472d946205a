"""How wide the columns of a printed table are, and how large its figures: no figure is ever broken over two lines."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

from workbook.documents.out.look import TEXT_WIDTH
from workbook.documents.out.parts import Grid

PADDING: Final = 40
"""Left and right of what stands in a cell of a wide table, twips."""

AIRY: Final = 108
"""The same where there is room."""

NARROW, GROUP, LEAF = 510, 1020, 1700
"""A column of upright group labels; one of group labels; the least for row labels."""

FIGURE: Final = 620
"""A column of figures, where nothing longer stands in it."""

MOST: Final = 1100
LEAST_SIZE: Final = 10
"""Half points; smaller cannot be read."""

SMALL, PLAIN = 18, 21
"""小五 for the wide tables, 五号 for the others, as offices print them; half points."""


class Columns(NamedTuple):
    """The widths of a grid's columns (together the type area) and the blank beside what stands in them, in twips.

    `size` is its type size, `figures` that of its figures, in half points.
    """

    widths: tuple[int, ...]
    padding: int
    size: int
    figures: int

    def inset(self, signs: int, left: int, right: int) -> int:
        """How far a head of that many Chinese signs over those columns stands in, so that its lines are even.

        Four signs in a column of three break into two and two, not into three and one. Twips, on both sides.
        """
        room, sign = sum(self.widths[left : right + 1]) - 2 * self.padding, 10 * self.size
        lines = -(-signs // max(1, room // sign))
        even = -(-signs // lines) * sign if lines > 1 else room
        return max(0, (room - even) // 2 - sign // 6)


def columns_of(grid: Grid) -> Columns:
    """Widths for the grid as a whole; figures too long for their column are set smaller, all of them alike."""
    labels, count = grid.plan.label_columns, grid.plan.columns - grid.plan.label_columns
    size = PLAIN if labels == 1 else SMALL
    longest = _longest(grid, count)
    wanted = [max(FIGURE, min(_needed(signs, size), MOST)) for signs in longest]
    if labels == 0:
        widths = shared(TEXT_WIDTH, wanted)
    elif labels == 1:
        widths = shared(TEXT_WIDTH, [0.6 * TEXT_WIDTH / count, *[TEXT_WIDTH / count * 0.55] * count])
    else:
        outer = [NARROW] * (labels - 2) + [GROUP]
        room = TEXT_WIDTH - sum(outer) - LEAF
        figures = wanted if sum(wanted) <= room else shared(room, wanted)
        widths = [*outer, TEXT_WIDTH - sum(outer) - sum(figures), *figures]
    padding = AIRY if labels == 1 else PADDING
    return Columns(tuple(widths), padding, size, _size(grid, widths, size, padding))


def shared(whole: int, parts: list[int] | list[float]) -> list[int]:
    """A width shared out in proportion to the parts, to the last twip."""
    edges = [round(whole * sum(parts[:n]) / sum(parts)) for n in range(len(parts) + 1)]
    return [right - left for left, right in pairwise(edges)]


def _needed(signs: int, size: int) -> int:
    """The twips that many digits take: half an em each."""
    return 5 * size * signs + 2 * PADDING + 10


def _longest(grid: Grid, count: int) -> list[int]:
    """The digits of the longest figure in each column of figures; one that spans columns is shared among them."""
    longest = [1] * count
    first = grid.plan.columns - count
    for square in grid.squares:
        if square.kind == "figure":
            across = square.box.right - square.box.left + 1
            for column in range(square.box.left - first, square.box.right - first + 1):
                longest[column] = max(longest[column], -(-len(square.text) // across))
    return longest


def _size(grid: Grid, widths: list[int], size: int, padding: int) -> int:
    """The type size at which every figure fits on one line."""
    for square in grid.squares:
        if square.kind == "figure" and square.text:
            room = sum(widths[square.box.left : square.box.right + 1]) - 2 * padding - 10
            size = min(size, room // (5 * len(square.text)))
    return max(size, LEAST_SIZE)
