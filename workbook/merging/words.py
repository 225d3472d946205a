"""The words a merge says to a coordinator, from `words.toml`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbook.phrases import Phrases
from workbook.safety.messages import Bilingual

_WORDS = Phrases(Path(__file__).with_suffix(".toml"))
entry, word, words, said = _WORDS.entry, _WORDS.word, _WORDS.words, _WORDS.said
COMMA = Bilingual("、", ", ")


def listed(parts: Sequence[Bilingual], by: Bilingual = COMMA) -> Bilingual:
    """Several texts, one after the other."""
    return Bilingual(by.zh.join(part.zh for part in parts), by.en.join(part.en for part in parts))
