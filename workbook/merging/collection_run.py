"""Collects reports: finds every file, reads and checks each, decides which count. No file is left out silently."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from workbook.merging.archive_files import list_archived_files
from workbook.merging.collected_reports import LastYear, ReportCollection, describe_invisible_name
from workbook.merging.duplicate_resolution import resolve_duplicates
from workbook.merging.executors import FileExecutor, choose_executor
from workbook.merging.file_status import (
    NOTHING,
    FoundFile,
    explain_skipping,
    is_regular_file,
    join_sentences,
    make_showable,
    number_duplicates,
)
from workbook.merging.process_file import close_archives
from workbook.merging.remote_files import get_remote_path, is_elsewhere, list_remote_files
from workbook.merging.result_store import ResultStore
from workbook.merging.roster.roster_lines import Roster
from workbook.safety.messages import Bilingual, describe_os_error, load_messages
from workbook.safety.unsafe_text import find_invisible

messages = load_messages("workbook.merging")

Progress = Callable[[int, int, str], None]
"""Called as files are read, with how many are done, of how many, and the place of one of them."""


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """What a coordinator may ask of a merge.

    `year` of the reports to merge (None: the most frequent); `include_errors` merges reports with errors, too;
    `chosen` files count, those `excluded` do not, by place or sha256 (see `side_inputs`); of agencies that are not on
    the `roster` (None: there is none) no report counts, unless `include_unlisted` merges these, too; `before` gives
    last year's report by the key of the agency and the year merged; `outputs` will be written and are not read.
    """

    year: int | None = None
    include_errors: bool = False
    chosen: frozenset[str] = frozenset()
    roster: Roster | None = None
    before: LastYear | None = None
    outputs: Sequence[Path] = field(default_factory=tuple)
    excluded: frozenset[str] = frozenset()
    include_unlisted: bool = False


def collect_reports(
    paths: Sequence[Path | str],
    choices: MergeOptions = MergeOptions(),
    *,
    cache: Path | None = None,
    jobs: int = 1,
    takes: FileExecutor | None = None,
    progress: Progress | None = None,
) -> ReportCollection:
    """Read every file among `paths`, below the folders and in the archives among them, and say what becomes of each.

    `cache` is a folder in which readings are cached from one merge to the next (None: nowhere); `jobs` the number of
    processes; `takes` another way to read, such as a cluster. The order of `paths` does not matter; a text among them
    is a URL (see `remote_files`).
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


def _read_files(store: ResultStore, takes: FileExecutor, count: int, progress: Progress | None) -> None:
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
    return join_sentences(why, describe_invisible_name(place)) if find_invisible(place) else None


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


# files below folders and in archives ----------------------------------------------------------------------------------


class _SeenFile(NamedTuple):
    """A file seen in a folder, or a folder not entered: where links in its path lead, and why it is not read."""

    path: str
    real: str
    why: Bilingual = NOTHING
    unreadable: bool = False


def discover_files(paths: Sequence[Path], outputs: Sequence[Path], scratch: Path) -> list[FoundFile]:
    """Every file, once each, in the order of their places. `outputs` will be written: they are not read.

    A folder that cannot be read, or not to its end, is listed itself beside what was seen in it. An archive inside an
    archive is unpacked into `scratch`.
    """
    own = {os.path.realpath(path) for path in outputs}
    given = {path: _look_at(path) for path in paths}
    folders = {path for path, one in given.items() if one is None}
    tops = [Path(os.path.realpath(path)) for path in folders]
    found: dict[str, _SeenFile] = {}
    for path, one in given.items():
        for seen in (list(_walk(str(path), tops)) or [_mark_empty_folder(path)]) if one is None else [one]:
            found.setdefault(
                seen.real, _SeenFile(seen.path, seen.real, messages.get("why.output")) if seen.real in own else seen
            )
    root = _find_common_folder(paths, folders)
    listed: list[FoundFile] = []
    for seen in found.values():
        path = Path(seen.path)
        file = FoundFile(make_showable(_name_place(path, root)), path, "", seen.why, seen.unreadable)
        packed = path.suffix.lower() == ".zip" and not seen.why.zh and is_regular_file(path)
        listed += list_archived_files(file, scratch) if packed else [file]
    return sorted(listed, key=lambda one: one.place)


def _look_at(path: Path) -> _SeenFile | None:
    """A file given by its name; None for a folder."""
    one = _SeenFile(str(path), os.path.realpath(path), explain_skipping(path.name))
    try:
        return None if stat.S_ISDIR(path.stat().st_mode) else one
    except FileNotFoundError:  # a link that leads nowhere, or gone meanwhile: reading it will say so
        return one
    except OSError as unknown:
        return _mark_unknown(one, unknown)


def _mark_unknown(one: _SeenFile, trouble: OSError) -> _SeenFile:
    """What cannot even be looked at may be a report, or a folder of them."""
    return one._replace(why=messages.get("why.unknown", reason=describe_os_error(trouble)), unreadable=True)


def _mark_empty_folder(folder: Path) -> _SeenFile:
    """A folder given in which no file lies: another one may have been meant."""
    return _SeenFile(str(folder), os.path.realpath(folder), messages.get("why.folder_empty"), unreadable=True)


def _find_common_folder(paths: Sequence[Path], folders: Set[Path]) -> str:
    """The folder from which places are named: the one that all files given share."""
    tops = [str(path.absolute() if path in folders else path.absolute().parent) for path in paths]
    try:
        return os.path.commonpath(tops) if tops else str(Path.cwd())
    except ValueError:  # several drives
        return str(Path.cwd())


def _name_place(path: Path, root: str) -> str:
    place = Path(os.path.relpath(path.absolute(), root)).as_posix()
    return (Path(root).name or root) if place == "." else place


# walking --------------------------------------------------------------------------------------------------------------


def _walk(folder: str, tops: Sequence[Path]) -> Iterator[_SeenFile]:
    """Every file below a folder, and every folder not entered: files of a folder before those of the folders in it.

    `tops` are all folders given, where they really are.
    """
    waiting = [_SeenFile(folder, os.path.realpath(folder))]
    while waiting:
        here = waiting.pop()
        entries, trouble = _list_entries(here.path)
        inside: list[_SeenFile] = []
        files: list[_SeenFile] = []
        for entry in entries:
            one = _SeenFile(entry.path, os.path.join(here.real, entry.name))  # noqa: PTH118 -- for each of many
            link = is_folder = False
            try:
                link = _is_link(entry)
                is_folder = entry.is_dir()
            except OSError as unknown:
                if not entry.name.startswith("."):
                    yield _mark_unknown(one, unknown)
                    continue
            if is_folder and (link or entry.name.startswith(".")):
                yield (
                    one._replace(why=messages.get("why.folder"))
                    if entry.name.startswith(".")
                    else _explain_folder_link(one, tops)
                )
            elif is_folder:
                inside.append(one)
            else:
                files.append(_follow_file_link(one, tops) if link else one._replace(why=explain_skipping(entry.name)))
        yield from files
        if trouble is not None:
            key = "why.folder_torn" if entries else "why.folder_shut"
            yield here._replace(why=messages.get(key, reason=describe_os_error(trouble)), unreadable=True)
        waiting += reversed(inside)


def _list_entries(folder: str) -> tuple[list[os.DirEntry[str]], OSError | None]:
    """What lies in a folder, by name; and what ended looking at it before all was seen."""
    found: list[os.DirEntry[str]] = []
    trouble = None
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                found.append(entry)  # noqa: PERF402 -- what came before a failure counts
    except OSError as failed:
        trouble = failed
    return sorted(found, key=lambda entry: entry.name), trouble


def _is_link(entry: os.DirEntry[str]) -> bool:
    """Whether it is a link, or what Windows has besides them for folders (a junction, a mounted drive)."""
    if entry.is_symlink():
        return True
    if os.name != "nt":
        return False
    tag = getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0)
    return bool(tag) and tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)


def _explain_folder_link(one: _SeenFile, tops: Sequence[Path]) -> _SeenFile:
    """A link to a folder is not followed; a report may be in it, unless it is among the folders that are read."""
    real = Path(os.path.realpath(one.path))
    for top in tops:
        if real.is_relative_to(top) and not any(part.startswith(".") for part in real.relative_to(top).parts):
            return one._replace(why=messages.get("why.link_within"))
    return one._replace(why=messages.get("why.link"), unreadable=True)


def _follow_file_link(one: _SeenFile, tops: Sequence[Path]) -> _SeenFile:
    """A link to a file: read where it leads to one within the folders given; else a report may be in it."""
    real = os.path.realpath(one.path)
    why = explain_skipping(Path(one.path).name)
    if not why.zh and not any(Path(real).is_relative_to(top) for top in tops):
        return _SeenFile(one.path, real, messages.get("why.link_outside"), unreadable=True)
    return _SeenFile(one.path, real, why)
