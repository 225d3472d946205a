"""What the plugin says, from `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def said(path: str, /, **facts: object) -> str:
    """The text at `group.key`, filled with facts."""
    group, _, key = path.partition(".")
    text: str = _words()[group][key]
    return text.format_map(facts) if facts else text


def listed(path: str) -> list[str]:
    """The list of texts at `group.key`."""
    group, _, key = path.partition(".")
    return list(_words()[group][key])


def level(key: str) -> str:
    """How a finding's weight is called: error, warning, notice, or an answered warning."""
    text: str = _words()["problems"]["levels"][key]
    return text
