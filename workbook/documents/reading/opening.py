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
from workbook.finding import Words
from workbook.limits import TooLarge, limit, stated
from workbook.reading.read import read as read_workbook
from workbook.reading.recognise import KINDS, Unreadable, recognise
from workbook.submission import Submission

LONGEST = 16 << 20
"""No web page or text of a report is longer."""

_MISSING = {"missing", "directory", "special", "permission", "unavailable", "empty", "owner", "picture", "archive"}
_OLD = {"xls", "et", "office", "ods", "xlsb", "xml2003"}

SENTENCES = {
    "directory": Words("这是文件夹，不是文件：请选择其中的报告。", "This is a folder: choose the report in it."),
    "special": Words("这不是普通文件，无法读取：请选择报告文件。", "This is no regular file: choose the report."),
    "picture": Words(
        "这是图片，程序不识别图片中的数字：请用原始的 Word、网页或可选中文字的 PDF。",
        "This is a picture; figures in pictures are not read: use the original document.",
    ),
    "large": Words(
        "文件远大于一份年报，为安全起见没有读取：请删去多余的图片和附件，或只保存报告正文后再试。",
        "The file is far larger than a report and was not read: remove pictures and annexes, or save the report alone.",
    ),
    "not-text": Words(
        "无法识别这个文件的文字编码：请用 UTF-8 或 GB18030 另存后再试。",
        "The encoding of this text cannot be told: save it as UTF-8 or GB18030 and try again.",
    ),
    "damaged": Words(
        "文件已损坏或不完整，无法读取：请重新获取后再试。", "The file is damaged or incomplete: get it again."
    ),
    "encrypted": Words(
        "这个文件已加密或设有打开密码：请取消加密后再试。",
        "The file is encrypted or needs a password: remove that and try again.",
    ),
    "rights": Words(
        "这个文件受权限管理（IRM）或单位加密软件保护，离开获授权的电脑就打不开：请先解除保护（解密）后再试。",
        "The file is protected by rights management or by an office's encryption software: remove that and try again.",
    ),
    "no-text": Words(
        "这份 PDF 里没有文字，应为扫描件：请用原始的 Word、网页或可选中文字的 PDF；程序不识别图片中的数字。",
        "There is no text in this PDF: it is a scan. Use the original document; figures in pictures are not read.",
    ),
    "library": Words(
        "读取这种文件需要另外的程序库：请运行 pip install 'ogi-workbook[documents]' 后再试。",
        "Reading this kind of file needs a library more: run pip install 'ogi-workbook[documents]' and try again.",
    ),
    "office": Words(
        "读取这种旧格式文件需要 LibreOffice：请安装后再试，或用 WPS、Word 打开，另存为 .docx 或 .xlsx。",
        "Reading this old format needs LibreOffice: install it, or save the file as .docx or .xlsx.",
    ),
    "convert": Words(
        "LibreOffice 没能打开这个文件：请用 WPS 或 Office 打开，另存为 .docx 或 .xlsx 后再试。",
        "LibreOffice could not open this file: open it in Office or WPS and save it as .docx or .xlsx.",
    ),
    "slides": Words("这是演示文稿，不是报告：请核对是否选对了文件。", "This is a presentation, no report."),
    "unknown": Words(
        "无法识别这个文件：可以读取 .docx、.doc、.wps、.pdf、.html、.txt、.xls、.et、.xlsx。",
        "This file is of no known kind: .docx .doc .wps .pdf .html .txt .xls .et .xlsx can be read.",
    ),
}
"""What is said of a document that cannot be read."""


class Opened(NamedTuple):
    """A document as read: its blocks and, where it is a workbook that holds a report, what that holds."""

    blocks: list[Block]
    submission: Submission | None = None


def unreadable(kind: str) -> Unreadable:
    """The exception for a document of that kind."""
    return Unreadable(kind, SENTENCES.get(kind) or KINDS[kind])


def _beyond(limit: str) -> Unreadable:
    more = stated(limit) if limit else Words("", "")
    return Unreadable("large", Words(SENTENCES["large"].zh + more.zh, SENTENCES["large"].en + more.en))


def open_document(path: Path) -> Opened:
    """The blocks of any document. `Unreadable` is all that can go wrong, and says what to do."""
    kind = _kind(path)
    if kind in SENTENCES or kind in _MISSING:
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
