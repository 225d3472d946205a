"""Builds ogi.xlam: the tab 公开年报, for any workbook of this project, with macros or without.

A package of our own (`addin_parts.toml`): sheets, the ribbon in both dialects, and the macros.
"""

from __future__ import annotations

import re
from itertools import groupby
from xml.sax.saxutils import quoteattr

from workbook.safety.messages import read_toml
from xlplugin.building.addin_settings import SETTINGS, SETTINGS_PART, format_settings
from xlplugin.building.macro_workbooks import add_addin_macros
from xlplugin.building.plugin_commands import PluginCommand, find_title, group_labels, list_commands
from xlplugin.building.zip_package import build_package

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DIALECTS = {
    "customUI/customUI.xml": "http://schemas.microsoft.com/office/2006/01/customui",
    "customUI/customUI14.xml": "http://schemas.microsoft.com/office/2009/07/customui",
}
"""Part → the XML namespace of its ribbon: what Excel 2007 and programs like it read, what Excel 2010 and later do."""


def build_addin() -> bytes:
    """Return the bytes of ogi.xlam."""
    return add_addin_macros(build_package({name: (_HEAD + text).encode() for name, text in _parts().items()}))


def ribbon_xml(namespace: str) -> str:
    """Return the ribbon in one dialect, named by its XML namespace."""
    inner = "".join(
        f'<group id="ogi.{group}" label={quoteattr(group_labels()[group])}>{"".join(map(_button, same))}</group>'
        for group, same in groupby(list_commands(), key=lambda command: command.group)
    )
    tab = f'<tab id="ogi.tab" label={quoteattr(find_title("tab"))}>{inner}</tab>'
    return f'<customUI xmlns="{namespace}"><ribbon><tabs>{tab}</tabs></ribbon></customUI>'


def callback_name(command: PluginCommand) -> str:
    """Return the Sub that a button on the ribbon calls: of a name that no macro of any workbook has."""
    return f"OgiOn{command.macro}"


def _button(command: PluginCommand) -> str:
    facts = {
        "id": f"ogi.{command.code}",
        "label": command.zh,
        "imageMso": command.icon,
        "size": "large" if command.large else "normal",
        "onAction": callback_name(command),
        "screentip": command.zh,
        "supertip": command.tip,
    }
    return f"<button {' '.join(f'{key}={quoteattr(value)}' for key, value in facts.items())}/>"


def _parts() -> dict[str, str]:
    """Return every part but the macros."""
    stated = read_toml("xlplugin.building.addin_parts")
    parts = {name: re.sub(r">\s+<", "><", text.strip()) for name, text in stated.items()}
    rows = format_settings(SETTINGS)
    parts[SETTINGS_PART] = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return parts | {part: ribbon_xml(namespace) for part, namespace in _DIALECTS.items()}
