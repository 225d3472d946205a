"""The form's own tables with the sums: figures refer to their columns of 分单位明细, totals add their parts."""

from __future__ import annotations

from decimal import Decimal

from xlsxwriter.worksheet import Worksheet

from workbook.finding import Severity
from workbook.form import Cell, Section
from workbook.layout import Box, Plan
from workbook.merging.summary.details import Details
from workbook.merging.summary.figures import standing, style
from workbook.merging.summary.gathered import NAMED
from workbook.merging.summary.printed import draw_labels, widths
from workbook.merging.summing import Merged
from workbook.report import shown
from workbook.safety.messages import load_messages
from workbook.template.draft import computed
from workbook.template.pen import Pen
from workbook.template.places import TABLE_TOP, Places

messages = load_messages("workbook.merging.summary")
template_messages = load_messages("workbook.template")


class Tables:
    """The sheets of the form's tables."""

    def __init__(self, merged: Merged, details: Details) -> None:
        self.merged = merged
        self.report = merged.report
        self.details = details
        self.places = Places(merged.report.form)
        self.computed = computed(merged.report, self.places)
        errors = [found for found in merged.findings if found.severity is Severity.ERROR and found.difference]
        self.bad = {found.cells[0] for found in errors if found.rule != "filled"}

    def draw(self, pen: Pen, section: Section) -> None:
        """Draw the sheet of one part of the form."""
        sheet = pen.sheet(section.sheet)
        plan = self.places.plans[section.sheet]
        wide = widths(plan)
        for column, width in enumerate(wide):
            sheet.set_column(column, column, width)
        sheet.set_row(0, 34)
        pen.box(sheet, Box(0, 0, 0, plan.columns - 1), section.label, "title")
        self._top(pen, sheet, plan.columns)
        for row, height in draw_labels(pen, sheet, self.places, section, wide, lambda box: box).items():
            sheet.set_row(row, height)
        for cell in self.report.form.cells:
            if self.places.cells[cell.code].sheet == section.sheet:
                self._figure(pen, sheet, cell)
        _print(sheet, plan)

    def _top(self, pen: Pen, sheet: Worksheet, columns: int) -> None:
        split = columns // 2
        sheet.set_row(1, 22)
        year = f"{template_messages.text('top.year')}{self.report.year or ''}"
        pen.box(sheet, Box(1, 0, 1, split - 1), self.report.agency.name, "agency")
        count = messages.text("tables.count", n=self.merged.agencies)
        unit = template_messages.text("top.unit")
        pen.box(sheet, Box(1, split, 1, columns - 1), f"{year}　{count}　{unit}", "right")

    def _figure(self, pen: Pen, sheet: Worksheet, cell: Cell) -> None:
        """One sum: a formula over its parts where it equals theirs, else the sum of what agencies wrote there."""
        _, box = self.places.boxes[cell.code]
        value = self.report.values[cell.index]
        look = style(self._kind(cell), cell, value)
        formula = self._formula(cell)
        if formula is None:
            pen.box(sheet, box, standing(value, cell), look)
        else:
            if box.merged:
                sheet.merge_range(box.top, box.left, box.bottom, box.right, "", pen.style(look))
            pen.formula(sheet, box.top, box.left, formula, look, standing(value, cell))
        if note := self._note(cell):
            pen.note(sheet, box.top, box.left, note)

    def _kind(self, cell: Cell) -> str:
        if cell.code in self.bad:
            return "sum_bad"
        if self.merged.blanks[cell.index]:
            return "sum_wait"
        return "sum_total" if cell.code in self.places.formulas else "sum"

    def _formula(self, cell: Cell) -> str | None:
        value = self.report.values[cell.index]
        if value is None or self.details.decimals(cell) is None:
            return None
        own = self.places.formulas.get(cell.code)
        if own and self._adds_up(cell):
            return own
        total = self.details.total(cell)
        return total and total.absolute

    def adds(self, cell: Cell) -> bool:
        """Whether a spreadsheet adds that figure to others without rounding."""
        part = self.report.number(cell.index)
        return part is None or (not isinstance(part, Decimal) and self.details.decimals(cell) is not None)

    def _adds_up(self, cell: Cell) -> bool:
        """Whether a total is what its formula computes, and a spreadsheet adds its parts without rounding."""
        parts = next(rule.right for rule in self.places.sum_rules if rule.left[0].cell.code == cell.code)
        whole = all(self.adds(term.cell) for term in parts)
        return whole and self.computed[cell.code] == self.report.values[cell.index]

    def _note(self, cell: Cell) -> str:
        """What a reader must know of a sum: who left it blank, and parts that do not add up to it."""
        said = []
        if count := self.merged.blanks[cell.index]:
            names = "、".join(self.details.gathered.blank.get(cell.index, ()))
            said.append(
                messages.text(
                    "tables.blank", n=count, names=names + (messages.text("tables.more") if count > NAMED else "")
                )
            )
        value = self.report.values[cell.index]
        if cell.code in self.computed and self.computed[cell.code] != value:
            typed, right = shown(value, cell), shown(self.computed[cell.code], cell)
            said.append(messages.text("tables.mismatch", typed=typed, computed=right))
        return "\n".join(said)


def _print(sheet: Worksheet, plan: Plan) -> None:
    if plan.columns > 12:
        sheet.set_landscape()
    sheet.print_area(0, 0, TABLE_TOP + plan.rows - 1, plan.columns - 1)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer(template_messages.text("print.footer"))
    if len(plan.blocks) == 1:
        sheet.repeat_rows(TABLE_TOP, TABLE_TOP + plan.head_rows - 1)
        sheet.freeze_panes(TABLE_TOP + plan.head_rows, plan.label_columns)
    else:
        sheet.freeze_panes(TABLE_TOP, 0)
