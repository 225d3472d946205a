"""The rule book: severity, source and wording (Chinese and English) of every rule, from `workbook/model/rules.toml`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cache

import msgspec

from workbook.model.finding import Fact, Finding, Severity
from workbook.safety.messages import Bilingual, load_messages

MOST_QUOTED = 300
"""So many characters of a cell a message quotes."""


def _show_fact(fact: object, lang: str) -> str:
    if fact is None:
        return _messages.get("phrase.blank").say(lang)
    if isinstance(fact, Bilingual):
        return fact.say(lang)
    text = str(fact)
    return text if len(text) <= MOST_QUOTED else text[: MOST_QUOTED - 1] + "…"


_messages = load_messages("workbook.model.rules", _show_fact)


class RuleWording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The wording of a rule in one language; `message` and `fix` are templates filled with a finding's facts."""

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
def get_rule_book() -> Mapping[str, RuleEntry]:
    """Return all entries by id, in the order of the book."""
    return {norm.id: norm for norm in msgspec.convert(_messages.entry("rule"), list[RuleEntry])}


def list_rule_topics() -> Collection[str]:
    """List the topics that a rule about the texts may name."""
    return _messages.texts("topic")


def get_phrase(name: str, /, group: str = "phrase", **facts: Fact) -> Bilingual:
    """Return a phrase that fills a message, itself filled with facts; `group` is its table in the rule book."""
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
    """Make a finding of that rule, with the severity the book states. KeyError if the book has no such rule."""
    return Finding(
        rule=rule,
        severity=get_rule_book()[rule].severity,
        cells=cells,
        actual=actual,
        expected=expected,
        difference=difference,
        facts=tuple(facts.items()),
        figures=figures,
    )


def _fill(template: str, found: Finding, lang: str) -> str:
    facts = {"actual": found.actual, "expected": found.expected, "difference": found.difference} | dict(found.facts)
    return template.format_map({name: _show_fact(fact, lang) for name, fact in facts.items()})


def format_message(found: Finding, lang: str = "zh") -> str:
    """Format what is wrong in one sentence: the place, the actual value, the expected one, the difference."""
    return _fill(get_rule_book()[found.rule].wording(lang).message, found, lang)


def format_advice(found: Finding, lang: str = "zh") -> str:
    """Format what to do about a finding, in one sentence."""
    return _fill(get_rule_book()[found.rule].wording(lang).fix, found, lang)


def get_rule_title(found: Finding, lang: str = "zh") -> str:
    """Return the short name of the rule that does not hold."""
    return get_rule_book()[found.rule].wording(lang).title


def get_citation(found: Finding) -> str:
    """Return the source of the rule: law, notice or practice."""
    return get_rule_book()[found.rule].citation
