"""Agencies compared with each other: outliers, sums that hang on one agency, reports of nothing, and copies.

Everything said here asks for a look and is no error: which statistic says it stands in `outliers`, `shares` and
`alike`. What is only unusual is bounded, for an agency and over all, the strongest first: a coordinator who is told
everything looks at nothing. Copies and reports of nothing are facts and always said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from workbook.finding import Finding
from workbook.form import Cell, Form
from workbook.merging.peers import outliers, shares
from workbook.merging.peers.copies import Alike, alike_findings
from workbook.merging.peers.outliers import Outliers
from workbook.merging.peers.shares import Shares
from workbook.merging.rows import Before, Figures, Notices, Rows
from workbook.numbers import Number
from workbook.rulebook import finding

EACH = 3
"""So many unusual tables of one agency are named."""
MOST = 100
"""So many outliers are named over all, and as many sums that hang on one agency."""


def among_peers(form: Form, rows: Rows, past: Sequence[Before] = (), *, each: int = EACH, most: int = MOST) -> Notices:
    """What the reports of a collection show when they are laid side by side, by row number.

    `past` are the reports of earlier years, one year each, in any order. One pass over the rows, and another for names
    if there are copies. Rows may come in any order.
    """
    figures, far, parts, copies = Figures(form), Outliers(form, past), Shares(form), Alike(form)
    found: dict[int, list[Finding]] = {}
    for row in rows():
        values = figures.of(row.report)
        if nothing_happened(values):
            found[row.number] = [
                finding("all-zero", cells=tuple(cell.code for cell in form.cells), count=_told(values))
            ]
        far.take(row)
        parts.take(row.number, values)
        copies.take(row.number, values)
    nothing = set(found)
    for number, one in alike_findings(copies, rows):
        found.setdefault(number, []).append(one)
    hanging, parts_left = _strongest(parts.hanging(), each, most)
    strange, far_left = _strongest((one for one in far.strange() if one.number not in nothing), each, most)
    for hanging_together in hanging:
        found.setdefault(hanging_together[0].number, []).append(shares.said(hanging_together))
    for strange_together in strange:
        found.setdefault(strange_together[0].number, []).append(outliers.said(strange_together))
    return Notices({number: tuple(found[number]) for number in sorted(found)}, parts_left + far_left)


def nothing_happened(values: Sequence[Number | None]) -> bool:
    """Whether every figure given is 0. A report without any figure is another matter."""
    return not any(values) and _told(values) > 0


class Notable(Protocol):
    """One figure that may be named: whose it is, where it stands, and how strongly it speaks."""

    @property
    def number(self) -> int: ...  # noqa: D102 -- the row
    @property
    def cell(self) -> Cell: ...  # noqa: D102
    @property
    def rule(self) -> str: ...  # noqa: D102 -- what it would be named for
    @property
    def score(self) -> float: ...  # noqa: D102


Some = TypeVar("Some", bound=Notable)


def _strongest(notable: Iterable[Some], each: int, most: int) -> tuple[list[list[Some]], int]:
    """What is named, one agency's figures in one table together and the strongest in front; and how many are not."""
    tables: dict[tuple[int, str, str], list[Some]] = {}
    for one in notable:
        tables.setdefault((one.number, one.rule, one.cell.table.code), []).append(one)
    groups = [sorted(group, key=lambda one: (-one.score, one.cell.index)) for group in tables.values()]
    groups.sort(key=lambda group: (-group[0].score, group[0].number, group[0].rule, group[0].cell.index))
    named: list[list[Some]] = []
    counts: Counter[int] = Counter()
    for group in groups:
        if counts[group[0].number] < each and len(named) < most:
            counts[group[0].number] += 1
            named.append(group)
    return named, len(groups) - len(named)


def _told(values: Sequence[Number | None]) -> int:
    return sum(1 for value in values if value is not None)
