"""Any file handed in is opened by one of two readers, or refused in a sentence: whatever either of them meets."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.samples.minimal_workbooks import PARTS, ROOT, expected, packed, without
from workbook.excel.reading import ooxml_reader, openpyxl_reader
from workbook.excel.reading.file_type import Unreadable, build_too_large_error, get_kind_message
from workbook.excel.reading.workbook_contents import WorkbookContents
from workbook.excel.reading.workbook_reader import open_workbook
from workbook.safety.limits import TooLarge, TooSlow
from workbook.safety.messages import Bilingual


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return packed(tmp_path / "年报.xlsx")


def failing(trouble: BaseException) -> Callable[[Path], WorkbookContents]:
    def read(_: Path) -> WorkbookContents:
        raise trouble

    return read


def refused(path: Path) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        open_workbook(path)
    return caught.value


def test_the_second_reader_is_asked_where_the_first_gives_up(path: Path) -> None:
    assert open_workbook(path) == expected(path, "package")
    packed(path, without(ROOT)(PARTS))
    assert open_workbook(path) == expected(path, "tolerant")


@pytest.mark.parametrize("trouble", [ValueError("x"), RecursionError(), AssertionError(), KeyError(7)])
def test_whatever_the_first_fails_by_the_second_is_asked(
    path: Path, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ooxml_reader, "read_ooxml", failing(trouble))
    assert open_workbook(path).reader == "tolerant"


LAST: list[tuple[BaseException, str, Bilingual]] = [
    (TooLarge("cells"), "large", build_too_large_error("cells").message),
    (MemoryError(), "large", build_too_large_error("memory").message),
    (ValueError("x"), "damaged", get_kind_message("damaged")),
    (OSError("openpyxl says so"), "damaged", get_kind_message("damaged")),
    (OSError(errno.EIO, "the disk"), "unavailable", get_kind_message("unavailable")),
]  # fmt: skip


@pytest.mark.parametrize(("trouble", "kind", "words"), LAST, ids=str)
def test_what_neither_can_read_is_refused_by_what_went_wrong_last(
    path: Path, trouble: Exception, kind: str, words: Bilingual, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ooxml_reader.NeedsOpenpyxl("of another kind")
    monkeypatch.setattr(ooxml_reader, "read_ooxml", failing(first))
    monkeypatch.setattr(openpyxl_reader, "read_with_openpyxl", failing(trouble))
    found = refused(path)
    assert (found.kind, found.message) == (kind, words)
    assert found.__cause__ is (None if kind == "large" else first), "whoever looks for the reason finds the first"


@pytest.mark.parametrize(("trouble", "limit"), [(TooLarge("letters"), "letters"), (MemoryError(), "memory")])
def test_what_costs_too_much_is_not_asked_of_the_second(
    path: Path, trouble: Exception, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ooxml_reader, "read_ooxml", failing(trouble))
    monkeypatch.setattr(openpyxl_reader, "read_with_openpyxl", failing(AssertionError()))
    assert (refused(path).kind, refused(path).message) == ("large", build_too_large_error(limit).message)


@pytest.mark.parametrize(("reader", "name"), [(ooxml_reader, "read_ooxml"), (openpyxl_reader, "read_with_openpyxl")])
def test_what_takes_too_long_is_said_to(path: Path, reader, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ooxml_reader, "read_ooxml", failing(ValueError()))
    monkeypatch.setattr(reader, name, failing(TooSlow()))
    assert refused(path).kind == "slow"


def test_what_is_no_workbook_is_asked_of_neither(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7")
    assert refused(path).kind == "pdf"
