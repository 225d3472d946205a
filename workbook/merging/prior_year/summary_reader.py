"""Reads the reports summed in an earlier summary from its sheet 分单位明细, and holds the layout of that sheet.

So last year's summary is enough to compare with last year. The sheet's writer (`summary.excel.agency_details`) uses the
same layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.reading_context import SUMMARY
from workbook.excel.reading.workbook_contents import Raw, Sheet, WorkbookContents
from workbook.excel.reading.workbook_reader import open_workbook
from workbook.model.cell_address import format_address
from workbook.model.finding import Source
from workbook.model.form import Form, FormLine, Table
from workbook.model.form_loader import list_form_ids, load_form
from workbook.model.identity import Identity, find_level, parse_year
from workbook.model.numbers import parse_figure
from workbook.model.report import Report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.summary.excel")

CODES, BAND, HEAD, TOTAL, FILTERED, ORDINAL, FIRST = 1, 2, 3, 5, 6, 7, 8
"""Rows: codes (hidden), section bands, two rows of headings, the total, the filtered total, column numbers, data."""
WHO = ("", "agency.name", "agency.code", "agency.region", "agency.level", "year", "status", "file")
"""What the columns before the figures hold, as the hidden row of codes says; blank for the line's number."""
NARROW, WIDE = 9.0, 14.0
"""Widths of a figure's column: one of several under a heading, or alone under it."""

Columns = Mapping[str, int]


def read_summary_reports(path: Path) -> Iterator[Report]:
    """The reports of an earlier summary, in its order, without texts and answers; their sources are in that sheet.

    The file is opened at once: Unreadable where it cannot be, is no summary, or holds no details.
    """
    book = open_workbook(path)
    sheet = next((one for one in book.sheets if one.name == messages.text("sheet.details")), None)
    if SUMMARY not in book.properties or sheet is None or not _find_columns(sheet):
        raise Unreadable("foreign")
    return _read_reports(sheet, _find_form(book), path.name)


def _find_form(book: WorkbookContents) -> Form:
    """The form the summary names, with the region's supplement if there was one; Unreadable if it is not known."""
    form, _, region, *_ = (*book.properties[SUMMARY].split("|"), "", "")
    if form not in list_form_ids():
        raise Unreadable("foreign")
    return load_form(form, region)


def _find_columns(sheet: Sheet) -> Columns:
    """Code → column, as the hidden row says; whatever order the columns were brought into."""
    found = {str(cell.value): column for (row, column), cell in sheet.cells.items() if row == CODES}
    return found if set(WHO[1:3]) <= set(found) else {}


def _read_reports(sheet: Sheet, form: Form, file: str) -> Iterator[Report]:
    columns = _find_columns(sheet)
    rows: dict[int, dict[int, Raw]] = {}
    for (row, column), cell in sheet.cells.items():
        if row >= FIRST:
            rows.setdefault(row, {})[column] = cell.value
    for row in sorted(rows):
        line = {code: rows[row].get(column) for code, column in columns.items()}
        values = tuple(parse_figure(line.get(cell.code), cell.unit).value for cell in form.cells)
        sources = {
            cell.code: Source(file, sheet.name, format_address(row, columns[cell.code]))
            for cell in form.cells
            if cell.code in columns
        }
        year = line.get("year")
        stated = None if isinstance(year, bool) else parse_year(year)
        yield Report(form, stated, _read_identity(line), values, sources=sources)


def _read_identity(line: Mapping[str, Raw]) -> Identity:
    name, code, region, level = (str(line.get(key) or "") for key in WHO[1:5])
    known = find_level(level)
    return Identity(name, code, region, known.code if known else level)


# the headings of the sheet, for its writer ----------------------------------------------------------------------------


class Heading(NamedTuple):
    """The upper heading of the columns of one row of the form."""

    table: Table
    row: FormLine
    first: int
    last: int

    @property
    def text(self) -> str:
        """The row's label as printed, with the innermost group it is printed below."""
        under = next((group.label for group in self.table.row_groups if group.code == self.row.under), "")
        return f"{under} {self.row.printed}".strip()

    @property
    def width(self) -> float:
        """How wide each of its columns is."""
        return WIDE if self.first == self.last else NARROW


def list_headings(form: Form, left: int) -> tuple[Heading, ...]:
    """The headings of a form from that column on, left to right."""
    found, column = [], left
    for table in form.tables:
        for row in table.rows:
            found.append(Heading(table, row, column, column + len(table.columns) - 1))
            column += len(table.columns)
    return tuple(found)
