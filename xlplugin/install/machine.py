"""The computer as setting up sees it: environment, home, registry, commands. Files are reached by their paths."""
# ruff: noqa: D102  what a method is for stands in the protocol

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from workbook import ownership
from workbook.isolated_process import find_program, run

SZ, EXPAND_SZ, BINARY, DWORD = 1, 2, 3, 4
"""Kinds of registry values, by Windows' own numbers."""

PATIENCE = 180
"""Seconds a command may take: a first start of LibreOffice on a slow disk is slow."""


class Value(NamedTuple):
    """A value in the registry."""

    data: int | str | bytes
    kind: int = SZ


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    said: str


class Registry(Protocol):
    """The Windows registry. A key is written with its hive in four letters; the value named "" is the default."""

    def value(self, key: str, name: str) -> Value | None:
        """The value, or None if there is none."""
        ...

    def values(self, key: str) -> Mapping[str, Value]:
        """All values of a key."""
        ...

    def subkeys(self, key: str) -> list[str]:
        """The names of the keys below; none for a key that is not there."""
        ...

    def exists(self, key: str) -> bool:
        """Whether there is such a key."""
        ...

    def put(self, key: str, name: str, value: Value) -> None:
        """Write a value, making its key."""
        ...

    def drop(self, key: str, name: str) -> None:
        """Remove a value, if it is there."""
        ...

    def drop_key(self, key: str) -> None:
        """Remove a key that has no keys below it, if it is there."""
        ...


class Machine(Protocol):
    """What setting up asks of a computer."""

    @property
    def platform(self) -> str:
        """`win32`, `darwin` or `linux`, as Python says it."""
        ...

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment variables."""
        ...

    @property
    def home(self) -> Path:
        """The user's home folder."""
        ...

    @property
    def python(self) -> Path:
        """The Python that runs."""
        ...

    @property
    def registry(self) -> Registry:
        """The registry; an empty one where there is none."""
        ...

    @property
    def root(self) -> bool:
        """Whether the user is the all-powerful one of a Unix, whom LibreOffice's unopkg turns away."""
        ...

    def run(self, command: Sequence[str | Path]) -> Ended:
        """Run a command to its end, in an empty folder; one that cannot be started ends with code 127."""
        ...

    def which(self, program: str) -> Path | None:
        """Where a program is that stands on the PATH; none of the current folder."""
        ...


class NoRegistry:
    """The registry of a computer without one: nothing is in it."""

    def value(self, key: str, name: str) -> Value | None:  # noqa: ARG002
        return None

    def values(self, key: str) -> Mapping[str, Value]:  # noqa: ARG002
        return {}

    def subkeys(self, key: str) -> list[str]:  # noqa: ARG002
        return []

    def exists(self, key: str) -> bool:  # noqa: ARG002
        return False

    def put(self, key: str, name: str, value: Value) -> None:  # noqa: ARG002
        raise OSError(f"no registry to write {key} into")

    def drop(self, key: str, name: str) -> None: ...

    def drop_key(self, key: str) -> None: ...


class WindowsRegistry:
    """The real one."""

    def __init__(self) -> None:
        self.api: Any = importlib.import_module("winreg")
        hives = {"HKCU": "CURRENT_USER", "HKLM": "LOCAL_MACHINE", "HKCR": "CLASSES_ROOT"}
        self.hives = {short: getattr(self.api, f"HKEY_{long}") for short, long in hives.items()}

    def _open(self, key: str) -> Any:  # noqa: ANN401 - a handle
        hive, _, path = key.partition("\\")
        return self.api.OpenKey(self.hives[hive], path)

    def value(self, key: str, name: str) -> Value | None:
        with suppress(OSError), self._open(key) as opened:
            return Value(*self.api.QueryValueEx(opened, name))
        return None

    def values(self, key: str) -> Mapping[str, Value]:
        found: dict[str, Value] = {}
        with suppress(OSError), self._open(key) as opened:
            while True:  # until Windows says that there is no more
                name, data, kind = self.api.EnumValue(opened, len(found))
                found[name] = Value(data, kind)
        return found

    def subkeys(self, key: str) -> list[str]:
        found: list[str] = []
        with suppress(OSError), self._open(key) as opened:
            while True:
                found.append(self.api.EnumKey(opened, len(found)))
        return found

    def exists(self, key: str) -> bool:
        with suppress(OSError), self._open(key):
            return True
        return False

    def put(self, key: str, name: str, value: Value) -> None:
        hive, _, path = key.partition("\\")
        with self.api.CreateKey(self.hives[hive], path) as opened:
            self.api.SetValueEx(opened, name, 0, value.kind, value.data)

    def drop(self, key: str, name: str) -> None:
        hive, _, path = key.partition("\\")
        with suppress(FileNotFoundError), self.api.OpenKey(self.hives[hive], path, 0, self.api.KEY_SET_VALUE) as opened:
            self.api.DeleteValue(opened, name)

    def drop_key(self, key: str) -> None:
        hive, _, path = key.partition("\\")
        with suppress(FileNotFoundError):
            self.api.DeleteKey(self.hives[hive], path)


@dataclass(frozen=True)
class Here:
    """The real one. `OGI_HOME` stands in for the home folder, and for all that lies in it, in tests."""

    platform: str = sys.platform
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    python: Path = field(default_factory=lambda: Path(sys.executable))
    registry: Registry = field(default_factory=lambda: WindowsRegistry() if sys.platform == "win32" else NoRegistry())

    @property
    def home(self) -> Path:
        return Path(self.environ.get("OGI_HOME") or Path.home())

    @property
    def root(self) -> bool:
        return bool(hasattr(os, "geteuid") and os.geteuid() == 0)

    def run(self, command: Sequence[str | Path]) -> Ended:
        # Without the variables that some other program set for its own Python.
        environ = {key: value for key, value in self.environ.items() if key not in {"PYTHONHOME", "PYTHONPATH"}}
        with ownership.scratch() as folder:
            try:
                ended = run(command, Path(folder), environ=environ, seconds=PATIENCE)
            except OSError as error:
                return Ended(127, str(error))
        return Ended(ended.returncode, (ended.stdout + ended.stderr).decode("utf-8", "replace").strip())

    def which(self, program: str) -> Path | None:
        return find_program(program)
