"""Files and folders → every file found, each with its status. Nothing that lies there is passed over in silence."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbook.merging.collected_reports import ReportCollection, list_invisible_names
from workbook.merging.duplicate_resolution import ResolutionTerms, resolve_duplicates
from workbook.merging.executors.process_pool import Takes, choose_executor
from workbook.merging.file_discovery import discover_files
from workbook.merging.file_record import read_record_head
from workbook.merging.file_status import FileStatus, join_sentences
from workbook.merging.found_file import FoundFile, number_duplicates
from workbook.merging.process_file import FileOutcome, FileTask, close_archives
from workbook.merging.remote_files import get_remote_path, is_elsewhere, list_remote_files
from workbook.merging.report_rows import LastYear
from workbook.merging.result_store import CachedReading, ResultStore
from workbook.model.identity import Identity, valid_code
from workbook.safety.messages import Bilingual
from workbook.safety.unsafe_text import find_invisible, fold_name, replace_surrogates

Progress = Callable[[int, int, str], None]
"""Told as files are read: how many are done, of how many, and the place of one of them."""

_FOUND = (
    "INSERT INTO file (number, place, path, member, nth, top, within, kind, status, zh, en) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_TAKEN = "UPDATE file SET status = ?, zh = ?, en = ?, sha = ?, size = ?, modified = ?, read_at = ? WHERE number = ?"
_READ = (
    "UPDATE file SET status = ?, zh = ?, en = ?, sha = ?, size = ?, modified = ?, read_at = ?, form = ?, "
    "fingerprint = ?, year = ?, name = ?, code = ?, region = ?, level = ?, contact = ?, revision = ?, figures = ?, "
    "errors = ?, warnings = ?, reader = ?, template = ?, control = ?, folded = ?, valid = ? WHERE number = ?"
)


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """What a coordinator may ask of a merge.

    `year` of the reports to merge (None: the most frequent); `include_errors` merges reports with errors, too;
    `chosen` files count, those `excluded` do not, by place or sha256 (see `decisions`); `known` tells agencies apart by
    a roster (None: there is none; blank: nobody on it), `include_unlisted` merges reports of nobody on it, too, and
    `crossed` says of a report whose name is one agency's there and whose credit code another's that it is so;
    `before` gives last year's report by what tells agencies apart and the year merged; `outputs` will be written and
    are not read.
    """

    year: int | None = None
    include_errors: bool = False
    chosen: frozenset[str] = frozenset()
    known: Callable[[Identity], str] | None = None
    before: LastYear | None = None
    outputs: Sequence[Path] = field(default_factory=tuple)
    excluded: frozenset[str] = frozenset()
    include_unlisted: bool = False
    crossed: Callable[[Identity], Bilingual] | None = None


def collect_reports(
    paths: Sequence[Path | str],
    choices: MergeOptions = MergeOptions(),
    *,
    cache: Path | None = None,
    jobs: int = 1,
    takes: Takes | None = None,
    progress: Progress | None = None,
) -> ReportCollection:
    """Read every file among `paths`, below the folders and in the archives among them, and say what becomes of each.

    `cache` is a folder in which readings are kept from one merge to the next (None: nowhere); `jobs` the number of
    processes; `takes` another way to read, such as a cluster. The order of `paths` does not matter; a text among them
    is a URL (see `remote`).
    """
    return collect_into_store(ResultStore(cache), paths, choices, jobs=jobs, takes=takes, progress=progress)


def collect_into_store(
    ledger: ResultStore,
    paths: Sequence[Path | str],
    choices: MergeOptions,
    *,
    jobs: int = 1,
    takes: Takes | None = None,
    progress: Progress | None = None,
) -> ReportCollection:
    """The same into a ledger of the caller's, which is closed where the merge fails."""
    try:
        found = _found(paths, choices.outputs, ledger.scratch)
        _enter(ledger, found)
        count = sum(1 for one in found if not one.why.zh)
        del found
        try:
            _read(ledger, takes or choose_executor(jobs, count), count, progress)
        finally:
            close_archives()
        terms = ResolutionTerms(
            choices.year,
            choices.include_errors,
            choices.chosen,
            choices.known,
            choices.before,
            choices.excluded,
            choices.include_unlisted,
            choices.crossed,
        )
        return _names_told(resolve_duplicates(ledger, terms))
    except BaseException:
        ledger.close()
        raise


def _found(paths: Sequence[Path | str], outputs: Sequence[Path], scratch: Path) -> list[FoundFile]:
    """Every file of this machine and elsewhere, in the order of their places, no two of which read alike."""
    here = [path if isinstance(path, Path) else get_remote_path(path) for path in paths if not is_elsewhere(path)]
    urls = [path for path in paths if isinstance(path, str) and is_elsewhere(path)]
    listed = discover_files(here, outputs, scratch)
    if urls:
        listed = sorted(list_remote_files(urls, scratch, alone=not here) + listed, key=lambda one: one.place)
    places = number_duplicates([one.place for one in listed])
    told = (one._replace(place=place) for one, place in zip(listed, places, strict=True))
    return sorted(told, key=lambda one: one.place)


def _enter(ledger: ResultStore, found: Iterable[FoundFile]) -> None:
    """Every file into the ledger, numbered from 1."""
    skipped = {False: FileStatus.SKIPPED, True: FileStatus.UNREADABLE}
    ledger.change(
        _FOUND,
        (
            (
                number,
                one.place,
                _stored(str(one.path)),
                one.member,
                one.nth,
                one.top,
                _stored(one.within),
                FileTask(number, one.within or str(one.path), one.member).kind,
                skipped[one.unreadable] if one.why.zh else "",
                *one.why,
            )
            for number, one in enumerate(found, 1)
        ),
    )


def _names_told(collection: ReportCollection) -> ReportCollection:
    """The same; of a file whose name is not what it looks like it is said which signs in it are not seen."""
    ledger = collection.ledger
    found = ledger.rows("SELECT number, place, zh, en FROM file")
    told = [
        (join_sentences(Bilingual(zh, en), list_invisible_names(place)), number)
        for number, place, zh, en in found
        if find_invisible(place)
    ]
    ledger.change("UPDATE file SET zh = ?, en = ? WHERE number = ?", [(*why, number) for why, number in told])
    return collection


def _stored(path: str) -> str | bytes:
    """A path as it is kept: bytes where it is no text (a name in another encoding); `os.fsdecode` undoes it."""
    return path if path.isascii() or replace_surrogates(path) == path else os.fsencode(path)


def _tasks(ledger: ResultStore) -> Iterator[FileTask]:
    """The files still to be read; asked for in portions, for the ledger is written to meanwhile."""
    last = 0
    while portion := list(
        ledger.rows(
            "SELECT number, CASE top WHEN '' THEN path ELSE within END, member, nth, top FROM file "
            "WHERE status = '' AND number > ? ORDER BY number LIMIT 512",
            (last,),
        )
    ):
        for number, path, member, nth, top in portion:
            last = number
            yield FileTask(number, os.fsdecode(path), member, nth, top)


def _read(ledger: ResultStore, takes: Takes, count: int, progress: Progress | None) -> None:
    done = 0
    kept_places: set[str] = set()
    for chunk in takes(_tasks(ledger), ledger.path):
        ledger.readings.keep(_kept(chunk, ledger, kept_places))
        ledger.change(_READ, (_row(one, ledger) for one in chunk if one.status is FileStatus.MERGED))
        ledger.change(_TAKEN, (_unread(one) for one in chunk if one.status is not FileStatus.MERGED))
        done += len(chunk)
        if progress and chunk:
            ((place,),) = ledger.rows("SELECT place FROM file WHERE number = ?", (chunk[-1].number,))
            progress(done, count, place)


def _kept(chunk: Sequence[FileOutcome], ledger: ResultStore, places: set[str]) -> Iterator[CachedReading]:
    kinds: dict[int, str] = dict(
        ledger.rows(f"SELECT number, kind FROM file WHERE number IN ({', '.join(str(one.number) for one in chunk)})")
    )
    for one in chunk:
        if one.record is not None:
            new = one.record.places not in places
            places.add(one.record.places)
            yield CachedReading(one.sha, kinds[one.number], one.record, one.places if new else None)


def _about(one: FileOutcome) -> tuple[object, ...]:
    return (one.status, *map(replace_surrogates, one.why), one.sha, one.size, one.modified, one.read_at)


def _unread(one: FileOutcome) -> tuple[object, ...]:
    return (*_about(one), one.number)


def _row(one: FileOutcome, ledger: ResultStore) -> tuple[object, ...]:
    """A file that was read: what is compared between files, from its record."""
    ((kind,),) = ledger.rows("SELECT kind FROM file WHERE number = ?", (one.number,))
    record = one.record or ledger.readings.record(one.sha, kind)
    if record is None:
        raise LookupError(one.number)
    head = read_record_head(record.head)
    agency = head.agency
    who = (agency.name, agency.code, agency.region, agency.level, agency.contact, agency.revision)
    rest = (head.figures, head.errors, head.warnings, head.reader, head.template, str(head.control))
    same = (fold_name(agency.name), valid_code(agency))
    return (*_about(one), head.form, head.fingerprint, head.year, *who, *rest, *same, one.number)
