"""What the clerk has typed and not yet entered counts when a button is pressed: in a LibreOffice with real keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import xlplugin
from tests.integration.plugin.conftest import sample
from tests.office.clerk import Clerk
from tests.office.libreoffice import Office
from workbook.excel.template.template_layout import TemplateLayout
from workbook.excel.template.template_writer import write_workbook
from workbook.exchange import report_json
from xlplugin.host_libreoffice import LibreOfficeHost, find_workbooks

pytestmark = pytest.mark.office


@pytest.fixture
def desk(clerk_office: Office, clerk: Callable[[Path], Clerk], tmp_path: Path) -> tuple[Clerk, LibreOfficeHost]:
    """A clerk in front of a report, and the workbook as a command gets it."""
    path = tmp_path / "年报.xlsx"
    write_workbook(path, sample())
    at_desk = clerk(path)
    return at_desk, find_workbooks(clerk_office.context)[0]


def stands(document: Any) -> tuple[Any, ...]:
    """What is selected, where the cursor stands, and what part of the sheet is seen."""
    controller = document.CurrentController
    selected = document.CurrentSelection
    shown = selected.RangeAddressesAsString if hasattr(selected, "RangeAddressesAsString") else selected.AbsoluteName
    return shown, controller.ViewData


def exported(host: LibreOfficeHost, path: Path) -> dict[str, object]:
    assert xlplugin.export_json(host, path) == path
    report = report_json.load_report(path).report
    return {f"{spot.sheet}!{spot.a1}": report[code] for code, spot in TemplateLayout(report.form).cells.items()}


@pytest.mark.parametrize("known", [True, False])
def test_what_is_being_typed_is_exported(
    desk: tuple[Clerk, LibreOfficeHost], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Selection and view stay as they were, wherever the clerk has scrolled to; also without the newer command."""
    at_desk, host = desk
    if not known:
        monkeypatch.setattr(LibreOfficeHost, "_run_menu_command", lambda *_: False)
    controller = at_desk.document.CurrentController
    at_desk.begin_typing("表三", "E12", "75")
    controller.setFirstVisibleRow(18)
    stood = stands(at_desk.document)
    assert at_desk.value("表三", "E12") == 0
    assert exported(host, tmp_path / "去.json")["表三!E12"] == 75
    assert at_desk.value("表三", "E12") == 75
    assert stands(at_desk.document) == stood
    controller.select(controller.ActiveSheet.getCellRangeByName("E13:F14"))
    stood = stands(at_desk.document)
    assert exported(host, tmp_path / "再.json")["表三!E12"] == 75
    assert stands(at_desk.document) == stood, "nothing was being typed"


def test_what_the_cell_refuses_is_told_and_the_command_goes_on(
    desk: tuple[Clerk, LibreOfficeHost], tmp_path: Path
) -> None:
    at_desk, host = desk
    for text in ("约六件", "=5.5+1"):  # words; and a formula, which takes another cell that is selected for its own
        at_desk.begin_typing("表三", "E12", text)
        path = tmp_path / f"{len(text)}.json"
        said = at_desk.meanwhile(lambda path=path: exported(host, path))
        assert said is not None
        assert "此格填件数" in said
        assert path.exists()
        assert at_desk.value("表三", "E12") == 0


def test_a_formula_that_is_being_typed_is_entered(desk: tuple[Clerk, LibreOfficeHost]) -> None:
    at_desk, host = desk
    at_desk.document.Sheets.getByName("表三").unprotect("")
    at_desk.begin_typing("表三", "T12", "=57+18")
    outcome = xlplugin.validate(host)
    assert outcome is not None
    assert at_desk.formula("表三", "T12") == "=57+18"
    assert at_desk.value("表三", "T12") == 75
