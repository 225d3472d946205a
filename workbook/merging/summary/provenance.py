"""溯源 and 栏目位置: what every file is, byte by byte, and where in it the figure of a column stands."""

from __future__ import annotations

from workbook.form import Cell
from workbook.grid import a1
from workbook.merging.collection import Collection
from workbook.merging.data.report_table import label
from workbook.merging.status import COUNTED, Entry, Status
from workbook.merging.summary.details import TOTAL, Details
from workbook.merging.summary.links import Links
from workbook.merging.summary.lists import Lines
from workbook.merging.summary.words import entry, word, words
from workbook.template.pen import Pen


def draw_provenance(pen: Pen, collection: Collection, details: Details, links: Links) -> None:
    """Draw the list of files with their fingerprints."""
    widths = (6, 44, 18, 13, 20, 20, 10, 13, 9, 9, 52)
    hint = word("provenance.hint", n=len(collection.entries), places=word("sheet.places"))
    lines = Lines(pen, word("sheet.provenance"), words("provenance.columns"), widths, hint)
    for one in collection.entries:
        _file(lines, one, details, links)
    lines.finish(word("provenance.none"))


def _file(lines: Lines, one: Entry, details: Details, links: Links) -> None:
    target = links.file(one)
    reader = entry("provenance.readers").get(one.reader, one.reader)
    size = None if one.status is Status.SKIPPED and not one.size else one.size
    number = details.gathered.layout(one)
    at = number or (word("places.other") if one.status in COUNTED else None)
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


def draw_places(pen: Pen, details: Details) -> None:
    """Draw where each figure stands in the files: a line a cell of the form, a column for each way files are made."""
    gathered = details.gathered
    heads = [word("places.layout", n=n, count=count) for n, count in enumerate(gathered.counts, 1)]
    columns = [*words("places.columns"), *heads]
    hint = word("places.hint", **{key: word(f"sheet.{key}") for key in ("details", "provenance")})
    widths = (6, 8, 52, 40, 9, *[26] * len(heads))
    lines = Lines(pen, word("sheet.places"), columns, widths, hint, frozen=3, head=36)
    for cell in details.form.cells:
        _cell(lines, cell, details)
    lines.finish()


def _cell(lines: Lines, cell: Cell, details: Details) -> None:
    sheet = next(one.sheet for one in details.form.sections if one.code == cell.table.section)
    column = a1(TOTAL, details.column(cell)).rstrip("0123456789")
    at = []
    for places in details.gathered.layouts:
        where, ref = places.get(cell.code, ("", ""))
        at.append(f"{where}!{ref}" if where else ref)
    look = "link" if details.listed else "date"
    styles = ("number", "item", "item", "item", look, *["item"] * len(at))
    lines.add((cell.index + 1, sheet, label(cell).zh, cell.code, column, *at), styles, {4: details.total(cell)})
