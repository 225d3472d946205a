"""Texts as they are searched: character by character the same as said, and every position leads back."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from workbook.model.text_normalization import normalize_text

WRAPPED = "本年度收到政府信息公开申请的数量与上年度相比较为平稳有序推进各项"
SIGNS = ("１２", "，", "。", "：", "x", " ", "　", "\t", "\n", "\r\n", "\n\n", "\u2028", "\u200b", "\ufeff")
PIECES = st.sampled_from((WRAPPED, "政府信息公开", "一、", "（一）", "1.", "一．", "年报", "报", "告", *SIGNS))
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=40).map("".join)


def character_by_character(text, *, join):
    """Each character kept and where it stood: slow and plain."""
    signs, at, position, line_start = [], [], 0, 0
    for line in text.splitlines(keepends=True):
        if signs and line.strip():
            before = "".join(signs[line_start:])
            ended = re.search(r"[。!?;:]$|报告$|年报$", before)
            listed = re.match(r"\s|[（(【]|[一二三四五六七八九十]+[、.]|[0-9０-９]+[.、．]", line)
            if not (join and len(before) >= 25 and not ended and not listed):
                signs.append("\n")
                at.append(position - 1)
                line_start = len(signs)
        for offset, char in enumerate(line):
            if not (char.isspace() or char in "\u200b\u200c\u200d\u2060\ufeff"):
                signs.append(chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char)
                at.append(position + offset)
        position += len(line)
        if not line.strip():
            line_start = len(signs)
    return "".join(signs), at


@given(TEXTS, st.booleans())
def test_folded_as_character_by_character(text, join):
    signs, at = character_by_character(text, join=join)
    folded = normalize_text(text, join=join)
    assert folded.text == signs
    assert [folded.at(place) for place in range(len(signs))] == at


@given(TEXTS)
def test_sentences_are_all_but_the_signs_between(text):
    folded = normalize_text(text)
    assert all(folded.text[one.start : one.end] == one.words for one in folded.sentences)
    left = set(folded.text) - {sign for one in folded.sentences for sign in one.words}
    assert left <= set("。!?;\n")


def test_a_wrapped_line_goes_on_and_a_short_one_does_not():
    long = "二〇二四年我局坚持以公开为常态不公开为例外的原则自条例修订施行"
    assert normalize_text(f"{long}\n以来").text == f"{long}以来"
    assert normalize_text(f"{long}\n以来", join=False).text == f"{long}\n以来"
    assert normalize_text(f"{long}\n（一）概况").text == f"{long}\n(一)概况"
    assert normalize_text(f"{long}\n\n以来").text == f"{long}\n以来"
    assert normalize_text("概况\n以来").text == "概况\n以来"


def test_a_quote_is_the_original():
    folded = normalize_text("　收到 申请 １２ 件。")
    assert folded.text == "收到申请12件。"
    assert folded.quote(0, 7) == "收到 申请 １２ 件"
    assert folded.quote(3, 3) == ""


def test_a_text_of_full_width_signs_is_folded_within_few_times_its_own_size() -> None:
    """Each sign by itself is an object of 76 bytes."""
    import tracemalloc

    text = "，" * 200_000
    tracemalloc.start()
    normalize_text(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * len(text)
