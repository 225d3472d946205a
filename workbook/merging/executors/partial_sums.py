"""A sum added where the files were read: partial sums are reports themselves, so they are added as a tree on a cluster.

For a whole country, where nobody asks for the figures agency by agency: only what tells files apart comes to this
machine, figures and findings stay on the workers.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from workbook.merging.collected_reports import ReportCollection, convert_to_form
from workbook.merging.collection_run import MergeOptions, Progress, collect_into_store
from workbook.merging.executors.dask_cluster import (
    ChunkResult,
    Client,
    Future,
    await_all,
    connect_cluster,
    read_on_worker,
)
from workbook.merging.executors.process_pool import CHUNK
from workbook.merging.file_record import FileRecord, load_record_report, read_record_body, read_record_head
from workbook.merging.process_file import FileOutcome, FileTask, process_files
from workbook.merging.result_store import ReadingCache, ResultStore, fingerprint_program
from workbook.merging.totals import RunningTotal, find_common_region
from workbook.model.form import Form
from workbook.model.identity import Identity
from workbook.model.numbers import Value
from workbook.model.report import Report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging")

BRANCHES = 16
"""So many partial sums are added at a time."""

# what a worker does ---------------------------------------------------------------------------------------------------


def _heads(read: ChunkResult) -> ChunkResult:
    """The same without figures and findings: these stay where they are."""
    return ChunkResult([one._replace(record=_head(one.record), places="") for one in read.taken], read.unseen)


def _head(record: FileRecord | None) -> FileRecord | None:
    return None if record is None else record._replace(body="")


def _record(read: ChunkResult, number: object) -> FileRecord | None:
    return next((one.record for one in read.taken if one.number == number), None)


class PartialSum(NamedTuple):
    """The sum of some reports: a report again, without its form, which all have."""

    values: tuple[Value, ...]
    merged: int

    def report(self, form: Form, year: int | None = None, agency: Identity = Identity()) -> Report:  # noqa: B008
        """The report it is."""
        return Report(form, year, agency, self.values, merged=self.merged)


def _part(read: ChunkResult, numbers: Sequence[int], form: Form) -> PartialSum:
    """The sum of those files of a chunk that count."""
    total, wanted = RunningTotal(form), frozenset(numbers)
    for one in read.taken:
        if one.number in wanted and one.record is not None:
            report = load_record_report(
                read_record_head(one.record.head), read_record_body(one.record.body, "", findings=False), {}, ""
            )
            total.add(convert_to_form(report, form).report.values, report.merged)
    return PartialSum(total.values(), total.agencies)


def _added(parts: Sequence[PartialSum], form: Form) -> PartialSum:
    both = reduce(Report.__add__, (part.report(form) for part in parts))
    return PartialSum(both.values, both.merged)


# where the figures are ------------------------------------------------------------------------------------------------


class _Kept:
    """Where the records of files are: on the worker that read them, reached by their number."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.chunks: dict[int, Future] = {}

    def takes(self, tasks: Iterable[FileTask], _: Path | None) -> Iterator[list[FileOutcome]]:
        """Take in files; only heads come here. What no worker sees is read here, and stays here."""
        for read in await_all(self.client, tasks, CHUNK, self._ask):
            for task in read.unseen:
                del self.chunks[task.number]
            yield read.taken + process_files(read.unseen, None)

    def _ask(self, chunk: Sequence[FileTask]) -> Future:
        read = self.client.submit(read_on_worker, chunk, None, fingerprint_program(), pure=False)
        self.chunks |= {task.number: read for task in chunk}
        return self.client.submit(_heads, read, pure=False)

    def record(self, number: object) -> FileRecord | None:
        """The whole record of one file."""
        found: FileRecord | None = self.client.submit(
            _record, self.chunks[int(str(number))], number, pure=False
        ).result()
        return found

    def sum(self, numbers: Sequence[int], form: Form) -> PartialSum | None:
        """The sum of these files, added chunk by chunk where they are, then these sums as a tree; None of none."""
        shared = self.client.submit(copy.copy, form, pure=False)
        some = groupby(numbers, key=self.chunks.__getitem__)
        parts = [self.client.submit(_part, chunk, list(own), shared, pure=False) for chunk, own in some]
        while len(parts) > 1:
            branches = [parts[n : n + BRANCHES] for n in range(0, len(parts), BRANCHES)]
            parts = [self.client.submit(_added, branch, shared, pure=False) for branch in branches]
        return parts[0].result() if parts else None


class _Far(ReadingCache):
    """Readings of which only heads are here: a body is asked for when a file must be compared with another."""

    def __init__(self, near: ReadingCache, ledger: ResultStore, kept: _Kept) -> None:
        vars(self).update(vars(near))  # the same database
        self._ledger, self._kept = ledger, kept
        ledger.change("CREATE INDEX IF NOT EXISTS temp.file_sha ON file (sha)", [()])

    def record(self, sha: str, kind: str) -> FileRecord | None:
        """The record of that content, from the cluster where it is not here."""
        record = super().record(sha, kind)
        if record is None or record.body:
            return record
        rows = self._ledger.rows("SELECT number FROM file WHERE sha = ? AND kind = ? AND form <> ''", (sha, kind))
        return self._kept.record(next(n for (n,) in rows if n in self._kept.chunks))


@contextmanager
def sum_on_cluster(
    scheduler: str,
    paths: Sequence[Path | str],
    choices: MergeOptions = MergeOptions(),  # noqa: B008 -- immutable
    *,
    progress: Progress | None = None,
) -> Iterator[tuple[ReportCollection, Report]]:
    """What became of every file, and the sum of those that count, where nobody asks for figures agency by agency.

    The same statuses and the same sum as on one machine; but figures and findings stay on the workers, and only what
    tells files apart comes here. A report of the collection is fetched when asked for, one by one, and without where
    its figures stood: not the way to see all (that is `cluster.takes`), nor to compare all with last year
    (`choices.before`). Both end with the block. Raises OutOfReach; LookupError where no report is there to merge.
    """
    with connect_cluster(scheduler) as client:
        kept, ledger = _Kept(client), ResultStore()
        ledger.readings = _Far(ledger.readings, ledger, kept)
        with collect_into_store(ledger, paths, choices, takes=kept.takes, progress=progress) as collection:
            yield collection, _summed(collection, kept)


def _summed(collection: ReportCollection, kept: _Kept) -> Report:
    form = collection.form
    if form is None:
        raise LookupError("no report to merge")
    numbers: list[int] = []
    regions: set[str] = set()
    here = RunningTotal(form)
    for entry in collection.counted:
        regions.add(entry.agency.region)
        if entry.number in kept.chunks:
            numbers.append(entry.number)
        else:
            here.add(convert_to_form(collection.report(entry), form).report.values)
    sums = [PartialSum(here.values(), here.agencies)] if here.reports else []
    part = kept.sum(numbers, form)
    total = _added([*sums, part] if part else sums, form) if sums or part else PartialSum((None,) * len(form.cells), 0)
    agency = Identity(name=messages.text("sum.name", n=total.merged), region=find_common_region(regions))
    return total.report(form, collection.year, agency)
