"""What reading showed, as findings: doubtful cells and their candidates, rows not there, figures and words left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from workbook.documents.reading.row_matching import Confidence, MatchedFigures
from workbook.documents.reading.text_visibility import TextDoubt
from workbook.model.finding import Finding, Source
from workbook.model.form import Cell, Form
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.rules.rule_types import get_sheet_name
from workbook.safety.messages import NO_TEXT, Bilingual, join_texts, load_messages

messages = load_messages("workbook.documents.reading")
_LISTED = Bilingual("、", "; ")

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
    for _, some in groupby(form.cells, key=lambda cell: (cell.table.code, cell.row.code)):
        cells = [c for c in some if c.code not in lost and found.confidence.get(c.code) is Confidence.UNCERTAIN]
        if cells:
            yield _uncertain(cells, found)
    for table, row, codes in found.missing:
        if codes[0] in grouped:
            continue
        title = get_phrase("table", sheet=get_sheet_name(form, table), title=table.words)
        words = table.row_named(row).brief
        yield make_finding("structure-missing", cells=codes, table=title, expected=words.zh, line=words)
    for table, group, entry in found.groups:
        codes = tuple(c.code for c in form.cells if c.table is table and c.row.under == group)
        lines = [row.brief for row in table.rows if row.under == group]
        rows = join_texts(lines, _LISTED)
        words = next(g.words for g in table.row_groups if g.code == group)
        one = make_finding("import-group", cells=codes, raw=_short(entry.raw), place=words, lines=rows)
        yield one.at(entry.source)
    for table, raw, source in found.extra:
        what = get_phrase("extra-value", where=_where(source), value=_short(raw))
        cell = next(c for c in form.cells if c.table is table)
        yield make_finding("structure-extra", what=what, table=cell.table.words).at(source)
    for section in form.sections:
        if doubts := left_out.get(section.code):
            place = Bilingual(section.label, section.words.en)
            one = make_finding("import-left-out", place=place, marks=list_doubt_marks(doubts))
            yield one.at(sources.get(f"texts.{section.code}", Source()))
    solved = [c.code for c in form.cells if found.confidence.get(c.code) is Confidence.SOLVED]
    if solved:
        yield _solved(form, solved, found)


def _uncertain(cells: list[Cell], found: MatchedFigures) -> Finding:
    """One row's doubtful cells, with what each may be."""
    first = cells[0]
    said = [_may_be(cell, found.candidates.get(cell.code, ())) for cell in cells]
    candidates = join_texts(said, Bilingual("；", "; "))
    raw = _short(" ".join(dict.fromkeys(found.raws.get(cell.code, "") for cell in cells)))
    why = explain_doubt(tuple(dict.fromkeys(one for cell in cells for one in found.doubts.get(cell.code, ()))))
    codes = tuple(cell.code for cell in cells)
    one = make_finding("import-uncertain", cells=codes, place=first.row.brief, raw=raw, why=why, candidates=candidates)
    return one.at(found.sources.get(first.code, Source()))


def explain_doubt(doubts: tuple[TextDoubt, ...]) -> Bilingual:
    """Why a place is in doubt, in brackets; nothing where no sign there is struck out, raised or hardly seen."""
    return get_phrase("among", marks=list_doubt_marks(doubts)) if doubts else NO_TEXT


def list_doubt_marks(doubts: tuple[TextDoubt, ...]) -> Bilingual:
    """Which signs are struck out, raised or hardly seen."""
    some = [messages.get(f"doubt.{one.manner.value}", text=_short(one.text)) for one in doubts[:NAMED]]
    return join_texts(some, more=len(doubts) > NAMED)


def _may_be(cell: Cell, some: tuple[str, ...]) -> Bilingual:
    """A cell's column, and the figures it may hold."""
    column = cell.column.brief
    if not some:
        unknown = get_phrase("no-candidate")
        return Bilingual(column.zh + unknown.zh, f"{column.en} {unknown.en}")
    figures = join_texts(some[:NAMED], get_phrase("or"))
    return get_phrase("may-be-more" if len(some) > NAMED else "may-be", column=column, figures=figures)


def _solved(form: Form, codes: list[str], found: MatchedFigures) -> Finding:
    rows = list(dict.fromkeys(form.cell(code).row.brief for code in codes))
    where = join_texts(rows, _LISTED, most=NAMED)
    one = make_finding("import-solved", cells=tuple(codes), count=len(codes), where=where)
    return one.at(found.sources.get(codes[0], Source()))


def _where(source: Source) -> Bilingual:
    where = " ".join(part for part in (source.sheet, source.cell) if part)
    return Bilingual(where, where)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"
