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

from workbook.form import Form
from workbook.identity import Identity
from workbook.merging.cluster.dask import Client, Future, Read, all_done, reached, read_there
from workbook.merging.collecting import Choices, Progress, collect_into
from workbook.merging.collection import Collection
from workbook.merging.ledger import Ledger, Readings, program
from workbook.merging.mapped import mapped
from workbook.merging.pool import CHUNK
from workbook.merging.record import Record, body_of, head_of, report_of
from workbook.merging.summing import Sum, common_region
from workbook.merging.take import Taken, Task, take
from workbook.numbers import Value
from workbook.report import Report
from workbook.safety.messages import load_messages

messages = load_messages("workbook.merging")

BRANCHES = 16
"""So many partial sums are added at a time."""

# what a worker does ---------------------------------------------------------------------------------------------------


def _heads(read: Read) -> Read:
    """The same without figures and findings: these stay where they are."""
    return Read([one._replace(record=_head(one.record), places="") for one in read.taken], read.unseen)


def _head(record: Record | None) -> Record | None:
    return None if record is None else record._replace(body="")


def _record(read: Read, number: object) -> Record | None:
    return next((one.record for one in read.taken if one.number == number), None)


class Part(NamedTuple):
    """The sum of some reports: a report again, without its form, which all have."""

    values: tuple[Value, ...]
    merged: int

    def report(self, form: Form, year: int | None = None, agency: Identity = Identity()) -> Report:  # noqa: B008
        """The report it is."""
        return Report(form, year, agency, self.values, merged=self.merged)


def _part(read: Read, numbers: Sequence[int], form: Form) -> Part:
    """The sum of those files of a chunk that count."""
    total, wanted = Sum(form), frozenset(numbers)
    for one in read.taken:
        if one.number in wanted and one.record is not None:
            report = report_of(head_of(one.record.head), body_of(one.record.body, "", findings=False), {}, "")
            total.add(mapped(report, form).report.values, report.merged)
    return Part(total.values(), total.agencies)


def _added(parts: Sequence[Part], form: Form) -> Part:
    both = reduce(Report.__add__, (part.report(form) for part in parts))
    return Part(both.values, both.merged)


# where the figures are ------------------------------------------------------------------------------------------------


class _Kept:
    """Where the records of files are: on the worker that read them, reached by their number."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.chunks: dict[int, Future] = {}

    def takes(self, tasks: Iterable[Task], _: Path | None) -> Iterator[list[Taken]]:
        """Take in files; only heads come here. What no worker sees is read here, and stays here."""
        for read in all_done(self.client, tasks, CHUNK, self._ask):
            for task in read.unseen:
                del self.chunks[task.number]
            yield read.taken + take(read.unseen, None)

    def _ask(self, chunk: Sequence[Task]) -> Future:
        read = self.client.submit(read_there, chunk, None, program(), pure=False)
        self.chunks |= {task.number: read for task in chunk}
        return self.client.submit(_heads, read, pure=False)

    def record(self, number: object) -> Record | None:
        """The whole record of one file."""
        found: Record | None = self.client.submit(_record, self.chunks[int(str(number))], number, pure=False).result()
        return found

    def sum(self, numbers: Sequence[int], form: Form) -> Part | None:
        """The sum of these files, added chunk by chunk where they are, then these sums as a tree; None of none."""
        shared = self.client.submit(copy.copy, form, pure=False)
        some = groupby(numbers, key=self.chunks.__getitem__)
        parts = [self.client.submit(_part, chunk, list(own), shared, pure=False) for chunk, own in some]
        while len(parts) > 1:
            branches = [parts[n : n + BRANCHES] for n in range(0, len(parts), BRANCHES)]
            parts = [self.client.submit(_added, branch, shared, pure=False) for branch in branches]
        return parts[0].result() if parts else None


class _Far(Readings):
    """Readings of which only heads are here: a body is asked for when a file must be compared with another."""

    def __init__(self, near: Readings, ledger: Ledger, kept: _Kept) -> None:
        vars(self).update(vars(near))  # the same database
        self._ledger, self._kept = ledger, kept
        ledger.change("CREATE INDEX IF NOT EXISTS temp.file_sha ON file (sha)", [()])

    def record(self, sha: str, kind: str) -> Record | None:
        """The record of that content, from the cluster where it is not here."""
        record = super().record(sha, kind)
        if record is None or record.body:
            return record
        rows = self._ledger.rows("SELECT number FROM file WHERE sha = ? AND kind = ? AND form <> ''", (sha, kind))
        return self._kept.record(next(n for (n,) in rows if n in self._kept.chunks))


@contextmanager
def merged_sum(
    scheduler: str,
    paths: Sequence[Path | str],
    choices: Choices = Choices(),  # noqa: B008 -- immutable
    *,
    progress: Progress | None = None,
) -> Iterator[tuple[Collection, Report]]:
    """What became of every file, and the sum of those that count, where nobody asks for figures agency by agency.

    The same statuses and the same sum as on one machine; but figures and findings stay on the workers, and only what
    tells files apart comes here. A report of the collection is fetched when asked for, one by one, and without where
    its figures stood: not the way to see all (that is `cluster.takes`), nor to compare all with last year
    (`choices.before`). Both end with the block. Raises OutOfReach; LookupError where no report is there to merge.
    """
    with reached(scheduler) as client:
        kept, ledger = _Kept(client), Ledger()
        ledger.readings = _Far(ledger.readings, ledger, kept)
        with collect_into(ledger, paths, choices, takes=kept.takes, progress=progress) as collection:
            yield collection, _summed(collection, kept)


def _summed(collection: Collection, kept: _Kept) -> Report:
    form = collection.form
    if form is None:
        raise LookupError("no report to merge")
    numbers: list[int] = []
    regions: set[str] = set()
    here = Sum(form)
    for entry in collection.counted:
        regions.add(entry.agency.region)
        if entry.number in kept.chunks:
            numbers.append(entry.number)
        else:
            here.add(mapped(collection.report(entry), form).report.values)
    sums = [Part(here.values(), here.agencies)] if here.reports else []
    part = kept.sum(numbers, form)
    total = _added([*sums, part] if part else sums, form) if sums or part else Part((None,) * len(form.cells), 0)
    agency = Identity(name=messages.text("sum.name", n=total.merged), region=common_region(regions))
    return total.report(form, collection.year, agency)
