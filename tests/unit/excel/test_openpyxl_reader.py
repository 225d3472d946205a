"""The second reader, through openpyxl: it finds in the smallest workbooks what the first does, and refuses the rest."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

import pytest

from tests.samples.minimal_workbooks import (
    BOOK,
    BOOK_LINKS,
    CHANGED,
    FIRST,
    OUTSIDE_LINKS,
    PARTS,
    PROPERTIES,
    SECOND,
    STRINGS,
    Change,
    expected,
    links,
    of,
    packed,
    put,
    sheet,
    xml,
)
from workbook.excel.reading.openpyxl_reader import read_with_openpyxl
from workbook.excel.reading.workbook_contents import ReadBudget
from workbook.safety.limits import TooLarge


@pytest.mark.parametrize("name", CHANGED)
def test_a_workbook_says_what_its_parts_say(tmp_path: Path, name: str) -> None:
    change, said = CHANGED[name]
    path = packed(tmp_path / "年报.xlsx", change(PARTS))
    assert repr(read_with_openpyxl(path)) == repr(expected(path, "tolerant", said))


def test_properties_are_found_in_any_case(tmp_path: Path) -> None:
    parts = {(name.upper() if name == PROPERTIES else name): data for name, data in PARTS.items()}
    assert read_with_openpyxl(packed(tmp_path / "年报.xlsx", parts)).properties["form"] == "annual-2021"


def test_what_a_workbook_costs_is_paid_to_the_last(tmp_path: Path) -> None:
    budget = ReadBudget(size=100_000, cells=100, elements=1_000, letters=100)
    read_with_openpyxl(packed(tmp_path / "年报.xlsx", {**PARTS, "xl/media/a.png": b"<" * 9}), budget)
    assert 100_000 - budget.size == sum(len(str(data).encode()) for data in PARTS.values()) + 9
    assert 100 - budget.cells == 4 + 3 + 2, "cells, names, sheets"
    assert 100 - budget.letters == len("甲收\r到") * 2, "shared, and shown"
    assert 1_000 - budget.elements == sum(str(data).count("<") // 2 for data in PARTS.values()), "every part of XML"


def test_every_cell_is_paid_for_and_every_text_that_is_shown(tmp_path: Path) -> None:
    rows = '<row><c/><c/><c t="str"><v>一二三</v></c><c><v>7</v></c></row>'
    budget = ReadBudget(cells=100, letters=100)
    read_with_openpyxl(packed(tmp_path / "年报.xlsx", {**PARTS, FIRST: sheet(rows), SECOND: sheet()}), budget)
    assert (100 - budget.cells, 100 - budget.letters) == (4 + 3 + 2, 4 + 3)


REFUSED: dict[str, tuple[Change, str]] = {
    "one part as two sheets": (put(BOOK_LINKS, "sheet2", "sheet1"), "shown as two sheets"),
    "one part twice": (of("xl/Workbook.XML", "<x/>"), "a part is there twice"),
    "entities": (of(PROPERTIES, '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "entities are declared"),
    "entities, in UTF-16": (
        of(PROPERTIES, '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode("utf-16")), "entities are declared",
    ),
    "a sheet without part": (put(BOOK, 'r:id="rId2"', 'r:id=""'), "a sheet without a part"),
    "another part": (of(FIRST, xml("sst")), "where a worksheet should be"),
    "a sheet in no namespace": (of(FIRST, "<worksheet/>"), "^worksheet where a worksheet should be"),
    "two values": (of(FIRST, sheet('<row><c><v>1</v><v>2</v></c></row>')), "two of v"),
    "two formulas": (of(FIRST, sheet('<row><c><f>A2</f><f>A3</f></c></row>')), "two of f"),
    "two texts": (of(FIRST, sheet('<row><c t="inlineStr"><is/><is/></c></row>')), "two of is"),
    "a shared text within another": (of(STRINGS, xml("sst", "<si><si><t>甲</t></si></si>")), "a text within a text"),
    "a number that is none": (of(FIRST, sheet("<row><c><v>x</v></c></row>")), "could not convert"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_hide_a_figure_is_refused(tmp_path: Path, name: str) -> None:
    change, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        read_with_openpyxl(packed(tmp_path / "年报.xlsx", change(PARTS)))


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
@pytest.mark.parametrize("before", [1, 7])
def test_entities_are_seen_wherever_a_part_is_cut(tmp_path: Path, code: str, before: int) -> None:
    """A part is looked through a MiB at a time; the word may stand across two."""
    width = len(" ".encode(code + "-le" if code == "utf-16" else code))
    head, declared = '<?xml version="1.0"?>{}<!DOCTYPE x [', "<!ENTITY a 'b'>]><x/>"
    room = (1 << 20) // width - before - len(head.format("")) - (code == "utf-16")
    part = (head.format(" " * room) + declared).encode(code)
    assert part[: (1 << 20) - before * width] + declared.encode(code)[2 * (width == 2) :] == part
    with pytest.raises(ValueError, match="entities are declared"):
        read_with_openpyxl(packed(tmp_path / "年报.xlsx", {**PARTS, PROPERTIES: part}))


def test_a_package_is_bounded_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "年报.xlsx")
    monkeypatch.setenv("OGI_LIMITS", f"parts={len(PARTS) - 1}")
    with pytest.raises(TooLarge) as refused:
        read_with_openpyxl(path)
    assert refused.value.limit == "parts"


def test_parts_that_share_bytes_are_refused(tmp_path: Path) -> None:
    raw = bytearray(packed(tmp_path / "年报.xlsx").read_bytes())
    struct.pack_into("<I", raw, raw.rfind(b"PK\1\2") + 42, 0)
    (tmp_path / "年报.xlsx").write_bytes(raw)
    with pytest.raises(ValueError, match="parts share bytes"):
        read_with_openpyxl(tmp_path / "年报.xlsx")


def test_nothing_is_said_on_the_screen(tmp_path: Path) -> None:
    """openpyxl warns of links it does not understand."""
    path = packed(tmp_path / "年报.xlsx", {**PARTS, OUTSIDE_LINKS: links("<Relationship/>")})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_with_openpyxl(path).external_links == ()
