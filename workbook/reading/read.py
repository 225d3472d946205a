"""Any submitted workbook → a report with its sources, last year's figures it carries, and what was odd about the file.

Neither `<dimension>` nor a stored result is trusted: a formula that adds its parts is computed from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from workbook.finding import Finding, Source
from workbook.form import Form
from workbook.forms import form_ids, in_force, load
from workbook.identity import Identity
from workbook.reading import showing, tamper
from workbook.reading.book import Book
from workbook.reading.context import SUMMARY, Reading, Stamp, stamp_of
from workbook.reading.figures import Figures, previous_values, previous_year_at
from workbook.reading.found import Found
from workbook.reading.labels import View
from workbook.reading.locate import coverage, locate
from workbook.reading.opening import open_book
from workbook.reading.recognise import Unreadable
from workbook.reading.who import text_at, who, year_of
from workbook.reading.written import checks_of, texts_of
from workbook.report import Report
from workbook.submission import Submission


def read(path: Path) -> Submission:
    """Read a submitted workbook. Raises Unreadable where it is no workbook, or no annual report."""
    return read_book(open_book(path))


def read_book(book: Book) -> Submission:
    """Read a workbook that was opened. Raises Unreadable where no table of the form is in it."""
    view = View(book)
    stamp = stamp_of(book)
    agency, year, sources = who(view, ours=stamp is not None)
    form, found = _form(view, stamp, agency.region, year)
    figures = Figures(form, found, book.path.name, late=book.late)
    written, checks = texts_of(form, view, ours=stamp is not None), checks_of(form, view) if stamp else None
    report = Report(
        form,
        year,
        agency,
        tuple(figures.values[cell.code] for cell in form.cells),
        MappingProxyType(dict(written.texts)),
        checks.answers if checks else (),
        MappingProxyType({**sources, **figures.sources, **written.sources}),
    )
    reading = Reading(view, stamp, form, found, figures.sums, checks.typed if checks else frozenset(), written)
    structure = [*tamper.findings(reading), *_seen(reading, sources)]
    previous = _previous(view, form, found, report.year, agency) if stamp else None
    return Submission(
        book.path,
        report,
        previous,
        (*structure, *figures.findings),
        book.reader,
        stamp.version if stamp else "",
        SUMMARY in book.properties,
    )


def _form(view: View, stamp: Stamp | None, region: str, year: int | None) -> tuple[Form, Mapping[str, Found]]:
    """The form the workbook was made from: by its stamp, else the one whose tables and figures it holds most of."""
    if stamp and stamp.form in form_ids():
        form = load(stamp.form, region)
        return form, locate(form, view, ours=True)
    tries = [(form, locate(form, view, ours=False)) for form in (load(form_id, region) for form_id in form_ids())]
    due = _due(year)
    form, found = max(tries, key=lambda one: (coverage(one[1]), one[0].id == due, one[0].years.from_))
    if not found:
        raise Unreadable("foreign")
    return form, found


def _seen(reading: Reading, sources: Mapping[str, Source]) -> Iterator[Finding]:
    """What is struck out or hidden beside the figures; of these `Figures` says what is shown otherwise."""
    if reading.view.book.unstyled:
        yield showing.unstyled(reading.at())
    yield from showing.marked(reading.view, sources, reading.texts.areas)


def _due(year: int | None) -> str:
    try:
        return in_force(year).id if year else ""
    except LookupError:
        return ""


def _previous(view: View, form: Form, found: Mapping[str, Found], year: int | None, agency: Identity) -> Report | None:
    """Last year's figures, where the template keeps them: beside this year's."""
    values = previous_values(form, found, late=view.book.late)
    if values is None:
        return None
    at = previous_year_at(form, view)
    before = year_of(text_at(*at)) if at else None
    return Report(form, before or (year - 1 if year else None), agency, values)
