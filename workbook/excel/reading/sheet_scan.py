"""Splits the XML of a sheet into its layout and the values typed, without parsing it.

One exact pattern takes plain cells. Joined again, the pieces are the part to the byte: nothing is passed over, and what
the pattern does not take stays in the gaps between cells, where it is compared as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from workbook.excel.reading.ooxml_parts import PackagePart, parse_part
from workbook.excel.reading.workbook_contents import ReadBudget
from workbook.safety.limits import cache_short_texts

Piece = bytes | None
"""One piece of a cell; None where the cell has none."""

_CELL = re.compile(
    rb'<c r="([A-Z]{1,3}[1-9][0-9]{0,6})"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?'
    rb"(?:/>|>(<f(?: [^<>]*)?(?:/>|>[^<]*</f>))?(?:<v>([^<]*)</v>)?</c>)"
)
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_OPEN, _CLOSE = b"<sheetData>", b"</sheetData>"
_DECLARATION = rb'(?:<\?xml version="1\.0"(?: encoding="(?:UTF-8|utf-8)")?(?: standalone="yes")?\?>[ \t\r\n]*)?'
_ROOT = re.compile(_DECLARATION + rb'(<worksheet(?: [a-zA-Z0-9:]+="[^"<>]*")*>)')
# What a program writes anew when a row was made taller, and nobody reads.
_ROW = re.compile(
    rb'<row r="([0-9]+)"((?: (?:spans|ht|s)="[0-9.: ]*"|'
    rb' (?:customHeight|customFormat|thickBot|thickTop)="(?:[01]|true|false)"| x14ac:dyDescent="[0-9.]*")*)>'
)
_ATTRIBUTE = re.compile(rb" ([a-zA-Z0-9:]+)=")
_ITEM = re.compile(
    rb'<si><t(?: xml:space="preserve")?>([^<]*)</t>(?:<phoneticPr fontId="[0-9]+"(?: type="[a-zA-Z]+")?/>)?</si>'
)
_STRINGS = re.compile(_DECLARATION + rb'<sst xmlns="[^"<>&]*"(?: count="[0-9]+")?(?: uniqueCount="[0-9]+")?>')
_END = re.compile(rb"[ \t\r\n]*</sst>[ \t\r\n]*")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_ENTITY = re.compile(rb"&(?:amp|lt|gt|quot|apos|#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {b"&amp;": "&", b"&lt;": "<", b"&gt;": ">", b"&quot;": '"', b"&apos;": "'"}


class SplitCells(NamedTuple):
    """The cells of a sheet's part: what stands between them, and of each cell its five pieces as bytes.

    Of a cell that stands in a gap, because it is no plain one, nothing is listed.
    """

    gaps: list[bytes]
    refs: list[bytes]
    styles: list[Piece]
    kinds: list[Piece]
    formulas: list[Piece]
    values: list[Piece]


class SplitSheet:
    """A sheet's part, and where it is cut: what stands before its cells, the cells, and what comes after them."""

    def __init__(self, part: bytes, start: int, end: int) -> None:
        self.part = part
        self.head, self.body, self.tail = part[:start], part[start:end], part[end:]

    @cached_property
    def cells(self) -> SplitCells:
        """The cells, taken apart."""
        pieces = _CELL.split(self.body)
        return SplitCells(*(pieces[n::6] for n in range(6)))

    @cached_property
    def stored(self) -> tuple[list[bytes], list[bytes]]:
        """All that is not the stored value of a cell, in pieces; and those values. Several times faster."""
        pieces = _VALUE.split(self.body)
        return pieces[0::2], pieces[1::2]


def split_sheet(part: bytes) -> SplitSheet | None:
    """Take a sheet's part; None where it has no cells that could be split."""
    start, end = part.find(_OPEN), part.rfind(_CLOSE)
    return SplitSheet(part, start + len(_OPEN), end) if 0 <= start < end else None


# around the cells -----------------------------------------------------------------------------------------------------


def same_gaps(gaps: Sequence[bytes], others: Sequence[bytes], *, x14ac: bool) -> bool:
    """Whether two sheets have the same rows and nothing else between their cells; how tall rows are does not matter.

    `x14ac` says whether the first sheet declares the prefix that programs give to one of a row's measures.
    """
    if gaps == others:
        return True
    pairs = zip(gaps, others, strict=True)
    return len(gaps) == len(others) and all(
        one == other or _plain_rows(one, x14ac=x14ac) == _plain_rows(other, x14ac=True) for one, other in pairs
    )


def _plain_rows(gap: bytes, *, x14ac: bool) -> bytes:
    def plain_row(row: re.Match[bytes]) -> bytes:
        names = _ATTRIBUTE.findall(row[2])
        sound = len(set(names)) == len(names) and (x14ac or b"x14ac:dyDescent" not in names)
        return b"<row %b>" % row[1] if sound else row[0]

    return _ROW.sub(plain_row, gap)


class _Head(PackagePart):
    """What stands before the cells of a sheet; anything that a reader would take notice of is refused."""

    root = "worksheet"

    def start(self, name: str, attributes: object) -> None:  # noqa: ARG002
        """Meet an element: only those that say how a sheet looks may come before its cells."""
        if name not in _LOOKS:
            raise ValueError(f"{name} before the cells")


_LOOKS = frozenset(
    ("sheetPr", "tabColor", "outlinePr", "pageSetUpPr", "dimension", "sheetViews", "sheetView", "pane", "selection")
) | {"sheetFormatPr", "cols", "col", "sheetData"}


@cache_short_texts(256, 1 << 14)  # the same few in most files
def plain_head(head: bytes) -> bytes | None:
    """The opening tag of a sheet, where all that stands between it and the cells only says how the sheet looks."""
    root = _ROOT.match(head)
    try:
        parse_part(head + b"</sheetData></worksheet>", _Head(ReadBudget()))
    except Exception:  # not well-formed, or something is there: the full reader will say
        return None
    return root[1] if root else None


# texts ----------------------------------------------------------------------------------------------------------------


def split_shared_texts(part: bytes) -> list[bytes] | None:
    """The shared texts as they are spelled; None where they are not plain ones, one like the other."""
    pieces = _ITEM.split(part)
    if not _STRINGS.fullmatch(pieces[0]) or not _END.fullmatch(pieces[-1]) or any(pieces[2:-1:2]):
        return None
    return pieces[1::2] if is_well_formed(b"\n".join(pieces[1::2])) else None


def is_well_formed(text: bytes) -> bool:
    """Whether a text, as an XML document spells it, has no mistake for which a parser would refuse the document."""
    if b"<" in text or len(text.translate(None, _CONTROLS)) < len(text):
        return False
    if b"]]>" in text or b"\xef\xbf\xbe" in text or b"\xef\xbf\xbf" in text:  # the mark, and two signs that are none
        return False
    if b"&" in text and text.count(b"&") != sum(_sign(entity) is not None for entity in _ENTITY.finditer(text)):
        return False
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def read_text(raw: bytes) -> str | None:
    """The text that is spelled so, of sound ones; None where it takes a parser to tell."""
    if b"\r" in raw:
        return None
    text = raw.decode("utf-8")
    if b"&" in raw:
        text = _REFERENCE.sub(lambda entity: _sign(_ENTITY.fullmatch(entity[0].encode())) or "", text)
    return None if "_x" in text else text


_REFERENCE = re.compile(_ENTITY.pattern.decode())


def _sign(entity: re.Match[bytes] | None) -> str | None:
    """The character that is spelled so; None where no document may hold it."""
    if entity is None or entity[0] in _NAMED:
        return _NAMED[entity[0]] if entity else None
    number = int(entity[1]) if entity[1] else int(entity[2], 16)
    allowed = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0xFFFF < number < 0x110000
    return chr(number) if allowed else None
