"""What of the files read stays in memory while others are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbook.merging import file_record
from workbook.model.form_loader import load_form
from workbook.model.report import SharedLocations, make_empty_report
from workbook.rules.submission import Submission


def test_of_many_makes_each_says_its_own_places_and_few_are_kept() -> None:
    form = load_form("annual-2021")

    def places(number: int) -> str:
        stood = SharedLocations("a.xlsx", {cell.code: ("表", f"A{cell.index + number}") for cell in form.cells})
        return file_record.make_record(Submission(Path("a.xlsx"), replace(make_empty_report(form), sources=stood)), ())[
            1
        ]

    assert len({places(number) for number in range(200)}) == 200
    assert len(file_record._SHARED) <= file_record.LAYOUTS_HELD
