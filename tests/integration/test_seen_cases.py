"""Workbooks of which it is stated what a person sees: both readers agree, and nothing is silent. No program is needed.

What only the programs can say is asked in `tests/office/test_seen_is_read.py`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.samples.seen_readings import SILENT, judge, read_cell, read_usual
from tests.samples.seen_workbooks import ASK, KINDS, Case, good, list_cases
from workbook.excel.reading import ooxml_reader, openpyxl_reader
from workbook.excel.reading.workbook_contents import AmbiguousWorkbook, WorkbookContents
from workbook.excel.reading.workbook_reader import read_workbook

STATED = [case for kind in KINDS for case in list_cases(kind) if case.seen != ASK and not case.open]
COVERS = list_cases("covers") + list_cases("formulas")


@pytest.mark.parametrize("case", STATED, ids=[case.name for case in STATED])
def test_what_is_stated_to_be_seen_is_read_reported_or_refused(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "年报.xlsx"
    path.write_bytes(case.make(good()))
    reading = read_cell(read_workbook, path, case.at)
    seen = [] if case.seen is None else [case.seen]
    assert judge(case, reading, read_usual(case.at, tmp_path), seen) != SILENT


@pytest.mark.parametrize("case", COVERS, ids=[case.name for case in COVERS])
def test_both_readers_hear_of_the_same_covers(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "年报.xlsx"
    path.write_bytes(case.make(good()))
    assert _opened(ooxml_reader.read_ooxml, path) == _opened(openpyxl_reader.read_with_openpyxl, path)


def _opened(read: object, path: Path) -> WorkbookContents | None:
    """What a reader opens; None where it refuses."""
    try:
        return replace(read(path), reader="")  # type: ignore[operator]
    except (AmbiguousWorkbook, ooxml_reader.NeedsOpenpyxl, *ooxml_reader.DAMAGE):
        return None
