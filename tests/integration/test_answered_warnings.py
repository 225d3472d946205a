"""Reasons that agencies give count in a merge with last year's reports as in a check of the one file beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import domain
from tests.samples.agency_files import put, report
from workbook.cli import main
from workbook.excel.report_loading import load_submission
from workbook.excel.template.template_writer import write_workbook
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.model.finding import Finding, Severity
from workbook.model.report import Answer, Report
from workbook.rules.evaluation import check_report

THEN = {"requests.granted.person": 20, "requests.carried.person": 5, "legislation.normative.in_force": 30}
NOW = {"requests.granted.person": 9, "legislation.normative.in_force": 31, "fees.fees.amount": 500}
LAST = report(1, THEN | {"fees.fees.amount": 5_000_000}, year=2024)
THIS = report(1, NOW, year=2025)
REASON = "机构改革划转，已与原单位核对。"


def answers_to(found: list[Finding], **other: Any) -> tuple[Answer, ...]:
    """A reason for each warning."""
    warnings = [one for one in found if one.severity is Severity.WARNING]
    return tuple(Answer(one.rule, one.cells, REASON, other.get("figures", one.figures)) for one in warnings)


def said(one: Any) -> tuple[str, str, tuple[str, ...], str]:
    """What a finding is, out of the JSON of either command."""
    return one["rule"], one["severity"], tuple(one["cells"]), one["answer"]


def both(path: Path, last: Path, capsys: pytest.CaptureFixture[str]) -> tuple[list[Any], list[Any], dict[str, int]]:
    """The findings of `ogi check` and of `ogi merge` beside last year's report, and the statuses of the merge."""
    main(["check", str(path), "--previous", str(last), "--json"])
    checked = json.loads(capsys.readouterr().out)
    out = path.with_name("汇总.json")
    assert main(["merge", str(path), "--previous", str(last), "-o", str(out), "--force", "--no-cache"]) in (0, 1)
    merged = json.loads(out.read_text("utf-8"))
    return sorted(map(said, checked)), sorted(map(said, merged["findings"])), merged["files"]


@pytest.mark.parametrize("suffix", [".json", ".xlsx"])
def test_a_reason_for_what_only_last_year_shows_counts_in_a_merge(
    tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, {"去年.json": LAST})
    last, path = tmp_path / "去年.json", tmp_path / f"今年{suffix}"
    found = check_report(THIS, LAST)
    assert {one.rule for one in found} >= {"carried-over", "stock", "unit-scale"}
    given_reasons = replace(THIS, answers=answers_to(found))
    if suffix == ".json":
        put(tmp_path, {path.name: given_reasons})
    else:
        write_workbook(path, given_reasons)
    checked, merged, files = both(path, last, capsys)
    assert checked == merged
    assert {answer for *_, answer in merged} == {REASON}
    assert files["merged"] == 1


def test_a_reason_whose_figures_changed_is_told_as_expired_in_both(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = replace(THIS, answers=answers_to(check_report(THIS, LAST), figures="0123456789abcdef"))
    put(tmp_path, {"去年.json": LAST, "今年.json": stale})
    checked, merged, files = both(tmp_path / "今年.json", tmp_path / "去年.json", capsys)
    assert checked == merged
    assert [rule for rule, *_ in merged].count("answer-expired") == len(stale.answers)
    assert (files["warnings"], files["merged"]) == (1, 0)


def test_an_agency_that_gave_its_reasons_gets_no_letter(tmp_path: Path) -> None:
    put(tmp_path, {"去年/一.json": LAST, "今年/一.json": replace(THIS, answers=answers_to(check_report(THIS, LAST)))})
    letters = tmp_path / "催报"
    given_ = ["--previous", tmp_path / "去年", "-o", tmp_path / "a.json", "--chase", letters, "--no-cache"]
    assert main(["merge", str(tmp_path / "今年"), *map(str, given_)]) == 0
    assert not [path for path in letters.iterdir() if THIS.agency.name in path.name + path.read_text("utf-8-sig")]


def test_reasons_are_kept_with_a_reading_and_go_on_into_the_summary(tmp_path: Path) -> None:
    reasons = answers_to(check_report(THIS, LAST))
    folder = put(tmp_path / "in", {"一.json": replace(THIS, answers=reasons)})
    for _ in range(2):  # read, then out of the cache
        with collect_reports([folder], cache=tmp_path / "cache") as found:
            ((_, kept),) = found.reports()
            assert kept.answers == reasons


def known_by(one: Finding) -> tuple[str, ...]:
    return one.rule, one.severity, str(one.cells), one.answer, one.figures


pairs = domain.forms.flatmap(lambda form: st.tuples(domain.broken_reports(form), domain.broken_reports(form)))


@settings(max_examples=15, deadline=None)
@given(pairs, st.data())
def test_a_merge_finds_and_believes_what_check_does(two: tuple[Report, Report], data: st.DataObject) -> None:
    this = replace(two[0], year=2025, answers=(), agency=THIS.agency)
    last = replace(two[1], year=2024, answers=(), agency=THIS.agency)
    reasons = []
    for one in check_report(this, last):
        figures = data.draw(st.sampled_from(["none", one.figures, "", "0123456789abcdef"]))
        if figures != "none" and one.severity is Severity.WARNING:
            reasons.append(Answer(one.rule, one.cells, REASON, figures))
    with TemporaryDirectory() as name:
        folder = put(Path(name), {"一.json": replace(this, answers=tuple(reasons))})
        expected = load_submission(folder / "一.json").check(last)
        with collect_reports([folder], MergeOptions(before=lambda *_: last)) as collection:
            (entry,) = collection.entries
            assert sorted(map(known_by, collection.findings(entry))) == sorted(map(known_by, expected))
            for severity, count in ((Severity.ERROR, entry.errors), (Severity.WARNING, entry.warnings)):
                assert count == sum(one.severity is severity and not one.answer for one in expected)
