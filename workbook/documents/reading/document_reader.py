"""The entry point for a published document: read it into a report, say how sure every cell is and what was left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from workbook.documents.reading.document_blocks import Block, Paragraph, TableGrid, cut_strips
from workbook.documents.reading.document_formats import open_document
from workbook.documents.reading.document_identity import identify_document
from workbook.documents.reading.form_labels import FormWords, rank_forms
from workbook.documents.reading.label_entries import scan_strips
from workbook.documents.reading.row_matching import Confidence, MatchedFigures, match_rows
from workbook.documents.reading.text_visibility import TextDoubt, WritingManner
from workbook.excel.reading.file_type import Unreadable, read_within_time, refuse_changing_file
from workbook.excel.reading.label_index import fold_label
from workbook.model.finding import Finding, Source
from workbook.model.form import Cell, Form, Section
from workbook.model.form_loader import list_form_ids, load_form
from workbook.model.numbers import ParsedFigure, Raw, Value
from workbook.model.numbers import parse_figure as read_number
from workbook.model.report import Report, format_value, list_oddities
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.model.text_normalization import tidy_text
from workbook.rules.evaluation import Submission, check_report
from workbook.rules.rule_types import get_sheet_name
from workbook.safety.messages import NO_TEXT, Bilingual, join_texts, load_messages

messages = load_messages("workbook.documents.reading")

NEAR = 0.95
"""A form of which so much is named in a document as of the one most named may be meant as well: the year decides."""

FEWEST = 6
"""A document in which fewer cells of the form are found holds no report."""


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """One published document read.

    `report` holds what is certain or solved; an uncertain cell is blank in it. `confidence` has every cell of the
    form, `candidates` the readings an uncertain cell may have, as printed; `raws` the text at each cell's place;
    `doubts` the characters there that are struck out, raised or hardly seen.
    `findings` is what reading showed, `blocks` the document as it was read.
    """

    path: Path
    report: Report
    confidence: Mapping[str, Confidence]
    candidates: Mapping[str, tuple[str, ...]]
    raws: Mapping[str, str]
    doubts: Mapping[str, tuple[TextDoubt, ...]]
    findings: tuple[Finding, ...]
    blocks: tuple[Block, ...]

    def check(self, previous: Report | None = None) -> list[Finding]:
        """All findings: what reading showed, then the rules over figures and texts."""
        return check_report(self.report, previous, self.findings)

    def cells(self, confidence: Confidence) -> list[str]:
        """The cells read with that confidence, in form order."""
        return [cell.code for cell in self.report.form.cells if self.confidence[cell.code] is confidence]


@refuse_changing_file
@read_within_time()
def read_document(path: Path) -> ImportedDocument:
    """Read a published report. Raises Unreadable, with a sentence for the user, where it holds none."""
    opened = open_document(path)
    if opened.submission is not None:
        return _workbook(path, opened.submission, opened.blocks)
    return import_blocks(path, opened.blocks)


def _workbook(path: Path, submission: Submission, blocks: Sequence[Block]) -> ImportedDocument:
    """A workbook that holds a report: each cell has a place of its own."""
    report = submission.report
    raws = {cell.code: format_value(value, cell) for cell, value in zip(report.form.cells, report.values, strict=True)}
    confidence = dict.fromkeys(report.form.index, Confidence.CERTAIN)
    sources = {key: source._replace(file=path.name) for key, source in report.sources.items()}
    return ImportedDocument(
        path,
        replace(report, sources=MappingProxyType(sources)),
        MappingProxyType(confidence),
        MappingProxyType({}),
        MappingProxyType(raws),
        MappingProxyType({}),
        submission.findings,
        tuple(blocks),
    )


def import_blocks(path: Path, blocks: Sequence[Block]) -> ImportedDocument:
    """The report in a document already opened. Raises Unreadable where no report's tables are in it."""
    form, found = _best(blocks, path)
    if len(found.texts.keys() | found.doubts.keys()) < FEWEST:
        raise Unreadable("foreign", messages.get("nothing"))
    identity = identify_document(form, blocks, path)
    texts = read_narrative_parts(form, blocks)
    values, odd = values_of(form, found)
    report = Report(
        form,
        identity.year,
        identity.agency,
        values,
        MappingProxyType(texts.texts),
        sources=MappingProxyType({**found.sources, **texts.sources, **identity.sources}),
    )
    return ImportedDocument(
        path,
        report,
        MappingProxyType({cell.code: found.confidence.get(cell.code, Confidence.UNCERTAIN) for cell in form.cells}),
        MappingProxyType(found.candidates),
        MappingProxyType(found.raws),
        MappingProxyType(found.doubts),
        (*odd, *list_import_findings(form, found, texts.left_out, texts.sources)),
        tuple(blocks),
    )


def _best(blocks: Sequence[Block], path: Path) -> tuple[Form, MatchedFigures]:
    """The form most of whose rows and columns are named in the document; of forms near it, the one of its year."""
    ranked = rank_forms([load_form(form_id) for form_id in list_form_ids()], "\n".join(_texts(blocks)))
    form, most = ranked[0]
    near = [one for one, named in ranked if named >= NEAR * most]
    if len(near) > 1:
        year = identify_document(form, blocks, path).year
        form = next((one for one in near if year is not None and year in one.years), form)
    return form, match_rows(form, scan_strips(list(cut_strips(blocks)), FormWords(form)))


def _texts(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        yield from (box.text for box in block.boxes) if isinstance(block, TableGrid) else (block.text,)


# The texts found for the cells → values of the report, and what was odd about them. Pure


_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]*)")
_MONEY = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")


def values_of(form: Form, found: MatchedFigures) -> tuple[tuple[Value, ...], list[Finding]]:
    """One value per cell; a cell that is uncertain, or was not found, is blank."""
    values: list[Value] = []
    findings: list[Finding] = []
    for cell in form.cells:
        text = found.texts.get(cell.code)
        reading = read_cell(cell, text, found.units.get(cell.code, ""))
        values.append(reading.value)
        at = found.sources.get(cell.code, Source())
        findings += [one.at(at) for one in list_oddities(cell, reading)]
    return tuple(values), findings


def read_cell(cell: Cell, text: str | None, unit: str = "") -> ParsedFigure:
    """Read a cell; every figure in a document is text, so that is no oddity. `unit` is what the heading states."""
    if text is None:
        return ParsedFigure(None)
    bare = text.strip()
    if unit and unit != cell.unit.label and (_PLAIN.fullmatch(bare) or _MONEY.fullmatch(bare)):
        reading = read_number(f"{bare}{unit}", cell.unit)
        odd = tuple(odd for odd in reading.oddities if odd.kind == "other-unit")
        return ParsedFigure(reading.value, odd if reading.value else ())
    return read_number(_number(bare, cell), cell.unit)


def _number(text: str, cell: Cell) -> Raw:
    """A plain figure as a number; anything else unchanged."""
    if _PLAIN.fullmatch(text) and len(text) < 300:
        return int(text)
    if cell.unit.scale > 1 and _MONEY.fullmatch(text) and len(text) < 300:
        return Decimal(text)
    return text


# The parts of a report written in words: the paragraphs below their headings. Pure


LONGER = 6
"""A heading may have so many characters more than the form prints."""
_NUMBER = re.compile(r"^[一二三四五六七八九十0-9]{1,2}")
_LISTED = re.compile(r"^[\s#*]*(?:[一二三四五六七八九十]{1,2}[、.．\s]|[#*])")


class NarrativeParts(NamedTuple):
    """The written parts by code, where each begins, and the words in it that were struck out or hardly seen."""

    texts: dict[str, str]
    sources: dict[str, Source]
    left_out: dict[str, tuple[TextDoubt, ...]]


def read_narrative_parts(form: Form, blocks: Sequence[Block]) -> NarrativeParts:
    """Paragraphs from each heading of a written part down to the next heading or table."""
    texts: dict[str, list[str]] = {}
    sources: dict[str, Source] = {}
    left_out: dict[str, list[TextDoubt]] = {}
    heads = _headings(form, blocks)
    current = ""
    for n, block in enumerate(blocks):
        if n in heads:
            section, rest = heads[n]
            current = section.code if section.text else ""
            if current and isinstance(block, Paragraph):
                texts.setdefault(current, []).extend([rest] if rest else [])
                sources.setdefault(f"texts.{current}", block.source)
        elif current and isinstance(block, Paragraph):
            texts.setdefault(current, []).append(block.text if _seen(block) else "")
            left_out.setdefault(current, []).extend(_left_out(block))
    tidy = {code: text for code, lines in texts.items() if (text := tidy_text(_joined(lines)))}
    return NarrativeParts(tidy, sources, {code: tuple(some) for code, some in left_out.items()})


def _left_out(block: Paragraph) -> tuple[TextDoubt, ...]:
    doubts = block.writing.doubts if block.writing else ()
    return tuple(doubt for doubt in doubts if doubt.manner in (WritingManner.STRUCK, WritingManner.FAINT))


def _seen(block: Paragraph) -> bool:
    """Whether a line is not faint as a whole."""
    faint = "".join(doubt.text for doubt in _left_out(block))
    return block.writing is None or "".join(faint.split()) != "".join(block.text.split())


def _joined(lines: Sequence[str]) -> str:
    said = (line.strip() for line in lines)
    return "\n".join(line for line in said if line)


def _headings(form: Form, blocks: Sequence[Block]) -> dict[int, tuple[Section, str]]:
    """The paragraphs that are headings of the form's parts, and what is written behind the heading."""
    found: dict[int, tuple[Section, str]] = {}
    for n, block in enumerate(blocks):
        if isinstance(block, Paragraph) and (heading := _heading(form, block.text)):
            found[n] = heading
    return found


def _heading(form: Form, text: str) -> tuple[Section, str] | None:
    line = text.strip()
    folded = fold_label(line[:80])
    for section in form.sections:
        label = fold_label(section.label)
        bare = _NUMBER.sub("", label)
        if folded in (label, bare):
            return section, ""
        listed = _LISTED.match(line) and _NUMBER.sub("", folded).startswith(bare)
        if (folded.startswith(label) or listed) and len(fold_label(line)) <= len(label) + LONGER:
            return section, ""
    return None


# what reading showed, as findings: doubtful cells, rows that are not there, figures and words left out


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
        rows = join_texts(lines, _BETWEEN_ROWS)
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
    """Why a place is in doubt, in brackets; nothing where no character there is struck out, raised or hardly seen."""
    return get_phrase("among", marks=list_doubt_marks(doubts)) if doubts else NO_TEXT


def list_doubt_marks(doubts: tuple[TextDoubt, ...]) -> Bilingual:
    """Which characters are struck out, raised or hardly seen."""
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
    where = join_texts(rows, _BETWEEN_ROWS, most=NAMED)
    one = make_finding("import-solved", cells=tuple(codes), count=len(codes), where=where)
    return one.at(found.sources.get(codes[0], Source()))


def _where(source: Source) -> Bilingual:
    where = " ".join(part for part in (source.sheet, source.cell) if part)
    return Bilingual(where, where)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= QUOTED else line[: QUOTED - 1] + "…"
