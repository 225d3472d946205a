"""A whole next issue of the form reaches everything by its file and its rule alone: no code is changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests import domain
from tests.nextform.form import NEWEST, NEXT, RULE, added

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
    "forms": [*domain.form_ids(), NEXT],
    "plugin": True,
}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    program, folder = tmp_path_factory.mktemp("program"), tmp_path_factory.mktemp("work")
    added(program)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(program), str(domain.ROOT)]), "OGI_LANG": "zh"}
    command = [sys.executable, "-m", "tests.nextform.work", str(folder)]
    done = subprocess.run(
        command, cwd=program, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=280
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("what", EXPECTED)
def test_the_next_form_reaches(facts: dict[str, object], what: str) -> None:
    assert facts[what] == EXPECTED[what]


def test_everything_that_is_done_is_looked_at(facts: dict[str, object]) -> None:
    assert set(facts) == set(EXPECTED)
