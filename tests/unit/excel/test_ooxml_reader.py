"""The first reader: what the smallest workbooks say, what it costs, and what is left to the second reader."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from io import BytesIO
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
    links,
    of,
    packed,
    put,
    without,
)
from workbook.excel.reading.ooxml_reader import LONGEST, NeedsOpenpyxl, PackageParts, read_links, read_ooxml
from workbook.excel.reading.workbook_contents import ReadBudget
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
    inflated = [name for name in PARTS if name != TYPES] + [ROOT, BOOK_LINKS]  # these two for what leads outside, too
    assert 100_000 - budget.size == sum(len(str(PARTS[name]).encode()) for name in inflated)
    assert 100 - budget.cells == 4 + 2 + 2, "cells, shared texts, names"
    assert 100 - budget.letters == len("甲收\r到") * 2, "shared, and shown"
    assert 1_000 - budget.elements == 34, "all but roots and links"


REFUSED: dict[str, tuple[Change, str]] = {
    "no links of the package": (without(ROOT), "officeDocument"),
    "no part of the workbook": (without(BOOK), "xl/workbook.xml"),
    "no part of a sheet": (without(FIRST), "xl/worksheets/sheet1.xml"),
    "no link of a sheet": (put(BOOK_LINKS, "rId2", "rId5"), "rId2"),
    "one part as two sheets": (put(BOOK_LINKS, "sheet2", "sheet1"), "shown as two sheets"),
    "one part twice": (of("xl/Workbook.XML", "<x/>"), "a part is there twice"),
    "no XML": (of(FIRST, "表三"), "syntax error"),
    "another part": (of(FIRST, PARTS[BOOK]), "workbook where worksheet should be"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_does_not_understand_is_left_to_the_second_reader(tmp_path: Path, name: str) -> None:
    change, words = REFUSED[name]
    with pytest.raises(NeedsOpenpyxl, match=words):
        read_ooxml(packed(tmp_path / "年报.xlsx", change(PARTS)))


def test_no_archive_and_no_file_are_left_to_the_second_reader(tmp_path: Path) -> None:
    path = tmp_path / "年报.xlsx"
    with pytest.raises(NeedsOpenpyxl, match="No such file"):
        read_ooxml(path)
    path.write_bytes(b"PK")
    with pytest.raises(NeedsOpenpyxl, match="not a zip file"):
        read_ooxml(path)


# the parts of a package

ROWS = b"<row/>" * 100


def package(method: int = zipfile.ZIP_DEFLATED, extra: bytes = b"", **parts: bytes) -> bytearray:
    """A package of these parts, `extra` in the header of each."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name)
            info.compress_type, info.extra = method, extra
            file.writestr(info, data)
    return bytearray(made.getvalue())


def listed(raw: bytearray, at: int, layout: str, value: int) -> bytearray:
    """With another value in what the list at the end says of the last part."""
    struct.pack_into(layout, raw, raw.rfind(b"PK\1\2") + at, value)
    return raw


FLAGS, CRC, SIZE, OFFSET = (8, "<H"), (16, "<I"), (24, "<I"), (42, "<I")
"""Where they stand in that list."""


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize(
    "extra", [b"", b"\x99\x99\x04\0four", b"\x99\x99\x40\x9c" + bytes(40_000)], ids=["no", "little", "much"]
)
def test_parts_are_inflated_wherever_they_stand(method: int, extra: bytes) -> None:
    parts = PackageParts(bytes(package(method, extra, first=b"<a/>", second=ROWS)), ReadBudget(size=1_000))
    assert parts.names == ("first", "second")
    assert (parts.read("first"), parts.read("second"), parts.locked) == (b"<a/>", ROWS, False)
    assert parts.budget.size == 1_000 - 4 - len(ROWS)
    with pytest.raises(KeyError, match="third"):
        parts.read("third")


def test_parts_are_known_in_any_case_and_with_either_slash() -> None:
    parts = PackageParts(bytes(package(**{"XL\\Workbook.xml": b"<a/>", "xl/Theme/a.xml": b"<b/>"})), ReadBudget())
    assert parts.names == ("xl/workbook.xml", "xl/theme/a.xml")
    assert parts.read("xl/workbook.xml") == parts.read("xl\\WORKBOOK.xml") == b"<a/>"
    assert [name in parts for name in ("XL/workbook.XML", "xl\\theme\\a.xml", "workbook.xml")] == [True, True, False]


DAMAGED = {
    "no header": (package(x=ROWS).replace(b"PK\3\4", b"PK\3\5"), "damaged or encrypted: x"),
    "a password": (listed(package(x=ROWS), *FLAGS, 1), "damaged or encrypted: x"),
    "another sum": (listed(package(x=ROWS), *CRC, 7), "^damaged: x"),
    "larger than it says": (listed(package(x=ROWS), *SIZE, len(ROWS) - 1), "^damaged: x"),
    "smaller than it says": (listed(package(x=ROWS), *SIZE, len(ROWS) + 1), "^damaged: x"),
    "stored, and larger than it says": (
        listed(package(zipfile.ZIP_STORED, x=ROWS), *SIZE, len(ROWS) - 1), "^damaged: x",
    ),
    "another way to compress": (package(zipfile.ZIP_BZIP2, x=ROWS), "compressed in an unusual way: x"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_a_part_that_is_not_what_it_says_is_refused(name: str) -> None:
    raw, words = DAMAGED[name]
    parts = PackageParts(bytes(raw), ReadBudget())
    assert parts.locked == (name == "a password")
    with pytest.raises(ValueError, match=words):
        parts.read("x")


def test_a_part_that_lies_about_its_size_is_not_inflated_whole() -> None:
    parts = PackageParts(bytes(listed(package(x=bytes(8 << 20)), *SIZE, 100)), ReadBudget())
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="damaged"):
            parts.read("x")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1 << 20


def test_parts_that_share_bytes_or_a_name_are_refused() -> None:
    with pytest.raises(ValueError, match="parts share bytes"):
        PackageParts(bytes(listed(package(a=ROWS, b=ROWS), *OFFSET, 0)), ReadBudget())
    with pytest.raises(ValueError, match="a part is there twice"):
        PackageParts(bytes(package(**{"a.xml": b"", "A.xml": b""})), ReadBudget())


def test_more_parts_than_any_workbook_has_are_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "年报.xlsx")
    monkeypatch.setenv("OGI_LIMITS", f"parts={len(PARTS)}")
    assert len(read_ooxml(path).sheets) == 2
    monkeypatch.setenv("OGI_LIMITS", f"parts={len(PARTS) - 1}")
    with pytest.raises(TooLarge) as refused:
        read_ooxml(path)
    assert refused.value.limit == "parts"


# links


def test_links_of_a_part_stand_beside_it(tmp_path: Path) -> None:
    parts = PackageParts(packed(tmp_path / "年报.xlsx").read_bytes(), ReadBudget())
    assert dict(read_links(parts, "")) == {
        "rId1": ("officeDocument", "xl/workbook.xml"),
        "rId2": ("custom-properties", "docProps/custom.xml"),
    }
    assert read_links(parts, BOOK)["rId2"] == ("worksheet", "xl/worksheets/sheet2.xml")
    assert read_links(parts, FIRST) == {}


@pytest.mark.parametrize(("length", "paid"), [(LONGEST, 0), (LONGEST + 1, 2)])
def test_links_are_paid_for_where_they_are_long(length: int, paid: int) -> None:
    """Short ones are kept from one file to the next, and the same few in all."""
    said = links(link("a", "x", "b.xml"), link("b", "y", "/c.xml")).encode().ljust(length)
    parts = PackageParts(bytes(package(**{"xl/_rels/some.xml.rels": said})), ReadBudget(elements=10))
    assert dict(read_links(parts, "xl/some.xml")) == {"a": ("x", "xl/b.xml"), "b": ("y", "c.xml")}
    assert parts.budget.elements == 10 - paid
