"""What starting a command imports. How long it takes is measured by benchmarks/startup.py, not by a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import domain
from workbook.excel.template.template_writer import write_workbook

HEAVY = {"openpyxl", "xlsxwriter", "pandas", "numpy", "hypothesis", "lxml", "jinja2"}
SCRIPT = (
    "import sys; from workbook.cli import main; code = main(sys.argv[1:]); print(*sorted(sys.modules), file=sys.stderr)"
)


def imported(*arguments: object) -> set[str]:
    command = [sys.executable, "-c", SCRIPT, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, check=True, cwd=domain.ROOT, text=True, encoding="utf-8")
    return {name.partition(".")[0] for name in ended.stderr.split()} | set(ended.stderr.split())


@pytest.mark.parametrize("arguments", [[], ["--help"], ["check", "--help"], ["--version"]])
def test_help_imports_nothing_of_the_work(arguments: list[str]) -> None:
    unneeded = {
        "msgspec",
        "pydantic",
        "dataclasses",
        "workbook.model.finding",
        "workbook.safety.owned_folders",
        "subprocess",
    }
    if arguments != ["--version"]:  # where Python's own way to know a version loads more
        unneeded |= {"tempfile", "threading", "weakref"}
    assert not imported(*arguments) & (HEAVY | unneeded)


def test_checking_one_file_imports_no_writer_and_no_second_reader(tmp_path: Path) -> None:
    path = tmp_path / "年报.xlsx"
    report = domain.example("洛龙区统计局-2020")
    write_workbook(path, report)
    example = domain.EXAMPLES / "洛龙区统计局-2020.json"
    assert not imported("check", path) & (HEAVY | {"pydantic"})
    assert not imported("export", path, "-o", tmp_path / "年报.json") & {"pydantic"}
    assert not imported("check", example) & (HEAVY | {"workbook.excel.reading.workbook_reader"})
