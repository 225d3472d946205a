"""Holds the package (zip archive) of a workbook: its parts by name, and the links between them.

A package is refused where two programs could find different parts in it: two parts of one name, as the standard
compares names (ISO/IEC 29500-2, 6.3.5); an entry that says another name at its place than in the list at the end of
the file; an entry that is not in that list; anything before the first. What it holds is inflated within bounds, and
compared with its checksum.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from workbook.excel.reading.ooxml_parts import PartLink, PartLinks, parse_once
from workbook.excel.reading.workbook_contents import AmbiguousWorkbook, ReadBudget, check_part_count, have_overlaps

LITTLE = 1 << 16
"""Bytes of a part, inflated, up to which that is done once for all files that have the same."""
_LOCAL = struct.Struct("<4sHHH4xIIIHH")
"""What is before each part: mark, version, flags, method, (time,) checksum, two sizes, lengths of name and extra."""
_STREAMED, _ENCRYPTED, _LARGE = 8, 1, 0xFFFFFFFF
_PERCENT = re.compile("%([0-9a-f]{2})")


class PackageParts:
    """The parts of a package by name, in any case and with either slash. Raises AmbiguousWorkbook, ValueError."""

    def __init__(self, raw: bytes, budget: ReadBudget) -> None:
        check_part_count(raw)
        with ZipFile(BytesIO(raw)) as archive:
            members = archive.infolist()
        if have_overlaps(members):
            raise ValueError("parts share bytes")
        self._raw, self.budget = raw, budget
        self._members = {_key(member.filename): member for member in members}
        if len(self._members) < len(members):
            raise AmbiguousWorkbook("a part is there twice")
        self.names = tuple(self._members)
        self.locked = any(member.flag_bits & _ENCRYPTED for member in members)
        """Whether any part needs a password."""
        self.size = sum(member.file_size for member in members)
        """Bytes of all parts, inflated."""

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._members

    def check_entries(self) -> None:
        """Refuse a package that a program may read otherwise which goes from entry to entry. AmbiguousWorkbook."""
        at = 0
        for member in sorted(self._members.values(), key=lambda one: one.header_offset):
            if b"PK\3\4" in self._raw[at : member.header_offset] or (at == 0 and member.header_offset):
                raise AmbiguousWorkbook(f"bytes before {member.filename}")
            at = self._check_entry(member)
        if self._raw.find(b"PK\3\4", at) >= 0:
            raise AmbiguousWorkbook("an entry that is not listed")

    def _check_entry(self, member: ZipInfo) -> int:
        """Compare what stands before a part with what the list says of it; where the part ends."""
        start = member.header_offset
        mark, _, flags, method, checksum, packed, size, name_size, extra_size = _LOCAL.unpack_from(self._raw, start)
        name = self._raw[start + _LOCAL.size :][:name_size]
        said = member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437")
        if mark != b"PK\3\4":  # damaged, which matters if it is read
            return start + _LOCAL.size
        same = name == said and method == member.compress_type
        described = checksum, packed, size
        # Sizes may be behind the part, in another field, or left open.
        if not flags & _STREAMED and _LARGE not in described and any(described):
            same = same and described == (member.CRC, member.compress_size, member.file_size)
        if not same:
            raise AmbiguousWorkbook(f"two descriptions of {member.filename}")
        return int(start + _LOCAL.size + name_size + extra_size + member.compress_size)

    def read(self, name: str) -> bytes:
        """Inflate a part, within bounds and by its checksum. ValueError, KeyError, zlib.error, TooLarge."""
        member = self._members[_key(name)]
        self.budget.spend(member.file_size)
        mark, *_, name_size, extra_size = _LOCAL.unpack(self._raw[member.header_offset :][: _LOCAL.size])
        start = member.header_offset + _LOCAL.size + name_size + extra_size
        if mark != b"PK\3\4" or member.flag_bits & _ENCRYPTED:
            raise ValueError(f"damaged or encrypted: {name}")
        packed = self._raw[start : start + member.compress_size]
        inflate = _inflate_little if max(len(packed), member.file_size) <= LITTLE else _inflate
        data = inflate(packed, member.compress_type, member.file_size, member.CRC)
        if data is None:
            raise ValueError(f"damaged: {name}")
        return data


def _inflate(data: bytes, method: int, size: int, checksum: int) -> bytes | None:
    """The part itself; None where it is not what the list says. ValueError, zlib.error."""
    if method == ZIP_DEFLATED:
        # One byte more than announced is asked for, so that a lying size shows.
        data = zlib.decompressobj(-15).decompress(data, size + 1)
    elif method != ZIP_STORED:
        raise ValueError("compressed in an unusual way")
    return data if len(data) == size and zlib.crc32(data) == checksum else None


_inflate_little = lru_cache(maxsize=64)(_inflate)


def _key(name: str) -> str:
    """A part's name as names are compared: in any case, with either slash, `%41` for A."""
    name = name.replace("\\", "/").lower().lstrip("/")
    return _PERCENT.sub(lambda code: chr(int(code[1], 16)).lower(), name) if "%" in name else name


def read_links(parts: PackageParts, part: str) -> Mapping[str, PartLink]:
    """Find what a part refers to: links by the identifier it uses."""
    folder, name = posixpath.split(part)
    file = posixpath.join(folder, "_rels", f"{name}.rels")
    if file not in parts:
        return {}
    return parse_once(parts.read(file), PartLinks, parts.budget, folder).found


def find_one(links: Iterable[PartLink], kind: str) -> str | None:
    """The one part that a link of that kind leads to; None where there is none. AmbiguousWorkbook for two."""
    found = [link for link in links if link.kind == kind]
    if len(found) > 1 or any(link.outside for link in found):
        raise AmbiguousWorkbook(f"two of {kind}, or one outside")
    return found[0].target if found else None
