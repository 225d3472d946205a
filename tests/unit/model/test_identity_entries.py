"""Year, revision and name as they are entered: the tables of `cases/identity.toml`, and what holds for any year."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import domain
from workbook.model.identity import (
    is_doubtful_name,
    list_unreadable_fields,
    parse_revision,
    parse_year,
    spell_years_in_digits,
)
from workbook.model.numbers import spell_chinese_number

CASES = tomllib.loads((domain.CASES / "identity.toml").read_text("utf-8"))
PARSERS = {"year": parse_year, "revision": parse_revision}
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
NUMERALS = ["〇零○O０", "一壹１", "二贰貳２", "三叁參３", "四肆４", "五伍５", "六陆陸６", "七柒７", "八捌８", "九玖９"]
years = st.integers(1000, 9999)
of_this_century = st.integers(2000, 2099)


@pytest.mark.parametrize("field", ["year", "revision"])
def test_what_is_certain_is_read_and_the_rest_is_reported_as_it_is(field):
    wrong = []
    for case in CASES[field]:
        entered, value = case["entered"], case.get("value")
        unread = () if value is not None else ((field, str(entered)),)
        if PARSERS[field](entered) != value or list_unreadable_fields({field: entered}) != unread:
            wrong.append((entered, value, PARSERS[field](entered), list_unreadable_fields({field: entered})))
    assert wrong == []


@pytest.mark.parametrize("blank", [None, "", "  ", "\u3000", "\u200b"])
def test_a_blank_is_neither_a_number_nor_unreadable(blank):
    assert parse_year(blank) is parse_revision(blank) is None
    assert list_unreadable_fields({"year": blank, "revision": blank, "name": "123"}) == ()


@given(years, st.sampled_from(["", "年", "年度", " 年"]))
def test_every_spelling_of_a_year_is_read_as_that_year(year, after):
    plain = str(year)
    spellings = (plain, plain.translate(WIDE), f"{plain}.0", f"{plain[0]},{plain[1:]}", spell_chinese_number(year))
    assert {parse_year(f"{spelled}{after}") for spelled in spellings} == {year}
    assert parse_year(float(year)) == parse_year(Decimal(f"{year}.0")) == parse_year(year) == year


@given(years.flatmap(lambda year: st.tuples(st.just(year), *(st.sampled_from(NUMERALS[int(d)]) for d in str(year)))))
def test_a_year_in_numerals_of_any_kind_is_read_as_that_year(spelled):
    year, *digits = spelled
    slip = not {"O", "○"}.isdisjoint(digits) and not any(
        digit in "〇零一二三四五六七八九壹贰貳叁參肆伍陆陸柒捌玖" for digit in digits
    )
    assert parse_year("".join(digits)) == (None if slip else year)


@given(st.integers(0, 99_999_999))
def test_every_spelling_of_a_revision_is_read_as_that_number(number):
    spellings = (str(number).translate(WIDE), f"第{number}次", f"第{spell_chinese_number(number)}次更正", f"v{number}")
    assert {parse_revision(spelled) for spelled in spellings} == {number}


@given(st.text(max_size=50))
def test_any_text_is_a_number_or_unreadable_or_blank(text):
    for field, parse in PARSERS.items():
        number, unread = parse(text), list_unreadable_fields({field: text})
        assert number is None or number >= 0
        assert not unread or (number is None and unread == ((field, text.strip()),))


@given(
    of_this_century.flatmap(lambda y: st.tuples(st.just(y), *(st.sampled_from(NUMERALS[int(d)]) for d in str(y)[2:])))
)
def test_a_year_within_a_title_is_spelled_in_digits(spelled):
    year, *digits = spelled
    assert spell_years_in_digits(f"某局二〇{''.join(digits)}年度报告") == f"某局{year}年度报告"


@pytest.mark.parametrize(
    "text", ["某局2024年报告", "第二百零二条", "二〇二医院", "共二千零二十四件", "二〇二四五", "十二〇二四"]
)
def test_what_is_no_year_stays(text):
    assert spell_years_in_digits(text) == text


def test_names_that_name_nobody_are_told_apart():
    assert [name for name in CASES["doubtful_names"] if not is_doubtful_name(name)] == []
    assert [name for name in ["", " ", *CASES["names"]] if is_doubtful_name(name)] == []
