"""A report → a workbook in the form's own layout, complete without being opened: values, formulas with their results.

Filling a template means writing it afresh from the form; a human-made workbook is never loaded and saved again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from workbook import whole
from workbook.form import Form
from workbook.harmless import fits
from workbook.identity import fields
from workbook.report import Report, empty
from workbook.rulebook import norms
from workbook.safety.messages import Bilingual, load_messages
from workbook.template.checksheet import check_sheet
from workbook.template.coversheet import cover_sheet
from workbook.template.draft import Draft
from workbook.template.pen import Button
from workbook.template.places import TEMPLATE_VERSION
from workbook.template.tablesheet import table_sheet
from workbook.template.textsheet import text_sheet

messages = load_messages("workbook.template")

_MAY = {"format_rows": True, "format_columns": True, "select_locked_cells": True, "autofilter": True, "sort": True}
"""What a protected sheet still lets a clerk do."""


def workbook_of(
    report: Report,
    previous: Report | None = None,
    buttons: Sequence[Button] = (),
    notes: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """The bytes of the workbook of a report; `previous` is last year's, shown locked beside the entry cells.

    `buttons` stand on every table sheet and on 校验; the macros they run are put in afterwards (`xlplugin.building`).
    `notes` stand on cells of figures, by code.
    """
    draft = Draft(report, previous, buttons, notes)
    sheets = [cover_sheet(draft), *(table_sheet(draft, section) for section in report.form.sheets)]
    sheets += [text_sheet(draft), check_sheet(draft)]
    for name, refers in draft.places.names.items():
        draft.pen.book.define_name(name, "=" + refers)
    _stamp(draft)
    for sheet in sheets:
        sheet.protect("", _MAY | {"insert_rows": sheet.name == messages.text("sheet.texts")})
    sheets[0].activate()
    return draft.pen.bytes()


def template_of(form: Form) -> bytes:
    """The bytes of a form's blank template."""
    return workbook_of(empty(form))


def write(
    path: Path, report: Report, previous: Report | None = None, notes: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Write the workbook of a report, whole or not at all; `notes` stand on entry cells. Raises OSError."""
    whole.write_bytes(path, workbook_of(report, previous, notes=notes))


def overflow(report: Report) -> Sequence[Bilingual]:
    """What is too long for a cell (32,767 signs), by name: no workbook can hold it."""
    agency, cells = report.agency, zip(report.form.cells, report.values, strict=True)
    said = [(text.words, report.texts.get(text.code, "").split("\n")) for text in report.form.texts]
    said += [(Bilingual(one.label, one.en), [str(getattr(agency, one.code, ""))]) for one in fields()]
    said += [(cell.words, [value]) for cell, value in cells if isinstance(value, str)]
    known = (one for one in report.answers if one.rule in norms())
    said += [(norms()[one.rule].title, [one.reason, " ".join(one.cells)]) for one in known]
    return [where for where, texts in said if not all(map(fits, texts))]


def _stamp(draft: Draft) -> None:
    """Say, hidden, which form and template this is: twice, since some programs drop custom properties."""
    stamp = f"{draft.form.id}|{TEMPLATE_VERSION}|{draft.places.fingerprint}"
    draft.pen.book.set_custom_property("ogi.stamp", stamp)
    draft.pen.book.define_name("ogi.stamp", f'="{stamp}"')
