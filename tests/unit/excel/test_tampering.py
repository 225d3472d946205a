"""Totals that are no formula any more, and cells that refuse nothing: said cell by cell, or once where many are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.samples.filled_workbooks import REPORT, altered, opened, read_book, with_sheet
from workbook.excel.reading.workbook_contents import Cell, Raw, Sheet, Validation, WorkbookContents
from workbook.model.rule_catalog import format_message


def told(book: WorkbookContents, rule: str) -> list[tuple[str, str, tuple[str, ...], str, str]]:
    """What is said by one rule: file, place, cells, and the message in both languages."""
    found = [one for one in read_book(book).findings if one.rule == rule]
    return [
        (one.source.file, str(one.source), one.cells, format_message(one), format_message(one, "en")) for one in found
    ]


def sheet(name: str) -> Sheet:
    (one,) = (one for one in opened().sheets if one.name == name)
    return one


NAME, NAME_EN = "表三!D29（（七）总计·自然人）的公式已被", "The formula of 表三!D29 ((7) Total, Natural persons) was "
LONG = "A1*" + "B1+" * 20 + "1"

TOTAL: dict[str, tuple[Raw | Cell, str | None, str]] = {
    "typed over": (5, "改为数值 5", "replaced by the value 5"),
    "typed over by 0": (0, "改为数值 0", "replaced by the value 0"),
    "cleared": (None, "清除", "cleared"),
    "emptied": ("", "清除", "cleared"),
    "changed": (Cell(5, "D8*2"), "改为 =D8*2", "changed to =D8*2"),
    "changed at length": (Cell(5, LONG), f"改为 ={LONG[:39]}…", f"changed to ={LONG[:39]}…"),
    "changed, and showing nothing": (Cell("", "D8*2"), "改为 =D8*2", "changed to =D8*2"),
    "words": ("长" * 40, "改为数值 " + "长" * 40, "replaced by the value " + "长" * 40),
    "many words": ("长" * 41, "改为数值 " + "长" * 39 + "…", "replaced by the value " + "长" * 39 + "…"),
    "a part left out": (Cell(5, "SUM(D8:D27)"), "改为 =SUM(D8:D27)", "changed to =SUM(D8:D27)"),
    "in another spelling": (Cell(5187, "sum($D$8:D28)"), None, ""),
}


@pytest.mark.parametrize("name", TOTAL)
def test_a_total_that_is_not_the_templates_formula_is_said(name):
    value, zh, en = TOTAL[name]
    expected = [("年报.xlsx", "表三!D29", ("requests.results.person",), f"{NAME}{zh}。", f"{NAME_EN}{en}.")]
    assert told(altered("表三", {"D29": value}), "structure-formula") == (expected if zh else [])


def test_up_to_eight_totals_are_said_one_by_one_and_more_in_one_sentence():
    eight: Mapping[str, Raw | Cell] = {**{f"{column}29": 5 for column in "DEFGHI"}, "J6": 1, "J7": 2}
    said = told(altered("表三", eight), "structure-formula")
    assert [place for _, place, *_ in said] == [f"表三!{at}" for at in ("J6", "J7", *(f"{c}29" for c in "DEFGHI"))]
    ((file, place, cells, zh, en),) = told(altered("表三", {**eight, "J8": 3}), "structure-formula")
    assert (file, place, len(cells)) == ("年报.xlsx", "表三!J6", 9)
    assert cells[:3] == ("requests.new.total", "requests.brought.total", "requests.granted.total")
    assert zh == "表三!J6、J7、J8、D29、E29、F29、G29、H29等（9 格）的公式已被改动。"
    assert en == "The formula of 表三!J6, J7, J8, D29, E29, F29, G29, H29 … (9 cells) was altered."


def guarded(*some: Validation) -> WorkbookContents:
    return with_sheet(replace(sheet("表四"), validations=some))


def asked(*ranges: str, kind: str = "whole", stops: bool = True) -> Validation:
    return Validation(ranges, kind, "greaterThanOrEqual", "0", "", stops)


ENTRIES = "A6:D6", "F6:I6", "K6:N6"

# The validations of 表四, and the cells that then refuse nothing.
VALIDATIONS: dict[str, tuple[WorkbookContents, list[str]]] = {
    "all entries": (guarded(asked(*ENTRIES)), []),
    "each by itself": (guarded(*(asked(one) for one in ENTRIES)), []),
    "amounts": (guarded(asked(*ENTRIES, kind="decimal")), []),
    "one cell short": (guarded(asked("A6:C6", *ENTRIES[1:])), ["D6"]),
    "the first cell short": (guarded(asked("B6:D6", *ENTRIES[1:])), ["A6"]),
    "the row above": (guarded(asked("A5:D5", *ENTRIES[1:])), ["A6", "B6", "C6", "D6"]),
    "the row below": (guarded(asked("A7:D7", *ENTRIES[1:])), ["A6", "B6", "C6", "D6"]),
    "from above": (guarded(asked("A1:N6")), []),
    "of a list": (guarded(asked(*ENTRIES[:2]), asked(ENTRIES[2], kind="list")), ["K6", "L6", "M6", "N6"]),
    "only warned": (guarded(asked(*ENTRIES[:2]), asked(ENTRIES[2], stops=False)), ["K6", "L6", "M6", "N6"]),
    "unknown": (with_sheet(replace(sheet("表四"), validations=None)), []),
}


@pytest.mark.parametrize("name", VALIDATIONS)
def test_cells_that_refuse_nothing_are_counted_and_named(name):
    book, lost = VALIDATIONS[name]
    said = told(book, "structure-validation")
    if not lost:
        assert said == []
        return
    ((file, place, cells, zh, en),) = said
    assert (file, place, len(cells)) == ("年报.xlsx", f"表四!{lost[0]}", len(lost))
    assert all(code.startswith("reviews.") for code in cells)
    assert zh == f"表四“行政复议、行政诉讼”有 {len(lost)} 格的录入限制已丢失：{'、'.join(lost)}。"
    assert (
        en
        == f"表四 (Administrative review and litigation): {len(lost)} cells lost their validation: {', '.join(lost)}."
    )


def test_many_cells_that_refuse_nothing_are_not_all_named():
    ((_, _, cells, zh, en),) = told(guarded(), "structure-validation")
    assert len(cells) == 12
    assert zh.endswith("有 12 格的录入限制已丢失：A6、B6、C6、D6、F6、G6、H6、I6等。")
    assert en.endswith(": A6, B6, C6, D6, F6, G6, H6, I6 ….")


def test_a_total_left_as_published_is_no_altered_formula_and_is_guarded_as_an_entry():
    total = "reviews.reconsideration.total"
    at = next(
        row for (row, _), cell in sheet("校验").cells.items() if cell.value == "reviews.review-total.reconsideration"
    )
    typed = altered("表四", {"E6": REPORT[total]})
    assert [cells for _, _, cells, *_ in told(typed, "structure-formula")] == [(total,)]
    assert told(typed, "structure-validation") == []
    left = altered("校验", {f"L{at + 1}": "typed"}, typed)
    assert told(left, "structure-formula") == []
    assert [cells for _, _, cells, *_ in told(left, "structure-validation")] == [(total,)]
