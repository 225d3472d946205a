"""逐级汇总: what every agency with others below it comes to, against its own report, in the form's layout."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

from xlsxwriter.worksheet import Worksheet

from workbook import identity
from workbook.form import Form
from workbook.layout import Box, Plan
from workbook.merging.levels.nodes import NodeSum
from workbook.merging.results import named
from workbook.merging.roster.lines import Agency
from workbook.merging.summary.figures import standing, style
from workbook.merging.summary.lists import Lines
from workbook.merging.summary.printed import draw_labels, widths
from workbook.merging.summary.words import word, words
from workbook.merging.summing import Merged
from workbook.merging.words import said
from workbook.numbers import amount
from workbook.template.pen import Pen
from workbook.template.places import TABLE_TOP, Places, Spot
from workbook.template.words import word as template_word

SHEETS = 20
"""So many agencies have a sheet of their own; the rest can be written as workbooks."""
NAMED = 5
"""How many agencies of which nothing counts are named."""
CLOSE = 1.2
"""Edges of columns nearer than that are one edge."""
WIDE = 126.0
"""How wide the tables of a sheet are."""

Node = NodeSum[Agency]


class Grid:
    """Columns so narrow that tables of different columns stand below each other, every cell some of them merged."""

    def __init__(self, form: Form) -> None:
        self.places = Places(form)
        self.plans = self.places.plans
        scaled = {sheet: _edges(widths(plan)) for sheet, plan in self.plans.items()}
        edges: list[float] = [0.0]
        for edge in sorted(edge for found in scaled.values() for edge in found):
            if edge - edges[-1] > CLOSE:
                edges.append(edge)
        self.widths = [right - left for left, right in pairwise(edges)]
        self._at = {
            sheet: [min(range(len(edges)), key=lambda n, edge=edge: abs(edges[n] - edge)) for edge in found]  # type: ignore[misc]
            for sheet, found in scaled.items()
        }

    def moved(self, sheet: str, box: Box, down: int) -> Box:
        """A place in the template's sheet on this grid, so many rows further down."""
        at = self._at[sheet]
        return Box(box.top + down, at[box.left], box.bottom + down, at[box.right + 1] - 1)


def _edges(wide: list[float]) -> list[float]:
    """The edges of columns of those widths, stretched to the width of all."""
    return [0.0, *(edge * WIDE / sum(wide) for edge in accumulate(wide))]


class Nodes:
    """The sheets of the roll-up: the list of agencies, then a sheet for each of the first."""

    def __init__(self, pen: Pen, merged: Merged) -> None:
        self.pen = pen
        self.merged = merged
        self.grid = Grid(merged.report.form)
        self.lacking = merged.lacking
        self.sheets: list[tuple[str, str]] = []
        """The sheets with tables: name, agency."""
        hint = word("nodes.hint", n=len(merged.nodes), differences=word("sheet.differences"))
        if self.lacking:
            hint += said("side.lacking", n=len(self.lacking), names=named(self.lacking)).zh
        if len(merged.nodes) > SHEETS:
            hint += word("nodes.more", shown=SHEETS)
        widths = (6, 34, 14, 8, 8, 8, 8, 44, 11, 11, 10)
        lines = Lines(pen, word("sheet.nodes"), words("nodes.columns"), widths, hint)
        for node in merged.nodes:
            self._line(lines, node)
        lines.finish(word("nodes.none"))

    def _line(self, lines: Lines, node: Node) -> None:
        level = identity.level_named(node.agency.level)
        absent = [*node.missing, *node.held]
        names = "、".join(one.name for one in absent[:NAMED]) + (word("tables.more") if len(absent) > NAMED else "")
        own = _own(node)
        missing = node.expected - node.counted - node.waiting
        sheet = self._sheet(node) if len(self.sheets) < SHEETS else ""
        values = (
            lines.next - 2, node.agency.name, level.label if level else node.agency.level, node.expected, node.counted,
            node.waiting, missing, names, word(f"nodes.own_{own}"), len(node.against),
            word("nodes.look") if sheet else "",
        )  # fmt: skip
        tone = {"differs": "tone_bad", "same": "tone_good", "alone": "tone_wait"}.get(own, "tone_none")
        styles = (
            "number", "item", "item", "sum", "sum", "sum_wait" if node.waiting else "sum",
            "sum_wait" if missing else "sum", "item", tone, "sum_bad" if node.against else "sum",
            "link" if sheet else "item",
        )  # fmt: skip
        lines.add(values, styles, {len(values) - 1: Spot(sheet, 0, 0) if sheet else None})

    def _sheet(self, node: Node) -> str:
        """The sheet of one agency; its name."""
        n = len(self.sheets) + 1
        kept = "".join(sign for sign in node.agency.name if sign not in "[]:*?/\\'" and sign.isprintable())
        name = f"{n}.{kept}"[:31]
        self.sheets.append((name, node.agency.name))
        sheet = self.pen.sheet(name)
        for column, width in enumerate(self.grid.widths):
            sheet.set_column(column, column, width)
        last = len(self.grid.widths) - 1
        sheet.set_row(0, 34)
        self.pen.box(sheet, Box(0, 0, 0, last), word("nodes.title", name=node.agency.name), "title")
        for row, (text, look) in enumerate(self._said(node), 1):
            sheet.set_row(row, 22)
            self.pen.box(sheet, Box(row, 0, row, last), text, look)
        end = self._tables(sheet, node, last)
        sheet.print_area(0, 0, end, last)
        sheet.fit_to_pages(1, 1)
        sheet.center_horizontally()
        sheet.set_footer(template_word("print.footer"))
        return name

    def _said(self, node: Node) -> Iterator[tuple[str, str]]:
        missing = node.expected - node.counted - node.waiting
        facts = {"expected": node.expected, "counted": node.counted, "waiting": node.waiting, "missing": missing}
        state = word("nodes.state", year=node.report.year or "", **facts)
        if self.lacking:
            state += word("nodes.lacking", n=len(self.lacking), nodes=word("sheet.nodes"))
        yield state, "subtitle"
        own = _own(node)
        compared = word(f"nodes.{'no_own' if own == 'none' else own}")
        yield compared.format(n=len(node.against)), "state" if own == "differs" else "right"

    def _tables(self, sheet: Worksheet, node: Node, last: int) -> int:
        """The form's tables below each other; the last row."""
        top, grid = 3, self.grid
        gaps = {gap.cell.code: gap for gap in node.against}
        for section in node.report.form.sheets:
            plan, down, name = grid.plans[section.sheet], top + 1 - TABLE_TOP, section.sheet
            sheet.set_row(top, 24)
            self.pen.box(sheet, Box(top, 0, top, last), section.label, "heading")

            def move(box: Box, name: str = name, down: int = down) -> Box:
                return grid.moved(name, box, down)

            for row, height in draw_labels(self.pen, sheet, grid.places, section, _stretched(plan), move).items():
                sheet.set_row(row, height)
            for cell in node.report.form.cells:
                if grid.places.cells[cell.code].sheet != name:
                    continue
                box = move(grid.places.boxes[cell.code][1])
                value = node.report.values[cell.index]
                kind = "sum_total" if cell.code in grid.places.formulas else "sum"
                if cell.code in gaps or node.blanks[cell.index]:
                    kind = "sum_wait"
                self.pen.box(sheet, box, standing(value, cell), style(kind, cell, value))
                if gap := gaps.get(cell.code):
                    figures = {"own": gap.own, "below": gap.below, "difference": gap.difference}
                    shown = {key: f"{amount(number, cell.unit):,f}" for key, number in figures.items()}
                    self.pen.note(sheet, box.top, box.left, word("nodes.gap", **shown))
            top += plan.rows + 2
        return top - 2


def _stretched(plan: Plan) -> list[float]:
    wide = widths(plan)
    return [width * WIDE / sum(wide) for width in wide]


def _own(node: Node) -> str:
    if node.own is None:
        return "none"
    if node.alone:
        return "alone"
    return "differs" if node.against else "same"
