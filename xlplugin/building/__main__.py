"""`python -m xlplugin.building DIR`: write the files with macros, byte for byte the same each time."""

from __future__ import annotations

import sys
from pathlib import Path

from workbook import whole
from workbook.forms import form_ids, load
from xlplugin.building.extension import extension
from xlplugin.building.ribbon import addin
from xlplugin.building.workbooks import macro_template_of


def main(folder: Path) -> None:
    """Write `<form id>.xlsm` for every form, `ogi.xlam` and `ogi.oxt` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for form_id in form_ids():
        whole.write_bytes(folder / f"{form_id}.xlsm", macro_template_of(load(form_id)))
    whole.write_bytes(folder / "ogi.xlam", addin())
    whole.write_bytes(folder / "ogi.oxt", extension())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "templates"))
