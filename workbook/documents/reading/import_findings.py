"""What reading a document showed, as findings: doubtful cells, rows that are not there, figures and words left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from workbook.documents.reading.row_matching import CellReading, Confidence, MatchedFigures
from workbook.documents.reading.text_visibility import TextDoubt
from workbook.model.finding import Finding, Source
from workbook.model.form import Cell, Form
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.rules.rule_types import get_sheet_name
from workbook.safety.messages import NO_TEXT, Bilingual, join_texts, load_messages

messages = load_messages("workbook.documents.reading")

_BETWEEN_ROWS = Bilingual("、", "; ")

NAMED = 8
"""How many candidates a message names."""
QUOTED = 60
"""How much of the document it quotes."""


def list_import_findings(
    form: Form, found: MatchedFigures, left_out: Mapping[str, tuple[TextDoubt, ...]], sources: Mapping[str, Source]
) -> Iterator[Finding]:
    """Everything the reader of the workbook must know, in form order; `left_out` are words of its written parts."""
    grouped = {cell.code for _, group, _ in found.groups for cell in form.cells if cell.row.under == group}
    lost = {code for _, _, codes in found.missing for code in codes}
    uncertain = [cell for cell in _list_cells(form, found, Confidence.UNCERTAIN) if cell.code not in lost]
    for _, cells in groupby(uncertain, key=lambda cell: (cell.table.code, cell.row.code)):
        yield _report_uncertain([(cell, found.readings[cell.code]) for cell in cells])
    for table, row, codes in found.missing:
        if codes[0] in grouped:
            continue
        title = get_phrase("table", sheet=get_sheet_name(form, table), title=table.words)
        words = table.row_named(row).brief
        yield make_finding("structure-missing", cells=codes, table=title, expected=words.zh, line=words)
    for table, group, entry in found.groups:
        codes = tuple(c.code for c in form.cells if c.table is table and c.row.under == group)
        lines = [row.brief for row in table.rows if row.under == group]
        rows = join_texts(lines, _BETWEEN_ROWS)
        words = next(g.words for g in table.row_groups if g.code == group)
        one = make_finding("import-group", cells=codes, raw=_shorten(entry.raw), place=words, lines=rows)
        yield one.at(entry.source)
    for table, raw, source in found.extra:
        what = get_phrase("extra-value", where=_describe_place(source), value=_shorten(raw))
        cell = next(c for c in form.cells if c.table is table)
        yield make_finding("structure-extra", what=what, table=cell.table.words).at(source)
    for section in form.sections:
        if doubts := left_out.get(section.code):
            place = Bilingual(section.label, section.words.en)
            one = make_finding("import-left-out", place=place, marks=list_doubt_marks(doubts))
            yield one.at(sources.get(f"texts.{section.code}", Source()))
    if solved := _list_cells(form, found, Confidence.SOLVED):
        codes = tuple(cell.code for cell in solved)
        where = join_texts(dict.fromkeys(cell.row.brief for cell in solved), _BETWEEN_ROWS, most=NAMED)
        one = make_finding("import-solved", cells=codes, count=len(codes), where=where)
        yield one.at(found.readings[codes[0]].source)


def _list_cells(form: Form, found: MatchedFigures, confidence: Confidence) -> list[Cell]:
    """The cells that were found and read with that confidence, in form order."""
    return [
        one for one in form.cells if one.code in found.readings and found.readings[one.code].confidence is confidence
    ]


def _report_uncertain(cells: Sequence[tuple[Cell, CellReading]]) -> Finding:
    """One row's doubtful cells, with what each may be."""
    first, reading = cells[0]
    candidates = join_texts([_list_candidates(cell, one.candidates) for cell, one in cells], Bilingual("；", "; "))
    raw = _shorten(" ".join(dict.fromkeys(one.raw for _, one in cells)))
    why = explain_doubt(tuple(dict.fromkeys(doubt for _, one in cells for doubt in one.doubts)))
    codes = tuple(cell.code for cell, _ in cells)
    finding = make_finding(
        "import-uncertain", cells=codes, place=first.row.brief, raw=raw, why=why, candidates=candidates
    )
    return finding.at(reading.source)


def explain_doubt(doubts: tuple[TextDoubt, ...]) -> Bilingual:
    """Why a place is in doubt, in brackets; nothing where no character there is struck out, raised or hardly seen."""
    return get_phrase("among", marks=list_doubt_marks(doubts)) if doubts else NO_TEXT


def list_doubt_marks(doubts: tuple[TextDoubt, ...]) -> Bilingual:
    """Which characters are struck out, raised or hardly seen."""
    marks = [messages.get(f"doubt.{one.manner.value}", text=_shorten(one.text)) for one in doubts[:NAMED]]
    return join_texts(marks, more=len(doubts) > NAMED)


def _list_candidates(cell: Cell, candidates: tuple[str, ...]) -> Bilingual:
    """A cell's column, and the figures it may hold."""
    column = cell.column.brief
    if not candidates:
        unknown = get_phrase("no-candidate")
        return Bilingual(column.zh + unknown.zh, f"{column.en} {unknown.en}")
    figures = join_texts(candidates[:NAMED], get_phrase("or"))
    return get_phrase("may-be-more" if len(candidates) > NAMED else "may-be", column=column, figures=figures)


def _describe_place(source: Source) -> Bilingual:
    where = " ".join(part for part in (source.sheet, source.cell) if part)
    return Bilingual(where, where)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"
