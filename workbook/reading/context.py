"""One workbook as it was read, for whoever says what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from workbook.finding import Source
from workbook.form import Form, Table
from workbook.grid import Place, a1
from workbook.reading.book import Book, Sheet
from workbook.reading.found import Found
from workbook.reading.issued import Issued, issued
from workbook.reading.labels import View
from workbook.reading.written import Texts
from workbook.rulebook import phrase
from workbook.safety.messages import Bilingual, join_texts

CELLS_NAMED = 8
"""How many cells a message names before it says “等”."""
SUMMARY = "ogi.summary"
"""The custom property by which the summary of a merge is known, wherever it lies and whatever it is called."""
SHOWN = 40
"""How much of an altered label or formula a message quotes."""


class Stamp(NamedTuple):
    """What the template says of itself: form, template version, fingerprint of its structure."""

    form: str
    version: str
    fingerprint: str


def stamp_of(book: Book) -> Stamp | None:
    """The stamp of a workbook of ours; None for any other."""
    for text in (book.properties.get("ogi.stamp", ""), book.names.get("ogi.stamp", "").removeprefix("=").strip('"')):
        parts = text.split("|")
        if len(parts) == 3:
            return Stamp(*parts)
    return None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in a workbook: tables, which totals add their parts, which were left as published, texts."""

    view: View
    stamp: Stamp | None
    form: Form
    found: Mapping[str, Found]
    sums: Mapping[str, bool]
    typed: frozenset[str]
    texts: Texts

    @property
    def issued(self) -> Issued:
        """The template of the form."""
        return issued(self.form)

    def at(self, sheet: Sheet | None = None, place: Place | None = None) -> Source:
        """A place in this file."""
        return Source(self.view.book.path.name, sheet.name if sheet else "", a1(*place) if place else "")


def title(form: Form, table: Table) -> Bilingual:
    """A table as messages name it."""
    sheet = next(section.sheet for section in form.sections if section.code == table.section)
    return phrase("table", sheet=sheet, title=table.words)


def named(places: Sequence[Place]) -> Bilingual:
    """Cells by reference, the first few."""
    return join_texts((a1(*place) for place in places), most=CELLS_NAMED)


def short(text: str) -> str:
    """As much of a text as a message quotes."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
