"""Where things are, or belong, in a user's home: our own folder, and those of the spreadsheet programs."""

from __future__ import annotations

from pathlib import Path

from xlplugin.install.machine import Machine


def _variable(machine: Machine, name: str, *inside: str) -> Path:
    """The folder an environment variable names, else the usual one; `OGI_HOME` overrides both."""
    named = machine.environ.get(name) if not machine.environ.get("OGI_HOME") else None
    return Path(named) if named else machine.home.joinpath(*inside)


def ours(machine: Machine) -> Path:
    """Our own folder in the user's configuration: the record, and LibreOffice's settings file."""
    if machine.platform == "win32":
        return _variable(machine, "LOCALAPPDATA", "AppData", "Local") / "ogi"
    if machine.platform == "darwin":
        return machine.home / "Library" / "Application Support" / "ogi"
    return _variable(machine, "XDG_CONFIG_HOME", ".config") / "ogi"


def record(machine: Machine) -> Path:
    """The record of what was changed."""
    return ours(machine) / "installed.json"


def settings(machine: Machine) -> Path:
    """The file the LibreOffice extension reads (`settings_path` in `oxt/ogi_job.py` says the same)."""
    named = machine.environ.get("OGI_LIBREOFFICE")
    return Path(named) if named else ours(machine) / "libreoffice.json"


def excel_startup(machine: Machine) -> Path:
    """The folder whose files Excel opens when it starts."""
    if machine.platform == "darwin":
        content = "Library/Group Containers/UBF8T346G9.Office/User Content.localized"
        return machine.home / content / "Startup.localized" / "Excel"
    return _variable(machine, "APPDATA", "AppData", "Roaming") / "Microsoft" / "Excel" / "XLSTART"


def xlwings_settings(machine: Machine) -> Path:
    """The user's own configuration of xlwings."""
    if machine.platform == "darwin":
        return machine.home / "Library" / "Containers" / "com.microsoft.Excel" / "Data" / "xlwings.conf"
    return machine.home / ".xlwings" / "xlwings.conf"


def excel_scripts(machine: Machine) -> Path:
    """On a Mac: the only folder whose scripts Excel may run."""
    return machine.home / "Library" / "Application Scripts" / "com.microsoft.Excel"


def applications(machine: Machine) -> list[Path]:
    """On a Mac: where programs are installed."""
    own = machine.home / "Applications"
    return [own] if machine.environ.get("OGI_HOME") else [Path("/Applications"), own]


def libreoffice_profile(machine: Machine) -> Path:
    """The user's LibreOffice profile; `OGI_LIBREOFFICE_PROFILE` names another."""
    named = machine.environ.get("OGI_LIBREOFFICE_PROFILE")
    if named:
        return Path(named)
    if machine.platform == "win32":
        return _variable(machine, "APPDATA", "AppData", "Roaming") / "LibreOffice" / "4"
    if machine.platform == "darwin":
        return machine.home / "Library" / "Application Support" / "LibreOffice" / "4"
    return _variable(machine, "XDG_CONFIG_HOME", ".config") / "libreoffice" / "4"


def windowed(python: Path) -> Path:
    """The Python that opens no black window, where there is one beside this one."""
    quiet = python.with_name("pythonw.exe")
    return quiet if python.name.lower() == "python.exe" and quiet.is_file() else python


def console(python: Path) -> Path:
    """The Python that prints, where there is one beside this one."""
    speaking = python.with_name("python.exe")
    return speaking if python.name.lower() == "pythonw.exe" and speaking.is_file() else python
