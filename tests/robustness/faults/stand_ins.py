"""Stand-ins for what fails: a full disk, an error of SQLite, a file that another program has open."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from workbook.safety import atomic_write


def disk_full(path: Path | None = None) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path and str(path))


def sqlite_error(code: int) -> sqlite3.OperationalError:
    """The error of SQLite with that code; its words tell nothing."""
    trouble = sqlite3.OperationalError("disk I/O error")
    trouble.sqlite_errorcode = code
    return trouble


def failing(trouble: Exception) -> Callable[..., object]:
    """A function that raises that, whatever it is given."""

    def fail(*_: object, **__: object) -> object:
        raise trouble

    return fail


def hold_open(patch: pytest.MonkeyPatch, is_open: Callable[[Path], bool], times: int | None = None) -> None:
    """As on Windows where Excel has a file open: it cannot be replaced, the first `times` times or ever."""
    real, tries = Path.replace, iter(range(times)) if times is not None else count()

    def replace(one: Path, to: Path) -> Path:
        if is_open(to) and next(tries, None) is not None:
            raise PermissionError(13, "Permission denied", str(one), None, str(to))
        return real(one, to)

    patch.setattr(Path, "replace", replace)
    patch.setattr(atomic_write, "WAITS", (0.0, 0.0, 0.0))


def accompany(
    patch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    *,
    before: Callable[..., object] = lambda *_, **__: None,
    after: Callable[..., object] = lambda *_, **__: None,
) -> None:
    """Let something else happen whenever a function is called: `before` or `after` its work, given the same."""
    real = getattr(owner, name)

    def called(*words: object, **named: object) -> object:
        before(*words, **named)
        result = real(*words, **named)
        after(*words, **named)
        return result

    patch.setattr(owner, name, called)
