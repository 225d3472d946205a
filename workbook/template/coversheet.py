"""封面: who reports for which year, how to fill in, the overall status, and the way to every sheet."""

from __future__ import annotations

from typing import Any

from xlsxwriter.worksheet import Worksheet

from workbook import identity
from workbook.form import LAST
from workbook.layout import Box
from workbook.safety.messages import load_messages
from workbook.template.coverlines import years_shown
from workbook.template.draft import Draft, select
from workbook.template.pen import height_for
from workbook.template.places import IDENTITY_TOP, TEMPLATE_VERSION, Spot

messages = load_messages("workbook.template")


def cover_sheet(draft: Draft) -> Worksheet:
    """Write the cover."""
    pen, form = draft.pen, draft.form
    sheet = pen.sheet(messages.text("sheet.cover"))
    sheet.set_portrait()
    sheet.fit_to_pages(1, 1)
    for column, width in enumerate((2, 22, 44, 46)):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 54)
    pen.box(sheet, Box(0, 1, 0, 3), messages.text("cover.title"), "cover")
    issued = messages.text("cover.issued", number=form.citation.number, by=form.citation.by)
    pen.box(sheet, Box(1, 1, 1, 3), issued, "subtitle")
    _heading(draft, sheet, 3, messages.text("cover.identity"))
    _identity(draft, sheet)
    row = IDENTITY_TOP + len(identity.fields()) + 1
    sheet.set_row(row, 30)
    pen.put(sheet, row, 1, messages.text("cover.status"), "field")
    draft.overall(sheet, Box(row, 2, row, 3), "bigstate")
    row += 2
    row = _steps(draft, sheet, row)
    _contents(draft, sheet, row)
    sheet.set_footer(messages.text("print.footer"))
    select(sheet, draft.places.identity["name"])
    return sheet


def _heading(draft: Draft, sheet: Worksheet, row: int, text: str) -> None:
    sheet.set_row(row, 28)
    draft.pen.box(sheet, Box(row, 1, row, 3), text, "heading")


def _identity(draft: Draft, sheet: Worksheet) -> None:
    agency = draft.report.agency
    for field in identity.fields():
        spot = draft.places.identity[field.code]
        sheet.set_row(spot.row, height_for(field.help, 48, line=14, least=26))
        draft.pen.put(sheet, spot.row, spot.column - 1, field.label, "field")
        draft.pen.put(sheet, spot.row, spot.column + 1, field.help, "hint")
        if field.code == "year":
            draft.pen.put(sheet, spot.row, spot.column, draft.report.year, "year")
        elif field.code == "revision":
            draft.pen.put(sheet, spot.row, spot.column, agency.revision or None, "year")
        elif field.code == "level" and (level := identity.level_named(agency.level)):
            draft.pen.put(sheet, spot.row, spot.column, level.label, "text")
        else:
            draft.pen.put(sheet, spot.row, spot.column, getattr(agency, field.code), "text")
    _identity_validation(draft, sheet)


def _identity_validation(draft: Draft, sheet: Worksheet) -> None:
    years = draft.form.years
    until = 2099 if years.until == LAST else years.until
    name = years_shown(draft.form)
    levels = [level.label for level in identity.levels()]
    rules: dict[str, dict[str, Any]] = {
        "year": {"validate": "integer", "criteria": "between", "minimum": years.from_, "maximum": until},
        "code": {"validate": "length", "criteria": "==", "value": 18},
        "region": {"validate": "length", "criteria": "==", "value": 6},
        "level": {"validate": "list", "source": levels},
        "revision": {"validate": "integer", "criteria": ">=", "value": 0},
    }
    for code, rule in rules.items():
        spot = draft.places.identity[code]
        message = messages.text(f"validation.{code}", years=name)
        said = {"error_title": messages.text("validation.title"), "error_message": message}
        sheet.data_validation(spot.row, spot.column, spot.row, spot.column, {**rule, **said})


def _steps(draft: Draft, sheet: Worksheet, row: int) -> int:
    _heading(draft, sheet, row, messages.text("cover.steps_title"))
    names = "、".join(section.sheet for section in draft.form.sheets)
    steps = [*messages.texts("cover.steps"), *([messages.text("cover.buttons")] if draft.buttons else [])]
    for n, step in enumerate(steps, 1):
        text = step.format(sheets=names, texts=messages.text("sheet.texts"), checks=messages.text("sheet.checks"))
        sheet.set_row(row + n, height_for(f"{n}. {text}", 108))
        draft.pen.box(sheet, Box(row + n, 1, row + n, 3), f"{n}. {text}", "wrapped")
    return row + len(steps) + 2


def _contents(draft: Draft, sheet: Worksheet, row: int) -> None:
    _heading(draft, sheet, row, messages.text("cover.sheets_title"))
    entries = [(section.sheet, section.label) for section in draft.form.sheets]
    texts = "；".join(section.label for section in draft.form.texts)
    entries += [(messages.text("sheet.texts"), texts), (messages.text("sheet.checks"), messages.text("cover.status"))]
    for name, label in entries:
        row += 1
        sheet.set_row(row, 20)
        draft.pen.link(sheet, row, 1, Spot(name, 0, 0), name, "plainlink")
        draft.pen.box(sheet, Box(row, 2, row, 3), label, "plain")
    fingerprint = draft.places.fingerprint
    version = messages.text("cover.version", version=TEMPLATE_VERSION, form=draft.form.id, fingerprint=fingerprint)
    draft.pen.box(sheet, Box(row + 2, 1, row + 2, 3), version, "small")
