"""The same report from every kind of file; and the files that cannot be read, each with a sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.domain import FORM_FILES, example, forms, reports, zero
from tests.samples.pdf_pages import pdf_page
from tests.samples.real_reports import REAL
from workbook.documents import libreoffice, write_document
from workbook.documents.html_writer import render_report
from workbook.documents.publication import arrange_report
from workbook.documents.reading.document_formats import make_unreadable
from workbook.documents.reading.document_reader import ImportedDocument, import_blocks, read_document
from workbook.documents.reading.html_reader import read_html_blocks
from workbook.documents.reading.row_matching import Confidence
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.template.template_writer import write_workbook
from workbook.model.report import Report

Change = Callable[[str, bytes], tuple[str, bytes]]
NAMES = ("市中区统计局-2020", "洛龙区统计局-2020")


def agrees(got: ImportedDocument, report: Report) -> bool:
    return got.report.values == report.values and len(got.cells(Confidence.CERTAIN)) == len(report.values)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", [".docx", ".html"])
def test_a_document_we_make_is_read_back_completely(tmp_path, name, suffix):
    report, path = example(name), tmp_path / f"年报{suffix}"
    write_document(path, report, draft=True)
    got = read_document(path)
    assert agrees(got, report)
    assert (got.report.year, got.report.agency.name) == (report.year, report.agency.name)
    assert got.report.texts == report.texts


@pytest.mark.office
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("suffix", "to"), [(".docx", "pdf"), (".docx", "doc"), (".docx", "txt"), (".xlsx", "xls")])
def test_old_formats_and_pdf_are_read_back_completely(tmp_path, name, suffix, to):
    report, path = example(name), tmp_path / f"年报{suffix}"
    if suffix == ".xlsx":
        write_workbook(path, report)
    else:
        write_document(path, report, draft=True)
    with libreoffice.convert_document(path, to) as made:
        got = read_document(made)
    assert agrees(got, report)
    assert got.report.year == report.year
    assert got.report.texts["other"] == report.texts["other"]


@pytest.mark.parametrize("suffix", [".docx", ".html"])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), form=forms)
def test_out_and_in_again_is_the_same(tmp_path, suffix, data, form):
    report = data.draw(reports(form, consistent=False, filled=40))
    path = tmp_path / f"年报{suffix}"
    write_document(path, report, draft=True)
    got = read_document(path)
    assert got.report.form.id == form.id
    assert got.report.values == report.values
    assert got.report.year == report.year


def html_of(report: Report) -> str:
    return render_report(arrange_report(report, draft=True))


def read_page(html: str) -> ImportedDocument:
    return import_blocks(Path("某局2020.html"), read_html_blocks(html.encode(), "某局2020.html"))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-16-le", "utf-8-sig"])
@pytest.mark.parametrize("suffix", [".html", ".txt"])
def test_any_encoding(tmp_path, encoding, suffix):
    text = html_of(example(NAMES[0])) if suffix == ".html" else (REAL / "市中区统计局_2020.txt").read_text("utf-8")
    path = tmp_path / f"年报{suffix}"
    path.write_bytes(text.encode(encoding))
    assert read_document(path).report.values == example(NAMES[0]).values


def test_a_page_laid_out_in_tables_is_read():
    html = html_of(example(NAMES[0])).replace("<body", "<table><tr><td><table><tr><td></table><body", 1)
    assert read_page(html).report.values == example(NAMES[0]).values


def test_a_row_with_a_cell_too_few_is_left_open():
    row = re.compile(r"(<tr[^>]*>(?:(?!</tr>).)*?政府信息公开申请数量(?:(?!</tr>).)*?)<td[^>]*>0</td>", re.DOTALL)
    cut, count = row.subn(r"\1", html_of(zero(FORM_FILES[0])), count=1)
    assert count == 1
    assert len(read_page(cut).cells(Confidence.UNCERTAIN)) == 7


# files that cannot be read -------------------------------------------------------------------------------------------


def kind_of(path: Path) -> str:
    """Why a file cannot be read, with a sentence in both languages."""
    with pytest.raises(Unreadable) as caught:
        read_document(path)
    assert caught.value.message.zh.endswith(("。", "？"))
    assert caught.value.message.en
    return caught.value.kind


def package(path: Path, change: Change = lambda name, data: (name, data)) -> Path:
    """A published report as a Word file, each of its parts changed so."""
    write_document(path.with_name("原.docx"), example(NAMES[0]), draft=True)
    with zipfile.ZipFile(path.with_name("原.docx")) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in (change(name, old.read(name)) for name in old.namelist()):
            if data:
                new.writestr(name, data)
    return path


def test_a_huge_page(tmp_path):
    path = tmp_path / "大.html"
    with path.open("wb") as file:
        file.write(b"<html><table>")
        file.truncate(200 << 20)
    assert kind_of(path) == "large"


@pytest.mark.parametrize(
    "text",
    [
        "<table><tr><td>" * 20_000,
        "<div>" * 50_000,
        "<table><tr>" + "<td colspan=999 rowspan=99999>1" * 900,
        "<table><tr>" + "<td>1" * 9_000,
    ],
    ids=["tables in tables", "deep", "spans", "wide"],
)  # fmt: skip
def test_a_page_without_end(tmp_path, text):
    path = tmp_path / "页.html"
    path.write_text("<html><body>" + text, "utf-8")
    assert kind_of(path) == "large"


MAKES = {
    "main part counted up": ("docx", "word/document.xml", "word/document2.xml"),
    "with macros": ("docm", "openxmlformats-officedocument.wordprocessingml.document", "ms-word.document.macroEnabled"),
    "template": ("dotx", "wordprocessingml.document.main", "wordprocessingml.template.main"),
    "a part that is not there": ("docx", 'Target="styles.xml"', 'Target="NULL"'),
    "strict": ("docx", "schemas.openxmlformats.org/wordprocessingml/2006/", "purl.oclc.org/ooxml/wordprocessingml/"),
}


@pytest.mark.parametrize(("suffix", "old", "new"), MAKES.values(), ids=MAKES)
def test_a_word_file_of_another_make(tmp_path, suffix, old, new):
    def change(name: str, data: bytes) -> tuple[str, bytes]:
        return name.replace(old, new), data.replace(old.encode(), new.encode())

    assert agrees(read_document(package(tmp_path / f"年报.{suffix}", change)), example(NAMES[0]))


def test_a_word_file_called_an_archive(tmp_path):
    assert agrees(read_document(package(tmp_path / "年报.zip")), example(NAMES[0]))


@pytest.mark.parametrize(("part", "megabytes"), [("word/document.xml", 100), ("word/media/x.bin", 250)])
def test_a_word_file_that_swells(tmp_path, part, megabytes):
    swollen = package(tmp_path / "大.docx", lambda name, data: (name, b"" if name == part else data))
    with zipfile.ZipFile(swollen, "a", zipfile.ZIP_DEFLATED) as file, file.open(part, "w") as stream:
        for _ in range(megabytes):
            stream.write(b" " * (1 << 20))
    assert swollen.stat().st_size < 1 << 20
    assert kind_of(swollen) == "large"


def pdf(tmp_path: Path, content: bytes, packing: str = "") -> Path:
    path = tmp_path / "年报.pdf"
    path.write_bytes(pdf_page(content, packing=packing))
    return path


def test_a_pdf_whose_page_is_drawn_by_several_streams(tmp_path):
    """Programs that add a page number or a stamp to a page leave it so."""
    path = pdf(tmp_path, b"BT /F 9 Tf (2021) Tj ET")
    assert kind_of(path) == "foreign"
    path.write_bytes(path.read_bytes().replace(b"/Contents 4 0 R", b"/Contents[4 0 R]"))
    assert kind_of(path) == "foreign"


def test_a_pdf_without_text(tmp_path):
    assert kind_of(pdf(tmp_path, b"0 0 9 9 re f")) == "no-text"


def test_of_a_pdf_with_faults_our_own_words_alone_are_printed(tmp_path):
    path = pdf(tmp_path, b"0 0 9 9 re f")
    path.write_bytes(path.read_bytes().replace(b"/MediaBox[0 0 200 100]", b""))
    command = [sys.executable, "-m", "workbook", "import", str(path), "-o", str(tmp_path / "回.xlsx")]
    zh = {**os.environ, "OGI_LANG": "zh"}
    ended = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False, env=zh)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.strip() == f"ogi import：{make_unreadable('damaged').message.zh}"


def test_a_pdf_that_swells(tmp_path):
    assert kind_of(pdf(tmp_path, zlib.compress(b" " * (300 << 20)), "/Filter/FlateDecode")) == "large"


@pytest.mark.parametrize("way", [b"Standard", b"Adobe.PubSec"], ids=["by password", "by certificate"])
def test_an_encrypted_pdf(tmp_path, way):
    path = pdf(tmp_path, b"0 0 9 9 re f")
    locked = b"<</Filter/" + way + b"/V 1/R 2/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">/P -4>>"
    data = path.read_bytes()
    path.write_bytes(data.replace(b"/Root 1 0 R", b"/Root 1 0 R/ID[<41><41>]/Encrypt " + locked))
    assert kind_of(path) == "encrypted"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("空.txt", b"", "empty"),
        ("乱.txt", bytes(range(256)) * 40, "not-text"),
        ("文.txt", "今年天气很好。".encode() * 50, "foreign"),
        ("密.docx", b"%TSD-Header-###%" + b"\0" * 500, "rights"),
        ("断.docx", b"PK\x03\x04" + b"\0" * 500, "damaged"),
        ("断.pdf", b"%PDF-1.7\n" + b"\0" * 500, "damaged"),
        ("断.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "damaged"),
        ("图.png", b"\x89PNG\r\n\x1a\n", "picture"),
    ],
)
def test_what_is_no_report(tmp_path, name, data, kind):
    path = tmp_path / name
    path.write_bytes(data)
    assert kind_of(path) == kind


def test_without_libreoffice_an_old_file_is_reported(tmp_path, monkeypatch):
    path = tmp_path / "年报.rtf"
    path.write_bytes(b"{\\rtf1 }")
    monkeypatch.setattr(libreoffice, "find_libreoffice", lambda: None)
    assert kind_of(path) == "office"
