"""Whose report a workbook is, and of which year: by name and label on the cover, else by label or title anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workbook.excel.reading.label_index import WorkbookView, fold_label, fold_spellings
from workbook.excel.reading.narrative_reader import find_check_sheet
from workbook.excel.reading.workbook_contents import Sheet
from workbook.model import identity
from workbook.model.cell_address import Place, format_address
from workbook.model.finding import Source
from workbook.model.identity import Identity
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

RIGHT = 3
"""How many columns right of its label a value is looked for."""
TITLE = 80
"""No title is longer."""
SUBJECT, REPORT = "政府信息公开", "报告"
"""What every title of such a report says."""

_YEAR = re.compile(r"(20\d\d)\s*(?:年度?)?")
_NAME_YEAR = re.compile(r"(?P<name>[^\s\d:：（(《]{2,40}?)[（(]?(?P<year>20\d\d)年?度?[）)]?年?度?$")
_YEAR_NAME = re.compile(r"^[《]?(?P<year>20\d\d)年?度?(?P<name>[^\s\d:：（(《]{2,40})$")
_PIECE = re.compile(r"\s*([^\s:：]{1,12})\s*[:：]\s*([^\s:：]{2,40})(?![^\s:：]|\s*[:：])")


class WorkbookIdentity(NamedTuple):
    """The agency, the report year, and where each was said."""

    agency: Identity
    year: int | None
    sources: Mapping[str, Source]


def identify_agency(view: WorkbookView, *, ours: bool) -> WorkbookIdentity:
    """Read the identity of the agency; what is not said stays blank. Our cover is believed where it is blank, too."""
    given: dict[str, str] = {}
    sources: dict[str, Source] = {}
    checks = find_check_sheet(view) if ours else None
    for field in identity.list_identity_fields():
        at = _named(view, field) or _labelled(view, field, checks)
        if at is not None:
            sheet, place, text = at
            given[field.code] = text
            sources[f"agency.{field.code}"] = Source(view.book.path.name, sheet.name, format_address(*place))
    if not all(code in given if ours else given.get(code) for code in ("name", "year")):
        given = {**_loose(view), **{code: text for code, text in given.items() if text}}
    return WorkbookIdentity(read_agency(given), find_year(given.get("year", "")), sources)


def find_year(text: str) -> int | None:
    """The report year that a cell says: 2023, 2023年, 2023年度."""
    match = _YEAR.fullmatch(text)
    return int(match[1]) if match else None


def get_text_beside(sheet: Sheet, place: Place) -> str:
    """What a cell says, as text; nothing where it holds an error."""
    cell = sheet.cells.get(place)
    if cell is None or cell.error or cell.value is None:
        return ""
    value = cell.value
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def read_agency(given: Mapping[str, str]) -> Identity:
    """The identity that the fields of the cover say, by code of the field."""
    level = identity.get_level(given.get("level", ""))
    revision = given.get("revision", "")
    return Identity(
        given.get("name", ""),
        given.get("code", ""),
        given.get("region", ""),
        level.code if level else given.get("level", ""),
        given.get("contact", ""),
        int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 9 else 0,
    )


At = tuple[Sheet, Place, str]


def _named(view: WorkbookView, field: identity.IdentityField) -> At | None:
    """The named cell, if its label stands beside it, or stands nowhere: a name may have lost its way."""
    named = view.named(f"agency.{field.code}")
    if named is None:
        return None
    sheet, (row, column, _, _) = named
    label = sheet.cells.get((row, column - 1))
    beside = label is not None and isinstance(label.value, str) and label.value == field.label
    if not beside and view.index(sheet).find(fold_spellings((field.label, *field.aliases))):
        return None
    return sheet, (row, column), get_text_beside(sheet, (row, column))


def _labelled(view: WorkbookView, field: identity.IdentityField, checks: Sheet | None) -> At | None:
    """The cell to the right of a field's label, on whatever sheet that stands but ours of checks, which judges it."""
    for index in view.indexes:
        if index.sheet is checks:
            continue
        for row, column in index.find(fold_spellings((field.label, *field.aliases))):
            for right in range(column + 1, column + 1 + RIGHT):
                text = get_text_beside(index.sheet, (row, right))
                if text and text != field.help:
                    return index.sheet, (row, right), text
            if field.label == index.sheet.cells[row, column].value:
                return index.sheet, (row, column + 1), ""
    return None


def _loose(view: WorkbookView) -> dict[str, str]:
    """What stands as “label：value” in one cell, or in the report's title."""
    labels = {text: f.code for f in identity.list_identity_fields() for text in fold_spellings((f.label, *f.aliases))}
    labels[fold_label(messages.text("top.agency"))] = "name"
    said: dict[str, str] = {}
    for text in _short_texts(view):
        for piece in _PIECE.finditer(text):
            if code := labels.get(fold_label(piece[1])):
                said.setdefault(code, piece[2])
    for text in _short_texts(view):
        for code, part in _title(text).items():
            said.setdefault(code, part)
    return said


def _short_texts(view: WorkbookView) -> Iterator[str]:
    for sheet in view.book.sheets:
        for cell in sheet.cells.values():
            if isinstance(cell.value, str) and not cell.error and len(cell.value) <= TITLE:
                yield cell.value


def _title(text: str) -> dict[str, str]:
    """Agency and year from a title such as 某局2023年政府信息公开工作年度报告."""
    subject, report = SUBJECT, REPORT
    before, found, after = "".join(text.split()).partition(subject)
    if not found or report not in after:
        return {}
    match = _NAME_YEAR.search(before) or _YEAR_NAME.search(before)
    if match:
        return match.groupdict()
    year = re.search(r"20\d\d", before + after)
    return {"year": year[0]} if year else {}
