"""Any file handed in is opened by one of two readers, or refused in a sentence: whatever either of them meets."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reading.packages import PARTS, ROOT, expected, packed, without
from workbook.limits import TooLarge, TooSlow
from workbook.reading import package, tolerant
from workbook.reading.book import Book
from workbook.reading.opening import open_book
from workbook.reading.recognise import Unreadable, beyond, words_of
from workbook.safety.messages import Bilingual


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return packed(tmp_path / "年报.xlsx")


def failing(trouble: BaseException) -> Callable[[Path], Book]:
    def read(_: Path) -> Book:
        raise trouble

    return read


def refused(path: Path) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        open_book(path)
    return caught.value


def test_the_second_reader_is_asked_where_the_first_gives_up(path: Path) -> None:
    assert open_book(path) == expected(path, "package")
    packed(path, without(ROOT)(PARTS))
    assert open_book(path) == expected(path, "tolerant")


@pytest.mark.parametrize("trouble", [ValueError("x"), RecursionError(), AssertionError(), KeyError(7)])
def test_whatever_the_first_fails_by_the_second_is_asked(
    path: Path, trouble: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "read", failing(trouble))
    assert open_book(path).reader == "tolerant"


LAST: list[tuple[BaseException, str, Bilingual]] = [
    (TooLarge("cells"), "large", beyond("cells").message),
    (MemoryError(), "large", beyond("memory").message),
    (ValueError("x"), "damaged", words_of("damaged")),
    (OSError("openpyxl says so"), "damaged", words_of("damaged")),
    (OSError(errno.EIO, "the disk"), "unavailable", words_of("unavailable")),
]  # fmt: skip


@pytest.mark.parametrize(("trouble", "kind", "words"), LAST, ids=str)
def test_what_neither_can_read_is_refused_by_what_went_wrong_last(
    path: Path, trouble: Exception, kind: str, words: Bilingual, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = package.NotFast("of another kind")
    monkeypatch.setattr(package, "read", failing(first))
    monkeypatch.setattr(tolerant, "read", failing(trouble))
    found = refused(path)
    assert (found.kind, found.words) == (kind, words)
    assert found.__cause__ is (None if kind == "large" else first), "whoever looks for the reason finds the first"


@pytest.mark.parametrize(("trouble", "limit"), [(TooLarge("letters"), "letters"), (MemoryError(), "memory")])
def test_what_costs_too_much_is_not_asked_of_the_second(
    path: Path, trouble: Exception, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "read", failing(trouble))
    monkeypatch.setattr(tolerant, "read", failing(AssertionError()))
    assert (refused(path).kind, refused(path).words) == ("large", beyond(limit).words)


@pytest.mark.parametrize("reader", [package, tolerant])
def test_what_takes_too_long_is_said_to(path: Path, reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "read", failing(ValueError()))
    monkeypatch.setattr(reader, "read", failing(TooSlow()))
    assert refused(path).kind == "slow"


def test_what_is_no_workbook_is_asked_of_neither(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7")
    assert refused(path).kind == "pdf"
