"""Workbooks of ours, altered by `tests/samples/package_edits.py` and in their XML. The reader that learnt the template
says exactly what the full reader says, or leaves the file to it; what was read can be checked, told, written and read
back the same."""

from __future__ import annotations

import zlib
from functools import cache
from pathlib import Path
from random import Random
from unittest import mock

from tests.integration.test_reader_agreement import primed
from tests.robustness.fuzz.mutation import changed_archive, changed_markup, packed, unpacked
from tests.robustness.fuzz.oracle import check_submission
from tests.robustness.fuzz.samples import workbooks
from tests.samples import package_edits
from tests.samples.template_variants import InFull, nobody, said
from workbook.excel.reading import quick_reader
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.quick_reader import QuickReader
from workbook.excel.reading.workbook_reader import read_workbook

REWRITTEN = 12


@cache
def reader(folder: Path) -> QuickReader:
    return primed(folder)


def seeds() -> list[bytes]:
    return [packed(unpacked(data) or []) for data in workbooks()]


def changed(data: bytes, draw: Random) -> bytes:
    if draw.random() < 0.7 and (parts := unpacked(data)):
        edited = dict(parts)
        try:
            for _ in range(draw.choice((1, 1, 2, 5))):
                edited = package_edits.edited(edited, draw)
            return packed(list(edited.items()))
        except (KeyError, IndexError, ValueError):  # a part that is edited is gone
            return data
    return changed_archive(data, draw, lambda _, part, draw: changed_markup(part, draw))


def tried(data: bytes, folder: Path) -> None:
    path = folder / "年报.xlsx"
    own = reader(folder)
    path.write_bytes(data)
    with mock.patch.object(quick_reader, "open_workbook", nobody):
        try:
            fast = own.read(path)
        except InFull:
            fast = None
    try:
        full = read_workbook(path)
    except Unreadable as refused:
        assert refused.message.zh
        assert fast is None, "read fast, refused in full"
        return
    if fast is not None:
        assert said(fast) == said(full)
    check_submission(full, folder, write_too=zlib.crc32(data) % REWRITTEN == 0)
