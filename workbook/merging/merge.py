"""Reports → their sum, which is a report again: checked by the same rules, exported and rolled up like any other."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

from workbook.check import check_figures
from workbook.finding import Finding, Severity
from workbook.forms import form_ids, load
from workbook.identity import Identity, region_problem
from workbook.merging.status import Collection, Entry
from workbook.merging.words import word
from workbook.migrate import migrate
from workbook.report import Report, empty


@dataclass(frozen=True, slots=True)
class Merged:
    """A collection and its sum.

    `parts` are the reports summed, in the order of `collection.counted`, all in the form of the sum; `findings` those
    of the sum itself; `blanks`, cell by cell, in how many parts no number stands.
    """

    collection: Collection
    report: Report
    parts: tuple[Report, ...]
    findings: tuple[Finding, ...]
    blanks: tuple[int, ...]

    @property
    def counted(self) -> tuple[Entry, ...]:
        """The files whose figures are in the sum, one an agency."""
        return self.collection.counted

    @property
    def errors(self) -> int:
        """How many rules the sum breaks."""
        return sum(1 for found in self.findings if found.severity is Severity.ERROR)


def merge(collection: Collection, *, name: str | None = None) -> Merged:
    """The sum of a collection's reports; `name` is what the sum is called.

    With nothing to merge the sum is an empty report of no agency. Where regional supplements differ, the rows they
    add are left out: only the national form's can be summed.
    """
    form = collection.form or load(form_ids()[-1])
    parts = tuple(migrate(report, form).report for report in collection.reports)
    nothing = replace(empty(form, collection.year), merged=0)
    called = word("sum.name", n=len(parts)) if name is None else name
    agency = Identity(name=called, region=common_region([part.agency.region for part in parts]))
    report = replace(reduce(operator.add, parts, nothing), agency=agency)
    findings = tuple(check_figures(report)) if parts else ()
    blanks = tuple(sum(1 for part in parts if part.number(cell.index) is None) for cell in form.cells)
    return Merged(collection, report, parts, findings, blanks)


def common_region(regions: Sequence[str]) -> str:
    """The region that all lie in (110105, 110108 → 110100); blank if they share none or one is unknown."""
    if not regions or any(not region or region_problem(region) for region in regions):
        return ""
    shared = (regions[0][:n] for n in (6, 4, 2) if len({region[:n] for region in regions}) == 1)
    return next((prefix.ljust(6, "0") for prefix in shared), "")
