"""What the program says, from TOML files that stand beside the code that says it."""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

from workbook.safety.messages import Bilingual


class Phrases:
    """The texts, lists and tables of one file; it is read when the first is asked for.

    A text in both languages is a table of `zh` and `en`, or the pair of them.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    @cached_property
    def _data(self) -> dict[str, Any]:
        return tomllib.loads(self.file.read_text("utf-8"))

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

    def words(self, path: str) -> list[str]:
        """The list of texts at `group.key`."""
        return list(self.entry(path))

    def said(self, path: str, **facts: object) -> Bilingual:
        """The text at `group.key` in both languages, with facts filled in (a fact may itself be in both)."""
        both = self.entry(path)
        zh, en = (both["zh"], both["en"]) if isinstance(both, dict) else both
        return Bilingual(zh.format_map(_told(facts, "zh")), en.format_map(_told(facts, "en")))


def _told(facts: dict[str, object], lang: str) -> dict[str, object]:
    return {name: fact.say(lang) if isinstance(fact, Bilingual) else fact for name, fact in facts.items()}
