"""The files by which the repository speaks to GitHub and to contributors hold to their schemas and to the project."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.domain import ROOT
from tools import bundle

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FORMS = [path for path in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"]
SCHEMAS = {
    "vendor.github-workflows": sorted((ROOT / ".github" / "workflows").glob("*.yml")),
    "custom.github-workflows-require-timeout": sorted((ROOT / ".github" / "workflows").glob("*.yml")),
    "vendor.github-issue-forms": FORMS,
    "vendor.github-issue-config": [ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}


def checked(schema: str, *files: Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "check_jsonschema", "--default-filetype", "yaml", "--builtin-schema", schema]
    return subprocess.run([*command, *files], capture_output=True, check=False)


def read(name: str) -> Any:
    return YAML(typ="safe", pure=True).load((ROOT / name).read_text("utf-8"))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_each_file_holds_to_its_schema(schema: str) -> None:
    assert SCHEMAS[schema]
    ended = checked(schema, *SCHEMAS[schema])
    assert ended.returncode == 0, ended.stdout.decode()


def test_a_workflow_that_github_would_refuse_is_found(tmp_path: Path) -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    broken = tmp_path / "ci.yml"
    broken.write_text(text.replace("runs-on: ubuntu-24.04", "runs_on: ubuntu-24.04"), "utf-8")
    assert checked("vendor.github-workflows", broken).returncode == 1


def test_the_workflow_runs_every_python_the_project_is_for_on_three_systems() -> None:
    matrix = read(".github/workflows/ci.yml")["jobs"]["fast"]["strategy"]["matrix"]
    assert matrix["python"] == list(bundle.PYTHONS)
    assert PROJECT["requires-python"] == f">={matrix['python'][0]}"
    assert [re.match("[a-z]+", system)[0] for system in matrix["os"]] == ["ubuntu", "windows", "macos"]


def test_the_fast_tests_leave_out_what_needs_other_programs_and_what_takes_long() -> None:
    steps = read(".github/workflows/ci.yml")["jobs"]["fast"]["steps"]
    (run,) = [step["run"] for step in steps if "pytest" in step.get("run", "")]
    assert '-m "not office and not long"' in run


def test_what_runs_before_a_commit_is_what_make_lint_runs() -> None:
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert recipe is not None
    linted = [line.strip().replace("$(BIN)", ".venv/bin").removesuffix(" .") for line in recipe[1].splitlines()]
    (local,) = read(".pre-commit-config.yaml")["repos"]
    assert [hook["entry"] for hook in local["hooks"]] == linted


def test_the_citation_names_this_version() -> None:
    citation = read("CITATION.cff")
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
