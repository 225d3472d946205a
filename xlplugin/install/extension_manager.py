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
from xlplugin import uno_bridge

START_SECONDS = 120


def main(verb: str, program: Path, profile: Path, what: str) -> None:
    """Start a LibreOffice with that profile, add the file `what` or remove the extension of that name, and end it."""
    pipe = f"pipe,name=ogi{uuid.uuid4().hex[:12]}"
    flags = ["--headless", "--norestore", "--nologo", "--nodefault", f"--accept={pipe};urp;"]
    command: list[str | Path] = [program.absolute(), f"-env:UserInstallation={profile.absolute().as_uri()}", *flags]
    with scratch_folder() as folder:
        process = start_program(command, folder, output=NO_OUTPUT, errors=NO_OUTPUT)
        try:
            context = uno_bridge.reach(pipe, START_SECONDS)
            manager = context.getByName("/singletons/com.sun.star.deployment.ExtensionManager")
            if verb == "add":
                manager.addExtension(uno_bridge.file_url(what), (), "user", manager.createAbortChannel(), _agree())
            else:
                manager.removeExtension(what, Path(what).name, "user", manager.createAbortChannel(), _agree())
            with suppress(Exception):  # it ends while it answers
                context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context).terminate()
            process.wait(30)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _agree() -> Any:
    """Return a command environment that answers every question with yes."""
    uno = uno_bridge.uno()
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
