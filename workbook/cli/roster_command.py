"""`ogi roster`: the roster of agencies, empty or drafted from the reports handed in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.cli.console import messages, to_plain_line
from workbook.cli.file_arguments import OutputFiles, check_output_paths, expand_patterns, refuse_missing_file
from workbook.merging.roster.roster_lines import Roster
from workbook.merging.roster.roster_writer import build_roster_template, write_roster
from workbook.safety import atomic_write
from workbook.safety.messages import UserError

if TYPE_CHECKING:
    import argparse

    from workbook.cli.console import Console
    from workbook.merging.file_status import FileEntry

SUFFIXES = (".xlsx", ".csv")


def run_roster(args: argparse.Namespace, console: Console) -> int:
    """Write the roster asked for; 1 if files could not be read, so that agencies may be missing from a draft."""
    return _make_empty(args, console) if args.action == "new" else _draft_from_reports(args, console)


def _make_empty(args: argparse.Namespace, console: Console) -> int:
    if len(args.paths) != 1 or args.output is not None:
        raise UserError(messages.get("roster_one"))
    target = _check_target(args.paths[0], [], force=args.force)
    with atomic_write.choose_output_path(target, force=args.force) as place:
        if target.suffix.lower() == ".csv":
            write_roster(place, Roster())
        else:
            atomic_write.write_bytes(place, build_roster_template())
    console.out(console.say("roster_new", file=target))
    return 0


def _check_target(name: str, inputs: Sequence[Path], *, force: bool) -> Path:
    if Path(name).suffix.lower() not in SUFFIXES:
        raise UserError(messages.get("roster_suffix", file=name))
    return check_output_paths([name], inputs, force=force)[0]


def _draft_from_reports(args: argparse.Namespace, console: Console) -> int:
    from workbook.merging.collection_run import MergeOptions, collect_reports
    from workbook.merging.file_status import FileStatus
    from workbook.merging.roster.roster_writer import draft_roster

    if args.output is None:
        raise UserError(messages.get("roster_no_output"))
    paths = expand_patterns(args.paths)
    refuse_missing_file(paths)
    target = _check_target(args.output, paths, force=args.force)

    def progress(done: int, count: int, place: str) -> None:
        console.report_progress(done, count, Path(place))

    with collect_reports(paths, MergeOptions(include_errors=True, outputs=(target,)), progress=progress) as collection:
        files = len(collection.entries)
        reports = [one.agency for one in collection.entries.with_report()]
        unnamed = [one for one in collection.entries.with_report() if not (one.agency.name or one.agency.code)]
        unread = list(collection.entries.with_status({FileStatus.UNREADABLE}))
    roster = draft_roster(reports)
    if not roster.agencies:
        raise UserError(messages.get("roster_nothing", files=files))
    written = OutputFiles(force=args.force)
    with written.placed(target) as place:
        write_roster(place, roster)
    (target,) = written.paths
    facts = {"agencies": len(roster.agencies), "files": files, "reports": len(reports)}
    parents = sum(1 for one in roster.agencies if one.parent)
    console.out(console.say("roster_done", file=target, parents=parents, **facts))
    _list_files("roster_unread", unread, console)
    _list_files("roster_unnamed", unnamed, console)
    _list_problems(target, console)
    return written.end(1 if unread else 0, console)


def _list_files(key: str, entries: Sequence[FileEntry], console: Console) -> None:
    """The files whose agencies are not on the roster."""
    if entries:
        console.out(console.say(key, count=len(entries)))
    lines = (
        to_plain_line(console.say("roster_file", place=one.place, why=one.why.say(console.lang))) for one in entries
    )
    for line in console.some(lines, len(entries)):
        console.out(line)


def _list_problems(target: Path, console: Console) -> None:
    """What a coordinator should mend in the draft, by its lines in the file."""
    from workbook.merging.roster.roster_reader import read_roster

    problems = read_roster(target).problems
    if problems:
        console.out(console.say("roster_problems"))
    lines = (to_plain_line(console.say("roster_problem", what=one.say(console.lang))) for one in problems)
    for line in console.some(lines, len(problems)):
        console.out(line)
