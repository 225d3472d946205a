"""The words of the summary workbook, from `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


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
