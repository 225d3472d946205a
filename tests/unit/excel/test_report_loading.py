"""A file as an agency hands it in, workbook or JSON, is one thing to whoever checks it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain import plain_json, zero
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.report_loading import load_submission
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange import report_json
from workbook.model.form_loader import load_form

FORM = load_form("annual-2021")
REPORT = zero(FORM)


def test_workbook_and_json_say_the_same(tmp_path):
    report = REPORT.with_values({"requests.results.person": 3, "requests.new.person": None})
    write_workbook(tmp_path / "a.xlsx", report)
    (tmp_path / "a.json").write_text(report_json.dump_report_text(report), "utf-8")
    one, other = load_submission(tmp_path / "a.xlsx"), load_submission(tmp_path / "a.json")
    assert plain_json(one.report) == plain_json(other.report)
    assert [(x.rule, x.cells) for x in one.check()] == [(x.rule, x.cells) for x in other.check()]
    assert (one.reader, other.reader) == ("package", "json")


@pytest.mark.parametrize("name", ["a.JSON", "a.json"])
def test_json_is_known_by_its_name(tmp_path, name):
    (tmp_path / name).write_text(report_json.dump_report_text(REPORT), "utf-8")
    assert load_submission(tmp_path / name).report == REPORT


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.json", b"{", "json"),
        ("a.json", b"[]", "json"),
        ("a.json", "{}".encode("utf-16"), "json"),
        ("a.xlsx", b"", "empty"),
        ("a.xlsx", b"<html>", "html"),
        ("a.xlsx", report_json.dump_report_text(REPORT).encode(), "text"),
    ],
)
def test_anything_else_is_refused_in_a_sentence(tmp_path, name, data, kind):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Unreadable) as refused:
        load_submission(tmp_path / name)
    assert refused.value.kind == kind
    assert refused.value.message.zh.endswith("。")


def test_a_missing_json_and_a_folder_are_refused(tmp_path):
    (tmp_path / "b.json").mkdir()
    for path, kind in ((tmp_path / "a.json", "missing"), (tmp_path / "b.json", "directory")):
        with pytest.raises(Unreadable) as refused:
            load_submission(path)
        assert refused.value.kind == kind


def test_last_years_figures_in_the_file_are_used_unless_others_are_given(tmp_path):
    before = replace(REPORT.with_values({"requests.carried.person": 4, "requests.carried.total": 4}), year=2021)
    write_workbook(tmp_path / "a.xlsx", REPORT, before)
    one = load_submission(tmp_path / "a.xlsx")
    assert [x.rule for x in one.check()].count("carried-over") == 2
    assert [x.rule for x in one.check(replace(REPORT, year=2021))].count("carried-over") == 0


def test_findings_of_reading_come_first(tmp_path):
    (tmp_path / "a.json").write_text(
        report_json.dump_report_text(REPORT).replace('"format"', '"more": 1, "format"'), "utf-8"
    )
    assert load_submission(tmp_path / "a.json").check()[0].rule == "json-key"
