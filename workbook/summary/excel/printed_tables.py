"""How the form's printed tables and their figures look in the summary, wherever on a sheet a table is put."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.pen import Pen, height_for
from workbook.excel.template.template_layout import TABLE_TOP, TemplateLayout
from workbook.model.form import Cell, Section
from workbook.model.numbers import CellValue, Value, is_exact, to_cell_unit
from workbook.model.print_layout import CellBox, PrintPlan


def in_cell_unit(value: Value, cell: Cell) -> Value:
    """A value as it stands in the sheet, in the cell's unit; words as words."""
    if value is None or isinstance(value, str):
        return value
    number = to_cell_unit(value, cell.unit)
    return int(number) if number == int(number) else number


def figure_style(kind: str, cell: Cell, value: Value) -> str:
    """The style of a figure: money and broken counts show their decimals."""
    broken = isinstance(value, Decimal) and value != int(value)
    return kind + ("_money" if cell.unit.scale > 1 or broken else "")


def count_decimals(values: Sequence[CellValue]) -> int | None:
    """Decimal places that hold every number among the values; None where a spreadsheet cannot hold one of them."""
    most = 0
    for value in values:
        if isinstance(value, int | Decimal):
            if not is_exact(value):
                return None
            exponent = Decimal(value).as_tuple().exponent
            most = max(most, -exponent if isinstance(exponent, int) else 0)
    return most


def round_sum(formula: str, places: int) -> str:
    """A sum of decimals, rounded to the places its parts have: binary fractions leave a rest in the 16th digit."""
    return f"ROUND({formula},{places})" if places else formula


Move = Callable[[CellBox], CellBox]
"""From the place in the form's own template to the place on this sheet."""


def column_widths(plan: PrintPlan) -> list[float]:
    """The widths of the columns of one part of the form."""
    if plan.label_columns == 0:
        return [8.2] * plan.columns
    if plan.label_columns == 1:
        return [30.0] + [21.0] * (plan.columns - 1)
    return [5.0, 13.0, 36.0][: plan.label_columns] + [10.5] * (plan.columns - plan.label_columns)


def draw_labels(
    pen: Pen, sheet: Worksheet, places: TemplateLayout, section: Section, wide: Sequence[float], move: Move
) -> Mapping[int, float]:
    """Draw the labels of one part; rows that must be higher than others, and how high."""
    heights: dict[int, float] = {}
    for label in places.labels[section.sheet]:
        there = move(label.box)
        high = label.kind == "group" and label.box.left == 0 and label.box.bottom - label.box.top > 8
        pen.box(sheet, there, label.text, "tall" if high else label.kind)
        if label.kind != "group" and label.box.top == label.box.bottom:
            height = height_for(label.text, sum(wide[label.box.left : label.box.right + 1]))
            heights[there.top] = max(heights.get(there.top, 22.0), height)
    plan = places.plans[section.sheet]
    if not plan.label_columns:
        last = TABLE_TOP + plan.rows - 1
        heights[move(CellBox(last, 0, last, 0)).top] = 36
    return heights
