"""`ogi roster` as a user meets it: an empty roster to fill in, or a draft from the reports handed in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.samples.agency_files import agency, code, put, report
from tests.samples.command_line import Ogi
from workbook.merging.roster.roster_lines import Roster
from workbook.merging.roster.roster_reader import read_roster


@pytest.fixture
def received(tmp_path: Path) -> Path:
    """A county, two of its bureaus (one of them twice), and a town."""
    files = {
        "县.json": report(1, name="某县人民政府", level="county", region="110105"),
        "甲局.json": report(2, region="110105", contact=""),
        "甲局-更正.json": report(2, {"requests.granted.law": 3}, region="110105", revision=1, contact="张三"),
        "下级/乙局.json": report(3, region="110105"),
        "下级/镇.json": report(4, name="某镇人民政府", level="township", region="110105"),
    }
    return put(tmp_path / "收到", files)


@pytest.mark.parametrize("name", ["名录.xlsx", "名录.csv", "名录.CSV"])
def test_an_empty_roster_is_made_and_is_a_roster(ogi: Ogi, tmp_path: Path, name: str) -> None:
    ended = ogi("roster", "new", tmp_path / name)
    assert (ended.code, ended.err) == (0, "")
    assert "一行一个机关" in ended.out
    if name == "名录.xlsx":
        assert read_roster(tmp_path / name) == Roster()
    else:
        assert (tmp_path / name).read_text("utf-8-sig").startswith("机关名称,统一社会信用代码,")


@pytest.mark.parametrize("name", ["名录.xlsx", "名录.csv"])
def test_a_draft_names_every_agency_and_its_parent(ogi: Ogi, tmp_path: Path, received: Path, name: str) -> None:
    ended = ogi("roster", "from", received, "-o", tmp_path / name)
    assert (ended.code, ended.err) == (0, "")
    assert "4 个机关（文件 5 个，其中年报 5 份）；3 个已填上级机关" in ended.out
    roster = read_roster(tmp_path / name)
    assert roster.problems == ()
    assert {one.name: (one.code, one.level, one.parent, one.contact) for one in roster.agencies} == {
        "某县人民政府": (code(1), "county", "", ""),
        agency(2).name: (code(2), "county-department", "某县人民政府", "张三"),
        agency(3).name: (code(3), "county-department", "某县人民政府", ""),
        "某镇人民政府": (code(4), "township", "某县人民政府", ""),
    }


def test_a_draft_can_be_merged_by(ogi: Ogi, tmp_path: Path, received: Path) -> None:
    ogi("roster", "from", received, "-o", tmp_path / "名录.csv")
    ended = ogi("merge", received, "-o", tmp_path / "汇总.json", "--roster", tmp_path / "名录.csv", "--no-cache")
    assert ended.code in (0, 1), ended.err
    assert (tmp_path / "汇总.json").exists()


def test_files_that_tell_no_agency_are_named(ogi: Ogi, tmp_path: Path, received: Path) -> None:
    put(received, {"坏.xlsx": b"PK\x03\x04 broken", "无名.json": report(9, name="", code=""), "说明.pdf": b"%PDF-1.4"})
    ended = ogi("roster", "from", received, "-o", tmp_path / "名录.xlsx")
    assert ended.code == 1
    assert "无法读取" in ended.out
    assert "坏.xlsx" in ended.out
    assert "1 份年报没有填机关名称和信用代码" in ended.out
    assert "无名.json" in ended.out
    assert len(read_roster(tmp_path / "名录.xlsx").agencies) == 4


def test_what_to_mend_in_a_draft_is_said(ogi: Ogi, tmp_path: Path) -> None:
    put(tmp_path / "收到", {"甲.json": report(1, code="111"), "乙.json": report(2, region="999999")})
    ended = ogi("roster", "from", tmp_path / "收到", "-o", tmp_path / "名录.csv")
    assert ended.code == 0
    assert "请核对：" in ended.out
    assert "统一社会信用代码“111”有误" in ended.out
    assert "行政区划代码“999999”有误" in ended.out


def test_english_is_english(ogi: Ogi, tmp_path: Path, received: Path) -> None:
    ended = ogi("roster", "from", received, "-o", tmp_path / "r.csv", "--lang", "en")
    assert "4 agencies (5 reports in 5 files)" in ended.out
    assert not set("，。；：、（）") & set(ended.out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new", "名录.txt"], "应以 .xlsx 或 .csv 结尾"),
        (["new", "名录"], "应以 .xlsx 或 .csv 结尾"),
        (["new", "a.xlsx", "b.xlsx"], "只写一个文件名"),
        (["new", "a.xlsx", "-o", "b.xlsx"], "只写一个文件名"),
        (["new", "没有/名录.xlsx"], "不存在"),
        (["new", "旧.xlsx"], "已经存在"),
        (["from", "收到"], "请用 -o"),
        (["from", "收到", "-o", "名录.json"], "应以 .xlsx 或 .csv 结尾"),
        (["from", "没有", "-o", "名录.xlsx"], "不存在"),
        (["from", "空", "-o", "名录.xlsx"], "没有读到"),
        (["from", "旧.xlsx", "-o", "旧.xlsx"], "就是输入文件"),
        (["from", "旧.xlsx", "-o", "旧.xlsx", "--force"], "就是输入文件"),
        (["make", "名录.xlsx"], "不能是"),
        (["new"], "缺少"),
    ],
)
@pytest.mark.usefixtures("received")
def test_what_cannot_be_done_is_said_in_a_sentence(
    ogi: Ogi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    (tmp_path / "空").mkdir()
    (tmp_path / "旧.xlsx").write_bytes(b"old")
    monkeypatch.chdir(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    ended = ogi("roster", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert (tmp_path / "旧.xlsx").read_bytes() == b"old"


def test_force_overwrites(ogi: Ogi, tmp_path: Path) -> None:
    path = tmp_path / "名录.xlsx"
    path.write_bytes(b"old")
    assert ogi("roster", "new", path, "--force").code == 0
    assert read_roster(path) == Roster()


def test_a_draft_beside_the_reports_is_not_read_as_one_the_next_time(ogi: Ogi, received: Path) -> None:
    target = received / "名录.xlsx"
    assert ogi("roster", "from", received, "-o", target).code == 0
    ended = ogi("roster", "from", received, "-o", target, "--force")
    assert ended.code == 0
    assert len(read_roster(target).agencies) == 4
