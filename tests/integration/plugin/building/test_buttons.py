"""The buttons on the sheets: there in LibreOffice, bound to our macros, pressed with our own stand-in for xlwings."""

from __future__ import annotations

import itertools
import re

import pytest

from tests.domain import ROOT
from tests.office import libreoffice
from tests.office.libreoffice import Office, wait_for
from workbook.model.form_loader import list_form_ids, load_form
from workbook.model.report import make_empty_report
from workbook.safety.messages import load_messages
from xlplugin.building import sources as vba
from xlplugin.building.macro_workbooks import build_macro_workbook
from xlplugin.building.plugin_commands import list_buttons

messages = load_messages("workbook.excel.template")

SHIM = ROOT / "tests" / "samples" / "xlwings_shim.bas"
CAPTIONS = {"校验": "Validate", "导入": "ImportJson", "导出": "ExportJson", "下一处": "NextFinding"}


def controls(sheet):
    """Caption → macro, of every button on a sheet."""
    found = {}
    if not sheet.DrawPage.Forms.Count:
        return found
    form = sheet.DrawPage.Forms.getByIndex(0)
    for n in range(form.Count):
        scripts = [re.search(r"script:(.*)\?", event.ScriptCode) for event in form.getScriptEvents(n)]
        found[form.getByIndex(n).Label] = {script[1].rpartition(".")[2] for script in scripts if script}
    return found


def test_what_the_buttons_are():
    assert {command.zh: command.macro for command in list_buttons()} == CAPTIONS


@pytest.mark.parametrize("form_id", list_form_ids())
def test_every_table_and_the_check_list_have_bound_buttons(built, office, form_id):
    form = load_form(form_id)
    with office.deadline(90):
        document = office.open(built / f"{form_id}.xlsm")
        found = {sheet.Name: controls(sheet) for sheet in document.Sheets}
        document.close(True)
    wanted = {caption: {macro} for caption, macro in CAPTIONS.items()}
    with_buttons = {section.sheet for section in form.sheets} | {messages.text("sheet.checks")}
    assert found == {name: wanted if name in with_buttons else {} for name in found}


@pytest.mark.parametrize("form_id", list_form_ids())
def test_buttons_cover_no_figure_and_are_not_printed(built, office, form_id):
    with office.deadline(90):
        document = office.open(built / f"{form_id}.xlsm")
        for sheet in document.Sheets:
            shapes = [sheet.DrawPage.getByIndex(n) for n in range(sheet.DrawPage.Count)]
            shapes = [shape for shape in shapes if shape.supportsService("com.sun.star.drawing.ControlShape")]
            assert not any(shape.Control.Printable for shape in shapes)
            first = sheet.getCellRangeByName("A3")  # the first row below title and status
            assert all(shape.Position.Y + shape.Size.Height <= first.Position.Y for shape in shapes)
            for one, other in itertools.combinations(shapes, 2):
                assert apart(one.Position.X, one.Size.Width, other.Position.X, other.Size.Width) or apart(
                    one.Position.Y, one.Size.Height, other.Position.Y, other.Size.Height
                )
        document.close(True)


def apart(start, length, other_start, other_length):
    """Whether two stretches have no more in common than a rounded edge."""
    edge = 5  # hundredths of a millimetre
    return start + length <= other_start + edge or other_start + other_length <= start + edge


def test_it_prints_as_without_buttons(built, office, tmp_path):
    assert office.convert(built / "annual-2021.xlsm", tmp_path / "a.pdf").stat().st_size > 10_000


@pytest.fixture(scope="module")
def pressed(tmp_path_factory):
    """A LibreOffice whose buttons start a program that writes down what it was asked, and where it writes it."""
    if (missing := libreoffice.why_not()) is not None:
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("pressed")
    asked, program = folder / "asked", folder / "python"
    program.write_text(f'#!/bin/sh\nfor word in "$@"; do echo "$word" >> {asked}.part; done\nmv {asked}.part {asked}\n')
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OGI_TEST_PYTHON", str(program))
        office = Office("svp")
    with office:
        yield office, asked


@pytest.mark.parametrize("command", list_buttons(), ids=lambda command: command.code)
def test_a_press_runs_the_python_of_its_command(pressed, tmp_path, command):
    office, asked = pressed
    asked.unlink(missing_ok=True)
    form = load_form("annual-2021")
    path = tmp_path / "年报 2024.xlsm"  # a name as people give it: Chinese, with a space
    path.write_bytes(build_macro_workbook(make_empty_report(form), runner=vba.parse_module(SHIM.read_text("utf-8"))))
    with office.deadline(60):
        document = office.open(path, hidden=False, macros=True)
        try:
            sheet = document.Sheets.getByName(form.sheets[0].sheet)
            document.CurrentController.setActiveSheet(sheet)
            press(document, sheet, command.zh)
            wait_for(asked.exists)
        finally:
            document.close(True)
    words = asked.read_text("utf-8").splitlines()
    assert words == ["-B", "-c", f"import xlplugin; xlplugin.{command.code}()", f"--wb={path.name}", "--from_xl=1"]


def press(document, sheet, caption):
    """What a mouse click on that button does, by the way assistive programs do it."""
    form = sheet.DrawPage.Forms.getByIndex(0)
    model = next(form.getByIndex(n) for n in range(form.Count) if form.getByIndex(n).Label == caption)
    document.CurrentController.FormDesignMode = False
    control = document.CurrentController.getControl(model)
    assert control.getAccessibleContext().doAccessibleAction(0)
