"""What goes wrong ends in a message and a log, whatever it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.plugin.conftest import Told
from tests.integration.plugin.fake_host import BusyError, FakeHost
from workbook.safety.messages import Bilingual, UserError
from xlplugin import entry
from xlplugin.entry import command
from xlplugin.host import SpreadsheetHost


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (RuntimeError("x"), "出现意外错误，操作没有完成"),
        (PermissionError(13, "Permission denied", "/某处"), "无法读写文件“/某处”"),
        (UserError(Bilingual("停", "")), "停"),
    ],
)
def test_a_fault_is_told(told: Told, log: Path, fault: Exception, words: str) -> None:
    @command
    def failing(_host: SpreadsheetHost) -> None:
        raise fault

    host = FakeHost()
    assert failing(host) is None
    assert len(told.said) == 1
    assert words in told.said[0]
    assert log.exists() is not isinstance(fault, UserError)
    assert host.shown


def test_a_program_that_is_being_typed_into_says_so(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """It rejects every call until then, also the one that lets its window show changes again."""

    @command
    def rejected(_host: SpreadsheetHost) -> None:
        busy()

    def busy() -> None:
        raise BusyError

    host = FakeHost()
    monkeypatch.setattr(host, "end_command", busy)
    rejected(host)
    assert len(told.said) == 1
    assert "请先按回车确认正在输入的内容" in told.said[0]


def test_a_log_that_cannot_be_written_is_no_fault(told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "文件").write_text("")
    monkeypatch.setenv("OGI_LOG", str(tmp_path / "文件" / "log"))

    @command
    def failing(_host: SpreadsheetHost) -> None:
        raise RuntimeError("x")

    failing(FakeHost())
    assert len(told.said) == 1


def test_where_the_log_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OGI_LOG")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert entry.log_path() == tmp_path / ".ogi" / "xlplugin.log"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert entry.log_path() == tmp_path / "local" / "ogi" / "xlplugin.log"
