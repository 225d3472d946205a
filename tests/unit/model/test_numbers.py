"""Cells → numbers: the table of `cases/numbers.toml`, and what holds for any cell."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests import domain
from workbook.model.numbers import (
    NOT_APPLICABLE,
    UNITS,
    Oddity,
    format_json_value,
    parse_chinese_number,
    parse_figure,
    parse_json_value,
    spell_chinese_number,
    to_cell_unit,
)

CASES = tomllib.loads((domain.CASES / "numbers.toml").read_text("utf-8"))["cases"]
COUNT, YUAN, WAN = UNITS["件"], UNITS["元"], UNITS["万元"]
units = st.sampled_from(list(UNITS.values()))
WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['raw']!r} {case['unit']}")
def test_table(case):
    reading = parse_figure(case["raw"], UNITS[case["unit"]])
    wanted = case.get("value")
    if isinstance(wanted, str) and wanted.startswith("="):
        wanted = Decimal(wanted[1:])
    assert reading.value == wanted
    assert type(reading.value) is type(wanted)
    assert [odd.kind for odd in reading.oddities] == case["odd"]
    assert {odd.kind: odd.detail for odd in reading.oddities if odd.detail != ""} == case.get("detail", {})
    assert {odd.raw for odd in reading.oddities} <= {case["raw"] if isinstance(case["raw"], str) else reading.value}


def test_an_oddity_tells_what_was_removed_and_the_cell_as_it_stood():
    reading = parse_figure(" 22件（其中修订16件）", COUNT)
    assert {odd.raw for odd in reading.oddities} == {" 22件（其中修订16件）"}
    assert {odd.kind: odd.detail for odd in reading.oddities}["unit"] == "件"
    assert {odd.kind: odd.detail for odd in reading.oddities}["note"] == "其中修订16件"


def test_money_in_another_unit_shows_both_readings():
    assert parse_figure("174360元", WAN).oddities[-1].detail == "17.436万元; 174360万元"


def test_a_decimal_of_another_library_is_read_exactly():
    assert parse_figure(Decimal("4166.214619"), WAN).value == 4166214619
    assert parse_figure(Decimal("Infinity"), WAN).value == "Infinity"
    assert parse_figure(Decimal("1e999999"), WAN).oddities[0].kind == "not-finite"
    assert parse_figure(Decimal("12345678901234567.25"), YUAN) == (1234567890123456725, ())
    assert parse_figure(None, COUNT) == (None, ())


@pytest.mark.parametrize(
    ("raw", "unit", "value", "odd"),
    [
        (None, COUNT, None, []),
        (3, COUNT, 3, []),
        (3.0, COUNT, 3, ["json-float"]),
        ("3", COUNT, 3, ["text"]),
        ("4166.214619", WAN, 4166214619, []),
        (4166.214619, WAN, 4166214619, ["json-float"]),
        (12, WAN, 12_000_000, []),
        ("174360元", WAN, 17436000, ["other-unit"]),
        ("不适用", WAN, NOT_APPLICABLE, []),
        (float("inf"), WAN, "inf", ["not-finite"]),
        (True, COUNT, "TRUE", ["bool"]),
    ],
)
def test_from_json(raw, unit, value, odd):
    reading = parse_json_value(raw, unit)
    assert (reading.value, [o.kind for o in reading.oddities]) == (value, odd)


def test_a_float_of_json_is_told_as_it_stood():
    assert parse_json_value(3.0, COUNT).oddities == (Oddity("json-float", "3.0", ""),)


def test_a_number_of_more_signs_than_any_report_has_stays_words():
    assert parse_figure("1" * 400, COUNT).value == int("1" * 400)
    assert parse_figure("1" * 401, COUNT).value == "1" * 401
    assert parse_figure(float("1e300"), COUNT).value == 10**300
    assert parse_figure(Decimal("1e399"), COUNT).value == 10**399
    assert parse_figure(10**399, WAN).value == 10**405
    assert parse_figure(-(10**399), COUNT) == (f"-1{'0' * 399}", (Oddity("not-finite", f"-1{'0' * 399}", ""),))
    assert parse_figure("9" * 392 + "亿元", YUAN).value == int("9" * 392) * 10**10
    assert parse_figure("9" * 393 + "亿元", YUAN).value == "9" * 393 + "亿元"
    assert parse_figure(Decimal("1e400"), COUNT) == ("1E+400", (Oddity("not-finite", "1E+400", ""),))


@pytest.mark.parametrize("unit", [COUNT, YUAN, WAN], ids=lambda unit: unit.label)
@pytest.mark.parametrize(
    "raw",
    [
        *("9" * n for n in (396, 399, 400)),
        *(f"{'9' * n}{word}" for n in (391, 392, 395, 396, 399, 400) for word in ("元", "万元", "亿元")),
        *(f"-{'9' * n}" for n in (398, 399, 400)),
        *(f"{'9' * n}e99" for n in (300, 301, 302)),
        *(f"0.{'1' * n}" for n in (391, 394, 398, 399)),
        *(f"0.{'1' * n}元" for n in (391, 393, 394, 395, 398)),
        *(f"0.{'1' * n}e-99" for n in (298, 299, 300)),
        *(10**n for n in (18, 19, 398, 399, 400, 5000)),
        *(-(10**n) for n in (18, 19, 398, 399, 5000)),
        *(Decimal(f"{sign}{'9' * n}.5") for n in (396, 397, 398, 399) for sign in ("", "-")),
        *(Decimal(f"1e-{n}") for n in (395, 398, 399, 100_000)),
    ],
    ids=lambda raw: f"{str(Decimal(raw)) if isinstance(raw, int) else raw!s:.3}",
)
def test_as_long_as_a_number_may_be_it_is_read_back_and_no_longer(raw, unit):
    value = parse_figure(raw, unit).value
    again = parse_figure(format_json_value(value, unit), unit).value
    assert (again, type(again)) == (value, type(value))
    assert len(format(Decimal(to_cell_unit(value, unit)), "f") if not isinstance(value, str) else "") <= 400


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (17, COUNT, 17),
        (Decimal("1.5"), COUNT, "1.5"),
        (4166214619, WAN, "4166.214619"),
        (17436000, YUAN, "174360"),
        (0, WAN, "0"),
        (-1, YUAN, "-0.01"),
        (10**30, WAN, "1" + "0" * 24),
        (NOT_APPLICABLE, WAN, NOT_APPLICABLE),
        (None, COUNT, None),
    ],
)
def test_write(value, unit, written):
    assert format_json_value(value, unit) == written


@given(st.integers(-(10**40), 10**40) | st.decimals(-(10**6), 10**6, places=2), units)
def test_what_is_written_is_read_back(value, unit):
    value = int(value) if value == int(value) else value
    for reading in (
        parse_figure(format_json_value(value, unit), unit),
        parse_json_value(format_json_value(value, unit), unit),
    ):
        assert reading.value == value
        assert type(reading.value) is type(value)


@given(st.text(), units)
def test_what_was_read_is_written_and_read_again(text, unit):
    value = parse_figure(text, unit).value
    assert parse_figure(format_json_value(value, unit), unit).value == value


@given(st.integers(-(10**30), 10**30))
def test_full_width_digits_are_the_same_number(number):
    reading = parse_figure(str(number).translate(WIDE), COUNT)
    assert reading.value == number
    assert [odd.kind for odd in reading.oddities] == ["text", "width"]


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_spreadsheets_float_gives_the_exact_fen(fen):
    assert parse_figure(fen / 100, YUAN).value == fen
    assert parse_figure(fen / 1_000_000, WAN).value == fen
    assert to_cell_unit(fen, YUAN) * 100 == fen


@given(st.text() | st.text("0123456789,，.。-－—+＋eE万元件一十百（）() \u200b#¥%", max_size=12), units)
@example("1" * 5000, COUNT)
@example("-" + "9" * 399 + ".5e99", WAN)
@example("万", WAN)
def test_any_text_is_read_and_nothing_is_lost(text, unit):
    reading = parse_figure(text, unit)
    assert all(odd.raw == text for odd in reading.oddities)
    if isinstance(reading.value, str) and reading.value != NOT_APPLICABLE:
        assert reading.value in text
    elif isinstance(reading.value, int | Decimal):
        assert reading.oddities[0].kind == "text"


@given(st.floats(), units)
def test_any_float_is_read(number, unit):
    assert parse_figure(number, unit).value is not None
    assert parse_json_value(number, unit).oddities


@given(st.integers(0, 10**12 - 1))
def test_chinese_numerals_come_back(number):
    assert parse_chinese_number(spell_chinese_number(number)) == number


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "零"),
        (10, "十"),
        (12, "十二"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (10010, "一万零一十"),
        (10**8 + 5, "一亿零五"),
    ],
)
def test_spell(number, text):
    assert spell_chinese_number(number) == text
    assert spell_chinese_number(-1) == spell_chinese_number(10**12) == spell_chinese_number(10**12 + 1) == ""


@pytest.mark.parametrize("text", ["", "百", "十十", "二〇二四", "一百二", "万", "十2", "一万亿"])
def test_not_a_numeral(text):
    assert parse_chinese_number(text) is None
