"""What is wrong with the lines of a roster, each in a sentence that says what is there and what to do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from workbook import identity
from workbook.finding import Severity, Source
from workbook.harmless import folded
from workbook.identity import CodeProblem
from workbook.merging.agencies import valid_code
from workbook.merging.roster.lines import Agency, Problem, Roster
from workbook.rulebook import phrase
from workbook.safety.messages import NO_TEXT, Bilingual, join_texts, load_messages

messages = load_messages("workbook.merging.roster")

NUMBERS = 8
"""So many lines are named of those that are alike: all of a list may be."""
Place = Callable[[str, int], Source]
"""Where the cell of a column (its code) stands in a line (from 1) of the file."""


def problem(kind: str, source: Source, line: int, **facts: object) -> Problem:
    """A problem of that kind (see the messages) with a line of a roster."""
    entry = f"problem.{kind}"
    severity = Severity(messages.entry(f"{entry}.severity"))
    message, advice = messages.get(f"{entry}.message", **facts), messages.get(f"{entry}.fix", **facts)
    return Problem(kind, severity, line, source, message, advice)


def name_of(agency: Agency) -> str | Bilingual:
    """What to call an agency: its name, else its code."""
    return agency.name or agency.code or messages.get("problems.nameless")


def line_problems(agency: Agency, place: Place) -> Iterator[Problem]:
    """What is wrong with one line alone."""
    found = (
        ("code", agency.code, identity.credit_code_problem(folded(agency.code).upper())),
        ("region", agency.region, identity.region_problem(agency.region)),
    )
    for column, raw, trouble in found:
        if trouble:
            what = phrase(trouble.kind, "code_problem", **CodeProblem._asdict(trouble))
            source = place(column, agency.line)
            yield problem(column, source, agency.line, name=name_of(agency), raw=raw, what=what)


def known_levels() -> Bilingual:
    """The levels to choose from."""
    return join_texts((Bilingual(one.label, one.en) for one in identity.levels()), messages.get("problems.comma"))


def without_repeats(agencies: Sequence[Agency], place: Place) -> tuple[list[Agency], list[Problem]]:
    """The lines without those that name an agency once more (same code and name, or nothing to differ by)."""
    kept: list[Agency] = []
    problems = []
    first: dict[tuple[str, str, str], Agency] = {}
    for one in agencies:
        region = "" if valid_code(one.identity) else folded(one.region)
        key = (folded(one.code), folded(one.name), region)
        before = first.setdefault(key, one)
        if before is one:
            kept.append(one)
        else:
            problems.append(
                problem("repeated", place("name", one.line), one.line, name=name_of(one), others=before.line)
            )
    return kept, problems


def roster_problems(roster: Roster, place: Place) -> Iterator[Problem]:
    """What is wrong between the lines: codes and names used twice, parents not found, circles."""
    yield from _twice(roster, place)
    for one in roster.agencies:
        if not one.parent:
            continue
        lines = roster.named(one.parent)
        if len(lines) != 1:
            kind = "parent-unclear" if lines else "parent-unknown"
            source = place("parent", one.line)
            yield problem(kind, source, one.line, name=name_of(one), raw=one.parent, others=_numbers(lines))
    for circle in roster.circles:
        names = [one.name or one.code for one in (*circle, circle[0])]
        if len(names) > NUMBERS + 2:
            names = [*names[:NUMBERS], "……", names[-1]]
        words = join_texts(names, messages.get("problems.arrow"))
        source = place("parent", circle[0].line)
        yield problem("circle", source, circle[0].line, names=words, others=_numbers(circle))


def _twice(roster: Roster, place: Place) -> Iterator[Problem]:
    codes: defaultdict[str, list[Agency]] = defaultdict(list)
    names: defaultdict[str, list[Agency]] = defaultdict(list)
    for one in roster.agencies:
        if code := valid_code(one.identity):
            codes[code].append(one)
        if one.name:
            names[folded(one.name)].append(one)
    for code, lines in codes.items():
        for one in lines[1:]:
            facts = {"name": name_of(one), "other": name_of(lines[0]), "others": lines[0].line, "code": code}
            yield problem("code-twice", place("code", one.line), one.line, **facts)
    for lines in names.values():
        yield from _same_name(lines, place)


def _same_name(lines: Sequence[Agency], place: Place) -> Iterator[Problem]:
    """Lines of one name with neither codes that all differ nor regions that all differ."""
    codes, regions = [valid_code(one.identity) for one in lines], [folded(one.region) for one in lines]
    if any(all(keys) and len(set(keys)) == len(keys) for keys in (codes, regions)):
        return
    for one in lines[1:]:
        yield problem("name-twice", place("name", one.line), one.line, name=one.name, others=lines[0].line)


def _numbers(agencies: Iterable[Agency]) -> Bilingual:
    """In which lines they stand: the first, for of thousands each would name thousands."""
    lines = [str(one.line) for one in islice(agencies, NUMBERS + 1)]
    more = messages.get("problems.more") if len(lines) > NUMBERS else NO_TEXT
    return join_texts(lines[:NUMBERS], messages.get("problems.comma")).then(more)
