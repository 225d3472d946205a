"""What of the files read stays in memory while others are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbook.forms import load
from workbook.merging import record
from workbook.report import Stood, empty
from workbook.submission import Submission


def test_of_many_makes_each_says_its_own_places_and_few_are_kept() -> None:
    form = load("annual-2021")

    def places(number: int) -> str:
        stood = Stood("a.xlsx", {cell.code: ("表", f"A{cell.index + number}") for cell in form.cells})
        return record.recorded(Submission(Path("a.xlsx"), replace(empty(form), sources=stood)), ())[1]

    assert len({places(number) for number in range(200)}) == 200
    assert len(record._SHARED) <= record.MAKES
