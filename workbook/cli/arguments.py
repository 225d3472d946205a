"""The command line: commands, arguments, and help that teaches."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
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

    for name, (_, arguments) in COMMANDS.items():
        if name in argv:
            add(name, [messages.text(f"help.{name}.{key}") for key in ("short", "long", "example")], arguments)
        else:
            commands.add_parser(name, help=messages.text(f"help.{name}.short"))
    for name, summary in messages.entry("help.more").items():
        if more is None or name != more[0]:
            commands.add_parser(name, help=summary)
    if more is not None:
        name, command = more
        add(name, (command.short, command.long, command.example), command.arguments)
    return top


def _limits(one: argparse.ArgumentParser) -> None:
    one.add_argument("--limit", metavar="NAME=N", action="append", default=[], help=messages.text("option.limit"))


def _lang(one: argparse.ArgumentParser) -> None:
    one.add_argument("--lang", choices=("zh", "en"), help=messages.text("option.lang"))


def _output(one: argparse.ArgumentParser, kind: str = "output", **about: Any) -> None:  # noqa: ANN401
    one.add_argument("-o", "--output", metavar="OUT", help=messages.text(f"option.{kind}"), **about)
    one.add_argument("--force", action="store_true", help=messages.text("option.force"))


def _new(one: argparse.ArgumentParser) -> None:
    one.add_argument("--year", type=int, required=True, metavar="YEAR", help=messages.text("option.year"))
    one.add_argument("--agency", metavar="NAME", help=messages.text("option.agency"))
    for name in ("code", "region", "level"):
        one.add_argument(f"--{name}", metavar=name.upper(), help=messages.text(f"option.{name}"))
    one.add_argument("--from", dest="last", metavar="LAST", help=messages.text("option.from"))
    _output(one, "output_xlsx", required=True)
    _limits(one)


def _check(one: argparse.ArgumentParser) -> None:
    one.add_argument("files", nargs="+", metavar="FILE", help=messages.text("option.files"))
    one.add_argument("--previous", metavar="FILE", help=messages.text("option.previous"))
    one.add_argument("--json", action="store_true", help=messages.text("option.json"))
    _limits(one)
    _lang(one)


def _export(one: argparse.ArgumentParser) -> None:
    one.add_argument("file", metavar="FILE", help=messages.text("option.file_export"))
    one.add_argument("--draft", action="store_true", help=messages.text("option.draft"))
    _output(one, "export_output", required=True)
    _limits(one)
    _lang(one)


def _import(one: argparse.ArgumentParser) -> None:
    one.add_argument("file", metavar="FILE", help=messages.text("option.file_import"))
    one.add_argument("--review", metavar="OUT.html", help=messages.text("option.review"))
    one.add_argument("--agency", metavar="NAME", help=messages.text("option.document_agency"))
    one.add_argument("--year", type=int, metavar="YEAR", help=messages.text("option.document_year"))
    _output(one, "output_xlsx", required=True)
    _limits(one)
    _lang(one)


def _repair(one: argparse.ArgumentParser) -> None:
    one.add_argument("file", metavar="FILE.xlsx", help=messages.text("option.file_xlsx"))
    _output(one, "output_xlsx", required=True)
    _limits(one)
    _lang(one)


def _merge(one: argparse.ArgumentParser) -> None:
    one.add_argument("paths", nargs="+", metavar="PATH", help=messages.text("option.paths"))
    _output(one, "merge_output", required=True, action="append")
    one.add_argument("--roster", metavar="FILE", help=messages.text("option.merge_roster"))
    one.add_argument("--previous", metavar="PATH", action="append", help=messages.text("option.merge_previous"))
    one.add_argument("--year", type=int, metavar="YEAR", help=messages.text("option.merge_year"))
    one.add_argument("--include-errors", action="store_true", help=messages.text("option.include_errors"))
    one.add_argument("--include-unlisted", action="store_true", help=messages.text("option.include_unlisted"))
    one.add_argument("--choose", metavar="FILE", action="append", help=messages.text("option.merge_choose"))
    one.add_argument("--decisions", metavar="FILE.csv", help=messages.text("option.merge_decisions"))
    one.add_argument("--chase", metavar="DIR", help=messages.text("option.merge_chase"))
    one.add_argument("--submit", metavar="DIR", help=messages.text("option.merge_submit"))
    one.add_argument("--name", metavar="NAME", help=messages.text("option.merge_name"))
    one.add_argument("--scheduler", metavar="ADDRESS", help=messages.text("option.merge_scheduler"))
    one.add_argument("--jobs", type=int, metavar="N", help=messages.text("option.merge_jobs"))
    one.add_argument("--cache", metavar="DIR", help=messages.text("option.merge_cache"))
    one.add_argument("--no-cache", action="store_true", help=messages.text("option.no_cache"))
    one.add_argument("--json", action="store_true", help=messages.text("option.merge_lines"))
    _limits(one)
    _lang(one)


def _roster(one: argparse.ArgumentParser) -> None:
    one.add_argument("action", choices=("new", "from"), help=messages.text("option.roster_action"))
    one.add_argument("paths", nargs="+", metavar="PATH", help=messages.text("option.roster_paths"))
    _output(one, "roster_output")
    _limits(one)
    _lang(one)


def _schema(one: argparse.ArgumentParser) -> None:
    one.add_argument("form", nargs="?", metavar="FORM", help=messages.text("option.form"))
    _output(one)


def _rules(one: argparse.ArgumentParser) -> None:
    one.add_argument("--form", metavar="ID", help=messages.text("option.form"))
    one.add_argument("--markdown", action="store_true", help=messages.text("option.markdown"))
    _lang(one)


def _demo(one: argparse.ArgumentParser) -> None:
    one.add_argument("folder", nargs="?", default="demo", metavar="DIR", help=messages.text("option.folder"))
    one.add_argument("--force", action="store_true", help=messages.text("option.force"))


COMMANDS = {
    "new": ("workbook_commands", _new),
    "check": ("check_command", _check),
    "export": ("workbook_commands", _export),
    "import": ("workbook_commands", _import),
    "repair": ("workbook_commands", _repair),
    "merge": ("merge_command", _merge),
    "roster": ("roster_command", _roster),
    "schema": ("reference_commands", _schema),
    "rules": ("reference_commands", _rules),
    "forms": ("reference_commands", _lang),
    "demo": ("demo_command", _demo),
}
"""Every command, in the order of the help: the module whose function `run_<command>` does it, and what adds its
arguments. Only the module of the command called is imported."""
