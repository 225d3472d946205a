"""What setting up says, from `words.toml`: Chinese and English."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from workbook.cli.words import Said


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def both(path: str, /, **facts: object) -> Said:
    """The sentence at `group.key` in both languages, filled with facts."""
    group, _, key = path.partition(".")
    zh, en = _words()[group][key]
    return zh.format_map(facts), en.format_map(facts)


def helps(path: str) -> str:
    """The help text at `command.key`: Chinese with English beside it."""
    group, _, key = path.partition(".")
    return str(_words()["help"][group][key]).strip("\n")


def keys(group: str) -> list[str]:
    """Every key of a group."""
    return list(_words()[group])
