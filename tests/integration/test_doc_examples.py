"""What README, guides and examples show is run: every block of `ogi` commands and of Python, and every script.

A block that cannot be run here has `<!-- not run: why -->` above it; of Python, its imports are run all the same.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import domain
from tests.samples import doc_samples

PAGES = [*domain.ROOT.glob("README*.md"), *sorted((domain.ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"(?:<!-- not run: (?P<why>[^>]+) -->\n+)?^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.M | re.S)


class Block(NamedTuple):
    """A block of a page."""

    why: str
    """Why it is not run; blank if it is."""
    python: bool
    body: str


def read_blocks(page: Path) -> list[Block]:
    """The blocks of a page that are Python or begin a line with `ogi`."""
    found = [(one["why"] or "", one["language"], one["body"]) for one in FENCE.finditer(page.read_text("utf-8"))]
    return [
        Block(why, language == "python", body)
        for why, language, body in found
        if language == "python" or re.search(r"^(\$ )?ogi ", body, re.M)
    ]


SHOWN = [page for page in PAGES if read_blocks(page)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    doc_samples.make(folder)
    return folder


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith(("OGI_", "LC_", "LANG"))}
    ours = {"OGI_CACHE": str(folder.parent / "cache"), "OGI_SOFFICE": "none", "PYTHONPATH": str(domain.ROOT)}
    environment = own | ours | {"PYTHONIOENCODING": "utf-8"}
    words = [sys.executable, *command]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=False, encoding="utf-8")


def run_commands(body: str, folder: Path) -> None:
    """Run each command; below `$ ogi …` stand lines that it prints, `…` for any others."""
    for part in re.split(r"^(?=(?:\$ )?ogi )", body.replace("\\\n", " "), flags=re.M):
        line, *shown = part.splitlines() or [""]
        command = line.removeprefix("$ ")
        if not command.startswith("ogi "):
            continue
        done = run(folder, "-m", "workbook", *shlex.split(command, comments=True)[1:])
        assert done.returncode in (0, 1), f"{command}\n{done.stdout}{done.stderr}"
        if line != command:
            printed = {one.strip() for one in done.stdout.splitlines()} | {"", "…"}
            assert [one for one in shown if one.strip() not in printed] == [], done.stdout


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.name)
def test_what_a_page_shows(page: Path, made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    for block in read_blocks(page):
        if block.python:
            imports = [one for one in ast.parse(block.body).body if isinstance(one, ast.Import | ast.ImportFrom)]
            body = "\n".join(map(ast.unparse, imports)) if block.why else block.body
            done = run(folder, "-c", body)
            assert done.returncode == 0, f"{body}\n{done.stderr}"
        elif not block.why:
            run_commands(block.body, folder)


def test_pages_show_commands_and_python() -> None:
    blocks = [block for page in SHOWN for block in read_blocks(page)]
    assert sum(not block.why for block in blocks) > 10
    assert any(block.python for block in blocks)


SCRIPTS = {
    "check_one_report.py": (["某某局2024.xlsx"], 1, "表三!D29\t表三“自然人”列：（七）总计填 0"),
    "merge_folder.py": (["各单位报送", "汇总.xlsx"], 0, "2 agencies, 4 new requests"),
    "json_of_other_systems.py": (["figures.csv", "工作簿"], 0, "某局2025: "),
    "dataframe.py": (["各单位报送"], 0, "甲局"),
}


def test_every_script_is_run() -> None:
    assert {path.name for path in (domain.ROOT / "examples").glob("*.py")} == set(SCRIPTS)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script(script: str, made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    (folder / "figures.csv").write_text("name,year,requests.new.person,fees.fees.amount\n某局,2025,12,0.5\n", "utf-8")
    arguments, code, printed = SCRIPTS[script]
    done = run(folder, str(domain.ROOT / "examples" / script), *arguments)
    assert (done.returncode, done.stderr) == (code, "")
    assert printed in done.stdout
    if script == "json_of_other_systems.py":
        tables = json.loads((folder / "工作簿" / "某局2025.json").read_text("utf-8"))["tables"]
        assert tables["requests"]["new"]["person"] == 12
        assert (folder / "工作簿" / "某局2025.xlsx").exists()
