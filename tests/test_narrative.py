"""The free text: sentences of `cases/narrative.toml`, and what holds for any text."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbook import narrative

CASES = tomllib.loads((Path(__file__).parent / "cases" / "narrative.toml").read_text("utf-8"))
PIECES = st.lists(
    st.sampled_from(
        ["收到", "政府信息公开申请", "12", "件", "，", "。", "；", "\n", " ", "共计", "其中", "2023年", "2024年"]
    )
    | st.text(max_size=4),
    max_size=30,
).map("".join)


def each(table: str):
    return pytest.mark.parametrize("case", CASES[table], ids=lambda case: case["text"][:24])


@each("claims")
def test_claims(case):
    found = narrative.claims(case["text"], case.get("year", 2024))
    assert {claim.topic: claim.count for claim in found} == case["claims"]


@each("sums")
def test_sums(case):
    assert [[found.total, *found.parts] for found in narrative.sums(case["text"])] == case["sums"]


@each("stale")
def test_stale_years(case):
    assert list(narrative.stale_years(case["text"], 2024)) == case["quotes"]


@each("left")
def test_instruction_left(case):
    assert narrative.instruction_left(case["text"]) is case["left"]


@each("missing")
def test_topics_missing(case):
    missing = narrative.topics_missing(case["text"], government=case.get("government", False))
    assert list(missing) == case["missing"]


@each("nothing")
def test_nothing_reported(case):
    assert narrative.nothing_reported(case["text"]) is case["nothing"]


def test_the_forms_own_instruction_is_found_among_other_words():
    text = "本年度工作正常。\n概述全年 工作，不超过两千字。"
    assert narrative.instruction_left(text, "概述全年工作，不超过两千字。")
    assert not narrative.instruction_left(text, "说明存在的问题。", "")


def test_a_claim_quotes_the_original_words_at_their_place():
    text = "　　2024年，我局共收到 政府信息公开申请 １２ 件，均已办结。"
    (claim,) = narrative.claims(text, 2024)
    assert claim.quote == "收到 政府信息公开申请 １２ 件"
    assert text[claim.start :].startswith(claim.quote)


def test_without_a_year_a_sentence_of_two_years_states_nothing():
    assert narrative.claims("2023年收到申请后，2024年收到政府信息公开申请3件。") == ()
    assert [c.count for c in narrative.claims("2024年收到政府信息公开申请3件。")] == [3]


def test_every_topic_names_its_cells():
    assert all(
        cell.startswith(topic.split(".")[0])
        for topic in narrative.topics()
        for alternative in narrative.cells(topic)
        for cell in alternative
    )
    assert narrative.cells("reviews.litigation") == (
        ("reviews.litigation.direct.total", "reviews.litigation.after.total"),
    )


@pytest.mark.parametrize(
    ("text", "what", "spoken"),
    [
        ("发生行政复议1件", "reconsideration", True),
        ("发生行政复议1件", "litigation", False),
        ("被诉至法院", "litigation", True),
        ("未收取信息处理费", "fees", True),
        ("", "fees", False),
    ],
)
def test_mentions(text, what, spoken):
    assert narrative.mentions(text, what) is spoken


@given(PIECES)
def test_any_text_is_read_and_every_quote_stands_in_it(text):
    for claim in narrative.claims(text, 2024):
        assert claim.count >= 0
        assert text[claim.start :].startswith(claim.quote)
    assert all(found.quote in text and len(found.parts) > 1 for found in narrative.sums(text))
    assert all(quote in text for quote in narrative.stale_years(text, 2024))
    narrative.topics_missing(text)
    narrative.instruction_left(text)
    narrative.nothing_reported(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    [
        "公开动态50篇，",
        "信息、",
        "收到政府信息公开申请",
        "未发生行政复议、",
        "1，",
        "其中和及",
        "公民、",
        "9",
        "十",
        "统计2023年",
        " \n",
    ],
)
def test_a_long_text_takes_no_long_time(piece):
    text = piece * 2000 + "共计66篇。"
    narrative.claims(text, 2024)
    narrative.sums(text)
    narrative.stale_years(text, 2024)
    narrative.instruction_left(text)
    narrative.nothing_reported(text)
    narrative.topics_missing(text)
