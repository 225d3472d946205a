"""The words the workbook says to a clerk, from `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def word(path: str, **facts: object) -> str:
    """The text at `group.key`, with facts filled in. KeyError if the file has no such text."""
    group, _, key = path.partition(".")
    text: str = _words()[group][key]
    return text.format_map(facts) if facts else text


def words(path: str) -> list[str]:
    """The list of texts at `group.key`."""
    group, _, key = path.partition(".")
    return list(_words()[group][key])


def group(name: str) -> dict[str, Any]:
    """A whole group of texts."""
    return dict(_words()[name])
