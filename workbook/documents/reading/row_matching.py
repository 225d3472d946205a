"""A scanned document → the figures of a form: every cell's text, how sure it is, where it was. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from math import prod
from typing import NamedTuple

from workbook.documents.reading.ambiguity_solver import (
    UnsolvedRow,
    eliminate_splits,
    is_balanced,
    list_figures,
    list_solvable_equations,
    sums_within,
)
from workbook.documents.reading.figure_splitting import FigureAssignment, Way, assign_figures
from workbook.documents.reading.label_entries import DocumentScan, LabelEntry
from workbook.documents.reading.row_alignment import AlignedRows, align_rows, find_horizontal_rows, list_column_codes
from workbook.documents.reading.text_visibility import TextDoubt
from workbook.model.finding import Source
from workbook.model.form import Cell, Form, Table
from workbook.model.numbers import Number
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.reading")


class Confidence(StrEnum):
    """How sure the reading of one cell is."""

    CERTAIN = "certain"
    """It is in the document, by itself, beside its label."""
    SOLVED = "solved"
    """The digits, or the row they belong to, were settled: by the equations, or by the rows around."""
    UNCERTAIN = "uncertain"
    """More than one reading is left, or none; the cell is blank in the report."""


class CellReading(NamedTuple):
    """What a document holds for one cell of the form.

    `text` is the figure as printed, None for a blank cell, and for one that is not certain or solved; `candidates`
    what an uncertain cell may hold; `raw` the text at its place; `doubts` the characters there that are struck out,
    raised or hardly seen; `unit` what the heading above a cell of money states.
    """

    confidence: Confidence = Confidence.UNCERTAIN
    text: str | None = None
    candidates: tuple[str, ...] = ()
    raw: str = ""
    source: Source = Source()
    doubts: tuple[TextDoubt, ...] = ()
    unit: str = ""


@dataclass(slots=True)
class MatchedFigures:
    """What a document says of a form: every cell's reading, and what belongs to no cell."""

    readings: dict[str, CellReading] = field(default_factory=dict)
    """By cell code; a cell whose row was not found has none."""
    missing: list[tuple[Table, str, tuple[str, ...]]] = field(default_factory=list)
    """Rows that were not found: table, row code, cells."""
    groups: list[tuple[Table, str, LabelEntry]] = field(default_factory=list)
    """Groups printed as one row."""
    extra: list[tuple[Table, str, Source]] = field(default_factory=list)
    """Figures in a table's part that belong to no cell."""


class _MatchedRow(NamedTuple):
    """One row (or a table printed across) with its entry, how that lies over the cells, and the ways to read it.

    `filled` says that the entry has no label of its own, `rivals` are other entries under the same label.
    """

    table: Table
    entry: LabelEntry
    spread: FigureAssignment
    row: UnsolvedRow
    filled: bool = False
    rivals: Sequence[LabelEntry] = ()

    @property
    def has_only_zeros(self) -> bool:
        """Whether the digits cannot be fewer figures than cells: all zeros but the last."""
        digits = "".join(value.text for value in self.entry.values)
        count = len(self.row.cells)
        return digits[: count - 1].strip("0") == "" and len(digits) == count


def match_rows(form: Form, scan: DocumentScan) -> MatchedFigures:
    """Find every row of the form, lay the figures over it, and settle what can be read in several ways."""
    found = MatchedFigures()
    matched: list[_MatchedRow] = []
    aligned: dict[str, AlignedRows] = {}
    last = 0
    for table in form.tables:
        if table.layout == "across":
            matched += _match_across(form, table, scan, last, found)
            continue
        rows = aligned[table.code] = align_rows(table, scan)
        last = max([last, *(entry.order for entry in rows.rows.values())])
        matched += _match_down(form, table, rows, scan, found)
    _settle(form, matched)
    units = _stated_units(form, scan)
    for one in matched:
        for n, cell in enumerate(one.row.cells):
            found.readings[cell.code] = _read_cell(one, n)._replace(unit=units.get(cell.code, ""))
        found.extra += [
            (one.table, piece.text.strip(), piece.source) for piece in one.spread.extra if piece.text.strip()
        ]
    for code, rows in aligned.items():
        if rows.filled and not _adds_up(form, code, matched, rows):
            for cell in _cells(form, form.table(code), rows.filled):
                found.readings[cell.code] = _reopen(found.readings[cell.code])
    return found


_UNIT = re.compile(rf"(?:单位\s*[:：]?\s*|[（(]\s*)({'|'.join(map(re.escape, messages.texts('money')))})[)）]?\s*$")
"""What a heading ends in that states a unit: `收费金额（单位：万元）`, `（元）`."""


def _stated_units(form: Form, scan: DocumentScan) -> dict[str, str]:
    """The unit that the heading above states, by cell of money."""
    units = {}
    for _, _, word, piece in scan.headings:
        if match := _UNIT.search(piece.text.strip()):
            units[word.table, word.code] = match[1]
    money = (cell for cell in form.cells if cell.unit.scale > 1)
    return {cell.code: units.get((cell.table.code, cell.column.code), "") for cell in money}


def _cells(form: Form, table: Table, rows: Iterable[str]) -> tuple[Cell, ...]:
    return tuple(form.cell(table.cell(row, column.code)) for row in rows for column in table.columns)


def _match_down(
    form: Form, table: Table, aligned: AlignedRows, scan: DocumentScan, found: MatchedFigures
) -> Iterator[_MatchedRow]:
    """The rows of a table, one below the other."""
    columns = list_column_codes(table, len(table.columns), [*aligned.rows.values(), *aligned.groups.values()], scan)
    for row in table.rows:
        cells = _cells(form, table, [row.code])
        if entry := aligned.rows.get(row.code):
            rivals = aligned.rivals.get(row.code, ())
            yield _match_entry(form, table, cells, entry, columns, filled=row.code in aligned.filled, rivals=rivals)
        else:
            found.missing.append((table, row.code, tuple(cell.code for cell in cells)))
    found.groups += [(table, code, entry) for code, entry in aligned.groups.items()]
    found.extra += [(table, entry.raw, entry.source) for entry in aligned.left]


def _match_across(
    form: Form, table: Table, scan: DocumentScan, last: int, found: MatchedFigures
) -> Iterator[_MatchedRow]:
    """A table printed across: all its cells in one row."""
    entries = find_horizontal_rows(table, scan, last)
    if not entries:
        for row in table.rows:
            found.missing.append((table, row.code, tuple(cell.code for cell in _cells(form, table, [row.code]))))
        return
    cells = _cells(form, table, [row.code for row in table.rows])
    columns = list_column_codes(table, len(cells), entries[:1], scan)
    rivals = [entry for entry in entries[1:] if entry.raw != entries[0].raw]
    yield _match_entry(form, table, cells, entries[0], columns, rivals=rivals)


def _match_entry(
    form: Form,
    table: Table,
    cells: tuple[Cell, ...],
    entry: LabelEntry,
    columns: Mapping[int, list[int] | None],
    *,
    filled: bool = False,
    rivals: Sequence[LabelEntry] = (),
) -> _MatchedRow:
    spread = assign_figures(entry, cells, columns.get(entry.grid), sums_within(form, cells))
    row = UnsolvedRow(cells, _list_ways(entry, spread, len(cells)), spread.glued)
    return _MatchedRow(table, entry, spread, row, filled, rivals)


def _settle(form: Form, matched: Sequence[_MatchedRow]) -> None:
    """Leave of each row the ways that the equations leave; what is not proved is open."""
    eliminate_splits(form, [one.row for one in matched])
    for one in matched:
        row = one.row
        if row.ways and row.glued and len(row.cells) > 1 and not one.has_only_zeros and not row.sums:
            # a blank cell leaves no trace among digits run together: no sum, no proof
            row.ways = (*row.ways, (None,) * len(row.cells))


MOST_OPEN = 256
"""Of more readings that struck, raised or faint characters leave to a row, none is held against the equations."""


def _list_ways(entry: LabelEntry, spread: FigureAssignment, count: int) -> tuple[Way, ...]:
    """Every way a row may lie, in every reading of its cells; none where that is unknown."""
    doubtful = [bool(_doubts(entry, spread, n)) for n in range(count)]
    if not any(doubtful):
        return spread.ways
    if spread.glued or len(spread.ways) != 1:
        return ()
    readings = [
        (text, *spread.places[n].others, None) if doubtful[n] else (text,) for n, text in enumerate(spread.ways[0])
    ]
    return tuple(product(*readings)) if prod(map(len, readings)) <= MOST_OPEN else ()


def _doubts(entry: LabelEntry, spread: FigureAssignment, n: int) -> tuple[TextDoubt, ...]:
    """Why the n-th figure of a row cannot be certain, though it is there."""
    if spread.glued or n >= len(spread.places):
        return tuple(dict.fromkeys(doubt for value in entry.values for doubt in value.doubts))
    return spread.places[n].doubts


def _read_cell(one: _MatchedRow, n: int) -> CellReading:
    """The n-th cell of a row. This is where a figure is settled: what all ways left have in common is read."""
    spread, doubts = one.spread, _doubts(one.entry, one.spread, n)
    place = spread.places[n] if n < len(spread.places) else None
    own_place = None if spread.glued else place
    """Where the figure is by itself."""
    raw = own_place.text.strip() if own_place else one.entry.raw
    source = place.source if place else one.entry.source
    texts = tuple(dict.fromkeys(way[n] for way in one.row.ways or spread.ways))
    unread = len(texts) == 1 and texts[0] is not None and texts[0].strip() in messages.texts("unread")
    if len(texts) == 1 and not (unread or doubts or one.rivals or n in spread.doubtful):
        confidence = Confidence.SOLVED if spread.glued or one.filled else Confidence.CERTAIN
        return CellReading(confidence, texts[0], raw=raw, source=source)
    candidates = [text for text in texts if text]
    if doubts and own_place:
        candidates = [own_place.text.strip(), *own_place.others, *candidates]
        raw = own_place.others[0] if own_place.others else raw
    candidates += [value.text.strip() for rival in one.rivals for value in rival.values[n : n + 1]]
    distinct = tuple(dict.fromkeys(text for text in candidates if text))
    return CellReading(candidates=distinct, raw=raw, source=source, doubts=doubts)


def _reopen(reading: CellReading) -> CellReading:
    """A figure that was placed by its row's order, where the table's columns do not add up with it."""
    candidates = (reading.text,) if reading.text else reading.candidates
    return reading._replace(confidence=Confidence.UNCERTAIN, text=None, candidates=candidates)


def _adds_up(form: Form, code: str, matched: Sequence[_MatchedRow], aligned: AlignedRows) -> bool:
    """Whether every sum down the columns that holds a figure placed by order is right, with groups printed as one."""
    known: dict[str, Number | None] = {}
    table = form.table(code)
    for one in matched:
        if one.table is table and one.row.settled:
            figures = list_figures(one.row.cells, one.row.ways[0])
            known.update(zip((cell.code for cell in one.row.cells), figures, strict=True))
    for group, entry in aligned.groups.items():
        # the first row of the group stands for all: its figures are the group's, those of the others 0
        for n, row in enumerate(row for row in table.rows if row.under == group):
            cells = _cells(form, table, [row.code])
            ways = assign_figures(entry, cells, None).ways
            for cell, figure in zip(cells, list_figures(cells, ways[0]) if ways else (None,) * len(cells), strict=True):
                known[cell.code] = figure if not n or figure is None else 0
    outcomes = [
        is_balanced(rule, known)
        for rule in list_solvable_equations(form)
        if rule.table is table
        and rule.sums
        and rule.line in table.columns
        and any(form.cell(code).row.code in aligned.filled for code in rule.cells)
    ]
    return True in outcomes and False not in outcomes
