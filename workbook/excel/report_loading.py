"""Loads a report from any file handed in (workbook or JSON), and reads a damaged workbook to write it afresh."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from workbook.excel.reading.file_type import Unreadable, build_too_large_error, read_within_time, refuse_changing_file
from workbook.model.finding import Source
from workbook.model.rule_catalog import make_finding
from workbook.rules.evaluation import Submission
from workbook.safety.atomic_write import OPEN_FILE_RULE, find_lock_file
from workbook.safety.limits import get_limit
from workbook.safety.messages import describe_os_error, load_messages

__all__ = ["Submission", "Unreadable", "load_submission", "repair_workbook"]


@refuse_changing_file
@read_within_time()
def load_submission(path: Path) -> Submission:
    """Read a workbook or a report JSON. Raises Unreadable, with a sentence for the user, where that cannot be done.

    Where somebody has the workbook open, which may not be saved yet, a finding says so.
    """
    if path.suffix.lower() == ".json" and path.is_file():
        return _load_json(path)
    from workbook.excel.reading.workbook_reader import read_workbook  # a JSON needs no reader of workbooks

    submission = read_workbook(path)
    if (mark := find_lock_file(path)) is None:
        return submission
    found = make_finding(OPEN_FILE_RULE, mark=mark.name).at(Source(path.name))
    return replace(submission, findings=(*submission.findings, found))


def _load_json(path: Path) -> Submission:
    from workbook.exchange.report_json import NotAReport, load_report, refuse_summary

    try:
        if path.stat().st_size > get_limit("json"):
            refuse_summary(path)
            raise build_too_large_error("json")
        loaded = load_report(path)
    except NotAReport as error:
        raise Unreadable("json", error.message) from error
    except MemoryError:
        raise build_too_large_error("memory") from None
    except OSError as error:
        words = load_messages("workbook.excel.reading").get("system", why=describe_os_error(error))
        raise Unreadable("permission", words) from error
    return Submission(path, loaded.report, None, loaded.findings)


class MovedValue(NamedTuple):
    """One value that is elsewhere in the fresh template: its cell code, its old place and its new one."""

    code: str
    old: Source
    new: Source


class RepairedWorkbook(NamedTuple):
    """A workbook as it was read, ready to be written afresh, and the values that move."""

    submission: Submission
    moves: tuple[MovedValue, ...]


@read_within_time()
def repair_workbook(path: Path) -> RepairedWorkbook:
    """Read whatever can be read of a damaged workbook. Raises Unreadable where it is no annual report at all.

    Words that are no number stay in their cells, so nothing typed is lost; totals that differ from their parts stay as
    typed, so that the check still says so.
    """
    from workbook.excel.reading.workbook_reader import read_workbook
    from workbook.excel.template_layout import TemplateLayout

    submission = read_workbook(path)
    moves = []
    for code, spot in TemplateLayout(submission.report.form).cells.items():
        old, new = submission.report.source(code), Source("", spot.sheet, spot.a1)
        if old.cell and (old.sheet, old.cell) != (new.sheet, new.cell):
            moves.append(MovedValue(code, old, new))
    return RepairedWorkbook(submission, tuple(moves))
