"""The commands that the plugin offers and their wording, from `plugin_commands.toml`; one list for every file kind."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Command(NamedTuple):
    """One command: the function of xlplugin it runs, its macro, and how it is shown."""

    code: str
    macro: str
    group: str
    icon: str
    zh: str
    en: str
    tip: str
    large: bool = False
    button: int = 0
    """Its place among the few buttons shown on a sheet or toolbar; 0 for none."""
    anywhere: bool = False
    """Whether it makes sense with no report open; the workbook's own macros leave such commands out."""


@cache
def _stated() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("plugin_commands.toml").read_text("utf-8"))


def commands() -> tuple[Command, ...]:
    """Every command, in the order it is offered."""
    return tuple(Command(**stated) for stated in _stated()["command"])


def buttons() -> tuple[Command, ...]:
    """The commands that stand on sheets and toolbars, left to right."""
    return tuple(sorted((command for command in commands() if command.button), key=lambda command: command.button))


def groups() -> dict[str, str]:
    """Group code → what stands under the group on the ribbon."""
    return dict(_stated()["groups"])


def title(name: str, language: str = "zh") -> str:
    """A title of the whole: `tab`, `description`."""
    text: str = _stated()["titles"][name][language]
    return text
