"""Decides what a run of 校验 shows: which cells are marked with which note, and the lines of the sheet 问题.

The cells most likely wrong are marked, not every cell an equation names; a finding no suspect explains marks the cell
it names first. The order and the words are those of `ogi check`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbook.model import rule_catalog
from workbook.model.finding import Finding, Severity, Source
from workbook.model.report import Report, format_value
from workbook.rules.evaluation import Submission
from workbook.rules.suspects import ErrorSuspect, find_suspects
from workbook.safety.messages import load_messages

messages = load_messages("xlplugin")


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell to be coloured, with the note it gets."""

    source: Source
    severity: Severity
    note: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A line of 问题: a finding, or a suspect `heading` those it explains."""

    level: str
    source: Source
    text: str
    actual: str = ""
    expected: str = ""
    difference: str = ""
    advice: str = ""
    citation: str = ""
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that one run shows: marks, lines, the result in one line, and whether nothing need be done."""

    marks: tuple[Mark, ...]
    rows: tuple[FindingRow, ...]
    summary: str
    clean: bool
    findings: tuple[Finding, ...]


def plan_outcome(submission: Submission) -> Outcome:
    """Check a report and decide what to show."""
    found = submission.check()
    groups = find_suspects(submission.report, found)
    explained = {n for group in groups for n in group.findings}
    others = [one for n, one in enumerate(found) if n not in explained]
    rows = _list_rows(submission.report, found, groups, others)
    marks = _list_marks(submission.report, found, groups, others)
    clean = not any(one.severity is not Severity.NOTICE and not one.answer for one in found)
    return Outcome(tuple(marks), tuple(rows), _summarize(found, rows), clean, tuple(found))


def _list_rows(
    report: Report, found: Sequence[Finding], groups: Sequence[ErrorSuspect], others: Sequence[Finding]
) -> list[FindingRow]:
    """Return the lines: each suspect with the findings it explains, then the findings that none explains."""
    rows: list[FindingRow] = []
    for group in groups:
        source = report.source(group.changes[0][0].code)
        rows.append(FindingRow(messages.text("problems.suspect"), source, group.words(report).zh, heading=True))
        rows += [_describe_finding(found[n]) for n in group.findings]
    return [*rows, *map(_describe_finding, others)]


def _describe_finding(one: Finding) -> FindingRow:
    kind = "answered" if one.answer else one.severity.value
    advice = messages.text("problems.reason", reason=one.answer) if one.answer else rule_catalog.format_advice(one)
    compared = (one.actual, one.expected, one.difference)
    actual, expected, difference = ("" if value is None else str(value) for value in compared)
    text, cited = rule_catalog.format_message(one), rule_catalog.get_citation(one)
    level = messages.text(f"problems.levels.{kind}")
    return FindingRow(level, one.source, text, actual, expected, difference, advice, cited)


def _list_marks(
    report: Report, found: Sequence[Finding], groups: Sequence[ErrorSuspect], others: Sequence[Finding]
) -> list[Mark]:
    """Return one mark a cell; where several findings meet in one, its note has all, and it the weightiest severity."""
    noted: list[tuple[Source, Severity, str]] = []
    for group in groups:
        for cell, value in group.changes:
            source, shown = report.source(cell.code), format_value(value, cell)
            noted.append((source, Severity.ERROR, messages.text("mark.suspect", value=shown)))
            about = [found[n] for n in group.findings if cell.code in found[n].cells]
            noted += [(source, one.severity, _write_note(one)) for one in about]
    open_ = [one for one in others if one.severity is not Severity.NOTICE and not one.answer]
    noted += [(one.source, one.severity, _write_note(one)) for one in open_]
    marks: dict[Source, Mark] = {}
    for source, severity, text in noted:
        if source.sheet and source.cell:
            before = marks.get(source, Mark(source, severity, messages.text("mark.head")))
            weightiest = min(before.severity, severity, key=list(Severity).index)
            lines = [before.note, text] if source in marks else [before.note + text]
            marks[source] = Mark(source, weightiest, "\n".join(lines))
    return list(marks.values())


def _write_note(one: Finding) -> str:
    return messages.text(
        "mark.note",
        title=rule_catalog.get_rule_title(one),
        message=rule_catalog.format_message(one),
        advice=rule_catalog.format_advice(one),
    )


def _summarize(found: Sequence[Finding], rows: Sequence[FindingRow]) -> str:
    """Return “2 处错误、1 处提醒：表三 （七）总计…”: the counts, then what to look at first."""
    counts = {
        "errors": sum(f.severity is Severity.ERROR for f in found),
        "warnings": sum(f.severity is Severity.WARNING and not f.answer for f in found),
    }
    notices = sum(f.severity is Severity.NOTICE for f in found)
    if not any(counts.values()):
        return messages.text("problems.notices", count=notices) if notices else messages.text("problems.clean")
    listed = "、".join(messages.text(f"problems.{key}", count=count) for key, count in counts.items() if count)
    return messages.text("problems.result", counts=listed, first=rows[0].text)
