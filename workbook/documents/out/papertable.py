"""A table of the form in WordprocessingML: spans exactly as printed, heads repeated over pages, no row torn apart."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape, quoteattr

from workbook.documents.out.columns import Columns, columns_of
from workbook.documents.out.look import RULE, SHADES, TEXT_WIDTH
from workbook.documents.out.parts import Grid, Square

ROW: Final = 400
"""The least height of a row, twips."""

STYLES: Final = {
    "band": "TableHead",
    "head": "TableHead",
    "corner": "TableCorner",
    "group": "TableCentre",
    "row": "TableRow",
    "figure": "TableFigure",
    "words": "TableCentre",
}


def table_xml(grid: Grid) -> str:
    """The `w:tbl` of a grid; its namespace `w` is declared by whoever parses it."""
    columns = columns_of(grid)
    at = {
        (row, column): square
        for square in grid.squares
        for row in range(square.box.top, square.box.bottom + 1)
        for column in range(square.box.left, square.box.right + 1)
    }
    rows = "".join(_row(grid, columns, row, at) for row in range(grid.plan.rows))
    widths = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns.widths)
    return f"<w:tbl>{_properties(grid.caption, columns)}<w:tblGrid>{widths}</w:tblGrid>{rows}</w:tbl>"


def _properties(caption: str, columns: Columns) -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{RULE}"/>' for side in sides)
    margins = "".join(f'<w:{side} w:w="{columns.padding}" w:type="dxa"/>' for side in ("left", "right"))
    return (
        f'<w:tblPr><w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
        f'<w:tblLook w:val="0000"/><w:tblCaption w:val={quoteattr(caption)}/></w:tblPr>'
    )


def _row(grid: Grid, columns: Columns, row: int, at: dict[tuple[int, int], Square]) -> str:
    head = "<w:tblHeader/>" if row < grid.repeated else ""
    cells = []
    column = 0
    while column < grid.plan.columns:
        square = at[row, column]
        cells.append(_cell(square, columns, row, together=_together(grid, row)))
        column = square.box.right + 1
    height = f'<w:trHeight w:val="{ROW}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{head}</w:trPr>{''.join(cells)}</w:tr>"


def _together(grid: Grid, row: int) -> bool:
    """Whether a row stays on the page of the next: heads do, and short blocks as a whole."""
    return not grid.ends_block(row) if not grid.repeated or grid.plan.rows <= 6 else row < grid.repeated


def _cell(square: Square, columns: Columns, row: int, *, together: bool) -> str:
    box = square.box
    first = row == box.top
    width = sum(columns.widths[box.left : box.right + 1])
    span = f'<w:gridSpan w:val="{box.right - box.left + 1}"/>' if box.right > box.left else ""
    merge = ('<w:vMerge w:val="restart"/>' if first else "<w:vMerge/>") if box.bottom > box.top else ""
    shade = SHADES.get(square.kind)
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
    keep = "<w:keepNext/>" if together else ""
    inset = columns.inset(len(square.text), box.left, box.right) if square.kind == "head" else 0
    place = f'<w:ind w:left="{inset}" w:right="{inset}"/>' if inset else ""
    size = columns.figures if square.kind == "figure" else columns.size
    text = run(square.text, f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>') if first and square.text else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}{fill}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{STYLES[square.kind]}"/>{keep}{place}</w:pPr>{text}</w:p></w:tc>'
    )


def run(text: str, properties: str = "") -> str:
    """A `w:r` of a text; tabs and line ends are signs of their own in WordprocessingML."""
    inside = []
    for line in text.split("\n"):
        words = [f'<w:t xml:space="preserve">{escape(part)}</w:t>' if part else "" for part in line.split("\t")]
        inside.append("<w:tab/>".join(words))
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{'<w:br/>'.join(inside)}</w:r>"
