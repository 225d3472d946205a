"""What lies in templates/ is what the sources build today."""

from __future__ import annotations

import pytest

from tests.domain import ROOT
from xlplugin.building.__main__ import list_files

TEMPLATES = ROOT / "templates"


@pytest.mark.parametrize("name", list_files())
def test_templates_are_current(name: str) -> None:
    assert (TEMPLATES / name).read_bytes() == list_files()[name](), "run: make template"
