"""What kind of document a file is, by its first bytes, and its blocks; a sentence for each that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from workbook.documents import libreoffice
from workbook.documents.reading.document_blocks import Block
from workbook.documents.reading.docx_reader import read_docx_blocks
from workbook.documents.reading.html_reader import read_html_blocks
from workbook.documents.reading.pdf_reader import NoTextInPdf, PasswordNeeded, read_pdf_blocks
from workbook.documents.reading.sheet_reader import read_sheet_blocks
from workbook.documents.reading.text_reader import NotText, read_text_blocks
from workbook.excel.reading.file_type import Unreadable, recognise_file
from workbook.excel.reading.workbook_reader import read_workbook
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


def _make_too_large(limit: str) -> Unreadable:
    large = make_unreadable("large")
    return Unreadable("large", large.message.then(describe_limit(limit))) if limit else large


_KIND_OF_ERROR: dict[type[BaseException], str] = {
    MemoryError: "large",
    RecursionError: "large",
    ImportError: "library",
    NotText: "not-text",
    PasswordNeeded: "encrypted",
    NoTextInPdf: "no-text",
    libreoffice.LibreOfficeMissing: "office",
    libreoffice.ConversionFailed: "convert",
}
"""What ends the reading of a document, and the kind of file it then is; after any other error it is damaged."""


def open_document(path: Path) -> OpenDocument:
    """The blocks of any document. `Unreadable` is all that can go wrong, and says what to do."""
    kind = recognise_document(path)
    if kind in messages.entry("kind") or kind in _MISSING:
        raise make_unreadable(kind)
    try:
        return _READERS[kind](path)
    except Unreadable:
        raise
    except TooLarge as error:
        raise _make_too_large(error.limit) from None
    except Exception as error:  # untrusted files fail in every way
        kind = next((kind for type_, kind in _KIND_OF_ERROR.items() if isinstance(error, type_)), "damaged")
        raise make_unreadable(kind) from (error if kind == "damaged" else None)


def recognise_document(path: Path) -> str:
    """Name the kind of document: that of a reader, or one that has a sentence among the messages."""
    try:
        recognise_file(path)
        kind = "xlsx"
    except Unreadable as refused:
        kind = refused.kind
    if kind in _MISSING:
        return _look_into_archive(path) if kind == "archive" else kind
    if path.stat().st_size > get_limit("file"):
        raise _make_too_large("file")
    if kind in ("html", "text", "unknown", "word", "damaged", "xml2003"):
        return _look_at_bytes(path, kind)
    if kind in ("pdf", "slides", "encrypted", "rights", "large", "xlsx"):
        return kind
    return "old-sheet" if kind in _OLD else "unknown"


def _look_into_archive(path: Path) -> str:
    """Whether a zip archive is a Word file."""
    try:
        with ZipFile(path) as archive:
            names = {name.lower().replace("\\", "/") for name in archive.namelist()}
            return "docx" if "word/document.xml" in names else "unknown"
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return "damaged"


def _look_at_bytes(path: Path, kind: str) -> str:
    """Tell documents apart that are no workbooks."""
    with path.open("rb") as file:
        head = file.read(1 << 14)
    if head.startswith(b"PK"):
        return "docx" if kind == "word" else _look_into_archive(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "old-text" if kind in ("word", "office") else "damaged"
    if head.startswith(b"{\\rtf"):
        return "old-text"
    low = head.replace(b"\0", b"").lower()
    markup = any(mark in low for mark in (b"<html", b"<!doctype html", b"<table", b"<body", b"<div", b"<p>"))
    if path.stat().st_size > LONGEST:
        return "large"
    return "html" if markup or path.suffix.lower() in (".html", ".htm", ".shtml") else "txt"


def _read_workbook(path: Path, file: str) -> OpenDocument:
    """A workbook: by its reader where that finds a report in it, else as mere tables."""
    blocks = read_sheet_blocks(path, file)
    try:
        return OpenDocument(blocks, read_workbook(path))
    except Unreadable:
        return OpenDocument(blocks)


def _read_docx(path: Path, file: str) -> OpenDocument:
    return OpenDocument(read_docx_blocks(path, file))


def _convert(suffix: str, read: Callable[[Path, str], OpenDocument]) -> Callable[[Path], OpenDocument]:
    """A reader of an old format: LibreOffice makes a file of that suffix, which is read as the first one."""

    def read_converted(path: Path) -> OpenDocument:
        with libreoffice.convert_document(path, suffix) as converted:
            return read(converted, path.name)

    return read_converted


_READERS: dict[str, Callable[[Path], OpenDocument]] = {
    "txt": lambda path: OpenDocument(read_text_blocks(path.read_bytes(), path.name)),
    "html": lambda path: OpenDocument(read_html_blocks(path.read_bytes(), path.name)),
    "docx": lambda path: _read_docx(path, path.name),
    "pdf": lambda path: OpenDocument(read_pdf_blocks(path, path.name)),
    "xlsx": lambda path: _read_workbook(path, path.name),
    "old-text": _convert("docx", _read_docx),
    "old-sheet": _convert("xlsx", _read_workbook),
}
