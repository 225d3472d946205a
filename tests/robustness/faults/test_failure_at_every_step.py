"""Every command that writes, made to fail at every step: nothing half, nothing lost, and the next run works."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.domain import ROOT
from tests.robustness.faults.cases import CASES

EVERY = {"merge, inside": 4, "letters here": 2}
"""Of the many steps inside a merge each fourth is tried here, say; all are with `python -m benchmarks.faults`."""
Walked = Callable[[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def walked() -> Iterator[Walked]:
    """``walked(case, way)`` is how it fared; by a process of its own, which forks."""
    command = [sys.executable, "-m", "tests.robustness.faults.walker"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as walker:
        assert walker.stdin is not None
        assert walker.stdout is not None

        def walk(case: str, way: str) -> dict[str, Any]:
            walker.stdin.write(json.dumps([case, way, EVERY.get(case, 1)]) + "\n")
            walker.stdin.flush()
            answer: dict[str, Any] = json.loads(walker.stdout.readline())
            return answer

        yield walk
        walker.stdin.close()


@pytest.mark.parametrize("case", CASES)
def test_killed_at_every_step(walked: Walked, case: str) -> None:
    answer = walked(case, "kill")
    assert answer["troubles"] == []
    assert answer["ends"].keys() == {"killed"}
    assert answer["ends"]["killed"] >= 4


@pytest.mark.parametrize("case", ["export", "merge .csv", "letters", "install"])
def test_the_disk_is_full_at_every_step(walked: Walked, case: str) -> None:
    """Told in a sentence, or of no consequence: what was left behind could not be removed."""
    answer = walked(case, "ENOSPC")
    assert answer["troubles"] == []
    assert answer["ends"].keys() <= {"told", "done"}
    assert answer["ends"]["told"] >= 2


@pytest.mark.parametrize(("case", "number"), [("export anew", "EIO"), ("export", "EACCES")])
def test_the_network_or_the_rights_fail_at_every_step(walked: Walked, case: str, number: str) -> None:
    answer = walked(case, number)
    assert answer["troubles"] == []
    assert answer["ends"].keys() <= {"told", "done"}


@pytest.mark.parametrize(
    ("case", "way", "end"), [("export", "cut", "killed"), ("export", "long", "told"), ("merge .xlsx", "cut", "killed")]
)
def test_a_write_is_cut_short_anywhere(walked: Walked, case: str, way: str, end: str) -> None:
    answer = walked(case, way)
    assert answer["troubles"] == []
    assert answer["ends"].keys() <= {end, "done"}
    assert answer["ends"][end] >= 3
