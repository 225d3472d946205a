"""A damaged or foreign workbook → the same values in a fresh template, and a list of what was moved or left behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbook.excel.reading.file_type import read_within_time
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.excel.template.template_layout import TemplateLayout
from workbook.model.finding import Finding, Source
from workbook.model.report import Report
from workbook.rules.submission import Submission


@dataclass(frozen=True, slots=True)
class MovedValue:
    """One value's way from where it stood to where it stands in the fresh template."""

    code: str
    old: Source
    new: Source


@dataclass(frozen=True, slots=True)
class RepairedWorkbook:
    """What was read, ready to be written afresh: the report, last year's figures, what was odd, and what moved."""

    submission: Submission
    moves: tuple[MovedValue, ...]

    @property
    def report(self) -> Report:
        """The report as read, its totals as they stood."""
        return self.submission.report

    @property
    def previous(self) -> Report | None:
        """Last year's figures, where the workbook carried them."""
        return self.submission.previous

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was altered, and how figures were read."""
        return self.submission.findings


def repair_workbook(path: Path) -> RepairedWorkbook:
    """Read whatever can be read of a workbook. Raises Unreadable where it is no annual report at all.

    Words that are no number stay in their cells, so nothing typed is lost; totals that differ from their parts stay as
    typed, so that the check still says so.
    """
    with read_within_time():
        submission = read_workbook(path)
    places = TemplateLayout(submission.report.form)
    moves = []
    for code, spot in places.cells.items():
        old = submission.report.source(code)
        new = Source("", spot.sheet, spot.a1)
        if old.cell and (old.sheet, old.cell) != (new.sheet, new.cell):
            moves.append(MovedValue(code, old, new))
    return RepairedWorkbook(submission, tuple(moves))
