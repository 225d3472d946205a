"""How much work something is, in steps: every call of a function, and every instruction of SQLite. No clock."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

EVERY = 50
"""Instructions of SQLite counted at once."""


def steps(work: Callable[[], object], *, functions: bool = True) -> int:
    """How many functions are called in this thread until that work is done, and how much its databases do.

    Without `functions` that of the databases alone, where it would be lost among all others.
    """
    count = 0
    connect = sqlite3.connect

    def called(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    def counted() -> int:
        nonlocal count
        count += EVERY
        return 0

    def connected(*place: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*place, **named)
        connection.set_progress_handler(counted, EVERY)
        return connection

    sqlite3.connect = connected
    sys.setprofile(called if functions else None)
    try:
        work()
    finally:
        sys.setprofile(None)
        sqlite3.connect = connect
    return count
