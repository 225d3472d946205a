"""One report, one verdict, whatever shows it; and what showing it costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import xlwings as xw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import xlplugin
from tests.domain import FORM_FILES, reports, zero
from tests.integration.plugin.conftest import sample
from tests.integration.plugin.hosts import memory
from workbook.excel.report_loading import load_submission
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange import report_json
from workbook.model.form import Form
from workbook.model.form_loader import load_form as form_of
from workbook.model.report import Report
from xlplugin.commands import validate
from xlplugin.desk import Desk
from xlplugin.marking import Outcome

FORM = form_of("annual-2021")
CLEAN = 68
"""Calls for one `validate` of a report without fault; 14 of them are xlwings' own way from a sheet to its program, and
two for each table ask for the number format of its figures."""
LIST, MARKED = 150, 12
"""Calls that a sheet 问题 costs; and at most each marked cell, and each line with its link."""
FORMATS = 20
"""Calls to find by halves each total that stands as published, which has a number format of its own."""
any_broken = st.sampled_from(FORM_FILES).flatmap(lambda form: reports(form, consistent=False))
patient = {"suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow], "deadline": None}


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("OGI_LOG", str(tmp_path / "log"))
    return tmp_path


def in_memory(path: Path) -> tuple[xw.App, xw.Book]:
    app = memory.activate()
    return app, app.books.open(str(path))


@settings(max_examples=20, **patient)
@given(report=any_broken)
def test_the_verdict_on_what_is_open_is_that_on_what_was_saved(quiet: Path, report: Report) -> None:
    path = quiet / "报告.xlsx"
    write_workbook(path, report)
    before = xw.engines.active
    try:
        _, book = in_memory(path)
        outcome = validate(book)
        again = validate(book)
        exported = report_json.dump_report_text(Desk(book).read().report)
    finally:
        xw.engines.active = before
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
    from xlplugin.hosts import libreoffice

    path = quiet / f"报告 {hash(report.values) % 10**9}.xlsx"
    write_workbook(path, report)
    before = xw.engines.active
    with office.deadline(90):
        app = libreoffice.activate_here(office.context)
        book = app.books.open(str(path))
        try:
            outcome = validate(book)
            assert outcome is not None
            assert list(outcome.findings) == load_submission(path).check()
        finally:
            book.close()
            xw.engines.active = before


@settings(max_examples=15, **patient)
@given(data=st.data())
def test_any_report_comes_in_and_goes_out_unchanged(quiet: Path, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(FORM_FILES))
    report = data.draw(reports(form, consistent=False))
    blank, came, went = quiet / "空.xlsx", quiet / "来.json", quiet / "去.json"
    write_workbook(blank, Report(form, report.year, report.agency, (None,) * len(form.cells)))
    came.write_text(report_json.dump_report_text(report), "utf-8")
    went.unlink(missing_ok=True)
    before = xw.engines.active
    try:
        app, book = in_memory(blank)
        app.impl.answers = ["yes"] * 3
        xlplugin.import_json(book, came)
        xlplugin.export_json(book, went)
    finally:
        xw.engines.active = before
    rewritten = quiet / "新.xlsx"
    write_workbook(rewritten, report)
    assert report_json.dump_report_text(load_submission(went).report) == report_json.dump_report_text(
        load_submission(rewritten).report
    )


def calls_of(path: Path, report: Report) -> tuple[Counter[str], Outcome]:
    write_workbook(path, report)
    before = xw.engines.active
    try:
        _, book = in_memory(path)
        with memory.counted() as calls:
            outcome = validate(book)
            return Counter(calls), outcome
    finally:
        xw.engines.active = before


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_a_clean_report_crosses_the_boundary_a_bounded_number_of_times(quiet: Path, form: Form) -> None:
    calls, outcome = calls_of(quiet / "报告.xlsx", zero(form))
    assert outcome.clean
    assert calls.total() <= CLEAN
    assert not [name for name in calls if name.endswith("=")], "nothing is written"


def test_only_findings_cost_more(quiet: Path) -> None:
    clean, _ = calls_of(quiet / "a.xlsx", zero(FORM))
    for number in (40, 90):
        values = list(zero(FORM).values)
        values[number] = 5
        calls, outcome = calls_of(quiet / f"{number}.xlsx", replace(zero(FORM), values=tuple(values)))
        assert outcome.rows
        assert calls.total() - clean.total() <= LIST + 4 * FORMATS + MARKED * (len(outcome.marks) + len(outcome.rows))
    calls, outcome = calls_of(quiet / "样例.xlsx", sample())
    assert calls.total() - clean.total() <= LIST + 4 * FORMATS + MARKED * (len(outcome.marks) + len(outcome.rows))
