from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from workbook.reading.opening import open_book
from workbook.reading.recognise import KINDS, Unreadable, recognise


def compound(*streams: str) -> bytes:
    """A compound file of 512-byte sectors: the table of sectors first, then the directory, four names a sector."""
    names = ["Root Entry", *streams]
    sectors = [names[i : i + 4] for i in range(0, len(names), 4)]
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    struct.pack_into("<H", head, 30, 9)
    struct.pack_into("<I", head, 48, 1)
    struct.pack_into("<109I", head, 76, 0, *[0xFFFFFFFF] * 108)
    chain = [0xFFFFFFFD, *range(2, len(sectors) + 1), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    entries = b""
    for name in (name for sector in sectors for name in sector):
        text = name.encode("utf-16-le")
        entries += (text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2)).ljust(128, b"\0")
    return bytes(head) + table + entries.ljust(512 * len(sectors), b"\0")


def archive(path: Path, **members: str) -> bytes:
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path.read_bytes()


MACROS = ["_VBA_PROJECT_CUR", "VBA", "dir", "Sheet1", "ThisWorkbook"]
SAMPLES = [
    ("旧.xls", compound("Workbook"), "xls"),
    ("更旧.xls", compound("Book"), "xls"),
    ("带宏.xls", compound(*MACROS, "Workbook"), "xls"),
    ("改名.xlsx", compound("Workbook"), "xls"),
    ("表.et", compound("Workbook"), "et"),
    ("密.xlsx", compound("DataSpaces", "Version", "DataSpaceMap", "EncryptionInfo", "EncryptedPackage"), "encrypted"),
    (
        "授权.xlsx",
        compound("DRMEncryptedDataSpace", "DRMEncryptedTransform", "EncryptedPackage"),
        "rights",
    ),
    ("授权.xls", compound("Workbook", "\x09DRMDataSpace", "\x09DRMTransform", "\x09DRMContent"), "rights"),
    ("加密软件.xlsx", b"%TSD-Header-###%" + bytes(5000), "rights"),
    ("加密软件2.xlsx", b"b\x14#e\0\0E-SafeNet\0\0LOCK" + bytes(5000), "rights"),
    ("大写.xls", compound("WORKBOOK"), "xls"),
    ("文.xlsx", compound("WordDocument"), "word"),
    ("演.xlsx", compound("PowerPoint Document"), "slides"),
    ("邮件.xlsx", compound("__properties_version1.0"), "office"),
    ("残.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "damaged"),
    ("残2.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged"),
    ("页.xls", b"\r\n<html xmlns:o='x'><table>", "html"),
    ("页2.xlsx", "\ufeff<!DOCTYPE html>".encode(), "html"),
    ("页3.xls", "<meta charset='gbk'><table>\u4e00".encode("gbk"), "html"),
    ("表.csv", "事项,数量\n新收,12\n".encode(), "text"),
    ("表.xlsx", "事项,数量\n新收,12\n".encode("gb18030"), "text"),
    ("表16.xlsx", "事项\t数量\n".encode("utf-16"), "text"),
    ("表.xml", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "xml2003"),
    ("平.xlsx", b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument"/>', "ods"),
    ("x.xml", b'<?xml version="1.0"?><a/>', "unknown"),
    ("年报.pdf", b"%PDF-1.7\n", "pdf"),
    ("图.xlsx", b"\x89PNG\r\n\x1a\n", "picture"),
    ("图2.xlsx", b"\xff\xd8\xff\xe0", "picture"),
    ("图3.xlsx", b"GIF89a", "picture"),
    ("图4.xlsx", b"BM" + bytes(30), "picture"),
    ("图5.xlsx", b"RIFF\1\0\0\0WEBPVP8 ", "picture"),
    ("包.rar", b"Rar!\x1a\x07\0", "archive"),
    ("包.7z", b"7z\xbc\xaf\x27\x1c", "archive"),
    ("富.xlsx", b"{\\rtf1", "word"),
    ("空.xlsx", b"", "empty"),
    ("~$年报.xlsx", b"\x05admin", "owner"),
    ("说明.txt", b"PKU", "text"),
    ("乱.xlsx", bytes(range(1, 200)), "unknown"),
    ("残.xlsx", b"PK\3\4" + bytes(300), "damaged"),
]


@pytest.mark.parametrize(("name", "data", "kind"), SAMPLES, ids=[name for name, _, _ in SAMPLES])
def test_what_is_no_workbook_is_named(tmp_path, name, data, kind):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Unreadable) as refused:
        recognise(path)
    assert refused.value.kind == kind
    with pytest.raises(Unreadable):
        open_book(path)


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ""}, "ods"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "unknown"),
        ({"[Content_Types].xml": "", "xl/workbook.bin": ""}, "xlsb"),
        ({"[Content_Types].xml": "", "word/document.xml": ""}, "word"),
        ({"[Content_Types].xml": "", "ppt/presentation.xml": ""}, "slides"),
        ({"[Content_Types].xml": "<Types/>"}, "unknown"),
        ({"年报.xlsx": "PK"}, "archive"),
        ({"Index/Document.iwa": ""}, "unknown"),
        (
            {"[Content_Types].xml": "ms-excel.sheet.binary.macroEnabled.main", "w/workbook.bin": ""},
            "xlsb",
        ),
        ({"[Content_Types].xml": "wordprocessingml.document.main+xml", "word/document2.xml": ""}, "word"),
        ({"xl/worksheets/sheet1.xml": ""}, "damaged"),
        ({}, "damaged"),
    ],
)
def test_what_is_an_archive_but_no_workbook_is_named(tmp_path, members, kind):
    path = tmp_path / "年报.xlsx"
    archive(path, **members)
    with pytest.raises(Unreadable) as refused:
        recognise(path)
    assert refused.value.kind == kind


def test_a_damaged_list_of_types_is_no_surprise(tmp_path):
    path = tmp_path / "年报.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "spreadsheetml" * 50)
    data = bytearray(path.read_bytes())
    data[50] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(Unreadable) as refused:
        recognise(path)
    assert refused.value.kind == "damaged"


def test_missing_folder_pipe_and_impossible_name(tmp_path):
    os.mkfifo(tmp_path / "管道.xlsx")
    for path, kind in [
        (tmp_path / "没有.xlsx", "missing"),
        (tmp_path, "directory"),
        (tmp_path / "管道.xlsx", "special"),
        (Path("a\0b.xlsx"), "missing"),
        (tmp_path / ("长" * 300), "unavailable"),
    ]:
        with pytest.raises(Unreadable) as refused:
            open_book(path)
        assert refused.value.kind == kind


@pytest.mark.parametrize(("trouble", "kind"), [(PermissionError, "permission"), (OSError, "unavailable")])
def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch, trouble, kind):
    path = tmp_path / "年报.xlsx"
    path.write_bytes(b"PK")

    def refuse(*_args, **_kwargs):
        raise trouble

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Unreadable) as refused:
        recognise(path)
    assert refused.value.kind == kind


def test_a_workbook_passes_under_any_extension(tmp_path):
    path = tmp_path / "年报.xls"
    book = xlsxwriter.Workbook(str(path))
    book.add_worksheet().write(0, 0, 1)
    book.close()
    recognise(path)
    path.write_bytes(b"MZ junk \0" * 20 + path.read_bytes())
    recognise(path)


def test_every_kind_says_what_it_is_and_what_to_do_in_both_languages():
    for words in KINDS.values():
        assert words.zh.endswith("。")
        assert "：" in words.zh
        assert words.en.endswith(".")
        assert words.zh.count("。") == 1
