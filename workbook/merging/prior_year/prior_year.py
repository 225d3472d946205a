"""An earlier year: the reports of it that counted, by agency."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from workbook.merging.collected_reports import ReportCollection, ReportRow
from workbook.merging.file_status import COUNTED, FileEntry
from workbook.model.report import Report
from workbook.safety.messages import Bilingual


class PriorYear:
    """The reports of an earlier year that counted, by agency. Close it when done."""

    def __init__(
        self, collection: ReportCollection, name: str = "", *, alone: bool = False, damages: Sequence[Bilingual] = ()
    ) -> None:
        """`name` is what was given; `alone` says that it is one file, `damages` what of that could not be read."""
        self.collection = collection
        self.name = name
        self.alone = alone
        self.damages = tuple(damages)
        self.year = collection.year

    def called(self, entry: FileEntry) -> str:
        """A file of it as a user knows it: of what one merge wrote, the agency, for there its reports are no files."""
        return (entry.agency.name or entry.agency.code or f"#{entry.number}") if self.alone else entry.place

    def close(self) -> None:
        """Forget the files."""
        self.collection.close()

    def report(self, key: str) -> Report | None:
        """The report of the agency with that key; None where there is none."""
        found = (one for one in self.collection.entries.with_key(key) if one.status in COUNTED)
        entry = next(found, None)
        return None if entry is None else self.collection.report(entry)

    def is_before(self, year: int | None) -> bool:
        """Whether it can be compared with: not where it is known to be of that year or a later one."""
        return self.year is None or year is None or self.year < year

    def rows(self) -> Iterator[ReportRow]:
        """All of them."""
        return self.collection.rows()


def get_last_year_report(years: Sequence[PriorYear]) -> Callable[[str, int | None], Report | None]:
    """The report of an agency by its key, of the latest of these years that is before the one merged."""

    def report(key: str, year: int | None) -> Report | None:
        return next((one.report(key) for one in years if one.is_before(year)), None)

    return report
