"""Writes the sheet 问题: what a run of 校验 found, and a link to each place; and highlights the cells concerned.

The clerk's own colours and notes are stored there too, out of sight, so that they come back even after the workbook was
saved, closed and opened again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress

from workbook.model.cell_address import parse_address
from workbook.model.finding import Severity, Source
from workbook.safety.messages import load_messages
from workbook.safety.unsafe_text import fit_to_cell, guard_typed_text, make_legible
from xlplugin.highlight_plan import Mark, Outcome
from xlplugin.host import Highlight, PasswordNeededError, SpreadsheetHost, area_at, as_number, lift_protection
from xlplugin.open_workbook import ChangesUndone

messages = load_messages("xlplugin")

TOP = 3
"""The first line of the list, from 0: title, summary and headings stand above."""
WIDTHS = (5, 11, 11, 52, 8, 8, 8, 38, 30)
PLACE = 2
STORED = 19
"""The first of four columns that hold what highlighted cells looked like: sheet, cell, colour, note."""
INVISIBLE = ";;;"
GUARD = "|"
"""In front of what is stored, so that no program takes a text for a number or a formula."""

MOST_SHOWN = 8_000
"""No program takes a longer text where a formula may stand."""

COLOURS = {Severity.ERROR: (255, 199, 206), Severity.WARNING: (255, 224, 178), Severity.NOTICE: (255, 249, 196)}
GOOD, BAD = (216, 240, 223), (251, 217, 213)
HEADING, SUSPECT = (226, 234, 246), (240, 240, 240)


def find_sheet(sheets: Sequence[str]) -> str | None:
    """Return the name of the sheet 问题, where there is one."""
    name = messages.text("sheet.problems")
    return name if name in sheets else None


def show_findings(host: SpreadsheetHost, sheets: Sequence[str], outcome: Outcome) -> list[str]:
    """Show one run of 校验 in place of the last; return the sheets that a password kept from being highlighted.

    A report with nothing to say, checked for the first time, needs no list. Raises ChangesUndone.
    """
    sheet = find_sheet(sheets)
    if sheet is None:
        if not outcome.rows:
            return []
        sheet = messages.text("sheet.problems")
        host.add_sheet(sheet)
        host.set_column_widths(sheet, WIDTHS)
    restore_highlights(host, sheets, sheet)
    try:
        host.clear_sheet(sheet)
        _write_list(host, sheet, outcome)
        refused = _highlight(host, sheets, sheet, outcome.marks)
        first = next((mark.source for mark in outcome.marks if mark.source.sheet in sheets), None)
        if first is None:  # the cursor on the good news
            host.select_cell(sheet, (1, 0))
        else:
            host.select_cell(first.sheet, parse_address(first.cell))
    except Exception as error:
        with suppress(Exception):  # what can be put back is
            restore_highlights(host, sheets, sheet)
        with suppress(Exception):
            host.delete_sheet(sheet)
        raise ChangesUndone from error
    return refused


def _write_list(host: SpreadsheetHost, sheet: str, outcome: Outcome) -> None:
    """Write title, the result in one line, and a line for every finding, in one block; then the links."""
    rows, width = outcome.rows, len(WIDTHS)
    blank = [""] * (width - 1)
    block = [
        [messages.text("problems.title"), *blank],
        [neutralize_text(outcome.summary), *blank],
        messages.texts("problems.columns"),
    ]
    for n, row in enumerate(rows, 1):
        texts = [row.level, str(row.source), row.text, row.actual, row.expected, row.difference]
        block.append([str(n), *map(neutralize_text, [*texts, row.advice, row.citation])])
    host.format_area(sheet, area_at((TOP - 1, 0), len(rows) + 1, width), wrapped=True)
    host.write_block(sheet, (0, 0), block)
    host.format_area(sheet, area_at((TOP - 1, 0), 1, width), color=HEADING)
    host.format_area(sheet, area_at((1, 0), 1, width), color=GOOD if outcome.clean else BAD)
    for n, row in enumerate(rows, TOP):
        if row.heading:
            host.format_area(sheet, area_at((n, 0), 1, width), color=SUSPECT)
        if row.source.sheet and row.source.cell:
            host.write_link(sheet, (n, PLACE), neutralize_text(str(row.source)), (row.source.sheet, row.source.cell))


def neutralize_text(text: str) -> str:
    """Return an untrusted text as it is entered into a cell: legible, as much as one holds, and never run."""
    return text if as_number(text) is not None else guard_typed_text(fit_to_cell(make_legible(text), MOST_SHOWN))


def _highlight(host: SpreadsheetHost, sheets: Sequence[str], sheet: str, marks: Sequence[Mark]) -> list[str]:
    """Colour and annotate the cells; return the sheets with a password, which are left alone.

    What the cells look like is written down before the first is touched: whatever happens then, it can be restored. The
    clerk's own note stays, below ours.
    """
    refused: list[str] = []
    with ExitStack() as lifted:
        for name in dict.fromkeys(mark.source.sheet for mark in marks if mark.source.sheet in sheets):
            try:
                lifted.enter_context(lift_protection(host, name))
            except PasswordNeededError:
                refused.append(name)
        cells = [
            (mark, host.read_highlight(mark.source.sheet, parse_address(mark.source.cell)))
            for mark in marks
            if mark.source.sheet in sheets and mark.source.sheet not in refused
        ]
        if cells:
            stored = [
                (mark.source.sheet, mark.source.cell, " ".join(map(str, old.color or ())), old.note)
                for mark, old in cells
            ]
            host.write_block(sheet, (0, STORED), [[GUARD + text for text in row] for row in stored])
            host.format_area(sheet, area_at((0, STORED), len(stored), 4), number_format=INVISIBLE)
        for mark, old in cells:
            note = fit_to_cell(make_legible(mark.note), MOST_SHOWN) + (f"\n\n{old.note}" if old.note else "")
            new = Highlight(COLOURS[mark.severity], note)
            host.write_highlight(mark.source.sheet, parse_address(mark.source.cell), new)
    return refused


def restore_highlights(host: SpreadsheetHost, sheets: Sequence[str], sheet: str) -> None:
    """Give highlighted cells back their colours and notes."""
    with ExitStack() as lifted:
        stored = [row for row in _read_stored(host, sheet) if row[0] in sheets]
        for name in dict.fromkeys(row[0] for row in stored):
            lifted.enter_context(lift_protection(host, name))
        for name, cell, color, note in stored:
            red, green, blue = (int(float(part)) for part in color.split()) if color else (0, 0, 0)
            host.write_highlight(name, parse_address(cell), Highlight((red, green, blue) if color else None, note))


def _read_stored(host: SpreadsheetHost, sheet: str) -> list[list[str]]:
    """Return what the last run stored: sheet, cell, colour, note; as many lines as there are."""
    used = host.used_area(sheet)
    if used is None or used[3] < STORED:
        return []
    block = host.read_values(sheet, (0, STORED, used[2], STORED + 3))
    rows = [["" if value is None else str(value).removeprefix(GUARD) for value in row] for row in block]
    return [row for row in rows if row[0] and row[1]]


def read_places(host: SpreadsheetHost, sheet: str) -> list[Source]:
    """Return the places the list links to, top to bottom, each once."""
    used = host.used_area(sheet)
    if used is None or used[2] < TOP:
        return []
    found: dict[Source, None] = {}
    for (text,) in host.read_values(sheet, (TOP, PLACE, used[2], PLACE)):
        name, _, cell = str(text or "").rpartition("!")
        try:
            parse_address(cell)
        except ValueError:
            continue
        if name:
            found[Source("", name, cell)] = None
    return list(found)
