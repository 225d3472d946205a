"""The Word document: laid out as 公文, spans as issued, every figure in its place."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings

from tests import domain
from tests.samples.published_documents import FORMS, docx_grids, docx_of, expected, numbered, of, paragraph_text
from workbook.documents.docx_writer import build_docx
from workbook.documents.page_measures import LEAST_SIZE, TEXT_WIDTH, measure_columns
from workbook.model.print_layout import plan_section
from workbook.model.report import make_empty_report

every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.id}{'+' * len(form.supplements)}")
FORM = FORMS[1]


def paragraphs(document, style):
    return [one.text for one in document.paragraphs if one.style.style_id == style]


@every_form
def test_the_tables_tile_the_grid_of_the_form_and_every_figure_is_in_its_place(form):
    report = numbered(form)
    assert docx_grids(docx_of(report)) == expected(report)


@pytest.mark.slow
@settings(max_examples=40)
@given(report=domain.any_report)
def test_whatever_a_report_says_its_figures_and_texts_can_be_read_from_the_document(report):
    document = docx_of(report)
    assert docx_grids(document) == expected(report)
    styles = ("BodyText", "Heading2", "Normal")
    lines = [paragraph_text(p._p) for p in document.paragraphs if p.style.style_id in styles]
    assert "\n".join(lines) == "\n".join(report.texts.get(section.code, "") for section in report.form.texts)


def test_title_and_six_parts_are_in_the_forms_order():
    document = docx_of(numbered(FORM))
    assert paragraphs(document, "Title") == ["某某县统计局\n2022年政府信息公开工作年度报告"]
    order = [
        "table" if block.tag == qn("w:tbl") else paragraph_text(block)
        for block in document.element.body
        if block.tag == qn("w:tbl") or getattr(block, "style", "") == "Heading1"
    ]
    assert order == [item for part in FORM.sections for item in [part.label] + ["table"] * bool(part.sheet)]


@pytest.mark.parametrize(
    ("name", "year", "title"),
    [
        ("甲局", 2022, "甲局2022年政府信息公开工作年度报告"),
        ("某某省某某市统计局", 2022, "某某省某某市统计局\n2022年政府信息公开工作年度报告"),
        ("甲局", None, "甲局政府信息公开工作年度报告"),
        ("", 2022, "2022年政府信息公开工作年度报告"),
        ("甲\n局\x07", 2022, "甲 局2022年政府信息公开工作年度报告"),
    ],
)
def test_a_title_says_agency_and_year_as_far_as_they_are_known(name, year, title):
    report = replace(numbered(FORM), year=year, agency=replace(domain.AGENCY, name=name))
    assert paragraphs(docx_of(report), "Title") == [title]


def test_each_line_of_a_text_is_a_paragraph_indented_by_two_characters():
    document = docx_of(numbered(FORM))
    assert paragraphs(document, "BodyText") == ["第一段。", "", "末段<b>&。", "有\t问题。", "无"]
    assert paragraphs(document, "Heading2") == ["（一）主动公开"]
    assert paragraphs(document, "Normal") == ["　　自带缩进。"], "blanks of its own are not added to"
    for style in ("BodyText", "Heading1", "Heading2"):
        indent = document.styles.element.find(f".//w:style[@w:styleId='{style}']//w:ind", document.element.nsmap)
        assert indent.get(qn("w:firstLineChars")) == "200"


def test_a_text_begun_in_brackets_that_is_a_sentence_is_no_heading():
    report = replace(numbered(FORM), texts={"overview": "（一）全年公开信息。共10条\n（二）" + "长" * 40})
    assert paragraphs(docx_of(report), "Heading2") == []


def test_the_page_is_that_of_official_documents():
    page = docx_of(numbered(FORM)).sections[0]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(length.mm) for length in (page.page_width, page.page_height, *margins)] == [210, 297, 37, 35, 28, 26]


def test_every_typeface_is_named_for_chinese_and_has_a_stand_in():
    document = docx_of(numbered(FORM))
    named = {fonts.get(qn("w:eastAsia")) for fonts in document.styles.element.iter(qn("w:rFonts"))}
    assert {"方正小标宋简体", "黑体", "仿宋_GB2312", "楷体_GB2312", "宋体"} == named - {None}
    with zipfile.ZipFile(io.BytesIO(build_docx(of(numbered(FORM))))) as package:
        table = package.read("word/fontTable.xml").decode()
        assert all(f'w:name="{name}"' in table for name in named - {None})
        assert table.count("w:altName") == 5
        assert not [name for name in package.namelist() if "theme" in name or "thumbnail" in name]
        assert 'w:eastAsia="zh-CN"' in package.read("word/styles.xml").decode()


@every_form
def test_heads_repeat_over_pages_and_rows_are_not_torn(form):
    document = docx_of(numbered(form))
    for section, table in zip(form.sheets, document.tables, strict=True):
        places = plan_section(form, section)
        heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        repeated = places.head_rows if len(places.blocks) == 1 else 0
        assert heads == [n < repeated for n in range(places.rows)]
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")).startswith(section.sheet)


def test_a_short_block_stays_on_one_page_and_a_long_table_may_go_on():
    keeps_next = [
        [all(p.pPr.find(qn("w:keepNext")) is not None for p in row._tr.iter(qn("w:p"))) for row in table.rows]
        for table in docx_of(numbered(FORM)).tables
    ]
    assert keeps_next[0] == [*[True] * 3, False, *[True] * 2, False, *[True] * 3, False, *[True] * 2, False]
    assert keeps_next[1] == [n < 3 for n in range(28)]
    assert keeps_next[2] == [True, True, True, False]


def test_figures_are_aligned_right_bands_are_shaded_and_lines_thin():
    report = numbered(FORM)
    for grid, table in zip(expected(report), docx_of(report).tables, strict=True):
        assert {side.get(qn("w:sz")) for side in table._tbl.tblPr.find(qn("w:tblBorders"))} == {"4"}
        for box, text in grid:
            cell = table.cell(box.top, box.left)
            style = cell.paragraphs[0].style.style_id
            figure_like = text.lstrip("-").replace(".", "").isdigit()
            assert (style == "TableFigure") == figure_like or not text
            shade = cell._tc.tcPr.find(qn("w:shd"))
            assert (shade is not None) == (style in ("TableHead", "TableCorner"))
            if text == "第二十条第（一）项":
                assert shade.get(qn("w:fill")) == "C6D9F1", "the shade of the issued form"


@every_form
def test_columns_fill_the_type_area_and_no_figure_is_broken(form):
    long = {cell.code: 12345678 for cell in form.cells if cell.table.code in ("requests", "reviews")}
    for report in (numbered(form), make_empty_report(form), numbered(form).with_values(long)):
        for part in of(report).parts:
            if part.table is None:
                continue
            columns = measure_columns(part.table)
            assert sum(columns.widths) == TEXT_WIDTH
            assert min(columns.widths) > 300
            for square in part.table.cells:
                if square.kind == "figure":
                    room = sum(columns.widths[square.box.left : square.box.right + 1]) - 2 * columns.padding
                    assert 5 * columns.figures * len(square.text) <= room
            assert columns.figures >= LEAST_SIZE


def test_the_page_number_is_on_the_outside_and_nothing_above_it():
    section = docx_of(numbered(FORM)).sections[0]
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        (line,) = footer.paragraphs
        assert line.text == "— 1 —"
        assert [node.text.strip() for node in line._p.iter(qn("w:instrText"))] == ["PAGE"]
        assert line._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side
    assert [h.is_linked_to_previous for h in (section.header, section.even_page_header)] == [True, True]


def test_a_draft_is_marked_above_every_page():
    section = docx_of(numbered(FORM), draft=True).sections[0]
    for header in (section.header, section.even_page_header):
        assert header.paragraphs[0].text.strip().startswith("草稿")
        marks = [node.get("string") for node in header._element.iter("{urn:schemas-microsoft-com:vml}textpath")]
        assert marks == [None, "草稿"]


def test_who_reports_what_and_when_are_in_the_properties_and_no_day_of_writing():
    report = numbered(FORM)
    about = docx_of(report).core_properties
    assert (about.title, about.author) == ("某某县统计局2022年政府信息公开工作年度报告", "某某县统计局")
    assert (about.subject, about.category, about.comments) == (FORM.title, FORM.id, FORM.citation.number)
    assert (about.created.year, about.modified.year, about.created.month) == (2022, 2022, 12)
    assert report.agency.contact not in (None, about.author)
    data = build_docx(of(report))
    assert data == build_docx(of(report))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("year", [None, -1, 0, 1979, 10**9])
def test_an_odd_year_is_printed_as_it_is_and_dated_by_the_form(year):
    document = docx_of(replace(numbered(FORM), year=year))
    assert document.core_properties.created.year == 2021
    assert ("" if year is None else f"{year}年") in paragraphs(document, "Title")[0]


def test_what_no_document_can_hold_is_left_out_and_nothing_else():
    report = replace(numbered(FORM), texts={"overview": "甲\x00乙\x0b丙\ud800丁\ufffe"})
    report = report.with_values({"requests.new.person": "约\x0110"})
    document = docx_of(report)
    assert paragraphs(document, "BodyText")[:2] == ["甲乙", "丙\ufffd丁"]
    assert "约10" in [text for _, text in docx_grids(document)[1]]


@pytest.mark.office
@every_form
def test_microsofts_validator_finds_nothing_wrong(form, tmp_path, openxml_errors):
    for draft in (False, True):
        path = tmp_path / f"{draft}.docx"
        path.write_bytes(build_docx(of(numbered(form), draft=draft)))
        assert openxml_errors(path) == []
