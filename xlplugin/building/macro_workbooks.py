"""VBA into a package: the one module that knows pyOpenVBA."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from pyopenvba import ExcelFile, VBAModuleKind

from xlplugin.building.sources import Kind, Module, hardened, module, own
from xlplugin.building.zip_package import package_of, parts_of

_TYPES = "[Content_Types].xml"
_PLAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_WORKBOOK = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_ADDIN = b"application/vnd.ms-excel.addin.macroEnabled.main+xml"
_SHIPPED = {"xlwings": Kind.STANDARD, "Dictionary": Kind.CLASS}
_KINDS = {Kind.STANDARD: VBAModuleKind.standard, Kind.CLASS: VBAModuleKind.other}


def workbook_with_macros(package: bytes, *, runner: Module | None = None) -> bytes:
    """The bytes of an .xlsm: those of an .xlsx, with our macros. `runner` stands in for xlwings' module, in tests."""
    return _with(package, _modules("Ogi", runner), _WORKBOOK)


def addin_with_macros(package: bytes, *, runner: Module | None = None) -> bytes:
    """The bytes of an .xlam: those of an .xlsx, with the macros of the ribbon, which act on the workbook in front."""
    return _with(package, _modules("OgiAddin", runner, addin=True), _ADDIN)


def _modules(ours: str, runner: Module | None, *, addin: bool = False) -> list[Module]:
    if runner is not None:
        return [own(ours), runner]
    xlwings = _shipped()
    return [own(ours), hardened(xlwings["xlwings"], addin=addin), xlwings["Dictionary"]]


@cache
def _shipped() -> Mapping[str, Module]:
    """The modules of xlwings, from the workbook in the installed wheel; it is read as a file, never imported."""
    spec = find_spec("xlwings")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("xlwings is not installed")
    with ExcelFile(Path(spec.origin).with_name("quickstart_standalone.xlsm")) as file:
        return {name: module(file.get_module(name), kind) for name, kind in _SHIPPED.items()}


def _with(package: bytes, modules: Sequence[Module], kind: bytes) -> bytes:
    """A package with a VBA project of these modules. ValueError if it is no plain workbook."""
    parts = parts_of(package)
    if parts[_TYPES].count(_PLAIN) != 1:
        raise ValueError("macros can only be put into a plain .xlsx workbook")
    parts[_TYPES] = parts[_TYPES].replace(_PLAIN, _WORKBOOK)
    made = parts_of(_with_project(package_of(parts), modules))
    made[_TYPES] = made[_TYPES].replace(_WORKBOOK, kind)
    return package_of(made)


def _with_project(package: bytes, modules: Sequence[Module]) -> bytes:
    """A package with a VBA project. PyOpenVBA names the sheets for it, and works on files alone."""
    with TemporaryDirectory() as folder:
        before, after = Path(folder, "before.xlsm"), Path(folder, "after.xlsm")
        before.write_bytes(package)
        with ExcelFile(before) as file:
            project = file.add_vba_project()
            for one in modules:
                project.add_module(one.name, one.text, kind=_KINDS[one.kind])
            file.save(after)
        with ExcelFile(after) as file:
            if faults := file.validate():
                raise ValueError(f"the VBA project is not sound: {'; '.join(faults)}")
        return after.read_bytes()
