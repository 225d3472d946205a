"""`python -m xlplugin.building DIR`: write the files with macros, byte for byte the same each time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from workbook import whole
from workbook.forms import form_ids, load
from xlplugin.building.extension_package import extension
from xlplugin.building.ribbon import addin
from xlplugin.building.workbooks import macro_template_of


def files() -> dict[str, Callable[[], bytes]]:
    """Every file by name, and what makes it: a macro workbook for each form, the add-in, the extension."""
    made: dict[str, Callable[[], bytes]] = {f"{one}.xlsm": partial(macro_template_of, load(one)) for one in form_ids()}
    return {**made, "ogi.xlam": addin, "ogi.oxt": extension}


def main(folder: Path) -> None:
    """Write every file into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in files().items():
        whole.write_bytes(folder / name, made())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "templates"))
