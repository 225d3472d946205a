"""A file as an agency hands it in, once read: the report, and what was odd about the file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbook.model.finding import Finding
from workbook.model.report import Report
from workbook.rules.evaluation import check_report


@dataclass(frozen=True, slots=True)
class Submission:
    """One file read: the report in it, last year's figures if it carries them, and what was odd about the file.

    `reader` says what read it: `alike`, `package` or `tolerant` (the readers of workbooks), or `json`; `template` which
    version of our template it was made from (blank: none of ours); `summary` whether it is the result of a merge.
    """

    path: Path
    report: Report
    previous: Report | None = None
    findings: tuple[Finding, ...] = ()
    reader: str = "json"
    template: str = ""
    summary: bool = False

    def check(self, previous: Report | None = None) -> list[Finding]:
        """All findings: what reading showed, then the rules; `previous` overrides what the file itself carries."""
        return check_report(self.report, previous or self.previous, self.findings)
