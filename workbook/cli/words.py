"""What the ogi command says, from `words.toml`: help in Chinese with English beside it, sentences in both."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path, PurePath
from typing import Any

LONGEST = 400
"""No more of what somebody typed is shown: nobody fills the screen."""
Said = tuple[str, str]
"""A sentence in Chinese and in English (`messages.Bilingual` is one too)."""


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def helps(path: str) -> str:
    """The help text at `group.key`, or `help.command.key`."""
    part: Any = _words()
    for key in path.split("."):
        part = part[key]
    return str(part).strip("\n")


def summaries() -> dict[str, str]:
    """What `ogi --help` says of the commands that other packages bring: name → summary."""
    return dict(_words()["help"]["more"])


def usage_error(message: str) -> str:
    """A complaint of argparse, in Chinese where it is known."""
    for pattern, template in _words()["usage"].items():
        if match := re.fullmatch(pattern, message):
            return str(template).format(*match.groups())
    return message


def both(key: str, /, **facts: object) -> Said:
    """A sentence in both languages, filled with facts; a fact that is a pair is taken in the sentence's language."""
    zh, en = _words()["say"][key]
    return zh.format_map(_facts(facts, 0)), en.format_map(_facts(facts, 1))


def _facts(facts: Mapping[str, object], which: int) -> dict[str, object]:
    return {key: _shown(fact[which] if isinstance(fact, tuple) else fact) for key, fact in facts.items()}


def _shown(fact: object) -> object:
    """What strangers typed, and the names of files, on one line and without signs that steer a terminal."""
    if not isinstance(fact, str | PurePath):
        return fact
    text = plain(str(fact))
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def plain(text: str) -> str:
    """The text on one line, without characters that steer a terminal: what strangers wrote in a cell is only shown."""
    if text.isprintable() and text.isascii():
        return text
    from workbook.harmless import line

    return line(text)


def language(asked: str | None = None) -> str:
    """The language to speak: the one asked for, else `OGI_LANG`, else English in an English locale, else Chinese."""
    env = os.environ
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    chosen = asked or env.get("OGI_LANG") or locale
    return "en" if chosen.lower().startswith("en") else "zh"


class Refused(Exception):
    """What was asked cannot be done; the words say why and what to do."""

    def __init__(self, said: Said) -> None:
        self.said = said
        super().__init__(said[0])
