"""LibreOffice: where it is, its extension in the user's profile, and the file that names the Python to run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from workbook.safety import owned_folders
from workbook.safety.isolated_process import python_command
from xlplugin.building.extension_package import build_extension
from xlplugin.building.zip_package import build_package, read_parts
from xlplugin.install.install_steps import Facts, Step, file_step, from_json, sha256, to_json
from xlplugin.install.machine import (
    Machine,
    button_python,
    config_folder,
    mac_application,
    read_built_file,
    read_file,
)

EXTENSION = "ogi.oxt"
IDENTIFIER = "ogi.workbook"
_LISTED = "registry/com.sun.star.comp.deployment.bundle.PackageRegistryBackend/backenddb.xml"
_ENTRY = re.compile(r'<ext:extension url="[^"]*/uno_packages/([^"]+)">')
"""An extension that is installed. One that was removed may leave its folder; one switched off has `revoked="true"`."""

_BRIDGE = [Path("/usr/lib/python3/dist-packages") / name for name in ("uno.py", "unohelper.py")]
_SYSTEM_PYTHON = "/usr/bin/python3"
_VERSION_SCRIPT = (
    "import json, sys; print(json.dumps([sys.prefix != sys.base_prefix, sys.base_prefix, *sys.version_info[:2]]))"
)


class ExtensionRefused(OSError):
    """LibreOffice would not add or remove the extension; the argument is what it printed."""


def find_libreoffice(machine: Machine) -> Path | None:
    """Return the program soffice; `OGI_SOFFICE` names it where it is in an unusual place, or is "none"."""
    if named := machine.environ.get("OGI_SOFFICE"):
        return Path(named).absolute() if Path(named).is_file() else None
    if machine.platform == "win32":
        bases = (r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\WOW6432Node", r"HKCU\Software")
        folders = (machine.registry.text(rf"{base}\LibreOffice\UNO\InstallPath") for base in bases)
        programs = (Path(folder) / "soffice.exe" for folder in folders if folder)
        return next((program for program in programs if program.is_file()), None)
    if machine.platform == "darwin":
        return mac_application(machine, "LibreOffice.app/Contents/MacOS/soffice")
    found = machine.find_program("soffice") or machine.find_program("libreoffice")
    return found.resolve() if found else None


def settings_path(machine: Machine) -> Path:
    """Return the file that the extension reads (`settings_path` in `oxt/ogi_job.py` says the same)."""
    named = machine.environ.get("OGI_LIBREOFFICE")
    return Path(named) if named else config_folder(machine) / "ogi" / "libreoffice.json"


def profile_folder(machine: Machine) -> Path:
    """Return the user's LibreOffice profile; `OGI_LIBREOFFICE_PROFILE` names another."""
    if named := machine.environ.get("OGI_LIBREOFFICE_PROFILE"):
        return Path(named)
    name = "libreoffice" if machine.platform == "linux" else "LibreOffice"
    return config_folder(machine, roaming=True) / name / "4"


def list_steps(machine: Machine) -> Iterator[Step]:
    """Yield what must be done for LibreOffice."""
    settings = json.dumps({"python": str(button_python(machine))}, ensure_ascii=False) + "\n"
    yield file_step("settings", settings_path(machine), settings.encode())
    yield from bridge_steps(machine)
    yield extension_step(machine)


def bridge_steps(machine: Machine) -> Iterator[Step]:
    """Yield the two files of LibreOffice's bridge that this virtual environment lacks and could use.

    A Linux distribution puts the bridge into its own Python; a virtual environment made with that very Python can use
    it, but does not find it.
    """
    if machine.platform != "linux" or not all(path.is_file() for path in _BRIDGE):
        return
    find_packages = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(machine.run(python_command("-c", find_packages, python=machine.python)).output)
    ours = any((packages / path.name).is_file() for path in _BRIDGE)
    if not ours and can_import_uno(machine, machine.python):
        return
    runs = (
        machine.run(python_command("-c", _VERSION_SCRIPT, python=name)) for name in (machine.python, _SYSTEM_PYTHON)
    )
    try:
        (in_environment, *base), (_, *system) = (json.loads(run.output) for run in runs)
    except ValueError:
        return
    if in_environment and base[1:] == system[1:]:
        for path in _BRIDGE:
            yield file_step("bridge", packages / path.name, path.read_bytes())


def can_import_uno(machine: Machine, python: Path) -> bool:
    """Return whether a Python has the bridge to LibreOffice."""
    return machine.run(python_command("-c", "import uno", python=python)).code == 0


def read_built_extension(machine: Machine) -> bytes:
    """Return the extension as it was built; where it is nowhere, it is built here, for it is text only."""
    return read_built_file(machine, EXTENSION) or build_extension()


def extension_step(machine: Machine) -> Step:
    """Return the step that puts our extension into the user's profile."""
    data, profile = read_built_extension(machine), profile_folder(machine)
    before, after = read_installed(profile), _in_order(read_parts(data))
    facts: Facts = {"profile": str(profile), "before": to_json(before), "after": sha256(after)}
    make = partial(add_extension, machine, profile, data)
    return Step("extension", "extension", str(profile), before == after, facts, make)


def undo_extension(machine: Machine, facts: Facts) -> bool:
    """Put back the extension that was there before, or none; False where it was changed since, and is left."""
    profile, before = Path(facts["profile"]), from_json(facts["before"])
    now = read_installed(profile)
    if now == before:
        return True
    if now is None or sha256(now) != facts["after"]:
        return False
    if before is None:
        _run_unopkg(machine, profile, "remove", IDENTIFIER)
    else:
        add_extension(machine, profile, before)
    return True


def read_installed(profile: Path) -> bytes | None:
    """Return the extension that is registered in a profile, as a package; read from its files, without LibreOffice."""
    packages = profile / "user" / "uno_packages" / "cache"
    listed = (read_file(packages / _LISTED) or b"").decode("utf-8", "replace")
    for folder in (packages / "uno_packages" / name for name in _ENTRY.findall(listed)):
        if f'identifier value="{IDENTIFIER}"'.encode() in (read_file(folder / "description.xml") or b""):
            files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
            return _in_order({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})
    return None


def _in_order(parts: Mapping[str, bytes]) -> bytes:
    return build_package(dict(sorted(parts.items())))


def add_extension(machine: Machine, profile: Path, data: bytes) -> None:
    """Put a package into a profile, instead of the version that is there. Raises OSError."""
    with owned_folders.scratch_folder() as folder:
        path = folder / EXTENSION
        path.write_bytes(data)
        _run_unopkg(machine, profile, "add", str(path))
    if read_installed(profile) is None:
        raise ExtensionRefused(str(profile))


def _run_unopkg(machine: Machine, profile: Path, verb: str, what: str) -> None:
    """Run LibreOffice's program for extensions; for root, whom it refuses, `extension_manager`. Raises OSError."""
    soffice = find_libreoffice(machine)
    if soffice is None:
        raise ExtensionRefused("soffice")
    command: list[str | Path]
    if machine.is_root:
        manager = python_command("-m", "xlplugin.install.extension_manager", python=machine.python)
        command = [*manager, verb, soffice, profile, what]
    else:
        flags = ["--force", "--suppress-license"] if verb == "add" else []
        if machine.environ.get("OGI_LIBREOFFICE_PROFILE"):
            flags.append(f"-env:UserInstallation={profile.as_uri()}")
        unopkg = soffice.with_name("unopkg.com" if machine.platform == "win32" else "unopkg")
        command = [unopkg, verb, *flags, what]
    ended = machine.run(command)
    if ended.code:
        raise ExtensionRefused(ended.output or f"unopkg {ended.code}")
