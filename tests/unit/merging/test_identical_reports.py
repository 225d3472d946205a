"""雷同: who has whose figures, and where chance is enough to explain it."""

from __future__ import annotations

import pytest

from tests.samples.compared_reports import FORM, row, rows
from workbook.merging.collected_reports import FigureColumns
from workbook.merging.peers.identical_reports import IdenticalReports, list_free_cells, list_identical_findings
from workbook.model.rule_catalog import format_message

MANY = {
    "requests.granted.person": 1234,
    "requests.partial.company": 567,
    "requests.denied.process.law": 89,
    "requests.refused.repeat.person": 345,
}
FEW = {"requests.granted.person": 3, "requests.partial.person": 1, "licensing.permits.decisions": 12}


def alike(some) -> dict[int, str]:
    copies, figures = IdenticalReports(FORM), FigureColumns(FORM)
    for one in some:
        copies.add(one.number, figures.of(one.report))
    said = list(list_identical_findings(copies, rows(some)))
    assert len({number for number, _ in said}) == len(said)
    return {number: format_message(one) for number, one in said}


@pytest.mark.parametrize(
    ("figures", "found", "why"),
    [
        (MANY, True, "many figures"),
        (FEW, False, "a few small ones"),
        ({}, False, "nothing happened"),
        ({"licensing.permits.decisions": 123456789}, False, "one figure, however large"),
        (dict.fromkeys(MANY, 1), False, "the same small figure in many cells"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_same_figures_are_a_copy_unless_chance_explains_them(figures, found, why):
    said = alike([row(1, figures), row(2, figures), row(3, {**MANY, "requests.granted.law": 77})])
    assert (set(said) == {1, 2}) == found, why
    assert found or not said


def test_each_is_told_of_the_others():
    said = alike([row(n, MANY) for n in range(1, 7)])
    assert said[1] == "全部数据与某县第2局、某县第3局、某县第4局等逐格相同，共 6 家雷同。"
    assert said[6] == "全部数据与某县第1局、某县第2局、某县第3局等逐格相同，共 6 家雷同。"
    assert alike([row(1, MANY), row(2, MANY)])[2] == "全部数据与某县第1局逐格相同，共 2 家雷同。"


def test_a_table_may_be_copied_alone():
    other = {**MANY, "licensing.permits.decisions": 4321}
    said = alike([row(1, MANY), row(2, MANY), row(3, other)])
    assert said[1] == "全部数据与某县第2局逐格相同，共 2 家雷同。"
    assert said[3] == "政府信息公开申请与某县第1局、某县第2局逐格相同，共 3 家雷同。"


def test_a_figure_apart_is_no_copy():
    assert alike([row(1, MANY), row(2, {**MANY, "requests.granted.law": 1})]) == {}


def test_two_files_of_one_agency_are_no_copies():
    assert alike([row(1, MANY), row(2, MANY)._replace(key="key-1")]) == {}


def test_the_more_reports_the_more_a_match_must_be_worth():
    some = {"requests.granted.person": 30, "requests.partial.company": 20, "requests.denied.process.law": 12}
    assert set(alike([row(1, some), row(2, some)])) == {1, 2}
    others = [row(10 + n, {"requests.granted.person": 500 + n}) for n in range(40)]
    assert alike([row(1, some), row(2, some), *others]) == {}


def test_figures_that_an_equation_gives_count_for_nothing():
    codes = {cell.code for cell in list_free_cells(FORM, FORM.table("requests"))}
    assert {"requests.new.person", "requests.brought.person", "requests.granted.person"} <= codes
    assert not codes & {"requests.carried.person", "requests.results.person", "requests.new.total"}
