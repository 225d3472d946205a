"""The columns of a roster, and the headings by which other lists of agencies call them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from workbook import identity
from workbook.harmless import folded
from workbook.reading.book import Raw
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging.roster")

_NOTE = re.compile(r"\([^()]*\)\*?$")


class Column(NamedTuple):
    """One column of a roster: `also` are further headings it is known by."""

    code: str
    label: str
    en: str
    also: tuple[str, ...]
    width: int
    help: str


@cache
def columns() -> tuple[Column, ...]:
    """The columns of a roster in the order written."""
    found = []
    for one in messages.entry("column"):
        known = identity.field_named(one["code"])
        label, en = (known.label, known.en) if known else (one["label"], one["en"])
        also = (*(known.aliases if known else ()), *one["also"])
        found.append(Column(one["code"], label, en, also, one["width"], one["help"]))
    return tuple(found)


@cache
def _headings() -> Mapping[str, str]:
    named = {folded(text): one.code for one in columns() for text in (one.code, one.en, *one.also)}
    return named | {folded(one.label): one.code for one in columns()}


def column_named(raw: Raw) -> str:
    """The column that a heading means; no part of it are a star, a final colon, a note in brackets."""
    if not isinstance(raw, str):
        return ""
    text = folded(raw).strip("*:")
    return _column(text) or _column(_NOTE.sub("", text).strip("*:"))


def _column(text: str) -> str:
    known = identity.field_named(text)
    return _headings().get(text) or (known.code if known else "")
