"""`python -m xlplugin.building DIR` writes the files with macros, byte for byte the same each time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from workbook.model.form_loader import list_form_ids, load_form
from workbook.safety import atomic_write
from xlplugin.building.extension_package import build_extension
from xlplugin.building.macro_workbooks import build_macro_template
from xlplugin.building.ribbon import build_addin


def list_files() -> dict[str, Callable[[], bytes]]:
    """Return what builds each file, by its name: a macro workbook of every form, the add-in, the extension."""
    files: dict[str, Callable[[], bytes]] = {"ogi.xlam": build_addin, "ogi.oxt": build_extension}
    return {f"{one}.xlsm": partial(build_macro_template, load_form(one)) for one in list_form_ids()} | files


def main(folder: Path) -> None:
    """Write every file into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, build in list_files().items():
        atomic_write.write_bytes(folder / name, build())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "templates"))
