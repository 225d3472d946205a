"""The roster: read from whatever people send, matched without a guess, written and drafted."""

from __future__ import annotations

import csv
import datetime
import io
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from tests import domain
from workbook.merging.roster.roster_lines import (
    Roster,
    RosterAgency,
    get_deadline,
    get_terms,
    list_roster_columns,
    parse_written_date,
)
from workbook.merging.roster.roster_lines import is_late as late
from workbook.merging.roster.roster_reader import NotARoster, read_roster
from workbook.merging.roster.roster_writer import build_roster_template, draft_roster, write_roster
from workbook.model import identity
from workbook.model.finding import Severity
from workbook.model.identity import Identity, valid_code
from workbook.safety.unsafe_text import fold_name

HEADS = "机关名称,统一社会信用代码,行政区划代码,机关层级,上级机关,联系人及电话,截止日期"


def code(n: int) -> str:
    return domain.credit_code(f"1111010500000{n:04d}")


CITY = RosterAgency("某市人民政府", code(1), "110100", "city")
COUNTY = RosterAgency("某县人民政府", code(2), "110105", "county", "某市人民政府")
BUREAU = RosterAgency(
    "某县统计局", code(3), "110105", "county-department", code(2), "张三 010-1", datetime.date(2026, 1, 20)
)
ROSTER = Roster((CITY, COUNTY, BUREAU))


def csv_file(folder: Path, text: str, encoding: str = "utf-8", name: str = "名录.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def lines(folder: Path, *said: str) -> Roster:
    """A roster read from a CSV with these lines under the usual headings."""
    return read_roster(csv_file(folder, "\n".join([HEADS, *said])))


def kinds(roster: Roster) -> list[tuple[str, int]]:
    return [(one.kind, one.line) for one in roster.problems]


# reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_of_every_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = f"{HEADS}\r\n某县统计局,{code(3)},110105,县级政府部门,某县人民政府,张三,2026-01-20\r\n某县人民政府,,,,,,\r\n"
    roster = read_roster(csv_file(tmp_path, text.replace(",", delimiter), encoding))
    assert roster.agencies[0] == RosterAgency(
        "某县统计局", code(3), "110105", "county-department", "某县人民政府", "张三", datetime.date(2026, 1, 20)
    )
    assert roster.parent(roster.agencies[0]) is roster.agencies[1]
    assert roster.problems == ()


@pytest.mark.parametrize(
    "heads",
    [
        "序号,填报单位,机构代码,区划代码,层级,主管部门,联系人,报送期限",
        "No, Agency：,CODE,region code,level,Parent,contact,deadline",
        "序　号,* 单 位 名 称,信用代码,行政区划,机关级别,上级单位,填报人,截止时间",
        "序号,机关名称（全称）,统一社会信用代码*,行政区划代码(6位),机关层级（必填）,上级单位名称,联系人（电话）,截止日期：",
        f"备注,{HEADS}",
    ],
)
def test_headings_are_matched_by_what_they_mean(tmp_path: Path, heads: str) -> None:
    line = f"7,某县统计局,{code(3)},110105,县级政府部门,,李四,2026.1.20"
    roster = read_roster(csv_file(tmp_path, f"某县名录\n\n{heads}\n{line}\n"))
    expected = RosterAgency(
        "某县统计局", code(3), "110105", "county-department", "", "李四", datetime.date(2026, 1, 20)
    )
    assert roster.agencies == (expected,)
    assert roster.agencies[0].line == 4


def test_contact_and_telephone_may_stand_apart(tmp_path: Path) -> None:
    roster = read_roster(csv_file(tmp_path, "单位名称,联系人,联系电话\n某局,张三,010-1234\n"))
    assert roster.agencies[0].contact == "张三 010-1234"


def test_a_list_of_names_alone_is_a_roster(tmp_path: Path) -> None:
    assert [one.name for one in read_roster(csv_file(tmp_path, "单位名称\n甲局\n\n乙局\n")).agencies] == [
        "甲局",
        "乙局",
    ]


def test_headings_repeated_on_every_page_are_no_agency(tmp_path: Path) -> None:
    assert len(lines(tmp_path, "甲局,,,,,,", HEADS, "乙局,,,,,,").agencies) == 2


def test_names_over_several_lines_keep_the_numbers_of_lines(tmp_path: Path) -> None:
    roster = lines(tmp_path, '"某县\n统计局",,,,,,', "乙局,,,,,,")
    assert [(one.name, one.line) for one in roster.agencies] == [("某县 统计局", 2), ("乙局", 4)]


def test_a_workbook_with_numbers_for_codes_and_dates_for_deadlines(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["说明"])
    sheet = book.create_sheet("单位")
    sheet.append(["单位名称", "区划代码", "截止日期", "统一社会信用代码"])
    sheet.append(["某局", 110105, datetime.datetime(2026, 1, 20), 111101050000000004])
    path = tmp_path / "名录.xlsx"
    book.save(path)
    roster = read_roster(path)
    assert (roster.agencies[0].region, roster.agencies[0].deadline) == ("110105", datetime.date(2026, 1, 20))
    (one,) = roster.problems  # 18 digits typed as a number: the last are lost, or by chance not
    assert (one.kind, one.source.sheet, one.source.cell) == ("code", "单位", "D2")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("甲,乙\n1,2\n", "没有找到名录的表头"),
        ("", "空文件"),
        ("联系人,层级\n张三,县级政府\n", "没有找到名录的表头"),
        ("机关名称,某局\n行政区划代码,110105\n", "没有找到名录的表头"),
        ("机关名称\n统一社会信用代码\n", "没有找到名录的表头"),
        (b"\xff\xfe\x00", "编码"),
        ("机关名称\n甲".encode() + b"\xff\xff", "编码"),
        (b"%PDF-1.4", "PDF"),
        (b"PK\x03\x04 broken", "损坏"),
        ("<html><table>机关名称", "网页"),
        ('机关名称\n"' + "甲" * 200_000, "CSV"),
    ],
)
def test_what_is_no_roster_is_said_in_a_sentence(tmp_path: Path, content: str | bytes, said: str) -> None:
    path = tmp_path / "名录.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(NotARoster) as caught:
        read_roster(path)
    zh, en = caught.value.message
    assert said in zh
    assert "名录.csv" in zh
    assert en.isprintable()


def test_a_report_is_no_roster_and_a_missing_file_is_said(tmp_path: Path) -> None:
    from workbook.excel.template.template_writer import write_workbook as write_report

    path = tmp_path / "年报.xlsx"
    write_report(path, domain.zero(domain.FORM_FILES[-1]))
    for one in (path, tmp_path / "没有.xlsx", tmp_path):
        with pytest.raises(NotARoster):
            read_roster(one)


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_there_are_a_roster_or_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "名录.csv"
    path.write_bytes("机关名称,统一社会信用代码\n".encode("gb18030") + data)
    try:
        roster = read_roster(path)
    except NotARoster as trouble:
        assert trouble.message.zh
    else:
        assert all(one.name or one.code for one in roster.agencies)
        assert all(one.say("zh") and one.say("en") for one in roster.problems)


# what is wrong with lines


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (["甲局,,,,,,"], []),
        ([",,110105,县级政府部门,,,"], [("nobody", 2)]),
        ([f"甲局,{code(1)},,,,,", f"乙局,{code(1)},,,,,"], [("code-twice", 3)]),
        ([f"甲局,{code(1)},,,,,", f"甲局,{code(1)},110105,,,,"], [("repeated", 3)]),
        (["甲局,,,,,,", " 甲 局,,,,,,"], [("repeated", 3)]),
        (["甲局,,110105,,,,", "甲局,,110106,,,,"], []),
        (["甲局,,110105,,,,", "甲局,,,,,,"], [("name-twice", 3)]),
        ([f"甲局,{code(1)},,,,,", f"甲局,{code(2)},,,,,"], []),
        ([f"甲局,{code(1)},,,,,", "甲局,,,,,,"], [("name-twice", 3)]),
        (["甲局,,,处级,,,"], [("level", 2)]),
        (["甲局,,,乡级政府(街道办事处),,,"], []),
        (["甲局,,,,没有的局,,"], [("parent-unknown", 2)]),
        (["甲局,,110105,,,,", "甲局,,110106,,,,", "乙局,,,,甲局,,"], [("parent-unclear", 4)]),
        (["甲局,,,,甲局,,"], [("circle", 2)]),
        (["甲局,,,,丙局,,", "乙局,,,,甲局,,", "丙局,,,,乙局,,", "丁局,,,,丙局,,"], [("circle", 2)]),
        (["甲局,111,,,,,"], [("code", 2)]),
        (["甲局,1.11101E+17,,,,,", "乙局,1.11101E+17,,,,,"], [("code", 2), ("code", 3)]),
        ([f"甲局,{code(1).lower()},,,,,"], []),
        (["甲局,,999999,,,,"], [("region", 2)]),
        (["甲局,,,,,,2026-02-30"], [("deadline", 2)]),
        (["甲局,,,,,,尽快"], [("deadline", 2)]),
    ],
)
def test_problems_name_line_and_kind(tmp_path: Path, said: list[str], found: list[tuple[str, int]]) -> None:
    roster = lines(tmp_path, *said)
    assert kinds(roster) == found
    for one in roster.problems:
        assert one.source.file == "名录.csv"
        assert one.say().startswith(f"名录.csv 第 {one.line} 行：")
        assert not set("，。；：、（）") & set(one.say("en"))
        assert one.severity in Severity
        assert "{" not in one.say() + one.say("en")


def test_nobody_is_lost_in_a_circle(tmp_path: Path) -> None:
    roster = lines(tmp_path, "甲局,,,,丙局,,", "乙局,,,,甲局,,", "丙局,,,,乙局,,", "丁局,,,,丙局,,")
    assert [one.name for one in roster.roots] == ["甲局", "乙局", "丙局"]
    assert [one.name for one in roster.children(roster.agencies[2])] == ["丁局"]
    assert "甲局 → 丙局 → 乙局 → 甲局" in roster.problems[0].say()


# matching

SAME = Roster(
    (
        RosterAgency("统计局", "", "110105"),
        RosterAgency("统计局", "", "110106"),
        RosterAgency("民政局", code(4), "110105"),
        RosterAgency("民政局", code(5), "110106"),
        RosterAgency("甲局", code(6)),
        RosterAgency("乙局", code(6)),
        RosterAgency("Ａ局（新）", "", "110105"),
        RosterAgency("", code(7)),
        RosterAgency("丙局", code(8), "110105"),
    )
)


@pytest.mark.parametrize(
    ("who", "line", "by"),
    [
        (Identity("统计局", "", "110106"), 1, "name"),
        (Identity("统计局", "", ""), None, ""),
        (Identity("统计局", "", "110107"), None, ""),
        (Identity("民政局", code(5), "110105"), 3, "code"),
        (Identity("民政局", "", "110106"), 3, "name"),
        (Identity("民政局", "", ""), None, ""),
        (Identity("甲局", code(6)), 4, "code"),
        (Identity("丁局", code(6)), None, ""),
        (Identity(" a 局(新) "), 6, "name"),
        (Identity("谁", code(7)), 7, "code"),
        (Identity("", code(7).lower()), 7, "code"),
        (Identity("丙局", "111"), 8, "name"),
        (Identity("丙局", code(9)), 8, "name"),
        (Identity("丙局", code(9), "110106"), None, ""),
        (Identity("没有的局"), None, ""),
        (Identity(), None, ""),
    ],
)
def test_matching(who: Identity, line: int | None, by: str) -> None:
    found = SAME.match(who)
    assert found.agency is (None if line is None else SAME.agencies[line])
    assert found.by == by
    assert bool(found.agency) != bool(found.candidates) or not (found.agency or found.candidates)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (Identity("甲乙丙局", code(8)), f"信用代码 {code(8)} 在名录中是“丙局”，报告上写的是“甲乙丙局”"),
        (Identity("乙局", code(8)), "封面名称是名录中的“乙局”，信用代码是“丙局”的"),
        (Identity("丙局", code(9)), f"“丙局”在名录中的信用代码是 {code(8)}，报告上写的是 {code(9)}"),
        (Identity("丙局", "", "110106"), "“丙局”在名录中的行政区划是 110105，报告上写的是 110106"),
        (Identity("统计局"), "名录中有 2 个机关与它相符"),
        (Identity("丙局", code(8), "110106"), ""),
        (Identity("没有的局"), ""),
    ],
)
def test_what_does_not_agree_is_said(who: Identity, said: str) -> None:
    difference = SAME.match(who).difference
    assert said in difference.zh
    assert bool(difference.zh) == bool(difference.en) == bool(said)


names = st.text(st.sampled_from("某县甲乙局ＡａA　 （)=+-@'\t１1"), min_size=1, max_size=8).filter(fold_name)
agencies = st.builds(
    RosterAgency,
    name=names.map(lambda text: " ".join(text.split())),
    code=st.one_of(st.just(""), st.integers(0, 40).map(code)),
    region=st.sampled_from(["", "110105", "110106"]),
    level=st.sampled_from(["", *(one.code for one in identity.list_levels())]),
    parent=st.one_of(st.just(""), names.map(lambda text: " ".join(text.split()))),
    contact=st.sampled_from(["", "张三 010-1", "=cmd|' /C calc'!A0", "@SUM(A1)", "'引号'", 'a,b;c"d']),
    deadline=st.one_of(st.none(), st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31))),
)
rosters = st.lists(agencies, max_size=8).map(lambda some: Roster(tuple(some)))


@pytest.mark.slow
@given(rosters.filter(lambda roster: bool(roster.agencies)), st.data())
def test_a_match_fits_and_how_a_name_is_spelt_does_not_matter(roster: Roster, data: st.DataObject) -> None:
    who = data.draw(st.sampled_from([one.identity for one in roster.agencies]))
    found = roster.match(who)
    respelt = Identity(f" {who.name.swapcase()}　", who.code.lower(), who.region)
    assert roster.match(respelt).agency is found.agency
    if found.agency:
        same_code = bool(who.code) and found.agency.code == who.code
        assert found.by == ("code" if same_code else "name")
        assert same_code or fold_name(found.agency.name) == fold_name(who.name)
    else:
        assert len(found.candidates) > 1  # it is on the roster itself: not found only where several fit


@pytest.mark.slow
@given(rosters)
def test_the_tree_holds_everybody_once(roster: Roster) -> None:
    distinct = dict.fromkeys(roster.agencies)
    seen: list[RosterAgency] = []
    at = list(dict.fromkeys(roster.roots))
    while at:
        one = at.pop()
        seen.append(one)
        at += dict.fromkeys(roster.children(one))
        assert all(roster.parent(child) == one for child in roster.children(one))
    assert sorted(map(repr, seen)) == sorted(map(repr, distinct))


def test_the_tree() -> None:
    assert ROSTER.roots == (CITY,)
    assert ROSTER.children(CITY) == (COUNTY,)
    assert ROSTER.parent(BUREAU) is COUNTY
    assert ROSTER.children(BUREAU) == ()


def test_keys_are_equal_for_reports_of_one_agency_and_blank_for_strangers() -> None:
    assert ROSTER.key(Identity("某县 统计局")) == ROSTER.key(Identity("改了名", code(3))) == code(3)
    assert SAME.key(Identity("统计局", "", "110105")) != SAME.key(Identity("统计局", "", "110106"))
    assert SAME.key(Identity("甲局", code(6))) != SAME.key(Identity("乙局", code(6)))
    assert ROSTER.key(Identity("没有的局")) == ""


@pytest.mark.slow
def test_a_roster_of_20000_lines_is_matched_at_once() -> None:
    roster = Roster(
        tuple(
            RosterAgency(f"第{n % 9000}局", code(n) if n < 9000 else "", f"{110000 + n // 9000}") for n in range(20_000)
        )
    )
    roster.match(Identity("第1局"))
    begun = time.perf_counter()
    found = [roster.match(one.identity).agency for one in roster.agencies]
    assert found == list(roster.agencies)
    assert time.perf_counter() - begun < 10


# deadlines


@pytest.mark.parametrize(
    ("level", "last"),
    [
        ("county-department", (1, 31)),
        ("city-department", (1, 31)),
        ("province-department", (1, 31)),
        ("ministry", (1, 31)),
        ("county", (3, 31)),
        ("city", (3, 31)),
        ("province", (3, 31)),
        ("township", None),
        ("township-department", None),
        ("ministry-department", None),
        ("", None),
    ],
)
def test_statutory_deadlines(level: str, last: tuple[int, int] | None) -> None:
    assert get_deadline(level, 2025) == (last and datetime.date(2026, *last))


def test_the_statute_is_cited_with_the_dates_it_names() -> None:
    assert set(get_terms()) <= {one.code for one in identity.list_levels()}
    for term in get_terms().values():
        assert "第四十九条" in term.citation
        assert f"{term.month}月{term.day}日前" in term.text


def test_nearer_deadlines_stand_before_the_statute() -> None:
    feb = datetime.date(2026, 2, 1)
    roster = Roster((CITY, BUREAU, RosterAgency("某镇", level="township")), (), {"city": feb})
    city, bureau, town = roster.agencies
    assert roster.due(city, 2025) == feb
    assert roster.due(bureau, 2025) == datetime.date(2026, 1, 20)
    assert roster.due(bureau, 2026) == datetime.date(2027, 1, 31)  # last year's own date is over
    assert roster.due(town, 2025) is None
    assert Roster((town,), (), {"": feb}).due(town, 2025) == feb


@pytest.mark.parametrize(
    ("modified", "is_late"),
    [
        (datetime.date(2026, 1, 31), False),
        (datetime.date(2026, 2, 1), True),
        (datetime.datetime(2026, 1, 31, 23, 59, 59), False),
        (datetime.datetime(2026, 2, 1, 0, 0), True),
    ],
)
def test_the_last_day_is_in_time(modified: datetime.date, is_late: bool) -> None:
    assert late(modified, datetime.date(2026, 1, 31)) is is_late
    assert late(modified, None) is False


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2026-1-31", (2026, 1, 31)),
        ("2026/01/31", (2026, 1, 31)),
        ("2026.1.31", (2026, 1, 31)),
        ("２０２６年１月３１日", (2026, 1, 31)),
        ("2026 年 1 月 31 日", (2026, 1, 31)),
        ("20260131", (2026, 1, 31)),
        (20260131, (2026, 1, 31)),
        ("2026-01-31T00:00:00", (2026, 1, 31)),
        (46053, (2026, 1, 31)),
        (46053.5, (2026, 1, 31)),
        ("1月31日", None),
        ("2026-13-01", None),
        ("12345", None),
        (True, None),
        (None, None),
        ("", None),
    ],
)
def test_dates_as_people_write_them(raw: str | float | None, day: tuple[int, int, int] | None) -> None:
    assert parse_written_date(raw) == (day and datetime.date(*day))


# writing


@pytest.mark.slow
@pytest.mark.parametrize("name", ["名录.xlsx", "名录.csv", "名录.CSV"])
@given(some=st.lists(agencies, max_size=6, unique_by=lambda one: (one.code or "", fold_name(one.name), one.region)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_again(tmp_path: Path, name: str, some: list[RosterAgency]) -> None:
    distinct: dict[tuple[str, str, str], RosterAgency] = {}
    for one in some:
        distinct.setdefault((one.code, fold_name(one.name), "" if one.code else one.region), one)
    path = tmp_path / name
    write_roster(path, Roster(tuple(distinct.values())))
    back = read_roster(path)
    assert back.agencies == tuple(distinct.values())
    if name == "名录.xlsx":
        book = load_workbook(path)
        assert not [cell for sheet in book for line in sheet.iter_rows() for cell in line if cell.data_type == "f"]
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            assert not [cell for line in csv.reader(file) for cell in line if cell.startswith(tuple("=+-@＝＋－＠"))]


def test_the_same_roster_gives_the_same_bytes(tmp_path: Path) -> None:
    write_roster(tmp_path / "a.xlsx", ROSTER)
    write_roster(tmp_path / "b.xlsx", ROSTER)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_the_empty_roster_asks_for_what_is_needed() -> None:
    book = load_workbook(io.BytesIO(build_roster_template()))
    sheet = book.worksheets[0]
    labels = [column.label for column in list_roster_columns()]
    assert [cell.value for cell in sheet[3]][: len(labels)] == labels
    assert sheet.freeze_panes == "B4"
    assert sheet.print_title_rows == "$3:$3"
    (levels,) = [one for one in sheet.data_validations.dataValidation if one.type == "list"]
    assert levels.formula1.strip('"').split(",") == [one.label for one in identity.list_levels()]
    assert {sheet.cell(4, n + 1).number_format for n in range(len(labels))} == {"@"}
    assert {sheet.column_dimensions[letter].width > 10 for letter in "ABCDEFG"} == {True}


def test_the_empty_roster_is_read_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "名录.xlsx"
    path.write_bytes(build_roster_template())
    assert read_roster(path) == Roster()


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "名录.xlsx"
    path.write_bytes(b"old")
    with pytest.raises(OSError):
        write_roster(tmp_path / "没有的文件夹" / "名录.xlsx", ROSTER)
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["名录.xlsx"]


@pytest.mark.office
def test_the_workbook_is_valid(tmp_path: Path, openxml_errors) -> None:
    for name, roster in {"空": Roster(), "满": ROSTER}.items():
        path = tmp_path / f"{name}.xlsx"
        write_roster(path, roster)
        assert openxml_errors(path) == []


# drafting


def who(name: str, level: str, region: str, **other: object) -> Identity:
    return Identity(name, region=region, level=level, **other)  # type: ignore[arg-type]


def test_a_draft_has_a_line_an_agency_and_certain_parents() -> None:
    drafted = draft_roster(
        [
            who("某县统计局", "county-department", "110105", code=code(3)),
            who("某县统计局", "", "", code=code(3), revision=2, contact="李四"),
            who("某省人民政府", "province", "110000"),
            who("某市人民政府", "city", "110100"),
            who("某县人民政府", "county", "110105"),
            who("某镇人民政府", "township", "110105"),
            who("另县民政局", "county-department", "110106"),
            Identity(contact="谁"),
        ]
    )
    parents = {one.name: one.parent for one in drafted.agencies}
    assert parents == {
        "某省人民政府": "",
        "某市人民政府": "某省人民政府",
        "某县人民政府": "某市人民政府",
        "某县统计局": "某县人民政府",
        "某镇人民政府": "某县人民政府",
        "另县民政局": "",
    }
    (bureau,) = [one for one in drafted.agencies if one.name == "某县统计局"]
    assert (bureau.region, bureau.level, bureau.contact) == ("110105", "county-department", "李四")
    assert drafted.roots == (drafted.agencies[0], drafted.agencies[-1])


@pytest.mark.parametrize(
    "governments",
    [
        [],
        [("甲县人民政府", "110105", ""), ("乙县人民政府", "110105", "")],
        [("甲县人民政府", "110106", "")],
        [("甲县人民政府", "", "")],
    ],
)
def test_a_parent_is_not_guessed(governments: list[tuple[str, str, str]]) -> None:
    some = [Identity(name, code, region, "county") for name, region, code in governments]
    drafted = draft_roster([*some, who("某县统计局", "county-department", "110105")])
    assert {one.parent for one in drafted.agencies} == {""}


def test_a_parent_of_a_name_that_others_have_is_stated_by_code() -> None:
    government = Identity("人民政府", code(1), "110105", "county")
    other = Identity("人民政府", code(2), "110106", "county")
    drafted = draft_roster([government, other, who("统计局", "county-department", "110105")])
    (bureau,) = [one for one in drafted.agencies if one.name == "统计局"]
    assert bureau.parent == code(1)
    assert drafted.parent(bureau) is not None


@pytest.mark.parametrize(
    ("county", "above"),
    [("110105", "110000"), ("429004", "420000"), ("500233", "500000"), ("370102", ""), ("469001", "460000")],
)
def test_only_counties_without_a_city_stand_under_the_province(county: str, above: str) -> None:
    provinces = [who(region, "province", region) for region in ("110000", "420000", "500000", "370000", "460000")]
    drafted = draft_roster([*provinces, who("某县", "county", county)])
    (one,) = [one for one in drafted.agencies if one.level == "county"]
    assert one.parent == above


@given(st.lists(domain.agencies, max_size=12))
def test_any_draft_matches_the_reports_it_was_made_from(some: list[Identity]) -> None:
    drafted = draft_roster(some)
    for one in some:
        if code := valid_code(one):
            found = drafted.match(one)
            lines = found.candidates if found.crossed else (found.agency,)
            assert code in [line.code for line in lines if line]
            assert not found.crossed or fold_name(one.name) in [fold_name(line.name) for line in lines if line]
    assert drafted.circles == ()
