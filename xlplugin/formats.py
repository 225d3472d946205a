"""How the open workbook shows its figures: the number formats of the tables, asked for as few ranges as can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

import xlwings as xw

from workbook.excel.reading.number_format import is_plain_format
from workbook.excel.reading.workbook_contents import CellLook, Sheet
from workbook.excel.template.template_layout import TemplateLayout
from workbook.model.cell_address import Area, Place, format_address


def with_looks(sheets: Mapping[str, Sheet], pages: Mapping[str, xw.Sheet], places: TemplateLayout) -> dict[str, Sheet]:
    """The sheets as read, with the number formats that may show a figure otherwise than it is.

    A table is asked about where the template put it. One format throughout, as the template has it, costs one question.
    """
    looks: dict[str, dict[Place, CellLook]] = {}
    for name, area in _areas(places):
        if name in sheets:
            with suppress(Exception):  # a program that does not tell: then it is unknown, as much else is here
                for (top, left, bottom, right), code in _formats(pages[name], area):
                    cells = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
                    odd = () if is_plain_format(code) else [at for at in cells if at in sheets[name].cells]
                    looks.setdefault(name, {}).update(dict.fromkeys(odd, CellLook(code)))
    return {name: replace(sheet, looks=looks.get(name, {})) for name, sheet in sheets.items()}


def _areas(places: TemplateLayout) -> Iterator[tuple[str, Area]]:
    """The rectangle of each table's figures; of merged cells the first, which has the format that is seen."""
    for table in places.form.tables:
        spots = [places.cells[cell.code] for cell in places.form.cells if cell.table is table]
        rows, columns = [spot.row for spot in spots], [spot.column for spot in spots]
        yield spots[0].sheet, (min(rows), min(columns), max(rows), max(columns))


def _formats(page: xw.Sheet, area: Area) -> Iterator[tuple[Area, str]]:
    """The areas that have one format throughout, and which; what is mixed is halved and asked again."""
    top, left, bottom, right = area
    code = page.range(f"{format_address(top, left)}:{format_address(bottom, right)}").number_format
    if code is not None or (top, left) == (bottom, right):
        yield area, code or "General"
    elif bottom > top:
        middle = (top + bottom) // 2
        yield from _formats(page, (top, left, middle, right))
        yield from _formats(page, (middle + 1, left, bottom, right))
    else:
        middle = (left + right) // 2
        yield from _formats(page, (top, left, top, middle))
        yield from _formats(page, (top, middle + 1, top, right))
