"""Opened workbooks of any content: cells moved, lost, doubled, of another kind; sheets and names gone or exchanged.
Reading refuses in a sentence (Unreadable), or gives a report that can be checked, told, written and read back the same.

The input is a list of edits, four bytes each, to one of the project's own workbooks: no file need be parsed."""

from __future__ import annotations

import tempfile
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

from tests.robustness.fuzz.mutation import NUMBERS, ODD, changed_bytes
from tests.robustness.fuzz.oracle import check_submission
from tests.robustness.fuzz.samples import workbooks
from tests.samples.agency_files import put
from tests.samples.package_edits import WORDS
from workbook.excel.reading import ooxml_reader
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.workbook_contents import Cell, Raw, Sheet, WorkbookContents
from workbook.excel.reading.workbook_reader import read_book
from workbook.model.cell_address import Place

REWRITTEN = 40
VALUES: tuple[Raw, ...] = (
    None, True, False, 0, 1, -1, 5, 17, 2022, 1.5, 1e300, -0.0, 10**18, "", " ", "\ufffd", *NUMBERS, *ODD, *WORDS,
)  # fmt: skip


@cache
def bases() -> tuple[WorkbookContents, ...]:
    with tempfile.TemporaryDirectory() as folder:
        put(Path(folder), {f"{n}.xlsx": data for n, data in enumerate(workbooks())})
        return tuple(ooxml_reader.read_ooxml(path) for path in sorted(Path(folder).iterdir()))


def seeds() -> list[bytes]:
    return [bytes([n]) + bytes(draw.randrange(256) for _ in range(4 * n)) for n in range(8) for draw in [Random(n)]]


def changed(data: bytes, draw: Random) -> bytes:
    return changed_bytes(data, draw)[:2000]


def tried(data: bytes, folder: Path) -> None:
    if not data:
        return
    book = bases()[data[0] % len(bases())]
    for at in range(1, len(data) - 3, 4):
        book = edited(book, *data[at : at + 4])
    try:
        submission = read_book(book)
    except Unreadable as refused:
        assert refused.message.zh
        return
    check_submission(submission, folder, write_too=zlib.crc32(data) % REWRITTEN == 0)


def edited(book: WorkbookContents, way: int, where: int, what: int, how: int) -> WorkbookContents:
    """The book after one edit."""
    if not book.sheets:
        return book
    number = where % len(book.sheets)
    sheet = book.sheets[number]
    if way % 16 == 15:
        return _package(book, list(book.sheets), number, what, how)
    if not sheet.cells:
        return book
    cells = _cells(dict(sheet.cells), way % 16, what, how)
    return replace(book, sheets=(*book.sheets[:number], replace(sheet, cells=cells), *book.sheets[number + 1 :]))


def _cells(cells: dict[Place, Cell], way: int, what: int, how: int) -> dict[Place, Cell]:
    """Cells moved, lost, doubled, of another kind."""
    places = sorted(cells)
    one, other = places[(what * 256 + how) % len(places)], places[(how * 251 + what) % len(places)]
    value = VALUES[(how * 7 + what) % len(VALUES)]
    match way:
        case 0 | 1 | 2:
            return cells | {one: Cell(value)}
        case 3 | 4:
            return cells | {one: replace(cells[one], value=value)}
        case 5:
            return cells | {one: cells[other], other: cells[one]}
        case 6:
            return cells | {other: cells[one]}
        case 7:
            return {place: cell for place, cell in cells.items() if place != one}
        case 8:
            return cells | {one: Cell("#REF!", cells[one].formula, error=True)}
        case 9:
            formula = ("", "SUM(D6:D7)", "D6", "1+1", "'表三'!D6", "D6")[how % 6]
            return cells | {one: Cell(cells[one].value, formula)}
        case 10:
            moved = {(row + (row >= one[0]) * (how % 5 - 2), col): cell for (row, col), cell in cells.items()}
            return {place: cell for place, cell in moved.items() if place[0] >= 0}
        case 11:
            return {(row, col + (col >= one[1]) * (how % 3)): cell for (row, col), cell in cells.items()}
        case 12 | 13:
            return {place: cell for place, cell in cells.items() if place[way - 12] != one[way - 12]}
        case _:
            return cells | {(row + 40, col): cell for (row, col), cell in cells.items()}


def _package(book: WorkbookContents, sheets: list[Sheet], number: int, what: int, how: int) -> WorkbookContents:
    """Sheets and names gone, doubled, exchanged."""
    names, properties = dict(book.names), dict(book.properties)
    keys = sorted(names)
    match what % 8:
        case 0:
            del sheets[number]
        case 1:
            sheets.append(replace(sheets[number], name=f"{sheets[number].name} (2)"))
        case 2:
            sheets[number] = replace(sheets[number], name=str(VALUES[how % len(VALUES)])[:31])
        case 3:
            sheets.append(sheets.pop(number))
        case 4 if keys:
            del names[keys[how % len(keys)]]
        case 5 if keys:
            names[keys[how % len(keys)]] = names[keys[(how * 7) % len(keys)]]
        case 6:
            properties = {key: value for key, value in properties.items() if how % 2}
            names = {key: value for key, value in names.items() if how % 3}
        case _:
            stamp = ("annual-2019|1|x", "annual-2021|9|x", "", "|", "a|b|c|d", "annual-2019|1")[how % 6]
            names["ogi.stamp"], properties["ogi.stamp"] = f'"{stamp}"', stamp
    return replace(book, sheets=tuple(sheets), names=names, properties=properties)
