"""Rows of a sheet written one by one: every value comes back as it was, texts stay texts, links lead where they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbook.excel.reading.workbook_reader import open_workbook
from workbook.excel.template.pen import Pen, escape_address
from workbook.excel.template_layout import SheetCell
from workbook.model.numbers import CellValue, is_exact

figures = st.lists(
    st.one_of(
        st.integers(-(10**18), 10**18),
        st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12),
        st.none(),
        st.text(max_size=8),
    ),
    max_size=6,
)


def written(path: Path, rows: list[list[CellValue]], texts: tuple[str, ...] = ()) -> None:
    """A sheet with a drawn heading and those rows below it."""
    pen = Pen("x", folder=path.parent)
    sheet = pen.sheet("a", by_row=True)
    pen.put(sheet, 0, 0, "heading", "title")
    for n, row in enumerate(rows, 1):
        pen.row(sheet, n, (*texts, *row), ("item",) * len(texts) + ("sum",) * len(row), 22)
    pen.save(path)


def test_a_decimal_fraction_is_spelled_with_its_own_digits(tmp_path: Path) -> None:
    """With 16 digits 0.07 is 0.07000000000000001; Gnumeric keeps more digits than a double and calls that 不符."""
    row: list[CellValue] = [Decimal(n).scaleb(-places) for n in range(1, 1000) for places in (1, 2, 4, 6)]
    written(tmp_path / "x.xlsx", [row])
    with ZipFile(tmp_path / "x.xlsx") as package:
        spelled = re.findall(
            r"<v>([^<]*)</v>", package.read("xl/worksheets/sheet1.xml").decode().split('<row r="2"')[1]
        )
    assert [Decimal(text) for text in spelled] == row


def test_rows_are_spelled_as_xlsxwriter_spells_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only faster: the file is the same without the spelling of our own."""
    texts = ("某局", " a ", "<r>a</r>", '&<>"\n', "_x0041_\x07", "=1+1", "\ufffe", "x" * 200, "某局")
    row: list[CellValue] = [0, -5, 10**15 - 1, 10**15, Decimal("0.07"), None, ""]
    written(tmp_path / "own.xlsx", [row, row], texts)
    monkeypatch.delattr("workbook.excel.template.pen._RowWorksheet._write_cell")
    written(tmp_path / "plain.xlsx", [row, row], texts)
    assert (tmp_path / "own.xlsx").read_bytes() == (tmp_path / "plain.xlsx").read_bytes()


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(figures, max_size=4), text=st.text(max_size=30))
def test_what_was_written_is_read(rows: list[list[CellValue]], text: str, tmp_path: Path) -> None:
    written(tmp_path / "x.xlsx", rows, (text,))
    (sheet,) = open_workbook(tmp_path / "x.xlsx").sheets
    assert sheet.cells[0, 0].value == "heading"
    for n, row in enumerate(rows, 1):
        for column, value in enumerate((text, *row)):
            cell = sheet.cells.get((n, column))
            if value is None or value == "":
                assert cell is None
            elif isinstance(value, str):
                assert cell is not None
                assert cell.value == value
            else:
                assert cell is not None
                assert Decimal(str(cell.value)) == value
                assert isinstance(cell.value, str) is not is_exact(value)


def test_links_lead_where_they_say(tmp_path: Path) -> None:
    pen = Pen("x", folder=tmp_path)
    sheet, _ = pen.sheet("a", by_row=True), pen.sheet("某'表")
    links = {0: SheetCell("某'表", 4, 1), 1: escape_address("报 送/100% #1?:<&>.xlsx"), 2: "https://a.example/b?c#d"}
    pen.row(sheet, 0, ("去", "开", "=网"), ("item",) * 3, 22, links)
    pen.save(tmp_path / "x.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "x.xlsx")["a"]
    assert [cell.value for cell in cells[1]] == ["去", "开", "=网"]
    assert cells["A1"].hyperlink.location == "'某''表'!B5"
    assert unquote(cells["B1"].hyperlink.target) == "报 送/100% #1?:<&>.xlsx"
    assert cells["C1"].hyperlink.target == "https://a.example/b?c#d"


def test_links_beyond_what_excel_follows_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbook.excel.template.pen.MOST_LINKS", 2)
    pen = Pen("x", folder=tmp_path)
    sheet = pen.sheet("a", by_row=True)
    for row, target in enumerate(("1.xlsx", "x" * 2_001, "2.xlsx", "3.xlsx")):
        pen.row(sheet, row, (target[:6],), ("item",), 22, {0: target})
    pen.save(tmp_path / "x.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "x.xlsx")["a"]
    assert [bool(row[0].hyperlink) for row in cells] == [True, False, True, False]
    assert [row[0].value for row in cells] == ["1.xlsx", "xxxxxx", "2.xlsx", "3.xlsx"]


@pytest.mark.parametrize("rows", [[], [[1, 2]], [[None, "=1+1"], [Decimal("0.5")]]])
def test_the_file_is_valid(
    rows: list[list[CellValue]], tmp_path: Path, openxml_errors: Callable[[Path], list[str]]
) -> None:
    written(tmp_path / "x.xlsx", rows, ("\x07_x0041_ & <\r\n>", "@SUM(1)"))
    assert openxml_errors(tmp_path / "x.xlsx") == []
