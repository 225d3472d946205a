"""An earlier year: the reports of it that counted, by agency."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.merging.collection import Collection
from workbook.merging.rows import Row
from workbook.merging.status import COUNTED
from workbook.report import Report


class Past:
    """The reports of an earlier year that counted, by agency. Close it when done."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.year = collection.year
        collection.ledger.change("CREATE INDEX IF NOT EXISTS temp.file_key ON file (key)", [()])

    def close(self) -> None:
        """Forget the files."""
        self.collection.close()

    def report(self, key: str) -> Report | None:
        """The report of the agency with that key; None where there is none."""
        found = (one for one in self.collection.entries.where("key = ?", (key,)) if one.status in COUNTED)
        entry = next(found, None)
        return None if entry is None else self.collection.report(entry)

    def rows(self) -> Iterator[Row]:
        """All of them."""
        return self.collection.rows()
