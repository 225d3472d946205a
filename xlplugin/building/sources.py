"""Reads the VBA that goes into our files: our own modules, and xlwings' without what an untrusted file could misuse.

xlwings (BSD 3-clause) lets a workbook choose the interpreter, by a sheet or by a file beside it, and puts the
workbook's folder first on Python's path. A coordinator opens folders with untrusted files; so our copy takes its
settings from the file that holds the macros and from the user's own configuration, and imports nothing from the folder,
nor from the spreadsheet program's current folder, which is untrusted, too, when a file was opened from there.
Every change is one exact replacement: should xlwings' text change, building fails instead of leaving a hole.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from workbook.safety.messages import read_toml

FOLDER = Path(__file__).parents[1] / "vba"
INTERPRETER_WIN = r"%LOCALAPPDATA%\ogi\python\pythonw.exe"
"""Where Python is looked for on Windows when the user's configuration names none."""


class VbaModule(NamedTuple):
    """One VBA module: its text has CRLF line ends and no character that VBA cannot store."""

    name: str
    text: str
    is_class: bool = False


def read_module(stem: str) -> VbaModule:
    """Return one of our modules, by the name of its file in `vba/`."""
    return parse_module((FOLDER / f"{stem}.bas").read_text("utf-8"))


def parse_module(text: str, *, is_class: bool = False) -> VbaModule:
    """Return a module from its text, which names it. ValueError for a character that VBA cannot store."""
    found = re.search(r'^Attribute VB_Name = "(\w+)"', text, re.MULTILINE)
    if not found:
        raise ValueError("the text of a VBA module must say its VB_Name")
    try:
        text.encode("cp1252")
    except UnicodeEncodeError as error:
        raise ValueError(f"VBA cannot keep {text[error.start]!r} of module {found[1]}") from error
    return VbaModule(found[1], to_crlf(text), is_class)


def to_crlf(text: str) -> str:
    """Return a text with the line ends that VBA wants."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


def harden_xlwings(xlwings: VbaModule, *, addin: bool = False) -> VbaModule:
    """Return the module of xlwings with our changes (`xlwings_changes.toml`).

    In an add-in, its commands are for the workbook in front. ValueError where xlwings' text is not as it was.
    """
    stated, text = read_toml("xlplugin.building.xlwings_changes"), xlwings.text
    for change in [*stated["everywhere"], *(stated["addin"] if addin else ())]:
        old, new = to_crlf(change["old"]), to_crlf(change["new"].replace("{python}", INTERPRETER_WIN))
        times = change.get("times", 1)
        if text.count(old) != times:
            raise ValueError(f"xlwings' VBA has changed: {old!r} stands {text.count(old)} times in it, not {times}")
        text = text.replace(old, new)
    head, rest = text.split("\r\n", 1)
    return xlwings._replace(text=f"{head}\r\n{stated['note']}\r\n{rest}")
