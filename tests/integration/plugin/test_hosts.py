"""What the port promises, in the programs that can be tried here: one made of dictionaries, and LibreOffice."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.plugin.conftest import ERRORS, is_locked, is_protected, look, put, value, values
from tests.integration.plugin.fake_host import FakeHost
from workbook.model import numbers
from workbook.model.form_loader import load_form
from workbook.model.numbers import is_exact
from xlplugin.cell_writer import enter_figure
from xlplugin.host import Highlight, PasswordNeededError, SheetProtectedError, SpreadsheetHost, lift_protection
from xlplugin.host_libreoffice import LibreOfficeHost

Program = Callable[[Path | None], SpreadsheetHost]


def test_sheets_are_listed_added_and_deleted(host: SpreadsheetHost, path: Path) -> None:
    names = ["表 三", "校验", "受保护", "有密码", "隐藏"]
    assert host.path == path
    assert host.sheet_names() == names
    host.add_sheet("问题")
    assert host.sheet_names() == [*names, "问题"]
    host.set_column_widths("问题", [5, 20])
    put(host, "问题", "B2", "文字")
    host.clear_sheet("问题")
    assert value(host, "问题", "B2") is None
    host.delete_sheet("问题")
    assert host.sheet_names() == names
    assert not host.is_read_only()


def test_a_table_is_one_block(host: SpreadsheetHost) -> None:
    assert host.used_area("表 三") == (0, 0, 4, 4)
    assert values(host, "表 三", "A1:C2") == [[0, 1, 2], [3, 4, 5]]
    assert isinstance(value(host, "表 三", "B2"), float)
    assert values(host, "表 三", "A3:D4") == [[3, "通过", "多", None], ["文字", "007", None, None]]
    assert values(host, "表 三", "A5:E5") == [list(ERRORS)]
    formulas = host.read_formulas("表 三", (2, 0, 3, 3))
    assert formulas[0][1].replace("'", "") == "=校验!A1", "programs quote names of sheets more or less often"
    formulas[0][1] = ""
    assert formulas == [["=SUM(A1:A2)", "", '=IF(A3>1,"多","少")', ""], ["文字", "007", "", ""]]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (7, 7.0),
        (1.5, 1.5),
        (Decimal("63.071612"), 63.071612),
        (2**40, float(2**40)),
        (2**70, str(2**70)),
        ("文字", "文字"),
        ("12", 12.0),
        ("'012", "012"),
        ("'=1+1", "=1+1"),
        ("2024年", "2024年"),
        ("-", "-"),
        (" ", " "),
        ("", None),
        (None, None),
        ("长" * 20_000, "长" * 20_000),
    ],
)
def test_what_is_written_is_read(host: SpreadsheetHost, written: object, read: object) -> None:
    host.write_block("表 三", (0, 9), [[written, written], ["甲", written]])
    assert values(host, "表 三", "J1:K2") == [[read, read], ["甲", read]]
    assert type(value(host, "表 三", "J1")) is type(read)


def test_a_cell_for_texts_keeps_them_as_they_are(host: SpreadsheetHost) -> None:
    host.format_area("表 三", (0, 9, 2, 9), number_format="@")
    host.write_block("表 三", (0, 9), [["0042", "0042"], ["=A1", "甲"], ["'=A1", "乙"]])
    assert values(host, "表 三", "J1:K3") == [["0042", 42], ["=A1", "甲"], ["=A1", "乙"]]


def test_formulas_are_written_as_in_excel(host: SpreadsheetHost) -> None:
    formulas = [["=SUM(A1,B1)", "=A1+1"], ["=IF(A1=0,'表 三'!$C$2,0.5)", '="a;b.c"']]
    host.write_block("表 三", (0, 9), formulas)
    assert host.read_formulas("表 三", (0, 9, 1, 10)) == formulas
    host.write_block("表 三", (0, 9), [["=A1*2", "完"]])
    assert host.read_formulas("表 三", (0, 9, 0, 10)) == [["=A1*2", "完"]]


def test_number_formats(host: SpreadsheetHost) -> None:
    assert host.read_number_format("表 三", (0, 9, 0, 9)) == "General"
    for code in ("#,##0.00", "yyyy-mm-dd h:mm", '0.00"万元"', "@", "[>9]0;General", '"DAY "d'):
        host.format_area("表 三", (0, 9, 1, 9), number_format=code, wrapped=True)
        assert host.read_number_format("表 三", (0, 9, 1, 9)) == code
    assert host.read_number_format("表 三", (0, 9, 0, 10)) is None, "not all the same"


def test_highlights(host: SpreadsheetHost) -> None:
    assert look(host, "表 三", "A1") == Highlight((255, 242, 204), "")
    assert look(host, "表 三", "A4") == Highlight(None, "已有批注")
    host.write_highlight("表 三", (0, 9), Highlight((1, 2, 3), "合计应为 3\n请核对"))
    assert look(host, "表 三", "J1") == Highlight((1, 2, 3), "合计应为 3\n请核对")
    host.write_highlight("表 三", (3, 0), Highlight((255, 0, 128), "改了"))
    assert look(host, "表 三", "A4") == Highlight((255, 0, 128), "改了")
    host.write_highlight("表 三", (3, 0), Highlight(None, ""))
    assert look(host, "表 三", "A4") == Highlight(None, "")
    assert value(host, "表 三", "A4") == "文字"
    host.format_area("表 三", (0, 9, 1, 10), color=(0, 255, 16))
    assert look(host, "表 三", "K2").color == (0, 255, 16)


def test_names(host: SpreadsheetHost) -> None:
    assert host.read_name("表三数据") == "'表 三'!$A$1:$C$2"
    assert host.read_name("记号") == '"annual-2021|1|x"'
    assert host.read_name("没有") is None


def test_selecting(host: SpreadsheetHost) -> None:
    host.begin_command()
    host.select_cell("校验", (1, 2))
    host.end_command()
    assert host.selected_cell() == ("校验", (1, 2))


def test_a_protected_sheet_refuses(host: SpreadsheetHost) -> None:
    cell = (0, 0)
    changes: list[Callable[[], None]] = [
        lambda: host.write_block("受保护", cell, [[2]]),
        lambda: host.write_block("受保护", cell, [["=1+1"]]),
        lambda: host.write_highlight("受保护", cell, Highlight((1, 2, 3), "注")),
        lambda: host.write_link("受保护", cell, "校验", ("校验", "A1")),
        lambda: host.format_area("受保护", (0, 0, 0, 0), color=(1, 2, 3)),
        lambda: host.format_area("受保护", (0, 0, 0, 0), number_format="0"),
        lambda: host.set_locked("受保护", cell, locked=False),
        lambda: host.set_column_widths("受保护", [30]),
        lambda: host.clear_sheet("受保护"),
    ]
    for change in changes:
        with pytest.raises(SheetProtectedError, match="受保护"):
            change()
    assert (value(host, "受保护", "A1"), look(host, "受保护", "A1")) == (1, Highlight(None, ""))


def test_protection_is_lifted_for_a_while(host: SpreadsheetHost) -> None:
    with lift_protection(host, "受保护"):
        assert not is_protected(host, "受保护")
        host.set_locked("受保护", (0, 0), locked=False)
        with lift_protection(host, "受保护"):
            host.write_block("受保护", (0, 0), [[9]])
        assert not is_protected(host, "受保护"), "only who lifted it puts it back"
    assert is_protected(host, "受保护")
    assert value(host, "受保护", "A1") == 9
    assert not is_locked(host, "受保护", "A1")
    with pytest.raises(ZeroDivisionError), lift_protection(host, "受保护"):
        raise ZeroDivisionError
    assert is_protected(host, "受保护")
    put(host, "校验", "A1", 1)
    assert not is_protected(host, "校验")


def test_a_password_is_respected(host: SpreadsheetHost) -> None:
    with pytest.raises(PasswordNeededError, match="有密码"), lift_protection(host, "有密码"):
        pytest.fail("it was lifted")
    assert is_protected(host, "有密码")


def test_a_question_with_nobody_there_is_answered_with_no(host: SpreadsheetHost) -> None:
    if isinstance(host, LibreOfficeHost):
        host.document.CurrentController.Frame.ContainerWindow.setVisible(False)
    assert not host.show_message("没有问题", "公开年报")
    assert not host.show_message("继续吗？", "公开年报", "question")
    host.show_status("正在校验…")


# Numbers, by the dictionaries alone

FEN = numbers.UNITS["万元"]
FIGURES = st.one_of(
    st.integers(0, 10**15 - 1), st.integers(-(2**70), 2**70), st.decimals(allow_nan=False, allow_infinity=False)
)
"""Money in 分: up to 999 999 999.999999 万元, and whatever else a report may hold."""


@given(FIGURES)
def test_any_number_is_read_as_it_was_entered(figure: int | Decimal) -> None:
    cell = next(one for one in load_form("annual-2021").cells if one.unit == FEN)
    host = FakeHost()
    host.write_block("Sheet1", (0, 0), [[enter_figure(figure, cell)]])
    shown = value(host, "Sheet1", "A1")
    assert numbers.parse_figure(shown, FEN).value == figure
    assert isinstance(shown, float) or not is_exact(numbers.to_cell_unit(figure, FEN))
