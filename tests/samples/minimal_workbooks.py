"""The smallest workbooks, put together part by part, and what each says: both readers must find just that."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbook.excel.reading.workbook_contents import Cell, ExternalReference, Sheet, Validation, WorkbookContents

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

Parts = Mapping[str, str | bytes]
Change = Callable[[Parts], Parts]


def xml(root: str, inside: str = "", space: str = MAIN) -> str:
    return f'<?xml version="1.0"?>\n<{root} xmlns="{space}" xmlns:r="{REL}">{inside}</{root}>'


def link(one: str, kind: str, target: str, mode: str = "") -> str:
    more = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="{one}" Type="{REL}/{kind}" Target="{target}"{more}/>'


def links(*some: str) -> str:
    return xml("Relationships", "".join(some), LINKS)


def types(**kinds: str) -> str:
    """What each part is, by its name: `xl/workbook.xml` is spelled `workbook`."""
    said = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{TYPE}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    defaults = '<Default Extension="rels" ContentType="x/rels"/><Default Extension="xml" ContentType="x/xml"/>'
    return xml("Types", defaults + said, "http://schemas.openxmlformats.org/package/2006/content-types")


def sheet(rows: str = "", after: str = "", before: str = "") -> str:
    return xml("worksheet", f"{before}<sheetData>{rows}</sheetData>{after}")


TYPES, BOOK, FIRST, SECOND = (
    "[Content_Types].xml",
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/sheet2.xml",
)
STRINGS, PROPERTIES, OUTSIDE = "xl/sharedStrings.xml", "docProps/custom.xml", "xl/externalLinks/externalLink1.xml"
ROOT, BOOK_LINKS, OUTSIDE_LINKS = (
    "_rels/.rels",
    "xl/_rels/workbook.xml.rels",
    "xl/externalLinks/_rels/externalLink1.xml.rels",
)

PARTS: Parts = {
    TYPES: types(workbook="sheet.main", sharedStrings="sharedStrings"),
    ROOT: links(link("rId1", "officeDocument", "xl/workbook.xml"), link("rId2", "custom-properties", PROPERTIES)),
    BOOK: xml(
        "workbook",
        '<sheets><sheet name="表三" sheetId="1" r:id="rId1"/>'
        '<sheet name="备注" sheetId="2" state="hidden" r:id="rId2"/></sheets>'
        '<externalReferences><externalReference r:id="rId9"/></externalReferences>'
        "<definedNames><definedName name=\"requests\">'表三'!$A$1:$B$2</definedName>"
        '<definedName name="empty"/><definedName name="own" localSheetId="0">表三!$A$1</definedName></definedNames>',
    ),
    BOOK_LINKS: links(
        link("rId1", "worksheet", "worksheets/sheet1.xml"),
        link("rId2", "worksheet", "worksheets/sheet2.xml"),
        link("rId3", "sharedStrings", "sharedStrings.xml"),
        link("rId4", "theme", "theme/theme1.xml"),
        link("rId9", "externalLink", "externalLinks/externalLink1.xml"),
    ),
    FIRST: sheet(
        '<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1"><v>5</v></c><c r="C1"><f>B1+1</f><v>6</v></c></row>'
    ),
    SECOND: sheet('<row r="2"><c r="B2" t="s"><v>0</v></c></row>'),
    STRINGS: xml("sst", "<si><t>甲</t></si><si><r><t>收_x000D_</t></r><r><t>到</t></r></si>"),
    PROPERTIES: xml(
        "Properties",
        '<property name="form"><v>annual-2021</v></property><property name="n"><v> 1</v><v> 5 </v></property>',
        "urn:properties",
    ),
    OUTSIDE: xml("externalLink", '<externalBook r:id="rId1"/>'),
    OUTSIDE_LINKS: links(link("rId1", "externalLinkPath", "file:///D:/去年.xlsx", "External")),
}
"""Two sheets, one of them hidden; shared texts, names, properties, and a link to another workbook."""

SAID = WorkbookContents(
    path=Path(),
    reader="",
    sheets=(
        Sheet("表三", {(0, 0): Cell("收\r到"), (0, 1): Cell(5), (0, 2): Cell(6, "B1+1")}),
        Sheet("备注", {(1, 1): Cell("甲")}, hidden=True),
    ),
    names={"requests": "'表三'!$A$1:$B$2", "empty": ""},
    properties={"form": "annual-2021", "n": "1 5"},
    external_links=("file:///D:/去年.xlsx",),
    macros=False,
    sha256="",
    size=0,
)
"""What they say."""


def packed(path: Path, parts: Parts = PARTS, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A package put together."""
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return path


def expected(path: Path, reader: str, said: WorkbookContents = SAID) -> WorkbookContents:
    """The book that a reader must make of the file."""
    raw = path.read_bytes()
    return replace(said, path=path, reader=reader, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))


def put(part: str, old: str, new: str) -> Change:
    """One thing in a part replaced by another."""

    def changed(parts: Parts) -> Parts:
        text = parts[part]
        assert isinstance(text, str)
        assert old in text
        return {**parts, part: text.replace(old, new)}

    return changed


def without(*names: str) -> Change:
    return lambda parts: {name: data for name, data in parts.items() if name not in names}


def of(part: str, text: str | bytes) -> Change:
    return lambda parts: {**parts, part: text}


def first(**changes: Any) -> WorkbookContents:
    """What they say where the first sheet differs."""
    return replace(SAID, sheets=(replace(SAID.sheets[0], **changes), SAID.sheets[1]))


def rows(text: str, cells: dict[tuple[int, int], Cell]) -> tuple[Change, WorkbookContents]:
    """The first sheet with these rows, and the cells they come to."""
    return of(FIRST, sheet(text)), first(cells=cells)


def around(after: str, before: str = "", **changes: Any) -> tuple[Change, WorkbookContents]:
    """The first sheet without cells, with other things around them."""
    return of(FIRST, sheet("", after, before)), first(cells={}, **changes)


RULE = "<dataValidations><dataValidation {}>{}</dataValidation></dataValidations>"
CHANGED: dict[str, tuple[Change, WorkbookContents]] = {
    "as it is": (dict, SAID),
    "no shared texts": (
        lambda parts: {
            **without(STRINGS)(put(BOOK_LINKS, link("rId3", "sharedStrings", "sharedStrings.xml"), "")(parts)),
            TYPES: types(workbook="sheet.main"),
            FIRST: sheet(),
            SECOND: sheet(),
        },
        replace(SAID, sheets=tuple(replace(one, cells={}) for one in SAID.sheets)),
    ),
    "no properties": (without(PROPERTIES), replace(SAID, properties={})),
    "no names": (
        lambda parts: {**parts, BOOK: parts[BOOK].split("<definedNames>")[0] + "</workbook>"},
        replace(SAID, names={}),
    ),
    "very hidden": (
        put(BOOK, 'sheetId="1"', 'sheetId="1" state="veryHidden"'),
        first(hidden=True),
    ),
    "visible, and said so": (put(BOOK, 'sheetId="1"', 'sheetId="1" state="visible"'), SAID),
    "a chart between": (
        lambda parts: {
            **put(BOOK, "</sheets>", '<sheet name="图" sheetId="3" state="hidden" r:id="rId5"/></sheets>')(
                put(BOOK_LINKS, "</Rel", link("rId5", "chartsheet", "chartsheets/sheet1.xml") + "</Rel")(parts)
            ),
            "xl/chartsheets/sheet1.xml": xml("chartsheet"),
        },
        replace(SAID, sheets=(*SAID.sheets, Sheet("图", {}, hidden=True))),
    ),
    "macros": (
        of("xl/vbaProject.bin", b"x"),
        replace(SAID, macros=True, reaches=(ExternalReference("vba", "xl/vbaproject.bin"),)),
    ),
    "the link leads to no file": (without(OUTSIDE_LINKS), replace(SAID, external_links=())),
    "DDE, and no workbook": (
        lambda parts: {
            **without(OUTSIDE_LINKS)(parts),
            OUTSIDE: xml("externalLink", '<ddeLink ddeService="cmd" ddeTopic="x"/>'),
        },
        replace(SAID, external_links=(), reaches=(ExternalReference("dde", "cmd|x"),)),
    ),
    "two links, the second first": (
        lambda parts: {
            **put(BOOK, "<externalReferences>", '<externalReferences><externalReference r:id="rId8"/>')(
                put(BOOK_LINKS, "</Rel", link("rId8", "externalLink", "externalLinks/externalLink2.xml") + "</Rel")(
                    parts
                )
            ),
            OUTSIDE.replace("1", "2"): xml("externalLink", '<oleLink progId="P"/>'),
            OUTSIDE_LINKS.replace("1", "2"): links(
                link("rId1", "oleObject", "前年.xlsx", "External"), link("rId2", "x", "b.xlsx", "External")
            ),
        },
        replace(SAID, external_links=("前年.xlsx", "file:///D:/去年.xlsx"), reaches=(ExternalReference("ole", "P"),)),
    ),
    "a picture from outside, twice": (
        of(
            "xl/Drawings/_rels/Drawing1.xml.rels",
            links(*(link(n, "image", "http://x/y.png", "External") for n in "ab")),
        ),
        replace(SAID, reaches=(ExternalReference("fetched", "http://x/y.png"),)),
    ),
    "merged": around(
        '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="D5:H9"/></mergeCells>',
        merges=((0, 0, 1, 1), (4, 3, 8, 7)),
    ),
    "protected": around('<sheetProtection sheet="1"/>', protected=True),
    "protected by a password": around('<sheetProtection sheet="true" password="CC1A"/>', protected=True, password=True),
    "a password, and not protected": around('<sheetProtection hashValue="x"/>', password=True),
    "validated": around(
        RULE.format(
            'sqref="B2 A1:A3" type="whole" operator="greaterThan" showErrorMessage="1"',
            "<formula1>0</formula1><formula2>9</formula2>",
        ),
        validations=(Validation(("A1:A3", "B2"), "whole", "greaterThan", "0", "9", stops=True),),
    ),
    "validated, and warned only": around(
        RULE.format('sqref="A1" type="list" showErrorMessage="1" errorStyle="warning"', "<formula1>A1</formula1>"),
        validations=(Validation(("A1",), "list", formula1="A1"),),
    ),
    "validated, and stopped": around(
        RULE.format('sqref="A1" type="list" showErrorMessage="1" errorStyle="stop"', ""),
        validations=(Validation(("A1",), "list", stops=True),),
    ),
    "validated by nothing": around(RULE.format('sqref="A1"', ""), validations=(Validation(("A1",)),)),
    "what says nothing about figures": around(
        '<conditionalFormatting sqref="A1"><cfRule type="odd"/></conditionalFormatting>'
        '<rowBreaks count="x"/><colBreaks count="x"/><customSheetViews><customSheetView/></customSheetViews>'
        '<legacyDrawing r:id="rId1"/><extLst><ext uri="{0}"/><ext/></extLst>',
        '<cols><col width="x"/></cols>',
    ),
}
"""What is changed, and what the workbook then says."""
