"""Runs one command of the plugin in a LibreOffice that is already open: what its toolbar and its menu start.

    python -P -m xlplugin.hosts.run validate --pipe NAME --wb="年报.xlsx" --from_xl=1

The command itself tells the clerk what it has to say, in that LibreOffice. Only what keeps it from running at all is
written here, as one line, and the exit status is then not 0.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import xlplugin
from workbook.safety.messages import UserError, load_messages
from xlplugin.entry import log_exception
from xlplugin.host_libreoffice import LibreOfficeHost, find_workbooks
from xlplugin.uno_bridge import NotReachableError, connect_office

messages = load_messages("xlplugin")

START_SECONDS = 30.0
"""How long a LibreOffice that was just started may take to listen."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that the words of a command line name; return the exit status."""
    given = _parser().parse_args(words)
    try:
        getattr(xlplugin, given.command)(_find_workbook(given))
    except (NotReachableError, UserError) as error:
        return _failed(str(error))
    except Exception as error:  # a traceback would reach the clerk
        log_exception(given.command)
        return _failed(messages.text("error.failed", why=" ".join(f"{type(error).__name__}: {error}".split())))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m xlplugin.hosts.run", description=__doc__)
    parser.add_argument("command", choices=xlplugin.__all__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--pipe", help="the pipe at which LibreOffice listens")
    where.add_argument("--socket", help="host:port at which LibreOffice listens")
    parser.add_argument("--wb", default="", help="title or path of the workbook; the one in front if empty")
    parser.add_argument("--from_xl", help="xlwings' sign that a program with a workbook is calling")
    return parser


def _find_workbook(given: argparse.Namespace) -> LibreOfficeHost:
    """Return the workbook of the title asked for; where several have it, the one in front."""
    if given.pipe:
        url = f"pipe,name={given.pipe}"
    else:
        host, _, port = given.socket.rpartition(":")
        url = f"socket,host={host or '127.0.0.1'},port={int(port)},tcpNoDelay=1"
    workbooks = find_workbooks(connect_office(url, START_SECONDS))
    if not workbooks:
        raise UserError(messages.get("error.no_book"))
    named = [one for one in workbooks if not given.wb or given.wb in one.titles()]
    if not named:
        raise UserError(messages.get("error.book_gone", book=given.wb))
    return named[0]


def _failed(line: str) -> int:
    sys.stderr.write(line + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
