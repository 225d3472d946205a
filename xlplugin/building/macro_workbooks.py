"""Builds workbooks with macros: the statutory workbook with buttons on its sheets, and any package with VBA.

Only this module uses pyOpenVBA.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from pyopenvba import ExcelFile, VBAModuleKind

from workbook.excel.template.pen import Button
from workbook.excel.template.template_writer import build_workbook
from workbook.model.form import Form
from workbook.model.report import Report, make_empty_report
from xlplugin.building.plugin_commands import list_buttons
from xlplugin.building.sources import VbaModule, harden_xlwings, parse_module, read_module
from xlplugin.building.zip_package import build_package, read_parts

_TYPES = "[Content_Types].xml"
_PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_WORKBOOK = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADDIN = b"application/vnd.ms-excel.addin.macroEnabled.main+xml"


def add_workbook_macros(package: bytes, *, runner: VbaModule | None = None) -> bytes:
    """Return an .xlsx as .xlsm, with our macros. `runner` stands in for xlwings' module, in tests."""
    return _add_macros(package, _modules("Ogi", runner), _WORKBOOK)


def add_addin_macros(package: bytes, *, runner: VbaModule | None = None) -> bytes:
    """Return an .xlsx as .xlam, with the macros of the ribbon, which act on the workbook in front."""
    return _add_macros(package, _modules("OgiAddin", runner, addin=True), _ADDIN)


def _modules(ours: str, runner: VbaModule | None, *, addin: bool = False) -> list[VbaModule]:
    if runner is not None:
        return [read_module(ours), runner]
    xlwings = _xlwings_modules()
    return [read_module(ours), harden_xlwings(xlwings["xlwings"], addin=addin), xlwings["Dictionary"]]


@cache
def _xlwings_modules() -> Mapping[str, VbaModule]:
    """Return the modules of xlwings, from the workbook in the installed wheel: read as a file, never imported."""
    spec = find_spec("xlwings")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("xlwings is not installed")
    with ExcelFile(Path(spec.origin).with_name("quickstart_standalone.xlsm")) as file:
        return {
            "xlwings": parse_module(file.get_module("xlwings")),
            "Dictionary": parse_module(file.get_module("Dictionary"), is_class=True),
        }


def _add_macros(package: bytes, modules: Sequence[VbaModule], kind: bytes) -> bytes:
    """Return the package with a VBA project of these modules. ValueError if it is no plain workbook."""
    parts = read_parts(package)
    if parts[_TYPES].count(_PLAIN) != 1:
        raise ValueError("macros can only be put into a plain .xlsx workbook")
    parts[_TYPES] = parts[_TYPES].replace(_PLAIN, _WORKBOOK)
    made = read_parts(_add_project(build_package(parts), modules))
    made[_TYPES] = made[_TYPES].replace(_WORKBOOK, kind)
    return build_package(made)


def _add_project(package: bytes, modules: Sequence[VbaModule]) -> bytes:
    """Return the package with a VBA project. PyOpenVBA names the sheets for it, and works on files alone."""
    with TemporaryDirectory() as folder:
        before, after = Path(folder, "before.xlsm"), Path(folder, "after.xlsm")
        before.write_bytes(package)
        with ExcelFile(before) as file:
            project = file.add_vba_project()
            for one in modules:
                kind = VBAModuleKind.other if one.is_class else VBAModuleKind.standard
                project.add_module(one.name, one.text, kind=kind)
            file.save(after)
        with ExcelFile(after) as file:
            if faults := file.validate():
                raise ValueError(f"the VBA project is not sound: {'; '.join(faults)}")
        return after.read_bytes()


# The statutory workbook with buttons on its sheets


def build_macro_workbook(report: Report, previous: Report | None = None, *, runner: VbaModule | None = None) -> bytes:
    """Return the .xlsm of a report: what `workbook.excel.template` writes, and the macros that its buttons run."""
    on_sheets = [Button(command.zh, command.macro) for command in list_buttons()]
    return add_workbook_macros(build_workbook(report, previous, on_sheets), runner=runner)


def build_macro_template(form: Form) -> bytes:
    """Return the blank .xlsm of a form."""
    return build_macro_workbook(make_empty_report(form))
