"""What both readers hold to: budgets, names told twice, areas, protection, and formulas shared by many cells."""

from __future__ import annotations

from zipfile import ZipInfo

import pytest

from workbook.excel.reading import workbook_contents
from workbook.excel.reading.workbook_contents import (
    ReadBudget,
    SheetFormulas,
    TooLarge,
    check_part_count,
    has_macros,
    have_overlaps,
    is_locked,
    parse_areas,
    parse_bool,
    read_bytes,
    refuse_duplicates,
)
from workbook.safety.limits import TooSlow


def test_a_budget_is_spent_to_the_last_byte_and_no_further():
    budget = ReadBudget(size=10, part=6)
    budget.spend(6)
    budget.spend(4)
    assert budget.size == 0
    budget.spend(0)
    with pytest.raises(TooLarge):
        budget.spend(1)
    with pytest.raises(TooLarge):
        ReadBudget(size=10, part=6).spend(7)


def test_cells_are_paid_for_one_by_one_or_together():
    budget = ReadBudget(cells=3)
    budget.keep()
    budget.keep(2)
    assert budget.cells == 0
    with pytest.raises(TooLarge):
        budget.keep()


def test_elements_and_letters_are_paid_for_to_the_last():
    budget = ReadBudget(elements=3, letters=3)
    budget.meet(2)
    budget.meet(1)
    budget.say(3)
    assert (budget.elements, budget.letters) == (0, 0)


@pytest.mark.parametrize(
    ("spend", "limit"),
    [
        (lambda budget: [budget.spend(6), budget.spend(6)], "inflated"),
        (lambda budget: budget.spend(7), "part"),
        (lambda budget: budget.keep(4), "cells"),
        (lambda budget: [budget.say(5), budget.say(1)], "letters"),
        (lambda budget: [budget.meet(8), budget.meet(1)], "elements"),
    ],
)
def test_a_refusal_says_which_limit_it_is_for(spend, limit):
    with pytest.raises(TooLarge) as refused:
        spend(ReadBudget(size=10, part=6, cells=3, letters=5, elements=8))
    assert refused.value.limit == limit


def test_limits_are_those_of_the_environment(monkeypatch):
    monkeypatch.setenv("OGI_LIMITS", "inflated=2 part=1 cells=3 elements=4 letters=5")
    budget = ReadBudget()
    assert (budget.size, budget.part) == (2 << 20, 1 << 20)
    assert (budget.cells, budget.elements, budget.letters) == (3, 4, 5)


def test_the_clock_is_looked_at_with_every_element(monkeypatch):
    now = 100.0
    monkeypatch.setenv("OGI_LIMITS", "seconds=7")
    monkeypatch.setattr(workbook_contents, "monotonic", lambda: now)
    budget = ReadBudget()
    now = 107.0
    budget.meet(1)
    now = 107.5
    with pytest.raises(TooSlow):
        budget.meet(1)


def test_a_package_of_too_many_parts_is_refused_by_their_list(monkeypatch):
    monkeypatch.setenv("OGI_LIMITS", "parts=2")
    check_part_count(b"PK\3\4a" + b"PK\1\2a" * 2 + b"PK\5\6")
    with pytest.raises(TooLarge) as refused:
        check_part_count(b"PK\1\2a" * 3)
    assert refused.value.limit == "parts"


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([], False),
        ([(0, 70), (100, 5)], False),
        ([(100, 5), (0, 70)], False),  # the list may name them in any order
        ([(0, 71), (100, 5)], True),
        ([(100, 5), (0, 71)], True),
        ([(0, 5), (0, 5)], True),
        ([(0, 0), (30, 0), (59, 0)], True),
        ([(0, 0), (30, 0), (60, 0)], False),
    ],
)
def test_members_of_an_archive_share_no_bytes(places, found):
    """Each is a head of 30 bytes, its name and what was compressed."""
    members = []
    for offset, size in places:
        members.append(ZipInfo(f"{offset}.xml"))
        members[-1].header_offset, members[-1].compress_size = offset, size
    assert have_overlaps(members) is found


@pytest.mark.parametrize(
    "names",
    [("xl/a.xml", "xl/b.xml"), ("a.png", "A.PNG"), ("a.xml", "a.rels"), (), ("xl/a.xml",), ("a.xml", "a.xml.bin")],
)
def test_parts_of_different_names_stand_alone(names):
    refuse_duplicates(names)


@pytest.mark.parametrize(
    "names", [("xl/a.xml", "xl/a.xml"), ("xl/a.xml", "b.png", "XL/A.XML"), ("_rels/.rels", "_rels/.RELS")]
)
def test_a_part_that_is_told_twice_is_refused(names):
    with pytest.raises(ValueError, match="a part is there twice, or shown as two sheets"):
        refuse_duplicates(names)


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("xl/workbook.xml",), False),
        (("xl/workbook.xml", "xl/vbaProject.bin"), True),
        (("XL/VBAPROJECT.BIN",), True),
        (("xl/macrosheets/sheet1.xml",), True),
        (("xl/Macrosheets/sheet1.xml",), True),
        (("xl/vbaProject.bin.xml",), False),
        (("xl/macrosheets.xml",), False),
        ((), False),
    ],
)
def test_macros_are_known_by_their_parts(names, found):
    assert has_macros(names) is found


def test_truth_is_spelled_in_two_ways():
    assert [parse_bool(text) for text in ("1", "true", "0", "false", "TRUE", "", None)] == [True, True, *[False] * 5]


@pytest.mark.parametrize(
    ("attributes", "found"),
    [
        ({}, (False, False)),
        ({"sheet": "1"}, (True, False)),
        ({"sheet": "true", "password": "CC1A"}, (True, True)),
        ({"sheet": "0", "hashValue": "x"}, (False, True)),
        ({"sheet": "1", "password": "", "hashValue": ""}, (True, False)),
        ({"objects": "1", "scenarios": "1"}, (False, False)),
    ],
)
def test_a_sheet_is_protected_with_or_without_a_password(attributes, found):
    assert is_locked(attributes) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("A1", ("A1",)),
        ("A1:A1", ("A1",)),
        ("B2:A1", ("A1:B2",)),
        ("$A$1:$B$2 C3", ("A1:B2", "C3")),
        ("C3  A1\nC3", ("A1", "C3")),
    ],
)
def test_areas_are_spelled_one_way_and_listed_once(text, found):
    assert parse_areas(text) == found


@pytest.mark.parametrize("text", ["A", "A1:", "表!A1", "A1 #REF!"])
def test_what_is_no_area_of_the_sheet_is_refused(text):
    with pytest.raises(ValueError, match="not an area: "):
        parse_areas(text)


SHARED = {"t": "shared", "si": "0"}


def test_a_formula_is_its_own_or_what_the_shared_one_comes_to():
    formulas = SheetFormulas(ReadBudget())
    assert formulas.text({}, "A1+B1", 0, 2) == "A1+B1"
    assert formulas.text({}, "=A1", 0, 2) == "A1"
    assert formulas.text({"t": "array"}, "A1:A2*2", 0, 2) == "A1:A2*2"
    assert formulas.text(SHARED, "", 5, 5) == ""  # its text is not in the file
    assert formulas.text(SHARED, "=A1+$B$1", 0, 2) == "A1+$B$1"
    assert formulas.text(SHARED, "", 3, 2) == "A4+$B$1"
    assert formulas.text(SHARED, "", 3, 4) == "C4+$B$1"
    assert formulas.text({"t": "shared", "si": "1"}, "", 3, 4) == ""
    assert formulas.text({"t": "shared", "si": "1"}, "Tabelle[甲]", 0, 0) == "Tabelle[甲]"
    assert formulas.text({"t": "shared", "si": "1"}, "", 1, 0) == "Tabelle[甲]"  # it cannot be moved
    assert formulas.text(SHARED, "D1", 1, 1) == "D1"  # another one by that number
    assert formulas.text(SHARED, "", 2, 1) == "D2"
    assert formulas.text({"t": "shared"}, "E1", 0, 0) == "E1"
    assert formulas.text({"t": "shared"}, "", 0, 1) == "F1"
    assert formulas.text({"t": "normal", "si": "0"}, "", 0, 1) == ""


def test_formulas_written_out_are_paid_for_by_their_length():
    budget = ReadBudget(letters=10)
    formulas = SheetFormulas(budget)
    assert formulas.text(SHARED, "A1+B1", 0, 0) == "A1+B1"
    assert formulas.text(SHARED, "", 1, 0) == "A2+B2"
    assert formulas.text(SHARED, "", 2, 0) == "A3+B3"
    assert budget.letters == 0
    with pytest.raises(TooLarge):
        formulas.text(SHARED, "", 3, 0)


def test_a_file_larger_than_may_be_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setenv("OGI_LIMITS", "file=1")
    path = tmp_path / "年报.xlsx"
    path.write_bytes(bytes(1 << 20))
    assert read_bytes(path) == bytes(1 << 20)
    path.write_bytes(bytes((1 << 20) + 1))
    with pytest.raises(TooLarge) as refused:
        read_bytes(path)
    assert refused.value.limit == "file"
