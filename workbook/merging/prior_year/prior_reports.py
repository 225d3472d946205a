"""The reports of an earlier year: from a folder or archive of workbooks, or from what a merge of that year wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from workbook.excel.reading.file_type import Unreadable
from workbook.exchange import report_json
from workbook.merging.collected_reports import KIND
from workbook.merging.collection_run import MergeOptions, collect_reports
from workbook.merging.prior_year.prior_year import PriorYear
from workbook.merging.prior_year.summary_reader import read_summary_reports
from workbook.model.identity import Identity
from workbook.model.report import Report
from workbook.safety import owned_folders
from workbook.safety.messages import Bilingual, load_messages

messages = load_messages("workbook.merging")


def read_prior_reports(
    path: Path,
    *,
    known: Callable[[Identity], str] | None = None,
    crossed: Callable[[Identity], Bilingual] | None = None,
    cache: Path | None = None,
    jobs: int = 1,
) -> PriorYear:
    """Read the reports of an earlier year: all that was submitted.

    Those with errors count, too, and those of agencies that have gone from the roster since. `path` is a
    folder, an archive, one report, or the .json or .xlsx that a merge wrote. Raises Unreadable, with a sentence for the
    user, where no report is in it.
    """
    choices = MergeOptions(include_errors=True, known=known, include_unlisted=True, crossed=crossed)
    with owned_folders.scratch_folder() as scratch:
        reports = _merged(path)
        damages: list[Bilingual] = []
        if reports is not None:
            folder = scratch / "reports"
            folder.mkdir()
            for number, report in enumerate(reports, 1):
                if isinstance(report, Bilingual):
                    damages.append(messages.get("side.damaged", name=path.name, n=number, why=report))
                else:
                    (folder / f"{number:06}.json").write_bytes(report_json.dump_report_text(report).encode())
            collection = collect_reports([folder], choices, jobs=jobs)
        else:
            collection = collect_reports([path], choices, cache=cache, jobs=jobs)
        if collection.form is None:
            collection.close()
            raise Unreadable("foreign", messages.get("before.nothing", file=path))
        return PriorYear(collection, path.name or str(path), alone=reports is not None, damages=damages)


def _merged(path: Path) -> Iterable[Report | Bilingual] | None:
    """The reports in what a merge wrote, or why one cannot be read; None for anything else."""
    if not path.is_file():
        return None
    if path.suffix.lower() == ".json":
        return _of_json(path)
    try:
        return read_summary_reports(path)
    except (OSError, BadZipFile, Unreadable):
        return None


def _of_json(path: Path) -> Iterable[Report | Bilingual] | None:
    try:
        data: Any = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or data.get("kind") != KIND or not isinstance(data.get("agencies"), list):
        return None
    return (_report(one.get("report") if isinstance(one, dict) else None) for one in data["agencies"])


def _report(data: object) -> Report | Bilingual:
    try:
        return report_json.load_report_data(data).report
    except report_json.NotAReport as trouble:
        return trouble.message
