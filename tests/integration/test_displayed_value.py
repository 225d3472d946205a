"""What a person sees in a cell and what it holds: number formats, and writing that is struck out, raised or hidden."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from tests.samples.filled_workbooks import REPORT, altered, filled, made, named, opened, rules, with_sheet
from tests.samples.package_edits import Parts, packed, parts_of
from tests.samples.step_counter import steps
from tests.samples.template_variants import (
    BOOK,
    COVER,
    PLAIN,
    STRINGS,
    STYLES,
    TABLE,
    WORDS,
    Edit,
    InFull,
    cell,
    changed,
    nobody,
    styled,
    text,
    usual,
)
from workbook.cli import main
from workbook.documents import libreoffice
from workbook.documents.reading.sheet_reader import read_sheet_blocks
from workbook.excel.reading import ooxml_reader, openpyxl_reader, quick_reader
from workbook.excel.reading.quick_reader import QuickReader
from workbook.excel.reading.workbook_contents import Cell, UnseenArea, WorkbookContents
from workbook.excel.reading.workbook_reader import read_book, read_workbook
from workbook.excel.report_loading import load_submission
from workbook.model.rule_catalog import format_advice
from workbook.rules.evaluation import Submission
from workbook.safety.limits import TooLarge

FIRST = "requests.new.person"
COUNT, MONEY = (TABLE, "D6"), (PLAIN, "B16")
"""The cell of a count, and of an amount in 万元."""


def both(path: Path, parts: Parts) -> Submission:
    """What both readers say of a workbook: the same."""
    packed(path, parts)
    one, other = ooxml_reader.read_ooxml(path), openpyxl_reader.read_with_openpyxl(path)
    assert replace(one, reader="") == replace(other, reader="")
    assert read_book(other).findings == read_book(one).findings
    return read_workbook(path)


def shown(submission: Submission) -> list[str]:
    return named(submission.findings, "structure-shown")


# number formats -------------------------------------------------------------------------------------------------------

OTHERWISE: dict[str, tuple[tuple[str, str], str, str, str]] = {
    "thousands cut off": (COUNT, "5000", "0,", "显示为“5”"),
    "thousands cut off behind a comma": (COUNT, "5000000", "#,##0,,", "显示为“5”"),
    "the usual format for 万": (COUNT, "12345", "0!.0,", "显示为“1.2”"),
    "a point put in": (MONEY, "41662146.19", '0!.0000"万元"', "显示为“4166.2146万元”"),
    "a point put in behind a stroke": (COUNT, "96", r"0\.0", "显示为“9.6”"),
    "a digit added": (COUNT, "5", '0"0"', "显示为“50”"),
    "a constant": (COUNT, "5", '"777"', "显示为“777”"),
    "a word instead": (COUNT, "96", '"无"', "显示为“无”"),
    "nothing": (COUNT, "5", ";;;", "看上去是空的"),
    "an empty text": (COUNT, "5", '""', "看上去是空的"),
    "in white": (COUNT, "5", "[White]0", "看上去是空的"),
    "by a condition": (COUNT, "5", '[<9]"12";0', "显示为“12”"),
    "zero hidden": (COUNT, "0", "0;-0;;@", "看上去是空的"),
    "zero by digits that need not be there": (COUNT, "0", "#,###", "看上去是空的"),
    "per cent": (COUNT, "12", "0%", "显示为“1200%”"),
    "per cent, built in": (COUNT, "12", "10", "显示为“1200.00%”"),
    "per mille": (COUNT, "12", "0‰", "显示为“12‰”"),
    "万": (COUNT, "5", '0"万"', "显示为“5万”"),
    "千元": (MONEY, "5", '#,##0"千元"', "显示为“5千元”"),
    "元 where 万元 should be": (MONEY, "5", '0"元"', "显示为“5元”"),
    "General with a unit": (COUNT, "5", 'General"百件"', "显示为“5百件”"),
    "about": (COUNT, "5", '"约"0', "显示为“约5”"),
    "a currency": (COUNT, "5", "[$€-407]0", "显示为“€5”"),
    "filled up with zeros": (COUNT, "5", "0*0", "可能不同"),
    "a fraction": (MONEY, "5.5", "# ?/?", "可能不同"),
    "a date of a sum": ((TABLE, "J6"), "", "yyyy", "显示为日期或时间"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_figure_shown_otherwise_is_told(tmp_path: Path, name: str) -> None:
    at, value, code, message = OTHERWISE[name]
    parts = styled(usual(), at, code=code)
    parts = changed(parts, cell(*at, value)) if value else parts
    (said,) = shown(both(tmp_path / "年报.xlsx", parts))
    assert message in said
    assert "读取的是所存的数" in said
    assert (value or "存的是") in said


SILENT = (
    "General", "0", "0.00", "#,##0", "#,##0.00", "0_ ", "0_);(0)", "#,##0_);[Red](#,##0)", "0;[Red]-0", "@", "00000",
    "#,##0;-#,##0", '0"件"', 'General"件"', '#,##0"个"', '0"（条）"', "0.######", "0.0##", "#,##0.0;-#,##0.0", "# ?/?",
    '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "# ##0",
    "#,##0.00_ ;[Red]-#,##0.00 ", "[DBNum1][$-804]General", "[$-804]0", "G/通用格式", "[Blue]0", "0;-0;0;@",
    '0;;"0"', "[>=0]0;-0",
    "1", "2", "3", "4", "37", "38", "39", "40", "41", "43", "49", "12", "0", "0;-0;-;@", "???0",
)  # fmt: skip


@pytest.mark.parametrize("start", [1, 6000, 1_005_000])
def test_formats_that_show_the_number_are_silent(tmp_path: Path, start: int) -> None:
    report = filled(start=start)
    parts = parts_of(made(tmp_path / "年报.xlsx", report, None))
    places = [(TABLE, f"{column}{row}") for row in (6, 7, 10, 11, 12, 13, 14) for column in "DEFGHI"]
    for n, (code, at) in enumerate(zip(SILENT, places * 2, strict=False)):
        parts = styled(parts, at, code=code, number=500 + n)
    submission = both(tmp_path / "年报.xlsx", parts)
    assert shown(submission) == []
    assert submission.report == report
    money = styled(
        styled(usual(), MONEY, code='0.00"万元"'),
        (PLAIN, "B12"),
        code='_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
        number=901,
    )
    money = changed(money, cell(*MONEY, "17.436"), cell(PLAIN, "B12", "0"))
    assert shown(both(tmp_path / "年报.xlsx", money)) == []


@pytest.mark.parametrize(
    ("code", "value", "day"),
    [
        ('m"月"d"日"', "45296", "2024-01-05 00:00:00"),
        ("yyyy-mm-dd", "45296", "2024-01-05 00:00:00"),
        ("14", "45296", "2024-01-05 00:00:00"),
        ("31", "45296.5", "2024-01-05 12:00:00"),
        ("58", "45296", "2024-01-05 00:00:00"),
        ("[h]:mm", "12", "1900-01-12 00:00:00"),
        ('上午/下午h"时"', "61", "1900-03-01 00:00:00"),
    ],
)
def test_what_is_shown_as_a_date_is_no_figure(tmp_path: Path, code: str, value: str, day: str) -> None:
    parts = changed(styled(usual(), COUNT, code=code), cell(*COUNT, value))
    submission = both(tmp_path / "年报.xlsx", parts)
    assert submission.report[FIRST] == day
    (said,) = shown(submission)
    assert f"存的是 {value}" in said
    assert "不当作数字读取" in said
    late = changed(parts, (BOOK, "<workbookPr", '<workbookPr date1904="1"'))
    assert both(tmp_path / "年报.xlsx", late).report[FIRST] not in (day, int(float(value)))


def test_a_number_that_is_no_day_is_told_as_it_is_stored(tmp_path: Path) -> None:
    parts = changed(styled(usual(), COUNT, code="14"), cell(*COUNT, "9999999"))
    submission = both(tmp_path / "年报.xlsx", parts)
    assert submission.report[FIRST] == 9999999
    assert "读取的是所存的数" in shown(submission)[0]


def test_cells_of_one_format_are_told_together(tmp_path: Path) -> None:
    parts = usual()
    for n, at in enumerate("DEFGHI"):
        parts = styled(parts, (TABLE, f"{at}6"), code="0%", number=900 + n)
    (said,) = shown(both(tmp_path / "年报.xlsx", parts))
    assert "同表另有 5 格也是这样" in said


@pytest.mark.parametrize(
    ("dressing", "message"),
    [
        ('<numFmt numFmtId="210" formatCode="&quot;777&quot;"/>', '按“"777"”显示'),
        ("<font><strike/></font>", "划去或看不见"),
        ('<font><color rgb="FFFFFFFF"/></font>', "划去或看不见"),
        (
            '<font><color rgb="FFFF0000"/></font><fill><patternFill><bgColor rgb="FFFF0000"/></patternFill></fill>',
            "看不见",
        ),
        ('<font><color rgb="FFFF0000"/></font>', ""),
        ('<font><color theme="0"/></font><fill><patternFill><bgColor rgb="FFB3261E"/></patternFill></fill>', ""),
        ('<numFmt numFmtId="210" formatCode="0.00"/>', ""),
    ],
)
def test_conditional_formats_over_figures(tmp_path: Path, dressing: str, message: str) -> None:
    styles = usual()[STYLES].decode()
    which = styles.split("<dxfs")[1].count("<dxf>")
    rule = f'<cfRule type="expression" dxfId="{which}" priority="99"><formula>TRUE</formula></cfRule>'
    rule = f'<conditionalFormatting sqref="D6:E7 Z99">{rule}</conditionalFormatting>'
    parts = changed(
        usual(),
        (STYLES, "</dxfs>", f"<dxf>{dressing}</dxf></dxfs>"),
        (TABLE, "<dataValidations", rule + "<dataValidations"),
    )
    said = shown(both(tmp_path / "年报.xlsx", parts))
    assert len(said) == bool(message)
    assert message in "".join(said)


@pytest.mark.parametrize(
    "styles",
    [
        lambda styles: styles[:-20],
        lambda styles: styles.replace(b"<cellXfs", b"<cellXfs/><cellXfs"),
        lambda styles: styles.replace(b"<font>", b'<x:a xmlns:x="urn:x"><font/></x:a><font>', 1),
        lambda styles: styles.replace(b'numFmtId="0"', b'numFmtId="x"'),
    ],
)
def test_styles_that_cannot_be_read_are_told(tmp_path: Path, styles: Callable[[bytes], bytes]) -> None:
    parts = {**usual(), STYLES: styles(usual()[STYLES])}
    assert "无从核对" in shown(both(tmp_path / "年报.xlsx", parts))[0]


def test_a_workbook_without_styles_shows_what_it_holds(tmp_path: Path) -> None:
    link = r'<Relationship Id="[^"]*" Type="[^"]*/styles" Target="[^"]*"/>'
    parts = changed(usual(), ("xl/_rels/workbook.xml.rels", link, ""))
    assert shown(both(tmp_path / "年报.xlsx", parts)) == []


# how styles are numbered ---------------------------------------------------------------------------------------------

SPELLED = {"0{}": "“777”", " {}": "“777”", "+{}": "“777”", "\t{} ": "“777”", "{}.0": "无法读取", "-1": "无法读取",
           "9{}": "无法读取", "": "无法读取", "x": "无法读取"}  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLED)
def test_a_style_is_found_however_its_number_is_spelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    parts = styled(usual(), COUNT, code='"777"')
    parts = changed(parts, (TABLE, r'(<c r="D6" s=)"(\d+)"', rf'\1"{spelling.format(chr(92) + "2")}"'))
    (said,) = shown(both(tmp_path / "年报.xlsx", parts))
    assert SPELLED[spelling] in said
    assert "读取的是所存的数" in said
    reader = QuickReader()
    reader.read(packed(tmp_path / "样.xlsx", usual()))
    monkeypatch.setattr(quick_reader, "open_workbook", nobody)
    with pytest.raises(InFull):
        reader.read(tmp_path / "年报.xlsx")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("numFmtId", "0900"), "“777”"),
        (("numFmtId", " 900 "), "“777”"),
        (("numFmtId", "67"), "无法读取"),
        (("numFmtId", "999"), "无法读取"),
        (("fontId", "999"), "无法读取"),
        (("fillId", "999"), "无法读取"),
        (("fontId", "-1"), "无从核对"),
        (("fillId", "1.0"), "无从核对"),
    ],
)
def test_what_a_style_is_made_of_is_found_by_number(tmp_path: Path, edit: tuple[str, str], message: str) -> None:
    name, number = edit
    parts = styled(usual(), COUNT, code='"777"' if name == "numFmtId" else "")
    style = rf'(<xf [^>]*?{name}=)"\d+"([^>]*/></cellXfs>)'
    parts = changed(parts, (STYLES, style, rf'\1"{number}"\2'))
    said = shown(both(tmp_path / "年报.xlsx", parts))
    assert any(message in one for one in said)


def test_of_what_is_hidden_it_is_not_said_that_it_was_read_as_a_number_or_is_a_date(tmp_path: Path) -> None:
    parts = changed(styled(usual(), COUNT, code='"777"', font=IN_WHITE), cell(*COUNT, "96"))
    submission = both(tmp_path / "年报.xlsx", parts)
    assert submission.report[FIRST] == HIDDEN
    (said,) = shown(submission)
    assert "“777”" in said
    assert "读取" not in said
    assert "日期" not in said


def test_two_formats_of_one_number_are_told(tmp_path: Path) -> None:
    parts = styled(usual(), COUNT, code="0.0")
    twice = changed(parts, (STYLES, "</numFmts>", '<numFmt numFmtId="900" formatCode="0%"/></numFmts>'))
    assert "无从核对" in shown(both(tmp_path / "年报.xlsx", twice))[0]
    extension = '<extLst><ext uri="x"><numFmts><numFmt numFmtId="900" formatCode="0%"/></numFmts></ext></extLst>'
    beside = changed(parts, (STYLES, "</styleSheet>", f"{extension}</styleSheet>"))
    assert shown(both(tmp_path / "年报.xlsx", beside)) == []


def test_what_a_style_leaves_to_the_one_it_is_based_on_is_told(tmp_path: Path) -> None:
    based = (STYLES, r'(<cellStyleXfs[^>]*><xf )numFmtId="0"', r'\1numFmtId="9"')
    silent = (STYLES, r'<xf numFmtId="0"( [^>]*/></cellXfs>)', r"<xf\1")
    parts = changed(styled(usual(), COUNT), silent)
    assert shown(both(tmp_path / "年报.xlsx", parts)) == []
    assert "无法读取" in shown(both(tmp_path / "年报.xlsx", changed(parts, based)))[0]


# colours -------------------------------------------------------------------------------------------------------------

THEME = "xl/theme/theme1.xml"
IN_WHITE = '<color rgb="FFFFFFFF"/>'
SOLID = '<patternFill patternType="solid"><fgColor rgb="FF{}"/></patternFill>'
CREAM = SOLID.format("FFFBE6")
CREAM_ACCENT = (THEME, "<a:accent1>.*?</a:accent1>", '<a:accent1><a:srgbClr val="FFFBE6"/></a:accent1>')
CREAM_TEN = (STYLES, "</styleSheet>", "<colors><indexedColors>" + '<rgbColor rgb="00000000"/>' * 10
             + '<rgbColor rgb="00FFFBE6"/></indexedColors></colors></styleSheet>')  # fmt: skip
MIXED = '<patternFill patternType="gray0625"><fgColor rgb="FF000000"/><bgColor rgb="FFFFFFFF"/></patternFill>'
RUNNING = (
    '<gradientFill><stop position="0"><color rgb="FF{}"/></stop><stop position="1"><color rgb="FF{}"/></stop>'
    "</gradientFill>"
)
HIDDEN, DOUBTED, SEEN_AS_IT_IS = "96（隐藏）", "可能看不见", ""
COLOURS: dict[str, tuple[str, str, str, list[Edit], str]] = {
    "a numbered colour on its own ground": ('<color indexed="26"/>', CREAM, "", [], HIDDEN),
    "a numbered colour elsewhere": ('<color indexed="26"/>', SOLID.format("203864"), "", [], SEEN_AS_IT_IS),
    "a colour of the theme": ('<color theme="4"/>', CREAM, "", [CREAM_ACCENT], HIDDEN),
    "a colour of the usual theme": ('<color theme="4"/>', CREAM, "", [], SEEN_AS_IT_IS),
    "a palette of its own": ('<color indexed="10"/>', CREAM, "", [CREAM_TEN], HIDDEN),
    "the usual palette": ('<color indexed="10"/>', CREAM, "", [], SEEN_AS_IT_IS),
    "no colour on black": ("", SOLID.format("000000"), "", [], DOUBTED),
    "the usual colour on black": ('<color auto="1"/>', SOLID.format("000000"), "", [], DOUBTED),
    "a format in the colour of the ground": (IN_WHITE, SOLID.format("000000"), "[Black]0", [], "不显示"),
    "a format in a numbered colour": ("", CREAM, "[Color19]0", [], "不显示"),
    "a format in white on a dark ground": (IN_WHITE, SOLID.format("203864"), "[White]0", [], ""),
    "white on a ground that runs in white": (IN_WHITE, RUNNING.format("FFFFFF", "FFFFFF"), "", [], HIDDEN),
    "white on a ground that runs to blue": (IN_WHITE, RUNNING.format("FFFFFF", "0000FF"), "", [], DOUBTED),
    "white on a pattern": (IN_WHITE, MIXED, "", [], DOUBTED),
    "black on a pattern": ('<color rgb="FF000000"/>', MIXED, "", [], SEEN_AS_IT_IS),
    "three points": ('<sz val="3"/>', CREAM, "", [], HIDDEN),
    "not struck": ('<strike val=" 0 "/>', CREAM, "", [], SEEN_AS_IT_IS),
}  # fmt: skip


@pytest.mark.parametrize("name", COLOURS)
def test_writing_is_held_against_what_is_behind_it(tmp_path: Path, name: str) -> None:
    font, fill, code, edits, expected = COLOURS[name]
    parts = styled(usual(), COUNT, font=f'<name val="宋体"/>{font}', fill=fill, code=code)
    submission = both(tmp_path / "年报.xlsx", changed(parts, cell(*COUNT, "96"), *edits))
    assert submission.report[FIRST] == (HIDDEN if expected == HIDDEN else 96)
    said = shown(submission)
    assert len(said) == (expected not in (HIDDEN, SEEN_AS_IT_IS))
    assert (expected if said else "") in "".join(said)


def test_a_theme_in_which_the_usual_colours_are_others_is_heeded(tmp_path: Path) -> None:
    white = (THEME, "<a:dk1>.*?</a:dk1>", '<a:dk1><a:srgbClr val="FFFFFF"/></a:dk1>')
    parts = changed(styled(usual(), COUNT, font='<color theme="1"/>'), white, cell(*COUNT, "96"))
    assert both(tmp_path / "年报.xlsx", parts).report[FIRST] == HIDDEN
    reader = QuickReader()
    reader.read(packed(tmp_path / "样.xlsx", usual()))
    quick = reader.read(packed(tmp_path / "年报.xlsx", changed(usual(), white)))
    assert "隐藏" in str(quick.report[FIRST])  # of the very same styles
    broken = {**usual(), THEME: usual()[THEME][:-20]}
    assert "无从核对" in shown(both(tmp_path / "年报.xlsx", broken))[0]


SCALE = (
    '<cfRule type="colorScale" priority="99"><colorScale><cfvo type="min"/><cfvo type="max"/>'
    '<color rgb="FF{}"/><color rgb="FF{}"/></colorScale></cfRule>'
)
SIGNS = (
    '<cfRule type="iconSet" priority="99"><iconSet iconSet="3Arrows"{}><cfvo type="percent" val="0"/>'
    '<cfvo type="num" val="1"/><cfvo type="num" val="2"/></iconSet></cfRule>'
)
BAR = (
    '<cfRule type="dataBar" priority="99"><dataBar{}><cfvo type="min"/><cfvo type="max"/><color rgb="FF638EC6"/>'
    "</dataBar></cfRule>"
)
RULE = '<cfRule type="expression" dxfId="{}" priority="99"><formula>TRUE</formula></cfRule>'
BLACK_FILL = '<fill><patternFill><bgColor rgb="FF000000"/></patternFill></fill>'
CONDITIONS: dict[str, tuple[str, str, str]] = {
    "signs instead of figures": (SIGNS.format(' showValue="0"'), "", "划去或看不见"),
    "signs beside figures": (SIGNS.format(""), "", ""),
    "bars instead of figures": (BAR.format(' showValue="false"'), "", "划去或看不见"),
    "bars behind figures": (BAR.format(""), "", ""),
    "a scale in the colour of writing": (SCALE.format("000000", "050505"), "", "划去或看不见"),
    "a scale of other colours": (SCALE.format("000000", "FFFFFF"), "", ""),
    "a ground in the colour of writing": (RULE.format("{}"), BLACK_FILL, "划去或看不见"),
    "another ground": (RULE.format("{}"), BLACK_FILL.replace("000000", "FFC7CE"), ""),
    "writing in the colour of the ground": (
        RULE.format("{}"), '<font><color rgb="FFFFFBE6"/></font>', "划去或看不见",
    ),
    "writing in another colour": (RULE.format("{}"), '<font><color rgb="FF9C0006"/></font>', ""),
    "a number with zeros": (RULE.format("0{}"), "<font><strike/></font>", "划去或看不见"),
    "a number with blanks": (RULE.format(" +{} "), "<font><strike/></font>", "划去或看不见"),
    "a number of no format": (RULE.format("9{}"), "", "无法读取"),
    "no number": (RULE.format("{}.0"), "<font><strike/></font>", "无法读取"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions_that_hide_figures(tmp_path: Path, name: str) -> None:
    rule, dressing, message = CONDITIONS[name]
    which = usual()[STYLES].decode().split("<dxfs")[1].count("<dxf>")
    rule = f'<conditionalFormatting sqref="D6">{rule.replace("{}", str(which))}</conditionalFormatting>'
    parts = changed(
        styled(usual(), COUNT, font='<name val="宋体"/>', fill=CREAM),
        (STYLES, "</dxfs>", f"<dxf>{dressing}</dxf></dxfs>"),
        (TABLE, "<dataValidations", rule + "<dataValidations"),
    )
    said = shown(both(tmp_path / "年报.xlsx", parts))
    assert len(said) == bool(message)
    assert message in "".join(said)


@pytest.mark.parametrize(
    ("code", "value", "message"),
    [
        ("0E+0", "12345", "显示为“1E+4”"),
        ("0.0E+0", "12345", "显示为“1.2E+4”"),
        ("11", "12345", "显示为“1.23E+4”"),
        ("48", "12345", "显示为“12.3E+3”"),
        ("0E+0", "90000", ""),
        ("0.00E+00", "12300", ""),
        ("0.0000E+00", "17436.49", ""),
        ("0E+0", "0", ""),
        ("0.00E+00", "5", ""),
        ("48", "5", ""),
    ],
)
def test_what_an_exponent_rounds_away_is_told(tmp_path: Path, code: str, value: str, message: str) -> None:
    parts = changed(styled(usual(), MONEY, code=code), cell(*MONEY, value))
    said = shown(both(tmp_path / "年报.xlsx", parts))
    assert len(said) == bool(message)
    assert message in "".join(said)


# what it costs -------------------------------------------------------------------------------------------------------

BLANKS = {"a blank": " ", "a tab": "&#9;", "a line": "&#10;", "an end of line": "&#13;"}


def over(areas: int, rules: int, blank: str) -> Parts:
    """A workbook with conditional formats over so many areas, and as many areas of a validation."""
    where = blank.join(f"B{n}" for n in range(1, areas + 1))
    rule = f'<conditionalFormatting sqref="{where}">{RULE.format(0) * rules}</conditionalFormatting>'
    where = where.replace("B", "C")
    checked = (
        f'<dataValidation type="whole" showErrorMessage="1" sqref="{where}"><formula1>0</formula1></dataValidation>'
    )
    return changed(
        usual(),
        (STYLES, "<dxf><font>", "<dxf><font><strike/>"),
        (TABLE, "<dataValidations", rule + "<dataValidations"),
        (TABLE, "</dataValidations>", checked + "</dataValidations>"),
    )


@pytest.mark.parametrize("read", [ooxml_reader.read_ooxml, openpyxl_reader.read_with_openpyxl])
@pytest.mark.parametrize("blank", BLANKS)
def test_every_area_is_paid_for_whatever_stands_between(
    tmp_path: Path, blank: str, read: Callable[..., WorkbookContents]
) -> None:
    path = packed(tmp_path / "年报.xlsx", over(2000, 1, BLANKS[blank]))
    with pytest.raises(TooLarge):
        read(path, ooxml_reader.ReadBudget(cells=4500))
    read(path, ooxml_reader.ReadBudget(cells=9000))


@pytest.mark.parametrize("read", [ooxml_reader.read_ooxml, openpyxl_reader.read_with_openpyxl])
def test_areas_are_parsed_once_for_all_conditions_over_them(
    tmp_path: Path, read: Callable[..., WorkbookContents]
) -> None:
    few, many = (packed(tmp_path / f"{n}.xlsx", over(n, n, "&#9;")) for n in (150, 600))
    assert steps(lambda: read_book(read(many))) < 2.5 * steps(lambda: read_book(read(few)))


# writing --------------------------------------------------------------------------------------------------------------

RAISED, STRUCK = '<rPr><vertAlign val="superscript"/></rPr>', '<rPr><strike/><sz val="11"/></rPr>'
WHITE = '<rPr><color rgb="FFFFFFFF"/></rPr>'


def rich(*runs: tuple[str, str]) -> str:
    return "".join(f'<r>{properties}<t xml:space="preserve">{said}</t></r>' for properties, said in runs)


def writing(parts: Parts, at: tuple[str, str], item: str) -> Parts:
    """The parts with a text in several fonts in a cell: shared."""
    parts, number = text(parts, "")
    return changed(parts, (STRINGS, "<si><t></t></si></sst>", f"<si>{item}</si></sst>"), cell(*at, number, "s"))


UNCERTAIN: dict[str, tuple[str, str]] = {
    "struck before": (rich((STRUCK, "12"), ("", "96")), "（删除线：12）96"),
    "struck behind": (rich(("", "96"), (STRUCK, "12")), "96（删除线：12）"),
    "raised": (rich(("", "96"), (RAISED, "1")), "96（上标：1）"),
    "lowered": (rich(("", "96"), (RAISED.replace("super", "sub"), "1")), "96（下标：1）"),
    "white": (rich(("", "5"), (WHITE, "1")), "5（隐藏：1）"),
    "nearly white": (rich(("", "5"), (WHITE.replace("FFFFFFFF", "FFFEFEFA"), "1")), "5（隐藏：1）"),
    "tiny": (rich(("", "5"), ('<rPr><sz val="1"/></rPr>', "1")), "5（隐藏：1）"),
    "all of it struck": (rich((STRUCK, "96")), "（删除线：96）"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNCERTAIN)
def test_a_figure_partly_struck_raised_or_hidden_is_not_certain(tmp_path: Path, name: str) -> None:
    item, words = UNCERTAIN[name]
    assert both(tmp_path / "年报.xlsx", writing(usual(), COUNT, item)).report[FIRST] == words
    inline = changed(
        usual(), (TABLE, r'<c r="D6"( s="\d+")[^>]*>.*?</c>', rf'<c r="D6"\1 t="inlineStr"><is>{item}</is></c>')
    )
    assert both(tmp_path / "年报.xlsx", inline).report[FIRST] == words


@pytest.mark.parametrize(
    "item",
    [
        rich(("<rPr><b/></rPr>", "12"), ('<rPr><color rgb="FFFF0000"/><u/></rPr>', "96")),
        rich(('<rPr><strike val="0"/></rPr>', "12"), ('<rPr><vertAlign val="baseline"/></rPr>', "96")),
        rich(("", "1296"), (STRUCK, " ")),
        rich(('<rPr><sz val="x"/><color indexed="x"/></rPr>', "12"), ('<rPr><color rgb="z" tint="y"/></rPr>', "96")),
        '<t>1296</t><rPh sb="0" eb="1"><t>1</t></rPh>',
    ],
)
def test_plain_writing_in_several_fonts_is_read(tmp_path: Path, item: str) -> None:
    submission = both(tmp_path / "年报.xlsx", writing(usual(), COUNT, item))
    assert submission.report[FIRST] == 1296
    assert rules(submission).count("number-clean") == 1


@pytest.mark.parametrize(
    ("font", "fill", "words"),
    [
        ("<strike/>", "", "96（删除线）"),
        ('<vertAlign val="superscript"/>', "", "96（上标）"),
        ('<color rgb="FFFFFFFF"/>', "", "96（隐藏）"),
        ('<color theme="0"/>', "", "96（隐藏）"),
        (
            '<color rgb="FFFFFF00"/>',
            '<patternFill patternType="solid"><fgColor rgb="FFFFFF00"/></patternFill>',
            "96（隐藏）",
        ),
        ('<color theme="0"/>', '<patternFill patternType="solid"><fgColor rgb="FF203864"/></patternFill>', 96),
        ('<strike val="false"/>', "", 96),
    ],
)
def test_a_number_struck_raised_or_hidden_as_a_whole(tmp_path: Path, font: str, fill: str, words: str | int) -> None:
    parts = changed(styled(usual(), COUNT, font=font, fill=fill), cell(*COUNT, "96"))
    submission = both(tmp_path / "年报.xlsx", parts)
    assert submission.report[FIRST] == words
    doubted = [found for found in submission.check() if found.rule == "number"]
    assert ["先在单元格格式的“字体”中除去" in format_advice(found) for found in doubted] == [True] * isinstance(
        words, str
    )


def test_what_is_struck_or_hidden_of_name_and_texts_is_told_and_read(tmp_path: Path) -> None:
    old = rich((STRUCK, "旧"), ("", "某局"))
    parts = writing(
        writing(usual(), (COVER, "C5"), old), (WORDS, "B5"), rich(("", "一句。"), (WHITE, "又一句。"), (RAISED, "2"))
    )
    submission = both(tmp_path / "年报.xlsx", parts)
    assert submission.report.agency.name == "旧某局"
    said = named(submission.findings, "structure-marked")
    assert [("“旧”加了删除线" in one, "“又一句。”看不见" in one) for one in said] == [(True, False), (False, True)]
    hidden = styled(usual(), (COVER, "C5"), code=";;;")
    assert "看不见" in named(both(tmp_path / "年报.xlsx", hidden).findings, "structure-marked")[0]


# the quick reader, and the command ------------------------------------------------------------------------------------

FONT, STRUCK_FONT = (f'<font>{put}<sz val="11"/><color theme="1"/><name val="宋体"/>' for put in ("", "<strike/>"))
"""The font of our entry cells."""
SEEN: dict[str, Callable[[Parts], Parts]] = {
    "a format": lambda parts: styled(parts, COUNT, code="0%"),
    "a format of a total": lambda parts: styled(parts, (TABLE, "J6"), code="0,"),
    "a struck name": lambda parts: styled(parts, (COVER, "C5"), font="<strike/>"),
    "another meaning of the same style": lambda parts: changed(parts, (STYLES, '"0.######"', '"0,"')),
    "a font of the same style struck": lambda parts: changed(parts, (STYLES, FONT, STRUCK_FONT)),
    "a conditional format that is used": lambda parts: changed(parts, (STYLES, "<dxf><font>", "<dxf><font><strike/>")),
    "days from 1904": lambda parts: changed(parts, (BOOK, "<workbookPr", '<workbookPr date1904="1"')),
    "styles that cannot be read": lambda parts: {**parts, STYLES: b""},
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_the_quick_reader_leaves_to_the_full_one_what_may_be_seen_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    reader = QuickReader()
    reader.read(packed(tmp_path / "样.xlsx", usual()))
    other = packed(tmp_path / "年报.xlsx", SEEN[name](usual()))
    fresh = QuickReader()
    assert fresh.read(other).findings == read_workbook(other).findings  # nor is it learnt
    monkeypatch.setattr(quick_reader, "open_workbook", nobody)
    plainly = changed(usual(), (STYLES, '<fonts count="19">', '<fonts count="19"><!-- -->'))
    assert reader.read(packed(tmp_path / "又.xlsx", plainly)).report == REPORT
    for one in (reader, fresh):
        with pytest.raises(InFull):
            one.read(other)


@pytest.mark.long
@pytest.mark.office
@pytest.mark.parametrize("to", ["xls", "ods"])
def test_an_import_shows_it_before_names_that_are_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], to: str
) -> None:
    parts = changed(styled(usual(), MONEY, code='0"元"'), cell(*MONEY, "17"))
    parts = writing(parts, COUNT, UNCERTAIN["struck before"][0])
    with libreoffice.convert_document(packed(tmp_path / "年报.xlsx", parts), to) as made:
        main(["import", str(made), "-o", str(tmp_path / "回.xlsx")])
    said = capsys.readouterr().out
    assert "显示为“17元”" in said
    assert "（删除线：12）96”不是一个明确的数字" in said


def test_a_table_that_is_no_template_is_read_by_eye(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row, (value, code) in enumerate([(45296, "yyyy/m/d"), (12, "0%"), (5, '0"万"'), (5, "0.00"), (7, "# ?/?")], 1):
        sheet.cell(row, 1, "行").number_format = "General"
        sheet.cell(row, 2, value).number_format = code
    book.save(tmp_path / "表.xlsx")
    (grid,) = read_sheet_blocks(tmp_path / "表.xlsx", "表.xlsx")
    assert [cell.text for cell in grid.cells if cell.column] == ["2024-01-05 00:00:00", "1200%", "5万", "5", "7"]


def test_the_command_says_it_and_loads_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = changed(styled(usual(), MONEY, code="0!.0,"), cell(*MONEY, "174360"))
    parts = writing(parts, COUNT, UNCERTAIN["struck before"][0])
    path = packed(tmp_path / "年报.xlsx", parts)
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "“（删除线：12）96”不是一个明确的数字" in said
    assert "数字格式“0!.0,”使它显示为" in said
    assert "把这些格的格式改为“常规”" in said
    assert load_submission(path).report[FIRST] == "（删除线：12）96"


# figures that nobody sees, and entry cells that hold formulas ---------------------------------------------------------


def hidden_cells(**edits: object) -> Submission:
    """What is read where the sheet of the table is shown otherwise."""
    (sheet,) = (one for one in opened().sheets if one.name == "表三")
    return read_book(with_sheet(replace(sheet, **edits)))  # type: ignore[arg-type]


ROW_SIX, COLUMN_D = (5, 0, 5, 1 << 14), (0, 3, 1 << 20, 3)
COVERED: dict[str, tuple[dict[str, object], str, int]] = {
    "a hidden sheet": ({"hidden": True}, "工作表被隐藏", 175),
    "a merged cell": ({"merges": ((5, 3, 5, 4),)}, "被合并单元格盖住", 1),
    "a hidden row": ({"unseen": (UnseenArea("row", ROW_SIX),)}, "所在的行被隐藏", 7),
    "a hidden column": ({"unseen": (UnseenArea("column", COLUMN_D),)}, "所在的列被隐藏", 25),
    "a drawing": ({"unseen": (UnseenArea("drawing", (5, 3, 6, 3)),)}, "上面盖着文本框或图形", 2),
    "a drawing elsewhere": ({"unseen": (UnseenArea("drawing", (40, 3, 41, 3)),)}, "", 0),
    "a hidden row below": ({"unseen": (UnseenArea("row", (40, 0, 40, 1 << 14)),)}, "", 0),
}


@pytest.mark.parametrize("name", COVERED)
def test_figures_that_nobody_sees_are_told_and_read(name: str) -> None:
    edits, message, cells = COVERED[name]
    submission = hidden_cells(**edits)
    told = [one for one in submission.findings if one.rule == "structure-covered"]
    assert [len(one.cells) for one in told] == ([cells] if cells else [])
    assert message in "".join(map(str, told))
    assert submission.report == hidden_cells().report


def test_zeros_that_a_sheet_does_not_show_are_told() -> None:
    book = altered("表三", {"D6": 0})
    (sheet,) = (one for one in book.sheets if one.name == "表三")
    told = named(read_book(with_sheet(replace(sheet, zeros=False), book)).findings, "structure-covered")
    assert ["不显示零值" in one for one in told] == [True]
    assert named(read_book(book).findings, "structure-covered") == []


ENTRIES: dict[str, tuple[Cell, str]] = {
    "a sum that is right": (Cell(96, "90+6"), ""),
    "a sum of cells that is right": (Cell(8, "E6+SUM(F6)-9"), ""),
    "another result stored": (Cell(777, "90+6"), "存的结果是 777，按公式应为 96"),
    "a day that passes": (Cell(46000, "TODAY()"), "打开时会重新计算"),
    "a formula that is lost": (Cell(5, ""), "文件中没有公式的内容"),
    "a result of another formula": (Cell(5, "J7"), "打开时会重新计算"),
    "a text": (Cell("5", "5"), "存的结果是 5，按公式应为 5"),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_a_formula_in_an_entry_cell_is_computed_or_told(name: str) -> None:
    cell, message = ENTRIES[name]
    told = named(read_book(altered("表三", {"E6": 7, "F6": 10, "D6": cell})).findings, "structure-entry")
    assert len(told) == bool(message)
    assert message in "".join(told)
