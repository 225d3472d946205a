"""The command line: commands, arguments, and help that teaches."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from workbook.cli.console import messages, wrap_text
from workbook.safety.messages import Bilingual, UserError

if TYPE_CHECKING:
    from workbook.cli import PluginCommand


def _usage_error(message: str) -> Bilingual:
    """A complaint of argparse, in Chinese where it is known."""
    for pattern, template in messages.entry("argparse").items():
        if match := re.fullmatch(pattern, message):
            return Bilingual(template.format(*match.groups()), message)
    return Bilingual(message, message)


class UsageError(UserError):
    """The command line itself is wrong."""

    def __init__(self, command: str, message: str) -> None:
        self.command = command
        super().__init__(messages.get("usage", what=_usage_error(message), command=command))


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help in columns that take Chinese characters for the two columns they are."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26, width=100)

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:  # noqa: ANN401
        super().add_usage(usage, actions, groups, messages.text("help.usage") if prefix is None else prefix)

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        if isinstance(action, argparse._SubParsersAction):
            self._action_max_length += 2  # argparse forgets that the list of commands is indented

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap_text(text, width)


class _Parser(argparse.ArgumentParser):
    """A parser that raises what is wrong instead of ending the program, and has Chinese headings."""

    def __init__(self, prog: str, **about: Any) -> None:  # noqa: ANN401
        super().__init__(prog, formatter_class=_Help, add_help=False, allow_abbrev=False, **about)
        self._positionals.title = messages.text("help.arguments")
        self._optionals.title = messages.text("help.options")
        self.add_argument("-h", "--help", action="help", help=messages.text("option.help"))

    def error(self, message: str) -> NoReturn:
        raise UsageError(self.prog, message)

    def _print_message(self, message: str, file: Any = None) -> None:  # noqa: ANN401 -- as argparse has it
        """Print help; unlike argparse, fail where it cannot be printed."""
        (file or sys.stdout).write(message)

    def format_help(self) -> str:
        return super().format_help().rstrip("\n") + "\n"


def build_parser(argv: Sequence[str], more: tuple[str, PluginCommand] | None = None) -> argparse.ArgumentParser:
    """The parser of that command line; `more` is a command of another package and its name.

    Only a command that is called gets its arguments: adding those of all costs a third of what `ogi --help` takes.
    """
    top = _Parser("ogi", description=messages.text("help.description"), epilog=messages.text("help.epilog"))
    top.add_argument("--version", action="store_true", help=messages.text("option.version"))
    top.add_argument("--debug", action="store_true", help=messages.text("option.debug"))
    commands = top.add_subparsers(
        dest="command", metavar="COMMAND", title=messages.text("help.commands"), parser_class=_Parser
    )

    def add(name: str, about: Sequence[str], arguments: Callable[[argparse.ArgumentParser], None]) -> None:
        short, long, example = about
        one = commands.add_parser(name, prog=f"ogi {name}", help=short, description=long, epilog=example)
        arguments(one)
        one.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=messages.text("option.debug"))

    for name in COMMANDS:
        if name in argv:
            about = [messages.text(f"help.{name}.{key}") for key in ("short", "long", "example")]
            add(name, about, partial(_add_arguments, command=name))
        else:
            commands.add_parser(name, help=messages.text(f"help.{name}.short"))
    for name, summary in messages.entry("help.more").items():
        if more is None or name != more[0]:
            commands.add_parser(name, help=summary)
    if more is not None:
        name, command = more
        add(name, (command.short, command.long, command.example), command.arguments)
    return top


def _add_arguments(parser: argparse.ArgumentParser, command: str) -> None:
    """Add the arguments that messages.toml states for a command; a text among them names one that several share."""
    for stated in messages.entry(f"arguments.{command}"):
        about = dict(messages.entry(f"arguments.shared.{stated}") if isinstance(stated, str) else stated)
        names, text = about.pop("name").split(), about.pop("help")
        if about.get("type") == "int":
            about["type"] = int
        parser.add_argument(*names, help=messages.text(f"option.{text}"), **about)


COMMANDS = {
    "new": "workbook_commands",
    "check": "check_command",
    "export": "workbook_commands",
    "import": "workbook_commands",
    "repair": "workbook_commands",
    "merge": "merge_command",
    "roster": "roster_command",
    "schema": "reference_commands",
    "rules": "reference_commands",
    "forms": "reference_commands",
    "demo": "demo_command",
}
"""Every command, in the order of the help, and the module whose function `run_<command>` does it: only that of the
command called is imported."""
