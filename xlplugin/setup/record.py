"""The record of what setting up changed, a JSON file in the user's own folder: enough to undo it all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from xlplugin.setup import places
from xlplugin.setup.changes import (
    Facts,
    Step,
    Undone,
    content,
    make_folder,
    mark,
    put,
    take_back,
    undo_file,
    undo_registry,
    undo_setting,
    unkept,
)
from xlplugin.setup.libreoffice import undo_extension
from xlplugin.setup.machine import Machine

VERSION = 1

UNDO: Mapping[str, Callable[[Machine, Mapping[str, Any]], Undone]] = {
    "file": undo_file,
    "setting": undo_setting,
    "registry": undo_registry,
    "extension": undo_extension,
}
"""Kind of change → what undoes it. The record of an older version is undone by these too."""


class Unknown(Exception):
    """The record cannot be read: it is damaged, or of a newer version."""


class Record:
    """What was changed, in the order it was done; written after every change, so that nothing is ever forgotten."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.path = places.record(machine)
        data = content(self.path)
        read = {} if data is None else _read(data)
        self.entries: list[Facts] = read.get("changes", [])
        self.folders: list[str] = read.get("folders", [])

    def do(self, step: Step) -> None:
        """Make a change and note it. Raises OSError."""
        self.folders = [*make_folder(self.path.parent), *self.folders]
        facts = step.do(self.machine)
        identity = f"{step.change.kind} {step.change.target}"
        old = next((entry for entry in self.entries if entry["id"] == identity), None)
        if old is None:
            self.entries.append({"id": identity, "name": step.name, "kind": step.change.kind, "facts": facts})
        else:
            old["facts"] = _again(old["facts"], facts)
        self._write()

    def undo(self, entry: Facts) -> Undone:
        """Undo a change and forget it. Raises OSError."""
        undone = UNDO[entry["kind"]](self.machine, entry["facts"])
        self.entries.remove(entry)
        self._write()
        return undone

    def _write(self) -> None:
        if not self.entries:
            take_back(self.path, None, self.folders)
            return
        said = {"version": VERSION, "folders": self.folders, "changes": self.entries}
        put(self.path, (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode())


def _read(data: bytes) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads(data)
        if read["version"] != VERSION:
            raise Unknown(f"version {read['version']}")
        wanted = ("id", "name", "kind", "facts")
        if not all(entry[key] for entry in read["changes"] for key in wanted):
            raise Unknown("an entry is not whole")
    except (ValueError, KeyError, TypeError) as error:
        raise Unknown(str(error)) from error
    return read


def _again(old: Facts, new: Facts) -> Facts:
    """The facts of a change made a second time: what was there before the first is what is put back."""
    facts = new | {key: old[key] for key in ("before", "folders", "keys", "line") if key in old}
    between = unkept(new["before"]) if isinstance(new.get("before"), str) else None
    if "line" in old and (between is None or mark(between) != old["after"]):
        facts["after"] = ""  # somebody else wrote into the file in between: undo the one line only
    return facts
