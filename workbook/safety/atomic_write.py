"""Writes files atomically: into an owned folder next to their place first, then moved into it.

Whatever happens meanwhile, what was there stays until the new file is complete on the disk. A file that comes into
being while ours is written is somebody else's: ours then goes beside it, under another name. So it does where the
place cannot be taken, as on Windows where Excel holds the file open.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from workbook.safety import owned_folders

WAITS = (0.0, 0.1, 0.4)
"""Seconds to wait before each try to take a place: scanners on Windows hold a new file for a moment."""
LONGEST_NAME = 40
"""Letters of a name beyond which the folder beside it does not bear all of it: a system allows some 80 Chinese ones."""
DISK_FULL_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC})
"""What a system says where there is no room left on a disk, or none for this user."""
MOST_NAMES = 100
"""So many names are tried for a file that cannot have its own."""

# The folder that `make_folder_beside` makes: .汇总.xlsx.0123456789abcdef.part
_UNFINISHED = re.compile(r"\..*\.[0-9a-f]{16}\.part", re.DOTALL)


class WrittenAside(OSError):
    """The file is complete, but its place could not be taken: it is `kept` beside it, under another name."""

    def __init__(self, trouble: OSError, path: Path, kept: Path) -> None:
        super().__init__(trouble.errno, trouble.strerror, str(path))
        self.kept = kept


@contextmanager
def replace_file(path: Path, *, aside: bool = True) -> Iterator[BinaryIO]:
    """Open a file that replaces `path` once the block ends well; a failure leaves what was there.

    Where a link is, what it leads to is replaced. Raises OSError naming `path`; WrittenAside where the file is complete
    but had to be put elsewhere. Without `aside` it is nowhere then: another program would take it for its own.
    """
    path = Path(os.path.realpath(path)) if path.is_symlink() else path
    there = os.path.lexists(path)
    folder = make_folder_beside(path)
    part = folder / f"new{path.suffix}"
    try:
        with part.open("xb") as file:
            _copy_permissions(path, part)
            yield file
            if not file.closed:
                file.flush()
                os.fsync(file.fileno())
        _take_place(part, path, there=there, aside=aside)
    except OSError as trouble:
        if trouble.errno and str(trouble.filename or part) == str(part):
            trouble.filename = str(path)
        raise
    finally:
        owned_folders.clear_folder(folder)


def write_bytes(path: Path, data: bytes, *, aside: bool = True) -> None:
    """Put `data` at `path` in one step; a failure leaves what was there. Raises OSError, as `replace_file` does."""
    with replace_file(path, aside=aside) as file:
        file.write(data)


def write_text(path: Path, text: str) -> None:
    """Put `text` at `path` as UTF-8, in one step."""
    write_bytes(path, text.encode("utf-8"))


@contextmanager
def choose_output_path(target: Path, *, force: bool) -> Iterator[Path]:
    """Yield the path to write an output to: `target`, or a free name next to it where something exists there by now.

    Unless `force` says so, nobody has asked to replace that. Raises WrittenAside after the block where it went
    elsewhere.
    """
    if force or not os.path.lexists(target):
        yield target
        return
    other = find_free_name(target)
    yield other
    raise WrittenAside(FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)), target, other)


def make_folder_beside(path: Path, within: Path | None = None) -> Path:
    """A new folder of ours for what is to be at `path`, beside it or `within` another: hidden, not too long a name.

    Raises OSError.
    """
    try:
        return owned_folders.make_owned_folder(
            within or path.parent, f".{shorten_name(path.name)}.{owned_folders.make_token()}.part"
        )
    except OSError as trouble:
        trouble.filename = str(path)
        raise


def list_alternative_paths(path: Path) -> Iterator[Path]:
    """Names beside `path` for what cannot have its place: 汇总-2.xlsx, 汇总-3.xlsx and so on."""
    return (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, MOST_NAMES))


def find_free_name(path: Path) -> Path:
    """The path, or the first of `list_alternative_paths` where nothing is. FileExistsError where all are taken."""
    for one in (path, *list_alternative_paths(path)):
        if not os.path.lexists(one):
            return one
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def shorten_name(name: str) -> str:
    """The name as part of a folder's name: complete, or of a long one the beginning and a hash of all of it."""
    if len(name) <= LONGEST_NAME:
        return name
    import hashlib

    return name[: LONGEST_NAME - 9] + "~" + hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def remove_abandoned_files(folder: Path) -> None:
    """Remove from a folder what runs of ours that were killed have left there, half written, once it is a day old."""
    owned_folders.remove_abandoned_folders(folder, _UNFINISHED)


def flush_folder(folder: Path) -> None:
    """See to it that what was moved in this folder stays so if the power fails now. Windows does so by itself."""
    with suppress(OSError):
        at = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(at)
        finally:
            os.close(at)


def _copy_permissions(path: Path, part: Path) -> None:
    """Who may read and write the file that is replaced may do so after; a new file is as any new file here."""
    with suppress(OSError):
        before = path.stat()
        if hasattr(os, "chown"):
            for owner in (before.st_uid, -1):
                with suppress(OSError):  # the owner is for the administrator to give, the group perhaps not
                    os.chown(part, owner, before.st_gid)
                    break
        part.chmod(before.st_mode & 0o777)


def _take_place(part: Path, path: Path, *, there: bool, aside: bool) -> None:
    """Move a finished file into its place, else beside it if it may be there."""
    try:
        _move_into_place(part, path, there=there)
    except OSError as trouble:
        for other in list_alternative_paths(path) if aside else ():
            try:
                move_new(part, other)
            except FileExistsError:
                continue
            except OSError:
                break
            flush_folder(path.parent)
            raise WrittenAside(trouble, path, other) from trouble
        raise
    flush_folder(path.parent)


def _move_into_place(part: Path, path: Path, *, there: bool) -> None:
    for tries, wait in enumerate(WAITS, 1):
        time.sleep(wait)
        try:
            part.replace(path) if there else move_new(part, path)
        except PermissionError:
            if tries == len(WAITS):
                raise
        else:
            return


def move_new(part: Path, path: Path) -> None:
    """Move it to where nothing is. FileExistsError where something has come to be there."""
    if os.name == "nt":
        part.rename(path)
        return
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a disk that knows no links, such as a USB stick's
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        part.replace(path)
    else:
        with suppress(OSError):
            part.unlink()


# The little file by which a spreadsheet program says that it has a workbook open


OPEN_FILE_RULE = "open-elsewhere"
"""The rule of the finding about a file that somebody has open."""


def list_lock_names(name: str) -> tuple[str, ...]:
    """List the names of the lock files that Excel, WPS and LibreOffice put next to an open file of that name."""
    return f"~${name}", f".~{name}", f".~lock.{name}#"


def is_lock_name(name: str) -> bool:
    """Whether a name is that of a lock file."""
    return name.startswith(("~$", ".~"))


def find_lock_holder(name: str) -> str:
    """Return the name of the open file that a lock file of that name belongs to."""
    if name.startswith(".~lock."):
        return name.removeprefix(".~lock.").removesuffix("#")
    return name[2:]


def find_lock_file(path: Path) -> Path | None:
    """Return the lock file next to a workbook; None where nobody seems to have it open."""
    return next((one for one in map(path.with_name, list_lock_names(path.name)) if os.path.lexists(one)), None)
