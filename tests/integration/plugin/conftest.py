"""The clerk in front of a spreadsheet program: what is said to them, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.domain import credit_code, example
from tests.integration.plugin.fake_host import FakeHost
from workbook.excel.template.template_writer import write_workbook
from workbook.model.cell_address import parse_address, parse_range
from workbook.model.identity import Identity
from workbook.model.report import Report
from xlplugin.host import Block, Highlight, PasswordNeededError, SpreadsheetHost, lift_protection
from xlplugin.host_libreoffice import LibreOfficeHost

AGENCY = Identity("市中区统计局", credit_code("11370103000000000"), "370103", "county-department")


def sample() -> Report:
    """市中区统计局's figures of 2020 as published, wrong in the two totals, on a cover that is filled in."""
    published = example("市中区统计局-2020")
    return replace(published, agency=AGENCY)


# What a clerk sees and does


def values(host: SpreadsheetHost, sheet: str, cells: str) -> Block:
    """What is in cells such as `D6:J28`, row by row."""
    found = parse_range(cells)
    assert found is not None
    return host.read_values(sheet, found[1:])


def value(host: SpreadsheetHost, sheet: str, cell: str) -> Any:
    return values(host, sheet, cell)[0][0]


def put(host: SpreadsheetHost, sheet: str, cell: str, entered: object) -> None:
    """What a clerk may type anywhere once the protection is lifted."""
    with lift_protection(host, sheet):
        host.write_block(sheet, parse_address(cell), [[entered]])


def look(host: SpreadsheetHost, sheet: str, cell: str) -> Highlight:
    return host.read_highlight(sheet, parse_address(cell))


def is_protected(host: SpreadsheetHost, sheet: str) -> bool:
    try:
        protection = host.unprotect(sheet)
    except PasswordNeededError:
        return True
    if protection is not None:
        host.protect(sheet, protection)
    return protection is not None


def is_locked(host: SpreadsheetHost, sheet: str, cell: str) -> bool:
    if isinstance(host, LibreOfficeHost):
        found = host.document.Sheets.getByName(sheet).getCellRangeByName(cell).CellProtection.IsLocked
        return bool(found)
    assert isinstance(host, FakeHost)
    return host.pages[sheet][parse_address(cell)].locked


@dataclass
class Told:
    """What was said in boxes, and whether questions are answered with yes, in turn (with no once they run out)."""

    said: list[str] = field(default_factory=list)
    answers: list[bool] = field(default_factory=list)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    heard = Told()

    def show_message(_host: SpreadsheetHost, text: str, _title: str, kind: str = "info") -> bool:
        heard.said.append(text)
        return kind == "question" and bool(heard.answers) and heard.answers.pop(0)

    for kind in (FakeHost, LibreOfficeHost):
        monkeypatch.setattr(kind, "show_message", show_message)
    return heard


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Faults are written down here."""
    path = tmp_path / "记录" / "xlplugin.log"
    monkeypatch.setenv("OGI_LOG", str(path))
    return path


# Programs


@pytest.fixture(params=["fake", pytest.param("libreoffice", marks=pytest.mark.office)])
def program(request: pytest.FixtureRequest) -> Iterator[Callable[[Path | None], SpreadsheetHost]]:
    """``program(path)`` opens a workbook in a program; without a path, a new one."""
    if request.param == "fake":
        yield FakeHost
        return
    office = request.getfixturevalue("office")
    opened = []

    def open_in_libreoffice(path: Path | None = None) -> SpreadsheetHost:
        opened.append(office.open(path, hidden=False) if path else office.blank())
        return LibreOfficeHost(office.context, opened[-1])

    with office.deadline(240):
        yield open_in_libreoffice
        for document in opened:
            with suppress(Exception):  # a test may have closed it
                document.setModified(False)
                document.close(True)


@pytest.fixture
def opened(
    program: Callable[[Path | None], SpreadsheetHost], told: Told, tmp_path: Path
) -> Callable[..., SpreadsheetHost]:
    """``opened(report)`` is its workbook, open; ``previous`` is last year's report. Boxes are ``told``, not shown."""
    assert told.said == []

    def open_one(report: Report, previous: Report | None = None, name: str = "年报 样例.xlsx") -> SpreadsheetHost:
        path = tmp_path / name
        write_workbook(path, report, previous)
        return program(path)

    return open_one


# A small workbook with everything a program is asked about

ERRORS = ("#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workbook with inputs, a total, errors, names, a protected sheet, one with a password, and a hidden one."""
    path = tmp_path / "2024 年报 样例.xlsx"
    with xlsxwriter.Workbook(path) as book:
        table = book.add_worksheet("表 三")
        yellow = book.add_format({"locked": False, "bg_color": "#FFF2CC"})
        for row in range(2):
            for column in range(3):
                table.write_number(row, column, row * 3 + column, yellow)
        table.write_formula("A3", "=SUM(A1:A2)", None, 3)
        table.write_formula("B3", "='校验'!A1", None, "通过")
        table.write_formula("C3", '=IF(A3>1,"多","少")', None, "多")
        table.write_string("A4", "文字")
        table.write_string("B4", "007")
        table.write_comment("A4", "已有批注")
        formulas = ("=1/0", "=NA()", '=INDIRECT("无!A1")', '=A1+"字"', "=nosuchname")
        for column, (error, formula) in enumerate(zip(ERRORS, formulas, strict=True)):
            table.write_formula(4, column, formula, None, error)
        book.add_worksheet("校验").write_string("A1", "通过")
        guarded = book.add_worksheet("受保护")
        guarded.write_number("A1", 1)
        guarded.protect("", {"format_cells": True, "select_locked_cells": False, "sort": True})
        secret = book.add_worksheet("有密码")
        secret.write_number("A1", 1)
        secret.protect("secret")
        book.add_worksheet("隐藏").hide()
        book.define_name("表三数据", "='表 三'!$A$1:$C$2")
        book.define_name("记号", '="annual-2021|1|x"')
    return path


@pytest.fixture
def host(program: Callable[[Path | None], SpreadsheetHost], path: Path) -> SpreadsheetHost:
    """That workbook, open in a program."""
    return program(path)
