"""Finds figures far from those of other agencies of the same level, or from the agency's own past.

The statistic is the modified z-score of Iglewicz and Hoaglin (How to Detect and Handle Outliers, ASQC 1993): distance
from the median over 1.4826 × the median absolute deviation (MAD), named from 3.5 on. Median and MAD are not moved by
the very outliers looked for, as mean and standard deviation are. What was added to it, and why:

- Scale: the logarithm of 1 + the figure. Agencies differ by factors, not by amounts, and 0 is common.
- MAD = 0 (more than half of the peers report the same, mostly 0): the mean absolute deviation of the others × 1.2533,
  as Iglewicz and Hoaglin do; the agency's own deviation is left out, it would hide itself among few.
- Never less than chance: a count of events varies by about its root (Poisson), which on this scale is 1/√(1 + median).
  So 1 among peers that all report 0 is nothing; about 30 is.
- Against the past, what is compared among peers is the change (logarithm now less that of the median of the years
  before): what changed for all is nobody's outlier, and one year of past is enough.
- Few false alarms: 3.5 is meant for groups of some dozens. In a larger group the limit rises so that in normal data one
  cell names anybody in 1 of 100 groups; below some 20 the MAD itself is unsure and the limit rises by 8/n (found by
  simulation: at most 1.5 of 100). Fewer than 8 peers say nothing, and no peers are agencies whose level is unknown.
- Worth a look: a figure must be three times its measure or a third of it, and 10 (件, 万元) away from it. Where more
  than 1 in 20 peers (and more than two) would be named on one side, the group is mixed and nobody is.
- Only cells that count into no other are evaluated, and an agency is named once a table: its totals hang together.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from statistics import NormalDist, median
from typing import NamedTuple

from workbook.merging.collected_reports import Before, FigureColumns, ReportRow, list_bottom_lines, to_cell_unit_number
from workbook.model import identity
from workbook.model.finding import Finding
from workbook.model.form import Cell, Form
from workbook.model.numbers import Number
from workbook.model.report import hash_figures
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.safety.messages import NO_TEXT, Bilingual

LIMIT = 3.5
"""The modified z-score from which on a figure is named in a group of some dozens."""
FALSE_ALARMS = 0.01
"""In so many groups of normal data may a cell name anybody."""
LEAST_PEERS = 8
LEAST_FACTOR = 3
LEAST_DIFFERENCE = 10
"""In the cell's own unit: 件, 万元."""
RARE = 20
"""One in so many peers may be named for a cell on one side."""

BLANK = math.nan


class OutlierFigure(NamedTuple):
    """A figure far from its measure: what peers report (median), or what the agency reported before."""

    number: int
    rule: str
    cell: Cell
    score: float
    value: float
    measure: float
    level: str
    peers: int


class Outliers:
    """The bottom lines of all rows, as columns; rows are added one by one and evaluated together."""

    def __init__(self, form: Form, past: Sequence[Before] = ()) -> None:
        self.cells = list_bottom_lines(form)
        self._figures = FigureColumns(form, self.cells)
        self._past = past
        self._now = [array("f") for _ in self.cells]
        self._then = [array("f") for _ in self.cells] if past else []
        self._numbers = array("q")
        self._levels: dict[str, array[int]] = {}

    def add(self, row: ReportRow) -> None:
        """Take one row. A level that is unknown has no peers."""
        if not row.level:
            return
        self._levels.setdefault(row.level, array("q")).append(len(self._numbers))
        self._numbers.append(row.number)
        for place, (cell, value) in enumerate(zip(self.cells, self._figures.of(row.report), strict=True)):
            _append(self._now, place, BLANK if value is None else to_cell_unit_number(value, cell))
        if self._past:
            reports = [report for before in self._past if (report := before(row.key)) is not None]
            years = [self._figures.of(report) for report in reports]
            for place, cell in enumerate(self.cells):
                _append(self._then, place, _find_median([year[place] for year in years], cell))

    def list_unusual(self) -> Iterator[OutlierFigure]:
        """Every figure to be named, level by level and cell by cell, in no other order."""
        for level, places in sorted(self._levels.items()):
            for n, cell in enumerate(self.cells):
                now = self._now[n]
                yield from self._against_peers(level, cell, [p for p in places if not math.isnan(now[p])], now)
                if self._then:
                    then = self._then[n]
                    known = [p for p in places if not math.isnan(now[p]) and not math.isnan(then[p])]
                    yield from self._against_past(level, cell, known, now, then)

    def _against_peers(self, level: str, cell: Cell, places: list[int], now: array[float]) -> Iterator[OutlierFigure]:
        if len(places) < LEAST_PEERS:
            return
        values = array("d", (now[p] for p in places))
        usual = median(values)
        scores = _compute_scores(array("d", map(_log, values)), lambda _: 1 / math.sqrt(1 + abs(usual)))
        for i in _select_named(scores, lambda i: (values[i], usual)):
            yield self._make_figure("unlike-peers", places[i], level, cell, scores[i], values[i], usual, len(places))

    def _against_past(
        self, level: str, cell: Cell, places: list[int], now: array[float], then: array[float]
    ) -> Iterator[OutlierFigure]:
        if len(places) < LEAST_PEERS:
            return
        change = array("d", (_log(now[p]) - _log(then[p]) for p in places))
        scores = _compute_scores(
            change, lambda i: math.hypot(*(1 / math.sqrt(1 + abs(y[places[i]])) for y in (now, then)))
        )
        for i in _select_named(scores, lambda i: (now[places[i]], then[places[i]])):
            p = places[i]
            yield self._make_figure("unlike-before", p, level, cell, scores[i], now[p], then[p], len(places))

    def _make_figure(
        self, rule: str, place: int, level: str, cell: Cell, score: float, value: float, measure: float, peers: int
    ) -> OutlierFigure:
        return OutlierFigure(self._numbers[place], rule, cell, abs(score), value, measure, level, peers)


def _append(columns: list[array[float]], place: int, value: float) -> None:
    """Append a value to a column of 4 bytes a value, or of 8 from the first value on that 4 do not hold exactly."""
    column = columns[place]
    column.append(value)
    if column[-1] != value and not math.isnan(value):
        columns[place] = array("d", column)
        columns[place][-1] = value


def get_score_limit(peers: int) -> float:
    """The score from which on a figure is named among that many peers."""
    return max(LIMIT, NormalDist().inv_cdf(1 - FALSE_ALARMS / (2 * peers))) * (1 + 8 / peers)


def measure_centre_and_spread(values: Sequence[float]) -> tuple[float, Callable[[float], float]]:
    """The median, and the spread that a value at a given distance from it is measured by; 0 where all are the same."""
    centre = median(values)
    distances = array("d", (abs(value - centre) for value in values))
    mad = median(distances)
    if mad > 0:
        return centre, lambda _: 1.4826 * mad
    total, others = math.fsum(distances), max(1, len(values) - 1)
    return centre, lambda distance: 1.2533 * max(0.0, total - abs(distance)) / others


def _compute_scores(values: Sequence[float], chance: Callable[[int], float]) -> array[float]:
    """The modified z-score of each value; `chance` is the least spread that the value at that place is measured by."""
    centre, spread = measure_centre_and_spread(values)
    return array("d", ((v - centre) / max(spread(v - centre), chance(i)) for i, v in enumerate(values)))


def _select_named(scores: Sequence[float], figures: Callable[[int], tuple[float, float]]) -> Iterator[int]:
    """The places whose score and whose distance from their measure are large enough, unless they are too many."""
    least = get_score_limit(len(scores))
    over = [i for i, score in enumerate(scores) if abs(score) > least and _is_far(*figures(i), scores[i])]
    for side in (1, -1):
        named = [i for i in over if scores[i] * side > 0]
        if len(named) <= max(2, len(scores) // RARE):
            yield from named


def _is_far(value: float, measure: float, score: float) -> bool:
    """Whether a figure is far from its measure, to the side its score says."""
    apart = abs(_log(value) - _log(measure)) >= math.log(LEAST_FACTOR)
    return apart and abs(value - measure) >= LEAST_DIFFERENCE and (value > measure) == (score > 0)


def _log(value: float) -> float:
    return math.copysign(math.log1p(abs(value)), value)


def _find_median(years: Sequence[Number | None], cell: Cell) -> float:
    known = [to_cell_unit_number(number, cell) for number in years if number is not None]
    return median(known) if known else BLANK


def describe_outliers(of_one_table: Sequence[OutlierFigure]) -> Finding:
    """The finding about an agency's outliers in one table: the strongest in figures, the others counted."""
    first, *others = of_one_table
    cells = tuple(dict.fromkeys(one.cell.code for one in of_one_table))
    known = identity.find_level(first.level)
    return make_finding(
        first.rule,
        cells=cells,
        actual=_to_number(first.value),
        expected=_to_number(first.measure),
        difference=_to_number(first.value - first.measure),
        figures=hash_figures("|".join(f"{one.cell.code}={one.value:.12g}" for one in of_one_table)),
        place=first.cell.words,
        unit=first.cell.unit.label,
        level=Bilingual(known.label, known.en) if known else first.level,
        count=first.peers,
        score=f"{first.score:.1f}",
        more=get_phrase("more-cells", count=len(cells) - 1) if others and len(cells) > 1 else NO_TEXT,
    )


def _to_number(value: float) -> Number:
    return int(value) if value == int(value) else Decimal(f"{value:.12g}")
