"""Many reports into one: files gathered, agencies told apart, figures summed, and the summary that shows it all.

In a notebook::

    from workbook.merging import build_dataframe, collect_reports

    df = build_dataframe(collect_reports(["各单位报送/"]))
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from workbook.merging.collected_reports import ReportCollection
    from workbook.merging.totals import MergeResult

__all__ = ["build_dataframe", "collect_reports", "merge_reports"]


def collect_reports(paths: Iterable[str | Path], **choices: Any) -> ReportCollection:  # noqa: ANN401
    """Read every file among `paths`, below the folders and in the archives among them.

    `choices` are those of `collection_run.MergeOptions` (`year`, `include_errors` …), and `cache`, `jobs`, `progress`.
    """
    from dataclasses import fields

    from workbook.merging.collection_run import MergeOptions
    from workbook.merging.collection_run import collect_reports as collected
    from workbook.merging.remote_files import is_url

    known = {field.name for field in fields(MergeOptions)}
    asked = MergeOptions(**{name: value for name, value in choices.items() if name in known})
    how = {name: value for name, value in choices.items() if name not in known}
    return collected([str(name) if is_url(str(name)) else Path(name) for name in paths], asked, **how)


def merge_reports(collection: ReportCollection, **options: Any) -> MergeResult:  # noqa: ANN401 -- those of totals.merge_reports
    """The sum of a collection's reports, checked; see `totals.merge_reports`."""
    from workbook.merging.totals import merge_reports as merged

    return merged(collection, **options)


def build_dataframe(collection: ReportCollection) -> pd.DataFrame:
    """The reports that count as a table: an agency a row, a cell of the form a column; see `data.dataframe`."""
    from workbook.summary.data.dataframe import build_frame

    if collection.form is None:
        raise ValueError("no report was found")
    return build_frame(collection.form, collection.reports)
