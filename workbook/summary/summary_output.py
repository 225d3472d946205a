"""Writes what a merge gives: the summary in the format of its name, workbooks to submit further up, and ten lines."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from workbook.merging.attendance import AttendanceState
from workbook.merging.file_status import COUNTED, NOTHING, PENDING, FileStatus
from workbook.merging.hierarchy.hierarchy_sums import make_node_submission
from workbook.merging.side_inputs import count_open_problems
from workbook.merging.totals import MergeResult
from workbook.model.finding import Severity
from workbook.safety import atomic_write
from workbook.safety.messages import PLUS, Bilingual, join_texts, load_messages
from workbook.safety.unsafe_text import FileNames

messages = load_messages("workbook.merging")

LARGE = 20_000
"""From so many agencies on, details go into parquet and csv beside the workbook: a sheet of that size helps few."""


def write_summary(target: Path, merged: MergeResult, lang: str = "zh", named: Sequence[Path] = ()) -> Iterator[Path]:
    """Write the summary in the format of the name; every file written, the one asked for first. Raises OSError.

    Beside a large workbook come details that nobody has named: never over a file that is there, nor where an output
    that is `named` goes.
    """
    WRITERS[target.suffix.lower()](target, merged, lang)
    yield target
    if merged.agencies >= LARGE and target.suffix.lower() == ".xlsx":
        for suffix in (".csv", ".parquet"):
            beside = target.with_suffix(suffix)
            if beside not in named:
                beside = atomic_write.find_free_name(beside)
                WRITERS[suffix](beside, merged, lang)
                yield beside


def _workbook(target: Path, merged: MergeResult, lang: str) -> None:  # noqa: ARG001
    from workbook.summary.excel.summary_workbook import write_summary

    write_summary(target, merged)


def _json(target: Path, merged: MergeResult, lang: str) -> None:  # noqa: ARG001 -- it holds both languages
    from workbook.summary import summary_json

    summary_json.write_summary_json(target, merged)


def _parquet(target: Path, merged: MergeResult, lang: str) -> None:  # noqa: ARG001
    from workbook.summary.data.dataframe import write_parquet

    write_parquet(target, merged.report.form, merged.collection.reports)


def _csv(target: Path, merged: MergeResult, lang: str) -> None:
    from workbook.summary.data.report_table import write_csv

    write_csv(target, merged.report.form, merged.collection.reports, lang)


def _page(target: Path, merged: MergeResult, lang: str) -> None:  # noqa: ARG001
    from workbook.summary.page.page_data import collect_page_data
    from workbook.summary.page.page_writer import write_page

    write_page(target, collect_page_data(merged))


WRITERS: Mapping[str, Callable[[Path, MergeResult, str], None]] = MappingProxyType(
    {".xlsx": _workbook, ".json": _json, ".parquet": _parquet, ".csv": _csv, ".html": _page}
)
"""What writes the summary, by the end of the file's name."""


def write_submissions(folder: Path, merged: MergeResult, *, force: bool = False) -> Iterator[Path]:
    """Workbooks to hand in one level up: the sum of every agency with others below it; without a roster, the sum.

    Written as the form's own template, so that the office above reads them like any other. FileExistsError where one
    is there already, unless `force`.
    """
    from workbook.excel.template.template_writer import write_workbook

    folder.mkdir(parents=True, exist_ok=True)
    reports = [make_node_submission(node) for node in merged.nodes] or [merged.report]
    names = FileNames("")
    targets = [folder / names.take(f"{report.agency.name}-{report.year}", ".xlsx") for report in reports]
    for target in targets:
        _refuse_one_there(target, force=force)
    atomic_write.remove_abandoned_files(folder)
    for target, report in zip(targets, reports, strict=True):
        _refuse_one_there(target, force=force)  # writing the others took a while
        write_workbook(target, report)
        yield target


def _refuse_one_there(target: Path, *, force: bool) -> None:
    if os.path.lexists(target) and not force:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))


NAMED = 20
"""So many of the files written are named."""
LACKING_NAMED = 5
"""So many of the agencies that are in no sum are named."""

# in ten lines ---------------------------------------------------------------------------------------------------------


def list_result_lines(
    merged: MergeResult,
    written: Sequence[Path],
    read: int,
    seconds: float,
    lang: str = "zh",
    *,
    cached: bool = True,
    failed: bool = False,
) -> list[str]:
    """What happened, for a coordinator: at most ten lines. `read` files were read in so many seconds.

    `cached` says that their readings are there for the next merge; `failed` that not all was written, and then nothing
    is praised.
    """
    figures = [line for line, good in _describe_sum(merged) if not (failed and good)]
    lines = [
        *_describe_files(merged, failed=failed),
        *_describe_attendance(merged),
        *figures,
        *_describe_notices(merged),
    ]
    if written:
        lines.append(messages.get("lines.written", files=_name_files(written)))
    lines.append(messages.get("lines.took_once" if cached else "lines.took", seconds=f"{seconds:.1f}", files=read))
    return [line.say(lang) for line in lines]


def list_side_lines(merged: MergeResult, most: int = 20) -> Iterator[Bilingual]:
    """What is wrong with the roster, earlier years and the like: how much, the first of it, and what lacks by it."""
    problems = merged.side_input_problems
    if problems:
        open_ = count_open_problems(problems)
        yield messages.get("side.title", n=open_) if open_ else messages.get("side.title_notices", n=len(problems))
    yield from (one.words for one in sorted(problems, key=lambda one: one.severity is Severity.NOTICE)[:most])
    if len(problems) > most:
        yield messages.get("side.rest", n=len(problems) - most)
    if merged.lacking:
        yield describe_lacking(merged)


def describe_lacking(merged: MergeResult) -> Bilingual:
    """That agencies are in nobody's sum though they state somebody above them: how many, and the first of them."""
    return messages.get("side.lacking", n=len(merged.lacking), names=join_texts(merged.lacking, most=LACKING_NAMED))


def _name_files(written: Sequence[Path]) -> Bilingual:
    """The files written; where workbooks to hand in are many, the first and how many more."""
    names = join_texts(map(str, written[:NAMED]))
    return names.then(messages.get("lines.more", count=len(written) - NAMED)) if len(written) > NAMED else names


def _describe_files(merged: MergeResult, *, failed: bool) -> Iterator[Bilingual]:
    """The year and form merged; and the files found, as the sum of what became of them."""
    collection = merged.collection
    year = collection.year if collection.year is not None else messages.get("why.no_year")
    unlisted = collection.unlisted()
    facts = {"year": year, "form": merged.report.form.id, "agencies": merged.agencies, "unlisted": unlisted}
    yield messages.get(
        "lines.unwritten" if failed else "lines.merged_unlisted" if unlisted else "lines.merged", **facts
    )
    counts = collection.counts()
    parts = [messages.get("lines.part", name=status.words, count=count) for status, count in counts.items() if count]
    yield messages.get("lines.files", files=sum(counts.values()), parts=join_texts(parts, PLUS))
    pending = sum(counts[status] for status in PENDING)
    if pending:
        yield messages.get("lines.pending", count=pending)


def _describe_attendance(merged: MergeResult) -> Iterator[Bilingual]:
    """The roll call, if there is a roster."""
    attendance = merged.attendance
    if attendance is None:
        return
    states = [seat.state for seat in attendance.seats]
    parts = [
        messages.get("lines.part", name=state.words, count=states.count(state))
        for state in AttendanceState
        if state in states
    ]
    yield messages.get("lines.roster", agencies=len(states), parts=join_texts(parts, PLUS))
    yield from list_unknown_lines(merged)
    differing = sum(1 for node in merged.nodes if node.against)
    if differing:
        yield messages.get("lines.against", count=differing)


def list_unknown_lines(merged: MergeResult) -> Iterator[Bilingual]:
    """How many files there are whose agency is unknown, and how many reports are of nobody on the roster."""
    attendance = merged.attendance
    if attendance is None:
        return
    if attendance.unattributed:
        unverified = attendance.count(AttendanceState.UNVERIFIED)
        so = messages.get("lines.unverified") if unverified else NOTHING
        yield messages.get("lines.unattributed", count=len(attendance.unattributed), so=so)
    if attendance.unlisted:
        count, counted = len(attendance.unlisted), merged.collection.unlisted()
        among = messages.get("lines.among", n=attendance.among) if attendance.among else NOTHING
        yield messages.get("lines.strangers", count=count, counted=counted, out=count - counted, among=among)


def _describe_sum(merged: MergeResult) -> Iterator[tuple[Bilingual, bool]]:
    """Whether every figure read is in the sum, and whether the sum keeps the rules; each with whether that is good."""
    figures = merged.agencies * len(merged.report.form.cells)
    files, sums = merged.control
    key = "lines.reconciled" if merged.reconciled else "lines.lost"
    yield messages.get(key, figures=figures, agencies=merged.agencies, files=files, sums=sums), merged.reconciled
    broken = merged.errors
    yield messages.get("lines.sum_bad", count=broken) if broken else messages.get("lines.sum_good"), not broken


def _describe_notices(merged: MergeResult) -> Iterator[Bilingual]:
    """How much there is to look at besides."""
    counts = merged.collection.counts()
    noted = sum(len(found) for found in merged.notices.findings.values())
    open_ = sum(counts[status] for status in (FileStatus.WARNINGS, FileStatus.ERRORS) if status in COUNTED)
    if open_ or noted:
        yield messages.get("lines.noted", agencies=open_, noted=noted)
