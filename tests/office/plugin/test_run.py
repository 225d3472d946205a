"""What LibreOffice's toolbar starts: it finds the LibreOffice and the workbook, and says in one line why it cannot."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain import ROOT
from tests.integration.plugin.conftest import sample
from tests.office.libreoffice import Office
from workbook.excel.template.template_writer import write_workbook
from xlplugin.hosts import run

pytestmark = pytest.mark.office


@pytest.fixture
def pipe(office: Office) -> Iterator[str]:
    """The name of a pipe at which the LibreOffice of the tests listens."""
    name = "ogi-test-" + uuid.uuid4().hex
    door = office.service("com.sun.star.office.Acceptor")
    door.initialize((f"pipe,name={name};urp;StarOffice.ComponentContext", True))
    yield name
    del door


def started(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OGI_LOG": str(tmp_path / "log"), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "xlplugin.hosts.run", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=100
    )


@pytest.mark.parametrize("named", [True, False])
def test_it_works_in_the_workbook_that_is_named_or_in_front(
    office: Office, pipe: str, tmp_path: Path, named: bool
) -> None:
    path = tmp_path / "某局 2020 年报.xlsx"
    write_workbook(path, sample())
    with office.deadline(100):
        document = office.open(path)
        try:
            title = document.Title if named else ""
            done = started(tmp_path, "validate", "--pipe", pipe, f"--wb={title}", "--from_xl=1")
            assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
            assert document.Sheets.hasByName("问题")
        finally:
            document.close(True)


def test_why_it_cannot_is_one_line(office: Office, pipe: str, tmp_path: Path) -> None:
    with office.deadline(100):
        none_open = started(tmp_path, "validate", "--pipe", pipe, "--wb=", "--from_xl=1")
        document = office.blank()
        try:
            gone = started(tmp_path, "validate", "--pipe", pipe, "--wb=没有.xlsx", "--from_xl=1")
        finally:
            document.close(True)
    for done, words in ((none_open, "没有打开的工作簿"), (gone, "找不到工作簿“没有.xlsx”")):
        assert done.returncode == 1
        assert words in done.stderr
        assert done.stderr.count("\n") == 1


def test_no_libreoffice_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(run, "START_SECONDS", 0.2)
    assert run.main(["validate", "--socket", f"127.0.0.1:{port}"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["shred", "--pipe", "x"], ["validate"], ["validate", "--pipe", "x", "--socket", "y"]]
)
def test_words_it_does_not_know(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run.main(words)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err
