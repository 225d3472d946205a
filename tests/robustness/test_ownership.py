"""Only what is ours is removed: by name, by the mark inside and by owner, in temporary folders and beside outputs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.samples.agency_files import put, report
from workbook.cli import main
from workbook.safety import atomic_write, owned_folders

SIXTEEN = "0123456789abcdef"
Place = tuple[Path, Callable[[], int]]
"""A folder that is tidied, and the command that does it."""


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def old(path: Path) -> Path:
    """The same, last changed half a century ago."""
    os.utime(path, (0, 0), follow_symlinks=False)
    return path


@pytest.fixture(params=["temporary", "beside"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The system's temporary folder, tidied by a merge; a folder of outputs, by whatever writes into it."""
    folder = tmp_path / "place"
    folder.mkdir()
    reports = put(tmp_path / "in", {"1.json": report(1)})
    if request.param == "temporary":
        monkeypatch.setattr("tempfile.tempdir", str(folder))
        argv = ["merge", str(reports), "-o", str(tmp_path / "汇总.json"), "--force"]
    else:
        argv = ["import", str(reports / "1.json"), "-o", str(folder / "出.xlsx"), "--force"]

    def run() -> int:
        code = main(argv)
        (folder / "出.xlsx").unlink(missing_ok=True)
        return code

    return folder, run


NAMES = ("ogi-workbook", "ogi-20251231", "ogi-2025data", "ogi-abcd_123",
         f"ogi-{SIXTEEN}", f".汇总.xlsx.{SIXTEEN}.part", f".催报.{SIXTEEN}.old")  # fmt: skip


@pytest.mark.parametrize("mark", [None, b"", b"made by somebody else\n"])
def test_a_folder_is_not_removed_for_its_name(place: Place, mark: bytes | None) -> None:
    folder, run = place
    for name in NAMES:
        put(folder / name, {"work/年报.xlsx": b"a year's work"})
        if mark is not None:
            (folder / name / owned_folders.MARK).write_bytes(mark)
        old(folder / name)
    before = tree(folder)
    assert run() == 0
    assert tree(folder) == before


def test_a_file_is_not_removed_for_its_name(place: Place) -> None:
    folder, run = place
    for name in NAMES:
        (folder / name).write_bytes(b"theirs")
        old(folder / name)
    assert run() == 0
    assert tree(folder) == dict.fromkeys(NAMES, b"theirs")


def left_in(folder: Path) -> tuple[Path, Path]:
    """What two runs that were killed left: one among temporary files, one beside an output."""
    found = (
        owned_folders.make_owned_folder(folder, f"ogi-{owned_folders.make_token()}"),
        atomic_write.make_folder_beside(folder / "汇总.xlsx"),
    )
    for one in found:
        put(one, {"deeper/某局.xlsx": b"half"})
    return found


def test_what_a_killed_run_left_goes_after_a_day(place: Place) -> None:
    folder, run = place
    yesterday, today = left_in(folder), left_in(folder)
    for one in yesterday:
        old(one)
    assert run() == 0
    gone = [one for one in yesterday if not one.exists()]
    assert len(gone) == 1  # the other kind is tidied elsewhere
    assert all(one.exists() for one in today)


def test_a_copy_of_what_was_left_is_not_ours(place: Place) -> None:
    """Somebody looks into it, and keeps a copy under a name that looks alike."""
    folder, run = place
    for one in left_in(folder):
        copy = one.with_name(one.name.replace(one.name[-10:-6], "beef"))
        shutil.copytree(one, copy)
        shutil.rmtree(one)
        old(copy)
    before = tree(folder)
    assert run() == 0
    assert tree(folder) == before


def test_nothing_is_removed_through_a_link(place: Place, tmp_path: Path) -> None:
    folder, run = place
    theirs = put(tmp_path / "theirs", {"年报.json": report(2)})
    for one in left_in(folder):
        (one / "link").symlink_to(theirs)
        (one / "deeper" / "link").symlink_to(theirs / "年报.json")
        old(one)
    for name in NAMES[-3:]:
        (folder / name).symlink_to(theirs)
        old(folder / name)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / owned_folders.MARK).touch()
    (folder / "ogi-fedcba9876543210").symlink_to(tmp_path / "empty")
    old(folder / "ogi-fedcba9876543210")
    assert run() == 0
    assert list(tree(theirs)) == ["年报.json"]
    assert (tmp_path / "empty" / owned_folders.MARK).exists()
    assert all((folder / name).is_symlink() for name in NAMES[-3:])


def test_what_belongs_to_another_stays(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a folder is shared: another's leftover, or ours with a file of another's in it."""
    folder, run = place
    for one in left_in(folder):
        old(one)
    before = tree(folder)
    real = owned_folders.is_users_own
    monkeypatch.setattr(
        owned_folders, "is_users_own", lambda path, at=None: path.name != "某局.xlsx" and real(path, at)
    )
    assert run() == 0
    assert tree(folder) == before
    monkeypatch.setattr(os, "getuid", lambda: 54_321)
    assert run() == 0
    assert tree(folder) == before


def test_where_no_owner_is_known_only_the_users_profile_is_tidied(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows."""
    folder, run = place
    for one in left_in(folder):
        old(one)
    before = tree(folder)
    monkeypatch.delattr(os, "getuid")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "elsewhere")
    assert run() == 0
    assert tree(folder) == before
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert run() == 0
    assert len(tree(folder)) == len(before) // 2


@pytest.mark.parametrize("kill", ["mkdir", "mark"])
def test_killed_before_the_mark_is_written(place: Place, kill: str) -> None:
    folder, run = place
    for name in (f"ogi-{SIXTEEN}", f".a.xlsx.{SIXTEEN}.part"):
        (folder / name).mkdir()
        if kill == "mark":
            (folder / name / owned_folders.MARK).touch()
        old(folder / name)
    assert run() == 0
    assert len(list(folder.iterdir())) == 1


KILLED = """
import os, signal, sys
from workbook.cli import main
from workbook.merging import collection_run
collection_run.resolve_duplicates = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
main(sys.argv[1:])
"""


def test_a_merge_that_is_killed_leaves_only_what_the_next_day_removes(tmp_path: Path) -> None:
    """Through the command: killed while it reads an archive within an archive, and run again two days later."""
    shutil.make_archive(str(tmp_path / "外" / "内"), "zip", put(tmp_path / "in", {"1.json": report(1)}))
    shutil.make_archive(str(tmp_path / "报送"), "zip", tmp_path / "外")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = ["merge", str(tmp_path / "报送.zip"), "-o", str(tmp_path / "汇总.json"), "--no-cache"]
    environment = os.environ | {"TMPDIR": str(temporary)}
    killed = subprocess.run([sys.executable, "-c", KILLED, *command], env=environment, check=False)
    assert killed.returncode == -9
    (left,) = temporary.iterdir()
    assert any(one.name == "内.zip" for one in left.rglob("*"))
    for day in ("today", "later"):
        subprocess.run([sys.executable, "-m", "workbook", *command, "--force"], env=environment, check=True)
        assert left.exists() == (day == "today")
        if day == "today":
            old(left)
