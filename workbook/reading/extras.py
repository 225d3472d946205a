"""Figures typed where no table has a cell, and words beside the written parts: what would otherwise be lost unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workbook.grid import Place, a1
from workbook.reading.book import Cell, Sheet
from workbook.reading.figures import previous_year_at
from workbook.reading.found import Found
from workbook.reading.issued import Issued
from workbook.reading.labels import View, fold
from workbook.reading.written import Texts

NAMED = 8
"""How many values of one row a message names."""
QUOTED = 20
"""How much of a text it quotes."""


class Extra(NamedTuple):
    """Values of one row that were not read: the first place, all places and values in words."""

    sheet: Sheet
    place: Place
    where: str
    value: str


def extra_values(
    issued: Issued, view: View, found: Mapping[str, Found], texts: Texts, *, ours: bool
) -> Iterator[Extra]:
    """Values outside the tables: on our sheets anywhere, in other workbooks beside the figures of a table."""
    year = previous_year_at(issued.form, view) if ours else None
    for name in dict.fromkeys(one.sheet.name for one in found.values()):
        sheet = view.sheets[name]
        tables = [one for one in found.values() if one.sheet is sheet]
        known = {place for one in tables for place in one.cells.values()}
        if ours:
            known |= {place for one in tables for place in one.previous.values()}
        if year is not None and year[0] is sheet:
            known.add(year[1])
        inside = _anywhere if ours else _beside(tables)
        yield from _rows(sheet, [p for p, c in sheet.cells.items() if p not in known and inside(p) and _figure(c)])
    if ours:
        yield from _beside_texts(texts)


def _figure(cell: Cell) -> bool:
    """Whether a cell was meant to hold a figure."""
    if cell.error or isinstance(cell.value, bool):
        return False
    if isinstance(cell.value, str):
        return len(cell.value) < QUOTED and cell.formula is None and fold(cell.value).isdecimal()
    return cell.value is not None


def _anywhere(_: Place) -> bool:
    return True


class _beside:  # noqa: N801 -- reads as the condition it is
    """Within the rows of a table, from its first column of figures on."""

    def __init__(self, tables: list[Found]) -> None:
        self.boxes = [(min(t.rows.values()), max(t.rows.values()), min(t.columns.values())) for t in tables]

    def __call__(self, place: Place) -> bool:
        return any(top <= place[0] <= bottom and place[1] >= left for top, bottom, left in self.boxes)


def _beside_texts(texts: Texts) -> Iterator[Extra]:
    """Words in another column than the paragraphs of a written part."""
    for area in texts.areas.values():
        rows = range(area.first, area.last + 1)
        yield from _rows(
            area.sheet,
            [
                place
                for place, cell in area.sheet.cells.items()
                if place[0] in rows and place[1] != area.column and isinstance(cell.value, str) and cell.formula is None
                and cell.value.strip()
            ],
        )  # fmt: skip


def _rows(sheet: Sheet, places: list[Place]) -> Iterator[Extra]:
    rows: dict[int, list[Place]] = {}
    for place in sorted(places):
        rows.setdefault(place[0], []).append(place)
    for some in rows.values():
        named = some[:NAMED]
        more = "等" if len(some) > NAMED else ""
        where = "、".join(a1(*place) for place in named) + more
        value = "、".join(str(sheet.cells[place].value)[:QUOTED] for place in named) + more
        yield Extra(sheet, some[0], where, value)
