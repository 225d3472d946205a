"""Where readings are kept from one merge to the next, unless the coordinator names a folder. Uses platformdirs."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "OGI_CACHE"
"""The environment variable that names another folder."""


def cache_folder() -> Path | None:
    """The user's own folder for caches; None where it cannot be made or written (then nothing is kept)."""
    from platformdirs import user_cache_path

    named = os.environ.get(VARIABLE)
    folder = Path(named) if named else user_cache_path("ogi", appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
