"""Cells → numbers. Any text, float or JSON value is read without a word; what is written is read back; plain digits are
exactly the number they say; a value read from words is a part of them; a Chinese numeral comes back as it was."""

from __future__ import annotations

import re
import struct
from fractions import Fraction
from pathlib import Path
from random import Random

from tests.robustness.fuzz.mutation import changed_text
from workbook.model.numbers import _DATA as WORDS
from workbook.model.numbers import (
    NOT_APPLICABLE,
    UNITS,
    Unit,
    format_json_value,
    parse_chinese_number,
    parse_figure,
    parse_json_value,
    spell_chinese_number,
    to_cell_unit,
)

ALL = tuple(UNITS.values())
PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,390})(?:\.[0-9]{1,9})?")
TOKENS = (
    *"0123456789.,，。．-－—+＋eE()（）[]【】〔〕/%:#零〇一二两三十百千万亿壹贰拾佰仟廿",
    *WORDS["counters"], *WORDS["money"], *WORDS["currency"], *WORDS["nothing"], "约", "应为", "或", "单位：元", "注1",
    "1,234", "其中", "２",
    "\u200b", " ", "　", "2024-1-31", "#REF!", "1.50", "00", "e5", "——",
)  # fmt: skip


def seeds() -> list[bytes]:
    some = ("17", "1,234", "17个", "22（其中修订16件）", "１２", "4166.214619", "174360元", "￥1.5万元", "二十三",
            "-3", "不适用", "约10", "1.5e3", "一百零二件", "", "2024年1月31日", "(5)")  # fmt: skip
    texts = [bytes([n % len(ALL)]) + text.encode() for n, text in enumerate(some)]
    return [*texts, *(b"\xff" + struct.pack("<d", value) for value in (1.5, 1e300, 0.1, 17.0, 1e15 / 7))]


def changed(data: bytes, draw: Random) -> bytes:
    if data[:1] == b"\xff":
        return b"\xff" + draw.randbytes(8)
    return bytes([draw.randrange(len(ALL))]) + changed_text(data[1:], draw, TOKENS)[:900]


def tried(data: bytes, folder: Path) -> None:  # noqa: ARG001
    if data[:1] == b"\xff":
        (number,) = struct.unpack("<d", data[1:9].ljust(8, b"\0"))
        for unit in ALL:
            _back(parse_figure(number, unit).value, unit)
            _back(parse_json_value(number, unit).value, unit)
        return
    unit, text = ALL[data[0] % len(ALL)] if data else ALL[0], data[1:].decode("utf-8", "replace")
    reading = parse_figure(text, unit)
    assert all(odd.raw == text for odd in reading.oddities)
    assert parse_json_value(text, unit).value == reading.value
    if isinstance(reading.value, str):
        assert reading.value == NOT_APPLICABLE or (reading.value in text and reading.value.strip() == reading.value)
    elif reading.value is not None:
        assert reading.oddities, "a number in words is odd"
        to_cell_unit(reading.value, unit)
    _back(reading.value, unit)
    if PLAIN.fullmatch(text):
        exact = Fraction(text) * unit.scale
        assert Fraction(reading.value) == exact
        assert isinstance(reading.value, int) == (exact.denominator == 1)
    if (count := parse_chinese_number(text)) is not None:
        assert parse_chinese_number(spell_chinese_number(count)) == count


def _back(value: object, unit: Unit) -> None:
    """What was read is written, and read the same again, by value and by type."""
    again = parse_figure(format_json_value(value, unit), unit).value  # type: ignore[call-overload]
    assert again == value
    assert type(again) is type(value)
    plain = parse_json_value(format_json_value(value, unit), unit)  # type: ignore[call-overload]
    assert plain.value == value
