from __future__ import annotations

import os
import signal
import struct
import zipfile
from pathlib import Path

import pytest

from workbook.excel.reading.file_type import (
    Unreadable,
    build_too_large_error,
    get_kind_message,
    list_unread_kinds,
    read_within_time,
    recognise_file,
)
from workbook.excel.reading.workbook_reader import open_workbook
from workbook.safety.limits import TooSlow, describe_limit
from workbook.safety.messages import Bilingual


def compound(
    *streams: str, root: str = "Root Entry", size: int = 512, at: int = 1, end: int = 0xFFFFFFFE, table: int = 0
) -> bytes:
    """A compound file: the table of sectors first, the directory from sector `at` on, and what follows its last sector.

    `table` is the sector where the table is said to begin.
    """
    entries = [root, *streams]
    sectors = -(-len(entries) // (size // 128))
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(size, b"\0"))
    tables = (at + sectors) // (size // 4) + 1
    struct.pack_into("<H", head, 30, size.bit_length() - 1)
    struct.pack_into("<I", head, 48, at)
    struct.pack_into("<109I", head, 76, *range(table, table + tables), *[0xFFFFFFFF] * (109 - tables))
    chain = [*[0xFFFFFFFF] * at, *range(at + 1, at + sectors), end]
    chain += [0xFFFFFFFF] * (size // 4 * tables - len(chain))
    directory = b"".join(map(_entry, entries)).ljust(size * sectors, b"\0")
    return bytes(head) + struct.pack(f"<{len(chain)}I", *chain).ljust(size * at, b"\0") + directory


def _entry(name: str) -> bytes:
    text = name.encode("utf-16-le", "surrogatepass")
    return (text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2) + b"\1\1" + b"\xff" * 12).ljust(128, b"\0")


def patched(raw: bytes, at: int, data: bytes) -> bytes:
    return raw[:at] + data + raw[at + len(data) :]


def archive(path: Path, **members: str | bytes) -> bytes:
    with zipfile.ZipFile(path, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path.read_bytes()


def kind(path: Path) -> str:
    """What a file is recognised as; it is no workbook."""
    with pytest.raises(Unreadable) as refused:
        recognise_file(path)
    return refused.value.kind


MANY = [f"Stream {n}" for n in range(1023)]
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
    ("第四个.xls", compound("甲", "乙", "Workbook"), "xls"),
    ("远.xls", compound(*MANY[:7], "Workbook", at=200), "xls"),
    ("大扇区.xls", compound(*MANY[:40], "Workbook", size=4096), "xls"),
    ("大扇区远.xls", compound(*MANY[:40], "Book", size=4096, at=1100), "xls"),
    ("最后一个.xls", compound(*MANY[:1022], "Workbook", at=10), "xls"),
    ("太远.xls", compound(*MANY[:1023], "Workbook", at=10), "office"),
    ("怪扇区.xls", compound("Workbook", size=1024), "damaged"),
    ("绕圈.xls", compound("Workbook", end=1), "xls"),
    ("没有表.xls", compound("Workbook", table=5000), "xls"),
    ("截断.xls", compound("Workbook", "甲")[:-200], "xls"),
    ("出表.xls", compound("Workbook", end=109 * 128), "xls"),
    ("出文件.xls", compound("Workbook", end=100 * 128), "xls"),
    ("出文件2.xls", compound(root="", end=100 * 128 + 19), "damaged"),
    ("很远.xls", compound("Workbook", at=12_000), "xls"),
    ("无名.xls", compound(root=""), "damaged"),
    ("坏名.xls", compound("\ud800", "Workbook"), "xls"),
    ("长名.xls", patched(compound(), 1024 + 64, b"\xff\xff"), "office"),
    ("无目录.xls", patched(compound("Workbook"), 48, b"\xfe\xff\xff\xff"), "damaged"),
    ("表.ETT", compound("Workbook"), "et"),
    ("残.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "damaged"),
    ("残2.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged"),
    ("页.xls", b"\r\n<html xmlns:o='x'><table>", "html"),
    ("页2.xlsx", "\ufeff<!DOCTYPE html>".encode(), "html"),
    ("页3.xls", "<meta charset='gbk'><table>\u4e00".encode("gbk"), "html"),
    ("页4.xls", b" \n<TABLE border=1>", "html"),
    ("页5.xls", b"<HEAD>", "html"),
    ("页6.xls", b"<Style>", "html"),
    ("页7.xls", b"MIME-Version: 1.0\n", "html"),
    ("页8.xls", b'<?xml version="1.0"?><HTML>', "html"),
    ("页16.xls", "<html>".encode("utf-16"), "html"),
    ("段.txt", b"<p>", "text"),
    ("表.csv", "事项,数量\n新收,12\n".encode(), "text"),
    ("表.xlsx", "事项,数量\n新收,12\n".encode("gb18030"), "text"),
    ("表16.xlsx", "事项\t数量\n".encode("utf-16"), "text"),
    ("表.xml", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "xml2003"),
    ("表16b.xlsx", b"\xfe\xff" + "事项\t数量\n".encode("utf-16-be"), "text"),
    ("半个.xlsx", "事项".encode("utf-16") + b"\x01", "text"),
    ("表2.xml", b'<?XML version="1.0"?><a xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "xml2003"),
    ("平.xlsx", b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument"/>', "ods"),
    ("x.xml", b'<?xml version="1.0"?><a/>', "unknown"),
    ("年报.pdf", b"%PDF-1.7\n", "pdf"),
    ("图.xlsx", b"\x89PNG\r\n\x1a\n", "picture"),
    ("图2.xlsx", b"\xff\xd8\xff\xe0", "picture"),
    ("图3.xlsx", b"GIF89a", "picture"),
    ("图4.xlsx", b"BM" + bytes(30), "picture"),
    ("图5.xlsx", b"RIFF\1\0\0\0WEBPVP8 ", "picture"),
    ("图6.xlsx", b"\0\0\0\x18ftypheic", "picture"),
    ("声.xlsx", b"RIFF\1\0\0\0WAVEfmt ", "unknown"),
    ("说明.txt", b"ABC_\x0a\x0a\x0a\x0aWEBP", "text"),
    ("说明.txt", b"BM, 12", "text"),
    ("说明.txt", b"x" * 56 + b"E-SafeNet", "text"),
    ("说明.txt", b"x" * 4096 + b"\1", "text"),
    ("分卷.zip", b"PK\7\x08" + bytes(50), "damaged"),
    ("空.zip", b"PK\5\6" + bytes(5), "damaged"),
    ("包.rar", b"Rar!\x1a\x07\0", "archive"),
    ("包.7z", b"7z\xbc\xaf\x27\x1c", "archive"),
    ("富.xlsx", b"{\\rtf1", "word"),
    ("空.xlsx", b"", "empty"),
    ("~$年报.xlsx", b"\x05admin", "owner"),
    (".~lock.年报.xlsx#", b",admin", "owner"),
    ("说明.txt", b"PKU", "text"),
    ("乱.xlsx", bytes(range(1, 200)), "unknown"),
    ("残.xlsx", b"PK\3\4" + bytes(300), "damaged"),
]


@pytest.mark.parametrize(
    ("name", "data", "kind"), SAMPLES, ids=[f"{n} {name}" for n, (name, _, _) in enumerate(SAMPLES)]
)
def test_what_is_no_workbook_is_named(tmp_path, name, data, kind):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Unreadable) as refused:
        recognise_file(path)
    assert refused.value.kind == kind
    with pytest.raises(Unreadable):
        open_workbook(path)


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ""}, "ods"),
        ({"mimetype": "application/vnd.oasis.opendocument.text"}, "unknown"),
        ({"mimetype": " " * 76 + "opendocument.spreadsheet"}, "ods"),
        ({"mimetype": " " * 77 + "opendocument.spreadsheet"}, "unknown"),
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
        ({"[Content_Types].xml": "presentationml.presentation.main+xml", "p/a.xml": ""}, "slides"),
        ({"[Content_Types].xml": " " * (1 << 20) + "spreadsheetml"}, "unknown"),
        ({"XL\\Workbook.bin": ""}, "xlsb"),
        ({"Word/Document.xml": ""}, "word"),
        ({"Mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "ods"),
        ({"xl/worksheets/sheet1.xml": ""}, "damaged"),
        ({"XL\\worksheets\\sheet1.xml": ""}, "damaged"),
        ({}, "damaged"),
    ],
)
def test_what_is_an_archive_but_no_workbook_is_named(tmp_path, members, kind):
    path = tmp_path / "年报.xlsx"
    archive(path, **members)
    with pytest.raises(Unreadable) as refused:
        recognise_file(path)
    assert refused.value.kind == kind


def test_a_damaged_list_of_types_is_no_surprise(tmp_path):
    path = tmp_path / "年报.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "spreadsheetml" * 50)
    data = bytearray(path.read_bytes())
    data[50] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(Unreadable) as refused:
        recognise_file(path)
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
            open_workbook(path)
        assert refused.value.kind == kind


@pytest.mark.parametrize(("trouble", "kind"), [(PermissionError, "permission"), (OSError, "unavailable")])
def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch, trouble, kind):
    path = tmp_path / "年报.xlsx"
    path.write_bytes(b"PK")

    def refuse(*_args, **_kwargs):
        raise trouble

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Unreadable) as refused:
        recognise_file(path)
    assert refused.value.kind == kind


@pytest.mark.parametrize(
    "members",
    [
        {"xl/workbook.xml": ""},
        {"XL\\WORKBOOK.XML": ""},
        {"[Content_Types].xml": "spreadsheetml.sheet.main+xml", "a/b.xml": ""},
        {"[content_types].XML": "spreadsheetml.sheet.main+xml".encode("utf-16")},
        {"[Content_Types].xml": " " * ((1 << 20) - 13) + "spreadsheetml"},
    ],
)
@pytest.mark.parametrize("name", ["年报.xlsx", "年报.xls", "年报"])
def test_a_workbook_passes_whatever_it_is_called(tmp_path, members, name):
    archive(tmp_path / name, **members)
    recognise_file(tmp_path / name)


@pytest.mark.parametrize("before", [b"<html>5</html>", b"MZ junk \0" * 20])
def test_a_workbook_behind_something_else_may_be_shown_in_two_ways(tmp_path, before):
    path = tmp_path / "年报.xlsx"
    path.write_bytes(before + archive(path, **{"xl/workbook.xml": ""}))
    assert kind(path) == "ambiguous"


def test_an_archive_behind_something_else_is_one(tmp_path):
    path = tmp_path / "包.exe"
    path.write_bytes(b"MZ junk \0" * 20 + archive(path, **{"年报.xlsx": "PK"}))
    assert kind(path) == "archive"


@pytest.mark.parametrize("locked", [("a.xml",), ("xl/workbook.xml",), ("xl/workbook.xml", "a.xml")])
def test_a_workbook_of_which_any_part_needs_a_password_is_encrypted(tmp_path, locked):
    raw = bytearray(archive(tmp_path / "密.xlsx", **{"xl/workbook.xml": "", "a.xml": ""}))
    for name in locked:
        raw[raw.rfind(name.encode()) - 46 + 8] |= 1
    (tmp_path / "密.xlsx").write_bytes(raw)
    assert kind(tmp_path / "密.xlsx") == "encrypted"


def test_parts_that_share_bytes_are_a_forgery(tmp_path):
    raw = bytearray(archive(tmp_path / "假.xlsx", **{"xl/workbook.xml": "", "a.xml": ""}))
    struct.pack_into("<I", raw, raw.rfind(b"PK\1\2") + 42, 0)
    (tmp_path / "假.xlsx").write_bytes(raw)
    assert kind(tmp_path / "假.xlsx") == "forged"


@pytest.mark.parametrize(("more", "found"), [(-1, "large"), (0, "large"), (1, "archive")])
def test_parts_are_counted_unless_the_file_is_larger_than_any_reader_takes(tmp_path, monkeypatch, more, found):
    monkeypatch.setenv("OGI_LIMITS", "file=1 parts=2")
    path = tmp_path / "包.zip"
    least = len(archive(path, a="", b="", c=""))
    archive(path, a="", b="", c="x" * ((1 << 20) - least + more))
    assert path.stat().st_size == (1 << 20) + more
    assert kind(path) == found
    archive(path, a="", b="")
    assert kind(path) == "archive"


# what is said of it


def test_a_refusal_is_the_sentence_of_its_kind_or_one_of_its_own():
    assert (str(Unreadable("xls")), Unreadable("xls").message) == (get_kind_message("xls").zh, get_kind_message("xls"))
    own = Bilingual("某处读不出。", "It cannot be read somewhere.")
    assert (str(Unreadable("xls", own)), Unreadable("xls", own).message, Unreadable("xls", own).kind) == (
        own.zh,
        own,
        "xls",
    )


def test_a_file_beyond_a_limit_is_told_which_and_how_to_widen_it(tmp_path, monkeypatch):
    assert (build_too_large_error("").kind, build_too_large_error("").message) == ("large", get_kind_message("large"))
    said, large, more = build_too_large_error("cells").message, get_kind_message("large"), describe_limit("cells")
    assert (build_too_large_error("cells").kind, said) == ("large", Bilingual(large.zh + more.zh, large.en + more.en))
    monkeypatch.setenv("OGI_LIMITS", "parts=1")
    archive(tmp_path / "年报.xlsx", a="", b="")
    with pytest.raises(Unreadable) as refused:
        recognise_file(tmp_path / "年报.xlsx")
    assert refused.value.message == build_too_large_error("parts").message


@pytest.mark.timeout(60, method="thread")  # the other method is the clock that is tested here
def test_a_file_whose_time_is_over_is_told_how_long_it_had(monkeypatch):
    monkeypatch.setenv("OGI_LIMITS", "seconds=7")
    with pytest.raises(Unreadable) as refused, read_within_time():
        assert 6 < signal.getitimer(signal.ITIMER_REAL)[0] <= 7
        raise TooSlow
    slow, more = get_kind_message("slow"), describe_limit("seconds")
    assert (refused.value.kind, refused.value.message) == ("slow", Bilingual(slow.zh + more.zh, slow.en + more.en))
    with read_within_time():
        pass


def test_every_kind_says_what_it_is_and_what_to_do_in_both_languages():
    for words in map(get_kind_message, list_unread_kinds()):
        assert words.zh.endswith("。")
        assert "：" in words.zh
        assert words.en.endswith(".")
        assert words.zh.count("。") == 1


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("公开.html", "<!DOCTYPE html><p>公告", "网页文件"),
        ("公开.HTM", "<html><table>", "网页文件"),
        ("公开.mht", "MIME-Version: 1.0\n", "网页文件"),
        ("说明.txt", "请注意报送时间", "文本文件"),
        ("说明.md", "# 说明", "文本文件"),
        ("网页另存.txt", "<html><p>说明", "文本文件"),
        ("没有扩展名", "说明", "文本文件"),
        ("单位.csv", "单位,电话\n甲局,1\n", "文本表格（CSV）"),
        ("来信.eml", "MIME-Version: 1.0\nSubject: x\n", "电子邮件"),
        ("来信2.eml", "Received: from x\n", "电子邮件"),
    ],
)
def test_what_does_not_pretend_to_be_a_workbook_is_not_told_so(
    tmp_path: Path, name: str, content: str, told: str
) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(Unreadable) as refused:
        recognise_file(path)
    words = refused.value.message
    assert told in words.zh
    assert words.en
    for false in ("只是用了", "其实", "在 Excel 或 WPS 中打开"):
        assert false not in words.zh
    assert name.partition(".")[2].lower() != "html" or "ogi import" in words.zh
