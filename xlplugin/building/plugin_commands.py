"""The commands that the plugin offers and their wording, from `plugin_commands.toml`; one list for every file kind."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from workbook.safety.messages import read_toml


class PluginCommand(NamedTuple):
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


_stated = partial(read_toml, "xlplugin.building.plugin_commands")


def list_commands() -> tuple[PluginCommand, ...]:
    """Return every command, in the order that menus show them."""
    return tuple(PluginCommand(**stated) for stated in _stated()["command"])


def list_buttons() -> tuple[PluginCommand, ...]:
    """Return the commands that have a button on sheets and toolbars, left to right."""
    return tuple(sorted((command for command in list_commands() if command.button), key=lambda command: command.button))


def group_labels() -> dict[str, str]:
    """Return the label under each group of the ribbon, by the group's code."""
    return dict(_stated()["groups"])


def find_title(name: str, language: str = "zh") -> str:
    """Return a title of the plugin: `tab` or `description`."""
    text: str = _stated()["titles"][name][language]
    return text
