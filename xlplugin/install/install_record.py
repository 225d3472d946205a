"""The record of an installation: a JSON file in the user's own folder, with all that uninstalling puts back.

It has an entry for each step made, in their order, and is written before the step is: nothing is forgotten where the
program is killed. `ogi uninstall` reads the records of every earlier version of this program.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbook.cli.words import Refused
from workbook.safety.messages import load_messages
from xlplugin.install.install_steps import (
    Facts,
    Step,
    from_json,
    missing_folders,
    restore_file,
    sha256,
    undo_file,
    undo_registry,
    undo_setting,
    write_file,
)
from xlplugin.install.libreoffice_extension import undo_extension
from xlplugin.install.machine import Machine, own_folder, read_file

MESSAGES = load_messages("xlplugin.install")
VERSION = 1

UNDO: Mapping[str, Callable[[Machine, Mapping[str, Any]], bool]] = {
    "file": undo_file,
    "setting": undo_setting,
    "registry": undo_registry,
    "extension": undo_extension,
}
"""Kind of step → what undoes it from the facts recorded: True if it did, False where somebody changed it since."""


class InstallRecord:
    """The steps made on a computer; a step made again keeps what was there before the first time.

    Raises Refused where the file is damaged, or a newer version wrote it.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.path = record_path(machine)
        try:
            content = _read_record(self.path)
        except (ValueError, KeyError, TypeError) as why:
            raise Refused(MESSAGES.get("install.record", file=self.path, why=why)) from why
        self.entries: list[Facts] = content.get("changes", [])
        self.folders: list[str] = content.get("folders", [])

    def make(self, step: Step) -> None:
        """Record a step and make it; one that fails is undone and not in the record. Raises OSError."""
        self.folders = [*missing_folders(self.path.parent), *self.folders]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        earlier, facts = self.entries, step.describe(self.machine)
        try:
            self.entries = _with_step(earlier, step, facts)
            self._save()
            step.make(self.machine)
        except OSError:
            self.entries = earlier
            with suppress(OSError):
                UNDO[step.kind](self.machine, facts)
            with suppress(OSError):
                self._save()
            raise

    def undo(self, entry: Facts) -> bool:
        """Undo a step and remove it from the record; False where it was changed since, and is left. Raises OSError."""
        undone = UNDO[entry["kind"]](self.machine, entry["facts"])
        self.entries.remove(entry)
        self._save()
        return undone

    def _save(self) -> None:
        if not self.entries:
            restore_file(self.path, None, self.folders)
            return
        content = {"version": VERSION, "folders": self.folders, "changes": self.entries}
        write_file(self.path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def record_path(machine: Machine) -> Path:
    """Return where the record is."""
    return own_folder(machine) / "installed.json"


def _read_record(path: Path) -> dict[str, Any]:
    data = read_file(path)
    if data is None:
        return {}
    content: dict[str, Any] = json.loads(data)
    if content["version"] != VERSION:
        raise ValueError(f"version {content['version']}")
    if not all(entry[key] for entry in content["changes"] for key in ("id", "name", "kind", "facts")):
        raise ValueError("an entry is not whole")
    return content


def _with_step(entries: list[Facts], step: Step, facts: Facts) -> list[Facts]:
    """Return the entries with one of this step: in the place of its own, or at the end."""
    made = {"id": f"{step.kind} {step.target}", "name": step.name, "kind": step.kind, "facts": facts}
    if all(entry["id"] != made["id"] for entry in entries):
        return [*entries, made]
    return [
        {**made, "facts": _merge_facts(entry["facts"], facts)} if entry["id"] == made["id"] else entry
        for entry in entries
    ]


def _merge_facts(old: Facts, new: Facts) -> Facts:
    """Return the facts of a step made again, with what was there before the first time."""
    merged = new | {key: old[key] for key in ("before", "line", "folders", "keys") if key in old}
    not_made = old["before"] == new["before"]  # the program was killed before the first time
    if "line" in old and not not_made and sha256(from_json(new["before"]) or b"") != old["after"]:
        merged["after"] = ""  # somebody else wrote into the file in between: only our line is undone
    return merged
