"""What tells agencies apart, and what tells two reports of one agency apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from workbook.finding import Words
from workbook.form import Cell
from workbook.harmless import folded
from workbook.identity import Identity, credit_code_problem
from workbook.merging.words import said
from workbook.report import Report, shown


def valid_code(agency: Identity) -> str:
    """The credit code as it is compared; blank where it cannot be one (then it identifies nobody)."""
    code = folded(agency.code).upper()
    return "" if len(set(code)) < 2 or credit_code_problem(code) else code


def keys(agencies: Sequence[Identity]) -> list[str]:
    """What tells agencies apart, one key each: equal keys are one agency.

    The credit code; where there is none the name, or the code that goes with that name in the other reports if only
    one does. An agency with neither is like no other.
    """
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for agency in agencies:
        if code := valid_code(agency):
            codes[folded(agency.name)].add(code)
    found = []
    for n, agency in enumerate(agencies):
        name = folded(agency.name)
        code = valid_code(agency)
        if not code and name and len(codes[name]) == 1:
            (code,) = codes[name]
        found.append(code or name or f"#{n}")
    return found


def differing(reports: Sequence[Report]) -> list[Cell]:
    """The cells in which reports of one form do not agree, in form order."""
    first = reports[0]
    return [cell for cell in first.form.cells if any(one[cell.code] != first[cell.code] for one in reports[1:])]


def named_difference(cell: Cell, reports: Sequence[Report]) -> Words:
    """One such cell with the figures of each report."""
    return said("why.difference", place=cell.words, values="／".join(shown(one[cell.code], cell) for one in reports))
