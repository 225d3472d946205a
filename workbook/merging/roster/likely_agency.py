"""Guesses by a file's name which agency of the roster it is from, where the file itself does not state it.

Nothing is counted by it. It serves to write to an agency “a file that may be yours came, and cannot be read” instead of
“nothing came”, which would be false.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import islice
from typing import Any, NamedTuple

from workbook.merging.roster.roster_lines import Roster, RosterAgency
from workbook.safety.messages import load_messages
from workbook.safety.unsafe_text import fold_name

messages = load_messages("workbook.merging.roster")

LONGEST = 120
"""So many characters of a name are looked at: no system gives a file a longer one than 255 bytes."""
MANY = 200
"""Of so many names that are alike none is guessed at: some of them would always fit."""
_ENDS = re.compile(r"\.(?:[a-z]{1,5}|[a-z]{2}\d|7z|mp[34]|xml2003)$")
"""The end of a file's name, folded: .xlsx, .et, .7z, .mp4, .xml2003; not that of 第1.5稿, which is no letter."""
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
"""One Chinese character, of the basic plane or of those beyond it (𠮷)."""


class AgencyGuess(NamedTuple):
    """The one agency a name fits (None: none, or several); `alone`: nothing in the name could mean another one."""

    agency: RosterAgency | None
    alone: bool = False


NOBODY = AgencyGuess(None)


class _CalledForm(NamedTuple):
    """One way to call an agency: what is before it in the full name, and whether it must be alone."""

    agency: RosterAgency
    before: str
    by_itself: bool = False


class _Call(NamedTuple):
    begins: int
    ends: int
    form: _CalledForm


class LikelyAgencies:
    """The names of a roster, looked for in the names of files."""

    def __init__(self, roster: Roster) -> None:
        words = messages.entry("likely")
        self._region, self._ends = frozenset(words["region"]), tuple(words["ends"])
        self._common = frozenset(words["common"])
        self._forms: defaultdict[str, dict[RosterAgency, _CalledForm]] = defaultdict(dict)
        """How agencies may be called → which agencies that means."""
        for agency in roster.agencies:
            for text, form in self._list_called_forms(fold_name(agency.name)[:LONGEST], agency):
                self._forms[text].setdefault(agency, form)
        self._lengths: defaultdict[str, set[int]] = defaultdict(set)
        """The first two characters of these → how long they are."""
        for text in self._forms:
            self._lengths[text[:2]].add(len(text))

    def guess_by_place(self, place: str, stated: str = "") -> AgencyGuess:
        """The agency that a file may be from: by the name `stated` in it, else by its own, else by that of a folder.

        `place` is the path as lists show it, with the archives it lies in.
        """
        parts = [one for one in re.split(r"[/!]", place) if one]
        if not parts:
            return NOBODY
        if fold_name(stated):
            return self.guess_by_name(stated)
        own = self.guess_by_name(get_bare_name(parts[-1]))
        if own.agency is not None or self._find_calls(get_bare_name(parts[-1])):
            return own
        for folder in reversed(parts[:-1]):
            found = self.guess_by_name(get_bare_name(folder))
            if found.agency is not None:
                return AgencyGuess(found.agency, found.alone and not get_distinctive_name(get_bare_name(parts[-1])))
            if self._find_calls(get_bare_name(folder)):
                break
        return NOBODY

    def guess_by_name(self, text: str) -> AgencyGuess:
        """The one agency that a text calls by its name or in short."""
        text = fold_name(text)[:LONGEST]
        calls = self._find_calls(text)
        if not calls:
            return self._guess_by_short_name(text)
        agencies = {one.form.agency: one for one in calls}
        if len(agencies) > 1:
            return NOBODY
        rest = list(text)
        for one in calls:
            rest[one.begins : one.ends] = " " * (one.ends - one.begins)
            own, at = one.form.before, one.begins - 1  # 县水利局 for 某县水利局: as much of the region as is there
            while own and at >= 0 and rest[at] == own[-1]:
                rest[at], own, at = " ", own[:-1], at - 1
        (agency,) = agencies
        return AgencyGuess(agency, not get_distinctive_name("".join(rest)))

    def list_called(self, text: str) -> tuple[RosterAgency, ...]:
        """Every agency that a text calls, where each name in it fits one of them only."""
        agency = self.guess_by_name(text).agency
        if agency is not None:
            return (agency,)
        places: defaultdict[tuple[int, int], list[RosterAgency]] = defaultdict(list)
        for one in self._find_calls(text):
            places[one.begins, one.ends].append(one.form.agency)
        return tuple(dict.fromkeys(some[0] for some in places.values() if len(some) == 1))

    # by name

    def _list_called_forms(self, name: str, agency: RosterAgency) -> Iterator[tuple[str, _CalledForm]]:
        """Every way to call it by a part of its name: without its region, without 人民政府."""
        if len(name) < 2:
            return
        yield name, _CalledForm(agency, "")
        begins = 0
        for _ in range(3):  # province, city, county
            at = next((n for n in range(begins + 1, len(name) - 2) if name[n] in self._region), None)
            if at is None:
                break
            begins = at + 1
            if name[begins:] not in self._common and len(name) - begins > 2:
                yield name[begins:], _CalledForm(agency, name[:begins])
        for end in self._ends:
            short = name.removesuffix(end)
            if short != name and len(short) > 1:
                yield short, _CalledForm(agency, "", by_itself=True)
                # Up to the last character of a region that leaves two: of 某省某市某县 is left 某县, not 县 alone.
                place = re.sub(rf"^.*[{''.join(self._region)}](?=..)", "", short)
                if len(place) > 1:
                    yield place, _CalledForm(agency, short[: -len(place)], by_itself=True)

    def _find_calls(self, text: str) -> list[_Call]:
        """Where agencies are called in a text, none of these places within another; of one place two are enough."""
        text = fold_name(text)[:LONGEST]
        found: dict[tuple[int, int], list[_CalledForm]] = {}
        for begins in range(len(text) - 1):
            for length in self._lengths.get(text[begins : begins + 2], ()):
                ends = begins + length
                called = self._forms.get(text[begins:ends], {}) if ends <= len(text) else {}
                fits = (form for form in called.values() if len(called) > MANY or self._fits(text, begins, ends, form))
                if forms := list(islice(fits, 2)):
                    found[begins, ends] = forms
        return [
            _Call(begins, ends, form)
            for (begins, ends), forms in found.items()
            if not any(b <= begins and ends <= e and (b, e) != (begins, ends) for b, e in found)
            for form in forms
        ]

    def _fits(self, text: str, begins: int, ends: int, form: _CalledForm) -> bool:
        """Whether what is before is no other region than the agency's own."""
        before = text[:begins]
        if form.by_itself:
            return not get_distinctive_name(f"{before.removesuffix(form.before)} {text[ends:]}")
        if not before or before[-1] not in self._region or not form.before:
            return True
        shared = 0
        while shared < min(len(before), len(form.before)) and before[-1 - shared] == form.before[-1 - shared]:
            shared += 1
        return shared > 0 and (
            shared == len(form.before) or shared == len(before) or not _CHINESE.match(before[-1 - shared])
        )

    # in short

    @cached_property
    def _organs(self) -> Sequence[tuple[str, int]]:
        """How names of organs end, the longest first, and which of these ends mean the same."""
        ends = ((end, n) for n, same in enumerate(messages.entry("likely.organs")) for end in same)
        return sorted(ends, key=lambda pair: -len(pair[0]))

    @cached_property
    def _stems(self) -> Mapping[tuple[str, int], Mapping[str, tuple[RosterAgency, ...]]]:
        """First character and kind of organ → names without region and end → whose they are."""
        found: defaultdict[tuple[str, int], dict[str, tuple[RosterAgency, ...]]] = defaultdict(dict)
        for called, forms in self._forms.items():
            agencies = tuple(islice((agency for agency, form in forms.items() if not form.by_itself), 2))
            for end, kind in self._organs:
                stem = called.removesuffix(end)
                if agencies and stem != called and len(stem) > 2:
                    stems = found[stem[0], kind]
                    stems[stem] = tuple(dict.fromkeys((*stems.get(stem, ()), *agencies)))
        return found

    def _guess_by_short_name(self, text: str) -> AgencyGuess:
        """The one agency whose name some characters of the text are taken from in order: 人社局, 发改委."""
        # Ends of organs, the longest first (委员会 before 委); before each, two to six characters are tried as the
        # short name, the longest first: in 某县人社局 for 局 these are 某县人社, 县人社, 人社.
        for match in re.finditer("|".join(re.escape(end) for end, _ in self._organs), text):
            kinds = {kind for end, kind in self._organs if match[0].endswith(end)}
            for begins in range(max(0, match.start() - 6), match.start() - 1):
                short = text[begins : match.start()]
                if not all(map(_CHINESE.match, short)):
                    continue
                fits: dict[RosterAgency, None] = {}
                for kind in kinds:
                    stems = self._stems.get((short[0], kind), {})
                    if len(stems) > MANY:
                        return NOBODY
                    fits |= dict.fromkeys(
                        agency for stem, some in stems.items() if _is_taken_from(short, stem) for agency in some
                    )
                if len(fits) > 1:
                    return NOBODY
                if fits and (
                    begins == 0 or text[begins - 1] not in self._region or self._begins_with_region(text[:begins], fits)
                ):
                    return AgencyGuess(
                        next(iter(fits)), not get_distinctive_name(text[:begins] + " " + text[match.end() :])
                    )
        return NOBODY

    def _begins_with_region(self, before: str, fits: Mapping[RosterAgency, None]) -> bool:
        """Whether the region before a short name is the one the agency's own name begins with."""
        (agency,) = fits
        run = re.split(r"[^\u3400-\u9fff]", before)[-1]  # the Chinese characters right before: 2024-某县 -> 某县
        return fold_name(agency.name).startswith(run)


def get_bare_name(name: str) -> str:
    """The name of a file without its end, as names are compared."""
    return _ENDS.sub("", fold_name(name))


def get_distinctive_name(text: str) -> str:
    """What is left of a text, as names are compared, without what the names of files say besides whose they are."""
    return "".join(_CHINESE.findall(_compile_words("filler").sub(" ", text)))


def is_note(name: str) -> bool:
    """Whether a text file is by its name a note that goes with others, such as 说明.txt."""
    text = _compile_words("note").sub(" ", get_bare_name(name))
    return text != get_bare_name(name) and not get_distinctive_name(text) and not re.search(r"[a-z]", text)


@cache
def _compile_words(words: str) -> re.Pattern[str]:
    """Any of those words (see the messages), the longest that is there."""
    return re.compile(
        "|".join(sorted(map(re.escape, map(fold_name, messages.entry(f"likely.{words}"))), key=len)[::-1])
    )


def _is_taken_from(short: str, stem: str) -> bool:
    """Whether the characters of `short` are in `stem` in that order, the first of both the same."""
    if len(short) >= len(stem) or short[0] != stem[0]:
        return False
    rest: Any = iter(stem)
    return all(character in rest for character in short)
