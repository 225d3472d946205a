"""The way in for any file handed in: a workbook or a report JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbook.finding import Source
from workbook.held import OPEN, mark_beside
from workbook.jsonio import NotAReport, load_path, refuse_summary
from workbook.limits import limit
from workbook.reading.recognise import Unreadable, beyond, in_time
from workbook.reading.steady import steady
from workbook.rulebook import finding
from workbook.safety.messages import load_messages
from workbook.safety.os_errors import describe_os_error
from workbook.submission import Submission

__all__ = ["Submission", "Unreadable", "load"]


@steady
def load(path: Path) -> Submission:
    """Read a workbook or a report JSON. Raises Unreadable, with a sentence for the user, where that cannot be done."""
    with in_time():
        if path.suffix.lower() == ".json" and path.is_file():
            return _report(path)
        from workbook.reading.read import read  # imported here: a JSON needs no workbook reader

        return _told_open(read(path))


def _told_open(submission: Submission) -> Submission:
    """With a notice where somebody has the file open: it may not be saved yet."""
    mark = mark_beside(submission.path)
    if mark is None:
        return submission
    found = replace(finding(OPEN, mark=mark.name), source=Source(submission.path.name))
    return replace(submission, findings=(*submission.findings, found))


def _report(path: Path) -> Submission:
    try:
        if path.stat().st_size > limit("json"):
            refuse_summary(path)
            raise beyond("json")
        loaded = load_path(path)
    except NotAReport as error:
        raise Unreadable("json", error.message) from error
    except MemoryError:
        raise beyond("memory") from None
    except OSError as error:
        words = load_messages("workbook.reading").get("system", why=describe_os_error(error))
        raise Unreadable("permission", words) from error
    return Submission(path, loaded.report, None, loaded.findings)
