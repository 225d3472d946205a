"""Reads a workbook exactly from its package (zip and XML), by the standard library alone: the first reader.

The package is walked once (`walk_workbook`): what its small parts say, its shared texts, and a scan of each sheet.
Whoever reads starts from that walk: `known_layout` compares the scans with a layout it knows, `build_contents` makes
all cells of them. A workbook that could be shown in two ways is refused (`AmbiguousWorkbook`); what this reader cannot
read it leaves to `openpyxl_reader` by raising `NeedsOpenpyxl`: nothing is guessed.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from xml.parsers import expat
from zipfile import BadZipFile

from workbook.excel.reading.cell_appearance import CellStyles
from workbook.excel.reading.cell_styles import read_cell_styles
from workbook.excel.reading.external_content import find_external_references, find_package_references
from workbook.excel.reading.ooxml_package import PackageParts, find_one, read_links
from workbook.excel.reading.ooxml_parts import CustomProperties, PartLink, WorkbookPart, parse_once, parse_part
from workbook.excel.reading.shared_texts import SharedTexts, SharedTextsPart, read_shared_texts
from workbook.excel.reading.sheet_drawings import find_drawn_areas
from workbook.excel.reading.sheet_part import SheetPart
from workbook.excel.reading.sheet_scan import SheetScan, build_sheet
from workbook.excel.reading.workbook_contents import (
    PROPERTIES,
    AmbiguousWorkbook,
    ExternalReference,
    ReadBudget,
    Sheet,
    UnseenArea,
    WorkbookContents,
    has_macros,
    read_bytes,
)
from workbook.safety.limits import TooLarge

__all__ = ["NeedsOpenpyxl", "ReadBudget", "ScannedSheet", "TooLarge", "WorkbookScan", "read_ooxml", "walk_workbook"]

DAMAGE = (
    expat.ExpatError, BadZipFile, zlib.error, struct.error, LookupError, ValueError, OSError, NotImplementedError,
    OverflowError, EOFError,
)  # fmt: skip
"""What reading a damaged package may raise."""


class NeedsOpenpyxl(Exception):
    """The file is not for this reader; the second one may take it."""


@dataclass(frozen=True, slots=True)
class ScannedSheet:
    """One sheet: its name, and the scan of its part; None for a chart or a module, which have no cells.

    `drawn` are the areas over which something is drawn.
    """

    name: str
    hidden: bool
    scan: SheetScan | None
    drawn: tuple[UnseenArea, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkbookScan:
    """What one walk of a package finds; its sheets are scanned, but their cells are not made yet."""

    raw: bytes
    parts: PackageParts
    sheets: tuple[ScannedSheet, ...]
    texts: SharedTexts
    styles: CellStyles
    names: Mapping[str, str]
    properties: Mapping[str, str]
    external_links: tuple[str, ...]
    references: tuple[ExternalReference, ...]
    late: bool


def read_ooxml(path: Path, budget: ReadBudget | None = None) -> WorkbookContents:
    """Read a workbook. Raises NeedsOpenpyxl where the second reader should be asked, TooLarge where none should."""
    try:
        return build_contents(path, walk_workbook(read_bytes(path), budget or ReadBudget()))
    except DAMAGE as trouble:
        raise NeedsOpenpyxl(str(trouble)) from trouble


def build_contents(path: Path, walk: WorkbookScan) -> WorkbookContents:
    """Make the cells of a workbook that was walked. Raises one of DAMAGE, AmbiguousWorkbook, TooLarge."""
    return WorkbookContents(
        path=path,
        reader="package",
        sheets=tuple(_build(sheet, walk) for sheet in walk.sheets),
        names=walk.names,
        properties=walk.properties,
        external_links=walk.external_links,
        macros=has_macros(walk.parts.names),
        sha256=hashlib.sha256(walk.raw).hexdigest(),
        size=len(walk.raw),
        reaches=walk.references,
        unstyled=not walk.styles.read,
        late=walk.late,
    )


def _build(sheet: ScannedSheet, walk: WorkbookScan) -> Sheet:
    if sheet.scan is None:
        return Sheet(sheet.name, {}, hidden=sheet.hidden)
    built = build_sheet(sheet.name, sheet.hidden, sheet.scan, walk.texts, walk.styles)
    return replace(built, unseen=(*built.unseen, *sheet.drawn)) if sheet.drawn else built


def walk_workbook(raw: bytes, budget: ReadBudget) -> WorkbookScan:
    """Walk the package once. Raises one of DAMAGE, AmbiguousWorkbook where programs may differ, TooLarge."""
    parts = PackageParts(raw, budget)
    parts.check_entries()
    main = _find_main_part(parts)
    links = read_links(parts, main)
    book = parse_once(parts.read(main), WorkbookPart, budget)
    texts = find_one(links.values(), "sharedStrings")
    properties = parse_once(parts.read(PROPERTIES), CustomProperties, budget).texts if PROPERTIES in parts else {}
    abroad = [links[link].target for link in book.externals]
    leads = [read_links(parts, part) for part in abroad]
    references = [reach for part in abroad if (reach := find_external_references(parts.read(part)))]
    references += find_package_references(parts.names, parts.read, abroad)
    return WorkbookScan(
        raw=raw,
        parts=parts,
        sheets=tuple(_list_sheets(parts, book, links)),
        texts=read_shared_texts(parts.read(texts), budget) if texts else SharedTexts(),
        styles=_read_styles(parts, links),
        names=book.names,
        properties=properties,
        external_links=tuple(next(iter(found.values())).target for found in leads if found),
        references=tuple(dict.fromkeys(references)),
        late=book.late,
    )


def _find_main_part(parts: PackageParts) -> str:
    """The part of the workbook itself: by its link, which must not be another than the list of types says."""
    main = find_one(read_links(parts, "").values(), "officeDocument")
    if main is None:
        raise ValueError("no officeDocument")
    if TYPES in parts:
        typed = [part.decode("utf-8", "replace") for part in _MAIN_TYPE.findall(parts.read(TYPES))]
        if any(part.lower() != f"/{main.lower()}" for part in typed):  # some programs find the workbook by this list
            raise AmbiguousWorkbook(f"{main} by its link, {typed} by type")
    return main


TYPES = "[Content_Types].xml"
_MAIN_TYPE = re.compile(
    rb'<Override(?=[^>]* ContentType="[^">]*spreadsheetml[^">]*\.main\+xml")[^>]* PartName="([^">]*)"'
)
"""`<Override PartName="/xl/workbook.xml" ContentType="application/…spreadsheetml.sheet.main+xml"/>`."""


def _list_sheets(parts: PackageParts, book: WorkbookPart, links: Mapping[str, PartLink]) -> list[ScannedSheet]:
    sheets = [(name, hidden, links[link] if link else NOWHERE) for name, hidden, link in book.sheets]
    names = [name.casefold() for name, _, _ in sheets]
    targets = [link.target for _, _, link in sheets if link.target]
    if len(set(names)) < len(names) or len({target.lower() for target in targets}) < len(targets):
        raise AmbiguousWorkbook("two sheets of one name, or of one part")
    if any(link.outside or link.kind not in ("worksheet", *NO_CELLS) for _, _, link in sheets):
        raise AmbiguousWorkbook("a sheet outside of the package, or of a kind that is none")
    return [
        ScannedSheet(
            name,
            hidden,
            SheetScan(parts.read(link.target), parts.budget) if link.kind == "worksheet" else None,
            find_drawn_areas(parts.names, link.target, parts.read),
        )
        for name, hidden, link in sheets
    ]


NO_CELLS = (
    "chartsheet",
    "dialogsheet",
    "module",
    "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet",
    "http://schemas.microsoft.com/office/2006/relationships/xlIntlMacrosheet",
)
"""The kinds of links to sheets without cells that hold figures."""
NOWHERE = PartLink("module", "")
"""Where a sheet without a part leads: macros of Excel 95, which later programs list and never show."""


def _read_styles(parts: PackageParts, links: Mapping[str, PartLink]) -> CellStyles:
    """The styles of the workbook whose links these are; the usual one where it has no part for them."""
    styles, theme = (find_one(links.values(), kind) for kind in ("styles", "theme"))
    if not styles or styles not in parts:
        return CellStyles()
    return read_cell_styles(parts.read(styles), parts.read(theme) if theme and theme in parts else b"", parts.budget)


def refuse_ambiguous(raw: bytes) -> None:
    """Refuse a workbook that programs may show in two ways, whatever else is wrong with it. Raises AmbiguousWorkbook.

    This is asked before the second reader, which would take one of the two.
    """
    budget = ReadBudget()
    with suppress(*DAMAGE, TooLarge):
        parts = PackageParts(raw, budget)
        parts.check_entries()
        main = _find_main_part(parts)
        links = read_links(parts, main)
        for kind in ("sharedStrings", "styles", "theme"):
            find_one(links.values(), kind)
        for link in links.values():
            heard = {"worksheet": SheetPart(budget), "sharedStrings": SharedTextsPart(budget)}.get(link.kind)
            if heard is not None and link.target in parts:
                with suppress(*DAMAGE):
                    parse_part(parts.read(link.target), heard)
        _list_sheets(parts, parse_part(parts.read(main), WorkbookPart(budget)), links)
