"""The fast reader and the full one say the same of every file: or the fast one says nothing."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.province import province
from tests import domain
from tests.integration import test_altered_workbooks, test_workbook_round_trip
from tests.office.libreoffice import Office
from tests.samples import package_edits
from tests.samples.filled_workbooks import BEFORE, FORM, OLD_FORM, REPORT, filled, made, with_openpyxl, with_xml
from tests.samples.template_edits import AS_ISSUED, DIFFERS, FIT, LOOKS, ODD
from tests.samples.template_variants import (
    ACROSS,
    CHECKED,
    COVER,
    PLAIN,
    STRINGS,
    TABLE,
    WORDS,
    InFull,
    cell,
    changed,
    fast,
    locked,
    nobody,
    renumbered,
    said,
    shown,
    taught,
    typed,
    usual,
)  # fmt: skip
from workbook.excel.reading import quick_reader
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.printed_words import PrintedWords
from workbook.excel.reading.quick_reader import QuickReader
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.excel.template.template_writer import write_workbook
from workbook.model.form import Form
from workbook.model.form_loader import load_form
from workbook.model.report import Report
from workbook.rules.evaluation import Submission

HUBEI = load_form("annual-2019", "420100")
FORMS = {"2021": FORM, "2019": OLD_FORM, "Hubei": HUBEI}


@pytest.fixture
def alone(monkeypatch) -> Callable[[], None]:
    """From then on the fast reader has nobody to ask."""

    return lambda: monkeypatch.setattr(quick_reader, "open_workbook", nobody)


def report_of(form: Form, start: int = 1) -> Report:
    agency = replace(domain.AGENCY, region="420100") if form is HUBEI else domain.AGENCY
    return replace(filled(form, start=start), agency=agency)


def before(report: Report) -> Report:
    return replace(report_of(report.form, 500), year=(report.year or 2022) - 1)


def primed(folder: Path) -> QuickReader:
    """A reader that knows the template of every form: with and without last year's figures."""
    reader = QuickReader()
    for form in FORMS.values():
        report = report_of(form)
        for previous in (before(report), None):
            reader.read(made(folder / "样.xlsx", report, previous))
    return reader


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> QuickReader:
    return primed(tmp_path_factory.mktemp("样"))


def outcome(reading: Callable[[Path], Submission], path: Path) -> object:
    try:
        return said(reading(path))
    except Unreadable as error:
        return error.kind


def agree(reader: QuickReader, path: Path) -> None:
    assert outcome(reader.read, path) == outcome(read_workbook, path)


# it is fast where it should be ----------------------------------------------------------------------------------------


def some_blank(report: Report) -> Report:
    return report.with_values({cell.code: None for cell in domain.leaves(report.form)[::7]})


def money(form: Form) -> str:
    return next(cell.code for cell in form.cells if cell.unit.scale > 1 and not cell.total)


FILLED: dict[str, Callable[[Report], Report]] = {
    "other figures": lambda report: report_of(report.form, 77),
    "other words": lambda report: replace(report, texts={"overview": "一\n二 & 三\n“四”，￥5", "other": "无"}),
    "many paragraphs": lambda report: replace(report, texts={"overview": "\n".join("段落" * n for n in range(10))}),
    "another agency": lambda report: replace(
        report, agency=replace(report.agency, name="甲&乙局", revision=2, code="")
    ),
    "another year": lambda report: replace(report, year=report.form.years.from_),
    "no year": lambda report: replace(report, year=None),
    "some cells blank": some_blank,
    "money to the fen": lambda report: report.with_values({money(report.form): 4_166_214_619}),
    "a negative count": lambda report: report.with_values({domain.leaves(report.form)[0].code: -3}),
    "a figure that keeps no rule": lambda report: report.with_values({domain.leaves(report.form)[-1].code: 99}),
}


def totals_right(report: Report) -> Report:
    """The report with every total the sum of its parts, as its formulas compute it."""
    now = dict(zip(report.form.index, report.values, strict=True))
    parts = domain.parts_of(report.form)

    def value(code: str) -> Any:
        if code not in parts:
            return now[code]
        numbers = [n for part in parts[code] if not isinstance(n := value(part), str | None)]
        return sum(numbers) if numbers else None

    return report.with_values({code: value(code) for code in parts})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", FILLED)
def test_the_template_filled_in_otherwise_is_read_fast(tmp_path, reader, alone, form, name):
    report = report_of(FORMS[form])
    path = made(tmp_path / "年报.xlsx", totals_right(FILLED[name](report)), before(report))
    alone()
    found = reader.read(path)
    assert found.reader == "alike"
    assert said(found) == said(read_workbook(path))


@pytest.mark.parametrize("form", FORMS)
def test_the_first_of_a_make_is_read_in_full_and_the_second_fast(tmp_path, form):
    report = report_of(FORMS[form])
    one, two = (made(tmp_path / f"{n}.xlsx", report_of(FORMS[form], n), before(report)) for n in (1, 2))
    reader = QuickReader()
    assert [reader.read(path).reader for path in (one, two, one)] == ["package", "alike", "alike"]


# whatever is done to a file -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", test_altered_workbooks.UNHARMED)
def test_an_alteration_is_said_by_both(tmp_path, name):
    edit, _ = test_altered_workbooks.UNHARMED[name]
    reader = QuickReader()
    for start in (1, 30):  # files altered alike, too
        agree(reader, with_openpyxl(made(tmp_path / f"{start}.xlsx", report_of(FORM, start)), edit))


@pytest.mark.parametrize("name", test_altered_workbooks.TOUCHED)
def test_a_figure_touched_is_said_by_both(tmp_path, reader, name):
    cell, value, _, _ = test_altered_workbooks.TOUCHED[name]
    agree(reader, with_openpyxl(made(tmp_path / "年报.xlsx"), test_altered_workbooks.put("表三", cell, value)))


@pytest.mark.parametrize("name", test_workbook_round_trip.REPORTS)
@pytest.mark.parametrize("previous", [None, BEFORE], ids=["alone", "with last year"])
def test_any_kind_of_report_is_read_alike(tmp_path, reader, name, previous):
    report = test_workbook_round_trip.REPORTS[name]
    if previous is not None and report.form != previous.form:
        previous = before(report)
    agree(reader, made(tmp_path / "年报.xlsx", report, previous))


def test_a_province_with_every_defect_is_read_alike(tmp_path):
    """What the benchmarks plant: defects of all kinds, files of all kinds, several of each make."""
    paths = sorted(path for path in province(tmp_path, 45, jobs=1).files.rglob("*") if path.is_file())
    reader, fast = QuickReader(), 0
    for path in paths:
        found = outcome(reader.read, path)
        assert found == outcome(read_workbook, path), path
        fast += isinstance(found, tuple) and reader.read(path).reader == "alike"
    assert fast > len(paths) // 3


@pytest.mark.parametrize("name", LOOKS)
def test_a_sheet_may_look_otherwise_than_the_one_learnt(tmp_path, name):
    parts = changed(usual(), *LOOKS[name])
    found = fast(shown(tmp_path, usual()), tmp_path / "年报.xlsx", parts)
    assert found is not None
    assert said(found) == said(read_workbook(package_edits.packed(tmp_path / "年报.xlsx", parts)))


@pytest.mark.parametrize("name", DIFFERS | AS_ISSUED)
def test_what_differs_from_the_workbook_learnt_is_left_to_the_full_reader(tmp_path, name):
    """Labels, formulas, validation, protection, kinds of cells: only the full reader can say what that means."""
    parts = changed(usual(), (DIFFERS | AS_ISSUED)[name])
    assert fast(shown(tmp_path, usual()), tmp_path / "年报.xlsx", parts) is None


@pytest.mark.parametrize("name", ODD)
def test_nothing_is_learnt_from_a_workbook_with_anything_odd(tmp_path, name):
    parts = changed(usual(), *ODD[name])
    assert fast(taught(tmp_path, parts), tmp_path / "年报.xlsx", parts) is None


@pytest.mark.parametrize("name", FIT)
def test_a_layout_is_learnt_where_nothing_is_odd(tmp_path, name):
    parts = changed(usual(), *FIT[name])
    found = fast(taught(tmp_path, parts), tmp_path / "年报.xlsx", parts)
    assert found is not None
    assert said(found) == said(read_workbook(package_edits.packed(tmp_path / "年报.xlsx", parts)))


@pytest.mark.parametrize(
    ("part", "at", "says"),
    [(CHECKED, "J71", "已核实"), (WORDS, "B7", "总计"), (COVER, "C5", "序号")],
    ids=repr,
)
def test_nothing_is_learnt_from_a_workbook_that_says_what_it_could_not_read(tmp_path, part, at, says):
    parts = typed(usual(), part, at, says)
    reader = taught(tmp_path, parts)
    assert fast(reader, tmp_path / "年报.xlsx", parts) is None
    assert fast(reader, tmp_path / "年报.xlsx", usual()) is None


def test_what_the_first_workbook_leaves_blank_is_read_in_the_next(tmp_path):
    blank = [cell(WORDS, at, None) for at in ("B5", "B23", "B41")]
    blank += [cell(COVER, at, None) for at in ("C5", "C6", "C7", "C8", "C10", "C11")]
    found = fast(taught(tmp_path, changed(usual(), *blank, cell(PLAIN, "F2", None))), tmp_path / "年报.xlsx", usual())
    assert found is not None
    assert said(found) == said(read_workbook(package_edits.packed(tmp_path / "年报.xlsx", usual())))


def test_texts_may_be_numbered_otherwise(tmp_path):
    reader, other = shown(tmp_path, usual()), renumbered(usual())
    for parts in (other, usual(), typed(other, WORDS, "B6", "又"), other):
        found = fast(reader, tmp_path / "年报.xlsx", parts)
        assert found is not None
        assert said(found) == said(read_workbook(package_edits.packed(tmp_path / "年报.xlsx", parts)))
    assert fast(reader, tmp_path / "年报.xlsx", changed(other, (STRINGS, "自然人", "法人"))) is None
    assert fast(reader, tmp_path / "年报.xlsx", changed(other, cell(TABLE, "A3", "0", "s"))) is None


def test_a_total_is_learnt_as_its_formula_adds(tmp_path):
    """Of nothing, SUM gives 0, and the template's own formula nothing."""
    unguarded = ACROSS, r"<f>IF\(COUNT\(A6:D6\).*?</f>", "<f>SUM(A6:D6)</f>"
    own, plain = usual(), changed(usual(), unguarded)
    nothing = [cell(ACROSS, f"{at}6", None) for at in "ABCD"]
    blank, zero = cell(ACROSS, "E6", "", "str"), cell(ACROSS, "E6", "0")
    for parts, stored, other, value in ((own, blank, zero, None), (plain, zero, blank, 0)):
        reader = taught(tmp_path, parts)
        found = fast(reader, tmp_path / "年报.xlsx", changed(parts, *nothing, stored))
        assert found is not None
        assert found.report["reviews.reconsideration.total"] == value
        assert fast(reader, tmp_path / "年报.xlsx", changed(parts, *nothing, other)) is None


# What was once read otherwise, or might be: the part, what stands there, and what is put there.
DANGEROUS: dict[str, tuple[str, str, str]] = {
    "a text in another encoding": (STRINGS, "UTF-8", "ISO-8859-1"),
    "a sign no document may hold in a text nobody reads": (STRINGS, "</sst>", "<si><t>\x0b</t></si></sst>"),
    "an entity nobody declared": (STRINGS, "</sst>", "<si><t>&x;</t></si></sst>"),
    "an escape spelled by an entity": (STRINGS, "总体", "&#95;x0041_总体"),
    "the last text by a number below 0": (CHECKED, r'(<c r="A1"[^>]*>)<v>\d+', r"\1<v>-1"),
    "a figure beside a control sign": (TABLE, r'(<c r="D6"[^>]*>)<v>', "\\1<v>\x0b"),
    "a total that is no whole number": (TABLE, r'(<c r="D6"[^>]*>)<v>\d+', r"\1<v>1.5"),
    "a result that is no number": (CHECKED, r'(<c r="E5"[^>]*><f.*?</f>)<v>.*?</v>', r"\1<v>一</v>"),
    "a truth that is none": (CHECKED, r'(<c r="H5" s="\d+") t="str"(><f>.*?</f>)<v>.*?</v>', r'\1 t="b"\2<v>2</v>'),
    "a result said to be a number": (CHECKED, r'(<c r="H5" s="\d+") t="str"', r"\1"),
    "a result with an unknown sign": (CHECKED, r'(<c r="H5".*?</f>)<v>.*?</v>', "\\1<v>\ufffe</v>"),
    "two heights of a row": (TABLE, '<row r="7"', '<row r="7" ht="1" ht="2"'),
    "no workbook.xml": ("xl/workbook.xml", "<sheets>", "<sheets><"),
    "two sheets of one name": ("xl/workbook.xml", 'name="文字"', 'name="封面"'),
    "a result that reads like a heading": (WORDS, r'(<c r="A2".*?</f>)<v>.*?</v>', r"\1<v>一、总体情况</v>"),
}  # fmt: skip


@pytest.mark.parametrize("name", DANGEROUS)
def test_what_only_a_parser_can_tell_is_left_to_it(tmp_path, reader, name):
    part, old, new = DANGEROUS[name]
    agree(reader, with_xml(made(tmp_path / "年报.xlsx"), (part, old, new)))


def added(path: Path, name: str, data: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(name, data)
    return path


PACKED: dict[str, Callable[[Path], Path]] = {
    "a binary workbook besides": lambda path: added(path, "xl/workbook.bin"),
    "a document besides": lambda path: added(path, "word/document.xml"),
    "of another kind": lambda path: added(path, "mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
    "macros": lambda path: added(path, "xl/vbaProject.bin"),
    "a part twice": lambda path: added(path, "XL/workbook.xml"),
    "a part locked": locked,
    "something before": lambda path: path.write_bytes(b"PK\3\4....." + path.read_bytes()) and path,
    "something behind": lambda path: path.write_bytes(path.read_bytes() + b"x" * 9) and path,
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-99]) and path,
    "of an owner": lambda path: path.rename(path.with_name("~$年报.xlsx")),
    "gone": lambda path: path.rename(path.with_name("别处.xlsx")).with_name("年报.xlsx"),
    "a folder": lambda path: path.parent,
    "an old name": lambda path: path.rename(path.with_suffix(".et")),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", PACKED)
def test_a_package_is_judged_by_both_alike(tmp_path, reader, name):
    agree(reader, PACKED[name](made(tmp_path / "年报.xlsx")))


if hasattr(os, "mkfifo"):

    def test_a_pipe_is_not_waited_for(tmp_path, reader):
        os.mkfifo(tmp_path / "年报.xlsx")
        agree(reader, tmp_path / "年报.xlsx")


def test_a_region_with_rows_of_its_own_needs_its_own_template(tmp_path, reader):
    """The region is typed on the cover, and decides the form."""
    report = replace(report_of(OLD_FORM), agency=replace(domain.AGENCY, region="420100"))
    path = made(tmp_path / "年报.xlsx", report, before(report_of(OLD_FORM)))
    agree(reader, path)
    assert "structure-template" in {one.rule for one in reader.read(path).findings}


@pytest.mark.parametrize("form", ["2021", "2019"])
def test_a_table_pasted_among_the_words_is_a_second_one(tmp_path, reader, form):
    """Its title, heading and line, each a paragraph: the full reader finds a table there."""
    table = next(table for table in FORMS[form].tables if len(table.rows) == 1)
    lines = [table.title, *(column.label for column in table.columns), *(row.label for row in table.rows)]
    report = replace(report_of(FORMS[form]), texts={"overview": "\n".join(lines), "other": "无"})
    agree(reader, made(tmp_path / "年报.xlsx", report, before(report)))


def test_a_label_of_the_cover_in_another_row_moves_what_is_said(tmp_path, reader):
    """Two labels that changed places are no finding, but then the names lead to the wrong cells."""

    def swapped(book: Any) -> None:
        sheet = book["封面"]
        sheet["B9"], sheet["B10"] = sheet["B10"].value, sheet["B9"].value

    own = QuickReader()
    for start in (1, 2, 3):
        path = with_openpyxl(made(tmp_path / "年报.xlsx", report_of(FORM, start)), swapped)
        agree(own, path)
        agree(reader, path)


@pytest.mark.parametrize("swap", [("9", "10"), ("5", "8"), ("6", "10")])
def test_it_is_learnt_where_the_full_reader_looks(tmp_path, swap):
    """The same with the results kept, so that such a file could be learnt."""
    own = QuickReader()
    one, other = (rf'(<c r="B{row}"[^>]*><v>)(\d+)' for row in swap)
    for agency in (replace(REPORT.agency, contact="", code=""), REPORT.agency, replace(REPORT.agency, contact="张三")):
        path = made(tmp_path / "年报.xlsx", replace(REPORT, agency=agency))
        parts = package_edits.parts_of(path)
        sheet = parts["xl/worksheets/sheet1.xml"].decode()
        found = [next(re.finditer(pattern, sheet)) for pattern in (one, other)]
        for match, text in zip(found[::-1], (found[0][2], found[1][2]), strict=True):
            sheet = sheet[: match.start(2)] + text + sheet[match.end(2) :]
        package_edits.packed(path, {**parts, "xl/worksheets/sheet1.xml": sheet.encode()})
        agree(own, path)
        agree(own, path)


LABELS = sorted(
    {line.label for form in FORMS.values() for table in form.tables for line in (*table.rows, *table.columns)}
)


@pytest.mark.parametrize("label", LABELS)
def test_a_label_among_the_words_is_known_again(label):
    printed = [PrintedWords(form) for form in FORMS.values()]
    for spelled in (label, f" {label}：", f"{label}（单位：万元）"):
        assert any(one.could_be(spelled) for one in printed)
    assert not any(one.could_be(f"我局{label}的情况") for one in printed)


# by chance ------------------------------------------------------------------------------------------------------------

ODD_SIGNS = st.sampled_from(
    ("&", "<", "]]>", "\t", "\n", " ", "　", "😀", "\u200b", "\ufeff", "\ufffd", "\ufffe", "_x000D_", "_x005F_x0041_",
     "&amp;",
     "&#13;", "=1", "５", "5", "'", "\x7f", "é", "e\u0301", *package_edits.WORDS[:40])
)  # fmt: skip
odd_texts = st.lists(ODD_SIGNS, max_size=6).map("".join)


@st.composite
def odd_reports(draw: st.DrawFn) -> tuple[Report, Report | None]:
    """A report of any form, consistent, broken or partly blank, in odd words; perhaps with last year's."""
    form = draw(st.sampled_from(list(FORMS.values())))
    report = draw(st.one_of(domain.reports(form), domain.broken_reports(form)))
    report = totals_right(report) if draw(st.booleans()) else report
    report = report.with_values({cell.code: None for cell in draw(st.lists(st.sampled_from(form.cells), max_size=9))})
    texts = {section.code: draw(odd_texts) for section in form.texts}
    region = "420100" if form is HUBEI else report.agency.region
    agency = replace(report.agency, region=region, contact=draw(odd_texts).replace("\n", ""))
    now = replace(report, agency=agency, texts=texts if draw(st.booleans()) else report.texts)
    then = draw(st.one_of(st.none(), domain.reports(form), domain.broken_reports(form)))
    return now, then and replace(then, year=(now.year or 2022) - 1)


@settings(max_examples=30)
@given(both=odd_reports())
def test_whatever_a_report_says_both_read_the_same(tmp_path_factory, reader, both):
    now, then = both
    path = tmp_path_factory.getbasetemp() / "任.xlsx"
    try:
        write_workbook(path, now, then)
    except UnicodeEncodeError:
        return
    agree(reader, path)


@pytest.fixture(scope="module")
def bases(tmp_path_factory) -> list[package_edits.Parts]:
    folder = tmp_path_factory.mktemp("底")
    some = [some_blank(totals_right(report_of(form))) for form in FORMS.values()]
    reports = [(REPORT, BEFORE), (REPORT, None), *((one, before(one)) for one in some)]
    return [package_edits.parts_of(made(folder / "底.xlsx", *one)) for one in reports]


EDITS = 16
"""So many files are edited for each example: an edit costs far less than hypothesis does."""


@settings(max_examples=40)
@given(seed=st.integers(0, 1 << 32))
def test_whatever_is_edited_both_read_the_same(tmp_path_factory, reader, bases, seed):
    path = tmp_path_factory.getbasetemp() / "改.xlsx"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick_reader, "open_workbook", nobody)
        for number in range(EDITS):
            draw = Random(f"{seed}/{number}")
            parts = draw.choice(bases)
            for _ in range(draw.choice((1, 1, 2))):
                parts = package_edits.edited(parts, draw)
            package_edits.packed(path, parts)
            try:
                found = reader.read(path)
            except InFull:
                continue  # then it is the full reader that reads it
            assert said(found) == outcome(read_workbook, path), f"seed {seed}, file {number}"


# saved by another program ---------------------------------------------------------------------------------------------


@pytest.mark.office
@pytest.mark.parametrize("form", FORMS)
def test_files_of_another_program_are_learnt_and_read_fast(tmp_path, office: Office, form):
    reader, read_by = QuickReader(), []
    for start in (1, 40, 900):
        report = replace(
            report_of(FORMS[form], start), texts={"overview": f"共{start}件。\n一“切”<正常>&", "other": "无"}
        )
        path = office.convert(made(tmp_path / "年报.xlsx", report, before(report)), tmp_path / f"{start}.xlsx")
        found = reader.read(path)
        read_by.append(found.reader)
        assert said(found) == said(read_workbook(path))
    assert read_by == ["package", "alike", "alike"]
