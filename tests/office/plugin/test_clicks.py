"""What a clerk does with a mouse: the button on the sheet, and the toolbar, in a LibreOffice that can be seen."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.domain import ROOT
from tests.integration.plugin.conftest import sample
from tests.office import libreoffice, screen
from tests.office.libreoffice import texts_of, wait_for
from tests.office.screen import Screen, VisibleOffice, middle
from workbook.excel.template.template_writer import build_workbook
from xlplugin.building import extension_package as extension
from xlplugin.building.macro_workbooks import build_macro_workbook
from xlplugin.building.sources import parse_module
from xlplugin.install.extension_manager import add_extension

pytestmark = pytest.mark.office

NAME = "市中区统计局 2020年 年报"
TOTALS = {"D27", "J27"}
RED = 0xFFC7CE
PICTURES = os.environ.get("OGI_TEST_PICTURES", "")
"""A folder: pictures of what the tests see are put there."""

# What the macro starts instead of Python: it reaches the LibreOffice of the test, then does as Python would.
STARTED = """
import os, sys
sys.path[:0] = {path!r}
from xlplugin import host_libreoffice, host_xlwings, uno_bridge
code, *sys.argv[1:] = sys.argv[3:]
context = uno_bridge.connect_office("pipe,name=" + os.environ["OGI_TEST_PIPE"], 30)
title = next(word for word in sys.argv if word.startswith("--wb=")).removeprefix("--wb=")
calling = next(one for one in host_libreoffice.find_workbooks(context) if title in one.titles())
host_xlwings.find_calling_workbook = lambda: calling
exec(code)
"""


@dataclass
class Seen:
    """A screen with a LibreOffice that has the toolbar."""

    screen: Screen
    office: VisibleOffice

    def open(self, path: Path) -> Any:
        document = self.office.open(path, hidden=False, macros=True)
        self.screen.enlarge(path.stem)
        return document

    def picture(self, name: str) -> None:
        if PICTURES:
            time.sleep(1)  # until all is drawn
            self.screen.picture(Path(PICTURES) / name)

    def box(self) -> str:
        """What a message box says, once it is there; it is answered with the keyboard."""
        self.screen.awaited("公开年报")
        toolkit = self.office.service("com.sun.star.awt.Toolkit")
        said = ""
        for n in range(toolkit.getTopWindowCount()):
            context = toolkit.getTopWindow(n).getAccessibleContext()
            if context.getAccessibleName() == "公开年报":
                said = "".join(texts_of(context))
        self.screen.key("Return")
        wait_for(lambda: "公开年报" not in self.screen.windows())
        return said


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    if (missing := libreoffice.why_not() or screen.why_not()) is not None:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("seen")
    script, program, settings = folder / "started.py", folder / "python", folder / "libreoffice.json"
    script.write_text(STARTED.format(path=[entry for entry in sys.path if entry]), "utf-8")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@" 2>>"{folder}/errors"\n')
    program.chmod(0o755)
    settings.write_text(json.dumps({"python": sys.executable}))
    pipe = "ogi-test-" + uuid.uuid4().hex
    environment = {
        "OGI_TEST_PYTHON": str(program),
        "OGI_TEST_PIPE": pipe,
        "OGI_LIBREOFFICE": str(settings),
        "OGI_LOG": str(folder / "xlplugin.log"),
        "TMPDIR": str(folder),
    }
    with Screen() as shown, VisibleOffice(shown, environment) as office:
        with office.deadline(120):
            door = office.service("com.sun.star.office.Acceptor")
            door.initialize((f"pipe,name={pipe};urp;StarOffice.ComponentContext", True))
            package = folder / "ogi.oxt"
            package.write_bytes(extension.build_extension())
            add_extension(office.context, package)
        yield Seen(shown, office)
        del door


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / f"{NAME}.xlsm"


def button(document: Any, caption: str) -> tuple[int, int]:
    """Where a button of the sheet in front is on the screen."""
    controller = document.CurrentController
    page = controller.ActiveSheet.DrawPage
    for n in range(page.Count):
        shape = page.getByIndex(n)
        if shape.supportsService("com.sun.star.drawing.ControlShape") and shape.Control.Label == caption:
            return middle(controller.getControl(shape.Control).getAccessibleContext())
    raise LookupError(caption)


def on_toolbar(document: Any, number: int) -> tuple[int, int]:
    """Where a button of our toolbar is on the screen."""
    name = "private:resource/toolbar/addon_ogi.workbook.toolbar"
    element = document.CurrentController.Frame.LayoutManager.getElement(name)
    bar = element.getRealInterface().getAccessibleContext()
    return middle(bar.getAccessibleChild(number).getAccessibleContext())


def marked(document: Any) -> dict[str, str]:
    """The cells of 表三 that are marked, and their notes."""
    sheet = document.Sheets.getByName("表三")
    return {
        cell: sheet.getCellRangeByName(cell).Annotation.String
        for cell in ("C27", *TOTALS, "E27", "J26")
        if sheet.getCellRangeByName(cell).CellBackColor == RED
    }


def problems(document: Any) -> list[tuple[str, ...]]:
    """The lines of 问题."""
    if not document.Sheets.hasByName("问题"):
        return []
    rows = document.Sheets.getByName("问题").getCellRangeByName("A4:D20").getDataArray()
    return [tuple(map(str, row)) for row in rows if row[0] != ""]


def finished(document: Any) -> bool:
    """Whether the command has come to its end: the window shows changes again, and the cursor stands on the first."""
    selected = document.CurrentSelection
    return (
        not document.hasControllersLocked()
        and len(problems(document)) == 5
        and selected.supportsService("com.sun.star.sheet.SheetCellRange")
        and selected.Spreadsheet.Name == "表三"
        and selected.AbsoluteName.endswith("$27")
    )


def cell_on_screen(document: Any, row: int, column: int) -> tuple[int, int]:
    """Where the text of a cell of the sheet in front is on the screen, from 0: on its last line."""
    table = next(tables(document.CurrentController.Frame.ContainerWindow.getAccessibleContext()))
    cell = table.getAccessibleCellAt(row, column).getAccessibleContext()
    corner, size = cell.getLocationOnScreen(), cell.getSize()
    return corner.X + size.Width // 3, corner.Y + size.Height - 10


def tables(context: Any, depth: int = 9) -> Iterator[Any]:
    if hasattr(context, "getAccessibleCellAt"):
        yield context
        return
    for n in range(context.getAccessibleChildCount() if depth else 0):
        child = context.getAccessibleChild(n)
        if child is not None:
            yield from tables(child.getAccessibleContext(), depth - 1)


def check_marks(document: Any) -> None:
    notes = marked(document)
    assert set(notes) == TOTALS
    for note in notes.values():
        assert "【校验】" in note
        assert "办理结果总计" in note
        assert "相差 -4" in note
    assert [line[1:3] for line in problems(document)] == [
        ("最可能填错", "表三!D27"),
        ("错误", "表三!D27"),
        ("错误", "表三!J27"),
        ("错误", "表三!D27"),
        ("错误", "表三!J27"),
    ]
    assert document.CurrentSelection.AbsoluteName.endswith("$D$27")


def correct_by_typing(seen: Seen, document: Any) -> None:
    """Go to each total by 名称框-like selection, and type what the note says."""
    sheet = document.Sheets.getByName("表三")
    for cell in sorted(TOTALS):
        document.CurrentController.select(sheet.getCellRangeByName(cell))
        seen.screen.type("4")
        seen.screen.key("Return")
        wait_for(lambda cell=cell: sheet.getCellRangeByName(cell).Value == 4)


def open_table(seen: Seen, path: Path, package: bytes) -> tuple[Any, Any]:
    """The workbook, open with 表三 in front; and that sheet."""
    path.write_bytes(package)
    document = seen.open(path)
    sheet = document.Sheets.getByName("表三")
    document.CurrentController.setActiveSheet(sheet)
    return document, sheet


def click_until_clean(seen: Seen, document: Any, at: tuple[int, int]) -> None:
    """Click on 校验 in a report that has been corrected: a box says so, and no mark is left."""
    seen.screen.click(*at)
    assert "没有发现问题" in seen.box()
    wait_for(lambda: not document.hasControllersLocked())
    assert marked(document) == {}
    assert problems(document) == []
    document.close(True)


def test_the_button_on_the_sheet(seen: Seen, path: Path) -> None:
    runner = parse_module((ROOT / "tests" / "samples" / "xlwings_shim.bas").read_text("utf-8"))
    with seen.office.deadline(240):
        document, sheet = open_table(seen, path, build_macro_workbook(sample(), runner=runner))
        time.sleep(0.5)
        assert marked(document) == {}
        seen.screen.click(*button(document, "校验"))
        wait_for(lambda: finished(document))
        check_marks(document)
        if PICTURES:
            note = sheet.getCellRangeByName("D27").Annotation
            note.setIsVisible(True)  # as where the mouse points
            seen.picture("plugin-validate.png")
            note.setIsVisible(False)
        # the list leads to the cells
        document.CurrentController.setActiveSheet(document.Sheets.getByName("问题"))
        seen.picture("plugin-problems.png")
        at = cell_on_screen(document, 5, 2)  # 表三!J27
        seen.screen.click_with("ctrl", *at)
        wait_for(lambda: document.CurrentSelection.AbsoluteName.endswith("$J$27"))
        assert document.CurrentController.ActiveSheet.Name == "表三"
        correct_by_typing(seen, document)
        document.CurrentController.setFirstVisibleRow(0)
        document.CurrentController.setFirstVisibleColumn(0)
        time.sleep(0.3)
        click_until_clean(seen, document, button(document, "校验"))


def test_the_toolbar(seen: Seen, path: Path) -> None:
    with seen.office.deadline(240):
        document, _ = open_table(seen, path.with_suffix(".xlsx"), build_workbook(sample()))
        seen.screen.click(*wait_for(lambda: on_toolbar(document, 0)))
        wait_for(lambda: finished(document))
        check_marks(document)
        seen.picture("plugin-toolbar.png")
        correct_by_typing(seen, document)
        click_until_clean(seen, document, on_toolbar(document, 0))


def test_what_is_being_typed_counts_and_one_key_takes_the_command_back(seen: Seen, path: Path) -> None:
    """Type and do not enter, click on the toolbar: the figure is kept. Then Ctrl+Z: sheets are guarded as before."""
    with seen.office.deadline(240):
        document, sheet = open_table(seen, path.with_suffix(".xlsx"), build_workbook(sample()))
        guarded = [one.Name for one in document.Sheets if one.isProtected()]
        typed, total = (sheet.getCellRangeByName(cell) for cell in ("D27", "J8"))
        formula = total.Formula
        assert formula.startswith("=")
        at = wait_for(lambda: on_toolbar(document, 0))
        document.CurrentController.select(typed)
        seen.screen.type("3")
        seen.screen.click(*at)
        wait_for(lambda: not document.hasControllersLocked() and "D27" in marked(document))
        wait_for(lambda: problems(document))
        assert typed.Value == 3
        assert "（七）总计填 3" in marked(document)["D27"]
        seen.screen.key("ctrl+z")
        wait_for(lambda: not problems(document))
        assert marked(document) == {}
        assert [one.Name for one in document.Sheets if one.isProtected()] == guarded
        assert typed.Value == 3, "that was a step of its own"
        document.CurrentController.select(total)
        seen.screen.type("9")
        wait_for(lambda: len(seen.screen.windows()) == 2)  # a box says that the cell is protected
        seen.screen.key("Return")
        wait_for(lambda: len(seen.screen.windows()) == 1)
        assert total.Formula == formula
        document.close(True)
