"""Merges many reports into one: finds the files, identifies agencies, sums figures, compares with the roster.

`collect`, `merge` and `frame` are deprecated since 0.2: use `workbook.merge` and its `to_dataframe()`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from workbook.merging.collected_reports import ReportCollection
    from workbook.merging.totals import MergeResult


def collect(paths: Iterable[Any], **options: Any) -> ReportCollection:  # noqa: ANN401
    """Read every file among `paths`. Deprecated: use `workbook.merge`."""
    from pathlib import Path

    from workbook.merging.collection_run import MergeOptions, collect_reports
    from workbook.merging.remote_files import is_url

    _warn("collect", "merge(paths)")
    how = {name: options.pop(name) for name in ("cache", "jobs", "takes", "progress") if name in options}
    places = [str(path) if is_url(str(path)) else Path(path) for path in paths]
    return collect_reports(places, MergeOptions(**options), **how)


def merge(collection: ReportCollection, **options: Any) -> MergeResult:  # noqa: ANN401
    """Sum a collection's reports. Deprecated: use `workbook.merge`."""
    from workbook.merging.totals import merge_reports

    _warn("merge", "merge(paths)")
    return merge_reports(collection, **options)


def frame(collection: ReportCollection) -> pd.DataFrame:
    """Return the reports that count as a DataFrame. Deprecated: use `workbook.merge(paths).to_dataframe()`."""
    from importlib import import_module

    _warn("frame", "merge(paths).to_dataframe()")
    if collection.form is None:
        raise ValueError("no report was found")
    # By its name: merging imports nothing of the summary, which is above it.
    dataframe = import_module("workbook.summary.data.dataframe")
    table: pd.DataFrame = dataframe.build_frame(collection.form, collection.reports)
    return table


def _warn(old: str, new: str) -> None:
    import warnings

    warnings.warn(f"workbook.merging.{old} is deprecated; use workbook.{new}", DeprecationWarning, stacklevel=3)
