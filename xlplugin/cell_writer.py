"""Puts a report, or parts of one, into the open workbook: the values and the places they go to.

What is written is what `workbook.excel.template` writes into a new workbook. Only what a clerk may fill is touched, and
totals stay formulas where they fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from types import MappingProxyType
from typing import Any, NamedTuple

from workbook.excel.template.report_draft import (
    OTHER_COLUMNS,
    REASON_COLUMNS,
    ReportDraft,
    compute_totals,
    to_sheet_value,
)
from workbook.excel.template_layout import SheetCell, TemplateLayout, join_ranges
from workbook.model.cell_address import Place, format_address, parse_address
from workbook.model.finding import Source
from workbook.model.form import Cell
from workbook.model.numbers import Value
from workbook.model.report import Report
from workbook.safety.messages import UserError, load_messages
from workbook.safety.unsafe_text import MOST_CELL_UNITS, count_utf16_units, fits_cell
from xlplugin.host import Block, SpreadsheetHost, area_at, lift_protection
from xlplugin.open_workbook import ChangesUndone, OpenWorkbook

template_messages = load_messages("workbook.excel.template")
messages = load_messages("xlplugin")


class PlacedValue(NamedTuple):
    """A value and the cell it goes to, from 0; None empties it."""

    sheet: str
    place: Place
    value: Any


def write_cells(
    workbook: OpenWorkbook, values: Sequence[PlacedValue], entries: Mapping[SheetCell, bool] = MappingProxyType({})
) -> None:
    """Write values into sheets whose protection is lifted meanwhile; all of them, or none.

    `entries` says of some cells whether a clerk may fill them from now on. Raises ChangesUndone, and UserError for a
    text too long for a cell or a sheet that is gone.
    """
    host = workbook.host
    for one in values:
        if isinstance(one.value, str) and not fits_cell(one.value):
            place = f"{one.sheet}!{format_address(*one.place)}"
            raise UserError(
                messages.get("error.too_long", cell=place, signs=count_utf16_units(one.value), most=MOST_CELL_UNITS)
            )
    with ExitStack() as lifted:
        for name in dict.fromkeys(one.sheet for one in values):
            if name not in workbook.sheets:
                raise UserError(messages.get("error.moved", cell=name))
            lifted.enter_context(lift_protection(host, name))
        _write_blocks(host, values)
        for spot, entry in entries.items():
            host.set_locked(spot.sheet, (spot.row, spot.column), locked=not entry)


class _Typed(str):
    """A text that a cell holds as such, whatever it looks like: no formula, and no number."""

    __slots__ = ()


def _write_blocks(host: SpreadsheetHost, values: Iterable[PlacedValue]) -> None:
    """Write each rectangle of neighbours in one call; where one fails, put all back and raise ChangesUndone."""
    before: list[tuple[str, Place, Block]] = []
    try:
        for sheet, place, block in _list_blocks(values):
            before.append((sheet, place, _read_entered(host, sheet, place, block)))
            host.write_block(sheet, place, block)
    except Exception as error:
        for sheet, place, block in reversed(before):
            with suppress(Exception):  # the rest is put back all the same
                _put_back(host, sheet, place, block)
        raise ChangesUndone from error


def _read_entered(host: SpreadsheetHost, sheet: str, place: Place, block: Block) -> Block:
    """Return what was entered into the cells of a block. Asked for a formula, a program gives a text as a number."""
    area = area_at(place, len(block), len(block[0]))
    entered, values = host.read_formulas(sheet, area), host.read_values(sheet, area)
    pairs = [zip(*rows, strict=True) for rows in zip(entered, values, strict=True)]
    return [[_Typed(text) if text and text == value else text for text, value in row] for row in pairs]


def _put_back(host: SpreadsheetHost, sheet: str, place: Place, block: Block) -> None:
    """Enter what cells held: texts as texts, which cells for texts take without an apostrophe before them."""
    rows, columns = len(block), len(block[0])
    code = host.read_number_format(sheet, area_at(place, rows, columns))
    if code is None and rows * columns > 1:  # they differ: cell by cell
        for r, row in enumerate(block):
            for c, text in enumerate(row):
                _put_back(host, sheet, (place[0] + r, place[1] + c), [[text]])
        return
    mark = "" if code == "@" else "'"
    host.write_block(
        sheet, place, [[f"{mark}{text}" if isinstance(text, _Typed) else text for text in row] for row in block]
    )


def _list_blocks(values: Iterable[PlacedValue]) -> Iterator[tuple[str, Place, Block]]:
    """Yield the values as rectangles of neighbouring cells: sheet, first cell, rows."""
    cells = {SheetCell(one.sheet, *one.place): one.value for one in values}
    for sheet, box in join_ranges(list(cells)):
        rows, columns = range(box.top, box.bottom + 1), range(box.left, box.right + 1)
        yield sheet, (box.top, box.left), [[cells[SheetCell(sheet, r, c)] for c in columns] for r in rows]


def find_typed_totals(given: Report, now: Report) -> dict[SheetCell, bool]:
    """Return totals that change between formula and figure as published: open for entry where they are now a figure."""
    places = TemplateLayout(given.form)
    before, after = (
        {code for code, value in compute_totals(report, places).items() if report[code] != value}
        for report in (now, given)
    )
    return {places.cells[code]: code in after for code in sorted(before ^ after)}


def place_at_source(source: Source, value: object) -> PlacedValue:
    """Return a value for the cell where another was read."""
    return PlacedValue(source.sheet, parse_address(source.cell), value)


def place_on_spot(spot: SheetCell, value: object) -> PlacedValue:
    """Return a value for a place of the template."""
    return PlacedValue(spot.sheet, (spot.row, spot.column), value)


def enter_figure(value: Value, cell: Cell) -> object:
    """Return a figure as it is entered: words stay words, whatever a spreadsheet would make of them."""
    shown = to_sheet_value(value, cell)
    return f"'{shown}" if isinstance(shown, str) else shown


def refuse_moved_cells(report: Report) -> None:
    """Raise UserError where a clerk has moved cells: places are those of the template, so nothing can be written."""
    for code, spot in TemplateLayout(report.form).cells.items():
        source = report.source(code)
        if (source.sheet, source.cell) != (spot.sheet, spot.a1):
            raise UserError(messages.get("error.moved", cell=f"{spot.sheet}!{spot.a1}"))


def place_report(workbook: OpenWorkbook, report: Report, previous: Report | None) -> list[PlacedValue]:
    """Return the values of a whole report; `previous` is last year's, as the open workbook shows it."""
    draft = ReportDraft(report, previous)
    places = draft.places
    placed = [place_on_spot(places.identity[code], value) for code, value in draft.identity_values.items()]
    for cell in report.form.cells:
        formula = places.formulas.get(cell.code)
        value = report.values[cell.index]
        fits = formula is not None and cell.code not in draft.typed
        placed.append(place_on_spot(places.cells[cell.code], f"={formula}" if fits else enter_figure(value, cell)))
    return [*placed, *_texts(workbook, report), *_reasons(workbook, draft)]


def _texts(workbook: OpenWorkbook, report: Report) -> list[PlacedValue]:
    """Each text, one paragraph a row, over the rows it has; UserError where those are too few."""
    placed = []
    sheet = template_messages.text("sheet.texts")
    for section in report.form.texts:
        first, column, last, _ = workbook.named_area(f"texts.{section.code}")
        count = last - first + 1
        lines = report.texts.get(section.code, "").split("\n")
        if len(lines) > count:
            raise UserError(messages.get("error.long_text", section=section.label, lines=len(lines), rows=count))
        lines += [""] * (count - len(lines))
        placed += [PlacedValue(sheet, (first + n, column), line) for n, line in enumerate(lines)]
    return placed


def _reasons(workbook: OpenWorkbook, draft: ReportDraft) -> list[PlacedValue]:
    """The reasons given, each on its line of 校验 or below the list, with what the hidden columns keep of them."""
    sheet = draft.checks.sheet
    placed = []
    for code, row in draft.checks.rows.items():
        texts = draft.list_reason_cells(code)
        placed += [PlacedValue(sheet, (row, column), texts.get(column)) for column in REASON_COLUMNS]
    first, _, last, _ = workbook.named_area("checks.others")
    for n in range(max(last - first + 1, len(draft.other_answers))):
        texts_below = zip(OTHER_COLUMNS, draft.list_other_texts(n), strict=True)
        placed += [PlacedValue(sheet, (first + n, column), text) for column, text in texts_below]
    return placed
