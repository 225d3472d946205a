"""Many reports into one: files gathered, agencies told apart, figures summed, and the summary that shows it all.

In a notebook::

    from workbook.merging import collect, frame

    df = frame(collect(["各单位报送/"]))
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from workbook.merging.collection import Collection
    from workbook.merging.summing import Merged

__all__ = ["collect", "frame", "merge"]


def collect(paths: Iterable[str | Path], **choices: Any) -> Collection:  # noqa: ANN401 -- the fields of Choices
    """Read every file among `paths`, below the folders and in the archives among them; see `collecting.collect`.

    `choices` are those of `collecting.Choices` (`year`, `include_errors` …), and `cache`, `jobs`, `progress`.
    """
    from dataclasses import fields

    from workbook.merging.collecting import Choices
    from workbook.merging.collecting import collect as collected
    from workbook.merging.remote import is_url

    known = {field.name for field in fields(Choices)}
    asked = Choices(**{name: value for name, value in choices.items() if name in known})
    how = {name: value for name, value in choices.items() if name not in known}
    return collected([str(name) if is_url(str(name)) else Path(name) for name in paths], asked, **how)


def merge(collection: Collection, **options: Any) -> Merged:  # noqa: ANN401 -- those of summing.merge
    """The sum of a collection's reports, checked; see `summing.merge`."""
    from workbook.merging.summing import merge as merged

    return merged(collection, **options)


def frame(collection: Collection) -> pd.DataFrame:
    """The reports that count as a table: an agency a row, a cell of the form a column; see `data.dataframe`."""
    from workbook.merging.data.dataframe import build_frame

    if collection.form is None:
        raise ValueError("no report was found")
    return build_frame(collection.form, collection.reports)
