"""Reads any submitted workbook into a report with its sources, last year's figures, and findings about the file.

Neither `<dimension>` nor a stored result is trusted: a formula that adds its parts is computed from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from workbook.excel.reading import displayed_value, ooxml_reader, tampering
from workbook.excel.reading.entry_reader import (
    find_year,
    get_text_beside,
    identify_agency,
    read_check_sheet,
    read_narrative_texts,
)
from workbook.excel.reading.figure_reader import FigureReader, find_previous_year, read_previous_values
from workbook.excel.reading.file_type import Unreadable, build_too_large_error, read_within_time, recognise_file
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.ooxml_reader import WorkbookScan
from workbook.excel.reading.reading_context import SUMMARY, LocatedTable, TemplateStamp, WorkbookReading, read_stamp
from workbook.excel.reading.table_locator import locate_tables, measure_coverage
from workbook.excel.reading.workbook_contents import AmbiguousWorkbook, WorkbookContents, read_bytes
from workbook.model.finding import Finding, Source
from workbook.model.form import Form
from workbook.model.form_loader import get_form_in_force, list_form_ids, load_form
from workbook.model.identity import Identity
from workbook.model.report import Report
from workbook.rules.evaluation import Submission
from workbook.safety.limits import TooLarge


def read_workbook(path: Path) -> Submission:
    """Read a submitted workbook. Raises Unreadable where it is no workbook, or no annual report."""
    return read_book(open_workbook(path))


def read_book(book: WorkbookContents) -> Submission:
    """Read a workbook that was opened. Raises Unreadable where no table of the form is in it."""
    view = WorkbookView(book)
    stamp = read_stamp(book)
    agency, year, sources = identify_agency(view, ours=stamp is not None)
    form, found = _form(view, stamp, agency.region, year)
    figures = FigureReader(form, found, book.path.name, late=book.late)
    written, checks = (
        read_narrative_texts(form, view, ours=stamp is not None),
        read_check_sheet(form, view) if stamp else None,
    )
    report = Report(
        form,
        year,
        agency,
        tuple(figures.values[cell.code] for cell in form.cells),
        MappingProxyType(dict(written.texts)),
        checks.answers if checks else (),
        MappingProxyType({**sources, **figures.sources, **written.sources}),
    )
    reading = WorkbookReading(view, stamp, form, found, figures.sums, checks.typed if checks else frozenset(), written)
    structure = [*tampering.list_tampering(reading), *_seen(reading, sources)]
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


def _form(
    view: WorkbookView, stamp: TemplateStamp | None, region: str, year: int | None
) -> tuple[Form, Mapping[str, LocatedTable]]:
    """Choose the form of the workbook: by its stamp, else the one of which most tables and cells are located."""
    if stamp and stamp.form in list_form_ids():
        form = load_form(stamp.form, region)
        return form, locate_tables(form, view, ours=True)
    tries = [
        (form, locate_tables(form, view, ours=False))
        for form in (load_form(form_id, region) for form_id in list_form_ids())
    ]
    due = _due(year)
    form, found = max(tries, key=lambda one: (measure_coverage(one[1]), one[0].id == due, one[0].years.from_))
    if not found:
        raise Unreadable("foreign")
    return form, found


def _seen(reading: WorkbookReading, sources: Mapping[str, Source]) -> Iterator[Finding]:
    """Report what is struck out or hidden outside the figures (`FigureReader` reports those)."""
    if reading.view.book.unstyled:
        yield displayed_value.report_unknown_styles(reading.at())
    yield from displayed_value.report_marked_texts(reading.view, sources, reading.texts.areas)


def _due(year: int | None) -> str:
    try:
        return get_form_in_force(year).id if year else ""
    except LookupError:
        return ""


def _previous(
    view: WorkbookView, form: Form, found: Mapping[str, LocatedTable], year: int | None, agency: Identity
) -> Report | None:
    """Return last year's figures as a report, where the template shows them beside this year's."""
    values = read_previous_values(form, found, late=view.book.late)
    if values is None:
        return None
    at = find_previous_year(form, view)
    before = find_year(get_text_beside(*at)) if at else None
    return Report(form, before or (year - 1 if year else None), agency, values)


def open_workbook(path: Path, walk: WorkbookScan | None = None) -> WorkbookContents:
    """Read a submitted workbook; `Unreadable` is all that can go wrong, and says what to do.

    `walk` is what walking its package found, if that was done already.
    """
    with read_within_time():  # a file that takes too long is neither damaged nor a fault of the program
        if walk is None:
            recognise_file(path)
        try:
            try:
                return ooxml_reader.build_contents(path, walk) if walk else ooxml_reader.read_ooxml(path)
            except (TooLarge, MemoryError, AmbiguousWorkbook):
                raise
            except Exception as trouble:  # untrusted files find every way to fail: the second reader is asked for each
                first = trouble
            ooxml_reader.refuse_ambiguous(read_bytes(path))
            from workbook.excel.reading import openpyxl_reader

            return openpyxl_reader.read_with_openpyxl(path)
        except AmbiguousWorkbook:
            raise Unreadable("ambiguous") from None
        except TooLarge as trouble:
            raise build_too_large_error(trouble.limit) from None
        except MemoryError:
            raise build_too_large_error("memory") from None
        except Exception as trouble:  # one with an error number is the system's; openpyxl's own have none
            raise Unreadable("unavailable" if getattr(trouble, "errno", None) else "damaged") from first
