"""What only a real LibreOffice shows: recalculation, files, message boxes, and how many calls a block takes."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from tests.integration.plugin.conftest import value, values
from tests.office.clerk import Clerk
from tests.office.libreoffice import Office
from xlplugin import host_libreoffice
from xlplugin.host import Highlight, lift_protection
from xlplugin.host_libreoffice import LibreOfficeHost, find_workbooks
from xlplugin.uno_bridge import NotReachableError, connect_office

pytestmark = pytest.mark.office
in_libreoffice = pytest.mark.parametrize("program", ["libreoffice"], indirect=True)


class Recorder:
    """Stands in for one of LibreOffice's objects, and for what it gives, and writes down what is asked."""

    def __init__(self, native: Any, log: list[str]) -> None:
        self.__dict__.update(_native=native, _log=log)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._native, name)
        if not callable(found) or hasattr(found, "ImplementationName"):
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


def recorded(host: LibreOfficeHost, sheet: str) -> list[str]:
    """What is asked of LibreOffice about a sheet from now on, call by call."""
    log: list[str] = []
    host._pages[sheet] = Recorder(host.document.Sheets.getByName(sheet), log)
    return log


@in_libreoffice
def test_the_size_of_a_block_costs_no_calls(host: LibreOfficeHost) -> None:
    spent = {}
    for rows, columns in ((2, 2), (20, 15), (30, 20)):
        block = [[float(r * c) for c in range(columns)] for r in range(rows)]
        log = recorded(host, "校验")
        host.write_block("校验", (0, 0), block)
        written, log[:] = list(log), []
        assert host.read_values("校验", (0, 0, rows - 1, columns - 1)) == block
        spent[rows] = (written, list(log))
    assert len({str(calls) for calls in spent.values()}) == 1, spent
    written, read = spent[20]
    # The cells are emptied first: else blank ones would keep what was written when that is undone.
    assert written == ["isProtected", "getCellRangeByPosition", "clearContents", "fillSeries", "setDataArray"]
    assert read == ["getCellRangeByPosition", "getDataArray", "getPropertyState", "NumberFormat"]


@in_libreoffice
def test_texts_and_formulas_take_one_call_too(host: LibreOfficeHost) -> None:
    texts = [[f"第{r}行{c}" for c in range(15)] for r in range(20)]
    formulas = [[f"=A{r + 1}+{c}" for c in range(14)] for r in range(20)]
    log = recorded(host, "校验")
    host.write_block("校验", (0, 0), texts)
    assert host.read_values("校验", (0, 0, 19, 14)) == texts
    host.write_block("校验", (0, 1), formulas)
    assert host.read_formulas("校验", (0, 1, 19, 14)) == formulas
    called = ("setDataArray", "getDataArray", "setFormulaArray", "getFormulaArray")
    assert [log.count(name) for name in called] == [1, 1, 1, 1]
    assert len(log) < 20


@in_libreoffice
def test_what_is_written_is_calculated(host: LibreOfficeHost) -> None:
    host.write_block("表 三", (0, 0), [[40], [2]])
    assert value(host, "表 三", "A3") == 42
    host.write_block("表 三", (0, 9), [["=A3*2"], ["='校验'!A1&\"！\""]])
    assert values(host, "表 三", "J1:J2") == [[84], ["通过！"]]


@in_libreoffice
def test_dates_and_truth_values_come_as_such(host: LibreOfficeHost) -> None:
    host.write_block("表 三", (0, 9), [["=DATE(2025,1,31)", "=1=1", "=2"]])
    host.format_area("表 三", (0, 9, 0, 9), number_format="yyyy-mm-dd")
    host.format_area("表 三", (0, 10, 0, 10), number_format="BOOLEAN")
    ((date, truth, number),) = values(host, "表 三", "J1:L1")
    assert str(date) == "2025-01-31 00:00:00"
    assert truth is True
    assert number == 2


@in_libreoffice
def test_the_file_has_what_was_marked(host: LibreOfficeHost, office: Office, tmp_path: Path) -> None:
    with lift_protection(host, "受保护"):
        host.write_highlight("受保护", (0, 0), Highlight((255, 199, 206), "应为 3"))
    host.write_link("表 三", (0, 9), "表三 C2", ("表 三", "C2"))
    host.write_link("表 三", (1, 9), "校验", ("校验", "A1"))
    target = tmp_path / "另存 之后.xlsx"
    office.save(host.document, target)
    stored = openpyxl.load_workbook(target)
    assert stored["受保护"]["A1"].fill.fgColor.rgb == "FFFFC7CE"
    assert "应为 3" in stored["受保护"]["A1"].comment.text
    assert stored["表 三"]["J1"].value == "表三 C2"
    assert stored["表 三"]["J1"].hyperlink.location == "'表 三'!C2"
    assert stored["表 三"]["J2"].hyperlink.location == "校验!A1"
    assert stored["表 三"]["B3"].value.replace("'", "").replace("$", "") == "=校验!A1"


@in_libreoffice
def test_what_a_protected_sheet_allowed_is_allowed_again(host: LibreOfficeHost, office: Office, tmp_path: Path) -> None:
    def options(name: str) -> dict[str, object]:
        office.save(host.document, tmp_path / name)
        with zipfile.ZipFile(tmp_path / name) as package:
            assert package.testzip() is None
        found = openpyxl.load_workbook(tmp_path / name)["受保护"].protection
        return {option: getattr(found, option) for option in ("sheet", "selectLockedCells", "formatCells", "password")}

    before = options("前.xlsx")
    with lift_protection(host, "受保护"):
        host.write_block("受保护", (0, 0), [[3]])
    assert options("后.xlsx") == before
    assert before["sheet"]
    assert before["selectLockedCells"], "which is how a file says that they cannot be selected"


@in_libreoffice
def test_workbooks_are_found_the_one_in_front_first(
    program: Callable[[Path | None], LibreOfficeHost], path: Path, office: Office
) -> None:
    hidden = office.open(path, hidden=True)
    hidden.setTitle("另一份")
    in_front = program(path)
    program(None)
    found = find_workbooks(office.context)
    assert [one.path for one in found[:2]] == [path, path]
    assert found[0].document == in_front.document
    assert "另一份" in found[1].titles()
    assert len(found) == 3
    hidden.close(True)


def test_nobody_at_the_other_end() -> None:
    for url in ("pipe,name=nobody", "socket,host=127.0.0.1,port=1"):
        with pytest.raises(NotReachableError, match=f"no LibreOffice listens at {url}"):
            connect_office(url, 0)


def test_a_message_without_a_window_is_logged(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    with office.deadline(60):
        document = office.blank()
        with caplog.at_level(logging.WARNING, "xlplugin"):
            assert not LibreOfficeHost(office.context, document).show_message("发现 3 个问题", "校验")
        document.close(True)
    assert "校验: 发现 3 个问题" in caplog.text


@pytest.mark.parametrize(
    ("kind", "pressed", "answer"),
    [("info", "ok", False), ("critical", "ok", False), ("question", "yes", True), ("question", "no", False)],
)
def test_the_button_that_was_pressed(
    clerk_office: Office, clerk: Callable[[Path], Clerk], path: Path, kind: Any, pressed: str, answer: bool
) -> None:
    at_desk = clerk(path)
    host = find_workbooks(clerk_office.context)[0]
    answers: list[bool] = []

    def ask() -> None:
        answers.append(host.show_message("发现 3 个问题\n要标出来吗？", "校验 结果", kind))

    said = at_desk._doing("校验", "A1", ask, pressed)
    assert said is not None
    assert "校验 结果" in said
    assert "要标出来吗？" in said
    assert answers == [answer]


class Picker:
    """A file picker of LibreOffice's: what it was asked, and what it answers."""

    def __init__(self, answer: int, chosen: str) -> None:
        self.answer, self.chosen, self.asked = answer, chosen, {}

    def __getattr__(self, name: str) -> Any:
        if name in ("getFiles", "getDirectory"):
            return lambda: self.chosen if name == "getDirectory" else (self.chosen,)
        if name == "execute":
            return lambda: self.answer
        return lambda *given: self.asked.update({name: given})


@pytest.mark.parametrize("purpose", ["open", "save", "folder"])
@pytest.mark.parametrize("answer", [0, 1])
def test_it_is_asked_for_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, purpose: Any, answer: int) -> None:
    class Known:
        Any = staticmethod(lambda kind, value: (kind, value))

        @staticmethod
        def invoke(target: Any, name: str, given: tuple[Any, ...]) -> None:
            getattr(target, name)(*given)

    picker = Picker(answer, (tmp_path / "选中 的").as_uri())
    monkeypatch.setattr(host_libreoffice, "import_uno", lambda: Known)
    made: list[str] = []
    manager = SimpleNamespace(createInstanceWithContext=lambda name, _: made.append(name) or picker)
    asking = LibreOfficeHost(SimpleNamespace(ServiceManager=manager), None)
    start = tmp_path / "名.json" if purpose == "save" else tmp_path
    chosen = asking.choose_file(purpose, "选择", start, "*.json")
    assert chosen == (tmp_path / "选中 的" if answer else None)
    assert made[-1].endswith("FolderPicker" if purpose == "folder" else "FilePicker")
    assert picker.asked["setDisplayDirectory"] == (tmp_path.as_uri(),)
    assert picker.asked.get("appendFilter") == (None if purpose == "folder" else ("*.json", "*.json"))
    assert picker.asked.get("setDefaultName") == (("名.json",) if purpose == "save" else None)
