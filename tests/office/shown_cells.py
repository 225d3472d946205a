"""What a person is shown in one cell of a workbook: by LibreOffice and by Gnumeric."""

from __future__ import annotations

import csv
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple

from tests.office.libreoffice import Office, OfficeError

SECONDS = 12
"""A program that does not open a workbook in that time does not open it."""
_GONE = (OfficeError, TimeoutError, AttributeError)
"""How LibreOffice says that it opens no workbook: it fails, it waits, or what it opened is none."""


def show_in_libreoffice(office: Office, path: Path, cells: Iterable[tuple[str, str]]) -> list[str | None] | None:
    """The text that stands in each cell (sheet, address), None where it cannot be seen; None where it opens no book."""
    with suppress(*_GONE), office.deadline(SECONDS):
        document = office.open(path)
        try:
            document.calculateAll()
            return [_seen(document, *one) for one in cells]
        finally:
            document.close(True)
    return None


def _seen(document: Any, name: str, address: str) -> str | None:
    """The text of a cell that is not hidden with its row, column or sheet, nor covered by a merged cell."""
    if not document.Sheets.hasByName(name):
        return None
    sheet = document.Sheets.getByName(name)
    cell = sheet.getCellRangeByName(address)
    whole = sheet.createCursorByRange(cell)
    whole.collapseToMergedArea()
    first = whole.getCellByPosition(0, 0).CellAddress
    row, column = cell.Rows.getByIndex(0), cell.Columns.getByIndex(0)
    if (first.Row, first.Column) != (cell.CellAddress.Row, cell.CellAddress.Column):
        return None
    if not (sheet.IsVisible and row.IsVisible and column.IsVisible and row.Height and column.Width):
        return None
    return str(cell.String)


def show_in_gnumeric(path: Path, sheet: int, left: int, addresses: Iterable[str]) -> list[str] | None:
    """The text of each cell of the sheet of that number (from 0); None where Gnumeric does not open the workbook.

    `left` is how many empty columns the sheet begins with: Gnumeric leaves them out.
    """
    with tempfile.TemporaryDirectory(prefix="gnumeric-") as folder:
        command = ["ssconvert", "--recalc", "-S", "-T", "Gnumeric_stf:stf_csv", str(path), f"{folder}/out.csv"]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(command, check=False, capture_output=True, timeout=SECONDS)
        made = Path(folder) / f"out.csv.{sheet}"
        if not made.exists():
            return None
        with made.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
    places = [(row - 1, column - 1 - left) for row, column in map(coordinate_to_tuple, addresses)]
    return [rows[r][c] if r < len(rows) and c < len(rows[r]) else "" for r, c in places]
