"""The same workbook in every program that plugin functions run in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwings as xw

from tests.integration.plugin.hosts import memory
from tests.office import libreoffice as harness


@pytest.fixture(params=["memory", pytest.param("libreoffice", marks=pytest.mark.office)])
def app(request: pytest.FixtureRequest) -> Iterator[xw.App]:
    """A program with no workbook open."""
    before = xw.engines.active
    limit: AbstractContextManager[Any] = nullcontext()
    if request.param == "memory":
        running = memory.activate()
    else:
        office: harness.Office = request.getfixturevalue("office")
        from xlplugin.hosts import libreoffice

        running, limit = libreoffice.activate_here(office.context), office.deadline(60)
    with limit:
        yield running
        running.quit()
    xw.engines.active = before


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Inputs, a total, errors, names of both kinds, a protected sheet, one with a password, and a hidden one."""
    path = tmp_path / "2024 年报 样例.xlsx"
    with xlsxwriter.Workbook(path) as book:
        table = book.add_worksheet("表 三")
        unlocked = book.add_format({"locked": False, "bg_color": "#FFF2CC"})
        for row in range(2):
            for column in range(3):
                table.write_number(row, column, row * 3 + column, unlocked)
        table.write_formula("A3", "=SUM(A1:A2)", None, 3)
        table.write_formula("B3", "='校验'!A1", None, "通过")
        table.write_formula("C3", '=IF(A3>1,"多","少")', None, "多")
        table.write_string("A4", "文字")
        table.write_string("B4", "007")
        table.write_comment("A4", "已有批注")
        for cell, formula, error in (
            ("A5", "=1/0", "#DIV/0!"),
            ("B5", "=NA()", "#N/A"),
            ("C5", '=INDIRECT("无!A1")', "#REF!"),
            ("D5", '=A1+"字"', "#VALUE!"),
            ("E5", "=nosuchname", "#NAME?"),
        ):
            table.write_formula(cell, formula, None, error)
        checks = book.add_worksheet("校验")
        checks.write_string("A1", "通过")
        # Both come with names of their own, which nobody defined and nobody sees.
        checks.autofilter("A1:B2")
        table.print_area("A1:C5")
        guarded = book.add_worksheet("受保护")
        guarded.write_number("A1", 1)
        guarded.write_number("B1", 2, unlocked)
        guarded.protect("", {"format_cells": True, "select_locked_cells": False, "sort": True})
        secret = book.add_worksheet("有密码")
        secret.write_number("A1", 1)
        secret.protect("secret")
        book.add_worksheet("隐藏").hide()
        book.define_name("新收总计", "='表 三'!$A$3")
        book.define_name("表三数据", "='表 三'!$A$1:$C$2")
        book.define_name("税率", "=0.06")
        book.define_name("校验!本地", "=校验!$A$1")
    return path


@pytest.fixture
def book(app: xw.App, path: Path) -> xw.Book:
    return app.books.open(str(path))


@pytest.fixture
def sheet(book: xw.Book) -> xw.Sheet:
    return book.sheets["表 三"]
