"""Writing that is struck out, raised, lowered or hidden is never part of a figure that is called certain."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.domain import zero
from workbook.cli import main
from workbook.documents import libreoffice
from workbook.documents.docx_writer import build_docx
from workbook.documents.html_writer import render_report
from workbook.documents.publication import arrange_report
from workbook.documents.reading.document_blocks import TableGrid
from workbook.documents.reading.document_formats import open_document
from workbook.documents.reading.document_reader import ImportedDocument, read_document
from workbook.documents.reading.review_page import render_review
from workbook.documents.reading.row_matching import Confidence
from workbook.model.form_loader import load_form
from workbook.model.report import Report
from workbook.model.rule_catalog import format_message

FORM = load_form("annual-2021")
PLACES = tuple(FORM.index)[:9]
"""Cells that stand in no equation, nine of them: one document shows as many manners of writing."""
PROSE = "本机关按规定公开。"


def report() -> Report:
    """A report of zeros but for nine figures, 901 and up."""
    blank = zero(FORM)
    values = [901 + n if n < len(PLACES) else value for n, value in enumerate(blank.values)]
    return replace(blank, values=tuple(values), texts={**blank.texts, "overview": PROSE})


def page(*cells: str, style: str = "", text: str = PROSE) -> str:
    """The report as a web page, its first figures written so."""
    html = render_report(arrange_report(report(), draft=True)).replace(PROSE, text, 1)
    for n, cell in enumerate(cells):
        assert html.count(f">{901 + n}</td>") == 1
        html = html.replace(f">{901 + n}</td>", f">{cell}</td>")
    return html.replace("</head>", f"<style>{style}</style></head>", 1)


def word(*cells: str, styles: str = "", text: str = "") -> bytes:
    """The report as a Word file, the runs of its first figures written so."""
    with zipfile.ZipFile(io.BytesIO(build_docx(arrange_report(report(), draft=True)))) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    body = parts["word/document.xml"].decode()
    for said, runs in [*((f"{901 + n}", cell) for n, cell in enumerate(cells)), *([(PROSE, text)] if text else [])]:
        plain = rf"<w:r>(?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t[^>]*>{said}</w:t></w:r>"
        body, count = re.subn(plain, lambda _, runs=runs: runs, body)
        assert count == 1
    parts["word/document.xml"] = body.encode()
    parts["word/styles.xml"] = parts["word/styles.xml"].replace(b"</w:styles>", styles.encode() + b"</w:styles>")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return made.getvalue()


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def got(folder: Path, made: str | bytes, suffix: str) -> ImportedDocument:
    path = folder / f"某局2024{suffix}"
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    return read_document(path)


def nines(marks: Sequence[str]) -> list[Sequence[str]]:
    """As many as one document shows."""
    return [marks[at : at + len(PLACES)] for at in range(0, len(marks), len(PLACES))]


def certain(found: ImportedDocument, marks: Sequence[str]) -> list[tuple[str, object]]:
    """The marks whose figure is called certain, and which that is."""
    return [
        (mark, found.report[code])
        for mark, code in zip(marks, PLACES, strict=False)
        if found.confidence[code] is not Confidence.UNCERTAIN or found.report[code] is not None
    ]


def lacking(found: ImportedDocument, marks: Sequence[str], *candidates: str) -> list[tuple[str, tuple[str, ...]]]:
    """The marks that are said without a reason, or without one of these readings."""
    return [
        (mark, found.candidates.get(code, ()))
        for mark, code in zip(marks, PLACES, strict=False)
        if not found.doubts.get(code) or not set(candidates) <= set(found.candidates.get(code, ()))
    ]


def others_open(found: ImportedDocument, marks: Sequence[str]) -> list[str]:
    """What is open though its cell is written plainly."""
    return [code for code in found.cells(Confidence.UNCERTAIN) if code not in PLACES[: len(marks)]]


def check_open(found: ImportedDocument, marks: Sequence[str], *candidates: str) -> None:
    assert certain(found, marks) == []
    assert lacking(found, marks, *candidates) == []
    assert others_open(found, marks) == []


def check_read(found: ImportedDocument, marks: Sequence[str], figure: int | None = 96) -> None:
    assert [(m, found.report[c]) for m, c in zip(marks, PLACES, strict=False) if found.report[c] != figure] == []
    assert found.cells(Confidence.UNCERTAIN) == []


# web pages ------------------------------------------------------------------------------------------------------------

STRUCK = (
    "<del>12</del>",
    "<s>12</s>",
    "<strike>12</strike>",
    '<span style="text-decoration:line-through">12</span>',
    '<span style="TEXT-DECORATION-LINE : Line-Through !important">12</span>',
    '<span style="text-decoration:line-thro\\75gh">12</span>',
    '<span class="x">12</span>',
    '<em class="x"><b>12</b></em>',
    '<i id="y">12</i>',
    '<b class="w"><i class="v">12</i></b>',
    '<u data-old="1">12</u>',
)
SHEET = """
/* td .x { text-decoration: none } */ @media print { .x { text-decoration: none !important } }
@media screen { .x, .z { color: red; text-decoration: underline line-through } }
.x { font-weight: bold; }
.w { color: red; & .v { text-decoration: line-through; } }
#y { text-decoration-line: line-through } [data-old] { text-decoration: line-through }
"""


@pytest.mark.parametrize("marks", nines(STRUCK))
def test_a_figure_beside_what_is_struck_out_on_a_page(tmp_path, marks):
    found = got(tmp_path, page(*(f"{mark}96" for mark in marks), style=SHEET), ".html")
    check_open(found, marks, "96", "1296")


RAISED = (
    "<sup>1</sup>",
    "<sub>1</sub>",
    "<ruby><rt>1</rt></ruby>",
    '<span style="vertical-align:super">1</span>',
    '<span style="vertical-align:4px">1</span>',
    '<span style="position:relative;top:-.5em;font-size:70%">1</span>',
    '<span class="x">1</span>',
    '<sup><a href="#n">1</a></sup>',
    "<small>1</small>",
    '<font size="1">1</font>',
    '<span style="font-size:60%">1</span>',
)


@pytest.mark.parametrize("marks", nines(RAISED))
def test_a_figure_with_a_raised_one_on_a_page(tmp_path, marks):
    found = got(tmp_path, page(*(f"96{mark}" for mark in marks), style=".x{vertical-align:sub}"), ".html")
    check_open(found, marks, "96", "961")


HIDDEN = (
    '<span style="display:none">12</span>',
    "<span hidden>12</span>",
    "<script>12</script>",
    "<style>12</style>",
    "<template>12</template>",
    "<noscript>12</noscript>",
    '<span style="visibility:hidden">12</span>',
    '<span style="font-size:0">12</span>',
    '<span style="opacity:0">12</span>',
    '<span class="x">12</span>',
    '<b class="x x2">12</b>',
    '<div class="y"><span><b>12</b></span></div>',
    "<rp>12</rp>",
    '<input type="hidden" value="12">',
    "<dialog>12</dialog>",
)


@pytest.mark.parametrize("marks", nines(HIDDEN))
def test_what_nobody_sees_on_a_page_is_not_there(tmp_path, marks):
    style = "@media all{ .x {display : none} } td div.y > span{visibility:hidden} .x.x3{display:block}"
    check_read(got(tmp_path, page(*(f"{mark}96" for mark in marks), style=style), ".html"), marks)


FAINT = (
    '<span style="color:#fff">12</span>',
    '<font color="white">12</font>',
    '<span style="font-size:1px">12</span>',
    '<span style="color:rgba(0,0,0,0)">12</span>',
    '<span style="color:#fefefe">12</span>',
    '<b class="x">12</b>',
    '<span style="position:absolute;left:-9999px">12</span>',
    '<span style="opacity:.05">12</span>',
    '<span style="background:#036;color:#003366">12</span>',
    "<details><summary></summary>12</details>",
    "<select><option>12</option></select>",
    "<svg><text>12</text></svg>",
    '<input value="12">',
    '<b class="z">12</b>',
    '<bdo dir="rtl">12</bdo>',
    '<span style="color:hsl(0,0%,100%)">12</span>',
    '<span style="margin-left:-9999px">12</span>',
    '<span style="filter:opacity(0)">12</span>',
    '<span style="letter-spacing:-1em">12</span>',
    '<span style="max-height:0;overflow-y:hidden">12</span>',
)


@pytest.mark.parametrize("marks", nines(FAINT))
def test_what_is_hardly_seen_on_a_page_leaves_the_figure_open(tmp_path, marks):
    style = ".x{color:transparent} td .z:nth-of-type(n){display:none}"
    check_open(got(tmp_path, page(*(f"{mark}96" for mark in marks), style=style), ".html"), marks, "96")


SEEN = (
    "<b>9</b>6",
    '<span style="color:#fff;background:#036">96</span>',
    '<span style="vertical-align:middle">96</span>',
    '<span style="display:none" hidden></span><span class="x">96</span>',
    '<a class="y">96</a>',
    "<ins>96</ins>",
    '<span style="visibility:hidden"><b style="visibility:visible">96</b></span>',
    '<span style="font-size:0"><b style="font-size:12pt">96</b></span>',
    "<label hidden=''>1</label>96",
)


def test_what_is_seen_on_a_page_is_read(tmp_path):
    style = ".x{display:none} td .x{display:inline!important} .y:hover{display:none} @media print{.y{display:none}}"
    check_read(got(tmp_path, page(*SEEN, style=style), ".html"), SEEN)


OPENED = (
    "color:var(--w)",
    "display:var(--n)",
    "font-size:calc(1px - 1px)",
    "color:hwb(0 100% 0%)",
    "color:mintcream",
    "color:lightyellow",
    "translate:-9999px",
    "transform:rotateY(90deg)",
    "margin:0 0 0 -9999px",
    "position:absolute;inset:-9999px auto auto -9999px",
    "mask:linear-gradient(transparent,transparent)",
    "clip-path:ellipse(0 0)",
    "inline-size:0;overflow:hidden",
    "animation:a 1s infinite",
    "font-variant:super",
    "baseline-shift:super",
    "background:linear-gradient(transparent 45%,#000 45%)",
    "float:right",
    "display:flex;flex-direction:row-reverse",
    "order:2",
    "position:relative;left:1em",
    "direction:rtl",
    "-webkit-text-decoration:line-through",
    "text-emphasis:dot",
    "font-family:Wingdings",
    "font:12px brought",
    "content:url(data:,7)",
    "display:block;text-indent:-300px",
)


@pytest.mark.parametrize("styles", nines(OPENED))
def test_a_style_that_is_not_known_to_be_harmless_leaves_the_figure_open(tmp_path, styles):
    cells = [f'9<span style="{style}">6</span>' for style in styles]
    sheet = "@font-face{font-family:brought;src:url(data:,)} :root{--w:#fff;--n:none}"
    check_open(got(tmp_path, page(*cells, style=sheet), ".html"), styles)


RULES = (
    "@media (max-width:99999px){.x{display:none}}",
    "@media not print{.x{display:none}}",
    "@supports not (display:flexx){.x{display:none}}",
    "td{.x{@media (min-width:2px) and (hover){color:white}}}",
    ".X{display:none}",
    ".x::after{content:counter(n)}",
    ".x::first-letter{font-size:0}",
    ".x:not(:hover){display:none}",
    ".x{text-decoration:underline} .x{text-decoration:line-through",
)


def test_a_rule_that_may_hold_leaves_the_figure_open(tmp_path):
    cells = [f'9<span class="x{n}">6</span>' for n in range(len(RULES))]
    sheet = "\n".join(rule.replace(".x", f".x{n}").replace(".X", f".X{n}") for n, rule in enumerate(RULES))
    check_open(got(tmp_path, page(*cells, style=sheet), ".html"), RULES)


WIDE = (
    "*|span.x{display:none}",
    ".☃{display:none}",
    '@import url("data:text/css,.x{display:none}");',
    "tr:has(.x){direction:rtl}",
)


@pytest.mark.parametrize("rule", WIDE)
def test_a_rule_that_may_hold_for_whatever_stands_there_leaves_all_figures_open(tmp_path, rule):
    found = got(tmp_path, page('9<span class="x">6</span>', style=rule), ".html")
    assert (found.report[PLACES[0]], found.report[PLACES[1]]) == (None, None)
    assert found.candidates[PLACES[1]] == ("902",)


def test_what_a_style_sets_on_a_line_of_its_own_is_no_part_of_the_figure_before_it(tmp_path):
    found = got(tmp_path, page('9<span style="display:block">6</span>', '<b style="display:block">96</b>'), ".html")
    assert found.report[PLACES[0]] != 96
    assert found.report[PLACES[1]] == 96


def test_what_a_style_sheet_writes_into_an_empty_cell_is_a_reading(tmp_path):
    found = got(tmp_path, page('<span class="x"></span>', style='.x::before{content:"77"}'), ".html")
    assert (found.report[PLACES[0]], found.candidates[PLACES[0]]) == (None, ("77",))
    assert others_open(found, "1") == []


OFFICE = """<!-- @font-face{font-family:宋体;panose-1:2 1 6 0 3 1 1 1 1 1}
p.MsoNormal{mso-style-unhide:no;margin:0cm;margin-bottom:.0001pt;text-align:justify;text-justify:inter-ideograph;
mso-pagination:widow-orphan;font-size:10.5pt;font-family:"Times New Roman",serif;mso-ansi-language:EN-US}
.xl65{mso-number-format:General;text-align:general;vertical-align:middle;border:.5pt solid windowtext;
background:#D9E1F2;mso-pattern:black none;white-space:normal;mso-rotate:0}
@page Section1{size:595.3pt 841.9pt;margin:72pt;layout-grid:15.6pt} -->
*,::before,::after{box-sizing:border-box} *{margin:0;padding:0}
td{padding:.75rem;vertical-align:top;word-break:keep-all}
tr:nth-child(2n){background-color:rgba(0,0,0,.05)} tr:hover{background:#eee} .clearfix:after{content:"";display:table}
@media (max-width:768px){td{display:block}} @media print{td{color:#000!important;font-size:9pt}}
ol,ul{list-style:none} .fl{float:left} .menu{position:absolute;display:none} button:not(:disabled){cursor:pointer}
"""
HARMLESS = (
    '<p class=MsoNormal style="margin-right:-5.65pt;line-height:20.0pt;mso-line-height-rule:exactly;layout-grid-mode:'
    'char;punctuation-wrap:simple;tab-stops:21.0pt;page-break-after:avoid"><span lang=EN-US style="font-size:10.5pt;'
    'color:black;mso-color-alt:windowtext;letter-spacing:-.3pt;mso-font-kerning:0pt">96<o:p></o:p></span></p>',
    '<div class="xl65" style="height:15.0pt;border-top:none;width:54pt">96</div>',
    '<p style="text-indent:0em;line-height:1.75em;margin:5px 0px;white-space:normal;text-align:center"><span style="'
    'font-family:宋体;font-size:14px;color:rgb(0, 0, 0);background-color:rgb(255, 255, 255)">96</span></p>',
    '<font face="宋体" size=3 color=#000000>96</font>',
    '<span style="orphans:2;font-variant-ligatures:normal;-webkit-text-stroke-width:0px;text-decoration-thickness:'
    'initial;word-spacing:0px;display:inline !important;float:none">96</span>',
    '<span style="font:bold 14px/1.5 宋体,serif;color:#333;background:white none repeat scroll 0 0">96</span>',
    '<span style="zoom:1;overflow:visible;cursor:pointer;position:relative;color:rgba(0,0,0,.85);opacity:1">96</span>',
    '<span style="color:windowtext;background:#F2F2F2;text-decoration:underline;font-size:small;line-height:0.4in;'
    'so-language:zh-CN">96</span>',
    '<font color="0000FF">96</font>',
)


def test_the_styles_of_office_programs_and_of_common_sites_leave_figures_certain(tmp_path):
    check_read(got(tmp_path, page(*HARMLESS, style=OFFICE), ".html"), HARMLESS)


WHOLE = ("<s>96</s>", "<sup>96</sup>", '<span style="color:white">96</span>')


def test_a_figure_that_is_no_plain_writing_at_all_is_open(tmp_path):
    check_open(got(tmp_path, page(*WHOLE), ".html"), WHOLE, "96")


NOT_SHOWN = ("style='display:none'", "hidden", "class='x'", "class='y x'")


def test_a_cell_that_is_not_shown_takes_no_place(tmp_path):
    html = page(*(["96"] * len(PLACES)), style=".x{display:none}")
    for how in NOT_SHOWN:
        html = re.sub(r"<td([^>]*)>96<", rf"<td {how}>12</td><td\1>9&#54;<", html, count=1)
    check_read(got(tmp_path, html, ".html"), PLACES)


def test_a_cell_of_which_nothing_is_seen_keeps_its_place(tmp_path):
    html = re.sub(r"<td([^>]*)>96<", r"<td style='visibility:hidden'\1>96<", page("96"))
    found = got(tmp_path, html, ".html")
    assert [found.report[code] for code in PLACES[:3]] == [None, 902, 903]


def test_a_row_that_is_not_shown_is_no_row(tmp_path):
    html = page("96", "96", "96", style=".x{display:none}")
    row = re.search(r"<tr(?:(?!<tr).)*>96</td>(?:(?!<tr).)*</tr>", html, re.DOTALL)
    assert row
    twins = "".join(row[0].replace("<tr", f"<tr {how}", 1).replace(">96<", ">12<") for how in NOT_SHOWN)
    check_read(
        got(tmp_path, html.replace(row[0], f"{twins}<tbody hidden>{twins}</tbody>{row[0]}"), ".html"), PLACES[:3]
    )


# Word files -----------------------------------------------------------------------------------------------------------

STYLES = (
    '<w:style w:type="character" w:styleId="S"><w:rPr><w:strike/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="S2"><w:basedOn w:val="S"/><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="V"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="U"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="P"><w:rPr><w:strike/></w:rPr></w:style>'
)
WORD_STRUCK = (
    "<w:strike/>",
    "<w:dstrike/>",
    '<w:strike w:val="true"/>',
    '<w:rStyle w:val="S"/>',
    '<w:rStyle w:val="S2"/>',
)


def test_a_figure_beside_what_is_struck_out_in_word(tmp_path):
    made = word(*(run("12", how) + run("96") for how in WORD_STRUCK), styles=STYLES)
    check_open(got(tmp_path, made, ".docx"), WORD_STRUCK, "96", "1296")


WORD_RAISED = (
    '<w:vertAlign w:val="superscript"/>',
    '<w:vertAlign w:val="subscript"/>',
    '<w:position w:val="6"/>',
    '<w:position w:val="-4"/>',
    '<w:position w:val="3pt"/>',
    '<w:sz w:val="10"/>',
    '<w:rStyle w:val="U"/>',
)


def test_a_figure_with_a_raised_one_in_word(tmp_path):
    made = word(*(run("96") + run("1", how) for how in WORD_RAISED), styles=STYLES)
    check_open(got(tmp_path, made, ".docx"), WORD_RAISED, "96", "961")


WORD_READ = (
    run("12", "<w:vanish/>") + run("96"),
    run("12", '<w:rStyle w:val="V"/>') + run("96"),
    run("96", '<w:strike w:val="0"/>'),
    run("96", '<w:rStyle w:val="V"/><w:vanish w:val="off"/>'),
    run("96", '<w:rStyle w:val="S"/><w:strike w:val="false"/>'),
    run("96", '<w:vertAlign w:val="baseline"/><w:position w:val="0"/>'),
    run("96", '<w:color w:val="auto"/>'),
    run("96", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="003366"/>'),
)


def test_what_is_hidden_in_word_is_not_there_and_what_is_switched_off_is_plain(tmp_path):
    check_read(got(tmp_path, word(*WORD_READ, styles=STYLES), ".docx"), WORD_READ)


VERSIONS = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice Requires="wps">{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>'
)
WORD_OPEN = (
    run("12", '<w:color w:val="FFFFFF"/>') + run("96"),
    run("12", '<w:sz w:val="2"/>') + run("96"),
    run("12", '<w:w w:val="1"/>') + run("96"),
    run("12", "<w:webHidden/>") + run("96"),
    "<w:r><w:ruby><w:rt>" + run("12") + "</w:rt><w:rubyBase>" + run("96") + "</w:rubyBase></w:ruby></w:r>",
    VERSIONS.format(run("96"), run("12")),
    run("96") + '<w:r><w:sym w:font="Wingdings" w:char="F031"/></w:r>',
    run("96") + "<w:r><w:pict><w:txbxContent><w:p>" + run("12") + "</w:p></w:txbxContent></w:pict></w:r>",
    run("96", '<w:rStyle w:val="S"/>'),
)


def test_what_may_be_seen_otherwise_in_word_leaves_the_figure_open(tmp_path):
    check_open(got(tmp_path, word(*WORD_OPEN, styles=STYLES), ".docx"), WORD_OPEN, "96")


TABLE_STYLES = (
    '<w:style w:type="character" w:styleId="L"><w:rPr><w:color w:themeColor="light1"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="PV"><w:rPr><w:vanish/></w:rPr></w:style>'
)
FILL = '<w14:textFill xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml">{}</w14:textFill>'
SOLID = "<w14:solidFill>{}</w14:solidFill>"
WORD_STYLED = (
    '<w:color w:val="auto" w:themeColor="background1"/>',
    '<w:rStyle w:val="L"/>',
    '<w:rStyle w:val="PV"/>',
    '<w:color w:val="000000"/><w:shd w:val="clear" w:fill="auto" w:themeFill="text1"/>',
    '<w:color w:val="008000"/><w:highlight w:val="darkGreen"/>',
    '<w:color w:val="FFFF99"/>',
    FILL.format(SOLID.format('<w14:srgbClr w14:val="FFFFFF"/>')),
    FILL.format(SOLID.format('<w14:srgbClr w14:val="000000"><w14:alpha w14:val="100000"/></w14:srgbClr>')),
    '<w:spacing w:val="-200"/>',
    '<w:fitText w:val="1"/>',
    "<w:specVanish/>",
    "<w:rtl/>",
    '<w:rFonts w:ascii="Wingdings"/>',
    '<w:eastAsianLayout w:combine="1"/>',
    "<w:imprint/>",
    '<w:em w:val="dot"/>',
    "<w:notYetKnown/>",
    '<w:w w:val="10"/>',
)


@pytest.mark.parametrize("marks", nines(WORD_STYLED))
def test_what_is_not_known_to_be_harmless_in_word_leaves_the_figure_open(tmp_path, marks):
    made = word(*(run("9") + run("6", mark) for mark in marks), styles=STYLES + TABLE_STYLES)
    check_open(got(tmp_path, made, ".docx"), marks)


def field(said: str, *, result: str | None) -> str:
    signs = ['<w:fldChar w:fldCharType="begin"/>', *(f"<w:instrText>{part}</w:instrText>" for part in said.split("|"))]
    signs += ['<w:fldChar w:fldCharType="separate"/>', f"<w:t>{result}</w:t>"] if result else []
    return "".join(f"<w:r>{sign}</w:r>" for sign in [*signs, '<w:fldChar w:fldCharType="end"/>'])


PLACED = (
    field(" E|Q \\o(9,/)", result=None) + run("96"),
    field(" QUOTE 7", result="96"),
    "<w:fldSimple w:instr='EQ 7'>" + run("96") + "</w:fldSimple>",
    "<w:bdo w:val='rtl'>" + run("96") + "</w:bdo>",
    "<w:r><w:pgNum/></w:r>" + run("96"),
    "</w:p><w:p><w:pPr><w:numPr><w:numId w:val='9'/></w:numPr></w:pPr>" + run("96"),
    "</w:p><w:p><w:pPr><w:framePr w:x='20000'/></w:pPr>" + run("96"),
    "</w:p><w:p><w:pPr><w:spacing w:line='1' w:lineRule='exact'/></w:pPr>" + run("96"),
    "</w:p><w:p><w:pPr><w:ind w:left='-20000'/></w:pPr>" + run("96"),
)


def test_what_is_written_or_moved_by_word_leaves_the_figure_open(tmp_path):
    check_open(got(tmp_path, word(*PLACED), ".docx"), PLACED)


WORD_HARMLESS = (
    run("96", '<w:rFonts w:ascii="Calibri" w:eastAsia="宋体" w:hint="eastAsia"/><w:b/><w:lang w:val="en-US"/>'),
    run(
        "96", '<w:color w:val="333333"/><w:kern w:val="0"/><w:sz w:val="18"/><w:szCs w:val="18"/><w:u w:val="single"/>'
    ),
    run(
        "96",
        '<w:color w:val="000000" w:themeColor="text1"/>' + FILL.format(SOLID.format('<w14:schemeClr w14:val="tx1"/>')),
    ),
    run("96", '<w:spacing w:val="-6"/><w:w w:val="90"/><w:snapToGrid w:val="0"/><w:rtl w:val="0"/><w:noProof/>'),
    run("96", '<w:color w:val="7F7F7F" w:themeColor="background1" w:themeShade="7F"/>'),
    field(" =SUM(ABOVE) ", result="96"),
    "</w:p><w:p><w:pPr><w:spacing w:line='240' w:lineRule='exact'/><w:ind w:left='-57'/></w:pPr>" + run("96"),
    "</w:p><w:p><w:pPr><w:widowControl/><w:numPr><w:numId w:val='0'/></w:numPr><w:jc w:val='center'/></w:pPr>"
    + run("96"),
    run("96", '<w:shd w:val="clear" w:color="auto" w:fill="FFFFFF"/><w:highlight w:val="yellow"/>'),
)


def test_what_word_and_wps_set_everywhere_leaves_figures_certain(tmp_path):
    check_read(got(tmp_path, word(*WORD_HARMLESS), ".docx"), WORD_HARMLESS)


def test_two_versions_that_say_the_same_are_one_in_word(tmp_path):
    check_read(got(tmp_path, word(VERSIONS.format(run("96"), run("96"))), ".docx"), ("",))


def test_figures_struck_out_by_the_style_of_their_paragraphs_in_word(tmp_path):
    made = word(styles=STYLES)
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        body = file.read("word/document.xml").decode()
    struck = re.sub(r'(<w:pStyle w:val=")\w+("/>(?:(?!<w:pStyle).)*<w:t[^>]*>90\d</w:t>)', r"\1P\2", body)
    new = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(new, "w") as file:
        for name in old.namelist():
            file.writestr(name, struck if name == "word/document.xml" else old.read(name))
    found = got(tmp_path, new.getvalue(), ".docx")
    assert found.cells(Confidence.UNCERTAIN) == list(PLACES)
    assert [found.candidates[code] for code in PLACES] == [(f"{901 + n}",) for n in range(len(PLACES))]


# running text ---------------------------------------------------------------------------------------------------------

SAID = "收到申请<s>12件</s>96<sup>1</sup>件<span style='display:none'>，另有3件</span>。<b style='color:#fff'>秘密</b>"


def test_running_text_has_what_is_said_and_tells_what_was_left_out(tmp_path):
    found = got(tmp_path, page(text=SAID), ".html")
    assert found.report.texts["overview"] == "收到申请96[1]件。"
    told = [format_message(one) for one in found.findings if one.rule == "import-left-out"]
    assert len(told) == 1
    assert "“12件”有删除线" in told[0]
    assert "“秘密”" in told[0]
    assert "另有" not in told[0]


def test_running_text_of_word_has_what_is_said_and_tells_what_was_left_out(tmp_path):
    said = run("收到申请") + run("12件", "<w:strike/>") + run("96件") + run("，另有3件", "<w:vanish/>") + run("。")
    found = got(tmp_path, word(text=said), ".docx")
    assert found.report.texts["overview"] == "收到申请96件。"
    assert [one.rule for one in found.findings] == ["import-left-out"]


def test_figures_in_lines_of_text_are_open_where_the_line_is_in_doubt(tmp_path):
    lines = "".join(f"<p>{row.label} <s>1</s>{n}</p>" for n, row in enumerate(FORM.table("enforcement").rows, 20))
    html = re.sub(r"<table.*?</table>", lambda _: lines, page(), count=1, flags=re.DOTALL)
    found = got(tmp_path, html, ".html")
    codes = [code for code in FORM.index if code.startswith("enforcement.")]
    assert {found.report[code] for code in codes} == {None}


# said -----------------------------------------------------------------------------------------------------------------


def test_what_is_in_doubt_is_said_on_the_screen_on_the_review_page_and_beside_the_cell(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("OGI_LANG", "zh")
    source, out, compare = tmp_path / "年报.html", tmp_path / "入.xlsx", tmp_path / "核对.html"
    source.write_text(page("<s>12</s>96", "96<sup>1</sup>"), "utf-8")
    assert main(["import", str(source), "-o", str(out), "--review", str(compare)]) == 1
    said = capsys.readouterr().out
    html = compare.read_text("utf-8")
    notes = [cell.comment.text for sheet in load_workbook(out) for row in sheet for cell in row if cell.comment]
    for words, candidates in (("“12”有删除线", ("96", "1296")), ("“1”是上标、下标或注音", ("96", "961"))):
        assert words in said
        assert words in html
        assert any(words in note and all(one in note for one in candidates) for note in notes)
        assert f"{'、'.join(candidates)}（其中{words}）" in html
    assert "1296" in render_review(read_document(source), "en")


# PDF and old files ----------------------------------------------------------------------------------------------------

PAPER = (
    run("12", "<w:strike/>"),
    run("12", '<w:color w:val="FFFFFF"/>'),
    run("12", '<w:vertAlign w:val="superscript"/>'),
    run("12", '<w:position w:val="8"/>'),
    run("12", "<w:dstrike/>"),
)


@pytest.mark.office
@pytest.mark.parametrize("to", ["pdf", pytest.param("doc", marks=pytest.mark.long)])
def test_the_same_holds_for_pdf_and_for_old_files(tmp_path, to):
    path = tmp_path / "某局2024.docx"
    path.write_bytes(word(*(mark + run("96") for mark in PAPER), run("12", "<w:vanish/>") + run("96")))
    with libreoffice.convert_document(path, to) as made:
        found = read_document(made)
    assert certain(found, PAPER) == []
    assert lacking(found, PAPER, "96", "1296") == []
    assert found.report[PLACES[len(PAPER)]] == 96


def printed(figure: str) -> bytes:
    """A PDF of one page: a ruled table of two rows of four, its first figure drawn so."""
    cells = [figure] + [f"BT /F 12 Tf {20 + 40 * (n % 4)} {70 - 30 * (n // 4)} Td ({n}{n}) Tj ET" for n in range(1, 8)]
    lines = [f"{15 + 40 * n} 30 m {15 + 40 * n} 90 l S" for n in range(5)]
    lines += [f"15 {30 + 30 * n} m 175 {30 + 30 * n} l S" for n in range(3)]
    content = "\n".join((*lines, *cells))
    note = "StrikeOut" if "marked" in figure else "Link"
    objects = ("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
               "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>"
               "/Annots[6 0 R]>>", f"<</Length {len(content)}>>stream\n{content}\nendstream ",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
               f"<</Type/Annot/Subtype/{note}/Rect[18 66 34 82]>>")  # fmt: skip
    body = "".join(f"{n} 0 obj{one}endobj\n" for n, one in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R>>\n%%EOF".encode()


DRAWN = {
    "struck by a line": "BT /F 12 Tf 20 70 Td (12) Tj ET 20 73 m 33 73 l S BT /F 12 Tf 34 70 Td (96) Tj ET",
    "struck by a thin box": "BT /F 12 Tf 20 70 Td (12) Tj ET 20 73 13 .6 re f BT /F 12 Tf 34 70 Td (96) Tj ET",
    "struck by a note": "BT /F 12 Tf 20 70 Td (12) Tj 14 0 Td (96) Tj ET % marked",
    "white": "1 g BT /F 12 Tf 20 70 Td (12) Tj ET 0 g BT /F 12 Tf 34 70 Td (96) Tj ET",
    "not drawn": "BT 3 Tr /F 12 Tf 20 70 Td (12) Tj ET BT 0 Tr /F 12 Tf 34 70 Td (96) Tj ET",
    "covered": "BT /F 12 Tf 20 70 Td (12) Tj ET 1 g 18 66 15 20 re f 0 g BT /F 12 Tf 34 70 Td (96) Tj ET",
    "small": "BT /F 12 Tf 34 70 Td (96) Tj ET BT /F 7 Tf 20 75 Td (12) Tj ET",
    "raised": "BT /F 12 Tf 34 70 Td (96) Tj ET BT 5 Ts /F 12 Tf 20 70 Td (1) Tj ET",
    "tiny": "BT /F 2 Tf 20 70 Td (12) Tj ET BT /F 12 Tf 34 70 Td (96) Tj ET",
}


@pytest.mark.parametrize("drawn", DRAWN.values(), ids=DRAWN)
def test_a_figure_of_a_pdf_beside_what_is_no_plain_writing(tmp_path, drawn):
    path = tmp_path / "年报.pdf"
    path.write_bytes(printed(drawn))
    (table,) = (block for block in open_document(path).blocks if isinstance(block, TableGrid))
    first, *rest = table.boxes
    assert (first.text, bool(first.doubts), len(first.others)) == ("96", True, 1)
    assert [(box.text, box.doubts) for box in rest] == [(f"{n}{n}", ()) for n in range(1, 8)]


def test_a_plain_figure_of_a_pdf_is_plain(tmp_path):
    path = tmp_path / "年报.pdf"
    underlined = "0.2 0.3 0.6 rg 16 61 38 28 re f 1 g BT /F 12 Tf 20 70 Td (96) Tj ET 0 g 20 68 m 33 68 l S"
    path.write_bytes(printed(underlined))
    (table,) = (block for block in open_document(path).blocks if isinstance(block, TableGrid))
    assert (table.boxes[0].text, table.boxes[0].doubts) == ("96", ())
