"""What tells agencies apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from workbook.harmless import folded
from workbook.identity import Identity, credit_code_problem


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
