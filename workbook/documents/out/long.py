"""The report as one long table (csv): a line for every cell of the form."""

from __future__ import annotations

import csv
import io
from typing import Final

from workbook.documents.out.parts import clean, printed
from workbook.form import Cell
from workbook.harmless import guarded
from workbook.report import Report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.out")

BOM: Final = "\ufeff"
"""Without it a spreadsheet program takes the file for one in the machine's own encoding."""


def table_of(report: Report, lang: str = "zh") -> bytes:
    """The bytes: UTF-8 with a mark, agency, year, code, label, value and unit.

    A blank is empty, 不适用 stands as such, money has its exact digits in the unit of its line. A text that a
    spreadsheet program would calculate begins with an apostrophe; a negative figure is no text.
    """
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(messages.texts(f"csv.{'en' if lang == 'en' else 'zh'}"))
    agency = harmless(report.agency.name)
    year = "" if report.year is None else report.year
    for cell, value in zip(report.form.cells, report.values, strict=True):
        figure = printed(value, cell.unit)
        figure = harmless(figure) if isinstance(value, str) else figure
        rows.writerow([agency, year, cell.code, harmless(label(cell, lang)), figure, cell.unit.label])
    return (BOM + file.getvalue()).encode("utf-8")


def label(cell: Cell, lang: str = "zh") -> str:
    """Where a figure stands, outermost first: table, groups of the row, row, column."""
    groups = {group.code: group for group in cell.table.row_groups}
    path = [cell.row.words.say(lang), cell.column.words.say(lang)]
    under = cell.row.under
    while under:
        path.insert(0, groups[under].words.say(lang))
        under = groups[under].under
    return (" / " if lang == "en" else "·").join([cell.table.words.say(lang), *path])


def harmless(text: str) -> str:
    """A text that no spreadsheet program takes for a formula."""
    return guarded(clean(text))
