"""What lies in templates/ is what the sources build today."""

from __future__ import annotations

from pathlib import Path

import pytest

from xlplugin.building.__main__ import list_files

TEMPLATES = Path(__file__).parents[3] / "templates"


@pytest.mark.parametrize("name", list_files())
def test_templates_are_current(name: str) -> None:
    assert (TEMPLATES / name).read_bytes() == list_files()[name](), "run: make template"
