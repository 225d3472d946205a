"""汇总.xlsx: what it says, that its formulas compute what it says, and that the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import domain
from tests.merging.made import FORM, OLD, agency, broken, collected, report
from tests.office.libreoffice import Office
from workbook import forms, jsonio
from workbook.check import check
from workbook.merging import details as places
from workbook.merging.collect import collect
from workbook.merging.details import Details
from workbook.merging.lists import HEAD, problems
from workbook.merging.merge import Merged, merge
from workbook.merging.overview import broken as broken_rules
from workbook.merging.overview import verdict
from workbook.merging.status import Collection, Entry, Status
from workbook.merging.summary import summary_of, write
from workbook.merging.words import word
from workbook.report import Answer, Report

NAMES = [word(f"sheet.{key}") for key in ("overview", "details", "problems", "files")]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Merged:
    """Every status, blanks, words, wrong totals, a name that looks like a formula."""
    other = report(4).with_values({"licensing.permits.decisions": 77})
    files: dict[str, Report | str | bytes] = {
        "甲.json": report(1, {"fees.fees.amount": 4166214619, "requests.granted.person": 7}),
        "乙.json": broken(2),
        "丙/=SUM(A1).json": report(3, name='=HYPERLINK("http://x","y")'),
        "丙/+1.json": report(5, name="@SUM(1)"),
        "丁1.json": report(4),
        "丁2.json": other,
        "再甲.json": report(1, {"fees.fees.amount": 4166214619, "requests.granted.person": 7}),
        "戊0.json": report(6),
        "戊1.json": report(6, {"requests.granted.law": 8}, revision=1),
        "去年.json": report(7, year=2023),
        "坏.json": "{",
        "说明.txt": "您好",
        "~$甲.xlsx": "x",
    }
    return merge(collected(tmp_path_factory.mktemp("mixed"), files))


def opened(merged: Merged, folder: Path, *, values: bool = True) -> Any:
    path = folder / "汇总.xlsx"
    write(path, merged)
    return openpyxl.load_workbook(path, data_only=values)


def cached(path: Path) -> dict[str, dict[str, object]]:
    """What the file says its cells hold, as a recalculation would give it: no empty cells, numbers as floats."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: {
            cell.coordinate: float(cell.value) if isinstance(cell.value, int | float) else cell.value
            for row in sheet.iter_rows()
            for cell in row
            if cell.value not in (None, "")
        }
        for sheet in book
    }


def column(sheet: Any, heading: str, head: int) -> list[object]:
    at = next(cell.column for cell in sheet[head] if cell.value == heading)
    return [sheet.cell(row, at).value for row in range(head + 1, sheet.max_row + 1)]


def test_the_sheets(mixed: Merged, tmp_path: Path) -> None:
    overview, *others = NAMES
    assert opened(mixed, tmp_path).sheetnames == [overview, *(s.sheet for s in FORM.sheets), *others]


def test_every_file_is_listed_and_counted(mixed: Merged, tmp_path: Path) -> None:
    book = opened(mixed, tmp_path)
    entries = mixed.collection.entries
    files = book[word("sheet.files")]
    assert column(files, "文件", HEAD + 1) == [one.place for one in entries]
    assert column(files, "SHA-256", HEAD + 1) == [one.sha256 or None for one in entries]
    assert column(files, "状态", HEAD + 1) == [one.status.words.zh for one in entries]
    counted = {row[1].value: row[-1].value for row in book[word("sheet.overview")].iter_rows(max_col=11)}
    for status, n in mixed.collection.counts().items():
        assert counted[status.words.zh] == n
    assert counted[word("overview.all")] == len(entries)


def test_every_agency_has_its_row_and_every_column_its_sum(mixed: Merged, tmp_path: Path) -> None:
    sheet = opened(mixed, tmp_path)[word("sheet.details")]
    details = Details(mixed)
    for part, one in zip(mixed.parts, mixed.counted, strict=True):
        row = details.rows[one.path] + 1
        assert sheet.cell(row, 2).value == part.agency.name
        assert sheet.cell(row, len(places.WIDTHS)).value == one.place
    for cell in FORM.cells:
        total = sheet.cell(places.TOTAL + 1, details.left + cell.index + 1).value
        value = mixed.report.values[cell.index]
        scaled = None if value is None else Decimal(value) / cell.unit.scale
        assert (None if total is None else Decimal(str(total))) == scaled
    assert sheet.freeze_panes == "C8"
    assert sheet.auto_filter.ref


def test_headings_come_from_the_form(mixed: Merged, tmp_path: Path) -> None:
    sheet = opened(mixed, tmp_path)[word("sheet.details")]
    details = Details(mixed)
    upper = sheet.cell(places.HEAD + 1, details.left + FORM.index["requests.denied.secret.person"] + 1).value
    group = next(g for g in FORM.table("requests").row_groups if g.code == "denied")
    assert upper == f"{group.label} {FORM.table('requests').row_named('denied.secret').label}"
    for cell in FORM.cells:
        assert sheet.cell(places.HEAD + 2, details.left + cell.index + 1).value == cell.column.printed


def test_texts_that_look_like_formulas_stay_texts(mixed: Merged, tmp_path: Path) -> None:
    book = opened(mixed, tmp_path, values=False)
    found = [
        (cell.data_type, cell.hyperlink)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and cell.value.startswith(("=HYPERLINK", "@SUM"))
    ]
    assert found
    assert all(kind == "s" and link is None for kind, link in found)


def test_findings_lead_to_their_agency(mixed: Merged, tmp_path: Path) -> None:
    sheet = opened(mixed, tmp_path)[word("sheet.problems")]
    listed = list(problems(mixed))
    assert sheet.max_row == HEAD + 1 + len(listed)
    details = Details(mixed)
    for n, (_, one) in enumerate(listed):
        link = sheet.cell(HEAD + 2 + n, 11).hyperlink
        spot = details.agency(one) if one else details.total(FORM.cells[0])
        assert (link is None) is (spot is None)
        if link and one and spot:
            assert link.location == f"'{spot.sheet}'!{spot.a1}"
    assert sum(rule.findings for rule in broken_rules(mixed)) == sum(1 for _, one in listed if one)


def test_a_reason_given_for_a_warning_travels(tmp_path: Path) -> None:
    silent = report(1, code="")
    (warning,) = check(silent)
    answer = Answer(warning.rule, warning.cells, "尚未领取代码")
    merged = merge(collected(tmp_path / "in", {"a.json": replace(silent, answers=(answer,))}))
    assert merged.counted[0].status is Status.MERGED
    sheet = opened(merged, tmp_path)[word("sheet.problems")]
    assert "尚未领取代码" in column(sheet, "情况说明", HEAD + 1)


def test_unequal_totals_stand_as_the_agencies_wrote_them(mixed: Merged, tmp_path: Path) -> None:
    """A total that its parts do not add up to refers to the agencies' own; one that they do adds its parts."""
    book = opened(mixed, tmp_path, values=False)
    sheet = FORM.sheets[1].sheet
    wrong = book[sheet]["D29"]  # （七）总计·自然人
    right = book[sheet]["E29"]
    assert wrong.value.startswith(f"='{word('sheet.details')}'!")
    assert "SUM(E" in right.value
    assert wrong.comment is not None
    assert right.comment is None


def test_blanks_are_said_on_the_sum(mixed: Merged, tmp_path: Path) -> None:
    book = opened(mixed, tmp_path)
    notes = [c.comment.text for row in book[FORM.sheets[0].sheet].iter_rows() for c in row if c.comment]
    assert len(notes) == 2
    assert all(agency(2).name in note for note in notes)


@pytest.mark.parametrize(
    ("files", "tone"),
    [
        ({}, "bad"),
        ({"a.json": report(1)}, "good"),
        ({"a.json": report(1), "b.txt": "x"}, "good"),
        ({"a.json": report(1, code="")}, "wait"),
        ({"a.json": report(1), "b.json": "{"}, "wait"),
        ({"a.json": report(1), "b.json": report(2).with_values({"licensing.permits.decisions": None})}, "wait"),
        ({"a.json": broken(1)}, "bad"),
    ],
)
def test_the_verdict(files: Mapping[str, Report | str], tone: str, tmp_path: Path) -> None:
    assert verdict(merge(collected(tmp_path, files)))[1] == tone


def test_nothing_to_merge_still_tells_why(tmp_path: Path) -> None:
    book = opened(merge(collected(tmp_path / "in", {"坏.json": "{"})), tmp_path)
    assert book[word("sheet.files")].max_row == HEAD + 2
    assert opened(merge(collect([])), tmp_path)


def test_the_same_input_gives_the_same_bytes(mixed: Merged) -> None:
    assert summary_of(mixed) == summary_of(mixed)
    again = merge(collect([one.path for one in reversed(mixed.collection.entries)]))
    assert summary_of(again) == summary_of(mixed)


def test_an_earlier_summary_is_not_merged_as_a_report(mixed: Merged, tmp_path: Path) -> None:
    write(tmp_path / "上次.xlsx", mixed)
    (one,) = collect([tmp_path]).entries
    assert one.status is Status.SKIPPED
    assert one.why.zh


@pytest.mark.office
def test_formulas_compute_what_is_cached(mixed: Merged, tmp_path: Path, office: Office) -> None:
    path = tmp_path / "汇总.xlsx"
    write(path, mixed)
    assert office.recalculated(path) == cached(path)


@pytest.mark.office
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    reports=domain.forms.flatmap(
        lambda form: st.lists(st.one_of(domain.reports(form), domain.broken_reports(form)), min_size=1, max_size=4)
    )
)
def test_formulas_of_any_merge(reports: list[Report], tmp_path: Path, office: Office) -> None:
    entries = [
        Entry(Path(f"{n}.json"), f"{n}.json", Status.MERGED, report=replace(one, year=2024, agency=agency(n)))
        for n, one in enumerate(reports)
    ]
    path = tmp_path / "汇总.xlsx"
    write(path, merge(Collection(tuple(entries), 2024, reports[0].form)))
    assert office.recalculated(path) == cached(path)


@pytest.mark.office
def test_the_file_is_valid(mixed: Merged, tmp_path: Path, openxml_errors: Callable[[Path], list[str]]) -> None:
    for name, merged in {"mixed": mixed, "empty": merge(collect([])), "old": old_forms(tmp_path / "in")}.items():
        path = tmp_path / f"{name}.xlsx"
        write(path, merged)
        assert openxml_errors(path) == []


def old_forms(folder: Path) -> Merged:
    return merge(collected(folder, {f"{n}.json": report(n, form=OLD, year=2020) for n in range(3)}))


def test_a_row_added_to_a_form_reaches_the_merge_with_no_code_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = '  { code = "refused.spam", label = "6.新增的一种情形", under = "refused", into = "results" },\n'
    before = '  { code = "otherwise.uncorrected"'
    forms_folder, files = tmp_path / "forms", tmp_path / "报送"
    forms_folder.mkdir()
    files.mkdir()
    domain.edited_form(forms_folder, FORM.id, (before, added + before))
    form = forms.load(FORM.id, folder=forms_folder)
    monkeypatch.setattr(jsonio, "load", partial(forms.load, folder=forms_folder))
    row, results = "requests.refused.spam", "requests.results"
    for n, count in enumerate((3, 4)):
        values = {
            f"{code}.{column}": count for code in (row, results, "requests.new") for column in ("person", "total")
        }
        one = replace(domain.zero(form), agency=agency(n)).with_values(values)
        (files / f"{n}.json").write_text(jsonio.dumps(one), "utf-8")
    merged = merge(collect([files]))
    assert merged.report[f"{row}.person"] == 7
    assert merged.findings == ()
    book = opened(merged, tmp_path)
    texts = {str(cell.value) for sheet in book for line in sheet.iter_rows() for cell in line if cell.value is not None}
    assert any("6.新增的一种情形" in text for text in texts)
