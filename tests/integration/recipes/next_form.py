"""What the next form reaches: test_recipes.py runs these tests in its copy of the project, which has that form."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from tests.integration.recipes.edits import LABEL, RENAMED, ROW, RULE
from tests.samples import agency_files
from tests.samples.command_run import run_ogi
from workbook.cli.reference_commands import write_rules_page
from workbook.excel.report_loading import load_submission
from workbook.excel.template.template_writer import build_template, write_workbook
from workbook.exchange import report_json
from workbook.exchange.json_schema import build_schema
from workbook.merging.prior_year.summary_reader import read_summary_reports
from workbook.model.form import Form
from workbook.model.form_loader import get_form_in_force, list_form_ids, load_form
from workbook.model.form_migration import convert_report
from workbook.model.report import Report
from workbook.model.rule_catalog import format_message
from workbook.rules.evaluation import check_report
from xlplugin.building.__main__ import list_files

BEFORE, FORM = map(load_form, list_form_ids()[-2:])
YEAR = FORM.years.from_
CELL = f"requests.{ROW}.person"
SPLIT = "licensing.permits.refused.decisions"
FIGURES = {
    FORM.id: {CELL: 3, "requests.granted.law": 2, "platform.website.published": 5, SPLIT: 1},
    BEFORE.id: {"requests.granted.law": 4, "licensing.permits.decisions": 7},
}


def report(n: int, form: Form = FORM, year: int = YEAR) -> Report:
    return agency_files.report(n, FIGURES[form.id], form, year)


THIS, LAST = report(1), report(1, BEFORE, YEAR - 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of both years as workbooks, and of two more agencies as JSON."""
    folder = tmp_path_factory.mktemp("work")
    write_workbook(folder / "今.xlsx", THIS, LAST)
    write_workbook(folder / "去.xlsx", LAST)
    for n in (2, 3):
        files = {f"{YEAR}/{n}.json": report(n), f"{YEAR - 1}/{n}.json": report(n, BEFORE, YEAR - 1)}
        agency_files.put(folder, files)
    return folder


def test_the_form_is_in_force_and_has_its_template_schema_and_macro_workbook() -> None:
    assert [get_form_in_force(year).id for year in (YEAR - 1, YEAR, YEAR + 5)] == [BEFORE.id, FORM.id, FORM.id]
    assert len(build_template(FORM)) > 10_000
    assert len(list_files()[f"{FORM.id}.xlsm"]()) > 10_000
    jsonschema.validate(report_json.dump_report(THIS), build_schema(FORM))


def test_a_workbook_is_read_and_without_finding(folder: Path) -> None:
    submission = load_submission(folder / "今.xlsx")
    assert submission.report.values == THIS.values
    assert [one.rule for one in submission.check()] == []


def test_its_rules_are_evaluated_in_both_languages_and_stand_in_the_rule_book() -> None:
    found = check_report(THIS.with_values({CELL: 4, "platform.website.corrected": 6}))
    assert sorted({one.rule for one in found}) == sorted([RULE, "applicant-total", "results-total"])
    (own,) = (one for one in found if one.rule == RULE)
    assert format_message(own) == "表二“政府网站”行：本年更正件数填 6，超过本年发布件数 5，多 1。"
    assert format_message(own, "en") == (
        "表二, row “Website”: Corrected this year is 6, more than Published this year = 5 by 1."
    )
    assert all(word in write_rules_page() for word in (RULE, FORM.id))


def test_figures_of_the_form_before_are_carried_and_back(folder: Path) -> None:
    assert run_ogi("new --year", YEAR, "--from", folder / "去.xlsx", "-o", folder / "新.xlsx").code == 0
    assert convert_report(LAST, FORM).report["requests.granted.law"] == 4
    assert convert_report(THIS, BEFORE).report["licensing.permits.decisions"] == 1


@pytest.mark.parametrize("suffix", ["docx", "html", "csv", "json"])
def test_it_is_published_and_read_back(suffix: str, folder: Path) -> None:
    out, back = folder / f"出.{suffix}", folder / f"入-{suffix}.xlsx"
    assert run_ogi("export", folder / "今.xlsx", "-o", out).code == 0
    if suffix in ("docx", "html"):
        run_ogi("import", out, "-o", back, "--agency", THIS.agency.name)
        imported = load_submission(back).report
        assert (imported.form.id, imported.values) == (FORM.id, THIS.values)
    if suffix == "html":
        text = out.read_text("utf-8")
        assert [label in text for label in (LABEL, RENAMED[1], RENAMED[0])] == [True, True, False]


def test_it_is_merged_with_last_years_reports_of_the_form_before(folder: Path) -> None:
    outputs = [word for suffix in ("xlsx", "json", "html") for word in ("-o", folder / f"汇.{suffix}")]
    before = folder / str(YEAR - 1)
    assert run_ogi("merge", folder / str(YEAR), "--previous", before, "--name 某县 --no-cache", *outputs).code == 0
    total = report_json.load_report_data(json.loads((folder / "汇.json").read_text("utf-8"))["sum"]).report
    assert (total.form.id, total[CELL], total[f"requests.{ROW}.total"]) == (FORM.id, 6, 6)
    assert len(list(read_summary_reports(folder / "汇.xlsx"))) == 2
    assert LABEL in (folder / "汇.html").read_text("utf-8")
