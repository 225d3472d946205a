"""What the page shows, whoever counted it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from workbook.finding import Severity
from workbook.report import Report


class FileStatus(NamedTuple):
    """What became of files: the status and its meaning as a user reads them, its tone, and how many files have it."""

    label: str
    means: str
    tone: str
    files: int


class Completeness(NamedTuple):
    """How many agencies of one level stand where; together they are those expected.

    Their report is in (`submitted`), went back, or a file came that may be it (`received`); or no report is known,
    while files lie there of nobody known (`unverified`), or none do (`missing`).
    """

    label: str
    submitted: int
    returned: int = 0
    received: int = 0
    unverified: int = 0
    missing: int = 0

    @property
    def expected(self) -> int:
        """How many agencies of the level should hand in."""
        return sum(self[1:])


class Agency(NamedTuple):
    """One agency in the sum, its texts as a user reads them; `errors` and `warnings` of its report."""

    name: str
    code: str
    region: str
    level: str
    status: str
    tone: str
    errors: int
    warnings: int
    file: str


class Problem(NamedTuple):
    """One finding as a user reads it; `agency` is blank for one of the sum. An answered one has its reason."""

    agency: str
    severity: Severity
    rule: str
    place: str
    message: str
    advice: str
    answer: str = ""
    file: str = ""


class SourceFile(NamedTuple):
    """One file found, and the fingerprint of its bytes; blank for a file not opened."""

    file: str
    status: str
    tone: str
    agency: str
    size: int
    sha256: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class PageData:
    """All that the page shows. The streams are gone through once; the page bounds what it lists of them.

    `report` is the sum and gives form and year; `verdict` the conclusion in a sentence, `tone` its tone (good, wait,
    bad); `levels` is empty where no roster says who should hand in; `wrong` the cells of the sum that break a rule;
    `blanks`, cell by cell, how many agencies give no number there (empty: unknown); `made` when the page was made, as
    text (blank: not said, so that the same input gives the same bytes).
    """

    title: str
    report: Report
    verdict: str
    tone: str
    statuses: Sequence[FileStatus]
    agencies: Iterable[Agency]
    problems: Iterable[Problem]
    sources: Iterable[SourceFile]
    levels: Sequence[Completeness] = ()
    wrong: frozenset[str] = frozenset()
    blanks: Sequence[int] = ()
    made: str = ""
    side: Sequence[str] = ()
    """What is wrong with the roster, earlier years and the like, in sentences."""
