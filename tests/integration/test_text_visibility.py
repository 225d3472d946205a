"""Writing that is struck out, raised, lowered or hidden is never part of a figure that is called certain."""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.domain import zero
from tests.samples.pdf_pages import pdf_page
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
"""Cells that are in no equation, nine of them: one document shows as many ways of showing it."""
PROSE = "本机关按规定公开。"


CASES = tomllib.loads(Path(__file__).with_name("text_visibility.toml").read_text("utf-8"))
RUN = re.compile("⟨(.*?)¦(.*?)⟩")


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
    for plain, xml in [*((f"{901 + n}", cell) for n, cell in enumerate(cells)), *([(PROSE, text)] if text else [])]:
        printed_run = rf"<w:r>(?:<w:rPr>(?:(?!</w:rPr>).)*</w:rPr>)?<w:t[^>]*>{plain}</w:t></w:r>"
        body, count = re.subn(printed_run, lambda _, xml=xml: runs(xml), body)
        assert count == 1
    parts["word/document.xml"] = body.encode()
    parts["word/styles.xml"] = parts["word/styles.xml"].replace(b"</w:styles>", styles.encode() + b"</w:styles>")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return made.getvalue()


def runs(text: str) -> str:
    """Runs of a Word file, each written ⟨properties¦text⟩."""
    return RUN.sub(r"<w:r><w:rPr>\1</w:rPr><w:t>\2</w:t></w:r>", text)


def got(folder: Path, made: str | bytes, suffix: str) -> ImportedDocument:
    path = folder / f"某局2024{suffix}"
    path.write_bytes(made if isinstance(made, bytes) else made.encode())
    return read_document(path)


def check_open(found: ImportedDocument, marks: Sequence[str], *candidates: str) -> None:
    """Each marked figure is uncertain, with a reason and these candidates, and no other is."""
    readings = {mark: found.readings[code] for mark, code in zip(marks, PLACES, strict=False)}
    assert found.cells(Confidence.UNCERTAIN) == list(PLACES[: len(marks)])
    assert {found.report[code] for code in PLACES[: len(marks)]} == {None}
    assert [mark for mark, one in readings.items() if not one.doubts or not {*candidates} <= {*one.candidates}] == []


def check_read(found: ImportedDocument, marks: Sequence[str], figure: int | None = 96) -> None:
    assert [(m, found.report[c]) for m, c in zip(marks, PLACES, strict=False) if found.report[c] != figure] == []
    assert found.cells(Confidence.UNCERTAIN) == []


# One case of the tables fills several documents: nine figures in each.


def documents() -> Iterator[object]:
    for case in CASES["case"]:
        for at in range(0, len(case["marks"]), len(PLACES)):
            yield pytest.param(case, case["marks"][at : at + len(PLACES)], id=f"{case['name']} {at}")


@pytest.mark.parametrize(("case", "marks"), list(documents()))
def test_how_words_are_shown_decides_what_is_read(tmp_path, case, marks):
    cells = [case.get("cell", "{}").replace("{}", mark) for mark in marks]
    if case["format"] == "html":
        found = got(tmp_path, page(*cells, style=case.get("style", "")), ".html")
    else:
        found = got(tmp_path, word(*cells, styles=case.get("styles", "")), ".docx")
    if case["found"] == "open":
        check_open(found, marks, *case.get("candidates", ()))
    else:
        check_read(found, marks)


# web pages ------------------------------------------------------------------------------------------------------------


def test_a_rule_that_may_hold_leaves_the_figure_open(tmp_path):
    rules = CASES["one_open"]["rules"]
    cells = [f'9<span class="x{n}">6</span>' for n in range(len(rules))]
    sheet = "\n".join(rule.replace(".x", f".x{n}").replace(".X", f".X{n}") for n, rule in enumerate(rules))
    check_open(got(tmp_path, page(*cells, style=sheet), ".html"), rules)


@pytest.mark.parametrize("rule", CASES["all_open"]["rules"])
def test_a_rule_that_may_hold_for_whatever_is_there_leaves_all_figures_open(tmp_path, rule):
    found = got(tmp_path, page('9<span class="x">6</span>', style=rule), ".html")
    assert (found.report[PLACES[0]], found.report[PLACES[1]]) == (None, None)
    assert found.readings[PLACES[1]].candidates == ("902",)


def test_what_a_style_sets_on_a_line_of_its_own_is_no_part_of_the_figure_before_it(tmp_path):
    found = got(tmp_path, page('9<span style="display:block">6</span>', '<b style="display:block">96</b>'), ".html")
    assert found.report[PLACES[0]] != 96
    assert found.report[PLACES[1]] == 96


def test_what_a_style_sheet_writes_into_an_empty_cell_is_a_reading(tmp_path):
    found = got(tmp_path, page('<span class="x"></span>', style='.x::before{content:"77"}'), ".html")
    assert (found.report[PLACES[0]], found.readings[PLACES[0]].candidates) == (None, ("77",))
    assert found.cells(Confidence.UNCERTAIN) == [PLACES[0]]


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


def test_figures_struck_out_by_the_style_of_their_paragraphs_in_word(tmp_path):
    struck = '</w:p><w:p><w:pPr><w:pStyle w:val="P"/></w:pPr>⟨¦{}⟩'
    styles = '<w:style w:type="paragraph" w:styleId="P"><w:rPr><w:strike/></w:rPr></w:style>'
    found = got(tmp_path, word(*(struck.replace("{}", f"{901 + n}") for n in range(9)), styles=styles), ".docx")
    assert found.cells(Confidence.UNCERTAIN) == list(PLACES)
    assert [found.readings[code].candidates for code in PLACES] == [(f"{901 + n}",) for n in range(len(PLACES))]


# running text ---------------------------------------------------------------------------------------------------------

SAID = "收到申请<s>12件</s>96<sup>1</sup>件<span style='display:none'>，另有3件</span>。<b style='color:#fff'>秘密</b>"


def test_running_text_has_what_is_shown_and_reports_what_was_left_out(tmp_path):
    found = got(tmp_path, page(text=SAID), ".html")
    assert found.report.texts["overview"] == "收到申请96[1]件。"
    messages = [format_message(one) for one in found.findings if one.rule == "import-left-out"]
    assert len(messages) == 1
    assert "“12件”有删除线" in messages[0]
    assert "“秘密”" in messages[0]
    assert "另有" not in messages[0]


def test_running_text_of_word_has_what_is_shown_and_reports_what_was_left_out(tmp_path):
    text = "⟨¦收到申请⟩⟨<w:strike/>¦12件⟩⟨¦96件⟩⟨<w:vanish/>¦，另有3件⟩⟨¦。⟩"
    found = got(tmp_path, word(text=text), ".docx")
    assert found.report.texts["overview"] == "收到申请96件。"
    assert [one.rule for one in found.findings] == ["import-left-out"]


def test_figures_in_lines_of_text_are_open_where_the_line_is_in_doubt(tmp_path):
    lines = "".join(f"<p>{row.label} <s>1</s>{n}</p>" for n, row in enumerate(FORM.table("enforcement").rows, 20))
    html = re.sub(r"<table.*?</table>", lambda _: lines, page(), count=1, flags=re.DOTALL)
    found = got(tmp_path, html, ".html")
    codes = [code for code in FORM.index if code.startswith("enforcement.")]
    assert {found.report[code] for code in codes} == {None}


# reported -------------------------------------------------------------------------------------------------------------


def test_what_is_in_doubt_is_reported_on_the_screen_on_the_review_page_and_beside_the_cell(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("OGI_LANG", "zh")
    source, out, compare = tmp_path / "年报.html", tmp_path / "入.xlsx", tmp_path / "核对.html"
    source.write_text(page("<s>12</s>96", "96<sup>1</sup>"), "utf-8")
    assert main(["import", str(source), "-o", str(out), "--review", str(compare)]) == 1
    screen = capsys.readouterr().out
    html = compare.read_text("utf-8")
    notes = [cell.comment.text for sheet in load_workbook(out) for row in sheet for cell in row if cell.comment]
    for words, candidates in (("“12”有删除线", ("96", "1296")), ("“1”是上标、下标或注音", ("96", "961"))):
        assert words in screen
        assert words in html
        assert any(words in note and all(one in note for one in candidates) for note in notes)
        assert f"{'、'.join(candidates)}（其中{words}）" in html
    assert "1296" in render_review(read_document(source), "en")


# PDF and old files ----------------------------------------------------------------------------------------------------

PAPER = (
    "<w:strike/>",
    '<w:color w:val="FFFFFF"/>',
    '<w:vertAlign w:val="superscript"/>',
    '<w:position w:val="8"/>',
    "<w:dstrike/>",
)


@pytest.mark.office
@pytest.mark.parametrize("to", ["pdf", pytest.param("doc", marks=pytest.mark.long)])
def test_the_same_holds_for_pdf_and_for_old_files(tmp_path, to):
    path = tmp_path / "某局2024.docx"
    path.write_bytes(word(*(f"⟨{mark}¦12⟩⟨¦96⟩" for mark in PAPER), "⟨<w:vanish/>¦12⟩⟨¦96⟩"))
    with libreoffice.convert_document(path, to) as made:
        found = read_document(made)
    readings = [found.readings[code] for code in PLACES[: len(PAPER)]]
    assert [one.confidence for one in readings] == [Confidence.UNCERTAIN] * len(PAPER)
    assert [one for one in readings if not one.doubts or not {"96", "1296"} <= {*one.candidates}] == []
    assert found.report[PLACES[len(PAPER)]] == 96


def printed(figure: str) -> bytes:
    """A PDF of one page: a ruled table of two rows of four, its first figure drawn so."""
    cells = [figure] + [f"BT /F 12 Tf {20 + 40 * (n % 4)} {70 - 30 * (n // 4)} Td ({n}{n}) Tj ET" for n in range(1, 8)]
    lines = [f"{15 + 40 * n} 30 m {15 + 40 * n} 90 l S" for n in range(5)]
    lines += [f"15 {30 + 30 * n} m 175 {30 + 30 * n} l S" for n in range(3)]
    note = "StrikeOut" if "marked" in figure else "Link"
    return pdf_page("\n".join((*lines, *cells)).encode(), note=note)


@pytest.mark.parametrize("drawn", CASES["drawn"].values(), ids=CASES["drawn"])
def test_a_figure_of_a_pdf_beside_what_is_no_plain_writing(tmp_path, drawn):
    path = tmp_path / "年报.pdf"
    path.write_bytes(printed(drawn))
    (table,) = (block for block in open_document(path).blocks if isinstance(block, TableGrid))
    first, *rest = table.cells
    assert (first.text, bool(first.doubts), len(first.others)) == ("96", True, 1)
    assert [(cell.text, cell.doubts) for cell in rest] == [(f"{n}{n}", ()) for n in range(1, 8)]


def test_a_plain_figure_of_a_pdf_is_plain(tmp_path):
    path = tmp_path / "年报.pdf"
    underlined = "0.2 0.3 0.6 rg 16 61 38 28 re f 1 g BT /F 12 Tf 20 70 Td (96) Tj ET 0 g 20 68 m 33 68 l S"
    path.write_bytes(printed(underlined))
    (table,) = (block for block in open_document(path).blocks if isinstance(block, TableGrid))
    assert (table.cells[0].text, table.cells[0].doubts) == ("96", ())
