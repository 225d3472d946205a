"""Published reports: Word, web page, PDF and text, told apart by what they hold. Any bytes are a report or refused in a
sentence (Unreadable); what was read can be checked, told and kept; old formats are not converted here."""

from __future__ import annotations

import re
import zlib
from functools import cache
from pathlib import Path
from random import Random
from unittest import mock

from tests.domain import FORM_FILES
from tests.robustness.fuzz import mutation
from tests.robustness.fuzz.mutation import changed_markup, packed, unpacked
from tests.robustness.fuzz.oracle import evaluate, round_trip_json, word_findings
from tests.robustness.fuzz.samples import made, reports
from tests.samples.package_edits import WORDS
from tests.samples.published_documents import numbered
from tests.samples.real_reports import REAL
from workbook.documents import libreoffice, write_document
from workbook.documents.reading.document_reader import read_document
from workbook.documents.reading.review_page import render_review
from workbook.excel.reading.file_type import Unreadable

HTML = (b"<table>", b"</table>", b"<tr>", b"<td>5", b"<td rowspan=3>", b"<td colspan=9>", b"<br>", b"<p>",
        b"<div hidden>", b"<td colspan=99999 rowspan=99999>", b"<!--", b"<meta charset=utf-16>", b"<script>",
        b"&nbsp;")  # fmt: skip
WORD = (b'<w:gridSpan w:val="3"/>', b'<w:vMerge w:val="restart"/>', b"<w:vMerge/>", b"<w:tc><w:p/></w:tc>",
        b"<w:tr/>", b"<w:tbl>", b"<w:del>", b"<w:br/>", b"<w:t>5</w:t>", b'<w:gridSpan w:val="9999"/>',
        b"<w:sdt><w:sdtContent>")  # fmt: skip
PDF = (b"endobj", b"stream\n", b"/Type/Page", b"BT", b"ET", b" Tj", b"0 0 99 99 re S", b"/Kids[2 0 R]",
       b"/Length 9999", b"<<", b">>", b"[", b"/FlateDecode", b" cm", b"/Count 9", b"3 0 R")  # fmt: skip


def pdf() -> bytes:
    """A small PDF with a ruled table and a line above it."""
    text = "".join(f"BT /F 9 Tf {20 + 40 * (n % 4)} {170 - 20 * (n // 4)} Td ({n}) Tj ET\n" for n in range(16))
    lines = "".join(
        f"{15 + 40 * n} 100 m {15 + 40 * n} 180 l S 15 {100 + 20 * n} m 175 {100 + 20 * n} l S\n" for n in range(5)
    )
    content = f"BT /F 9 Tf 20 190 Td (2023 report) Tj ET\n{text}{lines}"
    objects = ("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
               "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
               f"<</Length {len(content)}>>stream\n{content}\nendstream",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")  # fmt: skip
    body = "".join(f"{n} 0 obj{one}\nendobj\n" for n, one in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R>>\n%%EOF".encode()


@cache
def _pages() -> tuple[bytes, ...]:
    some = (*reports()[:2], numbered(FORM_FILES[1]))
    return tuple(made(lambda path, one=one: write_document(path, one, draft=True), "a.html") for one in some)  # type: ignore[misc]


def seeds() -> list[bytes]:
    docx = made(lambda path: write_document(path, reports()[0], draft=True), "a.docx")
    texts = [path.read_bytes() for path in sorted(REAL.glob("*.txt"))[:6]]
    parts = [part for part in unpacked(docx) or [] if "theme" not in part[0]]
    return [*_pages(), *texts, packed(parts), pdf(), pdf()]


def changed(data: bytes, draw: Random) -> bytes:
    if data[:2] == b"PK":
        return mutation.changed_archive(data, draw, lambda _, part, draw: changed_markup(part, draw, WORD))
    if data[:4] == b"%PDF":
        return mutation.changed_bytes(data, draw, PDF)
    if re.search(rb"<[a-z]+", data[:3000]):
        return changed_markup(data, draw, HTML)
    return mutation.changed_text(data, draw, WORDS)


def tried(data: bytes, folder: Path) -> None:
    suffix = "docx" if data[:2] == b"PK" else "pdf" if data[:4] == b"%PDF" else "html" if b"<" in data[:50] else "txt"
    path = folder / f"某某局2023.{suffix}"
    path.write_bytes(data)
    with mock.patch.object(libreoffice, "find_libreoffice", lambda: None):
        try:
            found = read_document(path)
        except Unreadable as refused:
            assert refused.message.zh and refused.message.en
            return
    word_findings(found.findings)
    evaluate(found.report, None, found.findings)
    round_trip_json(found.report)
    if zlib.crc32(data) % 8 == 0:
        assert render_review(found)  # the page on which a person compares what was read
