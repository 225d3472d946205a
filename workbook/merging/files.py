"""Every file given, below a folder given, or inside an archive among them. Nothing that lies there is passed over."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from workbook.finding import Words
from workbook.held import is_mark
from workbook.limits import TooLarge, limit, stated
from workbook.merging.status import NOTHING
from workbook.merging.words import said
from workbook.reading.common import overlapping
from workbook.reading.recognise import beyond

MEMBER = 128
"""Bytes that a file takes in the list of an archive, on average at most."""
BROKEN = (BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, KeyError, zlib.error)
"""What a damaged, locked or unknown archive makes zipfile raise, besides OSError."""


class Found(NamedTuple):
    """A file found: its place as lists show it, where it is, its name inside an archive, and why it is not read.

    `path` is a text where it is a URL.
    """

    place: str
    path: Path | str
    member: str = ""
    why: Words = NOTHING
    unreadable: bool = False
    """Whether the reason is that it cannot be read, not that it need not be."""


def files_in(paths: Sequence[Path], outputs: Sequence[Path], scratch: Path) -> list[Found]:
    """Every file, once each, in the order of their places. `outputs` will be written: they are not read.

    An archive inside an archive is unpacked into `scratch`.
    """
    own = {_resolved(path) for path in outputs}
    found: dict[Path, tuple[Path, Words]] = {}
    for path in paths:
        for file, why in _walk(path) if path.is_dir() else [(path, why_skipped(path.name))]:
            real = _resolved(file)
            found.setdefault(real, (file, said("why.output") if real in own else why))
    root = _root(paths)
    listed: list[Found] = []
    for path, why in found.values():
        place = _shown(Path(os.path.relpath(path.absolute(), root)).as_posix())
        if path.suffix.lower() == ".zip" and not why.zh and path.is_file():
            listed += archived(path, place, scratch)
        else:
            listed.append(Found(place, path, "", why))
    return sorted(listed, key=lambda one: one.place)


def _shown(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _root(paths: Sequence[Path]) -> str:
    """The folder from which places are named: the one that all files given share."""
    folders = [str(path.absolute() if path.is_dir() else path.absolute().parent) for path in paths]
    try:
        return os.path.commonpath(folders) if folders else str(Path.cwd())
    except ValueError:  # several drives
        return str(Path.cwd())


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return path.absolute()


def _walk(folder: Path) -> Iterator[tuple[Path, Words]]:
    """Every file below a folder, with the reason to skip it (blank: none); a folder not entered is listed itself."""
    top = _resolved(folder)
    for at, folders, files in os.walk(folder):
        here = Path(at)
        for name in sorted(folders):
            link = (here / name).is_symlink()
            if name.startswith(".") or link:
                folders.remove(name)
                yield here / name, said("why.link" if link else "why.folder")
        folders.sort()
        for name in sorted(files):
            outside = (here / name).is_symlink() and not _resolved(here / name).is_relative_to(top)
            yield here / name, said("why.link_outside") if outside else why_skipped(name)


def why_skipped(name: str) -> Words:
    """Why a file of that name is not read; blank where it is."""
    if is_mark(name):
        return said("why.owner")
    return said("why.hidden") if name.startswith(".") or name.lower() in _HIDDEN else NOTHING


_HIDDEN = frozenset(("thumbs.db", "desktop.ini"))
"""What Windows hides in folders; on another system, or in an archive, it shows."""


# archives -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Allowed:
    """What one archive, with those within it, may still hold: files, and bytes once unpacked."""

    members: int = field(default_factory=lambda: limit("members"))
    unpacked: int = field(default_factory=lambda: limit("unpacked"))

    def list(self, file: BinaryIO) -> None:
        """Refuse a list of files too long to be read. Raises TooLarge."""
        if _directory(file) > self.members * MEMBER:
            raise TooLarge("members")

    def pay(self, members: Sequence[ZipInfo]) -> None:
        """Pay for the files of one archive. Raises TooLarge."""
        self.members -= len(members)
        self.unpacked -= sum(member.file_size for member in members)
        if self.members < 0 or self.unpacked < 0:
            raise TooLarge("members" if self.members < 0 else "unpacked")


def archived(
    path: Path | str,
    place: str,
    scratch: Path,
    file: BinaryIO | None = None,
    depth: int = 1,
    allowed: Allowed | None = None,
) -> Iterator[Found]:
    """Every file in an archive (open in `file` where it lies elsewhere); one that cannot be opened is listed itself."""
    allowed = allowed or Allowed()
    try:
        with nullcontext(file) if file else Path(path).open("rb") as source:
            allowed.list(source)
            with ZipFile(source) as archive:
                members = archive.infolist()
                allowed.pay(members)
                if overlapping(members):
                    yield Found(place, path, "", said("why.archive_forged"), unreadable=True)
                    return
                for member in members:
                    if not member.filename.endswith("/"):
                        yield from _member(archive, member, path, place, scratch, depth, allowed)
    except TooLarge as trouble:
        yield Found(place, path, "", said("why.archive_large", limit=stated(trouble.limit)), unreadable=True)
    except (OSError, *BROKEN):
        yield Found(place, path, "", said("why.archive"), unreadable=True)


def _directory(file: BinaryIO) -> int:
    """How many bytes the list of an archive's files takes, before it is read; 0 where none is found."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 98))
    tail = file.read()
    file.seek(0)
    found = [0]
    for at in {tail.rfind(b"PK\5\6"), len(tail) - 22}:
        if at >= 0 and tail[at : at + 4] == b"PK\5\6" and len(tail) >= at + 16:
            found += struct.unpack_from("<I", tail, at + 12)
    wide = tail.rfind(b"PK\6\6")
    if wide >= 0 and len(tail) >= wide + 48 and max(found) == 0xFFFFFFFF:
        found = list(struct.unpack_from("<Q", tail, wide + 40))
    return max(found)


def _member(
    archive: ZipFile, member: ZipInfo, path: Path | str, place: str, scratch: Path, depth: int, allowed: Allowed
) -> Iterator[Found]:
    """A file in an archive; where it is an archive itself, the files in that."""
    name = member_name(member)
    inside = f"{place}!{name}"
    *folders, last = name.split("/")
    hidden = "__MACOSX" in folders or any(part.startswith(".") and part.strip(".") for part in folders)
    why = said("why.hidden") if hidden else why_skipped(last)
    packed = last.lower().endswith(".zip")
    if not member.filename:  # nothing can be asked for by no name
        yield Found(inside, path, "", said("why.member"), unreadable=True)
    elif not why.zh and not packed and member.file_size > limit("file"):
        yield Found(inside, path, member.filename, beyond("file").words, unreadable=True)
    elif why.zh or not packed:
        yield Found(inside, path, member.filename, why)
    elif depth == limit("depth"):
        yield Found(inside, path, member.filename, said("why.archive_deep", limit=stated("depth")), unreadable=True)
    else:
        folder = Path(tempfile.mkdtemp(dir=scratch))
        yield from archived(_extracted(archive, member, folder), inside, scratch, None, depth + 1, allowed)


def member_name(member: ZipInfo) -> str:
    """The name of a file in an archive: programs in China write it in GB18030 and do not say so."""
    if member.flag_bits & 0x800:
        return _shown(member.filename)
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def unpacked(path: Path | BinaryIO, member: str, folder: Path) -> Path:
    """A file of an archive, unpacked under its own name. Raises OSError and those of BROKEN."""
    with ZipFile(path) as archive:
        return _extracted(archive, archive.getinfo(member), folder)


def _extracted(archive: ZipFile, member: ZipInfo, folder: Path) -> Path:
    target = folder / own_name(member_name(member).rpartition("/")[2])
    with archive.open(member) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
    with suppress(ValueError, OverflowError, OSError):  # when it was put into the archive is when it came
        seconds = time.mktime((*member.date_time, 0, 0, -1))
        os.utime(target, (seconds, seconds))
    return target


def own_name(name: str) -> str:
    """The name of a file as it can stand in a folder of any system."""
    return "".join("_" if sign in '\\/:*?"<>|\0' else sign for sign in name)[-80:] or "_"


def is_regular(path: Path) -> bool:
    """Whether reading it can end: a pipe would wait for ever."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False
