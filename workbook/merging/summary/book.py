"""The summary workbook from its sheets."""

from __future__ import annotations

from pathlib import Path

from workbook import whole
from workbook.harmless import displayed
from workbook.merging.summary.attendance import draw_attendance
from workbook.merging.summary.details import Details
from workbook.merging.summary.differences import Differences
from workbook.merging.summary.files import draw_files
from workbook.merging.summary.links import Links
from workbook.merging.summary.nodes import Nodes
from workbook.merging.summary.overview import Overview
from workbook.merging.summary.problems import Problems
from workbook.merging.summary.provenance import draw_places, draw_provenance
from workbook.merging.summary.tables import Tables
from workbook.merging.summary.words import word
from workbook.merging.summing import Merged
from workbook.ownership import scratch
from workbook.reading.context import SUMMARY
from workbook.template.pen import Pen

LARGE = 20_000
"""From so many agencies on the details are left to parquet and csv files beside the workbook."""


def summary_of(merged: Merged, home: Path | None = None, *, large: int = LARGE) -> bytes:
    """The bytes of the summary workbook; the same merge gives the same bytes.

    `home` is the folder it will lie in, from which links to the files are counted (None: no such links). From `large`
    agencies on there are no details in it, and the sums stand as values.
    """
    with scratch() as folder:
        return _drawn(merged, home, folder, listed=merged.agencies < large)


def _drawn(merged: Merged, home: Path | None, folder: Path, *, listed: bool) -> bytes:
    """The bytes of the workbook, put together in files in that folder."""
    report = merged.report
    title = f"{report.agency.name}　{word('overview.title')}"
    pen = Pen(title, report.form.citation.number, displayed, folder)
    links = Links(merged.collection, home)
    overview = Overview(pen, merged)
    details = Details(pen, merged, links, listed=listed)
    tables = Tables(merged, details)
    for section in report.form.sheets:
        tables.draw(pen, section)
    nodes = Nodes(pen, merged) if merged.nodes else None
    details.draw()
    problems = Problems(pen, merged, details, links)
    if merged.attendance:
        draw_attendance(pen, merged, merged.attendance, details, links)
    files = draw_files(pen, merged.collection, details, links)
    Differences(pen, merged, details).draw()
    draw_provenance(pen, merged.collection, details, links)
    draw_places(pen, details)
    overview.draw(tables, details, problems, files, nodes)
    stamp = f"{report.form.id}|{report.merged}|{report.agency.region}|{report.form.fingerprint}"
    pen.book.set_custom_property(SUMMARY, stamp)
    return pen.bytes()


def write(path: Path, merged: Merged) -> None:
    """Write the summary workbook, whole or not at all. Raises OSError."""
    whole.write_bytes(path, summary_of(merged, path.absolute().parent))
