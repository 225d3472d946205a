"""A real LibreOffice as the spreadsheet program that plugin commands run in."""

from __future__ import annotations

from tests.integration.plugin.conftest import host, log, opened, path, program, told

__all__ = ["host", "log", "opened", "path", "program", "told"]
