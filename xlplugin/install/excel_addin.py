"""Excel: whether it is installed, the add-in with the Python it runs, and what must be set for its buttons to work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path, PureWindowsPath
from typing import NamedTuple

from xlplugin.building.addin_settings import write_addin_settings
from xlplugin.install.install_steps import Step, file_step, registry_step, setting_step
from xlplugin.install.machine import (
    DWORD,
    Machine,
    RegistryValue,
    button_python,
    config_folder,
    mac_application,
    read_built_file,
)

ADDIN = "ogi.xlam"
XLWINGS = "0.37.8"
"""The xlwings whose VBA is in the files as built: on a Mac it looks for a script by this number."""

OFFICE = r"HKCU\Software\Microsoft\Office"
POLICIES = r"HKCU\Software\Policies\Microsoft\Office"
NEWEST = "16.0"
"""The version that Excel 2016 and every later one calls itself."""

_SHORT = ("LOCALAPPDATA", "APPDATA", "USERPROFILE")
"""Folders that xlwings' VBA finds by a variable: so no Chinese name of a user is in the file that it reads."""


class FileNotFound(Exception):
    """A file to install is nowhere to be found; the argument names it."""


class ExcelServer(NamedTuple):
    """The program that Windows starts when `Excel.Application` is asked for."""

    program: str
    is_wps: bool


def find_server(machine: Machine) -> ExcelServer | None:
    """Return what Windows starts as `Excel.Application`; None where nothing is registered."""
    registry = machine.registry
    current = registry.text(r"HKCR\Excel.Application\CurVer") or "Excel.Application"
    number = registry.text(rf"HKCR\{current}\CLSID") or registry.text(r"HKCR\Excel.Application\CLSID")
    for classes in (r"HKCR\CLSID", r"HKCR\WOW6432Node\CLSID") if number else ():
        if program := registry.text(rf"{classes}\{number}\LocalServer32"):
            return ExcelServer(program, bool(re.search(r"kingsoft|wps|[\\/]et\.exe", program, re.IGNORECASE)))
    return None


def is_supported(machine: Machine) -> bool:
    """Return whether Excel exists for this kind of computer."""
    return machine.platform in {"win32", "darwin"}


def is_installed(machine: Machine) -> bool:
    """Return whether Excel itself is installed, whichever program is registered in its name."""
    if machine.platform == "darwin":
        return mac_application(machine, "Microsoft Excel.app") is not None
    if machine.registry.text(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe"):
        return True
    server = find_server(machine)
    return server is not None and not server.is_wps


def list_versions(machine: Machine) -> list[str]:
    """Return the versions of Excel that have settings of this user; the newest one, if none has yet."""
    named = (name for name in machine.registry.list_subkeys(OFFICE) if re.fullmatch(r"1[4-9]\.0", name))
    return [name for name in named if machine.registry.has_key(rf"{OFFICE}\{name}\Excel")] or [NEWEST]


def list_steps(machine: Machine, trust: Path | None = None) -> Iterator[Step]:
    """Yield what must be done for Excel. Raises FileNotFound; UnicodeEncodeError for a folder that VBA cannot read."""
    python = {interpreter_name(machine): str(button_python(machine))}
    yield file_step("addin", addin_path(machine), write_addin_settings(read_built_addin(machine), **python))
    yield interpreter_step(machine)
    if machine.platform == "darwin":
        script = find_script()
        if script is None:
            raise FileNotFound("xlwings")
        yield file_step("script", script_path(machine), script.read_bytes())
        return
    for version in list_versions(machine):
        yield trust_step(machine, version, startup_folder(machine))
        if trust is not None:
            yield trust_step(machine, version, trust, own=True)


# Where things belong


def read_built_addin(machine: Machine) -> bytes:
    """Return the add-in as it was built. Raises FileNotFound."""
    data = read_built_file(machine, ADDIN)
    if data is None:
        raise FileNotFound(ADDIN)
    return data


def startup_folder(machine: Machine) -> Path:
    """Return the folder whose files Excel opens when it starts."""
    if machine.platform == "darwin":
        content = "Library/Group Containers/UBF8T346G9.Office/User Content.localized"
        return machine.home / content / "Startup.localized" / "Excel"
    return config_folder(machine, roaming=True) / "Microsoft" / "Excel" / "XLSTART"


def addin_path(machine: Machine) -> Path:
    """Return where the add-in belongs."""
    return startup_folder(machine) / ADDIN


def xlwings_settings_path(machine: Machine) -> Path:
    """Return where the user's own configuration of xlwings is."""
    if machine.platform == "darwin":
        return machine.home / "Library" / "Containers" / "com.microsoft.Excel" / "Data" / "xlwings.conf"
    return machine.home / ".xlwings" / "xlwings.conf"


def script_path(machine: Machine) -> Path:
    """Return where the script belongs that Excel on a Mac runs Python by: the only folder it runs scripts of."""
    scripts = machine.home / "Library" / "Application Scripts" / "com.microsoft.Excel"
    return scripts / f"xlwings-{XLWINGS}.applescript"


def find_script() -> Path | None:
    """Return that script in the xlwings package, outside its PRO part; None where xlwings is not installed."""
    spec = find_spec("xlwings")
    if spec is None or spec.origin is None:
        return None
    return next(iter(sorted(Path(spec.origin).parent.glob("xlwings-*.applescript"))), None)


# The Python for workbooks with buttons of their own, in xlwings' configuration


def interpreter_name(machine: Machine) -> str:
    """Return what xlwings' settings call the Python on this platform."""
    return "INTERPRETER_MAC" if machine.platform == "darwin" else "INTERPRETER_WIN"


def settings_encoding(machine: Machine) -> str:
    """Return the encoding that VBA reads files in; on Windows `OGI_ANSI` names it for a computer of the tests."""
    return "utf-8" if machine.platform == "darwin" else machine.environ.get("OGI_ANSI") or "mbcs"


def interpreter_step(machine: Machine) -> Step:
    """Return the step that names the Python in xlwings' configuration."""
    text = str(button_python(machine))
    for name in _SHORT if machine.platform == "win32" else ():
        folder = machine.environ.get(name, "").rstrip("\\/")
        if folder and text.lower().startswith((folder.lower() + "\\", folder.lower() + "/")):
            text = f"%{name}%{text[len(folder) :]}"
            break
    path, line_end = xlwings_settings_path(machine), b"\r\n" if machine.platform == "win32" else b"\n"
    return setting_step(path, interpreter_name(machine), text, settings_encoding(machine), line_end)


def expand_variables(machine: Machine, text: str) -> str:
    """Return a path with each %NAME% in it replaced by the variable's value."""
    variables = {name.upper(): value for name, value in machine.environ.items()}
    return re.sub("%([^%]+)%", lambda match: variables.get(match[1].upper(), match[0]), text)


# Excel's security settings


def trust_step(machine: Machine, version: str, folder: Path, *, own: bool = False) -> Step:
    """Return the step that makes a folder a trusted location: the location there is, or a new one.

    A folder of the user's own is trusted with the folders in it.
    """
    base = rf"{OFFICE}\{version}\Excel\Security\Trusted Locations"
    name, taken = "trusted_own" if own else "trusted", machine.registry.list_subkeys(base)
    for location in taken:
        value = machine.registry.value(rf"{base}\{location}", "Path")
        if value is not None and _is_same_folder(machine, str(value.data), folder):
            return registry_step(machine, name, rf"{base}\{location}", {"Path": value})
    # Both kinds of step are listed before either is made: they count from different numbers.
    number = next(n for n in range(40 if own else 20, 1000) if f"location{n}" not in map(str.lower, taken))
    values = {"Path": RegistryValue(str(folder).rstrip("\\/") + "\\"), "Description": RegistryValue("ogi")}
    within = {"AllowSubfolders": RegistryValue(1, DWORD)} if own else {}
    return registry_step(machine, name, rf"{base}\Location{number}", values | within)


def _is_same_folder(machine: Machine, text: str, folder: Path) -> bool:
    one, other = (PureWindowsPath(path.rstrip("\\/")) for path in (expand_variables(machine, text), str(folder)))
    return one == other


def is_too_wide(machine: Machine, folder: Path) -> bool:
    """Return whether a folder is too much to trust: a disk, a share, or where untrusted files are saved."""
    text = str(folder)
    if text.startswith(("\\\\", "//")) or folder.parent == folder or not PureWindowsPath(text).name:
        return True
    home = machine.home
    return folder in {home, *home.parents, *(home / name for name in ("Downloads", "Desktop", "Documents"))}


def read_security_setting(machine: Machine, version: str, name: str, place: str = r"Excel\Security") -> int | None:
    """Return a number from Excel's security settings: what the administrator set, else what the user did."""
    for base in (POLICIES, OFFICE):
        value = machine.registry.value(rf"{base}\{version}\{place}", name)
        if value is not None and isinstance(value.data, int):
            return value.data
    return None


def is_disabled(machine: Machine, version: str) -> bool:
    """Return whether Excel has the add-in on its list of those that made it crash."""
    items = machine.registry.list_values(rf"{OFFICE}\{version}\Excel\Resiliency\DisabledItems")
    wanted = ADDIN.encode("utf-16-le")
    return any(isinstance(item.data, bytes) and wanted in item.data.lower() for item in items.values())
