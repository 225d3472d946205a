"""The workbooks of the benchmark hold the figures they should, whoever is said to have written them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import openpyxl
import pytest

from benchmarks import merge
from benchmarks.province import province
from benchmarks.reports import reports, roster
from benchmarks.workload import (
    EXCEL,
    ISSUED,
    LIBREOFFICE,
    MIXED,
    ODDITIES,
    Order,
    Workload,
    save_with_libreoffice,
)
from workbook.excel.report_loading import load_submission
from workbook.excel.template_layout import TemplateLayout
from workbook.merging.collection_run import collect_reports
from workbook.merging.totals import merge_reports
from workbook.model.form_loader import get_form_in_force
from workbook.model.report import Report

FORMS = {year: get_form_in_force(year) for year in (2020, 2024)}
SEED = 5


def written(
    folder: Path, year: int, order: Order, saves: list[Path] | None = None
) -> list[tuple[Path, Report, Report]]:
    """A few workbooks of that order, with the report and last year's that are in each."""
    workload, made = Workload(FORMS[year], year, saves or []), []
    for number, line in enumerate(roster(40)[3::9]):
        now, before = reports(line, FORMS[year], year, SEED)
        path = folder / f"{number}.xlsx"
        workload.write(path, now, before, order, Random(number))
        made.append((path, now, before))
    return made


def differing(path: Path, now: Report, before: Report) -> list[str]:
    """The cells of this year's and last year's figures that hold something else, as openpyxl reads them."""
    book = openpyxl.load_workbook(path, data_only=True)
    places, odd = TemplateLayout(now.form), []
    for report, spots in ((now, places.cells), (before, places.previous)):
        for cell in now.form.cells:
            spot, figure = spots[cell.code], float(report.number(cell.index) or 0) / cell.unit.scale
            if book[spot.sheet].cell(spot.row + 1, spot.column + 1).value != pytest.approx(figure):
                odd.append(str(spot))
    return odd


@pytest.mark.parametrize("year", FORMS)
@pytest.mark.parametrize("program", [ISSUED, EXCEL])
def test_a_workbook_holds_the_figures_of_its_report(tmp_path: Path, year: int, program: str) -> None:
    for path, now, before in written(tmp_path, year, Order(program)):
        assert not differing(path, now, before)
        read = load_submission(path)
        assert read.report == now
        assert not read.findings


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("year", FORMS)
def test_a_workbook_saved_by_libreoffice_takes_other_figures(tmp_path: Path, year: int) -> None:
    saves = save_with_libreoffice(tmp_path / "saved", FORMS[year], year, 2)
    before = [path.stat().st_mtime_ns for path in saves]
    for path, now, last in written(tmp_path, year, Order(LIBREOFFICE), saves):
        assert not differing(path, now, last)
        read = load_submission(path)
        assert dict(read.report.texts) == dict(now.texts)
        assert (read.report.agency, read.report.year) == (now.agency, now.year)
        assert not read.findings
    assert save_with_libreoffice(tmp_path / "saved", FORMS[year], year, 2) == saves
    assert [path.stat().st_mtime_ns for path in saves] == before


@pytest.mark.parametrize("oddity", ODDITIES)
def test_an_oddity_changes_one_cell_at_most_and_the_merge_says_what_it_should(tmp_path: Path, oddity: str) -> None:
    made = written(tmp_path / "files", 2024, Order(EXCEL, oddity))
    for path, now, before in made:
        assert len(differing(path, now, before)) <= 1
        assert path.read_bytes() != b""
    with collect_reports([tmp_path / "files"]) as found:
        assert {entry.status.value for entry in found.entries} == {ODDITIES[oddity][1]}


def test_the_benchmark_knows_all_oddities() -> None:
    assert tuple(ODDITIES) == merge.ODDITIES
    assert (MIXED, ISSUED, LIBREOFFICE) == (merge.MIXED, merge.ISSUED, merge.LIBREOFFICE)


@pytest.mark.usefixtures("office")
def test_a_mixed_workload_is_merged_as_it_is_said(tmp_path: Path) -> None:
    made = province(tmp_path, 48, sent=MIXED, jobs=1)
    with collect_reports([made.files]) as found:
        assert {one.place: one.status.value for one in found.entries} == made.statuses()
        merged = merge_reports(found).report
    assert {cell.code: merged.number(cell.index) for cell in merged.form.cells} == made.total
