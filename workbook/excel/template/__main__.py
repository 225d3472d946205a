"""`python -m workbook.excel.template DIR`: write every form's blank template, byte for byte the same each time."""

from __future__ import annotations

import sys
from pathlib import Path

from workbook.excel.template.template_writer import build_template
from workbook.model.form_loader import list_form_ids, load_form
from workbook.safety import atomic_write


def main(folder: Path) -> None:
    """Write `<form id>.xlsx` for every form into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for form_id in list_form_ids():
        atomic_write.write_bytes(folder / f"{form_id}.xlsx", build_template(load_form(form_id)))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "templates"))
