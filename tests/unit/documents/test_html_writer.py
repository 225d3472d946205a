"""The web page: complete in itself, read out cell by cell with its heads, a table even where a CMS strips styles."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from tests import domain
from tests.samples.published_documents import FORMS, expected, numbered, of, page
from workbook.documents.html_writer import render_report
from workbook.model.print_layout import plan_section
from workbook.model.report import make_empty_report

every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.id}{'+' * len(form.supplements)}")
FORM = FORMS[1]


@every_form
def test_the_tables_tile_the_grid_of_the_form_and_every_figure_is_in_its_place(form):
    report = numbered(form)
    assert page(report).grids == expected(report)


@pytest.mark.slow
@settings(max_examples=40)
@given(report=domain.any_report)
def test_whatever_a_report_says_its_figures_and_texts_can_be_read_from_the_page(report):
    read = page(report)
    assert read.grids == expected(report)
    lines = [text for tag, text in read.texts if tag in ("p", "h3")]
    assert "\n".join(lines) == "\n".join(report.texts.get(section.code, "") for section in report.form.texts)


def test_headings_name_the_report_and_its_six_parts_in_order():
    read = page(numbered(FORM))
    assert [text for tag, text in read.texts if tag == "h1"] == ["某某县统计局\n2022年政府信息公开工作年度报告"]
    assert [text for tag, text in read.texts if tag == "h2"] == [section.label for section in FORM.sections]
    assert [text for tag, text in read.texts if tag == "h3"] == ["（一）主动公开"]
    captions = [text for tag, text in read.texts if tag == "caption"]
    assert [text[:2] for text in captions] == [section.sheet for section in FORM.sheets]
    assert ("html", {"lang": "zh-CN"}) in read.tags


@every_form
def test_every_figure_names_the_heads_printed_above_and_beside_it(form):
    report = numbered(form)
    read = page(report)
    for section, cells in zip(form.sheets, read.cells, strict=True):
        names = {own["id"]: text for _, text, own in cells if own["tag"] == "th"}
        assert len(names) == sum(own["tag"] == "th" for _, _, own in cells), "two heads of one id"
        heads = {box: [names[one] for one in own["headers"].split()] for box, _, own in cells if own["tag"] == "td"}
        for code, box in plan_section(form, section).cells.items():
            assert heads[box] == printed_heads(form, form.cell(code))


def printed_heads(form, cell):
    """The heads of a cell by the form's own words: band, groups and column; groups and row."""
    table = cell.table
    band = [table.title] if len(form.tables_of(next(s for s in form.sections if s.code == table.section))) > 1 else []
    row, column = path(cell.row, table.row_groups), path(cell.column, table.column_groups)
    return [*band, *row, *column] if table.layout == "across" else [*band, *column, *row]


def path(line, groups):
    by_code = {group.code: group for group in groups}
    found, under = [line.printed], line.under
    while under:
        found.insert(0, by_code[under].label)
        under = by_code[under].under
    return found


@every_form
def test_a_head_says_what_it_is_the_head_of(form):
    scopes = {
        text: own["scope"] for cells in page(numbered(form)).cells for _, text, own in cells if own["tag"] == "th"
    }
    assert scopes["申请人情况"] == scopes["行政诉讼"] == "colgroup"
    assert scopes["自然人"] == scopes["商业企业"] == "col"
    assert scopes["三、本年度办理结果"] == scopes["（三）不予公开"] == scopes["第二十条第（一）项"] == "rowgroup"
    assert scopes["规章"] == scopes["1.属于国家秘密"] == scopes["四、结转下年度继续办理"] == "row"


def test_column_groups_cover_the_columns_and_repeated_heads_are_in_thead():
    read = page(numbered(FORM))
    assert sum(tag == "col" for tag, _ in read.tags) == 4 + 10 + 15
    assert sum(tag == "colgroup" for tag, _ in read.tags) == 2 + 2 + 3
    assert sum(tag == "thead" for tag, _ in read.tags) == 2
    assert sum(tag == "tbody" for tag, _ in read.tags) == 4 + 1 + 1


def test_nothing_is_fetched_and_nothing_runs():
    html = render_report(of(numbered(FORM), draft=True))
    assert not re.search(r"<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|\bon\w+=", html)


def test_every_rule_of_the_style_is_under_the_one_class():
    html = render_report(of(numbered(FORM)))
    (css,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    heads = [head.rpartition(";")[2] for head in re.findall(r"([^{}]+)\{", css)]
    selectors = [one.strip() for head in heads for one in head.split(",")]
    assert len(selectors) > 15
    assert [one for one in selectors if not one.startswith((".ogi-report", "@page", "@media print", "@bottom"))] == []
    assert {"@media print", "@page"} <= set(selectors)
    assert html.count('class="ogi-report"') == 1


def test_lines_shades_and_sides_are_in_the_cells_for_a_cms_that_strips_the_style():
    read = page(numbered(FORM))
    tables = [own for tag, own in read.tags if tag == "table"]
    assert [own["border"] for own in tables] == ["1"] * 3
    for cells in read.cells:
        for _, text, own in cells:
            assert "border:1px solid" in own["style"]
            if own["tag"] == "td" and text.isdigit():
                assert "text-align:right" in own["style"]
            if text.startswith("第二十条"):
                assert "background:#C6D9F1" in own["style"]
    indented = [own.get("style", "") for tag, own in read.tags if tag == "p"]
    assert indented.count("text-indent:2em") == len(indented) - 1, "all but the one with blanks of its own"


def test_two_years_may_be_on_one_page():
    ids = [own["id"] for year in (2022, 2023) for _, own in page(numbered(FORM, year)).tags if "id" in own]
    assert len(ids) == len(set(ids)) > 100


def test_a_draft_is_marked_in_words_and_behind_every_printed_page():
    html = render_report(of(numbered(FORM), draft=True))
    assert page(numbered(FORM), draft=True).texts[0][1].startswith("草稿")
    assert '<div class="ogi-mark" aria-hidden="true">草稿</div>' in html
    assert "草稿" not in render_report(of(numbered(FORM)))


def test_an_empty_report_has_empty_cells_and_no_text():
    read = page(make_empty_report(FORM, 2022))
    assert {text for cells in read.cells for _, text, own in cells if own["tag"] == "td"} == {""}
    assert [text for tag, text in read.texts if tag == "p"] == []
    assert render_report(of(make_empty_report(FORM))) == render_report(of(make_empty_report(FORM)))
