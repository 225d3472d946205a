"""The files that are installed: ogi.xlam and ogi.oxt as built, and the add-in with a Python written into it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, unescape

from xlplugin.building.extension_package import extension
from xlplugin.building.zip_package import package_of, parts_of
from xlplugin.install.install_steps import content
from xlplugin.install.machine import Machine

ADDIN, EXTENSION = "ogi.xlam", "ogi.oxt"
XLWINGS = "0.37.8"
"""The xlwings whose VBA is in the files as built: on a Mac it looks for a script by this number."""

_ROOT = Path(__file__).parents[2]
_SETTINGS_PART = "xl/worksheets/sheet2.xml"
_CELL = r'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'
_ROW = re.compile(
    r'<row r="(\d+)">'
    + _CELL.format(ref=r"A\1", text="([^<]+)")
    + "(?:"
    + _CELL.format(ref=r"B\1", text="([^<]*)")
    + ")?</row>"
)


class Missing(Exception):
    """A file to install is nowhere to be found."""


def folders(machine: Machine) -> list[Path]:
    """Where the built files may be: named by hand, in the package, in the source tree, beside this Python."""
    named = machine.environ.get("OGI_TEMPLATES")
    beside = [folder / "templates" for folder in (machine.python.parent, *machine.python.parents[1:3])]
    return [*([Path(named)] if named else []), _ROOT / "xlplugin" / "templates", _ROOT / "templates", *beside]


def addin(machine: Machine) -> bytes:
    """The add-in as it was built. Raises Missing."""
    for folder in folders(machine):
        if (data := content(folder / ADDIN)) is not None:
            return data
    raise Missing(ADDIN)


def oxt(machine: Machine) -> bytes:
    """The extension as it was built; it can be built here, for it is text only."""
    for folder in folders(machine):
        if (data := content(folder / EXTENSION)) is not None:
            return data
    return extension()


def settings_of(package: bytes) -> dict[str, str]:
    """The settings written into an add-in. ValueError if it is not ours."""
    return {name: unescape(value) for _, name, value in _ROW.findall(_sheet(_parts(package)))}


def with_settings(package: bytes, **settings: str) -> bytes:
    """The add-in's bytes with other settings, of those it has. ValueError if it is not ours."""
    parts = _parts(package)
    written = set()

    def row(match: re.Match[str]) -> str:
        number, name, old = match[1], match[2], match[3] or ""
        written.add(name)
        value = escape(settings[name]) if name in settings else old
        cells = _CELL.format(ref=f"A{number}", text=name) + (
            _CELL.format(ref=f"B{number}", text=value) if value else ""
        )
        return f'<row r="{number}">{cells}</row>'

    parts[_SETTINGS_PART] = _ROW.sub(row, _sheet(parts)).encode()
    if not set(settings) <= written:
        raise ValueError("this is not our add-in: it has other settings")
    return package_of(parts)


def same_addin(one: bytes, other: bytes) -> bool:
    """Whether two add-ins are the same version: they differ in nothing but settings."""
    try:
        first, second = ({**_parts(each), _SETTINGS_PART: b""} for each in (one, other))
    except ValueError:
        return False
    return first == second


def _parts(package: bytes) -> dict[str, bytes]:
    try:
        return parts_of(package)
    except (zipfile.BadZipFile, OSError, RuntimeError) as error:
        raise ValueError(f"this is not our add-in: {error}") from error


def _sheet(parts: dict[str, bytes]) -> str:
    if _SETTINGS_PART not in parts:
        raise ValueError("this is not our add-in: it has no sheet with settings")
    return parts[_SETTINGS_PART].decode("utf-8")
