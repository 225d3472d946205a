"""The program of dictionaries: that it counts, and that property tests can lean on it."""

from __future__ import annotations

import pytest
import xlwings as xw
from hypothesis import given
from hypothesis import strategies as st

from tests.xlplugin.hosts import memory

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
