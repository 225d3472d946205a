"""A damaged or foreign workbook → the same values in a fresh template, and a list of what was moved or left behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbook.finding import Finding, Source
from workbook.reading.read import read
from workbook.reading.recognise import in_time
from workbook.report import Report
from workbook.submission import Submission
from workbook.template.template_layout import Places


@dataclass(frozen=True, slots=True)
class Move:
    """One value's way from where it stood to where it stands in the fresh template."""

    code: str
    old: Source
    new: Source


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was read, ready to be written afresh: the report, last year's figures, what was odd, and what moved."""

    submission: Submission
    moves: tuple[Move, ...]

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


def repair(path: Path) -> Repaired:
    """Read whatever can be read of a workbook. Raises Unreadable where it is no annual report at all.

    Words that are no number stay in their cells, so nothing typed is lost; totals that differ from their parts stay as
    typed, so that the check still says so.
    """
    with in_time():
        submission = read(path)
    places = Places(submission.report.form)
    moves = []
    for code, spot in places.cells.items():
        old = submission.report.source(code)
        new = Source("", spot.sheet, spot.a1)
        if old.cell and (old.sheet, old.cell) != (new.sheet, new.cell):
            moves.append(Move(code, old, new))
    return Repaired(submission, tuple(moves))
