"""Writes a report as a workbook in the form's own layout: values, and formulas with their results stored.

Filling a template means writing it afresh from the form; a human-made workbook is never loaded and saved again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xlsxwriter.worksheet import Worksheet

from workbook.excel.template.check_sheet import write_check_sheet
from workbook.excel.template.live_formulas import describe_years
from workbook.excel.template.pen import Button, fit_row_height
from workbook.excel.template.report_draft import ReportDraft, select_cell
from workbook.excel.template.table_sheet import write_table_sheet
from workbook.excel.template_layout import IDENTITY_TOP, TEMPLATE_VERSION, TEXT_COLUMN, TEXTS_TOP, SheetCell
from workbook.model import identity
from workbook.model.form import LAST, Form
from workbook.model.identity import list_identity_fields
from workbook.model.print_layout import CellBox
from workbook.model.report import Report, make_empty_report
from workbook.model.rule_catalog import get_rule_book
from workbook.safety import atomic_write
from workbook.safety.messages import Bilingual, load_messages
from workbook.safety.unsafe_text import fits_cell

messages = load_messages("workbook.excel.template")

_MAY = {"format_rows": True, "format_columns": True, "select_locked_cells": True, "autofilter": True, "sort": True}
"""What a protected sheet still lets a clerk do."""


def build_workbook(
    report: Report,
    previous: Report | None = None,
    buttons: Sequence[Button] = (),
    notes: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """Return the bytes of the workbook of a report; `previous` is last year's, shown locked beside the entry cells.

    `buttons` are put on every table sheet and on 校验; the macros they run are put in afterwards (`xlplugin.building`).
    `notes` are put on cells of figures, by code.
    """
    draft = ReportDraft(report, previous, buttons, notes)
    sheets = [_write_cover(draft), *(write_table_sheet(draft, section) for section in report.form.sheets)]
    sheets += [_write_texts(draft), write_check_sheet(draft)]
    for name, refers in draft.places.names.items():
        draft.pen.book.define_name(name, "=" + refers)
    _write_stamp(draft)
    for sheet in sheets:
        sheet.protect("", _MAY | {"insert_rows": sheet.name == messages.text("sheet.texts")})
    sheets[0].activate()
    return draft.pen.bytes()


def build_template(form: Form) -> bytes:
    """Return the bytes of a form's blank template."""
    return build_workbook(make_empty_report(form))


def write_workbook(
    path: Path, report: Report, previous: Report | None = None, notes: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write the workbook of a report, atomically; `notes` are put on entry cells. Raises OSError."""
    atomic_write.write_bytes(path, build_workbook(report, previous, notes=notes))


def list_overflows(report: Report) -> Sequence[Bilingual]:
    """Return what is too long for a cell (32,767 characters), by name: no workbook can hold it."""
    agency, cells = report.agency, zip(report.form.cells, report.values, strict=True)
    written = [(text.words, report.texts.get(text.code, "").split("\n")) for text in report.form.texts]
    written += [(Bilingual(one.label, one.en), [str(getattr(agency, one.code, ""))]) for one in list_identity_fields()]
    written += [(cell.words, [value]) for cell, value in cells if isinstance(value, str)]
    known = (one for one in report.answers if one.rule in get_rule_book())
    written += [(get_rule_book()[one.rule].title, [one.reason, " ".join(one.cells)]) for one in known]
    return [where for where, texts in written if not all(map(fits_cell, texts))]


def _write_stamp(draft: ReportDraft) -> None:
    """Say, hidden, which form and template this is: twice, since some programs drop custom properties."""
    stamp = f"{draft.form.id}|{TEMPLATE_VERSION}|{draft.places.fingerprint}"
    draft.pen.book.set_custom_property("ogi.stamp", stamp)
    draft.pen.book.define_name("ogi.stamp", f'="{stamp}"')


# 封面: who reports for which year, how to fill in, the overall status, and the way to every sheet


def _write_cover(draft: ReportDraft) -> Worksheet:
    """Write the cover."""
    pen, form = draft.pen, draft.form
    sheet = pen.sheet(messages.text("sheet.cover"), (2, 22, 44, 46))
    sheet.set_portrait()
    sheet.fit_to_pages(1, 1)
    sheet.set_row(0, 54)
    pen.box(sheet, CellBox(0, 1, 0, 3), messages.text("cover.title"), "cover")
    issued = messages.text("cover.issued", number=form.citation.number, by=form.citation.by)
    pen.box(sheet, CellBox(1, 1, 1, 3), issued, "subtitle")
    _write_heading(draft, sheet, 3, messages.text("cover.identity"))
    _write_identity(draft, sheet)
    row = IDENTITY_TOP + len(identity.list_identity_fields()) + 1
    sheet.set_row(row, 30)
    pen.put(sheet, row, 1, messages.text("cover.status"), "field")
    draft.write_overall(sheet, CellBox(row, 2, row, 3), "bigstate")
    row += 2
    row = _write_steps(draft, sheet, row)
    _write_contents(draft, sheet, row)
    sheet.set_footer(messages.text("print.footer"))
    select_cell(sheet, draft.places.identity["name"])
    return sheet


def _write_heading(draft: ReportDraft, sheet: Worksheet, row: int, text: str) -> None:
    sheet.set_row(row, 28)
    draft.pen.box(sheet, CellBox(row, 1, row, 3), text, "heading")


def _write_identity(draft: ReportDraft, sheet: Worksheet) -> None:
    for field in identity.list_identity_fields():
        spot = draft.places.identity[field.code]
        sheet.set_row(spot.row, fit_row_height(field.help, 48, line=14, least=26))
        draft.pen.put(sheet, spot.row, spot.column - 1, field.label, "field")
        draft.pen.put(sheet, spot.row, spot.column + 1, field.help, "hint")
        style = "year" if field.code in ("year", "revision") else "text"
        draft.pen.put(sheet, spot.row, spot.column, draft.identity_values[field.code], style)
    _validate_identity(draft, sheet)


def _validate_identity(draft: ReportDraft, sheet: Worksheet) -> None:
    years = draft.form.years
    until = 2099 if years.until == LAST else years.until
    name = describe_years(draft.form)
    levels = [level.label for level in identity.list_levels()]
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
        error = {"error_title": messages.text("validation.title"), "error_message": message}
        sheet.data_validation(spot.row, spot.column, spot.row, spot.column, {**rule, **error})


def _write_steps(draft: ReportDraft, sheet: Worksheet, row: int) -> int:
    _write_heading(draft, sheet, row, messages.text("cover.steps_title"))
    names = "、".join(section.sheet for section in draft.form.sheets)
    steps = [*messages.texts("cover.steps"), *([messages.text("cover.buttons")] if draft.buttons else [])]
    for n, step in enumerate(steps, 1):
        text = step.format(sheets=names, texts=messages.text("sheet.texts"), checks=messages.text("sheet.checks"))
        sheet.set_row(row + n, fit_row_height(f"{n}. {text}", 108))
        draft.pen.box(sheet, CellBox(row + n, 1, row + n, 3), f"{n}. {text}", "wrapped")
    return row + len(steps) + 2


def _write_contents(draft: ReportDraft, sheet: Worksheet, row: int) -> None:
    _write_heading(draft, sheet, row, messages.text("cover.sheets_title"))
    entries = [(section.sheet, section.label) for section in draft.form.sheets]
    texts = "；".join(section.label for section in draft.form.texts)
    entries += [(messages.text("sheet.texts"), texts), (messages.text("sheet.checks"), messages.text("cover.status"))]
    for name, label in entries:
        row += 1
        sheet.set_row(row, 20)
        draft.pen.link(sheet, row, 1, SheetCell(name, 0, 0), name, "plainlink")
        draft.pen.box(sheet, CellBox(row, 2, row, 3), label, "plain")
    fingerprint = draft.places.fingerprint
    version = messages.text("cover.version", version=TEMPLATE_VERSION, form=draft.form.id, fingerprint=fingerprint)
    draft.pen.box(sheet, CellBox(row + 2, 1, row + 2, 3), version, "small")


# 文字: the report's written parts, one paragraph a row, with their length


TEXT_WIDTH = 84.0
"""Half-width columns of a paragraph."""
TEXT_LINE = 17.0
"""The height of one line of a paragraph, in points."""


def _write_texts(draft: ReportDraft) -> Worksheet:
    """Write the sheet of texts."""
    pen = draft.pen
    sheet = pen.sheet(messages.text("sheet.texts"), (5, TEXT_WIDTH, 14))
    sheet.set_portrait()
    sheet.set_row(0, 34)
    pen.box(sheet, CellBox(0, 0, 0, 2), messages.text("sheet.texts"), "title")
    sheet.set_row(1, 22)
    draft.write_overall(sheet, CellBox(1, 0, 1, 2), "state", messages.text("top.status"))
    sheet.set_row(2, 22)
    pen.box(sheet, CellBox(2, 0, 2, 2), messages.text("texts.paragraph"), "hint")
    for code in draft.places.texts:
        _write_text(draft, sheet, code)
    sheet.print_area(0, 0, max(text.last for text in draft.places.texts.values()), 2)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer(messages.text("print.footer"))
    sheet.freeze_panes(TEXTS_TOP, 0)
    first = next(iter(draft.places.texts.values()))
    select_cell(sheet, SheetCell(sheet.name, first.first, TEXT_COLUMN))
    return sheet


def _write_text(draft: ReportDraft, sheet: Worksheet, code: str) -> None:
    """Write one part: heading, length, paragraphs."""
    section, head, first, last = draft.places.texts[code]
    sheet.set_row(head, 26)
    title = section.label + (f"（{section.note}）" if section.note else "")
    draft.pen.box(sheet, CellBox(head, 0, head, 1), title, "heading")
    ref = draft.places.names[f"texts.{code}"].rpartition("!")[2]
    lines = draft.paragraphs.get(code, [])
    before, after = messages.text("texts.count").split("{n}")
    counted = f"{before}{sum(len(line) for line in lines)}{after}"
    formula = f'"{before}"&SUM(LEN({ref}))&"{after}"'
    draft.pen.formula(sheet, head, 2, formula, "length", counted, array=True)
    for n, row in enumerate(range(first, last + 1)):
        line = lines[n] if n < len(lines) else ""
        draft.pen.put(sheet, row, 0, n + 1, "number")
        draft.pen.put(sheet, row, 1, line, "paragraph")
        sheet.set_row(row, min(400.0, fit_row_height(line, TEXT_WIDTH * 11 / 12, line=TEXT_LINE, least=20)))
