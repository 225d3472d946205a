"""Files of a merge that somebody has open: what was read may not be what the agency will save."""

from __future__ import annotations

from dataclasses import replace

from workbook.finding import Source
from workbook.held import OPEN, held_by, is_mark
from workbook.merging.collection import Collection
from workbook.merging.rows import Notices
from workbook.merging.status import Status
from workbook.rulebook import finding


def with_opened(notices: Notices, collection: Collection) -> Notices:
    """The notices, and one for every report beside which lies the little file of a program that has it open."""
    found = dict(notices.findings)
    collection.ledger.change("CREATE INDEX IF NOT EXISTS temp.file_place ON file (place)", [()])
    for one in list(collection.having(frozenset({Status.SKIPPED}))):
        folder, slash, name = one.place.rpartition("/")
        if is_mark(name):
            place = folder + slash + held_by(name)
            for entry in collection.entries.where("form <> '' AND place = ?", (place,)):
                told = replace(finding(OPEN, mark=name), source=Source(held_by(name)))
                found[entry.number] = (*found.get(entry.number, ()), told)
    return notices._replace(findings=found)
