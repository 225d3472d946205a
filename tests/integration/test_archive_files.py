"""Archives: every file in them is found once, under its right name, and what cannot be opened is said."""

from __future__ import annotations

import gc
import io
import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile, ZipInfo

import fsspec
import pytest

from tests.samples.agency_files import entry, put, report, statuses
from tests.samples.step_counter import steps
from workbook.cli import main
from workbook.exchange import report_json
from workbook.merging.archive_files import decode_member_name
from workbook.merging.collection_run import collect_reports
from workbook.merging.process_file import FileOutcome, FileTask, process_files
from workbook.model.report import Report
from workbook.safety.limits import get_limit


def archive(members: dict[str, Report | bytes], encoding: str = "utf-8") -> bytes:
    """A zip file; in another encoding the names stand as many programs in China write them: not saying in which."""
    made = io.BytesIO()
    spelled: dict[bytes, bytes] = {}
    with ZipFile(made, "w", ZIP_DEFLATED) as package:
        for n, (name, content) in enumerate(members.items()):
            data = report_json.dump_report_text(content).encode() if isinstance(content, Report) else content
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
    with collect_reports([tmp_path]) as found:
        assert statuses(found) == {"报送.zip!某县/甲局.json": "merged", "报送.zip!某县/乙局（终）.json": "merged"}
        one = found.entries[0]
        assert found.report(one).source("requests.granted.person").file == one.place.rpartition("/")[2]
        assert one.modified == "2025-01-20 09:30:00"
        assert one.sha256 != found.entries[1].sha256


def doubled(*members: tuple[str, Report | bytes]) -> bytes:
    """A zip file that may have several members of one name, as programs that add to an archive leave it."""
    made = io.BytesIO()
    with ZipFile(made, "w") as package, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in members:
            package.writestr(
                name, report_json.dump_report_text(content).encode() if isinstance(content, Report) else content
            )
    return made.getvalue()


def locked(data: bytes, name: str) -> bytes:
    """The archive in whose list that member is encrypted."""
    changed = bytearray(data)
    changed[data.rindex(name.encode()) - 46 + 8] |= 1
    return bytes(changed)


def overlapping(data: bytes) -> bytes:
    """The archive whose second member has the bytes of the first."""
    changed = bytearray(data)
    first, second = (hit.start() for hit in re.finditer(b"PK\1\2", data))
    changed[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(changed)


def torn(name: str) -> bytes:
    """An archive packed by LZMA, of whose member of that name some bytes are lost."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_LZMA) as package:
        package.writestr(name, bytes(range(256)) * 40)
        package.writestr("好.json", report_json.dump_report_text(report(1)))
    data = bytearray(made.getvalue())
    start = data.index(name.encode()) + len(name.encode())
    data[start + 9 : start + 60] = b"\xff" * 51
    return bytes(data)


def linking() -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w") as package:
        link = ZipInfo("甲局.xlsx")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        package.writestr(link, "../甲局.xlsx")
        package.mkdir("年报")
    return made.getvalue()


ONE = archive({"乙.json": report(2)})
ARCHIVES: dict[str, tuple[bytes, dict[str, str]]] = {
    "archives in archives": (
        archive(
            {
                "县.zip": archive({"甲局.json": report(1), "~$甲局.json": b"x", "说明.txt": "您好".encode()}),
                "乙局.json": report(2),
                "__MACOSX/._乙局.json": b"x",
            }
        ),
        {
            "!__MACOSX/._乙局.json": "skipped",
            "!乙局.json": "merged",
            "!县.zip!甲局.json": "merged",
            "!县.zip!~$甲局.json": "skipped",
            "!县.zip!说明.txt": "foreign",
        },
    ),
    "an end to archives within archives": (
        reduce(lambda inner, _: archive({"内.zip": inner}), range(get_limit("depth") + 1), ONE),
        {"!内.zip" * get_limit("depth"): "unreadable 嵌套"},
    ),
    "half of it": (ONE[: len(ONE) // 2], {"": "unreadable 压缩包"}),
    "nothing": (b"", {"": "unreadable 压缩包"}),
    "a locked member": (
        locked(archive({"甲.json": report(1), "乙.json": report(2)}), "乙.json"),
        {"!甲.json": "merged", "!乙.json": "unreadable"},
    ),
    "a locked archive within": (
        locked(archive({"甲.json": report(1), "坏.zip": ONE, "好.zip": ONE, "丙.json": report(3)}), "坏.zip"),
        {"!甲.json": "merged", "!坏.zip": "unreadable", "!好.zip!乙.json": "merged", "!丙.json": "merged"},
    ),
    "a torn member": (torn("坏.json"), {"!坏.json": "unreadable", "!好.json": "merged"}),
    "a torn archive within": (torn("坏.zip"), {"!坏.zip": "unreadable", "!好.json": "merged"}),
    "a member without a name": (
        archive({"甲.json": report(1), "\0乙.json": report(2)}),
        {"!": "unreadable", "!甲.json": "merged"},
    ),
    "members that share bytes": (
        overlapping(archive({"甲.json": report(1), "乙.json": report(2)})),
        {"": "unreadable 压缩包是伪造的"},
    ),
    "names that lead out": (
        archive({"../../逃.json": report(1), "/根.json": report(2), "c:\\盘.json": report(3)}),
        {"!../../逃.json": "merged", "!/根.json": "merged", "!c:\\盘.json": "merged"},
    ),
    "a link": (linking(), {"!甲局.xlsx": "unreadable 压缩包中只是一个链接"}),
    "a report that looks like a folder": (
        doubled(("下/", b""), ("下/甲.json", report(1)), ("乙.json/", report(2))),
        {"!下/甲.json": "merged", "!乙.json/": "unreadable"},
    ),
    "members of one name": (
        doubled(("同.json", report(1)), ("同.JSON", report(2)), ("同.json", report(3))),
        {
            "!同.JSON": "merged 某县第2局",
            "!同.json（同名第1个）": "merged 某县第1局",
            "!同.json（同名第2个）": "merged 某县第3局",
        },
    ),
    "names that read alike": (
        doubled(("局.json（同名第1个）", b"x"), ("局.json", report(1)), ("=======", report(2))).replace(
            b"=======", "局.json".encode("gb18030")
        ),
        {
            "!局.json（同名第1个）": "foreign",
            "!局.json（同名第2个）": "merged 某县第1局",
            "!局.json（同名第3个）": "merged 某县第2局",
        },
    ),
    "archives of one name": (
        doubled(*(("县.zip", archive({"甲.json": report(n), f"{n}.json": report(10 + n)})) for n in (1, 2))),
        {
            "!县.zip（同名第1个）!1.json": "merged 某县第11局",
            "!县.zip（同名第1个）!甲.json": "merged 某县第1局",
            "!县.zip（同名第2个）!2.json": "merged 某县第12局",
            "!县.zip（同名第2个）!甲.json": "merged 某县第2局",
        },
    ),
}
"""An archive, and the status of each file in it, with a part of its reason or whose report it is."""


@pytest.mark.parametrize("name", ARCHIVES)
def test_every_file_in_an_archive_is_found_and_settled_alone(tmp_path: Path, name: str) -> None:
    data, expected = ARCHIVES[name]
    put(tmp_path / "in", {"收.zip": data, "好.json": report(9)})
    before = set(tmp_path.rglob("*"))
    with collect_reports([tmp_path / "in"]) as found:
        wanted = {f"收.zip{place}": text.partition(" ")[0] for place, text in expected.items()}
        assert statuses(found) == wanted | {"好.json": "merged"}
        for place, text in expected.items():
            one = entry(found, f"收.zip{place}")
            assert text.partition(" ")[2] in one.reason.zh + one.agency.name
    assert set(tmp_path.rglob("*")) == before


def test_an_archive_and_its_other_name_are_one(tmp_path: Path) -> None:
    put(tmp_path, {"市.zip": ONE})
    (tmp_path / "又名.zip").symlink_to(tmp_path / "市.zip")
    with collect_reports([tmp_path, tmp_path / "市.zip"]) as found:
        assert statuses(found) == {"又名.zip!乙.json": "merged"}


def test_a_name_in_utf_8_that_is_not_said_to_be() -> None:
    info = ZipInfo("某局.xlsx".encode().decode("cp437"))
    assert decode_member_name(info) == "某局.xlsx"
    assert decode_member_name(ZipInfo("plain.xlsx")) == "plain.xlsx"


def test_half_a_character_in_one_file_is_no_trouble_to_the_others(tmp_path: Path) -> None:
    whole = report_json.dump_report_text(report(1)).replace("某县第1局", r"某县\ud800第1局")
    put(tmp_path, {"甲局.json": whole, "乙局.json": report(2)})
    with collect_reports([tmp_path]) as found:
        assert statuses(found) == {"甲局.json": "merged", "乙局.json": "merged"}
        assert found.entries[1].agency.name == "某县\ufffd第1局"


# what an archive may cost ---------------------------------------------------------------------------------------------


def whys(folder: Path) -> dict[str, str]:
    """What is said of each file of a merge of that folder."""
    with collect_reports([folder]) as collection:
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
    monkeypatch.setattr("workbook.merging.archive_files.ZipFile", None)  # it would be opened to be read
    assert whys(tmp_path)["长.zip"].startswith("压缩包过大")


def test_links_to_files_are_followed_within_the_folders_given_and_not_out_of_them(tmp_path: Path) -> None:
    inbox = put(tmp_path / "报送", {"甲局.json": report(1)})
    put(tmp_path, {"机密.json": report(2)})
    (inbox / "又名.json").symlink_to(inbox / "甲局.json")
    (inbox / "外面.json").symlink_to(tmp_path / "机密.json")
    told = whys(inbox)
    assert told["外面.json"].startswith("链接，指向所给文件夹以外的文件")
    assert len(told) == 2  # a file and its other name are one
    (inbox / "里面").symlink_to(inbox, target_is_directory=True)
    (inbox / ".藏").symlink_to(tmp_path, target_is_directory=True)
    put(tmp_path / "别处", {"乙局.json": report(3)})
    (inbox / "乙局").symlink_to(tmp_path / "别处", target_is_directory=True)
    with collect_reports([inbox]) as found:
        assert statuses(found) == {
            "又名.json": "merged", "外面.json": "unreadable", "乙局": "unreadable", "里面": "skipped", ".藏": "skipped",
        }  # fmt: skip
    with collect_reports([inbox, tmp_path / "别处"]) as found:  # what they lead to is read itself
        assert statuses(found)["报送/乙局"] == "skipped"
        assert statuses(found)["别处/乙局.json"] == "merged"


def test_archives_and_folders_without_files_are_told(tmp_path: Path) -> None:
    """Somebody meant to hand something in."""
    folders = io.BytesIO()
    with ZipFile(folders, "w") as package:
        package.mkdir("年报")
        package.mkdir("年报/附件")
    empty = archive({})
    inbox = put(
        tmp_path / "收",
        {
            "甲局.json": report(1),
            "乙局.zip": empty,
            "丙局.zip": folders.getvalue(),
            "市.zip": archive({"丁局.zip": empty}),
        },
    )
    told = whys(inbox)
    assert {place: why[:8] for place, why in told.items() if why} == dict.fromkeys(
        ("乙局.zip", "丙局.zip", "市.zip!丁局.zip"), "压缩包里没有文件"
    )
    (tmp_path / "空").mkdir()
    (tmp_path / "全空" / "下").mkdir(parents=True)
    with collect_reports([inbox, tmp_path / "空", tmp_path / "全空"]) as found:
        assert {place for place, status in statuses(found).items() if status == "unreadable"} == {
            "收/乙局.zip", "收/丙局.zip", "收/市.zip!丁局.zip", "空", "全空",
        }  # fmt: skip


# files of one name ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("nth", "granted"), [(1, 5), (2, 6)])
def test_each_of_two_members_of_one_name_can_be_decided_for(tmp_path: Path, nth: int, granted: int) -> None:
    both = [report(1, {"requests.granted.person": figure}) for figure in (5, 6)]
    put(tmp_path / "收", {"收.zip": doubled(("同.json", both[0]), ("同.json", both[1]))})
    command = ["merge", str(tmp_path / "收"), "-o", str(tmp_path / "a.json"), "--force", "--no-cache"]
    assert main(command) == 1
    assert main([*command, "--choose", "收.zip!同.json"]) == 2  # of which it is not said
    chosen = f"收.zip!同.json（同名第{nth}个）"
    assert main([*command, "--choose", chosen]) == 0
    decisions = tmp_path / "决定.csv"
    decisions.write_text(f"文件,决定\n{chosen},采用\n", "utf-8")
    assert main([*command, "--decisions", str(decisions)]) == 0
    made = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert {one["file"]: one["status"] for one in made["sources"]}[chosen] == "merged"
    assert made["sum"]["tables"]["requests"]["granted"]["person"] == granted


def test_a_file_that_comes_to_stand_in_anothers_place_is_not_read_for_it(tmp_path: Path) -> None:
    put(tmp_path, {"收.zip": archive({"甲.json": report(1), "乙.json": report(2), "丙.json": report(3)})})

    def exchanged(tasks: Iterable[FileTask], database: Path | None) -> Iterator[list[FileOutcome]]:
        waiting = list(tasks)
        (tmp_path / "收.zip").unlink()
        put(tmp_path, {"收.zip": archive({"甲.json": report(1), "丙.json": report(3)})})
        yield process_files(waiting, database)

    with collect_reports([tmp_path], takes=exchanged) as found:
        assert statuses(found) == {
            "收.zip!甲.json": "merged",
            "收.zip!乙.json": "unreadable",
            "收.zip!丙.json": "unreadable",
        }
        assert entry(found, "收.zip!甲.json").agency.name == "某县第1局"


# what reading them costs ----------------------------------------------------------------------------------------------


def flat(n: int) -> bytes:
    return archive({f"{m:04}.txt": b"x" for m in range(n)})


def empty(n: int) -> bytes:
    return archive({f"{m:04}.xlsx": b"" for m in range(n)})


def nested(n: int) -> bytes:
    """Files and small archives by turns: each time the outer one is come back to."""
    inner = archive({"1.txt": b"x", "2.txt": b"x"})
    return archive({f"{m:04}{'.zip' if m % 3 else '.txt'}": inner if m % 3 else b"x" for m in range(n)})


def alike(n: int) -> bytes:
    return doubled(*(("同.txt", b"%d" % m) for m in range(n)))


@pytest.mark.parametrize("made", [flat, empty, nested, alike])
@pytest.mark.parametrize("far", [False, True])
def test_an_archive_of_four_times_as_many_files_costs_four_times_as_much(
    tmp_path: Path, made: Callable[[int], bytes], far: bool
) -> None:
    costs = []
    for n in (40, 40, 160):  # the first loads what is needed once
        place = tmp_path / f"{len(costs)}"
        put(place, {"收.zip": made(n)})
        if far:
            system = fsspec.filesystem("memory")
            system.pipe(f"/{made.__name__}{len(costs)}/收.zip", (place / "收.zip").read_bytes())
        where = f"memory://{made.__name__}{len(costs)}" if far else place
        costs.append(steps(lambda where=where: collect_reports([where]).close()))
    assert costs[2] < 4.4 * costs[1]


def test_the_list_of_an_archive_is_read_once_to_list_and_once_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"收.zip": flat(200)})
    opened = []
    real = ZipFile.__init__

    def opening(self: ZipFile, *given: Any, **named: Any) -> None:
        opened.append(1)
        real(self, *given, **named)

    monkeypatch.setattr(ZipFile, "__init__", opening)
    collect_reports([tmp_path]).close()
    assert len(opened) == 2


def test_archives_are_closed_when_all_is_read(tmp_path: Path) -> None:
    """On Windows nobody could remove them."""
    put(tmp_path, {"收.zip": flat(40), "市.zip": nested(9)})
    with collect_reports([tmp_path]):
        assert not [one for one in gc.get_objects() if isinstance(one, ZipFile) and one.fp]
