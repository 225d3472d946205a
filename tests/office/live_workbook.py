"""One workbook kept open in LibreOffice: a report is put into its cells, and 校验 is read back."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from tests.office.libreoffice import Office
from workbook.excel.template.check_lines import Checklist
from workbook.excel.template.report_draft import ReportDraft, to_sheet_value
from workbook.excel.template.template_writer import build_workbook
from workbook.excel.template_layout import CHECKS_TOP, TEXT_COLUMN, CheckColumn, SheetCell, TemplateLayout
from workbook.model.form import Form
from workbook.model.report import Report, make_empty_report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

FORMULA = object()
"""What stands in a total that is computed."""


class Shown(NamedTuple):
    """One line of 校验 as the program shows it."""

    left: object
    right: object
    difference: object
    status: object


class Live:
    """A form's blank template, open; only cells that change are written, as a clerk would."""

    def __init__(self, office: Office, form: Form, folder: Path) -> None:
        self.office = office
        self.places = TemplateLayout(form)
        self.checks = Checklist(self.places)
        path = folder / f"{form.id}.xlsx"
        path.write_bytes(build_workbook(make_empty_report(form)))
        self.document = office.open(path)
        self.sheets = {sheet.Name: sheet for sheet in self.document.Sheets}
        for sheet in self.sheets.values():
            sheet.unprotect("")
        self.cells: dict[SheetCell, Any] = {}
        self.originals: dict[SheetCell, str] = {}
        self.now: dict[SheetCell, object] = {self.places.cells[code]: FORMULA for code in self.places.formulas}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.office.alive:
            self.document.close(True)

    def cell(self, spot: SheetCell) -> Any:
        if spot not in self.cells:  # asking for it takes as long as writing it
            self.cells[spot] = self.sheets[spot.sheet].getCellByPosition(spot.column, spot.row)
        return self.cells[spot]

    def put(self, report: Report, previous: Report | None) -> ReportDraft:
        """Put a report into the open workbook; the draft of the same report for comparison."""
        draft = ReportDraft(report, previous)
        wanted = {**self._figures(draft), **self._words(draft), **self._answers(draft)}
        self.document.enableAutomaticCalculation(False)
        for spot in [*self.now, *wanted]:
            value = wanted.get(spot)
            if self.now.get(spot) != value or type(self.now.get(spot)) is not type(value):
                self.set(spot, value)
        self.document.enableAutomaticCalculation(True)
        self.document.calculateAll()  # hundreds of changes in a row leave LibreOffice's COUNTBLANK behind now and then
        return draft

    def set(self, spot: SheetCell, value: object) -> None:
        """One cell: a number, a text, nothing, or a total's own formula again."""
        cell = self.cell(spot)
        if self.now.get(spot) is FORMULA and spot not in self.originals:
            self.originals[spot] = cell.Formula
        if value is FORMULA:
            cell.setFormula(self.originals[spot])
        elif value is None or value == "":
            cell.setFormula("")
        elif isinstance(value, str):
            cell.setString(value)
        else:
            assert isinstance(value, int | float | Decimal)
            cell.setValue(float(value))
        self.now[spot] = value

    def formula(self, spot: SheetCell, formula: str) -> None:
        """A formula typed over a cell; `restore` brings back what stood there."""
        cell = self.cell(spot)
        self._over = (cell, cell.getDataArray(), cell.Formula, cell.ArrayFormula)
        cell.setFormula(formula)

    def restore(self) -> None:
        cell, data, formula, array = self._over
        if array:
            cell.setArrayFormula(formula[1:-1])
        elif formula.startswith("="):
            cell.setFormula(formula)
        elif data == (("",),):
            cell.setFormula("")
        else:
            cell.setDataArray(data)

    def lines(self) -> dict[str, Shown]:
        """Every line of 校验 by its code."""
        sheet = self.sheets[self.checks.sheet]
        area = sheet.getCellRangeByPosition(CheckColumn.LEFT, CHECKS_TOP, CheckColumn.STATUS, self.checks.last_row)
        return {line.code: Shown(*row) for line, row in zip(self.checks.lines, area.getDataArray(), strict=True)}

    @property
    def overall(self) -> str:
        return str(self.cell(SheetCell(self.checks.sheet, 1, 0)).String)

    def _figures(self, draft: ReportDraft) -> dict[SheetCell, object]:
        wanted: dict[SheetCell, object] = {}
        for cell in draft.form.cells:
            computed = cell.code in self.places.formulas and cell.code not in draft.typed
            here = FORMULA if computed else to_sheet_value(draft.report.values[cell.index], cell)
            wanted[self.places.cells[cell.code]] = here
            if draft.previous:
                value = to_sheet_value(draft.previous.values[cell.index], cell)
                wanted[self.places.previous[cell.code]] = value
        return wanted

    def _words(self, draft: ReportDraft) -> dict[SheetCell, object]:
        wanted: dict[SheetCell, object] = {
            self.places.identity[code]: value for code, value in draft.identity_values.items()
        }
        for code, lines in draft.paragraphs.items():
            first = self.places.texts[code].first
            assert first + len(lines) - 1 <= self.places.texts[code].last
            for n, line in enumerate(lines):
                wanted[SheetCell(messages.text("sheet.texts"), first + n, TEXT_COLUMN)] = line
        return wanted

    def _answers(self, draft: ReportDraft) -> dict[SheetCell, object]:
        return {
            SheetCell(self.checks.sheet, self.checks.rows[code], column): text
            for code in draft.answers
            for column, text in draft.list_reason_cells(code).items()
        }
