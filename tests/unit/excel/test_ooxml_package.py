"""The package of a workbook: its parts, found in one way only; and the links between them."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.samples.minimal_workbooks import BOOK, FIRST, link, links, packed
from workbook.excel.reading.ooxml_package import PackageParts, find_one, read_links
from workbook.excel.reading.ooxml_parts import SMALL, PartLink
from workbook.excel.reading.workbook_contents import AmbiguousWorkbook, ReadBudget

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
    "another way to compress": (package(zipfile.ZIP_BZIP2, x=ROWS), "compressed in an unusual way"),
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


def test_parts_that_share_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="parts share bytes"):
        PackageParts(bytes(listed(package(a=ROWS, b=ROWS), *OFFSET, 0)), ReadBudget())


@pytest.mark.parametrize(
    ("one", "other"), [("a.xml", "A.xml"), ("a/b.bin", "A\\B.bin"), ("a.xml", "%61.xml"), ("a.xml", "/a.xml")]
)
def test_two_parts_of_one_name_are_refused(one: str, other: str) -> None:
    """As the standard compares names: ISO/IEC 29500-2, 6.3.5."""
    with pytest.raises(AmbiguousWorkbook, match="a part is there twice"):
        PackageParts(bytes(package(**{one: b"", other: b""})), ReadBudget())


def streamed() -> bytes:
    """A package written without going back: sizes are behind the parts."""

    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    made = Pipe()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("a", ROWS)
        file.writestr("b", b"PK")
    return made.getvalue()


@pytest.mark.parametrize("raw", [bytes(package(a=ROWS, b=b"")), bytes(package(extra=b"\x99\x99\x04\0four", a=ROWS)),
                                 streamed(), bytes(package(**{"表.xml": ROWS}))])  # fmt: skip
def test_a_package_that_has_one_reading_is_taken(raw: bytes) -> None:
    PackageParts(raw, ReadBudget()).check_entries()


LOCAL_NAME, LOCAL_SIZE, LOCAL_METHOD = 30, 22, 8
TWO_READINGS = {
    "another name at its place": (LOCAL_NAME, b"z"),
    "another size at its place": (LOCAL_SIZE, b"z"),
    "another way to inflate it": (LOCAL_METHOD, b"\0"),
}


@pytest.mark.parametrize("name", TWO_READINGS)
def test_a_part_that_is_described_in_two_ways_is_refused(name: str) -> None:
    at, byte = TWO_READINGS[name]
    raw = package(a=ROWS, b=ROWS)
    raw[at : at + 1] = byte
    with pytest.raises(AmbiguousWorkbook):
        PackageParts(bytes(raw), ReadBudget()).check_entries()


def test_an_entry_that_is_not_listed_or_bytes_before_the_first_are_refused() -> None:
    raw, hidden = bytes(package(a=ROWS, b=ROWS)), bytes(package(c=ROWS))
    entry = hidden[: hidden.index(b"PK\1\2")]
    for changed in (b"<html/>" + raw, entry + raw):
        with pytest.raises(AmbiguousWorkbook):
            PackageParts(changed, ReadBudget()).check_entries()
    at = raw.index(b"PK\1\2")
    end = bytearray(raw[:at] + entry + raw[at:])
    struct.pack_into("<I", end, end.rindex(b"PK\5\6") + 16, at + len(entry))
    with pytest.raises(AmbiguousWorkbook, match="not listed"):
        PackageParts(bytes(end), ReadBudget()).check_entries()


# links


def test_links_of_a_part_stand_beside_it(tmp_path: Path) -> None:
    parts = PackageParts(packed(tmp_path / "年报.xlsx").read_bytes(), ReadBudget())
    assert read_links(parts, "")["rId1"] == ("officeDocument", "xl/workbook.xml", False)
    assert read_links(parts, BOOK)["rId2"] == ("worksheet", "xl/worksheets/sheet2.xml", False)
    assert read_links(parts, FIRST) == {}


def test_of_a_kind_of_link_there_is_one_or_none() -> None:
    inner, outer = PartLink("styles", "s.xml"), PartLink("styles", "s.xml", outside=True)
    assert find_one([inner, PartLink("theme", "t.xml")], "styles") == "s.xml"
    assert find_one([], "styles") is None
    for some in ([inner, inner], [outer]):
        with pytest.raises(AmbiguousWorkbook):
            find_one(some, "styles")


@pytest.mark.parametrize(("length", "paid"), [(SMALL, 0), (SMALL + 1, 2)])
def test_links_are_paid_for_where_they_are_long(length: int, paid: int) -> None:
    """Short ones are kept from one file to the next, and the same few in all."""
    said = links(link("a", "x", "b.xml"), link("b", "y", "/c.xml")).encode().ljust(length)
    parts = PackageParts(bytes(package(**{"xl/_rels/some.xml.rels": said})), ReadBudget(elements=10))
    assert [one.target for one in read_links(parts, "xl/some.xml").values()] == ["xl/b.xml", "c.xml"]
    assert parts.budget.elements == 10 - paid
