"""`ogi doctor`: examines one by one all that the buttons need. It changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from workbook.safety.isolated_process import python_command
from workbook.safety.messages import Bilingual, load_messages
from xlplugin.building.addin_settings import is_same_addin, read_addin_settings
from xlplugin.install import excel_addin, libreoffice_extension
from xlplugin.install.install_steps import find_setting
from xlplugin.install.machine import Machine, console_python, read_file

MESSAGES = load_messages("xlplugin.install")
SERIES = excel_addin.XLWINGS.rpartition(".")[0] + "."
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
"""Run by every Python that a button would run, in a process of its own."""


class Level(Enum):
    """How much a remark matters."""

    GOOD = "good"
    NOTE = "note"
    MEND = "mend"


class Remark(NamedTuple):
    """One thing that was examined: how it is, and what to do."""

    level: Level
    key: str
    """The key of its text in `[doctor]` of messages.toml."""
    text: Bilingual
    fix: Bilingual | None


def _remark(level: Level, key: str, fix: str = "", **values: object) -> Remark:
    text = MESSAGES.get(f"doctor.{key}", **values)
    return Remark(level, key, text, MESSAGES.get(f"fix.{fix}", **values) if fix else None)


_good, _note, _mend = (partial(_remark, level) for level in Level)


def examine_machine(machine: Machine) -> Iterator[Remark]:
    """Yield everything that is found out about a computer, in the order of cause and effect."""
    seen: set[Path] = set()
    yield from _examine_python(machine, machine.python, seen)
    if excel_addin.is_supported(machine):
        yield from _examine_excel(machine, seen)
    yield from _examine_libreoffice(machine, seen)


# Python


def _examine_python(machine: Machine, python: Path, seen: set[Path]) -> Iterator[Remark]:
    """Yield whether a Python can run the plugin. Each is examined once."""
    python = console_python(python)
    if python in seen:
        return
    seen.add(python)
    ended = machine.run(python_command("-c", PROBE, python=python))
    found = _probe_answer(ended.output) if ended.code == 0 else None
    if found is None:
        why = ended.output.strip().rpartition("\n")[2][:200] or str(ended.code)
        yield _mend("python_fails", "python", path=python, why=why)
    elif found["xlwings"] is None:
        yield _mend("python_no_xlwings", "xlwings", path=python, python=python)
    elif not str(found["xlwings"]).startswith(SERIES):
        versions = {"found": found["xlwings"], "wanted": f"{SERIES}x"}
        yield _mend("python_other_xlwings", "xlwings", **versions, path=python, python=python)
    else:
        yield _good("python", path=python, version=found["python"], ogi=found["ogi"] or "?", xlwings=found["xlwings"])


def _probe_answer(output: str) -> dict[str, Any] | None:
    """Return what the probe printed, among whatever else was printed."""
    for line in output.splitlines():
        if line.startswith("ogi-probe "):
            answer: dict[str, Any] = json.loads(line.removeprefix("ogi-probe "))
            return answer
    return None


def _examine_named_python(
    machine: Machine, python: Path, gone: str, seen: set[Path], **values: object
) -> Iterator[Remark]:
    """Yield whether a Python that some setting names is there, and can run the plugin."""
    if python.is_file():
        yield from _examine_python(machine, python, seen)
    else:
        yield _mend(gone, "install", python=python, **values)


# Excel


def _examine_excel(machine: Machine, seen: set[Path]) -> Iterator[Remark]:
    server = excel_addin.find_server(machine)
    if not excel_addin.is_installed(machine):
        if server is not None and server.is_wps:
            yield _note("only_wps", "only_wps", program=server.program)
        else:
            yield _note("excel_none")
        return
    if server is None:
        yield _good("excel_found")
    elif server.is_wps:
        yield _mend("excel_wps", "wps", program=server.program)
    else:
        yield _good("excel", program=server.program)
    yield from _examine_addin(machine, seen)
    yield from _examine_interpreter(machine, seen)
    if machine.platform == "darwin":
        script, path = excel_addin.find_script(), excel_addin.script_path(machine)
        same = script is not None and read_file(path) == script.read_bytes()
        yield _good("script", path=path) if same else _mend("script_missing", "install", path=path)
        return
    for version in excel_addin.list_versions(machine):
        yield _examine_trust(machine, version)
        yield from _examine_macros(machine, version)


def _examine_addin(machine: Machine, seen: set[Path]) -> Iterator[Remark]:
    path = excel_addin.addin_path(machine)
    data = read_file(path)
    if data is None:
        yield _mend("addin_missing", "install", path=path)
        return
    try:
        python = read_addin_settings(data).get(excel_addin.interpreter_name(machine), "")
    except ValueError:
        python = ""
    if not python:
        yield _mend("addin_unknown", "reinstall", path=path)
        return
    try:
        same = is_same_addin(data, excel_addin.read_built_addin(machine))
        yield _good("addin", path=path) if same else _mend("addin_other", "reinstall", path=path)
    except excel_addin.FileNotFound as missing:
        yield _note("shipped_missing", "package", file=missing)
    if machine.platform == "darwin" and " " in python:
        yield _mend("mac_space", "mac_space", python=python)
    named = Path(excel_addin.expand_variables(machine, python))
    yield from _examine_named_python(machine, named, "addin_no_python", seen)
    for version in excel_addin.list_versions(machine) if machine.platform == "win32" else []:
        if excel_addin.is_disabled(machine, version):
            yield _mend("addin_disabled", "disabled")
        if excel_addin.read_security_setting(machine, version, "DisableAllAddins"):
            yield _mend("addins_off", "addins_off")


def _examine_interpreter(machine: Machine, seen: set[Path]) -> Iterator[Remark]:
    path = excel_addin.xlwings_settings_path(machine)
    lines = find_setting(read_file(path) or b"", excel_addin.interpreter_name(machine))
    if not lines:
        yield _mend("interpreter_missing", "install", path=path)
        return
    named = lines[0].split(b",", 1)[-1].decode(excel_addin.settings_encoding(machine), "replace").strip().strip('"')
    python = Path(excel_addin.expand_variables(machine, named))
    if python.is_file():
        yield _good("interpreter", python=python)
    yield from _examine_named_python(machine, python, "interpreter_gone", seen, path=path)


def _examine_trust(machine: Machine, version: str) -> Remark:
    folder, setting = excel_addin.startup_folder(machine), partial(excel_addin.read_security_setting, machine, version)
    if setting("AllLocationsDisabled", r"Excel\Security\Trusted Locations"):
        return _mend("trusted_off", "trusted_off", version=version)
    if setting("Allow User Locations", r"Common\Security\Trusted Locations") == 0:
        return _mend("trusted_policy", "trusted_policy", version=version)
    if excel_addin.trust_step(machine, version, folder).is_done:
        return _good("trusted", version=version, path=folder)
    return _mend("trusted_missing", "install", version=version, path=folder)


def _examine_macros(machine: Machine, version: str) -> Iterator[Remark]:
    """Yield what Excel does with macros: the add-in is in a trusted location and always runs; workbooks may not."""
    notes = {1: ("macros_all", ""), 3: ("macros_signed", "macros"), 4: ("macros_none", "macros")}
    setting = excel_addin.read_security_setting(machine, version, "VBAWarnings")
    if setting in notes:
        key, fix = notes[setting]
        yield _note(key, fix, version=version)
    else:
        yield _good("macros", version=version)
    if excel_addin.read_security_setting(machine, version, "blockcontentexecutionfrominternet"):
        yield _note("macros_internet", "unblock", version=version)


# LibreOffice


def _examine_libreoffice(machine: Machine, seen: set[Path]) -> Iterator[Remark]:
    program = libreoffice_extension.find_libreoffice(machine)
    if program is None:
        yield _note("libreoffice_none")
        return
    yield _good("libreoffice", program=program)
    profile = libreoffice_extension.profile_folder(machine)
    if not profile.is_dir():
        yield _note("profile_none", path=profile)
    if libreoffice_extension.read_installed(profile) is None:
        yield _mend("extension_missing", "install", path=profile)
    elif libreoffice_extension.extension_step(machine).is_done:
        yield _good("extension", path=profile)
    else:
        yield _mend("extension_other", "reinstall_libreoffice", path=profile)
    yield from _examine_settings(machine, seen)


def _examine_settings(machine: Machine, seen: set[Path]) -> Iterator[Remark]:
    path = libreoffice_extension.settings_path(machine)
    data = read_file(path)
    if data is None:
        yield _mend("settings_missing", "install", path=path)
        return
    try:
        python = Path(str(json.loads(data)["python"]))
    except (ValueError, KeyError, TypeError) as error:
        yield _mend("settings_broken", "install", path=path, why=error)
        return
    yield from _examine_named_python(machine, python, "settings_gone", seen, path=path)
    if not python.is_file():
        return
    if libreoffice_extension.can_import_uno(machine, console_python(python)):
        yield _good("uno", python=python)
    else:
        yield _mend("uno_missing", "uno_linux" if machine.platform == "linux" else "uno_other", python=python)
