from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.formula.translate import Translator

from workbook.excel.reading.workbook_contents import Cell, make_cell, unescape_text
from workbook.model.cell_address import COLUMNS, ROWS, format_address, parse_address, parse_range, shift_formula

PLACES = st.tuples(st.integers(0, ROWS - 1), st.integers(0, COLUMNS - 1))


@pytest.mark.parametrize(
    ("place", "text"),
    [((0, 0), "A1"), ((5, 3), "D6"), ((0, 25), "Z1"), ((9, 26), "AA10"), ((1048575, 16383), "XFD1048576")],
)
def test_a_place_is_spelled_as_users_do(place, text):
    assert format_address(*place) == text
    assert parse_address(text) == place


@given(PLACES)
def test_every_place_is_found_again(place):
    assert parse_address(format_address(*place)) == place


def test_dollars_and_small_letters_name_the_same_place():
    assert parse_address("$d$6") == parse_address("D6") == (5, 3)


@pytest.mark.parametrize("text", ["", "A", "1", "A0", "XFE1", "A1048577", "A1:B2", "表A1", "Ａ1", "A１", "-A1", "A-1"])
def test_what_names_no_cell_is_refused(text):
    with pytest.raises(ValueError, match="not a cell"):
        parse_address(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'表三'!$D$6:$J$30", ("表三", 5, 3, 29, 9)),
        ("'表 三'!$D$6:$J$30", ("表 三", 5, 3, 29, 9)),
        ("表三!$D$6", ("表三", 5, 3, 5, 3)),
        ("'O''Brien'!A1", ("O'Brien", 0, 0, 0, 0)),
        ("=Sheet1!B2:A1", ("Sheet1", 0, 0, 1, 1)),
        ("A1:B2", ("", 0, 0, 1, 1)),
        ("#REF!", None),
        ("表三!#REF!", None),
        ("#REF!$D$6", None),
        ('"annual-2021|1"', None),
        ("[1]Sheet1!A1", None),
        ("'[其他.xlsx]表'!A1", None),
        ("A!A1,B!B2", None),
        ("Sheet1!A:C", None),
        ("表!XFE1", None),
        ("", None),
    ],
)
def test_a_range_is_taken_apart(text, expected):
    assert parse_range(text) == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("SUM(D6:J6)", "SUM(E8:K8)"),
        ("$A1+A$1+$A$1", "$A3+B$1+$A$1"),
        ("'表 1'!A1&\"A1\"", "'表 1'!B3&\"A1\""),
        ("表三!D6", "表三!E8"),
        ("SUM(A:C)+SUM(1:3)", "SUM(B:D)+SUM(3:5)"),
        ("LOG10(A1)", "LOG10(B3)"),
        ("1E5+Rate_A1+ZZZ9", "1E5+Rate_A1+ZZZ9"),
    ],
)
def test_a_formula_moves_as_when_copied(formula, expected):
    assert shift_formula(formula, 2, 1) == expected


@pytest.mark.parametrize("formula", ["Table1[Col A1]", "[1]Sheet1!A1", "A1"])
def test_what_is_not_simple_does_not_move(formula):
    assert shift_formula(formula, -1, 0) is None


REFERENCES = st.builds(
    lambda dc, col, dr, row: f"{dc}{format_address(0, col)[:-1]}{dr}{row}",
    st.sampled_from(["", "$"]), st.integers(0, 700), st.sampled_from(["", "$"]), st.integers(1, 999),
)  # fmt: skip


@given(st.lists(REFERENCES, min_size=1, max_size=5), st.integers(0, 50), st.integers(0, 50))
def test_copies_read_as_openpyxl_writes_them(references, down, right):
    formula = "SUM(" + ",".join(references) + ')+"A1"+甲!B2:C3'
    theirs = Translator("=" + formula, "A1").translate_formula(row_delta=down, col_delta=right)
    assert shift_formula(formula, down, right) == theirs[1:]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_x000D_b", "a\rb"),
        ("_x005F_x000D_", "_x000D_"),
        ("_xD83D__xDE00_", "😀"),
        ("_xD83D_", "\ufffd"),
        ("_x00_", "_x00_"),
        ("x_y", "x_y"),
    ],
)
def test_escapes_get_their_characters_back(text, expected):
    assert unescape_text(text) == expected


@pytest.mark.parametrize(
    ("kind", "text", "formula", "expected"),
    [
        ("n", "12", None, Cell(12)),
        ("n", "12.0", None, Cell(12.0)),
        ("n", "1.2E1", None, Cell(12.0)),
        ("n", "-3", "A1", Cell(-3, "A1")),
        ("n", None, None, None),
        ("n", "", None, None),
        ("n", "", "A1", Cell(None, "A1", cached=False)),
        ("n", None, "A1", Cell(None, "A1", cached=False)),
        ("str", "", "A1", Cell("", "A1")),
        ("str", None, "A1", Cell(None, "A1", cached=False)),
        ("str", "", None, None),
        ("s", "0", None, Cell("甲")),
        ("s", "1", None, Cell("乙")),
        ("inlineStr", "a_x000D_b", None, Cell("a\rb")),
        ("inlineStr", "", "A1", Cell("", "A1")),
        ("inlineStr", None, "A1", Cell(None, "A1", cached=False)),
        ("inlineStr", "", None, None),
        ("str", "1", "A1", Cell("1", "A1")),
        ("n", "9" * 300, None, Cell(int("9" * 300))),
        ("b", "1", None, Cell(True)),
        ("b", "false", None, Cell(False)),
        ("e", "#REF!", "A1", Cell("#REF!", "A1", error=True)),
        ("d", "2021-01-31", None, Cell("2021-01-31")),
    ],
)
def test_a_cell_holds_what_its_file_spells(kind, text, formula, expected):
    cell = make_cell(kind, text, formula, ["甲", "乙"])
    assert repr(cell) == repr(expected)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("n", "１２", "no number: '１２'"), ("n", "1_2", "no number: '1_2'"), ("n", "nan", "no number: 'nan'"),
        ("n", "1e999", "no number: '1e999'"), ("n", "x", "could not convert string to float: 'x'"),
        ("n", "9" * 301, f"no number: '{'9' * 40}'"), ("s", "-1", "no shared string -1"),
        ("s", "2", "no shared string 2"), ("b", "yes", "'yes'"), ("q", "1", "unknown type of cell 'q'"),
    ],
)  # fmt: skip
def test_a_spelling_without_meaning_is_never_guessed(kind, text, words):
    with pytest.raises((ValueError, LookupError)) as refused:
        make_cell(kind, text, None, ["甲", "乙"])
    assert str(refused.value) == words
