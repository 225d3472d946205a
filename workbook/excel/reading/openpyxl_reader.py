"""Reads a workbook through openpyxl: the second reader, asked where the first one gives up.

Only here is openpyxl imported, and only when asked. Its package, relations and row counting are used, not its cells:
those turn numbers into dates, lose a formula's empty result, and come without the values below merged cells. Styles
are read as the first reader does; drawings and pivot tables, where many files that openpyxl refuses go wrong, are left
unread.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from workbook.excel.reading.cell_appearance import CellStyles, ConditionalFormats, WrittenRun, parse_font
from workbook.excel.reading.cell_styles import read_cell_styles
from workbook.excel.reading.external_content import find_external_references, find_package_references
from workbook.excel.reading.sheet_drawings import find_drawn_areas
from workbook.excel.reading.sheet_part import LAST_COLUMN, hide_columns, hides_zeros, is_unseen, list_array_cells
from workbook.excel.reading.workbook_contents import (
    PROPERTIES,
    Cell,
    CellLook,
    ReadBudget,
    Sheet,
    SheetFormulas,
    UnseenArea,
    Validation,
    WorkbookContents,
    check_part_count,
    has_macros,
    have_overlaps,
    is_locked,
    make_cell,
    parse_validation,
    read_bytes,
    refuse_duplicates,
    unescape_text,
)
from workbook.model.cell_address import Area, Place, format_address, parse_address

if TYPE_CHECKING:
    from zipfile import ZipFile

    from openpyxl.reader.excel import ExcelReader

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_with_openpyxl(path: Path, budget: ReadBudget | None = None) -> WorkbookContents:
    """Read a workbook as openpyxl understands it; raises whatever openpyxl raises where it cannot."""
    budget = budget or ReadBudget()
    raw = read_bytes(path)
    check_part_count(raw)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = _package(raw, budget)
        styles = _styles(reader, budget)
        sheets = tuple(_sheets(reader, styles, budget))
        names = reader.parser.defined_names.definedName
        beyond = _beyond(reader)
        reaches = [reach for part in beyond if (reach := find_external_references(reader.archive.read(part)))]
        reaches += find_package_references(map(str.lower, reader.valid_files), _part(reader), beyond)
        return WorkbookContents(
            path=path,
            reader="tolerant",
            sheets=sheets,
            names={name.name: name.value or "" for name in names if name.localSheetId is None},
            properties=_properties(reader),
            external_links=tuple(_externals(reader, beyond)),
            macros=has_macros(reader.valid_files),
            sha256=hashlib.sha256(raw).hexdigest(),
            size=len(raw),
            reaches=tuple(dict.fromkeys(reaches)),
            unstyled=not styles.read,
            late=_late(reader),
        )


def _package(raw: bytes, budget: ReadBudget) -> ExcelReader:
    from openpyxl.reader.excel import ExcelReader

    reader = ExcelReader(BytesIO(raw), keep_links=False)
    refuse_duplicates(reader.valid_files)
    _bounded(reader.archive, budget)
    reader.read_manifest()
    reader.read_workbook()
    budget.keep(len(reader.parser.defined_names.definedName) + len(reader.parser.sheets))
    reader.shared_strings, reader.written = _strings(reader, budget)
    return reader


def _bounded(archive: ZipFile, budget: ReadBudget) -> None:
    """Pay for all parts before openpyxl meets them: it keeps whole trees of elements it does not know."""
    members = archive.infolist()
    if have_overlaps(members):
        raise ValueError("parts share bytes")
    for member in members:
        budget.spend(member.file_size)
        if member.filename.lower().endswith((".xml", ".rels")):
            with archive.open(member) as part:
                tail = b""
                while chunk := part.read(1 << 20):
                    budget.meet(chunk.count(b"<") // 2)
                    if b"<!ENTITY" in tail + chunk.replace(b"\0", b""):  # in UTF-16, too
                        raise ValueError("entities are declared")
                    tail = chunk[-32:].replace(b"\0", b"")


def _strings(reader: ExcelReader, budget: ReadBudget) -> tuple[list[str], dict[int, tuple[WrittenRun, ...]]]:
    """Read the shared texts, and of those in several fonts the stretches.

    openpyxl's own way leaves escapes in them, and removes the marks that tell escapes.
    """
    from openpyxl.xml.constants import SHARED_STRINGS
    from openpyxl.xml.functions import iterparse

    part = reader.package.find(SHARED_STRINGS)
    texts: list[str] = []
    written: dict[int, tuple[WrittenRun, ...]] = {}
    if part is None:
        return texts, written
    with reader.archive.open(part.PartName[1:]) as source:
        for _, item in iterparse(source):
            if item.tag == f"{_MAIN}si":
                if some := _written(item):
                    written[len(texts)] = some
                texts.append(unescape_text(_text(item)))
                budget.say(len(texts[-1]))
                item.clear()
        return texts, written


def _written(item: Any) -> tuple[WrittenRun, ...]:  # noqa: ANN401
    """The stretches of a text; nothing where none has a font of its own."""
    if item.find(f"{_MAIN}r/{_MAIN}rPr") is None:
        return ()
    written: list[WrittenRun] = []
    for child in item:
        if child.tag != f"{_MAIN}rPh" and (text := _text(child)):
            font = child.find(f"{_MAIN}rPr")
            pen = None if font is None else parse_font((one.tag.removeprefix(_MAIN), one.attrib) for one in font)
            if written and pen is None and written[-1].pen is None:
                written[-1] = WrittenRun(written[-1].text + text)
            else:
                written.append(WrittenRun(text, pen))
    return tuple(WrittenRun(unescape_text(text), pen) for text, pen in written)


def _styles(reader: ExcelReader, budget: ReadBudget) -> CellStyles:
    """Read how cells are shown; openpyxl's own way refuses many files for their styles."""
    parts: list[list[str]] = []
    for kind in ("/styles", "/theme"):
        found = [link.Target.lower() for link in reader.parser.rels.values() if link.Type.endswith(kind)]
        parts.append([name for name in reader.valid_files if name.lower() in found])
        if len(found) > 1:
            raise ValueError("styles twice")
    styles, themes = ([reader.archive.read(name) for name in names] for names in parts)
    return read_cell_styles(styles[0], themes[0] if themes else b"", budget) if styles else CellStyles()


def _late(reader: ExcelReader) -> bool:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    return bool(reader.wb.epoch == CALENDAR_MAC_1904)


def _sheets(reader: ExcelReader, styles: CellStyles, budget: ReadBudget) -> Iterator[Sheet]:
    if not all(sheet.id for sheet in reader.parser.sheets):
        raise ValueError("a sheet without a part")  # the strict dialect, of which openpyxl sees nothing
    found = list(reader.parser.find_sheets())
    refuse_duplicates(link.target for _, link in found)
    read, names = _part(reader), [name.lower() for name in reader.valid_files]
    for sheet, link in found:
        hidden = sheet.state != "visible"
        if link.Type.endswith("/worksheet"):
            one = _sheet(reader, sheet.name, link.target, hidden, styles, budget)
            drawn = find_drawn_areas(names, link.target, lambda name: read(name.lower()))
            yield replace(one, unseen=(*one.unseen, *drawn))
        else:  # a chart sheet has no cells
            yield Sheet(sheet.name, {}, hidden=hidden)


def _sheet(reader: ExcelReader, name: str, part: str, hidden: bool, styles: CellStyles, budget: ReadBudget) -> Sheet:
    from openpyxl.xml.functions import iterparse

    with reader.archive.open(part) as source:
        _, root = next(iter(iterparse(source, events=("start",))))
        if root.tag != f"{_MAIN}worksheet":
            raise ValueError(f"{root.tag} where a worksheet should be")
    with reader.archive.open(part) as source:
        parser = _parser(source, reader, styles, budget)
        cells: dict[Place, Cell] = {}
        looks: dict[Place, CellLook] = {}
        for _, row in parser.parse():
            for place, (cell, look) in row:
                budget.keep()
                looks.pop(place, None)
                if cell is not None:
                    cells[place] = cell
                    if look is not None:
                        looks[place] = look
                    budget.say(len(cell.value) if isinstance(cell.value, str) else 0)
                else:
                    cells.pop(place, None)
    merges = parser.merged_cells.mergeCell if parser.merged_cells else ()
    dressings = tuple(parser.conditions.found)
    return Sheet(
        name,
        cells,
        tuple(_area(merge) for merge in merges),
        tuple(parser.rules),
        protected=parser.locked[0],
        password=parser.locked[1],
        hidden=hidden,
        looks=looks,
        dressings=dressings,
        inks={place: styles.ink(parser.numbers[place]) for place in cells} if dressings else {},
        unseen=tuple(parser.unseen),
        zeros=parser.zeros,
    )


def _parser(source: Any, reader: Any, styles: CellStyles, budget: ReadBudget) -> Any:  # noqa: ANN401 - openpyxl has no types
    """Make openpyxl's parser of sheets keep what a cell says: formula and stored result in one go."""
    from openpyxl.worksheet._reader import WorkSheetParser
    from openpyxl.worksheet.merge import MergeCells
    from openpyxl.xml.functions import iterparse

    class Parser(WorkSheetParser):  # type: ignore[misc]
        """Rows and merges as openpyxl finds them; cells as they are written."""

        row_counter: int
        col_counter: int
        locked = False, False
        formulas = SheetFormulas(budget)
        conditions = ConditionalFormats(styles, budget)
        numbers: ClassVar[dict[Place, str | None]] = {}
        rules: tuple[Validation, ...] = ()
        unseen: ClassVar[list[UnseenArea]] = []
        zeros = True

        def parse_columns(self, element: Any) -> None:  # noqa: ANN401
            hidden = [col.attrib for col in element if is_unseen(col.attrib, "width")]
            self.unseen.extend(map(hide_columns, hidden))
            budget.keep(len(hidden))

        def parse_views(self, element: Any) -> None:  # noqa: ANN401
            self.zeros = not any(hides_zeros(view.attrib) for view in element)

        def parse_cell(self, element: Any) -> tuple[Place, tuple[Cell | None, CellLook | None]]:  # noqa: ANN401
            place = parse_address(element.get("r") or format_address(self.row_counter - 1, self.col_counter))
            self.col_counter = place[1] + 1
            cell, written = _cell(element, place, reader, self.formulas)
            self.numbers[place] = element.get("s")
            formula = element.find(f"{_MAIN}f")
            if formula is not None:
                arrays = list_array_cells(formula.attrib)
                budget.keep(len(arrays))
                self.unseen.extend(arrays)
            return place, (cell, None if cell is None else styles.look(element.get("s"), written))

        def parse_formatting(self, element: Any) -> None:  # noqa: ANN401
            self.conditions.start("conditionalFormatting", element.attrib)
            for rule in element.findall(f"{_MAIN}cfRule"):
                self.conditions.start("cfRule", rule.attrib)
                for one in (one for child in rule if child.tag != f"{_MAIN}extLst" for one in child.iter()):
                    self.conditions.start(one.tag.removeprefix(_MAIN), one.attrib)
                self.conditions.end("colorScale")

        def parse_sheet_protection(self, element: Any) -> None:  # noqa: ANN401
            self.locked = is_locked(element.attrib)

        def parse_validations(self, element: Any) -> None:  # noqa: ANN401
            for rule in element.findall(f"{_MAIN}dataValidation"):
                said = [rule.findtext(f"{_MAIN}{name}") or "" for name in ("formula1", "formula2")]
                self.rules += (parse_validation(rule.attrib, said[0], said[1], budget),)

        def parse(self) -> Iterator[Any]:
            """Read what says something about figures, and nothing else.

            openpyxl compares every area of a validation with all others.
            """
            for _, element in iterparse(self.source):
                name = element.tag.removeprefix(_MAIN)
                if name == "row":
                    row = self.parse_row(element)
                    if is_unseen(element.attrib, "ht"):
                        budget.keep()
                        at = self.row_counter - 1
                        self.unseen.append(UnseenArea("row", (at, 0, at, LAST_COLUMN)))
                    element.clear()
                    yield row
                elif name == "mergeCells":
                    self.merged_cells = MergeCells.from_tree(element)
                elif name in reads:
                    reads[name](self, element)
                    element.clear()

    reads = {
        "conditionalFormatting": Parser.parse_formatting,
        "sheetProtection": Parser.parse_sheet_protection,
        "dataValidations": Parser.parse_validations,
        "cols": Parser.parse_columns,
        "sheetViews": Parser.parse_views,
    }

    return Parser(source, reader.shared_strings)


def _cell(
    element: Any,  # noqa: ANN401
    place: Place,
    reader: Any,  # noqa: ANN401
    formulas: SheetFormulas,
) -> tuple[Cell | None, tuple[WrittenRun, ...]]:
    """A cell, and the stretches of its text where that is in several fonts."""
    kind = element.get("t", "n")
    written: tuple[WrittenRun, ...] = ()
    said = {}
    for name in ("v", "f", "is"):
        found = element.findall(_MAIN + name)
        if len(found) > 1:
            raise ValueError(f"two of {name}")
        said[name] = found[0] if found else None
    if kind == "inlineStr":
        text = None if said["is"] is None else _text(said["is"])
        written = () if said["is"] is None else _written(said["is"])
    else:
        text = None if said["v"] is None else said["v"].text or ""
    formula = said["f"]
    if formula is not None:
        formula = formulas.text(formula.attrib, formula.text or "", *place)
    cell = make_cell(kind, text, formula, reader.shared_strings)
    if kind == "s" and cell is not None and reader.written:
        written = reader.written.get(int(text or ""), ())
    return cell, written


def _text(item: Any) -> str:  # noqa: ANN401
    """Join the runs of a text, without how they are pronounced."""
    if item.tag == f"{_MAIN}t":
        return item.text or ""
    if item.find(f"{_MAIN}si") is not None:
        raise ValueError("a text within a text")
    return "".join(_text(child) for child in item if child.tag != f"{_MAIN}rPh")


def _area(merge: Any) -> Area:  # noqa: ANN401
    return merge.min_row - 1, merge.min_col - 1, merge.max_row - 1, merge.max_col - 1


def _part(reader: ExcelReader) -> Callable[[str], bytes]:
    """Read a part by its name in any case."""
    spelt = {name.lower(): name for name in reader.valid_files}
    return lambda name: reader.archive.read(spelt[name])


def _beyond(reader: ExcelReader) -> list[str]:
    """List the parts about other workbooks, and other things outside, in their order."""
    from openpyxl.xml.constants import REL_NS
    from openpyxl.xml.functions import fromstring

    root = fromstring(reader.archive.read(reader.parser.workbook_part_name))
    references = root.iter(f"{_MAIN}externalReference")
    return [reader.parser.rels[one.get(f"{{{REL_NS}}}id")].Target for one in references]


def _externals(reader: ExcelReader, parts: Iterable[str]) -> Iterator[str]:
    """List the workbooks referred to, `[1]` in formulas first; one by one, for a link without file breaks openpyxl."""
    from openpyxl.packaging.relationship import get_dependents, get_rels_path

    for part in parts:
        file = get_rels_path(part)
        if file in reader.valid_files:
            links = list(get_dependents(reader.archive, file))
            yield from [link.Target for link in links[:1]]


def _properties(reader: ExcelReader) -> dict[str, str]:
    """Read the custom properties as text; openpyxl's own way drops those of a type it does not know."""
    from openpyxl.xml.functions import fromstring

    if PROPERTIES.lower() not in map(str.lower, reader.valid_files):
        return {}
    root = fromstring(_part(reader)(PROPERTIES.lower()))
    space = root.tag.removesuffix("Properties")
    return {item.attrib["name"]: "".join(item.itertext()).strip() for item in root if item.tag == f"{space}property"}
