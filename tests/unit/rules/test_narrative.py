"""The free text: sentences of `cases/narrative.toml`, and what holds for any text."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import domain
from workbook.model.form_loader import list_form_ids, load_form
from workbook.rules import narrative_claims
from workbook.safety.messages import read_toml

COUNTS = st.sampled_from(["1", "2", "3", "14", "50", "66", "1,234", "1,23", "1234567890"])
UNITS = st.sampled_from(["条", "条", "条", "件", "人次", "人", "次", "万元", ""])
CASES = tomllib.loads((domain.CASES / "narrative.toml").read_text("utf-8"))
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
    found = narrative_claims.find_claims(case["text"], case.get("year", 2024))
    assert {claim.topic: claim.count for claim in found} == case["claims"]


@each("sums")
def test_sums(case):
    assert [[found.total, *found.parts] for found in narrative_claims.find_stated_sums(case["text"])] == case["sums"]


@each("stale")
def test_stale_years(case):
    assert list(narrative_claims.find_stale_years(case["text"], 2024)) == case["quotes"]


@each("left")
def test_instruction_left(case):
    assert narrative_claims.has_leftover_instruction(case["text"]) is case["left"]


@each("missing")
def test_topics_missing(case):
    missing = narrative_claims.list_missing_topics(case["text"], government=case.get("government", False))
    assert list(missing) == case["missing"]


@each("nothing")
def test_nothing_reported(case):
    assert narrative_claims.states_nothing_to_report(case["text"]) is case["nothing"]


def test_the_forms_own_instruction_is_found_among_other_words():
    text = "本年度工作正常。\n概述全年 工作，不超过两千字。"
    assert narrative_claims.has_leftover_instruction(text, "概述全年工作，不超过两千字。")
    assert not narrative_claims.has_leftover_instruction(text, "说明存在的问题。", "")


def test_a_claim_quotes_the_original_words_at_their_place():
    text = "　　2024年，我局共收到 政府信息公开申请 １２ 件，均已办结。"
    (claim,) = narrative_claims.find_claims(text, 2024)
    assert claim.quote == "收到 政府信息公开申请 １２ 件"
    assert text[claim.start :].startswith(claim.quote)


def test_without_a_year_a_sentence_of_two_years_states_nothing():
    assert narrative_claims.find_claims("2023年收到申请后，2024年收到政府信息公开申请3件。") == ()
    assert [c.count for c in narrative_claims.find_claims("2024年收到政府信息公开申请3件。")] == [3]


@pytest.mark.parametrize("form", [load_form(one) for one in list_form_ids()], ids=lambda form: form.id)
def test_every_topic_is_held_against_figures_by_each_form(form):
    held = {rule.topic for rule in form.text_rules if rule.id == "narrative-counts" and rule.cells}
    assert held == {*(entry["topic"] for entry in read_toml("workbook.rules.narrative_claims")["claim"])}


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
    assert narrative_claims.mentions_topic(text, what) is spoken


@given(PIECES)
def test_any_text_is_read_and_every_quote_stands_in_it(text):
    for claim in narrative_claims.find_claims(text, 2024):
        assert claim.count >= 0
        assert text[claim.start :].startswith(claim.quote)
    assert all(found.quote in text and len(found.parts) > 1 for found in narrative_claims.find_stated_sums(text))
    assert all(quote in text for quote in narrative_claims.find_stale_years(text, 2024))
    narrative_claims.list_missing_topics(text)
    narrative_claims.has_leftover_instruction(text)
    narrative_claims.states_nothing_to_report(text)


# speed: words that spare a pattern, and endless sentences

WORDS = tomllib.loads(Path(narrative_claims.__file__).with_suffix(".toml").read_text("utf-8"))
CLAIM_PATTERNS = [
    (topic["topic"], kind, pattern)
    for topic in WORDS["claim"]
    for kind in ("numbered", "none", "near_numbered", "near_none")
    for pattern in topic.get(kind, ())
]


def written(pattern: str) -> re.Pattern[str]:
    """A pattern of the word file with its macros, but nothing asked of what stands around: its words are in itself."""
    filled = re.sub("@([a-z]+)@", lambda m: WORDS["macro"][m[1]], pattern)
    around = r"\(\?<?[=!](?:\[[^\]]*\]|[^()\[\]]|\([^()]*\))*\)"
    return re.compile(re.sub(around, "", filled))


@pytest.mark.parametrize(("topic", "kind", "pattern"), CLAIM_PATTERNS, ids=lambda some: some[:24])
@given(data=st.data())
def test_no_claim_is_stated_without_its_words(topic, kind, pattern, data):
    text = data.draw(st.from_regex(written(pattern), fullmatch=True))
    words = next(entry["words"] for entry in WORDS["claim"] if entry["topic"] == topic)
    assert any(word in text for word in words)
    if "numbered" in kind:
        assert re.search(WORDS["claims"]["counted"], text)
    else:
        assert any(word in text for word in WORDS["claims"]["none"])


@pytest.mark.parametrize("name", ["filler", "ellipsis"])
@given(data=st.data())
def test_nothing_is_left_over_without_its_signs(name, data):
    text = data.draw(st.from_regex(written(WORDS["left"][name]), fullmatch=True)).replace("Ｘ", "X").replace("ｘ", "x")
    assert any(sign in text.replace("＿", "_") for sign in WORDS["left"][f"in_{name}"])


def as_one_pattern(sentence: str) -> list[tuple[int, list[int]]]:
    """A list with its total, read by one pattern for the whole sentence: plain, and slow on long ones."""
    plain = re.sub("20[0-9]{2}年度?|[0-9]+月(?:[0-9]+日)?", "", sentence)
    words = WORDS["sum"]
    number, total = f"([0-9]{{1,9}}(?:,[0-9]{{3}}){{0,3}})({words['unit']})", "共计|合计|总计|总共|共"
    item = rf"[^,、;。()0-9]*{number}"
    items = rf"(?:{item}[,、;和及]+)+{item}"
    lead = rf"(?:[^0-9]*?(?:{total})?{number}[,:(]*其中:?|[^0-9]*)"
    for shape in (
        rf"(?P<lead>{lead})(?P<items>{items})[,、;。)]*(?P<total>(?:{total}){number})[。;!\n]?$",
        rf"(?P<lead>[^0-9]*)(?P<total>(?:{total}){number})[,(]*(?:分别为|分别是|即|:):?(?P<items>{items})\)?[。;!\n]?$",
    ):
        match = re.search("^" + shape, plain)
        if match and not re.search(words["stop"], plain):
            parts, first = re.findall(number, match["items"]), re.findall(number, match["lead"])
            stated = re.findall(number, match["total"])[0]
            if {unit for _, unit in parts} == {stated[1]} and all(pair == stated for pair in first):
                return [(int(stated[0].replace(",", "")), [int(n.replace(",", "")) for n, _ in parts])]
    return []


counted = st.builds("{}{}{}".format, st.sampled_from(["", "", "公告", "和", "2024年", "6月"]), COUNTS, UNITS)
links = st.sampled_from(
    [",", ",", "、", "和", ",其中", ",其中:", "(其中", "", ",共计", "合计", "共", ",分别为", ":", "等"]
)
lists = st.builds(
    lambda begin, some, end: begin + "".join(some) + end,
    st.sampled_from(["", "发布", "共发布", "共计", "总计"]),
    st.lists(st.builds("{}{}".format, counted, links) | counted, min_size=2, max_size=6),
    st.sampled_from(["。", "", "!", ")。", "\n"]),
)


@given(lists)
def test_a_list_is_read_as_by_one_pattern(sentence):
    assert [
        (found.total, list(found.parts)) for found in narrative_claims.find_stated_sums(sentence)
    ] == as_one_pattern(sentence)


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
        "收到政府信息公开申请1件",
        "较收到政府信息公开申请1件",
        "其中上年结转申请1件 ",
        "1件",
        "共计",
        "十件结转",
        "……。",
    ],
)
def test_a_long_text_takes_no_long_time(piece):
    text = piece * (24_000 // len(piece)) + "共计66篇。"
    start = time.process_time()
    narrative_claims.find_claims(text, 2024)
    narrative_claims.find_stated_sums(text)
    narrative_claims.find_stale_years(text, 2024)
    narrative_claims.has_leftover_instruction(text)
    narrative_claims.states_nothing_to_report(text)
    narrative_claims.list_missing_topics(text)
    assert time.process_time() - start < 2  # some milliseconds; a square of the length takes many seconds


def test_a_text_of_one_line_without_end_is_read_in_time():
    """Looked for anew in each of its sentences, what was dropped from the line took minutes."""
    begun = time.process_time()
    found = narrative_claims.find_stated_sums("全年发布解读共计9篇，分别为图片解读4篇、文字解读6篇。" * 6_000)
    assert len(found) == 6_000
    assert time.process_time() - begun < 20


def test_a_sentence_without_end_says_nothing():
    endless = "全年受理行政复议案件86件，收到政府信息公开申请5件，" * 30_000
    begun = time.process_time()
    assert narrative_claims.find_claims(endless) == ()
    assert time.process_time() - begun < 20
    assert [one.count for one in narrative_claims.find_claims(endless[:60] + "。")] == [5]
