"""The long lists: problems, agencies, files. Gone through once, counted in full, listed up to a bound that is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from workbook.finding import Severity
from workbook.merging.page.data import Agency, Problem, SourceFile
from workbook.merging.page.markup import count, tag, text, word

MOST_PROBLEMS: Final = 2_000
MOST_LINES: Final = 5_000
"""What one page lists: more would be slow to open and megabytes to send; the workbook lists them all."""
TONES: Final = {Severity.ERROR: "bad", Severity.WARNING: "wait", Severity.NOTICE: "quiet"}


@dataclass
class Listing:
    """A list as it grows: the lines shown, and how many there are in all."""

    most: int
    lines: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, line: str) -> None:
        """One more line; beyond the bound it is only counted."""
        self.count += 1
        if len(self.lines) < self.most:
            self.lines.append(line)


@dataclass
class Problems:
    """The problems as markup, and what was counted of them by severity and rule; `answered` have their reason."""

    listing: Listing
    rules: Counter[tuple[Severity, str]]
    agencies: set[str]
    answered: Counter[Severity]

    def of(self, severity: Severity) -> int:
        """How many problems of that severity there are."""
        return sum(n for (one, _), n in self.rules.items() if one is severity)

    def unanswered(self, severity: Severity) -> int:
        """How many of that severity nobody gave a reason for."""
        return self.of(severity) - self.answered[severity]


def problems(rows: Iterable[Problem], lang: str) -> Problems:
    """Go through the problems once."""
    found = Problems(Listing(MOST_PROBLEMS), Counter(), set(), Counter())
    for one in rows:
        found.rules[one.severity, one.rule] += 1
        found.answered[one.severity] += bool(one.answer)
        if one.agency:
            found.agencies.add(one.agency)
        if found.listing.count < MOST_PROBLEMS:
            found.listing.add(_problem(found.listing.count + 1, one, lang))
        else:
            found.listing.count += 1
    return found


def _problem(n: int, one: Problem, lang: str) -> str:
    agency = one.agency or word("problems.sum", lang)
    severity = word(f"severity.{one.severity.value}", lang)
    answer = tag("p", text(word("problems.answer", lang, reason=one.answer)), cls="answer") if one.answer else ""
    said = tag("p", text(one.message)) + (tag("p", text(one.advice), cls="advice") if one.advice else "") + answer
    cells = (
        tag("td", count(n), cls="n"),
        tag("th", text(agency), scope="row", title=one.file or None),
        tag("td", tag("span", text(severity), cls=f"tone {TONES[one.severity]}")),
        tag("td", text(one.rule)),
        tag("td", text(one.place)),
        tag("td", said, cls="said"),
    )
    return tag("tr", "".join(cells), data_agency=agency, data_severity=one.severity.value, data_rule=one.rule)


def agencies(rows: Iterable[Agency]) -> Listing:
    """Go through the agencies once."""
    listing = Listing(MOST_LINES)
    for one in rows:
        cells = (
            tag("td", count(listing.count + 1), cls="n"),
            tag("th", text(one.name), scope="row", title=one.file),
            *(tag("td", text(said)) for said in (one.code, one.region, one.level)),
            tag("td", tag("span", text(one.status), cls=f"tone {one.tone}")),
            *(tag("td", count(n), cls="n") for n in (one.errors, one.warnings)),
        )
        listing.add(tag("tr", "".join(cells), data_agency=one.name))
    return listing


def sources(rows: Iterable[SourceFile]) -> Listing:
    """Go through the files once."""
    listing = Listing(MOST_LINES)
    for one in rows:
        why = tag("p", text(one.why), cls="advice") if one.why else ""
        cells = (
            tag("td", count(listing.count + 1), cls="n"),
            tag("th", text(one.file), scope="row"),
            tag("td", tag("span", text(one.status), cls=f"tone {one.tone}") + why),
            tag("td", text(one.agency)),
            tag("td", count(one.size) if one.size else "", cls="n"),
            tag("td", tag("code", text(one.sha256)) if one.sha256 else "", cls="hash"),
        )
        listing.add(tag("tr", "".join(cells), data_agency=f"{one.file} {one.agency}"))
    return listing


def table(name: str, listing: Listing, heads: Sequence[str], lang: str, choices: str = "") -> str:
    """A list as a table, with what is needed to look through it: fields to filter by, headings to sort by."""
    if not listing.count:
        return tag("p", text(word(f"{name}.none", lang)))
    more = listing.count > len(listing.lines)
    key = f"{name}.more" if more else f"{name}.hint"
    hint = word(key, lang, n=count(listing.count), shown=count(len(listing.lines)))
    head = tag("tr", "".join(tag("th", text(one), scope="col") for one in heads))
    caption = tag("caption", text(word(f"{name}.title", lang)))
    body = tag("thead", head) + tag("tbody", "".join(listing.lines))
    field_ = tag("label", text(word("filter.agency", lang)) + '<input type="search" data-by="agency">')
    shown = tag("output", aria_live="polite")
    controls = f'<form class="filter" hidden data-for="{name}">{field_}{choices}{shown}</form>'
    return tag("p", text(hint), cls="hint") + controls + tag(
        "div",
        tag("table", caption + body, cls="list", id=name),
        cls="scroll", tabindex=0, role="region", aria_label=word(f"{name}.title", lang),
    )  # fmt: skip


def choice(by: str, options: Iterable[tuple[str, str]], lang: str) -> str:
    """A field to choose one value of a list by: all of them, or one of those given as value and label."""
    offered = tag("option", text(word("filter.all", lang)), value="")
    offered += "".join(tag("option", text(label), value=value) for value, label in options)
    return tag("label", text(word(f"filter.{by}", lang)) + tag("select", offered, data_by=by))
