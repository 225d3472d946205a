"""The desk at which defects are planted among submissions, and what is said of each one planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.reports import Figures, Line, report_of, reports, summed
from workbook.excel.template.template_writer import write_workbook
from workbook.model.form import Form
from workbook.model.report import Report
from workbook.rules.rule_types import Equation, list_equations


class Planted(NamedTuple):
    """One thing planted.

    `place` is the file, from the folder of submissions (`包.zip!某局.xlsx` inside an archive), blank for a report that
    is missing; `agency` a credit code, blank where a file is nobody's. `status` is what a merge must call the file,
    `finding` a rule that must be among its findings, blank where none need be.
    """

    kind: str
    place: str
    agency: str
    status: str
    finding: str = ""


Fits = Callable[[Report, Report], bool]


@dataclass
class Desk:
    """Where defects are planted: the folder, the agencies not dealt with yet, the sum of what counts."""

    folder: Path
    form: Form
    year: int
    seed: int
    waiting: list[Line]
    strangers: list[Line]
    """Agencies that are in no roster."""
    counted: dict[str, int] = field(default_factory=dict)

    def take(self, fits: Fits = lambda _now, _before: True) -> tuple[Line, Report, Report]:
        """The next agency whose report fits, with it and last year's. LookupError where there is none left."""
        for line in self.waiting:
            now, before = reports(line, self.form, self.year, self.seed)
            if fits(now, before):
                self.waiting.remove(line)
                return line, now, before
        raise LookupError("no agency is left whose report fits")

    def place(self, line: Line, more: str = "", suffix: str = ".xlsx") -> str:
        """Where the agency's file lies, from the folder."""
        return place_of(line, self.year, more, suffix)

    def path(self, place: str) -> Path:
        """The same as a path; its folder is there."""
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def put(self, place: str, report: Report, before: Report | None, *, counts: bool = False) -> Path:
        """Write a workbook; `counts` where its figures belong to the sum."""
        write_workbook(self.path(place), report, before)
        if counts:
            self.count(report)
        return self.folder / place

    def count(self, report: Report) -> None:
        """Add the figures of a report that belongs to the sum."""
        for code, figure in figures_of(report).items():
            self.counted[code] = self.counted.get(code, 0) + figure

    def rewritten(self, line: Line, report: Report, cells: Figures) -> Report:
        """The report with other figures, its sums and its texts in agreement with them."""
        known = figures_of(report) | cells
        parts = {code: n for code, n in known.items() if not report.form.cell(code).total}
        return report_of(report.form, report.year or self.year, line, summed(report.form, parts), Random(self.seed))


def place_of(line: Line, year: int, more: str = "", suffix: str = ".xlsx") -> str:
    """Where an agency's file lies, from the folder of submissions."""
    return f"{line.folder}/{line.name}{year}{more}{suffix}".lstrip("/")


def figures_of(report: Report) -> dict[str, int]:
    """The figures of a report all of whose cells hold whole numbers of base units."""
    return {cell.code: int(report.number(cell.index) or 0) for cell in report.form.cells}


def stated(form: Form, *, yearly: bool) -> list[Equation]:
    """The equations printed on the form over single columns that are no sums; between years, or within one."""
    rules = [rule for rule in list_equations(form) if not rule.sums and rule.op == "=" and rule.yearly == yearly]
    return [rule for rule in rules if not rule.right[0].cell.total]


def some_requests(now: Report, _before: Report) -> bool:
    return any(now.number(rule.right[0].cell.index) for rule in stated(now.form, yearly=False))
