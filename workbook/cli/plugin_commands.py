"""Commands from other packages: entry points of the group `ogi.commands`, each a `Command`.

`ogi --help` lists those that its messages know by a summary ([help.more]) and reads no entry points: that would cost
as much time as all the rest. A command is looked up, and its package imported, only when it is called by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from workbook.cli.console import messages
from workbook.safety.messages import UserError

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console

GROUP = "ogi.commands"


class PluginCommand(NamedTuple):
    """A command: its help, what adds its arguments, and what runs it and returns the exit code."""

    short: str
    long: str
    example: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Console], int]


def find_called_command(argv: Sequence[str], known: Sequence[str]) -> tuple[str, PluginCommand] | None:
    """The command of another package that is called here, if one is. UserError if its package is not there."""
    name = next((word for word in argv if not word.startswith("-")), None)
    if name is None or name in known:
        return None
    from importlib import metadata

    for entry in metadata.entry_points(group=GROUP, name=name):
        try:
            command = entry.load()
        except ImportError as error:  # the package is there, but not what it needs
            raise UserError(messages.get("not_installed", name=name)) from error
        if isinstance(command, PluginCommand):
            return name, command
    if name in messages.entry("help.more"):
        raise UserError(messages.get("not_installed", name=name))
    return None
