"""Reads a workbook exactly from its package (zip and XML), by the standard library alone: the first reader.

Every part is inflated within bounds, its checksum compared, and parsed by expat, which takes any spelling XML allows.
Nothing is guessed: what this reader does not understand it leaves to `openpyxl_reader` by raising `NeedsOpenpyxl`.
"""

from __future__ import annotations

import hashlib
import posixpath
import struct
import zlib
from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from workbook.excel.reading.cell_appearance import CellStyles
from workbook.excel.reading.cell_styles import read_cell_styles
from workbook.excel.reading.external_content import find_external_references, find_package_references
from workbook.excel.reading.ooxml_parts import (
    CustomProperties,
    PartLinks,
    SharedTexts,
    SheetPart,
    WorkbookPart,
    parse_part,
)
from workbook.excel.reading.workbook_contents import (
    PROPERTIES,
    ReadBudget,
    Sheet,
    WorkbookContents,
    check_part_count,
    has_macros,
    have_overlaps,
    read_bytes,
    refuse_duplicates,
)
from workbook.safety.limits import TooLarge

__all__ = ["NeedsOpenpyxl", "PackageParts", "ReadBudget", "TooLarge", "read_links", "read_ooxml"]


class NeedsOpenpyxl(Exception):
    """The file is not for this reader; the tolerant one may take it."""


def read_ooxml(path: Path, budget: ReadBudget | None = None) -> WorkbookContents:
    """Read a workbook. Raises NeedsOpenpyxl where the second reader should be asked, TooLarge where none should."""
    try:
        return _read(path, budget or ReadBudget())
    except (expat.ExpatError, BadZipFile, zlib.error, struct.error, LookupError, ValueError) as trouble:
        raise NeedsOpenpyxl(str(trouble)) from trouble
    except (OSError, NotImplementedError, OverflowError, EOFError) as trouble:
        raise NeedsOpenpyxl(str(trouble)) from trouble


def _sheet(
    parts: PackageParts, name: str, hidden: bool, link: tuple[str, str], strings: SharedTexts, styles: CellStyles
) -> Sheet:
    kind, target = link
    sheet = SheetPart(strings.texts, parts.budget, styles, strings.written)
    if kind == "worksheet":  # a chart sheet has no cells
        parse_part(parts.read(target), sheet)
    return sheet.made(name, hidden)


def _read(path: Path, budget: ReadBudget) -> WorkbookContents:
    raw = read_bytes(path)
    parts = PackageParts(raw, budget)
    main = dict(read_links(parts, "").values())["officeDocument"]
    links = read_links(parts, main)
    workbook = parse_part(parts.read(main), WorkbookPart(budget))
    strings, properties = SharedTexts(budget), CustomProperties(budget)
    for kind, target in links.values():
        if kind == "sharedStrings":
            parse_part(parts.read(target), strings)
    styles = read_styles(parts, links)
    if PROPERTIES in parts:
        parse_part(parts.read(PROPERTIES), properties)
    links = {**links, "": NOWHERE}
    refuse_duplicates(links[link][1] for _, _, link in workbook.sheets if link)
    beyond = [links[link][1] for link in workbook.externals]
    externals = [read_links(parts, part) for part in beyond]
    reaches = [reach for part in beyond if (reach := find_external_references(parts.read(part)))]
    reaches += find_package_references(parts.names, parts.read, beyond)
    return WorkbookContents(
        path=path,
        reader="package",
        sheets=tuple(
            _sheet(parts, name, hidden, links[link], strings, styles) for name, hidden, link in workbook.sheets
        ),
        names=workbook.names,
        properties=properties.texts,
        external_links=tuple(next(iter(found.values()))[1] for found in externals if found),
        macros=has_macros(parts.names),
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        reaches=tuple(dict.fromkeys(reaches)),
        unstyled=not styles.read,
        late=workbook.late,
    )


def read_styles(parts: PackageParts, links: Mapping[str, tuple[str, str]]) -> CellStyles:
    """The styles of the workbook whose links these are; the usual one where it has no part for them."""
    styles, themes = (
        [target for kind, target in links.values() if kind == which and target in parts]
        for which in ("styles", "theme")
    )
    if len(styles) > 1 or len(themes) > 1:  # programs differ in which of them they take
        raise ValueError("styles twice")
    theme = parts.read(themes[0]) if styles and themes else b""
    return read_cell_styles(parts.read(styles[0]), theme, parts.budget) if styles else CellStyles()


NOWHERE = "module", ""
"""Where a sheet without a part leads: macros of Excel 95, which later programs list and never show."""


class PackageParts:
    """The parts of a package by name, in any case and with either slash."""

    def __init__(self, raw: bytes, budget: ReadBudget) -> None:
        check_part_count(raw)
        with ZipFile(BytesIO(raw)) as archive:
            members = archive.infolist()
        if have_overlaps(members):
            raise ValueError("parts share bytes")
        refuse_duplicates(member.filename for member in members)
        self._raw, self.budget = raw, budget
        self._members = {_key(member.filename): member for member in members}
        self.names = tuple(self._members)
        self.locked = any(member.flag_bits & 1 for member in members)
        """Whether any part needs a password."""

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._members

    def read(self, name: str) -> bytes:
        """Inflate a part, within bounds and by its checksum. ValueError, KeyError, zlib.error, TooLarge."""
        member = self._members[_key(name)]
        self.budget.spend(member.file_size)
        head = self._raw[member.header_offset : member.header_offset + 30]
        mark, name_size, extra_size = struct.unpack("<4s22xHH", head)
        start = member.header_offset + 30 + name_size + extra_size
        data = self._raw[start : start + member.compress_size]
        if mark != b"PK\3\4" or member.flag_bits & 1:
            raise ValueError(f"damaged or encrypted: {name}")
        if member.compress_type == ZIP_DEFLATED:
            # One byte more than announced is asked for, so that a lying size shows.
            data = zlib.decompressobj(-15).decompress(data, member.file_size + 1)
        elif member.compress_type != ZIP_STORED:
            raise ValueError(f"compressed in an unusual way: {name}")
        if len(data) != member.file_size or zlib.crc32(data) != member.CRC:
            raise ValueError(f"damaged: {name}")
        return data


def _key(name: str) -> str:
    return name.replace("\\", "/").lower()


def read_links(parts: PackageParts, part: str) -> Mapping[str, tuple[str, str]]:
    """Find what a part refers to: kind and target by the identifier it uses."""
    folder, name = posixpath.split(part)
    file = posixpath.join(folder, "_rels", f"{name}.rels")
    if file not in parts:
        return {}
    said = parts.read(file)
    return _linked(folder, said) if len(said) <= LONGEST else _links(folder, said, parts.budget)


LONGEST = 1 << 14
"""Bytes of links beyond which they are not kept from one file to the next."""


@lru_cache(maxsize=256)  # the same few in every file
def _linked(folder: str, part: bytes) -> Mapping[str, tuple[str, str]]:
    return _links(folder, part, ReadBudget())


def _links(folder: str, part: bytes, budget: ReadBudget) -> Mapping[str, tuple[str, str]]:
    return MappingProxyType(parse_part(part, PartLinks(folder, budget)).found)
