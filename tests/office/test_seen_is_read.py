"""What a person sees in a workbook is read, or the difference is reported, or the file is refused: never silent.

The workbooks are those of `tests/samples/seen_workbooks.py`. What a person sees is what LibreOffice and Gnumeric show,
unless the case states it. Cases with an `open` reason are silent today: they are printed, and one that has become right
fails the test until its reason is taken out.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.office import gnumeric as gnumeric_program
from tests.office.libreoffice import Office
from tests.office.shown_cells import show_in_gnumeric, show_in_libreoffice
from tests.samples.seen_readings import SILENT, judge, read_cell, read_usual
from tests.samples.seen_workbooks import (
    ASK,
    COUNT,
    KINDS,
    Case,
    complete,
    good,
    lay_out_formats,
    list_cases,
    list_open_cases,
    zipped,
)
from workbook.excel.reading.quick_reader import QuickReader
from workbook.excel.reading.workbook_reader import read_workbook

GNUMERIC = {"封面": (0, 1), "表二": (1, 0)}
"""Number of a sheet, and how many empty columns it begins with."""
PART = 48
"""So many cases are one test: a session on two processes then shares them."""
PARTS = [(kind, n) for kind in KINDS for n in range(0, len(list_cases(kind)), PART)]


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> QuickReader:
    """A reader that knows the layout of the good workbook."""
    reader, path = QuickReader(), tmp_path_factory.mktemp("quick") / "样.xlsx"
    path.write_bytes(zipped(complete().items()))
    reader.read(path)
    assert reader.read(path).reader == "alike"
    return reader


@pytest.fixture(scope="module")
def shown_formats(office: Office, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str | None]]:
    """What both programs show of the values and number formats of all cases: each in a cell of one workbook."""
    path = tmp_path_factory.mktemp("formats") / "格式.xlsx"
    data, places = lay_out_formats()
    path.write_bytes(data)
    cells = [(COUNT[0], address) for address in places.values()]
    one = show_in_libreoffice(office, path, cells)
    other = show_in_gnumeric(path, *GNUMERIC[COUNT[0]], list(places.values()))
    assert one and other
    return {name: [a, b] for name, a, b in zip(places, one, other, strict=True)}


def look_at(office: Office, case: Case, path: Path, shown: dict[str, list[str | None]]) -> list[str | None]:
    """What a person sees in the cell: as the case states, else as each program shows it."""
    if case.seen != ASK:
        return [] if case.seen is None else [case.seen]
    if case.name in shown:
        return shown[case.name]
    one = show_in_libreoffice(office, path, [case.at])
    other = show_in_gnumeric(path, *GNUMERIC[case.at[0]], [case.at[1]])
    return [one[0] if one else None, other[0] if other else None]


@pytest.mark.parametrize(("kind", "start"), PARTS)
def test_what_is_seen_is_read_reported_or_refused(
    kind: str,
    start: int,
    office: Office,
    quick: QuickReader,
    shown_formats: dict[str, list[str | None]],
    tmp_path: Path,
) -> None:
    if missing := gnumeric_program.why_not():
        pytest.skip(missing)
    wrong: list[str] = []
    for number, case in enumerate(list_cases(kind)[start : start + PART]):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(case.make(good()))
        full, usual = read_cell(read_workbook, path, case.at), read_usual(case.at, tmp_path)
        seen: list[str | None] = []
        if not full.refused and not full.reported - usual.reported:
            seen = look_at(office, case, path, shown_formats)
        outcome = judge(case, full, usual, seen)
        path.write_bytes(case.make(complete()))
        fast = read_cell(quick.read, path, case.at)
        if (
            fast.reader == "alike"
            and outcome != SILENT
            and (fast.value, fast.reported) != (full.value, full.reported - usual.reported)
        ):
            wrong.append(f"{case.name}: read by a known layout as {fast.value!r}, in full as {full.value!r}")
        if case.open and outcome != SILENT:
            wrong.append(f"{case.name}: is {outcome} now, so its `open` reason goes: {case.open}")
        elif case.open:
            print(f"open: {case.name}: read {full.value!r}, seen {seen}: {case.open}")
        elif outcome == SILENT:
            wrong.append(f"{case.name}: read {full.value!r}, seen {seen}, nothing reported")
    assert not wrong, "\n".join(wrong)


def test_there_are_enough_cases_and_each_has_its_name() -> None:
    names = [case.name for kind in KINDS for case in list_cases(kind)]
    assert len(set(names)) == len(names) >= 150
    assert {name for some in list_open_cases().values() for name in some} <= set(names)
