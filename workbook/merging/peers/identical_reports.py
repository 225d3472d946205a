"""Finds 雷同: reports of different agencies with the same figures, in all tables or in one.

Two small agencies may well report the same few figures by chance; two that agree in many larger ones did not. How
unlikely a match is, is measured in bits: a figure of size v, free to be anything of its order, is hit by chance about
once in v, so it is worth log₂(1 + v) bits. Only figures that no equation gives are counted, and each size once a
table, since small agencies repeat themselves. Of n reports n²/2 pairs are compared: a match is named where it is worth
2·log₂ n + 10 bits, so that a whole collection names a pair by chance about once in 2,000 times.

Near copies are looked for by whole tables: the same figures in one table and others elsewhere. Copies in which single
cells of a table were altered are not looked for: with the totals that follow them they cannot be distinguished from
neighbours cheaply.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections.abc import Iterator, Sequence
from itertools import groupby

from workbook.merging.collected_reports import Rows, to_cell_unit_number
from workbook.model.finding import Finding
from workbook.model.form import Cell, Form, Table
from workbook.model.numbers import Number
from workbook.model.report import hash_figures
from workbook.model.rule_catalog import get_phrase, make_finding
from workbook.rules.rule_types import list_equations
from workbook.safety.messages import join_texts

LEAST_BITS = 12
LEAST_FIGURES = 3
"""Different sizes of free figures, without which a match says nothing however large they are."""
MOST_NAMED = 3
"""So many of the others are named; all are counted."""


class IdenticalGroup:
    """Agencies whose figures are the same, in one table or (None) in all; `numbers` in order, `names` of the first."""

    def __init__(self, table: Table | None, bits: float, digest: int, numbers: Sequence[int]) -> None:
        self.table, self.bits, self.digest = table, bits, digest
        self.numbers = array("q", sorted(numbers))
        self.names: dict[int, str] = {}
        self.keys: set[str] = set()

    @property
    def named_numbers(self) -> Sequence[int]:
        """The rows that may be named to the others."""
        return self.numbers[: MOST_NAMED + 1]


class IdenticalReports:
    """Digests of the figures of all rows, whole and table by table; rows are taken one by one."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._tables: list[Table | None] = [None, *form.tables]
        self._spans = [_find_span(form, table) for table in self._tables]
        self._free = [list_free_cells(form, table) for table in form.tables]
        self._numbers = array("q")
        self._digests = [array("q") for _ in self._tables]
        self._bits = [array("f") for _ in self._tables]

    def add(self, number: int, values: Sequence[Number | None]) -> None:
        """Take the figures of one row, in form order."""
        self._numbers.append(number)
        by_table = [_list_sizes(values, cells) for cells in self._free]
        all_sizes = [each for sizes in by_table for each in sizes]
        for place, sizes in enumerate([all_sizes, *by_table]):
            bits = math.fsum(map(math.log2, sizes)) if len(set(sizes)) >= LEAST_FIGURES else 0.0
            first, last = self._spans[place]
            self._bits[place].append(bits)
            self._digests[place].append(_hash_values(values[first:last]) if bits >= LEAST_BITS else 0)

    def groups(self) -> Iterator[IdenticalGroup]:
        """Rows with the same figures, whole reports first, then tables, those worth most first."""
        if len(self._numbers) < 2:
            return
        least = max(LEAST_BITS, 2 * math.log2(len(self._numbers)) + 10)
        for table, digests, bits in zip(self._tables, self._digests, self._bits, strict=True):
            places = sorted((p for p in range(len(digests)) if bits[p] >= least), key=digests.__getitem__)
            together = (list(same) for _, same in groupby(places, key=digests.__getitem__))
            found = [
                IdenticalGroup(table, bits[s[0]], digests[s[0]], [self._numbers[p] for p in s])
                for s in together
                if s[1:]
            ]
            yield from sorted(found, key=lambda group: (-group.bits, group.numbers[0]))


def list_identical_findings(alike: IdenticalReports, rows: Rows) -> Iterator[tuple[int, Finding]]:
    """The notices of rows with the same figures, each row once: of the whole report, else of the table worth most.

    `rows` are passed over once more, for the names, if there are any.
    """
    groups = list(alike.groups())
    if groups:
        _add_names(groups, rows)
    reported: set[int] = set()
    tables = sorted((g for g in groups if g.table), key=lambda group: (-group.bits, group.numbers[0]))
    for group in [*(g for g in groups if not g.table), *tables]:
        if len(group.keys) < 2:
            continue
        cells = tuple(cell.code for cell in _list_cells(alike.form, group.table))
        for number in group.numbers:
            if number not in reported:
                reported.add(number)
                yield number, _make_finding(group, number, cells)


def _add_names(groups: Sequence[IdenticalGroup], rows: Rows) -> None:
    """Give the groups the names of their first rows, and enough keys to know that more than one agency is in it."""
    groups_of: dict[int, list[IdenticalGroup]] = {}
    for group in groups:
        for number in group.named_numbers:
            groups_of.setdefault(number, []).append(group)
    for row in rows():
        for group in groups_of.get(row.number, ()):
            group.names[row.number] = row.report.agency.name or row.key
            group.keys.add(row.key)


def _make_finding(group: IdenticalGroup, number: int, cells: tuple[str, ...]) -> Finding:
    others = [group.names[other] for other in group.named_numbers if other != number][:MOST_NAMED]
    beyond = len(group.numbers) - 1 > len(others)
    return make_finding(
        "alike",
        cells=cells,
        figures=hash_figures(f"{group.digest:x}"),
        what=group.table.words if group.table else get_phrase("all-figures"),
        others=join_texts(others, more=beyond),
        count=len(group.numbers),
    )


def list_free_cells(form: Form, table: Table) -> tuple[Cell, ...]:
    """The cells of a table that no equation of this year gives: no totals, and of each stated equation all but one."""
    given: set[str] = set()
    for rule in list_equations(form):
        if rule.op == "=" and not rule.yearly and not rule.sums:
            free = [term.cell for term in reversed(rule.terms) if not term.cell.total]
            given.update(cell.code for cell in free[-1:])
    return tuple(c for c in _list_cells(form, table) if not c.total and c.code not in given)


def _list_cells(form: Form, table: Table | None) -> tuple[Cell, ...]:
    return tuple(cell for cell in form.cells if table is None or cell.table.code == table.code)


def _find_span(form: Form, table: Table | None) -> tuple[int, int]:
    cells = _list_cells(form, table)
    return cells[0].index, cells[-1].index + 1


def _list_sizes(values: Sequence[Number | None], cells: Sequence[Cell]) -> list[float]:
    """One more than the size of each figure that is not 0, in the cell's own unit, each size once."""
    some = ((value, cell) for cell in cells if (value := values[cell.index]))
    return sorted({1.0 + abs(to_cell_unit_number(value, cell)) for value, cell in some})


def _hash_values(values: Sequence[Number | None]) -> int:
    """64 bits of the figures: of 20,000 reports two that differ have the same about once in 10¹¹ collections."""
    digest = hashlib.blake2b(repr(values).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
