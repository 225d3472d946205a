"""Workbooks in which a person may see another figure than a program reads: number formats, packages, covers, formulas.

Every case is one workbook, made from a good report. `tests/office/test_seen_is_read.py` opens them in LibreOffice and
Gnumeric, and holds what is read against what these show.
"""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from random import Random
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from tests.domain import CASES
from tests.samples.package_edits import Parts
from tests.samples.template_variants import (
    BOOK,
    CHECKED,
    COVER,
    PLAIN,
    STRINGS,
    STYLES,
    TABLE,
    Edit,
    cell,
    changed,
    styled,
    usual,
)

ROOT, LINKS, TYPES = "_rels/.rels", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
COUNT, MONEY, NAME = ("表二", "B5"), ("表二", "B16"), ("封面", "C5")
"""The cells that are looked at: a count and an amount in 万元 that stand in no equation, and the agency's name."""
HONEST, OTHER = "5", "777"
"""The count in every workbook, and the figure that a workbook may show instead."""
SHEETS = {"封面": COVER, "表二": PLAIN}
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CHOICE = "http://schemas.openxmlformats.org/markup-compatibility/2006"

ASK = "?"

Make = Callable[[Parts], bytes]
"""Makes the file, from the parts of a good workbook."""


class Case(NamedTuple):
    """One workbook.

    `at` is the cell looked at. `seen` is what a person sees there; ASK where the programs are to say it, None where no
    single figure is seen. `source` is where the former is stated. `open` says why the reader is silent about it today
    (`tests/cases/seen_open.toml`); blank where it reads what is seen, reports it, or refuses the file.
    """

    name: str
    make: Make
    at: tuple[str, str] = COUNT
    seen: str | None = ASK
    source: str = ""
    open: str = ""


# how files are made ---------------------------------------------------------------------------------------------------


_PLAUSIBLE = cell(PLAIN, COUNT[1], HONEST), cell(PLAIN, "D5", "9999999"), cell(PLAIN, MONEY[1], HONEST)
"""So many are in force that any count issued this year is plausible: no rule helps the reader."""


@cache
def _read_lines() -> dict[str, Any]:
    """The cases that are a line of data."""
    return tomllib.loads((CASES / "seen.toml").read_text("utf-8"))


@cache
def complete() -> Parts:
    """A good workbook: as issued and filled in."""
    return changed(usual(), *_PLAUSIBLE)


@cache
def good() -> Parts:
    """The workbook that all cases alter: the same without comments and the results of 校验, which take time to open."""
    beside = re.compile(r"vmlDrawing|comments|worksheets/_rels")
    parts = {name: data for name, data in complete().items() if not beside.search(name)}
    for part in [name for name in parts if "worksheets/sheet" in name]:
        parts[part] = parts[part].replace(b'<legacyDrawing r:id="rId1"/>', b"")
    return changed(
        parts,
        (CHECKED, "<sheetData>.*</worksheet>", "<sheetData/></worksheet>"),
        (TYPES, r'(<Override PartName="/xl/comments\d.xml"[^>]*/>)+', ""),
    )


def zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A package of these members in this order; one name may come twice."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members:
            file.NameToInfo.pop(name, None)  # else the second of one name is warned about
            file.writestr(name, data)
    return made.getvalue()


def edited(*edits: Edit) -> Make:
    """Each edit is part, pattern, replacement."""
    return lambda parts: zipped(changed(parts, *edits).items())


def formatted(code: str, value: str, at: tuple[str, str] = COUNT) -> Make:
    """Another number format and value."""
    part = SHEETS[at[0]]
    return lambda parts: zipped(changed(styled(parts, (part, at[1]), code=code), cell(part, at[1], value)).items())


def written(inside: str, attributes: str = "") -> Make:
    """The cell of the count with other elements inside."""
    return edited((PLAIN, r'<c r="B5" s="22">.*?</c>', f'<c r="B5" s="22"{attributes}>{inside}</c>'))


def with_name(item: str) -> Make:
    """The agency's name as a shared text of these elements."""
    return edited((STRINGS, "<si><t>某县统计局</t></si>", f"<si>{item}</si>"))


def in_count(item: str) -> Make:
    """The count as a shared text of these elements."""

    def make(parts: Parts) -> bytes:
        number = parts[STRINGS].count(b"<si>")
        put = (STRINGS, "</sst>", f"<si>{item}</si></sst>"), cell(PLAIN, "B5", str(number), "s")
        return zipped(changed(parts, *put).items())

    return make


def row(count: str = OTHER, number: int = 5) -> str:
    """The row of the count with another figure."""
    cells = f'<c r="A5" s="21" t="s"><v>45</v></c><c r="B5" s="22"><v>{count}</v></c>'
    return f'<row r="{number}">{cells}<c r="C5" s="22"><v>4</v></c><c r="D5" s="22"><v>9999999</v></c></row>'


def either(choice: str, fallback: str, requires: str = "zz") -> str:
    """Alternate content: what stands there for programs that know that name space, and for all others."""
    fallback = f"<mc:Fallback>{fallback}</mc:Fallback>" if fallback else ""
    spaces = f'xmlns:mc="{CHOICE}" xmlns:zz="urn:unknown" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac"'
    return (
        f'<mc:AlternateContent {spaces}><mc:Choice Requires="{requires}">{choice}</mc:Choice>{fallback}'
        "</mc:AlternateContent>"
    )


FIRST_ROW = (PLAIN, r'<row r="5".*?</row>')
"""The row of the count, to be replaced."""


def second_sheet(parts: Parts) -> bytes:
    """The sheet with the other figure."""
    return changed(parts, cell(PLAIN, "B5", OTHER))[PLAIN]


def more(members: Callable[[Parts], Iterable[tuple[str, bytes]]], *edits: Edit, first: bool = False) -> Make:
    """More members in the package, behind the others or before them."""

    def make(parts: Parts) -> bytes:
        added, now = list(members(parts)), list(changed(parts, *edits).items())
        return zipped([*added, *now] if first else [*now, *added])

    return make


def other_sheet(parts: Parts) -> Iterator[tuple[str, bytes]]:
    yield "xl/worksheets/sheetX.xml", second_sheet(parts)


def link(number: str, kind: str, target: str, more: str = "") -> str:
    return f'<Relationship Id="{number}" Type="{kind}" Target="{target}"{more}/>'


def typed(part: str, kind: str) -> Edit:
    """An edit that says of what type a part is."""
    whole = f"application/vnd.openxmlformats-officedocument.{kind}+xml"
    return TYPES, "</Types>", f'<Override PartName="/{part}" ContentType="{whole}"/></Types>'


def linked(old: str, new: str) -> Edit:
    """An edit of the relations of the workbook."""
    return LINKS, old, new


SECOND = r'<Relationship Id="rId2"[^>]*/>'
"""The relation to the sheet of the count."""
OTHER_TYPE = typed("xl/worksheets/sheetX.xml", "spreadsheetml.worksheet")


# number formats -------------------------------------------------------------------------------------------------------


def _list_formats() -> Iterator[Case]:
    for name, (code, value) in _read_lines()["formats"].items():
        yield Case(f"format: {name}", formatted(code, value))
    zero = formatted('_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "0")
    yield Case("format: accounting zero", zero, seen="0", source="accountants write a dash for 0")
    for name, (code, value) in _read_lines()["money_formats"].items():
        yield Case(f"format: {name}", formatted(code, value, MONEY), MONEY)
    for name, dressing in (
        ("figure", '<numFmt numFmtId="910" formatCode="&quot;777&quot;"/>'),
        ("per cent", '<numFmt numFmtId="910" formatCode="0%"/>'),
        ("date", '<numFmt numFmtId="14" formatCode="yyyy/m/d"/>'),
        ("thousandth", '<numFmt numFmtId="910" formatCode="0,"/>'),
        ("nothing", '<numFmt numFmtId="910" formatCode=";;;"/>'),
        ("unit", '<numFmt numFmtId="910" formatCode="0&quot;万&quot;"/>'),
        ("white writing", '<font><color rgb="FFFFFFFF"/></font>'),
        ("struck writing", "<font><strike/></font>"),
        ("black fill", '<fill><patternFill><bgColor rgb="FF000000"/></patternFill></fill>'),
    ):
        yield Case(f"conditional: {name}", conditioned(dressing), seen=None, source="what holds when the rule holds")
    for name, rule in (("bars alone", _BARS), ("signs alone", _SIGNS)):
        over = f'<conditionalFormatting sqref="B5">{rule}</conditionalFormatting><dataValidations'
        yield Case(f"conditional: {name}", edited((PLAIN, "<dataValidations", over)), seen=None)


_BARS = (
    '<cfRule type="dataBar" priority="99"><dataBar showValue="0"><cfvo type="min"/><cfvo type="max"/>'
    '<color rgb="FF638EC6"/></dataBar></cfRule>'
)
_SIGNS = (
    '<cfRule type="iconSet" priority="99"><iconSet iconSet="3Arrows" showValue="0"><cfvo type="percent" val="0"/>'
    '<cfvo type="num" val="1"/><cfvo type="num" val="2"/></iconSet></cfRule>'
)


def lay_out_formats() -> tuple[bytes, dict[str, str]]:
    """One workbook with the value and format of every case in a cell of its own; name of the case → address."""
    lines = _read_lines()["formats"] | _read_lines()["money_formats"]
    parts, places = good(), dict[str, str]()
    for n, (name, (code, value)) in enumerate(lines.items()):
        places[f"format: {name}"] = address = f"B{101 + n}"
        put = f'<row r="{101 + n}"><c r="{address}" s="22"><v>{value}</v></c></row></sheetData>'
        parts = styled(changed(parts, (PLAIN, "</sheetData>", put)), (PLAIN, address), code=code, number=1000 + n)
    return zipped(parts.items()), places


def conditioned(dressing: str) -> Make:
    """A conditional format over the count, which holds always."""

    def make(parts: Parts) -> bytes:
        which = parts[STYLES].decode().split("<dxfs")[1].count("<dxf>")
        rule = f'<cfRule type="expression" dxfId="{which}" priority="99"><formula>TRUE</formula></cfRule>'
        rule = f'<conditionalFormatting sqref="B5">{rule}</conditionalFormatting>'
        edits = (
            (STYLES, "</dxfs>", f"<dxf>{dressing}</dxf></dxfs>"),
            (PLAIN, "<dataValidations", rule + "<dataValidations"),
        )
        return zipped(changed(parts, *edits).items())

    return make


# packages -------------------------------------------------------------------------------------------------------------


def _list_packages() -> Iterator[Case]:
    yield from _parts_and_relations()
    yield from _alternatives()
    yield from _misplaced()
    yield from _spellings()
    yield from _archives()


def _parts_and_relations() -> Iterator[Case]:
    sheet = f"{OFFICE}/worksheet"
    yield Case("package: part name in another case", more(lambda p: [("xl/worksheets/SHEET2.xml", second_sheet(p))]))
    yield Case(
        "package: part name with other slashes", more(lambda p: [("XL\\worksheets\\SHEET2.xml", second_sheet(p))])
    )
    yield Case(
        "package: part name with a slash ahead", more(lambda p: [("/xl/worksheets/sheet2.xml", second_sheet(p))])
    )
    yield Case("package: part name escaped", more(lambda p: [("xl/worksheets/sheet%32.xml", second_sheet(p))]))
    yield Case("package: two parts of one name", more(lambda p: [(PLAIN, second_sheet(p))]))
    yield Case("package: two parts of one name, first", more(lambda p: [(PLAIN, second_sheet(p))], first=True))
    for name, end in (("two parts .bin of one name", "bin"), ("two parts .bin, another case", "BIN")):
        yield Case(f"package: {name}", _as_binary(end))
    for name, kind, ahead in (
        ("two main parts", f"{OFFICE}/officeDocument", False),
        ("two main parts, first", f"{OFFICE}/officeDocument", True),
        ("main part of a strange type", "urn:x/officeDocument", False),
        ("main part of a strange type, first", "urn:x/officeDocument", True),
    ):
        yield Case(f"package: {name}", _second_book(kind, first=ahead))
    other = link("rId2", sheet, "worksheets/sheetX.xml")
    yield Case(
        "package: relation twice, first", more(other_sheet, linked("(<Relationship )", other + r"\1"), OTHER_TYPE)
    )
    yield Case(
        "package: relation twice, last",
        more(other_sheet, linked("</Relationships>", other + "</Relationships>"), OTHER_TYPE),
    )
    other = link("rId99", sheet, "worksheets/sheetX.xml")
    at_end = linked("</Relationships>", other + "</Relationships>")
    for name, spelled in (
        ("strange id ahead", 'zz:id="rId99" r:id="rId2"'),
        ("strange id behind", 'r:id="rId2" zz:id="rId99"'),
        ("bare id", 'id="rId99" r:id="rId2"'),
        ("no id of the space", 'zz:id="rId99"'),
    ):
        spaces = (BOOK, "<workbook ", '<workbook xmlns:zz="urn:unknown" '), OTHER_TYPE
        put = (BOOK, '(name="表二" sheetId="2" )r:id="rId2"', rf"\1{spelled}")
        yield Case(f"package: sheet by a {name}", more(other_sheet, at_end, put, *spaces))
    twice = (BOOK, "</sheets>", '<sheet name="{}" sheetId="9" r:id="rId99"/></sheets>')
    for name in ("表二", "表二 ", "表二\u200b"):
        put = (*twice[:2], twice[2].format(name))
        yield Case(f"package: two sheets named {name!r}", more(other_sheet, at_end, put, OTHER_TYPE))
    before = (BOOK, "<sheets>", '<sheets><sheet name="表二" sheetId="9" r:id="rId99"/>')
    yield Case("package: two sheets of one name, first", more(other_sheet, at_end, before, OTHER_TYPE))
    for name, kind, new in (
        ("strange type ahead", "urn:x/sharedStrings", "rId0"),
        ("right type ahead", f"{OFFICE}/sharedStrings", "rId0"),
        ("right type behind", f"{OFFICE}/sharedStrings", "rId99"),
    ):
        texts = lambda p: [("xl/texts.xml", p[STRINGS].replace("某县统计局".encode(), "某县别的局".encode()))]  # noqa: E731
        one = link(new, kind, "texts.xml")
        put = (
            linked("(<Relationship )", one + r"\1")
            if new == "rId0"
            else linked("</Relationships>", one + "</Relationships>")
        )
        kinds = typed("xl/texts.xml", "spreadsheetml.sharedStrings")
        yield Case(f"package: two tables of texts, {name}", more(texts, put, kinds), NAME)
    yield Case(
        "package: sheet outside", edited(linked('(Target="worksheets/sheet2.xml")', r'\1 TargetMode="External"'))
    )
    yield Case(
        "package: sheet by a whole path", edited(linked('"worksheets/sheet2.xml"', '"/xl/worksheets/sheet2.xml"'))
    )
    yield Case(
        "package: sheet by way of another folder",
        edited(linked('"worksheets/sheet2.xml"', '"../xl/worksheets/sheet2.xml"')),
    )
    yield Case(
        "package: sheet by an escaped path", edited(linked('"worksheets/sheet2.xml"', '"worksheets/sheet%32.xml"'))
    )
    yield Case(
        "package: sheet of a strange type",
        edited(linked(f'"{sheet}"( Target="worksheets/sheet2)', r'"urn:x/worksheet"\1')),
    )
    yield Case(
        "package: sheet is a chart",
        edited(linked(f'"{sheet}"( Target="worksheets/sheet2)', rf'"{OFFICE}/chartsheet"\1')),
    )
    yield Case(
        "package: no type of the sheet", edited((TYPES, '<Override PartName="/xl/worksheets/sheet2.xml"[^>]*/>', ""))
    )


def _as_binary(end: str) -> Make:
    """The sheet is a part that is not called .xml; another of that name beside it."""

    def make(parts: Parts) -> bytes:
        now = changed(parts, linked("sheet2.xml", "sheet2.bin"), (TYPES, "sheet2.xml", "sheet2.bin"))
        first = now.pop(PLAIN)
        return zipped(
            [*now.items(), ("xl/worksheets/sheet2.bin", first), (f"xl/worksheets/sheet2.{end}", second_sheet(parts))]
        )

    return make


def _second_book(kind: str, *, first: bool) -> Make:
    """A second main part, in which the sheet of the count is another."""

    def make(parts: Parts) -> bytes:
        links = parts[LINKS].replace(b"worksheets/sheet2.xml", b"worksheets/sheetX.xml")
        added = [("xl/workbook2.xml", parts[BOOK]), ("xl/_rels/workbook2.xml.rels", links), *other_sheet(parts)]
        one = link("rId0" if first else "rId9", kind, "xl/workbook2.xml")
        put = (ROOT, "(<Relationship )", one + r"\1") if first else (ROOT, "</Relationships>", one + "</Relationships>")
        kinds = typed("xl/workbook2.xml", "spreadsheetml.sheet.main")
        return zipped([*changed(parts, put, kinds, OTHER_TYPE).items(), *added])

    return make


def _alternatives() -> Iterator[Case]:
    good_row, bad_row = row(HONEST), row()
    known = "x14ac"
    for name, new in (
        ("a row, unknown space", either(bad_row, good_row)),
        ("a row, known space", either(good_row, bad_row, known)),
        ("a row, no other", either(bad_row, "") + good_row),
        ("a row, no other, behind", good_row + either(bad_row, "")),
    ):
        yield Case(f"alternate: {name}", edited((*FIRST_ROW, new)))
    sheet = re.compile("<sheetData>.*</sheetData>", re.S)

    def data(requires: str) -> Make:
        def make(parts: Parts) -> bytes:
            text = parts[PLAIN].decode()
            one = sheet.search(text)
            assert one
            bad = sheet.search(second_sheet(parts).decode())
            assert bad
            pair = (one[0], bad[0]) if requires == known else (bad[0], one[0])
            return zipped({**parts, PLAIN: sheet.sub(lambda _: either(*pair, requires), text).encode()}.items())

        return make

    yield Case("alternate: all rows, unknown space", data("zz"))
    yield Case("alternate: all rows, known space", data(known))
    good_cell, bad_cell = (f'<c r="B5" s="22"><v>{figure}</v></c>' for figure in (HONEST, OTHER))
    one = (PLAIN, r'<c r="B5" s="22">.*?</c>')
    yield Case("alternate: a cell, unknown space", edited((*one, either(bad_cell, good_cell))))
    yield Case("alternate: a cell, known space", edited((*one, either(good_cell, bad_cell, known))))
    yield Case("alternate: a value, unknown space", written(either(f"<v>{OTHER}</v>", f"<v>{HONEST}</v>")))
    yield Case("alternate: a value, no other", written(either(f"<v>{OTHER}</v>", "")))
    yield Case("alternate: a text", with_name(f"<t>某县统计局</t>{either('<t>二局</t>', '')}"), NAME)
    yield Case("alternate: a run", with_name(f"<r><t>某县统计局</t></r>{either('<r><t>二局</t></r>', '')}"), NAME)
    yield Case("alternate: two texts", with_name(either("<t>某县二局</t>", "<t>某县统计局</t>")), NAME)
    sheets = '<sheet name="表二" sheetId="2" r:id="rId{}"/>'
    book = (BOOK, '<sheet name="表二"[^>]*/>', either(sheets.format(99), sheets.format(2)))
    other = linked(
        "</Relationships>", link("rId99", f"{OFFICE}/worksheet", "worksheets/sheetX.xml") + "</Relationships>"
    )
    yield Case("alternate: a sheet", more(other_sheet, book, other, OTHER_TYPE))
    table = sheets.format(99)
    whole = (BOOK, "(<sheets>.*?</sheets>)", either(f"<sheets>{table}</sheets>", r"\1"))
    yield Case("alternate: all sheets", more(other_sheet, whole, other, OTHER_TYPE))


def _misplaced() -> Iterator[Case]:
    strange = '<zz:foo xmlns:zz="urn:unknown">{}</zz:foo>'
    lenient = (PLAIN, "<worksheet ", f'<worksheet xmlns:mc="{CHOICE}" xmlns:zz="urn:unknown" mc:Ignorable="zz" ')
    for name, put in (
        ("a row in a strange element behind the rows", (PLAIN, "</sheetData>", "</sheetData>" + strange.format(row()))),
        ("a row in a strange element among rows", (*FIRST_ROW, rf"\g<0>{strange.format(row())}")),
        ("a row in a strange element alone", (*FIRST_ROW, strange.format(row()))),
        ("a cell in a strange element", (PLAIN, r'(<c r="B5" s="22">).*?</c>', strange.format(r"\g<0>"))),
        (
            "a value in a strange element",
            (PLAIN, r'(<c r="B5" s="22">)(.*?)</c>', rf"\1{strange.format('<v>777</v>')}</c>"),
        ),
    ):
        yield Case(f"misplaced: {name}, ignorable", edited(put, lenient))
        yield Case(f"misplaced: {name}", edited(put))
    for name, put in (
        ("a row outside the rows", (PLAIN, "</sheetData>", "</sheetData>" + row())),
        ("a row in another element", (PLAIN, r"(<printOptions[^>]*)/>", rf"\1>{row()}</printOptions>")),
        ("rows twice", (PLAIN, "</sheetData>", f"</sheetData><sheetData>{row()}</sheetData>")),
        (
            "rows in an extension",
            (PLAIN, "</worksheet>", f'<extLst><ext uri="x"><sheetData>{row()}</sheetData></ext></extLst></worksheet>'),
        ),
        (
            "rows in an extension of rows",
            (PLAIN, "</sheetData>", f'<extLst><ext uri="x">{row()}</ext></extLst></sheetData>'),
        ),
        ("a cell outside a row", (PLAIN, "</sheetData>", '<c r="B5" s="22"><v>777</v></c></sheetData>')),
        ("a row within a row", (*FIRST_ROW, f'<row r="4">{row()}</row>')),
        ("a row twice", (*FIRST_ROW, rf"\g<0>{row()}")),
        ("a row twice, far behind", (PLAIN, "</sheetData>", f"{row()}</sheetData>")),
        ("a cell twice", (PLAIN, r'(<c r="C5")', r'<c r="B5" s="22"><v>777</v></c>\1')),
        ("a cell twice, then empty", (PLAIN, r'(<c r="C5")', r'<c r="B5" s="22"/>\1')),
        ("a cell of another row", (PLAIN, r'(<c r="B6" s="22">)', r'<c r="B5" s="22"><v>777</v></c>\1')),
    ):
        yield Case(f"misplaced: {name}", edited(put))
    for name, inside, kind in (
        ("a value within an element", "<foo><v>777</v></foo>", ""),
        ("a value within a strange element", f'<foo xmlns="urn:x"><v xmlns="{MAIN}">777</v></foo>', ""),
        ("a value within a text", "<is><v>777</v></is>", ""),
        ("a strange value", '<zz:v xmlns:zz="urn:x">777</zz:v>', ""),
        ("a strange value beside", '<v>5</v><zz:v xmlns:zz="urn:x">777</zz:v>', ""),
        ("two values", "<v>5</v><v>777</v>", ""),
        ("a value and a text", "<v>5</v><is><t>777</t></is>", ' t="inlineStr"'),
        ("a text where a number is", "<is><t>777</t></is>", ""),
        ("a value in an extension", '<v>5</v><extLst><ext uri="x"><v>777</v></ext></extLst>', ""),
        ("a formula within a text", "<is><f>777</f><t>5</t></is>", ' t="inlineStr"'),
        ("an element in a value", "<v>5<foo>777</foo></v>", ""),
    ):
        yield Case(f"misplaced: {name}", written(inside, kind))
    for name, item in (
        ("a text twice", "<t>某县统计局</t><t>二局</t>"),
        ("a text in an extension", '<t>某县统计局</t><extLst><ext uri="x"><t>二局</t></ext></extLst>'),
        ("a text in a strange element", '<t>某县统计局</t><foo xmlns:zz="urn:x"><t>二局</t></foo>'),
        ("a strange text", '<t>某县统计局</t><zz:t xmlns:zz="urn:x">二局</zz:t>'),
        ("a text in a run's properties", "<r><rPr><t>二局</t></rPr><t>某县统计局</t></r>"),
        ("a text beside runs", "<t>某县统计局</t><r><t>二局</t></r>"),
        ("a pronunciation", '<t>某县统计局</t><rPh sb="0" eb="1"><t>二局</t></rPh>'),
    ):
        yield Case(f"misplaced: {name}", with_name(item), NAME)


def _spellings() -> Iterator[Case]:
    for name, head in (
        ("absolute address", 'r="$B$5"'),
        ("small address", 'r="b5"'),
        ("no address", ""),
        ("strange address", 'zz:r="B5"'),
        ("strange address beside", 'r="C5" zz:r="B5"'),
        ("address with zeros", 'r="B05"'),
        ("address with blanks", 'r=" B5 "'),
        ("address in R1C1", 'r="R5C2"'),
        ("address with a sheet", 'r="表二!B5"'),
        ("wide address", 'r="Ｂ５"'),
    ):
        space = (PLAIN, "<worksheet ", '<worksheet xmlns:zz="urn:unknown" ')
        put = (PLAIN, '<c r="B5" s="22"><v>5</v>', f'<c {head} s="22"><v>777</v>')
        seen = (
            (OTHER, "ECMA-376 part 1, 18.3.1.4: the address may be left out") if " r=" not in f" {head}" else (ASK, "")
        )
        yield Case(f"spelling: {name}", edited(space, put), COUNT, *seen)
    for name, inside in _read_lines()["values"].items():
        yield Case(f"spelling: {name}", written(inside))
    for name, kind, value in (
        ("of a truth value", "b", "1"),
        ("of an error", "e", "777"),
        ("of a day", "d", "2024-01-05"),
        ("of a text result", "str", "777"),
        ("of no kind", "", "777"),
        ("of an unknown kind", "q", "777"),
        ("of a number, capital", "N", "777"),
        ("of a text number", "s", "5.0"),
        ("of a missing text", "s", "99999"),
    ):
        yield Case(f"spelling: {name}", written(f"<v>{value}</v>", f' t="{kind}"'))
    for name, put in (
        ("kind of a strange space", (PLAIN, '<c r="B5" s="22">', '<c r="B5" s="22" xmlns:zz="urn:x" zz:t="s">')),
        ("number of a row strange", (PLAIN, '<row r="5" ', '<row xmlns:zz="urn:x" zz:r="9" r="5" ')),
        ("no number of a row", (PLAIN, '<row r="5" ', "<row ")),
        ("number of a row wrong", (PLAIN, '<row r="5" ', '<row r="9" ')),
        ("number of a row with zeros", (PLAIN, '<row r="5" ', '<row r="05" ')),
        ("range of cells wrong", (PLAIN, '<dimension ref="[^"]*"', '<dimension ref="A1"')),
    ):
        yield Case(f"spelling: {name}", edited(put))
    yield Case("spelling: UTF-16", _encoded("utf-16"))
    yield Case("spelling: said to be UTF-8, is GB 18030", _encoded("gb18030", named="UTF-8"))
    yield Case("spelling: a prefix for all", _prefixed)
    yield Case(
        "spelling: an entity",
        edited(
            (PLAIN, r"(\?>\s*)<worksheet", r'\1<!DOCTYPE worksheet [<!ENTITY e "777">]><worksheet'),
            (PLAIN, r'(<c r="B5" s="22"><v>)5', r"\1&e;"),
        ),
    )
    yield Case("spelling: another main name space", edited((PLAIN, f'xmlns="{MAIN}"', 'xmlns="urn:x/main"')))
    yield Case(
        "spelling: the strict name space",
        edited((PLAIN, f'xmlns="{MAIN}"', 'xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main"')),
        seen=HONEST,
        source="ECMA-376 part 1: the strict dialect",
    )


def _encoded(encoding: str, named: str = "") -> Make:
    def make(parts: Parts) -> bytes:
        text = parts[PLAIN].decode().replace('encoding="UTF-8"', f'encoding="{named or encoding.upper()}"')
        return zipped({**parts, PLAIN: text.encode(encoding)}.items())

    return make


def _prefixed(parts: Parts) -> bytes:
    """Every element of the sheet with a prefix."""
    text = re.sub(r"<(/?)(\w+)", r"<\1x:\2", parts[PLAIN].decode()).replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')
    return zipped({**parts, PLAIN: text.encode()}.items())


def _archives() -> Iterator[Case]:
    yield Case("archive: a page ahead", lambda parts: b"<html><body>777</body></html>" + zipped(parts.items()))
    yield Case("archive: bytes ahead", lambda parts: b"\0" * 64 + zipped(parts.items()))
    yield Case("archive: a program ahead", lambda parts: b"MZ" + b"\0" * 62 + zipped(parts.items()))
    yield Case("archive: bytes behind", lambda parts: zipped(parts.items()) + b"\0" * 64)
    yield Case(
        "archive: another archive ahead",
        lambda parts: zipped({**parts, PLAIN: second_sheet(parts)}.items()) + zipped(parts.items()),
    )
    yield Case("archive: names exchanged in the local headers", _exchanged)
    yield Case("archive: two ends", _two_ends)


def _exchanged(parts: Parts) -> bytes:
    """Two sheets whose local headers name each other: who reads from the front sees the other figure."""
    made = bytearray(zipped([*parts.items(), *other_sheet(parts)]))
    for name, other in ((PLAIN, b"xl/worksheets/sheetX.xml"), ("xl/worksheets/sheetX.xml", PLAIN.encode())):
        at = zipfile.ZipFile(io.BytesIO(bytes(made))).getinfo(name).header_offset + 30
        made[at : at + len(other)] = other
    return bytes(made)


def _two_ends(parts: Parts) -> bytes:
    """A second end of the archive in its comment."""
    made = zipped(parts.items())
    end = made[made.rindex(b"PK\5\6") :]
    return made[:-2] + len(end).to_bytes(2, "little") + end


# what covers a figure -------------------------------------------------------------------------------------------------


_MERGED = '<mergeCell ref="A3:D3"/>'
_FILTER = (
    '<autoFilter ref="A4:D6"><filterColumn colId="0"><filters><filter val="规范性文件"/></filters></filterColumn>'
    "</autoFilter><mergeCells"
)
_FONTS = {
    "white": '<color rgb="FFFFFFFF"/>',
    "struck": "<strike/>",
    "raised": '<vertAlign val="superscript"/>',
    "lowered": '<vertAlign val="subscript"/>',
    "tiny": '<sz val="1"/>',
}


def _list_covers() -> Iterator[Case]:
    for name, put in (
        ("hidden row", (PLAIN, '<row r="5" ', '<row r="5" hidden="1" ')),
        ("hidden row, true", (PLAIN, '<row r="5" ', '<row r="5" hidden="true" ')),
        ("row of no height", (PLAIN, r'<row r="5" ([^>]*) ht="[^"]*"', r'<row r="5" \1 ht="0"')),
        ("row of a hair's height", (PLAIN, r'<row r="5" ([^>]*) ht="[^"]*"', r'<row r="5" \1 ht="0.1"')),
        ("hidden column", (PLAIN, '<col min="2" max="4" ', '<col min="2" max="4" hidden="1" ')),
        ("column of no width", (PLAIN, '(<col min="2" max="4" )width="[^"]*"', r'\1width="0"')),
        ("hidden sheet", (BOOK, '<sheet name="表二"', '<sheet name="表二" state="hidden"')),
        ("very hidden sheet", (BOOK, '<sheet name="表二"', '<sheet name="表二" state="veryHidden"')),
        ("beneath a merged cell", (PLAIN, _MERGED, _MERGED + '<mergeCell ref="A5:B5"/>')),
        ("beneath a cell merged from above", (PLAIN, _MERGED, _MERGED + '<mergeCell ref="B4:B5"/>')),
    ):  # fmt: skip
        yield Case(f"covered: {name}", edited(put), seen="")
    yield Case(
        "covered: zeros not shown",
        edited((PLAIN, "<sheetView ", '<sheetView showZeros="0" '), cell(PLAIN, "B5", "0")),
        seen="",
        source="ECMA-376 part 1, 18.3.1.87",
    )
    shown = (PLAIN, "<sheetView ", '<sheetView showFormulas="1" ')
    yield Case("covered: formulas shown", edited(shown), seen=HONEST)
    yield Case(
        "covered: rows folded away", edited((PLAIN, '<row r="5" ', '<row r="5" outlineLevel="1" hidden="1" ')), seen=""
    )
    yield Case(
        "covered: rows filtered",
        edited(
            (PLAIN, '<row r="5" ', '<row r="5" hidden="1" '),
            (
                PLAIN,
                "<mergeCells",
                _FILTER,
            ),
        ),
        seen="",
    )
    for name, font in _FONTS.items():
        yield Case(f"covered: {name} figure", _in_font(font), seen=None)
        run = font.replace("<strike/>", '<strike val="1"/>')
        yield Case(f"covered: {name} run", in_count(f"<r><t>5</t></r><r><rPr>{run}</rPr><t>7</t></r>"), seen=None)
        seen = "某县统计局二处" if "vertAlign" in font else None
        yield Case(
            f"covered: {name} run of the name",
            with_name(f"<r><t>某县统计局</t></r><r><rPr>{run}</rPr><t>二处</t></r>"),
            NAME,
            seen,
        )
    yield Case("covered: hidden run", in_count("<r><t>5</t></r><r><rPr><vanish/></rPr><t>7</t></r>"), seen=None)
    yield Case(
        "covered: white on a white fill",
        _in_font('<color theme="0"/>', '<patternFill patternType="solid"><fgColor theme="0"/></patternFill>'),
        seen=None,
    )
    yield Case(
        "covered: red on red",
        _in_font('<color rgb="FFFF0000"/>', '<patternFill patternType="solid"><fgColor rgb="FFFF0000"/></patternFill>'),
        seen=None,
    )
    yield Case("covered: white text box", _text_box(_WHITE, OTHER), seen=None)
    yield Case("covered: clear text box", _text_box("<a:noFill/>", OTHER), seen=None)
    yield Case("covered: text box of no text", _text_box(_WHITE, ""), seen=None)
    yield Case("covered: text box in a group", _text_box(_WHITE, OTHER, grouped=True), seen=None)
    yield Case("covered: text box of a size", _text_box(_WHITE, OTHER, anchor="oneCellAnchor"), seen=None)
    yield Case("covered: text box at a distance", _text_box(_WHITE, OTHER, anchor="absoluteAnchor"), seen=None)
    yield Case("covered: repeated by its alignment", _aligned("fill"), seen="5555", source="ECMA-376 part 1, 18.18.40")
    yield Case("covered: aligned to the left", _aligned("left"), seen=HONEST)
    yield Case(
        "covered: text box elsewhere",
        _text_box(_WHITE, "备注", row=30),
        seen=HONEST,
        source="nothing is covered",
    )
    yield Case(
        "covered: hidden original beside a copy", _hidden_original("表二 (2)"), seen=OTHER, source="the visible sheet"
    )
    yield Case(
        "covered: hidden original beside a copy of another name",
        _hidden_original("主动公开"),
        seen=OTHER,
        source="the visible sheet",
    )
    yield Case(
        "covered: grouped rows that are shown",
        edited((PLAIN, '<row r="5" ', '<row r="5" outlineLevel="1" ')),
        seen=HONEST,
    )
    yield Case(
        "covered: a hidden column beside",
        edited((PLAIN, '<col min="5" max="5" ', '<col min="5" max="5" hidden="1" ')),
        seen=HONEST,
    )


def _in_font(font: str, fill: str = "") -> Make:
    def make(parts: Parts) -> bytes:
        return zipped(styled(parts, (PLAIN, "B5"), font=font, fill=fill).items())

    return make


def _aligned(how: str) -> Make:
    """The count in a style of that alignment."""

    def make(parts: Parts) -> bytes:
        now = styled(parts, (PLAIN, "B5"))
        last = (STYLES, "(<xf [^>]*)/></cellXfs>", rf'\1><alignment horizontal="{how}"/></xf></cellXfs>')
        return zipped(changed(now, last).items())

    return make


_WHITE = '<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>'
_SIZE = '<xdr:ext cx="1000000" cy="300000"/>'


def _text_box(fill: str, text: str, row: int = 4, anchor: str = "twoCellAnchor", *, grouped: bool = False) -> Make:
    """A drawing on the sheet: a box over the count, or below the table."""
    first, last = (
        f"<xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{at}</xdr:row><xdr:rowOff>0</xdr:rowOff>"
        for column, at in ((1, row), (2, row + 1))
    )
    place = {
        "twoCellAnchor": f"<xdr:from>{first}</xdr:from><xdr:to>{last}</xdr:to>",
        "oneCellAnchor": f"<xdr:from>{first}</xdr:from>{_SIZE}",
        "absoluteAnchor": f'<xdr:pos x="2100000" y="1300000"/>{_SIZE}',
    }[anchor]
    box = (
        '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="2" name="框"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr>'
        '<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1000000" cy="300000"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{fill}</xdr:spPr>'
        f"<xdr:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    )
    if grouped:
        head = '<xdr:nvGrpSpPr><xdr:cNvPr id="3" name="组"/><xdr:cNvGrpSpPr/></xdr:nvGrpSpPr><xdr:grpSpPr/>'
        box = f"<xdr:grpSp>{head}{box}</xdr:grpSp>"
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        f"<xdr:{anchor}>{place}{box}<xdr:clientData/></xdr:{anchor}></xdr:wsDr>"
    )
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        + link("rId1", f"{OFFICE}/drawing", "../drawings/drawing1.xml")
        + "</Relationships>"
    )
    kinds = typed("xl/drawings/drawing1.xml", "drawing")
    added = [("xl/drawings/drawing1.xml", drawing.encode()), ("xl/worksheets/_rels/sheet2.xml.rels", links.encode())]
    return more(lambda _: added, kinds, (PLAIN, "</worksheet>", '<drawing r:id="rId1"/></worksheet>'))


def _hidden_original(name: str) -> Make:
    """The sheet hidden, a copy with another figure shown."""
    other = linked(
        "</Relationships>", link("rId99", f"{OFFICE}/worksheet", "worksheets/sheetX.xml") + "</Relationships>"
    )
    hide = (BOOK, '<sheet name="表二"', '<sheet name="表二" state="hidden"')
    copy = (BOOK, "</sheets>", f'<sheet name="{name}" sheetId="9" r:id="rId99"/></sheets>')
    return more(other_sheet, other, hide, copy, OTHER_TYPE)


# stored results of formulas -------------------------------------------------------------------------------------------


def _list_formulas() -> Iterator[Case]:
    for name, (formula, stored, *computed) in _read_lines()["formulas"].items():
        seen = computed[0] if computed else None
        yield Case(
            f"formula: {name}",
            written(f"<f>{escape(formula)}</f><v>{stored}</v>"),
            seen=seen,
            source="what a recalculation gives",
        )
    for name, inside in (
        ("empty", "<f/><v>777</v>"),
        ("of blanks", "<f> </f><v>777</v>"),
        ("shared without its first", '<f t="shared" si="9"/><v>777</v>'),
        ("data table", '<f t="dataTable" ref="B5:B5" dt2D="0" dtr="0" r1="A1"/><v>777</v>'),
        ("array", '<f t="array" ref="B5">5</f><v>777</v>'),
        ("array of another", '<f t="array" ref="B5:C5">{5,4}</f><v>777</v>'),
        ("circle", "<f>B5</f><v>777</v>"),
        ("unknown function", "<f>FOO(5)</f><v>777</v>"),
        ("another file", "<f>[1]表二!B5</f><v>777</v>"),
        ("two formulas", "<f>5</f><f>777</f><v>777</v>"),
        ("shared by itself", '<f t="shared" ref="B5" si="0">5</f><v>777</v>'),
        ("kind unknown", '<f t="q">5</f><v>777</v>'),
    ):
        yield Case(f"formula: {name}", written(inside), seen=None)
    spill = (
        cell(PLAIN, "B5", None),
        (
            PLAIN,
            r'<c r="A5" s="21" t="s"><v>45</v></c>',
            '<c r="A5" s="21" t="str"><f t="array" ref="A5:B5">{"规章",5}</f><v>规章</v></c>',
        ),
    )
    yield Case(
        "formula: array of the cell beside",
        edited(*spill, (PLAIN, '<c r="B5" s="22"/>', '<c r="B5" s="22"><v>777</v></c>')),
        seen=HONEST,
    )
    yield Case(
        "formula: manual calculation",
        edited(
            (PLAIN, '<c r="B5" s="22">', '<c r="B5" s="22"><f>5</f>'), (BOOK, "<calcPr ", '<calcPr calcMode="manual" ')
        ),
        seen=HONEST,
    )


# notes behind a figure ------------------------------------------------------------------------------------------------


def _list_notes() -> Iterator[Case]:
    notes = _read_lines()["notes"]
    for text in notes["harmless"]:
        yield Case(
            f"note: {text}",
            in_count(f"<t xml:space='preserve'>{text}</t>"),
            seen=HONEST,
            source="§4: what stays a notice",
        )
    for text in notes["harmful"]:
        yield Case(f"note: {text}", in_count(f"<t>{text}</t>"), seen=None)
    for text in notes["money"]:
        yield Case(f"note of money: {text}", _money_text(text), MONEY, seen=None)


def _money_text(text: str) -> Make:
    def make(parts: Parts) -> bytes:
        number = parts[STRINGS].count(b"<si>")
        put = (STRINGS, "</sst>", f"<si><t>{text}</t></si></sst>"), cell(PLAIN, MONEY[1], str(number), "s")
        return zipped(changed(parts, *put).items())

    return make


_KINDS: dict[str, Callable[[], Iterator[Case]]] = {
    "formats": _list_formats,
    "packages": _list_packages,
    "covers": _list_covers,
    "formulas": _list_formulas,
    "notes": _list_notes,
}
KINDS = tuple(_KINDS)


def list_cases(kind: str) -> list[Case]:
    """All cases of that kind, those with a reason that are not right yet."""
    reasons = {name: reason for reason, names in list_open_cases().items() for name in names}
    return [case._replace(open=reasons.get(case.name, "")) for case in _KINDS[kind]()]


@cache
def list_open_cases() -> dict[str, list[str]]:
    """Cause → names of the cases about which the reader is silent."""
    return tomllib.loads((CASES / "seen_open.toml").read_text("utf-8"))


# plain use ------------------------------------------------------------------------------------------------------------

_PLAIN_FORMATS = (
    "General", "0", "0.00", "#,##0", "#,##0.00", "1", "2", "3", "4", "37", "38", "39", "40", "0_ ", "0;[Red]-0", "@",
    '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "41", "43", '0"件"',
)  # fmt: skip
_PLAIN_FONTS = ("", "<b/>", '<color rgb="FFFF0000"/>', '<color theme="1"/>', '<sz val="14"/><name val="仿宋"/>', "<u/>")
_PLAIN_FILLS = (
    "",
    *(f'<patternFill patternType="solid"><fgColor rgb="FF{c}"/></patternFill>' for c in ("FFFF00", "DDEBF7")),
)
_HABITS: tuple[Edit, ...] = (
    (PLAIN, r'(<col min="2" max="4" )width="[^"]*"', r'\1width="30"'),
    (PLAIN, '<col min="5" max="5" ', '<col min="5" max="5" hidden="1" '),
    (TABLE, r'<row r="9" [^>]*>', '<row r="9" ht="40" customHeight="1">'),
    (PLAIN, '<sheetView ', '<sheetView zoomScale="120" '),
    (PLAIN, r'<selection [^>]*/>', '<selection pane="bottomLeft" activeCell="C6" sqref="C6"/>'),
    (PLAIN, '<row r="5" ', '<row r="5" outlineLevel="1" '),
    (PLAIN, 'orientation="portrait"', 'orientation="landscape"'),
    (BOOK, "<workbookView ", '<workbookView activeTab="1" '),
    (STRINGS, "<si><t>某县统计局</t></si>", "<si><r><t>某县</t></r><r><rPr><b/></rPr><t>统计局</t></r></si>"),
    (PLAIN, "<mergeCells", '<autoFilter ref="A4:D6"/><mergeCells'),
)  # fmt: skip
_PLACES = [(PLAIN, f"{c}{r}") for r in (5, 6) for c in "BCD"] + [
    (TABLE, f"{c}{r}") for r in (6, 7, 10, 13) for c in "DEFGHI"
]


def _next_format(parts: Parts) -> int:
    """A number that no number format has."""
    return 1000 + parts[STYLES].count(b"<numFmt ")


def list_plain_uses(count: int = 200) -> Iterator[Parts]:
    """Workbooks as offices send them: other formats, fonts, fills, widths and views, none of which hides a figure."""
    for number in range(count):
        draw = Random(number)
        parts = changed(complete(), *draw.sample(_HABITS, draw.randint(0, 3)))
        for at in draw.sample(_PLACES, draw.randint(1, 6)):
            font, fill = draw.choice(_PLAIN_FONTS), draw.choice(_PLAIN_FILLS)
            parts = styled(
                parts, at, code=draw.choice(_PLAIN_FORMATS), font=font, fill=fill, number=_next_format(parts)
            )
        yield parts
