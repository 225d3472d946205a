"""Decides what a run of 校验 shows: which cells are marked with which note, and the lines of the sheet 问题.

The cells most likely wrong are marked, not every cell an equation names; a finding no suspect explains marks the cell
it names first. The order and the words are those of `ogi check`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbook.model import rule_catalog
from workbook.model.finding import Finding, Severity, Source
from workbook.model.report import format_value
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
    rows = tuple(_rows(submission, found, groups))
    marks = tuple(_marks(submission, found, groups))
    clean = not any(f.severity is not Severity.NOTICE and not f.answer for f in found)
    return Outcome(marks, rows, _summary(found, rows), clean, tuple(found))


def _rows(submission: Submission, found: Sequence[Finding], groups: Sequence[ErrorSuspect]) -> list[FindingRow]:
    rows: list[FindingRow] = []
    explained: set[int] = set()
    for group in groups:
        cell, _ = group.changes[0]
        source = submission.report.source(cell.code)
        rows.append(
            FindingRow(messages.text("problems.suspect"), source, group.words(submission.report).zh, heading=True)
        )
        rows += [_row(found[n]) for n in group.findings]
        explained.update(group.findings)
    return [*rows, *(_row(one) for n, one in enumerate(found) if n not in explained)]


def _row(one: Finding) -> FindingRow:
    kind = "answered" if one.answer else one.severity.value
    advice = messages.text("problems.reason", reason=one.answer) if one.answer else rule_catalog.format_advice(one)
    actual, expected, difference = (_figure(value) for value in (one.actual, one.expected, one.difference))
    text, cited = rule_catalog.format_message(one), rule_catalog.get_citation(one)
    return FindingRow(
        messages.text(f"problems.levels.{kind}"), one.source, text, actual, expected, difference, advice, cited
    )


def _figure(value: object) -> str:
    return "" if value is None else str(value)


def _marks(submission: Submission, found: Sequence[Finding], groups: Sequence[ErrorSuspect]) -> list[Mark]:
    """One mark a cell; where several findings meet in one cell, the note tells them all, the weightiest first."""
    notes: dict[Source, list[str]] = {}
    weights: dict[Source, Severity] = {}

    def mark(source: Source, severity: Severity, text: str) -> None:
        if source.sheet and source.cell:
            notes.setdefault(source, []).append(text)
            order = list(Severity)
            weights[source] = min(weights.get(source, severity), severity, key=order.index)

    explained: set[int] = set()
    for group in groups:
        for cell, value in group.changes:
            source = submission.report.source(cell.code)
            mark(source, Severity.ERROR, messages.text("mark.suspect", value=format_value(value, cell)))
            for n in group.findings:
                if cell.code in found[n].cells:
                    mark(source, found[n].severity, _note(found[n]))
        explained.update(group.findings)
    for n, one in enumerate(found):
        if n not in explained and one.severity is not Severity.NOTICE and not one.answer:
            mark(one.source, one.severity, _note(one))
    return [
        Mark(source, weights[source], messages.text("mark.head") + "\n".join(texts)) for source, texts in notes.items()
    ]


def _note(one: Finding) -> str:
    return messages.text(
        "mark.note",
        title=rule_catalog.get_rule_title(one),
        message=rule_catalog.format_message(one),
        advice=rule_catalog.format_advice(one),
    )


def _summary(found: Sequence[Finding], rows: Sequence[FindingRow]) -> str:
    """“2 处错误、1 处提醒：表三 （七）总计…”: the counts, then what to look at first."""
    counts = {
        "errors": sum(f.severity is Severity.ERROR for f in found),
        "warnings": sum(f.severity is Severity.WARNING and not f.answer for f in found),
    }
    notices = sum(f.severity is Severity.NOTICE for f in found)
    if not any(counts.values()):
        return messages.text("problems.notices", count=notices) if notices else messages.text("problems.clean")
    told = "、".join(messages.text(f"problems.{key}", count=count) for key, count in counts.items() if count)
    return messages.text("problems.result", counts=told, first=rows[0].text)
