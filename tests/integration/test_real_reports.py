"""Real reports: what stands in them is read, and nothing is stated that does not."""

from __future__ import annotations

import pytest

from tests.samples.real_reports import REAL, Score, score, scores, truths
from workbook.documents.reading.document_reader import read_document
from workbook.documents.reading.row_matching import Confidence
from workbook.model.rule_catalog import format_message

WHOLE = ("市中区统计局_2020.txt", "洛龙区统计局_2020.txt")


@pytest.fixture(scope="module")
def every() -> list[Score]:
    return scores()


def test_nothing_is_read_wrong(every):
    assert [(one.file, one.wrong) for one in every if one.wrong] == []


def test_what_the_documents_tell_is_read(every):
    told, right = sum(one.cells for one in every), sum(one.right for one in every)
    assert right >= told * 0.99
    assert told > 3400


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_report_is_read_cell_by_cell(name):
    one = score(REAL / name)
    assert (one.right, one.cells) == (198, 198)


@pytest.mark.parametrize("name", sorted(truths()))
def test_the_form_and_the_year_are_told(name):
    report = read_document(REAL / name).report
    assert report.form.id == truths()[name]["form"]
    assert report.year in report.form.years


def test_a_published_error_is_kept():
    report = read_document(REAL / WHOLE[0]).report
    assert [report[f"requests.{row}.total"] for row in ("new", "granted", "partial", "results")] == [4, 2, 2, 0]
    assert {one.rule for one in read_document(REAL / WHOLE[0]).check()} >= {"balance", "results-total"}


def test_a_figure_beyond_the_last_cell_is_told():
    extra = [one for one in read_document(REAL / WHOLE[1]).findings if one.rule == "structure-extra"]
    assert len(extra) == 1
    assert "“0”" in format_message(extra[0])


@pytest.mark.parametrize("name", WHOLE)
def test_no_false_alarm_about_the_texts(name):
    rules = {one.rule for one in read_document(REAL / name).check()}
    assert not rules & {"sections", "topics", "stale-year", "narrative-counts", "narrative-sum", "fees", "reviews"}


def test_run_together_digits_are_settled_by_their_total():
    read_ = read_document(REAL / "02_平潭综合实验区_2020.txt")
    columns = ("person", "company", "research", "charity", "law", "other", "total")
    codes = [f"requests.new.{column}" for column in columns]
    assert [read_.report[code] for code in codes] == [20, 0, 0, 0, 0, 1, 21]
    assert {read_.confidence[code] for code in codes} == {Confidence.SOLVED}


def test_digits_that_no_rule_parts_stay_open_with_their_candidates():
    read_ = read_document(REAL / "08_平潭财政金融局_2019.txt")
    code = "procurement.procurement.projects"
    assert read_.report[code] is None
    assert read_.confidence[code] is Confidence.UNCERTAIN
    assert {"2", "28"} <= set(read_.candidates[code])
    said = [format_message(one) for one in read_.findings if one.rule == "import-uncertain" and code in one.cells]
    assert len(said) == 1
    assert "2832995元" in said[0]


def test_a_row_with_a_blank_among_glued_digits_is_left_open():
    read_ = read_document(REAL / "15_平潭公安局_2019.txt")
    assert {read_.confidence[f"requests.new.{c}"] for c in ("person", "law", "total")} == {Confidence.UNCERTAIN}


def test_a_row_of_the_old_form_in_the_new_is_told_and_not_divided():
    read_ = read_document(REAL / "27_淮安市洪泽区_2023.txt")
    told = [one for one in read_.findings if one.rule == "import-group"]
    assert len(told) == 1
    assert len(told[0].cells) == 21
    assert all(read_.report[code] is None for code in told[0].cells)
    assert read_.report["requests.results.person"] == 21


def test_blank_is_blank_and_zero_is_zero():
    report = read_document(REAL / "33_上海市政府办公厅_2019.txt").report
    assert report["requests.granted.total"] is None
    assert report["requests.granted.person"] == 258
    assert report["licensing.permits.items"] == 0


def test_a_cell_that_could_not_be_copied_is_uncertain():
    read_ = read_document(REAL / "34_上海市政府办公厅_2025.txt")
    assert read_.cells(Confidence.UNCERTAIN) == ["legislation.regulations.repealed"]
    assert read_.report["legislation.regulations.issued"] == 22


def test_run_together_digits_without_a_sum_are_stated_only_where_no_blank_can_hide():
    read_ = read_document(REAL / "23_平潭经济发展局_2023.txt")
    assert read_.report["legislation.regulations.in_force"] == 0  # 000: each 0 is a figure of its own
    assert read_.confidence["legislation.normative.issued"] is Confidence.UNCERTAIN  # 606: 6·0·6, or 60·6 and a blank
    assert "6" in read_.candidates["legislation.normative.issued"]
