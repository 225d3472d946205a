"""Where everything is on the sheet 分单位明细, for its writer and for the reader of an earlier summary."""

from __future__ import annotations

from typing import NamedTuple

from workbook.model.form import Form, FormLine, Table

CODES, BAND, HEAD, TOTAL, FILTERED, ORDINAL, FIRST = 1, 2, 3, 5, 6, 7, 8
"""Rows: codes (hidden), section bands, two rows of headings, the total, the filtered total, column numbers, data."""
WHO = ("", "agency.name", "agency.code", "agency.region", "agency.level", "year", "status", "file")
"""What the columns before the figures hold, as the hidden row of codes says; blank for the line's number."""
NARROW, WIDE = 9.0, 14.0
"""Widths of a figure's column: one of several under a heading, or alone under it."""


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
