"""Locates a table printed in one row of figures: groups side by side, each with the same headings below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from workbook.excel.reading.label_alignment import choose_ascending, fill_gaps, find_repetition
from workbook.excel.reading.label_index import LabelIndex
from workbook.excel.reading.reading_context import GuessedLine, LocatedTable, MissingLine
from workbook.excel.reading.template_index import get_horizontal_key
from workbook.model.cell_address import Place
from workbook.model.form import FormLine, Table
from workbook.safety.messages import Bilingual

HEADING_ROWS = 3
DATA_REACH = 3
"""How many rows below the headings the figures are looked for."""


def locate_horizontal_table(table: Table, index: LabelIndex, limit: int | None) -> LocatedTable | None:
    """Locate the table on one sheet; None unless more than half of its headings are found, left of column `limit`."""
    heads = _heads(table, index, limit)
    if not heads:
        return None
    bottom = _lowest(heads)
    wanted = [(row, column) for row in table.rows for column in table.columns]
    every = [
        sorted({c for (r, c), line in heads if line is column and bottom - HEADING_ROWS < r <= bottom})
        for column in table.columns
    ]
    end = find_repetition(every, times=len(table.rows)) if limit is None else limit
    by_line = {
        column.code: [c for c in places if end is None or c < end]
        for column, places in zip(table.columns, every, strict=True)
    }
    groups = _groups(table, index, bottom, end)
    starts = _starts(table, groups)
    columns = _placed(table, by_line, starts)
    if sum(column is not None for column in columns) * 2 <= len(wanted):
        return None
    texts = {column for column, _ in index.by_row[bottom]}
    known = {place[1] for place, _ in heads if place[0] == bottom}

    def free(column: int) -> bool:
        return column not in known and (end is None or column < end)

    def marked(column: int) -> bool:
        return free(column) and column in texts

    guessed = fill_gaps(columns, None, free=free, marked=marked, likely=marked)
    return _made(table, index, bottom, groups, columns, guessed, limit)


def _heads(table: Table, index: LabelIndex, limit: int | None) -> list[tuple[Place, FormLine]]:
    return [
        (place, line)
        for line in table.columns
        for place in index.line(line)
        if limit is None or place[1] < limit
    ]  # fmt: skip


def _lowest(heads: Sequence[tuple[Place, FormLine]]) -> int:
    """Return the row with most headings; of equals the lowest."""
    counts: dict[int, int] = {}
    for (row, _), _ in heads:
        counts[row] = counts.get(row, 0) + 1
    return max(counts, key=lambda row: (counts[row], row))


def _groups(table: Table, index: LabelIndex, bottom: int, limit: int | None) -> dict[str, Place]:
    """Locate each group's label: the nearest one above the headings; of several in one row the first."""
    found = {}
    for row in table.rows:
        above = [p for p in index.line(row) if bottom - 5 <= p[0] < bottom and (limit is None or p[1] < limit)]
        if above:
            found[row.code] = max(above, key=lambda p: (p[0], -p[1]))
    return found


def _starts(table: Table, groups: Mapping[str, Place]) -> dict[str, tuple[int, int]] | None:
    """Return the first and last column of each group; None unless every group's label was located."""
    if len(groups) < len(table.rows):
        return None
    order = sorted((place[1], code) for code, place in groups.items())
    ends = [*order[1:], (1 << 20, "")]
    return {code: (start, end - 1) for (start, code), (end, _) in zip(order, ends, strict=True)}


def _placed(
    table: Table, by_line: Mapping[str, list[int]], starts: Mapping[str, tuple[int, int]] | None
) -> list[int | None]:
    """Locate the column of each heading: group by group where groups are known, else in one run from left to right."""
    if starts is None:
        columns = choose_ascending([by_line[column.code] for _ in table.rows for column in table.columns])
        whole = sum(column is not None for column in columns) + 1 >= len(columns)
        return columns if whole else [None] * len(columns)  # with more than one lost, groups could be mistaken
    columns = []
    for row in table.rows:
        first, last = starts[row.code]
        columns += choose_ascending([[c for c in by_line[x.code] if first <= c <= last] for x in table.columns])
    return columns


def _made(
    table: Table,
    index: LabelIndex,
    bottom: int,
    groups: Mapping[str, Place],
    columns: Sequence[int | None],
    guessed: Sequence[int],
    limit: int | None,
) -> LocatedTable:
    wanted = [(row, column) for row in table.rows for column in table.columns]
    keys = {get_horizontal_key(*pair): at for pair, at in zip(wanted, columns, strict=True) if at is not None}
    data = _data_row(index, bottom, tuple(keys.values()))
    cells = {f"{table.code}.{key}": (data, column) for key, column in keys.items()}
    labels = {
        get_horizontal_key(*pair): (bottom, at)
        for n, (pair, at) in enumerate(zip(wanted, columns, strict=True))
        if at is not None and n not in guessed
    }
    return LocatedTable(
        table,
        index.sheet,
        cells,
        {row.code: data for row in table.rows},
        keys,
        groups,
        labels,
        _previous(table, index, bottom, data, limit),
        tuple(_missing(table, keys)),
        tuple(GuessedLine(wanted[n][1], (bottom, keys[get_horizontal_key(*wanted[n])])) for n in guessed),
    )


def _data_row(index: LabelIndex, bottom: int, columns: Iterable[int]) -> int:
    cells = index.sheet.cells
    for row in range(bottom + 1, bottom + 1 + DATA_REACH):
        if any((row, column) in cells for column in columns):
            return row
    return bottom + 1


def _previous(table: Table, index: LabelIndex, bottom: int, data: int, limit: int | None) -> dict[str, Place]:
    """Where last year's figures stand: under the same headings again, to the right."""
    if limit is None:
        return {}
    again = sorted({c for column in table.columns for r, c in index.line(column) if r == bottom and c >= limit})
    codes = [table.cell(row.code, column.code) for row in table.rows for column in table.columns]
    whole = len(again) == len(codes) and all(b == a + 1 for a, b in pairwise(again))
    return {code: (data, column) for code, column in zip(codes, again, strict=True)} if whole else {}


def _missing(table: Table, keys: Mapping[str, int]) -> list[MissingLine]:
    """Groups of which nothing is there, and single cells of the others."""
    gone = []
    for row in table.rows:
        lost = [column for column in table.columns if get_horizontal_key(row, column) not in keys]
        if len(lost) == len(table.columns):
            gone.append(MissingLine(row.brief, tuple(table.cell(row.code, column.code) for column in lost)))
            continue
        for column in lost:
            words = Bilingual(f"{row.brief.zh}·{column.brief.zh}", f"{row.brief.en}, {column.brief.en}")
            gone.append(MissingLine(words, (table.cell(row.code, column.code),)))
    return gone
