"""The identity of an agency: its codes, and the tables of `identity.toml`."""

from __future__ import annotations

import dataclasses
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbook.model import identity
from workbook.model.identity import (
    CodeProblem,
    Identity,
    compute_check_digit,
    find_credit_code_problem,
    find_region_problem,
)

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
codes = st.text(SIGNS, min_size=17, max_size=17).map(lambda code: code + compute_check_digit(code))


@pytest.mark.parametrize("code", ["", "91350100M000100Y43", "91330100799655058B", "9144030071526726XG"])
def test_codes_that_can_be_right(code):
    assert find_credit_code_problem(code) is None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("91350100M000100Y4", CodeProblem("length", 0, "17", "18")),
        ("91350100M000100Y433", CodeProblem("length", 0, "19", "18")),
        ("91350100M0001O0Y43", CodeProblem("alphabet", 14, "O", "0")),
        ("9I350100M000100Y43", CodeProblem("alphabet", 2, "I", "1")),
        ("91350100m000100Y43", CodeProblem("alphabet", 9, "m", "M")),
        ("91350100－000100Y43", CodeProblem("alphabet", 9, "－", "")),
        ("91350100M000100Y44", CodeProblem("check", 18, "4", "3")),
        ("91350100M000010Y43", CodeProblem("check", 18, "3", compute_check_digit("91350100M000010Y4"))),
    ],
)
def test_codes_that_cannot(code, problem):
    assert find_credit_code_problem(code) == problem


def test_check_digit_wants_seventeen_signs():
    with pytest.raises(ValueError, match="17 signs"):
        compute_check_digit("9135")


@given(codes, st.integers(0, 17), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_always_noticed(code, at, sign):
    assert find_credit_code_problem(code) is None
    assume(code[at] != sign)
    assert find_credit_code_problem(code[:at] + sign + code[at + 1 :])


@given(codes, st.randoms())
def test_two_signs_swapped_are_noticed(code, rng: random.Random):
    at = rng.randrange(16)
    assume(code[at] != code[at + 1])
    assert find_credit_code_problem(code[:at] + code[at + 1] + code[at] + code[at + 2 :])


@given(st.text())
def test_any_text_is_judged(text):
    find_credit_code_problem(text)
    find_region_problem(text)


@pytest.mark.parametrize(
    ("region", "problem"),
    [
        ("", None),
        ("110101", None),
        ("659001", None),
        ("1101", CodeProblem("length", 0, "4", "6")),
        ("11010a", CodeProblem("alphabet", 6, "a", "")),
        ("１10101", CodeProblem("alphabet", 1, "１", "")),
        ("160000", CodeProblem("province", 1, "16", "")),
    ],
)
def test_region(region, problem):
    assert find_region_problem(region) == problem


def test_provinces_are_those_of_the_standard():
    spans = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
    assert list(identity.get_provinces()) == [str(n) for first, last in spans for n in range(first, last + 1)]


def test_every_field_of_an_identity_is_asked_for():
    asked = {field.code for field in identity.list_identity_fields()}
    assert asked == {field.name for field in dataclasses.fields(Identity) if field.name != "unreadable"} | {"year"}
    assert all(field.label and field.en and field.help for field in identity.list_identity_fields())
    assert {field.code for field in identity.list_identity_fields() if field.required == "error"} == {"name", "year"}
    names = [name for field in identity.list_identity_fields() for name in (field.label, *field.aliases)]
    assert len(names) == len(set(names))


def test_fields_are_found_by_heading():
    for field in identity.list_identity_fields():
        for name in (field.code, field.label, field.en, *field.aliases, f" {field.label}："):
            assert identity.find_identity_field(name) == field
    assert identity.find_identity_field("备注") is None
    assert identity.find_identity_field("") is None


def test_levels_pair_each_government_with_its_departments():
    codes = [level.code for level in identity.list_levels()]
    assert codes[::2] == ["ministry", "province", "city", "county", "township"]
    assert codes[1::2] == [f"{code}-department" for code in codes[::2]]
    for level in identity.list_levels():
        assert identity.find_level(f" {level.label} ") == identity.find_level(level.code.upper()) == level
    assert identity.find_level("") is None


def test_an_unknown_agency_is_blank():
    assert Identity() == Identity("", "", "", "", "", 0)


def test_a_code_of_one_character_alone_identifies_nobody():
    """Of eighteen zeros the check character fits: whoever types them has no code."""
    assert find_credit_code_problem("0" * 18) is None
    assert identity.get_comparable_code(Identity(code="0" * 18)) == ""
    assert identity.get_comparable_code(Identity(code=" 91350100m000100y43 ")) == "91350100M000100Y43"
