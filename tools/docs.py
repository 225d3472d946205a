"""`python -m tools.docs [--pictures]` writes the generated pages of docs/, and the pictures of the real template."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tools import api_page, licences
from workbook.cli.reference_commands import write_rules_page
from workbook.excel.report_loading import load_submission
from workbook.excel.template.template_writer import write_workbook
from workbook.safety import atomic_write

DOCS = Path(__file__).parents[1] / "docs"
EXAMPLE = Path(__file__).parents[1] / "examples" / "市中区统计局-2020.json"
PAGES = {"cover": 1, "requests": 3, "checks": 8}
"""Picture → the page of the printed workbook it shows."""


def write_pages() -> None:
    """Write docs/rules.md, the rule book, docs/licences.md and docs/api.md."""
    atomic_write.write_text(DOCS / "rules.md", write_rules_page())
    atomic_write.write_text(DOCS / "licences.md", licences.build_page())
    atomic_write.write_text(DOCS / "api.md", api_page.build_page())


def write_pictures() -> None:
    """Write docs/pictures/: pages of the workbook of a published report, through LibreOffice."""
    from tests.office.pictures import pages as drawn

    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "report.xlsx"
        write_workbook(book, load_submission(EXAMPLE).report)
        for name, png in _choose_pages(drawn(book, Path(folder), dpi=80)).items():
            (DOCS / "pictures" / f"{name}.png").write_bytes(png.read_bytes())


def _choose_pages(drawn: list[Path]) -> dict[str, Path]:
    return {name: drawn[page - 1 if page > 0 else page] for name, page in PAGES.items()}


if __name__ == "__main__":
    write_pages()
    if "--pictures" in sys.argv:
        write_pictures()
