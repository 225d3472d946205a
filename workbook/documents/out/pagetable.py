"""A table of the form in HTML: spans as printed, and every figure tied to its heads for whoever hears it read."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby, pairwise
from typing import Final

from workbook.documents.out.columns import columns_of
from workbook.documents.out.look import RULE, SHADES, TEXT_WIDTH
from workbook.documents.out.parts import Grid, Square

CELL: Final = f"border:1px solid #{RULE};padding:4px 6px"
ALIGN: Final = {"row": "left", "figure": "right"}
"""How a square's text stands; in the middle where nothing is said."""


def table_html(grid: Grid, name: str) -> str:
    """The `table` of a grid; `name` begins the ids of its heads. Lines and shades stand in the cells themselves.

    A CMS that throws styles out leaves at least the `border` of the table.
    """
    ids = {square: f"{name}-{square.box.top}-{square.box.left}" for square in grid.squares if _heads(square)}
    bodies = []
    for number, rows in groupby(range(grid.plan.rows), key=lambda row: _body(grid, row)):
        inside = "".join(_row(grid, row, ids) for row in rows)
        block = ' class="ogi-block"' if grid.plan.rows <= 6 or not grid.repeated else ""
        bodies.append(f"<thead>\n{inside}</thead>\n" if number < 0 else f"<tbody{block}>\n{inside}</tbody>\n")
    return (
        f'<table border="1" style="border-collapse:collapse;width:100%;border:1px solid #{RULE}">\n'
        f"<caption>{escape(grid.caption)}</caption>\n{_column_groups(grid)}{''.join(bodies)}</table>\n"
    )


def _heads(square: Square) -> bool:
    return square.kind not in ("figure", "words")


def _body(grid: Grid, row: int) -> int:
    """Which body of the table a row stands in; -1 for the heads of all."""
    return -1 if row < grid.repeated else grid.plan.blocks.index(grid.block_of(row))


def _column_groups(grid: Grid) -> str:
    """Label columns and figure columns; printed across, the columns below each row of the form. As wide as on paper."""
    labels, table = grid.plan.label_columns, grid.plan.blocks[0].table
    spans = [labels, grid.plan.columns - labels] if labels else [len(table.columns)] * len(table.rows)
    widths = iter(columns_of(grid).widths)
    columns = [f'<col style="width:{next(widths) / TEXT_WIDTH:.1%}">' for span in spans for _ in range(span)]
    edges = pairwise([sum(spans[:n]) for n in range(len(spans) + 1)])
    return "".join(f"<colgroup>{''.join(columns[left:right])}</colgroup>" for left, right in edges) + "\n"


def _row(grid: Grid, row: int, ids: dict[Square, str]) -> str:
    cells = "".join(_cell(grid, square, ids) for square in grid.squares if square.box.top == row)
    return f"<tr>{cells}</tr>\n"


def _cell(grid: Grid, square: Square, ids: dict[Square, str]) -> str:
    box = square.box
    down, across = box.bottom - box.top + 1, box.right - box.left + 1
    spans = (f' rowspan="{down}"' if down > 1 else "") + (f' colspan="{across}"' if across > 1 else "")
    style = f"{CELL};text-align:{ALIGN.get(square.kind, 'center')}"
    text = escape(square.text).replace("\n", "<br>")
    if not _heads(square):
        heads = " ".join(ids[head] for head in heads_of(grid, square))
        return f'<td headers="{heads}"{spans} style="{style}">{text}</td>'
    shade = f";background:#{SHADES[square.kind]}" if square.kind in SHADES else ""
    kind = ' class="ogi-head"' if square.kind in ("band", "head") else ""
    return (
        f'<th id="{ids[square]}" scope="{_scope(square, down, across)}"{kind}{spans} '
        f'style="{style};font-weight:normal{shade}">{text}</th>'
    )


def _scope(square: Square, down: int, across: int) -> str:
    """What a head is the head of."""
    if square.kind == "band":
        return "rowgroup"
    if square.kind in ("head", "corner"):
        return "colgroup" if across > 1 else "col"
    return "rowgroup" if down > 1 else "row"


def heads_of(grid: Grid, square: Square) -> Iterator[Square]:
    """The heads of a figure, outermost first: those above it in its own block, then those on its left."""
    box = square.box
    block = grid.block_of(box.top)
    top = next((one.box.bottom + 1 for one in reversed(grid.plan.blocks) if one.box.bottom < block.head), 0)
    for head in grid.squares:
        other = head.box
        above = top <= other.top and other.bottom < box.top and other.left <= box.right and box.left <= other.right
        if _heads(head) and above:
            yield head
    for head in grid.squares:
        other = head.box
        if _heads(head) and other.top <= box.top and box.bottom <= other.bottom and other.right < box.left:
            yield head
