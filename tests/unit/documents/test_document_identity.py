"""Whose report a document is, of which year and revision: from its cover, its title, its words, its file's name."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests import domain
from tests.domain import FORM_FILES
from workbook.documents.reading.document_blocks import Block, DocumentBudget, Paragraph, StatedCell, build_grid
from workbook.documents.reading.document_identity import DocumentIdentity, identify_document
from workbook.documents.reading.text_visibility import VisibleText
from workbook.model.finding import Source

CASES = tomllib.loads((domain.CASES / "identity.toml").read_text("utf-8"))
TITLE = "某局2022年政府信息公开工作年度报告"


def cover(*lines: tuple[str, str]) -> Block:
    rows = [[StatedCell(VisibleText(text)) for text in line] for line in lines]
    return build_grid(rows, "年报.html", "表1", DocumentBudget())


def words(*texts: str) -> list[Block]:
    return [Paragraph(text, Source("年报.html", "", f"第{n}段")) for n, text in enumerate(texts, 1)]


def of(*blocks: Block, file: str = "年报.html") -> DocumentIdentity:
    return identify_document(FORM_FILES[-1], blocks, Path(file))


@pytest.mark.parametrize("field", ["year", "revision"])
def test_a_cover_is_read_as_the_cover_of_a_workbook(field):
    """All that is certain there is certain here; of a date that names one year, a document is of that year."""
    label, wrong = {"year": "报告年度", "revision": "报送版次"}[field], []
    for case in CASES[field]:
        text = str(case["entered"]).strip()
        found = of(cover((label, text)))
        number = found.year if field == "year" else found.agency.revision
        if "value" in case and (number, found.agency.unreadable) != (case["value"], ()):
            wrong.append((text, number, found.agency.unreadable))
        if "value" not in case and not number and found.agency.unreadable != ((field, text),):
            wrong.append((text, number, found.agency.unreadable))
    assert wrong == []


@pytest.mark.parametrize("text", ["去年", "24年", "2023-2024", "2023、2024年", "—"])
def test_a_year_in_doubt_is_quoted_where_nothing_else_states_one(text):
    alone = of(cover(("机关名称", "某局"), ("报告年度", text)))
    assert (alone.year, alone.agency.unreadable) == (None, (("year", text),))
    assert alone.sources["agency.year"].file == "年报.html"
    titled = of(*words(TITLE), cover(("报告年度", text)))
    assert (titled.year, titled.agency.unreadable) == (2022, ())


@pytest.mark.parametrize("name", ["—", "123", "无"])
def test_a_name_in_doubt_counts_where_nothing_else_names_the_agency(name):
    assert of(cover(("机关名称", name))).agency.name == name
    assert of(cover(("单位名称", name))).agency.name == ""  # a heading of a table
    assert of(*words(TITLE), cover(("机关名称", name))).agency.name == "某局"


@pytest.mark.parametrize("label", ["年度", "版本", "版次"])
def test_other_words_beside_a_word_that_is_no_label_of_the_cover_are_none_of_it(label):
    found = of(cover((label, "合计")))
    assert (found.agency.unreadable, found.year) == ((), None)


@pytest.mark.parametrize(
    "title",
    [
        "某局二〇二三年政府信息公开工作年度报告",
        "某局二O二三年政府信息公开工作年度报告",
        "某局２０２３年政府信息公开工作年度报告",
        "二零二三年度某局政府信息公开工作年度报告",
    ],
)
def test_a_title_states_its_year_in_any_digits(title):
    for found in (of(*words(title)), of(file=f"{title}.docx")):
        assert (found.agency.name, found.year) == ("某局", 2023)


def test_a_text_that_speaks_of_one_year_all_the_time_is_of_that_year():
    text = "二〇二三年，本局主动公开信息。二〇二三年收到申请。二０二三年没有行政复议。二〇二二年结转。"
    assert of(*words("某局报告", text)).year == 2023
    assert of(*words("统计期限为二〇二三年1月1日至12月31日。")).year == 2023
