"""The rule book: every rule's severity, source and wording, Chinese and English, from `workbook/model/rules.toml`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cache

import msgspec

from workbook.model.finding import Fact, Finding, Severity
from workbook.safety.messages import Bilingual, load_messages

QUOTED = 300
"""So much of what stands in a cell a message quotes."""


def _said(fact: object, lang: str) -> str:
    if fact is None:
        return _messages.get("phrase.blank").say(lang)
    if isinstance(fact, Bilingual):
        return fact.say(lang)
    text = str(fact)
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"


_messages = load_messages("workbook.model.rules", _said)


class RuleWording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a rule says, in one language. `message` and `fix` are filled with a finding's facts."""

    title: str
    text: str
    message: str
    fix: str


class RuleEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the rule book: what is demanded, how much it weighs, and on whose authority."""

    id: str
    severity: Severity
    kind: str
    citation: str
    zh: RuleWording
    en: RuleWording

    def wording(self, lang: str) -> RuleWording:
        """The wording in that language; Chinese unless `en`."""
        return self.en if lang == "en" else self.zh

    @property
    def title(self) -> Bilingual:
        """The rule's short name."""
        return Bilingual(self.zh.title, self.en.title)


@cache
def list_norms() -> Mapping[str, RuleEntry]:
    """All entries by id, in the order of the book."""
    return {norm.id: norm for norm in msgspec.convert(_messages.entry("rule"), list[RuleEntry])}


def list_rule_topics() -> Collection[str]:
    """What a rule about the texts may speak of."""
    return _messages.texts("topic")


def get_phrase(name: str, /, group: str = "phrase", **facts: Fact) -> Bilingual:
    """A phrase of the book that fills a message, itself filled with facts; `group` is its table in the book."""
    return _messages.get(f"{group}.{name}", **facts)


def make_finding(
    rule: str,
    *,
    cells: tuple[str, ...] = (),
    actual: int | Decimal | str | None = None,
    expected: int | Decimal | str | None = None,
    difference: int | Decimal | None = None,
    figures: str = "",
    **facts: Fact,
) -> Finding:
    """A finding of that rule, with the severity the book gives it. KeyError if the book has no such rule."""
    return Finding(
        rule=rule,
        severity=list_norms()[rule].severity,
        cells=cells,
        actual=actual,
        expected=expected,
        difference=difference,
        facts=tuple(facts.items()),
        figures=figures,
    )


def _fill(template: str, found: Finding, lang: str) -> str:
    facts = {"actual": found.actual, "expected": found.expected, "difference": found.difference} | dict(found.facts)
    return template.format_map({name: _said(fact, lang) for name, fact in facts.items()})


def format_message(found: Finding, lang: str = "zh") -> str:
    """What is wrong, in one sentence: the place, what is there, what was expected, the difference."""
    return _fill(list_norms()[found.rule].wording(lang).message, found, lang)


def format_advice(found: Finding, lang: str = "zh") -> str:
    """What to do about it."""
    return _fill(list_norms()[found.rule].wording(lang).fix, found, lang)


def get_rule_title(found: Finding, lang: str = "zh") -> str:
    """The short name of the rule found broken."""
    return list_norms()[found.rule].wording(lang).title


def get_citation(found: Finding) -> str:
    """On whose authority the rule stands."""
    return list_norms()[found.rule].citation
