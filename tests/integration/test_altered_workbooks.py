"""Whatever is done to our workbook, reading says exactly what, and the figures are still the right ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl.workbook import Workbook

from tests.office.libreoffice import Office
from tests.samples.filled_workbooks import (
    BEFORE,
    REPORT,
    differing,
    filled,
    made,
    named,
    rules,
    said,
    with_openpyxl,
    with_xml,
)
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.model.form_loader import load_form

Edit = Callable[[Workbook], object]


def put(sheet: str, cell: str, value: object) -> Edit:
    def edit(book: Workbook) -> None:
        book[sheet][cell] = value

    return edit


def relabel(sheet: str, old: str, new: str) -> Edit:
    def edit(book: Workbook) -> None:
        for row in book[sheet]:
            for cell in row:
                if cell.value == old:
                    cell.value = new

    return edit


def each(*edits: Edit) -> Edit:
    return lambda book: [edit(book) for edit in edits]


def rename(sheet: str, name: str) -> Edit:
    def edit(book: Workbook) -> None:
        book[sheet].title = name

    return edit


def forget(name: str) -> Edit:
    return lambda book: book.defined_names.pop(name)


def refer(name: str, text: str) -> Edit:
    def edit(book: Workbook) -> None:
        book.defined_names[name].attr_text = text

    return edit


def unvalidated(book: Workbook) -> None:
    book["表三"].data_validations.dataValidation = []


def pasted_over(book: Workbook) -> None:
    """One cell loses its validation, as when another is pasted there."""
    (rule,) = book["表四"].data_validations.dataValidation[:1]
    rule.sqref = type(rule.sqref)("B6:D6 F6:I6 K6:N6 A9")


def unprotected(book: Workbook) -> None:
    book["表三"].protection.sheet = False


def hidden(book: Workbook) -> None:
    book["表三"].row_dimensions[12].hidden = True
    book["表三"].column_dimensions["E"].hidden = True


def year(number: int) -> Edit:
    def edit(book: Workbook) -> None:
        sheet, cell = next(book.defined_names["agency.year"].destinations)
        book[sheet][cell] = number

    return edit


def swapped(book: Workbook) -> None:
    sheet = book["表三"]
    sheet["C11"], sheet["C12"] = sheet["C12"].value, sheet["C11"].value


# The alteration; what is said of it, rule by rule, in words that must be in the message. No figure is read otherwise.
UNHARMED: dict[str, tuple[Edit, list[tuple[str, str]]]] = {
    "nothing but saved without results": (lambda _: None, []),
    "one sign of a label": (put("表三", "C11", "2.其他法律法规禁止公布"), [("structure-label", "表三!C11 应为")]),
    "a label in other signs": (put("表三", "C11", "2、其他法律 行政法规禁止公开"), []),
    "a whole label": (put("表三", "C11", "其余"), [("structure-label", "现为“其余”")]),
    "a label cleared": (put("表三", "C10", None), [("structure-label", "表三!C10 应为“1.属于国家秘密”，现为“”")]),
    "a label as met elsewhere": (put("表二", "A6", "规范性文件"), [("structure-label", "应为“行政规范性文件”")]),
    "the first label": (put("表三", "A6", "新收"), [("structure-label", "表三!A6")]),
    "the last label": (put("表三", "A30", "结转"), [("structure-label", "表三!A30")]),
    "a group": (put("表三", "B10", "不公开"), [("structure-label", "表三!B10 应为“（三）不予公开”")]),
    "the corner": (put("表三", "A3", "勾稽"), [("structure-label", "表三!A3")]),
    "the title": (put("表三", "A1", "三、申请"), [("structure-label", "表三!A1")]),
    "a heading": (put("表三", "F5", "科研"), [("structure-label", "表三!F5 应为“科研机构”，现为“科研”")]),
    "the first heading": (put("表三", "D4", "个人"), [("structure-label", "表三!D4")]),
    "the last heading": (put("表三", "J4", "共"), [("structure-label", "表三!J4")]),
    "the only row": (put("表二", "A9", "许可"), [("structure-label", "表二!A9")]),
    "the only heading": (put("表二", "B8", "决定"), [("structure-label", "表二!B8")]),
    "a band": (put("表二", "A7", "（五）项"), [("structure-label", "表二!A7")]),
    "a heading across": (put("表四", "B5", "纠正"), [("structure-label", "表四!B5")]),
    "the last heading across": (put("表四", "O5", "共"), [("structure-label", "表四!O5")]),
    "a group across": (put("表四", "A3", "复议"), [("structure-label", "表四!A3 应为“行政复议”，现为“复议”")]),
    "a field of the cover": (relabel("封面", "机关名称", "名字"), [("structure-label", "应为“机关名称”")]),
    "the heading of a text": (relabel("文字", "一、总体情况", "总说"), [("structure-label", "应为“一、总体情况”")]),
    "a row on the cover": (lambda book: book["封面"].insert_rows(6), []),
    "a row among the texts": (lambda book: book["文字"].insert_rows(5), []),
    "a row among the checks": (lambda book: book["校验"].insert_rows(6), []),
    "a sheet renamed, its names lost": (
        rename("表三", "Sheet3"),
        [
            ("structure-sheet", "“表三”已改名为“Sheet3”"),
            ("structure-name", "requests"),
            ("structure-name", "previous.requests"),
        ],
    ),
    "the check sheet deleted": (lambda book: book.remove(book["校验"]), [("structure-sheet", "“校验”已被删除")]),
    "a second copy of a sheet": (
        lambda book: book.copy_worksheet(book["表三"]), [("structure-sheet", "“表三 Copy”中另有一份表三")]
    ),
    "validation gone": (unvalidated, [("structure-validation", "有 144 格的录入限制已丢失：D6、E6")]),
    "validation of one cell gone": (pasted_over, [("structure-validation", "有 1 格的录入限制已丢失：A6")]),
    "protection off": (unprotected, [("structure-protection", "表三")]),
    "a name deleted": (forget("requests"), [("structure-name", "“requests”已丢失")]),
    "a name broken": (refer("requests", "#REF!"), [("structure-name", "“requests”已损坏（#REF!）")]),
    "a name of the agency deleted": (forget("agency.code"), [("structure-name", "agency.code")]),
    "a name of a text broken": (refer("texts.problems", "#REF!"), [("structure-name", "texts.problems")]),
    "rows and columns hidden": (hidden, [("structure-covered", "隐藏"), ("structure-covered", "隐藏")]),
    "a sixteenth value": (put("表四", "P6", 7), [("structure-extra", "表四!P6 在表外，其中的“7”未读取")]),
    "figures below a table": (
        each(put("表二", "A20", 7), put("表二", "B20", "８")), [("structure-extra", "A20、B20 在表外，其中的“7、８”")]
    ),
    "words beside a text": (put("文字", "C5", "还有一段"), [("structure-extra", "文字!C5")]),
}  # fmt: skip


@pytest.mark.parametrize("name", UNHARMED)
def test_an_alteration_is_said_and_no_figure_lost(tmp_path, name):
    edit, expected = UNHARMED[name]
    found = read_workbook(with_openpyxl(made(tmp_path / "年报.xlsx"), edit))
    assert [rule for rule, _ in said(found)] == [rule for rule, _ in expected]
    for (_, message), (_, words) in zip(said(found), expected, strict=True):
        assert words in message
    assert not differing(found)
    assert found.report.agency == REPORT.agency
    assert (found.report.year, dict(found.report.texts)) == (REPORT.year, dict(REPORT.texts))
    assert found.previous is not None
    assert (found.previous.year, found.previous.values) == (BEFORE.year, BEFORE.values)


# The alteration of one figure or formula; what is said; what is read otherwise than before.
TOUCHED: dict[str, tuple[str, Any, list[tuple[str, str]], dict[str, object]]] = {
    "a total typed over": (
        "D29", 5, [("structure-formula", "表三!D29（（七）总计·自然人）的公式已被改为数值 5。")], {"results.person": 5}
    ),
    "a total of fewer cells": (
        "D29", "=SUM(D8:D9)", [("structure-formula", "已被改为 =SUM(D8:D9)")], {"results.person": "D8+D9"}
    ),
    "a total cleared": ("D29", None, [("structure-formula", "已被清除")], {"results.person": None}),
    "a total by another spelling": ("D29", "=sum($D$8:D28)", [], {}),
    "a total that cannot be computed": (
        "D29", "=VLOOKUP(1,A1:D9,2)",
        [("structure-formula", "VLOOKUP"), ("structure-uncomputed", "表三!D29（（七）总计·自然人）是公式")],
        {"results.person": None},
    ),
    "a number typed as text": ("D6", "17", [("number-clean", "文本型数字")], {"new.person": 17}),
    "full-width digits": ("D6", "１７", [("number-clean", "全角字符")], {"new.person": 17}),
    "a unit": ("D6", "17个", [("number-clean", "带单位")], {"new.person": 17}),
    "thousands": ("D6", "1,234", [("number-clean", "千位逗号")], {"new.person": 1234}),
    "a note": ("D6", "22（其中修订16件）", [("number-clean", "带附注")], {"new.person": 22}),
    "an error": ("D6", "#REF!", [], {"new.person": "#REF!"}),
    "a formula that adds": ("D6", "=D8+D9", [], {"new.person": "D8+D9"}),
    "a formula that does not": (
        "D6", "=ROUND(D8,0)", [("structure-uncomputed", "表三!D6（一、本年新收·自然人）")], {"new.person": None}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOUCHED)
def test_a_figure_is_read_as_it_stands_or_not_at_all(tmp_path, name):
    cell, value, expected, changed = TOUCHED[name]
    found = read_workbook(with_openpyxl(made(tmp_path / "年报.xlsx"), put("表三", cell, value)))
    both = REPORT["requests.granted.person"] + REPORT["requests.partial.person"]
    wanted = {f"requests.{code}": both if now == "D8+D9" else now for code, now in changed.items()}
    assert [rule for rule, _ in said(found)] == [rule for rule, _ in expected]
    for (_, message), (_, words) in zip(said(found), expected, strict=True):
        assert words in message
    read_otherwise = {code: now for code, now in differing(found).items() if code in wanted or code in leaves()}
    assert read_otherwise == wanted


def leaves() -> set[str]:
    return {cell.code for cell in REPORT.form.cells if not cell.total}


def test_labels_that_changed_places_take_their_figures_along_and_are_said(tmp_path):
    found = read_workbook(with_openpyxl(made(tmp_path / "年报.xlsx"), swapped))
    assert rules(found) == ["structure-label", "structure-label"]
    assert found.report["requests.denied.law.person"] == REPORT["requests.denied.safety.person"]
    assert found.report["requests.denied.safety.person"] == REPORT["requests.denied.law.person"]


# LibreOffice moves formulas, names and validations along, as Excel does.

MOVED: dict[str, tuple[str, str, str, int, list[str]]] = {
    "a row above the table": ("表三", "Rows", "insert", 0, ["第 1 行处插入了 1 行"]),
    "a row above the first line": ("表三", "Rows", "insert", 5, ["第 6 行处插入了 1 行"]),
    "a row inside": ("表三", "Rows", "insert", 11, ["第 12 行处插入了 1 行"]),
    "a row between two tables": ("表二", "Rows", "insert", 6, ["第 7 行处插入了 1 行"]),
    "a row above the figures": ("表四", "Rows", "insert", 5, ["第 6 行处插入了 1 行"]),
    "a spare row removed": ("表三", "Rows", "remove", 1, ["第 2 行处少了 1 行"]),
    "a column left of all": ("表三", "Columns", "insert", 0, ["第 A 列处插入了 1 列"]),
    "a column among the figures": ("表三", "Columns", "insert", 5, ["第 F 列处插入了 1 列"]),
    "a column in the table across": ("表四", "Columns", "insert", 2, ["第 C 列处插入了 1 列"]),
}


@pytest.mark.office
@pytest.mark.parametrize("name", MOVED)
def test_rows_and_columns_put_in_are_said_and_change_no_figure(tmp_path, office: Office, name):
    sheet, lines, action, at, expected = MOVED[name]
    path = tmp_path / "动.xlsx"
    with office.deadline(60):
        document = office.open(made(tmp_path / "年报.xlsx"))
        target = document.Sheets.getByName(sheet)
        target.unprotect("")
        rows = getattr(target, lines)
        (rows.insertByIndex if action == "insert" else rows.removeByIndex)(at, 1)
        target.protect("")
        office.save(document, path)
        document.close(True)
    found = read_workbook(path)
    assert not differing(found)
    assert rules(found) == ["structure-row"]
    assert [message for message in named(found.findings, "structure-row") if expected[0] in message]
    assert found.previous is not None
    assert found.previous.values == BEFORE.values


# what a spreadsheet program would not show: the package itself

SHEET = "xl/worksheets/sheet3.xml"


def test_a_stale_result_is_said_and_not_believed(tmp_path):
    path = with_xml(made(tmp_path / "年报.xlsx"), (SHEET, r'(<c r="D29"[^>]*><f>[^<]*</f><v>)[^<]*', r"\g<1>999"))
    found = read_workbook(path)
    assert not differing(found)
    assert rules(found) == ["structure-cache"]
    assert f"保存的显示值为 999，按分项重新计算为 {REPORT['requests.results.person']}" in said(found)[0][1]


@pytest.mark.parametrize("empty", ["<v></v>", "<v/>", ""])
def test_a_result_that_is_missing_is_computed(tmp_path, empty):
    path = with_xml(
        made(tmp_path / "年报.xlsx"), (SHEET, r'(<c r="D29"[^>]*><f>[^<]*</f>)<v>[^<]*</v>', rf"\g<1>{empty}")
    )
    found = read_workbook(path)
    assert (said(found), differing(found)) == ([], {})


def test_a_formula_whose_text_is_not_in_the_file_keeps_its_result(tmp_path):
    path = with_xml(made(tmp_path / "年报.xlsx"), (SHEET, r'(<c r="D29"[^>]*><f>)[^<]*', r"\g<1>"))
    found = read_workbook(path)
    assert said(found) == [
        ("structure-resaved", "工作簿丢失了合计的公式 1 处（合计按各分项相加），多为经其他程序另存所致。")
    ]
    assert not differing(found)
    other = read_workbook(with_xml(path, (SHEET, r'(<c r="D29"[^>]*><f></f><v>)[^<]*', r"\g<1>5")))
    assert said(other) == [("structure-formula", "表三!D29（（七）总计·自然人）的公式已被清除。")]
    assert other.report["requests.results.person"] == 5


def test_an_error_in_an_entry_cell_is_an_error_and_no_blank(tmp_path):
    path = with_xml(
        made(tmp_path / "年报.xlsx"), (SHEET, r'<c r="D6"([^>]*)><v>[^<]*</v>', r'<c r="D6"\1 t="e"><v>#N/A</v>')
    )
    found = read_workbook(path)
    assert found.report["requests.new.person"] == "#N/A"
    assert "number" in {one.rule for one in found.check()}


def test_an_external_link_is_said(tmp_path):
    from openpyxl.packaging.relationship import Relationship
    from openpyxl.workbook.external_link.external import ExternalBook, ExternalLink, ExternalSheetNames

    def link(book: Workbook) -> None:
        one = ExternalLink(externalBook=ExternalBook(id="rId1", sheetNames=ExternalSheetNames(["S"])))
        one.file_link = Relationship(type="externalLinkPath", Target="去年.xlsx", TargetMode="External", Id="rId1")
        book._external_links.append(one)
        book["表三"]["D6"] = "=[1]S!A1"

    found = read_workbook(with_openpyxl(made(tmp_path / "年报.xlsx"), link))
    assert rules(found) == ["structure-link", "structure-link", "structure-uncomputed"]
    assert "去年.xlsx" in named(found.findings, "structure-link")[0]
    assert differing(found)["requests.new.person"] is None


def test_a_table_of_the_other_years_form_pasted_over_ours_is_not_misread(tmp_path):
    old = filled(load_form("annual-2019"))
    other = made(tmp_path / "旧.xlsx", old, None)

    def paste(book: Workbook) -> None:
        import openpyxl

        source, target = openpyxl.load_workbook(other)["表三"], book["表三"]
        for merge in list(target.merged_cells.ranges):
            target.unmerge_cells(str(merge))
        for row in target["A1:J40"]:
            for cell in row:
                cell.value = None
        for row in source["A1:J30"]:
            for cell in row:
                if cell.value is not None:
                    target[cell.coordinate] = cell.value

    found = read_workbook(with_openpyxl(made(tmp_path / "年报.xlsx"), paste))
    for cell in found.report.form.cells:
        value = found.report[cell.code]
        if cell.table.code == "requests" and value is not None and cell.column.code != "total":
            assert value == old[cell.code]
    missing = named(found.findings, "structure-missing")
    assert len(missing) == 3
    assert all("其数据未读取" in message for message in missing)


def test_a_sheet_taken_out_into_another_workbook_is_read_and_the_rest_is_said(tmp_path):
    def alone(book: Workbook) -> None:
        for name in book.sheetnames:
            if name != "表三":
                book.remove(book[name])
        for name in list(book.defined_names):
            del book.defined_names[name]
        book.custom_doc_props.props.clear()

    found = read_workbook(with_openpyxl(made(tmp_path / "年报.xlsx"), alone))
    assert all(found.report[c.code] == REPORT[c.code] for c in REPORT.form.cells if c.table.code == "requests")
    assert rules(found)[0] == "structure-template"
    assert rules(found).count("structure-missing") == len(REPORT.form.tables) - 1


def test_nothing_of_a_report_is_a_refusal(tmp_path):
    book = Workbook()
    book.active["A1"], book.active["B2"] = "工资表", 5000
    book.save(tmp_path / "工资.xlsx")
    with pytest.raises(Unreadable) as refused:
        read_workbook(tmp_path / "工资.xlsx")
    assert refused.value.kind == "foreign"


def test_an_old_form_for_a_new_year_is_read_as_what_it_is(tmp_path):
    old = filled(load_form("annual-2019"))
    found = read_workbook(made(tmp_path / "旧.xlsx", old, None))
    assert found.report.values == old.values
    assert not found.findings
    path = with_openpyxl(tmp_path / "旧.xlsx", year(2023))
    again = read_workbook(path)
    assert again.report.year == 2023
    assert "form-in-force" in {one.rule for one in again.check()}


def test_the_second_reader_says_the_same(tmp_path: Path, monkeypatch):
    path = with_openpyxl(made(tmp_path / "年报.xlsx"), each(put("表三", "D29", 5), put("表四", "P6", 7), unvalidated))
    first = read_workbook(path)
    monkeypatch.setattr(
        "workbook.excel.reading.ooxml_reader.read_ooxml", lambda _: (_ for _ in ()).throw(ValueError("not this one"))
    )
    second = read_workbook(path)
    assert (first.reader, second.reader) == ("package", "tolerant")
    assert (first.report, first.findings, first.previous) == (second.report, second.findings, second.previous)
