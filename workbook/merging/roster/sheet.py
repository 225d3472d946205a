"""A roster written: a workbook to be filled in or read on, or a CSV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from workbook import identity, whole
from workbook.layout import Box
from workbook.merging.csvtext import delimited
from workbook.merging.roster.columns import Column, columns
from workbook.merging.roster.lines import Agency, Roster
from workbook.safety.messages import load_messages
from workbook.template.pen import Pen, height_for
from workbook.template.styles import STYLES

messages = load_messages("workbook.merging.roster")
template_messages = load_messages("workbook.template")

HEAD = 2
"""Title and hint stand above the headings."""
SPARE = 60
"""Empty lines drawn below the agencies."""
PREPARED = 20_000
"""So many lines are prepared for typing and pasting: cells are texts, levels are chosen from a list."""


def write(path: Path, roster: Roster) -> None:
    """Write a roster, whole or not at all: as CSV where the name ends so, else as a workbook. Raises OSError."""
    whole.write_bytes(path, csv_of(roster) if path.suffix.lower() == ".csv" else workbook_of(roster))


def template() -> bytes:
    """The bytes of a workbook with an empty roster."""
    return workbook_of(Roster())


def csv_of(roster: Roster) -> bytes:
    """The roster as CSV in UTF-8 with a mark, as Excel expects it; no text can become a formula there."""
    heads = [column.label for column in columns()]
    return delimited([heads, *(texts(one) for one in roster.agencies)])


def texts(one: Agency) -> list[str]:
    """A line of the roster as it is written: the level by its label, the deadline as 2026-01-31."""
    level = identity.level_named(one.level)
    shown = {
        "level": level.label if level else one.level,
        "deadline": one.deadline.isoformat() if one.deadline else "",
    }
    return [shown[column.code] if column.code in shown else str(getattr(one, column.code)) for column in columns()]


def workbook_of(roster: Roster) -> bytes:
    """The bytes of the roster as a workbook; the same roster gives the same bytes."""
    pen = Pen(messages.text("sheet.title"))
    _draw_list(pen, roster)
    _draw_guide(pen)
    return pen.bytes()


def _draw_list(pen: Pen, roster: Roster) -> None:
    sheet = pen.sheet(messages.text("sheet.name"))
    last = len(columns()) - 1
    _title(pen, sheet, messages.text("sheet.title"), last)
    hint = messages.text("sheet.hint")
    if roster.agencies:
        hint += messages.text("sheet.filled", n=len(roster.agencies))
    pen.box(sheet, Box(1, 0, 1, last), hint, "hint")
    sheet.set_row(1, height_for(hint, sum(column.width for column in columns()), line=13.5))
    sheet.set_row(HEAD, 26)
    plain = pen.book.add_format({**STYLES["item"], "border": 0})
    for n, column in enumerate(columns()):
        sheet.set_column(n, n, column.width, plain)
        pen.put(sheet, HEAD, n, column.label, "head")
    for row, one in enumerate(roster.agencies, HEAD + 1):
        _line(pen, sheet, row, texts(one))
    end = HEAD + len(roster.agencies)
    for row in range(end + 1, end + 1 + SPARE):
        _line(pen, sheet, row, [""] * len(columns()))
    for n, column in enumerate(columns()):
        _prepare(sheet, n, column, max(PREPARED, end + SPARE))
    _print(sheet, end + (0 if roster.agencies else SPARE), last)
    sheet.autofilter(HEAD, 0, max(end, HEAD + 1), last)
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.repeat_rows(HEAD)
    sheet.activate()


def _line(pen: Pen, sheet: Worksheet, row: int, said: Sequence[str]) -> None:
    height = 20.0
    for n, (column, text) in enumerate(zip(columns(), said, strict=True)):
        pen.put(sheet, row, n, text, "item")
        height = max(height, height_for(text, column.width - 2, line=14.0, least=20.0) if text else height)
    sheet.set_row(row, height)


def _prepare(sheet: Worksheet, n: int, column: Column, last: int) -> None:
    """What a cell of that column asks for, shown while it is filled in; a wrong entry is questioned, not refused."""
    asked: dict[str, object] = {"validate": "any"}
    if column.code == "level":
        labels = [level.label for level in identity.levels()]
        asked = {"validate": "list", "source": labels, "error_message": messages.text("sheet.level_message")}
    elif column.code in ("code", "region"):
        length = 18 if column.code == "code" else 6
        asked = {"validate": "length", "criteria": "==", "value": length}
        asked["error_message"] = messages.text(f"sheet.{column.code}_message")
    shown = {"input_title": column.label, "input_message": column.help, "error_type": "warning"}
    sheet.data_validation(HEAD + 1, n, last, n, {**asked, **shown, "error_title": messages.text("sheet.problem_title")})


def _draw_guide(pen: Pen) -> None:
    sheet = pen.sheet(messages.text("sheet.guide"))
    widths = (20, 56, 60)
    for n, width in enumerate(widths):
        sheet.set_column(n, n, width)
    _title(pen, sheet, messages.text("sheet.guide_title"), len(widths) - 1)
    for n, text in enumerate(messages.entry("sheet.guide_columns")):
        pen.put(sheet, 1, n, text, "head")
    sheet.set_row(1, 26)
    for row, column in enumerate(columns(), 2):
        also = messages.text("sheet.comma").join(column.also)
        for n, (text, style) in enumerate(
            zip((column.label, column.help, also), ("field", "row", "item"), strict=True)
        ):
            pen.put(sheet, row, n, text, style)
        sheet.set_row(row, max(height_for(column.help, widths[1] - 3), height_for(also, widths[2] - 3)))
    _print(sheet, len(columns()) + 1, len(widths) - 1)


def _title(pen: Pen, sheet: Worksheet, text: str, last: int) -> None:
    sheet.set_row(0, 36)
    pen.box(sheet, Box(0, 0, 0, last), text, "title")


def _print(sheet: Worksheet, row: int, column: int) -> None:
    sheet.set_landscape()
    sheet.print_area(0, 0, row, column)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer(template_messages.text("print.footer"))
