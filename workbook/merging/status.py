"""What was found and what became of it: every file has one status, and the counts add up to the files found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from workbook.finding import Finding, Severity, Words
from workbook.form import Form
from workbook.merging.words import entry, said
from workbook.report import Report

NOTHING = Words("", "")
MARK = "ogi.summary"
"""The custom property by which a summary workbook is known, wherever it lies and whatever it is called."""


class Status(StrEnum):
    """What became of one file."""

    MERGED = "merged"
    WARNINGS = "warnings"
    """Merged; has warnings nobody gave a reason for."""
    ERRORS = "errors"
    """Merged although it has errors."""
    HELD = "held"
    """Not merged for its errors, as the coordinator asked."""
    CONFLICT = "conflict"
    """Same agency, year and revision as another file, with other figures: none of them is merged."""
    UNREADABLE = "unreadable"
    OTHER = "other"
    """A report of another year or form than the one merged."""
    SUPERSEDED = "superseded"
    """The same agency handed in a higher revision."""
    DUPLICATE = "duplicate"
    """Same agency, year and figures as another file, which counts."""
    FOREIGN = "foreign"
    """A file with no report in it."""
    SKIPPED = "skipped"
    """Not looked into: hidden, temporary, or the summary itself."""

    @property
    def words(self) -> Words:
        """The status as a user reads it."""
        return said(f"status.{self.value}")

    @property
    def means(self) -> str:
        """What the status means, in a sentence."""
        return str(entry(f"status.{self.value}.means"))

    @property
    def tone(self) -> str:
        """How pressing it is: good, wait, bad or quiet."""
        return str(entry(f"status.{self.value}.tone"))


COUNTED = frozenset({Status.MERGED, Status.WARNINGS, Status.ERRORS})
"""Whose figures are in the sum."""
PENDING = frozenset({Status.HELD, Status.CONFLICT, Status.UNREADABLE})
"""Files not in the sum that somebody must settle."""
LISTED = COUNTED | {Status.HELD, Status.CONFLICT}
"""Whose findings the agency should hear of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file found: where, what became of it and why, the report in it and what is wrong with that.

    `place` is the path as lists show it, from the folder that all files share; `sha256` is blank for a file not opened.
    """

    path: Path
    place: str
    status: Status
    why: Words = NOTHING
    report: Report | None = None
    findings: tuple[Finding, ...] = ()
    sha256: str = ""
    size: int = 0
    reader: str = ""

    @property
    def agency(self) -> str:
        """The name of the agency, as far as it is known."""
        return self.report.agency.name if self.report else ""

    def count(self, severity: Severity) -> int:
        """How many findings of that severity there are; answered warnings do not count."""
        return sum(1 for found in self.findings if found.severity is severity and not found.answer)


@dataclass(frozen=True, slots=True)
class Collection:
    """Every file found, in the order of their places, and the year and form that are merged (None: nothing is)."""

    entries: tuple[Entry, ...]
    year: int | None = None
    form: Form | None = None

    @property
    def counted(self) -> tuple[Entry, ...]:
        """The files whose figures are in the sum: one an agency."""
        return tuple(one for one in self.entries if one.status in COUNTED)

    @property
    def pending(self) -> tuple[Entry, ...]:
        """The files not in the sum that somebody must settle."""
        return tuple(one for one in self.entries if one.status in PENDING)

    @property
    def reports(self) -> tuple[Report, ...]:
        """The reports that are summed."""
        return tuple(one.report for one in self.counted if one.report)

    def counts(self) -> Mapping[Status, int]:
        """How many files have each status, all statuses named: together they are the files found."""
        found = Counter(one.status for one in self.entries)
        return {status: found[status] for status in Status}
