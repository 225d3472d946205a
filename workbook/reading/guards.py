"""What guards a table of ours: totals that are formulas, and entry cells that refuse what is no figure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from itertools import accumulate

from workbook.finding import Finding
from workbook.grid import Area, Place, parse_range
from workbook.reading.book import Cell
from workbook.reading.context import CELLS_NAMED, Reading, named, short, title
from workbook.reading.found import Found
from workbook.rulebook import finding, phrase
from workbook.safety.messages import Bilingual


def formulas(reading: Reading, found: Found) -> Iterator[Finding]:
    """Totals that no longer are the template's formula: each by itself, or in one sentence where there are many."""
    altered = [
        (code, place, what)
        for code, place in found.cells.items()
        if code in reading.issued.sums and code not in reading.typed and not reading.sums.get(code)
        for what in [_altered(found.sheet.cells.get(place))]
    ]
    if len(altered) > CELLS_NAMED:
        source = reading.at(found.sheet, altered[0][1])
        cells = tuple(code for code, _, _ in altered)
        where, count = named([place for _, place, _ in altered]), len(altered)
        words = phrase("cells", count=count)
        at = Bilingual(f"{found.sheet.name}!{where.zh}", f"{found.sheet.name}!{where.en}")
        yield finding("structure-formula", cells=cells, what=phrase("altered"), where=at, place=words).at(source)
        return
    for code, place, what in altered:
        source = reading.at(found.sheet, place)
        words = reading.form.cell(code).words
        yield finding("structure-formula", cells=(code,), where=str(source), what=what, place=words).at(source)


def _altered(cell: Cell | None) -> Bilingual:
    """What became of a total's formula."""
    if cell is None or (cell.formula is None and cell.value in (None, "")):
        return phrase("cleared")
    if cell.formula is None:
        return phrase("filled-over", value=short(str(cell.value)))
    return phrase("changed", value=short(cell.formula))


def validations(reading: Reading, found: Found) -> Iterator[Finding]:
    """Cells for entry, and totals left as published, that no longer refuse what is no count or amount."""
    if found.sheet.validations is None:
        return
    areas = [
        area[1:]
        for validation in found.sheet.validations
        if validation.stops and validation.kind in ("whole", "decimal")
        for text in validation.ranges
        if (area := parse_range(text)) is not None
    ]
    entries = {
        place: code for code, place in found.cells.items() if code not in reading.issued.sums or code in reading.typed
    }
    covered = _covered(entries, areas)
    lost = [(place, code) for place, code in entries.items() if place not in covered]
    if lost:
        where = named([place for place, _ in lost])
        table = title(reading.form, found.table)
        cells = tuple(code for _, code in lost)
        one = finding("structure-validation", cells=cells, table=table, count=len(lost), where=where)
        yield one.at(reading.at(found.sheet, lost[0][0]))


def _covered(places: Collection[Place], areas: Iterable[Area]) -> set[Place]:
    """The places within any of the areas, each of which is looked at once, however many they are."""
    rows, columns = sorted({row for row, _ in places}), sorted({column for _, column in places})
    edges = [[0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    for top, left, bottom, right in areas:
        first, last = bisect_left(rows, top), bisect_right(rows, bottom)
        begin, end = bisect_left(columns, left), bisect_right(columns, right)
        if first < last and begin < end:
            edges[first][begin] += 1
            edges[first][end] -= 1
            edges[last][begin] -= 1
            edges[last][end] += 1
    covered: set[Place] = set()
    above = [0] * (len(columns) + 1)
    for row, line in zip(rows, edges, strict=False):
        above = [one + more for one, more in zip(above, line, strict=True)]
        covered |= {(row, column) for column, count in zip(columns, accumulate(above), strict=False) if count}
    return covered & set(places)
