"""Every template ever committed is read whole, whoever reads it, with no word of its age."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.domain import ROOT, leaves
from workbook.cli import main
from workbook.excel.report_loading import load_submission
from workbook.model.form_loader import load_form
from workbook.model.numbers import to_cell_unit
from workbook.model.report import Report

ISSUED = ROOT / "tests" / "templates"
CURRENT = ROOT / "templates"
FILES = sorted(ISSUED.glob("annual-*.xls?"))
FIRST = [path for path in FILES if path.name.endswith("-1.xlsx")]
LAYOUT: Mapping[str, Any] = json.loads((ISSUED / "layout-1.json").read_text("utf-8"))
"""Form → where its cells and the cover's fields stand, as sheet and place, in all templates so far."""
YEARS = {"annual-2019": 2020, "annual-2021": 2023}


def form_of(path: Path) -> str:
    return path.stem.rpartition("-")[0]


def fill(path: Path, to: Path) -> dict[str, int]:
    """A copy of a template, filled at the places of its layout: another figure in each cell that is typed in."""
    form_id = form_of(path)
    book = load_workbook(path, keep_vba=path.suffix == ".xlsm")
    typed = {cell.code: n for n, cell in enumerate(leaves(load_form(form_id)), 1)}
    cover = {"name": "某某局", "year": YEARS[form_id]}
    layout = LAYOUT[form_id]
    for places, values in ((layout["cells"], typed), (layout["identity"], cover)):
        for code, value in values.items():
            sheet, _, place = places[code].partition("!")
            book[sheet][place] = value
    book.save(to)
    return typed


def figures(report: Report, codes: Mapping[str, int]) -> dict[str, object]:
    cells = {code: report.form.cell(code) for code in codes}
    return {code: to_cell_unit(report.number(cell.index), cell.unit) for code, cell in cells.items()}


def test_each_template_that_is_handed_out_is_kept_here() -> None:
    stored = {path.read_bytes() for path in FILES}
    assert [path.name for path in sorted(CURRENT.glob("annual-*")) if path.read_bytes() not in stored] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_is_read_whole_with_no_word_of_its_age(path: Path, tmp_path: Path) -> None:
    typed = fill(path, tmp_path / path.name)
    submission = load_submission(tmp_path / path.name)
    report = submission.report
    assert (report.agency.name, report.year) == ("某某局", YEARS[form_of(path)])
    assert figures(report, typed) == typed
    where = {code: f"{report.source(code).sheet}!{report.source(code).cell}" for code in typed}
    assert where == {code: LAYOUT[form_of(path)]["cells"][code] for code in typed}
    assert {found.rule for found in submission.findings} <= {"structure-macros"}


@pytest.mark.parametrize("path", FIRST, ids=lambda path: path.name)
def test_the_first_ones_serve_repair_last_year_and_merge(path: Path, tmp_path: Path) -> None:
    year = YEARS[form_of(path)]
    copy, fresh, following, merged = (str(tmp_path / name) for name in (path.name, "新.xlsx", "下年.xlsx", "汇总.json"))
    typed = fill(path, Path(copy))
    assert main(["repair", copy, "-o", fresh]) == 0
    assert figures(load_submission(Path(fresh)).report, typed) == typed
    assert main(["new", "--year", str(year + 1), "--agency", "某某局", "--from", copy, "-o", following]) == 0
    before = load_submission(Path(following)).previous
    assert before is not None
    assert before.year == year
    main(["merge", copy, "-o", merged, "--no-cache", "--include-errors"])
    summary = json.loads(Path(merged).read_text("utf-8"))
    assert summary["files"]["errors"] == 1
