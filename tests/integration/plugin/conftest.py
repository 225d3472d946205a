"""The clerk in front of a spreadsheet program: what is said to them, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import xlwings as xw

from tests.domain import credit_code, example
from tests.integration.plugin.hosts.conftest import app
from workbook.excel.template.template_writer import write_workbook
from workbook.model.identity import Identity
from workbook.model.report import Report

__all__ = ["app"]

AGENCY = Identity("市中区统计局", credit_code("11370103000000000"), "370103", "county-department")


def sample() -> Report:
    """市中区统计局's figures of 2020 as published, wrong in the two totals, on a cover that is filled in."""
    published = example("市中区统计局-2020")
    return replace(published, agency=AGENCY)


@dataclass
class Told:
    """What was said in boxes, and the answers to questions, in turn ("no" once they run out)."""

    said: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)


@pytest.fixture
def told(app: xw.App, monkeypatch: pytest.MonkeyPatch) -> Told:
    heard = Told()

    def alert(_app: object, prompt: str, _title: str, buttons: str, _mode: str, _callback: object) -> str:
        heard.said.append(prompt)
        harmless = {"ok": "ok", "yes_no": "no"}.get(buttons, "cancel") if buttons else "ok"
        return heard.answers.pop(0) if buttons == "yes_no" and heard.answers else harmless

    monkeypatch.setattr(type(app.impl), "alert", alert)
    return heard


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Faults are written down here."""
    path = tmp_path / "记录" / "xlplugin.log"
    monkeypatch.setenv("OGI_LOG", str(path))
    return path


@pytest.fixture
def opened(app: xw.App, told: Told, tmp_path: Path) -> Iterator[Callable[..., xw.Book]]:
    """``opened(report)`` is its workbook, open; ``previous`` is last year's report. Boxes are ``told``, not shown."""
    assert told.said == []

    def open_one(report: Report, previous: Report | None = None, name: str = "年报 样例.xlsx") -> xw.Book:
        path = tmp_path / name
        write_workbook(path, report, previous)
        return app.books.open(str(path))

    yield open_one
