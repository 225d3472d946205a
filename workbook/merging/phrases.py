"""The words of one part of merging, from a TOML file beside it: a text in both languages is [Chinese, English]."""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

from workbook.finding import Words


class Phrases:
    """The texts and tables of one file; nothing is read before the first is asked for."""

    def __init__(self, file: str) -> None:
        self.file = file

    @cached_property
    def _data(self) -> dict[str, Any]:
        return tomllib.loads((Path(__file__).parent / self.file).read_text("utf-8"))

    def entry(self, path: str) -> Any:  # noqa: ANN401 -- a text, a pair, a list or a whole table
        """What stands at `group.key`. KeyError if nothing does."""
        found: Any = self._data
        for key in path.split("."):
            found = found[key]
        return found

    def word(self, path: str, **facts: object) -> str:
        """The text at `group.key`, which is Chinese alone, with facts filled in."""
        text: str = self.entry(path)
        return text.format_map(facts) if facts else text

    def said(self, path: str, **facts: object) -> Words:
        """The text at `group.key` in both languages, with facts filled in (a fact may itself be in both)."""
        zh, en = self.entry(path)
        return Words(zh.format_map(_told(facts, "zh")), en.format_map(_told(facts, "en")))


def _told(facts: dict[str, object], lang: str) -> dict[str, object]:
    return {name: fact.say(lang) if isinstance(fact, Words) else fact for name, fact in facts.items()}
