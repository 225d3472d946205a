"""Writes a publication as PDF: by LibreOffice from the Word document, else by WeasyPrint from the web page."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import re
from typing import Final

from workbook.documents import NotPublished, libreoffice, messages
from workbook.documents.publication import Publication
from workbook.safety import owned_folders

HOW: Final = 'writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"}}'
"""Tagged, so that headings and tables can be read out; a LibreOffice before 7.4 passes over the wish."""

_DATE: Final = re.compile(rb"(?<=/CreationDate\(D:)[0-9]{14}[^)]*(?=\))")
"""The date in `/CreationDate(D:20260101101112+08'00')`."""
_IDS: Final = re.compile(
    rb"(?<=/ID \[ <)[0-9A-F]{32}(?=>)|(?<=\n<)[0-9A-F]{32}(?=> \])|(?<=/DocChecksum /)[0-9A-F]{32}"
)
"""The 32 digits of `/ID [ <…>`, of `<…> ]` on the next line, and of `/DocChecksum /…`."""


def build_pdf(published: Publication) -> bytes:
    """Return the bytes of the PDF; the same on the same machine. NotPublished without a program, or if it fails."""
    if libreoffice.find_libreoffice() is None:
        return _from_page(published)
    from workbook.documents.docx_writer import build_docx

    with owned_folders.scratch_folder() as folder:
        document = folder / "report.docx"
        document.write_bytes(build_docx(published))
        try:
            with libreoffice.convert_document(document, "pdf", how=HOW) as converted:
                return fix_date(converted.read_bytes(), f"{published.dated:%Y%m%d%H%M%S}Z")
        except libreoffice.ConversionTimeout as error:
            raise NotPublished(messages.get("refused.pdf_slow", seconds=libreoffice.SECONDS)) from error
        except libreoffice.ConversionFailed as error:
            raise NotPublished(messages.get("refused.pdf_failed", what=error)) from error


def fix_date(data: bytes, date: str) -> bytes:
    """Return the PDF with that date, and with an id of its content, in place of those of the moment it was made.

    They are in plain text after the last stream; what replaces them is as long, so that every offset stays right.
    """
    end = data.rfind(b"endstream") + 1
    tail = _DATE.sub(lambda found: date.encode().ljust(len(found[0]))[: len(found[0])], data[end:])
    unnamed = _IDS.sub(b"0" * 32, tail)
    own = hashlib.sha256(data[:end] + unnamed).hexdigest()[:32].upper().encode()
    return data[:end] + _IDS.sub(own, tail)


def _from_page(published: Publication) -> bytes:
    if importlib.util.find_spec("weasyprint") is None:
        raise NotPublished(messages.get("refused.pdf_none"))
    from workbook.documents.html_writer import render_report

    pdf: bytes = importlib.import_module("weasyprint").HTML(string=render_report(published)).write_pdf()
    return pdf
