"""The recipes of CONTRIBUTING.md, each done on a copy of the project: no code changes, and the tests pass there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import domain
from tests.integration.recipes import edits
from tests.integration.recipes.edits import NEWEST, NEXT, RULE

EXPECTED: dict[str, object] = {
    "in force": [NEWEST, NEXT, NEXT],
    "template": True,
    "read": True,
    "clean": [],
    "wrong": sorted([RULE, "applicant-total", "results-total"]),
    "said": [
        "表二“政府网站”行：本年更正件数填 6，超过本年发布件数 5，多 1。",
        "表二, row “Website”: Corrected this year is 6, more than Published this year = 5 by 1.",
    ],
    "new": 0,
    "carried": 4,
    "back": 1,
    "export docx": 0,
    "export html": 0,
    "export csv": 0,
    "export json": 0,
    "import docx": [NEXT, True],
    "import html": [NEXT, True],
    "labels": [True, True, False],
    "merge": 0,
    "sum": [NEXT, 6, 6],
    "agencies": 2,
    "page": True,
    "rule book": [True, True],
    "forms": [*domain.list_form_ids(), NEXT],
    "plugin": True,
}


FORMS = (
    "tests/unit/model/test_form_loader.py",
    "tests/unit/rules/test_rule_types.py",
    "tests/unit/rules/test_rule_cases.py",
)
"""What every recipe must leave green; seconds."""


def run(project: Path, *command: str, lang: str = "zh") -> subprocess.CompletedProcess[str]:
    """Run a module of the copy."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(project), str(domain.ROOT)]), "OGI_LANG": lang}
    line = [sys.executable, "-m", *command]
    return subprocess.run(
        line, cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=280
    )


def run_tests(project: Path, *tests: str) -> str:
    """Run tests of the copy; "" where they pass, else what pytest printed."""
    done = run(
        project, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not office and not long", *tests
    )
    return "" if done.returncode == 0 else done.stdout[-4000:] + done.stderr[-1000:]


# add a form version


@pytest.fixture(scope="module")
def next_form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = edits.copy_project(tmp_path_factory.mktemp("next-form"), edits.PROGRAM)
    edits.add_form_version(project, edits.MANY)
    edits.add_norm(project, RULE)
    return project


@pytest.fixture(scope="module")
def facts(next_form: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    done = run(next_form, "tests.integration.recipes.next_form", str(tmp_path_factory.mktemp("work")))
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("what", EXPECTED)
def test_the_next_form_reaches(facts: dict[str, object], what: str) -> None:
    assert facts[what] == EXPECTED[what]


def test_everything_that_is_done_is_looked_at(facts: dict[str, object]) -> None:
    assert set(facts) == set(EXPECTED)


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "没有 'intoo' 这个键；最接近的是 'into'。"), ("en", "there is no key 'intoo'; the nearest is 'into'.")],
)
def test_a_typo_is_answered_with_the_file_the_place_and_the_nearest_key(next_form: Path, lang: str, said: str) -> None:
    file = next_form / "workbook" / "forms" / f"{NEXT}.toml"
    sound = file.read_text("utf-8")
    file.write_text(
        edits.edit(file, (f'{edits.LABEL}", en = "Generated", under = "refused", into', f'{edits.LABEL}", intoo')),
        "utf-8",
    )
    done = run(next_form, "workbook", "forms", lang=lang)
    file.write_text(sound, "utf-8")
    assert done.returncode == 2
    for part in (str(file), ".intoo", edits.ROW, said):
        assert part in done.stderr
    assert "FormError" not in done.stderr
    assert "Traceback" not in done.stderr


# add a row


def test_a_form_that_only_adds_a_row_leaves_documents_of_the_older_forms_theirs(tmp_path: Path) -> None:
    project = edits.copy_project(tmp_path)
    edits.add_form_version(project, edits.ONE_ROW)
    edits.list_codes(project)
    assert (
        run_tests(project, *FORMS, "tests/unit/model/test_print_layout.py", "tests/integration/test_real_reports.py")
        == ""
    )


# add a rule


def test_a_rule_added_is_asked_for_its_cases_and_stands_in_the_rule_book(tmp_path: Path) -> None:
    project = edits.copy_project(tmp_path)
    edits.add_rule(project)
    assert "test_every_rule_has_a_case_that_passes_and_one_that_fails" in run_tests(
        project, "tests/unit/rules/test_rule_cases.py"
    )
    edits.add_cases(project)
    assert run(project, "tools.docs").returncode == 0
    assert (
        run_tests(
            project,
            *FORMS,
            "tests/unit/model/test_rule_catalog.py",
            "tests/integration/test_docs.py::test_the_rule_book_is_current",
        )
        == ""
    )
    assert edits.BOUND in (project / "docs" / "rules.md").read_text("utf-8")


# add a region


def test_a_region_added_has_its_template_and_nobody_else_has(tmp_path: Path) -> None:
    project = edits.copy_project(tmp_path / "project")
    edits.add_region(project)
    rows = {}
    for region in (edits.REGION, "110101"):
        out = tmp_path / f"{region}.json"
        book = tmp_path / f"{region}.xlsx"
        done = run(project, "workbook", "new", "--year", str(edits.FROM + 1), "--region", region, "-o", str(book))
        assert done.returncode == 0, done.stderr
        run(project, "workbook", "export", str(book), "-o", str(out))
        rows[region] = list(json.loads(out.read_text("utf-8"))["tables"]["enforcement"])
    assert rows == {edits.REGION: ["penalties", "inspections", "coercion"], "110101": ["penalties", "coercion"]}
    assert run_tests(project, *FORMS) == ""
