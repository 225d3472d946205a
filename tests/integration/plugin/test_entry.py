"""What goes wrong ends in a message and a log, whatever it is; files are asked for in each program's own way."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import xlwings as xw

from tests.integration.plugin.conftest import Told
from tests.integration.plugin.hosts.memory import ComError
from workbook.safety.messages import Bilingual, UserError
from xlplugin import entry
from xlplugin.entry import command
from xlplugin.hosts import dialogs


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (RuntimeError("x"), "出现意外错误，操作没有完成"),
        (PermissionError(13, "Permission denied", "/某处"), "无法读写文件“/某处”"),
        (UserError(Bilingual("停", "")), "停"),
    ],
)
def test_a_fault_is_told(app: xw.App, told: Told, log: Path, fault: Exception, words: str) -> None:
    @command
    def failing(_book: xw.Book) -> None:
        raise fault

    assert failing(app.books.add()) is None
    assert len(told.said) == 1
    assert words in told.said[0]
    assert log.exists() is not isinstance(fault, UserError)
    assert app.screen_updating


@pytest.mark.parametrize("app", ["memory"], indirect=True)
def test_an_excel_that_is_being_typed_into_says_so(app: xw.App, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """It rejects every call until then, also the one that lets its window show changes again."""

    @command
    def rejected(_book: xw.Book) -> None:
        monkeypatch.setattr(type(app.impl), "screen_updating", property(None, busy))
        busy()

    def busy(*_: object) -> None:
        raise ComError(-2146777998)

    rejected(app.books.add())
    assert len(told.said) == 1
    assert "请先按回车确认正在输入的内容" in told.said[0]


def test_a_log_that_cannot_be_written_is_no_fault(
    app: xw.App, told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "文件").write_text("")
    monkeypatch.setenv("OGI_LOG", str(tmp_path / "文件" / "log"))

    @command
    def failing(_book: xw.Book) -> None:
        raise RuntimeError("x")

    failing(app.books.add())
    assert len(told.said) == 1


def test_where_the_log_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OGI_LOG")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert entry.log_path() == tmp_path / ".ogi" / "xlplugin.log"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert entry.log_path() == tmp_path / "local" / "ogi" / "xlplugin.log"


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


@pytest.mark.office
@pytest.mark.parametrize("what", ["open", "save", "folder"])
@pytest.mark.parametrize("answer", [0, 1])
def test_libreoffice_is_asked_for_a_file(
    office: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, answer: int
) -> None:
    from xlplugin.hosts.libreoffice import app as libreoffice

    class Known:
        Any = staticmethod(lambda kind, value: (kind, value))

        @staticmethod
        def invoke(target: Any, name: str, given: tuple[Any, ...]) -> None:
            getattr(target, name)(*given)

    picker = Picker(answer, (tmp_path / "选中 的").as_uri())
    monkeypatch.setattr(libreoffice, "uno", Known)
    made: list[str] = []
    manager = SimpleNamespace(createInstanceWithContext=lambda name, _: made.append(name) or picker)
    asking = libreoffice.App(libreoffice.Engine(office.context), SimpleNamespace(ServiceManager=manager))
    start = tmp_path / "名.json" if what == "save" else tmp_path
    chosen = asking.ask_file(what, "*.json", start, "选择")
    assert chosen == (tmp_path / "选中 的" if answer else None)
    assert made[-1].endswith("FolderPicker" if what == "folder" else "FilePicker")
    assert picker.asked["setDisplayDirectory"] == (tmp_path.as_uri(),)
    assert picker.asked.get("appendFilter") == (None if what == "folder" else ("*.json", "*.json"))
    assert picker.asked.get("setDefaultName") == (("名.json",) if what == "save" else None)


class OfExcel:
    """What Excel answers on Windows, by its documentation."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def GetOpenFilename(self, *_: Any) -> Any:
        return self.answer

    GetSaveAsFilename = GetOpenFilename

    def FileDialog(self, kind: int) -> Any:
        assert kind == 4
        return SimpleNamespace(Show=lambda: -1 if self.answer else 0, SelectedItems=lambda _: self.answer)


@pytest.mark.parametrize("answer", [False, "/文件夹/选中"])
def test_excel_is_asked_for_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: Any) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    app = SimpleNamespace(engine=SimpleNamespace(name="excel"), api=OfExcel(answer))
    book: Any = SimpleNamespace(app=app, fullname=str(tmp_path / "a.xlsx"))
    wanted = Path(answer) if answer else None
    assert dialogs.ask_open(book, "*.json") == wanted
    assert dialogs.ask_save(book, tmp_path / "a.json") == wanted
    assert dialogs.ask_folder(book) == wanted
