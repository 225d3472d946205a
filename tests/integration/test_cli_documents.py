"""`ogi export` and `ogi import` of documents, as a user types them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests import domain
from tests.domain import CASES
from workbook.cli import main
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.excel.template.template_writer import write_workbook
from workbook.model.form_loader import load_form

REAL = CASES / "real"


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OGI_LANG", "zh")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A report without error, as a workbook."""
    path = tmp_path / "年报.xlsx"
    write_workbook(path, domain.zero(load_form("annual-2021")))
    return path


@pytest.mark.parametrize("suffix", [".docx", ".html", ".csv"])
def test_a_report_goes_out_and_comes_back(book: Path, tmp_path: Path, suffix: str) -> None:
    out, back = tmp_path / f"年报{suffix}", tmp_path / "回.xlsx"
    assert main(["export", str(book), "-o", str(out)]) == 0
    if suffix != ".csv":
        assert main(["import", str(out), "-o", str(back), "--agency", "某局"]) in (0, 1)
        assert read_workbook(back).report.values == read_workbook(book).report.values
        assert read_workbook(back).report.agency.name == "某局"


def test_a_report_with_errors_is_published_only_as_a_draft(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book, out = tmp_path / "错.xlsx", tmp_path / "错.docx"
    write_workbook(book, domain.example("市中区统计局-2020"))
    assert main(["export", str(book), "-o", str(out)]) == 2
    assert not out.exists()
    assert "--draft" in capsys.readouterr().err
    assert main(["export", str(book), "-o", str(out), "--draft"]) == 1
    assert out.stat().st_size


@pytest.mark.parametrize("suffix", [".docx", ".pdf"])
def test_what_the_base_installation_cannot_write_is_reported_with_a_way_out(
    book: Path, tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """python-docx comes with an extra; without it the sentence names it, and the formats that need nothing."""
    monkeypatch.setitem(sys.modules, "docx", None)
    monkeypatch.delitem(sys.modules, "workbook.documents.docx_writer", raising=False)
    out = tmp_path / f"报告{suffix}"
    assert main(["export", str(book), "-o", str(out)]) == 2
    error = capsys.readouterr().err
    assert "pip install python-docx" in error and ".html" in error and "意外" not in error
    assert not out.exists()
    assert main(["export", str(book), "-o", str(out.with_suffix(".html"))]) in {0, 1}


def test_the_sum_of_a_merge_is_the_governments_own_report(book: Path, tmp_path: Path) -> None:
    summary, page = tmp_path / "汇总.json", tmp_path / "汇总.html"
    assert main(["merge", str(book), "-o", str(summary), "--name", "某县人民政府", "--no-cache"]) == 0
    assert main(["export", str(summary), "-o", str(page)]) == 0
    assert "某县人民政府" in page.read_text("utf-8")
    other = tmp_path / "别的.json"
    other.write_text(json.dumps({"kind": "x"}), "utf-8")
    assert main(["export", str(other), "-o", str(tmp_path / "x.html")]) == 2


def test_a_published_report_is_read_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, review = tmp_path / "入.xlsx", tmp_path / "核对.html"
    source = next(REAL.glob("市中区统计局*.txt"))
    assert main(["import", str(source), "-o", str(out), "--review", str(review)]) == 1
    assert "确定 198 格" in capsys.readouterr().out
    assert read_workbook(out).report.values == domain.example("市中区统计局-2020").values
    assert "<script" not in review.read_text("utf-8")


def test_a_file_that_holds_no_report_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "信.txt"
    path.write_text("您好", "utf-8")
    assert main(["import", str(path), "-o", str(tmp_path / "a.xlsx")]) == 2
    assert main(["import", str(tmp_path / "没有.docx"), "-o", str(tmp_path / "a.xlsx")]) == 2
    assert not (tmp_path / "a.xlsx").exists()
    assert capsys.readouterr().err.count("\n") == 2
