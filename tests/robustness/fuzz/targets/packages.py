"""Workbook files: the package, its parts and their XML. Opening refuses in a sentence (Unreadable) and nothing else;
what both readers take, both read the same: sheets, cells, formulas, merges, validations, names, properties, links."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from random import Random

import openpyxl

from tests.integration.test_both_readers import told, workbook
from tests.robustness.fuzz.mutation import changed_archive, changed_markup, packed, unpacked
from tests.robustness.fuzz.samples import made
from workbook.excel.reading import ooxml_reader, openpyxl_reader
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.workbook_contents import TooLarge
from workbook.excel.reading.workbook_reader import open_workbook, read_book

XML = (b"<c/>", b"<v>5</v>", b'<c t="inlineStr"><is><t>5</t></is></c>', b'<f t="shared" si="0"/>', b"<row/>",
       b"<f/>", b'<f t="array" ref="A1:B2">A1</f>', b'<mergeCell ref="A1:B2"/>', b"<extLst><ext/></extLst>",
       b"<!-- -->", b"<?x y?>", b"<![CDATA[5]]>", b'<!DOCTYPE a [<!ENTITY b "c">]>',
       b"<si><r><t>a</t></r><rPh><t>b</t></rPh></si>", b"&#1;", b'<definedName name="a">$A$1</definedName>',
       b"</sheetData>", b"<sheetData>",
       b'<mc:AlternateContent xmlns:mc="m"><mc:Choice><c/></mc:Choice></mc:AlternateContent>')  # fmt: skip


def seeds() -> list[bytes]:
    ours = made(workbook, "a.xlsx")
    book = openpyxl.Workbook()
    book.active.append([1, "=A1+1", "文字", True, None, 0.5])
    other = made(book.save, "b.xlsx")
    plain = [(name, data) for name, data in unpacked(other) if "theme" not in name and "style" not in name]
    transitional, strict = b"schemas.openxmlformats.org/spreadsheetml/2006", b"purl.oclc.org/ooxml/spreadsheetml"
    other_space = [(name, data.replace(transitional, strict)) for name, data in unpacked(ours)]
    return [ours, *map(packed, (unpacked(ours), unpacked(other), plain, other_space))]


def changed(data: bytes, draw: Random) -> bytes:
    return changed_archive(data, draw, lambda _, part, draw: changed_markup(part, draw, XML))


def tried(data: bytes, folder: Path) -> None:
    path = folder / "年报.xlsx"
    path.write_bytes(data)
    try:
        book = open_workbook(path)
    except Unreadable as refused:
        assert refused.message.zh and refused.message.en
        return
    with suppress(Unreadable):
        read_book(book)
    if book.reader == "package":
        try:
            second = openpyxl_reader.read_with_openpyxl(path)
        except TooLarge:
            raise AssertionError("too large for one reader alone") from None
        except Exception:  # the first is trusted where the second declines
            return
        assert told(ooxml_reader.read_ooxml(path)) == told(book)
        assert told(book) == told(second)
