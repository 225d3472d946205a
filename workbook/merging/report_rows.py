"""The reports of a collection as a stream of rows, for what compares agencies with each other and with their past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from workbook.model.finding import Finding
from workbook.model.form import Cell, Form
from workbook.model.form_migration import convert_report
from workbook.model.numbers import Number
from workbook.model.report import Report, make_empty_report


class ReportRow(NamedTuple):
    """One agency's report in a collection.

    `number` is its row in the ledger, `key` what tells agencies apart, `level` the code of its level of government;
    a blank level is unknown.
    """

    number: int
    key: str
    level: str
    report: Report


Rows = Callable[[], Iterable[ReportRow]]
"""The rows of a collection, anew each time it is asked: it may be passed over more than once."""

Before = Callable[[str], Report | None]
"""The report of an earlier year by the agency's key, in the form of that year; None where there is none."""

LastYear = Callable[[str, int | None], Report | None]
"""The same of the year before one, which is given besides (None: it is not known)."""


class RowNotices(NamedTuple):
    """What is said of the rows by their number, and how many weaker notices were left out so as not to drown these."""

    findings: Mapping[int, tuple[Finding, ...]]
    left_out: int = 0


def list_bottom_lines(form: Form) -> tuple[Cell, ...]:
    """The cells that count into no other: the totals, and the figures that stand alone."""
    return tuple(cell for cell in form.cells if not cell.row.into and not cell.column.into)


def to_cell_unit_number(number: Number, cell: Cell) -> float:
    """A figure in the cell's own unit, for statistics: what is beyond all measure (typed by mistake) is cut off."""
    return float(max(-_BEYOND, min(_BEYOND, number))) / cell.unit.scale


_BEYOND = 10**30


class FigureColumns:
    """The numbers of some cells of a form, out of reports of that form or of another version of it (see `migrate`)."""

    def __init__(self, form: Form, cells: Sequence[Cell] | None = None) -> None:
        self.form = form
        self.places = tuple(cell.index for cell in (form.cells if cells is None else cells))
        self._origins: dict[str, tuple[tuple[int, ...], ...]] = {}

    def of(self, report: Report) -> list[Number | None]:
        """The figures in base units (件, 分); None where a cell holds no number."""
        values = report.values
        if report.form.fingerprint == self.form.fingerprint:
            found = (values[place] for place in self.places)
            return [None if isinstance(value, str) else value for value in found]
        return [_added([report.number(place) for place in places]) for places in self._from(report.form)]

    def _from(self, form: Form) -> tuple[tuple[int, ...], ...]:
        """The cells of another form that each cell's figure is carried from, worked out once per form."""
        if form.fingerprint not in self._origins:
            origins: dict[int, list[int]] = {}
            for move in convert_report(make_empty_report(form), self.form).moves:
                if move.new is not None:
                    origins.setdefault(move.new.index, []).append(move.old.index)
            self._origins[form.fingerprint] = tuple(tuple(origins.get(place, ())) for place in self.places)
        return self._origins[form.fingerprint]


def _added(numbers: Sequence[Number | None]) -> Number | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
