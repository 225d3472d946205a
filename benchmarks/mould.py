"""Workbooks by the thousand: one is written by the real writer, the others are the same file with other contents.

The writer takes a tenth of a second for a workbook, most of it for what is alike in all. A mould keeps that and puts in
what a clerk fills in and what the formulas then compute to. It takes reports in which every cell is filled and nothing
is wrong; every other report is for the writer itself.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from workbook.excel.template.check_lines import compute_line
from workbook.excel.template.report_draft import ReportDraft, to_sheet_value
from workbook.excel.template.template_writer import build_workbook
from workbook.excel.template_layout import CHECKS_TOP, CheckColumn, SheetCell
from workbook.model.cell_address import format_address
from workbook.model.identity import find_level
from workbook.model.numbers import CellValue
from workbook.model.report import Report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

STRINGS, TITLE = "xl/sharedStrings.xml", "docProps/core.xml"
_CELL = re.compile(r'(<c r="([A-Z]+[0-9]+)"[^>]*>(?:<f.*?</f>)?<v>)([^<]*)(?=</v></c>)')
_STRING = re.compile(r"(<si><t[^>]*>)(.*?)(?=</t></si>)", re.DOTALL)

Contents = Mapping[SheetCell, CellValue]


class Mould:
    """What all workbooks of a form have in common, made from one clean report and last year's.

    ValueError from `filled` where a report does not fit: other cells filled, or other types of results.
    """

    def __init__(self, report: Report, previous: Report) -> None:
        self.draft = ReportDraft(report, previous)
        with zipfile.ZipFile(io.BytesIO(build_workbook(report, previous))) as made:
            self.parts = {name: made.read(name) for name in made.namelist()}
        self.sheets = {sheet: self._part(n) for n, sheet in enumerate(self._sheet_names(), 1)}
        self.texts = {name: self.parts[name].decode() for name in (*self.sheets.values(), STRINGS, TITLE)}
        self.strings = [match[2] for match in _STRING.finditer(self.texts[STRINGS])]
        self.contents = self._contents(report, previous)
        self.pieces = {sheet: self._pieces(sheet) for sheet in self.sheets}
        self.shared = self._shared()

    def _sheet_names(self) -> list[str]:
        book = self.parts["xl/workbook.xml"].decode()
        return re.findall(r'<sheet name="([^"]+)"', book)

    @staticmethod
    def _part(number: int) -> str:
        return f"xl/worksheets/sheet{number}.xml"

    def filled(self, report: Report, previous: Report) -> bytes:
        """The workbook of another report of the same form."""
        contents = self._contents(report, previous)
        if contents.keys() != self.contents.keys():
            raise ValueError(f"{report.agency.name}: other cells are filled than in the mould")
        parts = {part: self._sheet(sheet, contents) for sheet, part in self.sheets.items()}
        parts[STRINGS] = self._with_strings(contents)
        parts[TITLE] = self.texts[TITLE].replace(escape(self.draft.report.agency.name), escape(report.agency.name))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in self.parts.items():
                file.writestr(zipfile.ZipInfo(name), parts.get(name, data), zipfile.ZIP_DEFLATED)
        return out.getvalue()

    # what stands where -------------------------------------------------------------------------------------------

    def _contents(self, report: Report, previous: Report) -> Contents:
        """Every cell that differs from workbook to workbook, with what it holds or computes to."""
        places = self.draft.places
        found: dict[SheetCell, CellValue] = {}
        for some, where in ((report, places.cells), (previous, places.previous)):
            for cell in report.form.cells:
                found[where[cell.code]] = to_sheet_value(some.values[cell.index], cell)
        found[places.previous_year] = previous.year
        agency = report.agency
        level = find_level(agency.level)
        fields = {"name": agency.name, "code": agency.code, "region": agency.region, "year": report.year}
        fields |= {"level": level.label if level else "", "contact": agency.contact}
        found.update({places.identity[field]: value for field, value in fields.items()})
        top = f"{messages.text('top.agency')}{agency.name}　{messages.text('top.year')}{report.year}"
        found.update({SheetCell(section.sheet, 1, 0): top for section in report.form.sheets})
        found.update(self._written(report))
        found.update(self._judged(report, previous))
        return found

    def _written(self, report: Report) -> Iterator[tuple[SheetCell, CellValue]]:
        sheet = messages.text("sheet.texts")
        for code, area in self.draft.places.texts.items():
            lines = report.texts[code].split("\n")
            yield (
                SheetCell(sheet, area.head, 2),
                messages.text("texts.count").replace("{n}", str(sum(map(len, lines)))),
            )
            for n, line in enumerate(lines):
                yield SheetCell(sheet, area.first + n, 1), line

    def _judged(self, report: Report, previous: Report) -> Iterator[tuple[SheetCell, CellValue]]:
        """The results of 校验; all lines pass, or nothing is known of them: no other report fits."""
        checks, says = self.draft.checks, messages.entry("status")
        for n, line in enumerate(checks.lines):
            value, row = compute_line(line, report, previous, None), CHECKS_TOP + n
            if value.status != self.draft.values[line.code].status:
                raise ValueError(f"{report.agency.name}: {line.code} is {value.status}")
            yield SheetCell(checks.sheet, row, CheckColumn.LEFT), value.left
            yield SheetCell(checks.sheet, row, CheckColumn.RIGHT), value.right
            yield SheetCell(checks.sheet, row, CheckColumn.DIFFERENCE), value.difference
            yield SheetCell(checks.sheet, row, CheckColumn.STATUS), says[value.status]
            if line.present:
                yield SheetCell(checks.sheet, row, CheckColumn.PRESENT), value.present

    # the file ------------------------------------------------------------------------------------------------------

    def _pieces(self, sheet: str) -> Sequence[tuple[str, SheetCell | None]]:
        """The sheet cut up at the results that change: the text before each, and where that result stands."""
        wanted = {format_address(spot.row, spot.column): spot for spot in self.contents if spot.sheet == sheet}
        text, at = self.texts[self.sheets[sheet]], 0
        pieces: list[tuple[str, SheetCell | None]] = []
        for match in _CELL.finditer(text):
            if match[2] in wanted and 't="s"' not in match[1]:
                pieces.append((text[at : match.end(1)], wanted[match[2]]))
                at = match.end(3)
        return (*pieces, (text[at:], None))

    def _sheet(self, sheet: str, contents: Contents) -> str:
        return "".join(text if spot is None else text + _spelt(contents[spot]) for text, spot in self.pieces[sheet])

    def _shared(self) -> Mapping[int, SheetCell]:
        """Which shared string is the text of which cell: what a clerk types is stored there."""
        found = {}
        for sheet, part in self.sheets.items():
            wanted = {format_address(spot.row, spot.column): spot for spot in self.contents if spot.sheet == sheet}
            for match in _CELL.finditer(self.texts[part]):
                if match[2] in wanted and 't="s"' in match[1]:
                    found[int(match[3])] = wanted[match[2]]
        return found

    def _with_strings(self, contents: Contents) -> str:
        numbers = iter(range(len(self.strings)))

        def replaced(match: re.Match[str]) -> str:
            spot = self.shared.get(next(numbers))
            return match[0] if spot is None else match[1] + _spelt(contents[spot])

        return _STRING.sub(replaced, self.texts[STRINGS])


def _spelt(value: CellValue) -> str:
    """A value as the file spells it; numbers with the 16 digits XlsxWriter gives them."""
    return escape(value) if isinstance(value, str) else f"{value:.16G}"
