"""汇总.xlsx: what it says, that its formulas compute what it says, and that the same merge gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import domain
from tests.office.libreoffice import Office
from tests.samples.agency_files import FORM, OLD, agency, broken, collected, entry, report, rostered
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.workbook_contents import unescape_text
from workbook.merging.attendance import AttendanceState
from workbook.merging.collection_run import collect_reports
from workbook.merging.file_status import LISTED
from workbook.merging.prior_year.prior_reports import read_prior_reports
from workbook.merging.prior_year.summary_reader import WHO, read_summary_reports
from workbook.merging.totals import MergeResult, merge_reports
from workbook.model.report import Answer, Report
from workbook.rules.evaluation import check_report
from workbook.safety.messages import load_messages
from workbook.safety.unsafe_text import fold_name, make_displayable
from workbook.summary.excel import agency_details as places
from workbook.summary.excel import problem_list as listing
from workbook.summary.excel.list_sheet import HEAD, FileLinks
from workbook.summary.excel.problem_list import list_problems
from workbook.summary.excel.summary_workbook import build_summary, write_summary
from workbook.summary.page.page_data import find_results

messages = load_messages("workbook.summary.excel")

KEYS = ("details", "problems", "files", "differences", "provenance", "places")
OVERVIEW, DETAILS, PROBLEMS, FILES = (
    messages.text(f"sheet.{key}") for key in ("overview", "details", "problems", "files")
)
NASTY = ('=HYPERLINK("http://x","y")', "@SUM(1)", "甲\x07乙_x0041_<&>\r\n")
FILED: Mapping[str, Report | str | bytes] = {
    "甲.json": report(1, {"fees.fees.amount": 4166214619, "requests.granted.person": 7}),
    "乙.json": broken(2),
    "丙/=SUM(A1).json": report(3, name=NASTY[0]),
    "丙/+1 #%20?.json": report(5, name=NASTY[1]),
    "丙/控制.json": report(8, name=NASTY[2]),
    "丁1.json": report(4),
    "丁2.json": report(4).with_values({"licensing.permits.decisions": 77}),
    "再甲.json": report(1, {"fees.fees.amount": 4166214619, "requests.granted.person": 7}),
    "戊0.json": report(6),
    "戊1.json": report(6, {"requests.granted.law": 8}, revision=1),
    "去年.json": report(7, year=2023),
    "坏.json": "{",
    "说明.txt": "您好",
    "~$甲.xlsx": "x",
}
"""Blanks, words, wrong totals, names that look like formulas, several files of one agency."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mixed")


@pytest.fixture(scope="module")
def mixed(folder: Path) -> MergeResult:
    """With errors counted."""
    return merge_reports(collected(folder / "报送", FILED, include_errors=True))


@pytest.fixture(scope="module")
def whole(folder: Path) -> MergeResult:
    """With a roster, last year, and errors held back; the county's own report differs from the sum."""
    county = report(9000, {"requests.granted.person": 999}, name="某县", level="county")
    files = {**FILED, "县.json": county, "外.json": report(77)}
    last = {f"{n}.json": report(n, {"requests.granted.person": 2 * n}, year=2023) for n in (1, 3, 99)}
    collected(folder / "去年", last).close()
    roster = rostered(1, 2, 3, 4, 5, 6, 8, 50)
    collection = collected(folder / "全部", files, roster=roster)
    return merge_reports(collection, roster=roster, past=(read_prior_reports(folder / "去年", roster=roster),))


def opened(merged: MergeResult, folder: Path, *, values: bool = True) -> Any:
    path = folder / "汇总.xlsx"
    write_summary(path, merged)
    return openpyxl.load_workbook(path, data_only=values)


def cached(path: Path) -> dict[str, dict[str, object]]:
    """What the file says its cells hold, as a recalculation would give it: no empty cells, numbers as floats."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: {
            cell.coordinate: float(cell.value)
            if isinstance(cell.value, int | float)
            else unescape_text(str(cell.value))
            for row in sheet.iter_rows()
            for cell in row
            if cell.value not in (None, "")
        }
        for sheet in book
    }


def column(sheet: Any, heading: str, head: int = HEAD + 1) -> list[object]:
    at = next(cell.column for cell in sheet[head] if cell.value == heading)
    return [sheet.cell(row, at).value for row in range(head + 1, sheet.max_row + 1)]


def linked(cell: Any) -> tuple[str, str]:
    """Sheet and cell a link leads to."""
    sheet, _, at = cell.hyperlink.location.rpartition("!")
    return sheet.strip("'"), at


def test_the_sheets(mixed: MergeResult, whole: MergeResult, tmp_path: Path) -> None:
    own = [section.sheet for section in FORM.sheets]
    rest = [messages.text(f"sheet.{key}") for key in KEYS]
    assert opened(mixed, tmp_path).sheetnames == [OVERVIEW, *own, *rest]
    rest.insert(2, messages.text("sheet.attendance"))
    assert opened(whole, tmp_path).sheetnames == [OVERVIEW, *own, messages.text("sheet.nodes"), "1.某县", *rest]


def test_every_file_is_listed_and_counted(whole: MergeResult, tmp_path: Path) -> None:
    book = opened(whole, tmp_path)
    entries = list(whole.collection.entries)
    assert [str(place) for place in column(book[FILES], "文件")] == [one.place for one in entries]
    assert column(book[FILES], "状态") == [one.status.words.zh for one in entries]
    assert column(book[messages.text("sheet.provenance")], "SHA-256") == [one.sha256 or None for one in entries]
    counted = {row[1].value: row[-1].value for row in book[OVERVIEW].iter_rows(max_col=11)}
    for status, n in whole.collection.counts().items():
        assert counted[status.words.zh] == n
    totals = [
        row[10].value for row in book[OVERVIEW].iter_rows(max_col=11) if row[1].value == messages.text("overview.all")
    ]
    assert len(entries) in totals


def test_every_agency_has_its_row_and_every_column_its_sum(mixed: MergeResult, tmp_path: Path) -> None:
    sheet = opened(mixed, tmp_path)[DETAILS]
    listed = [sheet.cell(row, 8).value for row in range(places.FIRST + 1, sheet.max_row + 1)]
    assert listed == [one.place for one in mixed.collection.counted]
    for cell in FORM.cells:
        at = len(WHO) + cell.index + 1
        total, value = sheet.cell(places.TOTAL + 1, at).value, mixed.report.values[cell.index]
        scaled = None if value is None else Decimal(value) / cell.unit.scale
        assert (None if total is None else Decimal(str(total))) == scaled
        assert sheet.cell(places.HEAD + 2, at).value == cell.column.printed
    assert sheet.freeze_panes == "C9"
    assert sheet.auto_filter.ref
    assert sheet.row_dimensions[places.CODES + 1].hidden


def test_the_details_are_read_back(mixed: MergeResult, tmp_path: Path) -> None:
    write_summary(tmp_path / "汇总.xlsx", mixed)
    expected = [one for _, one in mixed.collection.reports()]
    found = list(read_summary_reports(tmp_path / "汇总.xlsx"))
    assert [one.values for one in found] == [one.values for one in expected]
    assert [(one.form, one.year) for one in found] == [(FORM, 2024)] * len(expected)
    assert [(one.agency.code, one.agency.level) for one in found] == [
        (one.agency.code, one.agency.level) for one in expected
    ]
    assert found[0].source("requests.new.person").sheet == DETAILS


@given(reports=domain.forms.flatmap(lambda form: st.lists(domain.broken_reports(form), min_size=1, max_size=3)))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_details_are_read_back(reports: list[Report], tmp_path_factory: pytest.TempPathFactory) -> None:
    merged = made_up(reports, tmp_path_factory.mktemp("any"))
    path = tmp_path_factory.mktemp("out") / "汇总.xlsx"
    write_summary(path, merged)
    for found, (_, one) in zip(read_summary_reports(path), merged.collection.reports(), strict=True):
        for cell in one.form.cells:
            if not isinstance(one.values[cell.index], str):
                assert found.values[cell.index] == one.values[cell.index]


def test_what_is_no_summary_is_not_read_back(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "x.xlsx")
    with pytest.raises(Unreadable):
        read_summary_reports(tmp_path / "x.xlsx")


def test_texts_that_look_like_formulas_stay_texts(mixed: MergeResult, tmp_path: Path) -> None:
    book = opened(mixed, tmp_path, values=False)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    found = [cell for cell in cells if cell.value.startswith(("'=HYPERLINK", "'@SUM"))]
    assert found
    assert all(cell.data_type in ("s", "inlineStr") for cell in found)
    names = {str(one.value) for one in opened(mixed, tmp_path)[DETAILS]["B"]}
    assert set(map(make_displayable, NASTY[:2])) <= names
    found_back = {fold_name(one.agency.name) for one in read_summary_reports(tmp_path / "汇总.xlsx")}
    assert found_back == {fold_name(one.agency.name) for _, one in mixed.collection.reports()}


def test_a_click_opens_the_file(mixed: MergeResult, folder: Path) -> None:
    """Every link to a file leads, from the folder of the summary, to the file as submitted."""
    book = opened(mixed, folder)
    met = set()
    for name in (DETAILS, PROBLEMS, FILES, messages.text("sheet.provenance")):
        for row in book[name].iter_rows():
            for cell in row:
                if cell.hyperlink and cell.hyperlink.target:
                    target = folder / unquote(cell.hyperlink.target)
                    assert target.is_file()
                    met.add(target.name)
                    assert str(target) == str(entry(mixed.collection, str(cell.value)).path)
    assert met == {Path(name).name for name in FILED}
    (folder / "nowhere.xlsx").write_bytes(build_summary(mixed))
    homeless = openpyxl.load_workbook(folder / "nowhere.xlsx")[FILES]
    assert not [cell for row in homeless.iter_rows() for cell in row if cell.hyperlink and cell.hyperlink.target]


@pytest.mark.parametrize(
    ("summary", "user", "told"),
    [
        ("家/王/结果", "家/王", "../报送/"),
        ("家/王", "家/王", "报送/"),
        ("家/王/报送", "家/王", ""),
        ("家/王/结果/一/二", "家/王", None),  # far off
        ("共享", "家/王", None),  # would name whose folder it is
        ("共享", "家/李", "../家/王/报送/"),
    ],
)
def test_a_link_tells_nothing_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, summary: str, user: str, told: str | None
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / user)
    collection = collected(tmp_path / "家" / "王" / "报送", {"甲.json": report(1)})
    address = FileLinks(collection, tmp_path / summary).file(entry(collection, "甲.json"))
    assert unquote(address) == ("" if told is None else f"{told}甲.json")


def test_a_file_on_another_drive_has_no_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_drive(path: object, start: object) -> str:
        raise ValueError(f"path is on mount {path!r}, start on mount {start!r}")

    collection = collected(tmp_path / "报送", {"甲.json": report(1)})
    monkeypatch.setattr("workbook.summary.excel.list_sheet.os.path.relpath", other_drive)
    assert FileLinks(collection, tmp_path).file(entry(collection, "甲.json")) == ""


def test_an_error_is_two_clicks_from_the_overview(whole: MergeResult, folder: Path) -> None:
    """The number of errors leads to the first of them; from there its file opens, and its line is seen."""
    book = opened(whole, folder)
    overview, captions = book[OVERVIEW], messages.texts("overview.cards")
    at = next(cell for row in overview.iter_rows() for cell in row if cell.value == captions[3])
    card = overview.cell(at.row - 1, at.column)
    assert card.value == sum(one.errors for one in whole.collection.entries if one.status in LISTED) > 0
    sheet, spot = linked(card)
    assert sheet == PROBLEMS
    row = book[PROBLEMS][spot].row
    assert book[PROBLEMS].cell(row, 3).value == "错误"
    assert book[PROBLEMS].cell(row, 2).value == agency(2).name
    assert unquote(book[PROBLEMS].cell(row, 10).hyperlink.target).endswith("乙.json")
    sheet, spot = linked(book[PROBLEMS].cell(row, 11))
    assert (sheet, book[sheet][spot].value) == (FILES, "乙.json")
    counted = merge_reports(collected(folder / "计入", {"乙.json": broken(2)}, include_errors=True))
    book = opened(counted, folder)
    lines = [line for line in book[PROBLEMS].iter_rows(min_row=HEAD + 2) if line[9].value == "乙.json"]
    assert lines
    for line in lines:
        sheet, spot = linked(line[10])
        assert (sheet, book[sheet][spot].value) == (DETAILS, agency(2).name)


def test_every_finding_of_a_listed_file_is_counted(mixed: MergeResult, tmp_path: Path) -> None:
    book = opened(mixed, tmp_path)
    listed = list(list_problems(mixed))
    assert book[PROBLEMS].max_row == HEAD + 1 + len(listed)
    expected = [
        one for file in mixed.collection.entries if file.status in LISTED for one in mixed.collection.findings(file)
    ]
    assert sorted(one.rule for one, file in listed if file) == sorted(one.rule for one in expected)
    heads = messages.texts("overview.rules_head")
    rows = list(book[OVERVIEW].iter_rows(values_only=True))
    first = next(n for n, row in enumerate(rows) if row[1] == heads[0]) + 1
    counts = [row[10] for row in rows[first:] if row[1] in ("错误", "提醒", "注意")]
    assert sum(counts) == len(expected)


def test_a_bounded_list_says_so(mixed: MergeResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST", 3)
    sheet = opened(mixed, tmp_path)[PROBLEMS]
    assert sheet.max_row == HEAD + 1 + 3
    assert str(len(list(list_problems(mixed)))) in sheet["A2"].value


def test_a_reason_given_for_a_warning_travels(tmp_path: Path) -> None:
    silent = report(1, code="")
    (warning,) = check_report(silent)
    answer = Answer(warning.rule, warning.cells, "尚未领取代码")
    merged = merge_reports(collected(tmp_path / "in", {"a.json": replace(silent, answers=(answer,))}))
    sheet = opened(merged, tmp_path)[PROBLEMS]
    assert "尚未领取代码" in column(sheet, "情况说明")


def test_unequal_totals_stand_as_the_agencies_wrote_them(mixed: MergeResult, tmp_path: Path) -> None:
    """A total that its parts do not add up to refers to the agencies' own; one that they do adds its parts."""
    sheet = opened(mixed, tmp_path, values=False)[FORM.sheets[1].sheet]
    wrong, right = sheet["D29"], sheet["E29"]  # （七）总计·自然人, 商业企业
    assert wrong.value.startswith(f"='{DETAILS}'!")
    assert "SUM(E" in right.value
    assert wrong.comment is not None
    assert right.comment is None


def test_blanks_are_said_on_the_sum(mixed: MergeResult, tmp_path: Path) -> None:
    book = opened(mixed, tmp_path)
    notes = [c.comment.text for row in book[FORM.sheets[0].sheet].iter_rows() for c in row if c.comment]
    assert len(notes) == 2
    assert all(agency(2).name in note for note in notes)


@pytest.mark.parametrize("form", [FORM, OLD])
def test_the_results_add_up_to_their_total(form: Any, tmp_path: Path) -> None:
    year = domain.year_of(form)
    merged = merge_reports(collected(tmp_path / "in", {f"{n}.json": report(n, form=form, year=year) for n in range(3)}))
    rows = list(opened(merged, tmp_path)[OVERVIEW].iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if row[1] == messages.texts("overview.results_head")[0])
    total = next(row for row in rows[head:] if row[1] == messages.text("overview.all"))
    found = find_results(form)
    assert found is not None
    assert total[4] == merged.report[found.table.cell(found.total.code, found.column.code)]


def test_the_roll_call(whole: MergeResult, tmp_path: Path) -> None:
    sheet = opened(whole, tmp_path)[messages.text("sheet.attendance")]
    assert whole.attendance is not None
    assert column(sheet, "机关") == [
        *(seat.agency.name for seat in whole.attendance.seats),
        *(whole.collection.entries[one.file - 1].agency.name for one in whole.attendance.unlisted),
        None,
    ]
    assert column(sheet, "文件")[-1] == "坏.json"
    assert column(sheet, "状态")[-1] == messages.text("attendance.unattributed")
    states = dict(zip(column(sheet, "机关"), column(sheet, "状态"), strict=True))
    assert states[agency(50).name] == AttendanceState.UNVERIFIED.words.zh
    assert states[agency(2).name] == AttendanceState.RETURNED.words.zh
    assert states[agency(77).name] == messages.text("attendance.stranger")


def test_a_government_and_those_below_it(whole: MergeResult, tmp_path: Path) -> None:
    book = opened(whole, tmp_path)
    (node,) = whole.nodes
    assert node.against
    assert column(book[messages.text("sheet.nodes")], "不一致栏目") == [len(node.against)]
    notes = [cell.comment.text for row in book["1.某县"].iter_rows() for cell in row if cell.comment]
    assert len(notes) == len(node.against)
    texts = [row[0].value for row in book[messages.text("sheet.differences")].iter_rows()]
    assert texts.count("某县") == len(node.against)


def test_last_year_stands_beside_this_year(whole: MergeResult, tmp_path: Path) -> None:
    rows = {
        row[0]: row for row in opened(whole, tmp_path)[messages.text("sheet.differences")].iter_rows(values_only=True)
    }
    change = next(one for one in whole.changes if one.cell.code == "requests.granted.person")
    _, _, now, then, same_now, same_then, difference, ratio, agencies, _ = rows["（一）予以公开·自然人"]
    assert (now, then) == (change.this_year.sum, change.last_year.sum)
    assert (same_now, same_then, agencies) == (change.now.sum, change.then.sum, 2)
    assert difference == same_now - same_then
    assert ratio == same_now / same_then


def test_from_so_many_agencies_on_the_details_are_left_out(mixed: MergeResult, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(build_summary(mixed, large=2))
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book[DETAILS].max_row == 2
    assert ".parquet" in book[DETAILS]["A2"].value
    values = openpyxl.load_workbook(tmp_path / "x.xlsx", data_only=True)
    cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [text for text in cells if isinstance(text, str) and text.startswith("=") and DETAILS in text]
    assert values[FORM.sheets[1].sheet]["D6"].value == mixed.report["requests.new.person"]


def test_nothing_to_merge_still_tells_why(tmp_path: Path) -> None:
    book = opened(merge_reports(collected(tmp_path / "in", {"坏.json": "{"})), tmp_path)
    assert book[FILES].max_row == HEAD + 2
    assert opened(merge_reports(collect_reports([])), tmp_path)


def test_the_same_merge_gives_the_same_bytes(whole: MergeResult) -> None:
    assert build_summary(whole) == build_summary(whole)


@pytest.mark.office
def test_formulas_compute_what_is_cached(
    mixed: MergeResult, whole: MergeResult, tmp_path: Path, office: Office
) -> None:
    for name, merged in {"mixed": mixed, "whole": whole}.items():
        path = tmp_path / f"{name}.xlsx"
        write_summary(path, merged)
        assert office.recalculated(path) == cached(path)


@pytest.mark.office
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    reports=domain.forms.flatmap(
        lambda form: st.lists(st.one_of(domain.reports(form), domain.broken_reports(form)), min_size=1, max_size=4)
    )
)
def test_formulas_of_any_merge(reports: list[Report], tmp_path_factory: pytest.TempPathFactory, office: Office) -> None:
    path = tmp_path_factory.mktemp("out") / "汇总.xlsx"
    write_summary(path, made_up(reports, tmp_path_factory.mktemp("any")))
    assert office.recalculated(path) == cached(path)


@pytest.mark.office
def test_the_file_is_valid(
    mixed: MergeResult, whole: MergeResult, tmp_path: Path, openxml_errors: Callable[[Path], list[str]]
) -> None:
    old = {f"{n}.json": report(n, form=OLD, year=2020) for n in range(3)}
    some = {
        "mixed": mixed,
        "whole": whole,
        "empty": merge_reports(collect_reports([])),
        "old": merge_reports(collected(tmp_path / "in", old)),
    }
    for name, merged in some.items():
        path = tmp_path / f"{name}.xlsx"
        write_summary(path, merged)
        assert openxml_errors(path) == []


def made_up(reports: list[Report], folder: Path) -> MergeResult:
    """Those reports, each of an agency of its own, as if handed in."""
    files = {f"{n}.json": replace(one, year=2024, agency=agency(n)) for n, one in enumerate(reports)}
    return merge_reports(collected(folder, files, include_errors=True))
