"""A publication → a Word document in the layout of 公文, by python-docx. The one room of that library when writing."""

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

from workbook.documents.out import look
from workbook.documents.out.papertable import run, table_xml
from workbook.documents.out.parts import Paragraph, Part, Publication, clean
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.out")

W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ZIPPED_AT: Final = (1980, 1, 1, 0, 0, 0)
STYLES: Final = {"body": "BodyText", "heading": "Heading2", "indented": "Normal"}
BELOW_TABLE: Final = '<w:spacing w:before="240"/>'
UNUSED: Final = ("thumbnail", "stylesWithEffects", "numbering", "customXml", "webSettings", "theme")
"""What python-docx's blank document brings along and a report has no use for; its theme names Japanese typefaces."""


def paper_of(published: Publication) -> bytes:
    """The bytes of the .docx; the same publication gives the same bytes."""
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
    return Path(__file__).with_name(name).read_bytes()


def _page(page: PageSetup, published: Publication) -> None:
    """A4, the margins of 公文, the page number outside, 草稿 on top of a draft."""
    page.page_width, page.page_height = Mm(look.PAGE[0]), Mm(look.PAGE[1])
    page.top_margin, page.bottom_margin = Mm(look.MARGINS["top"]), Mm(look.MARGINS["bottom"])
    page.left_margin, page.right_margin = Mm(look.MARGINS["left"]), Mm(look.MARGINS["right"])
    page.footer_distance, page.header_distance = Mm(look.FOOTER), Mm(look.HEADER)
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
    """— 1 —, one sign in from the outer edge."""
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
    return f'<w:p {W}><w:pPr><w:pStyle w:val="Footer"/>{place}</w:pPr>{run("— ")}{field}{run(" —")}</w:p>'


def _blocks(published: Publication) -> list[str]:
    """Title and parts as XML, top to bottom."""
    blocks = [_paragraph("\n".join(published.title), "Title")]
    below = ""
    for part in published.parts:
        blocks += [_paragraph(part.section.label, "Heading1", below), *_inside(part)]
        below = BELOW_TABLE if part.grid is not None else ""
    return [*blocks, _paragraph("", "Normal")] if below else blocks  # a document may not end in a table


def _inside(part: Part) -> list[str]:
    if part.grid is not None:
        table = table_xml(part.grid).replace("<w:tbl>", f"<w:tbl {W}>", 1)
        return [table]
    return [_paragraph(text, STYLES[kind]) for text, kind in part.paragraphs or (Paragraph(""),)]


def _paragraph(text: str, style: str, place: str = "") -> str:
    inside = run(text) if text else ""
    return f'<w:p {W}><w:pPr><w:pStyle w:val="{style}"/>{place}</w:pPr>{inside}</w:p>'


def _properties(document: Docx, published: Publication) -> None:
    """Who reports what, for whoever looks for the file; its dates are the report's, not those of the day of writing."""
    report = published.report
    about = document.core_properties
    agency = " ".join(clean(report.agency.name).split())[:255]
    about.title, about.author, about.last_modified_by = published.heading[:255], agency, agency
    about.subject, about.category = report.form.title, report.form.id
    about.comments, about.keywords = report.form.citation.number, ""
    about.identifier, about.language, about.revision = clean(report.agency.code)[:255], "zh-CN", 1
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
