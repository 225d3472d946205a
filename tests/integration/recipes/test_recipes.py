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
from tests.integration.recipes.edits import NEXT, RULE

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


def run_tests(project: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests of the copy."""
    options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not office and not long")
    return run(project, "pytest", *options, *tests)


def check_tests(project: Path, *tests: str) -> None:
    """Run tests of the copy, all of which must pass."""
    done = run_tests(project, *tests)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]


# add a form version


@pytest.fixture(scope="module")
def next_form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = edits.copy_project(tmp_path_factory.mktemp("next-form"))
    edits.add_form_version(project, edits.MANY)
    edits.add_norm(project, RULE)
    return project


def test_the_next_form_reaches_everything_by_itself(next_form: Path) -> None:
    check_tests(next_form, "tests/integration/recipes/next_form.py")


@pytest.mark.parametrize(
    ("lang", "words"),
    [("zh", "没有 'intoo' 这个键；最接近的是 'into'。"), ("en", "there is no key 'intoo'; the nearest is 'into'.")],
)
def test_a_typo_is_answered_with_the_file_the_place_and_the_nearest_key(next_form: Path, lang: str, words: str) -> None:
    file = next_form / "workbook" / "forms" / f"{NEXT}.toml"
    sound = file.read_text("utf-8")
    typo = f'{edits.LABEL}", en = "Generated", under = "refused", into', f'{edits.LABEL}", intoo'
    file.write_text(domain.edited_text(file, typo), "utf-8")
    done = run(next_form, "workbook", "forms", lang=lang)
    file.write_text(sound, "utf-8")
    assert done.returncode == 2
    for part in (str(file), ".intoo", edits.ROW, words):
        assert part in done.stderr
    assert "FormError" not in done.stderr
    assert "Traceback" not in done.stderr


# add a row


def test_a_form_that_only_adds_a_row_leaves_documents_of_the_older_forms_theirs(tmp_path: Path) -> None:
    project = edits.copy_project(tmp_path)
    edits.add_form_version(project, edits.ONE_ROW)
    edits.list_codes(project)
    more = "tests/unit/model/test_print_layout.py", "tests/integration/test_real_reports.py"
    check_tests(project, *FORMS, *more)


# add a rule


def test_a_rule_added_is_asked_for_its_cases_and_stands_in_the_rule_book(tmp_path: Path) -> None:
    project = edits.copy_project(tmp_path)
    edits.add_rule(project)
    failed = run_tests(project, "tests/unit/rules/test_rule_cases.py").stdout
    assert "test_every_rule_has_a_case_that_passes_and_one_that_fails" in failed
    edits.add_cases(project)
    assert run(project, "tools.docs").returncode == 0
    book = "tests/integration/test_docs.py::test_the_rule_book_is_current"
    check_tests(project, *FORMS, "tests/unit/model/test_rule_catalog.py", book)
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
    check_tests(project, *FORMS)
