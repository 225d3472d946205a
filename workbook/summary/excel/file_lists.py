"""文件清单, 溯源 and 栏目位置: every file found and what became of it, what it is, and where in it the figures are."""

from __future__ import annotations

from typing import NamedTuple

from workbook.excel.template.pen import Pen
from workbook.merging.collected_reports import ReportCollection
from workbook.merging.file_status import COUNTED, PENDING, FileEntry, FileStatus
from workbook.merging.prior_year.summary_reader import TOTAL
from workbook.model.cell_address import format_address
from workbook.model.form import Cell
from workbook.model.numbers import CellValue
from workbook.safety.messages import load_messages
from workbook.summary.data.report_table import format_label
from workbook.summary.excel.agency_details import AgencyDetails
from workbook.summary.excel.list_sheet import FIRST, FileLinks, ListSheet

messages = load_messages("workbook.summary.excel")

STATUS = 2
"""The column of the statuses."""


class FileList(NamedTuple):
    """What the overview says of the list: the first line of each status, and the first of a file to be settled."""

    first: dict[FileStatus, int]
    pending: int
    last: int

    @property
    def statuses(self) -> str:
        """The area that holds the statuses, as formulas refer to it."""
        return f"'{messages.text('sheet.files')}'!$C${FIRST + 1}:$C${self.last + 1}"


def file_row(one: FileEntry) -> int:
    """The line of a file: they stand in the order of their numbers."""
    return FIRST - 1 + one.number


def draw_files(pen: Pen, collection: ReportCollection, details: AgencyDetails, links: FileLinks) -> FileList:
    """Draw the list of every file found."""
    hint = messages.text("files.hint", n=len(collection.entries), provenance=messages.text("sheet.provenance"))
    lines = ListSheet(
        pen, messages.text("sheet.files"), messages.texts("files.columns"), (6, 40, 18, 28, 7, 13, 6, 7, 7, 60, 8), hint
    )
    first: dict[FileStatus, int] = {}
    for one in collection.entries:
        first.setdefault(one.status, _file_line(lines, one, details, links))
    lines.finish(messages.text("files.none"))
    pending = min((row for status, row in first.items() if status in PENDING), default=0)
    return FileList(first, pending, lines.last)


def _file_line(lines: ListSheet, one: FileEntry, details: AgencyDetails, links: FileLinks) -> int:
    known: tuple[CellValue, ...] = (None,) * 6
    if one.form:
        known = (one.agency.name, one.year, one.form, one.agency.revision, one.errors, one.warnings)
    spot, target = details.agency(one), links.file(one)
    look = messages.text("files.look") if spot else ""
    said = (one.number, one.place, one.status.words.zh, *known, one.reason.zh, look)
    styles = (
        "number", "itemlink" if target else "item", f"tone_{one.status.tone}", "item", "date", "date", "date",
        "sum_bad" if one.errors else "sum", "sum_wait" if one.warnings else "sum", "item", "link" if spot else "item",
    )  # fmt: skip
    return lines.add(said, styles, {1: target, len(said) - 1: spot})


# 溯源 and 栏目位置: what every file is, and where in it the figure of a column is


def draw_provenance(pen: Pen, collection: ReportCollection, details: AgencyDetails, links: FileLinks) -> None:
    """Draw the list of files with their fingerprints."""
    widths = (6, 44, 18, 13, 20, 20, 10, 13, 9, 9, 52)
    hint = messages.text("provenance.hint", n=len(collection.entries), places=messages.text("sheet.places"))
    lines = ListSheet(pen, messages.text("sheet.provenance"), messages.texts("provenance.columns"), widths, hint)
    for one in collection.entries:
        _fingerprint_line(lines, one, details, links)
    lines.finish(messages.text("provenance.none"))


def _fingerprint_line(lines: ListSheet, one: FileEntry, details: AgencyDetails, links: FileLinks) -> None:
    target = links.file(one)
    reader = messages.entry("provenance.readers").get(one.reader, one.reader)
    size = None if one.status is FileStatus.SKIPPED and not one.size else one.size
    number = details.gathered.layout(one)
    at = number or (messages.text("places.other") if one.status in COUNTED else None)
    said = (
        one.number, one.place, one.status.words.zh, size, _time(one.modified), _time(one.read_at), reader, one.form,
        one.template, at, one.sha256,
    )  # fmt: skip
    styles = (
        "number", "itemlink" if target else "item", f"tone_{one.status.tone}", "sum", "date", "date", "date", "date",
        "date", "date", "hash",
    )  # fmt: skip
    lines.add(said, styles, {1: target})


def _time(iso: str) -> str:
    """2025-01-20 09:30:00."""
    return iso[:19].replace("T", " ")


def draw_cell_places(pen: Pen, details: AgencyDetails) -> None:
    """Draw where each figure stands in the files: a line a cell of the form, a column for each way files are made."""
    gathered = details.gathered
    heads = [messages.text("places.layout", n=n, count=count) for n, count in enumerate(gathered.counts, 1)]
    columns = [*messages.texts("places.columns"), *heads]
    hint = messages.text("places.hint", **{key: messages.text(f"sheet.{key}") for key in ("details", "provenance")})
    widths = (6, 8, 52, 40, 9, *[26] * len(heads))
    lines = ListSheet(pen, messages.text("sheet.places"), columns, widths, hint, frozen=3, head=36)
    for cell in details.form.cells:
        _place_line(lines, cell, details)
    lines.finish()


def _place_line(lines: ListSheet, cell: Cell, details: AgencyDetails) -> None:
    sheet = next(one.sheet for one in details.form.sections if one.code == cell.table.section)
    column = format_address(TOTAL, details.column(cell)).rstrip("0123456789")
    at = []
    for places in details.gathered.layouts:
        where, ref = places.get(cell.code, ("", ""))
        at.append(f"{where}!{ref}" if where else ref)
    look = "link" if details.listed else "date"
    styles = ("number", "item", "item", "item", look, *["item"] * len(at))
    lines.add((cell.index + 1, sheet, format_label(cell).zh, cell.code, column, *at), styles, {4: details.total(cell)})
