"""Chase-up (催报): a letter to every agency that did not report, or not rightly, saying what to do about it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from workbook.finding import Finding, Severity
from workbook.merging.chase.cells import cells, for_agencies, one_line, sentence
from workbook.merging.chase.filenames import Names
from workbook.merging.roster.deadlines import terms
from workbook.merging.roster.lines import NOTHING, Agency
from workbook.safety.messages import Bilingual, load_messages

messages = load_messages("workbook.merging.chase")


class Why(StrEnum):
    """What an agency is written to about.

    Nothing came (MISSING); a file came that by its name may be its own, but cannot be read (UNREADABLE), could not be
    read by the coordinator's own trouble (UNREAD), or says otherwise whose it is (UNCLEAR); a folder or archive of its
    name holds no report of it (CONTAINER); files came of which nobody can tell whose they are (UNVERIFIED); else what
    became of its file.
    """

    MISSING = "missing"
    HELD = "held"
    ERRORS = "errors"
    WARNINGS = "warnings"
    CONFLICT = "conflict"
    UNREADABLE = "unreadable"
    UNREAD = "unread"
    CONTAINER = "container"
    UNCLEAR = "unclear"
    UNVERIFIED = "unverified"
    YEAR = "year"
    FORM = "form"

    @property
    def short(self) -> str:
        """In few words, as the list says it."""
        return messages.text(f"why.{self.value}.short")


class Chased(NamedTuple):
    """One thing to write to an agency about.

    `contact` is whom to call there (blank: unknown); `due` the last day (None: there is none); `place` the file as
    lists show it (blank: there is none); `findings` what is wrong in it; `detail` what else the merge knows of it;
    `others` how many files there are of which nobody can tell whose they are.
    """

    agency: Agency
    contact: str
    due: datetime.date | None
    why: Why
    place: str = ""
    findings: tuple[Finding, ...] = ()
    detail: Bilingual = NOTHING
    others: int = 0

    def count(self, severity: Severity) -> int:
        """How many findings of that severity wait for the agency; answered warnings do not."""
        return sum(1 for found in self.findings if found.severity is severity and not found.answer)


class Occasion(NamedTuple):
    """What all letters of one chase-up share: report year, who writes, where to send reports, and the day.

    Blank texts and a day of None are left out of the letters.
    """

    year: int
    sender: str = ""
    to: str = ""
    today: datetime.date | None = None


class Matter(NamedTuple):
    """One thing wanted of an agency, which is one part of its letter: of several files only where they conflict."""

    chased: tuple[Chased, ...]

    @property
    def why(self) -> Why:
        """What it is about."""
        return self.chased[0].why

    @property
    def detail(self) -> Bilingual:
        """What the merge knows of it, said once."""
        return self.chased[0].detail

    @property
    def mend(self) -> bool:
        """Whether the report must be handed in anew."""
        return bool(messages.entry(f"why.{self.why.value}.mend"))

    @property
    def verify(self) -> bool:
        """Whether it is not known if the report came."""
        return bool(messages.entry(f"why.{self.why.value}").get("verify"))

    @property
    def places(self) -> str:
        """The files it is about, as lists show them."""
        return messages.text("letter.and").join(one_line(one.place) for one in self.chased if one.place)

    def count(self, severity: Severity) -> int:
        """How many findings of that severity wait for the agency, in all files."""
        return sum(one.count(severity) for one in self.chased)


class Letter(NamedTuple):
    """One letter: to whom, whom to call there, by when, what about, the name of its file, and its text.

    A blank contact is unknown; a last day of None: there is none.
    """

    agency: Agency
    contact: str
    due: datetime.date | None
    matters: tuple[Matter, ...]
    file: str
    text: str


def chase(dossiers: Iterable[Sequence[Chased]], occasion: Occasion) -> Iterator[Letter]:
    """One letter an agency, one after the other; each of `dossiers` is all that is to be said to one agency."""
    names = Names(messages.text("list.file"))
    for same in dossiers:
        agency = same[0].agency
        file = names.take(agency.name or agency.code or messages.text("letter.unnamed"), ".txt")
        contact = next((one.contact for one in same if one.contact), agency.contact)
        due = next((one.due for one in same if one.due), None)
        letter = Letter(agency, one_line(contact), due, matters(same), file, "")
        yield letter._replace(text=_text(letter, occasion))


def matters(same: Sequence[Chased]) -> tuple[Matter, ...]:
    """What is wanted of one agency, in the order it came; files in conflict with one another are one matter."""
    conflict = tuple(one for one in same if one.why is Why.CONFLICT)
    found = []
    for one in same:
        if one.why is not Why.CONFLICT:
            found.append(Matter((one,)))
        elif one is conflict[0]:
            found.append(Matter(conflict))
    return tuple(found)


def called(agency: Agency) -> str:
    """What to call an agency: its name, else its code."""
    return one_line(agency.name) or one_line(agency.code) or messages.text("letter.unnamed")


def day(when: datetime.date) -> str:
    """A day as letters write it: 2026年1月31日."""
    return messages.text("letter.day", year=when.year, month=when.month, day=when.day)


def until(occasion: Occasion) -> str:
    """As of when, in brackets; nothing where the day is not told."""
    return messages.text("letter.until", today=day(occasion.today)) if occasion.today else ""


def overdue(due: datetime.date | None, occasion: Occasion) -> int:
    """How many days the last day is past; 0 while it is not, or where there is none."""
    return max(0, (occasion.today - due).days) if due and occasion.today else 0


def _text(letter: Letter, occasion: Occasion) -> str:
    missing = any(one.why is Why.MISSING for one in letter.matters)
    mend = any(one.mend for one in letter.matters)
    verify = any(one.verify for one in letter.matters)
    kind = "missing" if missing else "mend" if mend else "verify" if verify else "other"
    indent = messages.text("letter.indent")
    opening = messages.text("letter.opening", year=occasion.year, n=len(letter.matters), until=until(occasion))
    head = messages.text(f"letter.title_{kind}", year=occasion.year)
    lines = [head, "", messages.text("letter.to", agency=called(letter.agency)), "", indent + opening, ""]
    for n, matter in enumerate(letter.matters):
        lines += [*_part(n, matter, occasion), ""]
    lines += [*_closing(letter, occasion, overdue_counts=missing), ""]
    signed = (one_line(occasion.sender), day(occasion.today) if occasion.today else "")
    lines += [indent * 6 + text for text in signed if text]
    return "\n".join(lines).rstrip() + "\n"


def _part(n: int, matter: Matter, occasion: Occasion) -> Iterator[str]:
    """One thing the agency is asked for, and every cell it has to look at, file by file."""
    numbers = messages.entry("letter.numbers")
    number = numbers[n] if n < len(numbers) else str(n + 1)
    entry, indent = f"why.{matter.why.value}", messages.text("letter.indent")
    yield messages.text("letter.part", number=number, title=messages.text(f"{entry}.title"))
    facts = {
        "year": occasion.year,
        "place": matter.places,
        "detail": sentence(for_agencies(matter.detail.zh)),
        "errors": matter.count(Severity.ERROR),
        "warnings": matter.count(Severity.WARNING),
        "others": matter.chased[0].others,
        "n": len(matter.chased),
    }
    yield indent + messages.text(f"{entry}.text", **facts)
    for one in matter.chased:
        if len(matter.chased) > 1 and any(one.count(severity) for severity in Severity):
            yield indent + messages.text("letter.file", place=one_line(one.place))
        yield from cells(one.findings)


def _closing(letter: Letter, occasion: Occasion, *, overdue_counts: bool) -> Iterator[str]:
    """By when, by what law, where to, and whom we have on record there."""
    if letter.due:
        days = overdue(letter.due, occasion)
        late = messages.text("letter.overdue", n=days) if days and overdue_counts else ""
        yield messages.text("letter.due", due=day(letter.due), overdue=late)
    if term := terms().get(letter.agency.level):
        yield messages.text("letter.statute", citation=term.citation, text=term.text)
    if occasion.to:
        yield messages.text("letter.send", to=one_line(occasion.to))
    if letter.contact:
        yield messages.text("letter.contact", contact=letter.contact)
