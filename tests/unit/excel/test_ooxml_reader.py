"""The first reader: what the smallest workbooks say, what it costs, and what is left to the second reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.samples.minimal_workbooks import (
    BOOK,
    BOOK_LINKS,
    CHANGED,
    FIRST,
    PARTS,
    ROOT,
    TYPES,
    Change,
    expected,
    link,
    of,
    packed,
    put,
    without,
)
from workbook.excel.reading.ooxml_reader import NeedsOpenpyxl, read_ooxml
from workbook.excel.reading.workbook_contents import AmbiguousWorkbook, ReadBudget
from workbook.safety.limits import TooLarge


@pytest.mark.parametrize("name", CHANGED)
def test_a_workbook_says_what_its_parts_say(tmp_path: Path, name: str) -> None:
    change, said = CHANGED[name]
    path = packed(tmp_path / "年报.xlsx", change(PARTS))
    assert repr(read_ooxml(path)) == repr(expected(path, "package", said))


def test_a_sheet_of_macros_from_excel_95_has_no_part(tmp_path: Path) -> None:
    listed = '<sheet name="Module1" sheetId="8" r:id=""/><sheet name="Module2" sheetId="9" r:id=""/></sheets>'
    path = packed(tmp_path / "年报.xlsx", put(BOOK, "</sheets>", listed)(PARTS))
    assert [(one.name, len(one.cells)) for one in read_ooxml(path).sheets][2:] == [("Module1", 0), ("Module2", 0)]


def test_what_a_workbook_costs_is_paid_to_the_last(tmp_path: Path) -> None:
    budget = ReadBudget(size=100_000, cells=100, elements=1_000, letters=100)
    read_ooxml(packed(tmp_path / "年报.xlsx"), budget)
    inflated = [*PARTS, ROOT, BOOK_LINKS]  # these two for what leads outside, too
    assert 100_000 - budget.size == sum(len(str(PARTS[name]).encode()) for name in inflated)
    assert 100 - budget.cells == 4 + 2, "cells, shared texts"
    assert 100 - budget.letters == len("甲收\r到") * 2, "shared, and shown"
    assert 1_000 - budget.elements == 22, "of sheets and texts"


REFUSED: dict[str, tuple[Change, str]] = {
    "no links of the package": (without(ROOT), "officeDocument"),
    "no part of the workbook": (without(BOOK), "xl/workbook.xml"),
    "no part of a sheet": (without(FIRST), "xl/worksheets/sheet1.xml"),
    "no link of a sheet": (put(BOOK_LINKS, "rId2", "rId5"), "rId2"),
    "no XML": (of(FIRST, "表三"), "syntax error"),
    "another part": (of(FIRST, PARTS[BOOK]), "workbook where worksheet should be"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_does_not_understand_is_left_to_the_second_reader(tmp_path: Path, name: str) -> None:
    change, words = REFUSED[name]
    with pytest.raises(NeedsOpenpyxl, match=words):
        read_ooxml(packed(tmp_path / "年报.xlsx", change(PARTS)))


TWO_MEANINGS: dict[str, Change] = {
    "one part as two sheets": put(BOOK_LINKS, "sheet2", "sheet1"),
    "one part twice": of("xl/Workbook.XML", "<x/>"),
    "two sheets of one name": put(BOOK, 'name="备注"', 'name="表三"'),
    "two main parts": put(ROOT, "</R", link("rId9", "officeDocument", "xl/worksheets/sheet1.xml") + "</R"),
    "another main part by its type": put(TYPES, "/xl/workbook.xml", "/xl/other.xml"),
    "two parts of shared texts": put(BOOK_LINKS, "</R", link("rId8", "sharedStrings", "x.xml") + "</R"),
    "a sheet outside": put(BOOK_LINKS, 'sheet2.xml"', 'sheet2.xml" TargetMode="External"'),
    "two links of one identifier": put(BOOK_LINKS, '"rId2"', '"rId1"'),
}


@pytest.mark.parametrize("name", TWO_MEANINGS)
def test_a_workbook_of_two_meanings_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AmbiguousWorkbook):
        read_ooxml(packed(tmp_path / "年报.xlsx", TWO_MEANINGS[name](PARTS)))


def test_no_archive_and_no_file_are_left_to_the_second_reader(tmp_path: Path) -> None:
    path = tmp_path / "年报.xlsx"
    with pytest.raises(NeedsOpenpyxl, match="No such file"):
        read_ooxml(path)
    path.write_bytes(b"PK")
    with pytest.raises(NeedsOpenpyxl, match="not a zip file"):
        read_ooxml(path)


def test_more_parts_than_any_workbook_has_are_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "年报.xlsx")
    monkeypatch.setenv("OGI_LIMITS", f"parts={len(PARTS)}")
    assert len(read_ooxml(path).sheets) == 2
    monkeypatch.setenv("OGI_LIMITS", f"parts={len(PARTS) - 1}")
    with pytest.raises(TooLarge) as refused:
        read_ooxml(path)
    assert refused.value.limit == "parts"
