"""Surrounds every command of the plugin: finds the calling workbook, and shows a message instead of a traceback."""

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

from workbook.safety.messages import UserError, describe_os_error, load_messages
from workbook.safety.unsafe_text import make_legible
from xlplugin.building.plugin_commands import list_commands
from xlplugin.host import SpreadsheetHost
from xlplugin.open_workbook import ChangesUndone

messages = load_messages("xlplugin")

P = ParamSpec("P")
T = TypeVar("T")


def log_path() -> Path:
    """Return where faults are written down: under the user's own folder, `OGI_LOG` overrides."""
    if override := os.environ.get("OGI_LOG"):
        return Path(override)
    home = Path(os.environ["LOCALAPPDATA"]) if sys.platform == "win32" and "LOCALAPPDATA" in os.environ else None
    return (home / "ogi" if home else Path.home() / ".ogi") / "xlplugin.log"


def command(function: Callable[Concatenate[SpreadsheetHost, P], T]) -> Callable[..., T | None]:
    """Make a function of an open workbook a command: it finds the workbook of its button, and ends in no traceback.

    What is being typed when the button is pressed counts. What the clerk can mend is said as it is; anything else is
    logged, and the message names the log.
    """

    @functools.wraps(function)
    def run(host: SpreadsheetHost | None = None, *args: Any, **named: Any) -> T | None:  # noqa: ANN401
        if host is None:
            from xlplugin.host_xlwings import find_calling_workbook

            host = find_calling_workbook()
        try:
            host.begin_command()
            return function(host, *args, **named)
        except UserError as stop:
            tell_clerk(host, str(stop))
        except ChangesUndone:
            log_exception(function.__name__)
            tell_clerk(host, messages.text("error.undone", log=log_path()), is_fault=True)
        except OSError as error:
            log_exception(function.__name__)
            facts = {"path": error.filename or "", "why": describe_os_error(error).zh}
            tell_clerk(host, messages.text("error.file", **facts), is_fault=True)
        except Exception as error:
            log_exception(function.__name__)
            key = "error.typing" if host.is_busy(error) else "error.unexpected"
            tell_clerk(host, messages.text(key, log=log_path()), is_fault=True)
        finally:
            with suppress(Exception):  # a program that answered nobody before may not do so now
                host.end_command()
        return None

    return run


def one_step(function: Callable[Concatenate[SpreadsheetHost, P], T]) -> Callable[Concatenate[SpreadsheetHost, P], T]:
    """Make a command that changes the workbook one step of the program's: one Ctrl+Z takes all of it back.

    Where it fails or is declined, nothing of it stays, as far as the program can undo.
    """

    @functools.wraps(function)
    def run(host: SpreadsheetHost, /, *args: P.args, **named: P.kwargs) -> T:
        titles = {one.code: one.zh for one in list_commands()}
        with host.one_step(titles.get(function.__name__, function.__name__)):
            return function(host, *args, **named)

    return run


def tell_clerk(host: SpreadsheetHost, text: str, *, is_fault: bool = False) -> None:
    """Show a sentence until it is answered."""
    host.show_message(make_legible(text), messages.text("title.app"), "critical" if is_fault else "info")


def ask_clerk(host: SpreadsheetHost, text: str) -> None:
    """Ask before something that changes figures; UserError where the clerk declines."""
    if not host.show_message(make_legible(text), messages.text("title.app"), "question"):
        raise UserError(messages.get("done.cancelled"))


def log_exception(name: str) -> None:
    """Write the exception at hand to the log, under the name of the command; a log that cannot be written is none."""
    with suppress(OSError):
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
