"""A file is written whole or not at all, with the rights it had, through links, and beside its place if need be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.robustness.faults.stand_ins import failing, hold_open
from workbook.safety import atomic_write, owned_folders
from workbook.safety.atomic_write import WrittenAside, remove_abandoned_files, replace_file, write_bytes

OLD, NEW = b"what was there", b"what comes in its place"


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def test_the_rights_of_a_file_that_is_replaced_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    for mode in (0o600, 0o640, 0o664):
        path.write_bytes(OLD)
        path.chmod(mode)
        write_bytes(path, NEW)
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert path.read_bytes() == NEW


def test_nobody_else_reads_a_private_file_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(OLD)
    path.chmod(0o600)
    with replace_file(path) as file:
        (part,) = tmp_path.glob(".a.xlsx.*.part/new*")
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
        assert stat.S_IMODE(part.parent.stat().st_mode) == 0o700
        file.write(NEW)


def test_a_new_file_is_as_any_new_file_here(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "a.json", NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o640


def test_what_a_link_leads_to_is_replaced_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    real, link = tmp_path / "there" / "real.xlsx", tmp_path / "link.xlsx"
    link.symlink_to(real)
    write_bytes(link, OLD)  # it led nowhere
    write_bytes(link, NEW)
    assert link.is_symlink()
    assert real.read_bytes() == NEW
    assert names(tmp_path / "there") == ["real.xlsx"]


def test_a_name_as_long_as_the_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("年" * 83 + ".xlsx")
    write_bytes(path, OLD)
    write_bytes(path, NEW)
    assert path.read_bytes() == NEW
    assert atomic_write.shorten_name("年" * 60 + "a") != atomic_write.shorten_name("年" * 60 + "b")


def test_a_file_that_came_meanwhile_is_somebody_elses(tmp_path: Path) -> None:
    path = tmp_path / "汇总.xlsx"
    (tmp_path / "汇总-2.xlsx").write_bytes(OLD)
    with pytest.raises(WrittenAside) as caught, replace_file(path) as file:
        file.write(NEW)
        path.write_bytes(OLD)
    assert path.read_bytes() == (tmp_path / "汇总-2.xlsx").read_bytes() == OLD
    assert caught.value.kept.read_bytes() == NEW
    assert caught.value.filename == str(path)
    assert names(tmp_path) == ["汇总-2.xlsx", "汇总-3.xlsx", "汇总.xlsx"]


def test_on_a_disk_that_knows_no_links_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic_write.os, "link", failing(PermissionError(1, "Operation not permitted")))
    write_bytes(tmp_path / "a.csv", NEW)
    assert names(tmp_path) == ["a.csv"]
    with pytest.raises(WrittenAside), replace_file(tmp_path / "b.csv") as file:
        file.write(NEW)
        (tmp_path / "b.csv").write_bytes(OLD)
    assert names(tmp_path) == ["a.csv", "b-2.csv", "b.csv"]
    assert (tmp_path / "b.csv").read_bytes() == OLD


@pytest.mark.parametrize(
    ("times", "aside", "left"),
    [
        (None, True, {"汇总.xlsx": OLD, "汇总-2.xlsx": NEW}),
        (None, False, {"汇总.xlsx": OLD}),  # what lies beside it another program would take for its own
        (2, True, {"汇总.xlsx": NEW}),
    ],
    ids=["goes beside", "may not go beside", "open for a moment"],
)
def test_a_file_that_is_open_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int | None, aside: bool, left: dict[str, bytes]
) -> None:
    path = tmp_path / "汇总.xlsx"
    path.write_bytes(OLD)
    hold_open(monkeypatch, path.__eq__, times)
    if times:
        write_bytes(path, NEW, aside=aside)
    else:
        with pytest.raises(WrittenAside if aside else PermissionError) as caught:
            write_bytes(path, NEW, aside=aside)
        assert not aside or caught.value.kept == tmp_path / "汇总-2.xlsx"
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == left


def test_a_folder_that_vanishes_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(FileNotFoundError) as caught, replace_file(folder / "a.json") as file:
        file.write(NEW)
        folder.rename(tmp_path / "elsewhere")
    assert str(folder / "a.json") in (str(caught.value.filename), str(caught.value.filename2))
    with pytest.raises(FileNotFoundError) as caught:
        write_bytes(folder / "a.json", NEW)
    assert caught.value.filename == str(folder / "a.json")


def test_only_what_we_left_long_ago_is_removed(tmp_path: Path) -> None:
    old, young, with_backup = (atomic_write.make_folder_beside(tmp_path / "a.xlsx") for _ in range(3))
    for folder in (old, young, with_backup):
        (folder / "new.xlsx").write_bytes(OLD)
    (with_backup / owned_folders.BEFORE).mkdir()
    for folder in (old, with_backup):
        os.utime(folder, (0, 0))
    remove_abandoned_files(tmp_path)
    assert names(tmp_path) == sorted([young.name, with_backup.name])
