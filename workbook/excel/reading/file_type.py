"""Recognises the kind of a file: one that is no .xlsx workbook gets a sentence that says what it is and what to do."""

from __future__ import annotations

import functools
import stat
import struct
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeVar
from zipfile import BadZipFile, ZipFile, is_zipfile

from workbook.excel.reading.workbook_contents import check_part_count, have_overlaps
from workbook.safety.limits import TooLarge, TooSlow, describe_limit, get_limit, limit_time
from workbook.safety.messages import Bilingual, UserError, load_messages

messages = load_messages("workbook.excel.reading")


class Unreadable(UserError):
    """A file that cannot be read as a report: `kind` names what it is ("damaged", "encrypted", "html" …)."""

    def __init__(self, kind: str, words: Bilingual | None = None) -> None:
        super().__init__(words or get_kind_message(kind))
        self.kind = kind


@cache
def get_kind_message(kind: str, group: str = "kind") -> Bilingual:
    """Return the message about a file of that kind: what it is, and what to do. KeyError for an unknown kind."""
    advice = {name: messages.get(f"advice.{name}") for name in messages.entry("advice")}
    return messages.get(f"{group}.{kind}", **advice)


def list_unread_kinds() -> tuple[str, ...]:
    """Every kind of file that is not read."""
    return tuple(messages.entry("kind"))


def build_too_large_error(limit: str) -> Unreadable:
    """The exception for a file that asks for more than a report needs: which limit, and how to widen it."""
    return Unreadable("large", get_kind_message("large").then(describe_limit(limit)) if limit else None)


@contextmanager
def read_within_time() -> Iterator[None]:
    """End what is done with one file when its time is over. Raises Unreadable."""
    try:
        with limit_time(get_limit("seconds")):
            yield
    except TooSlow:
        raise Unreadable("slow", get_kind_message("slow").then(describe_limit("seconds"))) from None


def recognise_file(path: Path) -> None:
    """Look at name, first bytes and list of parts; raise `Unreadable` unless this may be an .xlsx workbook."""
    try:
        kind = _kind(path)
    except TooLarge as trouble:
        raise build_too_large_error(trouble.limit) from None
    except FileNotFoundError:
        kind = "missing"
    except PermissionError:
        kind = "permission"
    except BadZipFile:
        kind = "damaged"
    except OSError:
        kind = "unavailable"
    except (ValueError, LookupError, NotImplementedError, struct.error, zlib.error, EOFError, RuntimeError):
        kind = "damaged"
    if kind:
        raise Unreadable(kind, _under_its_name(kind, path))


_SHEETS = (".xls", ".xlsx", ".xlsm", ".xlsb", ".xlt", ".xltx", ".xltm", ".et", ".ett", ".ods")
_MAILS = (".eml", ".mbox")
_TABLES = (".csv", ".tsv")
_NOTES = (".txt", ".text", ".md", ".log")
"""How the names end of what is a workbook by its name, a letter, a table in a text, a note."""


def _under_its_name(kind: str, path: Path) -> Bilingual | None:
    """What is said of a page or a text that does not pretend to be a workbook; None where its kind says all."""
    end = path.suffix.lower()
    if kind not in ("html", "text") or end in _SHEETS:
        return None
    if end in _MAILS:
        return get_kind_message("mail", "plain")
    if kind == "html":
        return None if end in _TABLES else get_kind_message("note" if end in _NOTES else "page", "plain")
    return get_kind_message("table" if end in _TABLES else "note", "plain")


def _kind(path: Path) -> str:
    """Name the kind of file, or nothing where it may be a workbook."""
    if "\0" in str(path):
        return "missing"
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        return "directory"
    if not stat.S_ISREG(status.st_mode):  # reading a pipe would wait for ever
        return "special"
    if is_owner_file(path):
        return "owner"
    if status.st_size == 0:
        return "empty"
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, kind in _MARKS:
        if head.startswith(mark):
            return kind
    if _GUARDED in head[:64]:
        return "rights"
    if head.startswith(_OLE):
        return _compound(path)
    if head.startswith((b"PK\3\4", b"PK\5\6", b"PK\7\x08")):  # of a text, the first word may be PK
        return _archive(path)
    return _other(path, head)


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b\x08", "archive"),
    (b"{\\rtf", "word"),
    (b"%TSD-Header-###%", "rights"),
    # Excel 2 to 4 wrote their records without a container.
    (b"\x09\x00\x04\x00", "xls"),
    (b"\x09\x02\x06\x00", "xls"),
    (b"\x09\x04\x06\x00", "xls"),
)
_GUARDED = b"E-SafeNet"
"""Near the beginning of what another product for encrypting a whole office's files wrote."""


def is_owner_file(path: Path) -> bool:
    """Whether an Office program left this file beside a workbook that is open."""
    return path.name.startswith(("~$", ".~lock."))


_OTHERS = ("xl/workbook.bin", "word/document.xml", "ppt/presentation.xml", "mimetype")
"""The parts by which other files are known that are packages, too."""


def is_workbook_package(names: Collection[str], *, locked: bool) -> bool:
    """Whether a package is a workbook and nothing else, by its parts in small letters; `locked` if any is encrypted."""
    return not locked and "xl/workbook.xml" in names and not any(name in names for name in _OTHERS)


def _archive(path: Path) -> str:
    """Tell a workbook from the other things that are zip archives."""
    if path.stat().st_size <= get_limit("file"):  # larger: an archive, or a file that no reader will take
        check_part_count(path.read_bytes())
    with ZipFile(path) as archive:
        if have_overlaps(archive.infolist()):
            return "forged"
        members = {member.filename.replace("\\", "/").lower(): member for member in archive.infolist()}
        if "xl/workbook.bin" in members:
            return "xlsb"
        if "word/document.xml" in members:
            return "word"
        if "ppt/presentation.xml" in members:
            return "slides"
        if "mimetype" in members:
            with archive.open(members["mimetype"]) as file:
                return "ods" if b"opendocument.spreadsheet" in file.read(100) else "unknown"
        if "xl/workbook.xml" not in members:
            if "[content_types].xml" not in members:
                return _no_package(members)
            with archive.open(members["[content_types].xml"]) as file:
                types = file.read(1 << 20).replace(b"\0", b"")  # it may be in UTF-16
            if kind := next((kind for mark, kind in _TYPES if mark in types), ""):
                return kind
            if b"spreadsheetml" not in types:
                return "unknown"
        return "encrypted" if any(member.flag_bits & 1 for member in members.values()) else ""


_TYPES = (
    (b"ms-excel.sheet.binary", "xlsb"),
    (b"wordprocessingml.document", "word"),
    (b"presentationml.presentation", "slides"),
)
"""What a package says its main part is, where that has not the usual name."""


def _no_package(members: Iterable[str]) -> str:
    """Tell a mere archive from what is left of a workbook, and from a document of Numbers, Pages or Keynote."""
    names = list(members)
    if not names or any(name.startswith("xl/") for name in names):
        return "damaged"
    return "unknown" if any(name.endswith(".iwa") for name in names) else "archive"


def _compound(path: Path) -> str:
    """Tell the old Office formats apart, and what hides an encrypted workbook, by the streams they hold."""
    streams = {name.lower() for name in _streams(path)}  # programs spell them in either case
    if streams & _MANAGED:  # beside what is protected may stand a workbook that says so
        return "rights"
    if "encryptedpackage" in streams:
        return "encrypted"
    if streams & {"workbook", "book"}:
        return "et" if path.suffix.lower() in (".et", ".ett") else "xls"
    if "worddocument" in streams:
        return "word"
    if "powerpoint document" in streams:
        return "slides"
    return "office" if streams else "damaged"


_MANAGED = {"drmencrypteddataspace", "drmencryptedtransform", "\tdrmcontent", "\tdrmdataspace", "\tdrmtransform"}
"""The names by which rights management marks a document, [MS-OFFCRYPTO] 2.2; no password opens it."""


def _streams(path: Path) -> set[str]:
    """List the names in the directory of a compound file, following its chain of sectors."""
    names: set[str] = set()
    with path.open("rb") as file:
        head = file.read(512)
        size = 1 << struct.unpack_from("<H", head, 30)[0]
        if size not in (512, 4096):
            return names
        tables = struct.unpack_from("<109I", head, 76)
        (sector,) = struct.unpack_from("<I", head, 48)
        for _ in range(256):  # of a chain that runs in a circle, so much is enough
            if sector // (size // 4) >= len(tables):
                break
            file.seek((sector + 1) * size)
            entries = file.read(size)
            for at in range(0, len(entries) - 127, 128):
                (length,) = struct.unpack_from("<H", entries, at + 64)
                names.add(entries[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace"))
            file.seek((tables[sector // (size // 4)] + 1) * size + sector % (size // 4) * 4)
            link = file.read(4)
            if len(link) < 4:
                break
            (sector,) = struct.unpack("<I", link)
    return names - {""}


def _other(path: Path, head: bytes) -> str:
    """Name what no mark at the beginning tells: pictures, text, or an archive behind something else."""
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return "picture"
    if (head.startswith(b"RIFF") and head[8:12] == b"WEBP") or head[4:8] == b"ftyp":
        return "picture"
    if is_zipfile(path):  # behind something else, which is what some programs open
        return _archive(path) or "ambiguous"
    return _written(head)


def _written(head: bytes) -> str:
    """Tell web pages and XML from plain text, and text from anything else."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "replace")
    elif head.translate(None, _CONTROLS) == head:
        text = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")  # only its ASCII is looked at
    else:
        return "unknown"
    text = text.strip().lower()
    if "<html" in text or text.startswith(("<!doctype html", "<table", "<head", "<meta", "<style", "mime-version:")):
        return "html"
    if not text.startswith("<?xml"):
        return "text"
    if "urn:schemas-microsoft-com:office:spreadsheet" in text or 'progid="excel.sheet"' in text:
        return "xml2003"
    return "ods" if "opendocument" in text else "unknown"


_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1a\x1b"))


# A file must not change while it is read: half of the old and half of the new would be neither


T = TypeVar("T")


def get_file_state(path: Path) -> tuple[int, int] | None:
    """What shows that a file was changed or replaced: its size, and when it was written; None where it is not there."""
    try:
        at = path.stat()
    except (OSError, ValueError):
        return None
    return at.st_size, at.st_mtime_ns


def refuse_changing_file(read: Callable[[Path], T]) -> Callable[[Path], T]:
    """Make a function that reads a file raise Unreadable where the file changed meanwhile."""

    @functools.wraps(read)
    def reading(path: Path) -> T:
        before = get_file_state(path)
        try:
            found = read(path)
        except Exception:
            if get_file_state(path) != before:
                raise Unreadable("changed") from None
            raise
        if get_file_state(path) != before:
            raise Unreadable("changed")
        return found

    return reading
