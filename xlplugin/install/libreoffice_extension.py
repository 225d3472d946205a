"""LibreOffice: where it is, its extension in the user's profile, and the file that names the Python to run."""
# ruff: noqa: D102  what a method is for stands in the protocol

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbook import ownership
from workbook.isolated_process import python_command
from xlplugin.building.zip_package import package_of, parts_of
from xlplugin.install import built_files as shipped
from xlplugin.install import user_folders as places
from xlplugin.install.install_steps import Facts, Note, Step, Undone, WriteFile, content, kept, mark, unkept, unnoted
from xlplugin.install.machine import Ended, Machine

IDENTIFIER = "ogi.workbook"
_ID = f'identifier value="{IDENTIFIER}"'.encode()
_LISTED = "registry/com.sun.star.comp.deployment.bundle.PackageRegistryBackend/backenddb.xml"
_ENTRY = re.compile(r'<ext:extension url="[^"]*/uno_packages/([^"]+)">')
"""A removed extension may leave its folder behind, and one switched off is marked revoked: neither is listed so."""
_MANAGER = "xlplugin.install.extension_manager"


class Refused(OSError):
    """LibreOffice would not add or remove the extension; what it said."""


def soffice(machine: Machine) -> Path | None:
    """The program; `OGI_SOFFICE` names it where it is in an unusual place, or is "none"."""
    named = machine.environ.get("OGI_SOFFICE")
    if named:
        return Path(named).absolute() if Path(named).is_file() else None
    if machine.platform == "win32":
        return next((path for path in _on_windows(machine) if path.is_file()), None)
    if machine.platform == "darwin":
        inside = "LibreOffice.app/Contents/MacOS/soffice"
        return next((folder / inside for folder in places.applications(machine) if (folder / inside).is_file()), None)
    found = machine.which("soffice") or machine.which("libreoffice")
    return found.resolve() if found else None


def _on_windows(machine: Machine) -> Iterator[Path]:
    for base in (r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\WOW6432Node", r"HKCU\Software"):
        value = machine.registry.value(rf"{base}\LibreOffice\UNO\InstallPath", "")
        if value is not None:
            yield Path(str(value.data)) / "soffice.exe"


def unopkg(machine: Machine, program: Path) -> Path:
    """LibreOffice's own program for extensions, beside it."""
    return program.with_name("unopkg.com" if machine.platform == "win32" else "unopkg")


def steps(machine: Machine) -> Iterator[Step]:
    """What has to be done for LibreOffice."""
    said = json.dumps({"python": str(python(machine))}, ensure_ascii=False) + "\n"
    yield Step("settings", WriteFile(places.settings(machine), said.encode()))
    for path in bridge(machine):
        yield Step("bridge", WriteFile(site_packages(machine) / path.name, path.read_bytes()))
    yield Step("extension", Extension(shipped.oxt(machine), places.libreoffice_profile(machine)))


def python(machine: Machine) -> Path:
    """The Python that the buttons are to run."""
    return places.windowed(machine.python) if machine.platform == "win32" else machine.python


# The bridge from Python to LibreOffice. A distribution puts it into its own Python; a virtual environment made with
# that very Python can use it too, but does not see it.

_BRIDGE = Path("/usr/lib/python3/dist-packages")
_SYSTEM = "/usr/bin/python3"
_ABOUT = "import json, sys; print(json.dumps([sys.prefix != sys.base_prefix, sys.base_prefix, *sys.version_info[:2]]))"


def bridge(machine: Machine) -> list[Path]:
    """The two files that this virtual environment lacks and could use; none if it has them, or could not."""
    files = [_BRIDGE / name for name in ("uno.py", "unohelper.py")]
    if machine.platform != "linux" or not all(path.is_file() for path in files):
        return []
    if machine.run(python_command("-c", "import uno", python=machine.python)).code == 0 and not any(
        (site_packages(machine) / path.name).is_file() for path in files
    ):
        return []
    mine, its = (machine.run(python_command("-c", _ABOUT, python=name)) for name in (machine.python, _SYSTEM))
    try:
        (apart, *base), (_, *system) = json.loads(mine.said), json.loads(its.said)
    except ValueError:
        return []
    return files if apart and base[1:] == system[1:] else []


def site_packages(machine: Machine) -> Path:
    """Where this Python looks for packages."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = machine.run(python_command("-c", ask, python=machine.python))
    return Path(found.said)


@dataclass(frozen=True)
class Extension:
    """Our extension in a LibreOffice profile."""

    data: bytes
    profile: Path
    kind = "extension"

    @property
    def target(self) -> str:
        return str(self.profile)

    def done(self, machine: Machine) -> bool:  # noqa: ARG002 - every change takes the machine
        there = installed(self.profile)
        return there is not None and parts_of(there) == parts_of(_sorted(self.data))

    def do(self, machine: Machine, note: Note = unnoted) -> Facts:
        before = installed(self.profile)
        facts: Facts = {"profile": str(self.profile), "before": kept(before), "after": mark(_sorted(self.data))}
        note(facts)
        add(machine, self.profile, self.data)
        after = installed(self.profile)
        if after is None:
            raise Refused(str(self.profile))
        return facts | {"after": mark(after)}


def undo_extension(machine: Machine, facts: Mapping[str, Any]) -> Undone:
    """Take the extension out of the profile, or put the one back that was there before."""
    profile, before = Path(facts["profile"]), unkept(facts["before"])
    now = installed(profile)
    if now is None:
        return Undone.RESTORED if before is None else Undone.KEPT
    if now == before:
        return Undone.RESTORED
    if mark(now) != facts["after"]:
        return Undone.KEPT
    if before is None:
        _manage(machine, profile, "remove", IDENTIFIER)
    else:
        add(machine, profile, before)
    return Undone.RESTORED


def installed(profile: Path) -> bytes | None:
    """The extension that is registered in a profile, as a package; read from the profile, without LibreOffice."""
    packages = profile / "user" / "uno_packages" / "cache"
    listed = content(packages / _LISTED)
    folders = [packages / "uno_packages" / name for name in _ENTRY.findall((listed or b"").decode("utf-8", "replace"))]
    ours = (folder for folder in folders if _ID in (content(folder / "description.xml") or b""))
    folder = next(ours, None)
    if folder is None:
        return None
    files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return _sorted(package_of({path.relative_to(folder).as_posix(): path.read_bytes() for path in files}))


def _sorted(package: bytes) -> bytes:
    return package_of(dict(sorted(parts_of(package).items())))


def add(machine: Machine, profile: Path, data: bytes) -> None:
    """Put a package into a profile, instead of the version that is there. Raises Refused."""
    with ownership.scratch() as folder:
        path = folder / shipped.EXTENSION
        path.write_bytes(data)
        _manage(machine, profile, "add", str(path))


def _manage(machine: Machine, profile: Path, verb: str, what: str) -> None:
    program = soffice(machine)
    if program is None:
        raise Refused("soffice")
    ended = _through_unopkg(machine, program, profile, verb, what)
    if ended.code:
        raise Refused(ended.said or f"unopkg {ended.code}")


def _through_unopkg(machine: Machine, program: Path, profile: Path, verb: str, what: str) -> Ended:
    """By LibreOffice's own program; as root, whom it refuses, by a LibreOffice that is asked through its bridge."""
    if machine.root:
        return machine.run(python_command("-m", _MANAGER, verb, program, profile, what, python=machine.python))
    flags = ["--force", "--suppress-license"] if verb == "add" else []
    where = [f"-env:UserInstallation={profile.as_uri()}"] if machine.environ.get("OGI_LIBREOFFICE_PROFILE") else []
    return machine.run([unopkg(machine, program), verb, *flags, *where, what])
