"""Word files → blocks, by python-docx: paragraphs and tables in order, merged cells with their spans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import ZipFile

from workbook.documents.reading.document_blocks import Block, DocumentBudget, Paragraph, StatedCell, build_grid
from workbook.documents.reading.docx_styles import (
    USUAL,
    DocxStyles,
    is_lowered,
    parse_on_off,
    read_shade,
    unusual_paragraph,
)
from workbook.documents.reading.text_visibility import (
    TextRun,
    VisibleText,
    WritingManner,
    read_cell_text,
    read_line_text,
    split_lines,
)
from workbook.excel.reading.ooxml_package import PackageParts, find_one, read_links
from workbook.excel.reading.workbook_contents import ReadBudget, check_part_count, have_overlaps
from workbook.model.finding import Source
from workbook.safety.limits import TooLarge, get_limit

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement

LARGEST_PART = 24 << 20
DEEPEST = 40
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_VERSIONS = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
"""The same where a document is saved as “Strict Open XML”."""
_GONE = {f"{_W}del", f"{_W}moveFrom", f"{_W}rPr", f"{_W}pPr", f"{_W}instrText", f"{_W}delText"}


def read_docx_blocks(path: Path, file: str) -> list[Block]:
    """The paragraphs and tables of a Word file. Raises TooLarge; anything else where it is damaged."""
    _bounded(path)
    parts = PackageParts(path.read_bytes(), ReadBudget())
    main = find_one(read_links(parts, "").values(), "officeDocument") or ""
    body = _parsed(parts, main).find(f"{_W}body")
    if body is None:
        raise ValueError("a document without a body")
    reader = _Reader(file, _styles(parts, main))
    reader.read(body, 0)
    return reader.blocks


def _parsed(parts: PackageParts, name: str) -> Any:  # noqa: ANN401 -- an element of the document's XML
    """A part of a document, of one with macros, or of a template, in either dialect of the standard.

    Only parts that are needed are read: python-docx opens all, and refuses a document for one picture that is missing.
    """
    from docx.oxml.parser import parse_xml

    part = parts.read(name)
    if part.count(b"<") - part.count(b"</") > get_limit("tags"):
        raise TooLarge("tags")
    return parse_xml(part.replace(_STRICT, _W[1:-1].encode()))


def _styles(parts: PackageParts, main: str) -> DocxStyles:
    """The styles of a document; none where they are missing or cannot be read."""
    name = next((link.target for link in read_links(parts, main).values() if link.kind == "styles"), None)
    if name is None or name not in parts:
        return DocxStyles()
    try:
        return DocxStyles(_parsed(parts, name))
    except (ValueError, SyntaxError):  # SyntaxError is what lxml raises
        return DocxStyles()


def _bounded(path: Path) -> None:
    """Refuse a package that would inflate to more than a report: by what it says, and by what comes out."""
    check_part_count(path.read_bytes())
    with ZipFile(path) as archive:
        members = archive.infolist()
        if have_overlaps(members):
            raise ValueError("parts share bytes")
        total = 0
        for member in members:
            most = LARGEST_PART if member.filename.lower().endswith((".xml", ".rels")) else get_limit("inflated")
            with archive.open(member) as part:
                size = 0
                while chunk := part.read(1 << 20):
                    size += len(chunk)
                    total += len(chunk)
                    if size > most or total > get_limit("inflated"):
                        raise TooLarge("inflated")


class _Reader:
    """One pass over the body."""

    def __init__(self, file: str, styles: DocxStyles) -> None:
        self.file = file
        self.styles = styles
        self.blocks: list[Block] = []
        self.allowance = DocumentBudget()
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
        source = Source(self.file, "", f"第{self.allowance.paragraph()}段")
        runs = (run._replace(text=run.text.replace(_END, "\n")) for run in _runs(element, _Around(self.styles)))
        for line in split_lines(runs):
            text, writing = read_line_text(line, str)
            some = self.allowance.writing(writing) if writing.doubts else None
            self.blocks.append(Paragraph(self.allowance.words(text), source, some))

    def table(self, element: BaseOxmlElement, depth: int) -> None:
        """A table of figures; one that holds tables is there for layout and read as text."""
        if next(element.iterfind(f".//{_W}tc//{_W}tbl"), None) is not None:
            for cell in (c for row in _rows(element) for c in _cells(row)):
                self.read(cell, depth + 1)
            return
        self.tables += 1
        name = f"第{self.tables}个表"
        self.blocks.append(build_grid(_drawn(element, self.styles), self.file, name, self.allowance))


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


def _drawn(table: BaseOxmlElement, styles: DocxStyles) -> list[list[StatedCell]]:
    """Rows of cells; one that goes on from above makes the first of them longer."""
    rows: list[list[StatedCell]] = []
    above: dict[int, tuple[int, int]] = {}
    """Column → the row and number of the cell that may go on below."""
    mark = table.find(f"{_W}tblPr/{_W}tblStyle")
    style = mark.get(f"{_W}val") or "" if mark is not None else styles.usual.get("table", "")
    for r, row in enumerate(_rows(table)):
        if (
            any(_value(mark) for mark in row.iterfind(f"{_W}trPr/{_W}hidden"))
            or row.find(f"{_W}trPr/{_W}del") is not None
        ):
            rows.append([])
            continue
        cut_off = any(is_lowered(mark) for mark in row.iterfind(f"{_W}trPr/{_W}trHeight"))
        drawn: list[StatedCell] = []
        column = _skipped(row)
        drawn += [StatedCell(VisibleText(""))] * column
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
                styled = cut_off or cell.find(f"{_W}tcPr/{_W}tcFitText") is not None
                around = _Around(styles, style, read_shade(cell.find(f"{_W}tcPr")), in_table=True, styled=styled)
                drawn.append(StatedCell(read_cell_text(_runs(cell, around), _lines), 1, width))
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
    return parse_on_off(mark.get(f"{_W}val") or "1")


_END = "\v"
"""Behind each paragraph of a cell, or of a box that floats."""


class _Around(NamedTuple):
    """Where a run is: in a table and a paragraph of which style, on which ground, in which manner all of it."""

    styles: DocxStyles
    table: str = ""
    ground: str = ""
    paragraph: str = ""
    manner: WritingManner | None = None
    size: float = 0
    in_table: bool = False
    styled: bool = False
    """Whether something is set for all of it that is not known to leave words as they are."""


def _lines(text: str) -> str:
    return "\n".join(line for paragraph in text.split(_END) if (line := paragraph.strip()))


def _runs(element: BaseOxmlElement, around: _Around) -> Iterator[TextRun]:
    """The words in a cell or a paragraph that are shown, without recursion: documents may nest without end."""
    open_: list[tuple[Any, _Around] | TextRun] = [(element, around)]
    fields: list[str] = []
    """What the fields say that are open, up to their results."""
    while open_:
        node = open_.pop()
        if isinstance(node, TextRun):
            yield node
            continue
        element, around = node
        tag = element.tag
        if tag == f"{_W}instrText" and fields:
            fields[-1] += element.text or ""
        if tag in _GONE or not isinstance(tag, str):
            continue
        if tag in (f"{_W}fldChar", f"{_W}fldSimple", f"{_W}pgNum") and around.in_table and _changes(element, fields):
            yield TextRun("", WritingManner.STYLED, "？")
        if tag in _SIGNS:
            yield TextRun(_SIGNS[tag])
        elif tag in (f"{_W}t", f"{_MATH}t"):
            manner = around.manner or (WritingManner.OTHER if tag == f"{_MATH}t" else None)
            yield TextRun(element.text or "", manner, size=around.size)
        elif tag == f"{_W}sym":
            yield TextRun("", WritingManner.OTHER, _symbol(element))
        elif tag == f"{_W}listEntry":
            yield TextRun("", WritingManner.OTHER, element.get(f"{_W}val") or "")
        elif tag == f"{_VERSIONS}AlternateContent":
            yield from _version(element, around)
        else:
            inside = _within(element, tag, around)
            if inside is not None:
                children = [(child, inside) for child in element]
                open_ += [TextRun(_END)] if tag == f"{_W}p" else []
                open_ += reversed(children)


_SIGNS = {
    f"{_W}tab": "\t", f"{_W}ptab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-",
}  # fmt: skip


def _within(element: BaseOxmlElement, tag: str, around: _Around) -> _Around | None:
    """What holds for the content of an element; None where nothing of it is shown."""
    if tag == f"{_W}p":
        mark = element.find(f"{_W}pPr/{_W}pStyle")
        style = mark.get(f"{_W}val") or "" if mark is not None else around.styles.usual.get("paragraph", "")
        ground = read_shade(element.find(f"{_W}pPr")) or around.styles.ground(style) or around.ground
        styled = around.styled or unusual_paragraph(element.find(f"{_W}pPr"))
        return around._replace(paragraph=style, ground=ground, styled=styled)
    if tag == f"{_W}r":
        look = around.styles.run(element.find(f"{_W}rPr"), around.paragraph, around.table)
        partly = WritingManner.OTHER if around.table in around.styles.partly else None
        if look.hidden:
            return None
        manner = around.manner or look.manner(around.ground) or partly
        if manner is None and around.in_table and (around.styled or look.doubtful(around.ground)):
            manner = WritingManner.STYLED
        return around._replace(manner=manner, size=look.size or USUAL)
    if tag == f"{_W}rt":
        return around._replace(manner=WritingManner.RAISED)
    if tag in (f"{_W}bdo", f"{_W}dir") or (
        tag == f"{_W}sdt" and element.find(f"{_W}sdtPr/{_W}dataBinding") is not None
    ):
        return around._replace(styled=True)
    return around._replace(manner=WritingManner.OTHER) if tag in (f"{_W}txbxContent", f"{_W}object") else around


_FIELDS = {
    "=", "ref", "seq", "page", "pageref", "numpages", "hyperlink", "date", "time", "docproperty", "mergefield", "link",
    "formtext", "formdropdown", "title", "author", "filename", "createdate", "savedate", "styleref",
}  # fmt: skip


def _changes(mark: BaseOxmlElement, fields: list[str]) -> bool:
    """Whether a field shows something else than its result; those that are open are in `fields`."""
    if mark.tag == f"{_W}pgNum" or parse_on_off(mark.get(f"{_W}dirty") or "0"):
        return True
    if mark.tag == f"{_W}fldSimple":
        return not _known_field(mark.get(f"{_W}instr") or "")
    kind = mark.get(f"{_W}fldCharType")
    if kind == "begin":
        fields.append("")
    elif fields and fields[-1] != _SHOWN and kind == "separate":
        said, fields[-1] = fields[-1], _SHOWN
        return not _known_field(said)
    elif fields and kind == "end":
        return fields.pop() != _SHOWN
    return False


_SHOWN = "\0"
"""In the place of what a field says, once its result has begun."""


def _known_field(said: str) -> bool:
    word = said.strip().lower()
    return word.startswith("=") or (word.split(maxsplit=1)[:1] != [] and word.split(maxsplit=1)[0] in _FIELDS)


def _version(element: BaseOxmlElement, around: _Around) -> Iterator[TextRun]:
    """What is there in several versions: the first is shown, or by other programs the last."""
    some = [
        list(_runs(one, around))
        for one in (element.find(f"{_VERSIONS}Choice"), element.find(f"{_VERSIONS}Fallback"))
        if one is not None
    ]
    texts = ["".join(run.text for run in runs) for runs in some]
    if len(set(texts)) < 2:
        yield from some[0] if some else ()
    elif texts[0].strip() or texts[1].strip():
        yield TextRun(texts[0], WritingManner.OTHER, texts[1])


def _symbol(mark: BaseOxmlElement) -> str:
    """A character chosen from a font: a digit is one in most fonts; what others show is unknown."""
    text = mark.get(f"{_W}char") or ""
    character = chr(int(text, 16) & 0xFF) if len(text) == 4 and all(c in "0123456789abcdefABCDEF" for c in text) else ""
    return character if character.isdigit() else "？"
