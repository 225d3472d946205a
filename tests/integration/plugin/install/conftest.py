"""What the tests of setting up share: the built files, and a console that can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbook.cli.console import Console
from xlplugin.building.extension_package import build_extension
from xlplugin.building.ribbon import build_addin


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "ogi.xlam").write_bytes(build_addin())
    (folder / "ogi.oxt").write_bytes(build_extension())
    return folder


@pytest.fixture
def console() -> Console:
    return Console("zh")
