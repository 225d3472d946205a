"""The `ogi` command for tests that run it: in Chinese, whatever the machine speaks."""

from __future__ import annotations

import pytest

from tests.samples.command_line import Ogi, make_runner


@pytest.fixture
def ogi(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ogi:
    """``ogi("check", path)`` runs the command, with nothing in the environment that chooses language or colour."""
    for name in ("OGI_LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    return make_runner(capsys)
