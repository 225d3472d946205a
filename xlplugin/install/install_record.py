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

from workbook.safety.messages import UserError, load_messages
from xlplugin.install import install_steps, libreoffice_extension
from xlplugin.install.install_steps import Facts, Step, from_json, missing_folders, restore_file, sha256, write_file
from xlplugin.install.machine import Machine, config_folder, read_file

MESSAGES = load_messages("xlplugin.install")
VERSION = 1

UNDO: Mapping[str, Callable[[Machine, Facts], bool]] = {
    "file": install_steps.undo_file,
    "setting": install_steps.undo_setting,
    "registry": install_steps.undo_registry,
    "extension": libreoffice_extension.undo_extension,
}
"""Kind of step → what undoes it from the facts recorded: True if it did, False where somebody changed it since."""


class InstallRecord:
    """The steps made on a computer; a step made again keeps what was there before the first time.

    Raises UserError where the file is damaged, or a newer version wrote it.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.path = record_path(machine)
        try:
            content = _read_record(self.path)
        except (ValueError, KeyError, TypeError) as why:
            raise UserError(MESSAGES.get("install.record", file=self.path, why=why)) from why
        self.entries: list[Facts] = content.get("changes", [])
        self.folders: list[str] = content.get("folders", [])

    def make(self, step: Step) -> None:
        """Record a step and make it; one that fails is undone and not in the record. Raises OSError."""
        self.folders = [*missing_folders(self.path.parent), *self.folders]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        earlier = self.entries
        try:
            self.entries = _with_step(earlier, step)
            self._save()
            step.make()
        except OSError:
            self.entries = earlier
            with suppress(OSError):
                UNDO[step.kind](self.machine, step.facts)
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
    return config_folder(machine) / "ogi" / "installed.json"


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


def _with_step(earlier: list[Facts], step: Step) -> list[Facts]:
    """Return the entries with one of this step: in the place of its own, or at the end."""
    entries = {entry["id"]: entry for entry in earlier}
    identity = f"{step.kind} {step.target}"
    facts = _merge_facts(entries[identity]["facts"], step.facts) if identity in entries else step.facts
    entries[identity] = {"id": identity, "name": step.name, "kind": step.kind, "facts": facts}
    return list(entries.values())


def _merge_facts(old: Facts, new: Facts) -> Facts:
    """Return the facts of a step made again, with what was there before the first time."""
    merged = new | {key: old[key] for key in ("before", "line", "folders", "keys") if key in old}
    was_made = old.get("before") != new.get("before")  # else the program was killed before
    if "line" in old and was_made and sha256(from_json(new["before"]) or b"") != old["after"]:
        merged["after"] = ""  # somebody else wrote into the file in between: only our line is undone
    return merged
