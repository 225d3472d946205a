"""`ogi merge`: many reports into one summary: a workbook, and whatever else was asked for."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.cli.check_command import describe_counts
from workbook.cli.console import messages, to_plain_line
from workbook.cli.file_arguments import (
    check_output_paths,
    describe_file_error,
    expand_patterns,
    name_file_in_errors,
    refuse_missing_file,
)
from workbook.cli.progress import MergeProgress
from workbook.excel.reading.file_type import Unreadable
from workbook.merging.attendance import list_chased
from workbook.merging.collected_reports import ReportCollection
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.executors import FileExecutor, count_processors
from workbook.merging.file_status import PENDING, FileEntry, FileStatus
from workbook.merging.prior_year.prior_reports import PriorYear, get_last_year_report, read_prior_reports
from workbook.merging.reading_cache import CacheNotPrivate, get_cache_folder, make_private_folder, prepare_cache_file
from workbook.merging.remote_files import is_url
from workbook.merging.roster.roster_reader import read_roster
from workbook.merging.side_inputs import (
    MergeDecision,
    SideInputProblem,
    count_open_problems,
    find_contradictions,
    find_doubtful_year,
    find_undecided,
    list_refused_decisions,
    make_decision,
    read_decisions,
)
from workbook.merging.totals import MergeResult, merge_reports
from workbook.merging.unattributed_files import list_side_folders
from workbook.model.finding import Severity
from workbook.safety import atomic_write
from workbook.safety.atomic_write import OPEN_FILE_RULE
from workbook.safety.messages import Bilingual, UserError
from workbook.summary import summary_output
from workbook.summary.data.report_table import find_missing_library

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console
    from workbook.merging.roster.roster_lines import Roster

SILENT = frozenset(
    {
        FileStatus.MERGED,
        FileStatus.WARNINGS,
        FileStatus.COMPARED,
        FileStatus.SKIPPED,
        FileStatus.YEAR,
        FileStatus.DUPLICATE,
    }
)
"""Statuses of which only the number of files is printed."""
LISTING = (".xlsx", ".html", ".json")
"""Summaries that list every file."""


def run_merge(args: argparse.Namespace, console: Console) -> int:
    """Write the summary; 1 if files must be settled, reports went back, the sum has errors, or the roster has."""
    started = time.monotonic()
    urls = [name for name in args.paths if is_url(name)]
    paths = expand_patterns([name for name in args.paths if not is_url(name)])
    refuse_missing_file(paths)
    if args.include_unlisted and args.roster is None:
        raise UserError(messages.get("unlisted_alone"))
    targets = check_output_paths(args.output, paths, force=args.force)
    _refuse_unwritable_formats(targets)
    _refuse_submissions(targets, paths)
    _refuse_unwritable_folders(args)
    roster = _read_roster(args)
    decisions = _read_decisions(args, console)
    cache = _prepare_cache(args, console)
    with ExitStack() as closing:
        years = [_read_prior_year(name, roster, args, cache) for name in args.previous or ()]
        for one in years:
            closing.callback(one.close)
        years.sort(key=lambda one: one.year or 0, reverse=True)
        choices = MergeOptions(
            args.year,
            args.include_errors,
            frozenset(one.file for one in decisions if one.counts),
            roster,
            get_last_year_report(years) if years else None,
            tuple(targets),
            frozenset(one.file for one in decisions if one.counts is False),
            args.include_unlisted,
        )
        progress = MergeProgress(console, lines=args.json)
        jobs = args.jobs or count_processors()
        try:
            collection = collect_reports(
                [*paths, *urls], choices, cache=cache, jobs=jobs, takes=_make_cluster(args), progress=progress.reading
            )
        except KeyboardInterrupt:
            progress.clear()
            console.err(console.say("merge_interrupted" if cache else "merge_interrupted_all"))
            raise
        except OSError as trouble:
            if cache is None or not str(trouble.filename).startswith(str(cache)):
                raise
            raise UserError(messages.get("cache_refused", what=describe_file_error(trouble))) from trouble
        closing.callback(collection.close)
        _refuse_faults(list_refused_decisions(decisions, collection), console)
        beside = list_side_folders(
            [Path(one) for one in (args.roster, args.decisions, *(args.previous or ())) if one], paths
        )
        blank = find_undecided(decisions)
        problems = [SideInputProblem(Severity.NOTICE, blank)] if blank else []
        doubt = _find_year_doubt(args, collection)
        problems += [SideInputProblem(Severity.WARNING, doubt)] if doubt else []
        progress.doing("merging")
        merged = merge_reports(collection, name=args.name, roster=roster, past=years, beside=beside, problems=problems)
        if collection.form is None:
            progress.clear()
            for line in [*_describe_side_inputs(merged, console), *_describe_statuses(collection, console, "more")]:
                console.err(line)
            raise UserError(messages.get("merge_nothing", files=len(collection.entries)))
        written, lost = _write_outputs(merged, targets, args, progress)
        seconds = time.monotonic() - started
        cached = cache is not None and collection.store.cache_refusal is None
        return _report_outcome(merged, written, console, progress, seconds, cached=cached, lost=lost)


# what was asked for ---------------------------------------------------------------------------------------------------


def _refuse_unwritable_formats(targets: Sequence[Path]) -> None:
    """Refuse names whose endings mean no format, and parquet where its libraries are not installed."""
    for target in targets:
        if target.suffix.lower() not in summary_output.WRITERS:
            raise UserError(messages.get("suffix", suffix="、".join(summary_output.WRITERS), file=target))
        if target.suffix.lower() == ".parquet" and (missing := find_missing_library()) is not None:
            raise UserError(messages.get("of_file", file=target, what=missing))


def _refuse_submissions(targets: Sequence[Path], paths: Sequence[Path]) -> None:
    """Refuse to write over a report among those to be merged: `-o *.json --force` names one by a slip."""
    from workbook.excel.report_loading import load_submission

    folders = [os.path.realpath(path) for path in paths]
    for target in targets:
        real = Path(os.path.realpath(target))
        if real.is_file() and any(real.is_relative_to(folder) for folder in folders):
            with suppress(Unreadable):
                if not load_submission(target).summary:
                    raise UserError(messages.get("output_is_report", file=target))


def _refuse_unwritable_folders(args: argparse.Namespace) -> None:
    """Refused before any work is done where a folder cannot be written, or the one for letters holds something else."""
    for folder in (Path(one) for one in (args.chase, args.submit) if one):
        if folder.exists() and not folder.is_dir():
            raise UserError(messages.get("parent_is_file", folder=folder))
        above = folder if folder.exists() else folder.absolute().parent
        if not above.is_dir() and folder == Path(args.chase or ""):
            raise UserError(messages.get("no_parent", folder=above))
        if above.is_dir() and not os.access(above, os.W_OK):
            raise UserError(messages.get("no_writing", folder=above))
    if args.chase:
        from workbook.merging.letters.letter_files import refuse_foreign_folder

        with name_file_in_errors(args.chase):
            refuse_foreign_folder(Path(args.chase), force=args.force)


def _read_roster(args: argparse.Namespace) -> Roster | None:
    if args.roster is None:
        return None
    with name_file_in_errors(args.roster):
        roster = read_roster(Path(args.roster))
        if not roster.agencies:
            raise UserError(messages.get("roster_empty"))
    return roster


def _read_prior_year(name: str, roster: Roster | None, args: argparse.Namespace, cache: Path | None) -> PriorYear:
    path = Path(name)
    if not path.exists():
        raise UserError(messages.get("of_file", file=path, what=messages.get("not_found")))
    return read_prior_reports(path, roster=roster, cache=cache, jobs=args.jobs or count_processors())


def _prepare_cache(args: argparse.Namespace, console: Console) -> Path | None:
    """The folder for readings; none where it cannot be trusted, which is reported and stops nothing."""
    if args.no_cache:
        return None
    folder = Path(args.cache).absolute() if args.cache else get_cache_folder()
    if folder is not None:
        try:
            make_private_folder(folder, prepare_cache_file(folder))
        except CacheNotPrivate as why:
            console.err(why.message.say(console.lang))
            return None
        except OSError as trouble:
            raise UserError(messages.get("cache_refused", what=describe_file_error(trouble))) from trouble
    return folder


def _make_cluster(args: argparse.Namespace) -> FileExecutor | None:
    if args.scheduler is None:
        return None
    from workbook.merging.executors import make_cluster_executor

    return make_cluster_executor(args.scheduler)


def _read_decisions(args: argparse.Namespace, console: Console) -> tuple[MergeDecision, ...]:
    """What is decided about files: one by one, or in a file of decisions."""
    found = tuple(make_decision(name, counts=True) for name in args.choose or ())
    if args.decisions:
        with name_file_in_errors(args.decisions):
            found += read_decisions(Path(args.decisions))
    _refuse_faults(find_contradictions(found), console)
    return found


def _refuse_faults(faults: Iterable[Bilingual], console: Console) -> None:
    """Go no further where decisions cannot be carried out: a sum that passes over one would look as if it had not."""
    found = list(faults)
    for line in console.some((one.say(console.lang) for one in found), len(found)):
        console.err(line)
    if found:
        raise UserError(messages.get("decisions_refused", count=len(found)))


def _find_year_doubt(args: argparse.Namespace, collection: ReportCollection) -> Bilingual | None:
    """That another year than the one merged may have been meant, unless the year was given."""
    return find_doubtful_year(collection) if args.year is None else None


# what is written and reported ---------------------------------------------------------------------------------------


def _write_outputs(
    merged: MergeResult, targets: Sequence[Path], args: argparse.Namespace, progress: MergeProgress
) -> tuple[list[Path], list[tuple[Path, Bilingual]]]:
    """Write all that was asked for: what was written, and what was not and why. One that fails costs no other."""
    from workbook.merging.letters.letter_files import FolderNotEmpty

    written: list[Path] = []
    lost: list[tuple[Path, Bilingual]] = []
    for name, write in _list_outputs(merged, targets, args):
        progress.doing("writing", file=name)
        try:
            for path in write():
                written.append(path)  # noqa: PERF402 -- what was written before a failure counts, too
        except FolderNotEmpty as trouble:
            lost.append((name, messages.get("of_file", file=name, what=trouble.message)))
        except UserError as trouble:
            lost.append((name, trouble.message))
        except ImportError as trouble:
            lost.append((name, messages.get("of_file", file=name, what=str(trouble))))
        except OSError as trouble:
            lost.append((name, describe_file_error(trouble)))
            if isinstance(trouble, atomic_write.WrittenAside):
                written.append(trouble.kept)
    return written, lost


def _list_outputs(
    merged: MergeResult, targets: Sequence[Path], args: argparse.Namespace
) -> Iterator[tuple[Path, Callable[[], Iterable[Path]]]]:
    """What is written, each with how."""
    for target in targets:
        yield target, partial(_write_summary, target, merged, targets, args)
    if args.chase:
        yield Path(args.chase), partial(_write_letters, merged, args)
    if args.submit:
        yield Path(args.submit), partial(summary_output.write_submissions, Path(args.submit), merged, force=args.force)


def _write_summary(
    target: Path, merged: MergeResult, targets: Sequence[Path], args: argparse.Namespace
) -> Iterator[Path]:
    """Write the summary; under another name where, without `--force`, a file of that name came while reading."""
    with atomic_write.choose_output_path(target, force=args.force) as path:
        written = summary_output.write_summary(path, merged, lang=args.lang or "zh", named=targets)
        # where the output went elsewhere, what `choose_output_path` raises names that file
        yield from written if path == target else list(written)[1:]


def _write_letters(merged: MergeResult, args: argparse.Namespace) -> Iterator[Path]:
    from workbook.merging.letters.letter_files import write_letters
    from workbook.merging.letters.letter_texts import LetterOccasion

    if _find_year_doubt(args, merged.collection):
        raise UserError(messages.get("chase_year", folder=args.chase, year=merged.collection.year))
    occasion = LetterOccasion(merged.collection.year or 0, args.name or "", "", datetime.date.today())
    write_letters(Path(args.chase), list_chased(merged.collection, merged.attendance), occasion, force=args.force)
    yield Path(args.chase)


def _report_outcome(
    merged: MergeResult,
    written: Sequence[Path],
    console: Console,
    progress: MergeProgress,
    seconds: float,
    *,
    cached: bool,
    lost: Sequence[tuple[Path, Bilingual]] = (),
) -> int:
    collection = merged.collection
    counts = collection.counts()
    unsettled = any(counts[status] for status in PENDING | {FileStatus.ERRORS})
    unsettled = unsettled or bool(count_open_problems(merged.side_input_problems))
    code = 2 if lost else 1 if unsettled or merged.errors or not merged.reconciled else 0
    unwritten = [path for path, _ in lost]
    if progress.lines:
        progress.done(merged, written, code, unwritten)
    else:
        lines = summary_output.list_result_lines(
            merged, written, progress.read, seconds, console.lang, cached=cached, failed=bool(lost)
        )
        for line in lines:
            console.out(to_plain_line(line))
        _report_details(merged, written, console, failed=bool(lost))
    _report_unwritten(lost, console)
    return code


def _report_unwritten(lost: Sequence[tuple[Path, Bilingual]], console: Console) -> None:
    """Report last what could not be written, and why."""
    if len(lost) == 1:
        ((_, why),) = lost
        console.refuse(messages.get("merge_unwritten_one", why=why))
    elif lost:
        for _, why in lost:
            console.refuse(why)
        console.refuse(messages.get("merge_unwritten", files="、".join(str(path) for path, _ in lost)))


def _report_details(merged: MergeResult, written: Sequence[Path], console: Console, *, failed: bool) -> None:
    """What somebody should look at, and what is wrong with the sum; nothing is praised where writing `failed`."""
    collection = merged.collection
    for line in _describe_side_inputs(merged, console):
        console.out(line)
    more = "merge_more" if any(path.suffix.lower() in LISTING for path in written) else "more"
    for line in [*_describe_statuses(collection, console, more), *_describe_open_files(merged, console, more)]:
        console.out(line)
    if merged.findings or not failed:
        console.out(console.say("merge_sum", counts=describe_counts(merged.findings, console)))


def _describe_side_inputs(merged: MergeResult, console: Console) -> Iterator[str]:
    """What is wrong with the roster, earlier years, decisions."""
    return (to_plain_line(words.say(console.lang)) for words in summary_output.list_side_lines(merged))


def _describe_statuses(collection: ReportCollection, console: Console, more: str) -> Iterator[str]:
    """How many files have each status, and the first of those that somebody should look at."""
    for status, count in collection.counts().items():
        if not count:
            continue
        yield console.say("merge_status", status=status.words, count=count)
        if status not in SILENT:
            having = collection.entries.with_status({status})
            yield from console.some(
                (_describe_file(one, one.reason.say(console.lang), console) for one in having), count, more
            )


def _describe_open_files(merged: MergeResult, console: Console, more: str) -> Iterator[str]:
    """The first of the files that somebody seems to have open."""
    noted = merged.notices.findings.items()
    open_ = [(number, found) for number, findings in noted for found in findings if found.rule == OPEN_FILE_RULE]
    entries = merged.collection.entries
    lines = (_describe_file(entries[number - 1], found.message(console.lang), console) for number, found in open_)
    yield from console.some(lines, len(open_), more)


def _describe_file(entry: FileEntry, why: str, console: Console) -> str:
    return to_plain_line(console.say("merge_file", place=entry.place, why=why))
