"""The words of a report. Counts, sums and stale years are read from any text without an exception and in time; what is
quoted stands in the text, a count where it is said to; the rules about texts can be checked and told."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

from tests import domain
from tests.domain import TEXTS
from tests.robustness.fuzz.mutation import changed_text
from tests.robustness.fuzz.oracle import word_findings
from tests.samples.filled_workbooks import REPORT
from workbook.rules import narrative_claims
from workbook.rules.narrative_rules import check_narrative

CASES = domain.CASES / "narrative.toml"
MOST = 20_000
"""Characters of one input: long enough for a text of every report, and for what grows with its square."""


@cache
def _sentences() -> tuple[str, ...]:
    """The sentences of the golden cases."""
    found: list[str] = []
    open_: list[object] = [tomllib.loads(CASES.read_text("utf-8"))]
    while open_:
        one = open_.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict | list):
            open_ += one.values() if isinstance(one, dict) else one
    return tuple(sorted(text for text in found if re.search("[\u4e00-\u9fff]", text)))


@cache
def _words() -> tuple[str, ...]:
    found = {word for text in _sentences() for word in re.findall(r"[\u4e00-\u9fff]{1,6}|[0-9]+|[^\w\s]", text)}
    return (*sorted(found), "2023年", "共", "件", "。", "，", "；", "\n", "其中", "总计", "一、", "（一）", "xx", "……",
            "无")  # fmt: skip


def seeds() -> list[bytes]:
    every = _sentences()
    return [text.encode() for text in (*every[::3], "\n".join(every[:40]), *TEXTS.values())]


def changed(data: bytes, draw: Random) -> bytes:
    return changed_text(data, draw, _words())[: 3 * MOST]


def tried(data: bytes, folder: Path) -> None:  # noqa: ARG001
    text = data.decode("utf-8", "replace")[:MOST]
    for claim in narrative_claims.find_claims(text, 2023):
        assert claim.count >= 0
        assert text[claim.start :].lstrip("，,。；; \t").startswith(claim.quote) or claim.quote in text
    for total in narrative_claims.find_stated_sums(text):
        assert total.quote in text
        assert len(total.parts) > 1
    for quote in narrative_claims.find_stale_years(text, 2023):
        assert quote in text
    narrative_claims.states_nothing_to_report(text)
    narrative_claims.has_leftover_instruction(text, "说明")
    for what in ("reconsideration", "litigation", "fees"):
        narrative_claims.mentions_topic(text, what)
    texts = {"overview": text, "problems": text[:2000], "other": text[-500:]}
    word_findings(check_narrative(replace(REPORT, texts=texts, year=2023)))
