"""Runs a command of the plugin from LibreOffice's toolbar and menu, in a Python of its own.

LibreOffice's Python cannot be relied on: its version is not ours, and the plugin needs compiled packages. So the
command runs in the interpreter that `ogi install` wrote down, and reaches this LibreOffice through a pipe that is
opened for this one command. LibreOffice's main thread only starts it and goes on: the command may ask it anything.

This file is run by whatever Python LibreOffice has (3.7 or later) and imports nothing but the standard library.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import uuid
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import unohelper
from com.sun.star.awt import XCallback
from com.sun.star.task import XJobExecutor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Remote = Any
"""An object of LibreOffice's: UNO has no types."""

IMPLEMENTATION = "ogi.workbook.Job"
SPREADSHEET = "com.sun.star.sheet.SpreadsheetDocument"
ANYWHERE = {"merge_folder"}
"""Commands that need no workbook."""
TEXTS = json.loads(Path(__file__).with_name("messages.json").read_text("utf-8"))
"""What is shown to the clerk, by key: building takes it from the TOML files, which old Pythons cannot read."""
SAFE = {"PYTHONSAFEPATH": "1", "NoDefaultCurrentDirectoryInExePath": "1"}
"""As in workbook/safety/isolated_process.py, which cannot be imported here: what is started in turn looks elsewhere,
too."""
MARK = ".made-by-ogi"
TAIL = 1500
"""So many characters of a log fit into a message box."""

_INFO, _ERROR, _QUESTION = "INFOBOX", "ERRORBOX", "QUERYBOX"
_OK, _YES_NO, _YES = 1, 3, 2


def settings_path(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Return where `ogi install` writes which Python to run: a JSON file {"python": "/path/to/python"}."""
    if environ.get("OGI_LIBREOFFICE"):
        return Path(environ["OGI_LIBREOFFICE"])
    home = Path(environ.get("USERPROFILE") or environ.get("HOME") or "~").expanduser()
    if platform.startswith("win"):
        folder = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    return folder / "ogi" / "libreoffice.json"


def read_interpreter(path: Path) -> str:
    """Return the Python to run. ValueError says why there is none."""
    try:
        python = str(json.loads(path.read_text("utf-8"))["python"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error
    if not (Path(python).is_absolute() and Path(python).is_file()):
        raise ValueError(python)
    return python


def build_command(python: str, command: str, pipe: str, name: str) -> list[str]:
    """Return what is run: a list, never a shell, for the workbook's name is an untrusted text; and by a full path.

    `-P`: untrusted files lie in the current folder, where Python would look for its modules first.
    """
    return [python, "-P", "-m", "xlplugin.hosts.run", command, "--pipe", pipe, "--wb=" + name, "--from_xl=1"]


def clean_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of this process without what LibreOffice set for its own Python."""
    return {key: value for key, value in environ.items() if key not in {"PYTHONHOME", "PYTHONPATH"}}


def make_scratch_folder() -> Path:
    """Make a temporary folder of ours, with name and mark as in workbook/safety/owned_folders.py.

    That cannot be imported here. By them a merge tells, a day later, that it may remove what was left.
    """
    name = "ogi-" + secrets.token_hex(8)
    folder = Path(tempfile.gettempdir()) / name
    if os.name == "nt":
        folder.mkdir()
    else:
        folder.mkdir(mode=0o700)
    (folder / MARK).write_bytes((TEXTS["folder_mark"] + name + "\n").encode("utf-8"))
    return folder


def create_service(context: Remote, name: str) -> Remote:
    """Return a service of this LibreOffice."""
    return context.ServiceManager.createInstanceWithContext(name, context)


class Callback(unohelper.Base, XCallback):  # type: ignore[misc]  # UNO has no types
    """Something to do in LibreOffice's main thread, where alone windows may be opened."""

    def __init__(self, what: Callable[[], None]) -> None:
        self.what = what

    def notify(self, _data: object) -> None:
        """Called back by LibreOffice."""
        self.what()


class Run:
    """One running command: its process, the pipe it reaches us by, and the workbook it works in (None if none)."""

    def __init__(self, context: Remote, python: str, command: str, document: Remote) -> None:
        self.context = context
        self.document = document
        name = "" if document is None else document.Title
        pipe = "ogi-" + uuid.uuid4().hex
        self.acceptor: Remote = create_service(self.context, "com.sun.star.office.Acceptor")
        self.acceptor.initialize((f"pipe,name={pipe};urp;StarOffice.ComponentContext", True))  # True: from now on
        self.folder = make_scratch_folder()
        """Where the command stands: LibreOffice itself may run in a folder of untrusted files."""
        self.log = self.folder / "ogi.log"
        """What the command says; of one that failed it stays for the user to read, until a merge a day later."""
        try:
            with self.log.open("xb") as log:
                self.process = subprocess.Popen(
                    build_command(python, command, pipe, name),
                    cwd=self.folder,
                    env={**clean_environment(), **SAFE},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
        except OSError:
            self.acceptor = None
            self.remove_folder()
            raise
        self.stopped = False
        threading.Thread(target=self.wait, daemon=True).start()

    @property
    def running(self) -> bool:
        """Whether the process has not ended yet."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End the process, take back what it has done, and do not complain that it ended."""
        self.stopped = True
        self.process.kill()
        self.process.wait()
        take_back(self.document)

    def wait(self) -> None:
        """In a thread of its own: until the command ends, then close the pipe, and say so if it failed."""
        code = self.process.wait()
        self.acceptor = None  # no one else holds it: LibreOffice closes the pipe
        if code and not self.stopped:
            create_service(self.context, "com.sun.star.awt.AsyncCallback").addCallback(
                Callback(self.show_failure), None
            )
        else:
            self.remove_folder()

    def remove_folder(self) -> None:
        """Remove the folder, unless another program holds it: then a merge does, a day later."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def show_failure(self) -> None:
        """Show the end of the log, once what the command left half done is taken back."""
        take_back(self.document)
        tail = self.log.read_text("utf-8", "replace").strip()[-TAIL:]
        show_message(self.context, TEXTS["failed"].format(log=self.log, tail=tail), _ERROR)


def take_back(document: Remote) -> None:
    """Take back what a command that was ended half-way has changed, and let the windows show changes again.

    A command's changes are one entry of the list of steps, which stays open until it ends (see
    `Step` in xlplugin/host_libreoffice.py); an entry without changes is gone once it is closed.
    """
    with suppress(Exception):  # the workbook may have been closed meanwhile
        manager = document.getUndoManager()
        listed, opened = manager.getAllUndoActionTitles(), 0
        with suppress(Exception):  # which says that no entry is open any more
            while True:
                manager.leaveUndoContext()
                opened += 1
        if opened and manager.getAllUndoActionTitles() == listed:
            manager.undo()
            manager.clearRedo()
        while document.hasControllersLocked():
            document.unlockControllers()


def show_message(context: Remote, text: str, kind: str = _INFO, buttons: int = _OK) -> int:
    """Show a message box in front of the current window; return which button was pressed."""
    import uno

    desktop = create_service(context, "com.sun.star.frame.Desktop")
    window = desktop.getCurrentFrame().getContainerWindow()
    box = window.getToolkit().createMessageBox(
        window, uno.Enum("com.sun.star.awt.MessageBoxType", kind), buttons, TEXTS["title"], text
    )
    try:
        return int(box.execute())
    finally:
        box.dispose()


class Job(unohelper.Base, XJobExecutor):  # type: ignore[misc]  # UNO has no types
    """What `service:ogi.workbook.Job?validate` calls."""

    current: Run | None = None
    """The command under way, of whichever window: one at a time."""

    def __init__(self, context: Remote) -> None:
        self.context = context

    def trigger(self, command: str) -> None:
        """Called by LibreOffice with what is behind the question mark. Returns at once."""
        try:
            self.start(command)
        except ValueError as error:
            show_message(self.context, TEXTS["not_installed"].format(why=error), _ERROR)
        except Exception as error:  # an exception that leaves here is shown to nobody
            show_message(self.context, TEXTS["failed"].format(log="-", tail=repr(error)), _ERROR)

    def start(self, command: str) -> None:
        """Start a command for the workbook in front. ValueError says why there is no Python to run it."""
        desktop = create_service(self.context, "com.sun.star.frame.Desktop")
        document = desktop.getCurrentComponent()
        is_sheet = hasattr(document, "supportsService") and document.supportsService(SPREADSHEET)
        if not is_sheet and command not in ANYWHERE:
            show_message(self.context, TEXTS["no_report"])
            return
        if Job.current is not None and Job.current.running:
            if show_message(self.context, TEXTS["busy"], _QUESTION, _YES_NO) != _YES:
                return
            Job.current.stop()
        python = read_interpreter(settings_path())
        Job.current = Run(self.context, python, command, document if is_sheet else None)


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816 -- the name LibreOffice looks for
g_ImplementationHelper.addImplementation(Job, IMPLEMENTATION, (IMPLEMENTATION,))
