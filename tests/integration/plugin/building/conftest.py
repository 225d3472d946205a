"""The built files, once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlplugin.building.__main__ import main


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `python -m xlplugin.building` writes."""
    folder = tmp_path_factory.mktemp("built")
    main(folder)
    return folder
