"""Both readers must give the same book for every file either takes, and refuse the rest in a sentence."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import warnings
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.packaging.custom import IntProperty, StringProperty
from openpyxl.packaging.relationship import Relationship
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.external_link.external import ExternalBook, ExternalLink, ExternalSheetNames

from tests.domain import ROOT
from workbook.excel.reading import ooxml_reader, openpyxl_reader
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.workbook_contents import Cell, Validation, WorkbookContents
from workbook.excel.reading.workbook_reader import open_workbook
from workbook.model.cell_address import parse_range

MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"


def workbook(path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path))
    unlocked = book.add_format({"locked": False, "num_format": "yyyy-mm-dd"})
    cover = book.add_worksheet("封面")
    cover.write(0, 0, "单位名称")
    cover.write(0, 1, "某某市 人民政府\r\n办公室")
    cover.write_rich_string(1, 0, "粗", unlocked, "细")
    cover.write_datetime(2, 0, datetime(2021, 1, 31), unlocked)
    table = book.add_worksheet("表 三")
    for row in range(5, 12):
        for col in range(3, 8):
            table.write_number(row, col, row * col)
        table.write_formula(row, 8, f"SUM(D{row + 1}:H{row + 1})", None, row * 25)
    table.write_number(13, 3, 0.5)
    table.write_formula(13, 4, '=IF(D6>0,"","x")', None, "")
    table.write_formula(13, 5, "=#REF!+1", None, "#REF!")
    table.write_formula(13, 6, "=D6>0", None, True)
    table.write_boolean(13, 7, False)
    table.write_blank(20, 3, None, unlocked)
    table.merge_range(0, 0, 1, 8, "合并")
    table.data_validation("D6:H12", {"validate": "integer", "criteria": ">=", "value": 0})
    table.data_validation(
        "D14", {"validate": "list", "source": ["是", "否"], "error_type": "warning", "other_cells": [[20, 3, 21, 4]]}
    )
    table.protect()
    secret = book.add_worksheet("隐")
    secret.hide()
    secret.protect("密码")
    book.add_worksheet("更隐").very_hidden()
    book.define_name("表三区", "='表 三'!$D$6:$J$30")
    book.define_name("版本", '="annual-2021|1"')
    book.define_name("表 三!本表", "='表 三'!$A$1")
    book.set_custom_property("form", "annual-2021")
    book.set_custom_property("版", 1)
    book.close()
    return path


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return workbook(tmp_path_factory.mktemp("source") / "年报.xlsx")


@pytest.fixture(scope="module")
def parts(source):
    with zipfile.ZipFile(source) as file:
        return {name: file.read(name) for name in file.namelist()}


def save(path: Path, parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


def told(book: WorkbookContents, *, formulas: bool = True) -> str:
    """Everything a book says but what differs between files of one content; types of numbers included."""
    sheets = book.sheets if formulas else tuple(replace(sheet, cells={
        place: replace(cell, formula=cell.formula and "…") for place, cell in sheet.cells.items()
    }) for sheet in book.sheets)  # fmt: skip
    return repr(replace(book, path=Path(), reader="", sha256="", size=0, sheets=sheets))


def both(path: Path) -> WorkbookContents:
    first, second = ooxml_reader.read_ooxml(path), openpyxl_reader.read_with_openpyxl(path)
    assert told(first) == told(second)
    assert (first.sha256, first.size, first.path) == (second.sha256, second.size, second.path)
    return first


def test_everything_is_read(source):
    book = both(source)
    cover, table, secret, deeper = book.sheets
    assert [sheet.name for sheet in book.sheets] == ["封面", "表 三", "隐", "更隐"]
    assert cover.cells[0, 1] == Cell("某某市 人民政府\r\n办公室")
    assert cover.cells[1, 0] == Cell("粗细")
    assert repr(cover.cells[2, 0]) == repr(Cell(44227))  # a date is the number its file holds
    assert repr(table.cells[5, 3]) == repr(Cell(15))
    assert table.cells[5, 8] == Cell(125, "SUM(D6:H6)")
    assert repr(table.cells[13, 3]) == repr(Cell(0.5))
    # XlsxWriter, told that the result is an empty text, writes no type: that is no result.
    assert table.cells[13, 4] == Cell(None, 'IF(D6>0,"","x")', cached=False)
    assert table.cells[13, 5] == Cell("#REF!", "#REF!+1", error=True)
    assert repr(table.cells[13, 6]) == repr(Cell(True, "D6>0"))
    assert repr(table.cells[13, 7]) == repr(Cell(False))
    assert (20, 3) not in table.cells
    assert table.merges == ((0, 0, 1, 8),)
    assert table.validations == (
        Validation(("D6:H12",), "whole", "greaterThanOrEqual", "0", "", True),
        Validation(("D14", "D21:E22"), "list", "between", '"是,否"', "", False),
    )
    assert (cover.protected, cover.hidden) == (False, False)
    assert (table.protected, table.password, table.hidden) == (True, False, False)
    assert (secret.protected, secret.password, secret.hidden) == (True, True, True)
    assert deeper.hidden
    assert book.names == {"表三区": "'表 三'!$D$6:$J$30", "版本": '"annual-2021|1"'}
    assert parse_range(book.names["表三区"]) == ("表 三", 5, 3, 29, 9)
    assert book.properties == {"form": "annual-2021", "版": "1"}
    assert not book.macros
    assert len(book.sha256) == 64


def test_what_openpyxl_saved(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "表三"
    sheet["A1"], sheet["A2"], sheet["A3"], sheet["A4"] = 1, "=A1+1", "#N/A", "文字"
    sheet["A3"].data_type = "e"
    sheet.merge_cells("C1:D2")
    book.defined_names["甲"] = DefinedName("甲", attr_text="#REF!")
    book.custom_doc_props.append(StringProperty(name="form", value="annual-2021"))
    book.custom_doc_props.append(IntProperty(name="n", value=7))
    link = ExternalLink(externalBook=ExternalBook(id="rId1", sheetNames=ExternalSheetNames(["S"])))
    link.file_link = Relationship(
        type="externalLinkPath", Target="file:///D:/去年.xlsx", TargetMode="External", Id="rId1"
    )
    book._external_links.append(link)
    sheet["A5"] = "=[1]S!A1"
    book.save(tmp_path / "a.xlsx")
    read = both(tmp_path / "a.xlsx")
    assert read.sheets[0].cells == {
        (0, 0): Cell(1),
        (1, 0): Cell(None, "A1+1", cached=False),
        (2, 0): Cell("#N/A", error=True),
        (3, 0): Cell("文字"),
        (4, 0): Cell(None, "[1]S!A1", cached=False),
    }
    assert read.external_links == ("file:///D:/去年.xlsx",)
    assert read.names == {"甲": "#REF!"}
    assert parse_range(read.names["甲"]) is None
    assert read.properties == {"form": "annual-2021", "n": "7"}


def test_macros_are_noticed(tmp_path, parts):
    assert both(save(tmp_path / "a.xlsm", {**parts, "xl/vbaProject.bin": b"x"})).macros
    assert both(save(tmp_path / "b.xlsm", {**parts, "xl/macrosheets/sheet1.xml": b"<x/>"})).macros


def test_a_sheet_of_macros_from_excel_95_has_no_part_and_no_cells(tmp_path, source, parts):
    listed = parts["xl/workbook.xml"].replace(b"</sheets>", b'<sheet name="Module1" sheetId="9" r:id=""/></sheets>')
    old = open_workbook(save(tmp_path / "宏.xlsx", {**parts, "xl/workbook.xml": listed}))
    assert old.sheets[:-1] == ooxml_reader.read_ooxml(source).sheets
    assert (old.sheets[-1].name, old.sheets[-1].cells) == ("Module1", {})


def test_a_chart_sheet_has_no_cells_but_keeps_its_place(tmp_path):
    path = tmp_path / "图.xlsx"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet("数").write(0, 0, 1)
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=数!$A$1:$A$1"})
    book.add_chartsheet("图").set_chart(chart)
    book.add_worksheet("末").write(0, 0, 2)
    book.close()
    assert [(sheet.name, len(sheet.cells)) for sheet in both(path).sheets] == [("数", 1), ("图", 0), ("末", 1)]


def each(parts, change, pattern=r"xl/worksheets/sheet\d\.xml"):
    return {name: change(data) if re.fullmatch(pattern, name) else data for name, data in parts.items()}


def sub(pattern, to):
    return lambda data: re.sub(pattern, to, data)


def prefixed(data):
    return re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", data).replace(b"<x:worksheet xmlns=", b"<x:worksheet xmlns:x=")


def implied(data):
    """No cell and no row says where it stands: gaps are filled, then the places removed."""
    rows = {int(number): body for number, body in re.findall(rb'<row r="(\d+)"[^>]*>(.*?)</row>', data, re.S)}
    out = b""
    for number in range(1, max(rows, default=0) + 1):
        cells = {}
        for cell in re.findall(rb"<c [^>]*?/>|<c .*?</c>", rows.get(number, b""), re.S):
            letters = re.search(rb'r="([A-Z]+)', cell)[1]
            cells[openpyxl.utils.column_index_from_string(letters.decode())] = re.sub(rb' r="\w+"', b"", cell, count=1)
        out += b"<row>" + b"".join(cells.get(i, b"<c/>") for i in range(1, max(cells, default=0) + 1)) + b"</row>"
    return re.sub(rb"<sheetData>.*</sheetData>", lambda _: b"<sheetData>" + out + b"</sheetData>", data, flags=re.S)


def renamed(parts):
    def to(data):
        return re.sub(rb"worksheets/sheet(\d)\.xml", lambda hit: b"worksheets/feuille%d.xml" % (9 - int(hit[1])), data)

    return {to(name.encode()).decode(): to(data) if name.endswith(("rels", "Types].xml")) else data
            for name, data in parts.items()}  # fmt: skip


def empty_first(parts):
    out = each(parts, sub(rb't="s"><v>(\d+)</v>', lambda hit: b't="s"><v>%d</v>' % (int(hit[1]) + 1)))
    return each(out, sub(rb"(<sst [^>]*>)", rb"\1<si/>"), "xl/sharedStrings.xml")


WORKBOOK_LINKS = r"xl/_rels/workbook\.xml\.rels"

LEGAL = {
    "attributes in another order": lambda p: each(p, sub(rb'<c r="(\w+)" s="(\w+)"', rb'<c s="\2" r="\1"')),
    "single quotes": lambda p: each(p, sub(rb'<c r="(\w+)"', rb"<c r='\1'")),
    "a prefix": lambda p: each(p, prefixed),
    "numbered explicitly": lambda p: each(p, sub(rb'(<c r="\w+")><v>', rb'\1 t="n"><v>')),
    "CDATA": lambda p: each(p, sub(rb"<v>([^<]*)</v>", rb"<v><![CDATA[\1]]></v>")),
    "a comment holding an old cell": lambda p: each(
        p, sub(rb"<sheetData>", b'<sheetData><!-- <row r="6"><c r="D6"><v>999</v></c></row> -->')
    ),
    "a comment within a value": lambda p: each(p, sub(rb"<v>(\d)(\d+)</v>", rb"<v>\1<!-- 7 -->\2</v>")),
    "newlines in tags": lambda p: each(p, sub(rb'<c r="', b'<c\n\t r="')),
    "UTF-16": lambda p: each(p, lambda d: d.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
    "absolute targets": lambda p: each(p, sub(rb'Target="worksheets', b'Target="/xl/worksheets'), WORKBOOK_LINKS),
    "targets by a detour": lambda p: each(p, sub(rb'Target="worksheets', b'Target="../xl/worksheets'), WORKBOOK_LINKS),
    "parts renamed": renamed,
    "an empty shared text first": empty_first,
    "phonetic runs": lambda p: each(
        p, sub(rb"</si>", b'<rPh sb="0" eb="1"><t>furigana</t></rPh></si>'), "xl/sharedStrings.xml"
    ),
    "a lying dimension": lambda p: each(p, sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"')),
    "no dimension": lambda p: each(p, sub(rb"<dimension [^>]*>", b"")),
    "places implied": lambda p: each(p, implied),
    "a row by the million": lambda p: each(p, sub(rb"</sheetData>", b'<row r="1048576"/></sheetData>')),
    "extensions with the same names": lambda p: each(
        p,
        sub(rb"</worksheet>", b'<extLst><ext uri="{1}" xmlns:y="u"><y:dataValidation><y:formula1><y:f>A1</y:f>'
            b'</y:formula1></y:dataValidation><y:c r="D6"><y:v>9</y:v></y:c></ext></extLst></worksheet>'),
    ),
    "a foreign part listed twice": lambda p: {**p, "xl/media/image1.png": b"x"},
}  # fmt: skip


@pytest.mark.parametrize("name", LEGAL)
def test_legal_spellings_read_the_same(tmp_path, source, parts, name):
    changed = LEGAL[name](parts)
    assert name.startswith("a foreign") or changed != parts
    assert told(both(save(tmp_path / "变.xlsx", changed))) == told(ooxml_reader.read_ooxml(source))


def test_stored_streamed_and_behind_other_bytes(tmp_path, source, parts):
    class Stream(io.RawIOBase):
        def __init__(self, file):
            self.file = file

        def writable(self):
            return True

        def write(self, data):
            return self.file.write(data)

    expected = told(ooxml_reader.read_ooxml(source))
    assert told(both(save(tmp_path / "stored.xlsx", parts, zipfile.ZIP_STORED))) == expected
    with (tmp_path / "stream.xlsx").open("wb") as file, zipfile.ZipFile(Stream(file), "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in parts.items():
            out.writestr(name, data)
    assert told(both(tmp_path / "stream.xlsx")) == expected
    (tmp_path / "behind.xlsx").write_bytes(b"MZ junk\0" * 20 + source.read_bytes())
    with pytest.raises(Unreadable) as refused:
        open_workbook(tmp_path / "behind.xlsx")
    assert refused.value.kind == "ambiguous"


def test_floats_stay_floats(tmp_path, parts):
    path = save(tmp_path / "a.xlsx", each(parts, sub(rb'(<c r="[DE]\d+")><v>(\d+)</v>', rb"\1><v>\2.0E0</v>")))
    assert repr(both(path).sheets[1].cells[5, 3]) == "Cell(value=15.0, formula=None, error=False, cached=True)"


def test_the_strict_dialect_is_read_by_the_first_and_refused_by_the_second(tmp_path, source, parts):
    def strict(data):
        return data.replace(MAIN, STRICT).replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )

    path = save(tmp_path / "strict.xlsx", each(parts, strict, r".*\.(xml|rels)"))
    assert told(ooxml_reader.read_ooxml(path)) == told(ooxml_reader.read_ooxml(source)) == told(open_workbook(path))
    with pytest.raises(ValueError, match="without a part"):
        openpyxl_reader.read_with_openpyxl(path)
    path = save(tmp_path / "half.xlsx", each(parts, strict))
    assert told(ooxml_reader.read_ooxml(path)) == told(ooxml_reader.read_ooxml(source))
    with pytest.raises(ValueError, match="worksheet should be"):
        openpyxl_reader.read_with_openpyxl(path)


def test_part_names_in_another_case_and_with_backslashes(tmp_path, source, parts):
    path = save(tmp_path / "a.xlsx", {name.upper().replace("/", "\\"): data for name, data in parts.items()})
    assert told(open_workbook(path)) == told(ooxml_reader.read_ooxml(source))


def lying(source, **_):
    data = bytearray(source.read_bytes())
    at = data.find(b"xl/worksheets/sheet2.xml", data.find(b"PK\1\2")) - 46
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(data)


def flipped(source, **_):
    data = bytearray(source.read_bytes())
    data[data.find(b"xl/worksheets/sheet2.xml") + 300] ^= 0x55
    return bytes(data)


def bomb(data):
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return data.replace(b"?>", b"?>" + entities.encode(), 1).replace(b"<f>", b"<f>&b;", 1)


def zipped(tmp_path, parts):
    return save(tmp_path / "made.xlsx", parts).read_bytes()


HOSTILE = {
    "entity bomb": lambda parts, tmp_path, **_: zipped(tmp_path, each(parts, bomb)),
    "lying sizes": lying,
    "a flipped byte": flipped,
    "truncated": lambda source, **_: source.read_bytes()[:-3000],
    "only the beginning": lambda source, **_: source.read_bytes()[:100],
    "a missing part": lambda parts, tmp_path, **_: zipped(
        tmp_path, {name: data for name, data in parts.items() if not name.endswith("sheet2.xml")}
    ),
    "no workbook part": lambda parts, tmp_path, **_: zipped(
        tmp_path, {name: data for name, data in parts.items() if name != "xl/workbook.xml"}
    ),
    "no relations": lambda parts, tmp_path, **_: zipped(
        tmp_path, {name: data for name, data in parts.items() if not name.endswith("workbook.xml.rels")}
    ),
    "one part as two sheets": lambda parts, tmp_path, **_: zipped(
        tmp_path, each(parts, sub(rb"sheet1\.xml", b"sheet2.xml"), ".*workbook.xml.rels")
    ),
    "no number": lambda parts, tmp_path, **_: zipped(tmp_path, each(parts, sub(rb"<v>15</v>", b"<v>1_5</v>"))),
    "two values": lambda parts, tmp_path, **_: zipped(tmp_path, each(parts, sub(rb"<v>15</v>", b"<v>1</v><v>5</v>"))),
    "a text that is not there": lambda parts, tmp_path, **_: zipped(
        tmp_path, each(parts, sub(rb't="s"><v>0</v>', b't="s"><v>-1</v>'))
    ),
    "a text within a text": lambda parts, tmp_path, **_: zipped(
        tmp_path, each(parts, sub(rb"</si>", b"<si><t>5</t></si></si>"), "xl/sharedStrings.xml")
    ),
    "not XML": lambda parts, tmp_path, **_: zipped(tmp_path, each(parts, lambda d: d[:-20])),
    "deep": lambda parts, tmp_path, **_: zipped(
        tmp_path, each(parts, sub(rb"</sheetData>", b"<a>" * 100_000 + b"</a>" * 99_999 + b"</sheetData>"))
    ),
}


TWO_MEANINGS = ("lying sizes", "one part as two sheets", "a text within a text", "deep")
"""Those that programs show in two ways, where they show them."""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_a_sentence(tmp_path, source, parts, name):
    path = tmp_path / "坏.xlsx"
    path.write_bytes(HOSTILE[name](source=source, parts=parts, tmp_path=tmp_path))
    with pytest.raises(Unreadable) as refused:
        open_workbook(path)
    assert refused.value.kind == ("ambiguous" if name in TWO_MEANINGS else "damaged")


def test_a_cell_within_a_validation_is_no_figure(tmp_path, parts):
    path = save(tmp_path / "a.xlsx", each(parts, sub(rb"<formula1>0", b"<c><v>5</v></c><formula1>0")))
    with pytest.raises(Unreadable) as refused:
        open_workbook(path)
    assert refused.value.kind == "ambiguous"


def test_a_part_that_is_there_twice_is_refused(tmp_path, parts):
    path = save(tmp_path / "a.xlsx", parts)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as file:
        warnings.simplefilter("ignore")
        file.writestr("xl/worksheets/sheet2.xml", parts["xl/worksheets/sheet1.xml"])
    with pytest.raises(Unreadable):
        open_workbook(path)


def test_a_zip_bomb_is_not_inflated(tmp_path, parts):
    # 68 MiB of nothing, more than any part may be, in 70 KB
    path = save(tmp_path / "弹.xlsx", {**parts, "xl/worksheets/sheet2.xml": b"<a/>" * (17 << 20)})
    assert path.stat().st_size < 1 << 20
    with pytest.raises(Unreadable) as refused:
        open_workbook(path)
    assert refused.value.kind == "large"


@pytest.mark.parametrize("read", [ooxml_reader.read_ooxml, openpyxl_reader.read_with_openpyxl])
@pytest.mark.parametrize(
    ("most", "limit"),
    [
        ({"size": 3_000}, "inflated"),
        ({"part": 1_000}, "part"),
        ({"cells": 10}, "cells"),
        ({"elements": 50}, "elements"),
        ({"letters": 20}, "letters"),
    ],
)
def test_a_file_beyond_its_budget_is_refused_by_both(source, read, most, limit):
    with pytest.raises(ooxml_reader.TooLarge) as refused:
        read(source, ooxml_reader.ReadBudget(**most))
    assert refused.value.limit == limit


def test_shared_formulas_cannot_be_written_out_without_end(tmp_path, parts):
    rows = (
        '<row><c><f t="shared" si="0">' + "A1+" * 2000 + "1</f></c>" + '<c><f t="shared" si="0"/></c>' * 200 + "</row>"
    )
    xml = f'<worksheet xmlns="{MAIN.decode()}"><sheetData>{rows}</sheetData></worksheet>'
    path = save(tmp_path / "a.xlsx", {**parts, "xl/worksheets/sheet2.xml": xml.encode()})
    for read in (ooxml_reader.read_ooxml, openpyxl_reader.read_with_openpyxl):
        with pytest.raises(ooxml_reader.TooLarge):
            read(path, ooxml_reader.ReadBudget(letters=100_000))


def test_the_second_reader_takes_what_the_first_leaves(tmp_path, source, parts):
    harmless = each(parts, sub(rb"\?>", b"?><!DOCTYPE worksheet>"))
    lzma = save(tmp_path / "lzma.xlsx", parts, zipfile.ZIP_LZMA)
    unrooted = save(tmp_path / "b.xlsx", {name: data for name, data in parts.items() if name != "_rels/.rels"})
    for path in (save(tmp_path / "a.xlsx", harmless), lzma, unrooted):
        with pytest.raises(ooxml_reader.NeedsOpenpyxl):
            ooxml_reader.read_ooxml(path)
        book = open_workbook(path)
        assert book.reader == "tolerant"
        assert told(book) == told(ooxml_reader.read_ooxml(source))


def test_the_fast_path_does_without_openpyxl(source):
    script = (
        "import sys, pathlib; from workbook.excel.reading.workbook_reader import open_workbook; "
        "book = open_workbook(pathlib.Path(sys.argv[1])); assert book.reader == 'package'; "
        "assert not [name for name in sys.modules if name.partition('.')[0] in ('openpyxl', 'defusedxml', 'numpy')]"
    )
    subprocess.run([sys.executable, "-c", script, str(source)], check=True, cwd=ROOT)


def outcome(path: Path) -> str:
    try:
        return told(open_workbook(path))
    except Unreadable as refused:
        return refused.kind


@settings(max_examples=150, deadline=None)
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8),
    cut=st.one_of(st.none(), st.floats(0, 1)),
)
def test_no_mutation_of_the_file_gets_past(source, tmp_path_factory, changes, cut):
    data = bytearray(source.read_bytes())
    for at, mask in changes:
        data[int(at * len(data))] ^= mask
    if cut is not None:
        del data[int(cut * len(data)) :]
    path = tmp_path_factory.getbasetemp() / "mutation.xlsx"
    path.write_bytes(data)
    outcome(path)


# The same examples every time: what XML allows and no program writes may one day be found to read differently.
@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet2.xml", "xl/sharedStrings.xml", "docProps/custom.xml",
                          "xl/_rels/workbook.xml.rels", "_rels/.rels", "[Content_Types].xml"]),
    at=st.floats(0, 1, exclude_max=True),
    length=st.integers(0, 12),
    put=st.one_of(st.binary(max_size=6), st.sampled_from([b"<c/>", b"<v>", b'r="', b"&#1;", b"<extLst>", b"<!--", b"-1",
                                                          b"</row>", b"<row>", b"<f/>", b'"', b" ", b"0", b"s"])),
)  # fmt: skip
def test_no_mutation_of_a_part_makes_the_readers_differ(parts, tmp_path_factory, name, at, length, put):
    data = parts[name]
    start = int(at * len(data))
    path = tmp_path_factory.getbasetemp() / "part.xlsx"
    save(path, {**parts, name: data[:start] + put + data[start + length :]})
    outcome(path)
    try:
        first, second = ooxml_reader.read_ooxml(path), openpyxl_reader.read_with_openpyxl(path)
    except Exception:
        return
    assert told(first) == told(second)
