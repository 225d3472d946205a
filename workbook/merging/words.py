"""The words a merge says to a coordinator, from `words.toml`."""

from __future__ import annotations

from pathlib import Path

from workbook.phrases import Phrases

_WORDS = Phrases(Path(__file__).with_suffix(".toml"))
entry, word, words, said = _WORDS.entry, _WORDS.word, _WORDS.words, _WORDS.said
