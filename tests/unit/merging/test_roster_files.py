"""A roster goes into a file and comes back: workbook and CSV, any encoding, whatever agencies call themselves."""

from __future__ import annotations

import csv
import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from tests.samples.agency_files import code
from workbook.merging.roster.roster_lines import Roster, RosterAgency
from workbook.merging.roster.roster_reader import NotARoster, read_roster
from workbook.merging.roster.roster_writer import format_roster_csv, write_roster

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


@pytest.mark.parametrize("name", ["名录.xlsx", "名录.csv"])
def test_names_that_look_like_formulas_stay_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_roster(path, NASTY)
    back = read_roster(path)
    assert back.agencies == NASTY.agencies
    assert back.problems == ()
    assert [back.parent(one) for one in back.agencies] == [NASTY.parent(one) for one in NASTY.agencies]
    write_roster(tmp_path / f"又{name}", back)
    assert (tmp_path / f"又{name}").read_bytes() == path.read_bytes()


def test_no_cell_of_the_workbook_is_a_formula_a_number_or_a_link(tmp_path: Path) -> None:
    write_roster(tmp_path / "名录.xlsx", NASTY)
    sheet = load_workbook(tmp_path / "名录.xlsx").worksheets[0]
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]


def test_no_cell_of_the_csv_is_a_formula() -> None:
    text = format_roster_csv(NASTY).decode("utf-8-sig")
    cells = [cell for line in csv.reader(text.splitlines()) for cell in line]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@＝＋－＠"))]
    assert not [cell for cell in cells if cell.isdigit() and len(cell) > 15]  # a spreadsheet would round it


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16"])
def test_a_csv_saved_anew_in_another_encoding_is_the_same_roster(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "名录.csv"
    path.write_bytes(format_roster_csv(NASTY).decode("utf-8-sig").encode(encoding))
    assert read_roster(path).agencies == NASTY.agencies


@pytest.mark.parametrize("before", [0, 400])
def test_a_control_among_the_lines_is_left_out_wherever_it_stands(tmp_path: Path, before: int) -> None:
    lines = ["机关名称,上级机关", *(f"第{n}局," for n in range(before)), "某\b局,某\x00县", "\x0f,", "乙局,"]
    path = tmp_path / "名录.csv"
    path.write_text("\n".join(lines), "utf-8")
    roster = read_roster(path)
    assert [(one.name, one.parent) for one in roster.agencies[before:]] == [("某局", "某县"), ("乙局", "")]
    write_roster(path, roster)
    assert read_roster(path).agencies[before:] == tuple(
        replace(one, line=line) for line, one in enumerate(roster.agencies[before:], before + 2)
    )


def test_what_is_no_text_is_no_roster_under_the_name_of_one_either(tmp_path: Path) -> None:
    for name, data in (("a.csv", bytes(range(256)) * 40), ("b.txt", b"\x00\x01\x02" * 900), ("c.csv", b"%PDF-1.7")):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(NotARoster, match=name):
            read_roster(tmp_path / name)


def test_lines_of_a_file_are_kept_in_its_order_and_number(tmp_path: Path) -> None:
    for name, first in (("名录.xlsx", 4), ("名录.csv", 2)):
        write_roster(tmp_path / name, NASTY)
        lines = [one.line for one in read_roster(tmp_path / name).agencies]
        assert lines == list(range(first, first + len(NASTY.agencies)))


def test_a_problem_names_the_cell_in_the_workbook(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["备注", "单位名称", "上级单位", "区划代码", "级别", "报送期限", "信用代码"])
    sheet.append(["", "甲局", "没有的局", "99", "处级", "尽快", "111"])
    sheet.append(["", "甲局", "", "", "", "", ""])
    sheet.append(["", "乙局", "乙局", "", "", "", code(1)])
    sheet.append(["", "丙局", "", "", "", "", code(1)])
    sheet.append(["忘了写", "", "", "110105", "", "", ""])
    sheet.append(["", "丙局", "", "", "", "", code(1)])
    book.save(tmp_path / "名录.xlsx")
    found = {(one.kind, one.source.cell) for one in read_roster(tmp_path / "名录.xlsx").problems}
    assert found == {
        ("code", "G2"),
        ("region", "D2"),
        ("level", "E2"),
        ("deadline", "F2"),
        ("parent-unknown", "C2"),
        ("name-twice", "B3"),
        ("circle", "C4"),
        ("code-twice", "G5"),
        ("nobody", "B6"),
        ("repeated", "B7"),
    }


def test_the_fullest_list_of_a_workbook_is_the_roster_and_visible_sheets_come_first(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["单位名称"])
    book.active.append(["只有名称的局"])
    old = book.create_sheet("旧")
    old.sheet_state = "hidden"
    for sheet, name in ((old, "旧局"), (book.create_sheet("新"), "新局")):
        sheet.append(["单位名称", "区划代码"])
        sheet.append([name, "110105"])
    book.save(tmp_path / "名录.xlsx")
    assert [one.name for one in read_roster(tmp_path / "名录.xlsx").agencies] == ["新局"]


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
