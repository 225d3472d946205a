"""What the small parts of a package say, spelled out in XML: sheets, names, links, properties; and what is refused."""

from __future__ import annotations

from typing import TypeVar
from xml.parsers.expat import ExpatError

import pytest

from workbook.excel.reading.ooxml_parts import (
    CustomProperties,
    ExternalPart,
    PackagePart,
    PartLinks,
    WorkbookPart,
    parse_part,
)
from workbook.excel.reading.workbook_contents import AmbiguousWorkbook, ReadBudget
from workbook.safety.limits import TooLarge

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
P = TypeVar("P", bound=PackagePart)


def heard(part: P, xml: str, space: str = MAIN) -> P:
    """The part after it heard that XML, which stands within its root."""
    return parse_part(
        f'<{part.root} xmlns="{space}" xmlns:r="{REL}" xmlns:x="urn:x">{xml}</{part.root}>'.encode(), part
    )


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
    xml = f'<definedNames><definedName name="甲">{long.replace("&", "&amp;")}</definedName></definedNames>'
    assert heard(WorkbookPart(ReadBudget()), xml).names == {"甲": long}


@pytest.mark.parametrize(
    "xml", ["<sheets><x/></sheets>", "<sheets/><sheets/>", '<x><sheets><sheet name="甲" r:id="1"/></sheets></x>']
)
def test_sheets_are_in_one_list(xml):
    with pytest.raises(AmbiguousWorkbook):
        heard(WorkbookPart(ReadBudget()), xml)


def test_the_link_of_a_sheet_is_the_one_of_the_standard():
    listed = '<sheets><sheet name="甲" x:id="rId9" r:id="rId1"/></sheets>'
    assert heard(WorkbookPart(ReadBudget()), listed).sheets == [("甲", False, "rId1")]
    with pytest.raises(KeyError):
        heard(WorkbookPart(ReadBudget()), listed.replace("r:id", "id"))


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
    link = "worksheet", found, "External" in mode
    assert heard(PartLinks(folder, ReadBudget()), xml, "urn:packages").found == {"rId1": link}


def test_links_are_listed_by_identifier():
    xml = f'<Relationship Id="a" Type="{REL}/styles" Target="s.xml"/><Other Id="c"/>'
    xml += '<Relationship Id="b" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/theme" Target="/t"/>'
    xml += '<Relationship Id="c" Type="urn:x/styles" Target="u"/>'
    found = heard(PartLinks("xl", ReadBudget()), xml, "urn:p").found
    assert {key: link[:2] for key, link in found.items()} == {
        "a": ("styles", "xl/s.xml"), "b": ("theme", "t"), "c": ("urn:x/styles", "xl/u"),
    }  # fmt: skip
    for missing in ("Id", "Type", "Target"):
        with pytest.raises(KeyError, match=missing):
            heard(PartLinks("xl", ReadBudget()), xml.replace(f" {missing}=", " other="), "urn:p")
    with pytest.raises(AmbiguousWorkbook, match="two links a"):
        heard(PartLinks("xl", ReadBudget()), xml.replace('"b"', '"a"'), "urn:p")


def test_of_links_that_lead_outside_no_other_is_listed():
    xml = '<Relationship Id="a" Type="x/sheet" Target="s.xml"/>'
    xml += f'<Relationship Id="b" Type="{REL}/hyperlink" Target="a:b" TargetMode="External"/>'
    xml += '<Relationship Id="c" Type="x/sheet" Target="t.xml" TargetMode="Internal"/>'
    xml += '<Relationship Id="d" Type="x/image" Target="..\\c" TargetMode="External"/>'
    found = heard(PartLinks("xl", ReadBudget(), outside=True), xml, "urn:p").found
    assert found == {"b": ("hyperlink", "a:b", True), "d": ("x/image", "..\\c", True)}


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
        ("<sst/>", "sst where workbook should be"),
        ("<workbook/>", "workbook of the namespace "),
        (f'<!DOCTYPE workbook><workbook xmlns="{MAIN}"/>', "a document type is declared"),
        (f'<!DOCTYPE a [<!ENTITY a "b">]><workbook xmlns="{MAIN}">&a;</workbook>', "a document type is declared"),
    ],
)
def test_another_part_or_one_with_entities_is_refused(xml, words):
    with pytest.raises(ValueError, match=f"^{words}$"):
        parse_part(xml.encode(), WorkbookPart(ReadBudget()))


def test_a_defined_name_is_paid_for():
    budget = ReadBudget(cells=100)
    names = '<definedName name="甲">A1</definedName><definedName name="乙" localSheetId="1"/>'
    heard(WorkbookPart(budget), f"<definedNames>{names}</definedNames>")
    assert budget.cells == 99


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_every_element_below_the_root_is_paid_for(count):
    budget = ReadBudget(elements=2500)
    heard(CustomProperties(budget), "<a/>" * count)
    assert budget.elements == 2500 - count
    with pytest.raises(TooLarge):
        heard(CustomProperties(budget), "<a/>" * (2501 - count))


def test_a_part_of_too_many_elements_is_not_heard_to_its_end():
    part = CustomProperties(ReadBudget(elements=1500))
    with pytest.raises(TooLarge):
        heard(part, '<property name="甲"/>' + "<a/>" * 2500 + '<property name="乙"/>')
    assert list(part.texts) == ["甲"]


def test_a_part_cut_short_is_refused():
    with pytest.raises(ExpatError, match="no element found"):
        parse_part(f'<workbook xmlns="{MAIN}"><sheets/>'.encode(), WorkbookPart(ReadBudget()))
