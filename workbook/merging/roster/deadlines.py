"""By when a report is due: the dates of the 条例 by level (see the messages), and dates as people write them."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging.roster")


_WRITTEN = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]+[\d:.]+)?")
_TIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_050
"""The days 2000-01-01 to 2099-12-31 as spreadsheets count them."""
_DAY_0 = datetime.date(1899, 12, 30)


class StatutoryTerm(NamedTuple):
    """What the 条例 says of one level: month and day, the article, and its words."""

    month: int
    day: int
    citation: str
    text: str


@cache
def get_terms() -> Mapping[str, StatutoryTerm]:
    """The statutory terms by level; a level that is not there has none."""
    return {
        level: StatutoryTerm(one["due"][0], one["due"][1], one["citation"], one["text"])
        for one in messages.entry("deadline")
        for level in one["levels"]
    }


def get_deadline(level: str, report_year: int) -> datetime.date | None:
    """The last day for the report on that year by the 条例; None for a level it names no date for, or unknown."""
    term = get_terms().get(level)
    return datetime.date(report_year + 1, term.month, term.day) if term else None


def is_late(modified: datetime.date, due: datetime.date | None) -> bool:
    """Whether a file of that day came after the last day; the day itself is in time, and without a date all is.

    A moment counts by its day where it was written: `modified` may be a `datetime` of any zone.
    """
    if due is None:
        return False
    day = modified.date() if isinstance(modified, datetime.datetime) else modified
    return day > due


def parse_written_date(raw: str | float | None) -> datetime.date | None:
    """The day somebody wrote: 2026-1-31, 2026/1/31, 2026年1月31日, 20260131, or a spreadsheet's number of days.

    None for anything else, a day that never comes (2月30日) included.
    """
    if isinstance(raw, bool) or raw is None:
        return None
    text = unicodedata.normalize("NFKC", str(raw)).strip()
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        days = int(float(text))
        return _DAY_0 + datetime.timedelta(days) if _FIRST_SERIAL <= days <= _LAST_SERIAL else None
    match = _WRITTEN.fullmatch(text) or _TIGHT.fullmatch(text.removesuffix(".0"))
    if match is None:
        return None
    try:
        return datetime.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
