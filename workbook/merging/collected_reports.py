"""Holds what a merge collected: every file found, streamed from the store, and the reports whose figures are summed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import localcontext
from typing import NamedTuple

from workbook.exchange.report_json import SUMMARY
from workbook.merging.file_record import FileRecord, RecordBody, get_record_form
from workbook.merging.file_status import COUNTED, NOTHING, FileEntry, FileFate, FileStatus
from workbook.merging.result_store import ResultStore
from workbook.model.finding import Finding
from workbook.model.form import Cell, Form
from workbook.model.form_migration import FigureFate, FigureMove, convert_report
from workbook.model.numbers import EXACT, Number, Value
from workbook.model.report import Report, SharedLocations, make_empty_report
from workbook.safety.messages import Bilingual, load_messages
from workbook.safety.unsafe_text import find_invisible

messages = load_messages("workbook.merging")

KIND = SUMMARY
"""What the JSON of a merge says it is."""


class ReportRow(NamedTuple):
    """One agency's report in a collection.

    `number` is its row in the store, `key` that of its agency, `level` the code of its level of government;
    a blank level is unknown.
    """

    number: int
    key: str
    level: str
    report: Report

    @classmethod
    def of(cls, entry: FileEntry, report: Report) -> ReportRow:
        """The row of a file and the report in it."""
        return cls(entry.number, entry.key, entry.agency.level, report)


Rows = Callable[[], Iterable[ReportRow]]
"""The rows of a collection, anew each time it is asked: it may be passed over more than once."""

Before = Callable[[str], Report | None]
"""The report of an earlier year by the agency's key, in the form of that year; None where there is none."""

LastYear = Callable[[str, int | None], Report | None]
"""The same of the year before one, which is given besides (None: it is not known)."""


class RowNotices(NamedTuple):
    """The notices of the rows by their number, and how many weaker notices were left out so as not to drown these."""

    findings: Mapping[int, tuple[Finding, ...]]
    left_out: int = 0


class ReportCollection:
    """Every file found, and the year and form that are merged (None: nothing is). Close it when done."""

    def __init__(self, store: ResultStore, year: int | None = None, form: Form | None = None) -> None:
        self.store = store
        self.entries = store.entries
        self.year = year
        self.form = form

    def __enter__(self) -> ReportCollection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget the files; what was read stays in the cache, if there is one."""
        self.store.close()

    def set_status(self, numbers: Iterable[int], status: FileStatus) -> None:
        """Give these files another status, without a reason but for characters in their names that cannot be seen."""
        self.store.set_fates(
            FileFate(number, status, describe_invisible_name(self.entries[number - 1].place)) for number in numbers
        )

    @property
    def counted(self) -> Iterator[FileEntry]:
        """The files whose figures are in the sum: one an agency."""
        return self.entries.with_status(COUNTED)

    def counts(self) -> Mapping[FileStatus, int]:
        """How many files have each status, all statuses named: together they are the files found."""
        return self.store.count_statuses()

    def unlisted(self) -> int:
        """How many of the reports that count are of an agency that is not on the roster."""
        return self.store.count_unlisted()

    def reports(self, statuses: frozenset[FileStatus] = COUNTED) -> Iterator[tuple[FileEntry, Report]]:
        """The reports that are summed, each in the form merged, with identity and sources but no texts.

        `statuses` asks for those that have one of these instead.
        """
        if self.form is None:
            return
        for entry, record in self.store.list_records(statuses):
            yield entry, convert_to_form(self._load_report(entry, record), self.form).report

    def rows(self) -> Iterator[ReportRow]:
        """The same as rows, for what compares agencies."""
        for entry, report in self.reports():
            yield ReportRow.of(entry, report)

    def control(self) -> Number:
        """All figures of the files that count, added as each was read: exactly, however large."""
        with localcontext(EXACT):
            return sum(self.store.list_control_totals())

    def report(self, entry: FileEntry) -> Report:
        """The report of a file in its own form, without its texts. KeyError if it holds none."""
        return self._load_report(entry, self.store.find_record(entry))

    def _load_report(self, entry: FileEntry, record: FileRecord) -> Report:
        body, places = RecordBody(record.body), self.store.readings.places(record.places) or {}
        sources = SharedLocations(get_file_name(entry), places)
        return Report(_get_form(entry), entry.year, entry.agency, body.values, answers=body.answers, sources=sources)

    def carried(self, entry: FileEntry) -> Report | None:
        """Last year's figures as the file carried them, in its own form. KeyError if it holds no report."""
        carried = RecordBody(self.store.find_record(entry).body).carried
        return None if carried is None else Report(_get_form(entry), carried[0], entry.agency, carried[1])

    def findings(self, entry: FileEntry) -> tuple[Finding, ...]:
        """The findings of a file, those between the years by the report submitted last year where it is given.

        Empty for a file that holds no report.
        """
        return self._load_findings(entry, self.store.find_record(entry)) if entry.form else ()

    def list_findings(
        self, statuses: frozenset[FileStatus], *, errors: bool | None = None
    ) -> Iterator[tuple[FileEntry, tuple[Finding, ...]]]:
        """The same of all files with a report that have one of these statuses, and with or without errors."""
        for entry, record in self.store.list_records(statuses, errors=errors):
            yield entry, self._load_findings(entry, record)

    def _load_findings(self, entry: FileEntry, record: FileRecord) -> tuple[Finding, ...]:
        name = get_file_name(entry)
        replaced = self.store.find_replaced_findings(entry, name)
        return RecordBody(record.body).load_findings(name) if replaced is None else replaced


def _get_form(entry: FileEntry) -> Form:
    return get_record_form(entry.form, entry.agency.region, entry.fingerprint)


def describe_invisible_name(place: str) -> Bilingual:
    """The reason of a file whose name is not what it looks like; nothing of any other."""
    characters = find_invisible(place)
    return messages.get("why.unseen", signs="、".join(characters)) if characters else NOTHING


def get_file_name(entry: FileEntry) -> str:
    """The name of the file, as findings give it."""
    return get_last_part(entry.place)


def get_last_part(place: str) -> str:
    """The name of a file or folder in its place: 县.zip!某局/年报.xlsx -> 年报.xlsx."""
    return place.rpartition("!")[2].rpartition("/")[2]


# A report in another form than the one merged: converted where the rows correspond, else it is reported what does not


class ConvertedReport(NamedTuple):
    """The report in the form merged, and the figures that have no place there."""

    report: Report
    lost: tuple[FigureMove, ...]


def convert_to_form(report: Report, form: Form) -> ConvertedReport:
    """The report in `form`.

    A row that became several (`otherwise` → `otherwise.*`) cannot be split, unless its figure is 0: then so are they,
    for no count is negative. Any other figure without a place is lost.
    """
    if report.form.fingerprint == form.fingerprint:
        return ConvertedReport(report, ())
    carried, moves = convert_report(report, form)
    dropped = [move for move in moves if move.fate is FigureFate.DROPPED and move.value is not None]
    zero: dict[str, Value] = {}
    for move in dropped:
        if move.value == 0:
            zero |= {code: 0 for code in _list_split_cells(move, form) if carried.values[form.index[code]] is None}
    lost = tuple(move for move in dropped if move.value != 0)
    return ConvertedReport(carried.with_values(zero) if zero else carried, lost)


def _list_split_cells(move: FigureMove, form: Form) -> list[str]:
    """The cells of the form that the old cell's row was split into."""
    cell = move.old
    under = f"{cell.row.code}."
    return [
        new.code
        for new in form.cells
        if new.table.code == cell.table.code
        and new.column.code == cell.column.code
        and new.row.code.startswith(under)
        and not new.signed
    ]


# the figures of reports as columns of numbers, for what compares agencies ---------------------------------------------


def list_bottom_lines(form: Form) -> tuple[Cell, ...]:
    """The cells that count into no other: the totals, and the figures that no total has."""
    return tuple(cell for cell in form.cells if not cell.row.into and not cell.column.into)


def to_cell_unit_number(number: Number, cell: Cell) -> float:
    """A figure in the cell's own unit, for statistics: what is beyond all measure (typed by mistake) is cut off."""
    return float(max(-_BEYOND, min(_BEYOND, number))) / cell.unit.scale


_BEYOND = 10**30


class FigureColumns:
    """The numbers of some cells of a form, out of reports of that form or of another version (`form_migration`)."""

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
        return [_sum_known([report.number(place) for place in places]) for places in self._find_origins(report.form)]

    def _find_origins(self, form: Form) -> tuple[tuple[int, ...], ...]:
        """The cells of another form that each cell's figure is carried from, worked out once per form."""
        if form.fingerprint not in self._origins:
            origins: dict[int, list[int]] = {}
            for move in convert_report(make_empty_report(form), self.form).moves:
                if move.new is not None:
                    origins.setdefault(move.new.index, []).append(move.old.index)
            self._origins[form.fingerprint] = tuple(tuple(origins.get(place, ())) for place in self.places)
        return self._origins[form.fingerprint]


def _sum_known(numbers: Sequence[Number | None]) -> Number | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None
