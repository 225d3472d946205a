"""`ogi doctor`: what the buttons need, looked at one by one. It changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from workbook.isolated_process import python_command
from workbook.safety.messages import Bilingual, load_messages
from xlplugin.setup import excel, libreoffice, places, shipped
from xlplugin.setup.changes import content, lines_of
from xlplugin.setup.machine import Machine

messages = load_messages("xlplugin.setup")

SERIES = shipped.XLWINGS.rpartition(".")[0] + "."
"""What the version of xlwings must begin with."""

PROBE = """
import json, sys
from importlib.metadata import PackageNotFoundError, version
NAMES = {"ogi": "ogi-workbook", "xlwings": "xlwings"}
def of(name):
    try: return version(name)
    except PackageNotFoundError: return None
import xlplugin
print("ogi-probe " + json.dumps({"python": sys.version.split()[0], **{key: of(NAMES[key]) for key in NAMES}}))
"""
"""Asked of every Python that a button would run, in a process of its own."""


class Level(Enum):
    """How much a remark matters."""

    GOOD = "good"
    NOTE = "note"
    MEND = "mend"


@dataclass(frozen=True)
class Remark:
    """One thing that was looked at: what is, and what to do."""

    level: Level
    key: str
    words: Bilingual
    fix: Bilingual | None = None


def good(key: str, **facts: object) -> Remark:
    """All as it should be."""
    return Remark(Level.GOOD, key, messages.get(f"doctor.{key}", **facts))


def note(key: str, fix: str | None = None, **facts: object) -> Remark:
    """Worth knowing."""
    return Remark(
        Level.NOTE, key, messages.get(f"doctor.{key}", **facts), messages.get(f"fix.{fix}", **facts) if fix else None
    )


def mend(key: str, fix: str, **facts: object) -> Remark:
    """To be mended, and how."""
    return Remark(Level.MEND, key, messages.get(f"doctor.{key}", **facts), messages.get(f"fix.{fix}", **facts))


def remarks(machine: Machine) -> Iterator[Remark]:
    """Everything that can be said of this computer, in the order of cause and effect."""
    seen: set[Path] = set()
    yield from _python(machine, machine.python, seen)
    if excel.supported(machine):
        yield from _excel(machine, seen)
    yield from _libreoffice(machine, seen)


# Python


def _python(machine: Machine, python: Path, seen: set[Path]) -> Iterator[Remark]:
    """Whether a Python can run the plugin. Each is asked once."""
    python = places.console(python)
    if python in seen:
        return
    seen.add(python)
    ended = machine.run(python_command("-c", PROBE, python=python))
    about = _answer(ended.said) if ended.code == 0 else None
    if about is None:
        why = ended.said.strip().rpartition("\n")[2][:200] or str(ended.code)
        yield mend("python_fails", "python", path=python, why=why)
    elif about["xlwings"] is None:
        yield mend("python_no_xlwings", "xlwings", path=python, python=python)
    elif not str(about["xlwings"]).startswith(SERIES):
        facts = {"found": about["xlwings"], "wanted": f"{SERIES}x", "path": python, "python": python}
        yield mend("python_other_xlwings", "xlwings", **facts)
    else:
        yield good("python", path=python, version=about["python"], ogi=about["ogi"] or "?", xlwings=about["xlwings"])


def _answer(said: str) -> dict[str, Any] | None:
    """What the probe printed, among whatever else was printed."""
    for line in said.splitlines():
        if line.startswith("ogi-probe "):
            read: dict[str, Any] = json.loads(line.removeprefix("ogi-probe "))
            return read
    return None


# Excel


def _excel(machine: Machine, seen: set[Path]) -> Iterator[Remark]:
    owner = excel.owner(machine)
    if not excel.present(machine):
        if owner is not None and owner.wps:
            yield note("only_wps", "only_wps", program=owner.program)
        else:
            yield note("excel_none")
        return
    if owner is not None and owner.wps:
        yield mend("excel_wps", "wps", program=owner.program)
    else:
        yield good("excel", program=owner.program) if owner else good("excel_found")
    yield from _addin(machine, seen)
    yield from _interpreter(machine, seen)
    if machine.platform == "darwin":
        yield from _script(machine)
        return
    for version in excel.versions(machine):
        yield from _trust(machine, version)
        yield from _macros(machine, version)


def _addin(machine: Machine, seen: set[Path]) -> Iterator[Remark]:
    path = excel.addin_path(machine)
    data = content(path)
    if data is None:
        yield mend("addin_missing", "install", path=path)
        return
    try:
        python = shipped.settings_of(data).get(excel.interpreter_setting(machine), "")
    except ValueError:
        python = ""
    if not python:
        yield mend("addin_unknown", "reinstall", path=path)
        return
    try:
        same = shipped.same_addin(data, shipped.addin(machine))
        yield good("addin", path=path) if same else mend("addin_other", "reinstall", path=path)
    except shipped.Missing as missing:
        yield note("shipped_missing", "package", file=missing)
    if machine.platform == "darwin" and " " in python:
        yield mend("mac_space", "mac_space", python=python)
    yield from _named(machine, Path(excel.expanded(machine, python)), "addin_no_python", seen)
    for version in excel.versions(machine) if machine.platform == "win32" else []:
        if excel.disabled(machine, version):
            yield mend("addin_disabled", "disabled")
        if excel.switched(machine, version, "DisableAllAddins"):
            yield mend("addins_off", "addins_off")


def _named(machine: Machine, python: Path, gone: str, seen: set[Path], **facts: object) -> Iterator[Remark]:
    """Whether a Python that is written down somewhere is there, and good."""
    if not python.is_file():
        yield mend(gone, "install", python=python, **facts)
        return
    yield from _python(machine, python, seen)


def _interpreter(machine: Machine, seen: set[Path]) -> Iterator[Remark]:
    path = places.xlwings_settings(machine)
    lines = lines_of(content(path) or b"", excel.interpreter_setting(machine))
    if not lines:
        yield mend("interpreter_missing", "install", path=path)
        return
    encoding = "utf-8" if machine.platform == "darwin" else excel.ansi(machine)
    named = lines[0].split(b",", 1)[-1].decode(encoding, "replace").strip().strip('"')
    python = Path(excel.expanded(machine, named))
    if python.is_file():
        yield good("interpreter", python=python)
    yield from _named(machine, python, "interpreter_gone", seen, path=path)


def _script(machine: Machine) -> Iterator[Remark]:
    script = excel.script()
    path = excel.script_path(machine)
    same = script is not None and content(path) == script.read_bytes()
    yield good("script", path=path) if same else mend("script_missing", "install", path=path)


def _trust(machine: Machine, version: str) -> Iterator[Remark]:
    folder = places.excel_startup(machine)
    if excel.switched(machine, version, "AllLocationsDisabled", r"Excel\Security\Trusted Locations"):
        yield mend("trusted_off", "trusted_off", version=version)
    elif excel.switched(machine, version, "Allow User Locations", r"Common\Security\Trusted Locations") == 0:
        yield mend("trusted_policy", "trusted_policy", version=version)
    elif excel.trusted(machine, version, folder, inside=False).done(machine):
        yield good("trusted", version=version, path=folder)
    else:
        yield mend("trusted_missing", "install", version=version, path=folder)


def _macros(machine: Machine, version: str) -> Iterator[Remark]:
    """The add-in lies in a trusted location and runs whatever is set here; workbooks with buttons may not."""
    match excel.switched(machine, version, "VBAWarnings"):
        case 1:
            yield note("macros_all", version=version)
        case 3:
            yield note("macros_signed", "macros", version=version)
        case 4:
            yield note("macros_none", "macros", version=version)
        case _:
            yield good("macros", version=version)
    if excel.switched(machine, version, "blockcontentexecutionfrominternet"):
        yield note("macros_internet", "unblock", version=version)


# LibreOffice


def _libreoffice(machine: Machine, seen: set[Path]) -> Iterator[Remark]:
    program = libreoffice.soffice(machine)
    if program is None:
        yield note("libreoffice_none")
        return
    yield good("libreoffice", program=program)
    profile = places.libreoffice_profile(machine)
    if not profile.is_dir():
        yield note("profile_none", path=profile)
    wanted = libreoffice.Extension(shipped.oxt(machine), profile)
    if libreoffice.installed(profile) is None:
        yield mend("extension_missing", "install", path=profile)
    elif wanted.done(machine):
        yield good("extension", path=profile)
    else:
        yield mend("extension_other", "reinstall_libreoffice", path=profile)
    yield from _settings(machine, seen)


def _settings(machine: Machine, seen: set[Path]) -> Iterator[Remark]:
    path = places.settings(machine)
    data = content(path)
    if data is None:
        yield mend("settings_missing", "install", path=path)
        return
    try:
        python = Path(str(json.loads(data)["python"]))
    except (ValueError, KeyError, TypeError) as error:
        yield mend("settings_broken", "install", path=path, why=error)
        return
    if not python.is_file():
        yield mend("settings_gone", "install", python=python, path=path)
        return
    yield from _python(machine, python, seen)
    if machine.run(python_command("-c", "import uno", python=places.console(python))).code == 0:
        yield good("uno", python=python)
    else:
        yield mend("uno_missing", "uno_linux" if machine.platform == "linux" else "uno_other", python=python)
