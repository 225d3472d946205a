"""Reports printed as plain text in the ways that web pages and PDF files come out as text."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from workbook.documents.reading.document_blocks import Paragraph
from workbook.model.finding import Source
from workbook.model.form import Cell, Form, Table
from workbook.model.numbers import Number, to_cell_unit

Figures = Mapping[str, Number | None]
MANNERS = ("glued", "mixed", "spaced", "piped", "tabbed", "below")
BETWEEN = {"piped": " | ", "tabbed": "\t"}


def shown(figure: Number | None, cell: Cell) -> str:
    return "" if figure is None else f"{to_cell_unit(figure, cell.unit):f}"


def figures_as(manner: str, cells: Sequence[Cell], figures: Figures, chance: random.Random) -> str:
    texts = [shown(figures[cell.code], cell) for cell in cells]
    if manner == "glued":
        return "".join(texts)
    if manner == "mixed":
        return "".join(text + (" " if chance.random() < 0.3 else "") for text in texts)
    if manner in BETWEEN:
        return BETWEEN[manner] + BETWEEN[manner].join(texts)
    between = "\n" if manner == "below" else " "
    return between + between.join(text for text in texts if text)


def printed(form: Form, figures: Figures, manner: str, chance: random.Random) -> str:
    lines = []
    for section in form.sections:
        lines.append(section.label)
        for table in form.tables_of(section):
            lines += table_lines(form, table, figures, manner, chance)
        if section.text:
            lines.append("工作正常。")
    return "\n".join(lines)


def table_lines(form: Form, table: Table, figures: Figures, manner: str, chance: random.Random) -> list[str]:
    cells = [cell for cell in form.cells if cell.table is table]
    lines = [table.title]
    if table.layout == "across":
        lines.append("".join(c.label for c in (*table.rows, *table.columns * len(table.rows))))
        return [*lines, figures_as(manner, cells, figures, chance).removeprefix(BETWEEN.get(manner, "\n")).rstrip("\n")]
    between, group = BETWEEN.get(manner, ""), ""
    lines.append(between.join([table.corner, *(c.label for c in table.columns)]))
    for row in table.rows:
        label = row.label
        if row.under and row.under != group:
            group = row.under
            label = next(g.label for g in table.row_groups if g.code == group) + between + label
        some = [cell for cell in cells if cell.row is row]
        lines.append(label + figures_as(manner, some, figures, chance))
    return lines


def paragraphs(text: str) -> list[Paragraph]:
    return [Paragraph(line, Source("某局2023.txt", "", f"第{n}行")) for n, line in enumerate(text.split("\n"), 1)]
