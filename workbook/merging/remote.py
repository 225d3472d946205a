"""Files that lie elsewhere: URLs such as `s3://bucket/folder`, listed and fetched by whatever fsspec reaches.

The only module that imports fsspec. Who may read there is said where fsspec looks for it (its configuration, the
environment), never here: no password is kept by a merge, and none in a URL is shown.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from posixpath import commonpath
from typing import Any, BinaryIO

from workbook.finding import Words
from workbook.limits import limit
from workbook.merging.files import BROKEN, Found, archived, own_name, unpacked, why_skipped
from workbook.merging.words import said

BLOCK = 1 << 18
"""Bytes asked for at once inside an archive: its list and one member, not all of it."""
CAME = ("mtime", "LastModified", "last_modified", "updated", "created")
"""What drivers call the time of a file: seconds, or a date."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_WHO = re.compile(r"(?<=://)[^/@]*@")


class OutOfReach(Exception):
    """What the files or the cluster are reached by is missing, or does not answer; `words` say what to do."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.words = words


def is_url(text: object) -> bool:
    """Whether that is a URL, and no path of this machine, on a drive or not."""
    return isinstance(text, str) and _URL.match(text) is not None


def files_at(urls: Sequence[str], outputs: Sequence[Path], scratch: Path, *, alone: bool = True) -> list[Found]:
    """Every file at or below these URLs, once each. `outputs` will be written: they are not read.

    Places are named from the folder that all share; by the whole URL where there is none or, not `alone`, files of
    this machine are listed beside them. Raises OutOfReach where fsspec or what it needs is missing, OSError where
    nothing is there or nobody answers.
    """
    found: dict[str, Words] = {}
    tops: list[str] = []
    own = {path.resolve() for path in outputs}
    for url in dict.fromkeys(urls):
        files = _listed(url)
        top = url.rstrip("/")
        tops.append(top.rpartition("/")[0] if list(files) == [top] else top)
        for file, path in files.items():
            found.setdefault(file, said("why.output") if path and Path(path).resolve() in own else _why(file, url))
    root = _root(tops) if alone else ""
    listed: list[Found] = []
    for url, why in found.items():
        place = _WHO.sub("", url).removeprefix(root)
        if url.lower().endswith(".zip") and not why.zh:
            listed += _in_archive(url, place, scratch)
        else:
            listed.append(Found(place, url, "", why))
    return listed


def fetched(url: str, folder: Path) -> Path:
    """The file, copied into a folder of this machine under its own name and with its own time. Raises OSError."""
    with _trouble():
        system, path = _reached(url)
        about = system.info(path)
        if (about.get("size") or 0) > limit("file"):
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        target = folder / own_name(url.rpartition("/")[2])
        system.get_file(path, str(target))
        seconds = next((time for name in CAME if (time := _seconds(about.get(name))) is not None), None)
        if seconds is not None:
            os.utime(target, (seconds, seconds))
        return target


def _seconds(time: object) -> float | None:
    if isinstance(time, datetime):
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    return float(time) if isinstance(time, int | float) else None


def fetched_member(url: str, member: str, folder: Path) -> Path:
    """A file of an archive elsewhere, unpacked into a folder of this machine. Raises OSError and files.BROKEN."""
    with _trouble(), _opened(url) as file:
        return unpacked(file, member, folder)


# what fsspec does -----------------------------------------------------------------------------------------------------


def _reached(url: str) -> tuple[Any, str]:
    """The file system a URL is of, and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as missing:
        raise OutOfReach(said("remote.missing", library="fsspec")) from missing
    scheme = url.partition("://")[0]
    try:
        system, path = url_to_fs(url)
    except ImportError as missing:
        raise OutOfReach(said("remote.driver", scheme=scheme, reason=str(missing))) from missing
    except ValueError as unknown:
        raise OutOfReach(said("remote.scheme", scheme=scheme)) from unknown
    return system, path


def _listed(url: str) -> Mapping[str, str]:
    """Every file at or below a URL, as URLs; with its path where that is one of this machine (else blank)."""
    with _trouble():
        system, top = _reached(url)
        names = [name for name in system.find(top) if not name.endswith("/")]
        if not names and not system.exists(top):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), _WHO.sub("", url))
    here = "file" in ((system.protocol,) if isinstance(system.protocol, str) else system.protocol)
    start, base = top.rstrip("/"), url.rstrip("/")
    return {base + name.removeprefix(start): name if here else "" for name in sorted(names)}


@contextmanager
def _opened(url: str) -> Iterator[BinaryIO]:
    system, path = _reached(url)
    with system.open(path, "rb", block_size=BLOCK) as file:
        yield file


@contextmanager
def _trouble() -> Iterator[None]:
    """Every driver has errors of its own: all are a file that cannot be had. Those of archives stay what they are."""
    try:
        yield
    except (OSError, OutOfReach, *BROKEN):
        raise
    except Exception as error:
        raise OSError(errno.EIO, f"{type(error).__name__}: {error}"[:200]) from error


def _in_archive(url: str, place: str, scratch: Path) -> list[Found]:
    try:
        with _trouble(), _opened(url) as file:
            return list(archived(url, place, scratch, file))
    except (OSError, *BROKEN):
        return [Found(place, url, "", said("why.archive"), unreadable=True)]


# places ---------------------------------------------------------------------------------------------------------------


def _root(folders: Sequence[str]) -> str:
    """What the URLs of all folders begin with, up to and with the slash; blank where they share no folder."""
    parts = [_WHO.sub("", folder).partition("://") for folder in folders]
    if len({scheme for scheme, _, _ in parts}) != 1:
        return ""
    try:
        shared = commonpath([rest for _, _, rest in parts])
    except ValueError:  # one from the root, one not
        return ""
    return f"{parts[0][0]}://{shared.rstrip('/')}/" if shared else ""


def _why(file: str, url: str) -> Words:
    *folders, name = file.removeprefix(url.rstrip("/")).split("/")
    if any(folder.startswith(".") for folder in folders):
        return said("why.hidden")
    return why_skipped(name or file.rpartition("/")[2])
