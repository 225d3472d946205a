"""Reads the coordinator's decisions, and lists what is wrong with the roster, earlier years and decisions of a merge.

A sum may lack an agency because of such a problem, so it is reported on the screen, in every output and by the exit
status. Decisions are a CSV file (UTF-8 or GB18030): the file, by its place as the summary lists it or by its SHA-256,
and 采用 or 不采用. A decision is carried out, or refused with its line and a reason; none is ignored.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from workbook.exchange.delimited_text import decode_text, parse_table
from workbook.merging.collected_reports import ReportCollection, get_file_name
from workbook.merging.file_status import COUNTED, FileEntry, FileStatus
from workbook.merging.prior_year.prior_reports import PriorYear
from workbook.merging.roster.roster_lines import Roster
from workbook.model.finding import Severity
from workbook.safety.messages import Bilingual, UserError, join_texts, load_messages

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
"""How the name ends of a file that was meant to be a report, whatever is in it: .xlsx, .xls, .et, .ods, .json."""


class SideInputProblem(NamedTuple):
    """One thing wrong with a side input, in sentences: where, what is there, what to do.

    A mere notice need not be settled; anything else sets the exit status. `line` is the line of the roster (0: none).
    """

    severity: Severity
    words: Bilingual
    line: int = 0


def count_open_problems(problems: Iterable[SideInputProblem]) -> int:
    """How many of them must be settled."""
    return sum(1 for one in problems if one.severity is not Severity.NOTICE)


def list_roster_input_problems(roster: Roster) -> Iterator[SideInputProblem]:
    """What is wrong with the lines of the roster."""
    for one in roster.problems:
        yield SideInputProblem(one.severity, Bilingual(one.say("zh"), one.say("en")), one.line)


def find_doubtful_year(collection: ReportCollection) -> Bilingual | None:
    """That reports of a later year than the one merged were found, if there are any not decided against.

    For a merge whose year was not given: what most reports are of may be last year's, left in the folder.
    """
    counts = collection.store.count_years_from(collection.year)
    if collection.year is None or not counts.keys() - {collection.year}:
        return None
    parts = (messages.get("side.of_year", year=year, n=n) for year, n in counts.items())
    years = join_texts(parts, most=YEARS_NAMED)
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
            yield SideInputProblem(grave, _describe_unused(past, entry))
    for n, entry in enumerate(past.collection.entries.crossed()):
        if n == NAMED:
            break
        if entry.status is not FileStatus.YEAR:
            crossed = messages.get("side.crossed", name=past.name, file=past.called(entry))
            yield SideInputProblem(Severity.WARNING, crossed)


def _describe_unused(past: PriorYear, entry: FileEntry) -> Bilingual:
    why = entry.reason
    tail = (
        messages.get("side.because", why=Bilingual(why.zh.rstrip("。"), why.en.rstrip(".")))
        if why.zh
        else messages.get("side.stop")
    )
    file = past.called(entry)
    return messages.get("side.unused", name=past.name, file=file, status=entry.status.words).then(tail)


def list_agencies_without_parent(roster: Roster) -> Sequence[str]:
    """The agencies that state somebody above them but are in nobody's sum: the roster does not say in whose."""
    return [one.name or one.code for one in roster.agencies if one.parent and roster.parent(one) is None]


# decisions of the coordinator -----------------------------------------------------------------------------------------


LINES_NAMED = 5
"""So many lines are named before they are only counted."""
_DIGEST = re.compile(r"[0-9A-Fa-f]{64}")
"""A SHA-256: 64 hexadecimal digits."""


class NotADecisionFile(UserError):
    """The file is no table of decisions."""


class MergeDecision(NamedTuple):
    """One decision: about which file, by place or SHA-256, whether it counts, and in which line (0: on its own).

    `counts` None: the line names a file and decides nothing.
    """

    file: str
    counts: bool | None
    line: int = 0

    @property
    def where(self) -> Bilingual:
        """Where the decision is written."""
        return messages.get("decisions.line", line=self.line) if self.line else messages.get("decisions.option")


def make_decision(file: str, counts: bool | None, line: int = 0) -> MergeDecision:
    """A decision; a SHA-256 is written small, as it is compared."""
    return MergeDecision(file.lower() if _DIGEST.fullmatch(file) else file, counts, line)


def read_decisions(path: Path) -> tuple[MergeDecision, ...]:
    """The decisions in a file, line by line. Raises OSError, NotADecisionFile."""
    text = decode_text(path.read_bytes())
    lines = None if text is None else parse_table(text, ",")
    if not lines or not any(cells.get(1, "").strip() for cells in lines.values()):
        raise NotADecisionFile(messages.get("decisions.not_csv"))
    yes, no = set(messages.entry("decisions.yes")), set(messages.entry("decisions.no"))
    found, first = [], min(lines)
    for number, cells in sorted(lines.items()):
        file, word = (cells.get(n, "").strip() for n in (0, 1))
        known = word.lower() in yes or word.lower() in no
        if not (file or word) or (number == first and not known and not _is_file(file)):
            continue  # an empty line, or the headings
        if not file:
            raise NotADecisionFile(messages.get("decisions.no_file", line=number, word=word))
        if word and not known:
            raise NotADecisionFile(messages.get("decisions.unclear", line=number, word=word))
        found.append(make_decision(file, word.lower() in yes if word else None, number))
    return tuple(found)


def _is_file(text: str) -> bool:
    return bool(_DIGEST.fullmatch(text) or PurePosixPath(text).suffix)


def find_contradictions(decisions: Sequence[MergeDecision]) -> Iterator[Bilingual]:
    """Files that are both to count and not to."""
    of_file: defaultdict[str, list[MergeDecision]] = defaultdict(list)
    for one in decisions:
        if one.counts is not None:
            of_file[one.file].append(one)
    for file, same in of_file.items():
        if len({one.counts for one in same}) == 2:
            yield messages.get("decisions.both", where=_list_places(same), file=file)


def list_refused_decisions(decisions: Sequence[MergeDecision], collection: ReportCollection) -> Iterator[Bilingual]:
    """Decisions that came to nothing, each with the reason: no such file, one that cannot count, or two for one.

    A SHA-256 may be that of several files; it is enough that one of them counts.
    """
    of_name: defaultdict[str, list[MergeDecision]] = defaultdict(list)
    for each in decisions:
        of_name[each.file].append(each)
    named: set[str] = set()
    carried_out: set[MergeDecision] = set()
    refused: list[tuple[list[MergeDecision], Bilingual]] = []
    rivals: defaultdict[str, list[FileEntry]] = defaultdict(list)
    for one in collection.entries if of_name else ():
        names = [name for name in dict.fromkeys((one.place, one.sha256)) if name in of_name]
        named.update(names)
        about = sorted((each for name in names for each in of_name[name]), key=_get_line)
        counting = [each for each in about if each.counts]
        if counting and any(each.counts is False for each in about):
            yield messages.get("decisions.both", where=_list_places(about), file=one.place)
        elif counting and one.status is FileStatus.CONFLICT:
            rivals[one.key].append(one)
        elif one.status in COUNTED | {FileStatus.COMPARED, FileStatus.DUPLICATE}:
            carried_out.update(counting)
        elif counting:
            facts = {"file": one.place, "status": one.status.words, "why": one.reason}
            refused.append((counting, messages.get("decisions.cannot", where=_list_places(counting), **facts)))
    yield from (words for counting, words in refused if not carried_out.issuperset(counting))
    for same in rivals.values():
        lines = {each for one in same for name in (one.place, one.sha256) for each in of_name.get(name, ())}
        where = _list_places(sorted((each for each in lines if each.counts), key=_get_line))
        yield messages.get("decisions.rivals", where=where, name=same[0].agency.name or same[0].place)
    for each in decisions:
        if each.file not in named:
            yield messages.get("decisions.not_met", where=each.where, file=each.file)


def _get_line(one: MergeDecision) -> int:
    return one.line


def find_undecided(decisions: Sequence[MergeDecision]) -> Bilingual | None:
    """That lines name a file and decide nothing, if any do."""
    lines = [one for one in decisions if one.counts is None]
    return messages.get("decisions.undecided", where=_list_places(lines)) if lines else None


def _list_places(decisions: Sequence[MergeDecision]) -> Bilingual:
    """Where these decisions are written: the first few lines, and how many there are."""
    places = list(dict.fromkeys(one.where for one in decisions))
    listed = join_texts(places[:LINES_NAMED])
    return listed if len(places) <= LINES_NAMED else messages.get("decisions.lines", lines=listed, count=len(places))
