"""Builds ogi.oxt: a toolbar and the menu 公开年报 in LibreOffice Calc.

Commands run out of process, in the Python that `ogi install` names (see `oxt/ogi_job.py`). Vendoring our packages
into the extension would need msgspec compiled for every Python that some LibreOffice ships, and a command that runs
inside LibreOffice blocks it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape

from workbook.safety.messages import load_messages
from xlplugin.building.plugin_commands import PluginCommand, find_title, list_buttons, list_commands
from xlplugin.building.zip_package import build_package

messages = load_messages("xlplugin")

FOLDER = Path(__file__).parents[1] / "oxt"
SERVICE = "ogi.workbook.Job"
SHEETS_ONLY = "com.sun.star.sheet.SpreadsheetDocument"
_FILES = ("META-INF/manifest.xml", "description.xml", "CalcWindowState.xcu", "ogi_job.py")
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" \
oor:name="Addons" oor:package="org.openoffice.Office">"""


def build_extension() -> bytes:
    """Return the bytes of ogi.oxt."""
    parts = {name: (FOLDER / name).read_text("utf-8").replace("\r\n", "\n").encode() for name in _FILES}
    return build_package({**parts, "messages.json": texts_json().encode(), "Addons.xcu": addons_xml().encode()})


def texts_json() -> str:
    """Return the texts that `ogi_job.py` shows, by key."""
    texts = {key: messages.text(f"job.{key}") for key in messages.texts("job")}
    texts |= {"title": messages.text("title.app"), "folder_mark": load_messages("workbook.safety").text("folder.mark")}
    return json.dumps(texts, ensure_ascii=False, indent=1) + "\n"


def command_url(command: PluginCommand) -> str:
    """Return the address that a click on a command dispatches."""
    return f"service:{SERVICE}?{command.code}"


def addons_xml() -> str:
    """Return the toolbar and the menu, in the form of LibreOffice's configuration."""
    toolbar = _node("ogi.workbook.toolbar", _items(list_buttons()))
    submenu = f'<node oor:name="Submenu">{_items(list_commands())}</node>'
    menu = _node("ogi.workbook.menu", _titled(find_title("tab"), find_title("tab", "en")) + _context() + submenu)
    inner = f'<node oor:name="OfficeToolBar">{toolbar}</node><node oor:name="OfficeMenuBar">{menu}</node>'
    return f'{_HEAD}<node oor:name="AddonUI">{inner}</node></oor:component-data>\n'


def _items(offered: Iterable[PluginCommand]) -> str:
    """Items in their order: LibreOffice sorts them by name."""
    return "".join(_node(f"m{n:02}.{command.code}", _item(command)) for n, command in enumerate(offered, 1))


def _item(command: PluginCommand) -> str:
    return _prop("URL", command_url(command)) + _titled(command.zh, command.en) + _prop("Target", "_self") + _context()


def _node(name: str, inner: str) -> str:
    return f'<node oor:name="{name}" oor:op="replace">{inner}</node>'


def _prop(name: str, value: str) -> str:
    return f'<prop oor:name="{name}"><value>{escape(value)}</value></prop>'


def _titled(zh: str, en: str) -> str:
    """A title in Chinese and English; other languages fall back on English."""
    values = "".join(f'<value xml:lang="{tag}">{escape(text)}</value>' for tag, text in (("en-US", en), ("zh-CN", zh)))
    return f'<prop oor:name="Title">{values}</prop>'


def _context() -> str:
    return _prop("Context", SHEETS_ONLY)
