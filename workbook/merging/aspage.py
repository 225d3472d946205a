"""A merge as one web page: what the page shows, taken from the ledger as it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workbook import identity, rulebook
from workbook.finding import Finding, Severity
from workbook.merging.page import Agency, Completeness, FileStatus, PageData, Problem, SourceFile, write_page
from workbook.merging.results import side_lines, unknown_lines
from workbook.merging.status import LISTED, Entry
from workbook.merging.summing import Merged
from workbook.merging.verdict import verdict
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging")

SIDE = 50
"""So many problems of the roster and the like are listed."""


def write(path: Path, merged: Merged) -> None:
    """Write the page, whole or not at all. Raises OSError."""
    write_page(path, page_data(merged))


def page_data(merged: Merged) -> PageData:
    """All that the page shows of a merge."""
    collection = merged.collection
    said = verdict(merged)
    errors = [found for found in merged.findings if found.severity is Severity.ERROR]
    return PageData(
        messages.text("page.title", name=merged.report.agency.name),
        merged.report,
        said.words.zh,
        said.tone,
        [
            FileStatus(status.words.zh, status.means.zh, status.tone, count)
            for status, count in collection.counts().items()
        ],
        (_agency(entry) for entry in collection.counted),
        _problems(merged),
        (_source(entry) for entry in collection.entries),
        _levels(merged),
        frozenset(found.cells[0] for found in errors if found.cells),
        merged.blanks,
        side=[one.zh for one in (*side_lines(merged, SIDE), *unknown_lines(merged))],
    )


def _agency(entry: Entry) -> Agency:
    who = entry.agency
    level = identity.level_named(who.level)
    return Agency(
        who.name,
        who.code,
        who.region,
        level.label if level else who.level,
        entry.status.words.zh,
        entry.status.tone,
        entry.errors,
        entry.warnings,
        entry.place,
    )


def _problems(merged: Merged) -> Iterator[Problem]:
    """The findings of the sum, of the levels, then of each report, with what laying them side by side showed."""
    for found in merged.findings:
        yield _problem("", found, "")
    for node in merged.nodes:
        for found in node.findings:
            yield _problem(node.agency.name, found, "")
    for entry in merged.collection.having(LISTED):
        for found in (*merged.collection.findings(entry), *merged.notices.findings.get(entry.number, ())):
            yield _problem(entry.agency.name, found, entry.place)


def _problem(agency: str, found: Finding, file: str) -> Problem:
    return Problem(
        agency,
        found.severity,
        rulebook.title(found),
        str(found.source),
        rulebook.message(found),
        rulebook.advice(found),
        found.answer,
        file,
    )


def _source(entry: Entry) -> SourceFile:
    return SourceFile(
        entry.place,
        entry.status.words.zh,
        entry.status.tone,
        entry.agency.name,
        entry.size,
        entry.sha256,
        entry.reason.zh,
    )


def _levels(merged: Merged) -> list[Completeness]:
    """By level, where its agencies stand."""
    if merged.attendance is None:
        return []
    return [
        Completeness(one.words.zh, one.submitted, one.returned, one.received, one.unverified, one.missing)
        for one in merged.attendance.turnout()
    ]
