"""Readings are kept where nobody else may write, and believed only with the user's own key."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.robustness.faults.stand_ins import accompany, failing
from tests.samples.agency_files import put, report
from tests.samples.command_run import run_ogi
from workbook.excel import report_loading
from workbook.merging import result_store
from workbook.merging.collection_run import collect_reports
from workbook.merging.reading_cache import CacheNotPrivate

Ogi = Callable[..., SimpleNamespace]
NOT_TRUSTED = "不可信"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put(tmp_path / "in", {f"{n}.json": report(n) for n in (1, 2, 3)})


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder for caches."""
    monkeypatch.setenv("OGI_CACHE", str(tmp_path / "own"))
    monkeypatch.setenv("OGI_LANG", "zh")
    return tmp_path / "own"


@pytest.fixture
def ogi(tmp_path: Path, folder: Path) -> Ogi:
    """``ogi(...)`` is how a merge ended, and the sum it found."""

    def run(*more: object) -> SimpleNamespace:
        ended = run_ogi("merge", folder, "-o", tmp_path / "汇总.json", "--force", *more)
        total = json.loads((tmp_path / "汇总.json").read_bytes())["sum"]
        return SimpleNamespace(**ended._asdict(), total=total)

    return run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def readings_in(folder: Path) -> Path:
    (path,) = folder.glob("readings-*.sqlite")
    return path


def without_a_cache(ended: SimpleNamespace, place: Path) -> None:
    assert ended.code == 0
    assert NOT_TRUSTED in ended.err
    assert str(place) in ended.err
    assert len(ended.err.splitlines()) == 1
    assert "没有变化的文件不必重读" not in ended.out


# who may read and write


def test_what_is_made_is_for_the_user_alone(own: Path, tmp_path: Path, folder: Path, ogi: Ogi) -> None:
    before = os.umask(0)
    try:
        assert ogi().err == ""
        assert ogi("--cache", tmp_path / "named").err == ""
        with collect_reports([folder], cache=own):
            for one in (own, tmp_path / "named"):
                assert mode(one) == 0o700
            assert len(list(own.glob("readings-*.sqlite-*"))) == 2  # the log, and the map of it
            for path in [*own.iterdir(), *(tmp_path / "named").iterdir()]:
                assert mode(path) == 0o600, path
    finally:
        os.umask(before)


def test_what_others_could_read_is_closed_to_them(own: Path, ogi: Ogi) -> None:
    own.mkdir()
    own.chmod(0o755)
    ogi()
    assert mode(own) == 0o700
    readings_in(own).chmod(0o644)
    own.chmod(0o755)
    assert ogi().err == ""
    assert (mode(readings_in(own)), mode(own)) == (0o600, 0o700)


def test_a_folder_of_other_things_keeps_its_rights(tmp_path: Path, ogi: Ogi) -> None:
    put(tmp_path / "docs", {"某局.json": report(5)})
    (tmp_path / "docs").chmod(0o755)
    assert ogi("--cache", tmp_path / "docs").err == ""
    assert mode(tmp_path / "docs") == 0o755
    assert mode(readings_in(tmp_path / "docs")) == 0o600


@pytest.mark.parametrize("rights", [0o777, 0o770, 0o720, 0o702, 0o1777])
@pytest.mark.parametrize("named", [True, False])
def test_a_folder_others_may_write_to_is_not_used(
    own: Path, tmp_path: Path, ogi: Ogi, rights: int, named: bool
) -> None:
    place = tmp_path / "shared" if named else own
    place.mkdir()
    place.chmod(rights)
    without_a_cache(ogi(*(["--cache", place] if named else [])), place)
    assert list(place.iterdir()) == []
    assert mode(place) == rights


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
def test_a_file_others_may_write_to_is_not_used(own: Path, ogi: Ogi, end: str) -> None:
    right = ogi().total
    file = readings_in(own).with_name(readings_in(own).name + end)
    file.touch()
    file.chmod(0o666)
    ended = ogi()
    without_a_cache(ended, file)
    assert ended.total == right
    assert file.exists()


def test_a_link_in_place_of_the_file_is_not_followed(own: Path, tmp_path: Path, ogi: Ogi) -> None:
    ogi()
    file = readings_in(own)
    file.rename(tmp_path / "theirs")
    before = (tmp_path / "theirs").read_bytes()
    file.symlink_to(tmp_path / "theirs")
    without_a_cache(ogi(), file)
    assert (tmp_path / "theirs").read_bytes() == before


@pytest.mark.parametrize("what", ["folder", "link", "file"])
def test_what_belongs_to_another_is_not_used(
    own: Path, tmp_path: Path, ogi: Ogi, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    ogi()
    if what == "link":
        own.rename(tmp_path / "elsewhere")
        own.symlink_to(tmp_path / "elsewhere")
    theirs = readings_in(own) if what == "file" else own
    real = os.lstat if what == "link" else os.stat
    number = real(theirs).st_ino

    def is_mine(path: Path, at: os.stat_result | None = None) -> bool:
        return (at or path.lstat()).st_ino != number

    monkeypatch.setattr("workbook.merging.reading_cache.is_users_own", is_mine)
    ended = ogi()
    assert "属于其他用户" in ended.err
    without_a_cache(ended, theirs)


def test_where_no_owner_is_known_only_the_users_profile_is_used(
    own: Path, tmp_path: Path, ogi: Ogi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows: a folder on another drive, or of a server."""
    monkeypatch.delattr(os, "getuid")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "profile")
    ended = ogi()
    assert "个人文件夹" in ended.err
    without_a_cache(ended, own)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert ogi().err == ""
    assert "没有变化的文件不必重读" in ogi().out


# what is believed


def forged(own: Path, seal: Callable[..., str]) -> None:
    """The readings of one file in place of those of another, sealed anew."""
    file = readings_in(own)
    program = file.stem.rpartition("-")[2]
    with closing(sqlite3.connect(file)) as database, database:
        rows = database.execute("SELECT sha, kind, head, body, places, seal FROM reading ORDER BY sha").fetchall()
        _, _, head, body, places, old = rows[1]
        for sha, kind in [rows[0][:2], rows[2][:2]]:
            row = (head, body, places, seal(sha, kind, program, head, body, places, old), sha)
            database.execute("UPDATE reading SET head = ?, body = ?, places = ?, seal = ? WHERE sha = ?", row)


def plain(*parts: str) -> str:
    """The seal that anybody can compute."""
    return hashlib.sha256("\0".join(parts[:-1]).encode("utf-8", "surrogatepass")).hexdigest()[:32]


SEALS = {
    "plain": plain,
    "of the other file": lambda *parts: parts[-1],
    "with no key": lambda *parts: hmac.digest(b"", "\0".join(parts[:-1]).encode(), "sha256").hex()[:32],
    "none": lambda *_: "",
}


@pytest.mark.parametrize("seal", SEALS)
def test_a_forged_reading_is_not_believed(own: Path, ogi: Ogi, seal: str) -> None:
    right = ogi().total
    forged(own, SEALS[seal])
    ended = ogi()
    assert ended.total == right
    assert (ended.code, ended.err) == (0, "")


def test_the_key_is_not_where_the_readings_are(own: Path, tmp_path: Path, ogi: Ogi) -> None:
    """In a folder named for a merge: whoever gets hold of that cannot seal what it holds."""
    ogi("--cache", tmp_path / "named")
    assert [one.name for one in own.iterdir()] == ["readings.key"]
    assert [one.suffix for one in (tmp_path / "named").iterdir()] == [".sqlite"]


def counted(folder: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many files a merge really reads."""
    seen: list[Path] = []
    accompany(monkeypatch, report_loading, "load_submission", before=seen.append)
    collect_reports([folder], cache=own).close()
    monkeypatch.undo()
    monkeypatch.setenv("OGI_CACHE", str(own))
    return len(seen)


@pytest.fixture
def once(own: Path, folder: Path) -> Iterator[Path]:
    collect_reports([folder], cache=own).close()
    yield own / "readings.key"


@pytest.mark.parametrize("why", ["lost", "read by others", "another"])
def test_with_another_key_all_is_read_anew(
    own: Path, folder: Path, once: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    assert counted(folder, own, monkeypatch) == 0
    before = once.read_bytes()
    if why == "lost":
        once.unlink()
    elif why == "another":
        once.write_bytes(before[:-9] + b"00000000\n")
    else:
        once.chmod(0o644)
    assert counted(folder, own, monkeypatch) == 3
    assert (mode(once), once.read_bytes() != before) == (0o600, True)
    assert counted(folder, own, monkeypatch) == 0


@pytest.mark.parametrize("content", [b"", b"somebody's notes", b"ogi readings key 1\n0\n"])
def test_a_file_of_that_name_that_is_no_key_is_kept(own: Path, once: Path, ogi: Ogi, content: bytes) -> None:
    once.write_bytes(content)
    without_a_cache(ogi(), own)
    assert once.read_bytes() == content


def test_readings_that_are_not_stored_after_all_are_not_promised(
    ogi: Ogi, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first look at the folder and its use, somebody else may have come to own it."""
    assert "不必重读" in ogi().out
    monkeypatch.setattr(result_store, "make_private_folder", failing(CacheNotPrivate("shared", own)))
    ended = ogi()
    assert ended.code == 0
    assert "用时" in ended.out and "不必重读" not in ended.out
