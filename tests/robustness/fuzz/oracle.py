"""What must hold of whatever was read, however it stood in the file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from workbook.excel.reading.workbook_reader import read_workbook
from workbook.excel.template.template_writer import list_overflows, write_workbook
from workbook.exchange import report_json
from workbook.model import rule_catalog
from workbook.model.finding import Finding
from workbook.model.report import Report
from workbook.rules.evaluation import Submission, check_report
from workbook.rules.suspects import find_suspects


def word_findings(findings: Iterable[Finding]) -> None:
    """Every finding can be told in both languages, and written."""
    for one in findings:
        for lang in ("zh", "en"):
            getters = rule_catalog.format_message, rule_catalog.format_advice, rule_catalog.get_rule_title
            text = "".join(tell(one, lang) for tell in getters)
            assert text
            text.encode("utf-8")
        assert rule_catalog.get_citation(one)
        str(one.source).encode("utf-8")


def evaluate(report: Report, previous: Report | None = None, findings: Iterable[Finding] = ()) -> None:
    """The report can be checked, what is found told, the cells most likely wrong named."""
    found = check_report(report, previous, tuple(findings))
    word_findings(found)
    find_suspects(report, found)


def round_trip_json(report: Report) -> None:
    """As JSON it comes back the same, and says the same once more."""
    text = report_json.dump_report_text(report)
    text.encode("utf-8")
    again = report_json.load_report_data(json.loads(text)).report
    assert again == report, _difference(again, report)
    assert report_json.dump_report_text(again) == text


def round_trip_workbook(report: Report, previous: Report | None, folder: Path) -> None:
    """As a workbook it comes back the same; what no cell can hold is told beforehand, and a cover holds a year 20xx."""
    if list_overflows(report) or not 2000 <= (report.year or 2000) < 2100:
        return
    path = folder / "rewritten.xlsx"
    write_workbook(path, report, previous)
    again = read_workbook(path).report
    assert report_json.dump_report_text(again) == report_json.dump_report_text(report), _difference(again, report)


def check_submission(submission: Submission, folder: Path, *, write_too: bool) -> None:
    """All of it, for a file that was read."""
    evaluate(submission.report, submission.previous, submission.findings)
    round_trip_json(submission.report)
    if write_too:
        round_trip_workbook(submission.report, submission.previous, folder)


def _difference(one: Report, other: Report) -> str:
    getters = [
        f"{name}: {getattr(one, name)!r} is not {getattr(other, name)!r}"[:600]
        for name in ("year", "agency", "texts", "answers")
        if getattr(one, name) != getattr(other, name)
    ]
    cells = zip(one.form.cells, one.values, other.values, strict=False)
    return "; ".join([*getters, *(f"{cell.code}: {a!r} is not {b!r}" for cell, a, b in cells if a != b)])[:2000]
