"""Web pages → blocks, by lxml: text in reading order, tables with their spans; layout tables are mere text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbook.documents.reading.blocks import Allowance, Block, Drawn, Grid, Paragraph, grid
from workbook.documents.reading.plain import decode
from workbook.finding import Source
from workbook.limits import TooLarge

if TYPE_CHECKING:
    from lxml.html import HtmlElement

DEEPEST = 200
"""No page nests its elements deeper."""
MOST_ELEMENTS = 400_000
WIDEST = 1000
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_\-]{2,20})", re.IGNORECASE)
_UNSEEN = {"script", "style", "noscript", "template", "head", "select", "textarea", "svg", "iframe", "object"}
_BREAKS = {
    "p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "tr",
    "caption", "dd", "dt", "dl", "blockquote", "center", "form", "table", "tbody", "thead", "tfoot", "td", "th", "hr",
    "main", "nav", "aside", "pre", "body", "html", "figure", "figcaption",
}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def blocks(data: bytes, file: str) -> list[Block]:
    """The paragraphs and tables of a page. Raises NoText, TooLarge."""
    from lxml import etree, html

    match = _CHARSET.search(data[:8192])
    text = decode(data, match[1].decode("ascii") if match else "")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    parser = html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "surrogatepass") or b"<p></p>", parser=parser)
    except etree.ParserError:
        return []
    reader = _Reader(file)
    reader.walk(root, 0)
    reader.flush()
    return reader.blocks


class _Reader:
    """One pass over a page."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.blocks: list[Block] = []
        self.allowance = Allowance()
        self.line: list[str] = []
        self.elements = 0
        self.tables = 0
        self.paragraphs = 0

    def walk(self, element: HtmlElement, depth: int) -> None:
        """Read an element and what is in it."""
        self.elements += 1
        if depth > DEEPEST or self.elements > MOST_ELEMENTS:
            raise TooLarge
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag and not _hidden(element, tag):
            if tag == "table" and _plain_table(element):
                self.flush()
                self.table(element)
            else:
                self._inside(element, tag, depth)
        if element.tail:
            self.line.append(element.tail)

    def _inside(self, element: HtmlElement, tag: str, depth: int) -> None:
        if tag == "br" or tag in _BREAKS:
            self.flush()
        if element.text:
            self.line.append(element.text)
        for child in element:
            self.walk(child, depth + 1)
        if tag in _BREAKS:
            self.flush()

    def flush(self) -> None:
        """End a paragraph."""
        text = " ".join("".join(self.line).split())
        self.line = []
        if text:
            self.paragraphs += 1
            self.blocks.append(Paragraph(self.allowance.words(text), Source(self.file, "", f"第{self.paragraphs}段")))

    def table(self, element: HtmlElement) -> None:
        """Read a table of figures."""
        self.tables += 1
        rows = ([_drawn(cell) for cell in row if cell.tag in ("td", "th")] for row in element.iter("tr"))
        made: Grid = grid(rows, self.file, f"第{self.tables}个表", self.allowance)
        self.blocks.append(made)


def _hidden(element: HtmlElement, tag: str) -> bool:
    return tag in _UNSEEN or element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def _plain_table(element: HtmlElement) -> bool:
    """Whether a table holds no other: one that does is there for the layout of the page."""
    return next(element.iterdescendants("table"), None) is None


def _drawn(cell: HtmlElement) -> Drawn:
    return Drawn(_text(cell), _span(cell.get("rowspan")), _span(cell.get("colspan")))


def _span(text: str | None) -> int:
    digits = (text or "").strip()
    return max(1, min(int(digits), WIDEST)) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 1


def _text(cell: HtmlElement) -> str:
    """The words of a cell, a line break where the page has one."""
    return "\n".join(line for raw in "".join(_parts(cell)).split("\v") if (line := " ".join(raw.split())))


def _parts(element: HtmlElement) -> Iterator[str]:
    """Its words, without recursion: a page may nest without end."""
    for event, node in _events(element):
        tag = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            if tag == "br" or (tag in _BREAKS and node is not element):
                yield "\v"
            yield node.text or ""
        elif node is not element:
            if tag in _BREAKS:
                yield "\v"
            yield node.tail or ""


def _events(element: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    from lxml import etree

    return iter(etree.iterwalk(element, events=("start", "end")))
