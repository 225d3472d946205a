"""A computer that is not there: a registry in memory, a home in a temporary folder, commands that answer by heart."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xlplugin.install import machine
from xlplugin.install.machine import FinishedRun, RegistryValue

PROBE = "ogi-probe " + json.dumps({"python": "3.11.9", "ogi": "0.1.0", "xlwings": "0.37.8"})

EXCEL = r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE"
WPS = r"C:\Users\a\AppData\Local\Kingsoft\WPS Office\12.1.0\office6\et.exe"


@dataclass
class Registry(machine.Registry):
    """Keys and their values; names without regard to case, as Windows has them."""

    keys: dict[str, dict[str, RegistryValue]] = field(default_factory=dict)

    def at(self, key: str) -> str | None:
        return next((one for one in self.keys if one.lower() == key.lower()), None)

    def list_values(self, key: str) -> Mapping[str, RegistryValue]:
        found = self.at(key)
        return {} if found is None else self.keys[found]

    def list_subkeys(self, key: str) -> list[str]:
        start = key.lower() + "\\"
        below = [one[len(start) :] for one in self.keys if one.lower().startswith(start)]
        return list(dict.fromkeys(name.split("\\")[0] for name in below))

    def set_value(self, key: str, name: str, value: RegistryValue) -> None:
        parts = key.split("\\")
        for n in range(2, len(parts) + 1):
            above = "\\".join(parts[:n])
            if self.at(above) is None:
                self.keys[above] = {}
        self.keys[self.at(key) or key][name] = value

    def delete_value(self, key: str, name: str) -> None:
        self.keys.get(self.at(key) or "", {}).pop(name, None)

    def delete_key(self, key: str) -> None:
        assert not self.list_subkeys(key), "Windows refuses to remove a key that has keys below it"
        self.keys.pop(self.at(key) or "", None)

    def state(self) -> dict[str, dict[str, RegistryValue]]:
        return {key: dict(values) for key, values in self.keys.items()}


@dataclass
class Fake:
    """The machine. `answer` says how a command ends; by default every Python is a good one."""

    platform: str
    home: Path
    python: Path
    environ: dict[str, str] = field(default_factory=dict)
    registry: Registry = field(default_factory=Registry)
    is_root: bool = False
    programs: dict[str, Path] = field(default_factory=dict)
    answer: Callable[[list[str]], FinishedRun] = lambda _: FinishedRun(0, PROBE)
    ran: list[list[str]] = field(default_factory=list)

    def run(self, command: Sequence[str | Path]) -> FinishedRun:
        self.ran.append([str(word) for word in command])
        return self.answer(self.ran[-1])

    def find_program(self, program: str) -> Path | None:
        return self.programs.get(program)

    def files(self) -> dict[str, bytes | None]:
        """Everything in the home: path → bytes, None for a folder."""
        return {
            path.relative_to(self.home).as_posix(): path.read_bytes() if path.is_file() else None
            for path in sorted(self.home.rglob("*"))
        }


def windows(folder: Path, *, user: str = "clerk", excel: bool = True) -> Fake:
    """A Windows with Excel 2016 and a Python of the user's own."""
    home = folder / "Users" / user
    python = home / "AppData" / "Local" / "ogi" / "python" / "Scripts" / "python.exe"
    made(python, python.with_name("pythonw.exe"))
    environ = {
        "USERPROFILE": str(home),
        "LOCALAPPDATA": str(home / "AppData" / "Local"),
        "APPDATA": str(home / "AppData" / "Roaming"),
        "OGI_ANSI": "gbk",
    }
    machine = Fake("win32", home, python, environ)
    if excel:
        put = machine.registry.set_value
        put(r"HKCR\Excel.Application\CurVer", "", RegistryValue("Excel.Application.16"))
        put(r"HKCR\Excel.Application.16\CLSID", "", RegistryValue("{1}"))
        put(r"HKCR\CLSID\{1}\LocalServer32", "", RegistryValue(f"{EXCEL} /automation"))
        put(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\excel.exe", "", RegistryValue(EXCEL))
        put(r"HKCU\Software\Microsoft\Office\16.0\Excel\Options", "Options", RegistryValue(1, 4))
    return machine


def mac(folder: Path, *, excel: bool = True, where: str = "ogi") -> Fake:
    """A Mac with Excel."""
    home = folder / "Users" / "clerk"
    python = home / where / "bin" / "python3"
    made(python)
    if excel:
        (home / "Applications" / "Microsoft Excel.app").mkdir(parents=True)
    return Fake("darwin", home, python, {"OGI_HOME": str(home)})


def linux(folder: Path) -> Fake:
    """A Linux with nothing."""
    home = folder / "home" / "clerk"
    python = home / "venv" / "bin" / "python"
    made(python)
    return Fake("linux", home, python)


def made(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


class Unopkg:
    """A LibreOffice whose unopkg works: it unpacks a package into the profile and lists it, as the real one does."""

    def __init__(self, machine: Fake, profile: Path, *, refuses: str = "") -> None:
        self.machine, self.profile, self.refuses = machine, profile, refuses
        self.before = machine.answer
        machine.answer = self
        self.program = machine.home.parent / "LibreOffice" / "program" / "soffice.exe"
        made(self.program)
        machine.environ |= {"OGI_SOFFICE": str(self.program), "OGI_LIBREOFFICE_PROFILE": str(profile)}

    def __call__(self, command: list[str]) -> FinishedRun:
        if not Path(command[0]).name.startswith("unopkg"):
            return self.before(command)
        if self.refuses:
            return FinishedRun(1, self.refuses)
        packages = self.profile / "user" / "uno_packages" / "cache"
        listed = packages / "registry/com.sun.star.comp.deployment.bundle.PackageRegistryBackend/backenddb.xml"
        entries = ""
        if command[1] == "add":
            name = f"lu{len(self.machine.ran)}.tmp_/ogi.oxt"
            with zipfile.ZipFile(command[-1]) as package:
                package.extractall(packages / "uno_packages" / name)
            entries = f'<ext:extension url="vnd.sun.star.expand:$X/uno_packages/{name}"></ext:extension>'
        listed.parent.mkdir(parents=True, exist_ok=True)
        listed.write_text(f"<ext:extension-backend-db>{entries}</ext:extension-backend-db>")
        return FinishedRun(0, "")
