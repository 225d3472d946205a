"""The recipes of CONTRIBUTING.md that touch code: a command, and a column of the summary workbook, on a copy."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests import domain
from tests.integration.recipes import edits
from tests.integration.recipes.test_recipes import run

Edits = tuple[tuple[str, str], ...]

COMMAND: dict[str, Edits] = {
    "workbook/cli/arguments.py": (
        ('    "check": "check_command",\n', '    "check": "check_command",\n    "count": "check_command",\n'),
    ),
    "workbook/cli/messages.toml": (
        (
            "count_error = ",
            'counted = ["{file}：{cells} 格中已填 {filled} 格", "{file}: {filled} of {cells} cells are filled"]\n'
            "count_error = ",
        ),
        (
            "[help.export]\n",
            '[help.count]\nshort = "已填多少格 · how many cells are filled"\n'
            'long = """\n打印一份年报已填的格数。\nPrints how many cells of a report are filled."""\n'
            'example = "例：ogi count 某某局2025.xlsx"\n\n[help.export]\n',
        ),
        (
            "[arguments]\n",
            '[arguments]\ncount = [{ name = "file", metavar = "FILE", help = "file_count" }, "limit", "lang"]\n',
        ),
        ("[option]\n", '[option]\nfile_count = "年报：工作簿或 JSON · the report"\n'),
    ),
}
"""File → what is replaced in it, for the command `ogi count FILE`; its function is appended to check_command.py."""
COUNT = '''

def run_count(args: argparse.Namespace, console: Console) -> int:
    """Print how many cells of a report are filled; 0 and 不适用 count, a blank does not."""
    from workbook.cli.file_arguments import load_named_report

    report = load_named_report(Path(args.file)).report
    filled = sum(value is not None for value in report.values)
    console.out(console.say("counted", file=args.file, filled=filled, cells=len(report.values)))
    return 0
'''
COLUMN: dict[str, Edits] = {
    "workbook/summary/excel/messages.toml": (
        (
            '"版次", "错误", "提醒", "说明", "数据"]\nhint = "共 {n} 个文件，每个文件一行',
            '"版次", "错误", "提醒", "大小", "说明", "数据"]\nhint = "共 {n} 个文件，每个文件一行',
        ),
    ),
    "workbook/summary/excel/file_lists.py": (
        ("(6, 40, 18, 28, 7, 13, 6, 7, 7, 60, 8)", "(6, 40, 18, 28, 7, 13, 6, 7, 7, 12, 60, 8)"),
        ("*known, one.reason.zh, look)", "*known, one.size, one.reason.zh, look)"),
        ('"sum_wait" if one.warnings else "sum", "item",', '"sum_wait" if one.warnings else "sum", "sum", "item",'),
    ),
}
"""File → what is replaced in it, for the size of each file in the list of files of the summary workbook."""


def replace_once(file: Path, old: str, new: str) -> None:
    """Replace a text of a file that must be there once."""
    text = file.read_text("utf-8")
    assert text.count(old) == 1, (file.name, old)
    file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with both recipes done."""
    copy = edits.copy_project(tmp_path_factory.mktemp("code"))
    for name, replacements in (COMMAND | COLUMN).items():
        for old, new in replacements:
            replace_once(copy / name, old, new)
    with (copy / "workbook" / "cli" / "check_command.py").open("a", encoding="utf-8") as module:
        module.write(COUNT)
    return copy


# add a command


@pytest.mark.parametrize(("lang", "words"), [("zh", "198 格中已填 198 格"), ("en", "198 of 198 cells are filled")])
def test_a_command_added_runs_and_speaks_both_languages(project: Path, lang: str, words: str) -> None:
    done = run(project, "workbook", "count", str(domain.EXAMPLES / "洛龙区统计局-2020.json"), lang=lang)
    assert (done.returncode, done.stderr) == (0, "")
    assert words in done.stdout


def test_a_command_added_is_in_the_help_and_has_its_own(project: Path) -> None:
    assert "how many cells are filled" in run(project, "workbook", "--help").stdout
    assert "ogi count 某某局2025.xlsx" in run(project, "workbook", "count", "--help").stdout


def test_a_command_added_answers_a_missing_file_in_a_sentence(project: Path) -> None:
    done = run(project, "workbook", "count", "没有.xlsx")
    assert done.returncode == 2
    assert done.stderr.startswith("ogi count：")
    assert "Traceback" not in done.stderr


# add a column to the summary workbook


def test_a_column_added_has_its_heading_and_its_figures(project: Path, tmp_path: Path) -> None:
    source = domain.EXAMPLES / "洛龙区统计局-2020.json"
    done = run(project, "workbook", "merge", str(source), "-o", str(tmp_path / "汇.xlsx"), "--no-cache")
    assert done.returncode == 0, done.stderr
    rows = load_workbook(tmp_path / "汇.xlsx")["文件清单"].iter_rows(values_only=True)
    heads = next(row for row in rows if "序号" in row)
    (listed,) = (row for row in rows if row[0] == 1)
    assert heads[-3:] == ("大小", "说明", "数据")
    assert listed[heads.index("大小")] == source.stat().st_size


# add a form version, a rule: tests of other things stay green


def test_a_form_and_a_rule_more_turn_no_test_of_other_things_red(tmp_path: Path) -> None:
    copy = edits.copy_project(tmp_path)
    edits.add_rule(copy)
    edits.add_form_version(copy, edits.ONE_ROW)
    tests = (
        "tests/unit/rules/test_rule_properties.py::test_only_like_is_added_to_like",
        "tests/unit/excel/test_narrative_reader.py",
    )
    done = run(copy, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests)
    assert done.returncode == 0, done.stdout[-4000:]
