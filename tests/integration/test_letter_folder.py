"""The folder of a chase-up: whole or not at all, nobody else's files touched, 20,000 letters in bounded time."""

from __future__ import annotations

import csv
import datetime
import errno
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.samples.agency_files import broken, code
from workbook.merging.letters.letter_files import FolderNotEmpty, refuse_foreign_folder, write_letters
from workbook.merging.letters.letter_texts import ChasedAgency, LetterOccasion, LetterReason
from workbook.merging.roster.roster_lines import RosterAgency
from workbook.rules.evaluation import check_report

BUREAU = RosterAgency("某县统计局", code(3), "110105", "county-department", "", "张三 010-1")
DUE = datetime.date(2026, 1, 31)
OCCASION = LetterOccasion(2025, "某县人民政府办公室", "", datetime.date(2026, 2, 3))
SOME = (
    ChasedAgency(BUREAU, "", DUE, LetterReason.HELD, "=甲.xlsx", tuple(check_report(broken(3)))),
    ChasedAgency(RosterAgency("某县/民政局"), "", DUE, LetterReason.MISSING),
    ChasedAgency(BUREAU, "", DUE, LetterReason.WARNINGS, "乙.xlsx"),
)


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file in a folder, if there is one."""
    return {one.name: one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Letters of an earlier chase-up; nothing else comes to be beside them."""
    write_letters(tmp_path / "催报", SOME, OCCASION)
    return tmp_path / "催报"


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "催报清单.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_has_a_letter_an_agency_and_the_list(tmp_path: Path) -> None:
    folder = tmp_path / "催报"
    assert write_letters(folder, SOME, OCCASION) == 2
    assert names(folder) == ["催报清单.csv", "催报清单.txt", "某县_民政局.txt", "某县统计局.txt"]
    assert names(tmp_path) == ["催报"]
    said = (folder / "催报清单.txt").read_text("utf-8-sig")
    assert "共 2 个单位，3 项（情况截至2026年2月3日）。" in said
    assert "其中：未收到报告 1 项；有错误，暂未计入 1 项；有提醒待说明 1 项。" in said
    lines = table(folder)
    assert [(line["机关名称"], line["事由"], line["催报函"]) for line in lines] == [
        ("某县统计局", "有错误，暂未计入", "某县统计局.txt"),
        ("某县统计局", "有提醒待说明", "某县统计局.txt"),
        ("某县/民政局", "未收到报告", "某县_民政局.txt"),
    ]
    assert [line["序号"] for line in lines] == ["1", "2", "3"]
    assert [line["逾期天数"] for line in lines] == ["", "", "3"]  # nobody is late whose file lies there
    assert lines[0]["错误"] == str(SOME[0].count(SOME[0].findings[0].severity.ERROR))
    assert lines[0]["报送文件"] == "'=甲.xlsx"  # no formula where the list is opened
    assert lines[0]["期限"] == "2026-01-31"


def test_letters_open_in_the_oldest_editor(tmp_path: Path) -> None:
    write_letters(tmp_path / "催报", SOME, OCCASION)
    for path in (tmp_path / "催报").glob("*.txt"):
        data = path.read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert data.count(b"\n") == data.count(b"\r\n") > 3


def test_nobody_to_write_to_is_said(tmp_path: Path) -> None:
    assert write_letters(tmp_path / "催报", (), OCCASION) == 0
    assert names(tmp_path / "催报") == ["催报清单.csv", "催报清单.txt"]
    assert "没有需要催报的单位" in (tmp_path / "催报" / "催报清单.txt").read_text("utf-8-sig")


@pytest.mark.parametrize("force", [True, False])
def test_an_empty_folder_is_used(tmp_path: Path, force: bool) -> None:
    (tmp_path / "催报").mkdir()
    write_letters(tmp_path / "催报", SOME, OCCASION, force=force)
    assert len(names(tmp_path / "催报")) == 4


def test_an_earlier_chase_up_is_replaced_only_by_force(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(FolderNotEmpty):
        write_letters(folder, SOME[1:2], OCCASION)
    assert len(names(folder)) == 4
    (folder / "某县统计局.txt").unlink()  # sent, and put away
    write_letters(folder, SOME[1:2], OCCASION, force=True)
    assert names(folder) == ["催报清单.csv", "催报清单.txt", "某县_民政局.txt"]
    assert names(tmp_path) == ["催报"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", "机关名称,催报函\r\n甲,甲.txt\r\n".encode(), b'"'])
def test_a_list_of_somebody_else_does_not_make_a_folder_ours(tmp_path: Path, content: bytes) -> None:
    for name in ("催报清单.csv", "催报清单.txt", "甲.txt"):
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FolderNotEmpty):
        refuse_foreign_folder(tmp_path, force=True)


def without_codes(folder: Path) -> None:
    """As a version wrote its lists that put no codes into them."""
    table, listed = (folder / f"催报清单{end}" for end in (".csv", ".txt"))
    rows = [line.rpartition(",")[0] + "\r\n" for line in table.read_text("utf-8-sig").splitlines()]
    table.write_text("".join(rows), "utf-8-sig")
    listed.write_text(listed.read_text("utf-8-sig").partition("校验码")[0], "utf-8-sig")


@pytest.mark.parametrize(
    ("theirs", "content", "words"),
    [
        ("某县统计局的答复.txt", "要留着的", "某县统计局的答复.txt"),
        ("笔记.docx", "要留着的", "笔记.docx"),
        ("下级/某局.txt", "要留着的", "下级"),
        ("某县统计局.txt", "已收到，明日报送。", "某县统计局.txt"),  # a reply saved where the letter was
        ("某县_民政局.txt", "已收到，明日报送。", "某县_民政局.txt"),
        ("某县统计局.txt", None, "没有覆盖"),  # a letter or list that somebody wrote into
        ("催报清单.csv", None, "没有覆盖"),
        ("催报清单.txt", None, "没有覆盖"),
        ("", None, "没有覆盖"),
    ],
)
def test_what_somebody_wrote_or_changed_is_never_replaced(
    tmp_path: Path, folder: Path, theirs: str, content: str | None, words: str
) -> None:
    path = folder / theirs
    path.parent.mkdir(exist_ok=True)
    if not theirs:
        without_codes(folder)
    elif content:
        path.write_text(content, "utf-8")
    else:
        path.write_bytes(path.read_bytes() + "已电话联系。\r\n".encode())
    before = contents(folder)
    with pytest.raises(FolderNotEmpty, match=words) as caught:
        write_letters(folder, SOME[1:2], OCCASION, force=True)
    assert contents(folder) == before
    assert str(folder) in caught.value.message.zh
    assert names(tmp_path) == ["催报"]


def test_a_file_is_no_folder_and_a_missing_parent_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "催报").write_text("文件", "utf-8")
    with pytest.raises(FolderNotEmpty, match="是文件"):
        write_letters(tmp_path / "催报", SOME, OCCASION, force=True)
    with pytest.raises(FileNotFoundError):
        write_letters(tmp_path / "没有" / "催报", SOME, OCCASION)
    assert names(tmp_path) == ["催报"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "真").mkdir()
    (tmp_path / "催报").symlink_to(tmp_path / "真")
    write_letters(tmp_path / "催报", SOME, OCCASION)
    assert (tmp_path / "催报").is_symlink()
    assert len(names(tmp_path / "真")) == 4


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("fails", ["people", "disk", "move"])
def test_a_failure_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, there: bool
) -> None:
    folder = tmp_path / "催报"
    if there:
        write_letters(folder, SOME[:1], OCCASION)
    before = contents(folder)

    def people() -> Iterator[ChasedAgency]:
        yield SOME[1]
        if fails == "people":
            raise OSError("no more")
        yield SOME[0]

    if fails == "disk":
        monkeypatch.setattr(os, "sync", lambda: (_ for _ in ()).throw(OSError("full")))
    rename = Path.rename
    if fails == "move":
        monkeypatch.setattr(
            Path, "rename", lambda one, to: rename(one, to) if one.name != "new" else (_ for _ in ()).throw(OSError)
        )
    with pytest.raises(OSError):
        write_letters(folder, people(), OCCASION, force=True)
    assert names(tmp_path) == (["催报"] if there else [])
    assert contents(folder) == before


def test_many_letters_take_little_memory(tmp_path: Path) -> None:
    wrong = tuple(check_report(broken(3)))

    def people(count: int) -> Iterator[ChasedAgency]:
        for n in range(count):
            agency = RosterAgency(f"第{n % 1_500}局", "", f"{n}")
            yield ChasedAgency(agency, "", DUE, LetterReason.HELD, f"{n}.xlsx", wrong)

    tracemalloc.start()
    assert write_letters(tmp_path / "两千", people(2_000), OCCASION) == 2_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(names(tmp_path / "两千")) == 2_002
    assert peak < 2_000 * 2_000  # bytes: of each letter a place and a name are held, not its findings and text


# what somebody put there, or changed


@pytest.mark.parametrize("here", [False, True])
def test_a_file_that_comes_while_letters_are_replaced_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: bool
) -> None:
    """In the last moment before the folder is moved, and under the name of a letter that is about to come."""
    folder = tmp_path / "催报"
    write_letters(folder, SOME[1:2], OCCASION)
    if here:
        monkeypatch.chdir(folder)
    rename = Path.rename

    def came(one: Path, to: Path) -> Path:
        if not (folder / "某县统计局.txt").exists() and one.name == ("催报清单.csv" if here else "催报"):
            (folder / "某县统计局.txt").write_text("答复", "utf-8")
        return rename(one, to)

    monkeypatch.setattr(Path, "rename", came)
    write_letters(folder, SOME, OCCASION, force=True)
    assert [one.read_text("utf-8") for one in folder.iterdir() if one.read_bytes()[:3] != b"\xef\xbb\xbf"] == ["答复"]
    assert len(names(folder)) == 5
    assert names(tmp_path) == ["催报"]


# folders that stay where they are


def where(folder: Path) -> int:
    return folder.stat().st_ino


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV, errno.EACCES])
def test_a_folder_that_cannot_be_renamed_is_written_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, there: bool
) -> None:
    """As where a disk is mounted on it, or on Windows a program is at work in it."""
    folder = tmp_path / "催报"
    folder.mkdir()
    if there:
        write_letters(folder, SOME, OCCASION)
    place, rename = where(folder), Path.rename

    def held(one: Path, to: Path) -> Path:
        if folder in (one, to):
            raise OSError(number, os.strerror(number), str(one), None, str(to))
        return rename(one, to)

    monkeypatch.setattr(Path, "rename", held)
    write_letters(folder, SOME[1:2], OCCASION, force=True)
    assert names(folder) == ["催报清单.csv", "催报清单.txt", "某县_民政局.txt"]
    assert where(folder) == place
    assert names(tmp_path) == ["催报"]
    write_letters(folder, SOME, OCCASION, force=True)  # they are known as ours again
    assert len(names(folder)) == 4


@pytest.mark.parametrize("why", ["mounted", "here", "above"])
def test_a_folder_known_to_stay_is_not_moved_at_all(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """A disk's own folder (whose parent is another disk), the one worked in, one below a folder that is read-only."""
    place = where(folder)
    if why == "mounted":
        monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == folder)
    elif why == "here":
        monkeypatch.chdir(folder)
    else:
        access = os.access
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path and access(path, mode))
    seen: list[Path] = []
    rename = Path.rename
    monkeypatch.setattr(Path, "rename", lambda one, to: (seen.append(one), rename(one, to))[1])
    write_letters(Path() if why == "here" else folder, SOME[1:2], OCCASION, force=True)
    assert names(folder) == ["催报清单.csv", "催报清单.txt", "某县_民政局.txt"]
    assert where(folder) == place
    assert seen
    assert all(folder in one.parents for one in seen)
    assert names(tmp_path) == ["催报"]


def test_what_cannot_be_written_into_a_folder_that_stays_leaves_it_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(folder)
    monkeypatch.chdir(folder)
    rename, moved = Path.rename, []

    def fails(one: Path, to: Path) -> Path:
        moved.append(one)
        if len(moved) == 3:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(one))
        return rename(one, to)

    monkeypatch.setattr(Path, "rename", fails)
    with pytest.raises(OSError, match="Input/output"):
        write_letters(folder, SOME[1:2], OCCASION, force=True)
    assert contents(folder) == before
