"""The computer that the plugin is installed on: its environment, user folders, registry, and the programs it runs.

Files are reached by their paths. Tests pass a computer of their own, with a registry in memory.
"""
# ruff: noqa: D102  `Registry` says what its methods do

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from workbook.safety import owned_folders
from workbook.safety.isolated_process import find_program, run_program

SZ, EXPAND_SZ, BINARY, DWORD = 1, 2, 3, 4
"""Kinds of registry values, by Windows' own numbers."""

RUN_SECONDS = 180
"""How long a program may run: a first start of LibreOffice on a slow disk is slow."""

_ROOT = Path(__file__).parents[2]


class RegistryValue(NamedTuple):
    """One value of the Windows registry."""

    data: int | str | bytes
    kind: int = SZ


class FinishedRun(NamedTuple):
    """The exit status of a program, and what it printed."""

    code: int
    output: str


class Registry:
    r"""The registry of a computer that has none: empty, and not to be written to.

    A key is written with its hive in four letters (`HKCU\Software\…`); the value named "" is the key's default.
    """

    def list_values(self, key: str) -> Mapping[str, RegistryValue]:  # noqa: ARG002
        """Return all values of a key; none for a key that is not there."""
        return {}

    def list_subkeys(self, key: str) -> list[str]:  # noqa: ARG002
        """Return the names of the keys right below; none for a key that is not there."""
        return []

    def set_value(self, key: str, name: str, value: RegistryValue) -> None:  # noqa: ARG002
        """Write a value, and create its key. Raises OSError."""
        raise OSError(f"no registry to write {key} into")

    def delete_value(self, key: str, name: str) -> None:
        """Delete a value, if it is there."""

    def delete_key(self, key: str) -> None:
        """Delete a key that has no keys below it, if it is there."""

    def value(self, key: str, name: str) -> RegistryValue | None:
        """Return a value by its name in any case, or None."""
        return {one.lower(): value for one, value in self.list_values(key).items()}.get(name.lower())

    def text(self, key: str, name: str = "") -> str:
        """Return a value that is text; blank where there is none."""
        value = self.value(key, name)
        return value.data if value is not None and isinstance(value.data, str) else ""

    def has_key(self, key: str) -> bool:
        """Return whether there is such a key."""
        above, _, name = key.rpartition("\\")
        return name.lower() in map(str.lower, self.list_subkeys(above))


class WindowsRegistry(Registry):
    """The registry of Windows."""

    def __init__(self) -> None:
        self.api: Any = importlib.import_module("winreg")
        hives = {"HKCU": "CURRENT_USER", "HKLM": "LOCAL_MACHINE", "HKCR": "CLASSES_ROOT"}
        self.hives = {short: getattr(self.api, f"HKEY_{long}") for short, long in hives.items()}

    def _split(self, key: str) -> tuple[Any, str]:
        hive, _, path = key.partition("\\")
        return self.hives[hive], path

    def _enumerate(self, key: str, read: Callable[[Any, int], Any]) -> Iterator[Any]:
        with suppress(OSError), self.api.OpenKey(*self._split(key)) as opened:
            for n in count():  # until Windows raises that there are no more
                yield read(opened, n)

    def list_values(self, key: str) -> Mapping[str, RegistryValue]:
        found = self._enumerate(key, self.api.EnumValue)
        return {name: RegistryValue(data, kind) for name, data, kind in found}

    def list_subkeys(self, key: str) -> list[str]:
        return list(self._enumerate(key, self.api.EnumKey))

    def set_value(self, key: str, name: str, value: RegistryValue) -> None:
        with self.api.CreateKey(*self._split(key)) as opened:
            self.api.SetValueEx(opened, name, 0, value.kind, value.data)

    def delete_value(self, key: str, name: str) -> None:
        writing = (0, self.api.KEY_SET_VALUE)
        with suppress(FileNotFoundError), self.api.OpenKey(*self._split(key), *writing) as opened:
            self.api.DeleteValue(opened, name)

    def delete_key(self, key: str) -> None:
        with suppress(FileNotFoundError):
            self.api.DeleteKey(*self._split(key))


@dataclass
class Machine:
    """The computer that this program runs on; in tests `OGI_HOME` names another home folder."""

    platform: str = sys.platform
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    python: Path = field(default_factory=lambda: Path(sys.executable))
    registry: Registry = field(default_factory=lambda: WindowsRegistry() if sys.platform == "win32" else Registry())

    @property
    def home(self) -> Path:
        """The user's home folder."""
        return Path(self.environ.get("OGI_HOME") or Path.home())

    @property
    def is_root(self) -> bool:
        """Whether the user is root, whom LibreOffice's unopkg refuses."""
        return bool(hasattr(os, "geteuid") and os.geteuid() == 0)

    def run(self, command: Sequence[str | Path]) -> FinishedRun:
        """Run a program to its end, in an empty folder; one that cannot be started ends with status 127."""
        # Without the variables that some other program set for its own Python.
        environ = {key: value for key, value in self.environ.items() if key not in {"PYTHONHOME", "PYTHONPATH"}}
        with owned_folders.scratch_folder() as folder:
            try:
                ended = run_program(command, Path(folder), environ=environ, seconds=RUN_SECONDS)
            except OSError as error:
                return FinishedRun(127, str(error))
        return FinishedRun(ended.returncode, (ended.stdout + ended.stderr).decode("utf-8", "replace").strip())

    def find_program(self, name: str) -> Path | None:
        """Return where a program is on the PATH, the current folder left out."""
        return find_program(name)


def user_folder(machine: Machine, variable: str, *inside: str) -> Path:
    """Return the folder that an environment variable names, else the usual one; `OGI_HOME` overrides both."""
    named = machine.environ.get(variable) if not machine.environ.get("OGI_HOME") else None
    return Path(named) if named else machine.home.joinpath(*inside)


def config_folder(machine: Machine, *, roaming: bool = False) -> Path:
    """Return where programs keep the user's configuration; `roaming`: on Windows what follows the user elsewhere."""
    if machine.platform == "win32" and roaming:
        return user_folder(machine, "APPDATA", "AppData", "Roaming")
    if machine.platform == "win32":
        return user_folder(machine, "LOCALAPPDATA", "AppData", "Local")
    if machine.platform == "darwin":
        return machine.home / "Library" / "Application Support"
    return user_folder(machine, "XDG_CONFIG_HOME", ".config")


def mac_application(machine: Machine, path: str) -> Path | None:
    """Return where a program's file is on a Mac, of the folders that programs are installed in."""
    own = machine.home / "Applications"
    folders = [own] if machine.environ.get("OGI_HOME") else [Path("/Applications"), own]
    return next((folder / path for folder in folders if (folder / path).exists()), None)


def button_python(machine: Machine) -> Path:
    """Return the Python that the buttons run: on Windows the one that opens no black window, if it is there."""
    quiet = machine.python.with_name("pythonw.exe")
    is_console = machine.platform == "win32" and machine.python.name.lower() == "python.exe"
    return quiet if is_console and quiet.is_file() else machine.python


def console_python(python: Path) -> Path:
    """Return the Python beside this one that prints, if it is there."""
    printing = python.with_name("python.exe")
    return printing if python.name.lower() == "pythonw.exe" and printing.is_file() else python


def read_file(path: Path) -> bytes | None:
    """Return the bytes of a file, None where there is none."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_built_file(machine: Machine, name: str) -> bytes | None:
    """Return a file that `xlplugin.building` built, None where it is nowhere.

    Looks in the folder that `OGI_TEMPLATES` names, in the package, in the source tree, and beside this Python.
    """
    named = machine.environ.get("OGI_TEMPLATES")
    beside = [folder / "templates" for folder in (machine.python.parent, *machine.python.parents[1:3])]
    folders = [*([Path(named)] if named else []), _ROOT / "xlplugin" / "templates", _ROOT / "templates", *beside]
    found = (read_file(folder / name) for folder in folders)
    return next((data for data in found if data is not None), None)
