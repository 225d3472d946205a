"""What may be published and what not; a file is written completely or not at all."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from tests import domain
from tests.samples.published_documents import FORMS, docx_grids, docx_of, expected
from workbook import documents
from workbook.documents import NotPublished, libreoffice
from workbook.documents.pdf_writer import fix_date
from workbook.model.finding import Severity
from workbook.model.rule_catalog import make_finding

FORM = FORMS[1]
GOOD = domain.zero(FORM)
BAD = GOOD.with_values({"requests.results.person": 3, "requests.new.person": None})


@pytest.mark.parametrize("suffix", documents.PUBLISHED)
def test_a_report_with_errors_is_not_published_and_nothing_is_written(suffix, tmp_path):
    path = tmp_path / f"年报{suffix}"
    with pytest.raises(NotPublished) as refused:
        documents.write_document(path, BAD)
    zh, en = refused.value.message
    errors = sum(one.severity is Severity.ERROR for one in documents.check_report(BAD))
    assert f"{errors} 处错误" in zh
    assert "--draft" in zh
    assert f"{errors} errors" in en
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".docx", ".html"])
def test_a_report_without_errors_is_published_and_a_draft_in_any_case(suffix, tmp_path):
    for name, report, draft in (("good", GOOD, False), ("draft", BAD, True), ("kept", GOOD, True)):
        documents.write_document(tmp_path / f"{name}{suffix}", report, draft=draft)
    sizes = [(tmp_path / f"{name}{suffix}").stat().st_size for name in ("good", "kept")]
    assert sizes[0] < sizes[1], "a draft says that it is one"


def test_figures_for_a_program_are_written_right_or_wrong(tmp_path):
    documents.write_document(tmp_path / "a.csv", BAD)
    documents.write_document(tmp_path / "b.CSV", BAD, lang="en")
    assert (tmp_path / "a.csv").read_text("utf-8-sig").startswith("机关,")
    assert (tmp_path / "b.CSV").read_text("utf-8-sig").startswith("agency,")


def test_findings_known_already_are_believed(tmp_path):
    error = make_finding("nothing-filled")
    with pytest.raises(NotPublished, match="1 处错误"):
        documents.write_document(tmp_path / "a.docx", GOOD, findings=[error])
    documents.write_document(tmp_path / "a.docx", BAD, findings=[])
    assert (tmp_path / "a.docx").exists()


def test_a_sum_of_agencies_is_published_by_its_figures(tmp_path):
    total = GOOD + domain.zero(FORM).with_values({"licensing.permits.decisions": 12})
    assert total.merged == 2
    documents.write_document(tmp_path / "汇总.docx", total)
    assert docx_grids(docx_of(total)) == expected(total)
    with pytest.raises(NotPublished):
        documents.write_document(tmp_path / "错.docx", BAD + GOOD)


@pytest.mark.parametrize("name", ["年报", "年报.doc", "年报.xlsx", ".docx"])
def test_an_unknown_format_is_refused_with_those_there_are(name, tmp_path):
    with pytest.raises(NotPublished) as refused:
        documents.write_document(tmp_path / name, GOOD)
    for words in refused.value.message:
        assert all(suffix in words for suffix in documents.SUFFIXES)


def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"old")
    monkeypatch.setattr(libreoffice, "find_libreoffice", lambda: None)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(NotPublished) as refused:
        documents.write_document(path, GOOD)
    assert "LibreOffice" in refused.value.message.zh
    assert "weasyprint" in refused.value.message.en
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OSError):
        documents.write_document(tmp_path / "none" / "a.html", GOOD)


def test_without_libreoffice_weasyprint_prints_the_page(tmp_path, monkeypatch):
    printer = type(sys)("weasyprint")
    printer.__spec__ = sys.__spec__
    printer.HTML = lambda string: type("Html", (), {"write_pdf": lambda _: b"%PDF " + string[:15].encode()})()
    monkeypatch.setattr(libreoffice, "find_libreoffice", lambda: None)
    monkeypatch.setitem(sys.modules, "weasyprint", printer)
    documents.write_document(tmp_path / "a.pdf", GOOD)
    assert (tmp_path / "a.pdf").read_bytes() == b"%PDF <!DOCTYPE html>"


def failing(*_args, **_options):
    raise libreoffice.ConversionTimeout("1 s")


def test_what_libreoffice_prints_and_that_it_is_slow_is_reported(tmp_path, monkeypatch):
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\necho convert; echo 'Error: no filter'; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(libreoffice, "find_libreoffice", lambda: str(program))
    with pytest.raises(NotPublished, match="Error: no filter"):
        documents.write_document(tmp_path / "a.pdf", GOOD)
    monkeypatch.setattr(libreoffice, "convert_document", failing)
    with pytest.raises(NotPublished, match="120 秒"):
        documents.write_document(tmp_path / "a.pdf", GOOD)


def test_dates_and_ids_of_a_pdf_are_those_of_its_content():
    def made(date, id_):
        info = f"/CreationDate(D:{date})>>\n/ID [ <{id_}>\n<{id_}> ]\n/DocChecksum /{id_}\n"
        return b"%PDF\nstream\n/ID [ <" + b"A" * 32 + b">\nendstream\n" + info.encode()

    one, two = (
        fix_date(made(d, i), "20221231000000Z")
        for d, i in (("20260101101112Z'", "A" * 32), ("20260102101112Z'", "B" * 32))
    )
    assert one == two
    assert len(one) == len(made("20260101101112Z'", "A" * 32))
    assert b"D:20221231000000Z" in one
    assert one.startswith(b"%PDF\nstream\n/ID [ <" + b"A" * 32), "a stream is left alone"


def test_the_name_of_the_agency_may_be_anything(tmp_path):
    report = replace(GOOD, agency=replace(GOOD.agency, name="甲" * 400 + "<&\"'\x00"))
    for suffix in (".docx", ".html", ".csv"):
        documents.write_document(tmp_path / f"a{suffix}", report)
