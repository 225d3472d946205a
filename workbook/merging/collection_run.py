"""Collects reports: finds every file, reads and checks each, decides which count. No file is left out silently."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbook.merging.collected_reports import LastYear, ReportCollection, list_invisible_names
from workbook.merging.duplicate_resolution import resolve_duplicates
from workbook.merging.executors import Takes, choose_executor
from workbook.merging.file_discovery import discover_files
from workbook.merging.file_status import FoundFile, join_sentences, number_duplicates
from workbook.merging.process_file import close_archives
from workbook.merging.remote_files import get_remote_path, is_elsewhere, list_remote_files
from workbook.merging.result_store import ResultStore
from workbook.model.identity import Identity
from workbook.safety.messages import Bilingual
from workbook.safety.unsafe_text import find_invisible

Progress = Callable[[int, int, str], None]
"""Told as files are read: how many are done, of how many, and the place of one of them."""


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
    store = ResultStore(cache)
    try:
        found = _find_files(paths, choices.outputs, store.scratch)
        store.add_files(found)
        count = sum(1 for one in found if not one.why.zh)
        del found
        _read_files(store, takes or choose_executor(jobs, count), count, progress)
        collection = resolve_duplicates(store, choices)
        store.extend_reasons(_name_invisible)
    except BaseException:
        store.close()
        raise
    return collection


def _read_files(store: ResultStore, takes: Takes, count: int, progress: Progress | None) -> None:
    done = 0
    try:
        for chunk in takes(store.unread_tasks(), store.readings.path):
            store.record_outcomes(chunk)
            done += len(chunk)
            if progress and chunk:
                progress(done, count, store.entries[chunk[-1].number - 1].place)
    finally:
        close_archives()


def _name_invisible(place: str, why: Bilingual) -> Bilingual | None:
    """The reason with the characters in the file's name that cannot be seen; None where there are none."""
    return join_sentences(why, list_invisible_names(place)) if find_invisible(place) else None


def _find_files(paths: Sequence[Path | str], outputs: Sequence[Path], scratch: Path) -> list[FoundFile]:
    """Every file of this machine and elsewhere, in the order of their places, no two of which read alike."""
    here = [path if isinstance(path, Path) else get_remote_path(path) for path in paths if not is_elsewhere(path)]
    urls = [path for path in paths if isinstance(path, str) and is_elsewhere(path)]
    listed = discover_files(here, outputs, scratch)
    if urls:
        listed = sorted(list_remote_files(urls, scratch, alone=not here) + listed, key=lambda one: one.place)
    places = number_duplicates([one.place for one in listed])
    numbered = (one._replace(place=place) for one, place in zip(listed, places, strict=True))
    return sorted(numbered, key=lambda one: one.place)
