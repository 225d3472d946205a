"""Excel: whether it is there, and what has to be changed for its buttons to find Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PureWindowsPath

from xlplugin.install import built_files as shipped
from xlplugin.install import user_folders as places
from xlplugin.install.install_steps import RegistryKey, Setting, Step, WriteFile
from xlplugin.install.machine import DWORD, Machine, Value

OFFICE = r"HKCU\Software\Microsoft\Office"
POLICIES = r"HKCU\Software\Policies\Microsoft\Office"
NEWEST = "16.0"
"""Excel 2016 and every later one call themselves so."""

_SHORT = ("LOCALAPPDATA", "APPDATA", "USERPROFILE")
"""Folders that xlwings' VBA finds by a variable: then no Chinese name of a user stands in the file it reads."""


@dataclass(frozen=True)
class Owner:
    """Which program answers when `Excel.Application` is asked for."""

    program: str
    wps: bool


def owner(machine: Machine) -> Owner | None:
    """What Windows starts as `Excel.Application`; None where nothing is registered."""
    registry = machine.registry
    current = _text(registry.value(r"HKCR\Excel.Application\CurVer", "")) or "Excel.Application"
    number = _text(registry.value(rf"HKCR\{current}\CLSID", "")) or _text(
        registry.value(r"HKCR\Excel.Application\CLSID", "")
    )
    keys = [rf"HKCR\CLSID\{number}\LocalServer32", rf"HKCR\WOW6432Node\CLSID\{number}\LocalServer32"] if number else []
    for key in keys:
        if program := _text(registry.value(key, "")):
            return Owner(program, bool(re.search(r"kingsoft|wps|[\\/]et\.exe", program, re.IGNORECASE)))
    return None


def present(machine: Machine) -> bool:
    """Whether Excel itself is installed, whoever answers in its name."""
    if machine.platform == "darwin":
        return any((folder / "Microsoft Excel.app").is_dir() for folder in places.applications(machine))
    key = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"
    if _text(machine.registry.value(key, "")):
        return True
    found = owner(machine)
    return found is not None and not found.wps


def supported(machine: Machine) -> bool:
    """Whether this is a computer that Excel exists for."""
    return machine.platform in {"win32", "darwin"}


def versions(machine: Machine) -> list[str]:
    """The versions of Excel that have settings of this user; the newest one, if none has yet."""
    found = [
        version
        for version in machine.registry.subkeys(OFFICE)
        if re.fullmatch(r"1[4-9]\.0", version) and machine.registry.exists(rf"{OFFICE}\{version}\Excel")
    ]
    return found or [NEWEST]


def interpreter_setting(machine: Machine) -> str:
    """What xlwings' settings call the Python on this platform."""
    return "INTERPRETER_MAC" if machine.platform == "darwin" else "INTERPRETER_WIN"


def python(machine: Machine) -> Path:
    """The Python that the buttons are to run."""
    return places.windowed(machine.python) if machine.platform == "win32" else machine.python


def wanted_addin(machine: Machine) -> bytes:
    """The add-in for this computer. Raises shipped.Missing."""
    return shipped.with_settings(shipped.addin(machine), **{interpreter_setting(machine): str(python(machine))})


def addin_path(machine: Machine) -> Path:
    """Where the add-in belongs."""
    return places.excel_startup(machine) / shipped.ADDIN


def setting(machine: Machine) -> Setting:
    """The line in xlwings' configuration, for workbooks with buttons of their own."""
    text, path = str(python(machine)), places.xlwings_settings(machine)
    if machine.platform != "win32":
        return Setting(path, interpreter_setting(machine), text, "utf-8")
    for name in _SHORT:
        folder = machine.environ.get(name, "").rstrip("\\/")
        if folder and text.lower().startswith((folder.lower() + "\\", folder.lower() + "/")):
            text = f"%{name}%{text[len(folder) :]}"
            break
    return Setting(path, interpreter_setting(machine), text, ansi(machine))


def ansi(machine: Machine) -> str:
    """The one-byte encoding that VBA reads files in; `OGI_ANSI` says it for a computer that is not really there."""
    return machine.environ.get("OGI_ANSI") or "mbcs"


def script() -> Path | None:
    """The script that Excel on a Mac runs Python by: it is in the xlwings package, outside its PRO part."""
    spec = find_spec("xlwings")
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("xlwings-*.applescript"))), None)


def script_path(machine: Machine) -> Path:
    """Where it belongs, under the name our VBA calls it by."""
    return places.excel_scripts(machine) / f"xlwings-{shipped.XLWINGS}.applescript"


def steps(machine: Machine, trust: Path | None = None) -> Iterator[Step]:
    """What has to be done for Excel. Raises shipped.Missing, UnicodeEncodeError."""
    yield Step("addin", WriteFile(addin_path(machine), wanted_addin(machine)))
    one = setting(machine)
    one.line  # noqa: B018 - a name of a folder that VBA cannot read is refused before anything is done
    yield Step("interpreter", one)
    if machine.platform == "darwin":
        path = script()
        if path is None:
            raise shipped.Missing("xlwings")
        yield Step("script", WriteFile(script_path(machine), path.read_bytes()))
        return
    for version in versions(machine):
        yield Step("trusted", trusted(machine, version, places.excel_startup(machine), inside=False))
        if trust is not None:
            yield Step("trusted_own", trusted(machine, version, trust, inside=True))


def trusted(machine: Machine, version: str, folder: Path, *, inside: bool) -> RegistryKey:
    """A trusted location for the folder: the one there is, or a new one."""
    base = rf"{OFFICE}\{version}\Excel\Security\Trusted Locations"
    taken = machine.registry.subkeys(base)
    for name in taken:
        value = machine.registry.value(rf"{base}\{name}", "Path")
        if value is not None and _same_folder(machine, str(value.data), folder):
            return RegistryKey(rf"{base}\{name}", {"Path": value})
    # Both kinds are asked for before either is made: they count from different numbers.
    number = next(n for n in range(40 if inside else 20, 1000) if f"Location{n}" not in taken)
    values = {"Path": Value(str(folder).rstrip("\\/") + "\\"), "Description": Value("ogi")}
    return RegistryKey(rf"{base}\Location{number}", values | ({"AllowSubfolders": Value(1, DWORD)} if inside else {}))


def expanded(machine: Machine, text: str) -> str:
    """A path with the variables in it, %NAME%, replaced by what they stand for."""
    variables = {name.upper(): value for name, value in machine.environ.items()}
    return re.sub(r"%([^%]+)%", lambda match: variables.get(match[1].upper(), match[0]), text)


def _same_folder(machine: Machine, text: str, folder: Path) -> bool:
    text = expanded(machine, text)
    return PureWindowsPath(text.rstrip("\\/")) == PureWindowsPath(str(folder).rstrip("\\/"))


def too_wide(machine: Machine, folder: Path) -> bool:
    """Whether a folder is too much to trust: a disk, a share, or where strangers' files come to lie."""
    text = str(folder)
    if text.startswith(("\\\\", "//")) or folder.parent == folder or not PureWindowsPath(text).name:
        return True
    home = machine.home
    everywhere = {home, *home.parents, *(home / name for name in ("Downloads", "Desktop", "Documents"))}
    return folder in everywhere


def _text(value: Value | None) -> str:
    return str(value.data) if value is not None and isinstance(value.data, str) else ""


def switched(machine: Machine, version: str, name: str, place: str = r"Excel\Security") -> int | None:
    """A number from Excel's security settings: what the administrator set, else what the user did."""
    for base in (POLICIES, OFFICE):
        value = machine.registry.value(rf"{base}\{version}\{place}", name)
        if value is not None and isinstance(value.data, int):
            return value.data
    return None


def disabled(machine: Machine, version: str) -> bool:
    """Whether Excel put the add-in on its list of those that made it crash."""
    items = machine.registry.values(rf"{OFFICE}\{version}\Excel\Resiliency\DisabledItems")
    wanted = shipped.ADDIN.encode("utf-16-le")
    return any(isinstance(item.data, bytes) and wanted in item.data.lower() for item in items.values())
