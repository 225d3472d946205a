"""Reports: one agency's report for one year, with a value for every cell of the form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import localcontext
from types import MappingProxyType
from typing import NamedTuple

from workbook.model.finding import Finding, Source, format_html_table
from workbook.model.form import Cell, Form
from workbook.model.identity import Identity
from workbook.model.numbers import EXACT, Number, ParsedFigure, Raw, Value, parse_figure, to_cell_unit
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.safety.messages import join_texts

Blocks = Mapping[str, Sequence[Sequence[Raw]]]
"""Table code → the raw values of its cells, row by row: what every reader returns, whatever it reads."""


class Answer(NamedTuple):
    """The reason that an agency gives for a warning.

    `cells` are those of the finding answered; `figures` the fingerprint of the figures answered for (blank: the
    present ones). Once the figures change, the answer no longer holds.
    """

    rule: str
    cells: tuple[str, ...]
    reason: str
    figures: str = ""


def hash_figures(figures: str) -> str:
    """Return a short hash of the figures that an answer answers for."""
    return hashlib.sha256(figures.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """One agency's report for one year. Immutable.

    `values` holds one value for each cell, in the order of `form.cells`: int in base units (件; money in 分), Decimal
    where a figure is not an integer number of them, None where the cell is blank, "不适用" where it is marked so, any
    other text where it holds words that are no number. `texts` holds the narrative parts; a missing or empty one is
    blank. `answers` are the reasons given for warnings. `sources` gives the location of a value by cell code (and
    `agency.name`, `texts.overview`). `merged` is the number of agencies summed.

    A report that was loaded from a file also carries what `workbook.check` needs of it: `previous`, the prior year's
    figures that the file holds, and `file_findings`, what reading the file showed.

    >>> report = workbook.load("某某局2024.xlsx")
    >>> report
    <Report 某某局 2024, annual-2021: 200 of 200 cells filled>
    >>> report["requests.new.total"]
    4
    >>> total = report + workbook.load("另一局2024.xlsx")
    >>> total["requests.new.total"], total.merged
    (6, 2)
    """

    form: Form
    year: int | None
    agency: Identity
    values: tuple[Value, ...]
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    answers: tuple[Answer, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}), compare=False)
    merged: int = 1
    previous: Report | None = field(default=None, compare=False)
    file_findings: tuple[Finding, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Refuse a report that has not one value for each cell of its form."""
        if len(self.values) != len(self.form.cells):
            raise ValueError(f"{len(self.values)} values for the {len(self.form.cells)} cells of {self.form.id}")

    def __getitem__(self, code: str) -> Value:
        """Return the value of the cell with that code: `report["requests.new.person"]`.

        KeyError, with the codes that are nearest, if the form has no such cell.
        """
        try:
            return self.values[self.form.index[code]]
        except KeyError:
            raise KeyError(self._describe_unknown_cell(code)) from None

    def keys(self) -> Iterable[str]:
        """Return the codes of all cells, in form order; `dict(report)` maps each to its value."""
        return self.form.index.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.form.index)

    def _describe_unknown_cell(self, code: str) -> str:
        from difflib import get_close_matches

        near = get_close_matches(str(code), self.form.index, 3, 0.5)
        also = f"; near: {', '.join(near)}" if near else ""
        return f"{self.form.id} has no cell {code!r}{also}"

    def number(self, index: int) -> Number | None:
        """Return the figure at that position of the form; None where the cell holds no number."""
        value = self.values[index]
        return None if value is None or isinstance(value, str) else value

    def source(self, code: str) -> Source:
        """Return where that value is located."""
        return self.sources.get(code, Source())

    def __add__(self, other: object) -> Report:
        """Return the sum of both, cell by cell; they must be of the same form and year.

        A cell without a number in both stays blank; in one, it counts as nothing. Texts and answers belong to one
        agency and are not summed. ValueError, which says what differs, if form or year do. `sum(reports)` adds many.
        """
        if not isinstance(other, Report):
            return NotImplemented
        if self.form != other.form:
            raise ValueError(
                f"{self!r} and {other!r} cannot be added: they are on different forms, whose cells differ; "
                "workbook.model.form_migration.convert_report() converts one to the form of the other"
            )
        if self.year != other.year:
            raise ValueError(f"{self!r} and {other!r} cannot be added: a sum is of one year")
        with localcontext(EXACT):
            values = tuple(_plus(a, b) for a, b in zip(self.values, other.values, strict=True))
        return Report(self.form, self.year, Identity(), values, merged=self.merged + other.merged)

    def __radd__(self, other: object) -> Report:
        return self if other == 0 else NotImplemented  # sum() starts with 0

    def __repr__(self) -> str:
        who = self.agency.name or (f"sum of {self.merged}" if self.merged > 1 else "(no name)")
        filled = sum(value is not None for value in self.values)
        cells = f"{filled} of {len(self.values)} cells filled"
        return f"<Report {who} {self.year or '(no year)'}, {self.form.id}: {cells}>"

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows: each cell with its code, label and value."""
        rows = [
            (cell.code, cell.words.zh, format_value(value, cell), cell.unit.label)
            for cell, value in zip(self.form.cells, self.values, strict=True)
        ]
        return format_html_table(repr(self)[1:-1], ("cell", "label", "value", "unit"), rows)

    def with_values(self, cells: Mapping[str, Value]) -> Report:
        """Return the same report with other values in the cells of those codes; what reading showed of them is gone."""
        values = list(self.values)
        for code, value in cells.items():
            if code not in self.form.index:
                raise KeyError(self._describe_unknown_cell(code))
            values[self.form.index[code]] = value
        found = tuple(one for one in self.file_findings if not cells.keys() & set(one.cells))
        return replace(self, values=tuple(values), file_findings=found)


def _plus(a: Value, b: Value) -> Value:
    a = None if isinstance(a, str) else a
    b = None if isinstance(b, str) else b
    if a is None or b is None:
        return a if b is None else b
    total = a + b
    return int(total) if total == int(total) else total


class SharedLocations(Mapping[str, Source]):
    """Cell locations of one file; `places` is shared by all files with the same layout."""

    __slots__ = ("file", "places")

    def __init__(self, file: str, places: Mapping[str, tuple[str, str]]) -> None:
        self.file, self.places = file, places

    def __getitem__(self, code: str) -> Source:
        """Return the location of one value."""
        return Source(self.file, *self.places[code])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the codes of the values whose locations are known."""
        return iter(self.places)

    def __len__(self) -> int:
        """Return how many locations are known."""
        return len(self.places)


def make_empty_report(form: Form, year: int | None = None, agency: Identity | None = None) -> Report:
    """Return a report in which nothing is filled."""
    return Report(form, year, agency or Identity(), (None,) * len(form.cells))


def format_value(value: Value, cell: Cell) -> str:
    """Return a value as a user reads it, in the cell's unit: 4, 4166.214619, （空）."""
    if value is None:
        return "（空）"
    return value if isinstance(value, str) else f"{to_cell_unit(value, cell.unit):f}"


def parse_raw_values(
    form: Form, blocks: Blocks, sources: Mapping[str, Source]
) -> tuple[tuple[Value, ...], list[Finding]]:
    """Return the values in blocks of raw cells, and a finding for each that was not a plain number.

    A table or cell missing from the blocks is blank. Raises nothing: what cannot be read as a number stays as words.
    """
    values: list[Value] = []
    findings: list[Finding] = []
    for cell, raw in zip(form.cells, _raws(form, blocks), strict=True):
        reading = parse_figure(raw, cell.unit)
        values.append(reading.value)
        at = sources.get(cell.code, Source())
        findings += [found.at(at) for found in list_oddities(cell, reading)]
    return tuple(values), findings


def _raws(form: Form, blocks: Blocks) -> Iterator[Raw]:
    for table in form.tables:
        block = blocks.get(table.code, ())
        for r in range(len(table.rows)):
            line = block[r] if r < len(block) else ()
            for c in range(len(table.columns)):
                yield line[c] if c < len(line) else None


def list_oddities(cell: Cell, reading: ParsedFigure) -> list[Finding]:
    """Return what to report of a cell that was read, but not as a plain number: what it held, and how it was read."""
    place, label = cell.words, cell.unit.label
    found = [
        make_finding(
            "unit",
            cells=(cell.code,),
            actual=format_value(reading.value, cell),
            expected=odd.detail.rpartition("; ")[2].removesuffix(label),
            figures=hash_figures(f"{cell.code}={odd.raw}"),
            place=place,
            raw=odd.raw,
            unit=label,
        )
        for odd in reading.oddities
        if odd.kind == "other-unit"
    ]
    plain = [odd for odd in reading.oddities if odd.kind != "other-unit"]
    if plain and reading.value is not None and not isinstance(reading.value, str):
        said = [get_phrase(odd.kind, "oddity") for odd in plain]
        what = join_texts(said)
        found.append(
            make_finding(
                "number-clean",
                cells=(cell.code,),
                actual=format_value(reading.value, cell),
                place=place,
                raw=plain[0].raw,
                what=what,
            )
        )
    return found
