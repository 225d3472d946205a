"""文件清单: every file found, what became of it and why."""

from __future__ import annotations

from typing import NamedTuple

from workbook.merging.collection import Collection
from workbook.merging.status import PENDING, Entry, Status
from workbook.merging.summary.details import Details
from workbook.merging.summary.links import Links
from workbook.merging.summary.lists import FIRST, Lines
from workbook.merging.summary.words import word, words
from workbook.template.pen import CellValue, Pen

STATUS = 2
"""The column of the statuses."""


class FileList(NamedTuple):
    """What the overview says of the list: the first line of each status, and the first of a file to be settled."""

    first: dict[Status, int]
    pending: int
    last: int

    @property
    def statuses(self) -> str:
        """The area that holds the statuses, as formulas refer to it."""
        return f"'{word('sheet.files')}'!$C${FIRST + 1}:$C${self.last + 1}"


def row_of(one: Entry) -> int:
    """The line of a file: they stand in the order of their numbers."""
    return FIRST - 1 + one.number


def draw_files(pen: Pen, collection: Collection, details: Details, links: Links) -> FileList:
    """Draw the list of every file found."""
    hint = word("files.hint", n=len(collection.entries), provenance=word("sheet.provenance"))
    lines = Lines(pen, word("sheet.files"), words("files.columns"), (6, 40, 18, 28, 7, 13, 6, 7, 7, 60, 8), hint)
    first: dict[Status, int] = {}
    for one in collection.entries:
        first.setdefault(one.status, _file(lines, one, details, links))
    lines.finish(word("files.none"))
    pending = min((row for status, row in first.items() if status in PENDING), default=0)
    return FileList(first, pending, lines.last)


def _file(lines: Lines, one: Entry, details: Details, links: Links) -> int:
    known: tuple[CellValue, ...] = (None,) * 6
    if one.form:
        known = (one.agency.name, one.year, one.form, one.agency.revision, one.errors, one.warnings)
    spot, target = details.agency(one), links.file(one)
    look = word("files.look") if spot else ""
    said = (one.number, one.place, one.status.words.zh, *known, one.reason.zh, look)
    styles = (
        "number", "itemlink" if target else "item", f"tone_{one.status.tone}", "item", "date", "date", "date",
        "sum_bad" if one.errors else "sum", "sum_wait" if one.warnings else "sum", "item", "link" if spot else "item",
    )  # fmt: skip
    return lines.add(said, styles, {1: target, len(said) - 1: spot})
