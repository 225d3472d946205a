"""Findings as people read them: under the cell most likely wrong, with place, what to do, and authority."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from workbook.cli.console import to_plain_line
from workbook.model import rule_catalog
from workbook.model.finding import Finding, Severity
from workbook.rules.suspects import ErrorSuspect

if TYPE_CHECKING:
    from workbook.cli.check_command import CheckedFile
    from workbook.cli.console import Console
    from workbook.model.report import Report

MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTICE: "·"}
MOST_ALTERNATIVES = 2


def print_findings(one: CheckedFile, console: Console) -> None:
    """Print one file's heading, then its findings: grouped by suspect, then those that stand alone."""
    if one.submission is None:
        return
    report = one.submission.report
    for line in print_heading(one, console):
        console.out(line)
    explained: set[int] = set()
    for suspect in one.suspects:
        members = [n for n in suspect.findings if n not in explained]
        if members:
            console.out()
            _suspect(suspect, report, console)
            explained.update(members)
            for n in members:
                _finding(one.findings[n], console, "    ")
    alone = [found for n, found in enumerate(one.findings) if n not in explained]
    if alone:
        console.out()
        if explained:
            console.out("  " + console.paint(console.say("stand_alone"), "strong"))
        for found in alone:
            _finding(found, console, "    " if explained else "  ")
    console.out()


def print_heading(one: CheckedFile, console: Console) -> list[str]:
    """Who and which year, in which form; which file."""
    submission = one.submission
    if submission is None:
        return []
    report = submission.report
    name = to_plain_line(report.agency.name) or console.say("no_name")
    year = report.year if report.year is not None else console.say("year_unknown")
    number = report.form.citation.number
    about = console.say("heading", agency=name, year=year, form=report.form.id, number=number)
    file = to_plain_line(str(one.path))
    if submission.previous is not None:
        file += console.say("heading_previous")
    return [console.paint(about, "strong"), console.paint(file, "dim")]


def _suspect(suspect: ErrorSuspect, report: Report, console: Console) -> None:
    said = to_plain_line(suspect.words(report).say(console.lang))
    console.out("  " + console.paint(said[:1].upper() + said[1:], "strong"))
    for changes in suspect.alternatives[:MOST_ALTERNATIVES]:
        other = to_plain_line(ErrorSuspect(changes, ()).words(report).say(console.lang))
        console.out("    " + console.paint(console.say("or_else", what=other), "dim"))


def _finding(found: Finding, console: Console, indent: str) -> None:
    lang = console.lang
    if found.answer:
        mark = console.paint("✓ " + console.say("answered"), "good")
    else:
        mark = console.paint(f"{MARKS[found.severity]} {console.say(found.severity.value)}", found.severity.value)
    where = f"{found.source} " if str(found.source) else ""
    console.out(indent + mark + " " + to_plain_line(where + rule_catalog.format_message(found, lang)))
    if found.answer:
        console.out(indent + "    " + to_plain_line(console.say("reason", reason=found.answer)))
    else:
        console.out(indent + "    → " + to_plain_line(rule_catalog.format_advice(found, lang)))
    console.out(
        indent + "    " + console.paint(to_plain_line(f"{rule_catalog.get_citation(found)} [{found.rule}]"), "dim")
    )


def describe_counts(findings: Iterable[Finding], console: Console) -> str:
    """“2 处错误、1 处提醒、1 处注意”; what is answered is counted apart."""
    some = list(findings)
    parts = []
    for severity in Severity:
        n = sum(1 for one in some if one.severity is severity and not one.answer)
        if n:
            parts.append(console.say(f"count_{severity.value}", n=n))
    answered = sum(1 for one in some if one.answer)
    text = console.say("comma").join(parts) or console.say("count_nothing")
    return text + (console.say("count_answered", n=answered) if answered else "")


def print_totals(done: Sequence[CheckedFile], console: Console) -> str:
    """The last line: how much of each weight, over all files."""
    read = [one for one in done if one.submission is not None]
    text = describe_counts((found for one in read for found in one.findings), console)
    if len(done) == 1:
        return text
    text = console.say("count_files", files=len(read), counts=text)
    unread = len(done) - len(read)
    return text + (console.say("count_unread", n=unread) if unread else "")
