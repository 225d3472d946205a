"""`ogi check`: what is wrong in reports, for people or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.cli.console import messages
from workbook.cli.files import expanded, opened
from workbook.finding import Finding, Severity
from workbook.harmless import json_text
from workbook.safety.messages import Bilingual, UserError
from workbook.suspects import Suspect, suspects

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console
    from workbook.report import Report
    from workbook.submission import Submission


@dataclass(frozen=True, slots=True)
class Checked:
    """One file: its report with all findings and their suspects, or why it could not be read."""

    path: Path
    submission: Submission | None = None
    findings: tuple[Finding, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    refused: Bilingual | None = field(default=None)

    def count(self, severity: Severity) -> int:
        """How many findings of that weight stand unanswered."""
        return sum(1 for one in self.findings if one.severity is severity and not one.answer)


def run_check(args: argparse.Namespace, console: Console) -> int:
    """Check every file; 2 if one could not be read, 1 if there are errors, else 0."""
    files = expanded(args.files)
    if args.previous and len(files) > 1:
        raise UserError(messages.get("previous_many", count=len(files)))
    try:
        previous = opened(Path(args.previous)).report if args.previous else None
    except UserError as trouble:
        if args.json:
            console.out(_dumped([Checked(Path(args.previous), refused=trouble.message)], console))
        raise
    done: list[Checked] = []
    for path in console.progress(files):
        one = checked(path, previous, debug=args.debug)
        done.append(one)
        if one.refused is not None:
            console.refuse(messages.get("of_file", file=path, what=one.refused))
        elif previous is not None and one.submission is not None:
            _doubt_previous(one.submission.report, previous, console)
        if not args.json and one.refused is None:
            from workbook.cli.findings import show

            show(one, console)
    if args.json:
        console.out(_dumped(done, console))
    elif any(one.refused is None for one in done):
        from workbook.cli.findings import totals

        console.out(totals(done, console))
    if any(one.refused is not None for one in done):
        return 2
    return 1 if any(one.count(Severity.ERROR) for one in done) else 0


def checked(path: Path, previous: Report | None = None, *, debug: bool = False) -> Checked:
    """Read and check one file; whatever goes wrong with it is its own."""
    from workbook.intake import load
    from workbook.reading.recognise import Unreadable, in_time

    try:
        with in_time():
            submission = load(path)
            findings = tuple(submission.check(previous))
            return Checked(path, submission, findings, suspects(submission.report, findings))
    except Unreadable as trouble:
        return Checked(path, refused=trouble.message)
    except Exception as trouble:  # one file that finds a fault of ours must not hide the findings of the others
        if debug:
            raise
        return Checked(path, refused=messages.get("unexpected", kind=type(trouble).__name__, what=str(trouble)[:200]))


def _doubt_previous(report: Report, previous: Report, console: Console) -> None:
    """Say if what is given as last year's report is of another year or agency."""
    unknown = messages.get("year_unknown")
    if report.year is not None and previous.year != report.year - 1:
        found = unknown if previous.year is None else previous.year
        console.err(console.say("previous_year", found=found, wanted=report.year - 1))
    if previous.agency.name != report.agency.name:
        console.err(console.say("other_agency", last=previous.agency.name, now=report.agency.name))


def _dumped(done: list[Checked], console: Console) -> str:
    return json_text(json.dumps(as_json(done, console.lang), ensure_ascii=False, indent=1))


def as_json(done: list[Checked], lang: str) -> list[dict[str, Any]]:
    """Every finding as plain data, file by file; a file that could not be read is one finding too."""
    return [data for one in done for data in _data(one, lang)]


def _data(one: Checked, lang: str) -> Iterator[dict[str, Any]]:
    from workbook import rulebook
    from workbook.numbers import write

    if one.submission is None:
        yield _unreadable(one, lang)
        return
    report = one.submission.report
    explained = {n: suspect for suspect in reversed(one.suspects) for n in suspect.findings}
    for n, found in enumerate(one.findings):
        changes = explained[n].changes if n in explained else ()
        yield {
            "file": str(one.path),
            "rule": found.rule,
            "severity": found.severity.value,
            "cells": list(found.cells),
            "location": str(found.source),
            "actual": _plain(found.actual),
            "expected": _plain(found.expected),
            "difference": _plain(found.difference),
            "message": rulebook.message(found, lang),
            "citation": rulebook.citation(found),
            "title": rulebook.title(found, lang),
            "advice": rulebook.advice(found, lang),
            "figures": found.figures,
            "answer": found.answer,
            "suspects": [
                {"cell": cell.code, "location": str(report.source(cell.code)), "value": write(value, cell.unit)}
                for cell, value in changes
            ],
        }


def _unreadable(one: Checked, lang: str) -> dict[str, Any]:
    which = 1 if lang == "en" else 0
    blank = dict.fromkeys(("actual", "expected", "difference"))
    texts = dict.fromkeys(("citation", "advice", "figures", "answer"), "")
    return {
        "file": str(one.path),
        "rule": "unreadable",
        "severity": Severity.ERROR.value,
        "cells": [],
        "location": "",
        **blank,
        "message": (one.refused or ("", ""))[which],
        "title": messages.get("unreadable_title")[which],
        **texts,
        "suspects": [],
    }


def _plain(value: object) -> object:
    """A figure as JSON holds it: whole numbers as numbers, others (money to the fen) as their digits."""
    return value if value is None or isinstance(value, int | str) else f"{value:f}"
