"""What a reader of a published document sees, read back by means of its own: tables as boxes with their text."""

from __future__ import annotations

import io
from dataclasses import replace
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from tests import domain
from workbook.documents.docx_writer import build_docx
from workbook.documents.html_writer import render_report
from workbook.documents.publication import Publication, arrange_report
from workbook.model.form import Form
from workbook.model.form_loader import list_form_ids, load_form
from workbook.model.numbers import NOT_APPLICABLE, format_json_value
from workbook.model.print_layout import CellBox, plan_section
from workbook.model.report import Report

HUBEI = load_form("annual-2019", "420000")
FORMS = [*(load_form(form_id) for form_id in list_form_ids()), HUBEI]
Grid = list[tuple[CellBox, str]]
TEXTS = MappingProxyType(
    {"overview": "第一段。\n（一）主动公开\n　　自带缩进。\n\n末段<b>&。", "problems": "有\t问题。", "other": "无"}
)


def numbered(form: Form, year: int | None = None) -> Report:
    """A report in which every cell has a figure of its own, but for a blank, a 不适用 and a negative one."""
    values: list[Any] = [1000 + cell.index if cell.unit.scale == 1 else 4166214619 + cell.index for cell in form.cells]
    values[3], values[form.index["requests.new.law"]] = None, NOT_APPLICABLE
    for cell in form.cells:
        if cell.signed:
            values[cell.index] = -values[cell.index]
    agency = replace(domain.AGENCY, name="某某县统计局")
    return Report(form, year or domain.year_of(form), agency, tuple(values), TEXTS)


def expected(report: Report) -> list[Grid]:
    """The tables as the form's geometry says they are printed, part by part."""
    grids = []
    for section in report.form.sheets:
        places = plan_section(report.form, section)
        boxes = [(label.box, label.text) for label in places.labels]
        boxes += [(box, figure(report, code)) for code, box in places.cells.items()]
        grids.append(sorted(boxes))
    return grids


def figure(report: Report, code: str) -> str:
    found = format_json_value(report[code], report.form.cell(code).unit)
    return "" if found is None else str(found)


def of(report: Report, *, draft: bool = False) -> Publication:
    return arrange_report(report, draft=draft)


def docx_of(report: Report, *, draft: bool = False) -> Any:
    return Document(io.BytesIO(build_docx(of(report, draft=draft))))


def docx_grids(document: Any) -> list[Grid]:
    """Every table of a Word document: each merged cell once, with what it covers."""
    return [_docx_grid(table._tbl) for table in document.tables]


def _docx_grid(table: Any) -> Grid:
    widths = [int(column.get(qn("w:w"))) for column in table.tblGrid.findall(qn("w:gridCol"))]
    columns = len(widths)
    # LibreOffice rounds where columns end: a sliver of a twip or two is no column.
    seen = [sum(width > 2 for width in widths[:n]) for n in range(columns + 1)]
    open_: dict[int, tuple[int, int, str]] = {}
    found: Grid = []
    for r, row in enumerate(table.findall(qn("w:tr"))):
        c = 0
        for cell in row.findall(qn("w:tc")):
            last = c + cell.grid_span - 1
            text = "".join(paragraph_text(p) for p in cell.findall(qn("w:p")))
            left, end = seen[c], seen[last + 1] - 1
            if cell.vMerge == "continue":
                top, right, above = open_[left]
                assert (right, text) == (end, ""), "a cell goes on below with another width, or with text"
                open_[left] = (top, right, above)
                found = [(CellBox(*box[:2], r, box[3]) if box[:2] == (top, left) else box, own) for box, own in found]
            else:
                open_[left] = (r, end, text)
                found.append((CellBox(r, left, r, end), text))
            c = last + 1
        assert c == columns, "a row does not fill the grid"
    return sorted(found)


def paragraph_text(paragraph: Any) -> str:
    breaks = {qn("w:tab"): "\t", qn("w:br"): "\n"}
    return "".join(node.text or "" if node.tag == qn("w:t") else breaks.get(node.tag, "") for node in paragraph.iter())


class Page(HTMLParser):
    """A web page read as a browser would: headings, paragraphs, and tables with their spans worked out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.grids: list[Grid] = []
        self.cells: list[list[tuple[CellBox, str, dict[str, str]]]] = []
        self.texts: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.said: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == [], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self.tags.append((tag, own))
        if tag == "br":
            self.said.append("\n")
        if tag in ("meta", "br", "col"):
            return
        self.open.append(tag)
        if tag == "table":
            self.cells.append([])
            self.taken: set[tuple[int, int]] = set()
            self.row = -1
        elif tag == "tr":
            self.row += 1
        elif tag in ("td", "th", "p", "h1", "h2", "h3", "caption"):
            self.said = []
            self.own = own

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} closes another element"
        text = "".join(self.said)
        if tag in ("td", "th"):
            self._cell(text, {**self.own, "tag": tag})
        elif tag == "table":
            self.grids.append(sorted((box, text) for box, text, _ in self.cells[-1]))
        elif tag in ("p", "h1", "h2", "h3", "caption"):
            self.texts.append((tag, text))

    def _cell(self, text: str, own: dict[str, str]) -> None:
        left = 0
        while (self.row, left) in self.taken:
            left += 1
        box = CellBox(self.row, left, self.row + int(own.get("rowspan", 1)) - 1, left + int(own.get("colspan", 1)) - 1)
        places = {(r, c) for r in range(box.top, box.bottom + 1) for c in range(box.left, box.right + 1)}
        assert not places & self.taken, "two cells on one place"
        self.taken |= places
        self.cells[-1].append((box, text, own))


def page(report: Report, *, draft: bool = False) -> Page:
    return Page(render_report(of(report, draft=draft)))
