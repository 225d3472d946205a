"""Compares a government's own report with the sum of the agencies below it, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbook.model.finding import Finding
from workbook.model.form import Cell
from workbook.model.numbers import Number, Value, to_cell_unit
from workbook.model.report import Report, hash_figures
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.rules.evaluation import attach_answers, describe_cells, to_int_if_integer

GAPS_NAMED = 8
"""How many cells have a finding of their own; the rest is counted in one."""
ROUNDED = 100
"""Money may be rounded on its way up, without being a difference, to this part of its unit: two decimals of 万元."""


class PartsTotal(NamedTuple):
    """What the agencies below come to, in form order.

    `values` are the sums (None: no number below); `blanks` in how many reports no number is given there; `most`
    the largest figure of a single one and `whose` it is (blank where none is above 0); `missing` how many reports are
    still to come.
    """

    values: tuple[Value, ...]
    blanks: tuple[int, ...]
    most: tuple[Number, ...]
    whose: tuple[str, ...]
    missing: int


class ComparisonGap(NamedTuple):
    """A cell in which the own report differs from the sum (base units).

    `certain`: what is still to come cannot explain it: nothing is, or the own figure is too small already. `over`
    names an agency below whose figure alone, `most`, is above the own one (blank: none).
    """

    cell: Cell
    own: Number
    below: Number
    certain: bool
    over: str = ""
    most: Number = 0

    @property
    def difference(self) -> Number:
        """How much the own report has more than the sum."""
        return self.own - self.below


def compare_with_parts(own: Report, below: PartsTotal) -> tuple[ComparisonGap, ...]:
    """The cells that differ, the worst first: one agency above the whole, then what is certain, then by size.

    A cell without a number on either side is not evaluated. Figures of agencies yet to come can only add to the sum,
    save in a cell that may be negative; so an own figure below the sum is certain before the last has come.
    """
    gaps = []
    for cell in own.form.cells:
        mine, sum_ = own.number(cell.index), below.values[cell.index]
        if mine is None or sum_ is None or isinstance(sum_, str) or _agree(mine, sum_, cell):
            continue
        complete = not below.missing and not below.blanks[cell.index]
        less = mine < sum_ and not cell.signed
        most = below.most[cell.index]
        over = below.whose[cell.index] if less and most > mine and not _agree(mine, most, cell) else ""
        gaps.append(ComparisonGap(cell, mine, sum_, complete or less, over, most))
    return tuple(sorted(gaps, key=_rank))


def _rank(gap: ComparisonGap) -> tuple[bool, bool, Number, int]:
    return not gap.over, not gap.certain, -abs(to_cell_unit(gap.difference, gap.cell.unit)), gap.cell.index


def _agree(own: Number, below: Number, cell: Cell) -> bool:
    """Whether two figures are the same; money also where the own one is the other rounded, as far as `ROUNDED`."""
    if own == below:
        return True
    step = cell.unit.scale // ROUNDED
    while step > 1 and own % step:
        step //= 10
    apart = max(own - below, below - own)
    return step > 1 and 2 * apart <= step


def list_differences(agency: str, own: Report, gaps: Sequence[ComparisonGap], missing: int) -> list[Finding]:
    """The findings of a comparison: the worst cells one by one, the other certain ones together, and the open ones.

    Each is located where the own figure is, and has the reason the own report gives for it, if any.
    """
    certain = [gap for gap in gaps if gap.certain]
    found = [_certain(agency, gap) for gap in certain[:GAPS_NAMED]]
    found += _rest(agency, own, certain[GAPS_NAMED:])
    found += _open(agency, [gap for gap in gaps if not gap.certain], missing)
    return attach_answers(own, [one.at(own.source(one.cells[0])) for one in found])


def make_alone_finding(agency: str, below: int) -> Finding:
    """The notice that an own report is counted for the agencies right below, of which none counts."""
    return make_finding("rollup-own", agency=agency, count=below)


def _certain(agency: str, gap: ComparisonGap) -> Finding:
    unit, expected = gap.cell.unit, gap.most if gap.over else gap.below
    return make_finding(
        "rollup-over" if gap.over else "rollup",
        cells=(gap.cell.code,),
        actual=to_int_if_integer(to_cell_unit(gap.own, unit)),
        expected=to_int_if_integer(to_cell_unit(expected, unit)),
        difference=to_int_if_integer(to_cell_unit(gap.own - expected, unit)),
        figures=hash_figures(f"{gap.own}|{gap.below}"),
        agency=agency,
        place=gap.cell.words,
        child=gap.over,
        hint=get_phrase("swapped") if _swapped(gap.own, gap.below) else "",
    )


def _rest(agency: str, own: Report, gaps: Sequence[ComparisonGap]) -> Iterator[Finding]:
    if gaps:
        cells = [gap.cell for gap in gaps]
        figures = hash_figures("|".join(f"{gap.own}|{gap.below}" for gap in gaps))
        codes, where = tuple(cell.code for cell in cells), describe_cells(cells, own)
        yield make_finding("rollup-rest", cells=codes, figures=figures, agency=agency, count=len(gaps), where=where)


def _open(agency: str, gaps: Sequence[ComparisonGap], missing: int) -> Iterator[Finding]:
    if gaps:
        worst = gaps[0]
        yield make_finding(
            "rollup-open",
            cells=tuple(gap.cell.code for gap in gaps),
            actual=to_int_if_integer(to_cell_unit(worst.own, worst.cell.unit)),
            expected=to_int_if_integer(to_cell_unit(worst.below, worst.cell.unit)),
            difference=to_int_if_integer(to_cell_unit(worst.difference, worst.cell.unit)),
            agency=agency,
            count=len(gaps),
            place=worst.cell.words,
            why=get_phrase("still-missing", count=missing) if missing else get_phrase("still-blank"),
        )


def _swapped(one: Number, other: Number) -> bool:
    """Whether two figures differ by two neighbouring digits that changed places: 4166.214619, 4166.241619."""
    a, b = str(one), str(other)
    apart = [i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    if len(a) != len(b) or len(apart) != 2 or apart[1] != apart[0] + 1:
        return False
    i, j = apart
    return a[i] == b[j] and a[j] == b[i]
