"""Writes a report as one long table (CSV): a line for every cell of the form."""

from __future__ import annotations

import csv
import io
from typing import Final

from workbook.documents import messages
from workbook.documents.publication import clean_text, format_value
from workbook.model.form import Cell
from workbook.model.print_layout import list_groups_above
from workbook.model.report import Report
from workbook.safety.unsafe_text import guard_csv_field

BOM: Final = "\ufeff"
"""Without it a spreadsheet program takes the file for one in the machine's own encoding."""


def build_csv(report: Report, lang: str = "zh") -> bytes:
    """Return the bytes: UTF-8 with a mark; agency, year, code, label, value and unit of every cell.

    A blank is empty, 不适用 is written as such, money has its exact digits in the unit of its line. A text that a
    spreadsheet program would evaluate begins with an apostrophe; a negative figure is no text.
    """
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(messages.texts(f"csv.{'en' if lang == 'en' else 'zh'}"))
    agency = guard_csv_field(clean_text(report.agency.name))
    year = "" if report.year is None else report.year
    for cell, value in zip(report.form.cells, report.values, strict=True):
        figure = format_value(value, cell.unit)
        figure = guard_csv_field(figure) if isinstance(value, str) else figure
        rows.writerow(
            [agency, year, cell.code, guard_csv_field(clean_text(_label(cell, lang))), figure, cell.unit.label]
        )
    return (BOM + file.getvalue()).encode("utf-8")


def _label(cell: Cell, lang: str) -> str:
    """What a figure is printed under, outermost first: table, groups of the row, row, column."""
    groups = list_groups_above(cell.row, cell.table.row_groups)
    path = [cell.table.words, *(group.words for group in groups), cell.row.words, cell.column.words]
    return (" / " if lang == "en" else "·").join(one.say(lang) for one in path)
