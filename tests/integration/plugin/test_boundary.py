"""One report, one verdict, whatever shows it; and what showing it costs."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import xlplugin
from tests.domain import FORM_FILES, reports, zero
from tests.integration.plugin.conftest import sample
from tests.integration.plugin.fake_host import FakeHost
from workbook.excel.report_loading import load_submission
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange import report_json
from workbook.model.form import Form
from workbook.model.form_loader import load_form as form_of
from workbook.model.report import Report
from xlplugin.commands import validate
from xlplugin.highlight_plan import Outcome
from xlplugin.host_libreoffice import LibreOfficeHost
from xlplugin.open_workbook import OpenWorkbook

FORM = form_of("annual-2021")
CLEAN = 32
"""Calls for one `validate` of a report without fault: about four a sheet, and one for each table's number format."""
LIST, MARKED = 20, 4
"""Calls that a sheet 问题 costs; and at most each marked cell, and each line with its link."""
FORMATS = 20
"""Calls to find by halves each total that is as published, which has a number format of its own."""
WRITING = {"add_sheet", "clear_sheet", "format_area", "unprotect", "write_block", "write_highlight", "write_link"}
any_broken = st.sampled_from(FORM_FILES).flatmap(lambda form: reports(form, consistent=False))
patient = {"suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow], "deadline": None}


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("OGI_LOG", str(tmp_path / "log"))
    return tmp_path


@settings(max_examples=20, **patient)
@given(report=any_broken)
def test_the_verdict_on_what_is_open_is_that_on_what_was_saved(quiet: Path, report: Report) -> None:
    path = quiet / "报告.xlsx"
    write_workbook(path, report)
    host = FakeHost(path)
    outcome = validate(host)
    again = validate(host)
    exported = report_json.dump_report_text(OpenWorkbook(host).read_submission().report)
    saved = load_submission(path)
    assert outcome is not None
    assert again is not None
    assert list(outcome.findings) == saved.check()
    assert again == outcome
    assert exported == report_json.dump_report_text(saved.report)


@pytest.mark.office
@settings(max_examples=5, **patient)
@given(report=any_broken)
def test_so_it_is_in_libreoffice(quiet: Path, office, report: Report) -> None:
    path = quiet / f"报告 {hash(report.values) % 10**9}.xlsx"
    write_workbook(path, report)
    with office.deadline(90):
        document = office.open(path, hidden=False)
        try:
            outcome = validate(LibreOfficeHost(office.context, document))
            assert outcome is not None
            assert list(outcome.findings) == load_submission(path).check()
        finally:
            document.close(True)


@settings(max_examples=15, **patient)
@given(data=st.data())
def test_any_report_comes_in_and_goes_out_unchanged(quiet: Path, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(FORM_FILES))
    report = data.draw(reports(form, consistent=False))
    blank, came, went = quiet / "空.xlsx", quiet / "来.json", quiet / "去.json"
    write_workbook(blank, Report(form, report.year, report.agency, (None,) * len(form.cells)))
    came.write_text(report_json.dump_report_text(report), "utf-8")
    went.unlink(missing_ok=True)
    host = FakeHost(blank)
    host.answers = [True] * 3
    xlplugin.import_json(host, came)
    xlplugin.export_json(host, went)
    rewritten = quiet / "新.xlsx"
    write_workbook(rewritten, report)
    assert report_json.dump_report_text(load_submission(went).report) == report_json.dump_report_text(
        load_submission(rewritten).report
    )


def calls_of(path: Path, report: Report) -> tuple[Counter[str], Outcome]:
    write_workbook(path, report)
    host = FakeHost(path)
    host.calls.clear()
    outcome = validate(host)
    return host.calls, outcome


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_a_clean_report_crosses_the_boundary_a_bounded_number_of_times(quiet: Path, form: Form) -> None:
    calls, outcome = calls_of(quiet / "报告.xlsx", zero(form))
    assert outcome.clean
    assert calls.total() <= CLEAN
    assert not WRITING & set(calls)


def test_only_findings_cost_more(quiet: Path) -> None:
    clean, _ = calls_of(quiet / "a.xlsx", zero(FORM))
    faulty = [zero(FORM).with_values({FORM.cells[number].code: 5}) for number in (40, 90)]
    for n, report in enumerate([*faulty, sample()]):
        calls, outcome = calls_of(quiet / f"{n}.xlsx", report)
        assert outcome.rows
        assert calls.total() - clean.total() <= LIST + 2 * FORMATS + MARKED * (len(outcome.marks) + len(outcome.rows))
