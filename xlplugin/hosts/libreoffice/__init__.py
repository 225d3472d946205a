"""LibreOffice as an engine of xlwings: plugin functions run in it unchanged.

    from xlplugin.hosts import libreoffice
    app = libreoffice.activate_pipe("name")    # soffice --accept="pipe,name=name;urp;"
    validate(app.books.active)

From then on LibreOffice is xlwings' active engine, so ``xw.Book.caller()`` finds the calling workbook when the
command line holds ``--wb=NAME --from_xl=1``. Not on Windows: there xlwings asks Excel whatever engine is active, and
plugin functions must be given their workbook.

Of xlwings' own tests for desktop programs (2026-08, unmodified), 214 of 290 pass: active 12 of 14, app 12 of 23,
book 29 of 30, sheet 24 of 34, range 87 of 123, names 18 of 18, conversion 32 of 48. 63 ask for what plugin code does
not use, 8 want a second program running, 4 an older pandas, and 1 finds #REF! where Excel says #NULL!.

LibreOffice's main thread answers the calls that come through a pipe or a socket. A macro that starts Python and waits
for it to end waits forever, and the user's window with it: start and do not wait, or run inside (``activate_here``).
"""
# ruff: noqa: ANN401  LibreOffice's objects have no types

from __future__ import annotations

from typing import Any

import xlwings as xw

from xlplugin.hosts.libreoffice.app import Engine
from xlplugin.hosts.libreoffice.bridge import NotReachableError, reach

__all__ = ["NotReachableError", "activate", "activate_here", "activate_pipe"]

START_SECONDS = 30.0
"""How long a LibreOffice that was just started may take to listen."""


def activate(host: str = "127.0.0.1", port: int = 2002, seconds: float = START_SECONDS) -> xw.App:
    """The LibreOffice that listens at a socket, made xlwings' active program."""
    return activate_here(reach(f"socket,host={host},port={port},tcpNoDelay=1", seconds))


def activate_pipe(name: str, seconds: float = START_SECONDS) -> xw.App:
    """The LibreOffice that listens at a named pipe, made xlwings' active program."""
    return activate_here(reach(f"pipe,name={name}", seconds))


def activate_here(context: Any) -> xw.App:
    """The LibreOffice whose component context this is, made xlwings' active program.

    For code that runs in LibreOffice's own Python, such as a job of an extension: the job is given the context.
    """
    engine = Engine(context)
    if engine.name in xw.engines.engines_by_name:
        # One that was connected before may be gone: the new one takes its place.
        xw.engines[engine.name].impl = engine
    else:
        xw.engines.add(xw.Engine(impl=engine))
    xw.engines[engine.name].activate()
    return xw.App(impl=engine.apps[1])
