"""Over which cells something is drawn, by the parts of a package."""

from __future__ import annotations

import pytest

from workbook.excel.reading.sheet_drawings import EVERYWHERE, find_drawn_areas
from workbook.model.cell_address import Area

LINKS, SHEET = "xl/worksheets/_rels/sheet2.xml.rels", "xl/worksheets/sheet2.xml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACE = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"


def corner(name: str, row: int, column: int, beyond: int = 0) -> str:
    inside = f"<x:col>{column}</x:col><x:colOff>{beyond}</x:colOff><x:row>{row}</x:row><x:rowOff>{beyond}</x:rowOff>"
    return f"<x:{name}>{inside}</x:{name}>"


def areas(drawing: str, kind: str = "drawing") -> list[Area]:
    """The areas of a sheet whose drawing holds that."""
    links = f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="../drawings/drawing1.xml"/>'
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        LINKS: f'<Relationships xmlns="{space}">{links}</Relationships>'.encode(),
        "xl/drawings/drawing1.xml": f'<x:wsDr xmlns:x="{SPACE}">{drawing}</x:wsDr>'.encode(),
    }
    found = find_drawn_areas(parts, SHEET, parts.__getitem__)
    assert {one.kind for one in found} <= {"drawing"}
    return [one.area for one in found]


def anchored(kind: str, inside: str) -> str:
    return f"<x:{kind}Anchor>{inside}<x:sp/></x:{kind}Anchor>"


FROM = corner("from", 4, 1)
DRAWINGS: dict[str, tuple[str, list[Area]]] = {
    "nothing": ("", []),
    "one cell": (anchored("twoCell", FROM + corner("to", 5, 2)), [(4, 1, 4, 1)]),
    "into the next": (anchored("twoCell", FROM + corner("to", 5, 2, 9)), [(4, 1, 5, 2)]),
    "no extent": (anchored("twoCell", FROM + corner("to", 4, 1)), [(4, 1, 4, 1)]),
    "two of them": (anchored("twoCell", FROM + corner("to", 5, 2)) * 2, [(4, 1, 4, 1)] * 2),
    "a size": (anchored("oneCell", FROM + '<x:ext cx="1300000" cy="200000"/>'), [(4, 1, 5, 3)]),
    "a distance": (anchored("absolute", '<x:pos x="9" y="9"/><x:ext cx="9" cy="9"/>'), [EVERYWHERE]),
    "no place": (anchored("twoCell", ""), [EVERYWHERE]),
    "a word for a row": (anchored("twoCell", FROM.replace("4", "x") + corner("to", 5, 2)), [EVERYWHERE]),
    "broken": ("<x:sp>", [EVERYWHERE]),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_cells_beneath_a_drawing_are_found(name: str) -> None:
    drawing, expected = DRAWINGS[name]
    assert areas(drawing) == expected


def test_notes_of_cells_are_no_drawings_and_what_is_missing_covers_nothing() -> None:
    assert areas(DRAWINGS["one cell"][0], "vmlDrawing") == []
    links = f'<Relationship Id="a" Type="{OFFICE}/drawing" Target="gone.xml"/>'
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {LINKS: f'<Relationships xmlns="{space}">{links}</Relationships>'.encode()}
    assert find_drawn_areas(parts, SHEET, parts.__getitem__) == ()
    assert find_drawn_areas({}, SHEET, parts.__getitem__) == ()
