"""Roll call: who submitted, whose report went back, who is missing, and reports of nobody listed."""

from __future__ import annotations

from pathlib import Path

from tests.samples.agency_files import agency, broken, collected, put, report
from workbook.merging.attendance import Attendance, call_roll, list_chased
from workbook.merging.collection_run import collect_reports
from workbook.merging.letters.letter_files import AgencyDossiers
from workbook.merging.letters.letter_texts import LetterOccasion, LetterReason, write_letter_texts
from workbook.merging.roster.roster_lines import Roster, RosterAgency


def listed(*numbers: int) -> Roster:
    lines = []
    for n in numbers:
        one = agency(n)
        lines.append(RosterAgency(one.name, one.code, one.region, one.level, "", f"电话{n}"))
    return Roster(tuple(lines))


def states(attendance: Attendance) -> list[str]:
    return [seat.state.value for seat in attendance.seats]


def test_everybody_on_the_roster_is_called(tmp_path: Path) -> None:
    files = {"好.json": report(1), "错.json": broken(3), "去年.json": report(4, year=2023), "生.json": report(9)}
    with collected(tmp_path, files) as collection:
        called = call_roll(listed(1, 3, 4, 5), collection)
        assert states(called) == ["submitted", "returned", "returned", "missing"]
        assert [collection.entries[one.file - 1].place for one in called.unlisted] == ["生.json"]
        (turnout,) = called.turnout()
        assert turnout[1:] == (4, 1, 2, 0, 0, 1)


def test_letters_go_to_those_who_owe_something(tmp_path: Path) -> None:
    put(tmp_path, {"好.json": report(1), "错.json": broken(2)})
    with collect_reports([tmp_path]) as collection:
        letters = list(list_chased(collection, call_roll(listed(1, 2, 3), collection)))
        assert [(one.agency.name, one.why) for one in letters] == [
            (agency(2).name, LetterReason.HELD),
            (agency(3).name, LetterReason.MISSING),
        ]
        assert letters[0].findings
        assert letters[0].contact == "电话2"


def test_without_a_roster_whoever_must_mend_is_written_to(tmp_path: Path) -> None:
    with collected(tmp_path, {"好.json": report(1), "错.json": broken(2)}) as collection:
        assert [(one.agency.name, one.why) for one in list_chased(collection, None)] == [
            (agency(2).name, LetterReason.HELD)
        ]


def test_without_a_roster_files_in_conflict_are_one_letter_though_one_states_no_code(tmp_path: Path) -> None:
    files = {"a.json": report(2), "b.json": report(2, {"requests.granted.person": 41}, code="")}
    with (
        collect_reports([put(tmp_path, files)]) as collection,
        AgencyDossiers(list_chased(collection, None)) as dossiers,
    ):
        (letter,) = write_letter_texts(dossiers, LetterOccasion(2024))
    assert "收到 2 份封面填写为你单位的、同一年度、同一版次而数据不同的报告" in letter.text
