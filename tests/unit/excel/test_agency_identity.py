"""Whose report it is, and of which year: from the cover, from labels, or from a title."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.samples.filled_workbooks import altered, opened
from workbook.excel.reading.entry_reader import (
    WorkbookIdentity,
    find_year,
    get_text_beside,
    identify_agency,
    read_agency,
)
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.workbook_contents import Cell, Sheet, WorkbookContents
from workbook.model.cell_address import parse_address
from workbook.model.identity import Identity


def book(**cells: object) -> WorkbookContents:
    """A workbook of one sheet without names, as anybody types it."""
    held = {parse_address(at): v if isinstance(v, Cell) else Cell(v) for at, v in cells.items()}
    return replace(opened(), sheets=(Sheet("表", held),), names={}, properties={})


def of(one: WorkbookContents, *, ours: bool = False) -> WorkbookIdentity:
    return identify_agency(WorkbookView(one), ours=ours)


@pytest.mark.parametrize(
    ("text", "year"),
    [("2023", 2023), ("2023年", 2023), ("2023 年度", 2023), ("1999", 1999), ("23", None), ("", None),
     ("2023年报", None), ("截至2023", None), ("２０２３", 2023), ("二〇二三年", 2023), ("20231", None),
     ("2000", 2000), ("2099年", 2099)],
)  # fmt: skip
def test_a_year_is_one_number_of_four_digits_and_nothing_besides(text, year):
    assert find_year(text) == year


@pytest.mark.parametrize(
    ("cell", "text"),
    [(Cell(" 甲 "), "甲"), (Cell(5), "5"), (Cell(5.0), "5"), (Cell(5.5), "5.5"), (Cell("#N/A", error=True), ""),
     (Cell(None, "A1", cached=False), ""), (Cell(True), "True"), (Cell(1e20), str(10**20)), (None, "")],
)  # fmt: skip
def test_a_cell_says_its_text(cell, text):
    sheet = Sheet("表", {} if cell is None else {(0, 0): cell})
    assert get_text_beside(sheet, (0, 0)) == text


@pytest.mark.parametrize(
    ("given", "agency"),
    [
        ({}, Identity()),
        (
            {"name": "某局", "code": "12", "region": "110105", "level": "县级政府", "contact": "张三", "revision": "3"},
            Identity("某局", "12", "110105", "county", "张三", 3),
        ),
        ({"level": "村"}, Identity(level="村")),
        ({"revision": "二"}, Identity(revision=2)),
        ({"revision": "２"}, Identity(revision=2)),
        ({"revision": "第1次", "year": "二〇二三年"}, Identity(revision=1)),
        ({"revision": "-1"}, Identity(unreadable=(("revision", "-1"),))),
        ({"revision": " ", "year": ""}, Identity()),
        ({"year": "去年"}, Identity(unreadable=(("year", "去年"),))),
        ({"revision": "99999999"}, Identity(revision=99_999_999)),
        ({"revision": "999999999"}, Identity(unreadable=(("revision", "999999999"),))),
    ],
)
def test_an_agency_is_what_its_fields_say(given, agency):
    assert read_agency(given) == agency


# cells of a sheet; the name, the year, and where the name was said to stand
LABELLED = [
    ({"A1": "机关名称", "B1": "某局"}, "某局", None, "B1"),
    ({"A1": "机关名称：", "D1": "某局"}, "某局", None, "D1"),
    ({"A1": "机关名称", "E1": "某局"}, "", None, "B1"),  # too far to the right
    ({"A1": "机关名称 ", "E1": "某局"}, "", None, None),
    ({"A1": "机关名称", "C1": "某局", "B1": " "}, "某局", None, "C1"),
    ({"A1": "机关名称", "B1": "填写机关全称，与公章一致。", "C1": "某局"}, "某局", None, "C1"),
    ({"A1": "机关名称", "A3": "机关名称", "B3": "某局"}, "", None, "B1"),
    ({"A1": "机关 名称", "A3": "机关名称", "B3": "某局"}, "某局", None, "B3"),
    ({"A1": "机关名称", "B1": "某局", "A2": "报告年度", "B2": 2023}, "某局", 2023, "B1"),
    ({"A1": "报告年度", "B1": "2023年"}, "", 2023, None),
    ({"A1": "报告年度", "B1": "２０２３"}, "", 2023, None),
    ({"A1": "年度", "B1": "二〇二三年"}, "", 2023, None),
]


@pytest.mark.parametrize(("cells", "name", "year", "at"), LABELLED)
def test_what_stands_beside_its_label_is_read(cells, name, year, at):
    found = of(book(**cells))
    assert (found.agency.name, found.year) == (name, year)
    source = found.sources.get("agency.name")
    assert (source and (source.file, source.sheet, source.cell)) == (at and ("年报.xlsx", "表", at))


# one text; the name and the year it gives
LOOSE = [
    ("机关名称：某局", "某局", None),
    ("机关：某局　报告年度：2022", "某局", 2022),
    ("填报单位: 某镇人民政府  报告年度: 2024", "某镇人民政府", 2024),
    ("机关名称：某局：二", "", None),
    ("说明：某局", "", None),
    ("某局2023年政府信息公开工作年度报告", "某局", 2023),
    ("某局 2023 年 政府信息公开 报告", "某局", 2023),
    ("某局（2023年度）政府信息公开报告", "某局", 2023),
    ("某局(2023)政府信息公开报告", "某局", 2023),
    ("2023年度某局政府信息公开年度报告", "某局", 2023),
    ("《2023年某局政府信息公开年度报告》", "某局", 2023),
    ("政府信息公开工作2023年度报告", "", 2023),
    ("2023政府信息公开工作报告", "", 2023),
    ("政府信息公开报告", "", None),
    ("某局2023年政府信息公开指南", "", None),
    ("某局2023年工作报告", "", None),
    ("某局2023年报告政府信息公开", "", None),
    ("某局2023年政府信息公开工作报告（政府信息公开办公室）", "某局", 2023),
    ("某局二〇二三年政府信息公开工作年度报告", "某局", 2023),
    ("二O二三年度某局政府信息公开年度报告", "某局", 2023),
    ("某局２０２３年政府信息公开报告", "某局", 2023),
    ("甲2023年政府信息公开报告", "", 2023),
    ("某局1999年政府信息公开报告", "", None),
    ("某局2023年政府信息公开报告" + "长" * 70, "", None),
    ("某局2023年政府信息公开报告" + "长" * 65, "某局", 2023),
]


@pytest.mark.parametrize(("text", "name", "year"), LOOSE)
def test_a_title_or_a_line_of_words_says_agency_and_year(text, name, year):
    found = of(book(C7=text))
    assert (found.agency.name, found.year) == (name, year)
    assert not found.sources


def test_of_several_the_first_said_holds_and_a_label_goes_before_a_title():
    found = of(book(A1="甲局2021年政府信息公开报告", A2="乙局2022年政府信息公开报告"))
    assert (found.agency.name, found.year) == ("甲局", 2021)
    found = of(book(A1="甲局2021年政府信息公开报告", A2="机关名称：乙局", A3="机关名称：丙局"))
    assert (found.agency.name, found.year) == ("乙局", 2021)
    found = of(book(A1="甲局2021年政府信息公开报告", A2="机关名称", B2="乙局"))
    assert (found.agency.name, found.year) == ("乙局", 2021)
    assert of(book(A1=Cell("甲局2021年政府信息公开报告", error=True))).year is None


def test_what_is_said_loosely_is_looked_for_only_where_name_or_year_is_not_beside_its_label():
    beside = {"A1": "机关名称", "B1": "某局", "A2": "报告年度", "B2": 2023}
    assert of(book(**beside, A3="联系人：张三")).agency == Identity("某局")
    assert of(book(**{**beside, "B2": None}, A3="报告年度：2022")).year == 2022
    assert of(book(A2="报告年度", B2=2023, A3="机关名称：某局")).agency.name == "某局"


@pytest.mark.parametrize(
    ("cells", "revision", "unreadable"),
    [
        ({"A1": "报送版次", "B1": "第1次"}, 1, ()),
        ({"A1": "报送版次：", "B1": "最终稿"}, 0, (("revision", "最终稿"),)),
        ({"A1": "版次", "B1": 2}, 2, ()),
        ({"A1": "版本", "B1": "WPS 表格"}, 0, ()),  # of a program: no word on the report
    ],
)
def test_a_revision_beside_its_label_is_read_or_reported_and_beside_another_word_only_read(cells, revision, unreadable):
    agency = of(book(**cells)).agency
    assert (agency.revision, agency.unreadable) == (revision, unreadable)


COVER = "封面"


@pytest.mark.parametrize(
    ("cells", "names", "name", "at"),
    [
        ({}, {}, "某县统计局", "C5"),
        ({"C5": None}, {}, "", "C5"),  # our cover is believed where it is blank
        ({"C5": " 甲局 "}, {}, "甲局", "C5"),
        ({"B5": None, "B20": "机关名称", "C20": "乙局"}, {}, "乙局", "C20"),  # the name has lost its way
        ({"B5": "机关名", "B20": "x"}, {}, "某县统计局", "C5"),  # no label anywhere
        ({"B5": 5}, {}, "某县统计局", "C5"),
        ({"B5": "名称", "B20": "机关名称", "C20": "乙局"}, {}, "乙局", "C20"),  # another word stands beside
        ({}, {"agency.name": "'封面'!$C$30"}, "某县统计局", "C5"),
        ({"B30": "机关名称", "C30": "丙局"}, {"agency.name": "'封面'!$C$30"}, "丙局", "C30"),
        ({}, {"agency.name": "#REF!"}, "某县统计局", "C5"),
        ({"B30": "机关名称", "C30": "丙局"}, {"agency.name": "#REF!"}, "某县统计局", "C5"),
    ],
)
def test_the_cover_is_read_by_name_where_its_label_stands_beside(cells, names, name, at):
    one = altered(COVER, cells)
    found = of(replace(one, names={**one.names, **names}), ours=True)
    assert found.agency.name == name
    source = found.sources["agency.name"]
    assert (source.file, source.sheet, source.cell) == ("年报.xlsx", COVER, at)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell("#N/A", error=True), "#N/A"),
        (Cell(None, "YEAR(TODAY())", cached=False), "=YEAR(TODAY())"),
        ("去年", "去年"),
    ],
)
def test_a_year_on_our_cover_that_cannot_be_read_is_no_blank(cell, text):
    found = of(altered(COVER, {"C9": cell}), ours=True)
    assert (found.year, found.agency.unreadable) == (None, (("year", text),))


def test_a_cover_that_is_not_ours_is_filled_from_the_title_where_it_is_blank():
    one = altered(COVER, {"C5": None, "B40": "甲局2021年政府信息公开报告"})
    assert of(one, ours=False).agency.name == "某县统计局"  # the head of each table says it: 机关：某县统计局
    assert of(one, ours=True).agency.name == ""
    assert of(one, ours=False).year == 2022
    bare = altered(COVER, {"C9": None, "B40": "甲局2021年政府信息公开报告"})
    assert of(bare, ours=True).year is None


def test_our_sheet_of_checks_names_nobody_and_a_sheet_behind_it_does():
    """With the cover gone, 机关名称 stands beside the judgement of its line alone."""
    bare = replace(opened(), sheets=opened().sheets[1:])
    assert (of(bare, ours=True).agency, of(bare, ours=True).sources) == (Identity("某县统计局"), {})
    behind = Sheet("附", {(0, 0): Cell("机关名称"), (0, 1): Cell("乙局")})
    found = of(replace(bare, sheets=(*bare.sheets, behind)), ours=True)
    assert (found.agency.name, found.sources["agency.name"].sheet) == ("乙局", "附")


def test_a_sheet_of_anothers_workbook_says_whose_it_is_though_it_is_called_as_ours_of_checks():
    one = book(A1="机关名称", B1="某局")
    named = replace(one, sheets=(replace(one.sheets[0], name="校验"),))
    assert of(named).agency.name == "某局"
    assert of(named, ours=True).agency.name == ""
