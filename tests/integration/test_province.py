"""A province of submissions in which everything is wrong that can be: a merge finds all of it, and loses nothing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.province import Province
from benchmarks.reports import reports, roster
from benchmarks.workload import Mould
from tests.office.libreoffice import Office
from tests.samples.agency_files import statuses
from tests.samples.province import resaved, small
from workbook.excel.template.template_writer import build_workbook
from workbook.merging.attendance import AttendanceState, call_roll
from workbook.merging.collected_reports import ReportCollection
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.roster import roster_reader as rosterfile
from workbook.merging.totals import merge_reports
from workbook.model.form_loader import get_form_in_force
from workbook.model.report import Report
from workbook.rules.evaluation import check_report

YEARS = (2020, 2024)
"""One of each form."""


@pytest.fixture(scope="module", params=YEARS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Province:
    return small(tmp_path_factory.mktemp("province"), request.param)


@pytest.fixture(scope="module")
def collected(made: Province) -> Iterator[ReportCollection]:
    roster = rosterfile.read_roster(made.list)
    with collect_reports([made.files], MergeOptions(roster=roster, include_unlisted=True)) as found:
        yield found


def test_every_file_has_the_status_it_must_have(made, collected):
    assert statuses(collected) == made.statuses()
    assert sum(collected.counts().values()) == len(collected.entries)


def test_every_defect_is_said(made, collected):
    at = {one.place: one for one in collected.entries}
    for planted in made.planted:
        if planted.finding:
            assert planted.finding in {one.rule for one in collected.findings(at[planted.place])}, planted.kind


def test_of_the_others_nothing_is_said(made, collected):
    odd = {planted.place for planted in made.planted}
    said = {one.place: collected.findings(one) for one in collected.counted if one.place not in odd}
    assert len(said) == len(made.plain)
    assert not any(said.values())


def test_the_sum_is_that_of_the_reports_that_count(made, collected):
    merged = merge_reports(collected).report
    assert (merged.form.id, merged.year) == (made.form.id, made.year)
    assert {cell.code: merged.number(cell.index) for cell in merged.form.cells} == made.total


def test_the_roster_is_read_whole(made):
    known = rosterfile.read_roster(made.list)
    assert not known.problems
    assert [one.code for one in known.agencies] == [line.code for line in made.roster]
    assert len(known.roots) == 1


def test_the_roll_call_finds_who_is_missing_and_who_is_a_stranger(made, collected):
    called = call_roll(rosterfile.read_roster(made.list), collected)
    silent = {one.agency for one in made.planted if one.kind == "missing" or one.status == "unreadable"}
    absent = {AttendanceState.RECEIVED, AttendanceState.UNVERIFIED, AttendanceState.MISSING}
    assert {seat.agency.code for seat in called.seats if seat.state in absent} == silent
    assert called.unattributed  # so that nobody is said to be missing
    assert not called.count(AttendanceState.MISSING)
    at = {one.number: one.place for one in collected.entries}
    unknown = {one.place for one in made.planted if one.kind == "unknown"}
    assert {at[stranger.file] for stranger in called.unlisted} == unknown


def test_two_agencies_with_one_report_are_said(made, collected):
    notices = merge_reports(collected).notices.findings
    alike = {one.place for one in collected.entries for said in notices.get(one.number, ()) if said.rule == "alike"}
    assert alike == {one.place for one in made.planted if one.kind == "twins"}


@pytest.mark.office
def test_workbooks_saved_by_another_program_count_the_same(made, office: Office, tmp_path):
    other = resaved(made, office, tmp_path / "saved", 4)
    with collect_reports([other.files]) as found:
        assert statuses(found) == made.statuses()
        merged = merge_reports(found).report
    assert {cell.code: merged.number(cell.index) for cell in merged.form.cells} == made.total


# the province itself


@pytest.mark.parametrize("year", YEARS)
def test_a_made_up_report_is_without_fault(year):
    form = get_form_in_force(year)
    for line in roster(60):
        now, before = reports(line, form, year, seed=7)
        assert not check_report(now, before)
        assert not check_report(before)
        assert 500 < sum(map(len, now.texts.values())) < 2000


@pytest.mark.parametrize("year", YEARS)
def test_a_workbook_from_a_mould_is_the_one_the_writer_writes(year):
    form = get_form_in_force(year)
    first, *others = [reports(line, form, year, seed=3) for line in roster(30)]
    mould = Mould(*first)
    for now, before in others[::7]:
        assert _parts(mould.filled(now, before)) == _parts(build_workbook(now, before))


def test_a_mould_takes_no_report_that_does_not_fit():
    now, before = reports(roster(1)[0], get_form_in_force(2024), 2024, seed=3)
    cell = now.form.cells[-1].code
    for other in (now.with_values({cell: 9**9}), _without_a_text(now)):
        with pytest.raises((ValueError, KeyError)):
            Mould(now, before).filled(other, before)


def _without_a_text(report: Report) -> Report:
    return replace(report, texts=dict(list(report.texts.items())[1:]))


def _parts(book: bytes) -> dict[str, str]:
    """The parts of a workbook; how high a paragraph stands is for the eye alone."""
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        return {name: re.sub(r' ht="[0-9.]+"', "", file.read(name).decode()) for name in file.namelist()}


def test_a_province_is_made_once(made):
    folder = made.folder.parent
    before = {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*")}
    assert small(folder, made.year) == made
    assert {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*")} == before
