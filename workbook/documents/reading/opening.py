"""What kind of document a file is, by its first bytes, and its blocks; a sentence for each that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from workbook.documents import office
from workbook.documents.reading import page, plain, portable, sheets, word
from workbook.documents.reading.blocks import Block
from workbook.documents.reading.plain import NoText
from workbook.limits import TooLarge, limit, stated
from workbook.reading.read import read as read_workbook
from workbook.reading.recognise import Unreadable, recognise
from workbook.safety.messages import load_messages
from workbook.submission import Submission

messages = load_messages("workbook.documents.reading")

LONGEST = 16 << 20
"""No web page or text of a report is longer."""

_MISSING = {"missing", "directory", "special", "permission", "unavailable", "empty", "owner", "picture", "archive"}
_OLD = {"xls", "et", "office", "ods", "xlsb", "xml2003"}


class Opened(NamedTuple):
    """A document as read: its blocks and, where it is a workbook that holds a report, what that holds."""

    blocks: list[Block]
    submission: Submission | None = None


def unreadable(kind: str) -> Unreadable:
    """The exception for a document of that kind."""
    return Unreadable(kind, messages.get(f"kind.{kind}") if kind in messages.entry("kind") else None)


def _beyond(limit: str) -> Unreadable:
    large = unreadable("large")
    return Unreadable("large", large.message.then(stated(limit))) if limit else large


def open_document(path: Path) -> Opened:
    """The blocks of any document. `Unreadable` is all that can go wrong, and says what to do."""
    kind = _kind(path)
    if kind in messages.entry("kind") or kind in _MISSING:
        raise unreadable(kind)
    try:
        return _READERS[kind](path)
    except Unreadable:
        raise
    except TooLarge as trouble:
        raise _beyond(trouble.limit) from None
    except (MemoryError, RecursionError):
        raise unreadable("large") from None
    except ImportError:
        raise unreadable("library") from None
    except NoText:
        raise unreadable("not-text") from None
    except portable.Locked:
        raise unreadable("encrypted") from None
    except portable.NoWords:
        raise unreadable("no-text") from None
    except office.Absent:
        raise unreadable("office") from None
    except office.NotConverted:
        raise unreadable("convert") from None
    except Exception as trouble:  # strangers' files find every way to fail
        raise unreadable("damaged") from trouble


def _kind(path: Path) -> str:
    """Name the kind of document."""
    try:
        recognise(path)
        kind = "xlsx"
    except Unreadable as said:
        kind = said.kind
    if kind in _MISSING:
        return _archive(path) if kind == "archive" else kind
    if path.stat().st_size > limit("file"):
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


def _workbook(path: Path, file: str) -> Opened:
    """A workbook: by its reader where that finds a report in it, else as mere tables."""
    found = sheets.blocks(path, file)
    try:
        return Opened(found, read_workbook(path))
    except Unreadable:
        return Opened(found)


def _bytes(read: Callable[[bytes, str], list[Block]]) -> Callable[[Path], Opened]:
    return lambda path: Opened(read(path.read_bytes(), path.name))


def _converted(suffix: str, read: Callable[[Path, str], Opened]) -> Callable[[Path], Opened]:
    def converted(path: Path) -> Opened:
        with office.converted(path, suffix) as made:
            return read(made, path.name)

    return converted


_READERS: dict[str, Callable[[Path], Opened]] = {
    "txt": _bytes(plain.blocks),
    "html": _bytes(page.blocks),
    "docx": lambda path: Opened(word.blocks(path, path.name)),
    "pdf": lambda path: Opened(portable.blocks(path, path.name)),
    "xlsx": lambda path: _workbook(path, path.name),
    "old-text": _converted("docx", lambda made, file: Opened(word.blocks(made, file))),
    "old-sheet": _converted("xlsx", _workbook),
}
