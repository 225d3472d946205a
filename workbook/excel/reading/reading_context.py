"""Holds what was located in one workbook, for the modules that report what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from workbook.excel.reading.entry_reader import NarrativeTexts
from workbook.excel.reading.label_index import WorkbookView, find_name
from workbook.excel.reading.template_index import IssuedTemplate, get_issued_template
from workbook.excel.reading.workbook_contents import Sheet, WorkbookContents
from workbook.model.cell_address import Place, format_address
from workbook.model.finding import Source
from workbook.model.form import Form, FormLine, Table
from workbook.model.rule_catalog import get_phrase
from workbook.safety.messages import Bilingual, join_texts

CELLS_NAMED = 8
"""How many cells a message names before it says “等”."""
STAMP = "ogi.stamp"
"""The custom property, and the defined name, by which a workbook made from our template is known."""
SUMMARY = "ogi.summary"
"""The custom property by which the summary of a merge is known, wherever it lies and whatever it is called."""
SHOWN = 40
"""How much of an altered label or formula a message quotes."""


class TemplateStamp(NamedTuple):
    """What the template says of itself: form, template version, fingerprint of its structure."""

    form: str
    version: str
    fingerprint: str


def read_stamp(book: WorkbookContents) -> TemplateStamp | None:
    """Read the stamp of a workbook made from our template; None for any other."""
    for text in (book.properties.get(STAMP), find_name(book.names, STAMP)):
        if stamp := parse_stamp(text):
            return stamp
    return None


def parse_stamp(text: str | None) -> TemplateStamp | None:
    """Parse a stamp, `annual-2021|1|38ae0ac77d77`, with or without the quotes of a defined name; None for any other."""
    parts = (text or "").removeprefix("=").strip('"').split("|")
    return TemplateStamp(*parts) if len(parts) == 3 else None


@dataclass(frozen=True, slots=True)
class WorkbookReading:
    """What was found in a workbook: tables, which totals add their parts, which were left as published, texts.

    `ours` where our template made it: by its stamp, or because every label is where the template puts it.
    """

    view: WorkbookView
    stamp: TemplateStamp | None
    ours: bool
    form: Form
    found: Mapping[str, LocatedTable]
    sums: Mapping[str, bool]
    typed: frozenset[str]
    texts: NarrativeTexts

    @property
    def issued(self) -> IssuedTemplate:
        """The template of the form."""
        return get_issued_template(self.form)

    def at(self, sheet: Sheet | None = None, place: Place | None = None) -> Source:
        """A place in this file."""
        return Source(self.view.book.path.name, sheet.name if sheet else "", format_address(*place) if place else "")


def get_table_title(form: Form, table: Table) -> Bilingual:
    """Return a table's sheet and title, as messages name it."""
    sheet = next(section.sheet for section in form.sections if section.code == table.section)
    return get_phrase("table", sheet=sheet, title=table.words)


def describe_places(places: Sequence[Place]) -> Bilingual:
    """Name the first few cells by address."""
    return join_texts((format_address(*place) for place in places), most=CELLS_NAMED)


def shorten_text(text: str) -> str:
    """Shorten a text to what a message quotes."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


# A table found in a workbook: where its figures stand, and what of it is not there


class MissingLine(NamedTuple):
    """A line of the form that is not in the workbook, and the cells that were therefore not read."""

    label: Bilingual
    cells: tuple[str, ...]


class GuessedLine(NamedTuple):
    """A line found by its place alone, and where its label should stand."""

    line: FormLine
    place: Place


@dataclass(frozen=True, slots=True)
class LocatedTable:
    """One table found on a sheet.

    `cells` gives the place of each figure by cell code; `rows` and `columns` the sheet row (column) of each line, and
    `row_labels`, `column_labels` the place of its label where it was found by that. In a table printed across, columns
    are keyed `row.column`, and all rows are the one row of figures. `previous` are the places of last year's figures;
    `units` what a heading states in brackets, by column.
    """

    table: Table
    sheet: Sheet
    cells: Mapping[str, Place]
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    row_labels: Mapping[str, Place]
    column_labels: Mapping[str, Place]
    previous: Mapping[str, Place] = field(default_factory=dict)
    missing: tuple[MissingLine, ...] = ()
    guessed: tuple[GuessedLine, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    as_issued: bool = False
