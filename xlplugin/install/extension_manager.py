"""`python -P -m xlplugin.install.extension_manager add|remove SOFFICE PROFILE WHAT`: adds or removes an extension.

LibreOffice's program `unopkg` does the same and needs no bridge from Python, but refuses to work for root, who is the
only user of many a container.
"""
# ruff: noqa: ANN401, N802  LibreOffice's objects have no types and name their methods as they like

from __future__ import annotations

import sys
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbook.safety.isolated_process import NO_OUTPUT, start_program
from workbook.safety.owned_folders import scratch_folder
from xlplugin.uno_bridge import connect_office, import_uno

START_SECONDS = 120


def main(verb: str, program: Path, profile: Path, what: str) -> None:
    """Start a LibreOffice with that profile, add the file `what` or remove the extension of that name, and end it."""
    pipe = f"pipe,name=ogi{uuid.uuid4().hex[:12]}"
    flags = ["--headless", "--norestore", "--nologo", "--nodefault", f"--accept={pipe};urp;"]
    command: list[str | Path] = [program.absolute(), f"-env:UserInstallation={profile.absolute().as_uri()}", *flags]
    with scratch_folder() as folder:
        process = start_program(command, folder, output=NO_OUTPUT, errors=NO_OUTPUT)
        try:
            context = connect_office(pipe, START_SECONDS)
            if verb == "add":
                add_extension(context, Path(what))
            else:
                manager = _get_manager(context)
                manager.removeExtension(what, what, "user", manager.createAbortChannel(), _agree())
            with suppress(Exception):  # it ends while it answers
                context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context).terminate()
            process.wait(30)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def add_extension(context: Any, path: Path) -> Any:
    """Add the extension in a file to the profile of a running LibreOffice; return LibreOffice's object for it."""
    manager = _get_manager(context)
    return manager.addExtension(path.absolute().as_uri(), (), "user", manager.createAbortChannel(), _agree())


def _get_manager(context: Any) -> Any:
    return context.getByName("/singletons/com.sun.star.deployment.ExtensionManager")


def _agree() -> Any:
    """Return a command environment that answers every question with yes."""
    uno = import_uno()
    import unohelper
    from com.sun.star.task import XInteractionHandler
    from com.sun.star.ucb import XCommandEnvironment

    class Agreeing(unohelper.Base, XCommandEnvironment, XInteractionHandler):  # type: ignore[misc]  # UNO has no types
        def getInteractionHandler(self) -> Any:
            return self

        def getProgressHandler(self) -> None:
            return None

        def handle(self, request: Any) -> None:
            wanted = uno.getTypeByName("com.sun.star.task.XInteractionApprove")
            for offered in request.getContinuations():
                if approve := offered.queryInterface(wanted):
                    approve.select()
                    return

    return Agreeing()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
