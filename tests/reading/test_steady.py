"""A file that changes while it is read is not believed, whatever was read of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbook.reading.recognise import Unreadable
from workbook.reading.steady import state, steady


def test_a_file_is_known_by_its_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "年报.xlsx"
    assert state(path) is None
    assert state(Path("a\0b")) is None
    path.write_bytes(b"123")
    os.utime(path, ns=(7, 1_000))
    assert state(path) == (3, 1_000)


CHANGES = {
    "longer": lambda path: path.write_bytes(b"1234"),
    "written anew": lambda path: os.utime(path, ns=(7, 2_000)),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("fails", [False, True])
def test_what_was_read_of_a_file_that_changed_is_not_believed(tmp_path: Path, name: str, fails: bool) -> None:
    path = tmp_path / "年报.xlsx"
    path.write_bytes(b"123")
    os.utime(path, ns=(7, 1_000))

    @steady
    def read(path: Path) -> bytes:
        CHANGES[name](path)
        if fails:
            raise ValueError
        return b""

    with pytest.raises(Unreadable) as refused:
        read(path)
    assert refused.value.kind == "changed"


def test_what_was_read_of_a_file_that_stayed_is_given_and_so_is_its_failure(tmp_path: Path) -> None:
    path = tmp_path / "年报.xlsx"
    path.write_bytes(b"123")
    assert steady(Path.read_bytes)(path) == b"123"
    with pytest.raises(UnicodeDecodeError):
        steady(lambda path: path.read_bytes().decode("utf-16"))(path)
    with pytest.raises(FileNotFoundError):
        steady(Path.read_bytes)(tmp_path / "没有.xlsx")
