"""Normalizes a text for searching (no spaces, half-width characters, wrapped lines joined); splits it into sentences.

Positions count characters of the normalized text; `NormalizedText.at` gives the position in the original.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
_DROPPED: Final = re.compile(rf"[\s{_INVISIBLE}]+")
_UNSEEN: Final = re.compile(f"[{_INVISIBLE}]")
_WIDE: Final = re.compile("[\uff01-\uff5e]")
# A sentence with the character that ends it; a line break ends one, too.
_SENTENCE: Final = re.compile(r"[^。!?;\n]+[。!?;\n]?")
# How an item of a list begins, which never goes on with the line before: "（一）概况", "二、", "3．".
_LISTED: Final = re.compile(r"\s|[（(【]|[一二三四五六七八九十]+[、.]|[0-9０-９]+[.、．]")
_WRAPPED: Final = 25
"""A line of as many characters may have been wrapped: the next one may go on with it."""
_ENDS: Final = ("。", "!", "?", ";", ":", "报告", "年报")

_KEPT: Final = 8
"""The texts of one report, each folded both ways: every rule asks for them again."""


class Sentence(NamedTuple):
    """One sentence with the character that ends it, and where it begins in the normalized text."""

    words: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends, its last character included."""
        return self.start + len(self.words)


class _Line(NamedTuple):
    """A line that is not blank: its folded words, where it stands in the original, and whether a blank one precedes."""

    words: str
    start: int
    end: int
    apart: bool


@dataclass(frozen=True)
class NormalizedText:
    """A text normalized. `firsts` says where each of its `lines` begins."""

    text: str
    raw: str
    lines: tuple[_Line, ...]
    firsts: tuple[int, ...]

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences in order; lines that were not put together are sentences of their own."""
        return tuple(Sentence(match[0], match.start()) for match in _SENTENCE.finditer(self.text))

    def at(self, place: int) -> int:
        """Return the position in the original of a character of the normalized text."""
        n = bisect_right(self.firsts, place) - 1
        line, offset = self.lines[n], place - self.firsts[n]
        if offset >= len(line.words):  # the line break before the next line
            return self.lines[n + 1].start - 1
        begins, lengths = self._gaps(n)
        return line.start + offset + lengths[bisect_right(begins, offset)]

    def _gaps(self, n: int) -> tuple[list[int], list[int]]:
        """What was dropped from a line: before which of its folded words, and how much up to there.

        Looked for once for each line, however many places in it are asked for: a text may be one line without end.
        """
        if n not in self._known:
            line, kept, lost = self.lines[n], 0, 0
            begins, lengths, position = [], [0], line.start
            for dropped in _DROPPED.finditer(self.raw, line.start, line.end):
                kept, lost = kept + dropped.start() - position, lost + len(dropped[0])
                position = dropped.end()
                begins.append(kept)
                lengths.append(lost)
            self._known[n] = begins, lengths
        return self._known[n]

    @cached_property
    def _known(self) -> dict[int, tuple[list[int], list[int]]]:
        return {}

    def quote(self, start: int, end: int) -> str:
        """Return the original words between two positions of the normalized text."""
        return self.raw[self.at(start) : self.at(end - 1) + 1] if start < end else ""


@lru_cache(maxsize=_KEPT)
def normalize_text(text: str, *, join: bool = True) -> NormalizedText:
    """Drop spaces, fold characters, and (`join`) undo line breaks that only wrap a long line."""
    lines = _lines(text)
    parts: list[str] = []
    firsts: list[int] = []
    place = length = 0
    tail = ""
    for line in lines:
        wraps = join and not line.apart and length >= _WRAPPED and not tail.endswith(_ENDS)
        if line.apart or not wraps or _LISTED.match(text, line.start):
            length, tail = 0, ""
            if place:
                parts.append("\n")
                place += 1
        parts.append(line.words)
        firsts.append(place)
        place += len(line.words)
        length += len(line.words)
        tail = (tail + line.words)[-2:]
    return NormalizedText("".join(parts), text, lines, tuple(firsts))


@lru_cache(maxsize=_KEPT)
def _lines(text: str) -> tuple[_Line, ...]:
    lines: list[_Line] = []
    position, apart = 0, False
    unseen = _UNSEEN.search(text)
    for line in _narrow(text).splitlines(keepends=True):
        end = position + len(line)
        words = "".join(line.split())
        if words:
            lines.append(_Line(_UNSEEN.sub("", words) if unseen else words, position, end, apart))
        apart = not words
        position = end
    return tuple(lines)


def _narrow(text: str) -> str:
    """Full-width characters as half-width ones, each in its place: few different ones are in a text."""
    at = 0
    while found := _WIDE.search(text, at):  # a list of all of them would be many times as large as the text
        text, at = text.replace(found[0], chr(ord(found[0]) - 0xFEE0)), found.start()
    return text


def tidy_text(text: str) -> str:
    r"""Return a text as a report stores it: line ends as \n, no space at the end of lines, no blank lines around it."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip("\n")
