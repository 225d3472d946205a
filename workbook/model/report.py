"""One agency's report for one year: who, what it says, and a figure (or a blank) for every cell of the form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import localcontext
from types import MappingProxyType
from typing import NamedTuple

from workbook.model.finding import Finding, Source
from workbook.model.form import Cell, Form
from workbook.model.identity import Identity
from workbook.model.numbers import EXACT, Number, ParsedFigure, Raw, Value, parse_figure, to_cell_unit
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.safety.messages import join_texts

Blocks = Mapping[str, Sequence[Sequence[Raw]]]
"""Table code → the raw values of its cells, row by row: what every reader delivers, whatever it reads."""


class Answer(NamedTuple):
    """The reason given for a warning.

    `cells` are those of the finding answered; `figures` the fingerprint of the figures answered for (blank: those
    that stand now). Once the figures change, the answer no longer holds.
    """

    rule: str
    cells: tuple[str, ...]
    reason: str
    figures: str = ""


def hash_figures(figures: str) -> str:
    """A short hash of the figures an answer answers for."""
    return hashlib.sha256(figures.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Report:
    """One agency, one year. Immutable.

    `values` stand in form order (`form.cells`): int in base units (件; money in 分), Decimal where a figure is no
    whole number of them, None where the cell is blank, "不适用" where it is marked so, any other text where it holds
    words that are no number. `texts` holds the parts written in words; a missing or empty one is blank. `sources`
    says where a value stood, by cell code (and `agency.name`, `texts.overview`). `merged` is the number of agencies
    summed.
    """

    form: Form
    year: int | None
    agency: Identity
    values: tuple[Value, ...]
    texts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    answers: tuple[Answer, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=lambda: MappingProxyType({}), compare=False, repr=False)
    merged: int = 1

    def __post_init__(self) -> None:
        """A report has one value per cell of its form."""
        if len(self.values) != len(self.form.cells):
            raise ValueError(f"{len(self.values)} values for the {len(self.form.cells)} cells of {self.form.id}")

    def __getitem__(self, code: str) -> Value:
        """The value of a cell: `report["requests.new.person"]`."""
        return self.values[self.form.index[code]]

    def number(self, index: int) -> Number | None:
        """The figure at that place of the form; None where the cell holds no number."""
        value = self.values[index]
        return None if value is None or isinstance(value, str) else value

    def source(self, code: str) -> Source:
        """Where that value stood."""
        return self.sources.get(code, Source())

    def __add__(self, other: Report) -> Report:
        """Both agencies together, cell by cell, in the same form and year.

        A cell without a number in both stays blank; in one, it counts as nothing. Texts and answers belong to one
        agency and are not summed. ValueError if form or year differ.
        """
        if self.form != other.form or self.year != other.year:
            raise ValueError(f"{self.form.id} {self.year} and {other.form.id} {other.year} cannot be added")
        with localcontext(EXACT):
            values = tuple(_plus(a, b) for a, b in zip(self.values, other.values, strict=True))
        return Report(self.form, self.year, Identity(), values, merged=self.merged + other.merged)

    def with_values(self, cells: Mapping[str, Value]) -> Report:
        """The same report with other values in the cells of those codes."""
        values = list(self.values)
        for code, value in cells.items():
            values[self.form.index[code]] = value
        return replace(self, values=tuple(values))


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
        """The place of one value."""
        return Source(self.file, *self.places[code])

    def __iter__(self) -> Iterator[str]:
        """The codes of the values whose places are known."""
        return iter(self.places)

    def __len__(self) -> int:
        """How many places are known."""
        return len(self.places)


def make_empty_report(form: Form, year: int | None = None, agency: Identity | None = None) -> Report:
    """A report in which nothing is filled."""
    return Report(form, year, agency or Identity(), (None,) * len(form.cells))


def format_value(value: Value, cell: Cell) -> str:
    """A value as a user reads it, in the cell's unit: 4, 4166.214619, （空）."""
    if value is None:
        return "（空）"
    return value if isinstance(value, str) else f"{to_cell_unit(value, cell.unit):f}"


def fill_values(form: Form, blocks: Blocks, sources: Mapping[str, Source]) -> tuple[tuple[Value, ...], list[Finding]]:
    """The figures in blocks of raw cells, and a finding for each that was not a plain number.

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
    """What must be said of a cell that was read, but not as a plain number: how it stood and how it was taken."""
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
