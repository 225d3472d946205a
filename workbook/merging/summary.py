"""A merge → 汇总.xlsx: a workbook in which every sum can be followed to its agencies, and every file to its status."""

from __future__ import annotations

from pathlib import Path

from workbook import whole
from workbook.merging.details import Details
from workbook.merging.lists import draw_files, draw_problems
from workbook.merging.merge import Merged
from workbook.merging.overview import Overview
from workbook.merging.status import MARK
from workbook.merging.tables import Tables
from workbook.merging.words import word
from workbook.template.pen import Pen


def summary_of(merged: Merged) -> bytes:
    """The bytes of the summary workbook; the same merge gives the same bytes."""
    report = merged.report
    pen = Pen(f"{report.agency.name}　{word('overview.title')}", report.form.citation.number)
    details = Details(merged)
    Overview(pen, merged).draw()
    tables = Tables(merged, details)
    for section in report.form.sheets:
        tables.draw(pen, section)
    details.draw(pen)
    draw_problems(pen, merged, details)
    draw_files(pen, merged.collection.entries)
    pen.book.set_custom_property(MARK, f"{report.form.id}|{report.merged}")
    return pen.bytes()


def write(path: Path, merged: Merged) -> None:
    """Write the summary workbook, whole or not at all. Raises OSError."""
    whole.write_bytes(path, summary_of(merged))
