"""PDF files of one page, written by hand."""

from __future__ import annotations


def pdf_page(content: bytes, *, packing: str = "", note: str = "Link") -> bytes:
    """A page of 200 × 100 points on which that is drawn, in Helvetica (`/F`), with a note of that kind at its left."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R"
        b"/Resources<</Font<</F 5 0 R>>>>/Annots[6 0 R]>>",
        f"<</Length {len(content)}{packing}>>stream\n".encode() + content + b"\nendstream ",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Type/Annot/Subtype/{note}/Rect[18 66 34 82]>>".encode(),
    )
    body = b"".join(f"{n} 0 obj".encode() + one + b"endobj\n" for n, one in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF"
