"""Builds ogi.xlam: the tab 公开年报, for any workbook of this project, with macros or without.

A package of our own: one empty sheet, which no add-in shows, one with settings, the ribbon in both dialects (2009/07
for Excel 2010 and later, 2006/01 for Excel 2007 and programs that read only that), and the macros.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from xlplugin.building.macro_workbooks import add_addin_macros
from xlplugin.building.plugin_commands import PluginCommand, find_title, group_labels, list_commands
from xlplugin.building.sources import INTERPRETER_WIN
from xlplugin.building.zip_package import build_package

SETTINGS_SHEET = "xlwings.conf"
SETTINGS: Mapping[str, str] = {
    "INTERPRETER_WIN": INTERPRETER_WIN,
    "INTERPRETER_MAC": "",
    "PYTHONPATH": "",
    "ADD_WORKBOOK_TO_PYTHONPATH": "false",
    "USE UDF SERVER": "False",
    "SHOW CONSOLE": "False",
    "CONDA PATH": "",
    "CONDA ENV": "",
}
"""Every setting RunPython asks for: what this sheet says, no file and no other workbook can say otherwise."""

_SETTINGS_PART = "xl/worksheets/sheet2.xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RIBBONS = {
    "customUI/customUI.xml": (
        "http://schemas.microsoft.com/office/2006/01/customui",
        "http://schemas.microsoft.com/office/2006/relationships/ui/extensibility",
    ),
    "customUI/customUI14.xml": (
        "http://schemas.microsoft.com/office/2009/07/customui",
        "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility",
    ),
}
"""Part → the namespace of its dialect, and the relationship that says so."""


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
    """Every part but the macros."""
    sheets = {"ogi": "<sheetData/>", SETTINGS_SHEET: f"<sheetData>{_rows(SETTINGS)}</sheetData>"}
    parts = {
        "[Content_Types].xml": _types(len(sheets)),
        "_rels/.rels": _relationships(
            {"xl/workbook.xml": f"{_OFFICE}/officeDocument", **{part: kind for part, (_, kind) in _RIBBONS.items()}}
        ),
        "xl/_rels/workbook.xml.rels": _relationships(
            {f"worksheets/sheet{n}.xml": f"{_OFFICE}/worksheet" for n in range(1, len(sheets) + 1)}
            | {"styles.xml": f"{_OFFICE}/styles"}
        ),
        "xl/workbook.xml": _workbook(list(sheets)),
        "xl/styles.xml": _styles(),
    }
    for n, data in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{_MAIN}">{data}</worksheet>'
    return parts | {part: ribbon_xml(namespace) for part, (namespace, _) in _RIBBONS.items()}


def _rows(settings: Mapping[str, str]) -> str:
    """Settings as rows of two texts: every one is a text, for VBA compares some with False."""
    return "".join(
        f'<row r="{n}">{_text(f"A{n}", key)}{_text(f"B{n}", value) if value else ""}</row>'
        for n, (key, value) in enumerate(settings.items(), 1)
    )


def _text(ref: str, value: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def _workbook(sheets: list[str]) -> str:
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr/><bookViews><workbookView/></bookViews>'
        f"<sheets>{listed}</sheets></workbook>"
    )


def _styles() -> str:
    return (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def _relationships(targets: Mapping[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>'
        for n, (target, kind) in enumerate(targets.items(), 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _types(sheets: int) -> str:
    parts = {"/xl/workbook.xml": f"{_SHEET}.sheet.main+xml", "/xl/styles.xml": f"{_SHEET}.styles+xml"}
    parts |= {f"/xl/worksheets/sheet{n}.xml": f"{_SHEET}.worksheet+xml" for n in range(1, sheets + 1)}
    listed = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in parts.items())
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )
