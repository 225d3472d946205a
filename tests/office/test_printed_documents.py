"""The documents as they look: printed by a real LibreOffice, figures found where the form has their row and column."""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from html import unescape

import pytest

from tests import domain
from tests.office.libreoffice import FONTS
from tests.office.pictures import pages_of_pdf
from tests.samples.published_documents import FORMS, docx_grids, figure, numbered, of
from workbook import documents
from workbook.documents.docx_writer import build_docx
from workbook.model.print_layout import plan_section

pytestmark = pytest.mark.office
FORM = FORMS[1]
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')
CLOSE = 3.0
"""Points within which two figures are on one line, or end at one edge."""


@pytest.fixture(autouse=True)
def stand_in_typefaces(monkeypatch):
    monkeypatch.setenv("FONTCONFIG_FILE", str(FONTS))


def words(pdf):
    """Every page's words: left, top, right, bottom, text."""
    layout = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    return [
        [(*map(float, found[:4]), unescape(found[4])) for found in WORD.findall(page)]
        for page in layout.split("<page ")[1:]
    ]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.id}{'+' * len(form.supplements)}")
def test_every_figure_is_printed_in_its_row_and_its_column(form, tmp_path):
    report = numbered(form)
    path = tmp_path / "年报.pdf"
    documents.write_document(path, report, findings=[])
    places = {}
    for number, page in enumerate(words(path)):
        for left, top, right, bottom, text in page:
            places.setdefault(text, []).append((number, left, (top + bottom) / 2, right))
    for section in form.sheets:
        rows, columns = defaultdict(list), defaultdict(list)
        for code, box in plan_section(form, section).cells.items():
            if text := figure(report, code):
                (place,) = places[text]  # once in the whole document
                rows[box.top].append((box.left, place))
                if isinstance(report[code], int):
                    columns[box.right].append(place)
        for row in rows.values():
            row.sort()
            assert len({place[0] for _, place in row}) == 1
            assert max(place[2] for _, place in row) - min(place[2] for _, place in row) < CLOSE
            assert [place[1] for _, place in row] == sorted(place[1] for _, place in row)
        for column in columns.values():
            assert max(place[3] for place in column) - min(place[3] for place in column) < CLOSE, "right edges in line"
        middles = [(row[0][1][0], row[0][1][2]) for _, row in sorted(rows.items())]
        assert middles == sorted(middles), "rows in order, page after page"


@pytest.mark.parametrize("name", ["市中区统计局-2020", "洛龙区统计局-2020"])
def test_the_two_published_reports_print_on_three_pages_each_marked_as_a_draft(name, tmp_path):
    report = domain.example(name)
    path = tmp_path / "年报.pdf"
    documents.write_document(path, report, draft=True)
    pages = words(path)
    assert len(pages) == 3
    assert all("草稿" in [word[4] for word in page] for page in pages), "on every page"
    texts = ["".join(word[4] for word in page) for page in pages]
    assert all(section.label in "".join(texts) for section in report.form.sections)
    assert all(f"—{n}—" in text for n, text in enumerate(texts, 1))
    draft = [picture.read_bytes() for picture in pages_of_pdf(path, dpi=40)]
    documents.write_document(path, report, findings=[])
    final = [picture.read_bytes() for picture in pages_of_pdf(path, dpi=40)]
    assert len(draft) == len(final) == 3
    assert draft != final


def test_a_table_that_goes_on_has_its_heads_on_both_pages(tmp_path):
    report = numbered(FORM)
    lines = "\n".join("全年工作正常开展。" for _ in range(30))
    path = tmp_path / "长.pdf"
    documents.write_document(
        path, type(report)(FORM, 2022, report.agency, report.values, {"overview": lines}), findings=[]
    )
    heads = ["申请人情况" in "".join(word[4] for word in page) for page in words(path)]
    assert heads.count(True) == 2


def test_libreoffice_opens_and_saves_the_document_without_losing_a_span(office, tmp_path):
    from docx import Document

    report = numbered(FORM)
    path = tmp_path / "年报.docx"
    path.write_bytes(build_docx(of(report)))
    again = office.convert(path, tmp_path / "again.docx")
    read = [sorted(grid) for grid in docx_grids(Document(str(again)))]
    assert read == [sorted(grid) for grid in docx_grids(Document(str(path)))]


def test_the_same_report_prints_the_same_pdf(tmp_path):
    for name in ("a", "b"):
        documents.write_document(tmp_path / f"{name}.pdf", domain.zero(FORM))
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    about = subprocess.run(["pdfinfo", str(tmp_path / "a.pdf")], check=True, capture_output=True, text=True).stdout
    assert re.search(r"Tagged: +yes", about)
    assert "2022" in about.split("CreationDate:")[1].split("\n")[0]
