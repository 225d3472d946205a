"""The folder of a chase-up: what in it is an earlier chase-up's, and how that makes way for a new one.

The list of letters holds a code of every letter, and its last line one of the list itself. So a letter that somebody
changed, or a file that somebody put there, is told from ours. Nothing else in such a folder is ever moved or removed.
"""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from workbook import ownership, whole
from workbook.merging.csvtext import decoded, parsed
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging.chase")

NEW = "new"
"""In a folder of ours beside the place of the letters, or in it: the letters that are to stand there."""
READY = "ready"
"""A file beside those: all of the old letters are out of the way, and the new ones are being moved in."""
DONE = "done"
"""What BEFORE is called once nothing in it is anybody's but ours."""
STAYS = frozenset({errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.EINVAL, errno.EROFS})
"""What a system says of a folder that may not be renamed: a disk is mounted there, or a program is at work in it."""

SIGNS = 16
"""So many signs a code has."""

Fill = Callable[[Path], None]
"""Writes letters and lists into a folder."""


# what is ours ---------------------------------------------------------------------------------------------------------


def code_of(*files: Path) -> str:
    """What tells the content of these files from any other."""
    seen = hashlib.sha256()
    for file in files:
        seen.update(file.read_bytes())
    return seen.hexdigest()[:SIGNS]


def lists(folder: Path) -> tuple[Path, Path]:
    """The two lists of a chase-up: to be read, and as a table."""
    name = messages.text("list.file")
    return folder / f"{name}.txt", folder / f"{name}.csv"


def sign(folder: Path) -> None:
    """Write the code of both lists below the one that is read."""
    listed, table = lists(folder)
    line = messages.text("list.code", code=code_of(listed, table))
    with listed.open("ab") as file:
        file.write(f"\r\n{line}\r\n".encode())


def letters_in(folder: Path) -> frozenset[str]:
    """The names of the letters and lists of an earlier chase-up in that folder; none where its lists were changed."""
    with suppress(OSError):
        return frozenset(_codes(folder))
    return frozenset()


def is_letter(beginning: bytes) -> bool:
    """Whether a file that begins so is a letter or list of a chase-up, wherever it lies and whatever became of it."""
    first = beginning.decode("utf-8-sig", "replace").partition("\n")[0].strip()
    return bool(_titles().fullmatch(first)) or first == ",".join(messages.entry("list.columns"))


@cache
def _titles() -> re.Pattern[str]:
    """The first lines of letters and of the list, of whatever year."""
    titles = [text for key, text in messages.entry("letter").items() if key.startswith("title_")]
    years = [re.escape(text).replace(re.escape("{year}"), r"\d{4}") for text in (*titles, messages.text("list.title"))]
    return re.compile("|".join(years))


def strangers(folder: Path) -> Iterator[Path]:
    """What in the folder is not an earlier chase-up's, as it was written."""
    codes: Mapping[str, set[str]] = {}
    with suppress(OSError):
        codes = _codes(folder)
    for one in sorted(folder.iterdir()):
        if ownership.is_marked(one):  # letters not finished
            continue
        if one.is_symlink() or not one.is_file() or one.name not in codes or code_of(one) not in codes[one.name]:
            yield one


def _codes(folder: Path) -> Mapping[str, set[str]]:
    """The code of every letter that the list names, and of the lists; none where that is no list as it was written."""
    listed, table = lists(folder)
    if listed.is_symlink() or table.is_symlink():
        return {}
    body, line, code = listed.read_bytes().rpartition(f"\r\n{messages.text('list.code', code='')}".encode())
    seen = hashlib.sha256(body + table.read_bytes()).hexdigest()[:SIGNS]
    heads, *lines = [list(one.values()) for one in (parsed(decoded(table.read_bytes()) or "", ",") or {}).values()] or [
        []
    ]
    if not line or code.strip() != seen.encode() or heads != messages.entry("list.columns"):
        return {}
    codes = {path.name: {code_of(path)} for path in (listed, table)}
    for letter, own in (one[-2:] for one in lines if len(one) == len(heads)):
        codes.setdefault(letter, set()).add(own)
    return codes


# how it makes way -----------------------------------------------------------------------------------------------------


def put(folder: Path, fill: Fill, check: Callable[[], None]) -> None:
    """Put what `fill` writes into the place of a folder: all of it, or the folder stays as it was. Raises OSError.

    `check` is asked again before anything is moved. A folder that may not be renamed, for it is a disk's own, somebody
    is in it, or the one above may not be written, stays, and the files in it are replaced.
    """
    if not _must_stay(folder) and _replaced(folder, fill, check):
        return
    part = whole.beside(folder, within=folder)
    try:
        _filled(part, folder, fill)
        check()
        (part / ownership.BEFORE).mkdir()
        for one in [path for path in folder.iterdir() if not ownership.is_marked(path)]:
            one.rename(part / ownership.BEFORE / one.name)
        (part / READY).touch()
    except BaseException:
        _end(part, folder)
        raise
    _end(part, folder)


def recover(folder: Path) -> None:
    """End what a run that was killed began: between two moves the old letters are in a folder of ours."""
    name = f".{glob.escape(whole.short(folder.name))}.{'[0-9a-f]' * 16}.part"
    for part in sorted([*folder.parent.glob(name), *folder.glob(name)]):
        if ownership.is_marked(part) and (part / ownership.BEFORE).is_dir():
            with suppress(OSError):
                if part.parent == folder or os.path.lexists(folder):
                    _end(part, folder, ours=ownership.is_ours(part))
                else:
                    (part / ownership.BEFORE).rename(folder)
                    ownership.remove(part)
    for one in (folder.parent, folder):
        whole.tidy(one)


def _must_stay(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    with suppress(OSError):
        return os.path.ismount(folder) or folder.samefile(Path.cwd()) or not os.access(folder.parent, os.W_OK)
    return False


def _replaced(folder: Path, fill: Fill, check: Callable[[], None]) -> bool:
    """Whether the folder could be replaced as a whole; if not, nothing is changed."""
    part = whole.beside(folder)
    before = part / ownership.BEFORE
    try:
        _filled(part, folder, fill)
        check()
        if folder.exists():
            try:
                folder.rename(before)
            except OSError as trouble:
                if trouble.errno in STAYS:
                    return False
                raise
        try:
            (part / NEW).rename(folder)
        except BaseException:
            with suppress(OSError):  # where another chase-up has come meanwhile, that one stays
                before.rename(folder)
            raise
        whole.settle(folder.parent)
        return True
    finally:
        _end(part, folder)


def _filled(part: Path, folder: Path, fill: Fill) -> None:
    new = part / NEW
    new.mkdir()
    fill(new)
    if folder.is_dir():
        new.chmod(folder.stat().st_mode & 0o777)
    with suppress(AttributeError):  # all on the disk in one go: for each of 20,000 letters it takes minutes
        os.sync()


def _end(part: Path, folder: Path, *, ours: bool = True) -> None:
    """Remove what was replaced with all that was made for it; but what is not ours goes back to where it was."""
    before, gone = part / ownership.BEFORE, part / DONE
    if before.is_dir():
        if not folder.is_dir():  # nothing has come in its place: `recover` puts it back
            return
        if part.parent == folder:
            for one in list((part / NEW if (part / READY).exists() else before).iterdir()):
                _move_into(folder, one)
            whole.settle(folder)
        if not ours:
            return
        for one in list(strangers(before)):
            _move_into(folder, one)
        before.rename(gone)
    ownership.clear(part)


def _move_into(folder: Path, one: Path) -> None:
    """Move a file into the folder; under another name where something of its own has come to be there."""
    for place in (folder / one.name, *whole.others(folder / one.name)):
        if os.path.lexists(place) and one.samefile(place):  # killed between the two steps of a move
            one.unlink()
            return
        with suppress(FileExistsError):
            whole.move_new(one, place)
            return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder / one.name))
