"""Real reports: what is printed in them is read, and nothing is stated that is not."""

from __future__ import annotations

import pytest

from tests.samples.real_reports import REAL, Score, score, scores, truths
from workbook.documents.reading.document_reader import ImportedDocument, read_document
from workbook.model.rule_catalog import format_message

COMPLETE = ("市中区统计局_2020.txt", "洛龙区统计局_2020.txt")


@pytest.fixture(scope="module")
def every() -> list[Score]:
    return scores()


def test_nothing_is_read_wrong_and_what_the_documents_print_is_read(every):
    assert [(one.file, one.wrong) for one in every if one.wrong] == []
    printed, right = sum(one.cells for one in every), sum(one.right for one in every)
    assert right >= printed * 0.99
    assert printed > 3400


@pytest.mark.parametrize("name", sorted(truths()))
def test_the_form_and_the_year_are_recognised(name):
    report = read_document(REAL / name).report
    assert report.form.id == truths()[name]["form"]
    assert report.year in report.form.years


@pytest.mark.parametrize("name", COMPLETE)
def test_a_complete_report_is_read_cell_by_cell_and_its_texts_raise_no_false_alarm(name):
    read = read_document(REAL / name)
    one = score(REAL / name, read)
    assert (one.right, one.cells) == (198, 198)
    rules = {finding.rule for finding in read.check()}
    assert not rules & {"sections", "topics", "stale-year", "narrative-counts", "narrative-sum", "fees", "reviews"}


def test_a_published_error_is_kept():
    read = read_document(REAL / COMPLETE[0])
    assert [read.report[f"requests.{row}.total"] for row in ("new", "granted", "partial", "results")] == [4, 2, 2, 0]
    assert {one.rule for one in read.check()} >= {"balance", "results-total"}


CELLS = """
02_平潭综合实验区_2020      requests.new.person                20    solved     digits run together, parted by the total
02_平潭综合实验区_2020      requests.new.law                   0     solved
02_平潭综合实验区_2020      requests.new.total                 21    solved
08_平潭财政金融局_2019      procurement.procurement.projects   -     uncertain  digits that no rule parts: 2 or 28
15_平潭公安局_2019          requests.new.person                -     uncertain  a blank among digits run together
15_平潭公安局_2019          requests.new.total                 -     uncertain
23_平潭经济发展局_2023      legislation.regulations.in_force   0     solved     000: each 0 is a figure of its own
23_平潭经济发展局_2023      legislation.normative.issued       -     uncertain  606: 6·0·6, or 60·6 and a blank
33_上海市政府办公厅_2019    requests.granted.total             -     certain    blank is blank and zero is zero
33_上海市政府办公厅_2019    requests.granted.person            258   certain
33_上海市政府办公厅_2019    licensing.permits.items            0     certain
34_上海市政府办公厅_2025    legislation.regulations.repealed   -     uncertain  a cell that could not be copied
34_上海市政府办公厅_2025    legislation.regulations.issued     22    certain
""".strip().splitlines()


@pytest.mark.parametrize("line", CELLS)
def test_a_figure_is_stated_only_where_no_other_is_possible(line):
    name, code, figure, confidence = line.split()[:4]
    read = read_document(REAL / f"{name}.txt")
    reading = (read.report[code], read.readings[code].confidence.value)
    assert reading == (None if figure == "-" else int(figure), confidence)


def test_an_open_cell_has_its_candidates():
    for name, code, candidates in (
        ("08_平潭财政金融局_2019.txt", "procurement.procurement.projects", {"2", "28"}),
        ("23_平潭经济发展局_2023.txt", "legislation.normative.issued", {"6"}),
    ):
        assert candidates <= set(read_document(REAL / name).readings[code].candidates)


def messages_of(read: ImportedDocument, rule: str) -> list[str]:
    return [format_message(one) for one in read.findings if one.rule == rule]


def test_what_belongs_to_no_cell_is_reported():
    (extra,) = messages_of(read_document(REAL / COMPLETE[1]), "structure-extra")
    assert "“0”" in extra
    uncertain = messages_of(read_document(REAL / "08_平潭财政金融局_2019.txt"), "import-uncertain")
    assert sum("2832995元" in one for one in uncertain) == 1


def test_a_row_of_the_old_form_in_the_new_is_reported_and_not_divided():
    read = read_document(REAL / "27_淮安市洪泽区_2023.txt")
    (group,) = [one for one in read.findings if one.rule == "import-group"]
    assert len(group.cells) == 21
    assert all(read.report[code] is None for code in group.cells)
    assert read.report["requests.results.person"] == 21
