"""Reads, checks and merges 政府信息公开工作年度报告, the annual reports on open government information.

`load` reads a report, `check` lists what is wrong with it, `merge` sums the reports of many agencies. Paths may be
texts or `Path`s; nothing of pandas is imported before a DataFrame is asked for.

>>> import workbook
>>> report = workbook.load("某某局2024.xlsx")
>>> report["requests.new.total"]
4
>>> for finding in workbook.check(report)[:2]:
...     print(finding.severity, finding.source, finding)
error 表三!D29 表三“自然人”列：（七）总计填 0，各项办理结果之和为 4，相差 -4。
error 表三!J29 表三“总计”列：（七）总计填 0，各项办理结果之和为 4，相差 -4。
>>> workbook.merge(["各单位报送/"]).to_dataframe().shape  # 2 agencies, 200 figures
(2, 207)
"""

import os
import sys

# With `python -m workbook…` (only then is `-m` in sys.argv while this is loaded), Python has put the current folder
# first. Untrusted files may lie there: nothing more is imported from it, unless this package itself lies there.
# `os` is loaded already when Python starts; nothing else may be imported before, `__future__` included.
if getattr(sys, "argv", [])[:1] == ["-m"] and not sys.flags.safe_path and sys.path[0] != __file__.rsplit(os.sep, 2)[0]:
    del sys.path[0]

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from workbook.model.finding import Finding, FindingList, Severity
    from workbook.model.report import Report
    from workbook.summary.merged_reports import MergedReports

    __version__: str

__all__ = [
    "Finding",
    "FindingList",
    "MergedReports",
    "Report",
    "Severity",
    "__version__",
    "check",
    "load",
    "merge",
]

_HOMES = {
    "Finding": "workbook.model.finding",
    "FindingList": "workbook.model.finding",
    "Severity": "workbook.model.finding",
    "Report": "workbook.model.report",
    "MergedReports": "workbook.summary.merged_reports",
}
"""Where the classes are defined; each is imported when it is first used."""


def load(path: "str | os.PathLike[str]") -> "Report":
    """Read a report: a workbook (.xlsx, .xlsm) or a report JSON.

    Raises `workbook.excel.report_loading.Unreadable`, with a sentence for the user, where that cannot be done.

    >>> workbook.load("某某局2024.xlsx")
    <Report 某某局 2024, annual-2021: 200 of 200 cells filled>
    """
    from dataclasses import replace
    from pathlib import Path

    from workbook.excel.report_loading import load_submission

    submission = load_submission(Path(path))
    return replace(submission.report, previous=submission.previous, file_findings=submission.findings)


def check(
    report: "Report | str | os.PathLike[str]", previous: "Report | str | os.PathLike[str] | None" = None
) -> "FindingList":
    """List everything wrong or doubtful in a report, in form order: what reading the file showed, then the rules.

    `report` is a report or the path of its file. `previous` is the same agency's report of the prior year, or its path;
    without it the figures of the prior year that the file itself holds are used, if any. Errors as `load`.

    >>> workbook.check("某某局2024.xlsx")[0].advice()
    '总计应等于上面各项之和；改正总计或填错的分项。'
    >>> workbook.check("另一局2024.xlsx")
    <0 findings>
    """
    from workbook.model.finding import FindingList
    from workbook.model.report import Report
    from workbook.rules.evaluation import check_report

    now = report if isinstance(report, Report) else load(report)
    before = previous if previous is None or isinstance(previous, Report) else load(previous)
    return FindingList(check_report(now, before or now.previous, now.file_findings))


def merge(
    paths: "str | os.PathLike[str] | Iterable[str | os.PathLike[str]]",
    *,
    year: "int | None" = None,
    roster: "str | os.PathLike[str] | None" = None,
    previous: "str | os.PathLike[str] | Sequence[str | os.PathLike[str]]" = (),
    name: "str | None" = None,
    include_errors: bool = False,
    include_unlisted: bool = False,
    choose: "Iterable[str]" = (),
    exclude: "Iterable[str]" = (),
    cache: "str | os.PathLike[str] | None" = None,
    jobs: int = 1,
    progress: "Callable[[int, int, str], None] | None" = None,
) -> "MergedReports":
    """Read every report among files, folders, archives and URLs, and sum those that count.

    `year` is the report year (None: the most frequent); `roster` the file that lists who must report; `previous` what
    was submitted for earlier years (a folder, or the summary of a merge); `name` what the sum is called. Reports with
    errors count only with `include_errors`, those of nobody on the roster only with `include_unlisted`. `choose` and
    `exclude` name files by place or SHA-256 that count or do not. `cache` is a folder in which readings are stored for
    the next merge, `jobs` the number of processes, and `progress` is called with the number of files read, the number
    of all, and a place.

    Raises FileNotFoundError for a path that is not there, and `workbook.safety.messages.UserError`, with a sentence
    for the user, where roster or prior year cannot be read. What is wrong with a single file is its status.

    >>> merged = workbook.merge("各单位报送/", year=2024)
    >>> merged.counts
    {<FileStatus.MERGED: 'merged'>: 2}
    >>> merged.write("汇总.xlsx")
    >>> merged.close()
    """
    from workbook.summary.merged_reports import merge_files

    return merge_files(
        paths,
        year=year,
        roster=roster,
        previous=previous,
        name=name,
        include_errors=include_errors,
        include_unlisted=include_unlisted,
        choose=choose,
        exclude=exclude,
        cache=cache,
        jobs=jobs,
        progress=progress,
    )


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib import metadata

        try:
            return metadata.version("ogi-workbook")
        except metadata.PackageNotFoundError:
            return "0"
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'workbook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
