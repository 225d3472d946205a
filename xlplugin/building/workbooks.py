"""The statutory workbook with buttons on its sheets: what `workbook.template` writes, and the macros they run."""

from __future__ import annotations

from workbook.form import Form
from workbook.report import Report, empty
from workbook.template.pen import Button
from workbook.template.template_writer import workbook_of
from xlplugin.building.commands import buttons
from xlplugin.building.macros import workbook_with_macros
from xlplugin.building.sources import Module


def macro_workbook_of(report: Report, previous: Report | None = None, *, runner: Module | None = None) -> bytes:
    """The bytes of the .xlsm of a report; `runner` as in `workbook_with_macros`."""
    on_sheets = [Button(command.zh, command.macro) for command in buttons()]
    return workbook_with_macros(workbook_of(report, previous, on_sheets), runner=runner)


def macro_template_of(form: Form) -> bytes:
    """The bytes of a form's blank .xlsm."""
    return macro_workbook_of(empty(form))
