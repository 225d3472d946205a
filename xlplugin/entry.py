"""What surrounds every command of the plugin: the calling workbook, and a message instead of a traceback."""

from __future__ import annotations

import functools
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import xlwings as xw

from workbook.safety.messages import UserError, load_messages
from workbook.safety.os_errors import describe_os_error
from workbook.safety.unsafe_text import make_legible
from xlplugin.building.plugin_commands import list_commands
from xlplugin.desk import Undone
from xlplugin.hosts import undo
from xlplugin.hosts.input import enter_typed, is_busy
from xlplugin.hosts.protection import PasswordNeededError, SheetProtectedError

messages = load_messages("xlplugin")

P = ParamSpec("P")
T = TypeVar("T")


def log_path() -> Path:
    """Where faults are written down: under the user's own folder, `OGI_LOG` overrides."""
    if override := os.environ.get("OGI_LOG"):
        return Path(override)
    home = Path(os.environ["LOCALAPPDATA"]) if sys.platform == "win32" and "LOCALAPPDATA" in os.environ else None
    return (home / "ogi" if home else Path.home() / ".ogi") / "xlplugin.log"


def command(function: Callable[Concatenate[xw.Book, P], T]) -> Callable[..., T | None]:
    """Make a function of a workbook a command: it finds the workbook of its button, and never ends in a traceback.

    What is being typed when the button is pressed counts. What the clerk can mend is said as it is; anything else is
    logged, and the message names the log.
    """

    @functools.wraps(function)
    def run(book: xw.Book | None = None, *args: Any, **named: Any) -> T | None:  # noqa: ANN401
        book = book or xw.Book.caller()
        app = book.app
        try:
            enter_typed(book)
            app.screen_updating = False
            return function(book, *args, **named)
        except (UserError, PasswordNeededError, SheetProtectedError) as stop:
            tell(book, str(stop))
        except Undone:
            note_down(function.__name__)
            tell(book, messages.text("error.undone", log=log_path()), mode="critical")
        except OSError as error:
            note_down(function.__name__)
            facts = {"path": error.filename or "", "why": describe_os_error(error).zh}
            tell(book, messages.text("error.file", **facts), mode="critical")
        except Exception as error:
            note_down(function.__name__)
            words = (
                messages.text("error.typing") if is_busy(error) else messages.text("error.unexpected", log=log_path())
            )
            tell(book, words, mode="critical")
        finally:
            with suppress(Exception):  # a program that answered nobody before may not do so now
                app.screen_updating = True
        return None

    return run


def one_step(function: Callable[Concatenate[xw.Book, P], T]) -> Callable[Concatenate[xw.Book, P], T]:
    """Make a command that changes the workbook one step of the program's: one Ctrl+Z takes all of it back.

    Where it fails or is declined, nothing of it stays, as far as the program can undo.
    """

    @functools.wraps(function)
    def run(book: xw.Book, /, *args: P.args, **named: P.kwargs) -> T:
        titles = {one.code: one.zh for one in list_commands()}
        with undo.one_step(book, titles.get(function.__name__, function.__name__)):
            return function(book, *args, **named)

    return run


def tell(book: xw.Book, text: str, mode: str = "info") -> None:
    """A sentence in a box."""
    book.app.alert(make_legible(text), messages.text("title.app"), mode=mode)


def ask(book: xw.Book, text: str) -> None:
    """Ask before something that changes figures; UserError where the clerk declines."""
    if book.app.alert(make_legible(text), messages.text("title.app"), buttons="yes_no", mode="exclamation") != "yes":
        raise UserError(messages.get("done.cancelled"))


def note_down(name: str) -> None:
    """Write the exception at hand into the log, under the name of the command; a log that cannot be written is none."""
    with suppress(OSError):
        _log(name)


def _log(name: str) -> None:
    path = log_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=1 << 20, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("xlplugin")
    logger.addHandler(handler)
    try:
        logger.exception("%s", name)
    finally:
        logger.removeHandler(handler)
        handler.close()
