"""Reads the counts, sums and years that the free text of a report states, to compare them with the tables.

Precision goes before recall: a count, sum or year is read only where the words leave no doubt.
The words and patterns are in `narrative_claims.toml`; texts are in Chinese, positions count characters of the text
given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from typing import Any, Final, NamedTuple

from workbook.model.numbers import parse_chinese_number
from workbook.model.text_normalization import NormalizedText, Sentence, normalize_text
from workbook.safety.messages import read_toml


@dataclass(frozen=True, slots=True)
class NarrativeClaim:
    """A count stated in the text: how many 件 of `topic`, in which words, from which character on.

    The rules `narrative-counts` of a form say which figures of the report a topic speaks of.
    """

    topic: str
    count: int
    quote: str
    start: int


class StatedSum(NamedTuple):
    """A total stated beside the list of its parts, as stated: the two may differ."""

    total: int
    parts: tuple[int, ...]
    quote: str


class _ClaimPattern(NamedTuple):
    """What states a number, or that there was none; what must be near it (None: nothing); also one sentence before."""

    stated: re.Pattern[str]
    near: re.Pattern[str] | None = None
    before: bool = False


class _Topic:
    """What is looked for under one topic; patterns are compiled when a text first speaks of the topic."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self._entry = entry
        self.topic: str = entry["topic"]
        self.words: list[str] = entry["words"]
        """No pattern matches a sentence that holds none of these."""

    @cached_property
    def counted(self) -> list[_ClaimPattern]:
        """What states a number."""
        return self._compile("numbered", before=False)

    @cached_property
    def none(self) -> list[_ClaimPattern]:
        """What states that there was none."""
        return self._compile("none", before=True)

    @cached_property
    def allowed(self) -> re.Pattern[str]:
        """Words of the guard that may be there."""
        return _regex(self._entry.get("allowed", _NEVER))

    @cached_property
    def not_around(self) -> re.Pattern[str]:
        """What may not be in the same clause."""
        return _regex(self._entry.get("not_around", _NEVER))

    @cached_property
    def not_after(self) -> re.Pattern[str]:
        """What may not follow."""
        return _regex(self._entry.get("not_after", _NEVER))

    def _compile(self, kind: str, *, before: bool) -> list[_ClaimPattern]:
        alone = [_ClaimPattern(_regex(pattern)) for pattern in self._entry.get(kind, ())]
        near = self._entry.get(f"near_{kind}", ())
        return alone + [_ClaimPattern(_regex(pattern), _regex(self._entry["near"]), before) for pattern in near]


class _Found(NamedTuple):
    claim: NarrativeClaim
    total: bool
    """Whether it is called a total (共, 总计)."""
    place: int
    """Where it begins in the folded text."""


_LONGEST: Final = 4_000
"""No sentence has so many characters; of one that has, no count is read: each is held against all before it."""
_NEVER: Final = "(?!)"
_YEAR: Final = re.compile("20[0-9]{2}(?=年)")


_data = partial(read_toml, "workbook.rules.narrative_claims")


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the word file: `@name@` stands for a macro."""
    macros: dict[str, str] = _data()["macro"]
    return re.compile(re.sub(r"@([a-z]+)@", lambda m: macros[m[1]], pattern), re.MULTILINE)


@cache
def _topics() -> tuple[_Topic, ...]:
    return tuple(_Topic(entry) for entry in _data()["claim"])


def _holds(text: str, words: Iterable[str]) -> bool:
    """Say whether any of these words stands in the text: far cheaper than a pattern that needs one of them."""
    for word in words:  # noqa: SIM110 -- any() takes three times as long, and this is asked of every sentence
        if word in text:
            return True
    return False


def _integer(text: str) -> int | None:
    digits = text.replace(",", "")
    return int(digits) if digits.isascii() and len(digits) < 16 else parse_chinese_number(text)


def find_claims(text: str, year: int | None = None) -> tuple[NarrativeClaim, ...]:
    """Read the counts the text states for the report year, in the order they stand.

    Left out: cumulative, planned, partial and other agencies' counts, comparisons, and, where `year` is given, those of
    another year. Where a topic is counted differently twice, only an explicit total (共, 总计) stands, else none.
    """
    folded = normalize_text(text)
    topics = [topic for topic in _topics() if _holds(folded.text, topic.words)]
    found: dict[str, list[_Found]] = {topic.topic: [] for topic in topics}
    before = ""
    claims = _data()["claims"]
    counted, none = _regex(claims["counted"]), claims["none"]
    for sentence in folded.sentences if topics else ():
        words = sentence.words
        short = len(words) <= _LONGEST
        with_number, with_none = short and bool(counted.search(words)), short and _holds(words, none)
        for topic in topics if with_number or with_none else ():
            if _holds(words, topic.words):
                patterns = [*(topic.counted if with_number else ()), *(topic.none if with_none else ())]
                _claims_in(folded, sentence, before, topic, patterns, year, found[topic.topic])
        before = words
    return tuple(sorted(filter(None, map(_settled, found.values())), key=lambda claim: claim.start))


def _claims_in(
    folded: NormalizedText,
    sentence: Sentence,
    before: str,
    topic: _Topic,
    patterns: Iterable[_ClaimPattern],
    year: int | None,
    found: list[_Found],
) -> None:
    """Add one topic's counts in one sentence to those found, by these of its patterns."""
    words = sentence.words
    for pattern in patterns:
        for match in pattern.stated.finditer(words):
            count = _integer(match.groupdict().get("n") or "0")
            if count is None:
                continue
            start, end = sentence.start + match.start(), sentence.start + match.end()
            called = words[max(0, match.start() - 2) : match.end()]
            total = bool(_regex(_data()["guard"]["total"]).search(called))
            if _says_nothing_new(found, count, total, start):
                continue
            context = (before if pattern.before else "") + words[: match.end()]
            said = [y for at, y in _years(words) if at <= match.start()]
            other_year = said and (int(said[-1]) != year if year else len(set(said)) > 1)
            if other_year or (pattern.near and not pattern.near.search(context)) or _guarded(words, match, topic):
                continue
            quote = folded.quote(start, end).strip("，,。；; ")
            found.append(_Found(NarrativeClaim(topic.topic, count, quote, folded.at(start)), total, start))


@lru_cache(maxsize=2)
def _years(words: str) -> list[tuple[int, str]]:
    """The years a sentence names as that of a count, and where each ends."""
    return [(match.end(), match["y"]) for match in _regex(_data()["guard"]["year"]).finditer(words)]


def _says_nothing_new(found: list[_Found], count: int, total: bool, place: int) -> bool:
    """Say whether one more count would leave what is settled (see `_settled`) as it is.

    So it is where it repeats one, or adds to a disagreement. It keeps an endless sentence from being read again for
    each of its thousand counts.
    """
    if any(one.claim.count == count and one.total is total and one.place <= place for one in found):
        return True
    rivals = {one.claim.count for one in found if one.total or not total}
    return len(rivals) > 1


def _guarded(words: str, match: re.Match[str], topic: _Topic) -> bool:
    """Say whether the words around a match make it something else than this year's whole count."""
    guard: dict[str, str] = _data()["guard"]
    before, end = words[: match.start()], match.end()
    if guard["in_full_year"] in before:
        before = _regex(guard["full_year"]).sub("", before)
    clause = before[max(before.rfind(","), before.rfind("(")) + 1 :]
    rest = words[end : min((at for stop in ",。;)" if (at := words.find(stop, end)) >= 0), default=None)]
    return (
        _found_in(topic.not_around, clause + match[0] + rest)
        or bool(topic.not_after.match(words, end))
        or any(
            not topic.allowed.fullmatch(hit[0])
            for name, context in (("clause", clause), ("sentence", before))
            for hit in _regex(guard[name]).finditer(context)
        )
    )


@lru_cache(maxsize=4)
def _found_in(pattern: re.Pattern[str], clause: str) -> bool:
    """Say whether a pattern matches in a clause: asked again for every count that stands there."""
    return bool(pattern.search(clause))


def _settled(found: list[_Found]) -> NarrativeClaim | None:
    """Give the one claim a topic's findings agree on: all of them, else all that are called a total, else none."""
    totals = [one.claim for one in found if one.total]
    for group in ([one.claim for one in found], totals):
        if len({claim.count for claim in group}) == 1:
            return min(group, key=lambda claim: claim.start)
    return None


def find_stated_sums(text: str) -> tuple[StatedSum, ...]:
    """Read stated totals that stand beside the whole list of their parts: A 50篇，B 14篇，C 2篇，共计66篇.

    Every number of the sentence must belong to the list, all in one unit, at least two of them.
    """
    folded = normalize_text(text)
    found = []
    needed = _data()["sum"]["words"]
    for sentence in folded.sentences if _holds(folded.text, needed) else ():
        if _holds(sentence.words, needed) and (total := _sum_in(sentence.words)):
            quote = folded.quote(sentence.start, sentence.end).strip()
            found.append(StatedSum(*total, quote))
    return tuple(found)


def _sum_in(sentence: str) -> tuple[int, tuple[int, ...]] | None:
    words: dict[str, Any] = _data()["sum"]
    if not _regex(words["digits"]).search(sentence):
        return None
    plain = _regex(words["date"]).sub("", sentence)
    before, *rest = _regex(f"({words['number']})({words['unit']})").split(plain)
    numbers, gaps = list(zip(rest[::3], rest[1::3], strict=True)), [before, *rest[2::3]]
    if len(numbers) < 3 or _regex("[0-9]").search("".join(gaps)) or _regex(words["stop"]).search(plain):
        return None
    for first, parts, (stated, unit) in _lists(numbers, gaps):
        if {u for _, u in parts} == {unit} and all(pair == (stated, unit) for pair in first):
            return int(stated.replace(",", "")), tuple(int(n.replace(",", "")) for n, _ in parts)
    return None


_Counted = tuple[str, str]
"""A number as written, and its unit."""


def _lists(numbers: list[_Counted], gaps: list[str]) -> Iterator[tuple[list[_Counted], list[_Counted], _Counted]]:
    """Give the ways to read a sentence as a list with its total: total named first (其中), parts, total.

    `gaps` are the words before, between and after the numbers; together they are the whole sentence.
    """
    words: dict[str, str] = _data()["sum"]
    between = [bool(_regex(words["between"]).fullmatch(gap)) for gap in gaps]
    if _regex(words["before_total"]).fullmatch(gaps[-2]) and _regex(words["end"]).fullmatch(gaps[-1]):
        if len(numbers) > 3 and _regex(words["of_these"]).fullmatch(gaps[1]) and all(between[2:-2]):
            yield numbers[:1], numbers[1:-1], numbers[-1]
        elif all(between[1:-2]):
            yield [], numbers[:-1], numbers[-1]
    if (
        _regex(words["total_first"]).search(gaps[0])
        and _regex(words["whole"]).fullmatch(gaps[1])
        and all(between[2:-1])
        and _regex(words["end_of_whole"]).fullmatch(gaps[-1])
    ):
        yield [], numbers[1:], numbers[0]


def find_stale_years(text: str, year: int) -> tuple[str, ...]:
    """Quote where the text of the report for `year` speaks of another year as its own, in the order they stand.

    Looked at: the report's title, the period of its statistics, and a sentence that opens with an earlier year and
    goes on as if it were the present one (2023年度，… 本年度 …), or opens the text while `year` is never named.
    """
    words: dict[str, str] = _data()["year"]
    folded = normalize_text(text)
    if {*_YEAR.findall(folded.text)} <= {str(year)}:
        return ()
    lines = normalize_text(text, join=False)
    hits = [(lines, m.span()) for m in _regex(words["title"]).finditer(lines.text) if int(m["y"]) != year]
    opened = f"{year}年" in folded.text
    for sentence in folded.sentences:
        if _YEAR.search(sentence.words):
            for key in ("stated", "period"):
                found = _regex(words[key]).finditer(folded.text, sentence.start, sentence.end)
                hits += [(folded, m.span()) for m in found if int(m["y"]) != year]
            begins = _regex(words["opening"]).match(sentence.words)
            as_now = not opened or re.search(words["present"], sentence.words)
            if begins and int(begins["y"]) < year and as_now and not re.search(words["contrast"], sentence.words):
                hits.append((folded, (sentence.start, sentence.end)))
        opened = opened or sentence.words.endswith("。")
    quotes = {(where.at(start), where.quote(start, end).strip()) for where, (start, end) in hits}
    return tuple(quote for _, quote in sorted(quotes))


def list_missing_topics(text: str, *, government: bool = False) -> tuple[str, ...]:
    """List the subjects of 条例 §50 that part 一 never touches, by name; a `government` has three more to cover."""
    folded = normalize_text(text).text
    wanted = [entry for entry in _data()["topic"] if government or not entry.get("government")]
    return tuple(entry["label"] for entry in wanted if not _regex(entry["words"]).search(folded))


def has_leftover_instruction(text: str, *instructions: str) -> bool:
    """Say whether the form's own instruction or a placeholder was left in; `instructions` are the form's own texts.

    A blank text holds none. The note that the form prints under 六 counts only where nothing else was written.
    """
    folded = normalize_text(text, join=False).text
    if not folded:
        return False
    own = (normalize_text(some, join=False).text for some in instructions)
    return _only_headings(folded) or any(some and some in folded for some in own) or _placeholder(folded)


def _only_headings(folded: str) -> bool:
    """Say whether a text is nothing but headings and the note printed under 六."""
    words: dict[str, Any] = _data()["left"]
    if words["in_note"] not in folded and _holds(folded, words["in_no_heading"]):
        return False
    return not _regex(words["note"]).sub("", _regex(words["heading"]).sub("", folded)).strip()


def _placeholder(folded: str) -> bool:
    words: dict[str, Any] = _data()["left"]
    return (
        any(_regex(pattern).search(folded) for pattern in words["placeholder"])
        or (_holds(folded, words["in_filler"]) and bool(_regex(words["filler"]).search(folded)))
        or (_holds(folded, words["in_ellipsis"]) and bool(_regex(words["ellipsis"]).search(folded)))
    )


def states_nothing_to_report(text: str) -> bool:
    """Say whether the text says that there is nothing to report (无。); a blank text says nothing at all."""
    words = _data()
    folded = normalize_text(text, join=False).text
    return bool(re.search(words["none"]["report"], _regex(words["left"]["note"]).sub("", folded).strip()))


def mentions_topic(text: str, what: str) -> bool:
    """Say whether the text speaks of `reconsideration` (复议), `litigation` (诉讼) or `fees` (信息处理费) at all."""
    words = next(entry["words"] for entry in _data()["mention"] if entry["what"] == what)
    pattern = _regex(words)
    return bool(pattern.search(text) or pattern.search(normalize_text(text).text))  # words as written need no folding
