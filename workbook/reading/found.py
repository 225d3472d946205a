"""A table found in a workbook: where its figures stand, and what of it is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from workbook.form import Line, Table
from workbook.grid import Place
from workbook.reading.book import Sheet
from workbook.safety.messages import Bilingual


class Missing(NamedTuple):
    """A line of the form that is not in the workbook, and the cells that were therefore not read."""

    label: Bilingual
    cells: tuple[str, ...]


class Guess(NamedTuple):
    """A line found by its place alone, and where its label should stand."""

    line: Line
    place: Place


@dataclass(frozen=True, slots=True)
class Found:
    """One table found on a sheet.

    `cells` gives the place of each figure by cell code; `rows` and `columns` the sheet row (column) of each line, and
    `row_labels`, `column_labels` the place of its label where it was found by that. In a table printed across, columns
    are keyed `row.column`, and all rows are the one row of figures. `previous` are the places of last year's figures;
    `units` what a heading states in brackets, by column.
    """

    table: Table
    sheet: Sheet
    cells: Mapping[str, Place]
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    row_labels: Mapping[str, Place]
    column_labels: Mapping[str, Place]
    previous: Mapping[str, Place] = field(default_factory=dict)
    missing: tuple[Missing, ...] = ()
    guessed: tuple[Guess, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)
    as_issued: bool = False
