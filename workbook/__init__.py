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
    from workbook.excel.report_loading import Unreadable
    from workbook.model.finding import Finding, FindingList, Severity
    from workbook.model.report import Report
    from workbook.safety.messages import UserError
    from workbook.summary.merged_reports import MergedReports
    from workbook.summary.merged_reports import merge_files as merge

    __version__: str

__all__ = [
    "Finding",
    "FindingList",
    "MergedReports",
    "Report",
    "Severity",
    "Unreadable",
    "UserError",
    "__version__",
    "check",
    "load",
    "merge",
]

_DEFINED_IN = {
    "Finding": ("workbook.model.finding", "Finding"),
    "FindingList": ("workbook.model.finding", "FindingList"),
    "Severity": ("workbook.model.finding", "Severity"),
    "Report": ("workbook.model.report", "Report"),
    "Unreadable": ("workbook.excel.report_loading", "Unreadable"),
    "UserError": ("workbook.safety.messages", "UserError"),
    "MergedReports": ("workbook.summary.merged_reports", "MergedReports"),
    "merge": ("workbook.summary.merged_reports", "merge_files"),
}
"""The module that defines each name, and what it is called there; it is imported when the name is first used."""


def load(path: "str | os.PathLike[str]") -> "Report":
    """Read a report: a workbook (.xlsx, .xlsm) or a report JSON.

    Raises `workbook.Unreadable`, with a sentence for the user, where that cannot be done.

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


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib import metadata

        try:
            return metadata.version("ogi-workbook")
        except metadata.PackageNotFoundError:
            return "0"
    if name in _DEFINED_IN:
        from importlib import import_module

        module, defined = _DEFINED_IN[name]
        return getattr(import_module(module), defined)
    raise AttributeError(f"module 'workbook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
