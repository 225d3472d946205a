"""Writes the form's own tables with the sums: of all agencies, and of every agency with others below it (逐级汇总)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate, pairwise

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.pen import Pen
from workbook.excel.template.report_draft import compute_totals
from workbook.excel.template.table_sheet import set_up_print
from workbook.excel.template_layout import TABLE_TOP, SheetCell, TemplateLayout
from workbook.merging.hierarchy.hierarchy_sums import NodeSum
from workbook.merging.totals import MergeResult
from workbook.model import identity
from workbook.model.finding import Severity
from workbook.model.form import Cell, Form, Section
from workbook.model.numbers import to_cell_unit
from workbook.model.print_layout import CellBox, PrintPlan
from workbook.model.report import format_value
from workbook.safety.messages import load_messages
from workbook.summary.excel.agency_details import BLANK_NAMED, AgencyDetails
from workbook.summary.excel.list_sheet import ListSheet, column_widths, draw_labels, figure_style, in_cell_unit
from workbook.summary.summary_output import describe_lacking

messages = load_messages("workbook.summary.excel")
template_messages = load_messages("workbook.excel.template")


class FormTables:
    """The sheets of the form's tables."""

    def __init__(self, merged: MergeResult, details: AgencyDetails) -> None:
        self.merged = merged
        self.report = merged.report
        self.details = details
        self.places = TemplateLayout(merged.report.form)
        self.computed = compute_totals(merged.report, self.places)
        errors = [found for found in merged.findings if found.severity is Severity.ERROR and found.difference]
        self.bad = {found.cells[0] for found in errors if found.rule != "filled"}

    def draw(self, pen: Pen, section: Section) -> None:
        """Draw the sheet of one part of the form."""
        plan = self.places.plans[section.sheet]
        wide = column_widths(plan)
        sheet = pen.sheet(section.sheet, wide)
        sheet.set_row(0, 34)
        pen.box(sheet, CellBox(0, 0, 0, plan.columns - 1), section.label, "title")
        self._draw_top(pen, sheet, plan.columns)
        for row, height in draw_labels(pen, sheet, self.places, section, wide, lambda box: box).items():
            sheet.set_row(row, height)
        for cell in self.report.form.cells:
            if self.places.cells[cell.code].sheet == section.sheet:
                self._draw_figure(pen, sheet, cell)
        set_up_print(sheet, plan)

    def _draw_top(self, pen: Pen, sheet: Worksheet, columns: int) -> None:
        split = columns // 2
        sheet.set_row(1, 22)
        year = f"{template_messages.text('top.year')}{self.report.year or ''}"
        pen.box(sheet, CellBox(1, 0, 1, split - 1), self.report.agency.name, "agency")
        count = messages.text("tables.count", n=self.merged.agencies)
        unit = template_messages.text("top.unit")
        pen.box(sheet, CellBox(1, split, 1, columns - 1), f"{year}　{count}　{unit}", "right")

    def _draw_figure(self, pen: Pen, sheet: Worksheet, cell: Cell) -> None:
        """One sum: a formula over its parts where it equals theirs, else the sum of what agencies wrote there."""
        _, box = self.places.boxes[cell.code]
        value = self.report.values[cell.index]
        look = figure_style(self._find_style(cell), cell, value)
        formula = self._find_formula(cell)
        if formula is None:
            pen.box(sheet, box, in_cell_unit(value, cell), look)
        else:
            pen.formula_box(sheet, box, formula, look, in_cell_unit(value, cell))
        if note := self._write_note(cell):
            pen.note(sheet, box.top, box.left, note)

    def _find_style(self, cell: Cell) -> str:
        if cell.code in self.bad:
            return "sum_bad"
        if self.merged.blanks[cell.index]:
            return "sum_wait"
        return "sum_total" if cell.code in self.places.formulas else "sum"

    def _find_formula(self, cell: Cell) -> str | None:
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
        exact = all(self.adds(term.cell) for term in parts)
        return exact and self.computed[cell.code] == self.report.values[cell.index]

    def _write_note(self, cell: Cell) -> str:
        """What a reader must know of a sum: who left it blank, and parts that do not add up to it."""
        notes = []
        if count := self.merged.blanks[cell.index]:
            names = "、".join(self.details.gathered.blank.get(cell.index, ()))
            notes.append(
                messages.text(
                    "tables.blank", n=count, names=names + (messages.text("tables.more") if count > BLANK_NAMED else "")
                )
            )
        value = self.report.values[cell.index]
        if cell.code in self.computed and self.computed[cell.code] != value:
            typed, right = format_value(value, cell), format_value(self.computed[cell.code], cell)
            notes.append(messages.text("tables.mismatch", typed=typed, computed=right))
        return "\n".join(notes)


# 逐级汇总: what every agency with others below it comes to, against its own report, in the form's layout


NODE_SHEETS = 20
"""So many agencies have a sheet of their own; the rest can be written as workbooks."""
ABSENT_NAMED = 5
"""How many agencies of which nothing counts are named."""
CLOSE = 1.2
"""Edges of columns nearer than that are one edge."""
NODE_WIDTH = 126.0
"""How wide the tables of a sheet are."""


class NodeGrid:
    """Columns so narrow that tables of different columns fit below each other, every cell some of them merged."""

    def __init__(self, form: Form) -> None:
        self.places = TemplateLayout(form)
        self.plans = self.places.plans
        scaled = {sheet: _scaled_edges(column_widths(plan)) for sheet, plan in self.plans.items()}
        edges: list[float] = [0.0]
        for edge in sorted(edge for found in scaled.values() for edge in found):
            if edge - edges[-1] > CLOSE:
                edges.append(edge)
        self.widths = [right - left for left, right in pairwise(edges)]
        self._at = {
            sheet: [min(range(len(edges)), key=lambda n, edge=edge: abs(edges[n] - edge)) for edge in found]  # type: ignore[misc]
            for sheet, found in scaled.items()
        }

    def moved(self, sheet: str, box: CellBox, down: int) -> CellBox:
        """A place in the template's sheet on this grid, so many rows further down."""
        at = self._at[sheet]
        return CellBox(box.top + down, at[box.left], box.bottom + down, at[box.right + 1] - 1)


def _scaled_edges(wide: list[float]) -> list[float]:
    """The edges of columns of those widths, stretched to the width of all."""
    return [0.0, *(edge * NODE_WIDTH / sum(wide) for edge in accumulate(wide))]


class NodeSheets:
    """The sheets of the roll-up: the list of agencies, then a sheet for each of the first."""

    def __init__(self, pen: Pen, merged: MergeResult) -> None:
        self.pen = pen
        self.merged = merged
        self.grid = NodeGrid(merged.report.form)
        self.lacking = merged.lacking
        self.sheets: list[tuple[str, str]] = []
        """The sheets with tables: name, agency."""
        hint = messages.text("nodes.hint", n=len(merged.nodes), differences=messages.text("sheet.differences"))
        if self.lacking:
            hint += describe_lacking(merged).zh
        if len(merged.nodes) > NODE_SHEETS:
            hint += messages.text("nodes.more", shown=NODE_SHEETS)
        widths = (6, 34, 14, 8, 8, 8, 8, 44, 11, 11, 10)
        lines = ListSheet(pen, messages.text("sheet.nodes"), messages.texts("nodes.columns"), widths, hint)
        for node in merged.nodes:
            self._draw_line(lines, node)
        lines.finish(messages.text("nodes.none"))

    def _draw_line(self, lines: ListSheet, node: NodeSum) -> None:
        absent = [*node.missing, *node.held]
        names = "、".join(one.name for one in absent[:ABSENT_NAMED]) + (
            messages.text("tables.more") if len(absent) > ABSENT_NAMED else ""
        )
        own = _get_own_state(node)
        missing = node.expected - node.counted - node.waiting
        sheet = self._draw_sheet(node) if len(self.sheets) < NODE_SHEETS else ""
        values = (
            lines.next - 2, node.agency.name, identity.get_level_label(node.agency.level), node.expected, node.counted,
            node.waiting, missing, names, messages.text(f"nodes.own_{own}"), len(node.against),
            messages.text("nodes.look") if sheet else "",
        )  # fmt: skip
        tone = {"differs": "tone_bad", "same": "tone_good", "alone": "tone_wait"}.get(own, "tone_none")
        styles = (
            "number", "item", "item", "sum", "sum", "sum_wait" if node.waiting else "sum",
            "sum_wait" if missing else "sum", "item", tone, "sum_bad" if node.against else "sum",
            "link" if sheet else "item",
        )  # fmt: skip
        lines.add(values, styles, {len(values) - 1: SheetCell(sheet, 0, 0) if sheet else None})

    def _draw_sheet(self, node: NodeSum) -> str:
        """The sheet of one agency; its name."""
        n = len(self.sheets) + 1
        allowed = "".join(
            character for character in node.agency.name if character not in "[]:*?/\\'" and character.isprintable()
        )
        name = f"{n}.{allowed}"[:31]
        self.sheets.append((name, node.agency.name))
        sheet = self.pen.sheet(name, self.grid.widths)
        last = len(self.grid.widths) - 1
        sheet.set_row(0, 34)
        self.pen.box(sheet, CellBox(0, 0, 0, last), messages.text("nodes.title", name=node.agency.name), "title")
        for row, (text, look) in enumerate(self._describe_node(node), 1):
            sheet.set_row(row, 22)
            self.pen.box(sheet, CellBox(row, 0, row, last), text, look)
        end = self._draw_tables(sheet, node, last)
        sheet.print_area(0, 0, end, last)
        sheet.fit_to_pages(1, 1)
        sheet.center_horizontally()
        sheet.set_footer(template_messages.text("print.footer"))
        return name

    def _describe_node(self, node: NodeSum) -> Iterator[tuple[str, str]]:
        missing = node.expected - node.counted - node.waiting
        facts = {"expected": node.expected, "counted": node.counted, "waiting": node.waiting, "missing": missing}
        state = messages.text("nodes.state", year=node.report.year or "", **facts)
        if self.lacking:
            state += messages.text("nodes.lacking", n=len(self.lacking), nodes=messages.text("sheet.nodes"))
        yield state, "subtitle"
        own = _get_own_state(node)
        compared = messages.text(f"nodes.{'no_own' if own == 'none' else own}")
        yield compared.format(n=len(node.against)), "state" if own == "differs" else "right"

    def _draw_tables(self, sheet: Worksheet, node: NodeSum, last: int) -> int:
        """The form's tables below each other; the last row."""
        top, grid = 3, self.grid
        gaps = {gap.cell.code: gap for gap in node.against}
        for section in node.report.form.sheets:
            plan, down, name = grid.plans[section.sheet], top + 1 - TABLE_TOP, section.sheet
            sheet.set_row(top, 24)
            self.pen.box(sheet, CellBox(top, 0, top, last), section.label, "heading")

            def move(box: CellBox, name: str = name, down: int = down) -> CellBox:
                return grid.moved(name, box, down)

            for row, height in draw_labels(self.pen, sheet, grid.places, section, _stretch(plan), move).items():
                sheet.set_row(row, height)
            for cell in node.report.form.cells:
                if grid.places.cells[cell.code].sheet != name:
                    continue
                box = move(grid.places.boxes[cell.code][1])
                value = node.report.values[cell.index]
                kind = "sum_total" if cell.code in grid.places.formulas else "sum"
                if cell.code in gaps or node.blanks[cell.index]:
                    kind = "sum_wait"
                self.pen.box(sheet, box, in_cell_unit(value, cell), figure_style(kind, cell, value))
                if gap := gaps.get(cell.code):
                    figures = {"own": gap.own, "below": gap.below, "difference": gap.difference}
                    shown = {key: f"{to_cell_unit(number, cell.unit):,f}" for key, number in figures.items()}
                    self.pen.note(sheet, box.top, box.left, messages.text("nodes.gap", **shown))
            top += plan.rows + 2
        return top - 2


def _stretch(plan: PrintPlan) -> list[float]:
    wide = column_widths(plan)
    return [width * NODE_WIDTH / sum(wide) for width in wide]


def _get_own_state(node: NodeSum) -> str:
    if node.own is None:
        return "none"
    if node.alone:
        return "alone"
    return "differs" if node.against else "same"
