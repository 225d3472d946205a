"""Files among submissions that are no workbooks a merge can read as they lie there."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator

import xlsxwriter

from benchmarks.desk import Desk, Planted, place_of
from benchmarks.reports import reports
from workbook.excel.reading.reading_context import SUMMARY
from workbook.excel.template.template_writer import build_workbook

PROPERTIES = "docProps/custom.xml"
ARCHIVED = 3
"""How many workbooks lie in one archive."""


def compound(*streams: str) -> bytes:
    """A compound file as old Office programs write them, with streams of those names: head, sector table, directory."""
    names = ["Root Entry", *streams]
    sectors = -(-len(names) // 4)
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    struct.pack_into("<H", head, 30, 9)
    struct.pack_into("<I", head, 48, 1)
    struct.pack_into("<109I", head, 76, 0, *[0xFFFFFFFF] * 108)
    chain = [0xFFFFFFFD, *range(2, sectors + 1), 0xFFFFFFFE]
    table = struct.pack("<128I", *chain, *[0xFFFFFFFF] * (128 - len(chain)))
    entries = b""
    for name in names:
        text = name.encode("utf-16-le")
        entries += (text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2)).ljust(128, b"\0")
    return bytes(head) + table + entries.ljust(512 * sectors, b"\0")


def _document() -> bytes:
    """A text document, as little of one as is recognised."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("word/document.xml", "<document/>")
    return made.getvalue()


WRONG_FILES = {
    "empty": (".xlsx", b""),
    "encrypted": (".xlsx", compound("EncryptionInfo", "EncryptedPackage")),
    "old_excel": (".xls", compound("Workbook")),
    "pdf": (".pdf", b"%PDF-1.7\n%%EOF\n"),
    "document": (".docx", _document()),
}
"""What an agency hands in instead of the workbook: kind → suffix and content."""


def wrong_files(desk: Desk) -> Iterator[Planted]:
    for kind, (suffix, content) in WRONG_FILES.items():
        line, _, _ = desk.take()
        place = desk.place(line, suffix=suffix)
        desk.path(place).write_bytes(content)
        yield Planted(kind, place, line.code, "unreadable")


def cut_short(desk: Desk) -> Iterator[Planted]:
    """A workbook whose transfer broke off."""
    line, now, before = desk.take()
    whole = build_workbook(now, before)
    desk.path(desk.place(line)).write_bytes(whole[: len(whole) // 2])
    yield Planted("cut_short", desk.place(line), line.code, "unreadable")


def archived(desk: Desk) -> Iterator[Planted]:
    """Workbooks in an archive whose names are in the code page of a Chinese Windows."""
    lines = [desk.take() for _ in range(ARCHIVED)]
    place = f"{lines[0][0].folder}/打包报送-{lines[0][0].code}.zip".lstrip("/")
    with zipfile.ZipFile(desk.path(place), "w", zipfile.ZIP_STORED) as file:
        for line, now, before in lines:
            name = place_of(line, desk.year).rpartition("/")[2]
            file.writestr(_Named(name), build_workbook(now, before))
            desk.count(now)
            yield Planted("archived", f"{place}!{name}", line.code, "merged")


class _Named(zipfile.ZipInfo):
    """A member whose name is written as Windows does: GB 18030, and nothing says so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 -- the name zipfile calls
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def nobodys(desk: Desk) -> Iterator[Planted]:
    """Files that lie about and belong to no agency."""
    number = len(list(desk.folder.glob("通讯录*.xlsx"))) + 1
    for kind, place, content, status in (
        ("unrelated", f"通讯录{number}.xlsx", _address_book(), "foreign"),
        ("hidden", f".缓存{number}.xlsx", b"\0", "skipped"),
        ("owner_file", f"~$报送{number}.xlsx", b"\x05admin", "skipped"),
        ("summary", f"去年汇总{number}.xlsx", _summary(desk), "skipped"),
    ):
        desk.path(place).write_bytes(content)
        yield Planted(kind, place, "", status)


def _address_book() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("姓名", "电话"), ("张三", "010-1234")]):
            sheet.write_row(number, 0, row)
    return made.getvalue()


def _summary(desk: Desk) -> bytes:
    """An earlier summary: tables like a report's, which would count every agency twice, and the mark it is known by."""
    now, _ = reports(desk.strangers[0], desk.form, desk.year, desk.seed)
    made = io.BytesIO(build_workbook(now))
    with zipfile.ZipFile(made) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts[PROPERTIES] = parts[PROPERTIES].replace(b"ogi.stamp", SUMMARY.encode())
    marked = io.BytesIO()
    with zipfile.ZipFile(marked, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return marked.getvalue()


ODD_FILES = (wrong_files, cut_short, archived, nobodys)
