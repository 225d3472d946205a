"""文字: the report's written parts, one paragraph a row, with their length."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from workbook.layout import Box
from workbook.safety.messages import load_messages
from workbook.template.draft import Draft, select
from workbook.template.pen import height_for
from workbook.template.places import TEXT_COLUMN, TEXTS_TOP, Spot

messages = load_messages("workbook.template")

WIDTH = 84.0
"""Half-width columns of a paragraph."""
LINE = 17.0
"""The height of one line of a paragraph, in points."""


def text_sheet(draft: Draft) -> Worksheet:
    """Write the sheet of texts."""
    pen = draft.pen
    sheet = pen.sheet(messages.text("sheet.texts"))
    sheet.set_portrait()
    for column, width in enumerate((5, WIDTH, 14)):
        sheet.set_column(column, column, width)
    sheet.set_row(0, 34)
    pen.box(sheet, Box(0, 0, 0, 2), messages.text("sheet.texts"), "title")
    sheet.set_row(1, 22)
    draft.overall(sheet, Box(1, 0, 1, 2), "state", messages.text("top.status"))
    sheet.set_row(2, 22)
    pen.box(sheet, Box(2, 0, 2, 2), messages.text("texts.paragraph"), "hint")
    for code in draft.places.texts:
        _text(draft, sheet, code)
    sheet.print_area(0, 0, max(text.last for text in draft.places.texts.values()), 2)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer(messages.text("print.footer"))
    sheet.freeze_panes(TEXTS_TOP, 0)
    first = next(iter(draft.places.texts.values()))
    select(sheet, Spot(sheet.name, first.first, TEXT_COLUMN))
    return sheet


def _text(draft: Draft, sheet: Worksheet, code: str) -> None:
    """One part: heading, length, paragraphs."""
    section, head, first, last = draft.places.texts[code]
    sheet.set_row(head, 26)
    title = section.label + (f"（{section.note}）" if section.note else "")
    draft.pen.box(sheet, Box(head, 0, head, 1), title, "heading")
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
        sheet.set_row(row, min(400.0, height_for(line, WIDTH * 11 / 12, line=LINE, least=20)))
