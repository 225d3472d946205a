"""Runs one command of the plugin in a LibreOffice that is already open: what its toolbar and its menu start.

    python -P -m xlplugin.hosts.run validate --pipe NAME --wb="年报.xlsx" --from_xl=1

The command itself tells the clerk what it has to say, in that LibreOffice. Only what keeps it from running at all is
written here, as one line, and the exit status is then not 0.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import xlwings as xw

import xlplugin
from workbook.safety.messages import load_messages
from xlplugin.entry import note_down
from xlplugin.hosts import libreoffice

messages = load_messages("xlplugin")


class NoBookError(Exception):
    """The workbook that the command is for is not open."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that the words of a command line name; the exit status."""
    given = _parser().parse_args(words)
    try:
        app = _connected(given)
        getattr(xlplugin, given.command)(_book(app, given.wb))
    except (libreoffice.NotReachableError, NoBookError) as error:
        return _failed(str(error))
    except Exception as error:  # a traceback would reach the clerk
        note_down(given.command)
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


def _connected(given: argparse.Namespace) -> xw.App:
    if given.pipe:
        return libreoffice.activate_pipe(given.pipe)
    host, _, port = given.socket.rpartition(":")
    return libreoffice.activate(host or "127.0.0.1", int(port))


def _book(app: xw.App, title: str) -> xw.Book:
    """The workbook of that title; where several have it, the one in front."""
    books = list(app.books)
    if not books:
        raise NoBookError(messages.text("error.no_book"))
    front = app.books.active
    if not title:
        return front
    named = [book for book in books if title in _titles(book)]
    if not named:
        raise NoBookError(messages.text("error.book_gone", book=title))
    return front if front in named else named[0]


def _titles(book: xw.Book) -> set[str]:
    """What a workbook may be called: as in the title of its window, by its file, by its path."""
    return {str(book.impl.document.Title), book.name, Path(book.name).stem, book.fullname}


def _failed(line: str) -> int:
    sys.stderr.write(line + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
