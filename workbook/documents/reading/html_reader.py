"""Web pages → blocks, by lxml: text in reading order, tables with their spans; layout tables are mere text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from workbook.documents.reading.css_declarations import ElementStyle
from workbook.documents.reading.css_parser import holds_on_a_screen
from workbook.documents.reading.document_blocks import (
    Block,
    DocumentBudget,
    StatedCell,
    build_grid,
    make_paragraph,
)
from workbook.documents.reading.html_styles import TAGS, PageStyles
from workbook.documents.reading.text_reader import decode_text
from workbook.documents.reading.text_visibility import TextRun, WritingManner, read_cell_text
from workbook.model.finding import Source
from workbook.safety.limits import TooLarge, get_limit

if TYPE_CHECKING:
    from lxml.html import HtmlElement, HTMLParser

DEEPEST: Final = 200
"""No page nests its elements deeper."""
WIDEST: Final = 1000
CHUNK: Final = 1 << 16
"""So many bytes are parsed at a time: between them an alarm is heard."""
_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_\-]{2,20})", re.IGNORECASE)
_TAG_START: Final = re.compile(r"<[a-zA-Z][^\s/>]*+")
"""The beginning of a tag: `<td`. `*+` gives nothing back, so that a page is read in one pass."""
_ATTRIBUTE: Final = re.compile(r"[\s/]*+(?P<name>[^\s/>=]*+)(?:\s*+=\s*+(?P<quote>[\"']?+))?")
"""An attribute up to its value: ` class="`, ` rowspan=`, ` hidden`."""
_SCRIPT_END: Final = re.compile("</script", re.IGNORECASE)
_BARE: Final = re.compile(r"[^\s>]*+")
"""A value without quotes."""
IN_SCRIPTS: Final = 10
"""What looks like a tag in a script is none, and may hold so many times more that looks like attributes."""


def read_html_blocks(data: bytes, file: str) -> list[Block]:
    """The paragraphs and tables of a page. Raises NotText, TooLarge."""
    match = _CHARSET.search(data[:8192])
    text = decode_text(data, match[1].decode("ascii") if match else "")
    check_page_bounds(text)
    root = _parse(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    if root is None:
        return []
    reader = _Reader(file, PageStyles(_sheets(root)))
    reader.walk(root, ElementStyle(), 0)
    reader.flush()
    return reader.blocks


def check_page_bounds(text: str) -> int:
    """Refuse a page of too many tags, or with one of too many attributes, before it is parsed. Raises TooLarge.

    The library holds each attribute of a tag against each other, within one call that nothing interrupts. Quotes are
    understood as a browser understands them; one pass over the text, whatever it holds. Gives the steps that it took.
    """
    last = {quote: text.rfind(quote) for quote in "\"'"}
    most, tags, steps, at, script_end = get_limit("attributes"), get_limit("tags"), 0, 0, 0
    while start := _TAG_START.search(text, at):
        at, tags = start.end(), tags - 1
        if tags < 0:
            raise TooLarge("tags")
        in_script = start.start() < script_end
        left = most * IN_SCRIPTS if in_script else most
        while at < len(text) and text[at] != ">":
            at, counts = _attribute(text, at, last)
            left, steps = left - counts, steps + 1
            if left < 0:
                raise TooLarge("attributes")
        if not in_script and start[0].lower() == "<script":
            end = _SCRIPT_END.search(text, at)
            script_end = end.start() if end else len(text)
    return steps


def _attribute(text: str, at: int, last: dict[str, int]) -> tuple[int, bool]:
    """Where an attribute ends that begins there, and whether it is one: blanks before the end of a tag are none."""
    match = _ATTRIBUTE.match(text, at)
    if match is None or match.end() == at:  # a character that belongs nowhere
        return at + 1, True
    end, quote = match.end(), match["quote"]
    if quote and end <= last[quote]:
        return text.index(quote, end) + 1, True
    if quote is not None:
        bare = _BARE.match(text, end)
        end = bare.end() if bare else end
    return end, bool(match["name"]) or quote is not None


def _parse(text: str) -> HtmlElement | None:
    """The page as elements; None where there are none. Parsed piece by piece, so that a clock can end it."""
    from lxml import etree, html

    parser: HTMLParser = html.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True, remove_pis=True)
    data = text.encode("utf-8", "surrogatepass") or b"<p></p>"
    try:
        for start in range(0, len(data), CHUNK):
            parser.feed(data[start : start + CHUNK])
        return parser.close()
    except etree.ParserError:
        return None


def _sheets(root: HtmlElement) -> Iterator[str]:
    """The style sheets within the page that are for a screen."""
    for element in root.iter("style"):
        media = element.get("media") or ""
        holds = holds_on_a_screen(media)
        if holds:
            yield element.text or ""
        elif holds is None:
            yield f"@supports (display:block) {{{element.text or ''}}}"
    for element in root.iter("link"):
        if (element.get("href") or "").strip().lower().startswith("data:"):
            yield '@import "data:";'


class _Reader:
    """One pass over a page."""

    def __init__(self, file: str, styles: PageStyles) -> None:
        self.file = file
        self.styles = styles
        self.blocks: list[Block] = []
        self.budget = DocumentBudget()
        self.line: list[TextRun] = []
        self.tables = 0

    def walk(self, element: HtmlElement, around: ElementStyle, depth: int) -> None:
        """Read an element and what is in it."""
        if depth > DEEPEST:
            raise TooLarge
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag:
            look = self.styles.look(element, tag, around)
            if not look.shown:
                pass
            elif tag == "table" and _plain_table(element):
                self.flush()
                self.table(element, look.as_usual())
            else:
                self._inside(element, tag, look, depth)
        self._add_text(element.tail, around)

    def _inside(self, element: HtmlElement, tag: str, look: ElementStyle, depth: int) -> None:
        if tag == "br" or tag in TAGS["lines"]:
            self.flush()
        if tag not in TAGS["no_running_text"]:
            self._add_text(element.text, look)
            for child in element:
                self.walk(child, look, depth + 1)
        if tag in TAGS["lines"]:
            self.flush()

    def _add_text(self, text: str | None, look: ElementStyle) -> None:
        if text and not look.hidden:
            self.line.append(TextRun(text, look.manner()))

    def flush(self) -> None:
        """End a paragraph."""
        paragraph = make_paragraph(self.line, Source(self.file), _one_line, self.budget)
        self.line = []
        if paragraph.text or paragraph.visible:
            source = Source(self.file, "", f"第{self.budget.count_paragraph()}段")
            self.blocks.append(paragraph._replace(source=source))

    def table(self, element: HtmlElement, look: ElementStyle) -> None:
        """Read a table of figures."""
        self.tables += 1
        self.blocks.append(build_grid(self._rows(element, look), self.file, f"第{self.tables}个表", self.budget))

    def _rows(self, table: HtmlElement, look: ElementStyle) -> Iterator[Iterator[StatedCell]]:
        """The rows that are shown: one that is not has no place among them."""
        for column in table.iter("col", "colgroup"):
            if self.styles.hides_column(column):
                look = look._replace(styled=True)
        looks: dict[HtmlElement, ElementStyle] = {table: look}
        for row in table.iter("tr"):
            above = [row]
            while (parent := above[-1].getparent()) not in looks:
                above.append(parent)
            for element in reversed(above):
                looks[element] = self.styles.look(element, element.tag, looks[element.getparent()])
            if looks[row].shown:
                yield self._cells(row, looks[row])

    def _cells(self, row: HtmlElement, around: ElementStyle) -> Iterator[StatedCell]:
        for cell in row:
            if cell.tag in ("td", "th") and (look := self.styles.look(cell, cell.tag, around)).shown:
                text = read_cell_text(self._runs(cell, look), _join_lines)
                yield StatedCell(text, _span(cell.get("rowspan")), _span(cell.get("colspan")))

    def _runs(self, cell: HtmlElement, look: ElementStyle) -> Iterator[TextRun]:
        """The words of a cell that are seen, without recursion: a page may nest without end."""
        from lxml import etree

        looks = [look]
        walker = etree.iterwalk(cell, events=("start", "end"))
        for event, node in walker:
            tag = node.tag if isinstance(node.tag, str) else ""
            if event == "start":
                if node is not cell:
                    looks.append(self.styles.look(node, tag, looks[-1]) if tag else looks[-1]._replace(shown=False))
                if tag == "details" and node.get("open") is None:
                    looks[-1] = looks[-1]._replace(faint=True)  # it is seen once somebody opens it
                elif tag == "summary" and len(looks) > 2:
                    looks[-1] = looks[-1]._replace(faint=looks[-3].faint)
                if not looks[-1].shown:
                    walker.skip_subtree()
                else:
                    yield from _begin(node, tag, looks[-1], outermost=node is cell)
            elif node is not cell:
                ended = looks.pop()
                if ended.shown and ended.generated[1]:
                    yield TextRun("", WritingManner.STYLED, ended.generated[1])
                if ended.shown and (tag in TAGS["lines"] or ended.block):
                    yield TextRun("\v")
                if node.tail and not looks[-1].hidden:
                    yield TextRun(node.tail, looks[-1].manner(in_table=True), size=looks[-1].size)
            elif look.generated[1]:
                yield TextRun("", WritingManner.STYLED, look.generated[1])


def _begin(node: HtmlElement, tag: str, look: ElementStyle, *, outermost: bool) -> Iterator[TextRun]:
    """What begins with an element: a break, its first words, what is typed into a control."""
    if tag == "br" or ((tag in TAGS["lines"] or look.block) and not outermost):
        yield TextRun("\v")
    if look.generated[0]:
        yield TextRun("", WritingManner.STYLED, look.generated[0])
    if look.hidden:
        return
    if node.text:
        yield TextRun(node.text, look.manner(in_table=True), size=look.size)
    if tag == "input" and (node.get("type") or "text").lower() not in TAGS["inputs_without_text"]:
        yield TextRun(node.get("value") or "", WritingManner.OTHER)
    elif tag == "img" and any(character.isnumeric() for character in node.get("alt") or ""):
        yield TextRun(node.get("alt") or "", WritingManner.OTHER)


def _plain_table(element: HtmlElement) -> bool:
    """Whether a table holds no other: one that does is there for the layout of the page."""
    return next(element.iterdescendants("table"), None) is None


def _span(text: str | None) -> int:
    digits = (text or "").strip()
    return max(1, min(int(digits), WIDEST)) if digits.isascii() and digits.isdigit() and len(digits) < 7 else 1


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _join_lines(text: str) -> str:
    """The words of a cell, a line break where the page has one."""
    return "\n".join(line for raw in text.split("\v") if (line := " ".join(raw.split())))
