"""The way in for any file handed in: a workbook or a report JSON."""

from __future__ import annotations

from pathlib import Path

from workbook.finding import Words
from workbook.jsonio import NotAReport, load_path
from workbook.reading.recognise import Unreadable
from workbook.submission import Submission

__all__ = ["Submission", "Unreadable", "load"]


def load(path: Path) -> Submission:
    """Read a workbook or a report JSON. Raises Unreadable, with a sentence for the user, where that cannot be done."""
    if path.suffix.lower() == ".json" and path.is_file():
        try:
            loaded = load_path(path)
        except NotAReport as error:
            raise Unreadable("json", Words(str(error), str(error))) from error
        except OSError as error:
            words = Words(f"无法读取：{error.strerror}。", f"Cannot be read: {error.strerror}.")
            raise Unreadable("permission", words) from error
        return Submission(path, loaded.report, None, loaded.findings)
    from workbook.reading.read import read  # imported here: a JSON needs no workbook reader

    return read(path)
