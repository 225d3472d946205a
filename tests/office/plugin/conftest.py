"""A real LibreOffice as the spreadsheet program that plugin commands run in."""

from __future__ import annotations

from tests.integration.plugin.conftest import log, opened, told
from tests.integration.plugin.hosts.conftest import app, book, path, sheet

__all__ = ["app", "book", "log", "opened", "path", "sheet", "told"]
