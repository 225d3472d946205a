"""The words of the summary workbook, from `words.toml`."""

from __future__ import annotations

from pathlib import Path

from workbook.phrases import Phrases

_WORDS = Phrases(Path(__file__).with_suffix(".toml"))
entry, word, words = _WORDS.entry, _WORDS.word, _WORDS.words
