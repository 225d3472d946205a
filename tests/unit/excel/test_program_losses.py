"""What a program dropped when it saved our workbook is told in one sentence; what a clerk broke, one by one."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from tests.samples.filled_workbooks import FORM, altered, opened, with_sheet
from workbook.excel.reading.entry_reader import read_narrative_texts
from workbook.excel.reading.figure_reader import FigureReader
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.program_losses import find_program_losses, report_program_losses
from workbook.excel.reading.reading_context import WorkbookReading, read_stamp
from workbook.excel.reading.table_locator import locate_tables
from workbook.excel.reading.tampering import check_validations
from workbook.excel.reading.workbook_contents import Cell, WorkbookContents
from workbook.model.rule_catalog import format_message


def told(book: WorkbookContents) -> str:
    """What is said of what a program dropped; blank for nothing."""
    view = WorkbookView(book)
    found = locate_tables(FORM, view, ours=True)
    figures = FigureReader(FORM, found, book.path.name)
    texts = read_narrative_texts(FORM, view, ours=True)
    reading = WorkbookReading(view, read_stamp(book), True, FORM, found, figures.sums, frozenset(), texts)
    unguarded = {code: list(check_validations(reading, table)) for code, table in found.items()}
    finding = report_program_losses(reading, find_program_losses(reading, unguarded))
    return format_message(finding) if finding else ""


def without_names(count: int) -> WorkbookContents:
    """The book without its first names, so many."""
    ours = [name for name in opened().names if name != "ogi.stamp"]
    return replace(opened(), names=MappingProxyType({name: opened().names[name] for name in ours[count:]}))


def unguarded(*names: str) -> WorkbookContents:
    """The book without validation on these sheets."""
    book = opened()
    for sheet in book.sheets:
        if sheet.name in names:
            book = with_sheet(replace(sheet, validations=()), book)
    return book


def values_alone() -> WorkbookContents:
    sheets = [
        replace(sheet, cells={at: replace(cell, formula=None) for at, cell in sheet.cells.items()})
        for sheet in opened().sheets
    ]
    return replace(opened(), sheets=tuple(sheets))


TOTAL = 'IF(COUNT(D8:D28)=0,"",SUM(D8:D28))'
SUMS = "工作簿丢失了合计的公式 1 处（合计按各分项相加），多为经其他程序另存所致。"

CASES = {
    "nothing": (opened, ""),
    "one name": (lambda: without_names(1), ""),
    "a third of the names": (lambda: without_names(8), ""),
    "all names": (lambda: without_names(99), "工作簿丢失了定义名称 23 个，多为经其他程序另存所致。"),
    "the validation of one sheet": (lambda: unguarded("表三"), ""),
    "the validation of all sheets": (
        lambda: unguarded("表二", "表三", "表四"), "工作簿丢失了各表的录入限制，多为经其他程序另存所致。"
    ),
    "every formula": (
        values_alone, "工作簿丢失了全部公式（合计按所存的数读取），多为经其他程序另存所致。"
    ),
    "a formula that is a text": (lambda: altered("表三", {"D29": Cell(f"={TOTAL}")}), SUMS),
    "a formula of OpenDocument as a text": (
        lambda: altered("表三", {"D29": Cell(f"of:={TOTAL.replace('D8:D28', '[.D8:.D28]')}")}), SUMS
    ),
    "a text that adds something else": (lambda: altered("表三", {"D29": Cell("=SUM(D8:D27)")}), ""),
    "a formula that is gone, its result wrong": (lambda: altered("表三", {"D29": Cell(5, "")}), ""),
    "a reference that is gone, its result wrong": (lambda: altered("表三", {"D29": Cell(5, "SUM(#REF!)")}), ""),
    "an array formula": (lambda: altered("表三", {"D29": Cell(5, f"{{={TOTAL}}}")}), ""),
    "a younger function": (lambda: altered("表三", {"D29": Cell(5, "_xlfn.SUM(D8:D28)")}), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_a_program_dropped_is_told_in_one_sentence(name):
    book, expected = CASES[name]
    assert told(book()) == expected


def test_the_protection_of_all_sheets_is_part_of_it():
    book = unguarded("表二", "表三", "表四")
    for sheet in book.sheets:
        book = with_sheet(replace(sheet, protected=False), book)
    assert told(book) == "工作簿丢失了各表的录入限制、工作表的保护，多为经其他程序另存所致。"
