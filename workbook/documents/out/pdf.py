"""A publication → PDF: by LibreOffice from the Word document, else by WeasyPrint from the web page."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import re
from typing import Final

from workbook import ownership
from workbook.documents import NotPublished, office
from workbook.documents.out.page import page_of
from workbook.documents.out.parts import Publication
from workbook.safety.messages import load_messages

messages = load_messages("workbook.documents.out")

HOW: Final = 'writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}'
"""Tagged, so that headings and tables can be read out; a LibreOffice before 7.4 passes over the wish."""

_DATE: Final = re.compile(rb"(?<=/CreationDate\(D:)[0-9]{14}[^)]*(?=\))")
_IDS: Final = re.compile(
    rb"(?<=/ID \[ <)[0-9A-F]{32}(?=>)|(?<=\n<)[0-9A-F]{32}(?=> \])|(?<=/DocChecksum /)[0-9A-F]{32}"
)


def pdf_of(published: Publication) -> bytes:
    """The bytes of the PDF; the same on the same machine. NotPublished where no program is here or it fails."""
    if office.program() is None:
        return _from_page(published)
    from workbook.documents.out.paper import paper_of

    with ownership.scratch() as folder:
        paper = folder / "report.docx"
        paper.write_bytes(paper_of(published))
        try:
            with office.converted(paper, "pdf", how=HOW) as made:
                return dated(made.read_bytes(), f"{published.dated:%Y%m%d%H%M%S}Z")
        except office.TooSlow as slow:
            raise NotPublished(messages.get("refused.pdf_slow", seconds=office.SECONDS)) from slow
        except office.NotConverted as failed:
            raise NotPublished(messages.get("refused.pdf_failed", what=failed)) from failed


def dated(data: bytes, date: str) -> bytes:
    """The PDF with that date, and with an id of its content, in place of those of the moment it was made.

    They stand in clear behind the last stream; what replaces them is as long, so that every offset stays true.
    """
    end = data.rfind(b"endstream") + 1
    tail = _DATE.sub(lambda found: date.encode().ljust(len(found[0]))[: len(found[0])], data[end:])
    unnamed = _IDS.sub(b"0" * 32, tail)
    own = hashlib.sha256(data[:end] + unnamed).hexdigest()[:32].upper().encode()
    return data[:end] + _IDS.sub(own, tail)


def _from_page(published: Publication) -> bytes:
    if importlib.util.find_spec("weasyprint") is None:
        raise NotPublished(messages.get("refused.pdf_none"))
    made: bytes = importlib.import_module("weasyprint").HTML(string=page_of(published)).write_pdf()
    return made
