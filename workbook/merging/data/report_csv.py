"""Reports → a CSV file for spreadsheet programs: a row an agency, headings as printed, figures in the form's units.

UTF-8 with a byte-order mark, CRLF, quoted where needed. The headings of figures are label and code, `（七）总计·总计
[requests.results.total]`. A figure is its digits, exact, money in the cell's own unit (万元); a blank is empty; words
and 不适用 stand as they are.

A text that a spreadsheet program would run or change — one that begins with = + - @ (in either width, after spaces and
signs that do not show), a tab or a line break, or is more digits than a number keeps — has an apostrophe before it, as
OWASP advises against CSV injection; so has one that begins with an apostrophe (`harmless.guarded`). To read a file
back: take one apostrophe off every text that begins with one (`harmless.unguarded`); what is left of a figure's cell is
read like a cell of the JSON format (`numbers.from_json`). The texts themselves are exact, as data are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from workbook import identity
from workbook.form import Form
from workbook.harmless import guarded
from workbook.identity import Identity
from workbook.merging.data.report_table import Rows, encodable, heading, label, require_form
from workbook.merging.status import Entry
from workbook.numbers import Number, write
from workbook.report import Report
from workbook.safety.messages import Bilingual
from workbook.whole import replacing

FIELDS: Final = ("name", "code", "region", "level", "year")


def write_csv(path: Path, form: Form, rows: Rows, lang: str = "zh") -> int:
    """Write headings and a row for each report, in their order; the number of reports. Atomic.

    ValueError if a report is of another form; OSError if the file cannot be written.
    """
    written = 0
    with replacing(path) as file:
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
    asked = {field.code: Bilingual(field.label, field.en).say(lang) for field in identity.fields()}
    cells = (f"{label(cell).say(lang)} [{cell.code}]" for cell in form.cells)
    return [_safe(text) for text in (*(asked[code] for code in FIELDS), heading("file").say(lang), *cells)]


def _safe(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run or round it, or if it has one already."""
    return guarded(encodable(text))


def _line(entry: Entry, report: Report, lang: str) -> Iterator[str]:
    agency = report.agency
    yield from map(_safe, (agency.name, agency.code, agency.region, _level(agency, lang)))
    yield "" if report.year is None else str(report.year)
    yield _safe(entry.place)
    for cell, value in zip(report.form.cells, report.values, strict=True):
        text = "" if value is None else str(write(value, cell.unit))
        yield text if isinstance(value, Number) else _safe(text)


def _level(agency: Identity, lang: str) -> str:
    level = identity.level_named(agency.level)
    return Bilingual(level.label, level.en).say(lang) if level else agency.level
