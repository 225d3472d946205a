"""The entry point for a published document: read it into a report, say how sure every cell is and what was left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from workbook.documents.reading.document_blocks import Block, TableGrid, cut_strips
from workbook.documents.reading.document_formats import open_document
from workbook.documents.reading.document_identity import identify_document
from workbook.documents.reading.form_labels import FormWords, rank_forms
from workbook.documents.reading.import_findings import list_import_findings
from workbook.documents.reading.label_entries import scan_strips
from workbook.documents.reading.narrative_parts import read_narrative_parts
from workbook.documents.reading.row_matching import CellReading, Confidence, MatchedFigures, match_rows
from workbook.excel.reading.file_type import Unreadable, read_within_time, refuse_changing_file
from workbook.model.finding import Finding
from workbook.model.form import Cell, Form
from workbook.model.form_loader import list_form_ids, load_form
from workbook.model.numbers import ParsedFigure, Raw, parse_figure
from workbook.model.report import Report, format_value, list_oddities
from workbook.rules.evaluation import Submission, check_report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.reading")

NEAR = 0.95
"""A form of which so much is named in a document as of the one most named may be meant as well: the year decides."""

FEWEST = 6
"""A document in which fewer cells of the form are found holds no report."""


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """One published document read.

    `report` holds what is certain or solved; an uncertain cell is blank in it. `readings` says of every cell of the
    form how sure it is, what is printed there and what else it may be. `findings` is what reading showed, `blocks` the
    document as it was read.
    """

    path: Path
    report: Report
    readings: Mapping[str, CellReading]
    findings: tuple[Finding, ...]
    blocks: tuple[Block, ...]

    def check(self, previous: Report | None = None) -> list[Finding]:
        """All findings: what reading showed, then the rules over figures and texts."""
        return check_report(self.report, previous, self.findings)

    def cells(self, confidence: Confidence) -> list[str]:
        """The cells read with that confidence, in form order."""
        return [cell.code for cell in self.report.form.cells if self.readings[cell.code].confidence is confidence]


@refuse_changing_file
@read_within_time()
def read_document(path: Path) -> ImportedDocument:
    """Read a published report. Raises Unreadable, with a sentence for the user, where it holds none."""
    opened = open_document(path)
    if opened.submission is not None:
        return _take_workbook(path, opened.submission, opened.blocks)
    return import_blocks(path, opened.blocks)


def _take_workbook(path: Path, submission: Submission, blocks: Sequence[Block]) -> ImportedDocument:
    """A workbook that holds a report: each cell has a place of its own."""
    sources = {key: source._replace(file=path.name) for key, source in submission.report.sources.items()}
    report = replace(submission.report, sources=MappingProxyType(sources))
    readings = {
        cell.code: CellReading(Confidence.CERTAIN, raw=format_value(value, cell), source=report.source(cell.code))
        for cell, value in zip(report.form.cells, report.values, strict=True)
    }
    return ImportedDocument(path, report, MappingProxyType(readings), submission.findings, tuple(blocks))


def import_blocks(path: Path, blocks: Sequence[Block]) -> ImportedDocument:
    """The report in a document already opened. Raises Unreadable where no report's tables are in it."""
    form, figures = _choose_form(blocks, path)
    found = [one for one in figures.readings.values() if one.confidence is not Confidence.UNCERTAIN or one.doubts]
    if len(found) < FEWEST:
        raise Unreadable("foreign", messages.get("nothing"))
    identity = identify_document(form, blocks, path)
    parts = read_narrative_parts(form, blocks)
    parsed = {code: read_cell(form.cell(code), one.text, one.unit) for code, one in figures.readings.items()}
    oddities = [
        finding.at(figures.readings[cell.code].source)
        for cell in form.cells
        if cell.code in parsed
        for finding in list_oddities(cell, parsed[cell.code])
    ]
    sources = {code: one.source for code, one in figures.readings.items()}
    report = Report(
        form,
        identity.year,
        identity.agency,
        tuple(parsed[cell.code].value if cell.code in parsed else None for cell in form.cells),
        MappingProxyType(parts.texts),
        sources=MappingProxyType({**sources, **parts.sources, **identity.sources}),
    )
    return ImportedDocument(
        path,
        report,
        MappingProxyType({code: figures.readings.get(code, CellReading()) for code in form.index}),
        (*oddities, *list_import_findings(form, figures, parts.left_out, parts.sources)),
        tuple(blocks),
    )


def _choose_form(blocks: Sequence[Block], path: Path) -> tuple[Form, MatchedFigures]:
    """The form most of whose rows and columns are named in the document; of forms near it, the one of its year."""
    ranked = rank_forms([load_form(form_id) for form_id in list_form_ids()], "\n".join(_list_texts(blocks)))
    form, most = ranked[0]
    near = [one for one, named in ranked if named >= NEAR * most]
    if len(near) > 1:
        year = identify_document(form, blocks, path).year
        form = next((one for one in near if year is not None and year in one.years), form)
    return form, match_rows(form, scan_strips(list(cut_strips(blocks)), FormWords(form)))


def _list_texts(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        yield from (cell.text for cell in block.cells) if isinstance(block, TableGrid) else (block.text,)


_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")


def read_cell(cell: Cell, text: str | None, unit: str = "") -> ParsedFigure:
    """Read a cell; every figure in a document is text, so that is no oddity. `unit` is what the heading states."""
    if text is None:
        return ParsedFigure(None)
    bare = text.strip()
    if unit and unit != cell.unit.label and (_INTEGER.fullmatch(bare) or _DECIMAL.fullmatch(bare)):
        parsed = parse_figure(f"{bare}{unit}", cell.unit)
        odd = tuple(odd for odd in parsed.oddities if odd.kind == "other-unit")
        return ParsedFigure(parsed.value, odd if parsed.value else ())
    return parse_figure(_as_number(bare, cell), cell.unit)


def _as_number(text: str, cell: Cell) -> Raw:
    """A plain figure as a number; anything else unchanged."""
    if len(text) < 300 and _INTEGER.fullmatch(text):
        return int(text)
    if len(text) < 300 and cell.unit.scale > 1 and _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text
