"""A file as an agency hands it in, workbook or JSON: read, whatever it is, and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbook.check import check
from workbook.finding import Finding, Words
from workbook.jsonio import NotAReport, load_path
from workbook.reading.recognise import Unreadable
from workbook.report import Report


@dataclass(frozen=True, slots=True)
class Submission:
    """One file read: the report in it, last year's figures if it carries them, and what was odd about the file.

    `reader` says what read it: `package` or `tolerant` (the two readers of workbooks), or `json`.
    """

    path: Path
    report: Report
    previous: Report | None = None
    findings: tuple[Finding, ...] = ()
    reader: str = "json"

    def check(self, previous: Report | None = None) -> list[Finding]:
        """All findings: what reading showed, then the rules; `previous` overrides what the file itself carries."""
        return [*self.findings, *check(self.report, previous or self.previous)]


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
