"""The `ogi` command: `main` parses, hands over to the command's module, and turns whatever happens into an exit code.

0: no errors (warnings may be there); 1: errors found; 2: could not be done, with a sentence on the standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console
    from workbook.safety.messages import Bilingual

DONE, ERRORS, FAILED = 0, 1, 2
INTERRUPTED, PIPE_CLOSED = 130, 141

GROUP = "ogi.commands"
"""The entry points by which other packages bring commands, each a `PluginCommand`."""


class PluginCommand(NamedTuple):
    """A command of another package: its help, what adds its arguments, and what runs it and returns the exit code."""

    short: str
    long: str
    example: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Console], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the ogi command with these arguments; the exit code."""
    from workbook.safety.isolated_process import leave_current_folder

    leave_current_folder()  # before anything else is imported
    from workbook.cli.console import Console
    from workbook.safety.messages import choose_language

    _open_missing_streams()
    words = list(sys.argv[1:] if argv is None else argv)
    # before the arguments are parsed: what is wrong with them is said in that language
    console = Console(choose_language(_find_stated_language(words)))
    try:
        code = _run(words, console)
        sys.stdout.flush()
    except BrokenPipeError:
        _stop_printing(sys.stdout)
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as trouble:  # the output could not be written: a full disk behind > or 2>
        for stream in (sys.stdout, sys.stderr):
            try:
                console.refuse(_sentence(trouble))
                break
            except OSError:
                _stop_printing(stream)
        return FAILED
    return code


def _find_stated_language(words: Sequence[str]) -> str | None:
    """Return what follows `--lang` among the arguments, before they are parsed; None where neither zh nor en does."""
    for word, following in zip(words, [*words[1:], ""], strict=False):
        stated = following if word == "--lang" else word.removeprefix("--lang=")
        if stated in ("zh", "en") and word.startswith("--lang"):
            return stated
    return None


def _open_missing_streams() -> None:
    """Give a program that was started without them (`>&-`, a scheduler of tasks) outputs that lead nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 -- for good


def _stop_printing(stream: TextIO) -> None:
    """Lead an output that takes nothing any more nowhere, so that Python does not fail over it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _run(argv: list[str], console: Console) -> int:
    from workbook.cli.arguments import build_parser
    from workbook.cli.console import messages

    try:
        more = find_called_command(argv)
        try:
            args = build_parser(argv, more).parse_args(argv)
        except SystemExit as leaving:  # only after printing help
            return int(leaving.code or DONE)
        if args.version:
            from workbook import __version__

            console.out(f"ogi {__version__}")
        elif args.command is None:
            console.out(messages.text("help.orientation"))
        else:
            return _command(args, console, more[1] if more else None)
    except Exception as trouble:  # a user reads a sentence, never a traceback
        if "--debug" in argv:
            raise
        console.refuse(_sentence(trouble))
        return FAILED
    return DONE


def _command(args: argparse.Namespace, console: Console, more: PluginCommand | None) -> int:
    from importlib import import_module

    from workbook.cli.arguments import COMMANDS
    from workbook.safety.messages import choose_language

    console.name = f"ogi {args.command}"
    console.lang = choose_language(getattr(args, "lang", None))
    if getattr(args, "limit", None) or "OGI_LIMITS" in os.environ:
        from workbook.safety.limits import set_limits

        set_limits(getattr(args, "limit", ()))
    if more is not None:
        return more.run(args, console)
    module = import_module(f"workbook.cli.{COMMANDS[args.command]}")
    return int(getattr(module, f"run_{args.command}")(args, console))


def _sentence(trouble: Exception) -> Bilingual:
    """The sentence for the user about whatever went wrong."""
    from workbook.cli.console import messages
    from workbook.safety.messages import UserError

    if isinstance(trouble, UserError):
        return trouble.message
    if isinstance(trouble, BrokenPipeError):
        raise trouble
    if isinstance(trouble, OSError):
        from workbook.cli.file_arguments import describe_file_error

        return describe_file_error(trouble)
    return messages.get("unexpected", kind=type(trouble).__name__, what=str(trouble)[:200])


def find_called_command(argv: Sequence[str]) -> tuple[str, PluginCommand] | None:
    """Find the command of another package that is called here, if one is; its name with it.

    `ogi --help` lists those that its messages know by a summary ([help.more]) and reads no entry points: that would
    cost as much time as all the rest. A package is imported only when its command is called by its name. UserError
    where the package, or what it needs, is not installed.
    """
    from workbook.cli.arguments import COMMANDS

    name = next((word for word in argv if not word.startswith("-")), None)
    if name is None or name in COMMANDS:
        return None
    from importlib import metadata

    from workbook.cli.console import messages
    from workbook.safety.messages import UserError

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
