"""What a formula adds up, where it does no more than that."""

from __future__ import annotations

import re
from typing import NamedTuple

from workbook.grid import Place, parse_range
from workbook.reading.kept import kept

MOST = 2000
"""No sum of a report has more cells."""

_GUARDED = re.compile(r'IF\(COUNT\(([A-Z0-9:,]+)\)=0,"",SUM\(\1\)\)')
_SUM = re.compile(r"SUM\(([A-Z0-9:,]+)\)")
_PLUS = re.compile(r"[A-Z]{1,3}[0-9]+(?:\+[A-Z]{1,3}[0-9]+)*")


class Sum(NamedTuple):
    """The cells a formula adds; `guarded` where it shows nothing while none of them holds a number."""

    cells: tuple[Place, ...]
    guarded: bool


@kept(1 << 12, 1 << 10)  # the same few hundred formulas come in every file
def added(formula: str) -> Sum | None:
    """The cells of the same sheet that a formula adds, each once; None for any formula that does something else."""
    plain = re.sub(r"[\s$]", "", formula).upper().replace(";", ",").removeprefix("+")
    if match := _GUARDED.fullmatch(plain):
        return _sum(match[1].split(","), guarded=True)
    if match := _SUM.fullmatch(plain):
        return _sum(match[1].split(","), guarded=False)
    return _sum(plain.split("+"), guarded=False) if _PLUS.fullmatch(plain) else None


def _sum(references: list[str], *, guarded: bool) -> Sum | None:
    cells: list[Place] = []
    for reference in references:
        area = parse_range(reference)
        if area is None:
            return None
        _, top, left, bottom, right = area
        if (bottom - top + 1) * (right - left + 1) + len(cells) > MOST:
            return None
        cells += [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
    return Sum(tuple(cells), guarded) if len(set(cells)) == len(cells) else None
