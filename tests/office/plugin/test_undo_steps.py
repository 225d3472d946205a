"""A command is one step: one Ctrl+Z takes all of it back, another key does it again, and what fails leaves no step.

In a real LibreOffice, which notes down every single change; Excel keeps nothing to undo after a macro.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import xlplugin
from tests.integration.plugin.conftest import Told, sample
from workbook.exchange import report_json
from workbook.model.cell_address import parse_address
from workbook.model.report import Report
from xlplugin.building.plugin_commands import list_commands
from xlplugin.host_libreoffice import LibreOfficeHost

pytestmark = [pytest.mark.office, pytest.mark.parametrize("program", ["libreoffice"], indirect=True)]

Opened = Callable[..., LibreOfficeHost]


def faulty(report: Report) -> Report:
    """So many errors that marking them takes more than the 100 changes LibreOffice keeps; and a few blanks."""
    return replace(report, values=tuple(None if n % 7 == 0 else n for n in range(len(report.values))))


def state(document: Any) -> dict[str, Any]:
    """What a clerk sees, and what protects it; colours and notes of some cells that are marked."""
    found: dict[str, Any] = {}
    for sheet in document.Sheets:
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(True)
        found[sheet.Name] = (cursor.getFormulaArray(), sheet.isProtected())
    sheet = document.Sheets.getByName("表三")
    found["formats"] = sheet.getCellRangeByName("D6:J28").getUniqueCellFormatRanges().Count
    for name in ("D6", "D27", "J27", "E27", "J28"):
        cell = sheet.getCellRangeByName(name)
        found[name] = (cell.CellBackColor, cell.getAnnotation().String, cell.CellProtection.IsLocked)
    return found


def steps(document: Any) -> tuple[str, ...]:
    return tuple(document.getUndoManager().getAllUndoActionTitles())


def test_every_command_is_one_step_or_none(opened: Opened, told: Told, tmp_path: Path) -> None:
    report = sample()
    given, last = tmp_path / "来.json", tmp_path / "上年.json"
    given.write_text(report_json.dump_report_text(faulty(report)), "utf-8")
    last.write_text(report_json.dump_report_text(replace(report, year=2019)), "utf-8")
    (tmp_path / "夹").mkdir()
    host = opened(report)
    document = host.document
    manager = document.getUndoManager()
    seen = [state(document)]
    guarded = {name for name in document.Sheets.ElementNames if seen[0][name][1]}
    assert guarded >= {"封面", "表二", "表三", "表四", "文字", "校验"}
    run: set[str] = set()

    def press(code: str, *arguments: object) -> bool:
        """Press a button; whether that was a step."""
        run.add(code)
        listed, before = steps(document), seen[-1]
        getattr(xlplugin, code)(host, *arguments)
        after = state(document)
        seen.append(after)
        assert {name for name in document.Sheets.ElementNames if after[name][1]} == guarded, code
        if steps(document) == listed:
            assert after == before, code
            return False
        title = next(one.zh for one in list_commands() if one.code == code)
        assert steps(document) == (title, *listed)
        manager.undo()
        assert state(document) == before, code
        manager.redo()
        assert state(document) == after, code
        return True

    told.answers = [True] * 3
    assert not press("export_json", tmp_path / "去.json")
    assert not document.isModified(), "nothing was changed"
    assert press("validate")
    assert not press("next_finding")
    assert press("import_json", given)
    assert press("validate"), "which lists other errors than before"
    assert press("load_last_year", last)
    assert press("fill_blanks")
    assert not press("fill_blanks"), "there is nothing left to fill"
    assert not press("answer")
    assert not press("merge_folder", tmp_path / "夹")
    assert press("clear_marks")
    assert run == set(xlplugin.__all__)
    assert len(steps(document)) == 6
    for _ in range(6):
        manager.undo()
    assert state(document) == seen[0]


def test_a_reason_asked_for_below_the_list_is_one_step(opened: Opened, told: Told) -> None:
    texts = {"overview": "本年度收到政府信息公开申请99件。"}
    host = opened(replace(sample(), texts=MappingProxyType(texts)))
    outcome = xlplugin.validate(host)
    assert outcome is not None
    place = next(one.source for one in outcome.findings if one.rule.startswith("narrative"))
    host.select_cell(place.sheet, parse_address(place.cell))
    before = state(host.document)
    xlplugin.answer(host)
    assert told.said == []
    assert state(host.document) != before
    assert steps(host.document) == ("情况说明", "校验")
    host.document.getUndoManager().undo()
    assert state(host.document) == before


@pytest.mark.parametrize("fails", [1, 9])
def test_what_fails_leaves_no_step_and_no_change(
    opened: Opened, told: Told, monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    host = opened(faulty(sample()))
    document = host.document
    before = state(document)
    real, times = host.write_highlight, []

    def failing(*given: Any) -> None:
        times.append(given)
        if len(times) >= fails:
            raise RuntimeError("out of order")  # so that nothing can be put back by hand, either
        real(*given)

    monkeypatch.setattr(host, "write_highlight", failing)
    assert xlplugin.validate(host) is None
    assert len(times) >= fails
    assert "已恢复原状" in told.said[-1]
    assert state(document) == before
    assert steps(document) == ()
    assert document.getUndoManager().getAllRedoActionTitles() == ()
    assert not document.hasControllersLocked()
