"""What the plugin can be asked to do and the words for it, from `commands.toml`: one list for every kind of file."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from workbook.safety.messages import read_toml


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


_stated = partial(read_toml, "xlplugin.building.commands")


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
