"""The kinds of step that an installation is made of: a file, a line of xlwings' configuration, a registry key.

Each kind has a function that looks at the computer and returns the step, and one that undoes it from the facts that the
record of the installation holds. What somebody else changed since is left as it is.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from workbook.safety import atomic_write
from xlplugin.install.machine import Machine, RegistryValue, read_file

Facts = dict[str, Any]
"""What the record holds of a step, as JSON: where it was made, what was there before, and what tells ours from that."""


class Step(NamedTuple):
    """One step of an installation, as the computer was when it was looked at."""

    name: str
    """The key of its text in `[step]` of messages.toml."""
    kind: str
    """Which function undoes it (`install_record.UNDO`)."""
    target: str
    """What is changed, for the record and the screen."""
    is_done: bool
    facts: Facts
    make: Callable[[], object]
    """Makes the change. Raises OSError."""


def sha256(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def to_json(data: bytes | None) -> str | None:
    """Return bytes as JSON can hold them (Base64)."""
    return None if data is None else base64.b64encode(data).decode("ascii")


def from_json(text: str | None) -> bytes | None:
    """Return the bytes that `to_json` was given."""
    return None if text is None else base64.b64decode(text)


# A file


def file_step(name: str, path: Path, data: bytes) -> Step:
    """Return the step that writes a file with this content."""
    before, folders = read_file(path), missing_folders(path.parent)
    facts: Facts = {"path": str(path), "before": to_json(before), "after": sha256(data), "folders": folders}
    return Step(name, "file", str(path), before == data, facts, partial(write_file, path, data))


def undo_file(_: Machine, facts: Facts) -> bool:
    """Put back the file that was there before, or none; False where the file was changed since, and is left."""
    path = Path(facts["path"])
    now, before = read_file(path), from_json(facts["before"])
    if now not in (None, before) and sha256(now or b"") != facts["after"]:
        return False
    restore_file(path, before, facts["folders"])
    return True


def write_file(path: Path, data: bytes) -> None:
    """Write a file atomically, and create its folder. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write.write_bytes(path, data, aside=False)


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


def missing_folders(folder: Path) -> list[str]:
    """Return which folders must be created for this one to exist, innermost first."""
    return [str(one) for one in (folder, *folder.parents) if not one.exists()]


# One setting in xlwings' configuration file, which has lines of `"NAME","value"`; the other lines stay


def setting_step(path: Path, name: str, value: str, encoding: str, line_end: bytes) -> Step:
    """Return the step that sets the Python in xlwings' configuration. Raises UnicodeEncodeError."""
    before, line = read_file(path), f'"{name}","{value}"'.encode(encoding)
    old, after = find_setting(before or b"", name), replace_setting(before or b"", name, line, line_end)
    facts: Facts = {
        "path": str(path),
        "name": name,
        "folders": missing_folders(path.parent),
        "before": to_json(before),
        "after": sha256(after),
        "line": to_json(old[-1]) if old else None,
        "ours": to_json(line),
    }
    return Step("interpreter", "setting", f"{path} {name}", old == [line], facts, partial(write_file, path, after))


def undo_setting(machine: Machine, facts: Facts) -> bool:
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


# A new key of the Windows registry


def registry_step(machine: Machine, name: str, key: str, values: Mapping[str, RegistryValue]) -> Step:
    """Return the step that creates a key with these values; the key is not there yet, or has them."""
    registry, parts = machine.registry, key.split("\\")
    keys = ["\\".join(parts[:n]) for n in range(len(parts), 1, -1)]  # innermost first
    facts: Facts = {
        "key": key,
        "after": {name: [value.data, value.kind] for name, value in values.items()},
        "keys": [one for one in keys if not registry.has_key(one)],
    }
    is_done = all(registry.value(key, name) == value for name, value in values.items())
    return Step(name, "registry", key, is_done, facts, partial(_create_key, machine, key, values))


def _create_key(machine: Machine, key: str, values: Mapping[str, RegistryValue]) -> None:
    for name, value in values.items():
        machine.registry.set_value(key, name, value)


def undo_registry(machine: Machine, facts: Facts) -> bool:
    """Remove the values and the keys made for them, once empty; False where a value was changed since, and is left."""
    registry, key = machine.registry, facts["key"]
    # Version 0.1.0 recorded what was there `before`, too: nothing, for it always chose a new key.
    ours = {name: (None, RegistryValue(*value[:2])) for name, value in facts["after"].items()}
    if any(registry.value(key, name) not in values for name, values in ours.items()):
        return False
    for name in ours:
        registry.delete_value(key, name)
    for made in facts["keys"]:
        if registry.list_values(made) or registry.list_subkeys(made):
            break
        registry.delete_key(made)
    return True
