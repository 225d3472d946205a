"""Arranges a report as it is published, before it is Word or web page: title, parts in order, tables cell by cell."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from workbook.documents import messages
from workbook.model.form import Form, Section
from workbook.model.numbers import Unit, Value, format_json_value
from workbook.model.print_layout import CellBox, FigureBlock, PrintPlan, plan_section
from workbook.model.report import Report
from workbook.safety.unsafe_text import remove_invisible, replace_surrogates

FIRST_YEAR: Final = 1980
"""No date in a zip archive is earlier."""

_BREAKS: Final = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_INDENTED: Final = re.compile("[　 \t]")


class Paragraph(NamedTuple):
    """One line of a text as it was written.

    `kind` is `body`, `heading` (of the second level), or `indented`: begun with blanks of its own.
    """

    text: str
    kind: str = "body"


class PrintedCell(NamedTuple):
    """One cell of a printed table, or several merged.

    `kind` is a label's (band, corner, head, group, row), or `figure` (a number or blank), or `words`: 不适用 and all
    else that is no number.
    """

    box: CellBox
    text: str
    kind: str


class PrintedTable(NamedTuple):
    """The tables of one part as one table, its cells in reading order.

    `repeated` is how many rows at the top head all rows below, so that they may be repeated on every page; 0 where
    each of several blocks has a head of its own.
    """

    plan: PrintPlan
    cells: tuple[PrintedCell, ...]
    repeated: int
    caption: str

    def block_of(self, row: int) -> FigureBlock:
        """The block that row belongs to: its band, its head or its figures."""
        return next(block for block in self.plan.blocks if row <= block.box.bottom)


class Part(NamedTuple):
    """One part of the form: its heading, and its paragraphs or its tables."""

    section: Section
    paragraphs: tuple[Paragraph, ...]
    table: PrintedTable | None


class Publication(NamedTuple):
    """A report as it is published. `title` is its lines; `dated` the last day it speaks of."""

    report: Report
    title: tuple[str, ...]
    parts: tuple[Part, ...]
    dated: datetime.datetime
    draft: bool

    @property
    def heading(self) -> str:
        """The title in one line."""
        return "".join(self.title)


TITLE_CHARACTERS: Final = 20
"""How many characters of 二号 fill one line of an A4 page of 公文."""


def arrange_report(report: Report, *, draft: bool = False) -> Publication:
    """Return the report part by part in the form's order; nothing is left out and nothing added."""
    parts = tuple(_part(report, section) for section in report.form.sections)
    return Publication(report, _title(report), parts, _dated(report), draft)


def clean_text(text: str) -> str:
    """Return a text without characters that no document can hold, or are not visible; odd line ends as plain ones.

    Half of a character becomes U+FFFD.
    """
    plain = _BREAKS.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    return replace_surrogates(remove_invisible(_UNPRINTABLE.sub("", plain)))


def clean_line(text: str) -> str:
    """Return a text as `clean_text` does, in one line: a name."""
    return " ".join(clean_text(text).split())


def format_value(value: Value, unit: Unit) -> str:
    """Return a figure as it is published: its exact digits in the cell's unit, words as they are, blank as blank."""
    figure = format_json_value(value, unit)
    return "" if figure is None else clean_text(str(figure))


def _title(report: Report) -> tuple[str, ...]:
    """Agency and year; on two lines, broken between them, where one is too short."""
    kind = "whole" if report.year is not None else "name_only"
    agency = clean_line(report.agency.name)
    title = messages.text(f"title.{kind}", agency=agency, year=report.year)
    if not agency or len(title) <= TITLE_CHARACTERS:
        return (title,)
    return agency, messages.text("title.rest" if kind == "whole" else "title.rest_name_only", year=report.year)


def _dated(report: Report) -> datetime.datetime:
    """The last day of the report's year (of the form's first where it is unknown): the same report, the same date."""
    known = report.year is not None and FIRST_YEAR <= report.year <= datetime.MAXYEAR
    year = report.year if known and report.year else report.form.years.from_
    return datetime.datetime(year, 12, 31, tzinfo=datetime.UTC)


def _part(report: Report, section: Section) -> Part:
    paragraphs = tuple(_paragraphs(report.texts.get(section.code, ""))) if section.text else ()
    return Part(section, paragraphs, _table(report, section) if section.sheet else None)


def _paragraphs(text: str) -> Iterator[Paragraph]:
    """The lines of a text; none where it is blank."""
    heading = re.compile(messages.text("heading.pattern"))
    for line in clean_text(text).split("\n") if text.strip() else ():
        bare = line.strip()
        kind = "heading" if heading.fullmatch(bare) else "indented" if _INDENTED.match(line) else "body"
        yield Paragraph(line, kind)


def _table(report: Report, section: Section) -> PrintedTable:
    places = plan_section(report.form, section)
    cells = [PrintedCell(label.box, label.text, label.kind) for label in places.labels]
    for code, box in places.cells.items():
        value = report[code]
        kind = "words" if isinstance(value, str) else "figure"
        cells.append(PrintedCell(box, format_value(value, report.form.cell(code).unit), kind))
    cells.sort(key=lambda cell: cell.box[:2])
    repeated = places.head_rows if len(places.blocks) == 1 else 0
    return PrintedTable(places, tuple(cells), repeated, _caption(report.form, section))


def _caption(form: Form, section: Section) -> str:
    tables = form.tables_of(section)
    return messages.text(
        "caption.one" if len(tables) == 1 else "caption.many", sheet=section.sheet, title=tables[0].title
    )
