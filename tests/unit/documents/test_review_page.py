"""The review page: uncertain cells first, everything escaped, nothing fetched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.samples.printed_text import paragraphs
from tests.samples.real_reports import REAL
from workbook.documents.reading.document_reader import import_blocks, read_document
from workbook.documents.reading.review_page import render_review


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_uncertain_cells_come_first(lang):
    got = read_document(REAL / "15_平潭公安局_2019.txt")
    html = render_review(got, lang)
    rows = re.findall(r'<tr class="(\w+)">', html)
    assert len(rows) == len(got.readings)
    assert rows == sorted(rows, key=["uncertain", "solved", "certain"].index)
    assert "0 00000" in html


def test_nothing_from_the_document_is_markup():
    text = (REAL / "29_宿迁市_2023.txt").read_text("utf-8")
    got = import_blocks(Path("<b>某.txt"), paragraphs("一、总体情况\n<script>alert(1)</script>\n" + text))
    html = render_review(got)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<b>" not in html
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!#)", html)


def test_every_place_named_is_on_the_page():
    html = render_review(read_document(REAL / "市中区统计局_2020.txt"))
    wanted = set(re.findall(r'href="#([^"]+)"', html))
    assert wanted
    assert wanted <= set(re.findall(r'id="([^"]+)"', html))
