"""The words a merge says to a coordinator, from `words.toml`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbook.finding import Words
from workbook.phrases import Phrases

_WORDS = Phrases(Path(__file__).with_suffix(".toml"))
entry, word, words, said = _WORDS.entry, _WORDS.word, _WORDS.words, _WORDS.said
COMMA = Words("、", ", ")


def listed(parts: Sequence[Words], by: Words = COMMA) -> Words:
    """Several texts, one after the other."""
    return Words(by.zh.join(part.zh for part in parts), by.en.join(part.en for part in parts))
