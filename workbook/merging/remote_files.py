"""Lists and fetches files at URLs such as `s3://bucket/folder`, by whatever file systems fsspec reaches.

The only module that imports fsspec. Who may read there is stated where fsspec looks for it (its configuration, the
environment), never here: no password is stored by a merge, and none in a URL is shown.
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

from workbook.excel.reading.file_type import Unreadable
from workbook.merging.archive_files import list_archived_files
from workbook.merging.file_status import NOTHING, FoundFile, explain_skipping, make_storable_name
from workbook.safety.limits import get_limit
from workbook.safety.messages import Bilingual, UserError, describe_os_error, load_messages

messages = load_messages("workbook.merging")

BLOCK = 1 << 18
"""Bytes asked for at once inside an archive: its list and one member, not all of it."""
TIME_KEYS = ("mtime", "LastModified", "last_modified", "updated", "created")
"""What drivers call the time of a file: seconds, or a date."""
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
"""How a URL begins: s3://, git+ssh://; a scheme has two characters at least, for C:// is a drive."""
_LOCAL_SCHEMES = ("file", "local")
"""What URLs of this machine's own files begin with: those are read like any other path."""
_DRIVE = re.compile(r"/[A-Za-z]:")
"""How a path on a drive begins in a URL: /C:/年报 in file:///C:/年报."""
_USER = re.compile(r"(?<=://)[^/@]*@")
"""User and password in a URL, never shown: `name:secret@` in ftp://name:secret@host/."""


class UnreachableSource(UserError):
    """What the files or the cluster are reached by is missing, or does not answer."""


def is_url(text: object) -> bool:
    """Whether that is a URL, and no path of this machine, on a drive or not."""
    return isinstance(text, str) and _URL.match(text) is not None


def is_elsewhere(path: Path | str) -> bool:
    """Whether that is a URL of anything but this machine's own files."""
    return isinstance(path, str) and path.partition("://")[0].lower() not in _LOCAL_SCHEMES


def get_remote_path(url: str) -> Path:
    """The path in a URL of this machine's own files, letter by letter. Raises FileNotFoundError if nothing is there."""
    text = url.partition("://")[2]
    path = Path(text[1:] if _DRIVE.match(text) else text).expanduser()
    if not os.path.lexists(path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), url)
    return path


def list_remote_files(urls: Sequence[str], scratch: Path, *, alone: bool = True) -> list[FoundFile]:
    """Every file at or below these URLs, once each; a folder that cannot be listed is listed itself.

    Places are named from the folder that all share; by the full URL where there is none or, not `alone`, files of
    this machine are listed beside them. UnreachableSource where fsspec or what it needs is missing, OSError where
    nothing is there or nobody answers.
    """
    found: dict[str, FoundFile] = {}
    tops: list[str] = []
    for url in dict.fromkeys(urls):
        top = url.rstrip("/")
        files = list(_list_url(url))
        tops.append(top.rpartition("/")[0] if [one.place for one in files] == [top] else top)
        for one in files:
            found.setdefault(one.place, one)
    root = _find_common_url(tops) if alone else ""
    listed: list[FoundFile] = []
    for url, one in found.items():
        named = one._replace(place=_USER.sub("", url).removeprefix(root))
        packed = one.within.lower().endswith(".zip") and not one.why.zh
        listed += _list_archive(named, scratch) if packed else [named]
    return listed


def fetch_file(top: str, path: str, folder: Path) -> Path:
    """The file, copied into a folder of this machine under its own name and with its own time.

    `path` as the listing spelled it, in the file system that the URL `top` is of. Raises OSError, and Unreadable where
    what comes is not what was asked for.
    """
    with unify_remote_errors():
        system, _ = _find_file_system(top)
        about = _get_info(system, path)
        if (about.get("size") or 0) > get_limit("file"):
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        target = folder / make_storable_name(path.rpartition("/")[2])
        system.get_file(path, str(target))
        if "http" not in _list_protocols(system) and about.get("size") not in (None, target.stat().st_size):
            raise Unreadable("changed")  # of a page, the size may be that of how it is sent
        seconds = next((time for name in TIME_KEYS if (time := _to_seconds(about.get(name))) is not None), None)
        if seconds is not None:
            os.utime(target, (seconds, seconds))
        return target


@contextmanager
def open_remote(top: str, path: str) -> Iterator[BinaryIO]:
    """The file, opened where it lies. Raises OSError, and Unreadable where it is not what was asked for."""
    with unify_remote_errors():
        system, _ = _find_file_system(top)
        _get_info(system, path)
        opening = system.open(path, "rb", block_size=BLOCK)
    with opening as file:
        yield file


@contextmanager
def unify_remote_errors(allowed: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Errors of every driver: each becomes an OSError, a file that cannot be had; but for those `allowed`."""
    known: tuple[type[Exception], ...] = (OSError, UnreachableSource, Unreadable, *allowed)
    try:
        yield
    except known:
        raise
    except Exception as error:
        raise OSError(errno.EIO, f"{type(error).__name__}: {error}"[:200]) from error


def _to_seconds(time: object) -> float | None:
    if isinstance(time, datetime):
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    return float(time) if isinstance(time, int | float) else None


# what fsspec does -----------------------------------------------------------------------------------------------------


def _find_file_system(url: str) -> tuple[Any, str]:
    """The file system a URL is of, and the path in it."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as missing:
        raise UnreachableSource(messages.get("remote.missing", library="fsspec")) from missing
    scheme = url.partition("://")[0]
    plain, rest = _split_nested(url)
    try:
        system, path = url_to_fs(plain)
    except ImportError as missing:
        raise UnreachableSource(messages.get("remote.driver", scheme=scheme, reason=str(missing))) from missing
    except ValueError as unknown:
        raise UnreachableSource(messages.get("remote.scheme", scheme=scheme)) from unknown
    return system, f"{path.rstrip('/')}/{rest}" if rest else path


def _split_nested(url: str) -> tuple[str, str]:
    """A URL as far as fsspec may take it apart, and the rest of the path: it splits at `::`, also within a name.

    Only where a URL follows are they several, one within the other.
    """
    first, mark, rest = url.partition("::")
    if not mark or _URL.match(rest.rpartition("::")[2]):
        return url, ""
    folder, slash, name = first.rpartition("/")
    return folder + slash, name + mark + rest


def _list_protocols(system: Any) -> tuple[str, ...]:  # noqa: ANN401 -- what drivers are
    known = system.protocol
    return (known,) if isinstance(known, str) else tuple(known)


def _get_info(system: Any, path: str) -> Mapping[str, Any]:  # noqa: ANN401
    """What is known of a file. Raises Unreadable where the driver takes its name apart and so means another."""
    about: Mapping[str, Any] = system.info(path)
    name = str(about.get("name") or path)
    if _get_last_part(name) != _get_last_part(path):
        raise Unreadable("other", messages.get("why.other"))
    return about


def _get_last_part(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _list_url(url: str) -> Iterator[FoundFile]:
    """Every file at or below a URL, its place being its own URL, and every folder there that cannot be listed."""
    with unify_remote_errors():
        system, top = _find_file_system(url)
        try:
            seen = sorted(_list_below(system, top))
        except PermissionError as refused:
            seen = [(top, messages.get("why.folder_shut", reason=describe_os_error(refused)))]
        if not seen and not system.exists(top):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), _USER.sub("", url))
        seen = seen or [(top, messages.get("why.folder_empty"))]
    start, base = top.rstrip("/"), url.rstrip("/")
    for name, why in seen:
        below = name == start or name.startswith(start + "/")
        place = base + name.removeprefix(start) if below or not is_url(name) else name
        one = FoundFile(place, place, "", _explain_skipping(place, url), False, 0, url, name)
        yield one.as_unreadable(why) if why.zh else one


def _list_below(system: Any, top: str) -> Iterator[tuple[str, Bilingual]]:  # noqa: ANN401
    """Every file at or below a path, and every folder that cannot be listed, with the reason.

    Where all are listed in one go, what fails is reported. Else fsspec, asked for all, would leave out in silence what
    cannot be listed: each folder is asked for by itself.
    """
    if _lists_at_once(system):
        yield from ((name, NOTHING) for name in system.find(top) if not name.endswith("/"))
        return
    waiting, seen_folders = [top], {top.rstrip("/")}
    first = True
    while waiting:
        folder = waiting.pop()
        try:
            with unify_remote_errors():
                inside = system.ls(folder, detail=True)
        except OSError as failed:
            if not first:
                yield folder, messages.get("why.folder_shut", reason=describe_os_error(failed))
            elif system.isfile(top):
                yield top, NOTHING
            else:
                raise
            inside = []
        first = False
        for one in inside:
            name = str(one["name"])
            is_folder = one.get("type") == "directory"
            if is_folder and name.rstrip("/") not in seen_folders:
                seen_folders.add(name.rstrip("/"))
                waiting.append(name)
            elif not is_folder and not name.endswith("/"):
                yield name, NOTHING


def _lists_at_once(system: Any) -> bool:  # noqa: ANN401
    """Whether this driver has a way of its own to list all that lies below, as stores of objects have."""
    from fsspec.asyn import AsyncFileSystem
    from fsspec.spec import AbstractFileSystem

    kind: Any = type(system)
    if isinstance(system, AsyncFileSystem):
        return kind._find is not AsyncFileSystem._find
    return kind.find is not AbstractFileSystem.find


def _list_archive(one: FoundFile, scratch: Path) -> list[FoundFile]:
    try:
        with unify_remote_errors(), open_remote(one.top, one.within) as file:
            return list(list_archived_files(one, scratch, file))
    except Unreadable as refused:
        return [one.as_unreadable(refused.message)]
    except OSError as refused:
        return [one.as_unreadable(messages.get("why.unavailable", reason=describe_os_error(refused)))]


# places ---------------------------------------------------------------------------------------------------------------


def _find_common_url(folders: Sequence[str]) -> str:
    """What the URLs of all folders begin with, up to and with the slash; blank where they share no folder."""
    parts = [_USER.sub("", folder).partition("://") for folder in folders]
    if len({scheme for scheme, _, _ in parts}) != 1:
        return ""
    try:
        shared = commonpath([rest for _, _, rest in parts])
    except ValueError:  # one from the root, one not
        return ""
    return f"{parts[0][0]}://{shared.rstrip('/')}/" if shared else ""


def _explain_skipping(file: str, url: str) -> Bilingual:
    *folders, name = file.removeprefix(url.rstrip("/")).split("/")
    if any(folder.startswith(".") for folder in folders):
        return messages.get("why.hidden")
    return explain_skipping(name or file.rpartition("/")[2])
