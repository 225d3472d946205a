"""Merges many reports for Python programs and notebooks: what `workbook.merge` returns."""

from __future__ import annotations

import errno
import os
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.file_status import FileEntry
from workbook.merging.prior_year.prior_reports import get_last_year_report, read_prior_reports
from workbook.merging.remote_files import is_url
from workbook.merging.roster.roster_reader import read_roster
from workbook.merging.totals import MergeResult, merge_reports
from workbook.model.finding import SHOWN, FindingList, format_html_table
from workbook.model.report import Report

if TYPE_CHECKING:
    import pandas as pd

    from workbook.merging.roster.roster_lines import Roster

PathName = str | os.PathLike[str]
"""A path, as a text or as a `Path`."""


class MergedReports:
    """The reports of many agencies, merged: their sum, what became of every file, and all figures as a DataFrame.

    `report` is the sum, a `Report` like any other; `findings` are those of the sum; `agencies` is the number of reports
    summed. `files` lists every file found, each with its `place`, `status`, `reason`, `agency` and `sha256`, and
    `counts` says how many have each status: together they are all the files found. `result` holds everything else
    (attendance, levels, comparison with the prior year).

    What was read is stored in a temporary file: use a `with` block, or call `close()`. At the latest it is removed when
    Python ends.

    >>> with workbook.merge("各单位报送/") as merged:
    ...     merged.report["requests.new.total"]
    ...     df = merged.to_dataframe()
    4
    >>> merged
    <MergedReports 2024, annual-2021: 2 agencies of 2 files>
    >>> print(df.groupby("region")["requests.new.total"].sum().to_dict())
    {'110105': 4}
    >>> df.attrs["labels"]["requests.new.total"]
    '一、本年新收·总计'
    """

    def __init__(self, result: MergeResult) -> None:
        self.result = result
        self.report: Report = result.report
        self.findings = FindingList(result.findings)
        self.agencies = result.agencies
        self.counts = {status: count for status, count in result.collection.counts().items() if count}
        self._close = weakref.finalize(self, result.collection.close)

    @property
    def files(self) -> Sequence[FileEntry]:
        """Every file found, in the order of their places."""
        return self.result.collection.entries

    def to_dataframe(self, *, long: bool = False, form_units: bool = False) -> pd.DataFrame:
        """Return the reports that count as a pandas DataFrame: a row an agency, a column a cell of the form.

        Figures are `Int64`: 件, and money in 分; a blank is `<NA>`. `df.attrs` holds `labels` and `units` by cell code.
        `long` gives a row a figure instead (agency, year, cell, label, value, unit); `form_units` money as the form
        prints it (万元, 元), as exact decimals. Needs pandas (`pip install 'ogi-workbook[data]'`): ModuleNotFoundError,
        which says so, without it. ValueError if no report was found.
        """
        from workbook.summary.data.dataframe import build_frame, build_long_frame, convert_to_form_units

        collection = self.result.collection
        if collection.form is None:
            raise ValueError(f"no report was found among {len(self.files)} files; `files` says why, one by one")
        if form_units and not long:
            return convert_to_form_units(build_frame(collection.form, collection.reports))
        return (build_long_frame if long else build_frame)(collection.form, collection.reports)

    def write(self, path: PathName, *, force: bool = False, lang: str = "zh") -> None:
        """Write the summary in the format of the name: .xlsx, .html, .json, .csv or .parquet. Atomic.

        FileExistsError where a file is there already, unless `force`.
        """
        from workbook.summary.summary_output import WRITERS

        target = Path(path)
        if target.suffix.lower() not in WRITERS:
            raise ValueError(f"{target}: no format of a summary; there are {', '.join(WRITERS)}")
        if os.path.lexists(target) and not force:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        WRITERS[target.suffix.lower()](target, self.result, lang)

    def close(self) -> None:
        """Remove what was read. The sum and its findings stay; files and figures of single agencies are gone."""
        self._close()

    def __enter__(self) -> MergedReports:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        year, found = self.report.year or "(no year)", sum(self.counts.values())
        return f"<MergedReports {year}, {self.report.form.id}: {self.agencies} agencies of {found} files>"

    def _repr_html_(self) -> str:
        """Return the table that a notebook shows: how many files have each status."""
        rows = [(status.value, status.words.zh, count) for status, count in self.counts.items()]
        return format_html_table(repr(self)[1:-1], ("status", "状态", "files"), rows[:SHOWN])


def merge_files(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    year: int | None = None,
    roster: str | os.PathLike[str] | None = None,
    previous: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    name: str | None = None,
    include_errors: bool = False,
    include_unlisted: bool = False,
    choose: Iterable[str] = (),
    exclude: Iterable[str] = (),
    cache: str | os.PathLike[str] | None = None,
    jobs: int = 1,
    progress: Callable[[int, int, str], None] | None = None,
) -> MergedReports:
    """Read every report among files, folders, archives and URLs, and sum those that count.

    `year` is the report year (None: the most frequent); `roster` the file that lists who must report; `previous` what
    was submitted for earlier years (a folder, or the summary of a merge); `name` what the sum is called. Reports with
    errors count only with `include_errors`, those of nobody on the roster only with `include_unlisted`. `choose` and
    `exclude` name files by place or SHA-256 that count or do not. `cache` is a folder in which readings are stored for
    the next merge, `jobs` the number of processes, and `progress` is called with the number of files read, the number
    of all, and a place.

    Raises FileNotFoundError for a path that is not there, and `workbook.UserError`, with a sentence
    for the user, where roster or prior year cannot be read. What is wrong with a single file is its status.

    >>> merged = workbook.merge("各单位报送/", year=2024)
    >>> merged.counts
    {<FileStatus.MERGED: 'merged'>: 2}
    >>> merged.write("汇总.xlsx")
    >>> merged.close()
    """
    listed = list(_list_paths(paths))
    for path in (one for one in listed if isinstance(one, Path)):
        path.lstat()  # FileNotFoundError: a name that nothing has is mistyped
    called: Roster | None = None if roster is None else read_roster(Path(roster))
    with ExitStack() as opened:
        past = [read_prior_reports(Path(one), roster=called, jobs=jobs) for one in _list_paths(previous)]
        for one in past:
            opened.callback(one.close)
        past.sort(key=lambda one: one.year or 0, reverse=True)
        options = MergeOptions(
            year,
            include_errors,
            frozenset(choose),
            called,
            get_last_year_report(past) if past else None,
            excluded=frozenset(exclude),
            include_unlisted=include_unlisted,
        )
        stored = None if cache is None else Path(cache)
        collection = collect_reports(listed, options, cache=stored, jobs=jobs, progress=progress)
        try:
            return MergedReports(merge_reports(collection, name=name, roster=called, past=past))
        except BaseException:
            collection.close()
            raise


def _list_paths(paths: PathName | Iterable[PathName]) -> Iterable[Path | str]:
    """Return what was given as paths; a URL stays a text."""
    several = [paths] if isinstance(paths, str | os.PathLike) else paths
    return [text if is_url(text := os.fspath(path)) else Path(path) for path in several]
