"""The kinds of step that an installation is made of: a file, a line of xlwings' configuration, a registry key.

A step describes what it is about to replace, as JSON, before it is made: the record of the installation holds that, and
the `undo_…` function of its kind puts it back. Whatever somebody else changed since is left as it is.
"""
# ruff: noqa: ARG001, ARG002, D102  every step is passed the machine; `Step` says what its methods do

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from workbook import whole
from xlplugin.install.machine import Machine, RegistryValue, read_file

Facts = dict[str, Any]
"""What the record holds of a step, as JSON: where it was made, what was there before, and what tells ours from that."""


class Step(Protocol):
    """One step of an installation."""

    @property
    def name(self) -> str:
        """The key of its text in `[step]` of messages.toml."""
        ...

    @property
    def kind(self) -> str:
        """Which function undoes it (`install_record.UNDO`)."""
        ...

    @property
    def target(self) -> str:
        """What is changed, for the record and the screen."""
        ...

    def is_done(self, machine: Machine) -> bool:
        """Return whether all is as wanted already."""
        ...

    def describe(self, machine: Machine) -> Facts:
        """Return what the step is about to replace, and with what."""
        ...

    def make(self, machine: Machine) -> None:
        """Make the change. Raises OSError."""
        ...


def sha256(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def to_json(data: bytes | None) -> str | None:
    """Return bytes as JSON can hold them (Base64)."""
    return None if data is None else base64.b64encode(data).decode("ascii")


def from_json(text: str | None) -> bytes | None:
    """Return the bytes that `to_json` was given."""
    return None if text is None else base64.b64decode(text)


def write_file(path: Path, data: bytes) -> None:
    """Write a file atomically, and create its folder. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.write_bytes(path, data, aside=False)


def missing_folders(folder: Path) -> list[str]:
    """Return which folders must be created for this one to exist, innermost first."""
    return [str(one) for one in (folder, *folder.parents) if not one.exists()]


def restore_file(path: Path, before: bytes | None, folders: list[str]) -> None:
    """Put back the file that was there; where there was none, remove ours and the folders made for it, once empty."""
    if before is not None:
        if read_file(path) != before:
            write_file(path, before)
        return
    path.unlink(missing_ok=True)
    for folder in map(Path, folders):
        if folder.is_dir():
            if any(folder.iterdir()):
                break
            folder.rmdir()


@dataclass(frozen=True)
class FileStep:
    """Writes a file with this content."""

    name: str
    path: Path
    data: bytes
    kind = "file"

    @property
    def target(self) -> str:
        return str(self.path)

    def is_done(self, machine: Machine) -> bool:
        return read_file(self.path) == self.data

    def describe(self, machine: Machine) -> Facts:
        return {
            "path": str(self.path),
            "before": to_json(read_file(self.path)),
            "after": sha256(self.data),
            "folders": missing_folders(self.path.parent),
        }

    def make(self, machine: Machine) -> None:
        write_file(self.path, self.data)


def undo_file(machine: Machine, facts: Mapping[str, Any]) -> bool:
    """Put back the file that was there before, or none; False where the file was changed since, and is left."""
    path = Path(facts["path"])
    now, before = read_file(path), from_json(facts["before"])
    if now not in (None, before) and sha256(now or b"") != facts["after"]:
        return False
    restore_file(path, before, facts["folders"])
    return True


@dataclass(frozen=True)
class SettingStep:
    """Sets one setting in xlwings' configuration file, which has lines of `"NAME","value"`; the other lines stay."""

    name: str
    path: Path
    setting: str
    value: str
    encoding: str
    kind = "setting"

    @property
    def target(self) -> str:
        return f"{self.path} {self.setting}"

    @property
    def line(self) -> bytes:
        """The setting as a line of the file, without its end. Raises UnicodeEncodeError."""
        return f'"{self.setting}","{self.value}"'.encode(self.encoding)

    def is_done(self, machine: Machine) -> bool:
        return find_setting(read_file(self.path) or b"", self.setting) == [self.line]

    def describe(self, machine: Machine) -> Facts:
        before = read_file(self.path)
        old = find_setting(before or b"", self.setting)
        return {
            "path": str(self.path),
            "name": self.setting,
            "folders": missing_folders(self.path.parent),
            "before": to_json(before),
            "after": sha256(self._file(machine, before)),
            "line": to_json(old[-1]) if old else None,
            "ours": to_json(self.line),
        }

    def make(self, machine: Machine) -> None:
        write_file(self.path, self._file(machine, read_file(self.path)))

    def _file(self, machine: Machine, before: bytes | None) -> bytes:
        line_end = b"\r\n" if machine.platform == "win32" else b"\n"
        return replace_setting(before or b"", self.setting, self.line, line_end)


def undo_setting(machine: Machine, facts: Mapping[str, Any]) -> bool:
    """Put back the file that was there before; where it was changed since, the one line, unless that was changed."""
    path, name = Path(facts["path"]), facts["name"]
    now = read_file(path)
    if now is None and facts["before"] is not None:
        return False
    if undo_file(machine, facts) or now is None:
        return True
    if find_setting(now, name) != [from_json(facts["ours"])]:
        return False
    write_file(path, replace_setting(now, name, from_json(facts["line"]), b"\n"))
    return True


def find_setting(data: bytes, name: str) -> list[bytes]:
    """Return the lines that set it, without their ends: xlwings uses one of them, and there should be one."""
    return [line.rstrip(b"\r\n") for line in data.splitlines(keepends=True) if _sets(line, name)]


def _sets(line: bytes, name: str) -> bool:
    return line.split(b",", 1)[0].strip().strip(b'"').upper() == name.upper().encode("ascii")


def replace_setting(data: bytes, name: str, line: bytes | None, line_end: bytes) -> bytes:
    """Return the file with that line where the first was that sets the same, else at its end; for None, without any."""
    out: list[bytes] = []
    for old in data.splitlines(keepends=True):
        if not _sets(old, name):
            out.append(old)
        elif line is not None:
            out.append(line + (old[len(old.rstrip(b"\r\n")) :] or line_end))
            line = None
    if line is not None:
        if out and not out[-1].endswith((b"\n", b"\r")):
            out[-1] += line_end
        out.append(line + line_end)
    return b"".join(out)


@dataclass(frozen=True)
class RegistryStep:
    """Writes these values into a key of the Windows registry."""

    name: str
    key: str
    values: Mapping[str, RegistryValue]
    kind = "registry"

    @property
    def target(self) -> str:
        return self.key

    def is_done(self, machine: Machine) -> bool:
        return all(machine.registry.value(self.key, name) == value for name, value in self.values.items())

    def describe(self, machine: Machine) -> Facts:
        registry, parts = machine.registry, self.key.split("\\")
        keys = ["\\".join(parts[:n]) for n in range(len(parts), 1, -1)]  # innermost first
        return {
            "key": self.key,
            "before": {name: _value_to_json(registry.value(self.key, name)) for name in self.values},
            "after": {name: _value_to_json(value) for name, value in self.values.items()},
            "keys": [key for key in keys if not registry.has_key(key)],
        }

    def make(self, machine: Machine) -> None:
        for name, value in self.values.items():
            machine.registry.set_value(self.key, name, value)


def undo_registry(machine: Machine, facts: Mapping[str, Any]) -> bool:
    """Put back the values, and remove the keys made for them, once empty; False where a value was changed since."""
    registry, key = machine.registry, facts["key"]
    before = {name: _value_from_json(value) for name, value in facts["before"].items()}
    for name, value in facts["after"].items():
        if registry.value(key, name) not in (None, before.get(name), _value_from_json(value)):
            return False
    for name, old in before.items():
        if old is None:
            registry.delete_value(key, name)
        else:
            registry.set_value(key, name, old)
    for made in facts["keys"]:
        if registry.list_values(made) or registry.list_subkeys(made):
            break
        registry.delete_key(made)
    return True


def _value_to_json(value: RegistryValue | None) -> list[object] | None:
    if value is None:
        return None
    if isinstance(value.data, bytes):
        return [to_json(value.data), value.kind, True]
    return [value.data, value.kind, False]


def _value_from_json(value: list[Any] | None) -> RegistryValue | None:
    if value is None:
        return None
    data, kind, binary = value
    return RegistryValue(base64.b64decode(data) if binary else data, kind)
