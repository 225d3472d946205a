"""A workbook of a layout that was learnt: it is read as the full reader reads it, or left to that."""

from __future__ import annotations

import pytest

from tests.samples.filled_workbooks import FORM, REPORT
from tests.samples.template_variants import (
    CHECKED,
    COVER,
    OLD_REPORT,
    PLAIN,
    STRINGS,
    TABLE,
    WORDS,
    Edit,
    cell,
    changed,
    fast,
    older,
    said,
    shown,
    text,
    typed,
    usual,
)  # fmt: skip
from workbook.excel.reading.quick_reader import QuickReader
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_reader import read_workbook


@pytest.fixture
def reader(tmp_path_factory) -> QuickReader:
    """A reader that has learnt the templates of both forms."""
    return shown(tmp_path_factory.getbasetemp(), usual(), older())


def agrees(reader: QuickReader, folder, parts) -> bool:
    """Whether the fast reader takes a file; then it must say what the full reader says."""
    found = fast(reader, folder / "年报.xlsx", parts)
    assert found is None or said(found) == said(read_workbook(folder / "年报.xlsx"))
    return found is not None


FIGURES = ("0", "5", "007", "-5", "12.0", "1E3", "1.5", "9" * 15, "9" * 16, "9" * 20, "12345678901234567.5", "", None)
MONEY = ("12", "12.34", "0.000001", "0", "999999999")
NUMBERS_FOR_WORDS = [
    ("C7", "110106"), ("C6", "9" * 15), ("C5", "007"), ("C11", "2"), ("C11", None), ("C5", None), ("C5", ""),
    ("C9", "2023"), ("C9", "23"), ("C9", None),
]  # fmt: skip
TAKEN: list[Edit] = [
    *(cell(PLAIN, at, raw) for at in ("B5", "F5") for raw in FIGURES),
    *(cell(PLAIN, at, raw) for at in ("B16", "F16") for raw in MONEY),
    *(cell(PLAIN, at, "5", "n") for at in ("B5", "F5")),
    *(cell(PLAIN, "F2", year) for year in ("2020", "1999", "20", None)),
    *(cell(COVER, at, raw) for at, raw in NUMBERS_FOR_WORDS),
    *((CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*</v>', rf"\1{result}") for result in ("<v>不符</v>", "<v></v>", "")),
    *((CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', rf"\1<v>{result}") for result in ("12", "-0.5", "1.5E+20", "")),
    *((TABLE, r'(<c r="A2".*?</f>)<v>[^<]*', rf"\1<v>{result}") for result in ("机关：乙局", "")),
]


@pytest.mark.parametrize("edit", TAKEN, ids=str)
def test_a_value_that_is_typed_or_computed_otherwise_is_read(tmp_path, reader, edit):
    assert agrees(reader, tmp_path, changed(usual(), edit))


NO_NUMBERS = ("nan", "inf", "0x1", "1_0", "１", "1E999", "甲", " ")
NO_SUMS = ("0", "1.5", "-1", "", "5", "1E3", "甲", None)
LEFT: list[Edit] = [
    *(cell(PLAIN, at, raw) for at in ("B5", "F5") for raw in NO_NUMBERS),
    *(
        cell(part, at, "1", kind)
        for part, at in ((PLAIN, "B5"), (PLAIN, "F5"), (TABLE, "D6"), (TABLE, "D29"))
        for kind in ("s", "str", "b", "e", "inlineStr", "d")
    ),
    *(cell(TABLE, at, raw) for at in ("D29", "J29", "J8", "J6") for raw in NO_SUMS),
    *(
        cell(part, at, raw)
        for part, at in ((COVER, "C6"), (COVER, "C9"), (WORDS, "B7"), (PLAIN, "F2"))
        for raw in ("1.5", "1E3", "-1", "9" * 16, "甲", " 1")
    ),
    *(cell(part, at, "1", kind) for part, at in ((COVER, "C6"), (WORDS, "B7")) for kind in ("str", "b", "e", "d")),
    *(cell(COVER, "C5", number, "s") for number in ("9999", "-1")),
    (STRINGS, "机关名称", "机关名"),
    cell(WORDS, "A1", "36"),
    cell(COVER, "D13", "5"),
    (CHECKED, r'(<c r="H5".*?</f>)<v>[^<]*', r"\1<v>_x603B_计"),
    (CHECKED, r'(<c r="E5".*?</f>)<v>[^<]*', rf"\1<v>{'9' * 301}"),
]


@pytest.mark.parametrize("edit", LEFT, ids=str)
def test_what_only_the_full_reader_can_judge_is_left_to_it(tmp_path, reader, edit):
    assert fast(reader, tmp_path / "年报.xlsx", changed(usual(), edit)) is None


WORDS_TYPED = [
    (COVER, "C5", " 乙局 "), (COVER, "C6", "123"), (COVER, "C7", "420100"), (COVER, "C8", "村"),
    (COVER, "C9", "2024年度"),
    (COVER, "C10", "A&amp;B &#65;"), (WORDS, "B5", "一段"), (WORDS, "B6", " 二段 "), (WORDS, "B23", ""),
    (WORDS, "B42", "附二"), (WORDS, "B7", "_x0041_"), (WORDS, "B7", "a\rb"), (CHECKED, "J71", "已核实&amp;更正"),
]  # fmt: skip
LABELS = ("总计", " 自然人：", "一、总体情况", "_x603B_计")


@pytest.mark.parametrize(("part", "at", "words"), WORDS_TYPED, ids=str)
def test_words_are_read(tmp_path, reader, part, at, words):
    assert agrees(reader, tmp_path, typed(usual(), part, at, words))


@pytest.mark.parametrize("words", LABELS, ids=repr)
@pytest.mark.parametrize(("part", "at"), [(COVER, "C5"), (WORDS, "B7")])
def test_words_that_could_be_taken_for_a_label_are_left_to_the_full_reader(tmp_path, reader, part, at, words):
    assert fast(reader, tmp_path / "年报.xlsx", typed(usual(), part, at, words)) is None


@pytest.mark.parametrize("words", ["总计", "自然人"])
def test_a_reason_that_could_be_taken_for_a_label_is_left_to_the_full_reader(tmp_path, reader, words):
    assert fast(reader, tmp_path / "年报.xlsx", typed(usual(), CHECKED, "J71", words)) is None


@pytest.mark.parametrize("by", [1, 1000, -500, 0.5])
def test_totals_are_the_sum_of_their_parts_where_that_was_stored(tmp_path, reader, by):
    grown = [
        cell(TABLE, at, f"{REPORT[code] + by}")
        for at, code in (("D8", "requests.granted.person"), ("J8", "requests.granted.total"),
                         ("D29", "requests.results.person"), ("J29", "requests.results.total"))
    ]  # fmt: skip
    assert agrees(reader, tmp_path, changed(usual(), *grown))


def test_a_total_that_is_spelled_as_no_program_does_is_left_to_the_full_reader(tmp_path, reader):
    right = REPORT["requests.results.person"]
    for raw, fits in ((f"{right}", True), (f"{right}.0", False), (f"0{right}", False), (f"{right}E0", False)):
        assert agrees(reader, tmp_path, changed(usual(), cell(TABLE, "D29", raw))) is fits


def test_a_table_without_totals_that_holds_nothing_may_have_moved(tmp_path, reader):
    emptied = [cell(PLAIN, at, None) for at in ("B5", "C5", "D5", "B6", "C6")]
    assert agrees(reader, tmp_path, changed(usual(), *emptied))
    assert not agrees(reader, tmp_path, changed(usual(), *emptied, cell(PLAIN, "D6", None)))


def test_a_region_with_rows_of_its_own_is_left_to_the_full_reader(tmp_path, reader):
    """420100 has a supplement to the form of 2019, and none to that of 2021."""
    assert not agrees(reader, tmp_path, changed(older(), cell(COVER, "C7", "420100")))
    assert agrees(reader, tmp_path, changed(usual(), cell(COVER, "C7", "420100")))
    found = fast(reader, tmp_path / "年报.xlsx", changed(older(), cell(COVER, "C7", "430000")))
    assert (found.report.form.id, found.report.values) == (OLD_REPORT.form.id, OLD_REPORT.values)


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_a_report_of_more_than_a_million_characters_is_left_to_the_full_reader(tmp_path, reader, more, fits):
    """One text may be shown by many cells."""
    agency = REPORT.agency
    known = sum(map(len, (agency.name, agency.code, agency.region, "县级政府部门", "2022", "2021")))
    rest = 1_000_000 - known - sum(len(REPORT.texts[code]) for code in ("problems", "other"))
    parts, number = text(usual(), "长" * (rest // 16))
    parts, last = text(parts, "长" * (rest // 16 + rest % 16 + more))
    edits = [cell(WORDS, f"B{row}", number, "s") for row in range(5, 20)]
    found = fast(reader, tmp_path / "年报.xlsx", changed(parts, *edits, cell(WORDS, "B20", last, "s")))
    assert (found is not None) is fits


def test_a_total_said_to_be_left_as_published_is_left_to_the_full_reader(tmp_path, reader):
    parts = typed(usual(), CHECKED, "J71", "属实")
    row = list(get_issued_template(FORM).lines).index("requests.results-total.person") + 5
    parts, number = text(parts, "typed")
    marked = (CHECKED, rf'(<c r="K{row}".*?</c>)', rf'\1<c r="L{row}" t="s"><v>{number}</v></c>')
    assert fast(reader, tmp_path / "年报.xlsx", changed(parts, marked)) is None
