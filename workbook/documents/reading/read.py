"""The way in for a published document: read it into a report, and say how sure every cell is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from workbook.check import check
from workbook.documents.reading.blocks import Block, Grid
from workbook.documents.reading.entries import scan
from workbook.documents.reading.gather import Confidence, Gathered, gather
from workbook.documents.reading.opening import open_document
from workbook.documents.reading.strips import strips
from workbook.documents.reading.telling import told
from workbook.documents.reading.values import values_of
from workbook.documents.reading.vocabulary import Vocabulary, fitting
from workbook.documents.reading.who import who
from workbook.documents.reading.writing import Doubt
from workbook.documents.reading.written import written
from workbook.finding import Finding
from workbook.form import Form
from workbook.forms import form_ids, in_force, load
from workbook.reading.recognise import Unreadable, in_time
from workbook.reading.steady import steady
from workbook.report import Report, shown
from workbook.safety.messages import load_messages
from workbook.submission import Submission

messages = load_messages("workbook.documents.reading")

FEWEST = 6
"""A document in which fewer cells of the form are found holds no report."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One published document read.

    `report` holds what is certain or solved; an uncertain cell is blank in it. `confidence` has every cell of the
    form, `candidates` the readings an uncertain cell may have, as printed; `raws` what stands at each cell's place;
    `doubts` the signs there that are struck out, raised or hardly seen.
    `findings` is what reading showed, `blocks` the document as it was read.
    """

    path: Path
    report: Report
    confidence: Mapping[str, Confidence]
    candidates: Mapping[str, tuple[str, ...]]
    raws: Mapping[str, str]
    doubts: Mapping[str, tuple[Doubt, ...]]
    findings: tuple[Finding, ...]
    blocks: tuple[Block, ...]

    def check(self, previous: Report | None = None) -> list[Finding]:
        """All findings: what reading showed, then the rules over figures and texts."""
        return check(self.report, previous, self.findings)

    def cells(self, confidence: Confidence) -> list[str]:
        """The cells read with that confidence, in form order."""
        return [cell.code for cell in self.report.form.cells if self.confidence[cell.code] is confidence]


@steady
def read(path: Path) -> Imported:
    """Read a published report. Raises Unreadable, with a sentence for the user, where it holds none."""
    with in_time():
        return _read(path)


def _read(path: Path) -> Imported:
    opened = open_document(path)
    if opened.submission is not None:
        return _workbook(path, opened.submission, opened.blocks)
    return imported(path, opened.blocks)


def _workbook(path: Path, submission: Submission, blocks: Sequence[Block]) -> Imported:
    """A workbook that holds a report: each cell stands in a place of its own."""
    report = submission.report
    raws = {cell.code: shown(value, cell) for cell, value in zip(report.form.cells, report.values, strict=True)}
    confidence = dict.fromkeys(report.form.index, Confidence.CERTAIN)
    sources = {key: source._replace(file=path.name) for key, source in report.sources.items()}
    return Imported(
        path,
        replace(report, sources=MappingProxyType(sources)),
        MappingProxyType(confidence),
        MappingProxyType({}),
        MappingProxyType(raws),
        MappingProxyType({}),
        submission.findings,
        tuple(blocks),
    )


def imported(path: Path, blocks: Sequence[Block]) -> Imported:
    """The report in a document already opened. Raises Unreadable where no report's tables are in it."""
    form, found = _best(blocks, path)
    if len(found.texts.keys() | found.doubts.keys()) < FEWEST:
        raise Unreadable("foreign", messages.get("nothing"))
    identity = who(form, blocks, path)
    texts = written(form, blocks)
    values, odd = values_of(form, found)
    report = Report(
        form,
        identity.year,
        identity.agency,
        values,
        MappingProxyType(texts.texts),
        sources=MappingProxyType({**found.sources, **texts.sources, **identity.sources}),
    )
    return Imported(
        path,
        report,
        MappingProxyType({cell.code: found.confidence.get(cell.code, Confidence.UNCERTAIN) for cell in form.cells}),
        MappingProxyType(found.candidates),
        MappingProxyType(found.raws),
        MappingProxyType(found.doubts),
        (*odd, *told(form, found, texts.left_out, texts.sources)),
        tuple(blocks),
    )


def _best(blocks: Sequence[Block], path: Path) -> tuple[Form, Gathered]:
    """The form whose own words stand most completely in the document; between equals, the one its year asks for."""
    everything = "\n".join(_texts(blocks))
    ranked = fitting([load(form_id) for form_id in form_ids()], everything)
    form = ranked[0][0]
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < 0.05:
        year = who(form, blocks, path).year
        if year is not None:
            try:
                form = in_force(year)
            except LookupError:
                form = ranked[0][0]
    cut = list(strips(blocks))
    return form, gather(form, scan(cut, Vocabulary(form)))


def _texts(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        yield from (box.text for box in block.boxes) if isinstance(block, Grid) else (block.text,)
