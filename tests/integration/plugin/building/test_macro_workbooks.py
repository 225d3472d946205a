"""The macros in the .xlsm and .xlam: which modules, which subs, nothing hidden, the same bytes each time."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from openpyxl import load_workbook

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # oletools speaks to an older pyparsing
    from oletools.olevba import VBA_Parser, VBA_Scanner

from tests.domain import FORM_FILES, ROOT, zero
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.excel.template.template_writer import build_template, build_workbook
from workbook.model.form_loader import list_form_ids, load_form
from xlplugin.building import sources as vba
from xlplugin.building.macro_workbooks import add_workbook_macros, build_macro_workbook
from xlplugin.building.plugin_commands import list_commands
from xlplugin.building.ribbon import callback_name
from xlplugin.building.zip_package import read_parts

FILES = [*(f"{form_id}.xlsm" for form_id in list_form_ids()), "ogi.xlam"]
RUNS = re.compile(
    r"^Public Sub (\w+)\((control As IRibbonControl)?\)\n"
    r'    RunPython "import xlplugin; xlplugin\.(\w+)\(\)"\n'
    r"End Sub$",
    re.MULTILINE,
)


def modules(path: Path) -> dict[str, str]:
    """Module name → source, as an independent reader finds them."""
    parser = VBA_Parser(str(path))
    try:
        found = {name: code for _, _, name, code in parser.extract_all_macros()}
    finally:
        parser.close()
    return {Path(name).stem: code.replace("\r\n", "\n") for name, code in found.items()}


def subs(source: str) -> dict[str, tuple[str, str]]:
    """Sub → its parameter and the function of xlplugin it runs."""
    return {name: (parameter, function) for name, parameter, function in RUNS.findall(source)}


@pytest.mark.parametrize("name", FILES)
def test_the_modules_are_ours_and_xlwings_and_no_others(built, name):
    found = modules(built / name)
    sheets = {name for name in found if re.fullmatch(r"Sheet\d", name)}
    count = sum(part.startswith("xl/worksheets/sheet") for part in read_parts((built / name).read_bytes()))
    assert sheets == {f"Sheet{n}" for n in range(1, count + 1)}
    assert set(found) - sheets == {"ThisWorkbook", "Ogi", "xlwings", "Dictionary"}
    for document in ("ThisWorkbook", *sheets):
        assert not [line for line in found[document].splitlines() if line and not line.startswith("Attribute ")]


@pytest.mark.parametrize("name", FILES)
def test_code_names_of_sheets_are_those_of_the_project(built, name):
    parts = read_parts((built / name).read_bytes())
    stated = {
        re.search(rb'<sheetPr[^>]*codeName="(\w+)"', data)[1].decode()
        for part, data in parts.items()
        if part.startswith("xl/worksheets/sheet")
    }
    assert stated == {name for name in modules(built / name) if name.startswith("Sheet")}
    assert b'codeName="ThisWorkbook"' in parts["xl/workbook.xml"]


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_what_the_validator_of_office_accepts(built, name, openxml_errors):
    assert openxml_errors(built / name) == []


def test_every_command_has_its_sub():
    in_workbook, in_addin = (subs(vba.read_module(stem).text.replace("\r\n", "\n")) for stem in ("Ogi", "OgiAddin"))
    assert in_workbook == {c.macro: ("", c.code) for c in list_commands() if not c.anywhere}
    assert in_addin == {callback_name(c): ("control As IRibbonControl", c.code) for c in list_commands()}
    assert not in_workbook.keys() & in_addin.keys()


@pytest.mark.parametrize("stem", ["Ogi", "OgiAddin"])
def test_our_own_macros_do_nothing_but_call_python(stem):
    text = vba.read_module(stem).text
    assert text.isascii()
    code = "\n".join(line for line in text.splitlines() if not line.startswith("'"))
    suspicious = [found for found in VBA_Scanner(code).scan() if found[0] in {"Suspicious", "AutoExec", "IOC"}]
    assert suspicious == []
    lines = {line.strip() for line in RUNS.sub("", text.replace("\r\n", "\n")).splitlines()}
    left = {line for line in lines if line and not line.startswith(("'", "Attribute VB_Name", "Option Explicit"))}
    assert left == (set() if stem == "Ogi" else CALLER)


CALLER = {
    "Public Function CallerName() As String",
    "If ActiveWorkbook Is Nothing Then CallerName = ThisWorkbook.Name Else CallerName = ActiveWorkbook.Name",
    "End Function",
}


@pytest.mark.parametrize("name", FILES)
def test_lines_end_as_vba_wants_and_no_sign_was_lost(built, name):
    found = modules(built / name)
    stem = "OgiAddin" if name.endswith("xlam") else "Ogi"
    assert found["Ogi"].rstrip() == vba.read_module(stem).text.replace("\r\n", "\n").rstrip()
    assert "????" not in found["Ogi"] + found["xlwings"]


# What a stranger's folder or workbook must not decide.


@pytest.mark.parametrize("name", FILES)
def test_no_settings_and_no_modules_come_from_the_folder_of_a_workbook(built, name):
    text = modules(built / name)["xlwings"]
    assert 'If source = "" Or source = "directory" Then' not in text
    assert text.count('GetConfig("ADD_WORKBOOK_TO_PYTHONPATH", "false")') == 2
    assert "ActiveWorkbook" not in text


def test_the_addin_calls_for_the_workbook_in_front_and_keeps_the_rest_to_itself(built):
    addin, workbook = modules(built / "ogi.xlam")["xlwings"], modules(built / FILES[0])["xlwings"]
    changed = [(a, b) for a, b in zip(addin.split("\n"), workbook.split("\n"), strict=True) if a != b]
    assert len(changed) == 3
    assert all(a == b.replace("ThisWorkbook.Name", "CallerName()") for a, b in changed)


@pytest.mark.parametrize("name", FILES)
def test_on_a_mac_a_name_that_means_something_to_a_shell_is_refused_before_anything_is_run(built, name):
    text = modules(built / name)["xlwings"]
    run = text[text.index("Public Function RunPython(") :]
    guard = run.index('If InStr("""$`\\|", Mid$(ogiNames, i, 1)) > 0 Then')
    assert run.index("ogiNames = ") < guard < run.index("GetConfig(")
    assert "Exit Function" in run[guard : run.index("#End If")]


def test_a_change_in_xlwings_is_told_instead_of_leaving_a_hole():
    with pytest.raises(ValueError, match="has changed"):
        vba.harden_xlwings(vba.VbaModule("xlwings", 'Attribute VB_Name = "xlwings"\r\n'))


def test_a_sign_that_vba_cannot_keep_is_refused():
    with pytest.raises(ValueError, match="校"):
        vba.parse_module('Attribute VB_Name = "M"\n\' 校验\n')


def test_only_a_plain_workbook_takes_macros(built):
    with pytest.raises(ValueError, match="plain"):
        add_workbook_macros((built / FILES[0]).read_bytes())


def held(sheet):
    """Every cell's value or formula."""
    return [[getattr(value, "text", value) for value in row] for row in sheet.values]


def test_only_macros_and_buttons_are_added(built):
    """Everything a clerk fills in or reads is as in the plain template; the cover has one more line."""
    plain, macros = build_template(load_form("annual-2021")), (built / "annual-2021.xlsm").read_bytes()
    assert read_parts(macros).keys() - read_parts(plain).keys() == {
        "xl/vbaProject.bin",
        "xl/drawings/vmlDrawing4.vml",
        "xl/worksheets/_rels/sheet6.xml.rels",
    }
    left, right = load_workbook(io.BytesIO(plain)), load_workbook(io.BytesIO(macros))
    assert left.sheetnames == right.sheetnames
    assert left.defined_names == right.defined_names
    for name in left.sheetnames[1:]:
        assert held(left[name]) == held(right[name]), name
    said = [text for row in right[left.sheetnames[0]].values for text in row if text and "启用宏" in str(text)]
    assert len(said) == 1
    assert not [text for row in left[left.sheetnames[0]].values for text in row if text and "启用宏" in str(text)]


def test_the_same_bytes_in_another_process(built, tmp_path):
    """Whatever seeds hashes, whatever the time zone."""
    environment = {**os.environ, "PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai"}
    command = [sys.executable, "-m", "xlplugin.building", str(tmp_path)]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    names = {path.name for path in built.iterdir()}
    assert names == {path.name for path in tmp_path.iterdir()} == {*FILES, "ogi.oxt"}
    for name in names:
        assert (built / name).read_bytes() == (tmp_path / name).read_bytes(), name


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_a_report_is_read_from_it_as_from_a_plain_workbook(form, tmp_path):
    """Buttons and macros change nothing for the reader: same figures, same places; that there are macros is told."""
    report = zero(form)
    paths = tmp_path / "a.xlsx", tmp_path / "a.xlsm"
    paths[0].write_bytes(build_workbook(report))
    paths[1].write_bytes(build_macro_workbook(report))
    plain, macros = map(read_workbook, paths)
    assert macros.report.values == plain.report.values == report.values
    assert macros.report.texts == plain.report.texts
    assert macros.report.agency == plain.report.agency
    assert {one.rule for one in macros.findings} == {*(one.rule for one in plain.findings), "structure-macros"}
