"""Reports → a CSV file for spreadsheet programs: a row an agency, headings as printed, figures in the form's units.

UTF-8 with a byte-order mark, CRLF, quoted where needed. The headings of figures are label and code, `（七）总计·总计
[requests.results.total]`. A figure is its digits, exact, money in the cell's own unit (万元); a blank is empty; words
and 不适用 stand as they are.

A text that a spreadsheet program would run or change — one that begins with = + - @ (in either width, after spaces and
signs that do not show), a tab or a line break, or is more digits than a number keeps — has an apostrophe before it, as
OWASP advises against CSV injection; so has one that begins with an apostrophe (`unsafe_text.guard_csv_field`). To read
a file
back: take one apostrophe off every text that begins with one (`unsafe_text.unguard_csv_field`); what is left of a
figure's cell is
read like a cell of the JSON format (`numbers.parse_json_value`). The texts themselves are exact, as data are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from workbook.merging.file_status import FileEntry
from workbook.model import identity
from workbook.model.form import Form
from workbook.model.identity import Identity
from workbook.model.numbers import Number, format_json_value
from workbook.model.report import Report
from workbook.safety.atomic_write import replace_file
from workbook.safety.messages import Bilingual
from workbook.safety.unsafe_text import guard_csv_field
from workbook.summary.data.report_table import Rows, format_label, get_heading, make_encodable, require_form

FIELDS: Final = ("name", "code", "region", "level", "year")


def write_csv(path: Path, form: Form, rows: Rows, lang: str = "zh") -> int:
    """Write headings and a row for each report, in their order; the number of reports. Atomic.

    ValueError if a report is of another form; OSError if the file cannot be written.
    """
    written = 0
    with replace_file(path) as file:
        text = io.TextIOWrapper(file, "utf-8-sig", newline="")
        lines = csv.writer(text)
        lines.writerow(list_headings(form, lang))
        for entry, report in rows():
            require_form(form, entry, report)
            lines.writerow(_line(entry, report, lang))
            written += 1
        text.flush()
        text.detach()
    return written


def list_headings(form: Form, lang: str = "zh") -> list[str]:
    """The headings of a file: what is asked of the agency, the file, and label and code of every cell."""
    asked = {field.code: Bilingual(field.label, field.en).say(lang) for field in identity.list_identity_fields()}
    cells = (f"{format_label(cell).say(lang)} [{cell.code}]" for cell in form.cells)
    return [_safe(text) for text in (*(asked[code] for code in FIELDS), get_heading("file").say(lang), *cells)]


def _safe(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run or round it, or if it has one already."""
    return guard_csv_field(make_encodable(text))


def _line(entry: FileEntry, report: Report, lang: str) -> Iterator[str]:
    agency = report.agency
    yield from map(_safe, (agency.name, agency.code, agency.region, _level(agency, lang)))
    yield "" if report.year is None else str(report.year)
    yield _safe(entry.place)
    for cell, value in zip(report.form.cells, report.values, strict=True):
        text = "" if value is None else str(format_json_value(value, cell.unit))
        yield text if isinstance(value, Number) else _safe(text)


def _level(agency: Identity, lang: str) -> str:
    level = identity.get_level(agency.level)
    return Bilingual(level.label, level.en).say(lang) if level else agency.level
