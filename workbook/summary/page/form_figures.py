"""Finds in a form the results of requests and the totals of each table, and takes their figures from a report.

Nothing here names a row: the results are the rows that count into the total with the most parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from workbook.model.form import Cell, Form, FormLine, Table
from workbook.model.numbers import Number, to_cell_unit
from workbook.model.print_layout import groups_above
from workbook.model.report import Report
from workbook.rules.rule_types import list_totals
from workbook.safety.messages import Bilingual


class Results(NamedTuple):
    """The table whose rows divide one total: the total, the rows that count into it, the column that sums the table."""

    table: Table
    total: FormLine
    parts: tuple[FormLine, ...]
    column: FormLine


class Share(NamedTuple):
    """A result, or a group of them: its label and figure; `inside` the results of a group."""

    label: Bilingual
    value: Number
    inside: tuple[Share, ...] = ()


def find_results(form: Form) -> Results | None:
    """Return the form's table of results; None if no rows of it count into a total."""
    found = [
        Results(table, total, parts, _sum_column(table))
        for table in form.tables
        for total, parts in list_totals(table.rows)
    ]
    return max(found, key=lambda one: len(one.parts), default=None)


def _sum_column(table: Table) -> FormLine:
    """The column that others count into; the last where none does."""
    return next((total for total, _ in list_totals(table.columns)), table.columns[-1])


def group_results(report: Report, results: Results) -> tuple[Share, ...]:
    """Return the results as the form groups them, in its order; labels that all have in common are left out."""
    paths = [groups_above(row, results.table.row_groups) for row in results.parts]
    common = 0
    while all(len(path) > common and path[common] == paths[0][common] for path in paths):
        common += 1
    found: list[Share] = []
    for row, path in zip(results.parts, paths, strict=True):
        value = number_of(report, results.table.cell(row.code, results.column.code)) or 0
        if len(path) == common:
            found.append(Share(row.brief, value))
            continue
        label, one = path[common].words, Share(row.brief, value)
        if found and found[-1].label == label:
            before = found.pop()
            found.append(Share(label, before.value + value, (*before.inside, one)))
        else:
            found.append(Share(label, value, (one,)))
    return tuple(found)


def number_of(report: Report, code: str) -> Number | None:
    """Return the number in a cell; None where there is none."""
    return report.number(report.form.index[code])


def list_main_cells(form: Form, table: Table) -> Iterator[Cell]:
    """Yield the cells that say most of a table: its sum column where it has one, else all; rows that are no part."""
    sums = [total for total, _ in list_totals(table.columns)] or list(table.columns)
    for row in table.rows:
        if not row.into:
            yield from (form.cell(table.cell(row.code, column.code)) for column in sums)


def format_number(value: Number | None, cell: Cell) -> str:
    """Return a figure in the cell's unit, as it is printed: 1,234 or 4,166.214619; "" for a blank."""
    return "" if value is None else f"{to_cell_unit(value, cell.unit):,f}"
