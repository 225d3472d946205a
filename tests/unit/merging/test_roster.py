"""The roster: read from whatever people send, matched without a guess, written and drafted."""

from __future__ import annotations

import csv
import datetime
import io
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from tests import domain
from tests.samples.agency_files import code
from tests.samples.step_counter import steps
from workbook.excel.template.template_writer import write_workbook
from workbook.merging.roster.roster_lines import (
    Roster,
    RosterAgency,
    get_deadline,
    get_terms,
    is_late,
    list_roster_columns,
    parse_written_date,
)
from workbook.merging.roster.roster_reader import NotARoster, read_roster
from workbook.merging.roster.roster_writer import build_roster_template, draft_roster, format_roster_csv, write_roster
from workbook.model import identity
from workbook.model.finding import Severity
from workbook.model.identity import Identity, get_comparable_code
from workbook.safety.unsafe_text import fold_name


def fill(value: Any) -> Any:
    """A value of the table of cases with its credit codes: `{3}` that of agency 3, `{3x}` in small letters."""
    if isinstance(value, list):
        return [fill(one) for one in value]
    if isinstance(value, dict):
        return {key: fill(one) for key, one in value.items()}
    if isinstance(value, str):
        return re.sub(r"\{(\d+)(x?)\}", lambda m: code(int(m[1])).lower() if m[2] else code(int(m[1])), value)
    return value


CASES = {key: fill(value) for key, value in tomllib.loads((domain.CASES / "roster.toml").read_text("utf-8")).items()}
HEADS = "机关名称,统一社会信用代码,行政区划代码,机关层级,上级机关,联系人及电话,截止日期"
CITY = RosterAgency("某市人民政府", code(1), "110100", "city")
COUNTY = RosterAgency("某县人民政府", code(2), "110105", "county", "某市人民政府")
BUREAU = RosterAgency(
    "某县统计局", code(3), "110105", "county-department", code(2), "张三 010-1", datetime.date(2026, 1, 20)
)
ROSTER = Roster((CITY, COUNTY, BUREAU))


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "名录.csv"
    path.write_bytes(text.encode(encoding))
    return path


def lines(folder: Path, *texts: str) -> Roster:
    """A roster read from a CSV with these lines under the usual headings."""
    return read_roster(csv_file(folder, "\n".join([HEADS, *texts])))


def sheets(path: Path, **tables: list[list[object]]) -> Path:
    """A workbook with those sheets; one whose name begins with `_` is hidden."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name.startswith("_") else "visible"
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


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


@pytest.mark.parametrize("heads", CASES["headings"])
def test_headings_are_matched_by_what_they_mean(tmp_path: Path, heads: str) -> None:
    line = f"7,某县统计局,{code(3)},110105,县级政府部门,,李四,2026.1.20"
    (found,) = read_roster(csv_file(tmp_path, f"某县名录\n\n{heads}\n{line}\n")).agencies
    day = datetime.date(2026, 1, 20)
    assert found == RosterAgency("某县统计局", code(3), "110105", "county-department", "", "李四", day)
    assert found.line == 4


def test_contact_and_telephone_may_stand_apart(tmp_path: Path) -> None:
    roster = read_roster(csv_file(tmp_path, "单位名称,联系人,联系电话\n某局,张三,010-1234\n"))
    assert roster.agencies[0].contact == "张三 010-1234"


def test_a_list_of_names_alone_is_a_roster(tmp_path: Path) -> None:
    found = read_roster(csv_file(tmp_path, "单位名称\n甲局\n\n乙局\n"))
    assert [one.name for one in found.agencies] == ["甲局", "乙局"]


def test_headings_repeated_on_every_page_are_no_agency(tmp_path: Path) -> None:
    assert len(lines(tmp_path, "甲局,,,,,,", HEADS, "乙局,,,,,,").agencies) == 2


def test_names_over_several_lines_keep_the_numbers_of_lines(tmp_path: Path) -> None:
    roster = lines(tmp_path, '"某县\n统计局",,,,,,', "乙局,,,,,,")
    assert [(one.name, one.line) for one in roster.agencies] == [("某县 统计局", 2), ("乙局", 4)]


def test_a_workbook_with_numbers_for_codes_and_dates_for_deadlines(tmp_path: Path) -> None:
    rows = [
        ["单位名称", "区划代码", "截止日期", "统一社会信用代码"],
        ["某局", 110105, datetime.datetime(2026, 1, 20), 111101050000000004],
    ]
    roster = read_roster(sheets(tmp_path / "名录.xlsx", 封面=[["说明"]], 单位=rows))
    assert (roster.agencies[0].region, roster.agencies[0].deadline) == ("110105", datetime.date(2026, 1, 20))
    (one,) = roster.problems  # 18 digits typed as a number: the last are lost, or by chance not
    assert (one.kind, one.source.sheet, one.source.cell) == ("code", "单位", "D2")


def test_the_fullest_list_of_a_workbook_is_the_roster_and_visible_sheets_come_first(tmp_path: Path) -> None:
    heads = ["单位名称", "区划代码"]
    path = sheets(
        tmp_path / "名录.xlsx",
        短=[["单位名称"], ["只有名称的局"]],
        _旧=[heads, ["旧局", "110105"]],
        新=[heads, ["新局", "110105"]],
    )
    assert [one.name for one in read_roster(path).agencies] == ["新局"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        *CASES["refused"],
        (b"\xff\xfe\x00", "编码"),
        ("机关名称\n甲".encode() + b"\xff\xff", "编码"),
        ('机关名称\n"' + "甲" * 200_000, "CSV"),
        (bytes(range(256)) * 40, "名录.csv"),
    ],
)
def test_what_is_no_roster_is_refused_in_a_sentence(tmp_path: Path, content: str | bytes, words: str) -> None:
    path = tmp_path / "名录.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(NotARoster) as caught:
        read_roster(path)
    zh, en = caught.value.message
    assert words in zh
    assert "名录.csv" in zh
    assert en.isprintable()


def test_a_report_a_missing_file_and_a_folder_are_no_roster(tmp_path: Path) -> None:
    write_workbook(tmp_path / "年报.xlsx", domain.zero(domain.FORM_FILES[-1]))
    for one in (tmp_path / "年报.xlsx", tmp_path / "没有.xlsx", tmp_path):
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


@pytest.mark.parametrize("before", [0, 400])
def test_a_control_among_the_lines_is_left_out_wherever_it_is(tmp_path: Path, before: int) -> None:
    texts = ["机关名称,上级机关", *(f"第{n}局," for n in range(before)), "某\b局,某\x00县", "\x0f,", "乙局,"]
    roster = read_roster(csv_file(tmp_path, "\n".join(texts)))
    assert [(one.name, one.parent) for one in roster.agencies[before:]] == [("某局", "某县"), ("乙局", "")]
    write_roster(tmp_path / "又.csv", roster)
    assert read_roster(tmp_path / "又.csv").agencies == roster.agencies


# what is wrong with lines


@pytest.mark.parametrize(("texts", "found"), CASES["problems"])
def test_problems_name_line_and_kind(tmp_path: Path, texts: list[str], found: list[list[object]]) -> None:
    roster = lines(tmp_path, *texts)
    assert [[one.kind, one.line] for one in roster.problems] == found
    for one in roster.problems:
        assert one.source.file == "名录.csv"
        assert one.say().startswith(f"名录.csv 第 {one.line} 行：")
        assert not set("，。；：、（）") & set(one.say("en"))
        assert one.severity in Severity
        assert "{" not in one.say() + one.say("en")


def test_a_problem_names_the_cell_in_the_workbook(tmp_path: Path) -> None:
    rows = [
        ["备注", "单位名称", "上级单位", "区划代码", "级别", "报送期限", "信用代码"],
        ["", "甲局", "没有的局", "99", "处级", "尽快", "111"],
        ["", "甲局", "", "", "", "", ""],
        ["", "乙局", "乙局", "", "", "", code(1)],
        ["", "丙局", "", "", "", "", code(1)],
        ["忘了写", "", "", "110105", "", "", ""],
        ["", "丙局", "", "", "", "", code(1)],
    ]
    found = {one.source.cell: one.kind for one in read_roster(sheets(tmp_path / "名录.xlsx", 名录=rows)).problems}
    assert found == {
        "G2": "code",
        "D2": "region",
        "E2": "level",
        "F2": "deadline",
        "C2": "parent-unknown",
        "B3": "name-twice",
        "C4": "circle",
        "G5": "code-twice",
        "B6": "nobody",
        "B7": "repeated",
    }


def test_nobody_is_lost_in_a_circle(tmp_path: Path) -> None:
    roster = lines(tmp_path, "甲局,,,,丙局,,", "乙局,,,,甲局,,", "丙局,,,,乙局,,", "丁局,,,,丙局,,")
    assert [one.name for one in roster.roots] == ["甲局", "乙局", "丙局"]
    assert [one.name for one in roster.children(roster.agencies[2])] == ["丁局"]
    assert "甲局 → 丙局 → 乙局 → 甲局" in roster.problems[0].say()


# matching

SAME = tuple(
    RosterAgency(name, code_, region) for name, code_, region in (one.split(",")[:3] for one in CASES["lines"])
)


@pytest.mark.parametrize(("who", "line", "by", "difference"), CASES["matches"])
def test_a_report_is_matched_to_one_line_or_to_none(who: list[str], line: int, by: str, difference: str) -> None:
    found = Roster(SAME).match(Identity(*who))
    assert found.agency == (SAME[line - 1] if line else None)
    assert found.by == by
    assert not (found.agency and found.candidates)
    assert difference in found.difference.zh
    assert bool(found.difference.zh) == bool(found.difference.en) == bool(difference)


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
    same = Roster(SAME)
    assert ROSTER.key(Identity("某县 统计局")) == ROSTER.key(Identity("改了名", code(3))) == code(3)
    assert same.key(Identity("统计局", "", "110105")) != same.key(Identity("统计局", "", "110106"))
    assert same.key(Identity("甲局", code(6))) != same.key(Identity("乙局", code(6)))
    assert ROSTER.key(Identity("没有的局")) == ""


def test_a_match_costs_the_same_however_long_the_roster_is() -> None:
    costs = []
    for n in (100, 100, 2000):  # the first loads what is needed once
        agencies = [RosterAgency(f"第{i % 90}局", code(i) if i < 90 else "", f"{110000 + i // 90}") for i in range(n)]
        roster = Roster(tuple(agencies))
        roster.match(Identity("第1局"))
        costs.append(steps(lambda roster=roster: [roster.match(one.identity) for one in roster.agencies[-90:]]))
        assert [roster.match(one.identity).agency for one in roster.agencies] == agencies
    assert costs[2] < 1.5 * costs[1]


# deadlines


@pytest.mark.parametrize("day", CASES["deadlines"])
def test_statutory_deadlines(day: str) -> None:
    for level in CASES["deadlines"][day]:
        assert get_deadline(level, 2025) == (None if day == "none" else datetime.date.fromisoformat(day))


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
    ("modified", "late"),
    [
        (datetime.date(2026, 1, 31), False),
        (datetime.date(2026, 2, 1), True),
        (datetime.datetime(2026, 1, 31, 23, 59, 59), False),
        (datetime.datetime(2026, 2, 1, 0, 0), True),
    ],
)
def test_the_last_day_is_in_time(modified: datetime.date, late: bool) -> None:
    assert is_late(modified, datetime.date(2026, 1, 31)) is late
    assert is_late(modified, None) is False


@pytest.mark.parametrize(("raw", "day"), [*CASES["dates"], (None, "")])
def test_dates_as_people_write_them(raw: str | float | None, day: str) -> None:
    assert parse_written_date(raw) == (datetime.date.fromisoformat(day) if day else None)


# writing


LOOKS = [
    ('=HYPERLINK("http://x","点")', "", "=cmd|' /C calc'!A0"),
    ("+86某局", '=HYPERLINK("http://x","点")', "+86 10 1234"),
    ("-某局", "+86某局", "-1"),
    ("@SUM(A1)", "-某局", "@张三"),
    ("＝全角等号局", "@SUM(A1)", "＋86"),
    ("'单引号'局", "＝全角等号局", "''"),
    ('双"引号",逗号;分号局', "'单引号'局", "a\\b"),
    ("_x0041_局", "", "0101234"),
    ("{=1+1}", "_x0041_局", "1e5"),
    ("𠮷县统计局&<b>", "", "010-12345678901234567890"),
    ("000123", "", "110105199001011234"),
    ("TRUE", "000123", "#REF!"),
]
"""Names, parents and contacts that a spreadsheet would take for something else."""
NASTY = Roster(
    (
        *(RosterAgency(name, "", "110105", "county-department", parent, contact) for name, parent, contact in LOOKS),
        RosterAgency("某局", code(7), "110105", "township", "", "张三", datetime.date(2026, 1, 20)),
    )
)


def unsafe_cells(path: Path) -> list[object]:
    """The cells of a written roster that a program would run, follow, or round."""
    if path.suffix == ".xlsx":
        sheet = load_workbook(path).worksheets[0]
        cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
        return [cell.value for cell in cells if cell.data_type != "s" or cell.hyperlink]
    texts = [text for line in csv.reader(path.read_text("utf-8-sig").splitlines()) for text in line]
    return [text for text in texts if text.startswith(tuple("=+-@＝＋－＠")) or (text.isdigit() and len(text) > 15)]


@pytest.mark.parametrize(("name", "first"), [("名录.xlsx", 4), ("名录.csv", 2)])
def test_names_that_look_like_formulas_stay_names(tmp_path: Path, name: str, first: int) -> None:
    path = tmp_path / name
    write_roster(path, NASTY)
    back = read_roster(path)
    assert (back.agencies, back.problems) == (NASTY.agencies, ())
    assert [one.line for one in back.agencies] == list(range(first, first + len(NASTY.agencies)))
    assert [back.parent(one) for one in back.agencies] == [NASTY.parent(one) for one in NASTY.agencies]
    assert not unsafe_cells(path)
    write_roster(tmp_path / f"又{name}", back)
    assert (tmp_path / f"又{name}").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16"])
def test_a_csv_saved_anew_in_another_encoding_is_the_same_roster(tmp_path: Path, encoding: str) -> None:
    text = format_roster_csv(NASTY).decode("utf-8-sig")
    assert read_roster(csv_file(tmp_path, text, encoding)).agencies == NASTY.agencies


@pytest.mark.slow
@pytest.mark.parametrize("name", ["名录.xlsx", "名录.csv"])
@given(some=st.lists(agencies, max_size=6, unique_by=lambda one: (one.code or "", fold_name(one.name), one.region)))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_again(tmp_path: Path, name: str, some: list[RosterAgency]) -> None:
    distinct: dict[tuple[str, str, str], RosterAgency] = {}
    for one in some:
        distinct.setdefault((one.code, fold_name(one.name), "" if one.code else one.region), one)
    write_roster(tmp_path / name, Roster(tuple(distinct.values())))
    assert read_roster(tmp_path / name).agencies == tuple(distinct.values())
    assert not unsafe_cells(tmp_path / name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["名录.xlsx", "名录.csv"])
def test_20000_lines_come_back(tmp_path: Path, name: str) -> None:
    some = Roster(
        tuple(RosterAgency(f"第{n}局", "", "110105", "county-department", "第0局" if n else "") for n in range(20_000))
    )
    write_roster(tmp_path / name, some)
    back = read_roster(tmp_path / name)
    assert back.agencies == some.agencies
    assert len(back.children(back.agencies[0])) == 19_999


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


@pytest.mark.parametrize("case", CASES["draft"])
def test_a_draft_has_a_line_an_agency_and_the_parents_that_are_certain(case: dict[str, Any]) -> None:
    reports = [
        Identity(name, code(*number) if number else "", region, level)
        for name, level, region, *number in case["reports"]
    ]
    drafted = draft_roster(reports)
    assert {one.name: one.parent for one in drafted.agencies} == case["parents"]
    assert [one for one in drafted.agencies if one.parent and drafted.parent(one) is None] == []


def test_of_several_reports_the_newest_is_believed_and_others_fill_what_it_leaves_blank() -> None:
    old = Identity("某县统计局", code(3), "110105", "county-department")
    (one,) = draft_roster([old, Identity("某县统计局", code(3), contact="李四", revision=2)]).agencies
    assert (one.region, one.level, one.contact) == ("110105", "county-department", "李四")


@given(st.lists(domain.agencies, max_size=12))
def test_any_draft_matches_the_reports_it_was_made_from(some: list[Identity]) -> None:
    drafted = draft_roster(some)
    for one in some:
        if code := get_comparable_code(one):
            found = drafted.match(one)
            lines = found.candidates if found.crossed else (found.agency,)
            assert code in [line.code for line in lines if line]
            assert not found.crossed or fold_name(one.name) in [fold_name(line.name) for line in lines if line]
    assert drafted.circles == ()
