"""Writes a publication as a Word document in the layout of 公文, by python-docx.

Tables have the spans of the form as printed, heads repeated on every page, and no row broken over two pages.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.document import Document as Docx
from docx.oxml import parse_xml
from docx.section import Section as PageSetup
from docx.shared import Mm

from workbook.documents import messages
from workbook.documents import page_measures as measures
from workbook.documents.page_measures import RULE, SHADES, TEXT_WIDTH, Columns, measure_columns
from workbook.documents.publication import (
    Paragraph,
    Part,
    PrintedCell,
    PrintedTable,
    Publication,
    clean_line,
    clean_text,
)

W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ZIPPED_AT: Final = (1980, 1, 1, 0, 0, 0)
PARAGRAPH_STYLES: Final = {"body": "BodyText", "heading": "Heading2", "indented": "Normal"}
BELOW_TABLE: Final = '<w:spacing w:before="240"/>'
ROW: Final = 400
"""The least height of a row, twips."""

CELL_STYLES: Final = {
    "band": "TableHead",
    "head": "TableHead",
    "corner": "TableCorner",
    "group": "TableCentre",
    "row": "TableRow",
    "figure": "TableFigure",
    "words": "TableCentre",
}

UNUSED: Final = ("thumbnail", "stylesWithEffects", "numbering", "customXml", "webSettings", "theme")
"""What python-docx's blank document brings along and a report has no use for; its theme names Japanese typefaces."""


def build_docx(published: Publication) -> bytes:
    """Return the bytes of the .docx; the same publication gives the same bytes."""
    document = Document()
    _furnish(document)
    _page(document.sections[0], published)
    body = document.element.body
    end = body.sectPr
    for xml in _blocks(published):
        end.addprevious(parse_xml(xml))
    _properties(document, published)
    file = io.BytesIO()
    document.save(file)
    return _fixed(file.getvalue())


def _furnish(document: Docx) -> None:
    """Our styles, settings and typefaces in place of those of python-docx's blank document."""
    for part in (document.part.package, document.part):
        for number, relation in list(part.rels.items()):
            if not relation.is_external and any(name in relation.reltype for name in UNUSED):
                del part.rels[number]
    for element, name in ((document.styles.element, "styles.xml"), (document.settings.element, "settings.xml")):
        for child in list(element):
            element.remove(child)
        for child in list(parse_xml(_file(name))):
            element.append(child)
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            relation.target_part._blob = _file("fonts.xml")


def _file(name: str) -> bytes:
    return (Path(__file__).parent / "docx_parts" / name).read_bytes()


def _page(page: PageSetup, published: Publication) -> None:
    """A4, the margins of 公文, the page number outside, 草稿 on top of a draft."""
    page.page_width, page.page_height = Mm(measures.PAGE[0]), Mm(measures.PAGE[1])
    page.top_margin, page.bottom_margin = Mm(measures.MARGINS["top"]), Mm(measures.MARGINS["bottom"])
    page.left_margin, page.right_margin = Mm(measures.MARGINS["left"]), Mm(measures.MARGINS["right"])
    page.footer_distance, page.header_distance = Mm(measures.FOOTER), Mm(measures.HEADER)
    for n, (header, footer, side) in enumerate(
        ((page.header, page.footer, "right"), (page.even_page_header, page.even_page_footer, "left")), 1
    ):
        _only(footer._element, _page_number(side))
        if published.draft:
            mark, line = quoteattr(messages.text("draft.mark"))[1:-1], escape(messages.text("draft.line"))
            xml = _file("watermark.xml").decode("utf-8")
            _only(header._element, xml.format(n=n, mark=mark, line=line))


def _only(element: object, xml: str) -> None:
    """Put one paragraph in place of all that a header or footer holds."""
    root: list[object] = element  # type: ignore[assignment]  # an lxml element is a sequence of its children
    root[:] = [parse_xml(xml)]


def _page_number(side: str) -> str:
    """— 1 —, one character in from the outer edge."""
    field = "".join(
        f"<w:r>{inside}</w:r>"
        for inside in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    place = f'<w:ind w:{side}Chars="100" w:{side}="280"/><w:jc w:val="{side}"/>'
    return f'<w:p {W}><w:pPr><w:pStyle w:val="Footer"/>{place}</w:pPr>{_run("— ")}{field}{_run(" —")}</w:p>'


def _blocks(published: Publication) -> list[str]:
    """Title and parts as XML, top to bottom."""
    blocks = [_paragraph("\n".join(published.title), "Title")]
    below = ""
    for part in published.parts:
        blocks += [_paragraph(part.section.label, "Heading1", below), *_inside(part)]
        below = BELOW_TABLE if part.table is not None else ""
    return [*blocks, _paragraph("", "Normal")] if below else blocks  # a document may not end in a table


def _inside(part: Part) -> list[str]:
    if part.table is not None:
        return [_table(part.table)]
    return [_paragraph(text, PARAGRAPH_STYLES[kind]) for text, kind in part.paragraphs or (Paragraph(""),)]


def _paragraph(text: str, style: str, place: str = "") -> str:
    inside = _run(text) if text else ""
    return f'<w:p {W}><w:pPr><w:pStyle w:val="{style}"/>{place}</w:pPr>{inside}</w:p>'


def _table(table: PrintedTable) -> str:
    columns = measure_columns(table)
    at = {
        (row, column): cell
        for cell in table.cells
        for row in range(cell.box.top, cell.box.bottom + 1)
        for column in range(cell.box.left, cell.box.right + 1)
    }
    rows = "".join(_table_row(table, columns, row, at) for row in range(table.plan.rows))
    widths = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns.widths)
    return f"<w:tbl {W}>{_table_properties(table.caption, columns)}<w:tblGrid>{widths}</w:tblGrid>{rows}</w:tbl>"


def _table_properties(caption: str, columns: Columns) -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{RULE}"/>' for side in sides)
    margins = "".join(f'<w:{side} w:w="{columns.padding}" w:type="dxa"/>' for side in ("left", "right"))
    return (
        f'<w:tblPr><w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
        f'<w:tblLook w:val="0000"/><w:tblCaption w:val={quoteattr(caption)}/></w:tblPr>'
    )


def _table_row(table: PrintedTable, columns: Columns, row: int, at: dict[tuple[int, int], PrintedCell]) -> str:
    head = "<w:tblHeader/>" if row < table.repeated else ""
    cells = []
    column = 0
    while column < table.plan.columns:
        cell = at[row, column]
        cells.append(_table_cell(cell, columns, row, together=_together(table, row)))
        column = cell.box.right + 1
    height = f'<w:trHeight w:val="{ROW}" w:hRule="atLeast"/>'
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{head}</w:trPr>{''.join(cells)}</w:tr>"


def _together(table: PrintedTable, row: int) -> bool:
    """Whether a row stays on the page of the next: heads do, and short blocks as a whole."""
    return row < table.block_of(row).box.bottom if not table.repeated or table.plan.rows <= 6 else row < table.repeated


def _table_cell(cell: PrintedCell, columns: Columns, row: int, *, together: bool) -> str:
    box = cell.box
    first = row == box.top
    width = sum(columns.widths[box.left : box.right + 1])
    span = f'<w:gridSpan w:val="{box.right - box.left + 1}"/>' if box.right > box.left else ""
    merge = ('<w:vMerge w:val="restart"/>' if first else "<w:vMerge/>") if box.bottom > box.top else ""
    shade = SHADES.get(cell.kind)
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
    keep = "<w:keepNext/>" if together else ""
    inset = columns.inset(len(cell.text), box.left, box.right) if cell.kind == "head" else 0
    place = f'<w:ind w:left="{inset}" w:right="{inset}"/>' if inset else ""
    size = columns.figures if cell.kind == "figure" else columns.size
    text = _run(cell.text, f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>') if first and cell.text else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}{fill}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{CELL_STYLES[cell.kind]}"/>{keep}{place}</w:pPr>{text}</w:p></w:tc>'
    )


def _run(text: str, properties: str = "") -> str:
    """A `w:r` of a text; tabs and line ends are elements of their own in WordprocessingML."""
    inside = []
    for line in text.split("\n"):
        words = [f'<w:t xml:space="preserve">{escape(part)}</w:t>' if part else "" for part in line.split("\t")]
        inside.append("<w:tab/>".join(words))
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{'<w:br/>'.join(inside)}</w:r>"


def _properties(document: Docx, published: Publication) -> None:
    """Who reports what, for whoever looks for the file; its dates are the report's, not those of the day of writing."""
    report = published.report
    about = document.core_properties
    agency = clean_line(report.agency.name)[:255]
    about.title, about.author, about.last_modified_by = published.heading[:255], agency, agency
    about.subject, about.category = report.form.title, report.form.id
    about.comments, about.keywords = report.form.citation.number, ""
    about.identifier, about.language, about.revision = clean_text(report.agency.code)[:255], "zh-CN", 1
    about.created = about.modified = published.dated


def _fixed(data: bytes) -> bytes:
    """The same archive with no time of writing in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for info in old.infolist():
            entry = zipfile.ZipInfo(info.filename, ZIPPED_AT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, old.read(info))
    return file.getvalue()
