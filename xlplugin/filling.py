"""Putting a report, or parts of one, into the open workbook: the values and the places they go to.

What is written is what `workbook.excel.template` writes into a new workbook. Only what a clerk may fill is touched, and
totals stay formulas where they fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import MappingProxyType

from workbook.excel.template.report_draft import ReportDraft, compute_totals, to_sheet_value
from workbook.excel.template.template_layout import Col, Spot, TemplateLayout
from workbook.model.cell_address import format_address, parse_address
from workbook.model.finding import Source
from workbook.model.form import Cell
from workbook.model.identity import get_level
from workbook.model.numbers import Value
from workbook.model.report import Answer, Report, hash_figures
from workbook.rules.rule_types import Equation
from workbook.safety.messages import UserError, load_messages
from workbook.safety.unsafe_text import MOST_SIGNS, count_utf16_units, fits_cell
from xlplugin.desk import Desk, Placed, area_of
from xlplugin.hosts.protection import set_locked, unprotected

template_messages = load_messages("workbook.excel.template")
messages = load_messages("xlplugin")

_LINE = (Col.REASON, Col.ANSWERED, Col.FIGURES, Col.ORDER, Col.GIVEN)
"""What a line of 校验 keeps of a reason."""
_OTHER = (Col.WHERE, Col.WHAT, Col.REASON, Col.FIGURES, Col.ORDER)
"""And what a line below the list keeps of one that belongs to none of its lines."""


def write(desk: Desk, placed: Sequence[Placed], entries: Mapping[Spot, bool] = MappingProxyType({})) -> None:
    """Write into sheets whose protection is lifted meanwhile; all of it, or nothing.

    `entries` says of some cells whether a clerk may fill them from now on. UserError for a text too long for a cell.
    """
    for one in placed:
        if isinstance(one.value, str) and not fits_cell(one.value):
            place = f"{one.sheet}!{format_address(one.row, one.column)}"
            raise UserError(
                messages.get("error.too_long", cell=place, signs=count_utf16_units(one.value), most=MOST_SIGNS)
            )
    with ExitStack() as open_sheets:
        for name in dict.fromkeys(one.sheet for one in placed):
            if name not in desk.sheets:
                raise UserError(messages.get("error.moved", cell=name))
            open_sheets.enter_context(unprotected(desk.sheets[name]))
        desk.fill(placed)
        for spot, entry in entries.items():
            set_locked(area_of(desk.sheets[spot.sheet], spot.row, spot.column), locked=not entry)


def typed_totals(given: Report, now: Report) -> dict[Spot, bool]:
    """Totals that change between formula and figure as published: open for entry where they are now a figure."""
    places = TemplateLayout(given.form)
    before, after = (
        {code for code, value in compute_totals(report, places).items() if report[code] != value}
        for report in (now, given)
    )
    return {places.cells[code]: code in after for code in sorted(before ^ after)}


def placed_at(source: Source, value: object) -> Placed:
    """A value where another was read."""
    row, column = parse_address(source.cell)
    return Placed(source.sheet, row, column, value)


def placed_on(spot: Spot, value: object) -> Placed:
    """A value at a place of the template; None empties it."""
    return Placed(spot.sheet, spot.row, spot.column, "" if value is None else value)


def figure(value: Value, cell: Cell) -> object:
    """A figure as it is entered: words stay words, whatever a spreadsheet would make of them."""
    shown = to_sheet_value(value, cell)
    return f"'{shown}" if isinstance(shown, str) else shown


def refuse_moved(report: Report) -> None:
    """UserError where a clerk has moved cells: places are those of the template, so nothing can be written."""
    for code, spot in TemplateLayout(report.form).cells.items():
        source = report.source(code)
        if (source.sheet, source.cell) != (spot.sheet, spot.a1):
            raise UserError(messages.get("error.moved", cell=f"{spot.sheet}!{spot.a1}"))


def report_placed(desk: Desk, report: Report, previous: Report | None) -> list[Placed]:
    """A whole report; `previous` is last year's, as the open workbook shows it."""
    draft = ReportDraft(report, previous)
    places = draft.places
    placed = [placed_on(places.identity[code], value) for code, value in _identity(report).items()]
    for cell in report.form.cells:
        formula = places.formulas.get(cell.code)
        value = report.values[cell.index]
        fits = formula is not None and cell.code not in draft.typed
        placed.append(placed_on(places.cells[cell.code], f"={formula}" if fits else figure(value, cell)))
    return [*placed, *_texts(desk, report), *_reasons(desk, draft)]


def _identity(report: Report) -> dict[str, object]:
    agency = report.agency
    level = get_level(agency.level)
    return {
        "name": agency.name,
        "code": agency.code,
        "region": agency.region,
        "level": level.label if level else agency.level,
        "year": report.year,
        "contact": agency.contact,
        "revision": agency.revision or None,
    }


def _texts(desk: Desk, report: Report) -> list[Placed]:
    """Each text, one paragraph a row, over the rows it has; UserError where those are too few."""
    placed = []
    sheet = template_messages.text("sheet.texts")
    for section in report.form.texts:
        area = desk.book.names[f"texts.{section.code}"].refers_to_range
        first, count = area.row - 1, area.shape[0]
        lines = report.texts.get(section.code, "").split("\n")
        if len(lines) > count:
            raise UserError(messages.get("error.long_text", section=section.label, lines=len(lines), rows=count))
        lines += [""] * (count - len(lines))
        placed += [Placed(sheet, first + n, area.column - 1, line) for n, line in enumerate(lines)]
    return placed


def _reasons(desk: Desk, draft: ReportDraft) -> list[Placed]:
    """The reasons given, each on its line of 校验 or below the list, with what the hidden columns keep of them."""
    sheet = draft.checks.sheet
    placed = []
    for line in draft.checks.lines:
        row, values = draft.checks.rows[line.code], _on_line(draft, line.code)
        placed += [placed_on(Spot(sheet, row, column), values.get(column)) for column in _LINE]
    area = desk.book.names["checks.others"].refers_to_range
    for n in range(max(area.shape[0], len(draft.other_answers))):
        answer = draft.other_answers[n] if n < len(draft.other_answers) else None
        texts = _below(draft, answer) if answer else [None] * len(_OTHER)
        spots = [Spot(sheet, area.row - 1 + n, column) for column in _OTHER]
        placed += [placed_on(spot, text) for spot, text in zip(spots, texts, strict=True)]
    return placed


def _on_line(draft: ReportDraft, code: str) -> dict[int, str]:
    line, answer = draft.checks.line(code), draft.answers.get(code)
    if answer is None:
        judged = line.judged
        total = judged.left[0].cell.code if isinstance(judged, Equation) and judged.sums else None
        return {Col.ANSWERED: Col.TYPED} if total in draft.typed else {}
    texts = {Col.REASON: answer.reason, Col.GIVEN: answer.reason, Col.FIGURES: answer.figures}
    texts[Col.ORDER] = _order(draft.report.answers, answer)
    if line.present and answer.figures:
        present = draft.values[code].present
        texts[Col.ANSWERED] = present if answer.figures == hash_figures(present) else Col.GONE
    return texts


def _below(draft: ReportDraft, answer: Answer) -> list[str | None]:
    order = _order(draft.report.answers, answer)
    return [answer.rule, " ".join(answer.cells), answer.reason, answer.figures, order]


def _order(answers: Iterable[Answer], answer: Answer) -> str:
    """Which of the report's answers this is: two alike are told apart by identity."""
    return str(next(n for n, one in enumerate(answers) if one is answer))
