"""The profile of a LibreOffice that turns one document into another format: it asks nobody anything, and runs nothing.

Left to itself, LibreOffice fetches the pictures and style sheets that a document only links to: whoever sent it would
be told when it is opened, and from where.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

SETTINGS: Final = Path(__file__).with_name("profile.xcu")


def quiet(folder: Path) -> str:
    """Make the profile in that folder; the argument that starts LibreOffice with it. Raises OSError."""
    user = folder / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_bytes(SETTINGS.read_bytes())
    return f"-env:UserInstallation={folder.as_uri()}"
