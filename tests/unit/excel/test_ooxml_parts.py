"""What each part of a workbook's package says, spelled out in XML: cells, texts, names, links; and what is refused."""

from __future__ import annotations

from typing import TypeVar
from xml.parsers.expat import ExpatError

import pytest

from workbook.excel.reading.ooxml_parts import (
    CustomProperties,
    ExternalPart,
    PackagePart,
    PartLinks,
    SharedTexts,
    SheetPart,
    WorkbookPart,
    parse_part,
)
from workbook.excel.reading.workbook_contents import Cell, ReadBudget, Sheet, Validation
from workbook.safety.limits import TooLarge

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRINGS = ("甲", "乙")
P = TypeVar("P", bound=PackagePart)


def heard(part: P, xml: str, space: str = MAIN) -> P:
    """The part after it heard that XML, which stands within its root."""
    return parse_part(
        f'<{part.root} xmlns="{space}" xmlns:r="{REL}" xmlns:x="urn:x">{xml}</{part.root}>'.encode(), part
    )


def sheet(xml: str, *, name: str = "表", hidden: bool = False) -> Sheet:
    return heard(SheetPart(STRINGS, ReadBudget()), xml).made(name, hidden)


def cells(rows: str) -> dict[str, object]:
    return {f"{row},{col}": cell for (row, col), cell in sheet(f"<sheetData>{rows}</sheetData>").cells.items()}


# What stands in <sheetData>, and the cells it comes to by row and column.
CELLS: dict[str, tuple[str, dict[str, Cell]]] = {
    "nothing": ("", {}),
    "a number": ('<row r="2"><c r="B2"><v>5</v></c></row>', {"1,1": Cell(5)}),
    "a text": ('<row r="1"><c r="A1" t="s"><v>1</v></c></row>', {"0,0": Cell("乙")}),
    "a formula": ('<row r="1"><c r="A1"><f>B1+1</f><v>5</v></c></row>', {"0,0": Cell(5, "B1+1")}),
    "a formula without result": ('<row r="1"><c r="A1"><f>B1</f></c></row>', {"0,0": Cell(None, "B1", cached=False)}),
    "an empty result": ('<row r="1"><c r="A1" t="str"><f>B1</f><v/></c></row>', {"0,0": Cell("", "B1")}),
    "a formula without text": ('<row r="1"><c r="A1"><f/><v>5</v></c></row>', {"0,0": Cell(5, "")}),
    "a value in pieces": ('<row r="1"><c r="A1"><v>1<!-- 2 -->3</v></c></row>', {"0,0": Cell(13)}),
    "nothing in a cell": ('<row r="1"><c r="A1"/><c r="B1"><v/></c></row>', {}),
    "no places": (
        "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
        {"0,0": Cell(1), "0,1": Cell(2), "1,0": Cell(3)},
    ),
    "places after others": (
        '<row r="5"><c r="D5"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>',
        {"4,3": Cell(1), "4,4": Cell(2), "5,0": Cell(3)},
    ),
    "rows out of order": (
        '<row r="5"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row><row><c><v>3</v></c></row>',
        {"4,0": Cell(1), "1,0": Cell(2), "2,0": Cell(3)},
    ),
    "the last of two": ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', {"0,0": Cell(2)}),
    "the last is empty": ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"/><c r="A1"/></row>', {}),
    "a text of its own": (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is><v>9</v></c></row>',
        {"0,0": Cell("甲")},
    ),
    "a text in runs": (
        '<row r="1"><c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>甲</t></r><r><t>乙</t></r></is></c></row>',
        {"0,0": Cell("甲乙")},
    ),
    "a text with its sound": (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t><rPh sb="0"><t>jia</t></rPh><t>乙</t></is></c></row>',
        {"0,0": Cell("甲乙")},
    ),
    "a sound does not outlast its cell": (
        '<row r="1"><c r="A1" t="inlineStr"><is><rPh><t>jia</t></rPh></is></c><c r="B1"><v>5</v></c></row>',
        {"0,1": Cell(5)},
    ),
    "another kind without text of its own": ('<row r="1"><c r="A1" t="str"><is><t>甲</t></is></c></row>', {}),
    "an extension": (
        '<row r="1"><c r="A1"><v>5</v><extLst><ext><c r="A1"><v>6</v></c><f>1</f></ext></extLst></c></row>',
        {"0,0": Cell(5)},
    ),
    "an extension within another": (
        '<row r="1"><c r="A1"><v>5</v><extLst><ext><extLst/><v>6</v></ext></extLst></c><c r="B1"><v>7</v></c></row>',
        {"0,0": Cell(5), "0,1": Cell(7)},
    ),
    "of another namespace": ('<row r="1"><c r="A1"><v>5</v><x:v>6</x:v></c></row>', {"0,0": Cell(5)}),
    "one formula for many": (
        '<row r="1"><c r="A1"><f t="shared" si="0">B1</f></c></row><row r="2"><c r="A2"><f t="shared" si="0"/></c>'
        '<c r="B2"><f>C2</f></c></row>',
        {
            "0,0": Cell(None, "B1", cached=False),
            "1,0": Cell(None, "B2", cached=False),
            "1,1": Cell(None, "C2", cached=False),
        },
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_are_read_as_spelled(name):
    rows, wanted = CELLS[name]
    found = cells(rows)
    assert found == wanted
    assert [repr(cell) for cell in found.values()] == [repr(cell) for cell in wanted.values()]


REFUSED = {
    "a cell beside another element": ('<row r="1"><c r="A1"><v>1</v></c><d/></row>', "d among the cells"),
    "a value without a cell": ('<row r="1"><v>1</v></row>', "v among the cells"),
    "a cell within a cell": ('<row r="1"><c r="A1"><c r="B1"/></c></row>', "c within a cell"),
    "a validation within a cell": ('<row r="1"><c r="A1"><dataValidation/></c></row>', "dataValidation within a cell"),
    "two values": ('<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>', "two of v"),
    "two formulas": ('<row r="1"><c r="A1"><f>B1</f><f>C1</f><v>2</v></c></row>', "two of f"),
    "an element within a value": ('<row r="1"><c r="A1"><v>1<x:b/>2</v></c></row>', "within a text"),
    "a row without number": ('<row r="x"/>', "invalid literal"),
    "a cell without place": ('<row r="1"><c r="表1"><v>1</v></c></row>', "not a cell"),
    "a text that is not there": ('<row r="1"><c r="A1" t="s"><v>2</v></c></row>', "no shared string 2"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_hide_a_figure_is_refused(name):
    rows, words = REFUSED[name]
    with pytest.raises(ValueError, match=words):
        cells(rows)


def test_cells_outside_of_rows_are_none():
    assert sheet('<c r="A1"><v>1</v></c><sheetData/>').cells == {}
    assert sheet('<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><c r="B1"><v>2</v></c>').cells == {
        (0, 0): Cell(1)
    }


def test_a_sheet_is_named_hidden_protected_and_merged():
    one = sheet("<sheetData/>", name="表三", hidden=True)
    assert one == Sheet("表三", {}, hidden=True)
    for xml, wanted in (
        ('<sheetProtection sheet="1"/>', (True, False)),
        ('<sheetProtection sheet="true" password="CC1A"/>', (True, True)),
        ('<sheetProtection sheet="0" hashValue="x"/>', (False, True)),
        ("<sheetProtection/>", (False, False)),
        ("", (False, False)),
    ):
        one = sheet(f"<sheetData/>{xml}")
        assert (one.protected, one.password, one.hidden) == (*wanted, False)
    merged = '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="C3"/><mergeCell ref="A:C"/></mergeCells>'
    assert sheet(merged).merges == ((0, 0, 1, 1), (2, 2, 2, 2))
    with pytest.raises(ValueError, match=r"^merged cells without a place$"):
        sheet('<mergeCells><mergeCell ref="A1:"/></mergeCells>')


# One <dataValidation>: its attributes and elements, and what it asks.
VALIDATIONS = [
    ("", "", Validation(())),
    ('sqref="B2 A1:A3"', "", Validation(("A1:A3", "B2"))),
    ('sqref="A1" type="whole"', "", Validation(("A1",), "whole")),
    ('sqref="A1" operator="greaterThan"', "", Validation(("A1",), operator="greaterThan")),
    ('sqref="A1"', "<formula1>0</formula1><formula2>9</formula2>", Validation(("A1",), formula1="0", formula2="9")),
    ('sqref="A1" showErrorMessage="1"', "", Validation(("A1",), stops=True)),
    ('sqref="A1" showErrorMessage="true" errorStyle="stop"', "", Validation(("A1",), stops=True)),
    ('sqref="A1" showErrorMessage="1" errorStyle="warning"', "", Validation(("A1",))),
    ('sqref="A1" showErrorMessage="0"', "", Validation(("A1",))),
]


@pytest.mark.parametrize(("attributes", "elements", "wanted"), VALIDATIONS)
def test_a_validation_is_read_with_what_it_leaves_out(attributes, elements, wanted):
    xml = f"<dataValidations><dataValidation {attributes}>{elements}</dataValidation></dataValidations>"
    assert sheet(f"<sheetData/>{xml}").validations == (wanted,)


def test_validations_are_listed_one_after_another():
    one, other = '<dataValidation sqref="A1"><formula1>1</formula1></dataValidation>', '<dataValidation sqref="B1"/>'
    found = sheet(f"<dataValidations>{one}{other}</dataValidations>").validations
    assert found == (Validation(("A1",), formula1="1"), Validation(("B1",)))
    with pytest.raises(ValueError, match="dataValidation within a cell or a validation"):
        sheet(f"<dataValidations>{one.replace('<f', other + '<f')}</dataValidations>")
    with pytest.raises(ValueError, match="two of formula1"):
        sheet(f"<dataValidations>{one.replace('</f', '</formula1><formula1>2</f')}</dataValidations>")


# shared texts


@pytest.mark.parametrize(
    ("items", "texts"),
    [
        ("", []),
        ("<si><t>甲</t></si><si><t>乙</t></si>", ["甲", "乙"]),
        ("<si/><si><t/></si>", ["", ""]),
        ("<si><r><t>甲</t></r><r><rPr/><t> 乙</t></r></si>", ["甲 乙"]),
        ("<si><t>甲</t><rPh><t>jia</t></rPh></si><si><t>乙</t></si>", ["甲", "乙"]),
        ("<si><t>a_x000D_b</t></si>", ["a\rb"]),
        ("<si>丙<t>甲</t>丁</si>", ["甲"]),
        ("<si><t>甲</t><x:t>乙</x:t></si>", ["甲"]),
    ],
)
def test_shared_texts_are_joined_from_their_runs(items, texts):
    assert heard(SharedTexts(ReadBudget()), items).texts == texts


def test_a_shared_text_within_another_is_refused():
    with pytest.raises(ValueError, match=r"^a text within a text$"):
        heard(SharedTexts(ReadBudget()), "<si><si><t>甲</t></si></si>")
    with pytest.raises(ValueError, match="b within a text"):
        heard(SharedTexts(ReadBudget()), "<t>甲<x:b/></t>")


# the workbook's own part


def test_the_workbook_lists_sheets_names_and_links():
    xml = (
        '<sheets><sheet name="封面" sheetId="1" r:id="rId1"/><sheet name="表三" state="hidden" r:id="rId2"/>'
        '<sheet name="表四" state="veryHidden" r:id="rId3"/><sheet name="文字" state="visible" r:id="rId4"/></sheets>'
        '<externalReferences><externalReference r:id="rId9"/></externalReferences>'
        "<definedNames><definedName name=\"requests\">'表三'!$D$6:$J$30</definedName>"
        '<definedName name="own" localSheetId="1">表三!$A$1</definedName><definedName name="empty"/>'
        '<definedName name="twice">a</definedName><definedName name="twice">b&amp;c</definedName></definedNames>'
    )
    found = heard(WorkbookPart(ReadBudget()), xml)
    assert found.sheets == [
        ("封面", False, "rId1"), ("表三", True, "rId2"), ("表四", True, "rId3"), ("文字", False, "rId4"),
    ]  # fmt: skip
    assert found.externals == ["rId9"]
    assert found.names == {"requests": "'表三'!$D$6:$J$30", "empty": "", "twice": "b&c"}


def test_a_long_name_is_read_to_its_end():
    long = "&".join(f"表三!$A${row}" for row in range(1, 2000))  # it comes in pieces
    xml = f'<definedName name="甲">{long.replace("&", "&amp;")}</definedName>'
    assert heard(WorkbookPart(ReadBudget()), xml).names == {"甲": long}


def test_what_stands_among_the_sheets_must_be_one():
    with pytest.raises(ValueError, match="x among the sheets"):
        heard(WorkbookPart(ReadBudget()), "<sheets><x/></sheets>")
    assert heard(WorkbookPart(ReadBudget()), '<sheets/><x/><sheets><sheet name="甲" r:id="1"/></sheets>').sheets == [
        ("甲", False, "1")
    ]


# links


@pytest.mark.parametrize(
    ("folder", "target", "mode", "found"),
    [
        ("xl", "worksheets/sheet1.xml", "", "xl/worksheets/sheet1.xml"),
        ("xl", "/xl/worksheets/sheet1.xml", "", "xl/worksheets/sheet1.xml"),
        ("xl", "../xl/./sheet1.xml", "", "xl/sheet1.xml"),
        ("xl", "worksheets\\sheet1.xml", "", "xl/worksheets/sheet1.xml"),
        ("", "xl/workbook.xml", "", "xl/workbook.xml"),
        ("xl", "../../../etc/passwd", "", "etc/passwd"),
        ("xl", "去年.xlsx", ' TargetMode="External"', "去年.xlsx"),
        ("xl", "..\\去年.xlsx", ' TargetMode="External"', "..\\去年.xlsx"),
        ("xl", "sheet1.xml", ' TargetMode="Internal"', "xl/sheet1.xml"),
    ],
)
def test_a_link_leads_to_a_part_or_out_of_the_file(folder, target, mode, found):
    xml = f'<Relationship Id="rId1" Type="{REL}/worksheet" Target="{target}"{mode}/>'
    assert heard(PartLinks(folder, ReadBudget()), xml, "urn:packages").found == {"rId1": ("worksheet", found)}


def test_links_are_listed_by_identifier():
    xml = '<Relationship Id="a" Type="styles" Target="s.xml"/><Other Id="c"/>'
    xml += '<Relationship Id="b" Type="x/y" Target="/t"/>'
    assert heard(PartLinks("xl", ReadBudget()), xml, "urn:p").found == {"a": ("styles", "xl/s.xml"), "b": ("y", "t")}
    for missing in ("Id", "Type", "Target"):
        with pytest.raises(KeyError, match=missing):
            heard(PartLinks("xl", ReadBudget()), xml.replace(f" {missing}=", " other="), "urn:p")


def test_of_links_that_lead_outside_no_other_is_listed():
    xml = '<Relationship Id="a" Type="x/sheet" Target="s.xml"/>'
    xml += '<Relationship Id="b" Type="x/hyperlink" Target="a:b" TargetMode="External"/>'
    xml += '<Relationship Id="c" Type="x/sheet" Target="t.xml" TargetMode="Internal"/>'
    xml += '<Relationship Id="d" Type="x/image" Target="..\\c" TargetMode="External"/>'
    found = heard(PartLinks("xl", ReadBudget(), outside=True), xml, "urn:p").found
    assert found == {"b": ("hyperlink", "a:b"), "d": ("image", "..\\c")}


# What a part about something outside says, its kind, and what it names.
OUTSIDE = [
    ('<ddeLink ddeService="cmd" ddeTopic="/c x"><ddeItems/></ddeLink>', "dde", "cmd|/c x"),
    ('<ddeLink ddeTopic="x"/>', "dde", "|x"),
    ('<ddeLink ddeService="cmd"/>', "dde", "cmd|"),
    ('<oleLink progId="Word.Document" r:id="rId1"><oleItems/></oleLink>', "ole", "Word.Document"),
    ("<oleLink/>", "ole", ""),
    ('<externalBook r:id="rId1"><sheetNames/></externalBook>', "", ""),
]


@pytest.mark.parametrize(("xml", "kind", "what"), OUTSIDE)
def test_what_a_part_asks_of_another_program_is_named(xml, kind, what):
    found = heard(ExternalPart(ReadBudget()), xml)
    assert (found.kind, found.what) == (kind, what)


# properties


def test_properties_are_read_as_text_whatever_their_type():
    xml = (
        ' <property name="mixed"><x:a>甲</x:a>乙</property>'
        '<property name="ogi.stamp"><x:lpwstr>annual-2021|1|ff</x:lpwstr></property> '
        '<property name="count"><x:i4> 5 </x:i4></property><property name="two"><x:a>甲</x:a><x:b>乙</x:b></property>'
        '<property name="none"/>'
    )
    found = heard(CustomProperties(ReadBudget()), xml, "urn:properties").texts
    assert found == {"mixed": "甲乙", "ogi.stamp": "annual-2021|1|ff", "count": "5", "two": "甲乙", "none": ""}


# any part


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<sst/>", "sst where worksheet should be"),
        ("<!DOCTYPE worksheet><worksheet/>", "a document type is declared"),
        ('<!DOCTYPE worksheet [<!ENTITY a "b">]><worksheet>&a;</worksheet>', "a document type is declared"),
    ],
)
def test_another_part_or_one_with_entities_is_refused(xml, words):
    with pytest.raises(ValueError, match=f"^{words}$"):
        parse_part(xml.encode(), SheetPart((), ReadBudget()))


@pytest.mark.parametrize("root", ["worksheet", 'x:worksheet xmlns:x="urn:any"', 'worksheet xmlns="urn:any"'])
def test_a_part_may_be_in_any_namespace_or_none(root):
    name = root.split()[0]
    prefix = name.removesuffix("worksheet")
    xml = f'<{root}><{prefix}sheetData><{prefix}row r="1"><{prefix}c r="A1"><{prefix}v>5</{prefix}v></{prefix}c>'
    xml += f"</{prefix}row></{prefix}sheetData></{name}>"
    assert parse_part(xml.encode(), SheetPart((), ReadBudget())).made("表", False).cells == {(0, 0): Cell(5)}


def test_a_sheet_pays_for_every_cell_merge_and_validation():
    xml = '<sheetData><row><c><v>1</v></c><c/></row></sheetData><mergeCell ref="A1:B1"/><dataValidation sqref="A1"/>'
    budget = ReadBudget(cells=100)
    heard(SheetPart((), budget), xml)
    assert budget.cells == 96
    budget = ReadBudget(cells=100)
    heard(SheetPart((), budget), '<dataValidation sqref="A1 B2 C3"/>')
    assert budget.cells == 97


def test_a_text_is_paid_for_where_it_is_kept_and_each_time_a_cell_shows_it():
    budget = ReadBudget(cells=100, letters=100)
    heard(SharedTexts(budget), "<si><t>甲乙丙</t></si><si><r><t>丁</t></r><r><t>戊</t></r></si>")
    assert (budget.cells, budget.letters) == (98, 95)
    heard(SheetPart(("甲乙丙",), budget), '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c><c><v>1234</v></c></row>')
    assert budget.letters == 89


def test_a_defined_name_is_paid_for():
    budget = ReadBudget(cells=100)
    heard(WorkbookPart(budget), '<definedName name="甲">A1</definedName><definedName name="乙" localSheetId="1"/>')
    assert budget.cells == 99


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_every_element_below_the_root_is_paid_for(count):
    budget = ReadBudget(elements=2500)
    heard(SharedTexts(budget), "<a/>" * count)
    assert budget.elements == 2500 - count
    with pytest.raises(TooLarge):
        heard(SharedTexts(budget), "<a/>" * (2501 - count))


def test_a_part_of_too_many_elements_is_not_heard_to_its_end():
    part = CustomProperties(ReadBudget(elements=1500))
    with pytest.raises(TooLarge):
        heard(part, '<property name="甲"/>' + "<a/>" * 2500 + '<property name="乙"/>')
    assert list(part.texts) == ["甲"]


def test_a_part_cut_short_is_refused():
    with pytest.raises(ExpatError, match="no element found"):
        parse_part(b"<worksheet><sheetData/>", SheetPart((), ReadBudget()))
