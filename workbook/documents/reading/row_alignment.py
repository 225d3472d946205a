"""Entries against the rows of a table: which figures belong to which row. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from workbook.documents.reading.figure_splitting import fits_exactly
from workbook.documents.reading.label_entries import DocumentScan, LabelEntry, is_figure
from workbook.excel.reading.label_alignment import choose_ascending
from workbook.excel.reading.label_index import fold_label, list_spellings, list_unnumbered_spellings
from workbook.model.form import FormLine, Table

ALIKE = 0.8
"""A label this like the printed one is a misprint of it."""
CLEAR = 0.1
"""So much less like it is the next label."""
AKIN = 0.5
"""One less like it is another label."""
STRAY = 2
"""So few characters beside figures say nothing: they are bits of a label written downwards."""


@dataclass(slots=True)
class AlignedRows:
    """The rows of one table with their entries.

    `rows` by row code; `filled` the rows whose entry has no label of its own and is between its neighbours';
    `group` a group printed as one row, with its entry; `rivals` other entries under the label of a row that has one;
    `left` entries of this table's part that belong to no row.
    """

    rows: dict[str, LabelEntry] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    groups: dict[str, LabelEntry] = field(default_factory=dict)
    rivals: dict[str, list[LabelEntry]] = field(default_factory=dict)
    left: list[LabelEntry] = field(default_factory=list)


def align_rows(table: Table, scan: DocumentScan) -> AlignedRows:
    """Lay the entries of a table's part over its rows: by label, and between labels by order and number."""
    some = [entry for entry in scan.entries if _may_be(entry, table, scan)]
    order = [row.code for row in table.rows]
    places = [[n for n, e in enumerate(some) if _names(e, table, row)] for row in table.rows]
    mine = [[some[n] for n in at] for at in places]
    chosen = choose_ascending(places)
    found = AlignedRows()
    for code, at, entries in zip(order, chosen, mine, strict=True):
        if at is not None:
            found.rows[code] = some[at]
            others = [e for e in entries if e is not some[at] and _texts(e) != _texts(some[at])]
            if others:
                found.rivals[code] = others
    taken = {id(e) for e in found.rows.values()} | {id(e) for entries in mine for e in entries}
    free = [e for e in some if id(e) not in taken]
    _fill(table, found, free)
    used = {id(e) for e in (*found.rows.values(), *found.groups.values())}
    bounds = [e.order for e in found.rows.values()]
    if bounds:
        found.left = [
            e
            for e in free
            if id(e) not in used
            and min(bounds) <= e.order <= max(bounds)
            and (e.cut or len(e.values) == len(table.columns))
            and any(c.isdigit() for v in e.values for c in v.text)
        ]
    return found


def _may_be(entry: LabelEntry, table: Table, scan: DocumentScan) -> bool:
    if table.section not in scan.zones:
        return True
    return entry.zone == table.section


def _names(entry: LabelEntry, table: Table, row: FormLine) -> bool:
    return any(w.kind == "row" and w.table == table.code and w.code == row.code for w in entry.words)


def _texts(entry: LabelEntry) -> list[str]:
    return [t for v in entry.values if (t := "".join(v.text.split()))]


def _fill(table: Table, found: AlignedRows, free: Sequence[LabelEntry]) -> None:
    """Rows without an entry between two that have one, and entries without a row between the same two."""
    order = [row.code for row in table.rows]
    start = 0
    while start < len(order):
        if order[start] in found.rows:
            start += 1
            continue
        end = start
        while end + 1 < len(order) and order[end + 1] not in found.rows:
            end += 1
        low = found.rows[order[start - 1]].order if start else None
        high = found.rows[order[end + 1]].order if end + 1 < len(order) else None
        gap = [e for e in free if (low is None or e.order > low) and (high is None or e.order < high)]
        rows = [table.row_named(code) for code in order[start : end + 1]]
        _between(table, found, rows, gap, closed=low is not None and high is not None)
        start = end + 1


def _between(
    table: Table, found: AlignedRows, rows: Sequence[FormLine], gap: Sequence[LabelEntry], *, closed: bool
) -> None:
    named = _misprints(rows, gap)
    for row, entry in named:
        found.rows[row.code] = entry
    if len(named) == len(rows):
        return
    rows = [row for row in rows if row.code not in found.rows]
    count = len(table.columns)
    runs = [e for e in gap if e not in [entry for _, entry in named] and fits_exactly(e, count)]
    if named or not closed or count < 2:
        return
    if len(runs) == len(rows) and all(_fits(e, row) for e, row in zip(runs, rows, strict=True)):
        for row, entry in zip(rows, runs, strict=True):
            found.rows[row.code] = entry
            found.filled.add(row.code)
        return
    _grouped(table, found, rows, [e for e in gap if fits_exactly(e, count)])


def _misprints(rows: Sequence[FormLine], gap: Sequence[LabelEntry]) -> list[tuple[FormLine, LabelEntry]]:
    """Rows whose label is there with a character or two wrong, and is like no other's."""
    pairs = []
    for entry in gap:
        label = fold_label(entry.label)
        if len(label) <= 4 or entry.words:
            continue
        alike = sorted(((_likeness(label, row, ALIKE - CLEAR), n) for n, row in enumerate(rows)), reverse=True)
        clear = alike and alike[0][0] >= ALIKE and (len(alike) < 2 or alike[0][0] - alike[1][0] > CLEAR)
        if clear:
            pairs.append((rows[alike[0][1]], entry))
    firsts = Counter(row.code for row, _ in pairs)
    return [(row, entry) for row, entry in pairs if firsts[row.code] == 1]


def _likeness(label: str, row: FormLine, least: float = 0.0) -> float:
    """How like a label is to that of a row; 0 where it is less like it than `least`, which is found out far sooner."""
    return max(
        (_alike(label, text, least) for text in (*list_spellings(row), *list_unnumbered_spellings(row))), default=0.0
    )


@lru_cache(maxsize=4096)
def _alike(label: str, text: str, least: float) -> float:
    both = SequenceMatcher(None, label, text)
    return 0.0 if both.real_quick_ratio() < least or both.quick_ratio() < least else both.ratio()


def _fits(entry: LabelEntry, row: FormLine) -> bool:
    """Whether the text beside figures is nothing, a bit of the row's label, or like it."""
    label = fold_label(entry.label)
    if len(label) <= STRAY or any(w.kind == "group" for w in entry.words):
        return True
    if any(label in text or label[-6:] in text for text in list_spellings(row)):
        return True
    return _likeness(label, row) >= AKIN


def _grouped(table: Table, found: AlignedRows, rows: Sequence[FormLine], runs: Sequence[LabelEntry]) -> None:
    """A group whose rows another version of the form prints as one: its label has figures, its rows have none."""
    for group in table.row_groups:
        inner = [row for row in rows if row.under == group.code]
        whole = [e for e in runs if any(w.kind == "group" and w.code == group.code for w in e.words)]
        if not inner or len(inner) < len([r for r in table.rows if r.under == group.code]) or len(whole) != 1:
            continue
        rest = [row for row in rows if row not in inner]
        others = [e for e in runs if e is not whole[0]]
        found.groups[group.code] = whole[0]
        if len(rest) == len(others) and all(_fits(e, row) for e, row in zip(others, rest, strict=True)):
            for row, entry in zip(rest, others, strict=True):
                found.rows[row.code] = entry
                found.filled.add(row.code)
        return


# columns ------------------------------------------------------------------------------------------------------------


def list_column_codes(
    table: Table, count: int, entries: Sequence[LabelEntry], scan: DocumentScan
) -> dict[int, list[int] | None]:
    """Table of the document → its columns that hold the figures; None where rows and headings disagree."""
    found: dict[int, list[int] | None] = {}
    for grid in {e.grid for e in entries if e.grid >= 0}:
        rows = Counter(
            tuple(v.column for v in e.values if v.text.strip())
            for e in entries
            if e.grid == grid and fits_exactly(e, count)
        )  # fmt: skip
        by_rows = list(rows.most_common(1)[0][0]) if rows else None
        first = min(e.order for e in entries if e.grid == grid)
        by_heads = _headed(table, count, grid, first, scan)
        if by_rows and by_heads and by_rows != by_heads:
            found[grid] = None
        else:
            found[grid] = by_rows or by_heads
    return found


def _headed(table: Table, count: int, grid: int, before: int, scan: DocumentScan) -> list[int] | None:
    """The columns under the headings of the form, all there and in order."""
    wanted = [c.code for c in table.columns]
    heads = sorted(
        {
            (piece.column, word.code)
            for order, at, word, piece in scan.headings
            if at == grid and order <= before and word.table == table.code
        }
    )
    times = count // len(wanted) if table.layout == "across" else 1
    return [column for column, _ in heads] if [code for _, code in heads] == wanted * times else None


def find_horizontal_rows(table: Table, scan: DocumentScan, after: int) -> list[LabelEntry]:
    """The entries that may be the one row of a table printed across: those with enough figures, in its part."""
    count = len(table.rows) * len(table.columns)
    some = [e for e in scan.entries if _may_be(e, table, scan) and e.order > after and _enough(e, count)]
    zoned = [e for e in some if table.section in scan.zones]
    return zoned or some


def _enough(entry: LabelEntry, count: int) -> bool:
    said = [v for v in entry.values if v.text.strip()]
    if entry.cut:
        blanks = len(entry.values) >= count and bool(said)
        return (len(said) >= count or blanks) and all(is_figure(v.text) for v in said)
    return sum(len(v.text) for v in said) >= count or len(said) >= count
