"""The way in for any file handed in: a workbook or a report JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbook.excel.reading.file_type import Unreadable, make_too_large, read_within_time, refuse_changing_file
from workbook.exchange.report_json import NotAReport, load_report, refuse_summary
from workbook.model.finding import Source
from workbook.model.rule_catalog import make_finding
from workbook.rules.submission import Submission
from workbook.safety.limits import get_limit
from workbook.safety.messages import load_messages
from workbook.safety.office_lock_file import OPEN, find_lock_file
from workbook.safety.os_errors import describe_os_error

__all__ = ["Submission", "Unreadable", "load_submission"]


@refuse_changing_file
def load_submission(path: Path) -> Submission:
    """Read a workbook or a report JSON. Raises Unreadable, with a sentence for the user, where that cannot be done."""
    with read_within_time():
        if path.suffix.lower() == ".json" and path.is_file():
            return _report(path)
        from workbook.excel.reading.workbook_reader import (
            read_workbook,  # imported here: a JSON needs no workbook reader
        )

        return _told_open(read_workbook(path))


def _told_open(submission: Submission) -> Submission:
    """With a notice where somebody has the file open: it may not be saved yet."""
    mark = find_lock_file(submission.path)
    if mark is None:
        return submission
    found = replace(make_finding(OPEN, mark=mark.name), source=Source(submission.path.name))
    return replace(submission, findings=(*submission.findings, found))


def _report(path: Path) -> Submission:
    try:
        if path.stat().st_size > get_limit("json"):
            refuse_summary(path)
            raise make_too_large("json")
        loaded = load_report(path)
    except NotAReport as error:
        raise Unreadable("json", error.message) from error
    except MemoryError:
        raise make_too_large("memory") from None
    except OSError as error:
        words = load_messages("workbook.excel.reading").get("system", why=describe_os_error(error))
        raise Unreadable("permission", words) from error
    return Submission(path, loaded.report, None, loaded.findings)
