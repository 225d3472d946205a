"""Workbooks that are not ours: typed by hand, with labels as agencies write them. Read right, or said to be unread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.samples.filled_workbooks import FORM, OLD_FORM, REPORT, differing, filled, named, rules
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.model.numbers import to_cell_unit
from workbook.model.print_layout import plan_section
from workbook.model.report import Report
from workbook.rules.evaluation import Submission

TITLE = "某市统计局2023年政府信息公开工作年度报告"
Spell = Callable[[str], str]


def typed(
    path: Path,
    report: Report = REPORT,
    *,
    one_sheet: bool = False,
    title: str = TITLE,
    down: int = 0,
    right: int = 0,
    spell: Spell = lambda text: text,
    reverse: bool = False,
    merged: bool = True,
    after: Callable[[Workbook], object] = lambda _: None,
) -> Path:
    """The tables of a report as a clerk types them: labels and plain numbers, nothing else."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    row = down
    sections = report.form.sheets[::-1] if reverse else report.form.sheets
    for n, section in enumerate(sections):
        if n and not one_sheet:
            sheet, row = book.create_sheet(f"Sheet{n + 1}"), down
        sheet.cell(row + 1, 1, title if n == 0 else section.label)
        row = section_at(sheet, report, section.code, row + 2, right, spell, merged) + 2
    after(book)
    book.save(path)
    return path


def section_at(sheet: Worksheet, report: Report, code: str, row: int, right: int, spell: Spell, merged: bool) -> int:
    section = next(one for one in report.form.sections if one.code == code)
    printed = plan_section(report.form, section)
    for label in printed.labels:
        box = label.box.moved(row + 1, right + 1)
        sheet.cell(box.top, box.left, spell(label.text))
        if merged and label.box.merged:
            sheet.merge_cells(start_row=box.top, start_column=box.left, end_row=box.bottom, end_column=box.right)
    for cell, box in printed.cells.items():
        value = report[cell]
        shown = to_cell_unit(value, report.form.cell(cell).unit) if isinstance(value, int) else value
        sheet.cell(box.top + row + 1, box.left + right + 1, shown)
    return row + printed.rows


def replaced(old: str, new: str) -> Spell:
    return lambda text: text.replace(old, new)


AS_MET: dict[str, Spell] = {
    "as printed": lambda text: text,
    "、 for .": replaced(".", "、"),
    "．for .": replaced(".", "．"),
    "spaces within": " ".join,
    "newlines within": lambda text: "\n".join(text[n : n + 4] for n in range(0, len(text), 4)),
    "half-width brackets": lambda text: text.translate(str.maketrans("（）：", "():")),
    "no numbers": lambda text: text[2:] if text[:1].isdigit() else text,
    "规范性文件": replaced("行政规范性文件", "规范性文件"),
    "总 计": replaced("总计", "总 计"),
    "合计": lambda text: "合计" if text == "总计" else text,
    "本年废纸件数": replaced("本年废止件数", "本年废纸件数"),
    "其他法律行政止公开": replaced("其他法律行政法规禁止公开", "其他法律行政止公开"),
    "行政法复议": lambda text: "行政法复议" if text == "行政复议" else text,
    "不掌握相关信息": replaced("本机关不掌握相关政府信息", "本机关不掌握相关信息"),
    "Kangxi radicals": lambda text: text.replace("自", "⾃").replace("人", "⼈"),
    "no unit in the heading": replaced("（单位：万元）", ""),
    "another bracket around the unit": replaced("（单位：万元）", "(万元)"),
    "short heading": replaced("社会公益组织", "社会公益"),
}


def read_right(found: Submission, report: Report = REPORT) -> None:
    assert found.report.form.id == report.form.id
    assert not differing(found, report)
    assert rules(found) == ["structure-template"]


@pytest.mark.parametrize("one_sheet", [False, True], ids=["several sheets", "one sheet"])
@pytest.mark.parametrize("name", AS_MET)
def test_labels_as_met_are_known(tmp_path, name, one_sheet):
    read_right(read_workbook(typed(tmp_path / "年报.xlsx", spell=AS_MET[name], one_sheet=one_sheet)))


@pytest.mark.parametrize("one_sheet", [False, True], ids=["several sheets", "one sheet"])
@pytest.mark.parametrize("form", [FORM, OLD_FORM], ids=lambda form: form.id)
@pytest.mark.parametrize(
    "how",
    [{}, {"down": 7}, {"right": 4}, {"down": 3, "right": 2}, {"reverse": True}, {"merged": False}],
    ids=["plain", "lower", "further right", "both", "tables in another order", "nothing merged"],
)
def test_tables_are_found_wherever_they_stand(tmp_path, form, how, one_sheet):
    report = filled(form)
    found = read_workbook(typed(tmp_path / "年报.xlsx", report, one_sheet=one_sheet, **how))
    read_right(found, report)


@pytest.mark.parametrize(
    ("title", "name", "year"),
    [
        (TITLE, "某市统计局", 2023),
        ("2023年某市统计局政府信息公开工作年度报告", "某市统计局", 2023),
        ("某县人民政府 2022 年度政府信息公开工作报告", "某县人民政府", 2022),
        ("某局（2021年）政府信息公开年度报告", "某局", 2021),
        ("填报单位：某镇人民政府　报告年度：2024", "某镇人民政府", 2024),
        ("政府信息公开工作年度报告（2023年度）", "", 2023),
        ("统计表", "", None),
    ],
)
def test_agency_and_year_are_taken_from_the_title(tmp_path, title, name, year):
    found = read_workbook(typed(tmp_path / "年报.xlsx", title=title))
    assert (found.report.agency.name, found.report.year) == (name, year)


def put(sheet: str, **cells: object) -> Callable[[Workbook], None]:
    def after(book: Workbook) -> None:
        for cell, value in cells.items():
            book[sheet][cell] = value

    return after


# What a clerk changed; the cells then not read as in the report; what must be said, rule and words.
PARTLY: dict[str, tuple[Callable[[Workbook], object], dict[str, object], list[tuple[str, str]]]] = {
    "a label nobody knows": (put("Sheet2", C12="第三项"), {}, [("structure-label", "现为“第三项”")]),
    "a heading nobody knows": (put("Sheet2", F5="院所"), {}, [("structure-label", "现为“院所”")]),
    "a last line nobody knows": (put("Sheet2", A30="留下的"), {}, [("structure-label", "现为“留下的”")]),
    "a sixteenth value": (put("Sheet3", P6=5), {}, [("structure-extra", "Sheet3!P6")]),
    "a total that is a formula without result": (put("Sheet2", D29="=SUM(D8:D28)"), {}, []),
    "a total of fewer cells": (
        put("Sheet2", D29="=SUM(D8:D9)"),
        {"requests.results.person": REPORT["requests.granted.person"] + REPORT["requests.partial.person"]},
        [],
    ),
    "a column missing": (
        lambda book: book["Sheet2"].delete_cols(9),
        {f"requests.{row.code}.other": None for row in FORM.table("requests").rows},
        [("structure-missing", "找不到“其他”")],
    ),
    "a line missing": (
        lambda book: book["Sheet2"].delete_rows(11),
        {f"requests.denied.law.{c.code}": None for c in FORM.table("requests").columns},
        [("structure-missing", "找不到“2.其他法律行政法规禁止公开”")],
    ),
    "a heading in other money": (
        put("Sheet1", B15="本年收费金额（单位：元）"),
        {"fees.fees.amount": 12_000},
        [("unit", "元")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTLY)
def test_what_was_not_read_is_said(tmp_path, name):
    after, otherwise, expected = PARTLY[name]
    report = REPORT.with_values({"fees.fees.amount": 120_000_000})
    found = read_workbook(typed(tmp_path / "年报.xlsx", report, merged=False, after=after))
    assert differing(found, report) == otherwise
    assert rules(found) == ["structure-template", *(rule for rule, _ in expected)]
    for rule, words in expected:
        assert any(words in message for message in named(found.findings, rule))


def test_one_row_of_other_handling_in_the_new_form_is_not_split_and_said(tmp_path):
    def merge_rows(book: Workbook) -> None:
        sheet = book["Sheet2"]
        sheet.delete_rows(26, 2)
        sheet["C26"] = None
        sheet["B26"] = "（六）其他处理"

    found = read_workbook(typed(tmp_path / "年报.xlsx", merged=False, after=merge_rows))
    assert found.report.form.id == "annual-2021"
    lost = {
        f"requests.otherwise.{row}.{c.code}"
        for row in ("uncorrected", "unpaid", "rest")
        for c in FORM.table("requests").columns
    }
    assert set(differing(found)) == lost
    assert [rule for rule in rules(found) if rule == "structure-missing"] == ["structure-missing"] * 3
    assert "Sheet2!D26" in named(found.findings, "structure-extra")[0]


def test_a_workbook_of_one_table_is_read_and_the_others_are_said(tmp_path):
    def alone(book: Workbook) -> None:
        del book["Sheet1"], book["Sheet2"]

    found = read_workbook(typed(tmp_path / "年报.xlsx", after=alone))
    assert found.report["reviews.litigation.after.total"] == REPORT["reviews.litigation.after.total"]
    assert rules(found) == ["structure-template", *["structure-missing"] * (len(FORM.tables) - 1)]


def test_texts_below_their_headings_are_read(tmp_path):
    def write(book: Workbook) -> None:
        sheet = book.create_sheet("说明")
        lines = [
            "一、总体情况",
            "第一段",
            "第二段",
            "五、存在的主要问题及改进情况",
            "少",
            "六、其他需要报告的事项",
            "无",
        ]
        for n, line in enumerate(lines, 1):
            sheet.cell(n, 2, line)

    found = read_workbook(typed(tmp_path / "年报.xlsx", after=write))
    assert dict(found.report.texts) == {"overview": "第一段\n第二段", "problems": "少", "other": "无"}
