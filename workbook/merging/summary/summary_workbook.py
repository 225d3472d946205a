"""The summary workbook from its sheets."""

from __future__ import annotations

from pathlib import Path

from workbook import whole
from workbook.harmless import displayed
from workbook.merging.summary.agency_details import AgencyDetails
from workbook.merging.summary.attendance_list import write_attendance
from workbook.merging.summary.differences_sheet import DifferencesSheet
from workbook.merging.summary.file_lists import draw_cell_places, draw_files, draw_provenance
from workbook.merging.summary.form_tables import FormTables, NodeSheets
from workbook.merging.summary.list_sheet import FileLinks
from workbook.merging.summary.overview import Overview
from workbook.merging.summary.problem_list import ProblemList
from workbook.merging.summing import Merged
from workbook.ownership import scratch
from workbook.reading.context import SUMMARY
from workbook.safety.messages import load_messages
from workbook.template.pen import Pen

messages = load_messages("workbook.merging.summary")

LARGE = 20_000
"""From so many agencies on the details are left to parquet and csv files beside the workbook."""


def build_summary(merged: Merged, home: Path | None = None, *, large: int = LARGE) -> bytes:
    """The bytes of the summary workbook; the same merge gives the same bytes.

    `home` is the folder it will lie in, from which links to the files are counted (None: no such links). From `large`
    agencies on there are no details in it, and the sums stand as values.
    """
    with scratch() as folder:
        return _drawn(merged, home, folder, listed=merged.agencies < large)


def _drawn(merged: Merged, home: Path | None, folder: Path, *, listed: bool) -> bytes:
    """The bytes of the workbook, put together in files in that folder."""
    report = merged.report
    title = f"{report.agency.name}　{messages.text('overview.title')}"
    pen = Pen(title, report.form.citation.number, displayed, folder)
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


def write_summary(path: Path, merged: Merged) -> None:
    """Write the summary workbook, whole or not at all. Raises OSError."""
    whole.write_bytes(path, build_summary(merged, path.absolute().parent))
