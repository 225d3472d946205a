"""The harness itself: that each program really does what the other tests rely on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.domain import ROOT
from tests.office import openxml, pictures
from tests.office.clerk import Clerk
from tests.office.libreoffice import Office

pytestmark = pytest.mark.office

Recalculated = dict[str, dict[str, object]]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small form: inputs A1:A2, a locked total A3, and formulas whose cached values are all wrong."""
    path = tmp_path / "表 三.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("表三")
        unlocked = workbook.add_format({"locked": False})
        sheet.write_number("A1", 2, unlocked)
        sheet.write_number("A2", 3, unlocked)
        sheet.write_formula("A3", "=SUM(A1:A2)", None, 999)
        sheet.write_formula("B1", '=IF(A3=5,"通过","不通过")', None, "不通过")
        sheet.write_formula("B2", '=A1+"字"', None, 0)
        sheet.write_formula("B3", "=1/0", None, 0)
        sheet.write_formula("B4", '=IF(A1=2,"","x")', None, "x")
        sheet.write_formula("B5", "=NA()", None, 0)
        sheet.write_formula("B6", "=A1=2", None, False)
        sheet.write_formula("B7", '=INDIRECT("无此表!A1")', None, 0)
        sheet.write_string("D9", "字")
        sheet.data_validation("A1", {"validate": "integer", "criteria": ">=", "value": 0})
        sheet.protect()
        other = workbook.add_worksheet("校验")
        other.write_formula("A1", "=表三!A3*2", None, 999)
        other.hide()
    return path


EXPECTED: Recalculated = {
    "表三": {
        "A1": 2.0,
        "A2": 3.0,
        "A3": 5.0,
        "B1": "通过",
        "B2": "#VALUE!",
        "B3": "#DIV/0!",
        "B5": "#N/A",
        "B6": 1.0,
        "B7": "#REF!",
        "D9": "字",
    },
    "校验": {"A1": 10.0},
}


def test_libreoffice_recalculates_and_does_not_believe_the_cache(office: Office, book: Path) -> None:
    assert office.recalculated(book) == EXPECTED


def test_gnumeric_recalculates_and_does_not_believe_the_cache(
    gnumeric: Callable[[Path], Recalculated], book: Path
) -> None:
    assert gnumeric(book) == EXPECTED


def test_what_libreoffice_saves_can_be_read_again(office: Office, book: Path, tmp_path: Path) -> None:
    for suffix in ("xlsx", "ods", "xls"):
        assert office.recalculated(office.convert(book, tmp_path / f"又存.{suffix}")) == EXPECTED


@pytest.mark.usefixtures("office")  # which skips where there is none
def test_a_deadline_ends_a_libreoffice_that_hangs_and_it_comes_back(book: Path) -> None:
    """And pytest can print what the failed test held of it."""

    def ask_for_ever(document: Any) -> None:
        while True:
            document.isModified()

    with Office() as own:
        with pytest.raises(TimeoutError, match="did not answer") as stopped, own.deadline(1):
            ask_for_ever(own.blank())
        assert "document = <pyuno>" in str(stopped.getrepr(funcargs=True))
        assert not own.alive
        assert own.recalculated(book) == EXPECTED


@pytest.mark.usefixtures("office")
def test_a_deadline_ends_a_call_that_waits_behind_a_message_box(book: Path) -> None:
    """What signals cannot do: a refused entry asks, and the call waits until somebody presses a button."""
    with Office("svp") as own:
        at_desk = Clerk(own, book)
        with pytest.raises(TimeoutError, match="did not answer"), own.deadline(2):
            at_desk._act("SELECT", CELL="$'表三'.A1")
            at_desk._act("TYPE", TEXT="abc")
            at_desk._act("TYPE", KEYCODE="RETURN")
        at_desk.close()
        with Clerk(own, book) as again:
            assert again.type_into("表三", "A1", "1") is None


def test_a_locked_cell_is_refused_once_however_many_keys_are_pressed(
    clerk: Callable[[Path], Clerk], book: Path
) -> None:
    said = clerk(book).type_into("表三", "A3", "123")
    assert said is not None
    assert len(said.splitlines()) == 1


def test_two_clerks_at_two_desks(clerk: Callable[[Path], Clerk], book: Path) -> None:
    first, second = clerk(book), clerk(book)
    assert second.type_into("表三", "A1", "5") is None
    assert first.type_into("表三", "A1", "6") is None
    assert (first.value("表三", "A1"), second.value("表三", "A1")) == (6.0, 5.0)


def test_pages_become_pictures(office: Office, book: Path, tmp_path: Path) -> None:
    if (missing := pictures.why_not()) is not None:
        pytest.skip(missing)
    drawn = pictures.pages(book, tmp_path / "图", office=office)
    assert [picture.name for picture in drawn] == ["表 三-1.png"], "the hidden sheet is not printed"
    assert drawn[0].read_bytes().startswith(b"\x89PNG")


def test_the_openxml_validator_tells_good_from_broken(
    openxml_errors: Callable[[Path], list[str]], book: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"<sheetData>", b"<nonsense/><sheetData>")
            target.writestr(name, content)
    assert openxml_errors(book) == []
    assert any("nonsense" in error for error in openxml_errors(broken))


def test_the_openxml_validator_takes_several_files_and_says_what_it_cannot_open(
    openxml_errors: Callable[[Path], list[str]], book: Path, tmp_path: Path
) -> None:
    no_workbook = tmp_path / "no.xlsx"
    no_workbook.write_text("no workbook", encoding="utf-8")
    found = openxml.errors_of([book, no_workbook])
    assert found[book] == openxml_errors(book) == []
    assert found[no_workbook]


SKIPS = """
import pytest
def test_runs(): pass
@pytest.mark.skip(reason="no time today")
def test_marked(): pass
def test_inside(): pytest.skip("not here")
@pytest.mark.xfail(reason="known bug")
def test_expected(): assert False
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_skips_are_refused_when_told_so(tmp_path: Path, workers: str) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_some.py").write_text(SKIPS, encoding="utf-8")
    (tmp_path / "test_module.py").write_text("import pytest\npytest.importorskip('no_such_module')\n", encoding="utf-8")

    def session(refuse: str, *chosen: str) -> tuple[int, str]:
        options = ["--rootdir", str(tmp_path), "-n", workers, "-p", "no:cacheprovider"]
        environment = os.environ | {"OGI_REFUSE_SKIPS": refuse, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "pytest", *options, *chosen]
        run = subprocess.run(
            command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True, timeout=120
        )
        return run.returncode, run.stdout

    if workers == "0":
        assert session("")[0] == 0, "not told so"
        assert session("1", "-k", "test_runs", "test_some.py")[0] == 0, "nothing skipped"
    code, said = session("1")
    assert code == 1
    for reason in ("no time today", "not here", "known bug", "no_such_module"):
        assert reason in said.split("are refused here")[1]
