"""What kind of document a file is, by its first bytes, and its blocks; a sentence for each that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from workbook.documents import libreoffice
from workbook.documents.reading import docx_reader, html_reader, pdf_reader, text_reader
from workbook.documents.reading.document_blocks import (
    MOST_COLUMNS,
    Block,
    DocumentBudget,
    Paragraph,
    TableCell,
    TableGrid,
)
from workbook.documents.reading.text_reader import NotText
from workbook.excel.reading import displayed_value
from workbook.excel.reading.file_type import Unreadable, recognise_file
from workbook.excel.reading.workbook_contents import Cell, CellLook, Sheet
from workbook.excel.reading.workbook_reader import open_workbook, read_workbook
from workbook.model.cell_address import format_address
from workbook.model.finding import Source
from workbook.rules.evaluation import Submission
from workbook.safety.limits import TooLarge, describe_limit, get_limit
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.reading")

LONGEST = 16 << 20
"""No web page or text of a report is longer."""

_MISSING = {"missing", "directory", "special", "permission", "unavailable", "empty", "owner", "picture", "archive"}
_OLD = {"xls", "et", "office", "ods", "xlsb", "xml2003"}


class OpenDocument(NamedTuple):
    """A document as read: its blocks and, where it is a workbook that holds a report, what that holds."""

    blocks: list[Block]
    submission: Submission | None = None


def make_unreadable(kind: str) -> Unreadable:
    """The exception for a document of that kind."""
    return Unreadable(kind, messages.get(f"kind.{kind}") if kind in messages.entry("kind") else None)


def _beyond(limit: str) -> Unreadable:
    large = make_unreadable("large")
    return Unreadable("large", large.message.then(describe_limit(limit))) if limit else large


def open_document(path: Path) -> OpenDocument:
    """The blocks of any document. `Unreadable` is all that can go wrong, and says what to do."""
    kind = _kind(path)
    if kind in messages.entry("kind") or kind in _MISSING:
        raise make_unreadable(kind)
    try:
        return _READERS[kind](path)
    except Unreadable:
        raise
    except TooLarge as trouble:
        raise _beyond(trouble.limit) from None
    except (MemoryError, RecursionError):
        raise make_unreadable("large") from None
    except ImportError:
        raise make_unreadable("library") from None
    except NotText:
        raise make_unreadable("not-text") from None
    except pdf_reader.PasswordNeeded:
        raise make_unreadable("encrypted") from None
    except pdf_reader.NoTextInPdf:
        raise make_unreadable("no-text") from None
    except libreoffice.LibreOfficeMissing:
        raise make_unreadable("office") from None
    except libreoffice.ConversionFailed:
        raise make_unreadable("convert") from None
    except Exception as trouble:  # untrusted files fail in every way
        raise make_unreadable("damaged") from trouble


def _kind(path: Path) -> str:
    """Name the kind of document."""
    try:
        recognise_file(path)
        kind = "xlsx"
    except Unreadable as said:
        kind = said.kind
    if kind in _MISSING:
        return _archive(path) if kind == "archive" else kind
    if path.stat().st_size > get_limit("file"):
        raise _beyond("file")
    if kind in ("html", "text", "unknown", "word", "damaged", "xml2003"):
        return _closer(path, kind)
    if kind in ("pdf", "slides", "encrypted", "rights", "large", "xlsx"):
        return kind
    return "old-sheet" if kind in _OLD else "unknown"


def _archive(path: Path) -> str:
    try:
        with ZipFile(path) as archive:
            names = {name.lower().replace("\\", "/") for name in archive.namelist()}
            return "docx" if "word/document.xml" in names else "unknown"
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return "damaged"


def _closer(path: Path, kind: str) -> str:
    """Tell documents apart that are no workbooks."""
    with path.open("rb") as file:
        head = file.read(1 << 14)
    if head.startswith(b"PK"):
        return "docx" if kind == "word" else _archive(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "old-text" if kind in ("word", "office") else "damaged"
    if head.startswith(b"{\\rtf"):
        return "old-text"
    low = head.replace(b"\0", b"").lower()
    markup = any(mark in low for mark in (b"<html", b"<!doctype html", b"<table", b"<body", b"<div", b"<p>"))
    if path.stat().st_size > LONGEST:
        return "large"
    return "html" if markup or path.suffix.lower() in (".html", ".htm", ".shtml") else "txt"


def _workbook(path: Path, file: str) -> OpenDocument:
    """A workbook: by its reader where that finds a report in it, else as mere tables."""
    found = read_sheet_blocks(path, file)
    try:
        return OpenDocument(found, read_workbook(path))
    except Unreadable:
        return OpenDocument(found)


def _bytes(read: Callable[[bytes, str], list[Block]]) -> Callable[[Path], OpenDocument]:
    return lambda path: OpenDocument(read(path.read_bytes(), path.name))


def _converted(suffix: str, read: Callable[[Path, str], OpenDocument]) -> Callable[[Path], OpenDocument]:
    def converted(path: Path) -> OpenDocument:
        with libreoffice.convert_document(path, suffix) as made:
            return read(made, path.name)

    return converted


_READERS: dict[str, Callable[[Path], OpenDocument]] = {
    "txt": _bytes(text_reader.read_text_blocks),
    "html": _bytes(html_reader.read_html_blocks),
    "docx": lambda path: OpenDocument(docx_reader.read_docx_blocks(path, path.name)),
    "pdf": lambda path: OpenDocument(pdf_reader.read_pdf_blocks(path, path.name)),
    "xlsx": lambda path: _workbook(path, path.name),
    "old-text": _converted("docx", lambda made, file: OpenDocument(docx_reader.read_docx_blocks(made, file))),
    "old-sheet": _converted("xlsx", _workbook),
}


# Workbooks that are no template of ours → blocks: each sheet is a table, its merged cells with their


_CELL = re.compile(r"[-−]?[0-9.,]+")


def read_sheet_blocks(path: Path, file: str) -> list[Block]:
    """The sheets of a workbook: rows of cells as tables, words alone in their row as text.

    Raises Unreadable, TooLarge.
    """
    allowance, book = DocumentBudget(), open_workbook(path)
    return [block for sheet in book.sheets for block in _sheet(sheet, file, allowance, late=book.late)]


def _sheet(sheet: Sheet, file: str, allowance: DocumentBudget, *, late: bool) -> Iterator[Block]:
    rows: dict[int, list[TableCell]] = {}
    for place, cell in sorted(sheet.cells.items()):
        allowance.span(1, 1)
        if text := allowance.words(_text(cell, sheet.looks.get(place), late=late)).strip():
            rows.setdefault(place[0], []).append(
                TableCell(text, Source(file, sheet.name, format_address(*place)), *place)
            )
    some: list[TableCell] = []
    for row in sorted(rows):
        alone = rows[row][0] if len(rows[row]) == 1 else None
        if alone is None or _CELL.fullmatch(alone.text):
            some += rows[row]
            continue
        if some:
            yield _grid(some, sheet.name, file, allowance)
            some = []
        yield from (Paragraph(line, alone.source) for line in alone.text.split("\n"))
    if some:
        yield _grid(some, sheet.name, file, allowance)


def _grid(boxes: list[TableCell], sheet: str, file: str, allowance: DocumentBudget) -> TableGrid:
    """Rows of a sheet as a table; places that hold nothing are its blank cells."""
    rows = {box.row for box in boxes}
    first, last = min(box.column for box in boxes), min(max(box.column for box in boxes), MOST_COLUMNS)
    there = {(box.row, box.column) for box in boxes}
    allowance.span(len(rows), last - first + 1)
    blank = [
        TableCell("", Source(file, sheet, format_address(row, column)), row, column)
        for row in rows
        for column in range(first, last + 1)
        if (row, column) not in there
    ]
    return TableGrid(tuple(sorted((*boxes, *blank), key=lambda box: (box.row, box.column))), boxes[0].source)


def _text(cell: Cell, look: CellLook | None, *, late: bool) -> str:
    """What a person reads there: an import has nothing else to go by than what other documents show."""
    value = displayed_value.get_displayed_value(cell, look, late=late)
    if value is None:
        return ""
    if isinstance(value, float):
        return format(Decimal(format(value, ".15g")), "f")
    return str(value)
