"""What plugin code may use, in every program alike."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pytest
import xlwings as xw

from xlplugin.hosts import protection


def test_books_are_found_by_name_and_by_path(app: xw.App, book: xw.Book, path: Path) -> None:
    other = app.books.add()
    assert app.books.active == other
    assert app.books[path.name] == book
    assert app.books[str(path)] == book
    assert (book.name, book.fullname) == (path.name, str(path))
    assert xw.Book(str(path)) == book
    book.activate()
    assert app.books.active == book
    assert {one.name for one in app.books} == {path.name, other.name}
    with pytest.raises(KeyError):
        app.books["没有.xlsx"]
    with pytest.raises(FileNotFoundError):
        app.books.open("没有.xlsx")


@pytest.mark.skipif(sys.platform == "win32", reason="there xlwings asks Excel, whatever engine is active")
def test_the_caller_is_found(app: xw.App, book: xw.Book, monkeypatch: pytest.MonkeyPatch) -> None:
    app.books.add()
    monkeypatch.setattr(sys, "argv", ["python", f"--wb={book.name}", "--from_xl=1", "--app=", "--hwnd="])
    assert xw.Book.caller() == book


def test_sheets_keep_their_order(book: xw.Book) -> None:
    names = ["表 三", "校验", "受保护", "有密码", "隐藏"]
    assert [sheet.name for sheet in book.sheets] == names
    assert [sheet.visible for sheet in book.sheets] == [True] * 4 + [False]
    added = book.sheets.add("问题 清单", after="校验")
    assert [sheet.name for sheet in book.sheets] == [*names[:2], "问题 清单", *names[2:]]
    assert book.sheets.active == added
    assert (added.index, len(book.sheets)) == (3, 6)
    assert "问题 清单" in book.sheets
    with pytest.raises(ValueError, match="already present"):
        book.sheets.add("校验")
    added.delete()
    assert [sheet.name for sheet in book.sheets] == names
    book.sheets["隐藏"].visible = True
    assert book.sheets["隐藏"].visible
    with pytest.raises(xw.NoSuchObjectError):
        book.sheets["没有"]


def test_sheets_come_to_the_front(book: xw.Book) -> None:
    book.sheets["校验"].activate()
    assert book.sheets.active.name == "校验"


def test_a_sheet_gets_another_name(book: xw.Book) -> None:
    book.sheets["校验"].name = "校验 结果"
    assert book.sheets[1].name == "校验 结果"
    assert book.sheets["校验 结果"]["A1"].value == "通过"


def test_names_of_the_workbook_and_of_a_sheet(book: xw.Book) -> None:
    meanings = {name.name: name.refers_to for name in book.names}
    assert meanings["新收总计"] == "='表 三'!$A$3"
    assert meanings["表三数据"] == "='表 三'!$A$1:$C$2"
    assert meanings["校验!本地"] == "=校验!$A$1"
    assert float(meanings["税率"].lstrip("=")) == pytest.approx(0.06)
    assert book.names["表三数据"].refers_to_range.value == [[0, 1, 2], [3, 4, 5]]
    assert book.names["本地"].refers_to_range.value == "通过"
    assert "没有" not in book.names
    assert book.sheets["校验"].range("本地").value == "通过"
    with pytest.raises(xw.NoSuchObjectError):
        book.sheets["表 三"].range("本地")
    with pytest.raises(xw.NoSuchObjectError):
        _ = book.names["税率"].refers_to_range
    with pytest.raises(KeyError):
        book.names["没有"]


def test_names_come_and_go(book: xw.Book) -> None:
    book.names.add("结转", "='表 三'!$B$2:$C$2")
    assert book.names["结转"].refers_to_range.value == [4, 5]
    assert book.sheets["表 三"].range("结转").address == "$B$2:$C$2"
    book.names["结转"].refers_to = "='表 三'!$A$2"
    assert book.names["结转"].refers_to_range.value == 3
    book.names["结转"].delete()
    assert "结转" not in book.names
    book.names.add("校验!又一", "=校验!$A$1")
    assert {name.name for name in book.sheets["校验"].names} == {"校验!又一", "校验!本地"}


def test_a_table_is_one_block(sheet: xw.Sheet) -> None:
    assert sheet["A1:C2"].value == [[0, 1, 2], [3, 4, 5]]
    assert sheet.range((1, 1), (2, 3)).value == [[0, 1, 2], [3, 4, 5]]
    assert sheet["A1:C1"].value == [0, 1, 2]
    assert sheet["B1:B2"].value == [1, 4]
    assert sheet["B1:B2"].options(ndim=2).value == [[1], [4]]
    assert isinstance(sheet["B2"].value, float)
    assert isinstance(sheet["B2"].options(numbers=int).value, int)
    assert sheet["A3:D4"].value == [[3, "通过", "多", None], ["文字", "007", None, None]]
    assert sheet["F1:G2"].value == [[None, None], [None, None]]
    assert sheet["A:A"].options(ndim=1).value[:4] == [0, 3, 3, "文字"]


def test_errors_are_not_blanks(sheet: xw.Sheet) -> None:
    names = ["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?"]
    assert sheet["A5:E5"].options(err_to_str=True).value == names
    assert sheet["B5"].options(err_to_str=True).value == "#N/A"
    assert sheet["A5:E5"].value == [None] * 5, "as in Excel: ask for err_to_str"


def test_a_block_of_600_cells_goes_both_ways(sheet: xw.Sheet) -> None:
    rows = [[None if (r + c) % 7 == 0 else f"第{r}行" if c == 3 else r * 100 + c for c in range(20)] for r in range(30)]
    sheet["H10"].value = rows
    assert sheet.range((10, 8), (39, 27)).value == rows
    assert sheet["H9:AB9"].value == [None] * 21
    assert sheet["H10:AA39"].shape == (30, 20)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (7, 7.0),
        (1.5, 1.5),
        (True, True),
        ("文字", "文字"),
        ("12", 12.0),
        ("'012", "012"),
        ("2024年", "2024年"),
        ("-", "-"),
        (" ", " "),
        ("", None),
        (None, None),
        (float("nan"), None),
        (dt.datetime(2025, 1, 31), dt.datetime(2025, 1, 31)),
        (dt.datetime(2025, 1, 31, 17, 5, 9), dt.datetime(2025, 1, 31, 17, 5, 9)),
        (123456789012.0, 123456789012.0),
    ],
)
def test_what_is_written_is_read(sheet: xw.Sheet, written: object, read: object) -> None:
    sheet["J1:K2"].value = [[written, written], ["甲", written]]
    assert sheet["J1:K2"].value == [[read, read], ["甲", read]]
    assert type(sheet["J1"].value) is type(read)
    sheet["J1:K2"].value = written
    assert sheet["J1:K2"].value == [[read, read]] * 2


def test_a_cell_for_texts_keeps_them_as_they_are(sheet: xw.Sheet) -> None:
    sheet["J1:J3"].number_format = "@"
    sheet["J1:K1"].value = ["0042", "0042"]
    sheet["J2"].value = "=A1"
    assert sheet["J1:K1"].value == ["0042", 42]
    assert sheet["J2"].value == "=A1"


def test_formulas_are_written_as_in_excel(sheet: xw.Sheet) -> None:
    assert sheet["A4:C4"].formula == (("文字", "007", ""),)
    assert (sheet["A3"].formula, sheet["C3"].formula) == ("=SUM(A1:A2)", '=IF(A3>1,"多","少")')
    assert sheet["B3"].formula.replace("'", "") == "=校验!A1", "programs quote names of sheets more or less often"
    formulas = [["=SUM(A1,B1)", "=A1+1"], ["=IF(A1=0,'表 三'!$C$2,0.5)", '="a;b.c"']]
    sheet["J1:K2"].formula = formulas
    assert [list(row) for row in sheet["J1:K2"].formula] == formulas
    sheet["L1"].formula = "=A1*2"
    assert sheet["L1"].formula == "=A1*2"
    sheet["L1"].formula = "完"
    assert (sheet["L1"].formula, sheet["L1"].value) == ("完", "完")


def test_colours(sheet: xw.Sheet) -> None:
    assert sheet["A1:C2"].color == (255, 242, 204)
    assert sheet["A1:C3"].color is None, "not all the same"
    assert sheet["J1"].color is None
    sheet["J1:K2"].color = (255, 0, 128)
    assert sheet["J1:K2"].color == (255, 0, 128)
    sheet["K1"].color = "#00FF10"
    assert sheet["K1"].color == (0, 255, 16)
    sheet["J1:K2"].set_colors([[None, ...], [(1, 2, 3), "#0000FF"]])
    assert [sheet[cell].color for cell in ("J1", "K1", "J2", "K2")] == [None, (0, 255, 16), (1, 2, 3), (0, 0, 255)]
    sheet["J1:K2"].color = None
    assert sheet["J1:K2"].color is None


def test_number_formats(sheet: xw.Sheet) -> None:
    assert sheet["J1"].number_format == "General"
    sheet["J1:J2"].number_format = "#,##0.00"
    assert sheet["J1:J2"].number_format == "#,##0.00"
    assert sheet["J1:K2"].number_format is None, "not all the same"
    for code in ("yyyy-mm-dd h:mm", '0.00"万元"', "@", "[>9]0;General", '"DAY "d'):
        sheet["J1"].number_format = code
        assert sheet["J1"].number_format == code


def test_sizes(sheet: xw.Sheet) -> None:
    sheet["A1:B1"].column_width = 20
    sheet["A1:A2"].row_height = 30
    assert sheet["A1:B1"].column_width == pytest.approx(20, abs=0.1)
    assert sheet["A1:A2"].row_height == pytest.approx(30, abs=0.1)
    assert sheet["A1:C1"].column_width is None


def test_notes(sheet: xw.Sheet) -> None:
    assert sheet["A4"].note is not None
    assert sheet["A4"].note.text == "已有批注"
    assert sheet["B4"].note is None, "and asking makes none"
    assert len(sheet.notes) == 1
    sheet["B4"].add_note("合计应为 3\n请核对")
    assert sheet["B4"].note.text == "合计应为 3\n请核对"
    with pytest.raises(ValueError, match="already"):
        sheet["B4"].add_note("又")
    sheet["B4"].note.text = "改了"
    assert {note.location.address: note.text for note in sheet.notes} == {"$A$4": "已有批注", "$B$4": "改了"}
    sheet["A4"].note.delete()
    assert sheet["A4"].note is None
    assert sheet["A4"].value == "文字", "only the note is gone"


def test_links(sheet: xw.Sheet) -> None:
    sheet["J1"].add_hyperlink("#'表 三'!C2", "表三 C2")
    sheet["J2"].add_hyperlink("#校验!A1", "校验")
    sheet["J3"].add_hyperlink("https://www.gov.cn/a.html", "网站")
    assert sheet["J1:J3"].value == ["表三 C2", "校验", "网站"]
    assert [sheet[cell].hyperlink for cell in ("J1", "J2", "J3")] == [
        "#'表 三'!C2",
        "#校验!A1",
        "https://www.gov.cn/a.html",
    ]
    with pytest.raises(ValueError, match="no link"):
        _ = sheet["A1"].hyperlink


def test_selecting_shows(book: xw.Book, app: xw.App) -> None:
    book.sheets["校验"]["B2:C3"].select()
    assert book.sheets.active.name == "校验"
    assert book.selection is not None
    assert app.selection is not None
    assert (book.selection.address, app.selection.sheet.name) == ("$B$2:$C$3", "校验")


def test_clearing(sheet: xw.Sheet) -> None:
    sheet["A1"].add_note("注")
    sheet["A1:C2"].clear_contents()
    assert sheet["A1:C2"].value == [[None] * 3] * 2
    assert sheet["A1"].color == (255, 242, 204)
    assert sheet["A1"].note is not None
    sheet["A1:C2"].clear()
    assert sheet["A1"].color is None
    assert sheet["A1"].note is None
    sheet.clear()
    assert sheet["A1:E5"].value == [[None] * 5] * 5


def test_the_used_range(sheet: xw.Sheet, book: xw.Book) -> None:
    assert sheet.used_range.address == "$A$1:$E$5"
    sheet["G9"].value = 1
    used = sheet.used_range
    assert (used.row, used.column, used.shape) == (1, 1, (9, 7))
    assert used.last_cell.address == "$G$9"
    assert book.sheets.add("空").used_range.address == "$A$1"


def test_addresses(sheet: xw.Sheet) -> None:
    block = sheet["$B$2:D9"]
    assert (block.row, block.column, block.shape, len(block)) == (2, 2, (8, 3), 24)
    assert block.get_address(False, False) == "B2:D9"
    assert block(1).address == block[0, 0].address == "$B$2"
    assert block(5).address == "$C$3"
    assert block.offset(1, 1).resize(2, 2).address == "$C$3:$D$4"
    assert block.get_address(include_sheetname=True) == "'表 三'!$B$2:$D$9"
    assert [row.address for row in sheet["A1:B2"].rows] == ["$A$1:$B$1", "$A$2:$B$2"]
    assert sheet["AAA1"].column == 703
    with pytest.raises(IndexError):
        sheet.range((0, 1))
    with pytest.raises(xw.NoSuchObjectError):
        sheet.range("没有这个名")


def test_switches_of_the_program(app: xw.App, book: xw.Book) -> None:
    with app.properties(screen_updating=False):
        assert not app.screen_updating
        app.screen_updating = False
        book.sheets[0]["J1"].value = 1
    assert app.screen_updating
    app.status_bar = "正在校验…"
    assert app.status_bar == "正在校验…"
    app.status_bar = False
    assert app.status_bar is False
    app.calculate()


def test_a_message_with_nobody_there_does_not_wait(app: xw.App, book: xw.Book) -> None:
    assert book.app.alert("没有问题", "校验") == "ok"
    assert app.alert("继续吗？", "导入", buttons="yes_no", mode="info") == "no"
    assert app.alert("继续吗？", buttons="yes_no_cancel", mode="critical") == "cancel"
    assert app.alert("继续吗？", buttons="ok_cancel") == "cancel"


# Protection


def test_a_protected_sheet_refuses(book: xw.Book) -> None:
    guarded = book.sheets["受保护"]
    assert protection.is_protected(guarded)
    assert not protection.is_protected(book.sheets[0])
    cell = guarded["A1"]
    changes = {
        "value": lambda: setattr(cell, "value", 2),
        "value beside an unlocked one": lambda: setattr(guarded["A1:B1"], "value", [2, 3]),
        "formula": lambda: setattr(cell, "formula", "=1+1"),
        "colour": lambda: setattr(cell, "color", (1, 2, 3)),
        "colours": lambda: cell.set_colors([[(1, 2, 3)]]),
        "format": lambda: setattr(cell, "number_format", "0"),
        "note": lambda: cell.add_note("注"),
        "link": lambda: cell.add_hyperlink("#校验!A1", "校验"),
        "contents": cell.clear_contents,
        "everything": cell.clear,
        "width": lambda: setattr(cell, "column_width", 30),
    }
    for what, change in changes.items():
        with pytest.raises(protection.SheetProtectedError, match="受保护"):
            pytest.fail(f"{what}: {change()}")
    assert (cell.value, cell.color, cell.note) == (1, None, None)
    guarded["B1"].value = 5
    assert guarded["B1"].value == 5, "an unlocked cell can be filled in"


def test_protection_is_lifted_for_a_while(book: xw.Book) -> None:
    guarded = book.sheets["受保护"]
    with protection.unprotected(guarded) as free:
        assert not protection.is_protected(guarded)
        free["A1"].color = (255, 0, 0)
        free["A1"].add_note("应为 3")
        with protection.unprotected(free):
            free["A1"].value = 9
        assert not protection.is_protected(guarded), "only who lifted it puts it back"
    assert protection.is_protected(guarded)
    assert (guarded["A1"].color, guarded["A1"].value) == ((255, 0, 0), 9)
    with pytest.raises(ZeroDivisionError), protection.unprotected(guarded):
        raise ZeroDivisionError
    assert protection.is_protected(guarded)
    with protection.unprotected(book.sheets[0]) as free:
        free["A1"].value = 1
    assert not protection.is_protected(book.sheets[0])


def test_a_password_is_respected(book: xw.Book) -> None:
    secret = book.sheets["有密码"]
    with pytest.raises(protection.PasswordNeededError, match="有密码"), protection.unprotected(secret):
        pytest.fail("it was lifted")
    assert protection.is_protected(secret)


def test_what_plugin_code_may_not_use_is_refused(sheet: xw.Sheet) -> None:
    for use in (lambda: sheet.api, lambda: sheet.book.api, lambda: sheet.charts, lambda: sheet["A1"].font.bold):
        with pytest.raises((NotImplementedError, AttributeError)):
            use()
