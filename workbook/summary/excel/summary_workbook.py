"""Writes the summary workbook, sheet by sheet."""

from __future__ import annotations

from pathlib import Path

from workbook.excel.reading.reading_context import SUMMARY
from workbook.excel.template.pen import Pen
from workbook.merging.totals import MergeResult
from workbook.safety import atomic_write
from workbook.safety.messages import load_messages
from workbook.safety.owned_folders import scratch_folder
from workbook.safety.unsafe_text import make_displayable
from workbook.summary.excel.agency_details import AgencyDetails
from workbook.summary.excel.differences_sheet import DifferencesSheet
from workbook.summary.excel.file_lists import draw_cell_places, draw_files, draw_provenance, write_attendance
from workbook.summary.excel.form_tables import FormTables, NodeSheets
from workbook.summary.excel.list_sheet import FileLinks
from workbook.summary.excel.overview import Overview
from workbook.summary.excel.problem_list import ProblemList

messages = load_messages("workbook.summary.excel")

LARGE = 20_000
"""From so many agencies on the details are left to parquet and csv files beside the workbook."""


def build_summary(merged: MergeResult, home: Path | None = None, *, large: int = LARGE) -> bytes:
    """The bytes of the summary workbook; the same merge gives the same bytes.

    `home` is the folder it will lie in, from which links to the files are counted (None: no such links). From `large`
    agencies on there are no details in it, and the sums are values.
    """
    with scratch_folder() as folder:
        return _draw(merged, home, folder, listed=merged.agencies < large)


def _draw(merged: MergeResult, home: Path | None, folder: Path, *, listed: bool) -> bytes:
    """The bytes of the workbook, put together in files in that folder."""
    report = merged.report
    title = f"{report.agency.name}　{messages.text('overview.title')}"
    pen = Pen(title, report.form.citation.number, make_displayable, folder)
    links = FileLinks(merged.collection, home)
    overview = Overview(pen, merged)
    details = AgencyDetails(pen, merged, links, listed=listed)
    tables = FormTables(merged, details)
    for section in report.form.sheets:
        tables.draw(pen, section)
    nodes = NodeSheets(pen, merged) if merged.nodes else None
    details.draw()
    problems = ProblemList(pen, merged, details, links)
    if merged.attendance:
        write_attendance(pen, merged, merged.attendance, details, links)
    files = draw_files(pen, merged.collection, details, links)
    DifferencesSheet(pen, merged, details).draw()
    draw_provenance(pen, merged.collection, details, links)
    draw_cell_places(pen, details)
    overview.draw(tables, details, problems, files, nodes)
    stamp = f"{report.form.id}|{report.merged}|{report.agency.region}|{report.form.fingerprint}"
    pen.book.set_custom_property(SUMMARY, stamp)
    return pen.bytes()


def write_summary(path: Path, merged: MergeResult) -> None:
    """Write the summary workbook, complete or not at all. Raises OSError."""
    atomic_write.write_bytes(path, build_summary(merged, path.absolute().parent))
