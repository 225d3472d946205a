"""Writes a list on a sheet of its own (title, hint, headings, lines), links to files, and tables as printed."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.pen import Pen, escape_address, fit_row_height
from workbook.excel.template_layout import TABLE_TOP, SheetCell, TemplateLayout
from workbook.merging.collected_reports import ReportCollection
from workbook.merging.file_status import FileEntry
from workbook.model.form import Cell, Section
from workbook.model.numbers import CellValue, Value, is_exact, to_cell_unit
from workbook.model.print_layout import CellBox, PrintPlan
from workbook.safety.messages import load_messages

template_messages = load_messages("workbook.excel.template")

HEAD = 2
"""Title and hint are above the headings."""
FIRST = HEAD + 1
TALLEST = 400.0


class ListSheet:
    """A list, written from top to bottom: title, hint and headings, then a line at a time, then the print set-up.

    `head` is the height of the headings, `frozen` how many columns stay in sight.
    """

    def __init__(
        self,
        pen: Pen,
        name: str,
        columns: Sequence[str],
        widths: Sequence[float],
        hint: str,
        *,
        frozen: int = 2,
        head: float = 24,
    ) -> None:
        self.pen = pen
        self.widths = tuple(widths)
        self.sheet = pen.sheet(name, widths, by_row=True)
        self.next = FIRST
        self._frozen = frozen
        right = len(widths) - 1
        self.sheet.set_row(0, 34)
        pen.box(self.sheet, CellBox(0, 0, 0, right), name, "title")
        self.sheet.set_row(1, estimate_height(hint, sum(widths), least=24))
        pen.box(self.sheet, CellBox(1, 0, 1, right), hint, "hint")
        pen.row(self.sheet, HEAD, columns, ["smallhead"] * len(columns), head)

    def add(
        self,
        values: Sequence[CellValue],
        styles: Sequence[str],
        links: Mapping[int, SheetCell | str | None] = MappingProxyType({}),
    ) -> int:
        """One line, as high as its texts need, links by column; its row."""
        row, self.next = self.next, self.next + 1
        height = 22.0
        for value, width, style in zip(values, self.widths, styles, strict=True):
            if isinstance(value, str) and style != "hash":
                height = max(height, estimate_height(value, width - 1.5))
        self.pen.row(self.sheet, row, values, styles, min(height, TALLEST), links)
        return row

    @property
    def last(self) -> int:
        """The last line; of an empty list the one that says so."""
        return max(self.next - 1, FIRST)

    def finish(self, none: str = "") -> None:
        """Set up filter and printing; where there is no line, say so."""
        sheet, right = self.sheet, len(self.widths) - 1
        if self.next == FIRST:
            self.pen.box(sheet, CellBox(FIRST, 0, FIRST, right), none, "item")
        sheet.set_landscape()
        sheet.autofilter(HEAD, 0, self.last, right)
        sheet.freeze_panes(FIRST, self._frozen)
        sheet.print_area(0, 0, self.last, right)
        sheet.repeat_rows(HEAD)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(template_messages.text("print.footer"))


def estimate_height(text: str, columns: float, *, least: float = 22.0) -> float:
    """About the row height (points) for a text in small type; quick: a character beyond ASCII counts as two columns."""
    width = max(1.0, columns - 1.5)
    if "\n" not in text and len(text) * 2 <= width:
        return least
    lines = sum(
        max(1, math.ceil((len(part) + len(part.encode("utf-8", "replace"))) / 2 / width)) for part in text.split("\n")
    )
    return max(least, lines * 13.5 + 6)


class BoxSheet:
    """A sheet drawn from top to bottom: each line is boxes of one or several columns.

    `left` is the first column, `measure` the row height (points) that a text needs in a box of so many columns.
    """

    def __init__(
        self, pen: Pen, name: str, widths: Sequence[float], measure: Callable[[str, float], float], *, left: int = 0
    ) -> None:
        self.pen = pen
        self.sheet: Worksheet = pen.sheet(name, widths)
        self.row = 0
        """The line that is drawn next."""
        self._widths, self._measure = tuple(widths), measure
        self._left, self._right = left, len(widths) - 1

    def draw_wide(self, text: str, style: str, height: float) -> None:
        """Draw a text across the sheet; the next line follows."""
        self.sheet.set_row(self.row, height)
        self.pen.box(self.sheet, CellBox(self.row, self._left, self.row, self._right), text, style)
        self.row += 1

    def draw_line(
        self,
        values: Sequence[CellValue],
        styles: Sequence[str],
        boxes: Sequence[tuple[int, int]],
        least: float = 22.0,
    ) -> float:
        """Draw a line, high enough for its texts; `boxes` are first and last columns. Its height."""
        height = least
        for value, style, (first, last) in zip(values, styles, boxes, strict=True):
            self.pen.box(self.sheet, CellBox(self.row, first, self.row, last), value, style)
            if isinstance(value, str):
                height = max(height, self._measure(value, sum(self._widths[first : last + 1]) - 1.5))
        height = min(height, TALLEST)
        self.sheet.set_row(self.row, height)
        self.row += 1
        return height

    def set_up_print(self) -> None:
        """Print all that was drawn on pages one sheet wide."""
        self.sheet.fit_to_pages(1, 0)
        self.sheet.print_area(0, 0, self.row, self._right)
        self.sheet.set_footer(template_messages.text("print.footer"))


# addresses of the files that were submitted, seen from the summary


_OPEN = re.compile(r"https?://[^@?]*")
"""An address that holds no password (before @) and no key (after ?), and may be passed on."""


HIGHEST = 2
"""So many folders up from the summary a link may lead: farther off, it would show how a machine is arranged."""

_READ = frozenset(
    (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".json", ".csv", ".txt", ".docx", ".doc", ".wps", ".pdf", ".zip")
)
"""What a click on a file that holds no report may open: something to read. A program among the files is only named."""


class FileLinks:
    """Addresses of files from the folder the summary lies in; blank where there is no such folder or file.

    A file in the web has its own address. A summary goes to the level above: none of its links names a drive, or the
    folder of the user who made it.
    """

    def __init__(self, collection: ReportCollection, home: Path | None) -> None:
        self._home = home
        self._scratch = collection.store.scratch.resolve()
        self._folder = lru_cache(maxsize=1024)(self._seen)

    def file(self, entry: FileEntry) -> str:
        """The address of the file; of one in an archive, that of the archive."""
        if self._home is None:
            return ""
        if "://" in str(entry.path):
            return str(entry.path) if _OPEN.fullmatch(str(entry.path)) else ""
        folder, name = os.path.split(entry.path)
        if not entry.form and os.path.splitext(name)[1].lower() not in _READ:  # noqa: PTH122 -- may be no path here
            return ""
        seen = self._folder(folder)
        return "" if seen is None else seen + escape_address(name)

    def _seen(self, folder: str) -> str | None:
        """The address of a folder, with a slash at its end; None where the files in it will not last."""
        path = Path(folder).resolve()
        if self._home is None or path.is_relative_to(self._scratch):  # what was unpacked there is removed again
            return None
        home = self._home.resolve()
        try:
            relative = Path(os.path.relpath(path, home))
        except ValueError:  # on another drive
            return None
        if relative.parts.count(os.pardir) > HIGHEST or _enters(Path.home(), home, path):
            return None
        return escape_address(relative.as_posix()) + "/" if relative.parts else ""


def _enters(folder: Path, home: Path, path: Path) -> bool:
    """Whether the way from one place to another leads into a folder, and so names it."""
    return path.is_relative_to(folder.resolve()) and not home.is_relative_to(folder.resolve())


# tables as the form prints them ---------------------------------------------------------------------------------------


def in_cell_unit(value: Value, cell: Cell) -> Value:
    """A value as the sheet holds it, in the cell's unit; words as words."""
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
            height = fit_row_height(label.text, sum(wide[label.box.left : label.box.right + 1]))
            heights[there.top] = max(heights.get(there.top, 22.0), height)
    plan = places.plans[section.sheet]
    if not plan.label_columns:
        last = TABLE_TOP + plan.rows - 1
        heights[move(CellBox(last, 0, last, 0)).top] = 36
    return heights
