"""The words of `words.toml`: what stands around figures in published documents, and why a place is in doubt."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from workbook.safety.messages import Bilingual


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def listed(name: str) -> tuple[str, ...]:
    """One of the lists of words."""
    return tuple(_data()[name])


def doubt(manner: str, **facts: object) -> Bilingual:
    """Why signs that stand in that manner are in doubt."""
    zh, en = _data()["doubt"][manner]
    return Bilingual(zh.format(**facts), en.format(**facts))


@cache
def stated_year() -> re.Pattern[str]:
    """Where a report says which year its figures are of."""
    return re.compile(_data()["year"]["stated"])


@cache
def figures() -> re.Pattern[str]:
    """One figure in plain text, or several with nothing between them: digits, points, signs, a unit, a note."""
    units = "|".join(map(re.escape, listed("units")))
    marks = "|".join(map(re.escape, listed("marks")))
    # Each takes all it can and gives nothing back: else n digits can be cut in 2^n ways, and all are tried.
    digits = r"[-−－]?[0-9０-９][0-9０-９.,，．]*+(?:[-−－][0-9０-９][0-9０-９.,，．]*+)*+"
    note = r"(?:[（(][^（()）\n]{1,30}[)）])?"
    return re.compile(rf"(?:{digits}(?:{units})?{note}|(?<!\S)(?:{marks})(?!\S))")


@cache
def run() -> re.Pattern[str]:
    """Figures in one line, blanks between them."""
    one = figures().pattern
    return re.compile(rf"{one}(?:[ \t\u3000\xa0]*+{one})*+")
