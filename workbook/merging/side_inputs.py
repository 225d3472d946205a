"""What is wrong with what is given to a merge besides the reports: the roster, reports of earlier years, decisions.

A sum may lack an agency by it, so it stands on the screen, in every output, and in the exit status.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from workbook.merging.collected_reports import ReportCollection, get_file_name
from workbook.merging.file_status import FileEntry, FileStatus
from workbook.merging.prior_year.prior_reports import PriorYear
from workbook.merging.roster.roster_lines import Roster
from workbook.model.finding import Severity
from workbook.safety.messages import Bilingual, join_texts, load_messages

messages = load_messages("workbook.merging")

YEARS_NAMED = 6
"""So many years are named where reports of later ones than that merged were found."""
NAMED = 20
"""So many files of one status are named of one earlier year; the rest is counted."""
UNUSED = {
    FileStatus.UNREADABLE: Severity.WARNING,
    FileStatus.CONFLICT: Severity.WARNING,
    FileStatus.YEAR: Severity.WARNING,
    FileStatus.FORM: Severity.WARNING,
    FileStatus.FOREIGN: Severity.NOTICE,
    FileStatus.SUPERSEDED: Severity.NOTICE,
    FileStatus.DUPLICATE: Severity.NOTICE,
}
"""Files of an earlier year that are not compared with, and how grave it is."""

_REPORT = re.compile(r"\.(?:xl\w+|ett?|ods|json)$")
"""How a file is called that was meant to be a report, whatever is in it."""


class SideInputProblem(NamedTuple):
    """One thing wrong with a side input, in whole sentences: where, what is there, what to do.

    A mere notice need not be settled; anything else sets the exit status. `line` is the line of the roster (0: none).
    """

    severity: Severity
    words: Bilingual
    line: int = 0


def list_open_problems(problems: Iterable[SideInputProblem]) -> int:
    """How many of them must be settled."""
    return sum(1 for one in problems if one.severity is not Severity.NOTICE)


def list_roster_input_problems(roster: Roster) -> Iterator[SideInputProblem]:
    """What is wrong with the lines of the roster."""
    for one in roster.problems:
        yield SideInputProblem(one.severity, Bilingual(one.say("zh"), one.say("en")), one.line)


def find_doubtful_year(collection: ReportCollection) -> Bilingual | None:
    """That reports of a later year than the one merged were found, if there are any not decided against.

    For a merge that was not told its year: what most reports are of may be last year's, left in the folder.
    """
    counts = collection.store.count_years_from(collection.year)
    if collection.year is None or not counts.keys() - {collection.year}:
        return None
    parts = [messages.get("side.of_year", year=year, n=n) for year, n in list(counts.items())[:YEARS_NAMED]]
    named = join_texts(parts)
    years = named.then(messages.get("why.and_more")) if len(counts) > YEARS_NAMED else named
    return messages.get("side.later", years=years, year=collection.year)


def list_prior_year_problems(past: PriorYear, year: int | None) -> Iterator[SideInputProblem]:
    """Which files of an earlier year are not compared with, and why; and whether it is an earlier year at all."""
    if not past.is_before(year):
        what = messages.get("side.not_earlier", name=past.name, own=past.year, year=year)
        yield SideInputProblem(Severity.WARNING, what)
        return
    for damage in past.damages:
        yield SideInputProblem(Severity.WARNING, damage)
    counts = past.collection.counts()
    for status, severity in UNUSED.items():
        if not counts[status]:
            continue
        for n, entry in enumerate(past.collection.entries.with_status({status})):
            if n == NAMED:
                more = messages.get("side.more", name=past.name, status=status.words, n=counts[status] - NAMED)
                yield SideInputProblem(severity, more)
                break
            meant = status is FileStatus.FOREIGN and _REPORT.search(get_file_name(entry).lower())
            grave = Severity.WARNING if meant else severity
            yield SideInputProblem(grave, _unused(past, entry))
    for n, entry in enumerate(past.collection.entries.crossed()):
        if n == NAMED:
            break
        if entry.status is not FileStatus.YEAR:
            crossed = messages.get("side.crossed", name=past.name, file=past.called(entry))
            yield SideInputProblem(Severity.WARNING, crossed)


def _unused(past: PriorYear, entry: FileEntry) -> Bilingual:
    why = entry.reason
    tail = (
        messages.get("side.because", why=Bilingual(why.zh.rstrip("。"), why.en.rstrip(".")))
        if why.zh
        else messages.get("side.stop")
    )
    file = past.called(entry)
    return messages.get("side.unused", name=past.name, file=file, status=entry.status.words).then(tail)


def list_without_parent(roster: Roster) -> Sequence[str]:
    """The agencies that state somebody above them but are in nobody's sum: the roster does not say in whose."""
    return [one.name or one.code for one in roster.agencies if one.parent and roster.parent(one) is None]
