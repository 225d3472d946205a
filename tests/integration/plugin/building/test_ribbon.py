"""ogi.xlam: the ribbon's two dialects, its callbacks and pictures, and the sheet with settings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from defusedxml import ElementTree
from openpyxl import load_workbook

from xlplugin.building.addin_settings import SETTINGS, write_addin_settings
from xlplugin.building.plugin_commands import list_commands
from xlplugin.building.ribbon import callback_name
from xlplugin.building.zip_package import build_package, read_parts

SETTINGS_SHEET = "xlwings.conf"
DIALECTS = {
    "customUI/customUI.xml": "http://schemas.microsoft.com/office/2006/01/customui",
    "customUI/customUI14.xml": "http://schemas.microsoft.com/office/2009/07/customui",
}
# Names of pictures that Excel has, from Microsoft's lists of Office control identifiers.
PICTURES = {
    "AcceptInvitation",
    "CalendarInsert",
    "ClearFormats",
    "Consolidate",
    "ExportTextFile",
    "FillDown",
    "FindDialog",
    "ImportTextFile",
    "ReviewNewComment",
}


@pytest.fixture(scope="module")
def parts(built):
    return read_parts((built / "ogi.xlam").read_bytes())


@pytest.fixture(params=DIALECTS)
def buttons(request, parts):
    """The buttons of one dialect, in order."""
    root = ElementTree.fromstring(parts[request.param])
    space = "{" + DIALECTS[request.param] + "}"
    assert root.tag == f"{space}customUI"
    assert [tab.get("label") for tab in root.iter(f"{space}tab")] == ["公开年报"]
    return list(root.iter(f"{space}button"))


def test_every_command_is_on_the_tab_with_a_label_and_a_tip(buttons):
    assert {button.get("label") for button in buttons} == {
        "校验", "下一处", "情况说明", "清除标记", "空白填0", "上年数", "导入", "导出", "汇总",
    }  # fmt: skip
    assert len(buttons) == len(list_commands())
    assert all(button.get("screentip") and len(button.get("supertip")) > 8 for button in buttons)
    assert len({button.get("id") for button in buttons}) == len(buttons)


def test_every_callback_is_the_sub_of_its_command(buttons):
    assert {button.get("onAction") for button in buttons} == {callback_name(command) for command in list_commands()}


def test_every_picture_is_one_excel_has(buttons):
    assert {button.get("imageMso") for button in buttons} <= PICTURES


def test_each_dialect_has_the_relationship_that_announces_it(parts):
    relationships = ElementTree.fromstring(parts["_rels/.rels"])
    kinds = {one.get("Target"): one.get("Type").partition("/office/")[2] for one in relationships}
    assert kinds["customUI/customUI.xml"] == "2006/relationships/ui/extensibility"
    assert kinds["customUI/customUI14.xml"] == "2007/relationships/ui/extensibility"


def test_it_is_an_addin(parts):
    assert b"application/vnd.ms-excel.addin.macroEnabled.main+xml" in parts["[Content_Types].xml"]
    assert b"sheet.main+xml" not in parts["[Content_Types].xml"]


def as_workbook(path):
    """A copy that programs which know no add-ins open as an .xlsm."""
    parts = read_parts(path.read_bytes())
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b".addin.", b".sheet.")
    copy = path.with_name(f"{path.stem}-as-workbook.xlsm")
    copy.write_bytes(build_package(parts))
    return copy


def settings(path):
    sheet = load_workbook(as_workbook(path))[SETTINGS_SHEET]
    return {key.value: value.value or "" for key, value in sheet.iter_rows(max_col=2)}


@pytest.fixture
def addin(built, tmp_path):
    return Path(shutil.copy(built / "ogi.xlam", tmp_path))


def test_the_settings_sheet_answers_whatever_running_python_asks(addin):
    found = settings(addin)
    assert found == SETTINGS
    for key in ("INTERPRETER_WIN", "PYTHONPATH", "CONDA PATH", "CONDA ENV", "USE UDF SERVER", "SHOW CONSOLE"):
        assert key in found


def test_installing_points_it_to_another_python(parts, addin, openxml_errors):
    python = r"D:\工具\a&b\pythonw.exe"
    addin.write_bytes(write_addin_settings(addin.read_bytes(), INTERPRETER_WIN=python))
    assert settings(addin) == {**SETTINGS, "INTERPRETER_WIN": python}
    assert openxml_errors(addin) == []
    after = read_parts(addin.read_bytes())
    assert [part for part in parts if parts[part] != after[part]] == ["xl/worksheets/sheet2.xml"]


def test_libreoffice_opens_it_as_a_workbook(office, addin):
    with office.deadline():
        document = office.open(as_workbook(addin))
        assert [sheet.Name for sheet in document.Sheets] == ["ogi", SETTINGS_SHEET]
        document.close(True)
