"""What is read of a workbook that a person may see otherwise, and whether that is said."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.samples.filled_workbooks import FORM
from tests.samples.seen_workbooks import COUNT, MONEY, NAME, Case, good, zipped
from workbook.excel.reading.file_type import Unreadable
from workbook.excel.reading.workbook_reader import read_workbook
from workbook.model import numbers
from workbook.model.numbers import Value
from workbook.model.rule_catalog import format_message
from workbook.rules.evaluation import Submission

CODES = {COUNT: "legislation.regulations.issued", MONEY: "fees.fees.amount"}
ABOUT_THE_CELL = {"filled", "number", "whole-numbers", "unit"}
"""Rules whose findings about the cell say what is in it; of the others none is to help the reader. That a text is read
as a number (number-clean) does not say that a person sees another one.
"""
REFUSED, REPORTED, AS_SEEN, SILENT = "refused", "reported", "as seen", "silent"


class Reading(NamedTuple):
    """What a reader made of a workbook: what it read in the cell, and what it reported; or that it refused the file."""

    value: Value = None
    reported: frozenset[str] = frozenset()
    refused: bool = False
    reader: str = ""


def read_cell(read: Callable[[Path], Submission], path: Path, at: tuple[str, str]) -> Reading:
    """Read a workbook; findings of its rules count where they say what is in the cell."""
    try:
        submission = read(path)
    except Unreadable:
        return Reading(refused=True)
    report = submission.report
    about = [
        one for one in submission.check() if one.rule in ABOUT_THE_CELL and (one.source.sheet, one.source.cell) == at
    ]
    told = [one for one in (*submission.findings, *about) if one.rule != "number-clean"]
    value = report.agency.name if at == NAME else report[CODES[at]]
    return Reading(value, frozenset(map(format_message, told)), reader=submission.reader)


def is_same(seen: str | None, value: Value, at: tuple[str, str]) -> bool:
    """Whether the text in the cell means what was read; None is seen nowhere."""
    if seen is None:
        return False
    if at == NAME:
        return seen.strip() == value
    return numbers.parse_figure(seen, FORM.cell(CODES[at]).unit).value == value


def judge(case: Case, reading: Reading, usual: Reading, seen: list[str | None]) -> str:
    """Refused, reported, as seen, or silent."""
    if reading.refused:
        return REFUSED
    if reading.reported - usual.reported:
        return REPORTED
    return AS_SEEN if seen and all(is_same(one, reading.value, case.at) for one in seen) else SILENT


@cache
def read_usual(at: tuple[str, str], folder: Path) -> Reading:
    """What is read of the good workbook."""
    path = folder / "好.xlsx"
    path.write_bytes(zipped(good().items()))
    return read_cell(read_workbook, path, at)
