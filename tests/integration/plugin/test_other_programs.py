"""Workbooks of ours that another program saved: every figure is read, at most one notice is given, and repair heals it.

What each library does to the package was looked up in what it writes of our templates: SheetJS 0.18, ExcelJS 4.4,
pandas, openpyxl 3.1, Gnumeric 1.12 and LibreOffice 7.4; openpyxl itself is run, and the office programs where they are.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import openpyxl
import pytest

import xlplugin
from tests.domain import FORM_FILES, ROOT, credit_code
from tests.integration.plugin.conftest import Told
from tests.integration.plugin.fake_host import FakeHost
from tests.office import gnumeric
from tests.office.libreoffice import Office
from tests.samples.filled_workbooks import filled
from tests.samples.package_edits import BOOK, PROPERTIES, Parts, changed, packed, parts_of
from workbook.excel.report_loading import load_submission, repair_workbook
from workbook.excel.template.template_writer import write_workbook
from workbook.model.finding import Finding, Severity
from workbook.model.form import Form
from workbook.model.identity import Identity
from workbook.model.report import Answer
from workbook.rules.evaluation import Submission

Save = Callable[[Parts], Parts]
"""What a program makes of the parts of a package."""

AGENCY = Identity("市中区统计局", credit_code("11370103000000000"), "370103", "county-department")
SUM = r"IF\(COUNT\([A-Z0-9:,]+\)=0,(?:\"|&quot;){2},SUM\([A-Z0-9:,]+\)\)"
"""A total's formula, as a part spells it."""


def write_filled(path: Path, form: Form) -> Path:
    """A filled report of a form, with last year's figures beside and a reason given."""
    report = replace(filled(form), agency=AGENCY, answers=(Answer("outlier", ("requests.new.person",), "属实", ""),))
    write_workbook(path, report, replace(filled(form, start=1000), year=report.year - 1))
    return path


SOURCES: dict[str, Callable[[Path], Path]] = {
    **{f"{form.id} filled": lambda path, form=form: write_filled(path, form) for form in FORM_FILES},
    **{
        one.stem: lambda path, one=one: Path(shutil.copy(one, path))
        for one in sorted((ROOT / "tests" / "templates").glob("annual-*.xlsx"))
    },
}


def in_sheets(*edits: tuple[str, str]) -> Save:
    """Edits made in every sheet, wherever the pattern is."""

    def save(parts: Parts) -> Parts:
        now = dict(parts)
        for name in parts:
            if "worksheets/sheet" in name and name.endswith(".xml"):
                text = now[name].decode()
                for pattern, to in edits:
                    text = re.sub(pattern, to, text, flags=re.DOTALL)
                now[name] = text.encode()
        return now

    return save


def in_part(part: str, pattern: str, to: str) -> Save:
    return lambda parts: changed(parts, (part, pattern, to), count=0)


def each(*saves: Save) -> Save:
    def save(parts: Parts) -> Parts:
        for one in saves:
            parts = one(parts)
        return parts

    return save


def without_dots(parts: Parts) -> Parts:
    """Names as .ods of Gnumeric and .xls of LibreOffice have them."""
    text = parts[BOOK].decode()
    text = re.sub(r'(<definedName name=")([^"]*)', lambda one: one[1] + one[2].replace(".", "_"), text)
    return {**parts, BOOK: text.replace("_xlnm_", "_xlnm.").encode()}


NO_PROPERTY = in_part(PROPERTIES, r"ogi\.stamp", "ogi.other")
NO_STAMP_NAME = in_part(BOOK, r'<definedName name="ogi\.stamp".*?</definedName>', "")
NO_NAMES = in_part(BOOK, r"<definedNames>.*</definedNames>", "")
NO_GUARDS = in_sheets((r"<dataValidations.*?</dataValidations>", ""), (r"<sheetProtection[^>]*/>", ""))
VALUES_ONLY = in_sheets((r"<f(?: [^>]*)?>[^<]*</f>", ""))

# What is lost; the rule of the one notice, if any.
KINDS: dict[str, tuple[Save, str]] = {
    "saved as it was": (lambda parts: parts, ""),
    "names without dots": (without_dots, ""),
    "names without dots, no property": (each(NO_PROPERTY, without_dots), ""),
    "the stamp as a property": (NO_STAMP_NAME, ""),
    "the stamp as a name": (NO_PROPERTY, ""),
    "no stamp": (each(NO_PROPERTY, NO_STAMP_NAME), "structure-template"),
    "no stamp, no names, no formulas": (each(NO_PROPERTY, NO_NAMES, NO_GUARDS, VALUES_ONLY), "structure-template"),
    "no names": (NO_NAMES, "structure-resaved"),
    "names that refer to nothing": (
        in_part(BOOK, r'(<definedName name="[a-z.]+">)\'[^<]*', r"\1#REF!"), "structure-resaved"
    ),
    "no protection": (in_sheets((r"<sheetProtection[^>]*/>", "")), "structure-protection"),
    "no validation, no protection": (NO_GUARDS, "structure-resaved"),
    "no names, no validation, no protection": (each(NO_NAMES, NO_GUARDS), "structure-resaved"),
    "values alone": (VALUES_ONLY, "structure-resaved"),
    "formulas of OpenDocument": (
        in_sheets(
            (rf"<f>({SUM})</f>", r"<f>of:=\1</f>"), (r"(COUNT|SUM)\(([A-Z]+\d+):([A-Z]+\d+)\)", r"\1([.\2:.\3])")
        ),
        "",
    ),
    "formulas with a prefix": (in_sheets((r"(<f>IF\(COUNT\([^<]*?)SUM\(", r"\1_xlfn.SUM(")), ""),
    "formulas as arrays": (
        in_sheets((rf'<c r="(\w+)"([^>]*)><f>({SUM})', r'<c r="\1"\2><f t="array" ref="\1">\3')), ""
    ),
    "formulas without text": (in_sheets((rf"<f>{SUM}</f>", "<f></f>")), "structure-resaved"),
    "formulas of nothing": (in_sheets((rf"<f>{SUM}</f>", "<f>SUM(#REF!)</f>")), "structure-resaved"),
    "formulas as texts": (
        in_sheets((rf'<c r="(\w+)"( s="\d+")?[^>]*><f>({SUM})</f><v>[^<]*</v></c>',
                   r'<c r="\1"\2 t="inlineStr"><is><t>=\3</t></is></c>')),
        "structure-resaved",
    ),
    "places of OpenDocument": (
        in_sheets((r"'校验'!\$A\$2", "'校验'![.$A$2]"), (r"'封面'!\$C\$5", "'封面'![.$C$5]")), ""
    ),
}  # fmt: skip


@cache
def original(source: str, folder: Path) -> tuple[Path, Submission]:
    """A workbook of ours as issued or filled, and how it is read."""
    path = SOURCES[source](folder / f"{source}.xlsx")
    return path, load_submission(path)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("originals")


def beyond(now: Submission, then: Submission) -> list[Finding]:
    """What is told of a workbook, and was not before the program saved it."""
    known = {(one.rule, one.cells) for one in then.check()}
    return [one for one in now.check() if (one.rule, one.cells) not in known]


def is_read_alike(now: Submission, then: Submission) -> bool:
    """Whether all that a clerk entered is read, last year's figures and the reasons with it."""
    return now.report == then.report and now.previous == then.previous


def check_saved(path: Path, then: Submission, notice: str | None) -> None:
    """Check a workbook that a program saved, and the one repaired from it; a notice of None may be any."""
    now = load_submission(path)
    assert is_read_alike(now, then)
    found = beyond(now, then)
    if notice is None:
        assert len(found) <= 1
    else:
        assert [one.rule for one in found] == ([notice] if notice else [])
    assert {one.severity for one in found} <= {Severity.NOTICE}
    repaired = repair_workbook(path).submission
    write_workbook(path, repaired.report, repaired.previous)
    again = load_submission(path)
    assert is_read_alike(again, then)
    assert [one for one in again.findings if one.rule.startswith("structure")] == []


CURRENT = [source for source in SOURCES if source.endswith((" filled", "-4"))]
OLDER = [source for source in SOURCES if source not in CURRENT]


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        *((kind, source) for kind in KINDS for source in CURRENT),
        *((kind, source) for kind in ("names without dots", "no stamp", "values alone") for source in OLDER),
    ],
)
def test_what_another_program_saved_is_read_alike_with_one_notice_at_most(
    kind: str, source: str, folder: Path, tmp_path: Path
) -> None:
    path, then = original(source, folder)
    save, notice = KINDS[kind]
    check_saved(packed(tmp_path / "年报.xlsx", save(parts_of(path))), then, notice)


@pytest.mark.parametrize("kind", KINDS)
def test_the_buttons_accept_what_another_program_saved(kind: str, folder: Path, tmp_path: Path, told: Told) -> None:
    path, then = original("annual-2021 filled", folder)
    host = FakeHost(packed(tmp_path / "年报.xlsx", KINDS[kind][0](parts_of(path))))
    outcome = xlplugin.validate(host)
    assert told.said == []
    assert outcome is not None
    known = {(one.rule, one.cells) for one in then.check()}
    assert [
        one for one in outcome.findings if (one.rule, one.cells) not in known and one.severity > Severity.NOTICE
    ] == []


@pytest.mark.parametrize("form", FORM_FILES, ids=lambda form: form.id)
def test_the_buttons_fill_a_workbook_without_names(form: Form, folder: Path, tmp_path: Path, told: Told) -> None:
    path, then = original(f"{form.id} filled", folder)
    source = tmp_path / "来.json"
    assert xlplugin.export_json(FakeHost(path), source) == source
    blank = packed(tmp_path / "年报.xlsx", KINDS["no stamp, no names, no formulas"][0](parts_of(path)))
    told.answers = [True]
    host = FakeHost(blank)
    assert xlplugin.import_json(host, source) is not None
    assert [text for text in told.said if "工作簿中已有数据" not in text] == []
    assert then.report.texts
    assert xlplugin.export_json(host, tmp_path / "回.json") is not None
    assert (tmp_path / "回.json").read_text("utf-8") == source.read_text("utf-8")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("values", [False, True], ids=["formulas", "values"])
def test_openpyxl_saves_it(source: str, values: bool, folder: Path, tmp_path: Path) -> None:
    path, then = original(source, folder)
    book = openpyxl.load_workbook(path, data_only=values)
    book.save(tmp_path / "年报.xlsx")
    check_saved(tmp_path / "年报.xlsx", then, "structure-resaved" if values else "")


@pytest.mark.parametrize("source", SOURCES)
def test_cells_copied_into_a_new_workbook_are_known_by_their_labels(source: str, folder: Path, tmp_path: Path) -> None:
    """As pandas does, and SheetJS from rows: values, and nothing else."""
    path, then = original(source, folder)
    copy = openpyxl.Workbook(write_only=True)
    for sheet in openpyxl.load_workbook(path, data_only=True, read_only=True):
        page = copy.create_sheet(sheet.title)
        for row in sheet.iter_rows(values_only=True):
            page.append(row)
    copy.save(tmp_path / "年报.xlsx")
    check_saved(tmp_path / "年报.xlsx", then, "structure-template")


ROADS = {
    "xlsx": [".xlsx"],
    "ods": [".ods", ".xlsx"],
    "xls": [".xls", ".xlsx"],
}
"""The formats it is saved in, one after the other."""


@pytest.mark.office
@pytest.mark.timeout(300)
@pytest.mark.parametrize("source", ["annual-2019 filled", "annual-2021 filled", "annual-2019-4", "annual-2021-4"])
@pytest.mark.parametrize("road", ROADS)
def test_libreoffice_saves_it(road: str, source: str, folder: Path, tmp_path: Path, office: Office) -> None:
    path, then = original(source, folder)
    for n, suffix in enumerate(ROADS[road]):
        path = office.convert(path, tmp_path / f"{n}{suffix}")
    check_saved(path, then, None)


@pytest.mark.office
@pytest.mark.skipif(gnumeric.why_not() is not None, reason=str(gnumeric.why_not()))
@pytest.mark.timeout(300)
@pytest.mark.parametrize("source", ["annual-2019 filled", "annual-2021 filled", "annual-2019-4", "annual-2021-4"])
@pytest.mark.parametrize("road", ROADS)
def test_gnumeric_saves_it(road: str, source: str, folder: Path, tmp_path: Path) -> None:
    path, then = original(source, folder)
    for n, suffix in enumerate(ROADS[road]):
        target = tmp_path / f"{n}{suffix}"
        kind = ["-T", "Gnumeric_Excel:excel_biff8"] if suffix == ".xls" else []
        subprocess.run(["ssconvert", *kind, str(path), str(target)], check=True, capture_output=True, timeout=120)
        path = target
    check_saved(path, then, None)
