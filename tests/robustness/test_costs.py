"""Four times as many files, agencies or findings cost four times as much, however alike or at odds they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.samples.agency_files import FORM, broken, code, put, report
from tests.samples.command_run import run_ogi
from tests.samples.step_counter import steps
from workbook.merging.collection_run import collect_reports
from workbook.merging.roster.roster_lines import Roster, RosterAgency
from workbook.merging.roster.roster_reader import read_roster
from workbook.merging.totals import merge_reports
from workbook.model.identity import Identity
from workbook.model.report import Answer
from workbook.rules.evaluation import check_report

AT_MOST = 4.6
"""Sorting takes a little more than four times as much."""


def linear(work: Callable[[int], object], n: int, *, functions: bool = True) -> bool:
    """Whether that work on four times as much costs about four times as much; done once before, to load all."""
    work(4)
    first, second = (steps(lambda size=size: work(size), functions=functions) for size in (n, 4 * n))
    assert second < AT_MOST * first
    return True


def lists(folder: Path, agencies: list[RosterAgency]) -> Roster:
    lines = ["机关名称,统一社会信用代码,机关层级,上级机关"]
    lines += [f"{one.name},{one.code},{one.level},{one.parent}" for one in agencies]
    path = folder / "名录.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return read_roster(path)


def test_a_whole_merge(tmp_path: Path) -> None:
    """With a roster of levels, last year's reports, letters, and every format."""

    def work(n: int) -> None:
        folder = tmp_path / f"{n}"
        put(folder / "收", {f"{m}.json": (broken if m % 3 else report)(m) for m in range(n)})
        put(folder / "旧", {f"{m}.json": report(m, year=2023) for m in range(n)})
        lists(folder, below_each_other(n, 3))
        targets = [word for end in ("xlsx", "json", "html", "csv") for word in ("-o", folder / f"汇总.{end}")]
        given = ["--roster", folder / "名录.csv", "--previous", folder / "旧", "--chase", folder / "催报"]
        assert run_ogi("merge", folder / "收", *targets, *given, "--no-cache --jobs 1 --force").code < 2

    assert linear(work, 12)


def below_each_other(n: int, width: int) -> list[RosterAgency]:
    """A roster of agencies of which so many are below each."""
    return [RosterAgency(f"某县第{m}局", code(m), "", "county-department", f"某县第{m // width}局") for m in range(n)]


def test_files_that_are_open_elsewhere(tmp_path: Path) -> None:
    def work(n: int) -> None:
        folder = put(tmp_path / f"{n}", {f"~${m}.xlsx": "x" for m in range(n)} | {"甲.json": report(1)})
        with collect_reports([folder]) as collection:
            merge_reports(collection)

    assert linear(work, 60, functions=False)


def test_agencies_of_one_name_some_of_which_give_no_code(tmp_path: Path) -> None:
    def work(n: int) -> None:
        given = {f"{m}.json": report(1, name="某局", code=code(m) if m % 2 else "") for m in range(n)}
        collect_reports([put(tmp_path / f"{n}", given)]).close()

    assert linear(work, 40, functions=False)


@pytest.mark.parametrize("asked", [Identity("某县第3局", code(1)), Identity("别的局", code(1)), Identity("某县第3局")])
def test_reports_of_agencies_whose_code_or_name_stands_on_many_lines(asked: Identity) -> None:
    def work(n: int) -> None:
        roster = Roster(tuple(RosterAgency(f"某县第{m}局", code(1), line=m) for m in range(n)))
        for _ in range(n):
            roster.match(asked)

    assert linear(work, 50)


def test_a_code_on_several_lines_is_told_by_the_name() -> None:
    lines = (RosterAgency("甲局", code(1)), RosterAgency("乙局", code(1)), RosterAgency("乙局", code(1), "110105"))
    roster = Roster(lines)
    assert roster.match(Identity("甲局", code(1))).agency is lines[0]
    assert roster.match(Identity("乙局", code(1))).candidates == lines[1:]
    assert roster.match(Identity("丙局", code(1))).candidates == lines


def one_name(n: int) -> list[RosterAgency]:
    return [RosterAgency("某局", code(m), "", "county-department", "某局") for m in range(n)]


def one_circle(n: int) -> list[RosterAgency]:
    return [RosterAgency(f"第{m}局", code(m), "", "county-department", f"第{(m + 1) % n}局") for m in range(n)]


def one_line_of_command(n: int) -> list[RosterAgency]:
    return [RosterAgency(f"第{m}局", code(m), "", "county-department", f"第{m - 1}局" if m else "") for m in range(n)]


@pytest.mark.parametrize("made", [one_name, one_circle, one_line_of_command])
def test_rosters_that_lead_round_and_round(tmp_path: Path, made: Callable[[int], list[RosterAgency]]) -> None:
    lengths = []

    def work(n: int) -> None:
        folder = tmp_path / f"{n}"
        folder.mkdir(exist_ok=True)
        roster = lists(folder, made(n))
        assert len(roster.agencies) == n
        assert len({id(one) for one in roster.roots}) == (1 if made is one_line_of_command else n)
        lengths.append(sum(len(one.say()) for one in roster.problems))

    assert linear(work, 60)
    assert lengths[-1] < AT_MOST * lengths[-2] + 2000


class Cells(tuple[str, ...]):
    """The cells a reason is for; looking at them is a step."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        return super().__iter__()


def test_reasons_are_gone_through_once_and_not_for_every_finding() -> None:
    wrong = report(1).with_values(dict.fromkeys(FORM.index, "约10"))
    reason = Answer("rollup", Cells(("requests.results.person",)), "说明")

    def cost(reasons: int) -> int:
        one = replace(wrong, answers=(reason,) * reasons)
        return steps(lambda: check_report(one))

    cost(1)
    assert len(check_report(wrong)) > 100
    assert cost(200) - cost(100) < 100 * 20
