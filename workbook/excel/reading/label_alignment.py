"""Aligns the lines of a form with the labels found on a sheet, when some were altered, added, moved or lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from workbook.excel.reading.label_index import LabelIndex, fold_label
from workbook.excel.reading.reading_context import LocatedTable
from workbook.excel.reading.template_index import IssuedTable
from workbook.model.cell_address import Place

CHOICES = 24
"""So many places of one label are tried; a form prints few labels twice."""


class _Chain(NamedTuple):
    length: int
    first: int
    line: int
    place: int
    before: _Chain | None


def choose_ascending(options: Sequence[Sequence[int]]) -> list[int | None]:
    """Choose one place for each line so that places ascend: most lines first, then the shortest span.

    `options` gives each line's candidate rows (or columns). [[4], [2, 9], [7]] gives [4, None, 7]: two of three lines
    are the most that ascend, and from 4 to 7 is the shortest span of two.
    """
    chains: list[_Chain] = []
    for line, places in enumerate(options):
        longer = []
        for place in places[:CHOICES]:
            before = max((c for c in chains if c.place < place), key=lambda c: c[:2], default=None)
            length, first = (before.length + 1, before.first) if before else (1, place)
            longer.append(_Chain(length, first, line, place, before))
        chains += longer
    chosen: list[int | None] = [None] * len(options)
    chain = max(chains, key=lambda c: (c.length, c.first - c.place), default=None)
    while chain:
        chosen[chain.line] = chain.place
        chain = chain.before
    return chosen


def find_repetition(options: Sequence[Sequence[int]], *, times: int = 1, after: int = -1) -> int | None:
    """Find where the lines of a table begin again, as last year's figures do beside this year's; else None.

    `times` is how often a line occurs within the table. One label may occur again for another reason. So either most
    lines stand once more than they should; or some stand again a whole table or more further on, and with them
    most others, each as far from the same line of this year's, or from where that reads otherwise.
    """
    whole = len(options) * times
    again = [places[times] for places in options if len(places) > times]
    begins = [min(again)] if len(again) * 2 > len(options) else []
    lines: dict[int, set[int]] = {}
    for line, places in enumerate(options):
        for place in places[:CHOICES]:
            lines.setdefault(place, set()).add(line)
    pairs = (pair for places in options for pair in combinations(places[:CHOICES], 2))
    for shift in {far - near for near, far in pairs if far - near >= whole}:
        block = _shifted(lines, shift, after)
        if len(block) * 2 > whole and any(place - shift in lines for place in block):
            begins.append(min(block))
    return min(begins, default=None)


def _shifted(lines: Mapping[int, set[int]], shift: int, after: int) -> set[int]:
    """The places from the last one back that are as far from one of the same line, or from one with none."""
    block: set[int] = set()
    for place in sorted(lines, reverse=True):
        near = place - shift
        if near <= after or place + shift in block or not lines[place] & lines.get(near, lines[place]):
            break
        block.add(place)
    return block


def fill_gaps(
    places: list[int | None],
    floor: int | None,
    *,
    free: Callable[[int], bool],
    marked: Callable[[int], bool],
    likely: Callable[[int], bool],
) -> list[int]:
    """Give each line not located the place its neighbours leave for it; return the numbers of those lines.

    Between two neighbours it takes all the places, if they are `free`, or those that are `marked`, where they are just
    as many as the lines. Before the first (down from `floor`) or after the last, only `likely` ones.
    """
    filled: list[int] = []
    start = 0
    while start < len(places):
        if places[start] is not None:
            start += 1
            continue
        end = start
        while end + 1 < len(places) and places[end + 1] is None:
            end += 1
        low = places[start - 1] if start else floor
        high = places[end + 1] if end + 1 < len(places) else None
        found = _left_over(low, high, end - start + 1, free, marked, likely)
        for line, place in zip(range(start, end + 1), found, strict=False):
            places[line] = place
            filled.append(line)
        start = end + 1
    return filled


def _left_over(
    low: int | None,
    high: int | None,
    count: int,
    free: Callable[[int], bool],
    marked: Callable[[int], bool],
    likely: Callable[[int], bool],
) -> list[int]:
    if low is not None and high is not None:
        between = range(low + 1, min(high, low + 200))
        if high - low - 1 == count and all(free(place) for place in between):
            return list(between)
        some = [place for place in between if marked(place)]
        return some if len(some) == count else []
    if low is not None:
        at_edge = range(low + 1, low + count + 1)
    elif high is not None:
        at_edge = range(max(0, high - count), high)
    else:
        return []
    return list(at_edge) if len(at_edge) == count and all(likely(place) for place in at_edge) else []


# Rows and columns put in or taken out of a sheet, seen from where its labels stand now


class RowShift(NamedTuple):
    """`more` rows (columns) stand before position `at` as it is now; fewer, where it is negative."""

    table: IssuedTable
    at: int
    more: int


class LabelAnchor(NamedTuple):
    """One label that was found: where it was issued and where it stands."""

    table: IssuedTable
    issued: Place
    actual: Place


def find_anchors(table: IssuedTable, found: LocatedTable, index: LabelIndex) -> list[LabelAnchor]:
    """List the labels of a table that were located: of rows those that kept their order, of others the unique ones."""
    rows = sorted((table.row_labels[code], place) for code, place in found.row_labels.items())
    if table.table.layout == "down":
        rows = _in_order(rows)
    pairs = [*rows, *((table.column_labels[key], place) for key, place in found.column_labels.items())]
    lines = {*table.row_labels.values(), *table.column_labels.values()}
    others = ((place, index.find([fold_label(table.labels[place])])) for place in table.single - lines)
    pairs += ((place, again[0]) for place, again in others if len(again) == 1)
    return [LabelAnchor(table, old, new) for old, new in sorted(pairs)]


def _in_order(rows: list[tuple[Place, Place]]) -> list[tuple[Place, Place]]:
    """Labels of rows without those that changed places: out of order, or alone in having moved among those that are."""
    kept = choose_ascending([[place[0]] for _, place in rows])
    ordered = [pair for pair, row in zip(rows, kept, strict=True) if row is not None]
    if len(ordered) == len(rows):
        return rows
    shifts = [new[0] - old[0] for old, new in ordered]
    around = zip([*shifts[1:2], *shifts], [*shifts[1:], *shifts[-2:-1]], strict=False)
    return [pair for pair, own, (a, b) in zip(ordered, shifts, around, strict=False) if own in {a, b} or a != b]


def find_row_shifts(tables: Sequence[tuple[IssuedTable, LocatedTable]], index: LabelIndex) -> Iterator[RowShift]:
    """Yield the rows inserted or deleted on one sheet, from top to bottom."""
    rows: dict[int, tuple[IssuedTable, int]] = {}
    for table, found in tables:
        for anchor in find_anchors(table, found, index):
            rows.setdefault(anchor.issued[0], (table, anchor.actual[0]))
        if table.table.layout == "across":
            rows.setdefault(min(table.rows.values()), (table, min(found.rows.values())))
    yield from _shifts(rows)


def find_column_shifts(tables: Sequence[tuple[IssuedTable, LocatedTable]], index: LabelIndex) -> Iterator[RowShift]:
    """Yield the columns inserted or deleted on one sheet, from left to right."""
    columns: dict[int, tuple[IssuedTable, int]] = {}
    for table, found in tables:
        for anchor in find_anchors(table, found, index):
            columns.setdefault(anchor.issued[1], (table, anchor.actual[1]))
        for key, column in found.columns.items():
            columns.setdefault(table.columns[key], (table, column))
    yield from _shifts(columns)


def _shifts(lines: Mapping[int, tuple[IssuedTable, int]]) -> Iterator[RowShift]:
    before = 0
    last = -1
    for issued_at, (table, actual) in sorted(lines.items()):
        if actual <= last:  # out of order: a label that was moved, which is said of the label
            continue
        if more := actual - issued_at - before:
            yield RowShift(table, min(actual, issued_at + before), more)
            before += more
        last = actual


def find_current_place(place: Place, known: Sequence[LabelAnchor]) -> Place:
    """Return where a label should be now: moved as far as the nearest located labels of its row and its column."""
    if not known:
        return place
    row, column = place
    by_row = min(known, key=lambda a: (abs(a.issued[0] - row), abs(a.issued[1] - column)))
    by_column = min(known, key=lambda a: (abs(a.issued[1] - column), abs(a.issued[0] - row)))
    down, right = by_row.actual[0] - by_row.issued[0], by_column.actual[1] - by_column.issued[1]
    return max(0, row + down), max(0, column + right)
