"""A file that changes while it is read is not believed, whatever was read of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbook.excel.reading.file_type import Unreadable, get_file_state, refuse_changing_file


def test_a_file_is_known_by_its_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "年报.xlsx"
    assert get_file_state(path) is None
    assert get_file_state(Path("a\0b")) is None
    path.write_bytes(b"123")
    os.utime(path, ns=(7, 1_000))
    assert get_file_state(path) == (3, 1_000)


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

    @refuse_changing_file
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
    assert refuse_changing_file(Path.read_bytes)(path) == b"123"
    with pytest.raises(UnicodeDecodeError):
        refuse_changing_file(lambda path: path.read_bytes().decode("utf-16"))(path)
    with pytest.raises(FileNotFoundError):
        refuse_changing_file(Path.read_bytes)(tmp_path / "没有.xlsx")
