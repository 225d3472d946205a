"""Reads what a clerk enters in words: agency and year, the written parts, and the reasons on the check sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import inf
from typing import NamedTuple

from workbook.excel.reading.label_index import WorkbookView, fold_label, fold_spellings
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_contents import Sheet
from workbook.excel.template_layout import TEXT_COLUMN, CheckColumn
from workbook.model import identity
from workbook.model.cell_address import Place, format_address
from workbook.model.finding import Source
from workbook.model.form import Form
from workbook.model.identity import Identity
from workbook.model.report import Answer
from workbook.model.text_normalization import tidy_text
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")


class NarrativeArea(NamedTuple):
    """Where one written part stands: the rows below its heading, and the column of its paragraphs."""

    sheet: Sheet
    first: int
    last: int
    column: int


class NarrativeTexts(NamedTuple):
    """The written parts by code, and where each stands."""

    texts: Mapping[str, str]
    areas: Mapping[str, NarrativeArea]
    sources: Mapping[str, Source]


def read_narrative_texts(form: Form, view: WorkbookView, *, ours: bool) -> NarrativeTexts:
    """Read the written parts: on our sheet of texts, or below their headings, wherever these stand."""
    areas = _our_areas(form, view) if ours else {}
    for section in form.texts:
        if section.code not in areas:
            area = _below_heading(form, view, section.code, areas)
            if area is not None:
                areas[section.code] = area
    texts, sources = {}, {}
    for section in form.texts:
        if (area := areas.get(section.code)) is None:
            continue
        sources[f"texts.{section.code}"] = Source(
            view.book.path.name, area.sheet.name, format_address(area.first, area.column)
        )
        lines = [_text(area.sheet, row, area.column) for row in range(area.first, area.last + 1)]
        if text := tidy_text("\n".join(lines)):
            texts[section.code] = text
    return NarrativeTexts(texts, areas, sources)


def _our_areas(form: Form, view: WorkbookView) -> dict[str, NarrativeArea]:
    """The areas on our sheet of texts: from each heading, or else where the name says, down to the next."""
    named = {section.code: view.named(f"texts.{section.code}") for section in form.texts}
    sheet = next((at[0] for at in named.values() if at), view.sheets.get(messages.text("sheet.texts")))
    if sheet is None:
        return {}
    tops: dict[str, tuple[int, int]] = {}
    heads = {row: (column, cell.value) for (row, column), cell in sorted(sheet.cells.items(), reverse=True)}
    for section in form.texts:
        for row, (column, text) in heads.items():
            if isinstance(text, str) and text.startswith(section.label) and column < TEXT_COLUMN + 1:
                tops[section.code] = row + 1, column + 1
        if section.code not in tops and (at := named[section.code]) is not None:
            tops[section.code] = at[1][0], at[1][1]
    bottom = max((row for row, _ in sheet.cells), default=0)
    areas = {}
    for code, (first, column) in tops.items():
        last = min((top - 2 for top, _ in tops.values() if top > first), default=max(bottom, first))
        areas[code] = NarrativeArea(sheet, first, last, column)
    return areas


def _below_heading(
    form: Form, view: WorkbookView, code: str, areas: Mapping[str, NarrativeArea]
) -> NarrativeArea | None:
    """Below a heading, down to the next heading of the form: the column that holds most of the words."""
    heads = {s.code: fold_spellings((s.label, s.label + s.note)) for s in form.sections}
    heads = {one: (*texts, *(text[1:] for text in texts)) for one, texts in heads.items()}
    for index in view.indexes:
        taken = [range(a.first - 1, a.last + 1) for a in areas.values() if a.sheet is index.sheet]
        for row, _ in index.find(heads[code]):
            if any(row in rows for rows in taken):
                continue
            others = [r for texts in heads.values() for r, _ in index.find(texts) if r > row]
            others += [rows.start for rows in taken if rows.start > row]
            last = min(others, default=max(r for r, _ in index.sheet.cells) + 1) - 1
            lengths: dict[int, int] = {}
            for (r, c), cell in index.sheet.cells.items():
                if row < r <= last and isinstance(cell.value, str):
                    lengths[c] = lengths.get(c, 0) + len(cell.value)
            if lengths:
                return NarrativeArea(index.sheet, row + 1, last, max(lengths, key=lambda c: lengths[c]))
    return None


def _text(sheet: Sheet, row: int, column: int) -> str:
    cell = sheet.cells.get((row, column))
    if cell is None or cell.value is None or cell.error:
        return ""
    if isinstance(cell.value, float) and cell.value.is_integer():
        return str(int(cell.value))
    return str(cell.value)


# the reasons given on the check sheet


class CheckSheetEntries(NamedTuple):
    """What the check sheet keeps: the reasons given, and the codes of sums whose total was left as published."""

    answers: tuple[Answer, ...]
    typed: frozenset[str]


_GIVEN = (
    CheckColumn.WHERE, CheckColumn.WHAT, CheckColumn.REASON, CheckColumn.ANSWERED, CheckColumn.FIGURES,
    CheckColumn.ORDER, CheckColumn.GIVEN,
)  # fmt: skip
"""The columns of what is given as a reason."""


def read_check_sheet(form: Form, view: WorkbookView) -> CheckSheetEntries:
    """Read the check sheet, wherever its lines have moved to; a workbook without one has given no reasons."""
    sheet = find_check_sheet(view)
    header = _header(sheet, view) if sheet else None
    if sheet is None or header is None:
        return CheckSheetEntries((), frozenset())
    top, at = header
    lines = get_issued_template(form).lines
    others = view.index(sheet).find([fold_label(messages.text("checks.others"))])
    below = max((row for row, _ in others if row > top), default=1 << 20) + 1
    given: list[tuple[float, Answer]] = []
    typed = set()
    for row in sorted({row for row, _ in sheet.cells if row > top}):
        code = _text(sheet, row, at[CheckColumn.RULE])
        if code not in lines and row <= below:
            continue
        texts = {name: _text(sheet, row, at[name]) for name in _GIVEN}
        if code in lines:
            rule, cells = lines[code]
            if texts[CheckColumn.ANSWERED] == CheckColumn.TYPED:
                typed.add(code)
        else:
            rule, cells = texts[CheckColumn.WHERE].strip(), tuple(texts[CheckColumn.WHAT].split())
        if texts[CheckColumn.REASON].strip():
            order = int(texts[CheckColumn.ORDER]) if texts[CheckColumn.ORDER].isdecimal() else inf  # new ones come last
            anew = texts[CheckColumn.GIVEN] and texts[CheckColumn.REASON] != texts[CheckColumn.GIVEN]
            figures = "" if anew else texts[CheckColumn.FIGURES]
            given.append((order, Answer(rule, cells, texts[CheckColumn.REASON], figures)))
    given.sort(key=lambda one: one[0])
    return CheckSheetEntries(tuple(answer for _, answer in given), _totals(form, typed))


def _totals(form: Form, lines: set[str]) -> frozenset[str]:
    rules = get_issued_template(form).places.sum_rules
    return frozenset(rule.left[0].cell.code for rule in rules if rule.code in lines)


def find_check_sheet(view: WorkbookView) -> Sheet | None:
    """Our sheet of checks, by its name in the workbook or its own."""
    named = view.named("checks")
    return named[0] if named else view.sheets.get(messages.text("sheet.checks"))


def _header(sheet: Sheet, view: WorkbookView) -> tuple[int, dict[int, int]] | None:
    """The row of headings, and where each column of the template now stands: as issued, or by its heading."""
    columns = [fold_label(text) for text in (*messages.texts("checks.columns"), *messages.texts("checks.hidden"))]
    rows: dict[int, dict[int, int]] = {}
    for number, text in _headings(columns):
        for row, column in view.index(sheet).find([text]):
            rows.setdefault(row, {}).setdefault(number, column)
    if not rows:
        return None
    top = max(rows, key=lambda row: (len(rows[row]), -row))
    shift = rows[top].get(CheckColumn.RULE, CheckColumn.RULE) - CheckColumn.RULE
    return top, {number: rows[top].get(number, number + shift) for number in range(len(columns))}


def _headings(columns: list[str]) -> Iterator[tuple[int, str]]:
    return ((number, text) for number, text in enumerate(columns) if text)


# the agency and the report year: by name and label on the cover, else by label or title anywhere


RIGHT = 3
"""How many columns right of its label a value is looked for."""
TITLE = 80
"""No title is longer."""
SUBJECT, REPORT = "政府信息公开", "报告"
"""What every title of such a report says."""

_NAME_YEAR = re.compile(r"(?P<name>[^\s\d:：（(《]{2,40}?)[（(]?(?P<year>20\d\d)年?度?[）)]?年?度?$")
_YEAR_NAME = re.compile(r"^[《]?(?P<year>20\d\d)年?度?(?P<name>[^\s\d:：（(《]{2,40})$")
_PIECE = re.compile(r"\s*([^\s:：]{1,12})\s*[:：]\s*([^\s:：]{2,40})(?![^\s:：]|\s*[:：])")


class WorkbookIdentity(NamedTuple):
    """The agency, the report year, and where each was said."""

    agency: Identity
    year: int | None
    sources: Mapping[str, Source]


def identify_agency(view: WorkbookView, *, ours: bool) -> WorkbookIdentity:
    """Read the agency and the report year; what is not stated stays blank, as does a blank on our own cover."""
    given: dict[str, str] = {}
    sources: dict[str, Source] = {}
    checks = find_check_sheet(view) if ours else None
    for field in identity.list_identity_fields():
        at = _named(view, field) or _labelled(view, field, checks)
        if at is not None:
            sheet, place, text = at
            if ours and not text and field.code in ("year", "revision"):
                text = _get_unreadable_text(sheet, place)
            given[field.code] = text
            sources[f"agency.{field.code}"] = Source(view.book.path.name, sheet.name, format_address(*place))
    if not all(code in given if ours else given.get(code) for code in ("name", "year")):
        given = {**_loose(view), **{code: text for code, text in given.items() if text}}
    return WorkbookIdentity(read_agency(given), find_year(given.get("year", "")), sources)


def find_year(text: str) -> int | None:
    """Parse the report year of a cell; None where it is blank or in doubt (`identity.parse_year`)."""
    return identity.parse_year(text)


def get_text_beside(sheet: Sheet, place: Place) -> str:
    """Return the content of a cell as text; blank where it is empty or holds an error."""
    cell = sheet.cells.get(place)
    if cell is None or cell.error or cell.value is None:
        return ""
    value = cell.value
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def _get_unreadable_text(sheet: Sheet, place: Place) -> str:
    """Return the error a cell shows, or its formula where no result was stored; blank where it is empty."""
    cell = sheet.cells.get(place)
    if cell is None:
        return ""
    if cell.error:
        return str(cell.value)
    return f"={cell.formula}" if cell.formula and not cell.cached else ""


def read_agency(given: Mapping[str, str]) -> Identity:
    """Build the identity from the texts of the cover fields, by field code; `year` only for what is unreadable."""
    level = identity.find_level(given.get("level", ""))
    return Identity(
        given.get("name", ""),
        given.get("code", ""),
        given.get("region", ""),
        level.code if level else given.get("level", ""),
        given.get("contact", ""),
        identity.parse_revision(given.get("revision")) or 0,
        identity.list_unreadable_fields(given),
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
                alias = fold_label(str(index.sheet.cells[row, column].value)) != fold_label(field.label)
                if alias and field.code == "revision" and identity.parse_revision(text) is None:
                    continue  # 版本 beside words: of a program, of a form
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
    before, found, after = map(identity.spell_years_in_digits, "".join(text.split()).partition(subject))
    if not found or report not in after:
        return {}
    match = _NAME_YEAR.search(before) or _YEAR_NAME.search(before)
    if match:
        return match.groupdict()
    year = re.search(r"20\d\d", before + after)
    return {"year": year[0]} if year else {}
