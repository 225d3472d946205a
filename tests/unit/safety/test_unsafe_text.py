"""What strangers type: what is run, what is not seen, what steers a screen; and that nothing else is touched."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import domain
from workbook.safety.unsafe_text import (
    MOST_CELL_UNITS,
    count_utf16_units,
    escape_json_text,
    find_invisible,
    find_reordering,
    fit_to_cell,
    fits_cell,
    fold_name,
    guard_csv_field,
    guard_typed_text,
    is_executable,
    make_displayable,
    make_legible,
    make_one_line,
    remove_invisible,
    unguard_csv_field,
)

CASES = tomllib.loads((domain.CASES / "unsafe_text.toml").read_text("utf-8"))


@pytest.mark.parametrize("text", CASES["run"])
def test_what_a_spreadsheet_runs_is_kept_from_it(text: str) -> None:
    assert is_executable(text)
    assert guard_csv_field(text) == guard_typed_text(text) == f"'{text}"


@pytest.mark.parametrize("text", CASES["stay"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert guard_csv_field(text) == guard_typed_text(text) == text


def test_more_digits_than_a_number_keeps_are_guarded_in_a_csv() -> None:
    assert guard_csv_field("110105000000000000") == "'110105000000000000"
    assert guard_csv_field("110105") == "110105"


@given(st.text(max_size=20))
def test_a_field_of_a_csv_is_read_back(text: str) -> None:
    assert unguard_csv_field(guard_csv_field(text)) == text
    assert not is_executable(guard_csv_field(text).removeprefix("'")) or guard_csv_field(text).startswith("'")


@pytest.mark.parametrize(("text", "shown"), [*CASES["shown"], ("\ud800", "\ufffd")])
def test_what_is_not_seen_is_shown(text: str, shown: str) -> None:
    assert make_legible(text) == shown


@pytest.mark.parametrize("text", CASES["spelling"])
def test_what_is_spelling_stays(text: str) -> None:
    assert make_legible(text) == remove_invisible(text) == text
    assert find_invisible(text) == ()


@pytest.mark.parametrize(("text", "shown"), CASES["displayed"])
def test_what_a_summary_shows_can_be_saved_as_csv(text: str, shown: str) -> None:
    assert make_displayable(text) == shown
    assert fold_name(shown) == fold_name(text)


def test_on_one_line() -> None:
    assert make_one_line("甲\r\n乙\t丙\u2028丁\x1b") == "甲 乙 丙 丁〔U+001B〕"


@given(st.text(max_size=20))
def test_what_was_shown_is_shown_again_the_same_and_is_the_same_name(text: str) -> None:
    assert make_legible(make_legible(text)) == make_legible(text)
    assert find_invisible(make_legible(text)) == ()
    assert fold_name(make_legible(text).replace("\n", "\r")) == fold_name(text)
    assert fold_name(fold_name(text)) == fold_name(text)


@pytest.mark.parametrize("other", CASES["alike"])
def test_names_that_look_alike_are_one(other: str) -> None:
    assert fold_name(other) == fold_name("某局")


def test_what_is_not_seen_is_named() -> None:
    assert find_invisible("\u202e某\u200b局\u202e") == ("U+202E", "U+200B")
    assert find_reordering("\u202e某\u200b局") == ("U+202E",)


def test_what_is_published_has_nothing_unseen() -> None:
    assert remove_invisible("某\u200b局\u202e甲") == "某局甲"


@pytest.mark.parametrize("text", ["局" * MOST_CELL_UNITS, "𠮷" * (MOST_CELL_UNITS // 2)])
def test_what_fits_a_cell_is_not_cut(text: str) -> None:
    assert fits_cell(text)
    assert fit_to_cell(text) == text


@pytest.mark.parametrize("text", ["局" * (MOST_CELL_UNITS + 1), "𠮷" * MOST_CELL_UNITS, "a" * 10_000_000])
def test_what_is_cut_says_so(text: str) -> None:
    assert not fits_cell(text)
    cut = fit_to_cell(text)
    kept, _, told = cut.partition("……")
    assert count_utf16_units(cut) <= MOST_CELL_UNITS
    assert count_utf16_units(cut) > MOST_CELL_UNITS - 12
    assert text.startswith(kept)
    assert str(len(text) - len(kept)) in told


@given(st.text(st.characters(), max_size=20))
def test_json_is_exact_and_steers_nothing(text: str) -> None:
    told = escape_json_text(json.dumps([text], ensure_ascii=False))
    assert json.loads(told) == [text]
    assert not any(sign in told for sign in "\x1b\x9b\u202e\u200b\ufeff")
    told.encode()


def test_half_a_sign_can_stand_in_json() -> None:
    told = escape_json_text(json.dumps(["\ud800\U000e0041"], ensure_ascii=False))
    assert told == '["\\ud800\\udb40\\udc41"]'
    assert json.loads(told) == ["\ud800\U000e0041"]
