"""File names made of whatever an agency calls itself."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbook.safety.unsafe_text import MOST_BYTES, FileNames, make_safe_name

NASTY = [
    "../../etc/passwd", "CON", "nul.txt", "COM1 .x", "a:b", "某局\n\x00", "..", " . ", "", "-rf", "~$某局", "%PATH%",
    "\u202eabc", "\ud800", "局" * 500, "LPT¹", "某局.", "aux.局",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("某县统计局", "某县统计局"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("-rf", "_-rf"),
        ("~$某局", "_~$某局"),
        ("某局\n", "某局_"),
        ("..", "_"),
        ("", "_"),
        ("A&B（办）'x'", "A&B（办）'x'"),
    ],
)
def test_what_becomes_of_a_name(text: str, stem: str) -> None:
    assert make_safe_name(text) == stem


@given(st.one_of(st.sampled_from(NASTY), st.text(max_size=200)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_makes_one_file_in_its_folder(tmp_path: Path, text: str) -> None:
    name = FileNames().take(text, ".txt")
    path = tmp_path / name
    path.write_bytes(b"x")
    assert os.listdir(tmp_path) == [name]  # noqa: PTH208 -- as the system has it
    path.unlink()
    assert PureWindowsPath(name).name == name
    assert not PureWindowsPath(name).is_reserved()
    assert not set('<>:"/\\|?*') & set(name)
    assert name.isprintable()
    assert len(name.encode()) <= MOST_BYTES + 4
    assert name.removesuffix(".txt") == name.removesuffix(".txt").strip(" .")
    assert not name.startswith(("-", "~", "."))


@given(st.lists(st.one_of(st.sampled_from([*NASTY, "a", "A", "Ａ", "a-2", "é", "e\u0301"]), st.text(max_size=4))))
def test_no_two_names_are_alike_on_any_system(some: list[str]) -> None:
    names = FileNames("清单")
    given_ = ["清单", *(names.take(text, "") for text in some)]
    folded = [unicodedata.normalize("NFKC", name.casefold()).casefold() for name in given_]
    assert len(set(folded)) == len(given_)
    assert all(len(name.encode()) <= MOST_BYTES for name in given_)
