"""The program of dictionaries: that it counts, and that property tests can lean on it."""

from __future__ import annotations

from decimal import Decimal

import pytest
import xlwings as xw
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.plugin.hosts import memory
from workbook.model import numbers
from workbook.model.form_loader import load_form
from workbook.model.numbers import is_exact
from xlplugin.filling import figure
from xlplugin.hosts.values import as_taken

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9).map(float),
    st.text(st.characters(categories=["Lo", "Po"]), min_size=1, max_size=8).filter(lambda text: text[0] not in "='"),
)
TABLES = st.integers(1, 6).flatmap(
    lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), min_size=2, max_size=8)
)


@given(TABLES)
def test_any_table_is_read_as_it_was_written(rows: list[list[object]]) -> None:
    book = memory.activate().books.add()
    sheet = book.sheets[0]
    sheet["C5"].value = rows
    assert sheet["C5"].resize(len(rows), len(rows[0])).options(ndim=2).value == rows


FEN = numbers.UNITS["万元"]


FIGURES = st.one_of(
    st.integers(0, 10**15 - 1), st.integers(-(2**70), 2**70), st.decimals(allow_nan=False, allow_infinity=False)
)
"""Money in 分: up to 999 999 999.999999 万元, and whatever else a report may hold."""


@given(FIGURES)
def test_any_number_is_read_as_it_was_entered(value: int | Decimal) -> None:
    cell = next(one for one in load_form("annual-2021").cells if one.unit == FEN)
    sheet = memory.activate().books.add().sheets[0]
    sheet["A1"].formula = [[as_taken(figure(value, cell))]]
    shown = sheet["A1"].value
    assert numbers.parse_figure(shown, FEN).value == value
    assert isinstance(shown, float) or not is_exact(numbers.to_cell_unit(value, FEN))


def test_what_excel_would_cut_or_refuse_shows_in_a_test() -> None:
    """The program of dictionaries does to values what pywin32 does: else no test would see what Excel makes of them."""
    sheet = memory.activate().books.add().sheets[0]
    sheet["A1"].value = Decimal("63.071612")
    assert sheet["A1"].value == 63.0716
    with pytest.raises(memory.ComError):
        sheet["A1"].value = 2**40
    with pytest.raises(TypeError, match="COM VARIANT"):
        sheet["A1"].value = object()
    sheet["A1"].value = 63.071612
    sheet["A1"].number_format = "¥#,##0.00"
    assert sheet["A1"].value == Decimal("63.0716"), "and reading is no better"
    assert sheet["A1"].formula == "63.071612"


@pytest.mark.parametrize("app", ["memory"], indirect=True)
def test_calls_are_counted(book: xw.Book) -> None:
    sheet = book.sheets["校验"]
    with memory.counted() as calls:
        sheet["A1:O20"].value = [[1.0] * 15] * 20
        sheet["A1:O20"].options(ndim=2).value  # noqa: B018
    assert calls["Range.raw_value"] == calls["Range.raw_value="] == 1
    on_cells = {label: times for label, times in calls.items() if label.startswith("Range.r")}
    assert on_cells == {"Range.raw_value": 1, "Range.raw_value=": 1}
    assert calls.total() < 80, "the others are xlwings comparing names of sheets and books"
    with memory.counted() as calls:
        sheet["A1"].color = (1, 2, 3)
    assert calls["Range.color="] == 1


@pytest.mark.parametrize("app", ["memory"], indirect=True)
def test_answers_are_given_in_turn(app: xw.App) -> None:
    app.impl.answers = ["yes", "no"]
    assert [app.alert("甲", "题", buttons="yes_no"), app.alert("乙"), app.alert("丙")] == ["yes", "no", "ok"]
    assert app.impl.alerts[0] == ("甲", "题", "yes_no", None)
