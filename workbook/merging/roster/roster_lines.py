"""Holds the roster (名录): which agencies must report, who is above whom, by when, and which of them sent a report.

The last days are those of the 条例 by level (see the messages), unless the roster names others.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import NamedTuple, TypeVar

from workbook.excel.reading.workbook_contents import Raw
from workbook.model import identity
from workbook.model.finding import Severity, Source
from workbook.model.identity import Identity, get_comparable_code
from workbook.safety.messages import NO_TEXT, Bilingual, load_messages
from workbook.safety.unsafe_text import fold_name

messages = load_messages("workbook.merging.roster")

NOTHING = NO_TEXT
_Key = TypeVar("_Key")

_SEPARATED_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]+[\d:.]+)?")
"""2026-1-31, 2026/1/31, 2026年1月31日, 2026-01-31T00:00:00"""
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
"""20260131"""
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_050
"""The days 2000-01-01 to 2099-12-31 as spreadsheets count them."""
_DAY_0 = datetime.date(1899, 12, 30)


class StatutoryTerm(NamedTuple):
    """What the 条例 says of one level: month and day, the article, and its words."""

    month: int
    day: int
    citation: str
    text: str


@cache
def get_terms() -> Mapping[str, StatutoryTerm]:
    """The statutory terms by level; a level that is not there has none."""
    return {
        level: StatutoryTerm(one["due"][0], one["due"][1], one["citation"], one["text"])
        for one in messages.entry("deadline")
        for level in one["levels"]
    }


def get_deadline(level: str, report_year: int) -> datetime.date | None:
    """The last day for the report on that year by the 条例; None for a level it names no date for, or unknown."""
    term = get_terms().get(level)
    return datetime.date(report_year + 1, term.month, term.day) if term else None


def is_late(modified: datetime.date, due: datetime.date | None) -> bool:
    """Whether a file of that day came after the last day; the day itself is in time, and without a date all is.

    A moment counts by its day where it was written: `modified` may be a `datetime` of any zone.
    """
    if due is None:
        return False
    day = modified.date() if isinstance(modified, datetime.datetime) else modified
    return day > due


def parse_written_date(raw: str | float | None) -> datetime.date | None:
    """The day somebody wrote: 2026-1-31, 2026/1/31, 2026年1月31日, 20260131, or a spreadsheet's number of days.

    None for anything else, a day that never comes (2月30日) included.
    """
    if isinstance(raw, bool) or raw is None:
        return None
    text = unicodedata.normalize("NFKC", str(raw)).strip()
    if re.fullmatch(r"\d{5}(\.\d+)?", text):  # a spreadsheet's number of days, perhaps with a time: 46053, 46053.5
        days = int(float(text))
        return _DAY_0 + datetime.timedelta(days) if _FIRST_SERIAL <= days <= _LAST_SERIAL else None
    match = _SEPARATED_DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text.removesuffix(".0"))
    if match is None:
        return None
    try:
        return datetime.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class RosterAgency:
    """One line of a roster. A blank text means unknown.

    `name`, `code`, `region`, `level` and `contact` are as in `Identity`; `parent` is the credit code or the name of
    another line; `deadline` a last day of its own (None: that of its level); `line` its number in the file,
    counted from 1, 0 for one that was not read.
    """

    name: str = ""
    code: str = ""
    region: str = ""
    level: str = ""
    parent: str = ""
    contact: str = ""
    deadline: datetime.date | None = None
    line: int = field(default=0, compare=False)

    @property
    def identity(self) -> Identity:
        """Who that is, as a report would state it."""
        return Identity(self.name, self.code, self.region, self.level, self.contact)


class RosterProblem(NamedTuple):
    """What is wrong with a line of a roster: `message` says what is there, `advice` what to do.

    `kind` names an entry of the messages; `line` counts from 1 as the file does; `source` is the cell, where the file
    is a workbook.
    """

    kind: str
    severity: Severity
    line: int
    source: Source
    message: Bilingual
    advice: Bilingual

    def say(self, lang: str = "zh") -> str:
        """All of it in one text: file, line, what is there, what to do."""
        at = messages.get("problems.at", file=self.source.file, line=self.line).say(lang)
        return f"{at}{self.message.say(lang)}{'. ' if lang == 'en' else '。'}{self.advice.say(lang)}"


class RosterMatch(NamedTuple):
    """Which line a report is from: `by` "code" or "name", or "" and no agency where none is certain.

    `candidates` are the lines it may be from when it is not certain; `difference` says, where it matters, in what
    report and roster do not agree. `crossed`: its name is one line's and its credit code another's.
    """

    agency: RosterAgency | None
    by: str = ""
    candidates: tuple[RosterAgency, ...] = ()
    difference: Bilingual = NOTHING
    crossed: bool = False


@dataclass(frozen=True)
class Roster:
    """The agencies that must report, in the order of the file, what is wrong with it, and its terms.

    `deadlines` are last days by level that take precedence over those of the 条例; the level "" means all not named.
    Every look-up takes the same time however long the roster is.
    """

    agencies: tuple[RosterAgency, ...] = ()
    problems: tuple[RosterProblem, ...] = ()
    deadlines: Mapping[str, datetime.date] = field(default_factory=dict)

    @cached_property
    def _codes(self) -> Mapping[str, tuple[RosterAgency, ...]]:
        return _group((get_comparable_code(one.identity), one) for one in self.agencies)

    @cached_property
    def _codes_and_names(self) -> Mapping[tuple[str, str], tuple[RosterAgency, ...]]:
        return _group(
            ((code, fold_name(one.name)), one) for code, lines in self._codes.items() for one in lines if lines[1:]
        )

    @cached_property
    def _names(self) -> Mapping[str, tuple[RosterAgency, ...]]:
        return _group((fold_name(one.name), one) for one in self.agencies)

    @cached_property
    def _names_and_regions(self) -> Mapping[tuple[str, str], tuple[RosterAgency, ...]]:
        return _group(
            ((fold_name(one.name), fold_name(one.region)), one) for one in self.agencies if one.name and one.region
        )

    def match(self, who: Identity) -> RosterMatch:
        """The line of the agency that states itself so: by credit code, else by name, of several by region.

        Never a guess: where several fit, or name and code are of different lines, none is taken and all are named.
        """
        code, name = get_comparable_code(who), fold_name(who.name)
        lines = self._codes.get(code, ())
        if len(lines) > 1:
            lines = self._codes_and_names.get((code, name), lines)
        named = self._names.get(name, ())
        if len(named) > 1:
            named = self._names_and_regions.get((name, fold_name(who.region)), named)
        if not lines:
            return (
                _match_by_name(named[0], who, code)
                if len(named) == 1
                else _match_unclear(named)
                if named
                else RosterMatch(None)
            )
        if named and not any(fold_name(one.name) == name for one in lines):
            return _match_crossed(named, lines)
        return _match_by_code(lines[0], who, code) if len(lines) == 1 else _match_unclear(lines)

    def crossed(self, who: Identity) -> Bilingual:
        """Whose name and whose credit code it states, where these are of different lines; nothing where they are not.

        Such a report is of neither: either of the two may be what stayed in a workbook that was used again.
        """
        match = self.match(who)
        return match.difference if match.crossed else NOTHING

    def key(self, who: Identity) -> str:
        """The key of an agency listed, equal for all reports of one; blank where no line is certain."""
        one = self.match(who).agency
        if one is None:
            return ""
        code = get_comparable_code(one.identity)
        alone = code and len(self._codes[code]) == 1
        return code if alone else f"{fold_name(one.name)}|{fold_name(one.region)}"

    def named(self, text: str) -> tuple[RosterAgency, ...]:
        """The lines that a credit code or a name means, as the column of parents states them."""
        return self._codes.get(get_comparable_code(Identity(code=text)), ()) or self._names.get(fold_name(text), ())

    # the tree

    @cached_property
    def _stated_parents(self) -> Mapping[RosterAgency, RosterAgency]:
        """The parent each line states, where that is one line; perhaps in a circle."""
        found = ((one, self.named(one.parent)) for one in self.agencies if one.parent)
        return {one: lines[0] for one, lines in found if len(lines) == 1}

    @cached_property
    def circles(self) -> tuple[tuple[RosterAgency, ...], ...]:
        """Lines whose parents lead back to themselves; they are taken as having no parent."""
        seen: dict[RosterAgency, int] = {}
        found = []
        for number, start in enumerate(self.agencies):
            way: list[RosterAgency] = []
            one: RosterAgency | None = start
            while one is not None and one not in seen:
                seen[one] = number
                way.append(one)
                one = self._stated_parents.get(one)
            if one is not None and seen[one] == number and one in way:
                found.append(tuple(way[way.index(one) :]))
        return tuple(found)

    @cached_property
    def _parents(self) -> Mapping[RosterAgency, RosterAgency]:
        """The parent of every line that has one; nobody is above himself."""
        turning = {one for circle in self.circles for one in circle}
        return {one: above for one, above in self._stated_parents.items() if one not in turning}

    @cached_property
    def _children(self) -> Mapping[RosterAgency, tuple[RosterAgency, ...]]:
        return _group((above, one) for one, above in self._parents.items())

    @property
    def roots(self) -> tuple[RosterAgency, ...]:
        """The agencies with nobody above them on this roster."""
        return tuple(one for one in self.agencies if one not in self._parents)

    def parent(self, agency: RosterAgency) -> RosterAgency | None:
        """The agency directly above one of this roster; None for the topmost, and where it is not certain."""
        return self._parents.get(agency)

    def children(self, agency: RosterAgency) -> tuple[RosterAgency, ...]:
        """The agencies directly below one of this roster, in its order."""
        return self._children.get(agency, ())

    def due(self, agency: RosterAgency, report_year: int) -> datetime.date | None:
        """The last day for this agency: its own, that of its level here, else that of the 条例; None if there is none.

        A day of its own counts only for the report it was set for, so that last year's roster can be used again.
        """
        own = agency.deadline
        if own is not None and (report_year, 7) <= (own.year, own.month) <= (report_year + 1, 12):
            return own
        here = self.deadlines.get(agency.level) or self.deadlines.get("")
        return here or get_deadline(agency.level, report_year)


def _group(pairs: Iterable[tuple[_Key, RosterAgency]]) -> Mapping[_Key, tuple[RosterAgency, ...]]:
    found: defaultdict[_Key, list[RosterAgency]] = defaultdict(list)
    for key, one in pairs:
        if key:
            found[key].append(one)
    return {key: tuple(lines) for key, lines in found.items()}


def _match_unclear(lines: tuple[RosterAgency, ...]) -> RosterMatch:
    return RosterMatch(None, "", lines, messages.get("match.unclear", n=len(lines)))


def _match_crossed(named: tuple[RosterAgency, ...], coded: tuple[RosterAgency, ...]) -> RosterMatch:
    facts = {"named": named[0].name, "coded": coded[0].name or coded[0].code}
    lines = tuple(dict.fromkeys((*named, *coded)))
    return RosterMatch(None, "", lines, messages.get("match.crossed", **facts), crossed=True)


def _match_by_code(one: RosterAgency, who: Identity, code: str) -> RosterMatch:
    """A line of the same code, whose name, if it is another, is nobody else's."""
    if not fold_name(who.name) or not one.name or fold_name(who.name) == fold_name(one.name):
        return RosterMatch(one, "code")
    return RosterMatch(one, "code", (), messages.get("match.name-differs", code=code, listed=one.name, own=who.name))


def _match_by_name(one: RosterAgency, who: Identity, code: str) -> RosterMatch:
    """A line of the same name: certain unless both its codes speak against it."""
    differences = []
    listed = get_comparable_code(one.identity)
    if code and listed and code != listed:
        differences.append(messages.get("match.code-differs", listed=one.name, code=listed, own=code))
    if who.region and one.region and fold_name(who.region) != fold_name(one.region):
        differences.append(messages.get("match.region-differs", listed=one.name, region=one.region, own=who.region))
    if len(differences) == 2:
        return RosterMatch(None, "", (one,), messages.get("match.other"))
    return RosterMatch(one, "name", (), differences[0] if differences else NOTHING)


# The columns of a roster, and the headings by which other lists of agencies call them


_NOTE = re.compile(r"\([^()]*\)\*?$")
"""A note in brackets at the end of a folded heading, with the star of a required column: 机关层级(必填)*."""


class RosterColumn(NamedTuple):
    """One column of a roster: `also` are further headings it is known by."""

    code: str
    label: str
    en: str
    also: tuple[str, ...]
    width: int
    help: str


@cache
def list_roster_columns() -> tuple[RosterColumn, ...]:
    """The columns of a roster in the order written."""
    found = []
    for one in messages.entry("column"):
        known = identity.find_identity_field(one["code"])
        label, en = (known.label, known.en) if known else (one["label"], one["en"])
        also = (*(known.aliases if known else ()), *one["also"])
        found.append(RosterColumn(one["code"], label, en, also, one["width"], one["help"]))
    return tuple(found)


@cache
def _list_headings() -> Mapping[str, str]:
    named = {fold_name(text): one.code for one in list_roster_columns() for text in (one.code, one.en, *one.also)}
    return named | {fold_name(one.label): one.code for one in list_roster_columns()}


def get_roster_column(raw: Raw) -> str:
    """The column that a heading means; no part of it are a star, a final colon, a note in brackets."""
    if not isinstance(raw, str):
        return ""
    text = fold_name(raw).strip("*:")
    return _find_column(text) or _find_column(_NOTE.sub("", text).strip("*:"))


def _find_column(text: str) -> str:
    known = identity.find_identity_field(text)
    return _list_headings().get(text) or (known.code if known else "")
