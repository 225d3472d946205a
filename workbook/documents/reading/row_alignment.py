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
    entries = [entry for entry in scan.entries if _may_belong(entry, table, scan)]
    places = [[n for n, entry in enumerate(entries) if _names(entry, table, row)] for row in table.rows]
    found = AlignedRows()
    for row, named, chosen in zip(table.rows, places, choose_ascending(places), strict=True):
        if chosen is not None:
            found.rows[row.code] = entries[chosen]
            rivals = [entries[n] for n in named if _figures_of(entries[n]) != _figures_of(entries[chosen])]
            if rivals:
                found.rivals[row.code] = rivals
    labelled = {n for named in places for n in named}
    free = [entry for n, entry in enumerate(entries) if n not in labelled]
    _fill_gaps(table, found, free)
    if found.rows:
        orders = [entry.order for entry in found.rows.values()]
        first, last = min(orders), max(orders)
        used = {entry.order for entry in (*found.rows.values(), *found.groups.values())}
        found.left = [
            entry
            for entry in free
            if entry.order not in used
            and first <= entry.order <= last
            and (entry.cut or len(entry.values) == len(table.columns))
            and any(character.isdigit() for value in entry.values for character in value.text)
        ]
    return found


def _may_belong(entry: LabelEntry, table: Table, scan: DocumentScan) -> bool:
    """Whether an entry is in the part of a table, as far as the document's headings say where that is."""
    return table.section not in scan.zones or entry.zone == table.section


def _names(entry: LabelEntry, table: Table, row: FormLine) -> bool:
    return any(word.kind == "row" and word.table == table.code and word.code == row.code for word in entry.words)


def _figures_of(entry: LabelEntry) -> list[str]:
    return [text for value in entry.values if (text := "".join(value.text.split()))]


def _fill_gaps(table: Table, found: AlignedRows, free: Sequence[LabelEntry]) -> None:
    """Rows without an entry between two that have one, and entries without a row between the same two."""
    gap: list[FormLine] = []
    low: int | None = None
    for row in (*table.rows, None):
        entry = found.rows.get(row.code) if row is not None else None
        if row is not None and entry is None:
            gap.append(row)
            continue
        high = entry.order if entry is not None else None
        if gap:
            between = [one for one in free if (low or 0) < one.order and (high is None or one.order < high)]
            _fill_gap(table, found, gap, between, closed=low is not None and high is not None)
            gap = []
        low = high


def _fill_gap(
    table: Table, found: AlignedRows, rows: Sequence[FormLine], between: Sequence[LabelEntry], *, closed: bool
) -> None:
    """By labels that are misprinted; else by order, where there are as many entries as rows, or a group as one row."""
    misprints = _find_misprints(rows, between)
    found.rows.update((row.code, entry) for row, entry in misprints)
    count = len(table.columns)
    if misprints or not closed or count < 2:
        return
    complete = [entry for entry in between if fits_exactly(entry, count)]
    if not _place_by_order(found, rows, complete):
        _place_group(table, found, rows, complete)


def _place_by_order(found: AlignedRows, rows: Sequence[FormLine], entries: Sequence[LabelEntry]) -> bool:
    """Give each row its entry, where they are as many and the text beside each may be the row's label."""
    if len(entries) != len(rows) or not all(_fits(entry, row) for entry, row in zip(entries, rows, strict=True)):
        return False
    found.rows.update((row.code, entry) for row, entry in zip(rows, entries, strict=True))
    found.filled.update(row.code for row in rows)
    return True


def _place_group(table: Table, found: AlignedRows, rows: Sequence[FormLine], entries: Sequence[LabelEntry]) -> None:
    """A group whose rows another version of the form prints as one: its label has figures, its rows have none."""
    for group in table.row_groups:
        inner = [row for row in table.rows if row.under == group.code]
        named = [entry for entry in entries if any(w.kind == "group" and w.code == group.code for w in entry.words)]
        if inner and len(named) == 1 and all(row in rows for row in inner):
            found.groups[group.code] = named[0]
            others = [entry for entry in entries if entry is not named[0]]
            _place_by_order(found, [row for row in rows if row not in inner], others)
            return


def _find_misprints(rows: Sequence[FormLine], between: Sequence[LabelEntry]) -> list[tuple[FormLine, LabelEntry]]:
    """Rows whose label is there with a character or two wrong, and is like no other's."""
    pairs = []
    for entry in between:
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


# columns ------------------------------------------------------------------------------------------------------------


def list_column_codes(
    table: Table, count: int, entries: Sequence[LabelEntry], scan: DocumentScan
) -> dict[int, list[int] | None]:
    """Table of the document → its columns that hold the figures; None where rows and headings disagree."""
    found: dict[int, list[int] | None] = {}
    for grid in {entry.grid for entry in entries if entry.grid >= 0}:
        inside = [entry for entry in entries if entry.grid == grid]
        rows = Counter(
            tuple(value.column for value in entry.values if value.text.strip())
            for entry in inside
            if fits_exactly(entry, count)
        )
        by_rows = list(rows.most_common(1)[0][0]) if rows else None
        by_heads = _list_headed_columns(table, count, grid, min(entry.order for entry in inside), scan)
        disagree = by_rows and by_heads and by_rows != by_heads
        found[grid] = None if disagree else by_rows or by_heads
    return found


def _list_headed_columns(table: Table, count: int, grid: int, before: int, scan: DocumentScan) -> list[int] | None:
    """The columns under the headings of the form, all there and in order."""
    wanted = [column.code for column in table.columns]
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
    return [
        entry
        for entry in scan.entries
        if entry.order > after and _may_belong(entry, table, scan) and _has_enough(entry, count)
    ]


def _has_enough(entry: LabelEntry, count: int) -> bool:
    """Whether an entry may hold so many figures: blank cells count, and digits run together by their number."""
    printed = [value.text for value in entry.values if value.text.strip()]
    if entry.cut:
        many = len(printed) >= count or (len(entry.values) >= count and bool(printed))
        return many and all(is_figure(text) for text in printed)
    return sum(map(len, printed)) >= count or len(printed) >= count
