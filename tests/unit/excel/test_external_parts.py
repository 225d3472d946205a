"""What of a workbook leads outside it: by the parts of its package and their references, and names in a circle."""

from __future__ import annotations

import pytest

from tests.samples.minimal_workbooks import OUTSIDE, OUTSIDE_LINKS, link, links, xml
from workbook.excel.reading.external_content import find_external_references, find_name_cycle, find_package_references
from workbook.excel.reading.workbook_contents import ExternalReference

BESIDE = "xl/worksheets/_rels/sheet1.xml.rels"
PICTURE = link("a", "image", "http://x/y.png", "External")

# The parts of a package, and what they reach.
PACKAGES: dict[str, tuple[dict[str, str], list[ExternalReference]]] = {
    "nothing": ({}, []),
    "what every workbook has": ({"xl/workbook.xml": "", "xl/worksheets/sheet1.xml": "", "xl/media/a.bin": ""}, []),
    "macros": ({"xl/vbaProject.bin": ""}, [ExternalReference("vba", "xl/vbaProject.bin")]),
    "a signature of macros, too": (
        {"xl/vbaProjectSignature.bin": "", "xl/vbaProject.bin": ""},
        [ExternalReference("vba", "xl/vbaProjectSignature.bin")],
    ),
    "a picture of that name": ({"xl/media/vbaProject.bin.png": ""}, []),
    "macros of Excel 4": (
        {"XL/MacroSheets/Sheet1.xml": ""},
        [ExternalReference("macrosheet", "XL/MacroSheets/Sheet1.xml")],
    ),
    "a dialog": ({"xl/dialogsheets/sheet1.xml": ""}, [ExternalReference("macrosheet", "xl/dialogsheets/sheet1.xml")]),
    "an object": ({"xl/embeddings/oleObject1.bin": ""}, [ExternalReference("object", "xl/embeddings/oleObject1.bin")]),
    "a connection": ({"xl/connections.xml": ""}, [ExternalReference("connection", "xl/connections.xml")]),
    "a query": (
        {"xl/queryTables/queryTable1.xml": ""},
        [ExternalReference("connection", "xl/queryTables/queryTable1.xml")],
    ),
    "several, in one order": (
        {BESIDE: links(PICTURE), "xl/connections.xml": "", "xl/vbaProject.bin": ""},
        [
            ExternalReference("vba", "xl/vbaProject.bin"),
            ExternalReference("connection", "xl/connections.xml"),
            ExternalReference("fetched", "http://x/y.png"),
        ],
    ),
    "a picture": ({BESIDE: links(PICTURE)}, [ExternalReference("fetched", "http://x/y.png")]),
    "references in capitals": ({BESIDE.upper(): links(PICTURE)}, [ExternalReference("fetched", "http://x/y.png")]),
    "what is inside stays inside": (
        {BESIDE: links(link("a", "image", "../media/a.png"), link("b", "image", "c.png", "Internal"), PICTURE)},
        [ExternalReference("fetched", "http://x/y.png")],
    ),
    "links that are clicked": (
        {
            BESIDE: links(
                *(
                    link(str(n), "hyperlink", to, "External")
                    for n, to in enumerate(
                        (
                            "https://x",
                            "HTTP://x",
                            "mailto:a@x",
                            "file:///c:/x.exe",
                            "..\\\\去年.xlsx",
                            "javascript:http:",
                        )
                    )
                )
            )
        },
        [ExternalReference("opened", to) for to in ("file:///c:/x.exe", "..\\\\去年.xlsx", "javascript:http:")],
    ),
    "a link to another workbook, told elsewhere": (
        {OUTSIDE_LINKS: links(PICTURE), BESIDE: links(link("a", "image", "b.png", "External"))},
        [ExternalReference("fetched", "b.png")],
    ),
    "the same in capitals": ({OUTSIDE_LINKS.upper(): links(PICTURE)}, []),
}


@pytest.mark.parametrize("name", PACKAGES)
def test_parts_tell_what_they_are_and_refer_to(name: str) -> None:
    parts, found = PACKAGES[name]
    read = {part: text.encode() for part, text in parts.items() if part.lower().endswith(".rels")}
    assert list(find_package_references(parts, read.__getitem__, [OUTSIDE.replace("xl", "XL")])) == found


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ('<ddeLink ddeService="cmd" ddeTopic="/c x"/>', ExternalReference("dde", "cmd|/c x")),
        ('<oleLink progId="Word.Document"/>', ExternalReference("ole", "Word.Document")),
        ('<externalBook r:id="rId1"/>', None),
    ],
)
def test_a_part_about_something_outside_tells_what_it_asks(inside: str, found: ExternalReference | None) -> None:
    assert find_external_references(xml("externalLink", inside).encode()) == found


# Defined names with their texts, and the circle among them.
NAMES: list[tuple[dict[str, str], tuple[str, ...]]] = [
    ({}, ()),
    ({"甲": "'表三'!$D$6", "乙": "甲+1"}, ()),
    ({"甲": "甲"}, ("甲", "甲")),
    ({"甲": "乙", "乙": "甲"}, ("甲", "乙", "甲")),
    ({"甲": "乙", "乙": "丙+丁", "丙": "丁", "丁": "丙*2"}, ("丙", "丁", "丙")),
    ({"Total": "TOTAL+1"}, ("Total", "Total")),
    ({"甲": "乙+丙", "乙": "丁", "丙": "丁", "丁": "1"}, ()),
    ({"甲": "乙+丙", "乙": "丁", "丙": "甲", "丁": "1"}, ("甲", "丙", "甲")),
    ({"甲": "1", "乙": "丙", "丙": "乙"}, ("乙", "丙", "乙")),
    ({"甲": '"甲"&"乙"', "乙": "无此名+1"}, ()),
    ({"甲": 'IF(1,甲"")'}, ("甲", "甲")),
    ({"甲": "甲!A1+'甲'!B2"}, ()),
    ({"甲": "表三!甲"}, ("甲", "甲")),
    ({"甲": "'表 三'!甲"}, ("甲", "甲")),
]


@pytest.mark.parametrize(("names", "found"), NAMES, ids=str)
def test_names_that_refer_to_each_other_in_a_circle(names: dict[str, str], found: tuple[str, ...]) -> None:
    assert find_name_cycle(names) == found


def test_names_that_share_what_they_refer_to_are_gone_through_once() -> None:
    assert find_name_cycle({f"n{n}": f"n{n + 1}+n{n + 2}" for n in range(100)}) == ()
