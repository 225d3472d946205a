"""The words a merge says to a coordinator, from `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from workbook.finding import Words


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def entry(path: str) -> Any:  # noqa: ANN401 -- a text, a list of texts or a whole table
    """What stands at `group.key`. KeyError if nothing does."""
    found: Any = _words()
    for key in path.split("."):
        found = found[key]
    return found


def word(path: str, **facts: object) -> str:
    """The text at `group.key`, with facts filled in."""
    text: str = entry(path)
    return text.format_map(facts) if facts else text


def words(path: str) -> list[str]:
    """The list of texts at `group.key`."""
    return list(entry(path))


def said(path: str, **facts: object) -> Words:
    """The text at `group.key` in both languages, with facts filled in (a fact may itself be in both)."""
    both = entry(path)

    def fill(lang: str) -> str:
        own = {name: fact.say(lang) if isinstance(fact, Words) else fact for name, fact in facts.items()}
        return str(both[lang]).format_map(own)

    return Words(fill("zh"), fill("en"))
