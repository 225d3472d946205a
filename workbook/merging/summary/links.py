"""Where the files of a merge lie, seen from the summary: so that a click opens what was submitted."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

from workbook.merging.collection import Collection
from workbook.merging.status import Entry
from workbook.template.pen import escape_address

_OPEN = re.compile(r"https?://[^@?]*")
"""An address that holds no password and no key, and may be passed on."""


HIGHEST = 2
"""So many folders up from the summary a link may lead: farther off, it would tell how a machine is arranged."""

_READ = frozenset(
    (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".json", ".csv", ".txt", ".docx", ".doc", ".wps", ".pdf", ".zip")
)
"""What a click on a file that holds no report may open: something to read. A program among the files is only named."""


class Links:
    """Addresses of files from the folder the summary lies in; blank where there is no such folder or file.

    A file in the web has its own address. A summary goes to the level above: none of its links names a drive, or the
    folder of the user who made it.
    """

    def __init__(self, collection: Collection, home: Path | None) -> None:
        self._home = home
        self._scratch = collection.ledger.scratch.resolve()
        self._folder = lru_cache(maxsize=1024)(self._seen)

    def file(self, entry: Entry) -> str:
        """The address of the file; of one in an archive, that of the archive."""
        if self._home is None:
            return ""
        if "://" in str(entry.path):
            return str(entry.path) if _OPEN.fullmatch(str(entry.path)) else ""
        folder, name = os.path.split(entry.path)
        if not entry.form and os.path.splitext(name)[1].lower() not in _READ:  # noqa: PTH122 -- may be no path here
            return ""
        seen = self._folder(folder)
        return "" if seen is None else seen + escape_address(name)

    def _seen(self, folder: str) -> str | None:
        """The address of a folder, with a slash at its end; None where the files in it will not last."""
        path = Path(folder).resolve()
        if self._home is None or path.is_relative_to(self._scratch):  # what was unpacked there is removed again
            return None
        home = self._home.resolve()
        try:
            relative = Path(os.path.relpath(path, home))
        except ValueError:  # on another drive
            return None
        if relative.parts.count(os.pardir) > HIGHEST or _enters(Path.home(), home, path):
            return None
        return escape_address(relative.as_posix()) + "/" if relative.parts else ""


def _enters(folder: Path, home: Path, path: Path) -> bool:
    """Whether the way from one place to another leads into a folder, and so names it."""
    return path.is_relative_to(folder.resolve()) and not home.is_relative_to(folder.resolve())
