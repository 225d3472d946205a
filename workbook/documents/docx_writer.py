"""Writes a publication as a Word document in the layout of 公文, by python-docx.

Tables have the spans of the form as printed, heads repeated on every page, and no row broken over two pages.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Final, NamedTuple

from docx import Document
from docx.document import Document as Docx
from docx.oxml import parse_xml
from docx.section import Section as PageSetup
from docx.shared import Mm

from workbook.documents import messages
from workbook.documents import page_measures as measures
from workbook.documents.page_measures import RULE, SHADES, SHORT, TEXT_WIDTH, Columns, measure_columns
from workbook.documents.publication import PrintedCell, PrintedTable, Publication, clean_line, clean_text
from workbook.safety.html_template import render_html

ZIPPED_AT: Final = (1980, 1, 1, 0, 0, 0)
PARAGRAPH_STYLES: Final = {"body": "BodyText", "heading": "Heading2", "indented": "Normal"}
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
    _replace_styles(document)
    _set_page(document.sections[0], published)
    body = _render(
        "document.xml.jinja",
        published=published,
        arrange_table=_arrange_table,
        paragraph_styles=PARAGRAPH_STYLES,
        cell_styles=CELL_STYLES,
        text_width=TEXT_WIDTH,
        rule=RULE,
        shades=SHADES,
    )
    end = document.element.body.sectPr
    for element in list(parse_xml(body)):
        end.addprevious(element)
    _set_properties(document, published)
    file = io.BytesIO()
    document.save(file)
    return _remove_times(file.getvalue())


def _replace_styles(document: Docx) -> None:
    """Our styles, settings and typefaces in place of those of python-docx's blank document."""
    for part in (document.part.package, document.part):
        for number, relation in list(part.rels.items()):
            if not relation.is_external and any(name in relation.reltype for name in UNUSED):
                del part.rels[number]
    for element, name in ((document.styles.element, "styles.xml"), (document.settings.element, "settings.xml")):
        for child in list(element):
            element.remove(child)
        for child in list(parse_xml(_read_part(name))):
            element.append(child)
    for relation in document.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            relation.target_part._blob = _read_part("fonts.xml")


def _read_part(name: str) -> bytes:
    return (Path(__file__).parent / "docx_parts" / name).read_bytes()


def _set_page(page: PageSetup, published: Publication) -> None:
    """A4, the margins of 公文, the page number outside, 草稿 on top of a draft."""
    page.page_width, page.page_height = Mm(measures.PAGE[0]), Mm(measures.PAGE[1])
    page.top_margin, page.bottom_margin = Mm(measures.MARGINS["top"]), Mm(measures.MARGINS["bottom"])
    page.left_margin, page.right_margin = Mm(measures.MARGINS["left"]), Mm(measures.MARGINS["right"])
    page.footer_distance, page.header_distance = Mm(measures.FOOTER), Mm(measures.HEADER)
    odd = (page.header, page.footer, "right")
    even = (page.even_page_header, page.even_page_footer, "left")
    for n, (header, footer, side) in enumerate((odd, even), 1):
        _replace_content(footer._element, _render("page_number.xml.jinja", side=side))
        if published.draft:
            mark, line = messages.text("draft.mark"), messages.text("draft.line")
            _replace_content(header._element, _render("watermark.xml.jinja", n=n, mark=mark, line=line))


def _replace_content(element: object, xml: str) -> None:
    """Put one paragraph in place of all that a header or footer holds."""
    root: list[object] = element  # type: ignore[assignment]  # an lxml element is a sequence of its children
    root[:] = [parse_xml(xml)]


def _render(template: str, **values: object) -> str:
    return render_html("workbook.documents", template, **values)


class _Row(NamedTuple):
    """One printed row: every cell that reaches into it, left to right; whether it stays on the page of the next row."""

    cells: list[PrintedCell]
    keep_next: bool


class _Table(NamedTuple):
    table: PrintedTable
    columns: Columns
    rows: list[_Row]


def _arrange_table(table: PrintedTable) -> _Table:
    rows: list[list[PrintedCell]] = [[] for _ in range(table.plan.rows)]
    for cell in sorted(table.cells, key=lambda cell: cell.box.left):
        for row in rows[cell.box.top : cell.box.bottom + 1]:
            row.append(cell)
    return _Table(table, measure_columns(table), [_Row(row, _keeps_next(table, n)) for n, row in enumerate(rows)])


def _keeps_next(table: PrintedTable, row: int) -> bool:
    """Whether a row stays on the page of the next: heads do, and every row of a short block."""
    if table.repeated and table.plan.rows > SHORT:
        return row < table.repeated
    return row < table.block_of(row).box.bottom


def _set_properties(document: Docx, published: Publication) -> None:
    """Who reports what, for whoever looks for the file; its dates are the report's, not those of the day of writing."""
    report = published.report
    about = document.core_properties
    agency = clean_line(report.agency.name)[:255]
    about.title, about.author, about.last_modified_by = published.heading[:255], agency, agency
    about.subject, about.category = report.form.title, report.form.id
    about.comments, about.keywords = report.form.citation.number, ""
    about.identifier, about.language, about.revision = clean_text(report.agency.code)[:255], "zh-CN", 1
    about.created = about.modified = published.dated


def _remove_times(data: bytes) -> bytes:
    """The same archive with no time of writing in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for info in old.infolist():
            entry = zipfile.ZipInfo(info.filename, ZIPPED_AT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(entry, old.read(info))
    return file.getvalue()
