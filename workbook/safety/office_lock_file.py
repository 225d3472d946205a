"""The little file by which a spreadsheet program says that it has a workbook open.

Excel puts `~$某局.xlsx` beside 某局.xlsx, WPS `.~某局.xlsx`, LibreOffice `.~lock.某局.xlsx#`. Whoever has it open may
not have saved it yet; and on Windows nobody else can replace it. A program that crashed leaves the little file behind.
"""

from __future__ import annotations

import os
from pathlib import Path

OPEN = "open-elsewhere"
"""The rule by which it is told of a file that was read."""


def list_lock_names(name: str) -> tuple[str, ...]:
    """The names such a little file has beside a file of that name."""
    return f"~${name}", f".~{name}", f".~lock.{name}#"


def is_lock_name(name: str) -> bool:
    """Whether a file of that name is such a little file."""
    return name.startswith(("~$", ".~"))


def find_lock_holder(name: str) -> str:
    """The name of the file that a little file of that name says is open."""
    if name.startswith(".~lock."):
        return name.removeprefix(".~lock.").removesuffix("#")
    return name[2:]


def find_lock_file(path: Path) -> Path | None:
    """The little file beside a workbook; None where nobody seems to have it open."""
    return next((one for one in map(path.with_name, list_lock_names(path.name)) if os.path.lexists(one)), None)
