"""Lists the files in archives, once each, and unpacks them one by one when they are read."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import struct
import tempfile
import time
import zlib
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from workbook.excel.reading.file_type import Unreadable, build_too_large_error
from workbook.excel.reading.workbook_contents import have_overlaps
from workbook.merging.file_status import (
    FoundFile,
    explain_skipping,
    make_showable,
    make_storable_name,
    number_duplicates,
)
from workbook.safety.atomic_write import DISK_FULL_ERRORS
from workbook.safety.limits import TooLarge, TooSlow, describe_limit, get_limit
from workbook.safety.messages import Bilingual, describe_os_error, load_messages

messages = load_messages("workbook.merging")

try:
    from lzma import LZMAError
except ImportError:  # a Python built without it opens no such archive, and says so by RuntimeError
    LZMAError = RuntimeError  # type: ignore[misc, assignment]

MEMBER = 128
"""Bytes that a file takes in the list of an archive, on average at most."""
BROKEN = (
    *(BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, LookupError),
    *(zlib.error, LZMAError, OverflowError, struct.error),
)
"""What a damaged, locked or unknown archive makes zipfile raise, besides OSError."""


@dataclass(slots=True)
class ArchiveBudget:
    """What one archive, with those within it, may still hold: files, and bytes once unpacked."""

    members: int = field(default_factory=lambda: get_limit("members"))
    unpacked: int = field(default_factory=lambda: get_limit("unpacked"))

    def list(self, file: BinaryIO) -> None:
        """Refuse a list of files too long to be read. Raises TooLarge."""
        if _measure_file_list(file) > self.members * MEMBER:
            raise TooLarge("members")

    def pay(self, members: Sequence[ZipInfo]) -> None:
        """Pay for the files of one archive. Raises TooLarge."""
        self.members -= len(members)
        self.unpacked -= sum(member.file_size for member in members)
        if self.members < 0 or self.unpacked < 0:
            raise TooLarge("members" if self.members < 0 else "unpacked")


def list_archived_files(
    archive_file: FoundFile,
    scratch: Path,
    file: BinaryIO | None = None,
    depth: int = 1,
    allowed: ArchiveBudget | None = None,
) -> Iterator[FoundFile]:
    """Every file in an archive (open in `file` where it lies elsewhere); one that cannot be opened is listed itself."""
    allowed = allowed or ArchiveBudget()
    try:
        with nullcontext(file) if file else Path(archive_file.path).open("rb") as source:
            allowed.list(source)
            with ZipFile(source) as archive:
                members = archive.infolist()
                allowed.pay(members)
                if have_overlaps(members):
                    yield archive_file.as_unreadable(messages.get("why.archive_forged"))
                    return
                files = [(nth, member) for nth, member in enumerate(members) if not _is_folder(member)]
                if not files:
                    yield archive_file.as_unreadable(messages.get("why.archive_empty"))
                    return
                names = number_duplicates([decode_member_name(member) for _, member in files])
                for (nth, member), name in zip(files, names, strict=True):
                    one = archive_file._replace(place=f"{archive_file.place}!{name}", member=member.filename, nth=nth)
                    yield from _list_member(archive, member, one, scratch, depth, allowed)
    except TooLarge as trouble:
        yield archive_file.as_unreadable(messages.get("why.archive_large", limit=describe_limit(trouble.limit)))
    except OSError as trouble:
        yield archive_file.as_unreadable(_describe_refusal(trouble, "why.archive"))
    except BROKEN:
        yield archive_file.as_unreadable(messages.get("why.archive"))


def _is_folder(member: ZipInfo) -> bool:
    """Whether it only says that there is a folder. One that has content besides hides it from every program."""
    return member.filename.endswith("/") and not member.file_size


def _describe_refusal(trouble: OSError, damaged: str) -> Bilingual:
    """What the disk refused; zipfile raises OSError over damage, too: of a place before the beginning of the file.

    An error of some type that bears no number comes from a driver, and is of the way to the file.
    """
    if trouble.errno == errno.EINVAL or (trouble.errno is None and type(trouble) is OSError):
        return messages.get(damaged)
    if trouble.errno in DISK_FULL_ERRORS:
        return messages.get("why.no_space")
    return messages.get("why.unavailable", reason=describe_os_error(trouble))


def _measure_file_list(file: BinaryIO) -> int:
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


def _list_member(
    archive: ZipFile, member: ZipInfo, one: FoundFile, scratch: Path, depth: int, allowed: ArchiveBudget
) -> Iterator[FoundFile]:
    """A file in an archive; where it is an archive itself, the files in that."""
    *folders, last = decode_member_name(member).split("/")
    hidden = "__MACOSX" in folders or any(part.startswith(".") and part.strip(".") for part in folders)
    why = messages.get("why.hidden") if hidden else explain_skipping(last)
    packed = last.lower().endswith(".zip")
    if not last:  # it has no name to be read under
        yield one._replace(member="").as_unreadable(messages.get("why.member"))
    elif not why.zh and stat.S_ISLNK(member.external_attr >> 16):
        yield one.as_unreadable(messages.get("why.link_member"))
    elif not why.zh and not packed and member.file_size > get_limit("file"):
        yield one.as_unreadable(build_too_large_error("file").message)
    elif why.zh or not packed:
        yield one._replace(why=why)
    elif depth == get_limit("depth"):
        yield one.as_unreadable(messages.get("why.archive_deep", limit=describe_limit("depth")))
    else:
        yield from _list_inner_archive(archive, member, one, scratch, depth, allowed)


def _list_inner_archive(
    archive: ZipFile, member: ZipInfo, one: FoundFile, scratch: Path, depth: int, allowed: ArchiveBudget
) -> Iterator[FoundFile]:
    """The files in an archive within an archive; where it cannot be unpacked that is reported of it alone."""
    try:
        path = _extract(archive, member, Path(tempfile.mkdtemp(dir=scratch)))
    except OSError as trouble:
        yield one.as_unreadable(_describe_refusal(trouble, "why.member"))
    except BROKEN:
        yield one.as_unreadable(messages.get("why.member"))
    else:
        yield from list_archived_files(FoundFile(one.place, path), scratch, None, depth + 1, allowed)


def decode_member_name(member: ZipInfo) -> str:
    """The name of a file in an archive: programs in China write it in GB18030 and do not say so."""
    if member.flag_bits & 0x800:
        return make_showable(member.filename)
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


def _extract(archive: ZipFile, member: ZipInfo, folder: Path) -> Path:
    """A file of an archive, unpacked under its own name. Raises OSError and those of BROKEN."""
    target = folder / make_storable_name(decode_member_name(member).rpartition("/")[2])
    with archive.open(member) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
    with suppress(ValueError, OverflowError, OSError):  # when it was put into the archive is when it came
        seconds = time.mktime((*member.date_time, 0, 0, -1))
        os.utime(target, (seconds, seconds))
    return target


# read one by one ------------------------------------------------------------------------------------------------------


class _Open(NamedTuple):
    """An archive whose list was read, or what that list made zipfile raise."""

    archive: ZipFile | None
    files: ExitStack
    trouble: Exception | None = None

    def size(self) -> int:
        """How many files its list has, and so how much memory it takes."""
        return len(self.archive.infolist()) if self.archive else 0


class OpenArchives:
    """Archives held open from one file to the next, or each of n files would cost reading a list of n again.

    Those used last, and no more than have as many files together as one archive may have. On some systems an open
    file cannot be removed: close them when all is read.
    """

    def __init__(self) -> None:
        self._open: dict[Hashable, _Open] = {}

    def unpacked(
        self, key: Hashable, opened: Callable[[], AbstractContextManager[BinaryIO]], nth: int, member: str, folder: Path
    ) -> Path:
        """The `nth` file of an archive, which has that name there, unpacked under its own name.

        `opened` opens the archive, where it is not open already under that key. Raises Unreadable where another file
        has come to be there, OSError and those of BROKEN.
        """
        try:
            archive = self.get(key, opened)
            members = archive.infolist()
            if nth >= len(members) or members[nth].filename != member:
                raise Unreadable("changed")
            return _extract(archive, members[nth], folder)
        except TooSlow:  # anywhere within zipfile: nothing is known of the archive's state
            self.close()
            raise

    def get(self, key: Hashable, opened: Callable[[], AbstractContextManager[BinaryIO]]) -> ZipFile:
        """The archive of that key, opened by `opened` where it is not open. Raises OSError and those of BROKEN."""
        found = self._open.pop(key, None) or _read_list(opened)
        self._open[key] = found  # at the end: it is the one used last
        while len(self._open) > 1 and sum(one.size() for one in self._open.values()) > get_limit("members"):
            self._close(next(iter(self._open)))
        while len(self._open) > get_limit("depth") + 1:
            self._close(next(iter(self._open)))
        if found.archive is None:
            raise found.trouble or BadZipFile
        return found.archive

    def _close(self, key: Hashable) -> None:
        with suppress(Exception):  # it was only read
            self._open.pop(key).files.close()

    def close(self) -> None:
        """Close them all."""
        for key in list(self._open):
            self._close(key)


def _read_list(opened: Callable[[], AbstractContextManager[BinaryIO]]) -> _Open:
    """An archive with its list read; a list that is damaged is not read again for every file of it."""
    with ExitStack() as files:
        file = files.enter_context(opened())
        try:
            archive = files.enter_context(ZipFile(file))
        except BROKEN as trouble:
            return _Open(None, ExitStack(), trouble)
        return _Open(archive, files.pop_all())
