"""Nothing that a user sees changes unnoticed: findings, statuses, figures, letters, help, templates, messages.

Where a change is meant: `python -m tests.robustness.golden`, and the changed lines are a commit that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from tests.robustness.golden import corpus

HERE = Path(__file__).parent
GOLDEN: dict[str, Callable[[Path], Iterator[str]]] = {
    "merges": corpus.merges,
    "altered": lambda folder: chain(corpus.altered(folder, 60), corpus.guards(folder)),
    "published": corpus.published,
    "rule_cases": corpus.rule_cases,
    "outputs": corpus.outputs,
    "messages": lambda _: iter(corpus.messages()),
}


def stored(name: str) -> list[str]:
    return (HERE / f"{name}.txt").read_text("utf-8").splitlines()


@pytest.mark.timeout(1200)  # where many share the machine
@pytest.mark.parametrize("name", GOLDEN)
def test_nothing_has_changed(name: str, tmp_path: Path) -> None:
    now, before = list(GOLDEN[name](tmp_path)), stored(name)
    assert sorted(set(now) - set(before)) == []
    assert sorted(set(before) - set(now)) == []


@pytest.mark.long
def test_nothing_has_changed_in_many_altered_workbooks(tmp_path: Path) -> None:
    assert list(corpus.altered(tmp_path, 240)) == stored("altered_many")
