"""Word files → blocks, by python-docx: paragraphs and tables in order, merged cells with their spans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import ZipFile

from workbook.documents.reading.document_blocks import Block, DocumentBudget, StatedCell, build_grid, make_paragraph
from workbook.documents.reading.docx_styles import (
    USUAL,
    DocxStyles,
    W,
    find_mark,
    is_known_field,
    is_lowered,
    parse_on_off,
    read_shade,
    read_value,
    unusual_paragraph,
)
from workbook.documents.reading.text_visibility import (
    TextRun,
    VisibleText,
    WritingManner,
    read_cell_text,
    split_lines,
)
from workbook.excel.reading.ooxml_package import PackageParts, find_one, read_links
from workbook.excel.reading.workbook_contents import ReadBudget
from workbook.model.finding import Source
from workbook.safety.limits import TooLarge, get_limit

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement

LARGEST_PART = 24 << 20
DEEPEST = 40
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_VERSIONS = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
"""The namespace of a document that is saved as “Strict Open XML”."""
_WRAPPERS = {f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins")}
"""What rows, cells and paragraphs may be wrapped in: content controls, insertions."""
_NOT_SHOWN = {f"{W}{name}" for name in ("del", "moveFrom", "rPr", "pPr", "instrText", "delText")}
_CHARACTERS = {
    f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-",
}  # fmt: skip
"""Elements that stand for one character."""
_END = "\v"
"""Behind each paragraph of a cell, or of a box that floats."""
_RESULT = "\0"
"""In the place of a field's instruction, once its result has begun."""


def read_docx_blocks(path: Path, file: str) -> list[Block]:
    """The paragraphs and tables of a Word file. Raises TooLarge; anything else where it is damaged."""
    parts = PackageParts(path.read_bytes(), ReadBudget())
    _check_size(path)
    main = find_one(read_links(parts, "").values(), "officeDocument") or ""
    body = _parse_part(parts, main).find(f"{W}body")
    if body is None:
        raise ValueError("a document without a body")
    reader = _Reader(file, _read_styles(parts, main))
    reader.read(body, 0)
    return reader.blocks


def _parse_part(parts: PackageParts, name: str) -> Any:  # noqa: ANN401 -- an element of the document's XML
    """A part of a document, of one with macros, or of a template, in either dialect of the standard.

    Only parts that are needed are read: python-docx opens all, and refuses a document for one picture that is missing.
    """
    from docx.oxml.parser import parse_xml

    part = parts.read(name)
    if part.count(b"<") - part.count(b"</") > get_limit("tags"):
        raise TooLarge("tags")
    return parse_xml(part.replace(_STRICT, W[1:-1].encode()))


def _read_styles(parts: PackageParts, main: str) -> DocxStyles:
    """The styles of a document; none where they are missing or cannot be read."""
    name = next((link.target for link in read_links(parts, main).values() if link.kind == "styles"), None)
    if name is None or name not in parts:
        return DocxStyles()
    try:
        return DocxStyles(_parse_part(parts, name))
    except (ValueError, SyntaxError):  # SyntaxError is what lxml raises
        return DocxStyles()


def _check_size(path: Path) -> None:
    """Refuse a package that would inflate to more than a report. No more comes out than is announced; else ValueError.

    Parts that nobody reads count, too: a file one of whose pictures is broken is damaged.
    """
    with ZipFile(path) as archive:
        members = archive.infolist()
        text = (member.file_size for member in members if member.filename.lower().endswith((".xml", ".rels")))
        if max(text, default=0) > LARGEST_PART or sum(one.file_size for one in members) > get_limit("inflated"):
            raise TooLarge("inflated")
        if archive.testzip() is not None:
            raise ValueError("damaged")


class _Reader:
    """One pass over the body."""

    def __init__(self, file: str, styles: DocxStyles) -> None:
        self.file = file
        self.styles = styles
        self.blocks: list[Block] = []
        self.budget = DocumentBudget()
        self.tables = 0

    def read(self, container: BaseOxmlElement, depth: int) -> None:
        """Paragraphs and tables of the body, of a frame around them, or of a cell of a table made for layout."""
        if depth > DEEPEST:
            raise TooLarge
        for child in container:
            if child.tag == f"{W}p":
                self.read_paragraph(child)
            elif child.tag == f"{W}tbl":
                self.read_table(child, depth)
            elif child.tag in _WRAPPERS or child.tag == f"{W}smartTag":
                self.read(child, depth + 1)

    def read_paragraph(self, element: BaseOxmlElement) -> None:
        """A paragraph; one cut by line breaks is several lines."""
        source = Source(self.file, "", f"第{self.budget.count_paragraph()}段")
        runs = (run._replace(text=run.text.replace(_END, "\n")) for run in _list_runs(element, _Context(self.styles)))
        self.blocks += [make_paragraph(line, source, str, self.budget) for line in split_lines(runs)]

    def read_table(self, element: BaseOxmlElement, depth: int) -> None:
        """A table of figures; one that holds tables is there for layout and read as text."""
        if next(element.iterfind(f".//{W}tc//{W}tbl"), None) is not None:
            for row in _find_within(element, f"{W}tr"):
                for cell in _find_within(row, f"{W}tc"):
                    self.read(cell, depth + 1)
            return
        self.tables += 1
        rows = _read_rows(element, self.styles)
        self.blocks.append(build_grid(rows, self.file, f"第{self.tables}个表", self.budget))


def _find_within(element: BaseOxmlElement, tag: str) -> Iterator[Any]:
    """Children of that kind, those in wrappers, too."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _find_within(child, tag)


def _read_rows(table: BaseOxmlElement, styles: DocxStyles) -> list[list[StatedCell]]:
    """Rows of cells; one that goes on from above makes the first of them longer."""
    rows: list[list[StatedCell]] = []
    above: dict[int, tuple[int, int]] = {}
    """Column → the row and number of the cell that may go on below."""
    style = styles.name_of("table", table, "tblPr/tblStyle")
    for r, row in enumerate(_find_within(table, f"{W}tr")):
        hidden = any(parse_on_off(read_value(mark) or "1") for mark in row.iterfind(f"{W}trPr/{W}hidden"))
        if hidden or find_mark(row, "trPr/del") is not None:
            rows.append([])
            continue
        cut_off = any(is_lowered(mark) for mark in row.iterfind(f"{W}trPr/{W}trHeight"))
        column = _read_integer(row, "trPr/gridBefore")
        cells = [StatedCell(VisibleText(""))] * column
        for cell in _find_within(row, f"{W}tc"):
            merged = find_mark(cell, "tcPr/vMerge")
            if merged is not None and (read_value(merged) or "continue") == "continue" and column in above:
                top, n = above[column]
                rows[top][n] = rows[top][n]._replace(rows=r - top + 1)
            else:
                if read_value(merged) == "restart":
                    above[column] = r, len(cells)
                else:
                    above.pop(column, None)
                styled = cut_off or find_mark(cell, "tcPr/tcFitText") is not None
                context = _Context(styles, style, read_shade(find_mark(cell, "tcPr")), in_table=True, styled=styled)
                text = read_cell_text(_list_runs(cell, context), _join_lines)
                cells.append(StatedCell(text, 1, max(1, _read_integer(cell, "tcPr/gridSpan"))))
            column += max(1, _read_integer(cell, "tcPr/gridSpan"))
        rows.append(cells)
    return rows


def _read_integer(element: BaseOxmlElement, path: str) -> int:
    text = read_value(element, path)
    return int(text) if text.isdecimal() and len(text) < 5 else 0


def _join_lines(text: str) -> str:
    """The paragraphs of a cell as its lines, blank ones left out."""
    return "\n".join(line for paragraph in text.split(_END) if (line := paragraph.strip()))


class _Context(NamedTuple):
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


def _list_runs(element: BaseOxmlElement, context: _Context) -> Iterator[TextRun]:
    """The words in a cell or a paragraph that are shown, without recursion: documents may nest without end."""
    open_: list[tuple[Any, _Context] | TextRun] = [(element, context)]
    fields: list[str] = []
    """The instructions of the fields that are open, up to their results."""
    while open_:
        node = open_.pop()
        if isinstance(node, TextRun):
            yield node
            continue
        element, context = node
        tag = element.tag
        if tag == f"{W}instrText" and fields:
            fields[-1] += element.text or ""
        if tag in _NOT_SHOWN or not isinstance(tag, str):
            continue
        if tag in (f"{W}fldChar", f"{W}fldSimple", f"{W}pgNum") and context.in_table and _may_change(element, fields):
            yield TextRun("", WritingManner.STYLED, "？")
        if tag in _CHARACTERS:
            yield TextRun(_CHARACTERS[tag])
        elif tag in (f"{W}t", f"{_MATH}t"):
            manner = context.manner or (WritingManner.OTHER if tag == f"{_MATH}t" else None)
            yield TextRun(element.text or "", manner, size=context.size)
        elif tag == f"{W}sym":
            yield TextRun("", WritingManner.OTHER, _read_symbol(element))
        elif tag == f"{W}listEntry":
            yield TextRun("", WritingManner.OTHER, read_value(element))
        elif tag == f"{_VERSIONS}AlternateContent":
            yield from _choose_version(element, context)
        elif (inner := _enter(element, tag, context)) is not None:
            if tag == f"{W}p":
                open_.append(TextRun(_END))
            open_ += reversed([(child, inner) for child in element])


def _enter(element: BaseOxmlElement, tag: str, context: _Context) -> _Context | None:
    """What holds for the content of an element; None where nothing of it is shown."""
    if tag == f"{W}p":
        properties = find_mark(element, "pPr")
        style = context.styles.name_of("paragraph", properties, "pStyle")
        ground = read_shade(properties) or context.styles.ground(style) or context.ground
        return context._replace(paragraph=style, ground=ground, styled=context.styled or unusual_paragraph(properties))
    if tag == f"{W}r":
        look = context.styles.run(find_mark(element, "rPr"), context.paragraph, context.table)
        if look.hidden:
            return None
        partly = WritingManner.OTHER if context.table in context.styles.partly else None
        manner = context.manner or look.manner(context.ground) or partly
        if manner is None and context.in_table and (context.styled or look.doubtful(context.ground)):
            manner = WritingManner.STYLED
        return context._replace(manner=manner, size=look.size or USUAL)
    if tag == f"{W}rt":
        return context._replace(manner=WritingManner.RAISED)
    bound = tag == f"{W}sdt" and find_mark(element, "sdtPr/dataBinding") is not None
    if bound or tag in (f"{W}bdo", f"{W}dir"):
        return context._replace(styled=True)
    return context._replace(manner=WritingManner.OTHER) if tag in (f"{W}txbxContent", f"{W}object") else context


def _may_change(mark: BaseOxmlElement, fields: list[str]) -> bool:
    """Whether a field may show something else than its stored result; those that are open are in `fields`.

    A field is `begin`, its instruction in pieces, `separate`, its result, `end`; or one `fldSimple` around the result.
    """
    if mark.tag == f"{W}pgNum" or parse_on_off(mark.get(f"{W}dirty") or "0"):
        return True
    if mark.tag == f"{W}fldSimple":
        return not is_known_field(mark.get(f"{W}instr") or "")
    kind = mark.get(f"{W}fldCharType")
    if kind == "begin":
        fields.append("")
    elif fields and fields[-1] != _RESULT and kind == "separate":
        instruction, fields[-1] = fields[-1], _RESULT
        return not is_known_field(instruction)
    elif fields and kind == "end":
        return fields.pop() != _RESULT
    return False


def _choose_version(element: BaseOxmlElement, context: _Context) -> Iterator[TextRun]:
    """What is there in several versions: the first is shown, or by other programs the last."""
    marks = (element.find(f"{_VERSIONS}Choice"), element.find(f"{_VERSIONS}Fallback"))
    versions = [list(_list_runs(mark, context)) for mark in marks if mark is not None]
    texts = ["".join(run.text for run in runs) for runs in versions]
    if len(set(texts)) < 2:
        yield from versions[0] if versions else ()
    elif texts[0].strip() or texts[1].strip():
        yield TextRun(texts[0], WritingManner.OTHER, texts[1])


def _read_symbol(mark: BaseOxmlElement) -> str:
    """A character chosen from a font (`F031`): a digit is one in most fonts; what others show is unknown."""
    code = mark.get(f"{W}char") or ""
    character = chr(int(code, 16) & 0xFF) if re.fullmatch("[0-9A-Fa-f]{4}", code) else ""
    return character if character.isdigit() else "？"
