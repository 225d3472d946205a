"""Every alteration of our workbook, said to the place and the word, in both languages; on books that need no file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.samples.filled_workbooks import BEFORE, FORM, REPORT, altered, differing, opened, read_book, with_sheet
from tests.samples.typed_tables import Cells, without_column, without_row
from workbook.excel.reading.reading_context import describe_places, read_stamp, shorten_text
from workbook.excel.reading.workbook_contents import Cell, Sheet, WorkbookContents
from workbook.model.identity import Identity
from workbook.model.rule_catalog import format_message


def sheet(name: str) -> Sheet:
    (one,) = (one for one in opened().sheets if one.name == name)
    return one


def without(*names: str) -> WorkbookContents:
    return replace(opened(), sheets=tuple(one for one in opened().sheets if one.name not in names))


def renamed(old: str, new: str, *, names_follow: bool = True) -> WorkbookContents:
    book = opened()
    sheets = tuple(replace(one, name=new) if one.name == old else one for one in book.sheets)
    names = {name: text.replace(f"'{old}'!", f"'{new}'!") for name, text in book.names.items()}
    return replace(book, sheets=sheets, names=names if names_follow else book.names)


def calling(**names: str | None) -> WorkbookContents:
    """The book with names that refer to something else, or are gone."""
    book = opened()
    said = {name.replace("_", "."): text for name, text in names.items()}
    kept = {name: text for name, text in book.names.items() if said.get(name, "") is not None}
    return replace(book, names={**kept, **{name: text for name, text in said.items() if text is not None}})


def told(book: WorkbookContents) -> list[tuple[str, str, str, str]]:
    """What was found: rule, place, and the message in both languages."""
    found = read_book(book).findings
    assert all(one.source.file == "年报.xlsx" for one in found)
    return [(one.rule, str(one.source), format_message(one), format_message(one, "en")) for one in found]


def label(at: str, expected: str, actual: str) -> tuple[str, str, str, str]:
    zh = f"{at} 应为“{expected}”，现为“{actual}”。"
    return "structure-label", at, zh, f"{at} should read “{expected}”, it reads “{actual}”."


def changed(zh: str, en: str, at: str = "") -> tuple[str, str, str, str]:
    return "structure-sheet", at, f"工作表{zh}。", f"Sheet {en}."


def name_lost(name: str, zh: str, en: str) -> tuple[str, str, str, str]:
    zh = f"定义名称“{name}”{zh}，已改按栏目文字定位。"
    return "structure-name", "", zh, f"The defined name “{name}” {en}; the table was found by its labels."


GONE = "已丢失", "is gone"
PAINTED = "表四“行政复议、行政诉讼”", "表四 (Administrative review and litigation)"
DENIED = "2.其他法律行政法规禁止公开"
LONG = "其余" * 30

# The book; what is said of it. No figure and no text of it is read otherwise.
ALTERED: dict[str, tuple[Callable[[], WorkbookContents], list[tuple[str, str, str, str]]]] = {
    "nothing": (opened, []),
    "a label": (lambda: altered("表三", {"C11": "其余"}), [label("表三!C11", DENIED, "其余")]),
    "a label at length": (lambda: altered("表三", {"C11": LONG}), [label("表三!C11", DENIED, LONG[:39] + "…")]),
    "a label cleared": (lambda: altered("表三", {"C11": None}), [label("表三!C11", DENIED, "")]),
    "a label without result": (
        lambda: altered("表三", {"C11": Cell(None, "A1", cached=False)}), [label("表三!C11", DENIED, "")]
    ),
    "a label in other signs": (lambda: altered("表三", {"C11": "２、其他法律 行政法规禁止公开"}), []),
    "a group": (lambda: altered("表三", {"B10": None}), [label("表三!B10", "（三）不予公开", "")]),
    "a group that is a number": (
        lambda: altered("表三", {"B10": 1.5}),
        [
            label("表三!B10", "（三）不予公开", "1.5"),
            ("structure-extra", "表三!B10", "表三!B10 在表外，其中的“1.5”未读取。",
             "表三!B10 is outside the tables; “1.5” was not read."),
        ],
    ),
    "two labels": (
        lambda: altered("表三", {"C11": "其余", "F5": "科研"}),
        [label("表三!C11", DENIED, "其余"), label("表三!F5", "科研机构", "科研")],
    ),
    "a heading cleared": (lambda: altered("表二", {"C4": None}), [label("表二!C4", "本年废止件数", "")]),
    "headings in two rows": (
        lambda: altered("表三", {"D4": "个人", "E5": "企业", "F5": None}),
        [label("表三!D4", "自然人", "个人"), label("表三!E5", "商业企业", "企业"), label("表三!F5", "科研机构", "")],
    ),
    "a heading across": (lambda: altered("表四", {"B5": "纠正"}), [label("表四!B5", "结果纠正", "纠正")]),
    "a group of headings": (
        lambda: altered("表三", {"E4": "组织"}), [label("表三!E4", "法人或其他组织", "组织")]
    ),
    "groups of headings": (
        lambda: altered("表三", {"D3": "申请人", "E4": "组织"}),
        [label("表三!D3", "申请人情况", "申请人"), label("表三!E4", "法人或其他组织", "组织")],
    ),
    "a group above groups": (lambda: altered("表四", {"F3": "诉讼"}), [label("表四!F3", "行政诉讼", "诉讼")]),
    "corners of all tables but the last": (
        lambda: altered("表二", {"A4": "内容", "A8": None, "A11": "内容"}),
        [label(f"表二!{at}", "信息内容", now) for at, now in (("A4", "内容"), ("A8", ""), ("A11", "内容"))],
    ),
    "a group across": (lambda: altered("表四", {"A3": "复议"}), [label("表四!A3", "行政复议", "复议")]),
    "the title": (lambda: altered("表三", {"A1": "三、申请"}),
                  [label("表三!A1", "三、收到和处理政府信息公开申请情况", "三、申请")]),
    "a field of the cover": (lambda: altered("封面", {"B5": "名字"}), [label("封面!B5", "机关名称", "名字")]),
    "a field cleared": (lambda: altered("封面", {"B5": None}), [label("封面!B5", "机关名称", "")]),
    "two fields": (
        lambda: altered("封面", {"B7": "区划", "B9": "哪年"}),
        [label("封面!B7", "行政区划代码", "区划"), label("封面!B9", "报告年度", "哪年")],
    ),
    "a field whose name is gone, and one below": (
        lambda: altered("封面", {"B7": "区划"}, calling(agency_code=None)),
        [name_lost("agency.code", *GONE), label("封面!B7", "行政区划代码", "区划")],
    ),
    "a field in other signs": (lambda: altered("封面", {"B5": "机关 名称："}), []),
    "a field that moved": (lambda: altered("封面", {"B5": None, "B30": "机关名称", "C30": REPORT.agency.name}), []),
    "the heading of a text": (lambda: altered("文字", {"A4": "总说"}), [label("文字!A4", "一、总体情况", "总说")]),
    "the heading cleared": (lambda: altered("文字", {"A4": None}), [label("文字!A4", "一、总体情况", "")]),
    "the heading with a note": (lambda: altered("文字", {"A4": "一、总体情况（略）"}), []),
    "protection off": (
        lambda: with_sheet(replace(sheet("表三"), protected=False)),
        [("structure-protection", "表三!", "工作表“表三”的保护已取消。", "Sheet “表三” is no longer protected.")],
    ),
    "protection of a sheet of several tables off": (
        lambda: with_sheet(replace(sheet("表二"), protected=False)),
        [("structure-protection", "表二!", "工作表“表二”的保护已取消。", "Sheet “表二” is no longer protected.")],
    ),
    "protection of the cover off": (lambda: with_sheet(replace(sheet("封面"), protected=False)), []),
    "links": (
        lambda: replace(opened(), external_links=("甲.xlsx", "乙.xlsx")),
        [
            ("structure-link", "", f"工作簿引用了其他文件：{one}.xlsx。",
             f"The workbook refers to another file: {one}.xlsx.")
            for one in "甲乙"
        ],
    ),
    "a sheet renamed": (
        lambda: renamed("表三", "三"), [changed("“表三”已改名为“三”", "“表三” was renamed “三”", "三!")]
    ),
    "a sheet renamed, its names lost": (
        lambda: renamed("表三", "三", names_follow=False),
        [
            changed("“表三”已改名为“三”", "“表三” was renamed “三”", "三!"),
            name_lost("requests", "已损坏（'表三'!$D$6:$J$30）", "is broken ('表三'!$D$6:$J$30)"),
            name_lost("previous.requests", "已损坏（'表三'!$L$6:$R$30）", "is broken ('表三'!$L$6:$R$30)"),
        ],
    ),
    "the texts renamed": (
        lambda: renamed("文字", "字"), [changed("“文字”已改名为“字”", "“文字” was renamed “字”", "字!")]
    ),
    "the checks renamed": (
        lambda: renamed("校验", "查"), [changed("“校验”已改名为“查”", "“校验” was renamed “查”", "查!")]
    ),
    "the checks deleted": (lambda: without("校验"), [changed("“校验”已被删除", "“校验” was deleted")]),
    "a second copy": (
        lambda: with_sheet(replace(sheet("表四"), name="又")),
        [changed(f"“又”中另有一份{PAINTED[0]}，未读取", f"“又” holds another copy of {PAINTED[1]}, not read", "又!")],
    ),
    "half a second copy": (
        lambda: with_sheet(Sheet("又", {at: cell for at, cell in sheet("表四").cells.items() if at[1] < 7})), []
    ),
    "a sheet of notes": (lambda: with_sheet(Sheet("又", {(0, 0): Cell("备注"), (1, 0): Cell(5)})), []),
    "a name gone": (lambda: calling(requests=None), [name_lost("requests", *GONE)]),
    "a name broken": (
        lambda: calling(requests="#REF!"), [name_lost("requests", "已损坏（#REF!）", "is broken (#REF!)")]
    ),
    "a name of the agency gone": (lambda: calling(agency_code=None), [name_lost("agency.code", *GONE)]),
    "a name of a text gone": (lambda: calling(texts_problems=None), [name_lost("texts.problems", *GONE)]),
    "the name of the stamp": (lambda: calling(ogi_stamp=None), []),
    "another version": (
        lambda: replace(opened(), properties={"ogi.stamp": "annual-2021|0|ff"}),
        [("structure-template", "", "由另一版模板生成（0/ff，本程序为 1/38ae0ac77d77）。",
          "It was made by another template version (0/ff; this program's is 1/38ae0ac77d77).")],
    ),
    "the stamp by name alone": (lambda: replace(opened(), properties={}), []),
    "names without dots": (
        lambda: replace(
            opened(), properties={}, names={name.replace(".", "_"): text for name, text in opened().names.items()}
        ),
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ALTERED)
def test_an_alteration_is_said_to_the_place_and_the_word(name):
    book, expected = ALTERED[name]
    assert told(book()) == expected


@pytest.mark.parametrize("name", ALTERED)
def test_and_nothing_is_read_otherwise(name):
    found = read_book(ALTERED[name][0]())
    assert not differing(found)
    assert (found.report.agency, found.report.year) == (REPORT.agency, REPORT.year)
    assert dict(found.report.texts) == dict(REPORT.texts)
    assert found.previous is not None
    assert (found.previous.year, found.previous.values) == (BEFORE.year, BEFORE.values)
    assert (found.path.name, found.reader, found.summary) == ("年报.xlsx", "package", False)


# What was taken out; of which table what is not found, and what else is said of rows and columns. Nothing is said of
# labels: those that are left are where they were issued, or have moved.
TAKEN_OUT: dict[str, tuple[Callable[[Cells], Cells], str, str, str, str]] = {
    "a line": (without_row(10), "表三", "政府信息公开申请", DENIED, "第 11 行处少了 1 行"),
    "a column": (without_column(8), "表三", "政府信息公开申请", "其他", "第 I 列处少了 1 列"),
    "a column across": (without_column(1), "表四", "行政复议、行政诉讼", "行政复议·结果纠正", "第 B 列处少了 1 列"),
}


@pytest.mark.parametrize("name", TAKEN_OUT)
def test_what_was_taken_out_is_said_once_and_no_label_is(name):
    change, where, title, lost, shift = TAKEN_OUT[name]
    book = with_sheet(replace(sheet(where), cells=change(dict(sheet(where).cells)), validations=None))
    said = [one[:3] for one in told(book) if one[0] not in ("structure-formula", "structure-extra")]
    assert [(rule, zh) for rule, _, zh in said] == [
        ("structure-missing", f"{where}“{title}”：找不到“{lost}”，其数据未读取。"),
        ("structure-row", f"{where}“{title}”：{shift}。"),
    ]
    assert said[0][1] == f"{where}!"


def test_tables_that_are_gone_are_said_one_by_one():
    tables = FORM.tables_of(FORM.sheets[0])
    assert [zh for _, _, zh, _ in told(without("表二"))] == [
        "工作表“表二”已被删除。",
        *(f"表二“{table.title}”：找不到“{table.title}”，其数据未读取。" for table in tables),
    ]


def test_what_is_gone_is_said_table_by_table_and_the_rest_is_read():
    book = without("表四")
    assert told(book) == [
        changed("“表四”已被删除", "“表四” was deleted"),
        ("structure-missing", "", f"{PAINTED[0]}：找不到“行政复议、行政诉讼”，其数据未读取。",
         f"{PAINTED[1]}: “行政复议、行政诉讼” was not found; its figures were not read."),
    ]  # fmt: skip
    found = read_book(book)
    missing = next(one for one in found.findings if one.rule == "structure-missing")
    assert set(missing.cells) == set(differing(found))
    assert len(missing.cells) == 15


def test_a_line_that_is_gone_is_said_with_its_cells():
    rows = sheet("表三").cells
    cells = {(row - (row > 10), column): cell for (row, column), cell in rows.items() if row != 10}
    found = read_book(with_sheet(replace(sheet("表三"), cells=cells, validations=None)))
    missing = [one for one in found.findings if one.rule == "structure-missing"]
    assert [(str(one.source), one.cells[0], len(one.cells)) for one in missing] == [
        ("表三!", "requests.denied.law.person", 7)
    ]
    assert format_message(missing[0]).startswith("表三“政府信息公开申请”：找不到“2.其他法律行政法规禁止公开”")


def test_a_cover_or_sheet_of_texts_that_is_gone_is_said_and_their_names_are_not():
    assert told(without("封面")) == [changed("“封面”已被删除", "“封面” was deleted")]
    assert told(without("文字")) == [changed("“文字”已被删除", "“文字” was deleted")]
    found = read_book(without("封面")).report
    # Each table says whose it is; the sheet of checks, where the same labels stand beside its judgement, does not.
    assert (found.agency, found.year) == (Identity(REPORT.agency.name), REPORT.year)
    assert dict(read_book(without("文字")).report.texts) == {}


def test_a_workbook_of_ours_without_its_stamp_is_known_by_its_labels_and_said_to_be_so_once():
    book = replace(opened(), properties={}, names={})
    assert told(book) == [
        (
            "structure-template",
            "",
            "模板的标识已丢失（多为经其他程序另存所致），已按栏目的文字和位置认出是本项目的模板（annual-2021）。",
            "The mark of our template is gone (another program saved the workbook); "
            "by its labels and their places it is our template (annual-2021).",
        )
    ]
    found = read_book(book)
    assert (found.report, found.previous) == (read_book(opened()).report, read_book(opened()).previous)


def test_a_workbook_that_is_not_ours_is_said_to_be_none_and_its_last_year_is_known_by_its_heading():
    book = altered("表四", {"A3": "复议"}, replace(opened(), properties={}, names={}))
    found = read_book(book)
    assert told(book)[0] == (
        "structure-template", "", "不是本项目模板生成的工作簿，已按栏目文字读取（annual-2021）。",
        "This workbook was not made from our template; it was read by its labels (annual-2021).",
    )  # fmt: skip
    assert {one.rule for one in found.findings} == {"structure-template"}
    assert found.previous is not None
    assert found.previous.values == BEFORE.values
    assert not differing(found)  # none of last year's figures, which stand beside under the same headings
    assert str(found.report.source("reviews.reconsideration.upheld")) == "表四!A6"
    assert found.template == ""
    assert read_book(opened()).template == "1"
    guessed = told(altered("表三", {"C11": "其余"}, book))
    assert label("表三!C11", DENIED, "其余") in guessed


def test_a_summary_of_a_merge_is_known_by_its_property():
    book = opened()
    assert read_book(replace(book, properties={**book.properties, "ogi.summary": "1"})).summary


# the year of last year's figures


@pytest.mark.parametrize(
    ("cells", "cover", "year"),
    [
        ({}, {}, 2021),
        ({"F2": "2019年"}, {}, 2019),
        ({"F2": None}, {}, 2021),  # the year before the report's
        ({"F2": None}, {"C9": None}, None),
        ({"F2": "去年"}, {"C9": 2023}, 2022),
    ],
)
def test_last_years_figures_have_a_year(cells, cover, year):
    found = read_book(altered("封面", cover, altered("表二", cells)))
    assert found.previous is not None
    assert found.previous.year == year
    assert found.previous.agency.name == REPORT.agency.name


def test_without_last_years_figures_there_is_no_previous_report():
    book = opened()
    for name, first in (("表二", 5), ("表三", 11), ("表四", 16)):
        one = next(one for one in book.sheets if one.name == name)
        kept = {at: c for at, c in one.cells.items() if at[1] < first or isinstance(c.value, str) or at[0] == 1}
        book = with_sheet(replace(one, cells=kept), book)
    found = read_book(book)
    assert found.previous is None
    assert not differing(found)


# how places, texts and stamps are told


@pytest.mark.parametrize(
    ("count", "zh", "en"),
    [
        (1, "A1", "A1"),
        (2, "A1、B2", "A1, B2"),
        (8, "A1、B2、C3、D4、E5、F6、G7、H8", "A1, B2, C3, D4, E5, F6, G7, H8"),
        (9, "A1、B2、C3、D4、E5、F6、G7、H8等", "A1, B2, C3, D4, E5, F6, G7, H8 …"),
    ],
)
def test_cells_are_named_up_to_eight(count, zh, en):
    words = describe_places([(n, n) for n in range(count)])
    assert (words.zh, words.en) == (zh, en)


def test_a_text_is_quoted_up_to_forty_signs():
    assert shorten_text("长" * 40) == "长" * 40
    assert shorten_text("长" * 41) == "长" * 39 + "…"


@pytest.mark.parametrize(
    ("properties", "names", "stamp"),
    [
        ({"ogi.stamp": "a|1|f"}, {}, ("a", "1", "f")),
        ({}, {"ogi.stamp": '"a|1|f"'}, ("a", "1", "f")),
        ({}, {"ogi.stamp": '="a|1|f"'}, ("a", "1", "f")),
        ({"ogi.stamp": "a|1|f"}, {"ogi.stamp": '"b|2|g"'}, ("a", "1", "f")),
        ({"ogi.stamp": "a|1"}, {"ogi.stamp": '"b|2|g"'}, ("b", "2", "g")),
        ({}, {"ogi.stamp": '"X|1|X"'}, ("X", "1", "X")),
        ({}, {"ogi_stamp": '"a|1|f"'}, ("a", "1", "f")),
        ({"ogi.stamp": "a|1|f|x"}, {}, None),
        ({}, {"ogi.stamp": "#REF!"}, None),
        ({"ogi.summary": "a|1|f"}, {}, None),
        ({}, {}, None),
    ],
)
def test_the_stamp_is_a_property_or_else_a_name(properties, names, stamp):
    assert read_stamp(replace(opened(), properties=properties, names=names)) == stamp
