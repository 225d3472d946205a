"""What the form's own structure says of a sum: which rows are results, how they are grouped, and which cells total.

Nothing here names a row: the results are the rows that count into the total with the most parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from workbook.form import Cell, Form, Group, Line, Table
from workbook.numbers import Number, amount
from workbook.report import Report
from workbook.rules import totals
from workbook.safety.messages import Bilingual


class Results(NamedTuple):
    """The table whose rows divide one total: the total, the rows that count into it, the column that sums the table."""

    table: Table
    total: Line
    parts: tuple[Line, ...]
    column: Line


class Share(NamedTuple):
    """A result, or a group of them: its label and figure; `inside` the results of a group."""

    label: Bilingual
    value: Number
    inside: tuple[Share, ...] = ()


def results_of(form: Form) -> Results | None:
    """The form's table of results; None if no rows of it count into a total."""
    found = [
        Results(table, total, parts, _summing(table)) for table in form.tables for total, parts in totals(table.rows)
    ]
    return max(found, key=lambda one: len(one.parts), default=None)


def _summing(table: Table) -> Line:
    """The column that others count into; the last where none does."""
    return next((total for total, _ in totals(table.columns)), table.columns[-1])


def shares(report: Report, results: Results) -> tuple[Share, ...]:
    """The results as the form groups them, in its order; labels that all have in common are left out."""
    groups = {group.code: group for group in results.table.row_groups}
    paths = [_above(row, groups) for row in results.parts]
    common = 0
    while all(len(path) > common and path[common] == paths[0][common] for path in paths):
        common += 1
    found: list[Share] = []
    for row, path in zip(results.parts, paths, strict=True):
        value = figure(report, results.table.cell(row.code, results.column.code)) or 0
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


def _above(row: Line, groups: dict[str, Group]) -> list[Group]:
    """The groups a row is printed below, outermost first."""
    path: list[Group] = []
    under = row.under
    while under:
        path.insert(0, groups[under])
        under = groups[under].under
    return path


def figure(report: Report, code: str) -> Number | None:
    """The figure of a cell; None where no number stands."""
    return report.number(report.form.index[code])


def main_cells(form: Form, table: Table) -> Iterator[Cell]:
    """The cells that say the most of a table: its sum column where it has one, else all; rows that are no part."""
    summing = [total for total, _ in totals(table.columns)] or list(table.columns)
    for row in table.rows:
        if not row.into:
            yield from (form.cell(table.cell(row.code, column.code)) for column in summing)


def said(value: Number | None, cell: Cell) -> str:
    """A figure as a reader takes it in, in the cell's unit: 1,234 · 4,166.214619; "" for a blank."""
    return "" if value is None else f"{amount(value, cell.unit):,f}"
