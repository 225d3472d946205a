"""Rows made beside a workbook: every value comes back as it was, every text stays a text, links lead where they say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbook.reading.opening import open_book
from workbook.template.pen import CellValue, Pen, exact
from workbook.template.places import Spot
from workbook.template.spool import address

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
    pen = Pen("x")
    sheet = pen.sheet("a")
    pen.put(sheet, 0, 0, "heading", "title")
    spool = pen.spool(1)
    for row in rows:
        spool.add(texts, ("item",) * len(texts), 22, row, ("sum",) * len(row))
    pen.stream(sheet, spool)
    pen.save(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(figures, max_size=4), text=st.text(max_size=30))
def test_what_was_written_is_read(rows: list[list[CellValue]], text: str, tmp_path: Path) -> None:
    written(tmp_path / "x.xlsx", rows, (text,))
    (sheet,) = open_book(tmp_path / "x.xlsx").sheets
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
                assert isinstance(cell.value, str) is not exact(value)


def test_links_lead_where_they_say(tmp_path: Path) -> None:
    pen = Pen("x")
    sheet, _ = pen.sheet("a"), pen.sheet("某'表")
    spool = pen.spool(0)
    spool.add(("去", "开"), ("item", "item"), 22)
    spool.link(0, 0, Spot("某'表", 4, 1))
    spool.file(0, 1, address("报 送/100% #1?:<&>.xlsx"))
    pen.stream(sheet, spool)
    pen.save(tmp_path / "x.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "x.xlsx")["a"]
    assert cells["A1"].hyperlink.location == "'某''表'!B5"
    assert unquote(cells["B1"].hyperlink.target) == "报 送/100% #1?:<&>.xlsx"


@pytest.mark.parametrize("rows", [[], [[1, 2]], [[None, "=1+1"], [Decimal("0.5")]]])
def test_the_file_is_valid(
    rows: list[list[CellValue]], tmp_path: Path, openxml_errors: Callable[[Path], list[str]]
) -> None:
    written(tmp_path / "x.xlsx", rows, ("\x07_x0041_ & <\r\n>", "@SUM(1)"))
    assert openxml_errors(tmp_path / "x.xlsx") == []


def test_a_sheet_with_links_of_its_own_takes_no_streamed_ones() -> None:
    pen = Pen("x")
    sheet = pen.sheet("a")
    sheet.write_url(0, 0, "https://example.org")
    spool = pen.spool(1)
    spool.add(("x",), ("item",), 22)
    spool.file(1, 0, "y.xlsx")
    pen.stream(sheet, spool)
    with pytest.raises(ValueError, match="no other links"):
        pen.bytes()
