"""What strangers typed, on its way through the plugin into an open workbook: shown, kept, and never run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
import xlwings as xw

import xlplugin
from tests.integration.plugin.conftest import Told, sample
from workbook.exchange import report_json
from workbook.model.report import Report
from workbook.safety.unsafe_text import make_legible
from xlplugin.desk import Desk, Placed, Undone
from xlplugin.filling import placed_at

Opened = Callable[..., xw.Book]


def hostile() -> Report:
    """A report with something a spreadsheet would run for everything that may be words."""
    report = sample()
    agency = replace(report.agency, name="=cmd|'/c calc'!A1", level="@SUM(1)\u202e", contact="+1+1")
    texts = MappingProxyType({"overview": "-2+3", "problems": "=1", "other": "＝1"})
    figures = {"licensing.permits.decisions": "=1+1件", "enforcement.penalties.decisions": "+cmd|'/c calc'!A1"}
    return replace(report, agency=agency, texts=texts).with_values(figures)


def formulas(book: xw.Book) -> set[str]:
    """What is entered as a formula anywhere, unless a cell shows the very same text."""
    found = set()
    for sheet in book.sheets:
        used = sheet.used_range
        for shown, entered in zip(used.options(ndim=2).value, used.formula, strict=True):
            for value, text in zip(shown, entered, strict=True):
                if isinstance(text, str) and text.startswith("=") and text != value:
                    found.add(text)
    return found


def test_nothing_typed_becomes_a_formula(opened: Opened, told: Told, tmp_path: Path) -> None:
    book, given = opened(sample()), hostile()
    before = formulas(book)
    path = tmp_path / "x.json"
    path.write_text(report_json.dump_report_text(given), "utf-8")
    told.answers = ["yes"] * 4
    assert xlplugin.import_json(book, path) == path
    outcome = xlplugin.validate(book)
    assert outcome is not None
    assert not {one for one in formulas(book) - before if "cmd" in one or one[1:2] in "1+-@="}
    back = Desk(book).read().report
    assert back.agency == given.agency
    assert dict(back.texts) == dict(given.texts)
    assert back.values == given.values
    rows = book.sheets["问题"]["D1:H200"].options(ndim=2).value
    said = [str(cell) for row in rows for cell in row if cell is not None]
    assert all(cell == make_legible(cell) for cell in said)
    assert any("@SUM(1)〔U+202E〕" in cell for cell in said)
    assert any("=1+1件" in cell for cell in said)


def test_what_is_put_back_is_no_formula_either(opened: Opened) -> None:
    book = opened(hostile())
    desk = Desk(book)
    spot = desk.read().report.source("licensing.permits.decisions")
    sheet = book.sheets[spot.sheet]
    sheet[spot.cell].formula = "'=1+1"
    row, column = sheet[spot.cell].row - 1, sheet[spot.cell].column - 1
    with pytest.raises(Undone):
        desk.fill([Placed(spot.sheet, row, column, 5), Placed("没有这张表", 0, 0, 5)])
    assert sheet[spot.cell].value == "=1+1"
    assert Desk(book).read().report["licensing.permits.decisions"] == "=1+1"


def test_texts_that_look_like_numbers_are_put_back_as_texts(opened: Opened) -> None:
    book = opened(sample())
    sheet = book.sheets["表二"]
    areas = Desk(book).read().report.form.cells[:3]
    desk = Desk(book)
    spots = [desk.read().report.source(cell.code) for cell in areas]
    stood = dict(zip([spot.cell for spot in spots], ("007", "12345678901234567890", "3-1"), strict=True))
    for cell, text in stood.items():
        sheet[cell].formula = f"'{text}"
    placed = [placed_at(spot, 5) for spot in spots]
    with pytest.raises(Undone):
        desk.fill([*placed, Placed("没有这张表", 0, 0, 5)])
    assert {cell: sheet[cell].value for cell in stood} == stood
