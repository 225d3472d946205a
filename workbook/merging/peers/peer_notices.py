"""Compares agencies with each other: outliers, sums dominated by one agency, reports of nothing, and copies.

Every finding here asks for a look and is no error: the statistics are in `outliers` and `identical_reports`. What is
only unusual is bounded, for an agency and over all, the strongest first: a coordinator who is shown everything looks at
nothing. Copies and reports of nothing are facts and always reported.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from workbook.merging.collected_reports import Before, FigureColumns, ReportRow, RowNotices, Rows
from workbook.merging.peers.identical_reports import IdenticalReports, list_identical_findings
from workbook.merging.peers.outliers import OutlierFigure, Outliers, describe_outliers
from workbook.model.finding import Finding
from workbook.model.form import Cell, Form
from workbook.model.numbers import Number, to_cell_unit
from workbook.model.report import hash_figures
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.rules.evaluation import to_int_if_integer
from workbook.safety.messages import NO_TEXT

EACH = 3
"""So many unusual tables of one agency are named."""
MOST = 100
"""So many outliers are named over all, and as many dominated sums."""


class PeerComparison:
    """What the reports of a collection show when they are laid side by side; rows are added one by one, in any order.

    `past` are the reports of earlier years, one year each, in any order.
    """

    def __init__(self, form: Form, past: Sequence[Before] = ()) -> None:
        self._codes = tuple(cell.code for cell in form.cells)
        self._figures, self._outliers = FigureColumns(form), Outliers(form, past)
        self._shares, self._copies = CellShares(form), IdenticalReports(form)
        self._empty: dict[int, Finding] = {}

    def add(self, row: ReportRow) -> None:
        """Take one row."""
        values = self._figures.of(row.report)
        if is_empty_report(values):
            self._empty[row.number] = make_finding("all-zero", cells=self._codes, count=_count_figures(values))
        self._outliers.add(row)
        self._shares.add(row.number, values)
        self._copies.add(row.number, values)

    def list_notices(self, rows: Rows, *, each: int = EACH, most: int = MOST) -> RowNotices:
        """The notices by row number; `rows`, those that were added, are passed over for names if there are copies."""
        found = defaultdict(list, {number: [one] for number, one in self._empty.items()})
        for number, one in list_identical_findings(self._copies, rows):
            found[number].append(one)
        dominated, dominated_left = _select_strongest(self._shares.list_dominated(), each, most)
        unusual = (one for one in self._outliers.list_unusual() if one.number not in self._empty)
        named, unusual_left = _select_strongest(unusual, each, most)
        for sums in dominated:
            found[sums[0].number].append(describe_shares(sums))
        for together in named:
            found[together[0].number].append(describe_outliers(together))
        return RowNotices({number: tuple(found[number]) for number in sorted(found)}, dominated_left + unusual_left)


def is_empty_report(values: Sequence[Number | None]) -> bool:
    """Whether every figure given is 0. A report without any figure is another matter."""
    return not any(values) and _count_figures(values) > 0


Notable = TypeVar("Notable", OutlierFigure, "DominatedSum")
"""A figure that may be named: whose it is, in which cell, for which rule, and how unusual it is (`score`)."""


def _select_strongest(notable: Iterable[Notable], each: int, most: int) -> tuple[list[list[Notable]], int]:
    """What is named, one agency's figures in one table together and the strongest in front; and how many are not."""
    tables: dict[tuple[int, str, str], list[Notable]] = {}
    for one in notable:
        tables.setdefault((one.number, one.rule, one.cell.table.code), []).append(one)
    groups = [sorted(group, key=lambda one: (-one.score, one.cell.index)) for group in tables.values()]
    groups.sort(key=lambda group: (-group[0].score, group[0].number, group[0].rule, group[0].cell.index))
    named: list[list[Notable]] = []
    counts: Counter[int] = Counter()
    for group in groups:
        if counts[group[0].number] < each and len(named) < most:
            counts[group[0].number] += 1
            named.append(group)
    return named, len(groups) - len(named)


def _count_figures(values: Sequence[Number | None]) -> int:
    return sum(1 for value in values if value is not None)


# Sums dominated by one agency: what would be left of a cell without it


SHARE = 0.8
"""An agency is named from this part of a sum on."""
LEAST_AGENCIES = 8
"""So many agencies must have given a figure."""
LEAST_ABOVE_ZERO = 3
"""So many must have one above 0: what only one or two agencies ever report is always dominated by them."""
LEAST_SUM = 100
"""The sum must be at least this, in the cell's own unit (件, 万元)."""


class DominatedSum(NamedTuple):
    """A cell whose sum is mostly one agency's figure (base units)."""

    number: int
    cell: Cell
    value: Number
    sum: Number
    agencies: int

    @property
    def rule(self) -> str:
        """What it is named for."""
        return "one-agency"

    @property
    def score(self) -> float:
        """The agency's part of the sum, from 0 to 1."""
        return float(to_cell_unit(self.value, self.cell.unit) / to_cell_unit(self.sum, self.cell.unit))


class CellShares:
    """The sum of every cell and its largest figure; rows are taken one by one."""

    def __init__(self, form: Form) -> None:
        self.cells = form.cells
        none: list[Number] = [0] * len(form.cells)
        self._sums, self._largest, self._whose = list(none), list(none), [0] * len(none)
        self._counts, self._above, self._negative = [0] * len(none), [0] * len(none), [False] * len(none)

    def add(self, number: int, values: Sequence[Number | None]) -> None:
        """Take the figures of one row, in form order."""
        for place, value in enumerate(values):
            if value is None:
                continue
            self._counts[place] += 1
            if not value:
                continue
            self._sums[place] += value
            if value < 0:
                self._negative[place] = True
                continue
            self._above[place] += 1
            largest = self._largest[place]
            if value > largest or (value == largest and number < self._whose[place]):
                self._largest[place], self._whose[place] = value, number

    def list_dominated(self) -> Iterator[DominatedSum]:
        """The cells whose sum is dominated by one agency, in form order; none with a figure below 0."""
        for place, cell in enumerate(self.cells):
            total = self._sums[place]
            many = self._counts[place] >= LEAST_AGENCIES and self._above[place] >= LEAST_ABOVE_ZERO
            if not many or self._negative[place] or total < LEAST_SUM * cell.unit.scale:
                continue
            one = DominatedSum(self._whose[place], cell, self._largest[place], total, self._counts[place])
            if one.score >= SHARE:
                yield one


def describe_shares(of_one_table: Sequence[DominatedSum]) -> Finding:
    """The finding about an agency's shares of the sums of one table: the largest in figures, the others counted."""
    first = of_one_table[0]
    unit = first.cell.unit
    return make_finding(
        first.rule,
        cells=tuple(one.cell.code for one in of_one_table),
        actual=to_int_if_integer(to_cell_unit(first.value, unit)),
        figures=hash_figures("|".join(f"{one.cell.code}={one.value}" for one in of_one_table)),
        place=first.cell.words,
        unit=unit.label,
        total=to_int_if_integer(to_cell_unit(first.sum, unit)),
        rest=to_int_if_integer(to_cell_unit(first.sum - first.value, unit)),
        share=f"{100 * first.score:.0f}",
        count=first.agencies,
        more=get_phrase("more-cells", count=len(of_one_table) - 1) if len(of_one_table) > 1 else NO_TEXT,
    )
