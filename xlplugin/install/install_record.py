"""The record of what setting up changed, a JSON file in the user's own folder: enough to undo it all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from xlplugin.install import user_folders as places
from xlplugin.install.install_steps import (
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
from xlplugin.install.libreoffice_extension import undo_extension
from xlplugin.install.machine import Machine

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
    """What was changed, in the order it was done; written before every change, so that nothing is ever forgotten."""

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
        before = self.entries
        noted: list[Facts] = []

        def note(facts: Facts) -> None:
            noted.append(facts)
            self.entries = _with(before, step, facts)
            self._write()

        try:
            facts = step.do(self.machine, note)
            if noted[-1:] != [facts]:
                note(facts)
        except OSError:
            self._forget(step, noted, before)
            raise

    def _forget(self, step: Step, noted: list[Facts], before: list[Facts]) -> None:
        """A change failed: whatever came of it is undone, and the record is as it was."""
        self.entries = before
        with suppress(OSError):
            if noted:
                UNDO[step.change.kind](self.machine, noted[0])
        with suppress(OSError):
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


def _with(entries: list[Facts], step: Step, facts: Facts) -> list[Facts]:
    """The entries with one of this step: a new one, or the one it has, with what was there before the first time."""
    identity = f"{step.change.kind} {step.change.target}"
    entry = {"id": identity, "name": step.name, "kind": step.change.kind, "facts": facts}
    if all(one["id"] != identity for one in entries):
        return [*entries, entry]
    return [one | {"facts": _again(one["facts"], facts)} if one["id"] == identity else one for one in entries]


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
    if old.get("before") == new.get("before"):  # killed before the first was made
        return new | {key: old[key] for key in ("folders", "keys") if key in old}
    facts = new | {key: old[key] for key in ("before", "folders", "keys", "line") if key in old}
    between = unkept(new["before"]) if isinstance(new.get("before"), str) else None
    if "line" in old and (between is None or mark(between) != old["after"]):
        facts["after"] = ""  # somebody else wrote into the file in between: undo the one line only
    return facts
