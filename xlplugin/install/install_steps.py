"""The kinds of change that setting up makes. Each can tell whether it is made, make it, and undo it from the record.

What `do` says is kept as JSON: what was there before, and a mark of what comes in its place. It says so before it
changes anything, for the program may be killed between the two. `undo` puts back what was there, byte for byte; if
somebody changed the place since, it takes back our part and leaves theirs.
"""
# ruff: noqa: D102  what a method is for stands in the protocol

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from workbook import whole
from xlplugin.install.machine import Machine, Value

Facts = dict[str, Any]
"""What the record keeps of a change, as JSON."""
Note = Callable[[Facts], None]
"""Is told the facts of a change before it is made. Raises OSError, and then it is not made."""


def unnoted(facts: Facts) -> None:
    """Note nothing."""


class Undone(Enum):
    """What became of a change that was to be undone."""

    RESTORED = "restored"
    KEPT = "kept"  # somebody else changed it since: theirs is left


class Change(Protocol):
    """One reversible change of a machine."""

    @property
    def kind(self) -> str:
        """Which class undoes it."""
        ...

    @property
    def target(self) -> str:
        """What is changed, for the record and the screen."""
        ...

    def done(self, machine: Machine) -> bool:
        """Whether all is already as wanted."""
        ...

    def do(self, machine: Machine, note: Note = unnoted) -> Facts:
        """Make it so. Raises OSError."""
        ...


@dataclass(frozen=True)
class Step:
    """A change with the key of the words that say what it is for."""

    name: str
    change: Change

    def done(self, machine: Machine) -> bool:
        """Whether all is already as wanted."""
        return self.change.done(machine)

    def do(self, machine: Machine, note: Note = unnoted) -> Facts:
        """Make it so."""
        return self.change.do(machine, note)


def mark(data: bytes) -> str:
    """What tells a content from another."""
    return hashlib.sha256(data).hexdigest()


def kept(data: bytes | None) -> str | None:
    """Bytes as JSON can hold them."""
    return None if data is None else base64.b64encode(data).decode("ascii")


def unkept(text: str | None) -> bytes | None:
    """The bytes again."""
    return None if text is None else base64.b64decode(text)


def content(path: Path) -> bytes | None:
    """The bytes of a file, None where there is none."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def put(path: Path, data: bytes) -> None:
    """Write a file whole, in a folder that is made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.write_bytes(path, data, aside=False)


def missing(folder: Path) -> list[str]:
    """Which folders have to be made for it to be there, innermost first."""
    return [str(one) for one in (folder, *folder.parents) if not one.exists()]


def make_folder(folder: Path) -> list[str]:
    """Make a folder; which had to be made for it, innermost first."""
    made = missing(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return made


def take_back(path: Path, before: bytes | None, folders: list[str]) -> None:
    """Put a file back as it was, and remove the folders that were made for it unless something else is in them."""
    if before is not None:
        if content(path) != before:
            put(path, before)
        return
    path.unlink(missing_ok=True)
    for folder in map(Path, folders):
        if folder.is_dir():
            if any(folder.iterdir()):
                break
            folder.rmdir()


@dataclass(frozen=True)
class WriteFile:
    """A file with this content."""

    path: Path
    data: bytes
    kind = "file"

    @property
    def target(self) -> str:
        return str(self.path)

    def done(self, machine: Machine) -> bool:  # noqa: ARG002 - every change takes the machine
        return content(self.path) == self.data

    def do(self, machine: Machine, note: Note = unnoted) -> Facts:  # noqa: ARG002
        before, folders = content(self.path), missing(self.path.parent)
        facts: Facts = {"path": str(self.path), "before": kept(before), "after": mark(self.data), "folders": folders}
        note(facts)
        put(self.path, self.data)
        return facts


def undo_file(machine: Machine, facts: Mapping[str, Any]) -> Undone:  # noqa: ARG001
    """Put back the file that was there before, or none."""
    path = Path(facts["path"])
    now, before = content(path), unkept(facts["before"])
    if now is not None and now != before and mark(now) != facts["after"]:
        return Undone.KEPT
    take_back(path, before, facts["folders"])
    return Undone.RESTORED


@dataclass(frozen=True)
class Setting:
    """One setting in xlwings' configuration file, lines of `"NAME","value"`; every other line stays."""

    path: Path
    name: str
    value: str
    encoding: str
    kind = "setting"

    @property
    def target(self) -> str:
        return f"{self.path} {self.name}"

    @property
    def line(self) -> bytes:
        """The setting as a line of the file, without its end."""
        return f'"{self.name}","{self.value}"'.encode(self.encoding)

    def done(self, machine: Machine) -> bool:  # noqa: ARG002
        return lines_of(content(self.path) or b"", self.name) == [self.line]

    def do(self, machine: Machine, note: Note = unnoted) -> Facts:
        before = content(self.path)
        after = with_line(before or b"", self.name, self.line, b"\r\n" if machine.platform == "win32" else b"\n")
        old = lines_of(before or b"", self.name)
        facts: Facts = {
            "path": str(self.path),
            "name": self.name,
            "folders": missing(self.path.parent),
            "before": kept(before),
            "after": mark(after),
            "line": kept(old[-1]) if old else None,
            "ours": kept(self.line),
        }
        note(facts)
        put(self.path, after)
        return facts


def undo_setting(machine: Machine, facts: Mapping[str, Any]) -> Undone:  # noqa: ARG001
    """Put back the file as it was; if it was changed since, only the one line."""
    path = Path(facts["path"])
    now, before = content(path), unkept(facts["before"])
    if now is None and before is not None:
        return Undone.KEPT
    if now is None or now == before or mark(now) == facts["after"]:
        take_back(path, before, facts["folders"])
        return Undone.RESTORED
    if lines_of(now, facts["name"]) != [unkept(facts["ours"])]:
        return Undone.KEPT
    put(path, with_line(now, facts["name"], unkept(facts["line"]), b"\n"))
    return Undone.RESTORED


def lines_of(data: bytes, name: str) -> list[bytes]:
    """The lines that set it, without their ends: xlwings heeds one of them, and there should be one."""
    return [line.rstrip(b"\r\n") for line in data.splitlines(keepends=True) if _sets(line, name)]


def _sets(line: bytes, name: str) -> bool:
    return line.split(b",", 1)[0].strip().strip(b'"').upper() == name.upper().encode("ascii")


def with_line(data: bytes, name: str, line: bytes | None, end: bytes) -> bytes:
    """The file's bytes with that line, in the place of the first that set the same; without any, for None."""
    out: list[bytes] = []
    for old in data.splitlines(keepends=True):
        if not _sets(old, name):
            out.append(old)
        elif line is not None:
            out.append(line + (old[len(old.rstrip(b"\r\n")) :] or end))
            line = None
    if line is not None:
        if out and not out[-1].endswith((b"\n", b"\r")):
            out[-1] += end
        out.append(line + end)
    return b"".join(out)


@dataclass(frozen=True)
class RegistryKey:
    """A key of the registry with these values."""

    key: str
    values: Mapping[str, Value]
    kind = "registry"

    @property
    def target(self) -> str:
        return self.key

    def done(self, machine: Machine) -> bool:
        return all(machine.registry.value(self.key, name) == value for name, value in self.values.items())

    def do(self, machine: Machine, note: Note = unnoted) -> Facts:
        registry = machine.registry
        parts = self.key.split("\\")
        above = ["\\".join(parts[:n]) for n in range(len(parts), 1, -1)]
        made = [key for key in above if not registry.exists(key)]
        before = {name: registry.value(self.key, name) for name in self.values}
        facts: Facts = {
            "key": self.key,
            "before": {name: _plain(value) for name, value in before.items()},
            "after": {name: _plain(value) for name, value in self.values.items()},
            "keys": made,
        }
        note(facts)
        for name, value in self.values.items():
            registry.put(self.key, name, value)
        return facts


def _plain(value: Value | None) -> list[object] | None:
    """A registry value as JSON can hold it."""
    if value is None:
        return None
    return [
        kept(value.data) if isinstance(value.data, bytes) else value.data,
        value.kind,
        isinstance(value.data, bytes),
    ]


def _value(plain: list[Any] | None) -> Value | None:
    if plain is None:
        return None
    data, kind, binary = plain
    return Value(unkept(data) or b"" if binary else data, kind)


def undo_registry(machine: Machine, facts: Mapping[str, Any]) -> Undone:
    """Put back the values, and remove the keys that were made unless something else is in them."""
    registry, key = machine.registry, facts["key"]
    wanted = {name: _value(plain) for name, plain in facts["after"].items()}
    old = {name: _value(plain) for name, plain in facts["before"].items()}
    if any(registry.value(key, name) not in {value, old.get(name), None} for name, value in wanted.items()):
        return Undone.KEPT
    for name, before in old.items():
        if before is None:
            registry.drop(key, name)
        else:
            registry.put(key, name, before)
    for made in facts["keys"]:
        if registry.values(made) or registry.subkeys(made):
            break
        registry.drop_key(made)
    return Undone.RESTORED
