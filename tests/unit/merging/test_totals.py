"""The sum is Σ of its reports, whatever the order, and is a report like any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import domain
from tests.samples.agency_files import OLD, agency, broken, collected, report
from workbook.excel.template.template_writer import build_workbook
from workbook.exchange import report_json
from workbook.merging.totals import MergeResult, find_common_region, merge_reports
from workbook.model.form_loader import load_form
from workbook.model.identity import Identity
from workbook.model.report import Report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging")


@contextmanager
def merging(reports: list[Report]) -> Iterator[MergeResult]:
    """The sum of these reports, each handed in by an agency of its own as a JSON file."""
    with TemporaryDirectory() as folder:
        handed = [replace(one, year=2024, agency=agency(n)) for n, one in enumerate(reports)]
        files = {f"{n:03d}.json": one for n, one in enumerate(handed)}
        with collected(Path(folder), files, include_errors=True) as collection:
            yield merge_reports(collection)


def expected(reports: list[Report], index: int) -> int | Decimal | None:
    numbers = [number for one in reports if (number := one.number(index)) is not None]
    return sum(numbers) if numbers else None


def proves(merged: MergeResult, reports: list[Report]) -> None:
    for cell in merged.report.form.cells:
        if reports:
            assert merged.report.values[cell.index] == expected(reports, cell.index)
            assert merged.blanks[cell.index] == sum(1 for one in reports if one.number(cell.index) is None)
    assert merged.reconciled


many = domain.forms.flatmap(
    lambda form: st.lists(st.one_of(domain.reports(form), domain.broken_reports(form)), min_size=1, max_size=5)
)


def test_and_so_do_they_beside_broken_ones() -> None:
    some = Decimal("0.5"), 10**30 + 1, Decimal("0.25"), -(10**29)
    huge = [report(n).with_values({"requests.granted.person": one}) for n, one in enumerate(some)]
    with merging(huge) as one:
        assert one.reconciled
        assert one.report["requests.granted.person"] == Decimal(f"{9 * 10**29 + 1}.75")


@pytest.mark.slow
@given(many, st.randoms(use_true_random=False))
def test_any_subset_in_any_order_gives_the_sum(reports: list[Report], random: Random) -> None:
    some = [one for one in reports if random.random() < 0.8]
    shuffled = list(some)
    random.shuffle(shuffled)
    with merging(shuffled) as merged:
        proves(merged, some)
        assert merged.agencies == len(some)


@pytest.mark.slow
@given(domain.forms.flatmap(lambda form: st.lists(domain.reports(form), min_size=1, max_size=4)))
def test_the_sum_of_right_reports_is_right(reports: list[Report]) -> None:
    with merging(reports) as merged:
        assert merged.findings == ()


@pytest.mark.slow
@given(many)
def test_the_sum_of_sums_is_the_sum_of_all(reports: list[Report]) -> None:
    half = len(reports) // 2
    if not half:
        return
    with merging(reports) as whole, merging(reports[:half]) as one, merging(reports[half:]) as other:
        both = one.report + other.report
        assert (both.values, both.merged) == (whole.report.values, whole.report.merged)


def test_a_wrong_total_is_found_in_the_sum_too(tmp_path: Path) -> None:
    files = {"a.json": report(1), "b.json": broken(2)}
    with collected(tmp_path, files, include_errors=True) as collection:
        merged = merge_reports(collection)
        assert {found.rule for found in merged.findings} >= {"results-total", "balance"}
        assert merged.errors


def test_the_sum_can_be_dumped_and_written(tmp_path: Path) -> None:
    merged = merge_reports(collected(tmp_path, {"a.json": report(1), "b.json": report(2)}))
    again = report_json.load_report_data(report_json.dump_report(merged.report)).report
    assert again.values == merged.report.values
    assert again.agency == merged.report.agency
    assert build_workbook(merged.report)


def test_the_sum_has_a_name_and_a_region_and_no_level(tmp_path: Path) -> None:
    found = collected(tmp_path, {"a.json": report(1), "b.json": report(2)})
    assert merge_reports(found).report.agency == Identity(messages.text("sum.name", n=2), region="110100")
    assert merge_reports(found, name="某市").report.agency.name == "某市"


def test_the_sum_of_one_report_is_not_that_agencys(tmp_path: Path) -> None:
    merged = merge_reports(collected(tmp_path, {"a.json": report(1)}))
    assert merged.report.agency.code == ""
    assert merged.report.texts == {}
    assert merged.report.values == report(1).values


def test_nothing_to_merge_is_an_empty_report(tmp_path: Path) -> None:
    merged = merge_reports(collected(tmp_path, {"坏.json": "{"}))
    assert merged.report.merged == 0
    assert set(merged.report.values) == {None}
    assert merged.findings == ()


@pytest.mark.parametrize(
    ("regions", "shared"),
    [
        ([], ""),
        (["110105"], "110105"),
        (["110105", "110105"], "110105"),
        (["110105", "110108"], "110100"),
        (["110105", "110200"], "110000"),
        (["110105", "120105"], ""),
        (["110105", ""], ""),
        (["110105", "1101"], ""),
        (["990105", "990105"], ""),
    ],
)
def test_the_region_all_share(regions: list[str], shared: str) -> None:
    assert find_common_region(regions) == shared


def test_rows_of_one_region_alone_are_left_out(tmp_path: Path) -> None:
    hubei = load_form("annual-2019", "420100")
    assert hubei.fingerprint != OLD.fingerprint
    there = report(1, form=hubei, year=2020, region="420100")
    same = merge_reports(
        collected(tmp_path / "a", {"a.json": there, "b.json": replace(there, agency=agency(2, region="420100"))})
    )
    assert same.report.form == hubei
    mixed = merge_reports(collected(tmp_path / "b", {"a.json": there, "b.json": report(2, form=OLD, year=2020)}))
    assert mixed.report.form == OLD
    assert mixed.report["requests.granted.person"] == 2 + 3
