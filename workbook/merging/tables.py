"""The form's own tables with the sums: figures refer to their columns of 分单位明细, totals add their parts."""

from __future__ import annotations

from decimal import Decimal

from xlsxwriter.worksheet import Worksheet

from workbook.finding import Severity
from workbook.form import Cell, Section
from workbook.layout import Box, Plan
from workbook.merging.details import Details
from workbook.merging.figures import standing, style
from workbook.merging.merge import Merged
from workbook.merging.words import word
from workbook.report import shown
from workbook.template.draft import computed
from workbook.template.pen import Pen, height_for
from workbook.template.places import TABLE_TOP, Places
from workbook.template.words import word as template_word

NAMED = 5
"""How many agencies a note names before it says 等."""


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
        widths = _widths(plan)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_row(0, 34)
        pen.box(sheet, Box(0, 0, 0, plan.columns - 1), section.label, "title")
        self._top(pen, sheet, plan.columns)
        heights: dict[int, float] = {}
        for label in self.places.labels[section.sheet]:
            box = label.box
            tall = label.kind == "group" and box.left == 0 and box.bottom - box.top > 8
            pen.box(sheet, box, label.text, "tall" if tall else label.kind)
            if label.kind != "group" and box.top == box.bottom:
                height = height_for(label.text, sum(widths[box.left : box.right + 1]))
                heights[box.top] = max(heights.get(box.top, 22.0), height)
        if not plan.label_columns:
            heights[TABLE_TOP + plan.rows - 1] = 36
        for row, height in heights.items():
            sheet.set_row(row, height)
        for cell in self.report.form.cells:
            if self.places.cells[cell.code].sheet == section.sheet:
                self._figure(pen, sheet, cell)
        _print(sheet, plan)

    def _top(self, pen: Pen, sheet: Worksheet, columns: int) -> None:
        split = columns // 2
        sheet.set_row(1, 22)
        year = f"{template_word('top.year')}{self.report.year or ''}"
        pen.box(sheet, Box(1, 0, 1, split - 1), self.report.agency.name, "agency")
        count = word("tables.count", n=len(self.merged.parts))
        unit = template_word("top.unit")
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
            options = {"author": "", "x_scale": 1.9, "y_scale": height_for(note, 36) / 74, "font_name": "宋体"}
            sheet.write_comment(box.top, box.left, note, {**options, "font_size": 9, "color": "#FFFDF0"})

    def _kind(self, cell: Cell) -> str:
        if cell.code in self.bad:
            return "sum_bad"
        if self.merged.blanks[cell.index]:
            return "sum_wait"
        return "sum_total" if cell.code in self.places.formulas else "sum"

    def _formula(self, cell: Cell) -> str | None:
        value = self.report.values[cell.index]
        if value is None or self.details.places[cell.index] is None:
            return None
        own = self.places.formulas.get(cell.code)
        return own if own and self._adds_up(cell) else self.details.total(cell).absolute

    def _adds_up(self, cell: Cell) -> bool:
        """Whether a total is what its formula computes, and a spreadsheet adds its parts without rounding."""
        parts = next(rule.right for rule in self.places.sum_rules if rule.left[0].cell.code == cell.code)
        whole = all(
            part is None or (not isinstance(part, Decimal) and self.details.places[term.cell.index] is not None)
            for term in parts
            for part in [self.report.number(term.cell.index)]
        )
        return whole and self.computed[cell.code] == self.report.values[cell.index]

    def _note(self, cell: Cell) -> str:
        """What a reader must know of a sum: who left it blank, and parts that do not add up to it."""
        said = []
        if count := self.merged.blanks[cell.index]:
            blank = [part.agency.name for part in self.merged.parts if part.number(cell.index) is None]
            names = "、".join(blank[:NAMED]) + (word("tables.more") if count > NAMED else "")
            said.append(word("tables.blank", n=count, names=names))
        value = self.report.values[cell.index]
        if cell.code in self.computed and self.computed[cell.code] != value:
            typed, right = shown(value, cell), shown(self.computed[cell.code], cell)
            said.append(word("tables.mismatch", typed=typed, computed=right))
        return "\n".join(said)


def _widths(plan: Plan) -> list[float]:
    if plan.label_columns == 0:
        return [8.2] * plan.columns
    if plan.label_columns == 1:
        return [30.0] + [21.0] * (plan.columns - 1)
    return [5.0, 13.0, 36.0][: plan.label_columns] + [10.5] * (plan.columns - plan.label_columns)


def _print(sheet: Worksheet, plan: Plan) -> None:
    if plan.columns > 12:
        sheet.set_landscape()
    sheet.print_area(0, 0, TABLE_TOP + plan.rows - 1, plan.columns - 1)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer(template_word("print.footer"))
    if len(plan.blocks) == 1:
        sheet.repeat_rows(TABLE_TOP, TABLE_TOP + plan.head_rows - 1)
        sheet.freeze_panes(TABLE_TOP + plan.head_rows, plan.label_columns)
    else:
        sheet.freeze_panes(TABLE_TOP, 0)
