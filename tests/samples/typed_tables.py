"""Tables as anybody types them, on books that need no file, and what is done to them; where each was then found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.samples.filled_workbooks import FORM, opened
from workbook.excel.reading.label_index import WorkbookView
from workbook.excel.reading.reading_context import LocatedTable
from workbook.excel.reading.table_locator import locate_tables
from workbook.excel.reading.workbook_contents import Cell, Sheet, WorkbookContents
from workbook.model.cell_address import Place
from workbook.model.form import Form
from workbook.model.print_layout import plan_section

Cells = dict[Place, Cell]
Change = Callable[[Cells], Cells]


def printed(code: str, *, down: int = 0, right: int = 0, form: Form = FORM) -> tuple[Cells, Mapping[str, Place]]:
    """One section as anybody types it, with a figure in every cell; and where each figure stands."""
    section = next(one for one in form.sections if one.code == code)
    page = plan_section(form, section)
    at = {cell: (box.top + down, box.left + right) for cell, box in page.cells.items()}
    labels = {(label.box.top + down, label.box.left + right): Cell(label.text) for label in page.labels}
    return {**labels, **{place: Cell(n) for n, place in enumerate(at.values())}}, at


def book(*sheets: Cells) -> WorkbookContents:
    some = tuple(Sheet(f"Sheet{n}", cells) for n, cells in enumerate(sheets, 1))
    return replace(opened(), sheets=some, names={}, properties={})


def found(one: WorkbookContents, code: str, *, ours: bool = False, form: Form = FORM) -> LocatedTable | None:
    return locate_tables(form, WorkbookView(one), ours=ours).get(code)


def rows(more: int, before: int) -> Change:
    return lambda cells: {(row + more * (row >= before), column): cell for (row, column), cell in cells.items()}


def columns(more: int, before: int) -> Change:
    return lambda cells: {(row, column + more * (column >= before)): cell for (row, column), cell in cells.items()}


def without_row(at: int) -> Change:
    return lambda cells: {(r - (r > at), c): cell for (r, c), cell in cells.items() if r != at}


def without_column(at: int) -> Change:
    return lambda cells: {(r, c - (c > at)): cell for (r, c), cell in cells.items() if c != at}


def saying(texts: Mapping[str, str | None]) -> Change:
    """Labels that read otherwise, by what is printed; None for one that is cleared."""

    def change(cells: Cells) -> Cells:
        now = {place: Cell(texts.get(str(cell.value), cell.value)) for place, cell in cells.items()}
        return {place: cell for place, cell in now.items() if cell.value is not None}

    return change


def put(texts: Mapping[Place, str | None]) -> Change:
    """Labels that read otherwise, by their place; None for one that is cleared."""

    def change(cells: Cells) -> Cells:
        now = {**cells, **{place: Cell(text) for place, text in texts.items()}}
        return {place: cell for place, cell in now.items() if cell.value is not None}

    return change


def each(*changes: Change) -> Change:
    def change(cells: Cells) -> Cells:
        for one in changes:
            cells = one(cells)
        return cells

    return change
