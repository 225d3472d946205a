"""Reads and writes the settings in ogi.xlam: rows of two texts on a sheet, which xlwings' RunPython asks."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape, unescape

from xlplugin.building.sources import INTERPRETER_WIN
from xlplugin.building.zip_package import build_package, read_parts

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

SETTINGS_PART = "xl/worksheets/sheet2.xml"
_CELL = '<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'
_NAME, _VALUE = _CELL.format(ref=r"A\d+", text="([^<]+)"), _CELL.format(ref=r"B\d+", text="([^<]*)")
_ROW = re.compile(rf'<row r="\d+">{_NAME}(?:{_VALUE})?</row>')
r"""Matches `<row r="1"><c r="A1" …>INTERPRETER_WIN…</c><c r="B1" …>C:\python…</c></row>`, with or without the B."""


def format_settings(settings: Mapping[str, str]) -> str:
    """Return the rows of the sheet. Each value is a text, for VBA compares some with False; a blank one has no cell."""
    rows = []
    for n, (name, value) in enumerate(settings.items(), 1):
        cells = {f"A{n}": name, f"B{n}": value} if value else {f"A{n}": name}
        texts = (_CELL.format(ref=ref, text=escape(text)) for ref, text in cells.items())
        rows.append(f'<row r="{n}">{"".join(texts)}</row>')
    return "".join(rows)


def read_addin_settings(addin: bytes) -> dict[str, str]:
    """Return the settings that are written into an add-in. ValueError if it is not ours."""
    return _parse_settings(_addin_parts(addin)[SETTINGS_PART].decode())


def write_addin_settings(addin: bytes, **settings: str) -> bytes:
    """Return the add-in with other values of settings that it has. ValueError if it is not ours."""
    parts = _addin_parts(addin)
    sheet = parts[SETTINGS_PART].decode()
    found = _parse_settings(sheet)
    old, new = format_settings(found), format_settings(found | settings)
    if old not in sheet or not settings.keys() <= found.keys():
        raise ValueError("this is not our add-in: it has other settings")
    parts[SETTINGS_PART] = sheet.replace(old, new).encode()
    return build_package(parts)


def _parse_settings(sheet: str) -> dict[str, str]:
    return {unescape(name): unescape(value) for name, value in _ROW.findall(sheet)}


def is_same_addin(one: bytes, other: bytes) -> bool:
    """Return whether two add-ins are the same version: they differ in nothing but settings."""
    try:
        first, second = ({**_addin_parts(each), SETTINGS_PART: b""} for each in (one, other))
    except ValueError:
        return False
    return first == second


def _addin_parts(addin: bytes) -> dict[str, bytes]:
    try:
        parts = read_parts(addin)
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise ValueError(f"this is not our add-in: {error}") from error
    if SETTINGS_PART not in parts:
        raise ValueError("this is not our add-in: it has no sheet with settings")
    return parts
