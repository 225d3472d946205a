"""What one pass over the reports that count gives: their rows, and what is said of columns, cell by cell."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from decimal import Decimal

from workbook.form import Form
from workbook.merging.status import Entry
from workbook.merging.summary.figures import places_of, standing
from workbook.numbers import Value
from workbook.report import Report, Stood

NAMED = 5
"""How many agencies without a number in a cell are named."""
LAYOUTS = 8
"""How many ways in which figures stand in files are told apart; the rest is said to be another."""
_KNOWN = 256


class Gathered:
    """Filled by `take`, report by report.

    `exact`: cell by cell the decimal places that hold every figure; None where a spreadsheet cannot hold one. `blank`
    names, cell by cell, the first agencies without a number. `layouts` are the ways figures stand in their files (cell
    code → sheet and cell), `counts` how many files have each.
    """

    def __init__(self, form: Form, files: int) -> None:
        self.form = form
        self.exact: list[int | None] = [0] * len(form.cells)
        self.numbers = [False] * len(form.cells)
        self.blank: dict[int, list[str]] = {}
        self.layouts: list[Mapping[str, tuple[str, str]]] = []
        self.counts: list[int] = []
        self.others = 0
        self._layout_of = array("B", bytes(files + 1))
        self._met: dict[int, tuple[object, int]] = {}
        self._money = frozenset(cell.index for cell in form.cells if cell.unit.scale != 1)

    def take(self, entry: Entry, report: Report) -> None:
        """One report more."""
        self._layout_of[entry.number] = self._layout(report)
        for index, figure in enumerate(self.figures(report)):
            if figure is None or isinstance(figure, str):
                named = self.blank.setdefault(index, [])
                if len(named) < NAMED:
                    named.append(entry.agency.name or entry.place)
                continue
            self.numbers[index] = True
            if type(figure) is not int or not -_SAFE < figure < _SAFE:
                known, own = self.exact[index], places_of([figure])
                self.exact[index] = None if known is None or own is None else max(known, own)

    def figures(self, report: Report) -> list[Value]:
        """The figures of a report as they stand in a sheet."""
        figures = list(report.values)
        for index, value in enumerate(report.values):
            if type(value) is Decimal or index in self._money:
                figures[index] = standing(value, self.form.cells[index])
        return figures

    def layout(self, entry: Entry) -> int:
        """How the figures of a file stand in it: from 1; 0 for one that does not count, or another way."""
        return self._layout_of[entry.number]

    def decimals(self, index: int) -> int | None:
        """The decimal places of a column; None where its sum cannot be a formula."""
        return self.exact[index] if self.numbers[index] else None

    def _layout(self, report: Report) -> int:
        sources = report.sources
        if not isinstance(sources, Stood) or report.form.fingerprint != self.form.fingerprint:
            return self._other()
        places = sources.places
        known = self._met.get(id(places))
        if known is None:
            known = places, self._number(places)
            if len(self._met) < _KNOWN:  # kept, so that no other is made at its address
                self._met[id(places)] = known
        number = known[1]
        if number:
            self.counts[number - 1] += 1
            return number
        return self._other()

    def _number(self, places: Mapping[str, tuple[str, str]]) -> int:
        if places in self.layouts:
            return self.layouts.index(places) + 1
        if len(self.layouts) == LAYOUTS or not places:
            return 0
        self.layouts.append(places)
        self.counts.append(0)
        return len(self.layouts)

    def _other(self) -> int:
        self.others += 1
        return 0


_SAFE = 10**15
"""Whole numbers below it are exact in a spreadsheet, in any unit."""
