"""Archives: every file in them is found once, under its right name, and what cannot be opened is said."""

from __future__ import annotations

import io
import re
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from tests.merging.made import put, report, statuses
from workbook import jsonio
from workbook.limits import limit
from workbook.merging.collecting import collect
from workbook.merging.files import member_name
from workbook.report import Report


def archive(members: dict[str, Report | bytes], encoding: str = "utf-8") -> bytes:
    """A zip file; in another encoding the names stand as many programs in China write them: not saying in which."""
    made = io.BytesIO()
    spelled: dict[bytes, bytes] = {}
    with ZipFile(made, "w", ZIP_DEFLATED) as package:
        for n, (name, content) in enumerate(members.items()):
            data = jsonio.dumps(content).encode() if isinstance(content, Report) else content
            if encoding != "utf-8":
                raw = name.encode(encoding)
                name = f"{n:=^{len(raw)}}"  # as long, and replaced below  # noqa: PLW2901
                spelled[name.encode()] = raw
            package.writestr(ZipInfo(name, (2025, 1, 20, 9, 30, 0)), data)
    whole = made.getvalue()
    for placeholder, raw in spelled.items():
        whole = whole.replace(placeholder, raw)
    return whole


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_workbooks_in_an_archive_are_merged_under_their_names(tmp_path: Path, encoding: str) -> None:
    put(tmp_path, {"报送.zip": archive({"某县/甲局.json": report(1), "某县/乙局（终）.json": report(2)}, encoding)})
    with collect([tmp_path]) as found:
        assert statuses(found) == {"报送.zip!某县/甲局.json": "merged", "报送.zip!某县/乙局（终）.json": "merged"}
        one = found.entries[0]
        assert found.report(one).source("requests.granted.person").file == one.place.rpartition("/")[2]
        assert one.modified == "2025-01-20 09:30:00"
        assert one.sha256 != found.entries[1].sha256


def test_what_windows_hides_in_a_folder_is_no_unreadable_report(tmp_path: Path) -> None:
    put(tmp_path, {"甲局.json": report(1), "Thumbs.db": b"\xd0\xcf\x11\xe0", "desktop.ini": b"[.ShellClassInfo]"})
    with collect([tmp_path]) as found:
        assert statuses(found) == {"甲局.json": "merged", "Thumbs.db": "skipped", "desktop.ini": "skipped"}


def test_a_name_in_utf_8_that_is_not_said_to_be() -> None:
    info = ZipInfo("某局.xlsx".encode().decode("cp437"))
    assert member_name(info) == "某局.xlsx"
    assert member_name(ZipInfo("plain.xlsx")) == "plain.xlsx"


def test_archives_in_archives(tmp_path: Path) -> None:
    county = archive({"甲局.json": report(1), "~$甲局.json": b"x", "说明.txt": "您好".encode()})
    city = archive({"县.zip": county, "乙局.json": report(2), "__MACOSX/._乙局.json": b"x"})
    put(tmp_path, {"市.zip": city})
    with collect([tmp_path]) as found:
        assert statuses(found) == {
            "市.zip!__MACOSX/._乙局.json": "skipped",
            "市.zip!乙局.json": "merged",
            "市.zip!县.zip!甲局.json": "merged",
            "市.zip!县.zip!~$甲局.json": "skipped",
            "市.zip!县.zip!说明.txt": "foreign",
        }
        assert sum(found.counts().values()) == len(found.entries) == 5


def test_archives_within_archives_have_an_end(tmp_path: Path) -> None:
    inner = archive({"甲局.json": report(1)})
    for _ in range(limit("depth") + 1):
        inner = archive({"内.zip": inner})
    put(tmp_path, {"外.zip": inner})
    with collect([tmp_path]) as found:
        assert list(statuses(found).values()) == ["unreadable"]
        assert "嵌套" in found.entries[0].why.zh


def test_an_archive_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    whole = archive({"甲局.json": report(1)})
    put(tmp_path, {"坏.zip": whole[: len(whole) // 2], "空.zip": b"", "好.zip": whole})
    with collect([tmp_path]) as found:
        assert statuses(found) == {"坏.zip": "unreadable", "空.zip": "unreadable", "好.zip!甲局.json": "merged"}
        assert "压缩包" in found.entries[0].why.zh


def test_a_locked_member_is_said_alone(tmp_path: Path) -> None:
    data = bytearray(archive({"甲局.json": report(1), "乙局.json": report(2)}))
    at = data.index(b"PK\1\2")
    data[at + 8] |= 1  # encrypted, says the directory
    data[6] |= 1
    put(tmp_path, {"报送.zip": bytes(data)})
    with collect([tmp_path]) as found:
        assert sorted(statuses(found).values()) == ["merged", "unreadable"]


def test_a_member_without_a_name_is_said_alone(tmp_path: Path) -> None:
    put(tmp_path, {"报送.zip": archive({"甲局.json": report(1), "\0乙局.json": report(2)})})
    with collect([tmp_path]) as found:
        assert statuses(found) == {"报送.zip!": "unreadable", "报送.zip!甲局.json": "merged"}


def test_half_a_character_in_one_file_is_no_trouble_to_the_others(tmp_path: Path) -> None:
    whole = jsonio.dumps(report(1)).replace("某县第1局", r"某县\ud800第1局")
    put(tmp_path, {"甲局.json": whole, "乙局.json": report(2)})
    with collect([tmp_path]) as found:
        assert statuses(found) == {"甲局.json": "merged", "乙局.json": "merged"}
        assert found.entries[1].agency.name == "某县\ufffd第1局"


def test_names_that_lead_out_of_the_archive_lead_nowhere(tmp_path: Path) -> None:
    put(
        tmp_path / "in",
        {"坏.zip": archive({"../../逃.json": report(1), "/根.json": report(2), "c:\\盘.json": report(3)})},
    )
    before = set(tmp_path.rglob("*"))
    with collect([tmp_path / "in"]) as found:
        assert set(statuses(found).values()) == {"merged"}
        assert len(found.entries) == 3
    assert set(tmp_path.rglob("*")) == before


# what an archive may cost ---------------------------------------------------------------------------------------------


def whys(folder: Path) -> dict[str, str]:
    """What is said of each file of a merge of that folder."""
    with collect([folder]) as collection:
        return {entry.place: entry.reason.zh for entry in collection.entries}


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ("members=2", "一个压缩包中的文件上限为 2 个"),
        ("unpacked=1", "一个压缩包解开后的大小上限为 1 MiB"),
    ],
)
def test_an_archive_of_too_much_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: str, said: str
) -> None:
    monkeypatch.setenv("OGI_LIMITS", limits)
    put(tmp_path, {"甲.json": report(9), "多.zip": archive({f"{n}.json": bytes(1 << 20) for n in range(3)})})
    told = whys(tmp_path)
    assert told.keys() == {"甲.json", "多.zip"}
    assert told["甲.json"] == ""
    assert told["多.zip"].startswith(f"压缩包过大，没有打开。{said}；")


def test_archives_within_one_pay_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OGI_LIMITS", "members=6")
    county = archive({f"{n}局.json": report(n) for n in range(3)})
    put(tmp_path, {"市.zip": archive({"东县.zip": county, "西县.zip": county})})
    told = whys(tmp_path)
    assert {place: why[:3] for place, why in told.items() if why} == {"市.zip!西县.zip": "压缩包"}
    assert [place for place, why in told.items() if not why] == [f"市.zip!东县.zip!{n}局.json" for n in range(3)]


def test_a_member_larger_than_any_file_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OGI_LIMITS", "file=1")
    put(tmp_path, {"收.zip": archive({"甲局.json": report(1), "乙局.xlsx": bytes((1 << 20) + 1)})})
    told = whys(tmp_path)
    assert told["收.zip!甲局.json"] == ""
    assert "一个文件的大小上限为 1 MiB" in told["收.zip!乙局.xlsx"]


def test_a_list_of_files_too_long_to_be_read_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OGI_LIMITS", "members=20")
    put(tmp_path, {"长.zip": archive({"名" * 2000 + ".json": report(1)})})
    monkeypatch.setattr("workbook.merging.files.ZipFile", None)  # it would be opened to be read
    assert whys(tmp_path)["长.zip"].startswith("压缩包过大")


def test_an_archive_whose_files_share_bytes_is_not_opened(tmp_path: Path) -> None:
    data = bytearray(archive({"甲局.json": report(1), "乙局.json": report(2)}))
    first, second = (hit.start() for hit in re.finditer(b"PK\1\2", data))
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    put(tmp_path, {"伪.zip": bytes(data)})
    assert whys(tmp_path)["伪.zip"].startswith("压缩包是伪造的")


def test_links_to_files_are_followed_within_the_folders_given_and_not_out_of_them(tmp_path: Path) -> None:
    inbox = put(tmp_path / "报送", {"甲局.json": report(1)})
    put(tmp_path, {"机密.json": report(2)})
    (inbox / "又名.json").symlink_to(inbox / "甲局.json")
    (inbox / "外面.json").symlink_to(tmp_path / "机密.json")
    told = whys(inbox)
    assert told["外面.json"].startswith("链接，指向所给文件夹以外的文件")
    assert len(told) == 2  # a file and its other name are one
