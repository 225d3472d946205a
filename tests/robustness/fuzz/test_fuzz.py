"""Every target over what it begins with, over inputs that once were a fault, and over some made by chance: the same
ones every time. `make fuzz` goes on from there for as long as it is given."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

from tests.robustness.fuzz import bounds, search
from tests.robustness.fuzz.bounds import TooSlow, bounded
from tests.robustness.fuzz.search import Search
from tests.robustness.fuzz.target import CASES, NAMES, beginnings, target

TRIES = {"numbers": 300, "identities": 200, "decisions": 150, "archives": 100, "formfiles": 60, "texts": 80,
         "packages": 60,
         "reportjson": 30, "readings": 40, "rosters": 30, "books": 12, "documents": 16, "submissions": 8,
         "merges": 2, "commands": 10}  # fmt: skip
"""Inputs made by chance, by what one of them costs."""


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_read_holds_what_the_target_states(name, tmp_path):
    one, known = target(name), beginnings(name)
    for n in range(-len(known), TRIES[name]):
        draw = Random(f"{name}/{n}")
        data = known[n] if n < 0 else draw.choice(known)
        for _ in range(0 if n < 0 else draw.choice((1, 1, 2, 4))):
            data = one.changed(data, draw)
        try:
            with bounded():
                one.tried(data, tmp_path)
        except BaseException as trouble:
            trouble.add_note(f"input {n} of {name}: {one.__doc__}")
            raise


@pytest.mark.parametrize("name", NAMES)
def test_a_target_is_stated_and_makes_the_same_of_the_same(name):
    one, (data, *_) = target(name), beginnings(name)
    assert len(one.__doc__) > 80
    made = [one.changed(data, Random(n)) for n in range(9)]
    assert [one.changed(data, Random(n)) for n in range(9)] == made
    assert len(set(made)) > 3


def test_every_case_belongs_to_a_target():
    assert {path.parent.name for path in CASES.glob("*/*")} <= {*NAMES}


# the search itself ----------------------------------------------------------------------------------------------------


def test_an_input_without_end_is_cut(monkeypatch):
    monkeypatch.setattr(bounds, "SECONDS", 0.1)
    with pytest.raises(TooSlow), bounded():
        while True:
            pass


def test_a_fault_is_stored_with_its_input_and_the_search_goes_on(tmp_path, monkeypatch, capsys):
    def tried(data: bytes, _: Path) -> None:
        assert data != b"bad", "as planted"

    planted = SimpleNamespace(changed=lambda _, draw: draw.choice((b"good", b"bad")), tried=tried)
    monkeypatch.setattr(search, "target", lambda _: planted)
    monkeypatch.setattr(search, "beginnings", lambda _: (b"good",))
    own = Search("numbers", tmp_path)
    own.by_chance(0.3, seed=1)
    figures = json.loads(own.figures.read_text("utf-8"))
    assert [1 < count < figures["inputs"] for count in figures["faults"].values()] == [True]
    assert {path.read_bytes() for path in own.found.iterdir() if not path.suffix} == {b"bad"}
    assert "as planted" in capsys.readouterr().err
