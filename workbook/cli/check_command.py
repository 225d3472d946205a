"""`ogi check`: what is wrong in reports, for people or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.cli.console import messages, to_plain_line
from workbook.cli.file_arguments import expand_patterns, load_named_report
from workbook.model import rule_catalog
from workbook.model.finding import Finding, Severity
from workbook.rules.suspects import ErrorSuspect, find_suspects
from workbook.safety.messages import Bilingual, UserError, join_texts
from workbook.safety.unsafe_text import escape_json_text

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console
    from workbook.model.report import Report
    from workbook.rules.evaluation import Submission


MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTICE: "·"}
MOST_ALTERNATIVES = 2


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One file: its report with all findings and their suspects, or why it could not be read."""

    path: Path
    submission: Submission | None = None
    findings: tuple[Finding, ...] = ()
    suspects: tuple[ErrorSuspect, ...] = ()
    refused: Bilingual | None = None

    def count(self, severity: Severity) -> int:
        """How many findings of that severity are unanswered."""
        return sum(1 for one in self.findings if one.severity is severity and not one.answer)


def run_check(args: argparse.Namespace, console: Console) -> int:
    """Check every file; 2 if one could not be read, 1 if there are errors, else 0."""
    files = expand_patterns(args.files)
    if args.previous and len(files) > 1:
        raise UserError(messages.get("previous_many", count=len(files)))
    try:
        previous = load_named_report(Path(args.previous)).report if args.previous else None
    except UserError as trouble:
        if args.json:
            console.out(_dump_checked([CheckedFile(Path(args.previous), refused=trouble.message)], console))
        raise
    done: list[CheckedFile] = []
    for path in console.progress(files):
        one = check_file(path, previous, debug=args.debug)
        done.append(one)
        if one.refused is not None:
            console.refuse(messages.get("of_file", file=path, what=one.refused))
        elif previous is not None and one.submission is not None:
            _warn_of_wrong_previous(one.submission.report, previous, console)
        if not args.json and one.refused is None:
            print_findings(one, console)
    if args.json:
        console.out(_dump_checked(done, console))
    elif any(one.refused is None for one in done):
        console.out(describe_totals(done, console))
    if any(one.refused is not None for one in done):
        return 2
    return 1 if any(one.count(Severity.ERROR) for one in done) else 0


def check_file(path: Path, previous: Report | None = None, *, debug: bool = False) -> CheckedFile:
    """Read and check one file; whatever goes wrong with it is its own."""
    from workbook.excel.reading.file_type import Unreadable, read_within_time
    from workbook.excel.report_loading import load_submission

    try:
        with read_within_time():
            submission = load_submission(path)
            findings = tuple(submission.check(previous))
            return CheckedFile(path, submission, findings, find_suspects(submission.report, findings))
    except Unreadable as trouble:
        return CheckedFile(path, refused=trouble.message)
    except Exception as trouble:  # one file that finds a fault of ours must not hide the findings of the others
        if debug:
            raise
        return CheckedFile(
            path, refused=messages.get("unexpected", kind=type(trouble).__name__, what=str(trouble)[:200])
        )


def _warn_of_wrong_previous(report: Report, previous: Report, console: Console) -> None:
    """Say if what is given as last year's report is of another year or agency."""
    unknown = messages.get("year_unknown")
    if report.year is not None and previous.year != report.year - 1:
        found = unknown if previous.year is None else previous.year
        console.err(console.say("previous_year", found=found, wanted=report.year - 1))
    if previous.agency.name != report.agency.name:
        console.err(console.say("other_agency", last=previous.agency.name, now=report.agency.name))


def _dump_checked(done: list[CheckedFile], console: Console) -> str:
    return escape_json_text(json.dumps(format_checked_json(done, console.lang), ensure_ascii=False, indent=1))


def format_checked_json(done: list[CheckedFile], lang: str) -> list[dict[str, Any]]:
    """Every finding as plain data, file by file; a file that could not be read is one finding too."""
    return [data for one in done for data in _list_finding_data(one, lang)]


def _list_finding_data(one: CheckedFile, lang: str) -> Iterator[dict[str, Any]]:
    from workbook.model.numbers import format_json_value

    if one.submission is None:
        yield _make_unreadable_data(one, lang)
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
            "actual": _to_json_figure(found.actual),
            "expected": _to_json_figure(found.expected),
            "difference": _to_json_figure(found.difference),
            "message": rule_catalog.format_message(found, lang),
            "citation": rule_catalog.get_citation(found),
            "title": rule_catalog.get_rule_title(found, lang),
            "advice": rule_catalog.format_advice(found, lang),
            "figures": found.figures,
            "answer": found.answer,
            "suspects": [
                {
                    "cell": cell.code,
                    "location": str(report.source(cell.code)),
                    "value": format_json_value(value, cell.unit),
                }
                for cell, value in changes
            ],
        }


def _make_unreadable_data(one: CheckedFile, lang: str) -> dict[str, Any]:
    """A file that could not be read, as a finding of its own: the same keys, most of them blank."""
    blank = dict.fromkeys(("actual", "expected", "difference"))
    texts = dict.fromkeys(("citation", "advice", "figures", "answer"), "")
    return {
        "file": str(one.path),
        "rule": "unreadable",
        "severity": Severity.ERROR.value,
        "cells": [],
        "location": "",
        **blank,
        "message": one.refused.say(lang) if one.refused else "",
        "title": messages.get("unreadable_title").say(lang),
        **texts,
        "suspects": [],
    }


def _to_json_figure(value: object) -> object:
    """A figure as JSON holds it: integers as numbers, others (money to the fen) as their digits."""
    return value if value is None or isinstance(value, int | str) else f"{value:f}"


# findings as people read them: under the cell most likely wrong, with place, what to do, and authority


def print_findings(one: CheckedFile, console: Console) -> None:
    """Print one file's heading, then its findings: grouped by suspect, then those without one."""
    if one.submission is None:
        return
    report = one.submission.report
    _print_heading(one.path, one.submission, console)
    explained: set[int] = set()
    for suspect in one.suspects:
        members = [n for n in suspect.findings if n not in explained]
        if members:
            console.out()
            _print_suspect(suspect, report, console)
            explained.update(members)
            for n in members:
                _print_finding(one.findings[n], console, "    ")
    alone = [found for n, found in enumerate(one.findings) if n not in explained]
    if alone:
        console.out()
        if explained:
            console.out("  " + console.paint(console.say("stand_alone"), "strong"))
        for found in alone:
            _print_finding(found, console, "    " if explained else "  ")
    console.out()


def _print_heading(path: Path, submission: Submission, console: Console) -> None:
    """Who and which year, in which form; which file."""
    report = submission.report
    name = to_plain_line(report.agency.name) or console.say("no_name")
    year = report.year if report.year is not None else console.say("year_unknown")
    number = report.form.citation.number
    about = console.say("heading", agency=name, year=year, form=report.form.id, number=number)
    file = to_plain_line(str(path))
    if submission.previous is not None:
        file += console.say("heading_previous")
    console.out(console.paint(about, "strong"))
    console.out(console.paint(file, "dim"))


def _print_suspect(suspect: ErrorSuspect, report: Report, console: Console) -> None:
    said = to_plain_line(suspect.words(report).say(console.lang))
    console.out("  " + console.paint(said[:1].upper() + said[1:], "strong"))
    for changes in suspect.alternatives[:MOST_ALTERNATIVES]:
        other = to_plain_line(ErrorSuspect(changes, ()).words(report).say(console.lang))
        console.out("    " + console.paint(console.say("or_else", what=other), "dim"))


def _print_finding(found: Finding, console: Console, indent: str) -> None:
    lang = console.lang
    if found.answer:
        mark = console.paint("✓ " + console.say("answered"), "good")
    else:
        mark = console.paint(f"{MARKS[found.severity]} {console.say(found.severity.value)}", found.severity.value)
    console.out(indent + mark + " " + to_plain_line(describe_located(found, lang)))
    if found.answer:
        console.out(indent + "    " + to_plain_line(console.say("reason", reason=found.answer)))
    else:
        console.out(indent + "    → " + to_plain_line(rule_catalog.format_advice(found, lang)))
    console.out(
        indent + "    " + console.paint(to_plain_line(f"{rule_catalog.get_citation(found)} [{found.rule}]"), "dim")
    )


def describe_located(found: Finding, lang: str) -> str:
    """Describe what is wrong, after its place where that is known: “表三!D29 表三“自然人”列：…”."""
    place = f"{found.source} " if str(found.source) else ""
    return place + found.message(lang)


def describe_counts(findings: Iterable[Finding], console: Console) -> str:
    """“2 处错误、1 处提醒、1 处注意”; what is answered is counted apart."""
    some = list(findings)
    parts = []
    for severity in Severity:
        n = sum(1 for one in some if one.severity is severity and not one.answer)
        if n:
            parts.append(console.say(f"count_{severity.value}", n=n))
    answered = sum(1 for one in some if one.answer)
    text = join_texts(parts).say(console.lang) or console.say("count_nothing")
    return text + (console.say("count_answered", n=answered) if answered else "")


def describe_totals(done: Sequence[CheckedFile], console: Console) -> str:
    """The last line: how much of each weight, over all files."""
    read = [one for one in done if one.submission is not None]
    text = describe_counts((found for one in read for found in one.findings), console)
    if len(done) == 1:
        return text
    text = console.say("count_files", files=len(read), counts=text)
    unread = len(done) - len(read)
    return text + (console.say("count_unread", n=unread) if unread else "")
