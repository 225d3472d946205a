"""The rule book: complete in both languages, and every message filled by the findings that use it."""

from __future__ import annotations

from decimal import Decimal
from string import Formatter

import pytest

from tests.unit.rules.test_rule_cases import CASES, findings
from workbook.model import rule_catalog
from workbook.model.finding import Severity
from workbook.safety.messages import Bilingual, read_toml

NORMS = rule_catalog.get_rule_book()


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("norm", NORMS.values(), ids=NORMS)
def test_every_rule_says_the_same_in_both_languages(norm):
    assert norm.citation.strip()
    assert norm.severity in Severity
    assert norm.title == Bilingual(norm.zh.title, norm.en.title)
    for zh, en in zip(
        (norm.zh.title, norm.zh.text, norm.zh.message, norm.zh.fix),
        (norm.en.title, norm.en.text, norm.en.message, norm.en.fix),
        strict=True,
    ):
        assert zh.strip()
        assert en.strip()
        assert zh != en
    assert placeholders(norm.en.fix) <= placeholders(norm.zh.fix)
    assert placeholders(norm.en.message) <= placeholders(norm.zh.message) or norm.kind in ("structure", "merge")


def test_messages_use_only_what_their_findings_supply():
    compared = {"actual", "expected", "difference"}
    judged = 0
    for one in (one for case in CASES for one in findings(case)):
        norm = NORMS[one.rule]
        facts = {name for name, _ in one.facts}
        wanted = {name for text in (norm.zh, norm.en) for name in placeholders(text.message + text.fix)}
        assert wanted <= facts | compared
        assert all(getattr(one, name) is not None for name in wanted & compared - facts)
        judged += 1
    assert judged > 100


@pytest.mark.parametrize("group", ["phrase", "oddity", "code_problem", "topic"])
def test_phrases_stand_in_both_languages_with_the_same_facts(group):
    for zh, en in read_toml("workbook.model.rules")[group].values():
        assert zh.strip()
        assert en.strip()
        assert placeholders(zh) == placeholders(en)


def test_a_finding_is_worded_with_its_facts():
    found = rule_catalog.make_finding(
        "unit-scale",
        cells=("fees.fees.amount",),
        actual=174360,
        expected=Decimal("16.2"),
        place=Bilingual("费", "fee"),
        unit="万元",
    )
    assert (
        rule_catalog.format_message(found) == "费：填 174360 万元，上年为 16.2 万元，相差约一万倍，疑为元、万元混用。"
    )
    assert (
        rule_catalog.format_message(found, "en")
        == "fee: 174360, last year 16.2: about 10,000 times apart; a wrong unit?"
    )
    assert rule_catalog.get_rule_title(found) == "金额量级"
    assert rule_catalog.format_advice(found, "en").startswith("Check the unit")
    assert rule_catalog.get_phrase("changed", value="A1") == Bilingual("改为 =A1", "changed to =A1")


def test_a_rule_the_book_does_not_know_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        rule_catalog.make_finding("no-such-rule")
