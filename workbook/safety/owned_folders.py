"""Makes and removes owned folders: those with our mark inside that belong to the user who runs this.

Every file that is not finished, and every file that is only passed on, lies in such a folder. Its name is one that
nobody types; its mark repeats that name, so that a copy under another name is not taken for ours. Where Windows does
not say whose a file is, it is the user's if it lies in the user's profile; what lies elsewhere there is left alone.
"""

from __future__ import annotations

import os
import re
import stat
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DAY = 24 * 3600
"""Seconds after which nobody is at work in a folder any more: whoever was has been killed."""
MARK = ".made-by-ogi"
"""The file that is our mark."""
BEFORE = "before"
"""In a folder of ours, what was in a place that is being taken: only who put it there removes it."""

_SCRATCH = re.compile(r"ogi-[0-9a-f]{16}")


def make_token() -> str:
    """Sixteen digits that no other name has."""
    return os.urandom(8).hex()


def is_users_own(path: Path, at: os.stat_result | None = None) -> bool:
    """Whether a file or folder (not what a link leads to) belongs to whoever runs this. Raises OSError."""
    if hasattr(os, "getuid"):
        return bool((at or path.lstat()).st_uid == os.getuid())
    return is_in_profile(path)


def is_in_profile(path: Path) -> bool:
    """Whether it lies in the user's own profile, where Windows lets nobody else write."""
    try:
        homes = (Path.home(), *map(Path, filter(None, [os.environ.get("LOCALAPPDATA")])))
        return any(path.resolve().is_relative_to(one.resolve()) for one in homes)
    except (OSError, RuntimeError):
        return False


def make_owned_folder(folder: Path, name: str) -> Path:
    """A new folder of ours in that folder, with the mark; `name` must hold a `make_token`. Raises OSError."""
    made = folder / name
    if os.name == "nt":  # where 0o700 would be passed on to the files that are moved out of it
        made.mkdir()
    else:
        made.mkdir(mode=0o700)
    try:
        (made / MARK).write_bytes(_mark(name))
    except BaseException as trouble:
        clear_folder(made)
        if isinstance(trouble, OSError) and trouble.errno:
            trouble.filename = str(folder)
        raise
    return made


def clear_folder(folder: Path) -> None:
    """Remove a folder that this run has made: what is in it, its mark, itself. What cannot be removed keeps the mark.

    Not asked whether it is ours: on a disk that knows no owners nothing is.
    """
    import shutil

    with suppress(OSError):
        for one in list(folder.iterdir()):
            if one.name == MARK:
                continue
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one)
            else:
                one.unlink()
        shutil.rmtree(folder)


def is_marked(folder: Path) -> bool:
    """Whether a folder has our mark inside, made under the name that it has."""
    mark = folder / MARK
    try:
        kinds = stat.S_ISDIR(folder.lstat().st_mode) and stat.S_ISREG(mark.lstat().st_mode)
        return kinds and mark.read_bytes() == _mark(folder.name)
    except OSError:
        return False


def is_owned_folder(folder: Path) -> bool:
    """Whether a folder has our mark inside, and folder and mark are the user's own."""
    try:
        return is_marked(folder) and is_users_own(folder) and is_users_own(folder / MARK)
    except OSError:
        return False


def remove_owned_folder(folder: Path) -> None:
    """Remove a folder of ours, whichever run made it; one that is not proven to be ours stays."""
    if is_owned_folder(folder):
        clear_folder(folder)


def remove_abandoned_folders(folder: Path, names: re.Pattern[str]) -> None:
    """Remove what runs of ours that were killed have left in a folder, once it is a day old.

    Only folders of ours with a name as `names` says. One that holds what was there `BEFORE` stays, and so does one in
    which anything is another's or on another disk.
    """
    with suppress(OSError):
        for one in [path for path in folder.iterdir() if names.fullmatch(path.name)]:
            with suppress(OSError):
                if time.time() - one.lstat().st_mtime > DAY:
                    _remove_if_ours(one)


def _remove_if_ours(folder: Path) -> None:
    if is_owned_folder(folder):
        if not os.path.lexists(folder / BEFORE) and all(_list_own_on_one_disk(folder)):
            clear_folder(folder)
    elif is_users_own(folder) and _is_bare(folder):
        clear_folder(folder)


def _is_bare(folder: Path) -> bool:
    """Whether nothing is in it: its maker was killed before the mark was written."""
    if not stat.S_ISDIR(folder.lstat().st_mode):
        return False
    inside = list(folder.iterdir())
    return not inside or ([one.name for one in inside] == [MARK] and inside[0].lstat().st_size == 0)


def _list_own_on_one_disk(folder: Path) -> Iterator[bool]:
    """Of everything in a folder, whether it is the user's own and on the same disk. Links are not followed."""

    def stopped(trouble: OSError) -> None:
        raise trouble

    disk = folder.lstat().st_dev
    for here, folders, files in os.walk(folder, onerror=stopped):
        for name in (*folders, *files):
            at = Path(here, name).lstat()
            yield at.st_dev == disk and is_users_own(Path(here, name), at)


def _mark(name: str) -> bytes:
    """What is written into the mark of a folder of that name; a Mac may spell a name in another way."""
    from unicodedata import normalize

    from workbook.safety.messages import load_messages

    text = load_messages("workbook.safety").text("folder.mark")
    return (text + normalize("NFC", name) + "\n").encode("utf-8", "surrogateescape")


# folders for passing files --------------------------------------------------------------------------------------------


class ScratchFolder:
    """A folder for passing files, among the system's temporary ones; gone when closed, or with this object."""

    def __init__(self) -> None:
        self.folder = make_owned_folder(get_temporary_folder(), f"ogi-{make_token()}")
        self.close = weakref.finalize(self, clear_folder, self.folder)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for passing files, gone after the block. Raises OSError."""
    made = ScratchFolder()
    try:
        yield made.folder
    finally:
        made.close()


def is_scratch(path: Path) -> bool:
    """Whether it is the system's temporary folder, or lies in a folder for passing files there."""
    above = get_temporary_folder()
    return path == above or any(one.parent == above and _SCRATCH.fullmatch(one.name) for one in (path, *path.parents))


def remove_abandoned_scratch() -> None:
    """Remove the folders for passing files that runs which were killed have left."""
    remove_abandoned_folders(get_temporary_folder(), _SCRATCH)


def get_temporary_folder() -> Path:
    """The system's temporary folder."""
    import tempfile

    return Path(tempfile.gettempdir())
