"""问题清单 and 报送状态: every finding with what to do about it, and every file with what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xlsxwriter.worksheet import Worksheet

from workbook import identity
from workbook.finding import Finding, Severity
from workbook.form import Form
from workbook.layout import Box
from workbook.merging.details import TOTAL, Details
from workbook.merging.merge import Merged
from workbook.merging.status import LISTED, Entry, Status
from workbook.merging.words import entry, word, words
from workbook.rulebook import advice, citation, message, title
from workbook.rules import sheet_name
from workbook.template.pen import CellValue, Pen, height_for
from workbook.template.places import Spot
from workbook.template.words import group
from workbook.template.words import word as template_word

HEAD = 2
"""Title and hint stand above the headings of a list."""
MOST_LINES = 1_000_000
"""A sheet has 1,048,576 rows; what is left out is said."""
MOST_LINKS = 60_000
"""Excel follows 65,530 links a sheet; the lines after them go without."""
TONES = {Severity.ERROR: "tone_bad", Severity.WARNING: "tone_wait", Severity.NOTICE: "tone_quiet"}


class Problem(NamedTuple):
    """One line of the list: a finding, and the file it was found in (None: found in the sum)."""

    found: Finding
    one: Entry | None


def problems(merged: Merged) -> Iterator[Problem]:
    """Every finding the coordinator is shown: those of the sum, then those of each agency that counts or should."""
    yield from (Problem(found, None) for found in merged.findings)
    for one in merged.collection.entries:
        if one.status in LISTED:
            yield from (Problem(found, one) for found in one.findings)


def place(found: Finding, form: Form) -> str:
    """Where a finding is: in the form's words, and the cell of the workbook where it came from one."""
    code = found.cells[0] if found.cells else ""
    at = str(found.source) if found.source.sheet else ""
    if code in form.index:
        cell = form.cell(code)
        named = f"{sheet_name(form, cell.table)} {cell.words.zh}"
    else:
        kind, _, name = code.partition(".")
        fields = {f"agency.{field.code}": field.label for field in identity.fields()}
        texts = {section.code: section.label for section in form.sections}
        named = fields.get(code) or texts.get(name if kind == "texts" else code, "")
    return f"{named}（{at}）" if named and at else named or at or str(found.source)


def draw_problems(pen: Pen, merged: Merged, details: Details) -> None:
    """Draw the list of findings."""
    widths = (6, 26, 8, 17, 30, 48, 38, 26, 30, 26, 8)
    sheet = pen.sheet(word("sheet.problems"))
    every = list(problems(merged))
    shown = every[:MOST_LINES]
    more = len(every) > len(shown)
    hint = word("problems.more" if more else "problems.hint", n=len(every), shown=len(shown))
    _begin(pen, sheet, word("sheet.problems"), hint, words("problems.columns"), widths)
    if not every:
        pen.box(sheet, Box(HEAD + 1, 0, HEAD + 1, len(widths) - 1), word("problems.none"), "item")
    for n, problem in enumerate(shown):
        _problem(pen, sheet, n, problem, merged, details, widths)
    _end(sheet, HEAD + max(len(shown), 1), len(widths) - 1)


def _problem(
    pen: Pen, sheet: Worksheet, n: int, problem: Problem, merged: Merged, details: Details, widths: Sequence[float]
) -> None:
    found, one = problem
    row = HEAD + 1 + n
    report = one.report if one and one.report else merged.report
    said: tuple[CellValue, ...] = (
        n + 1, report.agency.name, group("checks")["levels"][found.severity.value], title(found),
        place(found, report.form), message(found), advice(found), found.answer, citation(found),
        one.place if one else "",
    )  # fmt: skip
    styles = ("number", "item", TONES[found.severity], *["item"] * 7)
    _line(pen, sheet, row, said, styles, widths)
    spot = details.agency(one) if one else Spot(details.sheet, TOTAL, 0)
    if spot and n < MOST_LINKS:
        pen.link(sheet, row, len(said), spot, word("problems.look"))
    else:
        pen.put(sheet, row, len(said), None, "item")


def draw_files(pen: Pen, entries: Sequence[Entry]) -> None:
    """Draw the list of every file found."""
    widths = (6, 38, 18, 28, 7, 14, 6, 10, 13, 52, 62)
    sheet = pen.sheet(word("sheet.files"))
    hint = word("files.hint", n=len(entries))
    _begin(pen, sheet, word("sheet.files"), hint, words("files.columns"), widths)
    for n, one in enumerate(entries):
        _file(pen, sheet, n, one, widths)
    _end(sheet, HEAD + max(len(entries), 1), len(widths) - 1)


def _file(pen: Pen, sheet: Worksheet, n: int, one: Entry, widths: Sequence[float]) -> None:
    report = one.report
    known: tuple[CellValue, ...] = (None, None, None, None)
    if report:
        known = (report.agency.name, report.year, report.form.id, report.agency.revision)
    reader = entry("files.readers").get(one.reader, one.reader)
    size = None if one.status is Status.SKIPPED and not one.size else one.size
    said = (n + 1, one.place, one.status.words.zh, *known, reader, size, one.sha256, one.why.zh)
    styles = (
        "number", "item", f"tone_{one.status.tone}", "item", "date", "date", "date", "date", "sum", "hash", "item",
    )  # fmt: skip
    _line(pen, sheet, HEAD + 1 + n, said, styles, widths)


def status_column(count: int) -> str:
    """The area of 报送状态 that holds the statuses, as formulas refer to it."""
    sheet = word("sheet.files")
    return f"'{sheet}'!$C${HEAD + 2}:$C${HEAD + 1 + max(count, 1)}"


def _begin(pen: Pen, sheet: Worksheet, name: str, hint: str, columns: Sequence[str], widths: Sequence[float]) -> None:
    sheet.set_landscape()
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 34)
    pen.box(sheet, Box(0, 0, 0, len(columns) - 1), name, "title")
    pen.box(sheet, Box(1, 0, 1, len(columns) - 1), hint, "hint")
    sheet.set_row(HEAD, 24)
    for column, text in enumerate(columns):
        pen.put(sheet, HEAD, column, text, "smallhead")


def _line(
    pen: Pen, sheet: Worksheet, row: int, said: Sequence[CellValue], styles: Sequence[str], widths: Sequence[float]
) -> None:
    height = 22.0
    for column, (value, look) in enumerate(zip(said, styles, strict=True)):
        pen.put(sheet, row, column, value, look)
        if isinstance(value, str) and look != "hash":
            height = max(height, height_for(value, widths[column] - 1.5, line=13.5))
    sheet.set_row(row, min(height, 400))


def _end(sheet: Worksheet, last: int, columns: int) -> None:
    sheet.autofilter(HEAD, 0, last, columns)
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.print_area(0, 0, last, columns)
    sheet.repeat_rows(HEAD)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(template_word("print.footer"))
