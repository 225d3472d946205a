"""What a published document says of itself, and why one is not written: from `words.toml`."""

from __future__ import annotations

from pathlib import Path

from workbook.phrases import Phrases
from workbook.safety.messages import Bilingual

_WORDS = Phrases(Path(__file__).with_suffix(".toml"))
word, words, said = _WORDS.word, _WORDS.words, _WORDS.said


class NotPublished(Exception):
    """The document was not written; `words` say why and what to do, in one sentence of each language."""

    def __init__(self, words: Bilingual) -> None:
        self.words = words
        super().__init__(words.zh)
