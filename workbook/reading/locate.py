"""Where a workbook keeps each figure of the form: found by the printed labels, whatever was inserted, moved or renamed.

Labels are compared after folding (NFKC, punctuation and spaces dropped), so “1、属于…” is “1.属于…”. A line whose label
was altered is still found where its neighbours leave exactly its place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from workbook.form import Form, Line, Table
from workbook.reading.book import Book, Place, Sheet, parse_range

HEADER_REACH = 8
"""How many rows above a table's first row its headings are looked for."""

_NUMBERING = re.compile(r"^[0-9一二三四五六七八九十]{1,2}")


@lru_cache(maxsize=1 << 14)
def fold(text: str) -> str:
    """A label as it is compared: compatibility forms unified, only letters, digits and signs of writing kept."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalnum()).lower()


@dataclass(frozen=True, slots=True)
class Located:
    """One table found on a sheet: the place of each figure by cell code, and the lines that could not be found.

    `rows` and `columns` give the sheet row (column) of each line found, by code; in a table printed across, `columns`
    is keyed by `row.column` and `rows` holds the one row of figures. `guessed` lines stand where their neighbours
    leave just their place, under an altered label.
    """

    table: Table
    sheet: Sheet
    cells: Mapping[str, Place]
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    missing: tuple[Line, ...] = ()
    guessed: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """The folded texts of one sheet: text → the places where it stands, top to bottom."""

    sheet: Sheet
    places: Mapping[str, Sequence[Place]] = field(default_factory=dict)


def index_of(sheet: Sheet) -> Index:
    """Fold every text of a sheet once."""
    places: dict[str, list[Place]] = {}
    for place, cell in sorted(sheet.cells.items()):
        if isinstance(cell.value, str) and len(cell.value) < 200 and not cell.error:
            places.setdefault(fold(cell.value), []).append(place)
    return Index(sheet, places)


def spellings(line: Line) -> tuple[str, ...]:
    """Every folded spelling of a line's label: as printed, as met, and without its number."""
    texts = (line.label, line.printed, *line.aliases)
    folded = [fold(text) for text in texts]
    return tuple(dict.fromkeys([*folded, *(_NUMBERING.sub("", text) for text in folded)]))


def locate(form: Form, book: Book, indexes: Sequence[Index]) -> dict[str, Located]:
    """Every table of the form that the workbook holds, by table code. A table with no line found is left out."""
    found = {}
    for table in form.tables:
        named = parse_range(book.names.get(table.code, ""))
        best = _best(table, indexes, named[0] if named else "")
        if best is not None:
            found[table.code] = best
    return found


def _best(table: Table, indexes: Sequence[Index], named: str) -> Located | None:
    tries = [(_across if table.layout == "across" else _down)(table, index) for index in indexes]
    good = [located for located in tries if located is not None]
    if not good:
        return None
    return max(good, key=lambda x: (len(x.cells), x.sheet.name == named))


def _candidates(index: Index, line: Line) -> list[Place]:
    for spelling in spellings(line):
        if spelling and spelling in index.places:
            return list(index.places[spelling])
    return []


def _down(table: Table, index: Index) -> Located | None:
    """A table with one row of the sheet per line."""
    starts = [_candidates(index, row) for row in table.rows]
    rows = _ascending([[r for r, _ in places] for places in starts])
    if not any(row is not None for row in rows):
        return None
    first = next(row for row in rows if row is not None)
    columns = _headings(table.columns, index, first)
    guessed_rows, guessed_columns = _between(rows), _between(columns)
    rows_by = {line.code: row for line, row in zip(table.rows, rows, strict=True) if row is not None}
    columns_by = {line.code: column for line, column in zip(table.columns, columns, strict=True) if column is not None}
    if len(rows_by) * 2 < len(table.rows) or not columns_by:
        return None
    cells = {table.cell(r, c): (row, column) for r, row in rows_by.items() for c, column in columns_by.items()}
    missing = [line for line in table.rows if line.code not in rows_by]
    missing += [line for line in table.columns if line.code not in columns_by]
    guessed = [table.rows[n] for n in guessed_rows] + [table.columns[n] for n in guessed_columns]
    return Located(table, index.sheet, cells, rows_by, columns_by, tuple(missing), tuple(guessed))


def _headings(lines: Sequence[Line], index: Index, first: int) -> list[int | None]:
    """The sheet column of each heading: the lowest rows above the first line of figures, left to right."""
    columns: list[int | None] = []
    last = -1
    for line in lines:
        above = [(r, c) for r, c in _candidates(index, line) if first - HEADER_REACH <= r < first and c > last]
        lowest = max((r for r, _ in above), default=None)
        column = min((c for r, c in above if r == lowest), default=None)
        columns.append(column)
        if column is not None:
            last = column
    return columns


def _ascending(options: Sequence[Sequence[int]]) -> list[int | None]:
    """One place per line, ever further down: the choice that finds most lines (the longest ascending chain)."""
    best: list[tuple[int, int, tuple[int | None, ...]]] = [(0, -1, ())]
    for places in options:
        longer: dict[int, tuple[int, int, tuple[int | None, ...]]] = {}
        for found, last, chain in best:
            for place in (None, *(p for p in places if p > last)):
                state = (found + (place is not None), last if place is None else place, (*chain, place))
                if state[1] not in longer or state[0] > longer[state[1]][0]:
                    longer[state[1]] = state
        best = sorted(longer.values(), key=lambda state: -state[0])[:24]
    return list(max(best, key=lambda state: state[0])[2])


def _between(places: list[int | None]) -> list[int]:
    """Fill in lines that were not found but whose neighbours leave exactly their place; which ones those were."""
    filled = []
    known = [(n, place) for n, place in enumerate(places) if place is not None]
    for (a, low), (b, high) in zip(known, known[1:], strict=False):
        if b - a > 1 and high - low == b - a:
            for n in range(a + 1, b):
                places[n] = low + n - a
                filled.append(n)
    return filled


def _across(table: Table, index: Index) -> Located | None:
    """A table printed in one row: its headings side by side, one group of columns after another."""
    spelled = {spelling: column for column in table.columns for spelling in spellings(column)}
    heads = [(c, r, spelled[text]) for text, places in index.places.items() if text in spelled for r, c in places]
    if not heads:
        return None
    bottom = _heading_row(heads)
    near = sorted(((c, r, line) for c, r, line in heads if bottom - 2 <= r <= bottom), key=lambda head: head[:2])
    wanted = [(row, column) for row in table.rows for column in table.columns]
    columns: dict[str, int] = {}
    at = 0
    for column_at, _, line in near:
        if at < len(wanted) and wanted[at][1].code == line.code:
            columns[f"{wanted[at][0].code}.{line.code}"] = column_at
            at += 1
    if at * 2 < len(wanted):
        return None
    row = bottom + 1
    cells = {f"{table.code}.{key}": (row, column) for key, column in columns.items()}
    missing = tuple(group for group in table.rows if f"{group.code}.{table.columns[-1].code}" not in columns)
    return Located(table, index.sheet, cells, {table.rows[0].code: row}, columns, missing)


def _heading_row(heads: Iterable[tuple[int, int, Line]]) -> int:
    """The lowest row of headings: the one with most of them."""
    counts: dict[int, int] = {}
    for _, row, _ in heads:
        counts[row] = counts.get(row, 0) + 1
    return max(counts, key=lambda row: (counts[row], row))
