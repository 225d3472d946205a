"""文字: the report's written parts, one paragraph a row, with their length."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from workbook.layout import Box
from workbook.template.draft import Draft, select
from workbook.template.pen import height_for
from workbook.template.places import TEXT_COLUMN, Spot
from workbook.template.words import word


def text_sheet(draft: Draft) -> Worksheet:
    """Write the sheet of texts."""
    pen = draft.pen
    sheet = pen.sheet(word("sheet.texts"))
    sheet.set_portrait()
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 1, 92)
    sheet.set_column(2, 2, 14)
    sheet.set_row(0, 34)
    pen.box(sheet, Box(0, 0, 0, 2), word("sheet.texts"), "title")
    sheet.merge_range(1, 0, 1, 1, "", pen.style("agency"))
    pen.put(sheet, 1, 0, word("texts.paragraph"), "hint")
    _overall_line(draft, sheet)
    for code, text in draft.places.texts.items():
        _text(draft, sheet, code, text.head, text.first, text.last)
    last = max(text.last for text in draft.places.texts.values())
    sheet.print_area(0, 0, last, 2)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(word("print.footer"))
    sheet.freeze_panes(2, 0)
    first = next(iter(draft.places.texts.values()))
    select(sheet, Spot(sheet.name, first.first, TEXT_COLUMN))
    return sheet


def _overall_line(draft: Draft, sheet: Worksheet) -> None:
    at = Spot(word("sheet.checks"), 1, 0).absolute
    draft.pen.formula(sheet, 0, 2, at, "state", draft.status)


def _text(draft: Draft, sheet: Worksheet, code: str, head: int, first: int, last: int) -> None:
    section = draft.places.texts[code].section
    sheet.set_row(head, 26)
    draft.pen.box(
        sheet, Box(head, 0, head, 1), section.label + (f"（{section.note}）" if section.note else ""), "heading"
    )
    ref = draft.places.names[f"texts.{code}"].rpartition("!")[2]
    lines = draft.paragraphs.get(code, [])
    length = sum(len(line) for line in lines)
    before, after = word("texts.count").split("{n}")
    draft.pen.formula(
        sheet, head, 2, f'"{before}"&SUMPRODUCT(LEN({ref}))&"{after}"', "state", f"{before}{length}{after}"
    )
    for n, row in enumerate(range(first, last + 1)):
        line = lines[n] if n < len(lines) else ""
        draft.pen.put(sheet, row, 0, n + 1, "number")
        draft.pen.put(sheet, row, 1, line, "paragraph")
        sheet.set_row(row, min(400.0, height_for(line, 92 * 11 / 12, line=17, least=20)))
