"""Rows and columns put in or taken out of a sheet, seen from where its labels stand now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from workbook.grid import Place
from workbook.reading.align import ascending
from workbook.reading.found import Found
from workbook.reading.issued import IssuedTable
from workbook.reading.labels import Index, fold


class Shift(NamedTuple):
    """`more` rows (columns) stand before position `at` as it is now; fewer, where it is negative."""

    table: IssuedTable
    at: int
    more: int


class Anchor(NamedTuple):
    """One label that was found: where it was issued and where it stands."""

    table: IssuedTable
    issued: Place
    actual: Place


def anchors(table: IssuedTable, found: Found, index: Index) -> list[Anchor]:
    """The labels of a table that were found, those of rows as far as they kept their order; others if unmistakable."""
    rows = sorted((table.row_labels[code], place) for code, place in found.row_labels.items())
    if table.table.layout == "down":
        rows = _in_order(rows)
    pairs = [*rows, *((table.column_labels[key], place) for key, place in found.column_labels.items())]
    lines = {*table.row_labels.values(), *table.column_labels.values()}
    others = ((place, index.find([fold(table.labels[place])])) for place in table.single - lines)
    pairs += ((place, again[0]) for place, again in others if len(again) == 1)
    return [Anchor(table, old, new) for old, new in sorted(pairs)]


def _in_order(rows: list[tuple[Place, Place]]) -> list[tuple[Place, Place]]:
    """Labels of rows without those that changed places: out of order, or alone in having moved among those that are."""
    kept = ascending([[place[0]] for _, place in rows])
    ordered = [pair for pair, row in zip(rows, kept, strict=True) if row is not None]
    if len(ordered) == len(rows):
        return rows
    shifts = [new[0] - old[0] for old, new in ordered]
    around = zip([*shifts[1:2], *shifts], [*shifts[1:], *shifts[-2:-1]], strict=False)
    return [pair for pair, own, (a, b) in zip(ordered, shifts, around, strict=False) if own in {a, b} or a != b]


def row_shifts(tables: Sequence[tuple[IssuedTable, Found]], index: Index) -> Iterator[Shift]:
    """Rows put in or taken out of one sheet, from top to bottom."""
    rows: dict[int, tuple[IssuedTable, int]] = {}
    for table, found in tables:
        for anchor in anchors(table, found, index):
            rows.setdefault(anchor.issued[0], (table, anchor.actual[0]))
        if table.table.layout == "across":
            rows.setdefault(min(table.rows.values()), (table, min(found.rows.values())))
    yield from _shifts(rows)


def column_shifts(tables: Sequence[tuple[IssuedTable, Found]], index: Index) -> Iterator[Shift]:
    """Columns put in or taken out of one sheet, from left to right."""
    columns: dict[int, tuple[IssuedTable, int]] = {}
    for table, found in tables:
        for anchor in anchors(table, found, index):
            columns.setdefault(anchor.issued[1], (table, anchor.actual[1]))
        for key, column in found.columns.items():
            columns.setdefault(table.columns[key], (table, column))
    yield from _shifts(columns)


def _shifts(lines: Mapping[int, tuple[IssuedTable, int]]) -> Iterator[Shift]:
    before = 0
    last = -1
    for issued_at, (table, actual) in sorted(lines.items()):
        if actual <= last:  # out of order: a label that was moved, which is said of the label
            continue
        if more := actual - issued_at - before:
            yield Shift(table, min(actual, issued_at + before), more)
            before += more
        last = actual


def place_now(place: Place, known: Sequence[Anchor]) -> Place:
    """Where a label should stand now: moved as far as the nearest ones that were found, in its row and its column."""
    if not known:
        return place
    row, column = place
    by_row = min(known, key=lambda a: (abs(a.issued[0] - row), abs(a.issued[1] - column)))
    by_column = min(known, key=lambda a: (abs(a.issued[1] - column), abs(a.issued[0] - row)))
    down, right = by_row.actual[0] - by_row.issued[0], by_column.actual[1] - by_column.issued[1]
    return max(0, row + down), max(0, column + right)
