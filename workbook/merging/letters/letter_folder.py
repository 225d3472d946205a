"""Replaces the folder of letters: finds what an earlier run wrote there, and moves new letters into its place.

The list of letters holds a code of every letter, and its last line one of the list itself. So a letter that somebody
changed, or a file that somebody put there, is recognised as not ours. Nothing else in such a folder is ever moved or
removed.
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

from workbook.exchange.delimited_text import decode_text, parse_table
from workbook.safety import atomic_write, owned_folders
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging.letters")

NEW = "new"
"""In a folder of ours beside the place of the letters, or in it: the letters that are to be placed there."""
READY = "ready"
"""A file beside those: all of the old letters are out of the way, and the new ones are being moved in."""
DONE = "done"
"""What BEFORE is called once nothing in it is anybody's but ours."""
STAYS = frozenset({errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.EINVAL, errno.EROFS})
"""What a system says of a folder that may not be renamed: a disk is mounted there, or a program is at work in it."""

CODE_LENGTH = 16
"""How many characters a code has."""

Fill = Callable[[Path], None]
"""Writes letters and lists into a folder."""


# what is ours ---------------------------------------------------------------------------------------------------------


def hash_files(*files: Path) -> str:
    """The code of the content of these files: any other content has another."""
    seen = hashlib.sha256()
    for file in files:
        seen.update(file.read_bytes())
    return seen.hexdigest()[:CODE_LENGTH]


def get_list_paths(folder: Path) -> tuple[Path, Path]:
    """The two lists of a chase-up: to be read, and as a table."""
    name = messages.text("list.file")
    return folder / f"{name}.txt", folder / f"{name}.csv"


def sign_lists(folder: Path) -> None:
    """Write the code of both lists below the one that is read."""
    listed, table = get_list_paths(folder)
    line = messages.text("list.code", code=hash_files(listed, table))
    with listed.open("ab") as file:
        file.write(f"\r\n{line}\r\n".encode())


def list_letter_files(folder: Path) -> frozenset[str]:
    """The names of the letters and lists of an earlier chase-up in that folder; none where its lists were changed."""
    with suppress(OSError):
        return frozenset(_read_codes(folder))
    return frozenset()


def is_letter(beginning: bytes) -> bool:
    """Whether a file that begins so is a letter or list of a chase-up, wherever it lies and whatever became of it."""
    first = beginning.decode("utf-8-sig", "replace").partition("\n")[0].strip()
    return bool(_match_titles().fullmatch(first)) or first == ",".join(messages.entry("list.columns"))


@cache
def _match_titles() -> re.Pattern[str]:
    """The first lines of letters and of the list, of whatever year."""
    titles = [text for key, text in messages.entry("letter").items() if key.startswith("title_")]
    years = [re.escape(text).replace(re.escape("{year}"), r"\d{4}") for text in (*titles, messages.text("list.title"))]
    return re.compile("|".join(years))


def find_foreign_files(folder: Path) -> Iterator[Path]:
    """What in the folder is not an earlier chase-up's, as it was written."""
    codes: Mapping[str, set[str]] = {}
    with suppress(OSError):
        codes = _read_codes(folder)
    for one in sorted(folder.iterdir()):
        if owned_folders.is_marked(one):  # letters not finished
            continue
        if one.is_symlink() or not one.is_file() or one.name not in codes or hash_files(one) not in codes[one.name]:
            yield one


def _read_codes(folder: Path) -> Mapping[str, set[str]]:
    """The code of every letter that the list names, and of the lists; none where that is no list as it was written."""
    listed, table = get_list_paths(folder)
    if listed.is_symlink() or table.is_symlink():
        return {}
    body, line, code = listed.read_bytes().rpartition(f"\r\n{messages.text('list.code', code='')}".encode())
    seen = hashlib.sha256(body + table.read_bytes()).hexdigest()[:CODE_LENGTH]
    heads, *lines = [
        list(one.values()) for one in (parse_table(decode_text(table.read_bytes()) or "", ",") or {}).values()
    ] or [[]]
    if not line or code.strip() != seen.encode() or heads != messages.entry("list.columns"):
        return {}
    codes = {path.name: {hash_files(path)} for path in (listed, table)}
    for letter, own in (one[-2:] for one in lines if len(one) == len(heads)):
        codes.setdefault(letter, set()).add(own)
    return codes


# how it makes way -----------------------------------------------------------------------------------------------------


def replace_folder(folder: Path, fill: Fill, check: Callable[[], None]) -> None:
    """Put what `fill` writes into the place of a folder: all of it, or the folder stays as it was. Raises OSError.

    `check` is asked again before anything is moved. A folder that may not be renamed, for it is a disk's own, somebody
    is in it, or the one above may not be written, stays, and the files in it are replaced.
    """
    if not _must_stay(folder) and _rename_into_place(folder, fill, check):
        return
    part = atomic_write.make_folder_beside(folder, within=folder)
    try:
        _write_new(part, folder, fill)
        check()
        (part / owned_folders.BEFORE).mkdir()
        for one in [path for path in folder.iterdir() if not owned_folders.is_marked(path)]:
            one.rename(part / owned_folders.BEFORE / one.name)
        (part / READY).touch()
    except BaseException:
        _finish(part, folder)
        raise
    _finish(part, folder)


def recover_folder(folder: Path) -> None:
    """End what a run that was killed began: between two moves the old letters are in a folder of ours."""
    name = f".{glob.escape(atomic_write.shorten_name(folder.name))}.{'[0-9a-f]' * 16}.part"
    for part in sorted([*folder.parent.glob(name), *folder.glob(name)]):
        if owned_folders.is_marked(part) and (part / owned_folders.BEFORE).is_dir():
            with suppress(OSError):
                if part.parent == folder or os.path.lexists(folder):
                    _finish(part, folder, ours=owned_folders.is_owned_folder(part))
                else:
                    (part / owned_folders.BEFORE).rename(folder)
                    owned_folders.remove_owned_folder(part)
    for one in (folder.parent, folder):
        atomic_write.remove_abandoned_files(one)


def _must_stay(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    with suppress(OSError):
        return os.path.ismount(folder) or folder.samefile(Path.cwd()) or not os.access(folder.parent, os.W_OK)
    return False


def _rename_into_place(folder: Path, fill: Fill, check: Callable[[], None]) -> bool:
    """Whether the folder could be replaced as a whole; if not, nothing is changed."""
    part = atomic_write.make_folder_beside(folder)
    before = part / owned_folders.BEFORE
    try:
        _write_new(part, folder, fill)
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
        atomic_write.flush_folder(folder.parent)
        return True
    finally:
        _finish(part, folder)


def _write_new(part: Path, folder: Path, fill: Fill) -> None:
    new = part / NEW
    new.mkdir()
    fill(new)
    if folder.is_dir():
        new.chmod(folder.stat().st_mode & 0o777)
    with suppress(AttributeError):  # all on the disk in one go: for each of 20,000 letters it takes minutes
        os.sync()


def _finish(part: Path, folder: Path, *, ours: bool = True) -> None:
    """Remove what was replaced with all that was made for it; but what is not ours goes back to where it was."""
    before, removed = part / owned_folders.BEFORE, part / DONE
    if before.is_dir():
        if not folder.is_dir():  # nothing has come in its place: `recover_folder` puts it back
            return
        if part.parent == folder:
            for one in list((part / NEW if (part / READY).exists() else before).iterdir()):
                _move_into(folder, one)
            atomic_write.flush_folder(folder)
        if not ours:
            return
        for one in list(find_foreign_files(before)):
            _move_into(folder, one)
        before.rename(removed)
    owned_folders.clear_folder(part)


def _move_into(folder: Path, one: Path) -> None:
    """Move a file into the folder; under another name where something of its own has come to be there."""
    for place in (folder / one.name, *atomic_write.list_alternative_paths(folder / one.name)):
        if os.path.lexists(place) and one.samefile(place):  # killed between the two steps of a move
            one.unlink()
            return
        with suppress(FileExistsError):
            atomic_write.move_new(one, place)
            return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder / one.name))
