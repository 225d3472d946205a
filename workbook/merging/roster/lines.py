"""The roster (名录): which agencies must report, who is above whom, by when, and which of them a report is from."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeVar

from workbook.finding import Severity, Source
from workbook.harmless import folded
from workbook.identity import Identity
from workbook.merging.agencies import valid_code
from workbook.merging.roster.deadlines import due
from workbook.safety.messages import NO_TEXT, Bilingual, load_messages

messages = load_messages("workbook.merging.roster")

NOTHING = NO_TEXT
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Agency:
    """One line of a roster. A blank text means unknown.

    `name`, `code`, `region`, `level` and `contact` are as in `Identity`; `parent` is the credit code or the name of
    another line; `deadline` a last day of its own (None: that of its level); `line` where it stands in the file,
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


class Problem(NamedTuple):
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


class Match(NamedTuple):
    """Which line a report is from: `by` "code" or "name", or "" and no agency where nobody can tell.

    `candidates` are the lines it may be from when it is not certain; `difference` says, where it matters, in what
    report and roster do not agree. `crossed`: its name is one line's and its credit code another's.
    """

    agency: Agency | None
    by: str = ""
    candidates: tuple[Agency, ...] = ()
    difference: Bilingual = NOTHING
    crossed: bool = False


@dataclass(frozen=True)
class Roster:
    """The agencies that must report, in the order of the file, what is wrong with it, and its terms.

    `deadlines` are last days by level that stand before those of the 条例; the level "" stands for all not named.
    Every look-up takes the same time however long the roster is.
    """

    agencies: tuple[Agency, ...] = ()
    problems: tuple[Problem, ...] = ()
    deadlines: Mapping[str, datetime.date] = field(default_factory=dict)

    @cached_property
    def _codes(self) -> Mapping[str, tuple[Agency, ...]]:
        return _by((valid_code(one.identity), one) for one in self.agencies)

    @cached_property
    def _called(self) -> Mapping[tuple[str, str], tuple[Agency, ...]]:
        return _by(((code, folded(one.name)), one) for code, lines in self._codes.items() for one in lines if lines[1:])

    @cached_property
    def _names(self) -> Mapping[str, tuple[Agency, ...]]:
        return _by((folded(one.name), one) for one in self.agencies)

    @cached_property
    def _places(self) -> Mapping[tuple[str, str], tuple[Agency, ...]]:
        return _by(((folded(one.name), folded(one.region)), one) for one in self.agencies if one.name and one.region)

    def match(self, who: Identity) -> Match:
        """The line of the agency that states itself so: by credit code, else by name, of several by region.

        Never a guess: where several fit, or name and code are of different lines, none is taken and all are named.
        """
        code, name = valid_code(who), folded(who.name)
        lines = self._codes.get(code, ())
        if len(lines) > 1:
            lines = self._called.get((code, name), lines)
        named = self._names.get(name, ())
        if len(named) > 1:
            named = self._places.get((name, folded(who.region)), named)
        if not lines:
            return _by_name(named[0], who, code) if len(named) == 1 else _unclear(named) if named else Match(None)
        if named and not any(folded(one.name) == name for one in lines):
            return _crossed(named, lines)
        return _by_code(lines[0], who, code) if len(lines) == 1 else _unclear(lines)

    def crossed(self, who: Identity) -> Bilingual:
        """Whose name and whose credit code it states, where these are of different lines; nothing where they are not.

        Such a report is of neither: either of the two may be what stayed in a workbook that was used again.
        """
        match = self.match(who)
        return match.difference if match.crossed else NOTHING

    def key(self, who: Identity) -> str:
        """What tells the agencies listed apart, equal for all reports of one; blank where no line is certain."""
        one = self.match(who).agency
        if one is None:
            return ""
        code = valid_code(one.identity)
        alone = code and len(self._codes[code]) == 1
        return code if alone else f"{folded(one.name)}|{folded(one.region)}"

    def named(self, text: str) -> tuple[Agency, ...]:
        """The lines that a credit code or a name means, as the column of parents states them."""
        return self._codes.get(valid_code(Identity(code=text)), ()) or self._names.get(folded(text), ())

    # the tree

    @cached_property
    def _stated(self) -> Mapping[Agency, Agency]:
        """The parent each line states, where that is one line; perhaps in a circle."""
        found = ((one, self.named(one.parent)) for one in self.agencies if one.parent)
        return {one: lines[0] for one, lines in found if len(lines) == 1}

    @cached_property
    def circles(self) -> tuple[tuple[Agency, ...], ...]:
        """Lines whose parents lead back to themselves; they are taken as having no parent."""
        seen: dict[Agency, int] = {}
        found = []
        for number, start in enumerate(self.agencies):
            way: list[Agency] = []
            one: Agency | None = start
            while one is not None and one not in seen:
                seen[one] = number
                way.append(one)
                one = self._stated.get(one)
            if one is not None and seen[one] == number and one in way:
                found.append(tuple(way[way.index(one) :]))
        return tuple(found)

    @cached_property
    def _above(self) -> Mapping[Agency, Agency]:
        """The parent of every line that has one; nobody is above himself."""
        turning = {one for circle in self.circles for one in circle}
        return {one: above for one, above in self._stated.items() if one not in turning}

    @cached_property
    def _below(self) -> Mapping[Agency, tuple[Agency, ...]]:
        return _by((above, one) for one, above in self._above.items())

    @property
    def roots(self) -> tuple[Agency, ...]:
        """The agencies with nobody above them on this roster."""
        return tuple(one for one in self.agencies if one not in self._above)

    def parent(self, agency: Agency) -> Agency | None:
        """The agency directly above one of this roster; None for the topmost, and where it cannot be told."""
        return self._above.get(agency)

    def children(self, agency: Agency) -> tuple[Agency, ...]:
        """The agencies directly below one of this roster, in its order."""
        return self._below.get(agency, ())

    def due(self, agency: Agency, report_year: int) -> datetime.date | None:
        """The last day for this agency: its own, that of its level here, else that of the 条例; None if there is none.

        A day of its own counts only for the report it was set for, so that last year's roster can be used again.
        """
        own = agency.deadline
        if own is not None and (report_year, 7) <= (own.year, own.month) <= (report_year + 1, 12):
            return own
        here = self.deadlines.get(agency.level) or self.deadlines.get("")
        return here or due(agency.level, report_year)


def _by(pairs: Iterable[tuple[_Key, Agency]]) -> Mapping[_Key, tuple[Agency, ...]]:
    found: defaultdict[_Key, list[Agency]] = defaultdict(list)
    for key, one in pairs:
        if key:
            found[key].append(one)
    return {key: tuple(lines) for key, lines in found.items()}


def _unclear(lines: tuple[Agency, ...]) -> Match:
    return Match(None, "", lines, messages.get("match.unclear", n=len(lines)))


def _crossed(named: tuple[Agency, ...], coded: tuple[Agency, ...]) -> Match:
    facts = {"named": named[0].name, "coded": coded[0].name or coded[0].code}
    lines = tuple(dict.fromkeys((*named, *coded)))
    return Match(None, "", lines, messages.get("match.crossed", **facts), crossed=True)


def _by_code(one: Agency, who: Identity, code: str) -> Match:
    """A line of the same code, whose name, if it is another, is nobody else's."""
    if not folded(who.name) or not one.name or folded(who.name) == folded(one.name):
        return Match(one, "code")
    return Match(one, "code", (), messages.get("match.name-differs", code=code, listed=one.name, own=who.name))


def _by_name(one: Agency, who: Identity, code: str) -> Match:
    """A line of the same name: certain unless both its codes speak against it."""
    said = []
    listed = valid_code(one.identity)
    if code and listed and code != listed:
        said.append(messages.get("match.code-differs", listed=one.name, code=listed, own=code))
    if who.region and one.region and folded(who.region) != folded(one.region):
        said.append(messages.get("match.region-differs", listed=one.name, region=one.region, own=who.region))
    if len(said) == 2:
        return Match(None, "", (one,), messages.get("match.other"))
    return Match(one, "name", (), said[0] if said else NOTHING)
