"""A folder as a stranger might fill it: beside the submissions, a module of every name that Python may look for there.

Whichever of them is imported, and whichever program of it is run, writes its name into a file: nobody else does.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import tomllib
from pathlib import Path

from tests.domain import ROOT

PROGRAMS = ("soffice", "libreoffice", "unopkg", "python", "python3", "pip", "py", "ogi", "dask", "uname", "sed", "sh")
AT_START = ("sitecustomize", "usercustomize")
OURS = ("workbook", "xlplugin")
ALSO = ("docx", "numpy", "dask", "tornado", "msgpack", "cloudpickle", "weasyprint", "uno", "unohelper", "com", "winreg")
TELLING = "with open({marker!r}, 'a') as told: told.write(__name__ + '\\n')\n"
"""What each module does."""


def names() -> set[str]:
    """Every module of Python, of ours, of what we need, and what is loaded here: all that is imported by a name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    needed = {re.split(r"[<>=!~ ;\[]", one)[0].replace("-", "_") for one in wanted}
    loaded = {name.partition(".")[0] for name in sys.modules}
    found = {*sys.stdlib_module_names, *OURS, *AT_START, *ALSO, *needed, *loaded}
    return {name for name in found if name.isidentifier() and name != "__main__"}


def fill(folder: Path, marker: Path, *, without: tuple[str, ...] = ()) -> Path:
    """Fill that folder; by turns a module is a file and a package. It has programs, and commands for `ogi`, too."""
    for number, name in enumerate(sorted(names() - {*without})):
        path = folder / name / "__init__.py" if number % 2 else folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TELLING.format(marker=str(marker)), "utf-8")
    for name in PROGRAMS:
        program = folder / name
        if not program.exists():
            program.write_text(f'#!/bin/sh\necho "program {name}" >> "{marker}"\n')
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return with_commands(folder, marker)


def with_commands(folder: Path, marker: Path) -> Path:
    """Put a package into that folder which has commands for `ogi`, one of them by the name of one of ours."""
    (folder / "stranger.py").write_text(TELLING.format(marker=str(marker)), "utf-8")
    about = folder / "stranger-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[ogi.commands]\nstranger = stranger:command\ndoctor = stranger:command\n")
    return folder


def ran(marker: Path) -> list[str]:
    """What of the folder was run."""
    return sorted(set(marker.read_text("utf-8").split("\n")[:-1])) if marker.exists() else []


def untold(**more: str) -> dict[str, str]:
    """The environment of somebody who took no care: nothing in it says how Python is to look for modules."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONSAFEPATH", "PYTHONPATH"}}
    return environment | more
