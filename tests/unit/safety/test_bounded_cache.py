"""What is remembered between files: what all say, and nothing that one stranger's file says at length."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.quick_reader import QuickReader
from workbook.safety.limits import cache_short_texts


def test_what_is_short_is_worked_out_once_and_what_is_long_is_not_kept():
    asked = []

    @cache_short_texts(2, 5)
    def size(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [size(text) for text in ("总计", "总计", "一二三四五六", "一二三四五六")] == [2, 2, 6, 6]
    assert asked == ["总计", "一二三四五六", "一二三四五六"]
    assert [size(text) for text in ("甲乙丙丁戊", "甲乙丙丁戊", "", "总计")] == [5, 5, 0, 2]
    assert asked[3:] == ["甲乙丙丁戊", "", "总计"], "of three, the one asked longest ago was forgotten"


def stranger(path: Path, number: int) -> Path:
    """A workbook whose every part says at length what no other says."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.add_worksheet().write_string(0, 0, "姓名")
        book.set_custom_property("单位", "某局")
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            start, end, rest = old.read(name).decode().rpartition("</")
            new.writestr(name, f"{start}<!--{f'{number}' * 100_000}-->{end}{rest}")
    return path


def test_strangers_leave_nothing_behind(tmp_path):
    """Each takes some 300 KB a part."""
    files = [stranger(tmp_path / f"{number}.xlsx", number) for number in range(100, 112)]

    def merged(some):
        reader = QuickReader()
        for path in some:
            with pytest.raises(Unreadable):
                reader.read(path)

    merged(files[:2])  # all that is loaded once
    tracemalloc.start()
    try:
        merged(files[2:])
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 1 << 20
