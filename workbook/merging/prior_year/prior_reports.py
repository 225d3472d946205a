"""Reads the reports of an earlier year: from a folder or archive, or from what a merge of that year wrote."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from workbook.excel.reading.file_type import Unreadable
from workbook.exchange import report_json
from workbook.merging.collected_reports import KIND, ReportCollection, ReportRow
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.duplicate_resolution import resolve_duplicates
from workbook.merging.executors import CHUNK
from workbook.merging.file_record import make_record
from workbook.merging.file_status import COUNTED, FileEntry, FileStatus, FoundFile
from workbook.merging.prior_year.summary_reader import read_summary_reports
from workbook.merging.process_file import FileOutcome
from workbook.merging.result_store import ResultStore
from workbook.merging.roster.roster_lines import Roster
from workbook.model.report import Report
from workbook.rules.evaluation import Submission
from workbook.safety.messages import Bilingual, load_messages

messages = load_messages("workbook.merging")


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


def read_prior_reports(
    path: Path,
    *,
    roster: Roster | None = None,
    cache: Path | None = None,
    jobs: int = 1,
) -> PriorYear:
    """Read the reports of an earlier year: all that was submitted.

    Those with errors count, too, and those of agencies that have gone from the roster since. `path` is a
    folder, an archive, one report, or the .json or .xlsx that a merge wrote. Raises Unreadable, with a sentence for the
    user, where no report is in it.
    """
    options = MergeOptions(include_errors=True, roster=roster, include_unlisted=True)
    merged = _open_merged(path)
    damages: list[Bilingual] = []
    if merged is None:
        collection = collect_reports([path], options, cache=cache, jobs=jobs)
    else:
        collection = _store_reports(_sort_out_damages(merged, path.name, damages), options)
    if collection.form is None:
        collection.close()
        raise Unreadable("foreign", messages.get("before.nothing", file=path))
    return PriorYear(collection, path.name or str(path), alone=merged is not None, damages=damages)


def _sort_out_damages(merged: Iterable[Report | Bilingual], name: str, damages: list[Bilingual]) -> Iterator[Report]:
    """The reports of a merge; why others cannot be read is added to `damages`."""
    for number, report in enumerate(merged, 1):
        if isinstance(report, Bilingual):
            damages.append(messages.get("side.damaged", name=name, n=number, why=report))
        else:
            yield report


def _store_reports(reports: Iterable[Report], options: MergeOptions) -> ReportCollection:
    """Collect reports that are in memory, as if each was a file `000001.json`.

    They are not checked again: nobody asks for the findings of an earlier year.
    """
    store, outcomes = ResultStore(), (_make_outcome(number, report) for number, report in enumerate(reports, 1))
    try:
        while chunk := list(islice(outcomes, CHUNK)):
            names = [f"{one.number:06}.json" for one in chunk]
            store.add_files((FoundFile(name, name) for name in names), first=chunk[0].number)
            store.record_outcomes(chunk)
        return resolve_duplicates(store, options)
    except BaseException:
        store.close()
        raise


def _make_outcome(number: int, report: Report) -> FileOutcome:
    record, places = make_record(Submission(Path(), replace(report, sources={})), ())
    sha = hashlib.sha256((record.head + record.body).encode("utf-8", "surrogatepass")).hexdigest()
    return FileOutcome(number, FileStatus.MERGED, sha=sha, record=record, places=places)


def _open_merged(path: Path) -> Iterable[Report | Bilingual] | None:
    """The reports in what a merge wrote, or why one cannot be read; None for anything else."""
    if not path.is_file():
        return None
    if path.suffix.lower() == ".json":
        return _read_json(path)
    try:
        return read_summary_reports(path)
    except (OSError, BadZipFile, Unreadable):
        return None


def read_summary_json(path: Path) -> Mapping[str, Any] | None:
    """The JSON that a merge wrote; None where the file is another, or none that can be read. Raises OSError."""
    try:
        data: Any = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and data.get("kind") == KIND else None


def _read_json(path: Path) -> Iterable[Report | Bilingual] | None:
    data = read_summary_json(path)
    if data is None or not isinstance(data.get("agencies"), list):
        return None
    return (_load_report(one.get("report") if isinstance(one, dict) else None) for one in data["agencies"])


def _load_report(data: object) -> Report | Bilingual:
    try:
        return report_json.load_report_data(data).report
    except report_json.NotAReport as trouble:
        return trouble.message
