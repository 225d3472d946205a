"""A LibreOffice started for a stranger's document fetches nothing it links to, and ends in time with all it started."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from workbook.documents import libreoffice

PAGE = """<html><head><link rel="stylesheet" href="{at}/sheet.css"></head>
<body background="{at}/back.png"><p>一、总体情况<img src="{at}/picture.png"></p></body></html>"""
TEXT = """<?xml version="1.0"?><office:document office:version="1.2"
  office:mimetype="application/vnd.oasis.opendocument.text"
  xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
  xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
  xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
  xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"><office:body><office:text>
  <text:section text:name="s"><text:section-source xlink:href="{at}/section.odt"/><text:p>一</text:p></text:section>
  <text:p><draw:frame svg:width="1cm" svg:height="1cm" text:anchor-type="as-char"><draw:image
  xlink:href="{at}/picture.png"/></draw:frame></text:p></office:text></office:body></office:document>"""

pytestmark = pytest.mark.office


class _Listener(ThreadingHTTPServer):
    """A web server that notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Noting)
        self.asked: list[str] = []


class _Noting(BaseHTTPRequestHandler):
    server: _Listener

    def _note(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_error(404)

    do_GET = do_HEAD = do_OPTIONS = do_PROPFIND = _note  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def installed() -> None:
    if libreoffice.find_libreoffice() is None:
        pytest.skip("LibreOffice (soffice) is not installed; tools/setup-tests.sh installs it")


@pytest.fixture
def listener() -> Iterator[_Listener]:
    with _Listener() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("name", "content"), [("网页.html", PAGE), ("文档.fodt", TEXT)])
def test_what_a_document_links_to_is_not_fetched(listener: _Listener, tmp_path: Path, name: str, content: str) -> None:
    document = tmp_path / name
    document.write_text(content.format(at=f"http://127.0.0.1:{listener.server_port}"), "utf-8")
    with libreoffice.convert_document(document, "odt"):
        assert listener.asked == []


@pytest.mark.usefixtures("installed")
def test_the_listener_would_hear_it(listener: _Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "write_profile", lambda folder: f"-env:UserInstallation={folder.as_uri()}")
    document = tmp_path / "文档.fodt"
    document.write_text(TEXT.format(at=f"http://127.0.0.1:{listener.server_port}"), "utf-8")
    with libreoffice.convert_document(document, "odt"):
        assert "GET /picture.png" in listener.asked


def test_one_that_hangs_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, document = tmp_path / "soffice", tmp_path / "文档.doc"
    program.write_text(f"#!/bin/sh\nsleep 30 & echo $! > {tmp_path}/child; wait\n")
    program.chmod(0o755)
    document.touch()
    monkeypatch.setattr(libreoffice, "find_libreoffice", lambda: str(program))
    with (
        pytest.raises(libreoffice.ConversionTimeout, match=r"0\.5 s"),
        libreoffice.convert_document(document, "docx", seconds=0.5),
    ):
        pass
    assert _ends(int((tmp_path / "child").read_text()))


def _ends(process: int) -> bool:
    """Whether the process ends within ten seconds: a signal is sent at once and carried out a little later."""
    until = time.monotonic() + 10
    while _runs(process):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return False
