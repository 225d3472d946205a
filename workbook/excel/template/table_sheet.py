"""Writes the table sheets: printed labels, entry cells, totals as formulas, last year's figures and live colours."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.pen import fit_row_height
from workbook.excel.template.report_draft import ReportDraft, select_cell, to_sheet_value
from workbook.excel.template_layout import GAP, TABLE_TOP, SheetCell, join_ranges
from workbook.model.cell_address import format_address
from workbook.model.form import Cell, FormLine, Section
from workbook.model.numbers import UNITS
from workbook.model.print_layout import CellBox, PrintPlan
from workbook.model.report import format_value
from workbook.rules.rule_types import Equation, list_equations
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

VALUE_WIDTH = 9.2
ROW_HEIGHT = 25.0
ONE_PAGE = 45
"""A part of the form with up to that many rows is printed on one page."""


def write_table_sheet(draft: ReportDraft, section: Section) -> Worksheet:
    """Write one part of the form: title, status, labels, figures, last year's figures, colours, print set-up."""
    pen = draft.pen
    sheet = pen.sheet(section.sheet)
    plan = draft.places.plans[section.sheet]
    widths = _set_widths(draft, sheet, section.sheet)
    sheet.set_row(0, 34)
    pen.box(sheet, CellBox(0, 0, 0, plan.columns - 1), section.label, "title")
    pen.buttons(sheet, draft.buttons)
    _write_top(draft, sheet, plan.columns)
    totals = {line.into for table in draft.form.tables_of(section) for line in (*table.rows, *table.columns)}
    for label in draft.places.labels[section.sheet]:
        tall = label.kind == "group" and label.box.left == 0 and label.box.bottom - label.box.top > 8
        pen.box(sheet, label.box, label.text, "tall" if tall else label.kind)
        if label.line and label.kind != "band" and (help_ := _describe_line(label.line, totals)):
            draft.add_note(sheet, label.box, help_)
    _set_heights(draft, sheet, section.sheet, widths)
    _write_figures(draft, sheet, section.sheet)
    _write_previous(draft, sheet, section.sheet)
    _add_alerts(draft, sheet, section.sheet)
    set_up_print(sheet, plan, one_page=plan.rows <= ONE_PAGE)
    first = next(cell for cell in draft.list_cells_on(section.sheet) if cell.code not in draft.places.formulas)
    select_cell(sheet, draft.places.cells[first.code])
    return sheet


def _describe_line(line: FormLine, totals: Collection[str]) -> str:
    """Return the note on a row's or column's label: the article it reports on, or that it is computed."""
    parts = [messages.text("note.sum")] if line.code in totals else []
    return "\n".join([messages.text("note.article", article=line.article), *parts] if line.article else parts)


def _set_widths(draft: ReportDraft, sheet: Worksheet, name: str) -> list[float]:
    """Set the column widths; those of the printed table, left to right."""
    plan = draft.places.plans[name]
    if plan.label_columns == 0:
        widths = [8.2] * plan.columns
    elif plan.label_columns == 1:
        widths = [30.0] + [21.0] * (plan.columns - 1)
    else:
        widths = [4.5, 13.0, 33.0][: plan.label_columns] + [VALUE_WIDTH] * (plan.columns - plan.label_columns)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_column(plan.columns, plan.columns + GAP - 1, 2.5)
    first = plan.columns + GAP
    narrow = VALUE_WIDTH if plan.label_columns != 1 else 15.0
    sheet.set_column(first, first + plan.columns - plan.label_columns - 1, narrow)
    return widths


def _write_top(draft: ReportDraft, sheet: Worksheet, columns: int) -> None:
    """Write agency and year on the left, the overall status on the right, of every table sheet."""
    name, year = (draft.places.identity[code].absolute for code in ("name", "year"))
    split = columns // 2
    shown = (
        f"{messages.text('top.agency')}{draft.report.agency.name}　{messages.text('top.year')}{draft.report.year or ''}"
    )
    sheet.set_row(1, 22)
    formula = f'"{messages.text("top.agency")}"&{name}&"　{messages.text("top.year")}"&{year}'
    draft.pen.formula_box(sheet, CellBox(1, 0, 1, split - 1), formula, "agency", shown)
    draft.write_overall(sheet, CellBox(1, split, 1, columns - 1), "state", messages.text("top.status"))


def _set_heights(draft: ReportDraft, sheet: Worksheet, name: str, widths: list[float]) -> None:
    """Set row heights that show every wrapped label; rows beside merged cells are not fitted by themselves."""
    rows: dict[int, float] = {}
    for label in draft.places.labels[name]:
        box = label.box
        if label.kind == "group" or box.bottom != box.top:
            continue
        width = sum(widths[box.left : box.right + 1])
        rows[box.top] = max(rows.get(box.top, ROW_HEIGHT), fit_row_height(label.text, width - (label.kind == "row")))
    for row, height in rows.items():
        sheet.set_row(row, height)
    if not draft.places.plans[name].label_columns:
        sheet.set_row(TABLE_TOP + draft.places.plans[name].rows - 1, 36)


def _write_figures(draft: ReportDraft, sheet: Worksheet, name: str) -> None:
    for cell in draft.list_cells_on(name):
        _, box = draft.places.boxes[cell.code]
        formula = draft.places.formulas.get(cell.code)
        if cell.code in draft.notes:
            draft.add_note(sheet, box, draft.notes[cell.code])
        if formula is None:
            _write_entry(draft, sheet, cell, box)
        elif cell.code in draft.typed:
            value = draft.report[cell.code]
            draft.pen.box(sheet, box, to_sheet_value(value, cell), "published")
            typed, right = format_value(value, cell), format_value(draft.computed[cell.code], cell)
            draft.add_note(sheet, box, messages.text("note.published", typed=typed, computed=right))
        else:
            draft.pen.formula_box(sheet, box, formula, "total", to_sheet_value(draft.computed[cell.code], cell))
    _validate_entries(draft, sheet, name)


def _write_entry(draft: ReportDraft, sheet: Worksheet, cell: Cell, box: CellBox) -> None:
    value = draft.report.values[cell.index]
    style = (
        "words" if isinstance(value, str) else "money" if cell.unit.scale > 1 or isinstance(value, Decimal) else "count"
    )
    draft.pen.box(sheet, box, to_sheet_value(value, cell), style)


def _validate_entries(draft: ReportDraft, sheet: Worksheet, name: str) -> None:
    """Allow integers (or money) alone in entry cells, and in totals that are as published."""
    open_ = [c for c in draft.list_cells_on(name) if c.code not in draft.places.formulas or c.code in draft.typed]
    _validate_cells(sheet, open_, draft.places.cells)


def _validate_cells(sheet: Worksheet, cells: Iterable[Cell], places: Mapping[str, SheetCell]) -> None:
    """Add one rule of data validation for each kind of cell, over all its ranges."""
    for kind, same in _group_by_kind(cells):
        first, *rest = [box for _, box in join_ranges([places[cell.code] for cell in same])]
        sheet.data_validation(
            *first, {**_state_validation(*kind), "error_title": messages.text("validation.title"), "other_cells": rest}
        )


def _group_by_kind(cells: Iterable[Cell]) -> list[tuple[tuple[int, bool], list[Cell]]]:
    """Group cells by what may be in them: base units per unit, and whether negative."""

    def kind(cell: Cell) -> tuple[int, bool]:
        return cell.unit.scale, cell.signed

    return [(which, list(same)) for which, same in groupby(sorted(cells, key=kind), key=kind)]


def _state_validation(scale: int, signed: bool) -> dict[str, Any]:
    """Return what data validation asks of a kind of cell."""
    if scale > 1:
        label = next(unit.label for unit in UNITS.values() if unit.scale == scale)
        message = messages.text("validation.money", unit=label)
        return {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": message}
    if signed:
        most = 999_999_999
        bounds = {"criteria": "between", "minimum": -most, "maximum": most}
        return {"validate": "integer", **bounds, "error_message": messages.text("validation.signed")}
    return {"validate": "integer", "criteria": ">=", "value": 0, "error_message": messages.text("validation.count")}


def _write_previous(draft: ReportDraft, sheet: Worksheet, name: str) -> None:
    """Last year's figures beside the table: locked where they came from last year's report.

    Otherwise those that a rule compares with are for typing; fewer, so that the tab key stays in this year's table.
    """
    plan = draft.places.plans[name]
    left, shift = plan.columns + GAP, draft.places.shift(name)
    given = draft.previous is not None
    year = draft.places.previous_year
    width = plan.columns - plan.label_columns
    compared = {term.cell.code for rule in list_equations(draft.form) for term in rule.terms if term.previous}
    draft.pen.box(sheet, CellBox(0, left, 0, left + max(width, 2) - 1), messages.text("top.previous"), "subtitle")
    if year.sheet == name:
        draft.pen.put(sheet, 1, year.column + 1, messages.text("top.previous_year"), "small")
        draft.pen.put(
            sheet, *year[1:], draft.previous.year if draft.previous else None, "before" if given else "before_year"
        )
    for label in draft.places.labels[name]:
        if label.kind == "head" and label.box.left >= plan.label_columns:
            draft.pen.box(sheet, label.box.moved(0, shift), label.text, "before_head")
    for cell in draft.list_cells_on(name):
        _, box = draft.places.boxes[cell.code]
        value = draft.previous.values[cell.index] if draft.previous else None
        style = "before" if given or cell.code not in compared else "before_entry"
        draft.pen.box(sheet, box.moved(0, shift), to_sheet_value(value, cell), style)
    if not given:
        _validate_cells(
            sheet, [cell for cell in draft.list_cells_on(name) if cell.code in compared], draft.places.previous
        )


def _add_alerts(draft: ReportDraft, sheet: Worksheet, name: str) -> None:
    """Add live colours: what is no number, what may not be, and the cells of an equation that does not hold."""
    cells = draft.list_cells_on(name)
    for rule in list_equations(draft.form):
        if draft.places.cells[rule.left[0].cell.code].sheet == name and not rule.yearly:
            _add_equation_alert(draft, sheet, rule)
    for (scale, signed), same in _group_by_kind(cells):
        for _, box in join_ranges([draft.places.cells[cell.code] for cell in same]):
            ref = format_address(box.top, box.left)
            odd = f"ROUND({ref},{len(str(scale)) - 1})<>{ref}" + ("" if signed else f",{ref}<0")
            draft.add_color(sheet, box, f"ISERROR({ref})", "bad")
            draft.add_color(sheet, box, f"IF(ISTEXT({ref}),LEN({ref})>0,IF(ISNUMBER({ref}),OR({odd}),FALSE))", "bad")


def _add_equation_alert(draft: ReportDraft, sheet: Worksheet, rule: Equation) -> None:
    """Colour the total of a sum, or all cells of a stated equation, while it does not hold."""
    places = draft.places
    left, right, everything = (
        places.join_local_references((term.cell for term in terms), anchored=True)
        for terms in (rule.left, rule.right, rule.terms)
    )
    wrong = f"IF(COUNT({everything})={len(rule.terms)},ROUND(SUM({left})-SUM({right}),6)<>0,FALSE)"
    marked = rule.left[:1] if rule.sums else rule.terms
    for term in marked:
        draft.add_color(sheet, places.cells[term.cell.code].box, wrong, "bad")


def set_up_print(sheet: Worksheet, plan: PrintPlan, *, one_page: bool = False) -> None:
    """Set printed area, paper, headings on every page and panes of a sheet that holds one part of the form."""
    if plan.columns > 12:
        sheet.set_landscape()
    sheet.print_area(0, 0, TABLE_TOP + plan.rows - 1, plan.columns - 1)
    sheet.fit_to_pages(1, int(one_page))
    sheet.center_horizontally()
    sheet.set_footer(messages.text("print.footer"))
    if len(plan.blocks) == 1:
        sheet.repeat_rows(TABLE_TOP, TABLE_TOP + plan.head_rows - 1)
        sheet.freeze_panes(TABLE_TOP + plan.head_rows, plan.label_columns)
    else:
        sheet.freeze_panes(TABLE_TOP, 0)
