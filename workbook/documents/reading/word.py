"""Word files → blocks, by python-docx: paragraphs and tables in order, merged cells with their spans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from workbook.documents.reading.blocks import Allowance, Block, Drawn, Paragraph, grid
from workbook.finding import Source
from workbook.limits import TooLarge, limit
from workbook.reading.common import Budget, bounded, overlapping
from workbook.reading.package import Parts, links_of

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement

LARGEST_PART = 24 << 20
DEEPEST = 40
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
"""The same where a document is saved as “Strict Open XML”."""
_GONE = {f"{_W}del", f"{_W}moveFrom", f"{_W}rPr", f"{_W}pPr", f"{_W}instrText", f"{_W}delText"}


def blocks(path: Path, file: str) -> list[Block]:
    """The paragraphs and tables of a Word file. Raises TooLarge; anything else where it is damaged."""
    _bounded(path)
    reader = _Reader(file)
    reader.read(_body(path), 0)
    return reader.blocks


def _body(path: Path) -> Any:  # noqa: ANN401 -- an element of the document's XML
    """The body of a document, of one with macros, or of a template, in either dialect of the standard.

    Only its part is read: python-docx opens all, and refuses a document for one picture that is not there.
    """
    from docx.oxml.parser import parse_xml

    parts = Parts(path.read_bytes(), Budget())
    main = parts.read(dict(links_of(parts, "").values())["officeDocument"])
    body = parse_xml(main.replace(_STRICT, _W[1:-1].encode())).find(f"{_W}body")
    if body is None:
        raise ValueError("a document without a body")
    return body


def _bounded(path: Path) -> None:
    """Refuse a package that would inflate to more than a report: by what it says, and by what comes out."""
    bounded(path.read_bytes())
    with ZipFile(path) as archive:
        members = archive.infolist()
        if overlapping(members):
            raise ValueError("parts share bytes")
        total = 0
        for member in members:
            most = LARGEST_PART if member.filename.lower().endswith((".xml", ".rels")) else limit("inflated")
            with archive.open(member) as part:
                size = 0
                while chunk := part.read(1 << 20):
                    size += len(chunk)
                    total += len(chunk)
                    if size > most or total > limit("inflated"):
                        raise TooLarge("inflated")


class _Reader:
    """One pass over the body."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.blocks: list[Block] = []
        self.allowance = Allowance()
        self.paragraphs = 0
        self.tables = 0

    def read(self, container: BaseOxmlElement, depth: int) -> None:
        """Paragraphs and tables of the body, of a frame around them, or of a cell of a table made for layout."""
        if depth > DEEPEST:
            raise TooLarge
        for child in container:
            tag = child.tag
            if tag == f"{_W}p":
                self.paragraph(child)
            elif tag == f"{_W}tbl":
                self.table(child, depth)
            elif tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins", f"{_W}smartTag"):
                self.read(child, depth + 1)

    def paragraph(self, element: BaseOxmlElement) -> None:
        """A paragraph; one cut by line breaks is several lines."""
        self.paragraphs += 1
        for line in _words(element).split("\n"):
            text = self.allowance.words(line)
            self.blocks.append(Paragraph(text, Source(self.file, "", f"第{self.paragraphs}段")))

    def table(self, element: BaseOxmlElement, depth: int) -> None:
        """A table of figures; one that holds tables is there for layout and read as text."""
        if next(element.iterfind(f".//{_W}tc//{_W}tbl"), None) is not None:
            for cell in (c for row in _rows(element) for c in _cells(row)):
                self.read(cell, depth + 1)
            return
        self.tables += 1
        name = f"第{self.tables}个表"
        self.blocks.append(grid(_drawn(element), self.file, name, self.allowance))


def _rows(table: BaseOxmlElement) -> Iterator[Any]:
    return _inside(table, f"{_W}tr")


def _cells(row: BaseOxmlElement) -> Iterator[Any]:
    return _inside(row, f"{_W}tc")


def _inside(element: BaseOxmlElement, tag: str) -> Iterator[Any]:
    """Children of that kind, those in wrappers (content controls, insertions) too."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"):
            yield from _inside(child, tag)


def _drawn(table: BaseOxmlElement) -> list[list[Drawn]]:
    """Rows of cells; one that goes on from above makes the first of them longer."""
    rows: list[list[Drawn]] = []
    above: dict[int, tuple[int, int]] = {}
    """Column → the row and number of the cell that may go on below."""
    for r, row in enumerate(_rows(table)):
        if any(_value(mark) for mark in row.iterfind(f"{_W}trPr/{_W}hidden")):
            rows.append([])
            continue
        drawn: list[Drawn] = []
        column = _skipped(row)
        drawn += [Drawn("")] * column
        for cell in _cells(row):
            width = _span(cell)
            goes_on = _merge(cell)
            if goes_on == "continue" and column in above:
                at, n = above[column]
                rows[at][n] = rows[at][n]._replace(rows=r - at + 1)
            else:
                if goes_on == "restart":
                    above[column] = r, len(drawn)
                else:
                    above.pop(column, None)
                drawn.append(Drawn("\n".join(_paragraphs(cell)), 1, width))
            column += width
        rows.append(drawn)
    return rows


def _skipped(row: BaseOxmlElement) -> int:
    mark = row.find(f"{_W}trPr/{_W}gridBefore")
    return _integer(mark) if mark is not None else 0


def _span(cell: BaseOxmlElement) -> int:
    mark = cell.find(f"{_W}tcPr/{_W}gridSpan")
    return max(1, _integer(mark)) if mark is not None else 1


def _merge(cell: BaseOxmlElement) -> str:
    mark = cell.find(f"{_W}tcPr/{_W}vMerge")
    return "" if mark is None else (mark.get(f"{_W}val") or "continue")


def _integer(mark: BaseOxmlElement) -> int:
    text = mark.get(f"{_W}val") or ""
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _value(mark: BaseOxmlElement) -> bool:
    return (mark.get(f"{_W}val") or "1") not in ("0", "false", "off")


def _paragraphs(cell: BaseOxmlElement) -> Iterable[str]:
    return (text for p in cell.iter(f"{_W}p") if (text := _words(p).strip()))


def _words(paragraph: BaseOxmlElement) -> str:
    """The words of a paragraph as it is shown: what was deleted or is a field's instruction apart."""
    parts: list[str] = []
    open_: list[Any] = [paragraph]
    while open_:
        node = open_.pop()
        if node.tag in _GONE:
            continue
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag in (f"{_W}tab", f"{_W}ptab"):
            parts.append("\t")
        elif node.tag in (f"{_W}br", f"{_W}cr"):
            parts.append("\n")
        elif node.tag == f"{_W}noBreakHyphen":
            parts.append("-")
        else:
            open_ += reversed([child for child in node if isinstance(child.tag, str)])
    return "".join(parts)
