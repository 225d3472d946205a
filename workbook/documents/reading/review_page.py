"""Writes the review page: what was read, from where and how surely, beside the document; one file, no script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from workbook.documents.reading.document_blocks import Paragraph, TableCell, TableGrid
from workbook.documents.reading.document_reader import ImportedDocument
from workbook.documents.reading.import_findings import explain_doubt
from workbook.documents.reading.row_matching import Confidence
from workbook.model.finding import Source
from workbook.model.report import format_value
from workbook.model.rule_catalog import format_advice, format_message
from workbook.safety.html_template import render_html
from workbook.safety.messages import COMMA, load_messages
from workbook.safety.unsafe_text import fit_to_cell

messages = load_messages("workbook.documents.reading")

LONGEST: Final = 4_000
"""No more characters of one paragraph are shown."""
HEADINGS: Final = {Confidence.UNCERTAIN: "first", Confidence.SOLVED: "then", Confidence.CERTAIN: "rest"}
"""The lists of cells in their order, each with the key of its heading."""


class _CellRow(NamedTuple):
    """One cell as it was read: its label and value, what the document has there, and what else it may be."""

    label: str
    value: str
    raw: str
    candidates: str
    source: Source


def render_review(imported: ImportedDocument, lang: str = "zh") -> str:
    """Return the page, uncertain cells first."""
    report = imported.report

    def text(key: str, **values: object) -> str:
        return messages.get(f"review.{key}", **values).say(lang)

    return render_html(
        "workbook.documents.reading",
        "review.html.jinja",
        lang=lang,
        text=text,
        facts={
            "file": imported.path.name,
            "agency": report.agency.name,
            "year": report.year,
            "form": f"{report.form.id} {report.form.citation.number}",
        },
        counts={one.value: len(imported.cells(one)) for one in Confidence},
        cell_lists=[(one.value, key, list(_cell_rows(imported, one, lang))) for one, key in HEADINGS.items()],
        findings=[(one.source, format_message(one, lang), format_advice(one, lang)) for one in imported.findings],
        narratives=[
            (section.words.say(lang), [line for line in report.texts.get(section.code, "").split("\n") if line])
            for section in report.form.texts
        ],
        blocks=[one for one in imported.blocks if not isinstance(one, Paragraph) or one.text.strip()],
        rows_of=_rows_of,
        cut=lambda words: fit_to_cell(words, LONGEST),
        marks={report.source(code): one.confidence.value for code, one in imported.readings.items()},
        anchor=lambda source: f"{source.sheet}-{source.cell}".replace(" ", "_"),
        place=lambda source: " ".join(part for part in (source.sheet, source.cell) if part),
    )


def _cell_rows(imported: ImportedDocument, confidence: Confidence, lang: str) -> Iterator[_CellRow]:
    report = imported.report
    for code in imported.cells(confidence):
        cell, value, reading = report.form.cell(code), report[code], imported.readings[code]
        candidates = COMMA.say(lang).join(reading.candidates)
        yield _CellRow(
            cell.words.say(lang),
            messages.get("review.blank").say(lang) if value is None else format_value(value, cell),
            reading.raw,
            candidates + explain_doubt(reading.doubts).say(lang),
            report.source(code),
        )


def _rows_of(grid: TableGrid) -> list[list[TableCell]]:
    """The cells of a table by the row they begin in."""
    rows: dict[int, list[TableCell]] = {}
    for cell in grid.cells:
        rows.setdefault(cell.row, []).append(cell)
    return [rows.get(row, []) for row in range(min(rows, default=0), max(rows, default=-1) + 1)]
