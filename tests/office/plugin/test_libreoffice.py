"""What only a real program shows: recalculation, files, message boxes, and how many calls a block takes."""

from __future__ import annotations

import ast
import datetime as dt
import logging
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwings as xw

import xlplugin
from tests.office.clerk import Clerk
from tests.office.libreoffice import Office, bridge
from xlplugin.hosts import libreoffice, protection

pytestmark = [pytest.mark.office, pytest.mark.parametrize("app", ["libreoffice"], indirect=True)]


class Recorder:
    """Stands in for one of LibreOffice's objects, and for what it gives, and writes down what is asked.

    But for the name of the sheet: xlwings compares names whenever it makes one block out of another, a dozen times
    for each write, whatever its size.
    """

    def __init__(self, native: Any, log: list[str]) -> None:
        self.__dict__.update(_native=native, _log=log)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._native, name)
        if not callable(found) or hasattr(found, "ImplementationName"):
            if name != "Name":
                self._log.append(name)
            return self._wrapped(found)

        def call(*arguments: Any) -> Any:
            self._log.append(name)
            return self._wrapped(found(*arguments))

        return call

    def __setattr__(self, name: str, value: object) -> None:
        self._log.append(f"{name}=")
        setattr(self._native, name, value)

    def _wrapped(self, found: Any) -> Any:
        return Recorder(found, self._log) if hasattr(found, "ImplementationName") else found


def recorded(block: xw.Range) -> list[str]:
    """What is asked of LibreOffice about a block from now on, call by call."""
    log: list[str] = []
    block.impl.sheet.native = Recorder(block.impl.sheet.native, log)
    block.impl.__dict__.pop("native", None)
    return log


def test_the_size_of_a_block_costs_no_calls(book: xw.Book) -> None:
    spent = {}
    for address in ("A1:B2", "A1:O20", "A1:T30"):
        sheet = book.sheets["校验"]
        block = sheet[address]
        rows = [[float(r * c) for c in range(block.shape[1])] for r in range(block.shape[0])]
        log = recorded(block)
        block.value = rows
        written, log[:] = list(log), []
        assert block.value == rows
        spent[address] = (written, list(log))
    assert len({str(calls) for calls in spent.values()}) == 1, spent
    written, read = spent["A1:O20"]
    # The cells are emptied first: else blank ones would keep what was written when that is undone.
    assert written == ["isProtected", "getCellRangeByPosition", "clearContents", "fillSeries", "setDataArray"]
    assert read == ["getCellRangeByPosition", "getDataArray", "getPropertyState", "NumberFormat"]


def test_texts_take_one_call_too(book: xw.Book) -> None:
    block = book.sheets["校验"]["A1:O20"]
    rows = [[f"第{r}行{c}" for c in range(15)] for r in range(20)]
    log = recorded(block)
    block.value = rows
    assert (log.count("setDataArray"), len(log)) == (1, 7)
    log.clear()
    assert block.value == rows
    assert log == ["getCellRangeByPosition", "getDataArray"]


def test_formulas_in_a_block_take_one_call(book: xw.Book) -> None:
    block = book.sheets["校验"]["B1:O20"]
    rows = [[f"=A{r + 1}+{c}" for c in range(14)] for r in range(20)]
    log = recorded(block)
    block.formula = rows
    assert "setFormulaArray" in log
    log.clear()
    assert [list(row) for row in block.formula] == rows
    assert log == ["getCellRangeByPosition", "getFormulaArray"]


def test_one_formula_for_many_cells_moves_along(sheet: xw.Sheet) -> None:
    sheet["J1:J3"].formula = "=SUM($A1,B1)"
    assert sheet["J1:J3"].formula == (("=SUM($A1,B1)",), ("=SUM($A2,B2)",), ("=SUM($A3,B3)",))


def test_what_is_written_is_calculated(sheet: xw.Sheet, app: xw.App) -> None:
    sheet["A1:A2"].value = [[40], [2]]
    assert sheet["A3"].value == 42
    sheet["J1:J2"].value = [["=A3*2"], ["='校验'!A1&\"！\""]]
    app.calculate()
    assert sheet["J1:J2"].value == [84, "通过！"]


def test_dates_keep_the_format_that_they_have(sheet: xw.Sheet) -> None:
    sheet["J1"].number_format = "yyyy-mm-dd"
    sheet["J1:K1"].value = dt.date(2025, 1, 31)
    assert sheet["J1"].number_format == "yyyy-mm-dd"
    assert sheet["J1:K1"].options(dates=dt.date).value == [dt.date(2025, 1, 31)] * 2


def test_the_file_has_what_was_marked(book: xw.Book, sheet: xw.Sheet, tmp_path: Path) -> None:
    guarded = book.sheets["受保护"]
    with protection.unprotected(guarded):
        guarded["A1"].color = (255, 199, 206)
        guarded["A1"].add_note("应为 3")
    sheet["J1"].add_hyperlink("#'表 三'!C2", "表三 C2")
    sheet["J2"].add_hyperlink("#校验!A1", "校验")
    target = tmp_path / "另存 之后.xlsx"
    book.save(str(target))
    assert book.fullname == str(target)
    stored = openpyxl.load_workbook(target)
    assert stored["受保护"]["A1"].fill.fgColor.rgb == "FFFFC7CE"
    assert "应为 3" in stored["受保护"]["A1"].comment.text
    assert stored["表 三"]["J1"].hyperlink.location == "'表 三'!C2"
    assert stored["表 三"]["J2"].hyperlink.location == "校验!A1"
    assert stored["表 三"]["B3"].value.replace("'", "").replace("$", "") == "=校验!A1"


def test_what_a_protected_sheet_allowed_is_allowed_again(book: xw.Book, tmp_path: Path) -> None:
    def options(name: str) -> dict[str, object]:
        book.save(str(tmp_path / name))
        with zipfile.ZipFile(tmp_path / name) as package:
            assert package.testzip() is None
        found = openpyxl.load_workbook(tmp_path / name)["受保护"].protection
        return {option: getattr(found, option) for option in ("sheet", "selectLockedCells", "formatCells", "password")}

    before = options("前.xlsx")
    with protection.unprotected(book.sheets["受保护"]) as free:
        free["A1"].value = 3
    assert options("后.xlsx") == before
    assert before["sheet"]
    assert before["selectLockedCells"], "which is how a file says that they cannot be selected"


def test_a_file_of_another_kind_is_refused(book: xw.Book, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="xlsx"):
        book.save(str(tmp_path / "年报.txt"))


def test_a_pipe_leads_to_it(app: xw.App, book: xw.Book, office: Office) -> None:
    assert office._process is not None
    accept = next(str(part) for part in office._process.args if "--accept" in str(part))  # type: ignore[union-attr]
    again = libreoffice.activate_pipe(accept.split("name=")[1].split(";")[0])
    assert again.books.active == book
    assert xw.engines.active.name == "libreoffice"
    assert len(xw.apps) == 1
    assert app == again


JOB = """
import os, sys, unohelper
from com.sun.star.task import XJob

class Job(unohelper.Base, XJob):
    def __init__(self, context):
        self.context = context

    def execute(self, paths):
        sys.path[:0] = [path.Value for path in paths]
        from xlplugin.hosts import libreoffice
        sheet = libreoffice.activate_here(self.context).books.active.sheets["表 三"]
        sheet["A1:C1"].value = [7, True, "内"]
        return repr((os.getpid(), sheet["A1:C1"].value, sheet["A3"].value))

g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Job, "test.Job", ("test.Job",))
"""


def test_it_runs_inside_as_well(book: xw.Book, office: Office, tmp_path: Path) -> None:
    """As a job of an extension does: in LibreOffice's own process, in its own Python."""
    (tmp_path / "job.py").write_text(JOB, encoding="utf-8")
    loader = office.service("com.sun.star.loader.Python")
    job = loader.activate("test.Job", "", (tmp_path / "job.py").as_uri(), None).createInstanceWithContext(
        office.context
    )
    named_value = bridge().getClass("com.sun.star.beans.NamedValue")
    paths = {str(Path(module.__file__).parents[1]) for module in (xlplugin, xw)}
    process, values, total = ast.literal_eval(
        job.execute(tuple(named_value(Name=str(n), Value=path) for n, path in enumerate(sorted(paths))))
    )
    assert process != os.getpid()
    assert (values, total) == ([7, True, "内"], 10)
    assert book.sheets["表 三"]["C1"].value == "内"


def test_nobody_at_the_other_end(app: xw.App) -> None:  # noqa: ARG001
    with pytest.raises(libreoffice.NotReachableError, match="no LibreOffice listens at pipe,name=nobody"):
        libreoffice.activate_pipe("nobody", seconds=0)
    with pytest.raises(libreoffice.NotReachableError, match="port=1"):
        libreoffice.activate(port=1, seconds=0)


def test_a_message_without_a_window_is_logged(
    app: xw.App, book: xw.Book, office: Office, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    book.close()
    office.open(path, hidden=True)
    with caplog.at_level(logging.WARNING, "xlplugin"):
        assert app.alert("发现 3 个问题", "校验") == "ok"
    assert "校验: 发现 3 个问题" in caplog.text
    assert app.books.active.name == path.name, "and it is the active one, though it cannot be in front"


@pytest.mark.parametrize(
    ("buttons", "mode", "pressed"),
    [
        ("ok", "info", "ok"),
        ("ok", "critical", "ok"),
        ("yes_no", "info", "yes"),
        ("yes_no", None, "no"),
        ("yes_no_cancel", "critical", "cancel"),
        ("ok_cancel", "info", "cancel"),
        ("ok_cancel", None, "ok"),
    ],
)
def test_the_button_that_was_pressed(
    app: xw.App,
    clerk_office: Office,
    clerk: Callable[[Path], Clerk],
    path: Path,
    buttons: str,
    mode: str | None,
    pressed: str,
) -> None:
    assert app.engine.name == "libreoffice"
    at_desk = clerk(path)
    windowed = libreoffice.activate_here(clerk_office.context)
    answers: list[str | None] = []

    def ask() -> None:
        answers.append(windowed.alert("发现 3 个问题\n要标出来吗？", "校验 结果", buttons=buttons, mode=mode))

    said = at_desk._doing("校验", "A1", ask, pressed)
    assert said is not None
    assert "校验 结果" in said
    assert "要标出来吗？" in said
    assert answers == [pressed]
