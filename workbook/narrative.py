"""What the free text of a report says in figures and years, so that the tables can be held against it.

Precision above recall: a count, sum or year is read only where the words leave no doubt; silence means nothing.
The words and patterns stand in `narrative.toml`; texts are in Chinese, positions count characters of the text given.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from workbook.numbers import chinese


@dataclass(frozen=True, slots=True)
class Claim:
    """A count stated in the text: how many 件 of `topic`, in which words, from which character on.

    `cells(topic)` tells which figures of the report it speaks of.
    """

    topic: str
    count: int
    quote: str
    start: int


class Sum(NamedTuple):
    """A total stated beside the list of its parts, as stated: the two may differ."""

    total: int
    parts: tuple[int, ...]
    quote: str


class _Folded(NamedTuple):
    """A text without spaces and with half-width signs, and where each character stood in the original."""

    text: str
    at: tuple[int, ...]
    raw: str

    def quote(self, start: int, end: int) -> str:
        """Give the original words between two positions of the folded text."""
        return self.raw[self.at[start] : self.at[end - 1] + 1] if start < end else ""


class _Topic(NamedTuple):
    topic: str
    patterns: tuple[tuple[re.Pattern[str], re.Pattern[str], bool], ...]
    """What states a count; what must stand near it; whether in the sentence before, too."""
    allowed: re.Pattern[str]
    not_around: re.Pattern[str]
    not_after: re.Pattern[str]


_NEVER: Final = "(?!)"
_SENTENCE: Final = re.compile(r"[^。!?;\n]+[。!?;\n]?")
_WRAPPED: Final = 25
_BREAKS: Final = re.compile(r"[。!?;:]$|报告$|年报$")
_LISTED: Final = re.compile(r"\s|[（(【]|[一二三四五六七八九十]+[、.]|[0-9０-９]+[.、．]")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the word file: `@name@` stands for a macro."""
    macros: dict[str, str] = _data()["macro"]
    return re.compile(re.sub(r"@([a-z]+)@", lambda m: macros[m[1]], pattern), re.MULTILINE)


@cache
def _topics() -> tuple[_Topic, ...]:
    return tuple(
        _Topic(
            entry["topic"],
            tuple(
                (_regex(p), _regex(entry["near"] if key.startswith("near") else ""), key == "near_none")
                for key in ("numbered", "near_numbered", "none", "near_none")
                for p in entry.get(key, ())
            ),
            _regex(entry.get("allowed", _NEVER)),
            _regex(entry.get("not_around", _NEVER)),
            _regex(entry.get("not_after", _NEVER)),
        )
        for entry in _data()["claim"]
    )


def cells(topic: str) -> tuple[tuple[str, ...], ...]:
    """Give the cells a topic speaks of: alternatives, each a list whose sum should equal the count.

    The codes span all forms; an alternative with a cell that the form at hand lacks does not apply to it.
    """
    return next(tuple(tuple(some) for some in entry["cells"]) for entry in _data()["claim"] if entry["topic"] == topic)


def topics() -> dict[str, str]:
    """List what counts are looked for: topic → Chinese name."""
    return {entry["topic"]: entry["label"] for entry in _data()["claim"]}


def _fold(text: str, *, join: bool = True) -> _Folded:
    """Drop spaces, fold signs, and (`join`) undo line breaks that only wrap a long line."""
    signs: list[str] = []
    at: list[int] = []
    position, line_start = 0, 0
    for line in text.splitlines(keepends=True):
        if signs and line.strip():
            previous = "".join(signs[line_start:])
            wraps = len(previous) >= _WRAPPED and not _BREAKS.search(previous) and not _LISTED.match(line)
            if not (join and wraps):
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
    return _Folded("".join(signs), tuple(at), text)


def _integer(text: str) -> int | None:
    digits = text.replace(",", "")
    return int(digits) if digits.isascii() and len(digits) < 16 else chinese(text)


def claims(text: str, year: int | None = None) -> tuple[Claim, ...]:
    """Read the counts the text states for the report year, in the order they stand.

    Left out: cumulative, planned, partial and other agencies' counts, comparisons, and, where `year` is given, those of
    another year. Where a topic is counted differently twice, only an explicit total (共, 总计) stands, else none.
    """
    folded = _fold(text)
    found: dict[str, list[tuple[Claim, bool]]] = {}
    before = ""
    for sentence in _SENTENCE.finditer(folded.text):
        for topic in _topics():
            for claim, total in _claims_in(folded, sentence, before, topic, year):
                found.setdefault(topic.topic, []).append((claim, total))
        before = sentence[0]
    return tuple(sorted(filter(None, map(_settled, found.values())), key=lambda claim: claim.start))


def _claims_in(
    folded: _Folded, sentence: re.Match[str], before: str, topic: _Topic, year: int | None
) -> Iterator[tuple[Claim, bool]]:
    """Find one topic's counts in one sentence, each with whether it is called a total."""
    words, base = sentence[0], sentence.start()
    for regex, near, back in topic.patterns:
        for match in regex.finditer(words):
            context = (before if back else "") + words[: match.end()]
            count = _integer(match.groupdict().get("n") or "0")
            if count is None or not near.search(context) or _guarded(words, match, topic, year):
                continue
            start, end = base + match.start(), base + match.end()
            quote = folded.quote(start, end).strip("，,。；; ")
            called = words[max(0, match.start() - 2) : match.end()]
            total = bool(_regex(_data()["guard"]["total"]).search(called))
            yield Claim(topic.topic, count, quote, folded.at[start]), total


def _guarded(words: str, match: re.Match[str], topic: _Topic, year: int | None) -> bool:
    """Say whether the words around a match make it something else than this year's whole count."""
    guard: dict[str, str] = _data()["guard"]
    before = _regex(guard["full_year"]).sub("", words[: match.start()])
    clause = re.split("[,(]", before)[-1]
    rest = re.split("[,。;)]", words[match.end() :])[0]
    years = _regex(guard["year"]).findall(words[: match.start()])
    other_year = years and (int(years[-1]) != year if year else len(set(years)) > 1)
    return bool(
        other_year
        or topic.not_around.search(clause + match[0] + rest)
        or topic.not_after.search(words[match.end() :])
        or any(
            not topic.allowed.fullmatch(hit[0])
            for name, context in (("sentence", before), ("clause", clause))
            for hit in _regex(guard[name]).finditer(context)
        )
    )


def _settled(found: list[tuple[Claim, bool]]) -> Claim | None:
    """Give the one claim a topic's findings agree on: all of them, else all that are called a total, else none."""
    totals = [claim for claim, total in found if total]
    for group in ([claim for claim, _ in found], totals):
        if len({claim.count for claim in group}) == 1:
            return min(group, key=lambda claim: claim.start)
    return None


def sums(text: str) -> tuple[Sum, ...]:
    """Read stated totals that stand beside the whole list of their parts: A 50篇，B 14篇，C 2篇，共计66篇.

    Every number of the sentence must belong to the list, all in one unit, at least two of them.
    """
    folded = _fold(text)
    found = []
    for sentence in _SENTENCE.finditer(folded.text):
        if total := _sum_in(sentence[0]):
            at = sentence.start()
            quote = folded.quote(at, at + len(sentence[0])).strip()
            found.append(Sum(*total, quote))
    return tuple(found)


def _sum_in(sentence: str) -> tuple[int, tuple[int, ...]] | None:
    words: dict[str, str] = _data()["sum"]
    plain = re.sub("20[0-9]{2}年度?|[0-9]+月(?:[0-9]+日)?", "", sentence)
    number = f"([0-9]{{1,9}}(?:,[0-9]{{3}}){{0,3}})({words['unit']})"
    total = rf"(?:{words['total']}){number}"
    item = rf"[^,、;。()0-9]*{number}"
    items = rf"(?:{item}[,、;和及]+)+{item}"
    lead = rf"(?:[^0-9]*?(?:{words['total']})?{number}[,:(]*其中:?|[^0-9]*)"
    for shape in (
        rf"(?P<lead>{lead})(?P<items>{items})[,、;。)]*(?P<total>{total})[。;!\n]?$",
        rf"(?P<lead>[^0-9]*)(?P<total>{total})[,(]*(?:{words['whole']}):?(?P<items>{items})\)?[。;!\n]?$",
    ):
        match = re.search("^" + shape, plain)
        if not match or re.search(words["stop"], plain):
            continue
        parts = re.findall(number, match["items"])
        stated, unit = re.findall(number, match["total"])[0]
        first = re.findall(number, match["lead"])
        if {u for _, u in parts} == {unit} and all(pair == (stated, unit) for pair in first):
            return int(stated.replace(",", "")), tuple(int(n.replace(",", "")) for n, _ in parts)
    return None


def stale_years(text: str, year: int) -> tuple[str, ...]:
    """Quote where the text of the report for `year` speaks of another year as its own, in the order they stand.

    Looked at: the report's title, the period of its statistics, and a sentence that opens with an earlier year and
    goes on as if it were the present one (2023年度，… 本年度 …), or opens the text while `year` is never named.
    """
    words: dict[str, str] = _data()["year"]
    lines, folded = _fold(text, join=False), _fold(text)
    hits = [(lines, m.span()) for m in _regex(words["title"]).finditer(lines.text) if int(m["y"]) != year]
    opened = f"{year}年" in folded.text
    for sentence in _SENTENCE.finditer(folded.text):
        for key in ("stated", "period"):
            found = _regex(words[key]).finditer(folded.text, *sentence.span())
            hits += [(folded, m.span()) for m in found if int(m["y"]) != year]
        begins = _regex(words["opening"]).match(sentence[0])
        as_now = not opened or re.search(words["present"], sentence[0])
        if begins and int(begins["y"]) < year and as_now and not re.search(words["contrast"], sentence[0]):
            hits.append((folded, sentence.span()))
        opened = opened or sentence[0].endswith("。")
    quotes = {(where.at[start], where.quote(start, end).strip()) for where, (start, end) in hits}
    return tuple(quote for _, quote in sorted(quotes))


def topics_missing(text: str, *, government: bool = False) -> tuple[str, ...]:
    """List the subjects of 条例 §50 that part 一 never touches, by name; a `government` has three more to cover."""
    folded = _fold(text).text
    wanted = [entry for entry in _data()["topic"] if government or not entry.get("government")]
    return tuple(entry["label"] for entry in wanted if not _regex(entry["words"]).search(folded))


def instruction_left(text: str, *instructions: str) -> bool:
    """Say whether the form's own instruction or a placeholder was left in; `instructions` are the form's own texts.

    A blank text holds none. The note that the form prints under 六 counts only where nothing else was written.
    """
    words: dict[str, str] = _data()["left"]
    folded = _fold(text, join=False).text
    if not folded:
        return False
    body = _regex(words["note"]).sub("", _regex(words["heading"]).sub("", folded)).strip()
    own = (_fold(some, join=False).text for some in instructions)
    return (
        not body
        or any(some and some in folded for some in own)
        or any(_regex(words[key]).search(folded) for key in ("placeholder", "filler", "ellipsis"))
    )


def nothing_reported(text: str) -> bool:
    """Say whether the text says that there is nothing to report (无。); a blank text says nothing at all."""
    words = _data()
    folded = _fold(text, join=False).text
    return bool(re.search(words["none"]["report"], _regex(words["left"]["note"]).sub("", folded).strip()))


def mentions(text: str, what: str) -> bool:
    """Say whether the text speaks of `reconsideration` (复议), `litigation` (诉讼) or `fees` (信息处理费) at all."""
    words = next(entry["words"] for entry in _data()["mention"] if entry["what"] == what)
    return bool(_regex(words).search(_fold(text).text))
