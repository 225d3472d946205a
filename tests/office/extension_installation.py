"""Installing ogi.oxt into a LibreOffice of the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.office.libreoffice import Office, bridge


def install(office: Office, path: Path) -> Any:
    """Add an extension to the profile; `unopkg add` would refuse to do so for root."""
    import unohelper
    from com.sun.star.task import XInteractionHandler
    from com.sun.star.ucb import XCommandEnvironment

    class Environment(unohelper.Base, XCommandEnvironment, XInteractionHandler):
        def getInteractionHandler(self) -> Any:
            return self

        def getProgressHandler(self) -> Any:
            return None

        def handle(self, request: Any) -> None:
            approve = bridge().getTypeByName("com.sun.star.task.XInteractionApprove")
            for way in request.getContinuations():
                if chosen := way.queryInterface(approve):
                    chosen.select()
                    return

    manager = office.context.getByName("/singletons/com.sun.star.deployment.ExtensionManager")
    return manager.addExtension(path.as_uri(), (), "user", manager.createAbortChannel(), Environment())
