"""Plain text files → blocks: one paragraph per line, whatever the encoding."""

from __future__ import annotations

import codecs

from workbook.documents.reading.document_blocks import Block, DocumentBudget, Paragraph
from workbook.model.finding import Source
from workbook.safety.limits import TooLarge, get_limit

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OTHERS = ("utf-8", "gb18030", "big5")


class NotText(Exception):
    """Bytes that are no text in any encoding known here."""


def decode_text(data: bytes, stated: str = "") -> str:
    """Bytes as text: by their mark, as stated, as UTF-16 where every other byte is 0, else by trial. Raises NotText."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _tidy(data[len(mark) :].decode(encoding, "replace"))
    for encoding in (*_sixteen(data), *((stated,) if stated else ()), *_OTHERS):
        try:
            text = data.decode(_meant(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
        if _readable(text):
            return _tidy(text)
    raise NotText


def _meant(encoding: str) -> str:
    """The encoding really used where a page names an older part of it."""
    return "gb18030" if encoding.strip().lower().replace("-", "") in ("gb2312", "gbk", "gb18030") else encoding


def _sixteen(data: bytes) -> tuple[str, ...]:
    """UTF-16 without a mark: Chinese text still has line ends and digits, whose other byte is 0."""
    head = data[: 1 << 16]
    if head.count(0) < max(1, len(head) // 50):
        return ()
    return ("utf-16-le",) if head[1::2].count(0) >= head[::2].count(0) else ("utf-16-be",)


def _readable(text: str) -> bool:
    sample = text[: 1 << 16]
    odd = sum(
        1
        for character in sample
        if (character < " " and character not in "\t\r\n\f\v") or "\ue000" <= character <= "\uf8ff"
    )
    return odd * 50 <= len(sample)


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def read_text_blocks(data: bytes, file: str) -> list[Block]:
    """The lines of a text file. Raises NotText, TooLarge."""
    text = decode_text(data)
    DocumentBudget().spend_text(text)
    if text.count("\n") >= get_limit("paragraphs"):
        raise TooLarge("paragraphs")
    return [Paragraph(line, Source(file, "", f"第{n}行")) for n, line in enumerate(text.split("\n"), 1)]
