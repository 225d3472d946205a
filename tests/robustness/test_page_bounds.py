"""What is looked at before a page is parsed takes as many steps as it has signs, whatever it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml.html import fromstring

from workbook.cli import main
from workbook.documents.reading.css_declarations import ElementStyle
from workbook.documents.reading.document_blocks import Paragraph, cut_strips
from workbook.documents.reading.form_labels import FormWords
from workbook.documents.reading.html_reader import check_page_bounds, read_html_blocks
from workbook.documents.reading.html_styles import MOST_STEPS, PageStyles
from workbook.documents.reading.label_entries import LabelEntry, is_figure, scan_strips
from workbook.documents.reading.row_matching import match_rows
from workbook.model.finding import Source
from workbook.model.form_loader import load_form
from workbook.safety import limits
from workbook.safety.limits import TooLarge, limit_time

SHAPES = {
    "attributes": " a=1",
    "names alone": " a",
    "quotes": " a='",
    "both quotes": " a=\"'",
    "quotes without a name": "\"'",
    "tags in quotes": '<a b="',
    "equal signs": "= ",
    "blanks": "  ",
    "strokes": "/",
    "ends in quotes": " a='>'",
    "scripts": "<script x=1>",
    "ends of scripts": "<script></script",
    "comments": "<!--<a ",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_attributes_are_counted_in_one_pass(shape, monkeypatch):
    monkeypatch.setenv(limits.VARIABLE, "attributes=9999999 tags=9999999")
    few, many = (check_page_bounds("<p " + shape * n) for n in (1_000, 4_000))
    assert 0 <= few <= many <= 4 * few + 9


TAGS = {
    "plain": "<p {}>",
    "behind an end in quotes": "<p x='>' {}>",
    "behind a quote that never ends": '<p x="1 {}>',
    "behind a comment": '<!-- <a b="\'"> --><p {}>',
    "behind a script in a comment": "<!--<script>--><p {0} {0} {0} {0} {0} {0} {0} {0} {0} {0} {0}></script>",
    "glued by strokes": "<p/{}>",
    "upper case": "<P {}>",
}


@pytest.mark.parametrize("tag", TAGS.values(), ids=TAGS)
def test_a_tag_of_too_many_attributes_is_refused(tag, monkeypatch):
    monkeypatch.setenv(limits.VARIABLE, "attributes=100")
    check_page_bounds(tag.format("a=1 " * 90 if "script" not in tag else "a=1"))
    with pytest.raises(TooLarge) as refused:
        check_page_bounds(tag.format("a=1 " * 101))
    assert refused.value.limit == "attributes"


def test_words_between_tags_are_no_attributes(monkeypatch):
    monkeypatch.setenv(limits.VARIABLE, "attributes=10")
    script = f"<script>if (a<b) x = '{'a ' * 90}';</script>"
    check_page_bounds(f"<p>{'a < b ' * 1_000}</p>{script}{'<p a=1>' * 99}")


def test_a_refusal_says_which_limit_and_how_to_widen_it(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("OGI_LANG", "zh")
    path = tmp_path / "页.html"
    path.write_text("<html><body><p " + " ".join(f"a{n}=1" for n in range(3_000)) + ">", "utf-8")
    assert main(["import", str(path), "-o", str(tmp_path / "a.xlsx")]) == 2
    assert "属性上限为 1,000 个；确需读取，可用 --limit attributes=…" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["1" * 59 + "x", "1,1 " * 14 + "x", "1件" * 29 + "x", "1-" * 29 + "x", "1（1）" * 14 + "x"]
)
def test_digits_run_together_are_told_from_words_at_once(text):
    with limit_time(20):  # n of them can be cut in 2^n ways
        assert not is_figure(text)


def test_a_label_that_stands_again_and_again_is_held_against_each_row_once(monkeypatch):
    form = load_form("annual-2021")
    label = form.table("requests").rows[0].label
    compared: list[LabelEntry] = []
    monkeypatch.setattr(LabelEntry, "__eq__", lambda one, other: bool(compared.append(one)) or one is other)

    def steps(times: int) -> int:
        compared.clear()
        match_rows(form, scan_strips(cut_strips([Paragraph(f"{label} 12 " * times, Source())]), FormWords(form)))
        return len(compared)

    assert steps(400) <= 4 * steps(100) + 100


NESTED = {
    "ampersands": lambda n: "a" * n + "{" + "&" * n + "{display:none}}",
    "many blocks": lambda n: "a" * 900 + "{" + "b{display:none}" * (n // 16) + "}",
    "ampersands in many blocks": lambda n: "a" * 90 + "{" + "&&&&&&&&&&{display:none}" * (n // 32) + "}",
}


@pytest.mark.parametrize("sheet", NESTED.values(), ids=NESTED)
def test_selectors_within_others_are_no_longer_than_what_is_written(sheet):
    few, many = PageStyles([sheet(1_600)]).characters, PageStyles([sheet(6_400)]).characters
    assert 0 < many <= 4 * few + 1_000
    assert many <= 400_000


def test_selectors_within_others_are_refused_where_they_are_too_many():
    with pytest.raises(TooLarge):
        PageStyles(["a" * 900 + "{" + "b{display:none}" * 1_000 + "}"])


def test_each_part_of_a_selector_is_a_step():
    def steps(parts: int) -> int:
        styles = PageStyles(["td" + "[style*=px]" * parts + "{display:none}"])
        styles.look(fromstring("<table><tr><td style='width:1px'>1</td></table>").find(".//td"), "td", ElementStyle())
        return MOST_STEPS - styles.steps

    assert 3 * steps(20) < steps(80) <= 4 * steps(20)


FUNCTIONS = ("translate(", "polygon(0", "polygon(0,", "rect(0 ", "inset(", "opacity(0", "rgba(0,", "hsl(1,1 ")


@pytest.mark.parametrize("chain", [*FUNCTIONS, ", 0", "1px "])
def test_the_value_of_a_declaration_is_looked_at_in_one_pass(chain):
    names = ("transform", "clip-path", "clip;position:absolute;clip", "filter", "color", "background", "font")
    style = ";".join(f"{name}:{chain * 60_000}" for name in names)
    with limit_time(5):  # of a pattern that goes back at each sign it would be minutes
        read_html_blocks(f'<p style="{style}">1</p>'.encode(), "")


def test_what_a_rule_declares_is_a_step_and_is_bounded():
    def steps(properties: int) -> int:
        styles = PageStyles([".x{" + "".join(f"a{n}:1;" for n in range(properties)) + "}"])
        look = styles.look(fromstring("<p class='x'>1</p>"), "p", ElementStyle())
        assert look.styled
        return MOST_STEPS - styles.steps

    assert steps(30) < steps(120) <= 4 * steps(30)
    assert steps(4_000) == steps(1_000)
