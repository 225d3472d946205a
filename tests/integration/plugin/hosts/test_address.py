"""Addresses, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter.utility import xl_range_abs

from xlplugin.hosts.address import Area, parse, quoted, split

AREAS = st.builds(
    lambda r1, c1, r2, c2: Area.between(min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2)),
    *(st.integers(1, 1_048_575), st.integers(1, 16_383)) * 2,
)


@given(AREAS)
def test_an_address_leads_back(area: Area) -> None:
    assert parse(area.text()) == parse(area.text(row_absolute=False, column_absolute=False).lower()) == area
    assert area.text() == xl_range_abs(area.row - 1, area.column - 1, area.last_row - 1, area.last_column - 1)


@given(AREAS, AREAS)
def test_what_is_shared_lies_in_both(one: Area, other: Area) -> None:
    shared = one.shared(other)
    assert shared == other.shared(one)
    assert shared is None or (one.hull(shared) == one and other.hull(shared) == other)


@pytest.mark.parametrize("text", ["A1:", "一", "A", "1", "表三!A1", "A1:B", "", "合计", "ABCD1"])
def test_what_is_no_address(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("name", ["表三", "表 三", "1月", "it's", "A1", "a.b", "Sheet1", "R&D", "2024"])
def test_a_sheet_in_an_address_leads_back(name: str) -> None:
    assert split(f"{quoted(name)}!$A$1:$B$2") == (name, "$A$1:$B$2")
    assert quoted(name).startswith("'") == (name not in {"表三", "Sheet1"})


def test_whole_rows_and_columns() -> None:
    assert parse("C:A") == Area(1, 1, 1_048_576, 3)
    assert parse("$5:2") == Area(2, 1, 4, 16_384)
    assert Area(1, 1, 1_048_576, 3).text() == "$A:$C"
    assert Area(2, 1, 4, 16_384).text() == "$2:$5"
    assert parse("C:A").unbounded  # type: ignore[union-attr]
