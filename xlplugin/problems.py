"""The sheet 问题: what a run of 校验 found, a link to each place, and what the marked cells looked like before.

The clerk's own colours and notes are kept there too, out of sight, so that they come back even after the workbook was
saved, closed and opened again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Any

import xlwings as xw

from workbook.model.cell_address import parse_address, parse_range
from workbook.model.finding import Severity, Source
from workbook.safety.messages import load_messages
from workbook.safety.unsafe_text import fit_to_cell, guard_typed_text, make_legible
from xlplugin.desk import Undone, area_of
from xlplugin.hosts.protection import PasswordNeededError, unprotected
from xlplugin.hosts.values import as_number
from xlplugin.marking import Mark, Outcome

messages = load_messages("xlplugin")

TOP = 3
"""The first line of the list, from 0: title, summary and headings stand above."""
WIDTHS = (5, 11, 11, 52, 8, 8, 8, 38, 30)
PLACE = 2
KEPT = 19
"""The first of four columns that hold what marked cells looked like: sheet, cell, colour, note."""
INVISIBLE = ";;;"
GUARD = "|"
"""In front of what is kept, so that no program takes a text for a number or a formula."""

MOST_SHOWN = 8_000
"""No program takes a longer text where a formula may stand."""

COLOURS = {Severity.ERROR: (255, 199, 206), Severity.WARNING: (255, 224, 178), Severity.NOTICE: (255, 249, 196)}
GOOD, BAD = (216, 240, 223), (251, 217, 213)
HEADING, SUSPECT = (226, 234, 246), (240, 240, 240)


Sheets = dict[str, xw.Sheet]
"""The sheets of the workbook by name."""


def sheet_of(sheets: Sheets) -> xw.Sheet | None:
    """The sheet 问题, where there is one."""
    return sheets.get(messages.text("sheet.problems"))


def _made(book: xw.Book, sheets: Sheets) -> xw.Sheet:
    """A sheet 问题, behind all others."""
    sheet = book.sheets.add(messages.text("sheet.problems"), after=list(sheets.values())[-1])
    for column, width in enumerate(WIDTHS):
        area_of(sheet, 0, column).column_width = width
    return sheet


def show(book: xw.Book, sheets: Sheets, outcome: Outcome) -> list[str]:
    """Show one run of 校验 in place of the last; names the sheets that a password kept from being marked.

    A report with nothing to say, checked for the first time, needs no list.
    """
    sheet = sheet_of(sheets)
    if sheet is None:
        if not outcome.rows:
            return []
        sheet = _made(book, sheets)
    restore(sheets, sheet)
    try:
        sheet.clear()
        _list(sheet, outcome)
        refused = _mark(sheets, sheet, outcome.marks)
        _stand(sheets, sheet, outcome)
    except Exception as error:
        with suppress(Exception):  # what can be put back is
            restore(sheets, sheet)
        with suppress(Exception):
            sheet.delete()
        raise Undone from error
    return refused


def _list(sheet: xw.Sheet, outcome: Outcome) -> None:
    """Title, the result in one line, and a line for every finding, in one block; then the links."""
    rows = outcome.rows
    blank = [""] * (len(WIDTHS) - 1)
    block = [
        [messages.text("problems.title"), *blank],
        [shown(outcome.summary), *blank],
        messages.texts("problems.columns"),
    ]
    for n, row in enumerate(rows, 1):
        figures = [row.actual, row.expected, row.difference]
        said_ = [row.level, str(row.source), row.text, *figures, row.advice, row.citation]
        block.append([str(n), *map(shown, said_)])
    area_of(sheet, TOP - 1, 0, len(rows) + 1, len(WIDTHS)).wrap_text = True
    area_of(sheet, 0, 0, len(block), len(WIDTHS)).formula = block
    area_of(sheet, TOP - 1, 0, 1, len(WIDTHS)).color = HEADING
    area_of(sheet, 1, 0, 1, len(WIDTHS)).color = GOOD if outcome.clean else BAD
    for n, row in enumerate(rows):
        if row.heading:
            area_of(sheet, TOP + n, 0, 1, len(WIDTHS)).color = SUSPECT
        if row.source.sheet:
            name = row.source.sheet.replace("'", "''")
            place = f"#'{name}'!{row.source.cell}"
            area_of(sheet, TOP + n, PLACE).add_hyperlink(place, shown(str(row.source)))


def shown(text: str) -> str:
    """What strangers wrote, as it is entered into a cell: legible, as much as one holds, and never run."""
    return text if as_number(text) is not None else guard_typed_text(fit_to_cell(make_legible(text), MOST_SHOWN))


def _mark(sheets: Sheets, sheet: xw.Sheet, marks: Sequence[Mark]) -> list[str]:
    """Colour and annotate the cells; sheets with a password are left alone.

    What the cells look like is written down before the first is touched: whatever happens then, `restore` knows.
    """
    refused: dict[str, None] = {}
    with ExitStack() as open_sheets:
        ready: dict[str, xw.Sheet | None] = {}
        cells: list[tuple[xw.Range, Mark, str]] = []
        kept: list[list[Any]] = []
        for mark in marks:
            name = mark.source.sheet
            if name not in sheets:
                continue
            if name not in ready:
                try:
                    ready[name] = open_sheets.enter_context(unprotected(sheets[name]))
                except PasswordNeededError:
                    ready[name], refused[name] = None, None
            page = ready[name]
            if page is not None:
                cell = page.range(mark.source.cell)
                colour, note = _look(cell)
                cells.append((cell, mark, note))
                kept.append([GUARD + text for text in (name, mark.source.cell, colour, note)])
        if kept:
            target = area_of(sheet, 0, KEPT, len(kept), 4)
            target.formula = kept
            target.number_format = INVISIBLE
        for cell, mark, note in cells:
            _mark_cell(cell, mark, note)
    return list(refused)


def _look(cell: xw.Range) -> tuple[str, str]:
    """The colour and the note of a cell."""
    colour, note = cell.color, cell.note
    return " ".join(str(part) for part in colour) if colour else "", note.text if note else ""


def _mark_cell(cell: xw.Range, mark: Mark, note: str) -> None:
    """Mark one cell; the clerk's own note stays, below ours."""
    if note and (old := cell.note):
        old.delete()
    cell.color = COLOURS[mark.severity]
    cell.add_note(fit_to_cell(make_legible(mark.note), MOST_SHOWN) + (f"\n\n{note}" if note else ""))


def restore(sheets: Sheets, sheet: xw.Sheet) -> int:
    """Give marked cells back their colours and notes; how many there were."""
    kept = _kept(sheet)
    with ExitStack() as open_sheets:
        ready: dict[str, xw.Sheet | None] = {}
        for name, cell, colour, note in kept:
            if name not in ready:
                page = sheets.get(name)
                ready[name] = open_sheets.enter_context(unprotected(page)) if page else None
            target = ready[name]
            if target is not None:
                _restore_cell(target.range(cell), colour, note)
    return len(kept)


def _kept(sheet: xw.Sheet) -> list[list[str]]:
    """What the last run kept: sheet, cell, colour, note; as many lines as there are."""
    used = parse_range(str(sheet.used_range.address))
    if used is None or used[4] < KEPT:
        return []
    block = area_of(sheet, 0, KEPT, used[3] + 1, 4).options(ndim=2).value
    rows = [["" if value is None else str(value).removeprefix(GUARD) for value in row] for row in block]
    return [row for row in rows if row[0] and row[1]]


def _restore_cell(cell: xw.Range, colour: str, note: str) -> None:
    if old := cell.note:
        old.delete()
    red, green, blue = (int(float(part)) for part in colour.split()) if colour else (0, 0, 0)
    cell.color = (red, green, blue) if colour else None
    if note:
        cell.add_note(note)


def _stand(sheets: Sheets, sheet: xw.Sheet, outcome: Outcome) -> None:
    """The cursor on the first cell to look at; on the good news where there is none."""
    first = next((mark.source for mark in outcome.marks if mark.source.sheet in sheets), None)
    if first is None:
        sheet.activate()
        area_of(sheet, 1, 0).select()
    else:
        page = sheets[first.sheet]
        page.activate()
        page.range(first.cell).select()


def places(sheet: xw.Sheet) -> list[Source]:
    """The places the list links to, top to bottom, each once."""
    used = parse_range(str(sheet.used_range.address))
    if used is None or used[3] < TOP:
        return []
    column = area_of(sheet, TOP, PLACE, used[3] - TOP + 1).options(ndim=1).value
    found: dict[Source, None] = {}
    for text in column:
        name, _, cell = str(text or "").rpartition("!")
        try:
            parse_address(cell)
        except ValueError:
            continue
        if name:
            found[Source("", name, cell)] = None
    return list(found)
