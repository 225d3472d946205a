"""A sheet scanned: the pattern and the parser find the same cells, and what has two meanings is refused."""

from __future__ import annotations

import pytest

from tests.samples.filled_workbooks import made
from tests.samples.minimal_workbooks import FIRST, PARTS, packed
from tests.samples.package_edits import parts_of
from workbook.excel.reading.cell_appearance import CellStyles
from workbook.excel.reading.openpyxl_reader import read_with_openpyxl
from workbook.excel.reading.shared_texts import SharedTexts
from workbook.excel.reading.sheet_scan import SheetScan, build_sheet
from workbook.excel.reading.workbook_contents import AmbiguousWorkbook, Cell, ReadBudget, Sheet, Validation
from workbook.model.cell_address import Area
from workbook.safety.limits import TooLarge

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TEXTS = SharedTexts(["甲".encode(), "收_x000D_到".encode()])
"""As in `PARTS`."""
BEFORE, AFTER = "<sheetData>", "</sheetData>"


def part(xml: str, root: str = "") -> bytes:
    return f'<worksheet xmlns="{MAIN}"{root}>{xml}</worksheet>'.encode()


def sheet(xml: str, *, name: str = "表", hidden: bool = False, budget: ReadBudget | None = None) -> Sheet:
    """The sheet of a part, by the pattern where it is proven; by the parser it must be the same."""
    scan = SheetScan(part(xml), budget or ReadBudget())
    one = build_sheet(name, hidden, scan, TEXTS, CellStyles())
    parsed = build_sheet(name, hidden, SheetScan(part(f"<!-- -->{xml}"), ReadBudget()), TEXTS, CellStyles())
    assert repr(parsed) == repr(one)
    return one


def cells(rows: str) -> dict[str, object]:
    return {f"{row},{col}": cell for (row, col), cell in sheet(f"<sheetData>{rows}</sheetData>").cells.items()}


# What stands in <sheetData>, and the cells it comes to by row and column.
CELLS: dict[str, tuple[str, dict[str, Cell]]] = {
    "nothing": ("", {}),
    "a number": ('<row r="2"><c r="B2"><v>5</v></c></row>', {"1,1": Cell(5)}),
    "a text": ('<row r="1"><c r="A1" t="s"><v>1</v></c></row>', {"0,0": Cell("收\r到")}),
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
        '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t></is></c></row>',
        {"0,0": Cell("甲")},
    ),
    "a text in runs": (
        '<row r="1"><c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>甲</t></r><r><t>乙</t></r></is></c></row>',
        {"0,0": Cell("甲乙")},
    ),
    "a text with its sound": (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>甲</t><rPh sb="0"><t>jia</t></rPh></is></c></row>',
        {"0,0": Cell("甲")},
    ),
    "a sound does not outlast its cell": (
        '<row r="1"><c r="A1" t="inlineStr"><is><rPh><t>jia</t></rPh></is></c><c r="B1"><v>5</v></c></row>',
        {"0,1": Cell(5)},
    ),
    "an extension": (
        '<row r="1"><c r="A1"><v>5</v><extLst><ext><c r="A1"><v>6</v></c><f>1</f></ext></extLst></c></row>',
        {"0,0": Cell(5)},
    ),
    "an extension within another": (
        '<row r="1"><c r="A1"><v>5</v><extLst><ext><extLst/><v>6</v></ext></extLst></c><c r="B1"><v>7</v></c></row>',
        {"0,0": Cell(5), "0,1": Cell(7)},
    ),
    "one formula for many": (
        '<row r="1"><c r="A1"><f t="shared" si="0">B1</f></c></row><row r="2"><c r="A2"><f t="shared" si="0"/></c>'
        '<c r="B2"><f>C2</f></c></row>',
        {
            "0,0": Cell(None, "B1", cached=False),
            "1,0": Cell(None, "B2", cached=False),
            "1,1": Cell(None, "C2", cached=False),
        },
    ),
    "a shared formula that is not simple, or not there": (
        '<row r="4"><c r="C4"><f t="shared" si="1">Table[A1]</f></c><c><f t="shared" si="1"/></c>'
        '<c t="str"><f t="shared" si="9"/><v></v></c><c><f t="array" ref="F1">=A1:A2*2</f><v>4</v></c></row>',
        {
            "3,2": Cell(None, "Table[A1]", cached=False),
            "3,3": Cell(None, "Table[A1]", cached=False),
            "3,4": Cell("", ""),
            "3,5": Cell(4, "A1:A2*2"),
        },
    ),
    "a stored empty text": (
        '<row><c t="str"><f>IF(D6&gt;0,"","x")</f><v></v></c><c t="str"><f>A1</f></c><c><f>A1</f><v/></c></row>',
        {
            "0,0": Cell("", 'IF(D6>0,"","x")'),
            "0,1": Cell(None, "A1", cached=False),
            "0,2": Cell(None, "A1", cached=False),
        },
    ),
    "other kinds": (
        '<row><c t="inlineStr"><is><t xml:space="preserve"> 甲_x000D_ </t></is></c><c t="inlineStr"><is><t/></is></c>'
        '<c t="inlineStr"/><c t="str"><v>_x005F_x0041_</v></c><c t="d"><v>2021-01-31T00:00:00</v></c>'
        '<c t="e"><v>#DIV/0!</v></c><c t="b"><v>1</v></c></row>',
        {
            "0,0": Cell(" 甲\r "),
            "0,3": Cell("_x0041_"),
            "0,4": Cell("2021-01-31T00:00:00"),
            "0,5": Cell("#DIV/0!", error=True),
            "0,6": Cell(True),
        },
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_are_read_as_spelled(tmp_path, name):
    """By the pattern, the parser, and the second reader."""
    rows, wanted = CELLS[name]
    found = cells(rows)
    path = packed(tmp_path / "年报.xlsx", {**PARTS, FIRST: part(f"<sheetData>{rows}</sheetData>").decode()})
    second = {f"{row},{col}": cell for (row, col), cell in read_with_openpyxl(path).sheets[0].cells.items()}
    assert repr(second) == repr(found)
    assert found == wanted
    assert [repr(cell) for cell in found.values()] == [repr(cell) for cell in wanted.values()]


NO_MEANING = {
    "two values": ('<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>', "two of v"),
    "two formulas": ('<row r="1"><c r="A1"><f>B1</f><f>C1</f><v>2</v></c></row>', "two of f"),
    "a row without number": ('<row r="x"/>', "invalid literal"),
    "a cell without place": ('<row r="1"><c r="表1"><v>1</v></c></row>', "not a cell"),
    "a text that is not there": ('<row r="1"><c r="A1" t="s"><v>2</v></c></row>', "no shared string 2"),
}


@pytest.mark.parametrize("name", NO_MEANING)
def test_what_could_hide_a_figure_is_refused(name):
    rows, words = NO_MEANING[name]
    with pytest.raises(ValueError, match=words):
        cells(rows)


CELL = '<c r="A1"><v>1</v></c>'
ROW = f'<row r="1">{CELL}</row>'
TWO = '<mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice Requires="x">{0}</mc:Choice></mc:AlternateContent>'
# What programs take in two ways, each with the figure that some of them show (security of ISO/IEC 29500-3, too).
TWO_MEANINGS = {
    "an element within a value": '<sheetData><row r="1"><c r="A1"><v>1<b/>2</v></c></row></sheetData>',
    "alternatives for a row": f"<sheetData>{TWO.format(ROW)}</sheetData>",
    "alternatives for all rows": TWO.format(f"<sheetData>{ROW}</sheetData>"),
    "alternatives for a cell": f'<sheetData><row r="1">{TWO.format(CELL)}</row></sheetData>',
    "alternatives for a value": f'<sheetData><row r="1"><c r="A1">{TWO.format("<v>1</v>")}</c></row></sheetData>',
    "a row that may be ignored": f'<sheetData><z:foo xmlns:z="urn:z">{ROW}</z:foo></sheetData>',
    "a row outside of the cells": f"<sheetData/>{ROW}",
    "a row in other elements": f"<sheetData/><printOptions>{ROW}</printOptions>",
    "a cell outside of rows": f"<sheetData>{CELL}</sheetData>",
    "cells twice": f"<sheetData>{ROW}</sheetData><sheetData/>",
    "a cell beside another element": f'<sheetData><row r="1">{CELL}<d/></row></sheetData>',
    "a cell within a cell": '<sheetData><row r="1"><c r="A1"><c r="B1"/></c></row></sheetData>',
    "a value deeper in a cell": '<sheetData><row r="1"><c r="A1"><foo><v>1</v></foo></c></row></sheetData>',
    "a value in a text": '<sheetData><row r="1"><c r="A1"><is><v>1</v></is></c></row></sheetData>',
    "a value of another space": '<sheetData><row r="1"><c r="A1"><x:v xmlns:x="urn:x">6</x:v></c></row></sheetData>',
    "a value and a text": '<sheetData><row r="1"><c t="inlineStr"><is><t>1</t></is><v>2</v></c></row></sheetData>',
    "a text of a number": '<sheetData><row r="1"><c r="A1"><is><t>1</t></is></c></row></sheetData>',
    "two texts": '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>1</t><t>2</t></is></c></row></sheetData>',
    "a cell of another row": '<sheetData><row r="1"><c r="A2"><v>1</v></c></row></sheetData>',
    "a place with dollars": '<sheetData><row r="1"><c r="$A$1"><v>1</v></c></row></sheetData>',
}


@pytest.mark.parametrize("name", TWO_MEANINGS)
def test_what_programs_take_in_two_ways_is_refused(name):
    with pytest.raises(AmbiguousWorkbook):
        sheet(TWO_MEANINGS[name])


def test_alternatives_and_extensions_beside_the_cells_are_none():
    beside = TWO.format("<controls/>") + f"<extLst><ext><sheetData>{ROW}</sheetData></ext></extLst>"
    assert sheet(f"<sheetData>{ROW}</sheetData>{beside}").cells == {(0, 0): Cell(1)}


LAST_ROW, LAST_COLUMN = (1 << 20) - 1, (1 << 14) - 1
HIDING: dict[str, tuple[str, str, tuple[tuple[str, Area], ...]]] = {
    "nothing": (
        '<cols><col min="1" max="2" width="9" hidden="false"/></cols>',
        '<row r="2" ht="24" hidden="false"/>',
        (),
    ),
    "a hidden row": ("", '<row r="2" hidden="1"/>', (("row", (1, 0, 1, LAST_COLUMN)),)),
    "a row hidden by a word": ("", '<row r="2" hidden="true" ht="24"/>', (("row", (1, 0, 1, LAST_COLUMN)),)),
    "a row of no height": ("", '<row r="2" ht="0" customHeight="1"/>', (("row", (1, 0, 1, LAST_COLUMN)),)),
    "a row of a hair's height": ("", '<row r="2" ht="0.75"/>', (("row", (1, 0, 1, LAST_COLUMN)),)),
    "a low row": ("", '<row r="2" ht="6"/>', ()),
    "hidden columns": ('<cols><col min="2" max="4" hidden="1"/></cols>', "", (("column", (0, 1, LAST_ROW, 3)),)),
    "a column of no width": ('<cols><col min="2" max="2" width="0"/></cols>', "", (("column", (0, 1, LAST_ROW, 1)),)),
    "an array of two cells": (
        "",
        '<row r="2"><c r="A2"><f t="array" ref="A2:B2">{5,4}</f><v>5</v></c></row>',
        (("array", (1, 0, 1, 1)),),
    ),
    "an array of one cell": ("", '<row r="2"><c r="A2"><f t="array" ref="A2:A2">5</f><v>5</v></c></row>', ()),
}


@pytest.mark.parametrize("name", HIDING)
def test_what_hides_figures_is_heard(name: str) -> None:
    before, rows, unseen = HIDING[name]
    assert sheet(f"{before}<sheetData>{rows}</sheetData>").unseen == unseen


@pytest.mark.parametrize(("said", "zeros"), [("0", False), ("false", False), ("1", True), ("", True)])
def test_a_sheet_that_hides_zeros_is_heard(said: str, zeros: bool) -> None:
    view = f'<sheetViews><sheetView showZeros="{said}" workbookViewId="0"/></sheetViews>'
    assert sheet(f"{view}<sheetData/>").zeros == zeros


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
    assert sheet(f"<sheetData/>{merged}").merges == ((0, 0, 1, 1), (2, 2, 2, 2))
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
    found = sheet(f"<sheetData/><dataValidations>{one}{other}</dataValidations>").validations
    assert found == (Validation(("A1",), formula1="1"), Validation(("B1",)))
    with pytest.raises(ValueError, match="two of formula1"):
        sheet(f"<dataValidations>{one.replace('</f', '</formula1><formula1>2</f')}</dataValidations>")


@pytest.mark.parametrize("root", ["urn:any", ""])
def test_a_sheet_of_another_namespace_is_none(root):
    scan = SheetScan(part("<sheetData/>").replace(MAIN.encode(), root.encode()), ReadBudget())
    with pytest.raises(ValueError, match="of the namespace"):
        build_sheet("表", False, scan, TEXTS, CellStyles())


def test_a_sheet_pays_for_every_cell_merge_validation_and_text():
    around = '<mergeCells><mergeCell ref="A1:B1"/></mergeCells>'
    around += '<dataValidations><dataValidation sqref="A1 B2"/></dataValidations>'
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"/><c r="C1"><v>1234</v></c></row>'
    for comment in ("", "<!-- -->"):
        budget = ReadBudget(cells=100, letters=100)
        scan = SheetScan(part(f"{comment}<sheetData>{rows}</sheetData>{around}"), budget)
        build_sheet("表", False, scan, SharedTexts(["甲乙丙".encode()]), CellStyles())
        assert (budget.cells, budget.letters) == (100 - 3 - 1 - 2, 97)
    with pytest.raises(TooLarge):
        sheet(f"<sheetData>{rows}</sheetData>", budget=ReadBudget(cells=2))


# the pattern is proven, or not used -----------------------------------------------------------------------------------

PLAIN = '<row r="1" spans="1:2"><c r="A1" s="1"><f>B1&amp;"x"</f><v>5</v></c><c r="B1" t="s"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "rows",
    [
        PLAIN,
        f"\n{PLAIN}\n  <row r='2'/>".replace("'", '"'),
        '<row r="1" ht="30" customHeight="1"/>' + PLAIN.replace('1" s', '2" s').replace('B1" t', 'B2" t'),
        "",
    ],
)
def test_plain_rows_are_scanned(rows):
    assert SheetScan(part(f"<sheetData>{rows}</sheetData>"), ReadBudget()).plain_cells is not None


NOT_PLAIN = [
    "<!-- <row> -->",
    '<row r="2"><c r="A3"><v>1</v></c></row>',
    "<![CDATA[x]]>", "<?x y?>", "x", "<row r='1'/>", '<row r="1" r="2"/>', '<row y:z="1"/>',
    '<row x14ac:dyDescent="0.2"/>', '<row r="x"/>', '<row r="1">', "</row>", "<c/>",
    '<row r="1"><c r="A2" ><v>1</v></c></row>',
    '<row r="1"><c r="A1"><v>&x;</v></c></row>', '<row r="1"><c r="A1"><v>]]></v></c></row>', '<row a="&amp;"/>',
    '<row r="1"><c r="A1" t="inlineStr"><is><t>5</t></is></c></row>', '<row r="1"><c r="A1"><v>\ufffe</v></c></row>',
    '<row r="1"><c r="A1"><v a="1">5</v></c></row>', '<row r="1"><c r="A1"><v>\x0b</v></c></row>', "<extLst/>",
]  # fmt: skip


@pytest.mark.parametrize("rows", NOT_PLAIN)
def test_anything_else_is_left_to_the_parser(rows):
    xml = f"<sheetData>{PLAIN}{rows}</sheetData>"
    assert SheetScan(part(xml), ReadBudget()).plain_cells is None


@pytest.mark.parametrize(
    ("old", "new"),
    [("UTF-8", "ISO-8859-1"), ("<sheetData>", "<sheetData >"), ("</worksheet>", ""), ("<worksheet", "<x/><worksheet"),
     ("<sheetData>", "<mergeCells/><sheetData>"), ("<?xml", " <?xml"), ("<worksheet ", '<worksheet a="1" a="1" ')],
)  # fmt: skip
def test_what_is_around_the_cells_is_parsed(tmp_path, old, new):
    xml = parts_of(made(tmp_path / "年报.xlsx"))["xl/worksheets/sheet3.xml"]
    assert SheetScan(xml, ReadBudget()).plain_cells is not None
    assert SheetScan(xml.replace(old.encode(), new.encode(), 1), ReadBudget()).plain_cells is None


def test_a_template_is_scanned_as_it_is_parsed(tmp_path):
    for name, xml in parts_of(made(tmp_path / "年报.xlsx")).items():
        if "worksheets/sheet" in name:
            scan = SheetScan(xml, ReadBudget())
            cells, parsed = scan.plain_cells, scan.parsed
            assert cells is not None
            assert (cells.refs, cells.styles, cells.kinds, cells.values) == parsed.cells[:3] + parsed.cells[4:5]
            assert scan.plain_frame == parsed.frame
