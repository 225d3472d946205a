"""Writes the letters (催报) to agencies that did not report, or not correctly, with what to do about it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from workbook.merging.roster.roster_lines import NOTHING, RosterAgency, get_terms
from workbook.model.finding import Finding, Severity
from workbook.model.rule_catalog import format_advice, format_message, get_citation, get_rule_book, get_rule_title
from workbook.safety.messages import Bilingual, load_messages
from workbook.safety.unsafe_text import FileNames, make_one_line

messages = load_messages("workbook.merging.letters")


class LetterReason(StrEnum):
    """What an agency is written to about.

    Nothing came (MISSING); a file came that by its name may be its own, but cannot be read (UNREADABLE), could not be
    read by the coordinator's own trouble (UNREAD), or says otherwise whose it is (UNCLEAR); a folder or archive of its
    name holds no report of it (CONTAINER); files came whose agency is unknown (UNVERIFIED); else what
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


class ChasedAgency(NamedTuple):
    """One thing to write to an agency about.

    `contact` is whom to call there (blank: unknown); `due` the last day (None: there is none); `place` the file as
    lists show it (blank: there is none); `findings` what is wrong in it; `detail` what else the merge knows of it;
    `others` how many files there are whose agency is unknown.
    """

    agency: RosterAgency
    contact: str
    due: datetime.date | None
    why: LetterReason
    place: str = ""
    findings: tuple[Finding, ...] = ()
    detail: Bilingual = NOTHING
    others: int = 0

    def count(self, severity: Severity) -> int:
        """How many findings of that severity wait for the agency; answered warnings do not."""
        return sum(1 for found in self.findings if found.severity is severity and not found.answer)


class LetterOccasion(NamedTuple):
    """What all letters of one chase-up share: report year, who writes, where to send reports, and the day.

    Blank texts and a day of None are left out of the letters.
    """

    year: int
    sender: str = ""
    to: str = ""
    today: datetime.date | None = None


class LetterMatter(NamedTuple):
    """One thing wanted of an agency, which is one part of its letter: of several files only where they conflict."""

    chased: tuple[ChasedAgency, ...]

    @property
    def why(self) -> LetterReason:
        """What it is about."""
        return self.chased[0].why

    @property
    def detail(self) -> Bilingual:
        """What the merge knows of it, written once."""
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

    agency: RosterAgency
    contact: str
    due: datetime.date | None
    matters: tuple[LetterMatter, ...]
    file: str
    text: str


def write_letter_texts(dossiers: Iterable[Sequence[ChasedAgency]], occasion: LetterOccasion) -> Iterator[Letter]:
    """One letter an agency, one after the other; each of `dossiers` is all that is to be written to one agency."""
    names = FileNames(messages.text("list.file"))
    for same in dossiers:
        agency = same[0].agency
        file = names.take(agency.name or agency.code or messages.text("letter.unnamed"), ".txt")
        contact = next((one.contact for one in same if one.contact), agency.contact)
        due = next((one.due for one in same if one.due), None)
        letter = Letter(agency, one_line(contact), due, group_matters(same), file, "")
        yield letter._replace(text=_write_text(letter, occasion))


def group_matters(same: Sequence[ChasedAgency]) -> tuple[LetterMatter, ...]:
    """What is wanted of one agency, in the order it came; files in conflict with one another are one matter."""
    conflict = tuple(one for one in same if one.why is LetterReason.CONFLICT)
    found = []
    for one in same:
        if one.why is not LetterReason.CONFLICT:
            found.append(LetterMatter((one,)))
        elif one is conflict[0]:
            found.append(LetterMatter(conflict))
    return tuple(found)


def get_agency_title(agency: RosterAgency) -> str:
    """What to call an agency: its name, else its code."""
    return one_line(agency.name) or one_line(agency.code) or messages.text("letter.unnamed")


def format_day(when: datetime.date) -> str:
    """A day as letters write it: 2026年1月31日."""
    return messages.text("letter.day", year=when.year, month=when.month, day=when.day)


def format_as_of(occasion: LetterOccasion) -> str:
    """As of when, in brackets; nothing where the day is not given."""
    return messages.text("letter.until", today=format_day(occasion.today)) if occasion.today else ""


def count_overdue_days(due: datetime.date | None, occasion: LetterOccasion) -> int:
    """How many days the last day is past; 0 while it is not, or where there is none."""
    return max(0, (occasion.today - due).days) if due and occasion.today else 0


def _write_text(letter: Letter, occasion: LetterOccasion) -> str:
    missing = any(one.why is LetterReason.MISSING for one in letter.matters)
    mend = any(one.mend for one in letter.matters)
    verify = any(one.verify for one in letter.matters)
    kind = "missing" if missing else "mend" if mend else "verify" if verify else "other"
    indent = messages.text("letter.indent")
    opening = messages.text("letter.opening", year=occasion.year, n=len(letter.matters), until=format_as_of(occasion))
    head = messages.text(f"letter.title_{kind}", year=occasion.year)
    lines = [head, "", messages.text("letter.to", agency=get_agency_title(letter.agency)), "", indent + opening, ""]
    for n, matter in enumerate(letter.matters):
        lines += [*_write_part(n, matter, occasion), ""]
    lines += [*_write_closing(letter, occasion, overdue_counts=missing), ""]
    signed = (one_line(occasion.sender), format_day(occasion.today) if occasion.today else "")
    lines += [indent * 6 + text for text in signed if text]
    return "\n".join(lines).rstrip() + "\n"


def _write_part(n: int, matter: LetterMatter, occasion: LetterOccasion) -> Iterator[str]:
    """One thing the agency is asked for, and every cell it has to look at, file by file."""
    numbers = messages.entry("letter.numbers")
    number = numbers[n] if n < len(numbers) else str(n + 1)
    entry, indent = f"why.{matter.why.value}", messages.text("letter.indent")
    yield messages.text("letter.part", number=number, title=messages.text(f"{entry}.title"))
    facts = {
        "year": occasion.year,
        "place": matter.places,
        "detail": end_sentence(reword_for_agency(matter.detail.zh)),
        "errors": matter.count(Severity.ERROR),
        "warnings": matter.count(Severity.WARNING),
        "others": matter.chased[0].others,
        "n": len(matter.chased),
    }
    yield indent + messages.text(f"{entry}.text", **facts)
    for one in matter.chased:
        if len(matter.chased) > 1 and any(one.count(severity) for severity in Severity):
            yield indent + messages.text("letter.file", place=one_line(one.place))
        yield from list_cells_to_check(one.findings)


def _write_closing(letter: Letter, occasion: LetterOccasion, *, overdue_counts: bool) -> Iterator[str]:
    """By when, by what law, where to, and whom we have on record there."""
    if letter.due:
        days = count_overdue_days(letter.due, occasion)
        late = messages.text("letter.overdue", n=days) if days and overdue_counts else ""
        yield messages.text("letter.due", due=format_day(letter.due), overdue=late)
    if term := get_terms().get(letter.agency.level):
        yield messages.text("letter.statute", citation=term.citation, text=term.text)
    if occasion.to:
        yield messages.text("letter.send", to=one_line(occasion.to))
    if letter.contact:
        yield messages.text("letter.contact", contact=letter.contact)


# What a letter says of the cells of one report: place, what is there, what was expected, what to do,


COMPARING = frozenset({"equation", "previous", "merge"})
"""Kinds of rules whose findings compare figures of cells; others count cells, say, and state what matters in words."""


def one_line(text: str) -> str:
    """Untrusted text on one line, without control characters."""
    return make_one_line(text).strip()


def end_sentence(text: str) -> str:
    """The text on one line, ended with a stop; nothing of nothing."""
    text, stop = one_line(text), messages.text("letter.stop")
    return text if not text or text.endswith((stop, "！", "？", "；")) else text + stop


_COMMAND = re.compile(r"\bogi (?:new|repair|import|export|check|merge|roster|schema)\b|(?<!\S)--[a-z]{2,}")
"""A command of ours, or an option after a blank: `ogi repair`, ` --choose`; not the dashes within `甲--乙`."""


def reword_for_agency(text: str) -> str:
    """What the merge reports to the coordinator, worded for an agency: without commands, which it does not have."""
    for words, instead in messages.entry("letter.reworded"):
        text = text.replace(words, instead)
    if not _COMMAND.search(text):
        return text
    # A note in brackets that names a command goes as a whole, any other stays: 另存为 .xlsx（或用 ogi import 转换）
    text = re.sub(r"（[^（）]*）", lambda note: "" if _COMMAND.search(note[0]) else note[0], text)
    # Clauses, each with the stop before it: "甲，乙；丙。" -> "甲", "，乙", "；丙", "。"
    clauses = re.findall("[，；：。]?[^，；：。]+|[，；：。]", text)
    return "".join(clause for clause in clauses if not _COMMAND.search(clause)).strip("，；：")


def list_cells_to_check(findings: Sequence[Finding]) -> Iterator[str]:
    """What an agency has to look at in one file, errors first; answered and notices are left out."""
    for severity, key in ((Severity.ERROR, "errors"), (Severity.WARNING, "warnings")):
        some = [found for found in findings if found.severity is severity and not found.answer]
        if some:
            yield messages.text("letter.indent") + messages.text(f"letter.{key}", n=len(some))
        for number, found in enumerate(some, 1):
            yield from _write_finding(number, found)


def _write_finding(n: int, found: Finding) -> Iterator[str]:
    """One finding: place, what is there, what was expected, what to do, on whose authority."""
    indent = messages.text("letter.indent")
    sentence, place = one_line(format_message(found)), str(found.source)
    yield indent + messages.text(
        "letter.finding", n=n, place=f"{place}　" if place else "", title=get_rule_title(found)
    )
    yield indent * 2 + messages.text("letter.what", message=sentence)
    if compared := _compare_figures(found, sentence):
        yield indent * 2 + messages.text("letter.compared", compared=compared)
    if what := reword_for_agency(one_line(format_advice(found))).strip("。"):
        yield indent * 2 + messages.text("letter.advice", advice=f"{what}。")
    yield indent * 2 + messages.text("letter.citation", citation=reword_for_agency(get_citation(found)))


def _compare_figures(found: Finding, sentence: str) -> str:
    """What is there, what was expected and the difference, where figures are compared and not all in the message."""
    if get_rule_book()[found.rule].kind not in COMPARING:
        return ""
    figures = {"actual": found.actual, "expected": found.expected, "difference": found.difference}
    more = {key: _format_figure(value) for key, value in figures.items() if value is not None}
    if all(_contains_figure(sentence, value) for value in more.values()):
        return ""
    parts = [messages.text(f"letter.{key}", value=one_line(value)) for key, value in more.items()]
    return messages.text("letter.comma").join(parts)


def _format_figure(value: int | Decimal | str) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _contains_figure(sentence: str, value: str) -> bool:
    """Whether a sentence states that figure: 12 in 填 12，or 12.5 in 为 12.5。, but not in 112, 12.5, -12 or 2,012."""
    return re.search(rf"(?<![\d.-]){re.escape(value)}(?![\d.]\d)(?!\d)", sentence) is not None
