"""A scanned document → the figures of a form: every cell's text, how sure it is, where it was. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from math import prod

from workbook.documents.reading.ambiguity_solver import (
    UnsolvedRow,
    eliminate_splits,
    list_figures,
    list_solvable_equations,
    sums_within,
)
from workbook.documents.reading.document_blocks import StripCell
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


@dataclass(slots=True)
class MatchedRow:
    """One row (or a table printed across) with its entry and how that lies over the cells."""

    table: Table
    cells: tuple[Cell, ...]
    entry: LabelEntry
    spread: FigureAssignment
    filled: bool = False
    rivals: Sequence[LabelEntry] = ()
    row: UnsolvedRow | None = None


@dataclass(slots=True)
class MatchedFigures:
    """What a document says of a form's cells, by cell code."""

    texts: dict[str, str | None] = field(default_factory=dict)
    confidence: dict[str, Confidence] = field(default_factory=dict)
    candidates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    raws: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, tuple[TextDoubt, ...]] = field(default_factory=dict)
    """Characters struck out, raised or hardly seen where an uncertain cell's figure is."""
    units: dict[str, str] = field(default_factory=dict)
    """The unit a heading states, where it is a cell of money."""
    missing: list[tuple[Table, str, tuple[str, ...]]] = field(default_factory=list)
    """Rows that were not found: table, row code, cells."""
    groups: list[tuple[Table, str, LabelEntry]] = field(default_factory=list)
    """Groups printed as one row."""
    extra: list[tuple[Table, str, Source]] = field(default_factory=list)
    """Figures in a table's part that belong to no cell."""


def match_rows(form: Form, scan: DocumentScan) -> MatchedFigures:
    """Find every row of the form, lay the figures over it, and settle what can be read in several ways."""
    found = MatchedFigures()
    taken: list[MatchedRow] = []
    aligned: dict[str, AlignedRows] = {}
    last = 0
    for table in form.tables:
        if table.layout == "across":
            taken += _across(form, table, scan, last, found)
            continue
        one = aligned[table.code] = align_rows(table, scan)
        last = max([last, *(e.order for e in one.rows.values())])
        taken += _down(form, table, one, scan, found)
    _settle(form, taken)
    for one_row in taken:
        _enter(one_row, found)
    _trust_filled(form, taken, aligned, found)
    found.units = _units(form, scan)
    return found


_UNIT = re.compile(rf"(?:单位\s*[:：]?\s*|[（(]\s*)({'|'.join(map(re.escape, messages.texts('money')))})[)）]?\s*$")


def _units(form: Form, scan: DocumentScan) -> dict[str, str]:
    """What unit the heading above a cell of money states."""
    said = {}
    for _, _, word, piece in scan.headings:
        match = _UNIT.search(piece.text.strip())
        if match:
            said[word.table, word.code] = match[1]
    return {
        cell.code: said[cell.table.code, cell.column.code]
        for cell in form.cells
        if cell.unit.scale > 1 and (cell.table.code, cell.column.code) in said
    }


def _cells(form: Form, table: Table, rows: Iterable[str]) -> tuple[Cell, ...]:
    return tuple(form.cell(table.cell(row, column.code)) for row in rows for column in table.columns)


def _down(form: Form, table: Table, one: AlignedRows, scan: DocumentScan, found: MatchedFigures) -> list[MatchedRow]:
    entries = [*one.rows.values(), *one.groups.values()]
    columns = list_column_codes(table, len(table.columns), entries, scan)
    taken = []
    for row in table.rows:
        cells = _cells(form, table, [row.code])
        entry = one.rows.get(row.code)
        if entry is None:
            found.missing.append((table, row.code, tuple(cell.code for cell in cells)))
            continue
        lies = assign_figures(entry, cells, columns.get(entry.grid), sums_within(form, cells))
        taken.append(MatchedRow(table, cells, entry, lies, row.code in one.filled, one.rivals.get(row.code, ())))
    found.groups += [(table, code, entry) for code, entry in one.groups.items()]
    found.extra += [(table, entry.raw, entry.source) for entry in one.left]
    return taken


def _across(form: Form, table: Table, scan: DocumentScan, last: int, found: MatchedFigures) -> list[MatchedRow]:
    cells = _cells(form, table, [row.code for row in table.rows])
    some = find_horizontal_rows(table, scan, last)
    if not some:
        for row in table.rows:
            found.missing.append((table, row.code, tuple(c.code for c in _cells(form, table, [row.code]))))
        return []
    entry, rivals = some[0], [e for e in some[1:] if e.raw != some[0].raw]
    columns = list_column_codes(table, len(cells), [entry], scan)
    lies = assign_figures(entry, cells, columns.get(entry.grid), sums_within(form, cells))
    return [MatchedRow(table, cells, entry, lies, False, rivals)]


def _settle(form: Form, taken: Sequence[MatchedRow]) -> None:
    rows = []
    for one in taken:
        one.row = UnsolvedRow(one.cells, _ways(one), one.spread.glued)
        rows.append(one.row)
    eliminate_splits(form, rows)
    for one in taken:
        row = one.row
        if row is None or not row.ways or not row.glued or len(row.cells) < 2 or _only(one):
            continue
        if not row.sums:
            # a blank cell leaves no trace among digits run together: no sum, no proof
            row.ways = (*row.ways, (None,) * len(one.cells))


MOST_OPEN = 256
"""Of more readings that struck, raised or faint characters leave to a row, none is held against the equations."""


def _ways(one: MatchedRow) -> tuple[Way, ...]:
    """Every way a row may lie, in every reading of its cells; none where that is unknown."""
    ways = one.spread.ways
    if not any(_doubts(one, n) for n in range(len(one.cells))):
        return ways
    if one.spread.glued or len(ways) != 1:
        return ()
    some = [
        (text, *one.spread.places[n].others, None) if _doubts(one, n) else (text,) for n, text in enumerate(ways[0])
    ]
    return tuple(product(*some)) if prod(map(len, some)) <= MOST_OPEN else ()


def _doubts(one: MatchedRow, n: int) -> tuple[TextDoubt, ...]:
    """Why the n-th figure of a row cannot be certain, though it is there."""
    if one.spread.glued or n >= len(one.spread.places):
        return tuple(dict.fromkeys(doubt for value in one.entry.values for doubt in value.doubts))
    return one.spread.places[n].doubts


def _only(one: MatchedRow) -> bool:
    """Whether the digits cannot be fewer figures than cells: all zeros but the last."""
    digits = "".join(v.text for v in one.entry.values)
    return digits[: len(one.cells) - 1].strip("0") == "" and len(digits) == len(one.cells)


def _enter(one: MatchedRow, found: MatchedFigures) -> None:
    """The cells of one row: what is common to all ways left is read, the rest is uncertain."""
    ways: tuple[Way, ...] = (one.row.ways if one.row else ()) or one.spread.ways
    for n, cell in enumerate(one.cells):
        doubts = _doubts(one, n)
        place = one.spread.places[n] if n < len(one.spread.places) else None
        found.sources[cell.code] = place.source if place else one.entry.source
        found.raws[cell.code] = one.entry.raw if one.spread.glued or place is None else place.text.strip()
        texts = tuple(dict.fromkeys(way[n] for way in ways))
        unread = len(texts) == 1 and texts[0] is not None and texts[0].strip() in messages.texts("unread")
        doubt = n in one.spread.doubtful or bool(one.rivals or doubts) or unread
        if len(texts) == 1 and not doubt:
            found.texts[cell.code] = texts[0]
            plain = not one.spread.glued and not one.filled
            found.confidence[cell.code] = Confidence.CERTAIN if plain else Confidence.SOLVED
            continue
        found.confidence[cell.code] = Confidence.UNCERTAIN
        said = [text for text in texts if text]
        if doubts:
            found.doubts[cell.code] = doubts
            if place and place.others and not one.spread.glued:
                found.raws[cell.code] = place.others[0]
            said = [*([place.text.strip(), *place.others] if place and not one.spread.glued else []), *said]
        said += [v.text.strip() for rival in one.rivals for v in rival.values[n : n + 1]] if one.rivals else []
        found.candidates[cell.code] = tuple(dict.fromkeys(text for text in said if text))
    for piece in _left_out(one):
        found.extra.append((one.table, piece.text.strip(), piece.source))


def _left_out(one: MatchedRow) -> list[StripCell]:
    """Figures beside the row that no cell took."""
    return [piece for piece in one.spread.extra if piece.text.strip()]


def _trust_filled(
    form: Form, taken: Sequence[MatchedRow], aligned: Mapping[str, AlignedRows], found: MatchedFigures
) -> None:
    """Rows placed by their order are kept only if their table's columns add up with them."""
    for code, one in aligned.items():
        if not one.filled or _adds_up(form, code, taken, one):
            continue
        for row in one.filled:
            for cell in _cells(form, form.table(code), [row]):
                text = found.texts.pop(cell.code, None)
                found.confidence[cell.code] = Confidence.UNCERTAIN
                found.candidates[cell.code] = (text,) if text else found.candidates.get(cell.code, ())


def _adds_up(form: Form, code: str, taken: Sequence[MatchedRow], one: AlignedRows) -> bool:
    """Whether every sum down the columns that holds a figure placed by order is right, with groups printed as one."""
    known: dict[str, Number | None] = {}
    table = form.table(code)
    for some in taken:
        if some.table is table and some.row and some.row.settled:
            known.update(zip((c.code for c in some.cells), list_figures(some.cells, some.row.ways[0]), strict=True))
    for group, entry in one.groups.items():
        rows = [row.code for row in table.rows if row.under == group]
        for n, row in enumerate(rows):
            cells = _cells(form, table, [row])
            lies = assign_figures(entry, cells, None).ways
            for cell, figure in zip(cells, list_figures(cells, lies[0]) if lies else (None,) * len(cells), strict=True):
                known[cell.code] = figure if not n or figure is None else 0
    judged = 0
    for rule in list_solvable_equations(form):
        mine = rule.table is table and any(form.cell(code).row.code in one.filled for code in rule.cells)
        if not mine or not rule.sums or rule.line not in table.columns:
            continue
        if any(known.get(code) is None for code in rule.cells):
            continue
        judged += 1
        total = sum((known[t.cell.code] or 0) * t.sign for t in rule.left)
        parts = sum((known[t.cell.code] or 0) * t.sign for t in rule.right)
        if total != parts:
            return False
    return judged > 0
