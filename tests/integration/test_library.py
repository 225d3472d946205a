"""`import workbook` is all that a script or a notebook needs."""

from __future__ import annotations

import doctest
import shutil
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pandas
import pytest

import workbook
from tests import domain
from tests.samples import doc_samples
from workbook.merging.file_status import FileStatus

HEAVY = {"msgspec", "openpyxl", "xlsxwriter", "pandas", "pyarrow", "jinja2", "lxml", "dataclasses", "json", "pathlib"}
DOCUMENTED = [workbook, *(getattr(workbook, name) for name in workbook.__all__ if name != "__version__")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    doc_samples.make(folder)
    return folder


@pytest.fixture
def samples(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the samples, which is the current folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("samples")
def test_the_examples_of_docstrings() -> None:
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner()
    done = 0
    for one in DOCUMENTED:  # in the folder of the samples
        for test in finder.find(one, module=workbook, globs={"workbook": workbook}):
            done += len(test.examples)
            runner.run(test)
    assert runner.summarize() == (0, done)
    assert done > 20


def test_importing_it_imports_nothing_else() -> None:
    script = "import sys; before = set(sys.modules); import workbook; print(*sorted(set(sys.modules) - before))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True, cwd=domain.ROOT)
    new = set(ended.stdout.split())
    assert not new & HEAVY
    assert [name for name in new if name.startswith("workbook.")] == []


def test_every_name_is_there_and_listed() -> None:
    assert all(getattr(workbook, name) is not None for name in workbook.__all__)
    assert set(workbook.__all__) <= set(dir(workbook))
    with pytest.raises(AttributeError, match="lode"):
        workbook.lode  # noqa: B018


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_is_a_text_or_a_path(samples: Path, kind: type) -> None:
    path = kind(samples / "某某局2024.xlsx")
    assert workbook.load(path) == workbook.load(str(path))
    assert workbook.check(path, previous=kind(samples / "去年" / "某某局2024.xlsx"))
    with workbook.merge(kind(samples / "各单位报送")) as merged:
        assert merged.agencies == 2


def test_checking_a_loaded_report_misses_nothing_of_its_file(samples: Path) -> None:
    now, before = doc_samples.report("某某局", 2025), doc_samples.report("某某局")
    from workbook.excel.template.template_writer import write_workbook

    odd = now.with_values({"requests.new.person": "17个"})
    write_workbook(samples / "a.xlsx", odd, before)
    report = workbook.load("a.xlsx")
    assert workbook.check(report) == workbook.check("a.xlsx")
    assert report.previous is not None
    assert "number-clean" in {one.rule for one in report.file_findings}
    mended = report.with_values({"requests.new.person": 17})
    assert "number-clean" not in {one.rule for one in workbook.check(mended)}


def test_a_cell_by_its_code() -> None:
    report = domain.example("市中区统计局-2020")
    assert dict(report) == {cell.code: value for cell, value in zip(report.form.cells, report.values, strict=True)}
    with pytest.raises(KeyError, match=r"annual-2019 has no cell 'requests\.new\.totl'; near: requests\.new\.total"):
        report["requests.new.totl"]
    with pytest.raises(KeyError, match=r"has no cell 0"):
        report[0]  # type: ignore[index]
    with pytest.raises(KeyError, match=r"near: requests\.new\.total"):
        report.with_values({"requests.new.totl": 1})


def test_adding() -> None:
    one = doc_samples.report("某某局")
    assert (one + one)["requests.new.total"] == 2 * one["requests.new.total"]
    assert sum([one, one, one]).merged == 3
    for wrong in (lambda: one + 1, lambda: 1 + one, lambda: one + None):
        with pytest.raises(TypeError, match="unsupported operand"):
            wrong()
    with pytest.raises(ValueError, match=r"某某局 2024, annual-2021.*某某局 2020, annual-2019.*different forms"):
        one + doc_samples.report("某某局", 2020)
    with pytest.raises(ValueError, match="a sum is of one year"):
        one + replace(one, year=2025)


@pytest.mark.usefixtures("samples")
def test_what_a_console_and_a_notebook_show() -> None:
    report = workbook.load("某某局2024.xlsx")
    found = workbook.check(report)
    with workbook.merge(".", include_errors=True) as merged:
        shown = [report, found[0], found, merged, report + report]
        assert all(len(repr(one)) < 100 * max(2, len(found)) for one in shown)
        assert all("<table>" in one._repr_html_() for one in (report, found, merged))
    named = replace(report, agency=replace(report.agency, name="<b>&"))
    assert "<b>" not in named._repr_html_()
    assert "&lt;b&gt;&amp;" in named._repr_html_()


@pytest.mark.usefixtures("samples")
def test_a_finding_is_its_message() -> None:
    found = workbook.check("某某局2024.xlsx")[0]
    assert str(found) == found.message() == "表三“自然人”列：（七）总计填 0，各项办理结果之和为 4，相差 -4。"
    assert found.message("en") != found.message()
    assert found.advice("en") != found.advice()
    assert str(found.at(found.source._replace(sheet="", cell=""))) == str(found)


@pytest.mark.usefixtures("samples")
def test_merging() -> None:
    with workbook.merge(["各单位报送", "补报.zip", "某某局2024.xlsx"], name="某县") as merged:
        assert merged.counts == {FileStatus.MERGED: 3, FileStatus.HELD: 1}
        assert merged.report.agency.name == "某县"
        assert merged.report["requests.new.total"] == sum(merged.to_dataframe()["requests.new.total"])
        assert {one.place: one.status.value for one in merged.files}["某某局2024.xlsx"] == "held"
        long = merged.to_dataframe(long=True)
        assert len(long) == 3 * len(merged.report.values)
        assert str(merged.to_dataframe(form_units=True)["fees.fees.amount"].dtype).startswith("decimal")
        merged.write("汇总.json")
        with pytest.raises(FileExistsError):
            merged.write("汇总.json")
        with pytest.raises(ValueError, match=r"\.xlsx, \.json"):
            merged.write("汇总.pdf")
    assert workbook.merge(["各单位报送", "某某局2024.xlsx"], exclude=["某某局2024.xlsx"]).agencies == 2
    assert workbook.merge("本年报送", previous="汇总.json").result.changes
    with pytest.raises(FileNotFoundError):
        workbook.merge("没有")


def test_merging_nothing(samples: Path) -> None:
    (samples / "空").mkdir()
    (samples / "空" / "说明.txt").write_text("无", "utf-8")
    merged = workbook.merge("空")
    assert merged.agencies == 0
    with pytest.raises(ValueError, match="no report was found among 1 files"):
        merged.to_dataframe()


@pytest.mark.usefixtures("samples")
def test_old_names_still_work_and_say_what_is_new() -> None:
    from workbook.merging import collect, frame, merge

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with collect(["各单位报送/"], year=2024) as collection:
            table, merged = frame(collection), merge(collection)
    assert [one.category for one in told] == [DeprecationWarning] * 3
    assert {one.filename for one in told} == {__file__}
    with workbook.merge("各单位报送/", year=2024) as now:
        pandas.testing.assert_frame_equal(table, now.to_dataframe())
        assert merged.report == now.report
