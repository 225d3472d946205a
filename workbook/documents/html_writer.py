"""Writes a publication as one web page that needs nothing but itself: accessible, printable, fit to paste into a CMS.

The `article` is what is pasted. What a reader cannot do without is written in the elements themselves (spans, lines,
shades, the labels of every figure), so that it survives a CMS that removes the `style` element.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

from workbook.documents import messages
from workbook.documents.page_measures import RULE, SHADES, SHORT, TEXT_WIDTH, measure_columns
from workbook.documents.publication import PrintedCell, PrintedTable, Publication, clean_line
from workbook.safety.html_template import render_html


def render_report(published: Publication) -> str:
    """Return the page; the same publication gives the same text."""
    report = published.report
    return render_html(
        "workbook.documents",
        "report.html.jinja",
        published=published,
        author=clean_line(report.agency.name),
        description=f"{report.form.title} {report.form.citation.number}",
        prefix="ogi" if report.year is None else f"ogi-{report.year}",  # two years' reports may be on one page
        message=messages.text,
        arrange_table=_arrange_table,
        rule=RULE,
        shades=SHADES,
    )


class _Body(NamedTuple):
    """Rows of a table: its head (`thead`), or a block. What is `together` is not broken over two pages."""

    head: bool
    together: bool
    rows: list[list[PrintedCell]]


class _Table(NamedTuple):
    """The bodies of a table, and the widths of its columns in percent, in groups."""

    column_groups: list[list[str]]
    bodies: list[_Body]


def _arrange_table(table: PrintedTable) -> _Table:
    return _Table(_column_groups(table), list(_bodies(table)))


def _bodies(table: PrintedTable) -> Iterator[_Body]:
    rows: list[list[PrintedCell]] = [[] for _ in range(table.plan.rows)]
    for cell in table.cells:
        rows[cell.box.top].append(cell)

    def block(row: int) -> int:
        return -1 if row < table.repeated else table.plan.blocks.index(table.block_of(row))

    for number, numbers in groupby(range(table.plan.rows), key=block):
        yield _Body(number < 0, table.plan.rows <= SHORT or not table.repeated, [rows[row] for row in numbers])


def _column_groups(table: PrintedTable) -> list[list[str]]:
    """Label columns and figure columns; printed across, the columns below each row of the form. As wide as on paper."""
    labels, of_form = table.plan.label_columns, table.plan.blocks[0].table
    spans = [labels, table.plan.columns - labels] if labels else [len(of_form.columns)] * len(of_form.rows)
    widths = [f"{width / TEXT_WIDTH:.1%}" for width in measure_columns(table).widths]
    return [widths[left:right] for left, right in pairwise([sum(spans[:n]) for n in range(len(spans) + 1)])]
