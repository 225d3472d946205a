"""Workbooks as offices send them, by the thousand: as issued, saved again by LibreOffice, spelled as Excel spells them.

The writer takes a tenth of a second for a workbook, LibreOffice a second: most of it for what is alike in all. A mould
keeps that, of a workbook that either has written, and puts in what a clerk fills in and what the formulas then compute
to. It takes reports in which every cell is filled and nothing is wrong; every other report is for the writer itself.
A fifth of the workbooks then get one oddity: what a clerk does to a file without meaning anything by it.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple
from xml.sax.saxutils import escape

from benchmarks.reports import Line, reports, roster
from workbook.excel.template.check_lines import compute_line
from workbook.excel.template.report_draft import ReportDraft, to_sheet_value
from workbook.excel.template.template_writer import build_workbook, write_workbook
from workbook.excel.template_layout import CHECKS_TOP, CheckColumn, SheetCell, TemplateLayout
from workbook.model.cell_address import format_address
from workbook.model.form import Form
from workbook.model.identity import find_level
from workbook.model.numbers import CellValue
from workbook.model.report import Report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.excel.template")

ISSUED, LIBREOFFICE, EXCEL = "as issued", "saved by LibreOffice", "spelled as Excel does"
PROGRAMS = (ISSUED, LIBREOFFICE, EXCEL)
MIXED = "mixed"
"""The workload of offices: a third of each, a fifth of all with an oddity."""
ODD = 0.2
SAVES = 200
"""So many workbooks are really saved by LibreOffice; names and figures of the others are put into these."""

BOOK, LINKS, TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
STRINGS, TITLE = "xl/sharedStrings.xml", "docProps/core.xml"
_CELL = re.compile(r'(<c r="([A-Z]+[0-9]+)"[^>]*>(?:<f.*?</f>)?<v>)([^<]*)(?=</v></c>)')
"""A cell with a value, its formula before it: `<c r="D6" s="25" t="n"><v>4</v></c>`."""
_ITEM = re.compile(r"<si>.*?</si>", re.DOTALL)
_TEXT = re.compile(r"(<t[^>]*>)(.*?)</t>", re.DOTALL)
_RUN = re.compile(r"<r>(?:<rPr>.*?</rPr>)?<t[^>]*>(.*?)</t></r>", re.DOTALL)
_STRETCH = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")
"""Latin and Chinese stretches of a text, which LibreOffice writes in fonts of their own."""

Parts = dict[str, bytes]
Contents = Mapping[SheetCell, CellValue]


def unpack(book: bytes) -> Parts:
    """The parts of a package by name."""
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        return {name: file.read(name) for name in file.namelist()}


def pack(parts: Mapping[str, bytes | str]) -> bytes:
    """A package of these parts; no time of day is in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in parts.items():
            file.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def find_sheets(parts: Parts) -> dict[str, str]:
    """Name of each sheet → its part."""
    targets = dict(re.findall(r'Id="([^"]+)"[^>]*Target="(?:/xl/)?([^"]+)"', parts[LINKS].decode()))
    targets |= {
        number: target for target, number in re.findall(r'Target="([^"]+)"[^>]*Id="([^"]+)"', parts[LINKS].decode())
    }
    sheets = re.findall(r'<sheet name="([^"]+)"[^>]*r:id="([^"]+)"', parts[BOOK].decode())
    return {name: f"xl/{targets[number]}" for name, number in sheets}


# one workbook is made from another -----------------------------------------------------------------------------------


class Mould:
    """What all workbooks of a form that a program writes have in common, made from one clean report and last year's.

    `book` is that workbook as the program wrote it; None: as issued. ValueError from `filled` where a report does not
    fit: other cells filled, or other types of results.
    """

    def __init__(self, report: Report, previous: Report, book: bytes | None = None) -> None:
        self.draft = ReportDraft(report, previous)
        self.parts = unpack(book or build_workbook(report, previous))
        self.sheets = find_sheets(self.parts)
        self.texts = {name: self.parts[name].decode() for name in (*self.sheets.values(), STRINGS, TITLE)}
        self.items = _ITEM.findall(self.texts[STRINGS])
        self.contents = self._contents(report, previous)
        self.shared = self._shared()
        self.pieces = {sheet: self._pieces(sheet) for sheet in self.sheets}

    def filled(self, report: Report, previous: Report) -> bytes:
        """The workbook of another report of the same form."""
        contents = self._contents(report, previous)
        if contents.keys() != self.contents.keys():
            raise ValueError(f"{report.agency.name}: other cells are filled than in the mould")
        parts = {part: self._sheet(sheet, contents) for sheet, part in self.sheets.items()}
        parts[STRINGS] = self._with_strings(contents)
        parts[TITLE] = self.texts[TITLE].replace(escape(self.draft.report.agency.name), escape(report.agency.name))
        return pack({name: parts.get(name, data) for name, data in self.parts.items()})

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
        """The sheet cut up at the results that change: the text before each, and where that result is."""
        wanted = self._addresses(sheet)
        text, at = self.texts[self.sheets[sheet]], 0
        pieces: list[tuple[str, SheetCell | None]] = []
        for match in _CELL.finditer(text):
            if match[2] in wanted and 't="s"' not in match[1]:
                pieces.append((text[at : match.end(1)], wanted[match[2]]))
                at = match.end(3)
        return (*pieces, (text[at:], None))

    def _addresses(self, sheet: str) -> Mapping[str, SheetCell]:
        return {format_address(spot.row, spot.column): spot for spot in self.contents if spot.sheet == sheet}

    def _sheet(self, sheet: str, contents: Contents) -> str:
        return "".join(text if spot is None else text + _spelt(contents[spot]) for text, spot in self.pieces[sheet])

    def _shared(self) -> Mapping[int, SheetCell]:
        """Which shared text is that of which cell: what a clerk types is stored there, and nothing else is."""
        found: dict[int, SheetCell] = {}
        uses = Counter[int]()
        for sheet, part in self.sheets.items():
            wanted = self._addresses(sheet)
            for match in _CELL.finditer(self.texts[part]):
                if 't="s"' in match[1]:
                    uses[int(match[3])] += 1
                    found.update({int(match[3]): wanted[match[2]]} if match[2] in wanted else {})
        if twice := [number for number in found if uses[number] > 1]:
            raise ValueError(f"several cells share a text that changes: {twice}")
        return found

    def _with_strings(self, contents: Contents) -> str:
        numbers = iter(range(len(self.items)))

        def replaced(match: re.Match[str]) -> str:
            spot = self.shared.get(next(numbers))
            return match[0] if spot is None else _rewritten(match[0], _spelt(contents[spot]))

        return _ITEM.sub(replaced, self.texts[STRINGS])


def _rewritten(item: str, text: str) -> str:
    """A shared text with other words: in the fonts that the Latin and the Chinese ones had, where it had several."""
    runs = {match[1].isascii(): match for match in _RUN.finditer(item)}
    if not runs:
        return _TEXT.sub(lambda match: f"{match[1]}{text}</t>", item, count=1)
    pieces = []
    for stretch in _STRETCH.findall(text):
        run = runs.get(stretch.isascii()) or next(iter(runs.values()))
        pieces.append(run[0].replace(f">{run[1]}</t>", f">{stretch}</t>"))
    return f"<si>{''.join(pieces)}</si>"


def _spelt(value: CellValue) -> str:
    """A value as the file spells it; numbers with the 16 digits XlsxWriter gives them."""
    return escape(value) if isinstance(value, str) else f"{value:.16G}"


# the programs ---------------------------------------------------------------------------------------------------------


def save_with_libreoffice(folder: Path, form: Form, year: int, count: int) -> list[Path]:
    """Workbooks really saved by LibreOffice, `count` at least, in `folder`: those of earlier runs are used again.

    RuntimeError where LibreOffice is not there, or does not save them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [folder / f"{number}.xlsx" for number in range(count)]
    missing = [path for path in wanted if not path.exists()]
    if missing and not (program := shutil.which("soffice")):
        raise RuntimeError("LibreOffice (soffice) is not installed")
    with tempfile.TemporaryDirectory(prefix="ogi-saves-") as scratch:
        sources = [Path(scratch) / "issued" / path.name for path in missing]
        for path in sources:
            path.parent.mkdir(exist_ok=True)
            write_workbook(path, *_saved_report(int(path.stem), form, year))
        if sources:
            profile = (Path(scratch) / "profile").as_uri()
            command = [program, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx", "--outdir"]
            made = Path(scratch) / "saved"
            subprocess.run([*command, str(made), *map(str, sources)], check=True, capture_output=True)
            for path in missing:
                Path(shutil.copy(made / path.name, path.with_suffix(".part"))).replace(path)
    return wanted


def _saved_report(number: int, form: Form, year: int) -> tuple[Report, Report]:
    """The report of which a workbook was saved."""
    return reports(roster(SAVES)[number % SAVES], form, year, seed=number // SAVES)


def spell_like_excel(book: bytes, draw: Random) -> bytes:
    """The same workbook as Excel spells it, as far as known.

    Shared texts in another order and with phonetic properties, `spans` and `dyDescent` in each row, `xr:uid` of the
    sheet, another selection, a chain of calculation.
    """
    parts = unpack(book)
    text = parts[STRINGS].decode()
    items = _ITEM.findall(text)
    order = draw.sample(range(len(items)), len(items))
    new = {old: number for number, old in enumerate(order)}
    told = [items[old].replace("</si>", '<phoneticPr fontId="5" type="noConversion"/></si>') for old in order]
    parts[STRINGS] = (text[: text.index("<si>")] + "".join(told) + "</sst>").encode()
    chain = []
    for number, part in enumerate(find_sheets(parts).values(), 1):
        sheet = re.sub(r't="s"><v>(\d+)</v>', lambda match: f't="s"><v>{new[int(match[1])]}</v>', parts[part].decode())
        chain += [f'<c r="{at}" i="{number}"/>' for at in re.findall(r'<c r="([A-Z]+[0-9]+)"[^>]*><f', sheet)]
        sheet = re.sub("<worksheet [^>]*>", _WORKSHEET.format(number=number), sheet, count=1)
        row, place = draw.choice((10, 18)), draw.randrange(5, 40)
        sheet = re.sub(r' spans="[^"]*"', "", sheet)
        sheet = re.sub(r'<row (r="\d+")([^>/]*)', rf'<row \1 spans="1:{row}"\2 x14ac:dyDescent="0.2"', sheet)
        sheet = re.sub("<selection[^>]*/>", f'<selection activeCell="D{place}" sqref="D{place}"/>', sheet)
        parts[part] = sheet.encode()
    parts["xl/calcChain.xml"] = f'<calcChain xmlns="{_MAIN}">{"".join(chain)}</calcChain>'.encode()
    link = f'<Relationship Id="rId999" Type="{_OFFICE}/calcChain" Target="calcChain.xml"/></Relationships>'
    parts[LINKS] = parts[LINKS].replace(b"</Relationships>", link.encode())
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    kind = f'<Override PartName="/xl/calcChain.xml" ContentType="{kind}"/></Types>'
    parts[TYPES] = parts[TYPES].replace(b"</Types>", kind.encode())
    return pack(parts)


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORKSHEET = (
    f'<worksheet xmlns="{_MAIN}" xmlns:r="{_OFFICE}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'mc:Ignorable="x14ac xr" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" '
    'xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision" '
    'xr:uid="{{00000000-0001-0000-{number:04d}-000000000000}}">'
)


# what clerks do -------------------------------------------------------------------------------------------------------


class Entries(NamedTuple):
    """Entry cells of a workbook: those of its first table, which are in no sum, and all in which 0 is entered.

    `lines` are the paragraphs of the written parts, long ones.
    """

    alone: tuple[SheetCell, ...]
    zero: tuple[SheetCell, ...]
    lines: tuple[str, ...]


Oddity = Callable[[Parts, Entries, Random], None]
"""Changes the parts of a workbook."""


def _find_entries(report: Report) -> Entries:
    form, places = report.form, TemplateLayout(report.form).cells
    entries = [cell for cell in form.cells if not cell.total]
    first = form.tables[0]
    alone = [places[cell.code] for cell in entries if cell.table is first]
    zero = [places[cell.code] for cell in entries if report[cell.code] == 0]
    lines = [line for text in report.texts.values() for line in text.split("\n") if len(line) > 50]
    return Entries(tuple(alone), tuple(zero), tuple(lines))


def _set_cell(parts: Parts, spot: SheetCell, inside: str, kind: str = "") -> None:
    """Give a cell another content; its style stays."""
    part = find_sheets(parts)[spot.sheet]
    cell = re.compile(rf'<c r="{spot.a1}"((?: s="\d+")?)[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
    said = f' t="{kind}"' if kind else ""
    text, count = cell.subn(rf'<c r="{spot.a1}"\1{said}>{inside}</c>', parts[part].decode(), count=1)
    if not count:
        raise LookupError(f"there is no cell {spot}")
    parts[part] = text.encode()


def _add_text(parts: Parts, text: str) -> str:
    """Add a shared text; its number as a value."""
    number = len(_ITEM.findall(parts[STRINGS].decode()))
    parts[STRINGS] = parts[STRINGS].replace(b"</sst>", f"<si><t>{text}</t></si></sst>".encode())
    return f"<v>{number}</v>"


def paste_with_looks(parts: Parts, entries: Entries, draw: Random) -> None:
    """A paragraph pasted from a document, in fonts of its own."""
    line = escape(draw.choice(entries.lines))
    fonts = zip((line[:40], line[40:]), ("FangSong", "Times New Roman"), strict=True)
    runs = "".join(f'<r><rPr><sz val="12"/><rFont val="{font}"/></rPr><t>{piece}</t></r>' for piece, font in fonts)

    def pasted(item: re.Match[str]) -> str:
        return f"<si>{runs}</si>" if re.sub("<[^>]+>", "", item[0]) == line else item[0]

    parts[STRINGS] = _ITEM.sub(pasted, parts[STRINGS].decode()).encode()


def type_as_text(parts: Parts, entries: Entries, draw: Random) -> None:
    """A figure typed as a text."""
    spot = draw.choice(entries.alone)
    part = find_sheets(parts)[spot.sheet]
    known = re.search(rf'<c r="{spot.a1}"[^>]*><v>([^<]*)</v>', parts[part].decode())
    if known is None:
        raise LookupError(f"there is no figure in {spot}")
    _set_cell(parts, spot, _add_text(parts, known[1]), "s")


def write_stroke(parts: Parts, entries: Entries, draw: Random) -> None:
    """A stroke where there is nothing."""
    _set_cell(parts, draw.choice(entries.zero), _add_text(parts, "/"), "s")


def leave_blank(parts: Parts, entries: Entries, draw: Random) -> None:
    """Nothing where there is nothing."""
    _set_cell(parts, draw.choice(entries.zero), "")


def heighten_row(parts: Parts, entries: Entries, draw: Random) -> None:
    spot = draw.choice(entries.alone)
    part = find_sheets(parts)[spot.sheet]
    text = re.sub(rf'(<row r="{spot.row + 1}"[^>]*?) ht="[^"]*"', r'\1 ht="40"', parts[part].decode(), count=1)
    parts[part] = text.encode()


def widen_column(parts: Parts, entries: Entries, draw: Random) -> None:
    part = find_sheets(parts)[draw.choice(entries.alone).sheet]
    parts[part] = re.sub(r'(<col [^>]*?width=)"[^"]*"', r'\1"41.5"', parts[part].decode(), count=1).encode()


def write_note_beside(parts: Parts, entries: Entries, draw: Random) -> None:
    """A remark in a cell beside the table."""
    spot = draw.choice(entries.alone)
    part = find_sheets(parts)[spot.sheet]
    note = f'<c r="T{spot.row + 1}" t="s">{_add_text(parts, "备注：见附件")}</c>'
    text = re.sub(
        rf'(<row r="{spot.row + 1}"[^>]*>.*?)</row>', rf"\1{note}</row>", parts[part].decode(), count=1, flags=re.S
    )
    parts[part] = text.encode()


def show_decimals(parts: Parts, entries: Entries, draw: Random) -> None:
    """A figure shown with two decimals."""
    styles = parts["xl/styles.xml"].decode()
    spot = draw.choice(entries.alone)
    part = find_sheets(parts)[spot.sheet]
    text = parts[part].decode()
    style = re.search(rf'<c r="{spot.a1}" s="(\d+)"', text)
    table = re.search("<cellXfs[^>]*>(.*?)</cellXfs>", styles, re.DOTALL)
    if style is None or table is None:
        raise LookupError(f"{spot} has no style")
    known = re.findall("<xf [^>]*/>|<xf .*?</xf>", table[1], re.DOTALL)
    more = re.sub('numFmtId="[^"]*"', 'numFmtId="2"', known[int(style[1])])
    parts["xl/styles.xml"] = styles.replace("</cellXfs>", f"{more}</cellXfs>", 1).encode()
    parts[part] = text.replace(style[0], f'<c r="{spot.a1}" s="{len(known)}"', 1).encode()


ODDITIES: dict[str, tuple[Oddity, str]] = {
    "a text pasted with its looks": (paste_with_looks, "merged"),
    "a figure typed as text": (type_as_text, "merged"),
    "/ for nothing": (write_stroke, "held"),
    "a figure left blank": (leave_blank, "held"),
    "a row taller": (heighten_row, "merged"),
    "a column wider": (widen_column, "merged"),
    "a note beside the table": (write_note_beside, "merged"),
    "a figure with two decimals": (show_decimals, "merged"),
}
"""What a clerk does to a workbook, and what a merge then calls the file."""


# the workbook of one office -------------------------------------------------------------------------------------------


class Order(NamedTuple):
    """Which program wrote a workbook, and what a clerk did to it (blank: nothing)."""

    program: str = ISSUED
    oddity: str = ""


def order_for(sent: str, line: Line, number: int, seed: int) -> Order:
    """The workbook of an agency in a workload: `sent` is MIXED, a program, or an oddity of workbooks as issued."""
    if sent in PROGRAMS:
        return Order(sent)
    if sent in ODDITIES:
        return Order(ISSUED, sent)
    draw = Random(f"{seed}|{line.code}|{sent}")
    return Order(PROGRAMS[number % len(PROGRAMS)], draw.choice(list(ODDITIES)) if draw.random() < ODD else "")


class Workload:
    """Writes workbooks of one form and year; `saves` are those that LibreOffice saved."""

    def __init__(self, form: Form, year: int, saves: Sequence[Path] = ()) -> None:
        self.form, self.year, self.saves = form, year, saves
        self._saved = cache(self._make_saved)
        self._issued = Mould(*reports(roster(1)[0], form, year, 0))

    def _make_saved(self, number: int) -> Mould:
        return Mould(*_saved_report(number, self.form, self.year), self.saves[number].read_bytes())

    def write(self, path: Path, report: Report, previous: Report, order: Order, draw: Random) -> None:
        """Write the workbook of a report. A report that fits no mould is written as issued."""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            mould = self._saved(draw.randrange(len(self.saves))) if order.program == LIBREOFFICE else self._issued
            book = mould.filled(report, previous)
        except ValueError:
            book = build_workbook(report, previous)
        if order.program == EXCEL:
            book = spell_like_excel(book, draw)
        if order.oddity:
            parts = unpack(book)
            change, _ = ODDITIES[order.oddity]
            change(parts, _find_entries(report), draw)
            book = pack(parts)
        path.write_bytes(book)
