"""What a workbook says in words: the written parts of the report, and the reasons given on the check sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import NamedTuple

from workbook.excel.reading.label_index import WorkbookView, fold_label, fold_spellings
from workbook.excel.reading.template_index import get_issued_template
from workbook.excel.reading.workbook_contents import Sheet
from workbook.excel.template.template_layout import TEXT_COLUMN, Col
from workbook.exchange.report_json import tidy_text
from workbook.model.cell_address import format_address
from workbook.model.finding import Source
from workbook.model.form import Form
from workbook.model.report import Answer
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


# reasons


class CheckSheetEntries(NamedTuple):
    """What the check sheet keeps: the reasons given, and the codes of sums whose total was left as published."""

    answers: tuple[Answer, ...]
    typed: frozenset[str]


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
        texts = {name: _text(sheet, row, column) for name, column in at.items()}
        if texts[Col.RULE] in lines:
            rule, cells = lines[texts[Col.RULE]]
            if texts[Col.ANSWERED] == Col.TYPED:
                typed.add(texts[Col.RULE])
        elif row > below:
            rule, cells = texts[Col.WHERE].strip(), tuple(texts[Col.WHAT].split())
        else:
            continue
        if texts[Col.REASON].strip():
            order = int(texts[Col.ORDER]) if texts[Col.ORDER].isdecimal() else inf  # new ones come last
            anew = texts[Col.GIVEN] and texts[Col.REASON] != texts[Col.GIVEN]
            figures = "" if anew else texts[Col.FIGURES]
            given.append((order, Answer(rule, cells, texts[Col.REASON], figures)))
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
    shift = rows[top].get(Col.RULE, Col.RULE) - Col.RULE
    return top, {number: rows[top].get(number, number + shift) for number in range(len(columns))}


def _headings(columns: list[str]) -> Iterator[tuple[int, str]]:
    return ((number, text) for number, text in enumerate(columns) if text)
