"""A file must not change while it is read: half of the old and half of the new would be neither.

Somebody may be saving it, or it may still be on its way into the folder. Then nothing that was read is believed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from workbook.reading.recognise import Unreadable

T = TypeVar("T")


def state(path: Path) -> tuple[int, int] | None:
    """What shows that a file was changed or replaced: its size, and when it was written; None where it is not there."""
    try:
        at = path.stat()
    except (OSError, ValueError):
        return None
    return at.st_size, at.st_mtime_ns


def steady(read: Callable[[Path], T]) -> Callable[[Path], T]:
    """Make a function that reads a file raise Unreadable where the file changed meanwhile."""

    @functools.wraps(read)
    def reading(path: Path) -> T:
        before = state(path)
        try:
            found = read(path)
        except Exception:
            if state(path) != before:
                raise Unreadable("changed") from None
            raise
        if state(path) != before:
            raise Unreadable("changed")
        return found

    return reading
