"""Sums that hang on one agency."""

from __future__ import annotations

import pytest

from tests.samples.compared_reports import CASES, FORM, granted, name_by_reason
from workbook.merging.collected_reports import FigureColumns
from workbook.merging.peers.peer_notices import CellShares, describe_shares
from workbook.model.rule_catalog import format_message

CELL = "requests.granted.person"


def hanging(some) -> dict[str, int]:
    shares, figures = CellShares(FORM), FigureColumns(FORM)
    for one in some:
        shares.add(one.number, figures.of(one.report))
    return {one.cell.code: one.number for one in shares.list_dominated()}


@pytest.mark.parametrize(("counts", "who", "why"), CASES["dominated"], ids=name_by_reason)
def test_who_carries_a_sum(counts, who, why):
    assert [number for cell, number in hanging(granted(counts)).items() if cell == CELL] == who, why


def test_parts_mean_nothing_where_a_figure_is_below_zero():
    some = granted([920, 10, 10, 10, 10, 10, 10, 20])
    below = some[1].report.with_values({CELL: -5})
    assert CELL not in hanging([some[0], some[1]._replace(report=below), *some[2:]])


def test_it_is_said_what_would_be_left():
    shares, figures = CellShares(FORM), FigureColumns(FORM)
    for one in granted([920, 10, 10, 10, 10, 10, 10, 20]):
        shares.add(one.number, figures.of(one.report))
    found = describe_shares([one for one in shares.list_dominated() if one.cell.code == CELL])
    assert format_message(found) == (
        "（一）予以公开·自然人：本机关填 920 件，占 8 家合计 1000 件 的 92%，其余各家共 80 件。"
    )
