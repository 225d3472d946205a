"""A second opinion on every formula: Gnumeric, which shares no code with Excel or LibreOffice."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
from openpyxl.utils.datetime import to_excel

SECONDS = 120


def why_not() -> str | None:
    """Why Gnumeric cannot be asked on this machine, or None when it can."""
    if shutil.which("ssconvert") is None:
        return "Gnumeric (ssconvert) is not installed; tools/setup-tests.sh installs it"
    return None


def recalculated(path: Path) -> dict[str, dict[str, object]]:
    """Every value of a workbook after a recalculation: sheet name → A1 address → value.

    The same shape as ``Office.recalculated``: numbers, dates and truth values are floats, errors are their names,
    and cells that are empty or whose formula gives "" are left out.
    """
    with tempfile.TemporaryDirectory(prefix="gnumeric-") as directory:
        # xlsx and not csv: csv has only what the number format shows.
        result = Path(directory) / "recalculated.xlsx"
        run = subprocess.run(
            ["ssconvert", "--recalc", str(path), str(result)],
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        if run.returncode != 0 or not result.exists():
            raise RuntimeError(f"ssconvert failed on {path}: {run.stderr.strip()}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Gnumeric writes no default style, which does not matter here
            book = openpyxl.load_workbook(result, data_only=True)
    return {
        sheet.title: {
            cell.coordinate: _plain(cell.value)
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None and cell.value != ""
        }
        for sheet in book.worksheets
    }


def _plain(value: object) -> object:
    """A value as LibreOffice gives it: whatever is a number underneath is a float."""
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, datetime | date | time | timedelta):
        return float(to_excel(value))
    return value
