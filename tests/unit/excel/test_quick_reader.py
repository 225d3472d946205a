"""Makes of workbook: which the fast reader knows, which it learns, and which it forgets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.samples.filled_workbooks import REPORT
from tests.samples.package_edits import Parts, packed
from tests.samples.template_variants import (
    BOOK,
    CHECKED,
    PROPERTIES,
    STRINGS,
    WORDS,
    Edit,
    InFull,
    changed,
    fast,
    locked,
    nobody,
    shown,
    typed,
    usual,
)
from workbook.excel.reading import quick_reader
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.quick_reader import QuickReader


def taught(reader: QuickReader, path: Path, *files: Parts) -> QuickReader:
    """The reader, after it was shown these files."""
    for parts in files:
        reader.read(packed(path, parts))
    return reader


@pytest.fixture
def own(tmp_path_factory) -> QuickReader:
    """A reader that has learnt our usual workbook alone."""
    return shown(tmp_path_factory.getbasetemp(), usual())


LINKS = "xl/_rels/workbook.xml.rels"
SHEET_LINKS = "xl/worksheets/_rels/sheet2.xml.rels"
OUTSIDE: dict[str, Edit] = {
    "a workbook it refers to": (
        BOOK, "</sheets>", '</sheets><externalReferences><externalReference r:id="rId1"/></externalReferences>'
    ),
    "a link to somewhere else": (SHEET_LINKS, "</Relationships>", '<Relationship Id="rId9" Type="http://schemas.openxml'
        'formats.org/officeDocument/2006/relationships/image" Target="http://x.test/y" TargetMode="External"/>'
        "</Relationships>"),
    "texts in two parts": (LINKS, r"(<Relationship )(Id=\"\w+\")([^>]*sharedStrings[^>]*/>)",
        r'\1\2\3\1Id="rId99"\3'),
    "no texts": (LINKS, "<Relationship [^>]*sharedStrings[^>]*/>", ""),
    "a sheet of another kind": (LINKS, r"/worksheet(\"[^>]*sheet5)", r"/chartsheet\1"),
    "a hidden sheet": (BOOK, '<sheet name="文字"', '<sheet state="hidden" name="文字"'),
    "a name that leads elsewhere": (BOOK, r"\$C\$9", "$C$10"),
    "two sheets of one name": (BOOK, 'name="文字"', 'name="封面"'),
    "another stamp": (PROPERTIES, r"\|1\|", "|2|"),
    "texts that are not plain": (STRINGS, "<si><t>", "<si><r><t>"),
    "a sheet without cells": (WORDS, "<sheetData>.*</sheetData>", "<sheetData/>"),
    "a sheet that is not whole": (WORDS, "</worksheet>", ""),
    "a workbook that is not whole": (BOOK, "</workbook>", ""),
    "properties that are not whole": (PROPERTIES, "</Properties>", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_workbook_that_is_of_no_make_known_is_left_to_the_full_reader(tmp_path, own, name):
    assert fast(own, tmp_path / "年报.xlsx", changed(usual(), OUTSIDE[name])) is None


@pytest.mark.parametrize("name", ["xl/workbook.bin", "word/document.xml", "mimetype", "xl/vbaProject.bin"])
def test_a_part_more_makes_another_make(tmp_path, own, name):
    assert fast(own, tmp_path / "年报.xlsx", {**usual(), name: b"x"}) is None


PROPERTY = '<property fmtid="{0}" pid="9" name="ICV"><vt:lpwstr>1234</vt:lpwstr></property></Properties>'


def test_what_the_program_says_of_itself_is_not_looked_at(tmp_path, own):
    parts = changed(usual(), (PROPERTIES, "</Properties>", PROPERTY))
    found = fast(own, tmp_path / "年报.xlsx", parts)
    assert found is not None
    assert found.report == REPORT


@pytest.mark.parametrize(("size", "fits"), [(3 << 20, True), (4 << 20, False)])
def test_what_inflates_to_more_than_any_report_is_left_to_the_full_reader(tmp_path, own, size, fits):
    parts = changed(usual(), (STRINGS, "</sst>", f"<si><t>{'a' * size}</t></si></sst>"))
    assert (fast(own, tmp_path / "年报.xlsx", parts) is not None) is fits


@pytest.mark.parametrize("name", ["年报.xlsx", "年报", "~年报.xlsx", "年报.et"])
def test_a_workbook_goes_by_any_name(tmp_path, own, name):
    assert fast(own, tmp_path / name, usual()) is not None


@pytest.mark.parametrize("name", ["~$年报.xlsx", ".~lock.年报.xlsx"])
def test_what_an_office_leaves_beside_a_workbook_is_none(tmp_path, own, name):
    assert fast(own, tmp_path / name, usual()) is None


def test_only_a_package_from_its_first_byte_is_taken(tmp_path, own, monkeypatch):
    path = packed(tmp_path / "年报.xlsx", usual())
    raw = path.read_bytes()
    monkeypatch.setattr(quick_reader, "open_workbook", nobody)
    for content in (b"x" + raw, raw[:-99], b"", b"PK\3\4"):
        with pytest.raises(InFull):
            own.read(path, content)
    assert own.read(path, raw).report == REPORT
    for other in (tmp_path, tmp_path / "无.xlsx"):
        with pytest.raises(InFull):
            own.read(other, raw)


def test_what_was_read_before_is_not_read_again(tmp_path, own, monkeypatch):
    """Whoever read the file for its sum gives what it held; the name alone is then looked at."""
    path = packed(tmp_path / "年报.xlsx", usual())
    raw = path.read_bytes()
    path.write_bytes(b"x")
    monkeypatch.setattr(quick_reader, "open_workbook", nobody)
    found = own.read(path, raw)
    assert (found.path, found.report.values) == (path, REPORT.values)
    assert found.report.source("agency.name").file == "年报.xlsx"


def test_a_file_that_is_not_what_was_read_before_has_changed(tmp_path):
    path = packed(tmp_path / "年报.xlsx", usual())
    raw = path.read_bytes()
    reader = QuickReader()
    for content in (b"", raw[:-1]):  # what nobody can read is looked for in the file
        with pytest.raises(Unreadable) as refused:
            reader.read(path, content)
        assert refused.value.kind == "changed"
    assert reader.read(path, raw).reader == "package"
    assert fast(reader, path, usual()) is not None


def test_a_package_with_a_part_that_is_locked_is_left_to_the_full_reader(tmp_path, own, monkeypatch):
    path = locked(packed(tmp_path / "年报.xlsx", usual()))
    monkeypatch.setattr(quick_reader, "open_workbook", nobody)
    with pytest.raises(InFull):
        own.read(path)


def test_a_reason_typed_into_the_check_sheet_is_of_no_other_make(tmp_path, own):
    found = fast(own, tmp_path / "年报.xlsx", typed(usual(), CHECKED, "J71", "属实"))
    assert found is not None
    assert [one.reason for one in found.report.answers] == ["属实"]


def with_sheets(*names: str, cells: str = '<row r="1"><c r="A1"><v>1</v></c></row>') -> Parts:
    """The workbook with more sheets, of a few cells each."""
    parts = usual()
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    for n, name in enumerate(names, 7):
        link = f'<Relationship Id="rId9{n}" Type="{relation}" Target="worksheets/sheet{n}.xml"/></Relationships>'
        sheet = f'<sheet name="{name}" sheetId="{n}" r:id="rId9{n}"/></sheets>'
        parts = changed(parts, (LINKS, "</Relationships>", link), (BOOK, "</sheets>", sheet))
        root, _, _ = parts[WORDS].partition(b"<sheetPr>")
        data = f"<sheetData>{cells}</sheetData></worksheet>" if cells else "<sheetData/></worksheet>"
        parts = {**parts, f"xl/worksheets/sheet{n}.xml": root + data.encode()}
    return parts


@pytest.mark.parametrize(
    ("names", "cells", "kept"),
    [(["又"], "<row/>", True), (["又", "再"], "<row/>", True), (["又"], "", False)],
    ids=["one more", "two more", "one without cells"],
)
def test_a_workbook_may_have_more_sheets_of_cells(tmp_path, names, cells, kept):
    parts, path = with_sheets(*names, cells=cells), tmp_path / "年报.xlsx"
    assert known(taught(QuickReader(), path, parts), path, [parts, usual()]) == [kept, False]


def layout(number: int) -> Parts:
    """Workbooks of one make, that differ in words which nobody types."""
    return changed(usual(), (STRINGS, "填写机关全称", f"填写机关全称{number}"))


def make(number: int) -> Parts:
    said = f'<property fmtid="{{0}}" pid="9" name="ogi.x"><vt:lpwstr>{number}</vt:lpwstr></property>'
    return changed(usual(), (PROPERTIES, "</Properties>", f"{said}</Properties>"))


def known(reader: QuickReader, path: Path, some: list[Parts]) -> list[bool]:
    return [fast(reader, path, parts) is not None for parts in some]


def test_of_one_make_the_layouts_last_met_are_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(quick_reader, "LAYOUTS", 2)
    path = tmp_path / "年报.xlsx"
    some = [layout(n) for n in range(3)]
    reader = taught(QuickReader(), path, some[0], some[1])
    assert known(reader, path, [some[1], some[0]]) == [True, True]
    taught(reader, path, some[2])
    assert known(reader, path, some) == [True, False, True]
    taught(reader, path, some[1])
    assert known(reader, path, some) == [False, True, True]


def test_a_layout_that_was_only_learnt_goes_before_one_learnt_earlier(tmp_path, monkeypatch):
    monkeypatch.setattr(quick_reader, "LAYOUTS", 2)
    path = tmp_path / "年报.xlsx"
    some = [layout(n) for n in range(3)]
    assert known(taught(QuickReader(), path, *some), path, some) == [False, True, True]


def test_a_workbook_needs_no_custom_properties(tmp_path):
    """Its stamp is kept in a name, too."""
    path = tmp_path / "年报.xlsx"
    bare = {name: data for name, data in usual().items() if name != PROPERTIES}
    assert known(taught(QuickReader(), path, bare), path, [bare, usual()]) == [True, False]


def test_the_makes_last_met_are_remembered(tmp_path, monkeypatch):
    monkeypatch.setattr(quick_reader, "FRAMES", 2)
    path = tmp_path / "年报.xlsx"
    some = [make(n) for n in range(3)]
    reader = taught(QuickReader(), path, some[0], some[1])
    assert known(reader, path, [some[1], some[0]]) == [True, True]
    taught(reader, path, some[2])
    assert known(reader, path, some) == [True, False, True]
    assert known(reader, path, [some[2], some[0]]) == [True, True]
    other = changed(some[2], (STRINGS, "填写机关全称", "填写全称"))
    taught(reader, path, other, some[1])
    assert known(reader, path, [*some, other]) == [False, True, True, True]
