"""Where readings are kept from one merge to the next, and the key they are sealed with. Uses platformdirs.

What is kept there is believed by later merges. So nobody else may write there, and nobody else knows the key; a folder
for which that does not hold is not used, and the merge goes on without.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbook.safety import atomic_write
from workbook.safety.messages import UserError, load_messages
from workbook.safety.owned_folders import clear_folder, is_marked, is_mine

messages = load_messages("workbook.merging")

VARIABLE = "OGI_CACHE"
"""The environment variable that names another folder."""
KEY = "readings.key"
"""The file that holds the key, in the user's own folder for caches: not in one that is named for a merge."""
BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite has beside a file, by the end of its name."""

_KEY = re.compile(rb"ogi readings key 1\n[0-9a-f]{64}\n")
_OURS = re.compile(r"readings(-[0-9a-f]{32}\.sqlite(-wal|-shm|-journal)?|\.key)")


class CacheNotPrivate(UserError):
    """A folder in which readings cannot be kept safely."""

    def __init__(self, key: str, place: Path) -> None:
        super().__init__(messages.get("cache.without", why=messages.get(f"cache.{key}", place=place)))


def get_cache_folder() -> Path | None:
    """The user's own folder for caches; None where it cannot be made or written (then nothing is kept)."""
    from platformdirs import user_cache_path

    named = os.environ.get(VARIABLE)
    folder = Path(named).absolute() if named else user_cache_path("ogi", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def make_private_folder(folder: Path, file: Path) -> None:
    """See to it that the user alone may write to a folder for readings, and alone read the file in it.

    Makes what is not there. Raises NotPrivate where somebody else may write there, OSError where the disk refuses.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.is_symlink():
        _of_user(folder, folder.lstat())
    place = folder.resolve()
    at = place.stat()
    _alone(folder, at)
    if at.st_mode & 0o077 and all(_OURS.fullmatch(one.name) for one in place.iterdir()):
        with suppress(OSError):
            place.chmod(0o700)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    for end in BESIDE:
        one = file.with_name(file.name + end)
        with suppress(FileNotFoundError):
            of_file = one.lstat()
            if not stat.S_ISREG(of_file.st_mode):
                raise CacheNotPrivate("special", one)
            _alone(one, of_file)
            if of_file.st_mode & 0o077:
                with suppress(OSError):
                    one.chmod(0o600)
    if get_sealing_key(folder) is None:
        raise CacheNotPrivate("key", folder)


def _alone(path: Path, at: os.stat_result) -> None:
    """Refuse what is another's, or what others may write."""
    _of_user(path, at)
    if hasattr(os, "getuid") and at.st_mode & 0o022:
        raise CacheNotPrivate("shared", path)


def _of_user(path: Path, at: os.stat_result) -> None:
    if not is_mine(path, at):
        raise CacheNotPrivate("owner" if hasattr(os, "getuid") else "elsewhere", path)


# the key --------------------------------------------------------------------------------------------------------------


def get_sealing_key(folder: Path) -> bytes | None:
    """The key that readings in that folder are sealed with, made where there is none; None where it cannot be kept.

    It lies in the user's own folder for caches; else, as in a folder for passing files, with the readings. Raises
    OSError where the disk is full.
    """
    full: OSError | None = None
    for place in _places(folder):
        try:
            if (key := _key_in(place)) is not None:
                return key
        except OSError as trouble:
            full = trouble if trouble.errno in atomic_write.FULL else full
    if full is not None:
        raise full
    return None


def _places(folder: Path) -> Iterator[Path]:
    """Where the key may lie, best first: only where nobody else may write."""
    own = None if is_marked(folder) else get_cache_folder()
    for one in filter(None, (own, folder)):
        with suppress(OSError, CacheNotPrivate):
            _alone(one, one.stat())
            yield one


def _key_in(folder: Path) -> bytes | None:
    path = folder / KEY
    for _ in range(2):
        try:
            at = path.lstat()
        except FileNotFoundError:
            with suppress(FileExistsError), _new_key(path) as new:  # another merge may be quicker
                atomic_write.move_new(new, path)
            continue
        key = path.read_bytes() if stat.S_ISREG(at.st_mode) and is_mine(path, at) else b""
        if not _KEY.fullmatch(key):
            return None
        if not hasattr(os, "getuid") or not at.st_mode & 0o077:
            return key
        with _new_key(path) as new:  # others may have read this one
            new.replace(path)
    return None


@contextmanager
def _new_key(path: Path) -> Iterator[Path]:
    """A file with a new key, to be moved to that path in the block."""
    folder = atomic_write.make_folder_beside(path)
    try:
        new = folder / KEY
        with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(b"ogi readings key 1\n" + os.urandom(32).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        yield new
    except OSError as trouble:
        if trouble.errno and trouble.filename is None:
            trouble.filename = str(path)
        raise
    finally:
        clear_folder(folder)
