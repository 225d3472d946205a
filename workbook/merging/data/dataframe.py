"""Reports → a pandas DataFrame, for notebooks: a row an agency, or a row a figure. The only module that uses pandas.

    reports = frame(form, rows)
    reports.groupby("level")["requests.new.total"].sum()
    in_form_units(reports)["fees.fees.amount"]

Columns are those of `columns.WHO`, then a column a cell, named by its code. Types: texts `string` (blank = unknown, so
that a group of unknowns is a group too); `year` and every figure `Int64`. A figure is whole 件, or whole 分 for money:
exact, and what a `Report` holds; `in_form_units` gives money as the form prints it. `<NA>` is a blank, and also a cell
with words, 不适用, a broken count (1.5 件) or a number beyond 64 bits: those stand in the column `words`, as JSON by
cell code. `frame.attrs` holds `form`, `units` and `labels`, by cell code.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbook.form import Form
from workbook.merging.data.columns import AGENCY, TEXTS, WHO, YEAR, Block, Rows, counted_in, label, missing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DIGITS = 38
"""What a decimal of 128 bits holds."""


def frame(form: Form, rows: Rows) -> pd.DataFrame:
    """A row an agency, indexed by what tells agencies apart; `rows` in that form, gone through once.

    ModuleNotFoundError, with what to do, if pandas is not installed; ValueError if a report is of another form.
    """
    pandas = _pandas()
    block = _gathered(form, rows)
    texts = enumerate(TEXTS)
    data: dict[str, Any] = {code: pandas.array(block.text(n), dtype="string") for n, code in texts if code != AGENCY}
    data[YEAR] = pandas.array(block.years, dtype="Int64")
    for cell in form.cells:
        figures, none = block.column(cell.index)
        data[cell.code] = pandas.arrays.IntegerArray(figures, none)
    index = pandas.Index(block.text(0), dtype="str", name=AGENCY)
    table = pandas.DataFrame({code: data[code] for code in (*WHO, *form.index)}, index=index, copy=False)
    table.attrs = attributes(form)
    return table


def long(form: Form, rows: Rows) -> pd.DataFrame:
    """A row a figure: agency, year, cell, label, value, unit; agency by agency, in the order of the form.

    `value` is as in `frame`, and a blank has its row, with `<NA>`. Texts are categories, since 20,000 agencies are
    four million rows. Errors as `frame`.
    """
    pandas = _pandas()
    import numpy as np

    block = _gathered(form, rows)
    agencies, cells = len(block), form.cells
    each = np.tile(np.arange(len(cells)), agencies)
    values = np.empty((agencies, len(cells)), dtype="int64")
    none = np.empty((agencies, len(cells)), dtype="bool")
    for cell in cells:
        values[:, cell.index], none[:, cell.index] = block.column(cell.index)
    table = pandas.DataFrame(
        {
            AGENCY: _category(np.repeat(np.arange(agencies), len(cells)), block.text(0)),
            YEAR: pandas.array(block.years, dtype="Int64").repeat(len(cells)),
            "cell": _category(each, [cell.code for cell in cells]),
            "label": _category(each, [label(cell).zh for cell in cells]),
            "value": pandas.arrays.IntegerArray(values.reshape(-1), none.reshape(-1)),
            "unit": _category(each, [counted_in(cell).zh for cell in cells]),
        }
    )
    table.attrs = attributes(form)
    return table


def in_form_units(table: pd.DataFrame) -> pd.DataFrame:
    """The same frame with money as the form prints it (元, 万元), as exact decimals: 4166214619 → 4166.214619.

    For a frame of `frame`, or one read back from its parquet file; a money column that is not there is passed over.
    """
    pandas = _pandas()
    import pyarrow

    table = table.copy()
    units = dict(table.attrs["units"])
    for code, (unit, scale) in table.attrs["money"].items():
        if code not in table:
            continue
        places = len(str(scale)) - 1
        exact = pandas.ArrowDtype(pyarrow.decimal128(DIGITS, places))
        figures = [None if fen is pandas.NA else _shifted(int(fen), places) for fen in table[code]]
        table[code] = pandas.array(figures, dtype=exact)
        units[code] = unit
    table.attrs = table.attrs | {"units": units, "money": {}}
    return table


def attributes(form: Form) -> dict[str, Any]:
    """What a frame says of its columns: the form, and by cell code what is counted, the label, and money's own unit."""
    return {
        "form": form.id,
        "units": {cell.code: counted_in(cell).zh for cell in form.cells},
        "labels": {cell.code: label(cell).zh for cell in form.cells},
        "money": {cell.code: [cell.unit.label, cell.unit.scale] for cell in form.cells if cell.unit.scale != 1},
    }


def _shifted(figure: int, places: int) -> Decimal:
    return Decimal(figure).scaleb(-places)


def _gathered(form: Form, rows: Rows) -> Block:
    block = Block(form)
    for entry, report in rows():
        block.add(entry, report)
    return block


def _category(positions: np.ndarray[Any, Any], texts: Sequence[str]) -> Any:  # noqa: ANN401 -- pandas is untyped here
    """Texts repeated by position; equal texts are one category."""
    import numpy as np

    at = {text: n for n, text in enumerate(dict.fromkeys(texts))}
    codes = np.array([at[text] for text in texts], dtype="int64")
    return _pandas().Categorical.from_codes(codes[positions], categories=_pandas().Index(list(at), dtype="string"))


def _pandas() -> Any:  # noqa: ANN401 -- a module
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise missing("pandas") from error
    return pandas
