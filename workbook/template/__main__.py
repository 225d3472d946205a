"""`python -m workbook.template DIR`: write every form's blank template, byte for byte the same each time."""

from __future__ import annotations

import sys
from pathlib import Path

from workbook import whole
from workbook.forms import form_ids, load
from workbook.template.template_writer import template_of


def main(folder: Path) -> None:
    """Write `<form id>.xlsx` for every form into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for form_id in form_ids():
        whole.write_bytes(folder / f"{form_id}.xlsx", template_of(load(form_id)))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "templates"))
