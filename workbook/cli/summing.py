"""`ogi merge`: many reports into one summary workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workbook import intake, jsonio, whole
from workbook.cli.console import plain
from workbook.cli.files import expanded, outputs
from workbook.cli.findings import counted
from workbook.cli.words import Refused, both
from workbook.finding import Words
from workbook.merging.collect import collect
from workbook.merging.merge import Merged, merge
from workbook.merging.status import PENDING, Collection, Status
from workbook.reading.recognise import Unreadable

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console
    from workbook.submission import Submission

SILENT = (Status.MERGED, Status.SKIPPED)
"""Files of which only the number is said."""


def run_merge(args: argparse.Namespace, console: Console) -> int:
    """Write the summary workbook; 1 if files must be settled, have errors, or the sum has errors."""
    paths = expanded(args.paths)
    for path in paths:
        if not path.exists():
            raise Refused(both("of_file", file=path, what=both("not_found")))
    (target,) = outputs([args.output], paths, force=args.force, suffix=".xlsx")
    json_target = next(iter(outputs([args.json], paths, force=args.force, suffix=".json")), None)
    collection = collect(
        paths,
        year=args.year,
        hold_errors=args.hold_errors,
        output=target,
        load=_reader(json_target),
        progress=console.report_progress,
    )
    if not collection.counted:
        for line in _statuses(collection, console):
            console.err(line)
        raise Refused(both("merge_nothing", files=len(collection.entries)))
    merged = merge(collection)
    from workbook.merging.summary import summary_of  # the writer is not needed where there is nothing to write

    whole.write_bytes(target, summary_of(merged))
    if json_target is not None:
        whole.write_text(json_target, jsonio.dumps(merged.report))
    return _tell(merged, target, json_target, console)


def _reader(own: Path | None) -> Callable[[Path], Submission]:
    """How a file is read, but for the JSON that is about to be written: a sum is no part of itself."""

    def read(path: Path) -> Submission:
        if own is not None and own.exists() and path.samefile(own):
            raise Unreadable("foreign", Words(*both("merge_own")))
        return intake.load(path)

    return read


def _tell(merged: Merged, target: Path, json_target: Path | None, console: Console) -> int:
    collection = merged.collection
    year = both("year_unknown") if collection.year is None else collection.year
    facts = {"agencies": len(collection.counted), "files": len(collection.entries)}
    console.out(console.say("merge_done", file=target, year=year, form=merged.report.form.id, **facts))
    if json_target is not None:
        console.out(console.say("made", file=json_target))
    for line in _statuses(collection, console):
        console.out(line)
    console.out(console.say("merge_sum", counts=counted(merged.findings, console)))
    unsettled = any(one.status in PENDING or one.status is Status.ERRORS for one in collection.entries)
    return 1 if unsettled or merged.errors else 0


def _statuses(collection: Collection, console: Console) -> Iterator[str]:
    """How many files have each status, and which files somebody should look at."""
    for status, count in collection.counts().items():
        if not count:
            continue
        yield console.say("merge_status", status=tuple(status.words), count=count)
        for one in collection.entries if status not in SILENT else ():
            if one.status is status:
                why = one.why.say(console.lang) or counted(one.findings, console)
                yield plain(console.say("merge_file", place=one.place, why=why))
