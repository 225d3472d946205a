"""The words of a form, folded, and where they are in a text: labels, headings, titles. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Literal, NamedTuple

from workbook.excel.reading.label_index import fold_label, fold_spellings, list_spellings, list_unnumbered_spellings
from workbook.model.form import Form, FormLine

Kind = Literal["row", "group", "column", "title", "corner", "section"]

SHORTEST = 4
"""A label without its number is known by itself from so many characters on: 其他 and 总计 are everywhere."""
_NUMBER = re.compile(r"^[0-9一二三四五六七八九十]{1,2}(?=\D)")
"""The number in front of a folded label: `1` of `1某栏目`, `十二` of `十二某栏目`."""
_POINT = re.compile(r"[.、．,，)）\s]+")
"""What is behind such a number on paper: `. `, `）`."""
_CLOSING = tuple("）)”\"’'』」】》：:")


class FormWord(NamedTuple):
    """One thing a form prints: what it is, of which table (or section), by its code."""

    kind: Kind
    table: str
    code: str


class WordHit(NamedTuple):
    """A word of the form in a text, from one character to another (that one not counted)."""

    start: int
    end: int
    words: tuple[FormWord, ...]
    numbered: bool


class FormWords:
    """Every word a form prints, by its folded spellings."""

    def __init__(self, form: Form) -> None:
        self.form = form
        printed: dict[str, dict[FormWord, None]] = {}
        unnumbered: dict[str, dict[FormWord, None]] = {}
        for text, word in self._list_printed():
            printed.setdefault(text, {})[word] = None
        for text, word in self._list_unnumbered():
            if text not in printed:
                unnumbered.setdefault(text, {})[word] = None
        self.words = {text: tuple(words) for text, words in printed.items()}
        self.loose = {text: tuple(words) for text, words in unnumbered.items()}

    def _list_printed(self) -> Iterator[tuple[str, FormWord]]:
        for section in self.form.sections:
            yield fold_label(section.label), FormWord("section", section.code, section.code)
        for table in self.form.tables:
            lines: list[tuple[Kind, FormLine]] = [("row", row) for row in table.rows]
            lines += [("column", column) for column in table.columns]
            for kind, line in lines:
                yield from ((text, FormWord(kind, table.code, line.code)) for text in list_spellings(line))
            for group in (*table.row_groups, *table.column_groups):
                texts = fold_spellings((group.label, *group.aliases))
                yield from ((text, FormWord("group", table.code, group.code)) for text in texts)
            yield from ((text, FormWord("title", table.code, table.code)) for text in fold_spellings((table.title,)))
            if len(fold_label(table.corner)) > SHORTEST:
                yield fold_label(table.corner), FormWord("corner", table.code, table.code)

    def _list_unnumbered(self) -> Iterator[tuple[str, FormWord]]:
        for section in self.form.sections:
            yield _NUMBER.sub("", fold_label(section.label)), FormWord("section", section.code, section.code)
        for table in self.form.tables:
            for row in table.rows:
                texts = (text for text in list_unnumbered_spellings(row) if len(text) >= SHORTEST)
                yield from ((text, FormWord("row", table.code, row.code)) for text in texts)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        known = sorted((*self.words, *self.loose), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, known)))

    def match(self, text: str) -> tuple[FormWord, ...]:
        """What a text is that says nothing else."""
        folded = fold_label(text)
        if known := self.words.get(folded) or self.loose.get(folded):
            return known
        bare = _NUMBER.sub("", folded)
        return self.loose.get(bare, ()) if bare != folded else ()

    def find(self, text: str) -> Iterator[WordHit]:
        """Every word of the form in a text, from left to right, of several the longest."""
        characters, at = fold_with_positions(text)
        start = 0
        while found := self._pattern.search(characters, start):
            first, last = at[found.start()], at[found.end() - 1] + 1
            if found[0][0].isdigit() and not _begins_with_number(text[first:last]):
                start = found.start() + 1
                continue
            while text[last : last + 1] in _CLOSING:
                last += 1
            words = self.words.get(found[0])
            yield WordHit(first, last, words or self.loose[found[0]], numbered=words is not None)
            start = found.end()


def _begins_with_number(text: str) -> bool:
    """Whether the digit a label begins with is its number, and no figure of the line above."""
    point = _POINT.match(text, 1)
    return point is not None and "\n" not in point[0] and "\t" not in point[0] and bool(point[0].strip())


def fold_with_positions(text: str) -> tuple[str, list[int]]:
    """Fold a text; with each character left goes the place of the one it came from."""
    characters: list[str] = []
    at: list[int] = []
    for place, char in enumerate(text):
        for character in char if char.isascii() else unicodedata.normalize("NFKC", char):
            if character.isalnum():
                low = character.lower()  # of İ it is two characters
                characters.append(low)
                at += [place] * len(low)
    return "".join(characters), at


def rank_forms(forms: Iterable[Form], text: str) -> list[tuple[Form, int]]:
    """Rank the forms by how many of their rows and columns are named in a text; each with that number.

    Of forms with equally many, the one of which the least is missing comes first, then the newer one.
    """
    ranked = []
    for form in forms:
        named = {word for hit in FormWords(form).find(text) for word in hit.words if word.kind in ("row", "column")}
        lines = sum(len(table.rows) + len(table.columns) for table in form.tables)
        ranked.append((len(named), len(named) / lines, form.years.from_, form))
    ranked.sort(key=lambda one: one[:3], reverse=True)
    return [(form, named) for named, _, _, form in ranked]
