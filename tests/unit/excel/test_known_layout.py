"""A workbook of a make that was learnt: read from what was typed alone, or left to the full reader."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.samples.filled_workbooks import BEFORE, FORM, REPORT
from tests.samples.package_edits import Parts
from tests.samples.template_variants import (
    ACROSS,
    CHECKED,
    COVER,
    OLD_REPORT,
    PLAIN,
    STRINGS,
    TABLE,
    WORDS,
    cell,
    changed,
    fast,
    older,
    said,
    shown,
    taught,
    text,
    typed,
    usual,
)
from workbook.excel.reading.layout_cache import LearningReader
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.model.numbers import Value
from workbook.rules.submission import Submission


@pytest.fixture
def reader(tmp_path_factory) -> LearningReader:
    """A reader that has learnt the templates of both forms."""
    return shown(tmp_path_factory.getbasetemp(), usual(), older())


def taken(reader: LearningReader, folder: Path, parts: Parts) -> Submission:
    """What the fast reader says: it must say something."""
    found = fast(reader, folder / "年报.xlsx", parts)
    assert found is not None
    assert found.reader == "alike"
    return found


def test_it_says_all_that_the_full_reader_says(tmp_path, reader):
    parts = typed(changed(usual(), cell(PLAIN, "B5", "12")), WORDS, "B7", "又一段")
    found = taken(reader, tmp_path, parts)
    assert said(found) == said(read_workbook(tmp_path / "年报.xlsx"))
    assert found.report.values == (12, *REPORT.values[1:])
    assert found.report.texts == {**REPORT.texts, "overview": f"{REPORT.texts['overview']}\n\n又一段"}
    assert found.previous is not None
    assert (found.previous.year, found.previous.values) == (BEFORE.year, BEFORE.values)


def test_of_several_makes_each_is_read_as_its_own(tmp_path, reader):
    found = taken(reader, tmp_path, older())
    assert (found.report.form.id, found.report.values) == (OLD_REPORT.form.id, OLD_REPORT.values)
    assert found.previous is None
    assert taken(reader, tmp_path, usual()).report.values == REPORT.values


# figures --------------------------------------------------------------------------------------------------------------

FIGURES: dict[str, Value | None] = {
    "0": 0,
    "5": 5,
    "007": 7,
    "-5": -5,
    "12.0": 12,
    "1E3": 1000,
    "1.5": Decimal("1.5"),
    "9" * 15: 999_999_999_999_999,
    "9" * 16: 9_999_999_999_999_999,
    "9" * 20: 99_999_999_999_999_999_999,
    "12345678901234567.5": 12_345_678_901_234_600,
    "": None,
}
"""What may stand in a cell for a number of cases, and what it says."""


def money() -> str:
    return next(cell.code for cell in FORM.cells if cell.unit.scale > 1)


def first() -> str:
    return FORM.cells[0].code


@pytest.mark.parametrize("raw", FIGURES)
def test_a_figure_is_read_as_it_is_spelled(tmp_path, reader, raw):
    found = taken(reader, tmp_path, changed(usual(), cell(PLAIN, "B5", raw), cell(PLAIN, "F5", raw)))
    assert found.previous is not None
    for report, unaltered in ((found.report, REPORT), (found.previous, BEFORE)):
        value = report[first()]
        assert (type(value), value) == (type(FIGURES[raw]), FIGURES[raw])
        assert report.values[1:] == unaltered.values[1:]


@pytest.mark.parametrize(
    ("raw", "fen"),
    [("12", 12_000_000), ("12.34", 12_340_000), ("0.000001", 1), ("0", 0), ("999999999", 999_999_999_000_000)],
)
def test_money_is_read_in_its_unit(tmp_path, reader, raw, fen):
    found = taken(reader, tmp_path, changed(usual(), cell(PLAIN, "B16", raw), cell(PLAIN, "F16", raw)))
    assert found.previous is not None
    assert (found.report[money()], found.previous[money()]) == (fen, fen)


@pytest.mark.parametrize("raw", ["", "5"])
@pytest.mark.parametrize("at", ["B5", "F5"])
def test_an_empty_cell_is_blank(tmp_path, reader, at, raw):
    found = taken(reader, tmp_path, changed(usual(), cell(PLAIN, at, None), cell(PLAIN, "C5", raw)))
    assert found.previous is not None
    assert found.report.values[:2] == (None if at == "B5" else REPORT.values[0], int(raw) if raw else None)
    assert found.previous[first()] == (None if at == "F5" else BEFORE[first()])


@pytest.mark.parametrize("at", ["B5", "F5"])
@pytest.mark.parametrize("raw", ["nan", "inf", "0x1", "1_0", "１", "1E999", "甲", " "])
def test_what_is_no_plain_number_is_left_to_the_full_reader(tmp_path, reader, at, raw):
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), cell(PLAIN, at, raw))) is None


@pytest.mark.parametrize("kind", ["s", "str", "b", "e", "inlineStr", "d"])
@pytest.mark.parametrize(("part", "at"), [(PLAIN, "B5"), (PLAIN, "F5"), (TABLE, "D6"), (TABLE, "D29")])
def test_a_figure_of_another_kind_is_left_to_the_full_reader(tmp_path, reader, part, at, kind):
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), cell(part, at, "1", kind))) is None


def test_a_number_may_be_said_to_be_one(tmp_path, reader):
    found = taken(reader, tmp_path, changed(usual(), cell(PLAIN, "B5", "5", "n"), cell(PLAIN, "F5", "6", "n")))
    assert found.previous is not None
    assert (found.report[first()], found.previous[first()]) == (5, 6)


def test_a_table_without_totals_that_holds_nothing_may_have_moved(tmp_path, reader):
    emptied = [cell(PLAIN, at, None) for at in ("B5", "C5", "D5", "B6", "C6")]
    found = taken(reader, tmp_path, changed(usual(), *emptied))
    assert found.report.values[:6] == (None,) * 5 + REPORT.values[5:6]
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), *emptied, cell(PLAIN, "D6", None))) is None


# totals ---------------------------------------------------------------------------------------------------------------


def requests() -> dict[str, Value]:
    return {cell.code: value for cell, value in zip(FORM.cells, REPORT.values, strict=True)}


def grown(by: int | str) -> Parts:
    """The workbook with more of one figure, and every total it counts into as stored by a program."""
    figures = requests()
    code = "requests.granted.person"
    add = Decimal(by)
    edits = []
    for counted, at in ((code, "D8"), (f"{code[:-7]}.total", "J8"), ("requests.results.person", "D29"),
                        ("requests.results.total", "J29")):  # fmt: skip
        edits.append(cell(TABLE, at, f"{figures[counted] + add}"))  # type: ignore[operator]
    return changed(usual(), *edits)


@pytest.mark.parametrize("by", [1, 1000, -500])
def test_totals_are_the_sum_of_their_parts_where_that_was_stored(tmp_path, reader, by):
    found = taken(reader, tmp_path, grown(by))
    figures = requests()
    for code in ("requests.granted.person", "requests.granted.total", "requests.results.person",
                 "requests.results.total"):  # fmt: skip
        assert found.report[code] == figures[code] + by  # type: ignore[operator]
    assert said(found) == said(read_workbook(tmp_path / "年报.xlsx"))


def test_a_total_of_figures_that_are_not_whole_is_read_where_that_was_stored(tmp_path, reader):
    found = taken(reader, tmp_path, grown("0.5"))
    assert found.report["requests.results.total"] == requests()["requests.results.total"] + Decimal("0.5")  # type: ignore[operator]
    text_kind = changed(grown("0.5"), (TABLE, r'(<c r="D29" s="\d+")', r'\1 t="str"'))
    assert fast(reader, tmp_path / "年报.xlsx", text_kind) is None


@pytest.mark.parametrize("at", ["D29", "J29", "J8", "J6"])
@pytest.mark.parametrize("raw", ["0", "1.5", "-1", "", "5", "1E3", "甲", None])
def test_a_total_that_is_not_the_sum_of_its_parts_is_left_to_the_full_reader(tmp_path, reader, at, raw):
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), cell(TABLE, at, raw))) is None


def test_a_total_that_is_spelled_as_no_program_does_is_left_to_the_full_reader(tmp_path, reader):
    right = requests()["requests.results.person"]
    assert taken(reader, tmp_path, changed(usual(), cell(TABLE, "D29", f"{right}")))
    for raw in (f"{right}.0", f"0{right}", f"{right}E0"):
        assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), cell(TABLE, "D29", raw))) is None


def emptied(stored: str, kind: str = "") -> Parts:
    """Nothing counted of one kind, and that as the result of its total."""
    return changed(usual(), *[cell(ACROSS, f"{at}6", None) for at in "ABCD"], cell(ACROSS, "E6", stored, kind))


def test_a_total_of_nothing_is_nothing_where_that_was_stored(tmp_path, reader):
    found = taken(reader, tmp_path, emptied("", "str"))
    assert found.report["reviews.reconsideration.total"] is None
    assert found.report["reviews.litigation.direct.total"] == REPORT["reviews.litigation.direct.total"]
    assert said(found) == said(read_workbook(tmp_path / "年报.xlsx"))
    assert fast(reader, tmp_path / "年报.xlsx", emptied("0")) is None


# words ----------------------------------------------------------------------------------------------------------------

FIELDS = [
    ("C5", "乙局", "name"),
    ("C6", "123", "code"),
    ("C7", "420100", "region"),
    ("C8", "村", "level"),
    ("C10", "张三 010-1", "contact"),
    ("C10", "A&amp;B &#65;", "contact"),
]


@pytest.mark.parametrize(("at", "says", "field"), FIELDS)
def test_what_is_said_on_the_cover_is_read_beside_its_label(tmp_path, reader, at, says, field):
    found = taken(reader, tmp_path, typed(usual(), COVER, at, f" {says} "))
    expected = says.replace("&amp;", "&").replace("&#65;", "A")
    assert found.report.agency == replace(REPORT.agency, **{field: expected})
    assert found.previous is not None
    assert found.previous.agency == found.report.agency


@pytest.mark.parametrize(
    ("at", "raw", "field", "value"),
    [
        ("C7", "110106", "region", "110106"),
        ("C6", "9" * 15, "code", "9" * 15),
        ("C5", "007", "name", "7"),
        ("C11", "2", "revision", 2),
        ("C11", None, "revision", 0),
        ("C5", None, "name", ""),
        ("C5", "", "name", ""),
    ],
)
def test_a_whole_number_is_read_as_words_where_words_are_asked(tmp_path, reader, at, raw, field, value):
    found = taken(reader, tmp_path, changed(usual(), cell(COVER, at, raw)))
    assert found.report.agency == replace(REPORT.agency, **{field: value})


@pytest.mark.parametrize("raw", ["1.5", "1E3", "-1", "9" * 16, "甲", " 1"])
@pytest.mark.parametrize(("part", "at"), [(COVER, "C6"), (COVER, "C9"), (WORDS, "B7"), (PLAIN, "F2")])
def test_another_number_among_the_words_is_left_to_the_full_reader(tmp_path, reader, part, at, raw):
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), cell(part, at, raw))) is None


@pytest.mark.parametrize("kind", ["str", "b", "e", "d"])
@pytest.mark.parametrize(("part", "at"), [(COVER, "C6"), (WORDS, "B7")])
def test_words_of_another_kind_are_left_to_the_full_reader(tmp_path, reader, part, at, kind):
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), cell(part, at, "1", kind))) is None


@pytest.mark.parametrize("number", ["9999", "-1"])
def test_a_shared_text_that_is_not_there_is_left_to_the_full_reader(tmp_path, reader, number):
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), cell(COVER, "C5", number, "s"))) is None


@pytest.mark.parametrize("says", ["总计", " 自然人：", "一、总体情况", "_x0041_", "a\rb"], ids=repr)
@pytest.mark.parametrize(("part", "at"), [(COVER, "C5"), (WORDS, "B7")])
def test_words_that_could_be_taken_for_a_label_are_left_to_the_full_reader(tmp_path, reader, part, at, says):
    assert fast(reader, tmp_path / "年报.xlsx", typed(usual(), part, at, says)) is None


def test_paragraphs_are_read_in_order_each_below_its_heading(tmp_path, reader):
    parts = usual()
    for at, says in (("B5", "一段"), ("B6", " 二段 "), ("B20", "三段"), ("B23", ""), ("B41", "附一"), ("B42", "附二")):
        parts = typed(parts, WORDS, at, says)
    found = taken(reader, tmp_path, changed(parts, cell(WORDS, "B43", "2022")))
    assert dict(found.report.texts) == dict(read_workbook(tmp_path / "年报.xlsx").report.texts)
    assert list(found.report.texts) == ["overview", "other"]
    assert found.report.texts["other"] == "附一\n附二\n2022"


YEARS = [
    ("2023", "2020", 2023, 2020),
    ("2023", None, 2023, 2022),
    (None, "2020", None, 2020),
    (None, None, None, None),
    ("23", "20", None, None),
    ("2023", "1999", 2023, 2022),
]


@pytest.mark.parametrize(("this", "last", "year", "before"), YEARS)
def test_last_years_figures_are_of_the_year_beside_them_or_of_the_year_before(
    tmp_path, reader, this, last, year, before
):
    found = taken(reader, tmp_path, changed(usual(), cell(COVER, "C9", this), cell(PLAIN, "F2", last)))
    assert found.previous is not None
    assert (found.report.year, found.previous.year) == (year, before)


def test_where_a_make_has_no_cell_for_last_year_it_is_the_year_before(tmp_path):
    parts = changed(usual(), (PLAIN, r'<c r="F2"[^>]*><v>\d+</v></c>', ""))
    assert taken(taught(tmp_path, parts), tmp_path, parts).previous.year == 2021  # type: ignore[union-attr]


def test_a_year_in_words_is_read(tmp_path, reader):
    found = taken(reader, tmp_path, typed(usual(), COVER, "C9", "2024年度"))
    assert found.report.year == 2024


def test_a_region_with_rows_of_its_own_is_left_to_the_full_reader(tmp_path, reader):
    """420100 has a supplement to the form of 2019, and none to that of 2021."""
    assert fast(reader, tmp_path / "年报.xlsx", changed(older(), cell(COVER, "C7", "420100"))) is None
    assert taken(reader, tmp_path, changed(usual(), cell(COVER, "C7", "420100"))).report.form.id == FORM.id
    assert taken(reader, tmp_path, changed(older(), cell(COVER, "C7", "430000"))).report.form.id == OLD_REPORT.form.id


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_a_report_of_more_than_a_million_letters_is_left_to_the_full_reader(tmp_path, reader, more, fits):
    """One text may be shown by many cells."""
    agency = REPORT.agency
    known = sum(map(len, (agency.name, agency.code, agency.region, "县级政府部门", "2022", "2021")))
    rest = 1_000_000 - known - sum(len(REPORT.texts[code]) for code in ("problems", "other"))
    parts, number = text(usual(), "长" * (rest // 16))
    parts, last = text(parts, "长" * (rest // 16 + rest % 16 + more))
    edits = [cell(WORDS, f"B{row}", number, "s") for row in range(5, 20)]
    found = fast(reader, tmp_path / "年报.xlsx", changed(parts, *edits, cell(WORDS, "B20", last, "s")))
    assert (found is not None) is fits


# what nobody fills in -------------------------------------------------------------------------------------------------

ISSUED = {
    "a label that reads otherwise": (STRINGS, "自然人", "自然人们"),
    "a label of the cover that reads otherwise": (STRINGS, "机关名称", "机关名"),
    "another text in the place of a label": cell(TABLE, "A3", "5", "s"),
    "a number beside the paragraphs": cell(WORDS, "A5", "7"),
    "a number for a text": cell(WORDS, "A1", "36"),
    "a figure where none is asked": cell(COVER, "D13", "5"),
    "a result on a sheet of figures": (TABLE, r'(<c r="A2" s="\d+") t="str"(>.*?</f>)<v>[^<]*', r"\1\2<v>5"),
    "a result that reads like a heading": (WORDS, r'(<c r="A2".*?</f>)<v>[^<]*', r"\1<v>一、总体情况"),
    "a result that reads like a label": (CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*', r"\1<v>总计"),
    "a result that only a parser reads": (CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*', r"\1<v>_x0041_"),
    "a result that is no number": (CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', r"\1<v>一"),
    "a result of too many digits": (CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', rf"\1<v>{'9' * 301}"),
}


@pytest.mark.parametrize("name", ISSUED)
def test_what_differs_where_nobody_fills_in_is_left_to_the_full_reader(tmp_path, reader, name):
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), ISSUED[name])) is None


RESULTS = {
    "another text": (CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*', r"\1<v>不符"),
    "no text": (CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*', r"\1<v>"),
    "nothing": (CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*</v>', r"\1"),
    "a number": (CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', r"\1<v>12"),
    "a number with a point": (CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', r"\1<v>-0.5"),
    "a great number": (CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', r"\1<v>1.5E+20"),
    "no number": (CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', r"\1<v>"),
    "a text above a table": (TABLE, r'(<c r="A2".*?</f>)<v>[^<]*', r"\1<v>机关：乙局"),
    "no text above a table": (TABLE, r'(<c r="A2".*?</f>)<v>[^<]*', r"\1<v>"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_what_the_program_computed_may_differ(tmp_path, reader, name):
    found = taken(reader, tmp_path, changed(usual(), RESULTS[name]))
    assert (found.report, found.previous is not None) == (REPORT, True)


@pytest.mark.parametrize(("digits", "fits"), [(17, True), (299, True), (300, False)])
def test_a_result_of_hundreds_of_digits_is_left_to_the_full_reader(tmp_path, reader, digits, fits):
    whole = re.sub(rb"<v>-[0-9]+</v>", b"<v>0</v>", usual()[CHECKED])
    parts = changed({**usual(), CHECKED: whole}, (CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', rf"\1<v>{'9' * digits}"))
    assert (fast(reader, tmp_path / "年报.xlsx", parts) is not None) is fits


# reasons --------------------------------------------------------------------------------------------------------------


def test_a_reason_given_on_the_check_sheet_is_read(tmp_path, reader):
    parts = typed(typed(usual(), CHECKED, "J71", "已核实&amp;更正"), CHECKED, "J75", "属实")
    found = taken(reader, tmp_path, parts)
    assert [one.reason for one in found.report.answers] == ["已核实&更正", "属实"]
    assert found.report.answers == read_workbook(tmp_path / "年报.xlsx").report.answers
    assert found.report.values == REPORT.values


def test_a_reason_for_a_finding_without_a_line_is_read(tmp_path, reader):
    parts = usual()
    for at, says in (("C91", "sums"), ("D91", "requests.new.person"), ("J91", "属实"), ("M91", "00ff")):
        parts = typed(parts, CHECKED, at, says)
    found = taken(reader, tmp_path, parts)
    assert len(found.report.answers) == 1
    assert found.report.answers == read_workbook(tmp_path / "年报.xlsx").report.answers


def test_a_total_said_to_be_left_as_published_is_left_to_the_full_reader(tmp_path, reader):
    parts = typed(usual(), CHECKED, "J71", "属实")
    row = list(get_issued_template(FORM).lines).index("requests.results-total.person") + 5
    parts, number = text(parts, "typed")
    marked = (CHECKED, rf'(<c r="K{row}".*?</c>)', rf'\1<c r="L{row}" t="s"><v>{number}</v></c>')
    assert fast(reader, tmp_path / "年报.xlsx", changed(parts, marked)) is None


@pytest.mark.parametrize("says", ["总计", "序号", "自然人"])
def test_a_reason_that_could_be_taken_for_a_label_is_left_to_the_full_reader(tmp_path, reader, says):
    found = fast(reader, tmp_path / "年报.xlsx", typed(usual(), CHECKED, "J71", says))
    assert found is None or says == "序号"
