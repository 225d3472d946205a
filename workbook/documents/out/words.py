"""What a published document says of itself, and why one is not written: from `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from workbook.finding import Words


class NotPublished(Exception):
    """The document was not written; `words` say why and what to do, in one sentence of each language."""

    def __init__(self, words: Words) -> None:
        self.words = words
        super().__init__(words.zh)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def _entry(path: str) -> Any:  # noqa: ANN401 -- a text, a list of texts or a whole table
    found: Any = _words()
    for key in path.split("."):
        found = found[key]
    return found


def word(path: str, **facts: object) -> str:
    """The text at `group.key`, with facts filled in. KeyError if nothing stands there."""
    text: str = _entry(path)
    return text.format_map(facts) if facts else text


def words(path: str) -> list[str]:
    """The list of texts at `group.key`."""
    return list(_entry(path))


def said(path: str, **facts: object) -> Words:
    """The sentence at `group.key` in both languages, with facts filled in."""
    both = _entry(path)
    return Words(both["zh"].format_map(facts), both["en"].format_map(facts))
